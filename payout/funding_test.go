package payout

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
)

// M6: what the advertiser pays is booked under the bank's reference, with a receipt.
func TestM6_Fund(t *testing.T) {
	terms := onRequest()
	tx, receipt, err := Fund(terms, "main", "ref/1", money.New(50000, "USD"), noon.Add(1500), -12000)
	must(t, err)
	expect(t, "funding", []ledger.Transaction{tx}, "funding/shop/main/ref%2F1 funding: bank:shop:main -> fund:shop 500.00")
	if want := (Receipt{"shop", "ref/1", noon.Add(1000), "USD", 50000, -12000, 38000}); receipt != want || tx.EffectiveAt != noon.Add(1000) || tx.Program != "shop" {
		t.Errorf("%+v, want %+v", receipt, want)
	}
	for name, f := range map[string]func() error{
		"no reference": func() error { _, _, err := Fund(terms, "main", "", money.New(1, "USD"), noon, 0); return err },
		"other money":  func() error { _, _, err := Fund(terms, "main", "r", money.New(1, "EUR"), noon, 0); return err },
		"nothing":      func() error { _, _, err := Fund(terms, "main", "r", money.New(0, "USD"), noon, 0); return err },
		"less":         func() error { _, _, err := Fund(terms, "main", "r", money.New(-1, "USD"), noon, 0); return err },
		"no time":      func() error { _, _, err := Fund(terms, "main", "r", money.New(1, "USD"), time.Time{}, 0); return err },
		"more than any": func() error {
			_, _, err := Fund(terms, "main", "r", money.New(1, "USD"), noon, math.MaxInt64)
			return err
		},
	} {
		if err := f(); err == nil || !strings.HasPrefix(err.Error(), "funding of program shop: ") {
			t.Errorf("%s: %v", name, err)
		} else if name == "more than any" && !errors.Is(err, money.ErrOverflow) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// M6: an invoice has what was approved and taken back in the period, the network's fee, what is open from before and what
// came in. Worked out by hand.
func TestM6_Invoice(t *testing.T) {
	b := &books{t: t}
	march, april := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	at := func(when time.Time) {
		last := &b.journal[len(b.journal)-1]
		last.RecordedAt = when
		last.EffectiveAt = march.AddDate(0, -1, 0) // what is booked late belongs to the period in which it is booked
	}
	// February: 100.00 approved with a fee of 10.00; 30.00 came in.
	b.event(ledger.ReasonApprove, "a", "fund>approved 100.00", "approved>available 100.00", "fund>fees 10.00")
	at(march.Add(-time.Microsecond))
	pay, _, err := Fund(onRequest(), "main", "r1", money.New(3000, "USD"), march.AddDate(0, 0, -1), 0)
	must(t, err)
	b.post(pay)
	b.journal[1].RecordedAt = march.Add(-time.Hour)
	// March: 20.00 + 7.00 approved with 2.00 + 0.70; 5.00 of them taken back with 0.50; 4.00 for fraud; 3.00 of these on
	// appeal; 8.00 only pending; 60.00 came in. A payout and a bonus are not the advertiser's.
	b.event(ledger.ReasonApprove, "a", "fund>pending 8.00", "fund>approved 20.00", "approved>available 20.00", "fund>fees 2.00")
	at(march)
	b.event(ledger.ReasonReversal, "a", "available>approved 5.00", "approved>fund 5.00", "fees>fund 0.50")
	at(march.AddDate(0, 0, 3))
	b.event(ledger.ReasonApprove, "b", "fund>approved 7.00", "approved>available 7.00", "fund>fees 0.70")
	at(march.AddDate(0, 0, 4))
	b.event(ledger.ReasonAntispam, "b", "available>approved 4.00", "approved>fund 4.00")
	at(march.AddDate(0, 0, 5))
	b.event(ledger.ReasonAppeal, "b", "fund>available 3.00")
	at(march.AddDate(0, 0, 6))
	b.event(ledger.ReasonReserve, "a", "available>reserved 115.00")
	at(march.AddDate(0, 0, 7))
	b.event(ledger.ReasonRelease, "a", "reserved>clearing 100.00", "reserved>fees 15.00")
	at(march.AddDate(0, 0, 7))
	b.event(ledger.ReasonBonus, "a", "bonus>available 10.00")
	at(march.AddDate(0, 0, 8))
	pay, _, err = Fund(onRequest(), "main", "r2", money.New(6000, "USD"), march.AddDate(0, 0, 9), 0)
	must(t, err)
	b.post(pay)
	// April, another program, another currency: not on it.
	b.event(ledger.ReasonApprove, "a", "fund>approved 1000.00", "approved>available 1000.00")
	at(april)
	other := b.journal[0]
	other.Program, other.RecordedAt = "else", march
	euro := b.journal[0]
	euro.Currency, euro.RecordedAt = "EUR", march
	b.journal = append(b.journal, other, euro)

	journal := func(yield func(*ledger.Transaction) bool) {
		for i := range b.journal {
			if !yield(&b.journal[i]) {
				return
			}
		}
	}
	v, err := NewInvoice(onRequest(), "2026-03/7", march, april, journal)
	must(t, err)
	want := []InvoiceLine{{ledger.ReasonApprove, 2, 2700}, {ledger.ReasonReversal, 1, -500}, {ledger.ReasonAntispam, 1, -400}, {ledger.ReasonAppeal, 1, 300}}
	if !slices.Equal(v.Lines, want) {
		t.Errorf("lines %+v, want %+v", v.Lines, want)
	}
	if v.Commission != 2100 || v.NetworkFee != 220 || v.Total != 2320 || v.Before != 8000 || v.Received != 6000 || v.Due != 4320 || v.Expected != 800 {
		t.Errorf("%+v", v)
	}
	if v.Number != "2026-03/7" || v.Advertiser != "Shop Ltd." || v.Currency != "USD" || v.Prefunded || v.Program != "shop" || !v.From.Equal(march) || !v.To.Equal(april) {
		t.Errorf("%+v", v)
	}
	// The next period takes over what is open.
	next, err := NewInvoice(onRequest(), "2026-04/8", april, april.AddDate(0, 1, 0), journal)
	if err != nil || next.Before != v.Due || next.Total != 100000 || next.Due != v.Due+next.Total {
		t.Errorf("%+v, %v", next, err)
	}
	for _, c := range []struct {
		number   string
		from, to time.Time
	}{{"", march, april}, {"1", april, march}, {"1", march, march}} {
		if _, err := NewInvoice(onRequest(), c.number, c.from, c.to, journal); err == nil {
			t.Errorf("%+v makes an invoice", c)
		}
	}
}

// M6: an advertiser that pays ahead sees what was taken and what is left.
func TestM6_PrefundedInvoiceShowsWhatIsLeft(t *testing.T) {
	b := &books{t: t}
	terms := onRequest()
	terms.Settlement.Prefunded = true
	pay, _, err := Fund(terms, "main", "r1", money.New(10000, "USD"), noon, 0)
	must(t, err)
	b.post(pay)
	b.event(ledger.ReasonApprove, "a", "fund>approved 40.00", "approved>available 40.00", "fund>fees 4.00")
	b.event(ledger.ReasonPend, "a", "fund>pending 6.00")
	v, err := NewInvoice(terms, "1", noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 1), func(yield func(*ledger.Transaction) bool) {
		for i := range b.journal {
			if !yield(&b.journal[i]) {
				return
			}
		}
	})
	must(t, err)
	if !v.Prefunded || v.Due != -5600 || v.Expected != 600 || v.Received != 10000 || v.Total != 4400 {
		t.Errorf("%+v", v)
	}
}
