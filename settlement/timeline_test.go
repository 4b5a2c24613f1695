package settlement_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/settlement"
)

const day = 24 * time.Hour

// shop is a marketplace of one program with plain terms: everything earns ten per cent, for a click of the 30 days before
// the order.
func shop(t *testing.T, id program.ID, change func(*program.Terms)) *world {
	t.Helper()
	ten := money.MustRate("10")
	terms := &program.Terms{
		Program: id, Version: 1, EffectiveFrom: origin.Add(-300 * day), Currency: "USD", TimeZone: time.UTC,
		Attribution: program.Attribution{Window: program.Window{Length: 30 * day}, CouponWins: true},
		Rates:       program.Rates{Steps: []program.RateStep{{Kind: program.StepDefault, Otherwise: &ten}}},
		Settlement:  program.Settlement{Hold: 25 * day, CompletionLimit: 60 * day},
	}
	if change != nil {
		change(terms)
	}
	w := &world{program: id, tables: map[program.ID]*commission.Table{id: commission.Compile(terms)}}
	for _, pub := range []string{"a", "b"} {
		if err := w.dir.Add(&publisher.AdSpace{ID: "s", Publisher: pub, Program: id, TrafficType: program.Cashback, ApprovedAt: origin.Add(-90 * day)}); err != nil {
			t.Fatal(err)
		}
	}
	w.clicks = []*click.Click{{ID: "c1", At: origin.Add(-time.Hour), Program: id, Visitor: "v", Channel: click.Affiliate, Publisher: "a", AdSpace: "s"}}
	return w
}

// bought is an order of one item of 100 dollars, placed at origin, with what happened to it later.
func bought(t *testing.T, w *world, events ...order.Event) *order.History {
	t.Helper()
	k := order.Key{Program: w.program, Order: "o/1"}
	all := []order.Event{{Kind: order.Placed, At: origin, Placed: &order.Placement{
		Visitor: "v", Currency: "USD", Items: []order.Item{{ID: "i/1", Quantity: 1, Amount: 100_00, InStock: true}},
	}}}
	all = append(all, events...)
	for i := range all {
		all[i].Key = k
	}
	h, err := order.NewHistory(all)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func happened(k order.EventKind, after time.Duration) order.Event {
	return order.Event{Kind: k, At: origin.Add(after)}
}

func unroll(t *testing.T, w *world, h *order.History, asOf time.Duration) *settlement.Timeline {
	t.Helper()
	tl, err := settlement.Unroll(w, h, w.clicks, origin.Add(asOf))
	if err != nil {
		t.Fatal(err)
	}
	return tl
}

// M2: the hold begins with the completion, whenever the order was placed, and is over on its last instant.
func TestM2_HoldIsCountedFromCompletion(t *testing.T) {
	w := shop(t, "x", nil)
	h := bought(t, w, happened(order.Paid, time.Hour), happened(order.Completed, 40*day))
	for _, c := range []struct {
		at   time.Duration
		want settlement.State
	}{
		{0, settlement.Tracked}, {time.Hour, settlement.Pending}, {40 * day, settlement.Pending}, {41 * day, settlement.Pending},
		{65*day - time.Microsecond, settlement.Pending}, {65 * day, settlement.Approved}, {200 * day, settlement.Approved},
	} {
		dec, err := settlement.Decide(w, h, w.clicks, origin.Add(c.at))
		if err != nil {
			t.Fatal(err)
		}
		if got := dec.Items[0].State; got != c.want {
			t.Errorf("%v after the order it is %v, want %v", c.at, got, c.want)
		}
		if got := unroll(t, w, h, c.at).Final.Items[0].State; got != c.want {
			t.Errorf("unrolled to %v after the order it is %v, want %v", c.at, got, c.want)
		}
	}
}

// M2, O2, T3: a timeline says when it will go on by itself: at the end of a hold, right after a limit, right after a window.
func TestM2_TimelinesKnowTheirNextMoment(t *testing.T) {
	const instant = time.Microsecond
	toPayment := func(p *program.Terms) { p.Attribution.Window.ToPayment = true }
	for _, c := range []struct {
		name   string
		change func(*program.Terms)
		events []order.Event
		asOf   time.Duration
		next   time.Duration // 0: never
	}{
		{"a placed order waits for its completion limit", nil, nil, 0, 60*day + instant},
		{"on the limit's last instant too", nil, nil, 60 * day, 60*day + instant},
		{"and then for nothing", nil, nil, 60*day + instant, 0},
		{"a completed order waits for the hold", nil, []order.Event{happened(order.Paid, day), happened(order.Completed, 3*day)}, 3 * day, 28 * day},
		{"completed on the limit's last instant", nil, []order.Event{happened(order.Paid, day), happened(order.Completed, 60*day)}, 60 * day, 85 * day},
		{"approved, it waits for nothing", nil, []order.Event{happened(order.Paid, day), happened(order.Completed, 3*day)}, 28 * day, 0},
		{"what is reported ahead comes first", nil, []order.Event{happened(order.Paid, day)}, 0, day},
		{"without hold and limit it waits for nothing", func(p *program.Terms) { p.Settlement = program.Settlement{} }, []order.Event{happened(order.Paid, day)}, day, 0},
		{"without a hold it waits for nothing", func(p *program.Terms) { p.Settlement.Hold = 0 }, []order.Event{happened(order.Paid, day), happened(order.Completed, 3*day)}, 3 * day, 0},
		{"an unpaid order waits for the window", toPayment, nil, 0, 30*day - time.Hour + instant},
		{"on the window's last instant too", toPayment, nil, 30*day - time.Hour, 30*day - time.Hour + instant},
		{"a paid one does not", toPayment, []order.Event{happened(order.Paid, day)}, day, 60*day + instant},
		{"nor one whose window ends with the order", nil, nil, day, 60*day + instant},
	} {
		w := shop(t, "x", c.change)
		want := time.Time{}
		if c.next != 0 {
			want = origin.Add(c.next)
		}
		if tl := unroll(t, w, bought(t, w, c.events...), c.asOf); !tl.Next.Equal(want) {
			t.Errorf("%s: next at %v, want %v", c.name, tl.Next, want)
		}
	}
	// An order of the future has no timeline yet.
	w := shop(t, "x", nil)
	if _, err := settlement.Unroll(w, bought(t, w), w.clicks, origin.Add(-instant)); !errors.Is(err, order.ErrNotPlaced) {
		t.Errorf("an order of the future: %v", err)
	}
}

// M2: an item is settled when it was approved or declined last, and not while it is open.
func TestM2_SettledAt(t *testing.T) {
	w := shop(t, "x", nil)
	paid, completed := happened(order.Paid, day), happened(order.Completed, 3*day)
	for _, c := range []struct {
		name   string
		events []order.Event
		asOf   time.Duration
		want   time.Duration
	}{
		{"open", []order.Event{paid}, 2 * day, 0},
		{"approved", []order.Event{paid, completed}, 100 * day, 28 * day},
		{"declined", []order.Event{paid, happened(order.Cancelled, 2*day), completed}, 100 * day, 2 * day},
		{"approved, then declined", []order.Event{paid, completed, happened(order.Fraud, 40*day)}, 100 * day, 40 * day},
		{"lapsed", []order.Event{paid}, 100 * day, 60*day + time.Microsecond},
		// A partial refund changes the amount, not the state.
		{"refunded in part later", []order.Event{paid, completed, {Kind: order.Refunded, At: origin.Add(40 * day), Refunds: []order.Refund{{Item: "i/1", Amount: "1"}}}}, 100 * day, 28 * day},
	} {
		want := time.Time{}
		if c.want != 0 {
			want = origin.Add(c.want)
		}
		if got := unroll(t, w, bought(t, w, c.events...), c.asOf).Settled[0]; !got.Equal(want) {
			t.Errorf("%s: settled at %v, want %v", c.name, got, want)
		}
	}
}

// M6: the network's own fee is a percentage of the approved commission, rounded half to even; it is booked from the fund to
// the fees with the approval, follows the amount, and goes back with it.
func TestM6_NetworkFee(t *testing.T) {
	w := shop(t, "x", func(p *program.Terms) { p.Settlement.NetworkFee = money.MustRate("2.5") })
	fund, fees := ledger.Account{Kind: ledger.Fund, Program: "x"}, ledger.Account{Kind: ledger.Fees, Program: "x"}
	refund := order.Event{Kind: order.Refunded, At: origin.Add(40 * day), Refunds: []order.Refund{{Item: "i/1", Amount: "50"}}}
	h := bought(t, w, happened(order.Paid, day), happened(order.Completed, 2*day), refund, happened(order.Fraud, 50*day))
	for _, c := range []struct {
		at                   time.Duration
		fee, commission, net int64 // net: of the fund
	}{
		{0, 0, 10_00, -10_00},         // tracked
		{2 * day, 0, 10_00, -10_00},   // pending
		{27 * day, 25, 10_00, -10_25}, // approved
		{40 * day, 12, 5_00, -5_12},   // 12.5 cents: half to even
		{50 * day, 0, 0, 0},           // taken back
	} {
		tl := unroll(t, w, h, c.at)
		var book ledger.Book
		for i := range tl.Transactions {
			if err := book.Post(&tl.Transactions[i]); err != nil {
				t.Fatal(err)
			}
		}
		if got := tl.Final.Items[0].Fee; got != c.fee {
			t.Errorf("%v after the order the fee is %d, want %d", c.at, got, c.fee)
		}
		if got := book.Balance(fees, "USD"); got != c.fee {
			t.Errorf("%v after the order the books hold a fee of %d, want %d", c.at, got, c.fee)
		}
		if got := book.Balance(fund, "USD"); got != c.net {
			t.Errorf("%v after the order the fund is at %d, want %d", c.at, got, c.net)
		}
		if got := tl.Final.Items[0].Amount; got != c.commission {
			t.Errorf("%v after the order the commission is %d, want %d", c.at, got, c.commission)
		}
	}
}

// M1: the reason of each transaction, and what it moves, from placing to fraud.
func TestM1_ReasonsOfTransactions(t *testing.T) {
	w := shop(t, "x", nil)
	refund := func(after time.Duration, amount string) order.Event {
		return order.Event{Kind: order.Refunded, At: origin.Add(after), Refunds: []order.Refund{{Item: "i/1", Amount: amount}}}
	}
	paid, completed := happened(order.Paid, day), happened(order.Completed, 2*day)
	for _, c := range []struct {
		name   string
		events []order.Event
		want   string
	}{
		{"approved", []order.Event{paid, completed}, "track pend approve"},
		{"refunded before approval", []order.Event{paid, refund(2*day, "50"), completed}, "track pend adjust approve"},
		{"refunded before payment", []order.Event{refund(time.Hour, "50"), paid}, "track adjust pend decline"},
		{"refunded in full before approval", []order.Event{paid, refund(2*day, "100")}, "track pend decline"},
		{"refunded in part after approval", []order.Event{paid, completed, refund(40*day, "50")}, "track pend approve reversal"},
		{"refunded in full after approval", []order.Event{paid, completed, refund(40*day, "100")}, "track pend approve reversal"},
		{"fraud after approval", []order.Event{paid, completed, happened(order.Fraud, 40*day)}, "track pend approve antispam_deduction"},
		{"fraud before approval", []order.Event{paid, happened(order.Fraud, 2*day)}, "track pend antispam_deduction"},
		{"cancelled", []order.Event{happened(order.Cancelled, time.Hour)}, "track decline"},
		{"lapsed", []order.Event{paid}, "track pend decline"},
		{"completed too late", []order.Event{paid, happened(order.Completed, 61*day)}, "track pend decline"},
	} {
		var reasons []string
		tl := unroll(t, w, bought(t, w, c.events...), 300*day)
		for i := range tl.Transactions {
			x := &tl.Transactions[i]
			reasons = append(reasons, string(x.Reason))
			if x.Publisher != "a" || x.Order != "o/1" || x.Item != "i/1" || x.Program != "x" || x.Currency != "USD" {
				t.Errorf("%s: %s is %+v", c.name, x.Cause, x)
			}
		}
		if got := strings.Join(reasons, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// M1: what is approved passes through the approved account, whose turnover is all that was ever approved; so does what is
// taken back. Before approval nothing does.
func TestM1_ApprovalPassesThroughApproved(t *testing.T) {
	w := shop(t, "x", nil)
	refund := order.Event{Kind: order.Refunded, At: origin.Add(40 * day), Refunds: []order.Refund{{Item: "i/1", Amount: "25"}}}
	tl := unroll(t, w, bought(t, w, happened(order.Paid, day), happened(order.Completed, 2*day), refund), 100*day)
	var got []string
	for _, x := range tl.Transactions {
		for _, m := range x.Movements {
			got = append(got, fmt.Sprintf("%s: %v -> %v %d", x.Reason, m.From, m.To, m.Amount))
		}
	}
	want := []string{
		"track: fund:x -> tracked:x:a 1000",
		"pend: tracked:x:a -> pending:x:a 1000",
		"approve: pending:x:a -> approved:x:a 1000", "approve: approved:x:a -> available:x:a 1000",
		"reversal: available:x:a -> approved:x:a 250", "reversal: approved:x:a -> fund:x 250",
	}
	if !slices.Equal(got, want) {
		t.Errorf("booked is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// M1: causes are unique although ids may hold what causes are separated with.
func TestM1_CausesAreEscaped(t *testing.T) {
	causes := make(map[string]bool)
	for _, ids := range [][3]string{{"x", "o/1", "i"}, {"x", "o", "1/i"}, {"x/o", "1", "i"}, {"x", "o%2F1", "i"}, {"x", "o%1", "i"}, {"x", "o%251", "i"}} {
		w := shop(t, program.ID(ids[0]), nil)
		k := order.Key{Program: w.program, Order: ids[1]}
		h, err := order.NewHistory([]order.Event{{Key: k, Kind: order.Placed, At: origin, Placed: &order.Placement{
			Visitor: "v", Currency: "USD", Items: []order.Item{{ID: ids[2], Quantity: 1, Amount: 100_00, InStock: true}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		cause := unroll(t, w, h, 0).Transactions[0].Cause
		if causes[cause] {
			t.Errorf("%q has the cause %s, which another one has", ids, cause)
		}
		causes[cause] = true
		if got := strings.Count(cause, "/"); got != 5 {
			t.Errorf("%q has the cause %s of %d parts, want 6", ids, cause, got+1)
		}
		reward := settlement.BonusTransactions(&program.Terms{Program: w.program, Currency: "USD"}, ids[1], []commission.Reward{{Label: "first_sale", At: origin, Amount: 5_00}})
		if got := reward[0].Cause; causes[got] || strings.Count(got, "/") != 4 {
			t.Errorf("a bonus for %q has the cause %s", ids, got)
		} else {
			causes[got] = true
		}
	}
	if len(causes) != 12 {
		t.Errorf("%d causes: %v", len(causes), causes)
	}
}

// C9: a reward is an expense of the program that is available at once.
func TestC9_BonusTransactions(t *testing.T) {
	rewards := []commission.Reward{{Label: "first_sale", At: origin, Amount: 5_00}, {Label: "2026-03", At: origin.Add(day), Amount: 7}}
	ts := settlement.BonusTransactions(&program.Terms{Program: "x", Currency: "USD"}, "a", rewards)
	if len(ts) != 2 {
		t.Fatalf("%d transactions", len(ts))
	}
	for i := range ts {
		x := &ts[i]
		want := []ledger.Movement{{From: ledger.Account{Kind: ledger.Bonus, Program: "x"}, To: ledger.Of(ledger.Available, "x", "a"), Amount: rewards[i].Amount}}
		if x.Reason != ledger.ReasonBonus || x.Publisher != "a" || x.Order != "" || x.Item != rewards[i].Label || !x.EffectiveAt.Equal(rewards[i].At) || !slices.Equal(x.Movements, want) {
			t.Errorf("%+v", x)
		}
	}
	// What is booked already is not missing; what a later refund lowered is booked anew.
	if got := settlement.Missing(ts, ts); len(got) != 0 {
		t.Errorf("booked, and still missing: %+v", got)
	}
	lower := settlement.BonusTransactions(&program.Terms{Program: "x", Currency: "USD"}, "a", []commission.Reward{rewards[0], {Label: "2026-03", At: origin.Add(day), Amount: 6}})
	got := settlement.Missing(lower, ts)
	if len(got) != 2 || got[0].Corrects != ts[1].Cause || got[1].Cause != ts[1].Cause+"~2" || got[1].Movements[0].Amount != 6 {
		t.Errorf("a lower reward: %+v", got)
	}
}

// T1: where a late click gives an item to somebody else, the one loses it and the other gets it.
func TestT1_ANewWinnerTakesOver(t *testing.T) {
	w := shop(t, "x", nil)
	h := bought(t, w, happened(order.Paid, day))
	booked := unroll(t, w, h, 2*day).Transactions
	w.clicks = append(w.clicks, &click.Click{ID: "c2", At: origin.Add(-time.Minute), Program: "x", Visitor: "v", Channel: click.Affiliate, Publisher: "b", AdSpace: "s"})
	booked = append(booked, settlement.Missing(unroll(t, w, h, 2*day).Transactions, booked)...)
	var book ledger.Book
	for i := range booked {
		if err := book.Post(&booked[i]); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := book.Balance(ledger.Of(ledger.Pending, "x", "a"), "USD"), book.Balance(ledger.Of(ledger.Pending, "x", "b"), "USD"); a != 0 || b != 10_00 {
		t.Errorf("a holds %d and b %d", a, b)
	}
}

// C10: an exchange rate that was missing on the way is no matter as long as the decision that stands in the end has its own.
func TestC10_OnlyTheLastRateIsNeeded(t *testing.T) {
	w := shop(t, "x", nil)
	if err := w.exchange.Add("2026-10-02", "EUR", "USD", money.MustRate("1.5")); err != nil {
		t.Fatal(err)
	}
	k := order.Key{Program: "x", Order: "o1"}
	h, err := order.NewHistory([]order.Event{
		{Key: k, Kind: order.Placed, At: origin, Placed: &order.Placement{
			Visitor: "v", Currency: "EUR", Items: []order.Item{{ID: "1", Quantity: 1, Amount: 100_00, InStock: true}},
		}},
		{Key: k, Kind: order.Paid, At: origin.Add(day)},
	})
	if err != nil {
		t.Fatal(err)
	}
	tl := unroll(t, w, h, day)
	if len(tl.Transactions) != 1 || tl.Transactions[0].Reason != ledger.ReasonPend || tl.Final.Items[0].Amount != 15_00 {
		t.Errorf("%+v", tl.Transactions)
	}
	var missing *money.MissingRateError
	if _, err := settlement.Unroll(w, h, w.clicks, origin); !errors.As(err, &missing) {
		t.Errorf("without the rate that stands in the end: %v", err)
	}
}

// M4, F5: a case's facts are facts of the order. What is held is pending and stands in hold, however far the order has come; when
// the hold ends, money stands where the timeline says; what is deducted goes back under its own name; an appeal restores it in full.
func TestM4_CasesMoveMoneyOfTheirItems(t *testing.T) {
	w := shop(t, "x", func(p *program.Terms) { p.Settlement.NetworkFee = money.MustRate("10") })
	paid, completed := happened(order.Paid, day), happened(order.Completed, 2*day) // approved at 27 days
	of := func(kind order.EventKind, after time.Duration) order.Event {
		return order.Event{Kind: kind, At: origin.Add(after), Case: "case_1", Evidence: "seen"}
	}
	refund := func(after time.Duration, amount string) order.Event {
		return order.Event{Kind: order.Refunded, At: origin.Add(after), Refunds: []order.Refund{{Item: "i/1", Amount: amount}}}
	}
	for _, c := range []struct {
		name   string
		events []order.Event
		want   string // what is booked
		ends   string // where the money stands at the end
	}{
		{"held while pending, cleared before approval", []order.Event{paid, completed, of(order.Held, 10*day), of(order.Cleared, 20*day)}, "track pend hold unhold approve", "available 1000 fees 100"},
		{"held while pending, cleared after approval was due", []order.Event{paid, completed, of(order.Held, 10*day), of(order.Cleared, 40*day)}, "track pend hold unhold", "available 1000 fees 100"},
		{"held after approval, cleared", []order.Event{paid, completed, of(order.Held, 30*day), of(order.Cleared, 40*day)}, "track pend approve hold unhold", "available 1000 fees 100"},
		{"held, and nobody has decided", []order.Event{paid, completed, of(order.Held, 30*day)}, "track pend approve hold", "hold 1000"},
		{"held before it is paid: from then on", []order.Event{of(order.Held, time.Hour), paid, completed}, "track hold", "hold 1000"},
		{"held before it is paid, cleared before it is", []order.Event{of(order.Held, time.Hour), of(order.Cleared, 2*time.Hour), paid, completed}, "track pend approve", "available 1000 fees 100"},
		{"refunded in part while it is held", []order.Event{paid, completed, of(order.Held, 30*day), refund(31*day, "50"), of(order.Cleared, 40*day)}, "track pend approve hold adjust unhold", "available 500 fees 50"},
		{"refunded in full while it is held", []order.Event{paid, completed, of(order.Held, 30*day), refund(31*day, "100"), of(order.Cleared, 40*day)}, "track pend approve hold decline", ""},
		{"lapsed while it is held", []order.Event{paid, of(order.Held, 3*day)}, "track pend hold decline", ""},
		{"held and deducted", []order.Event{paid, completed, of(order.Held, 30*day), of(order.Deducted, 40*day)}, "track pend approve hold antispam_deduction", ""},
		{"deducted without a hold", []order.Event{paid, completed, of(order.Deducted, 40*day)}, "track pend approve antispam_deduction", ""},
		{"deducted before it was paid", []order.Event{of(order.Deducted, time.Hour), paid, completed}, "track antispam_deduction", ""},
		{"restored in full", []order.Event{paid, completed, of(order.Held, 30*day), of(order.Deducted, 40*day), of(order.Restored, 50*day)}, "track pend approve hold antispam_deduction appeal", "available 1000 fees 100"},
		{"restored before approval", []order.Event{paid, completed, of(order.Deducted, 3*day), of(order.Restored, 4*day)}, "track pend antispam_deduction appeal approve", "available 1000 fees 100"},
		{"restored less what was refunded since", []order.Event{paid, completed, of(order.Deducted, 30*day), refund(31*day, "25"), of(order.Restored, 40*day)}, "track pend approve antispam_deduction appeal", "available 750 fees 75"},
		{"the marketplace's own report, restored", []order.Event{paid, completed, happened(order.Fraud, 30*day), of(order.Restored, 40*day)}, "track pend approve antispam_deduction appeal", "available 1000 fees 100"},
	} {
		tl := unroll(t, w, bought(t, w, c.events...), 100*day)
		var reasons, ends []string
		var book ledger.Book
		for i := range tl.Transactions {
			x := book.Settle(tl.Transactions[i])
			reasons = append(reasons, string(x.Reason))
			if err := book.Post(&x); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		for _, k := range book.Lines() {
			if b := book.Balance(k.Account, k.Currency); b != 0 && k.Account.Kind != ledger.Fund {
				ends = append(ends, fmt.Sprintf("%v %d", k.Account.Kind, b))
			}
		}
		if got := strings.Join(reasons, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if got := strings.Join(ends, " "); got != c.ends {
			t.Errorf("%s: it ends as %q, want %q", c.name, got, c.ends)
		}
		if got := tl.Final.Items[0].State; strings.HasPrefix(c.ends, "hold") && got != settlement.Pending {
			t.Errorf("%s: it is %v", c.name, got)
		}
	}
}

// M1, M4: what a case keeps back of approved money comes out of the approved account, so that its turnover stays what is approved;
// and what has been paid out already becomes a debt, which is gone when the case is cleared.
func TestM4_HeldAfterPayout(t *testing.T) {
	w := shop(t, "x", nil)
	held := order.Event{Kind: order.Held, At: origin.Add(30 * day), Case: "case_1", Evidence: "bots"}
	cleared := order.Event{Kind: order.Cleared, At: origin.Add(40 * day), Case: "case_1"}
	tl := unroll(t, w, bought(t, w, happened(order.Paid, day), happened(order.Completed, 2*day), held, cleared), 100*day)
	var book ledger.Book
	var got []string
	for i := range tl.Transactions {
		if tl.Transactions[i].Reason == ledger.ReasonHold { // the publisher was paid 700 of the 1000 in between
			book.Set(ledger.Of(ledger.Available, "x", "a"), "USD", 300)
		}
		x := book.Settle(tl.Transactions[i])
		if err := book.Post(&x); err != nil {
			t.Fatal(err)
		}
		for _, m := range x.Movements {
			if x.Reason == ledger.ReasonHold || x.Reason == ledger.ReasonUnhold {
				got = append(got, fmt.Sprintf("%v>%v %d", m.From.Kind, m.To.Kind, m.Amount))
			}
		}
	}
	want := []string{"available>approved 300", "clawback>approved 700", "approved>hold 1000", "hold>approved 1000", "approved>available 1000", "available>clawback 700"}
	if !slices.Equal(got, want) {
		t.Errorf("booked is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
