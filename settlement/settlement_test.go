package settlement_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/settlement"
)

// seeds is how many worlds the properties are tried on: CLICKLEDGER_SEEDS, or a number that fits into a test run.
func seeds(t *testing.T, usual int) int {
	s := os.Getenv("CLICKLEDGER_SEEDS")
	if s == "" {
		return usual
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("CLICKLEDGER_SEEDS=%q is not a number", s)
	}
	return n
}

// allAtOnce is what the books must hold in the end, for all orders of a world.
func allAtOnce(t *testing.T, w *world, asOf time.Time) ([]*settlement.Timeline, *ledger.Book) {
	t.Helper()
	var book ledger.Book
	var tls []*settlement.Timeline
	var all []ledger.Transaction
	for _, o := range w.orders {
		h, err := order.NewHistory(o.events)
		if err != nil {
			t.Fatal(err)
		}
		tl, err := settlement.Unroll(w, h, w.clicks, asOf)
		if errors.Is(err, order.ErrNotPlaced) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		tls = append(tls, tl)
		all = append(all, tl.Transactions...)
	}
	slices.SortStableFunc(all, func(a, b ledger.Transaction) int { return a.EffectiveAt.Compare(b.EffectiveAt) })
	for i := range all {
		if err := book.Post(&all[i]); err != nil { // I2, I3
			t.Fatalf("seed of program %s: %v", w.program, err)
		}
		for c, sum := range book.TrialBalance() { // I1
			if sum != 0 {
				t.Fatalf("after %s the trial balance in %s is %d", all[i].Cause, c, sum)
			}
		}
	}
	return tls, &book
}

// news is how many things happened in the world: clicks, and events of orders.
func (w *world) news() int {
	n := len(w.clicks)
	for i := range w.orders {
		n += len(w.orders[i].events)
	}
	return n
}

// I1-I4, I9, I10: what the books hold is what the decisions say, at any time.
func TestI4_BooksHoldWhatDecisionsSay(t *testing.T) {
	events := 0
	for seed := range seeds(t, 3000) {
		w := newWorld(uint64(seed))
		r := rand.New(rand.NewPCG(uint64(seed), 99))
		for _, asOf := range []time.Time{w.end, origin.Add(time.Duration(r.IntN(150*24)) * time.Hour)} {
			events += w.news()
			tls, book := allAtOnce(t, w, asOf)
			sums := make(map[ledger.Account]int64)
			for _, tl := range tls {
				checkDecision(t, seed, tl)
				for i := range tl.Final.Items {
					it := &tl.Final.Items[i]
					kind := map[settlement.State]ledger.Kind{settlement.Tracked: ledger.Tracked, settlement.Pending: ledger.Pending, settlement.Approved: ledger.Available}[it.State]
					if it.Held {
						if it.State != settlement.Pending { // M4: what is held is not approved
							t.Fatalf("seed %d: a held item is %v", seed, it.State)
						}
						kind = ledger.Hold
					}
					if kind != 0 {
						sums[ledger.Of(kind, w.program, it.Publisher())] += it.Amount
						sums[ledger.Account{Kind: ledger.Fund, Program: w.program}] -= it.Amount
					}
				}
			}
			for _, k := range book.Lines() {
				if got, want := book.Balance(k.Account, k.Currency), sums[k.Account]; got != want {
					t.Fatalf("seed %d, as of %v: %v holds %d, the decisions say %d", seed, asOf, k.Account, got, want)
				}
				delete(sums, k.Account)
			}
			for a, v := range sums {
				if v != 0 {
					t.Fatalf("seed %d: the decisions say %d for %v, the books nothing", seed, v, a)
				}
			}
		}
	}
	t.Logf("events: %d", events)
}

// checkDecision checks what must hold for each order by itself.
func checkDecision(t *testing.T, seed int, tl *settlement.Timeline) {
	t.Helper()
	d := tl.Final
	terms := d.Table.Terms()
	var sum, uplift, limit int64
	for i := range d.Items {
		it := &d.Items[i]
		l := &it.Line
		if it.Amount < 0 || l.Amount < 0 || l.Base < 0 || l.Base > l.Price {
			t.Fatalf("seed %d, item %d: %+v", seed, i, it)
		}
		if it.Amount != 0 && (it.State == settlement.Declined || it.State == settlement.Unattributed) {
			t.Fatalf("seed %d, item %d is %v and earns %d", seed, i, it.State, it.Amount)
		}
		if d.Order.RefundedBy(i, d.At) >= l.Price && l.Price > 0 && it.Amount != 0 { // I10
			t.Fatalf("seed %d, item %d is refunded in full and earns %d", seed, i, it.Amount)
		}
		sum += l.Amount
		if l.Won && l.Rated.UpliftCap > 0 {
			limit = l.Rated.UpliftCap
			uplift += max(0, l.Raw-l.Old) - l.UpliftCut
		}
	}
	if limit > 0 && uplift > limit {
		t.Fatalf("seed %d: new buyers bring %d more, the cap is %d", seed, uplift, limit)
	}
	if most := terms.Rates.OrderCap; most > 0 && sum > most { // I9
		t.Fatalf("seed %d: the order earns %d, the cap is %d", seed, sum, most)
	}
}

// I4, I8, I14: whatever the order in which news comes in, however often, and whenever the clock is looked at in between, the
// journal without corrections is the one of replay, and so are the balances.
func TestI4_OrderOfArrivalDoesNotMatter(t *testing.T) {
	events := 0
	for seed := range seeds(t, 2000) {
		w := newWorld(uint64(seed))
		tls, want := allAtOnce(t, w, w.end)
		r := rand.New(rand.NewPCG(uint64(seed), 3))
		events += arrivals(t, seed, w, r, tls, want)
	}
	t.Logf("events: %d", events)
}

// arrivals delivers a world's news shuffled and doubled to books that are kept as the server keeps them. It returns how
// many were delivered.
func arrivals(t *testing.T, seed int, w *world, r *rand.Rand, tls []*settlement.Timeline, want *ledger.Book) int {
	t.Helper()
	type news struct {
		event *order.Event
		click *click.Click
	}
	var all []news
	for i := range w.orders {
		for n := range w.orders[i].events {
			all = append(all, news{event: &w.orders[i].events[n]})
		}
	}
	for _, c := range w.clicks {
		all = append(all, news{click: c})
	}
	if r.IntN(2) == 0 {
		all = append(all, all...)
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })

	var book ledger.Book
	booked := make(map[order.Key][]ledger.Transaction)
	causes := make(map[string]bool)
	known := make(map[order.Key][]order.Event)
	var clicks []*click.Click
	settle := func(now time.Time) {
		for _, o := range w.orders {
			h, err := order.NewHistory(known[o.key])
			if errors.Is(err, order.ErrNotPlaced) {
				continue
			}
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			tl, err := settlement.Unroll(w, h, clicks, now)
			if errors.Is(err, order.ErrNotPlaced) {
				continue
			}
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for _, x := range settlement.Missing(tl.Transactions, booked[o.key]) {
				x = book.Settle(x)
				if causes[x.Cause] { // I8
					t.Fatalf("seed %d: %s is booked twice", seed, x.Cause)
				}
				causes[x.Cause] = true
				if err := book.Post(&x); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				booked[o.key] = append(booked[o.key], x)
			}
			if again := settlement.Missing(tl.Transactions, booked[o.key]); len(again) > 0 {
				t.Fatalf("seed %d: after booking all that was missing, %s is still missing", seed, again[0].Cause)
			}
		}
	}
	now := origin
	for _, n := range all {
		if n.event != nil {
			known[n.event.Key] = append(known[n.event.Key], *n.event)
		} else {
			clicks = append(clicks, n.click)
		}
		if r.IntN(2) == 0 {
			now = now.Add(time.Duration(r.IntN(20*24)) * time.Hour)
			settle(now)
		}
	}
	settle(w.end)
	for _, tl := range tls {
		got := settlement.Standing(booked[tl.Final.Order.Key])
		sameJournal(t, seed, tl.Transactions, got)
	}
	for _, k := range append(want.Lines(), book.Lines()...) {
		g, x := net(&book, k), net(want, k)
		if g != x {
			t.Fatalf("seed %d: %v is %d, want %d", seed, k.Account, g, x)
		}
	}
	return len(all)
}

// net is a balance; a debt counts against the available balance that it stands for.
func net(b *ledger.Book, k ledger.Key) int64 {
	a := k.Account
	if a.Kind == ledger.Clawback {
		a.Kind = ledger.Available
	}
	v := b.Balance(a, k.Currency)
	if a.Kind == ledger.Available {
		v += b.Balance(ledger.Of(ledger.Clawback, a.Program, a.Owner), k.Currency)
	}
	return v
}

func sameJournal(t *testing.T, seed int, want, got []ledger.Transaction) {
	t.Helper()
	sortByCause := func(ts []ledger.Transaction) []ledger.Transaction {
		ts = slices.Clone(ts)
		slices.SortFunc(ts, func(a, b ledger.Transaction) int { return strings.Compare(a.Cause, b.Cause) })
		return ts
	}
	w, g := sortByCause(want), sortByCause(got)
	if len(w) != len(g) {
		t.Fatalf("seed %d: %d transactions stand, want %d", seed, len(g), len(w))
	}
	for i := range w {
		if w[i].Cause != g[i].Cause || !reflect.DeepEqual(w[i].Movements, g[i].Movements) || !w[i].EffectiveAt.Equal(g[i].EffectiveAt) {
			t.Fatalf("seed %d:\n%+v\nwant\n%+v", seed, g[i], w[i])
		}
	}
}

// Events in the order in which they happened never need a correction.
func TestI4_NewsInOrderNeedsNoCorrection(t *testing.T) {
	played := 0
	for seed := range seeds(t, 1000) {
		w := newWorld(uint64(seed))
		for _, o := range w.orders {
			events := slices.Clone(o.events)
			slices.SortStableFunc(events, func(a, b order.Event) int { return a.At.Compare(b.At) })
			var booked []ledger.Transaction
			var book ledger.Book
			for n := range events {
				h, err := order.NewHistory(events[:n+1])
				if err != nil {
					t.Fatal(err)
				}
				now := w.end
				if n+1 < len(events) {
					now = events[n+1].At.Add(-time.Microsecond)
				}
				if now.Before(h.PlacedAt) {
					continue
				}
				tl, err := settlement.Unroll(w, h, w.clicks, now)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range settlement.Missing(tl.Transactions, booked) {
					if x.Reason == ledger.ReasonCorrection {
						t.Fatalf("seed %d: %s was undone", seed, x.Corrects)
					}
					if err := book.Post(&x); err != nil {
						t.Fatal(err)
					}
					booked = append(booked, x)
				}
			}
			played += len(events)
		}
	}
	t.Logf("events: %d", played)
}

// C11: an amount can be computed again from its explanation alone.
func TestC11_ExplanationRecomputesTheAmount(t *testing.T) {
	for seed := range seeds(t, 2000) {
		w := newWorld(uint64(seed))
		tls, _ := allAtOnce(t, w, w.end)
		for _, tl := range tls {
			for i := range tl.Final.Items {
				it := &tl.Final.Items[i]
				steps := tl.Final.Explain(i)
				if got := recompute(t, steps); got != money.New(it.Amount, tl.Final.Table.Terms().Currency).Decimal() {
					t.Fatalf("seed %d: the explanation comes to %s, the decision to %d:\n%s", seed, got, it.Amount, strings.Join(explain.Sentences("en", steps), "\n"))
				}
				for _, s := range steps {
					for _, lang := range explain.Languages() {
						if text := explain.Render(lang, s); strings.HasPrefix(text, s.Code+" ") || strings.ContainsAny(text, "{}") {
							t.Fatalf("no sentence in %s for %v: %q", lang, s, text)
						}
					}
				}
			}
		}
	}
}

// recompute follows an explanation with nothing but its own values.
func recompute(t *testing.T, steps []explain.Step) string {
	t.Helper()
	var base int64
	var from money.Currency
	fx, percent, amount, to := money.One(), money.Rate{}, int64(0), money.Currency("USD")
	minor := func(s string, c money.Currency) int64 {
		if s == "" {
			return 0
		}
		a, err := money.Parse(s, c)
		if err != nil {
			t.Fatal(err)
		}
		return a.Minor
	}
	declined := true
	for _, s := range steps {
		switch s.Code {
		case "base":
			from = money.Currency(s.Get("currency"))
			base = max(0, minor(s.Get("price"), from)-minor(s.Get("coupon"), from)-minor(s.Get("refunded"), from))
			if s.Get("nothing_because") != "" {
				base = 0
			}
			if base != minor(s.Get("base"), from) {
				t.Fatalf("%v: the base comes to %d", s, base)
			}
		case "rule":
			percent = money.MustRate(s.Get("percent"))
		case "exchange":
			fx = money.MustRate(s.Get("rate"))
		case "amount":
			to = money.Currency(s.Get("currency"))
			var err error
			if amount, err = money.Percent(base, percent, fx, from.Exponent(), to.Exponent()); err != nil {
				t.Fatal(err)
			}
			if amount != minor(s.Get("amount"), to) {
				t.Fatalf("%v: the amount comes to %d", s, amount)
			}
		case "uplift_cap", "order_cap":
			amount -= minor(s.Get("taken_off"), to)
		case "state":
			declined = s.Get("state") == "declined"
		}
	}
	if declined {
		amount = 0
	}
	return money.New(amount, to).Decimal()
}

// T1: a program's name decides nothing: the same terms under another name decide the same.
func TestP1_NoBranchKnowsAProgramsName(t *testing.T) {
	for seed := range seeds(t, 300) {
		w := newWorld(uint64(seed))
		tls, _ := allAtOnce(t, w, w.end)
		renamed := *w.tables[w.program].Terms()
		renamed.Program = "another"
		again := newWorld(uint64(seed))
		again.tables = map[program.ID]*commission.Table{w.program: commission.Compile(&renamed)}
		tls2, _ := allAtOnce(t, again, again.end)
		for i := range tls {
			for n := range tls[i].Final.Items {
				a, b := tls[i].Final.Items[n], tls2[i].Final.Items[n]
				if a.Amount != b.Amount || a.Rule != b.Rule || a.State != b.State {
					t.Fatalf("seed %d: %s", seed, fmt.Sprintf("%+v and %+v", a, b))
				}
			}
		}
	}
}
