package demo

import (
	"fmt"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/importer"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// Real are real orders that happen in a simulated marketplace: their lines, prices, customers and countries are real, the
// clicks to them, their payment and their receipt are simulated.
type Real struct {
	Program program.ID
	Retail  *importer.Retail
	// Day is the day of the data that is shown; it happens on On instead.
	Day, On time.Time
	// PerAction is how many clicks there are for each attributed item.
	PerAction int
}

// around makes the clicks around real orders: of three orders one came through a publisher.
func (s *simulator) around(real *Real) {
	s.Products = append(s.Products, real.Retail.Products...)
	s.Stores = append(s.Stores, real.Retail.Stores...)
	shift := real.On.Sub(real.Day)
	actions := 0
	for _, e := range real.Retail.Events {
		if e.Kind != order.Placed || e.At.Before(real.Day) || !e.At.Before(real.Day.AddDate(0, 0, 1)) {
			continue
		}
		e.Program, e.At = real.Program, e.At.Add(shift)
		s.Events = append(s.Events, e)
		s.fate(e.Key, habitsOf[real.Program], e.At, e.Placed)
		if s.chance(1.0 / 3) {
			c := s.click(real.Program, e.Placed.Visitor, e.At.Add(-time.Duration(5+s.r.IntN(2000))*time.Minute))
			c.Verdict = click.Valid
			c.Target = click.Target{Kind: program.LinkProduct, Product: e.Placed.Items[0].Product, Store: importer.RetailStore}
			actions += len(e.Placed.Items)
		}
	}
	for n := range actions * real.PerAction {
		at := real.On.AddDate(0, 0, -2).Add(time.Duration(s.r.IntN(3*24*3600)) * time.Second)
		s.click(real.Program, fmt.Sprintf("%s-passer%d", real.Program, n), at)
	}
}
