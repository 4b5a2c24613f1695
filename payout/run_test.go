package payout

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

const (
	maxRunID    = 31 // 35 characters of a bank message's id, less the number of a batch
	maxPayoutID = 30 // what mass payments take
	fingerprint = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

var payer = Party{Name: "Clickledger Ltd", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX"}

func candidate(publisher, method, country string, available int64) Candidate {
	return Candidate{payee(publisher, method, country), Balance{Available: available}}
}

// must fails the test when a step of a run fails.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// frozen is a run with three payouts: a (50.00, bank), b (30.00, PayPal, fee 1.00), c (40.00, Japan, fee 15.00), and d, who
// is below the minimum.
func frozen(t testing.TB) (Run, []ledger.Transaction) {
	t.Helper()
	r, err := Open(onRequest(), Today(onRequest(), Requested, noon), nil, "ann", noon)
	must(t, err)
	r, ts, err := r.Freeze(onRequest(), []Candidate{
		candidate("d", "paypal", "DE", 1600), candidate("b", "paypal", "DE", 3000), candidate("c", "bank_transfer", "JP", 4000), candidate("a", "bank_transfer", "DE", 5000),
	}, payer, "ann", noon)
	must(t, err)
	return r, ts
}

// filesOf are the bank files that fit a run, one for each method.
func filesOf(r Run) []File {
	var methods []string
	for _, p := range r.Payouts {
		if p.Status.live() && !slices.Contains(methods, p.Method) {
			methods = append(methods, p.Method)
		}
	}
	var files []File
	for _, m := range methods {
		t := r.Totals(m)
		files = append(files, File{Name: r.ID + "-" + m, SHA256: fingerprint, Methods: []string{m}, Payments: t.Payments, Total: t.Net})
	}
	return files
}

func built(t testing.TB) Run {
	t.Helper()
	r, _ := frozen(t)
	r, err := r.Build(filesOf(r), "ann", noon)
	must(t, err)
	return r
}

func approved(t testing.TB) Run {
	t.Helper()
	r, err := built(t).Approve(Approval{By: "bob", Payments: 3, Total: "104.00"}, noon.Add(time.Hour))
	must(t, err)
	return r
}

func released(t testing.TB) (Run, []ledger.Transaction) {
	t.Helper()
	r, ts, err := approved(t).Release("ann", noon.Add(2*time.Hour))
	must(t, err)
	return r, ts
}

func movements(ts []ledger.Transaction) []string {
	var lines []string
	for _, t := range ts {
		for _, m := range t.Movements {
			lines = append(lines, t.Cause+" "+string(t.Reason)+": "+m.From.String()+" -> "+m.To.String()+" "+money.New(m.Amount, t.Currency).Decimal())
		}
	}
	return lines
}

func expect(t testing.TB, what string, ts []ledger.Transaction, want ...string) {
	t.Helper()
	if got := movements(ts); !slices.Equal(got, want) {
		t.Errorf("%s books\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	for i := range ts {
		if err := ts[i].Validate(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// M1, M5: what each step of a run books, worked out by hand (E11-E13).
func TestM5_FreezeAndReleaseBookEachStep(t *testing.T) {
	r, ts := frozen(t)
	id := r.ID
	expect(t, "freezing", ts,
		"payout/"+id+"/a reserve: available:shop:a -> reserved:shop:a 50.00",
		"payout/"+id+"/b reserve: available:shop:b -> reserved:shop:b 30.00",
		"payout/"+id+"/c reserve: available:shop:c -> reserved:shop:c 40.00")
	if len(r.Passed) != 1 || r.Passed[0].Publisher != "d" || r.Passed[0].Refusal.Code != NotAboveMinimum {
		t.Errorf("passed over: %+v", r.Passed)
	}
	if r.State != Frozen || r.FrozenBy != (Mark{"ann", noon}) || r.ExecuteOn != "2026-03-03" || r.Version != 3 || r.Payer != payer {
		t.Errorf("%+v", r)
	}
	if got := r.Totals(); got != (Totals{3, 12000, 1600, 0, 10400}) {
		t.Errorf("totals %+v", got)
	}
	if got := r.Totals("paypal"); got != (Totals{1, 3000, 100, 0, 2900}) {
		t.Errorf("totals by PayPal %+v", got)
	}
	r, ts = released(t)
	a, b, c := r.Payouts[0].ID, r.Payouts[1].ID, r.Payouts[2].ID
	expect(t, "releasing", ts,
		"payout/"+a+"/release release: reserved:shop:a -> clearing:shop:bank_transfer 50.00",
		"payout/"+b+"/release release: reserved:shop:b -> clearing:shop:paypal 29.00",
		"payout/"+b+"/release release: reserved:shop:b -> fees:shop 1.00",
		"payout/"+c+"/release release: reserved:shop:c -> clearing:shop:bank_transfer 25.00",
		"payout/"+c+"/release release: reserved:shop:c -> fees:shop 15.00")
	for _, p := range r.Payouts {
		if p.Status != Sent {
			t.Errorf("payout %s is %s", p.ID, p.Status)
		}
	}
	if r.State != Released || len(r.Sendings) != 1 || ts[0].EffectiveAt != noon.Add(2*time.Hour) || ts[0].Publisher != "a" || ts[0].Program != "shop" {
		t.Errorf("%+v, %+v", r, ts[0])
	}
}

// M5: what the bank's answers book (E14-E16): the fee comes back with a rejection and stays with a return.
func TestM5_AnswersBook(t *testing.T) {
	r, _ := released(t)
	b := r.Payouts[1].ID
	say := func(r Run, a Answer) (Run, []ledger.Transaction) {
		t.Helper()
		a.Payout = b
		if a.Status != Unknown {
			a.Amount = money.New(2900, "USD")
		}
		r, ts, err := r.Answer(a, "cal", noon.Add(50*time.Hour))
		must(t, err)
		return r, ts
	}
	day := noon.Add(26 * time.Hour)
	final, back := "payout/"+b+"/final", "payout/"+b+"/return/"
	paid := final + " payout: clearing:shop:paypal -> paid:shop:b 29.00"

	r1, ts := say(r, Answer{Status: Paid, At: day})
	expect(t, "a confirmation", ts, paid)
	if p := r1.Payout(b); p.Status != Paid || len(p.Answers) != 1 || ts[0].EffectiveAt != day {
		t.Errorf("%+v, effective %v", p, ts[0].EffectiveAt)
	}
	_, ts = say(r, Answer{Status: Rejected, Reason: "AC04"})
	expect(t, "a rejection", ts, final+" reject: clearing:shop:paypal -> available:shop:b 29.00", final+" reject: fees:shop -> available:shop:b 1.00")
	_, ts = say(r1, Answer{Status: Returned, Ref: "B/7"})
	expect(t, "a return", ts, back+"B%2F7 return: paid:shop:b -> available:shop:b 29.00")
	r2, ts := say(r, Answer{Status: Returned, Ref: "B7"})
	expect(t, "a return without a confirmation", ts, paid, back+"B7 return: paid:shop:b -> available:shop:b 29.00")
	if _, ts = say(r2, Answer{Status: Paid}); len(ts) != 0 {
		t.Errorf("a confirmation after the return books %v", movements(ts))
	}
	r3, ts := say(r, Answer{Status: Unknown})
	expect(t, "not knowing", ts)
	if r3.Payout(b).Status != Unknown {
		t.Errorf("%+v", r3.Payout(b))
	}
	_, ts = say(r3, Answer{Status: Paid})
	expect(t, "a late confirmation", ts, paid)
	if p := r.Payout(b); p.Status != Sent || len(p.Answers) != 0 {
		t.Errorf("the run that was answered changed itself: %+v", p)
	}
}

// M5, I8: every pair of answers, in both orders: the same again does nothing, what excludes each other is an error that names both.
func TestM5_PairsOfAnswers(t *testing.T) {
	type outcome struct {
		status       Status
		transactions int
		err          bool
	}
	first := map[Status]outcome{Paid: {Paid, 1, false}, Rejected: {Rejected, 1, false}, Returned: {Returned, 2, false}, Unknown: {Unknown, 0, false}}
	second := map[[2]Status]outcome{
		{Paid, Paid}: {Paid, 0, false}, {Paid, Rejected}: {Paid, 0, true}, {Paid, Returned}: {Returned, 1, false}, {Paid, Unknown}: {Paid, 0, false},
		{Rejected, Paid}: {Rejected, 0, true}, {Rejected, Rejected}: {Rejected, 0, false}, {Rejected, Returned}: {Rejected, 0, true}, {Rejected, Unknown}: {Rejected, 0, false},
		{Returned, Paid}: {Returned, 0, false}, {Returned, Rejected}: {Returned, 0, true}, {Returned, Returned}: {Returned, 0, false}, {Returned, Unknown}: {Returned, 0, false},
		{Unknown, Paid}: {Paid, 1, false}, {Unknown, Rejected}: {Rejected, 1, false}, {Unknown, Returned}: {Returned, 2, false}, {Unknown, Unknown}: {Unknown, 0, false},
	}
	r, _ := released(t)
	a := r.Payouts[0]
	say := func(r Run, s Status) (Run, outcome, error) {
		next, ts, err := r.Answer(Answer{Payout: a.ID, Status: s, Amount: money.New(a.Net, "USD"), Ref: "ref-1", Reason: "R-" + string(s)}, "cal", noon.Add(9*time.Hour))
		return next, outcome{next.Payout(a.ID).Status, len(ts), err != nil}, err
	}
	for one, want := range first {
		r1, got, err := say(r, one)
		if got != want {
			t.Fatalf("%s: %+v, %v; want %+v", one, got, err, want)
		}
		for _, two := range []Status{Paid, Rejected, Returned, Unknown} {
			r2, got, err := say(r1, two)
			if got != second[[2]Status{one, two}] {
				t.Errorf("%s, then %s: %+v, %v; want %+v", one, two, got, err, second[[2]Status{one, two}])
			}
			var c *ContradictionError
			if got.err && (!errors.As(err, &c) || !strings.Contains(err.Error(), "R-"+string(one)) || !strings.Contains(err.Error(), "R-"+string(two)) ||
				!strings.Contains(err.Error(), a.ID)) {
				t.Errorf("%s, then %s: the error does not name both: %v", one, two, err)
			}
			if got.transactions == 0 && !reflect.DeepEqual(r1, r2) {
				t.Errorf("%s, then %s: nothing is booked and the run changed", one, two)
			}
		}
	}
	// The same state again, with other details, is the same answer.
	r1, _, _ := say(r, Paid)
	if _, ts, err := r1.Answer(Answer{Payout: a.ID, Status: Paid, Amount: money.New(a.Net, "USD"), Ref: "other"}, "cal", noon.Add(9*time.Hour)); err != nil || len(ts) > 0 {
		t.Errorf("%v, %v", ts, err)
	}
	// What came back twice was not sent once.
	r1, _, _ = say(r, Returned)
	_, ts, err := r1.Answer(Answer{Payout: a.ID, Status: Returned, Amount: money.New(a.Net, "USD"), Ref: "ref-2"}, "cal", noon.Add(9*time.Hour))
	if c := (*ContradictionError)(nil); !errors.As(err, &c) || len(ts) > 0 || !strings.Contains(err.Error(), "ref-1") || !strings.Contains(err.Error(), "ref-2") {
		t.Errorf("%v, %v", ts, err)
	}
}

// M5: an answer that cannot be about what was sent changes nothing.
func TestM5_ImplausibleAnswersAreRefused(t *testing.T) {
	r, _ := released(t)
	a := r.Payouts[0]
	usd := money.New(a.Net, "USD")
	for _, c := range []struct {
		name   string
		run    Run
		answer Answer
		want   string
	}{
		{"another amount", r, Answer{Payout: a.ID, Status: Paid, Amount: money.New(a.Net-1, "USD")}, "49.99 USD, and 50.00 USD was sent"},
		{"another currency", r, Answer{Payout: a.ID, Status: Paid, Amount: money.New(a.Net, "EUR")}, "50.00 EUR, and 50.00 USD was sent"},
		{"paid without an amount", r, Answer{Payout: a.ID, Status: Paid}, "no amount, and 50.00 USD"},
		{"returned without an amount", r, Answer{Payout: a.ID, Status: Returned, Ref: "x"}, "no amount, and 50.00 USD"},
		{"rejected with another amount", r, Answer{Payout: a.ID, Status: Rejected, Amount: money.New(1, "USD")}, "0.01 USD, and 50.00 USD"},
		{"a return without a reference", r, Answer{Payout: a.ID, Status: Returned, Amount: usd}, "reference"},
		{"an unknown payout", r, Answer{Payout: "P20260302-X", Status: Paid, Amount: usd}, "no such payout"},
		{"not an answer", r, Answer{Payout: a.ID, Status: Sent, Amount: usd}, "is not an answer"},
		{"before the release", approved(t), Answer{Payout: a.ID, Status: Paid, Amount: usd}, "it is approved, and must be released or closed"},
	} {
		next, ts, err := c.run.Answer(c.answer, "cal", noon)
		if err == nil || !strings.Contains(err.Error(), c.want) || len(ts) > 0 || !reflect.DeepEqual(next, c.run) {
			t.Errorf("%s: %v, %v; want an error with %q", c.name, ts, err, c.want)
		}
	}
	if _, ts, err := r.Answer(Answer{Payout: a.ID, Status: Rejected}, "cal", noon); err != nil || len(ts) != 1 {
		t.Errorf("a rejection needs no amount: %v, %v", ts, err)
	}
	if _, _, err := r.Answer(Answer{Payout: a.ID, Status: Rejected}, "", noon); !errors.Is(err, errNobody) {
		t.Errorf("nobody's answer: %v", err)
	}
}

// M5: an answer takes effect on the bank's day, yet never before the release and never in the future.
func TestM5_EffectiveTimeOfAnswers(t *testing.T) {
	r, _ := released(t)
	a, now := r.Payouts[0], noon.Add(48*time.Hour)
	for _, c := range []struct{ at, want time.Time }{
		{time.Time{}, now}, {noon.Add(20 * time.Hour), noon.Add(20 * time.Hour)}, {noon, r.ReleasedBy.At}, {now.Add(time.Second), now},
		{noon.Add(20*time.Hour + 1500), noon.Add(20*time.Hour + 1000)}, {now, now}, {r.ReleasedBy.At, r.ReleasedBy.At},
	} {
		next, ts, err := r.Answer(Answer{Payout: a.ID, Status: Paid, Amount: money.New(a.Net, "USD"), At: c.at}, "cal", now)
		if err != nil || !ts[0].EffectiveAt.Equal(c.want) || !next.Payout(a.ID).Answers[0].At.Equal(c.want) {
			t.Errorf("booked by the bank at %v: effective %v, %v; want %v", c.at, ts, err, c.want)
		}
	}
}

// M5, two people: the makers cannot approve, and the checker types the totals.
func TestM5_TwoPeople(t *testing.T) {
	r, err := Open(onRequest(), Today(onRequest(), Requested, noon), nil, "ann", noon)
	must(t, err)
	r, _, err = r.Freeze(onRequest(), []Candidate{candidate("a", "paypal", "DE", 5000)}, payer, "bea", noon)
	must(t, err)
	r, err = r.Build(filesOf(r), "cal", noon)
	must(t, err)
	for _, c := range []struct {
		a    Approval
		want string
	}{
		{Approval{"ann", 1, "49.00"}, "ann had a part"}, {Approval{"bea", 1, "49.00"}, "bea had a part"}, {Approval{"cal", 1, "49.00"}, "cal had a part"},
		{Approval{"", 1, "49.00"}, "say who"}, {Approval{"dan", 2, "49.00"}, "2 payments of together 49.00 USD were typed"},
		{Approval{"dan", 1, "49.01"}, "1 payments of together 49.01 USD were typed"}, {Approval{"dan", 1, "49,00"}, "is not an amount"},
	} {
		next, err := r.Approve(c.a, noon)
		if err == nil || !strings.Contains(err.Error(), c.want) || next.State != Built {
			t.Errorf("%+v: %v; want an error with %q", c.a, err, c.want)
		}
	}
	var same *SamePersonError
	if _, err := r.Approve(Approval{"ann", 1, "49.00"}, noon); !errors.As(err, &same) || same.By != "ann" || same.Run != r.ID {
		t.Errorf("%v", err)
	}
	var totals *TotalsError
	if _, err := r.Approve(Approval{"dan", 1, "48.00"}, noon); !errors.As(err, &totals) || strings.Contains(err.Error(), "49.00") || totals.Total.Minor != 4900 {
		t.Errorf("the error tells the totals that must be typed: %v", err)
	}
	r, err = r.Approve(Approval{"dan", 1, "49"}, noon)
	if err != nil || r.State != Approved || r.ApprovedBy.By != "dan" {
		t.Errorf("%+v, %v", r, err)
	}
}

// M5: every step in every state: only the ones of the state machine are taken, and a refused one changes nothing.
func TestM5_StateMachine(t *testing.T) {
	draft, err := Open(onRequest(), Today(onRequest(), Requested, noon), nil, "ann", noon)
	must(t, err)
	froze, _ := frozen(t)
	rel, _ := released(t)
	done := rel
	for _, p := range rel.Payouts {
		done, _, err = done.Answer(Answer{Payout: p.ID, Status: Paid, Amount: money.New(p.Net, "USD")}, "cal", noon.Add(3*time.Hour))
		must(t, err)
	}
	closed, err := done.Close("ann", noon.Add(4*time.Hour))
	must(t, err)
	cancelled, _, err := froze.Cancel("wrong day", "ann", noon)
	must(t, err)
	runs := []Run{draft, froze, built(t), approved(t), done, closed, cancelled}
	steps := []struct {
		name string
		do   func(Run) (Run, error)
		from []State
	}{
		{"freeze", func(r Run) (Run, error) {
			r, _, err := r.Freeze(onRequest(), []Candidate{candidate("a", "paypal", "DE", 5000)}, payer, "ann", noon)
			return r, err
		}, []State{Draft}},
		{"exclude", func(r Run) (Run, error) { r, _, err := r.Exclude("a", "fraud", "ann", noon); return r, err }, []State{Frozen}},
		{"build", func(r Run) (Run, error) { return r.Build(filesOf(r), "ann", noon) }, []State{Frozen, Built, Approved, Released, Closed}},
		{"approve", func(r Run) (Run, error) { return r.Approve(Approval{"bob", 3, "104.00"}, noon) }, []State{Built}},
		{"release", func(r Run) (Run, error) { r, _, err := r.Release("ann", noon); return r, err }, []State{Approved}},
		{"resend", func(r Run) (Run, error) { return r.Resend(fingerprint, "ann", noon) }, []State{Released}},
		{"cancel", func(r Run) (Run, error) { r, _, err := r.Cancel("no", "ann", noon); return r, err }, []State{Draft, Frozen, Built, Approved}},
		{"close", func(r Run) (Run, error) { return r.Close("ann", noon) }, []State{Released}},
		{"answer", func(r Run) (Run, error) {
			r, _, err := r.Answer(Answer{Payout: rel.Payouts[0].ID, Status: Returned, Ref: "1", Amount: money.New(5000, "USD")}, "ann", noon)
			return r, err
		}, []State{Released, Closed}},
	}
	for _, r := range runs {
		for _, s := range steps {
			before, _ := json.Marshal(r)
			next, err := s.do(r)
			if allowed := slices.Contains(s.from, r.State); allowed != (err == nil) {
				t.Errorf("%s a run that is %s: %v", s.name, r.State, err)
			}
			var state *StateError
			if err != nil && (!errors.As(err, &state) || state.Is != r.State || !slices.Equal(state.Need, s.from) || !reflect.DeepEqual(next, r)) {
				t.Errorf("%s a run that is %s: %v, %+v", s.name, r.State, err, next)
			}
			if after, _ := json.Marshal(r); string(before) != string(after) {
				t.Errorf("%s changed the run it was given", s.name)
			}
		}
	}
	nobody := []func() error{
		func() error { _, err := Open(onRequest(), Today(onRequest(), Manual, noon), nil, "", noon); return err },
		func() error { _, _, err := draft.Freeze(onRequest(), nil, payer, "", noon); return err },
		func() error { _, _, err := froze.Exclude("a", "x", "", noon); return err },
		func() error { _, err := froze.Build(filesOf(froze), "", noon); return err },
		func() error { _, _, err := approved(t).Release("", noon); return err },
		func() error { _, err := rel.Resend(fingerprint, "", noon); return err },
		func() error { _, _, err := froze.Cancel("x", "", noon); return err },
		func() error { _, err := done.Close("", noon); return err },
	}
	for i, f := range nobody {
		if err := f(); !errors.Is(err, errNobody) {
			t.Errorf("step %d in nobody's name: %v", i, err)
		}
	}
}

// M5: a run closes when the bank has answered all of it, and not before.
func TestM5_CloseWaitsForEveryAnswer(t *testing.T) {
	r, _ := released(t)
	var err error
	for i, s := range []Status{Paid, Rejected, Unknown} {
		r, _, err = r.Answer(Answer{Payout: r.Payouts[i].ID, Status: s, Amount: money.New(r.Payouts[i].Net, "USD")}, "cal", noon.Add(3*time.Hour))
		must(t, err)
		if _, err := r.Close("ann", noon); err == nil || !strings.Contains(err.Error(), r.Payouts[2].ID) && i > 0 {
			t.Errorf("closed after answer %d: %v", i, err)
		}
	}
	c := r.Payouts[2]
	r, _, err = r.Answer(Answer{Payout: c.ID, Status: Returned, Ref: "1", Amount: money.New(c.Net, "USD")}, "cal", noon.Add(3*time.Hour))
	must(t, err)
	r, err = r.Close("ann", noon.Add(5*time.Hour))
	if err != nil || r.State != Closed || r.ClosedBy != (Mark{"ann", noon.Add(5 * time.Hour)}) {
		t.Errorf("%+v, %v", r, err)
	}
	// A return comes weeks later.
	r, ts, err := r.Answer(Answer{Payout: r.Payouts[0].ID, Status: Returned, Ref: "2", Amount: money.New(5000, "USD")}, "cal", noon.AddDate(0, 0, 20))
	if err != nil || len(ts) != 1 || r.State != Closed {
		t.Errorf("%v, %v", ts, err)
	}
}

// M5: cancelling puts everything back, once; excluding puts one publisher back.
func TestM5_CancelAndExclude(t *testing.T) {
	r, _ := frozen(t)
	r, ts, err := r.Exclude("b", "case-9", "ann", noon)
	must(t, err)
	expect(t, "excluding", ts, "payout/"+r.ID+"/b/cancel unreserve: reserved:shop:b -> available:shop:b 30.00")
	if r.Payouts[1].Status != Excluded || r.Payouts[1].Why != "case-9" || r.State != Frozen || r.Totals() != (Totals{2, 9000, 1500, 0, 7500}) {
		t.Errorf("%+v", r)
	}
	if _, ts, err := r.Exclude("b", "again", "ann", noon); err != nil || len(ts) != 0 {
		t.Errorf("excluding again: %v, %v", ts, err)
	}
	for _, c := range [][2]string{{"nobody", "x"}, {"a", ""}} {
		if _, ts, err := r.Exclude(c[0], c[1], "ann", noon); err == nil || len(ts) > 0 {
			t.Errorf("excluding %q because of %q: %v", c[0], c[1], ts)
		}
	}
	if _, _, err := r.Cancel("", "ann", noon); err == nil || !strings.Contains(err.Error(), "reason") {
		t.Errorf("cancelled without a reason: %v", err)
	}
	b, err := r.Build(filesOf(r), "ann", noon)
	must(t, err)
	gone, ts, err := b.Cancel("the bank is closed", "dan", noon)
	must(t, err)
	expect(t, "cancelling", ts,
		"payout/"+r.ID+"/a/cancel unreserve: reserved:shop:a -> available:shop:a 50.00",
		"payout/"+r.ID+"/c/cancel unreserve: reserved:shop:c -> available:shop:c 40.00")
	if gone.State != Cancelled || gone.CancelBy.By != "dan" || gone.CancelWhy != "the bank is closed" || gone.Payouts[0].Status != NotSent || gone.Payouts[1].Status != Excluded {
		t.Errorf("%+v", gone)
	}
	// The excluded one is not released.
	b, err = b.Approve(Approval{"bob", 2, "75.00"}, noon)
	must(t, err)
	b, ts, err = b.Release("ann", noon)
	if err != nil || len(ts) != 2 || b.Payouts[1].Status != Excluded {
		t.Errorf("%v, %v", movements(ts), err)
	}
	if _, _, err := b.Answer(Answer{Payout: b.Payouts[1].ID, Status: Paid, Amount: money.New(2900, "USD")}, "cal", noon); err == nil || !strings.Contains(err.Error(), "never sent") {
		t.Errorf("an answer about an excluded payout: %v", err)
	}
	// A run that loses its last payout is over.
	for _, p := range []string{"a", "c"} {
		if r, _, err = r.Exclude(p, "x", "ann", noon); err != nil {
			t.Fatal(err)
		}
	}
	if r.State != Cancelled || r.CancelWhy == "" || r.CancelBy.By != "ann" {
		t.Errorf("%+v", r)
	}
}

// M5: a period has one run, with one id, whoever opens it; a cancelled one makes room for the next, under another id.
func TestM5_OnePeriodOneRun(t *testing.T) {
	terms := weekly(time.UTC, time.Monday)
	terms.Payout.Methods = onRequest().Payout.Methods
	p, _ := Due(terms, noon)
	one, err := Open(terms, p, nil, "ann", noon)
	must(t, err)
	two, err := Open(terms, p, nil, "bob", noon.Add(time.Hour))
	must(t, err)
	if one.ID != two.ID {
		t.Errorf("two ids for one period: %s and %s", one.ID, two.ID)
	}
	one, ts, err := one.Freeze(terms, []Candidate{candidate("a", "paypal", "DE", 5000)}, payer, "ann", noon)
	must(t, err)
	// The second finds nothing left: the balance is reserved, and would be refused under the same cause.
	two, again, err := two.Freeze(terms, []Candidate{candidate("a", "paypal", "DE", 5000)}, payer, "bob", noon.Add(time.Hour))
	if err != nil || again[0].Cause != ts[0].Cause || two.Payouts[0].ID != one.Payouts[0].ID {
		t.Errorf("%v, %v", again, ts)
	}
	same, err := Open(terms, p, []Run{one}, "bob", noon)
	if err != nil || same.ID != one.ID || same.State != Frozen {
		t.Errorf("%+v, %v", same, err)
	}
	other := one
	other.Program = "else"
	for name, earlier := range map[string][]Run{"another program's": {other}, "another way's": {{ID: "X", Program: "w", Period: Period{Manual, p.Key, 1}, State: Frozen}}, "another day's": {{ID: "X", Program: "w", Period: Period{Scheduled, "2026-02-23", 1}, State: Closed}}} {
		if r, err := Open(terms, p, earlier, "bob", noon); err != nil || r.State != Draft || r.ID != one.ID {
			t.Errorf("beside %s run: %+v, %v", name, r, err)
		}
	}
	gone, _, err := one.Cancel("late", "ann", noon)
	must(t, err)
	next, err := Open(terms, p, []Run{gone}, "ann", noon)
	if err != nil || next.ID == one.ID || next.Period.Number != 2 || next.State != Draft {
		t.Errorf("%+v, %v", next, err)
	}
	third, err := Open(terms, p, []Run{{Program: "w", Period: next.Period, State: Cancelled}, gone}, "ann", noon)
	if err != nil || third.Period.Number != 3 || third.ID == next.ID {
		t.Errorf("%+v, %v", third, err)
	}
	for _, bad := range []Period{{Way: "sometimes", Key: "2026-03-02"}, {Way: Manual, Key: "today"}, {Way: Manual}} {
		if _, err := Open(terms, bad, nil, "ann", noon); err == nil {
			t.Errorf("%+v is taken for a period", bad)
		}
	}
	// Requests of a day join its draft; once that is frozen, they make the day's next run.
	day := Today(onRequest(), Requested, noon)
	d1, err := Open(onRequest(), day, nil, "ann", noon)
	must(t, err)
	d2, err := Open(onRequest(), day, []Run{d1}, "ann", noon)
	if err != nil || !reflect.DeepEqual(d1, d2) {
		t.Errorf("%+v, %v", d2, err)
	}
	f, _ := frozen(t)
	d3, err := Open(onRequest(), day, []Run{f}, "ann", noon)
	if err != nil || f.ID != d1.ID || d3.ID == d1.ID || d3.Period.Number != 2 {
		t.Errorf("%+v, %v", d3, err)
	}
}

// M5: ids fit into bank messages and mass payments, use letters that every bank takes, and differ where anything differs.
func TestM5_IDs(t *testing.T) {
	seen := make(map[string]bool)
	fine := func(id string, most int) {
		t.Helper()
		if len(id) > most || seen[id] || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			t.Errorf("%q: %d characters, seen %v", id, len(id), seen[id])
		}
		seen[id] = true
	}
	for _, p := range []string{"tr", "global-eu", "a-program-with-a-very-long-name-indeed-for-tests", "ş", ""} {
		for _, w := range []Way{Scheduled, Requested, Manual} {
			for _, k := range []string{"2026-03-02", "2026-03-09"} {
				for n := 1; n < 12; n++ {
					period := Period{w, k, n}
					run := runID(program.ID(p), period)
					fine(run, maxRunID)
					for _, pub := range []string{"a", "b", "a/b", "ü", strings.Repeat("x", 200)} {
						id := payoutID(run, period, pub)
						fine(id, maxPayoutID)
						if !ValidID(id) || ValidID(run) || ValidID(id+"A") || ValidID(id[1:]) || ValidID("Q"+id[1:]) || ValidID(strings.ToLower(id)) {
							t.Errorf("ValidID is wrong about %s", id)
						}
					}
				}
			}
		}
	}
	for _, id := range []string{"", "P", "NOTPROVIDED", "P20260302", "P2026030X-ABCDEFGHIJKLMNOP", "P20260302-ABCDEFGHIJKLMNO1", "P20260302_ABCDEFGHIJKLMNOP"} {
		if ValidID(id) {
			t.Errorf("%q is taken for a payout's id", id)
		}
	}
	if id := runID("tr", Period{Scheduled, "2026-03-02", 1}); !strings.HasPrefix(id, "TR-20260302-") {
		t.Errorf("%s does not begin with program and day", id)
	}
	for in, want := range map[string]string{"az09": "AZ09", "@a[b`c{d/1:2": "ABCD12", "abcdefgh": "ABCDEF", "---": "RUN", "": "RUN"} {
		if got := slug(in, 6); got != want {
			t.Errorf("%q is shortened to %q, want %q", in, got, want)
		}
	}
	// A slash in a publisher's name does not make two causes one.
	if causeReserve("R", "a/cancel") == causeCancel("R", "a") || causeReserve("R", "a%2Fb") == causeReserve("R", "a/b") {
		t.Error("two publishers share a cause")
	}
}

// M5: the files hold the run, whole, once; and building again must give the same bytes.
func TestM5_BuildChecksTheFiles(t *testing.T) {
	r, _ := frozen(t)
	good := filesOf(r)
	change := func(f func([]File) []File) []File { return f(cloneFiles(good)) }
	for name, files := range map[string][]File{
		"none":             {},
		"one is missing":   good[:1],
		"a payment less":   change(func(f []File) []File { f[0].Payments--; return f }),
		"another total":    change(func(f []File) []File { f[0].Total++; return f }),
		"no fingerprint":   change(func(f []File) []File { f[1].SHA256 = ""; return f }),
		"a method twice":   change(func(f []File) []File { return append(f, f[0]) }),
		"a method of none": change(func(f []File) []File { f[1].Methods = []string{"cash"}; return f }),
	} {
		if next, err := r.Build(files, "ann", noon); err == nil || next.State != Frozen {
			t.Errorf("%s: %v", name, err)
		}
	}
	b, err := r.Build(good, "ann", noon)
	must(t, err)
	if b.State != Built || len(b.Files) != 2 || b.BuiltBy != (Mark{"ann", noon}) {
		t.Errorf("%+v", b)
	}
	again, err := b.Build(cloneFiles(good), "bob", noon.Add(time.Hour))
	if err != nil || !reflect.DeepEqual(again, b) {
		t.Errorf("%+v, %v", again, err)
	}
	for name, files := range map[string][]File{
		"other bytes":  change(func(f []File) []File { f[0].SHA256 = strings.Repeat("f", 64); return f }),
		"another name": change(func(f []File) []File { f[0].Name = "x"; return f }),
		"fewer files":  good[:1],
	} {
		if _, err := b.Build(files, "ann", noon); err == nil || !strings.Contains(err.Error(), "again") {
			t.Errorf("building again with %s: %v", name, err)
		}
	}
	good[0].Methods[0] = "changed"
	if b.Files[0].Methods[0] == "changed" {
		t.Error("the run shares its files with the caller")
	}
}

// M5: sending again is sending the same file; nothing is booked and nothing gets another id.
func TestM5_ResendIsTheSameFile(t *testing.T) {
	r, _ := released(t)
	next, err := r.Resend(fingerprint, "bob", noon.Add(5*time.Hour))
	must(t, err)
	if len(next.Sendings) != 2 || next.Sendings[1].By != "bob" || len(r.Sendings) != 1 || !reflect.DeepEqual(next.Payouts, r.Payouts) {
		t.Errorf("%+v", next.Sendings)
	}
	if _, err := r.Resend(strings.Repeat("0", 64), "bob", noon); err == nil || !strings.Contains(err.Error(), "never built") {
		t.Errorf("%v", err)
	}
}

// M5: what does not belong together is not frozen, and a run without payouts is over.
func TestM5_FreezeRefusesAndCloses(t *testing.T) {
	r, err := Open(onRequest(), Today(onRequest(), Requested, noon), nil, "ann", noon)
	must(t, err)
	other := onRequest()
	other.Program = "else"
	euro := onRequest()
	euro.Currency = "EUR"
	for name, terms := range map[string]*program.Terms{"another program": other, "another currency": euro} {
		if _, _, err := r.Freeze(terms, []Candidate{candidate("a", "paypal", "DE", 5000)}, payer, "ann", noon); err == nil {
			t.Errorf("%s: frozen", name)
		}
	}
	twice := []Candidate{candidate("a", "paypal", "DE", 5000), candidate("b", "paypal", "DE", 5000), candidate("a", "paypal", "DE", 5000)}
	if _, ts, err := r.Freeze(onRequest(), twice, payer, "ann", noon); err == nil || !strings.Contains(err.Error(), `"a" stands twice`) || len(ts) > 0 {
		t.Errorf("a publisher twice: %v, %v", ts, err)
	}
	if twice[1].Publisher != "b" {
		t.Error("the caller's candidates were sorted")
	}
	huge := []Candidate{candidate("a", "paypal", "DE", 1<<62), candidate("b", "paypal", "DE", 1<<62)}
	if _, _, err := r.Freeze(onRequest(), huge, payer, "ann", noon); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("an overflow: %v", err)
	}
	for name, cs := range map[string][]Candidate{"nobody": nil, "nobody with enough": {candidate("a", "paypal", "DE", 1)}} {
		done, ts, err := r.Freeze(onRequest(), cs, payer, "ann", noon)
		if err != nil || len(ts) != 0 || done.State != Closed || done.ClosedBy.By != "ann" || len(done.Passed) != len(cs) {
			t.Errorf("%s: %+v, %v, %v", name, done, ts, err)
		}
	}
}

// M5: the bank is asked to pay on the next weekday of the program's calendar.
func TestM5_ExecutionDay(t *testing.T) {
	for in, want := range map[string]string{
		"2026-03-02T12:00:00Z": "2026-03-03", "2026-03-05T12:00:00Z": "2026-03-06", "2026-03-06T12:00:00Z": "2026-03-09", "2026-03-07T12:00:00Z": "2026-03-09",
		"2026-03-08T12:00:00Z": "2026-03-09", "2026-02-27T12:00:00Z": "2026-03-02", "2026-12-31T12:00:00Z": "2027-01-01",
	} {
		at, _ := time.Parse(time.RFC3339, in)
		if got := executeOn(at); got != want {
			t.Errorf("frozen on %s: %s, want %s", in, got, want)
		}
	}
	terms := onRequest()
	terms.TimeZone = zone(t, "Asia/Tokyo")
	late := time.Date(2026, 3, 2, 15, 30, 0, 0, time.UTC)
	r, err := Open(terms, Today(terms, Requested, late), nil, "ann", late)
	must(t, err)
	r, _, err = r.Freeze(terms, []Candidate{candidate("a", "paypal", "DE", 5000)}, payer, "ann", late)
	if err != nil || r.ExecuteOn != "2026-03-04" {
		t.Errorf("%s, %v", r.ExecuteOn, err)
	}
}

// M5: a run survives being kept and read, to the byte.
func TestM5_RunRoundTrip(t *testing.T) {
	r, _ := released(t)
	r, _, err := r.Answer(Answer{Payout: r.Payouts[1].ID, Status: Rejected, Reason: "AC04", Text: "closed", Ref: "9"}, "cal", noon.Add(9*time.Hour))
	must(t, err)
	one, err := json.Marshal(r)
	must(t, err)
	var back Run
	must(t, json.Unmarshal(one, &back))
	two, err := json.Marshal(back)
	must(t, err)
	if string(one) != string(two) || !reflect.DeepEqual(r, back) {
		t.Errorf("%s\ncame back as\n%s", one, two)
	}
	if r.Payout("nobody") != nil {
		t.Error("a payout that is not there was found")
	}
}

// M5: the tax goes to its own account with the release, and comes back with a rejection.
func TestM5_TaxIsBooked(t *testing.T) {
	r, err := Open(onRequest(), Today(onRequest(), Requested, noon), nil, "ann", noon)
	must(t, err)
	c := candidate("a", "paypal", "DE", 10000)
	c.Tax = Withholding{"TR-GIB", money.MustRate("15.00")}
	r, _, err = r.Freeze(onRequest(), []Candidate{c}, payer, "ann", noon)
	must(t, err)
	r, err = r.Build(filesOf(r), "ann", noon)
	must(t, err)
	r, err = r.Approve(Approval{"bob", 1, "84.00"}, noon)
	must(t, err)
	r, ts, err := r.Release("ann", noon)
	must(t, err)
	id := r.Payouts[0].ID
	expect(t, "releasing", ts,
		"payout/"+id+"/release release: reserved:shop:a -> clearing:shop:paypal 84.00",
		"payout/"+id+"/release release: reserved:shop:a -> fees:shop 1.00",
		"payout/"+id+"/release release: reserved:shop:a -> bank:shop:tax/TR-GIB 15.00")
	_, ts, err = r.Answer(Answer{Payout: id, Status: Rejected}, "cal", noon)
	must(t, err)
	expect(t, "a rejection", ts,
		"payout/"+id+"/final reject: clearing:shop:paypal -> available:shop:a 84.00",
		"payout/"+id+"/final reject: fees:shop -> available:shop:a 1.00",
		"payout/"+id+"/final reject: bank:shop:tax/TR-GIB -> available:shop:a 15.00")
}
