package importer

import (
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/realdata"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
)

// The totals of Online Retail, computed independently of this program, are reached exactly.
func TestOnlineRetailTotals(t *testing.T) {
	r, err := realdata.OnlineRetail()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := OnlineRetail(r, "portals")
	if err != nil {
		t.Fatal(err)
	}
	rep := got.Report
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"lines", rep.Lines, 541909},
		{"sale lines", rep.Sales.Count, 530103}, {"sales", rep.Sales.Sum, "10655622.484"}, {"sale invoices", rep.Invoices, 19959},
		{"stock codes", rep.StockCodes, 3921}, {"customers", rep.Customers, 4338},
		{"cancellation lines", rep.Cancelled.Count, 9288}, {"cancellations", rep.Cancelled.Sum, "-896812.490"}, {"cancellation invoices", rep.CInvoices, 3836},
		{"adjustments", rep.Adjusted.Count, 3}, {"adjusted", rep.Adjusted.Sum, "-11062.060"},
		{"price zero", rep.PriceZero, 2515}, {"quantity not above zero", rep.NotSold, 1336},
		{"UK", rep.Countries["United Kingdom"], 485122}, {"Germany", rep.Countries["Germany"], 9040}, {"France", rep.Countries["France"], 8407},
		{"EIRE", rep.Countries["EIRE"], 7890}, {"Spain", rep.Countries["Spain"], 2484}, {"Netherlands", rep.Countries["Netherlands"], 2359},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	matched, err := money.ParseMinor(rep.Matched, 3)
	if err != nil {
		t.Fatal(err)
	}
	unmatched, err := money.ParseMinor(rep.Unmatched, 3)
	if err != nil {
		t.Fatal(err)
	}
	if matched+unmatched != -896812490 || matched == 0 || unmatched == 0 {
		t.Errorf("matched %s and unmatched %s do not add up", rep.Matched, rep.Unmatched)
	}
	var placed, refunded int64
	byOrder := make(map[order.Key][]order.Event)
	for _, e := range got.Events {
		byOrder[e.Key] = append(byOrder[e.Key], e)
		for _, r := range e.Refunds {
			minor, err := money.ParseMinor(r.Amount, 2)
			if err != nil {
				t.Fatal(err)
			}
			refunded += minor
		}
		if e.Placed != nil {
			for _, i := range e.Placed.Items {
				placed += i.Amount
			}
		}
	}
	if refunded*10 != -matched {
		t.Errorf("events refund %d pence, the report says %s", refunded, rep.Matched)
	}
	moved, err := money.ParseMinor(rep.RoundingGain, 3)
	if err != nil {
		t.Fatal(err)
	}
	if placed*10-moved != 10655622484 {
		t.Errorf("events place %d pence, rounding moved %s", placed, rep.RoundingGain)
	}
	for k, events := range byOrder {
		if _, err := order.NewHistory(events); err != nil {
			t.Fatalf("order %v: %v", k, err)
		}
	}
}

func TestOnlineRetailRefusesBadLines(t *testing.T) {
	head := strings.Join(retailColumns, ",") + "\n"
	for _, c := range []struct{ in, want string }{
		{"a,b\n", "record on line 1: wrong number of fields"},
		{strings.Replace(head, "Quantity", "Qty", 1), "the columns are InvoiceNo,StockCode,Description,Qty"},
		{head + "1,a,b,six,2010-12-01 08:26:00,1.00,1,United Kingdom\n", `line 2: column Quantity: "six" is not a whole number`},
		{head + "1,a,b,6,yesterday,1.00,1,United Kingdom\n", `line 2: column InvoiceDate: "yesterday" is not a time`},
		{head + "1,a,b,6,2010-12-01 08:26:00,1.0001,1,United Kingdom\n", "line 2: column UnitPrice"},
		{head + "X1,a,b,6,2010-12-01 08:26:00,1.00,1,United Kingdom\n", `line 2: column InvoiceNo: "X1" begins with no digit, C or A`},
		{head + "1,a,b,6\n", "wrong number of fields"},
	} {
		if _, err := OnlineRetail(strings.NewReader(c.in), "portals"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.in, err, c.want)
		}
	}
}

// C10: rates between two currencies go through the euro, by exact division.
func TestReferenceRates(t *testing.T) {
	quotes, err := ReferenceRates(realdata.ReferenceRates(), "USD", "EUR", "GBP")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"EUR 2010-11-22": "1.3647", "GBP 2010-11-22": "1.596327055796"} // 1.3647 / 0.8549
	for _, q := range quotes {
		k := string(q.Base) + " " + string(q.Day)
		if w, ok := want[k]; ok && q.Rate.String() != w {
			t.Errorf("%s: %v, want %s", k, q.Rate, w)
		}
		delete(want, k)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	if _, err := ReferenceRates(strings.NewReader("Date,USD\n2010-01-04,abc\n"), "USD", "EUR"); err == nil {
		t.Error("a rate that is no number is accepted")
	}
}
