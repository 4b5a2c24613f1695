// Package show is what the demo shows: its market and the people through whose eyes one looks.
package show

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/internal/demo/live"
	"github.com/clickledger/clickledger/internal/importer"
	"github.com/clickledger/clickledger/internal/realdata"
	"github.com/clickledger/clickledger/internal/web/overview"
	"github.com/clickledger/clickledger/payout"
)

// A Choice shapes the simulated marketplace.
type Choice struct {
	Seed   uint64  // another seed makes another marketplace
	Clicks int     // of each program
	Rate   float64 // clicks a second that the simulator makes after the past has happened
}

// Choose is the market that a demo shows, and what its page says of it: the replay input in a folder, or the simulated marketplace where
// none is named.
func Choose(in string, c Choice) (*demo.Market, overview.About, error) {
	about := overview.About{Title: "A marketplace, from click to cash"}
	if in != "" {
		m, err := demo.Read(in)
		about.Lines = []string{"This is the replay input " + filepath.Base(in) + "."}
		return m, about, err
	}
	quotes, err := importer.ReferenceRates(realdata.ReferenceRates(), "USD", demo.Currencies()...)
	if err != nil {
		return nil, about, fmt.Errorf("reference rates: %w", err)
	}
	data, err := realdata.OnlineRetail()
	if err != nil {
		return nil, about, err
	}
	defer data.Close()
	retail, err := importer.OnlineRetail(data, "portals")
	if err != nil {
		return nil, about, fmt.Errorf("importing Online Retail: %w", err)
	}
	from := From()
	m := demo.Simulate(demo.Shape{Seed: c.Seed, From: from, Days: Days, Clicks: c.Clicks}, quotes, &demo.Real{
		Program: "portals", Retail: retail, Day: time.Date(2010, 12, 1, 0, 0, 0, 0, time.UTC), On: from.AddDate(0, 0, 2), PerAction: 20,
	})
	rep := &retail.Report
	about.Lines = []string{
		"The orders of the program portals are real: the invoices of 1 December 2010 of a British web shop (Online Retail, UCI, CC BY 4.0), moved to 3 December 2025. The clicks to them are simulated, and so are their payment, receipt and returns.",
		"Everything else is simulated from a seed: publishers, clicks with bots and stuffed cookies, orders, payments, receipts, returns, fraud, payouts and the bank's answers. Exchange rates are the European Central Bank's.",
		fmt.Sprintf("While this page is open the simulator goes on: it clicks %g links a second over HTTP, as shoppers, bots and floods do, and one shopper in %d buys. Those orders carry the click's token.", c.Rate, live.Buys),
		fmt.Sprintf("The import of all of Online Retail reached its totals: %d lines, sales %s GBP, cancellations %s GBP (%s matched to earlier lines, %s not); rounding each line to the penny moved the sales by %s GBP.",
			rep.Lines, rep.Sales.Sum, rep.Cancelled.Sum, rep.Matched, rep.Unmatched, rep.RoundingGain),
	}
	return m, about, nil
}

// From is the simulated marketplace's first day.
func From() time.Time { return time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC) }

// Days is how many days it is at work.
const Days = 90

// Payer is whose bank account the demo pays from.
func Payer() payout.Party {
	return payout.Party{
		Name: "Clickledger Demo Marketplace", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX",
		Address: payout.Address{Street: "Kaiserstrasse", Building: "1", PostCode: "60311", Town: "Frankfurt", Country: "DE"},
	}
}
