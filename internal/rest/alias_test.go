package rest

import (
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

type (
	moneyCurrency = money.Currency
	fileContent   = payout.FileContent
	orderKey      = order.Key
	programID     = program.ID
)

// What answers say, as a caller reads it.
type (
	decision struct {
		Order, Item, State, Publisher, Amount string
		PlacedAt                              time.Time `json:"placed_at"`
	}
	outcome  struct{ Outcome, Reason, Fix string }
	linkView struct {
		Code, URL, State string
		Publisher        string
		AdSpace          string `json:"ad_space"`
		TrackingID       string `json:"tracking_id"`
		Target           struct{ Kind, ID, URL string }
	}
	applicationView struct {
		ID    int64
		State string
	}
	checked struct {
		Address                 string
		Valid, Earns, Affiliate bool
		Findings                []string
		Link                    *linkView
		Product, Store, Program string
		LeadsTo                 string `json:"leads_to"`
		Rate                    *struct{ Percent, Rule string }
		NewBuyer                *struct{ Percent, Rule string } `json:"new_buyer"`
		Until                   *time.Time
	}
	runSummary struct {
		ID, Program, State, Net string
		Payouts                 int
	}
)
