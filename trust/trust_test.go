package trust_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/trust"
)

const day = 24 * time.Hour

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// opened is a case of two items that ann opened, of the given amounts in minor units of the dollar.
func opened(t *testing.T, amounts ...int64) trust.Case {
	t.Helper()
	c := trust.Case{ID: "case_1", Program: "tr", Publisher: "pub", Category: "bots", Evidence: []trust.Evidence{{Kind: "text", Text: "seen"}}}
	for i, a := range amounts {
		c.Items = append(c.Items, trust.Item{Order: "o1", Item: string(rune('1' + i)), State: "approved", Amount: a, Currency: "USD"})
	}
	return must[trust.Case](t)(trust.New(trust.Defaults(), c, "ann", noon))
}

func all(trust.Item) bool { return true }

// told is a case with everything held and the publisher told.
func told(t *testing.T, amounts ...int64) trust.Case {
	t.Helper()
	c := opened(t, amounts...)
	c, events, err := c.Hold(trust.Defaults(), all, noon)
	if err != nil || len(amounts) > 0 && (len(events) != 1 || events[0].Kind != order.Held || len(events[0].Items) != len(amounts) || events[0].Case != "case_1") {
		t.Fatalf("%v, %v", events, err)
	}
	return must[trust.Case](t)(c.Notify(trust.Defaults(), noon))
}

func ruling(by string, s ...trust.Sanction) trust.Ruling {
	return trust.Ruling{By: by, Sanctions: s, Reason: "bots", Note: "the log shows it"}
}

// M4, F5: the hold ends after 30 days at the latest; the publisher has 14 days to answer; before them money is taken only from who
// answered; to decide against the publisher is for somebody who did not open the case.
func TestF5_WhoMayDecideAndWhen(t *testing.T) {
	p := trust.Defaults()
	c := told(t, 10_00)
	if got := c.HoldEnds.Sub(noon); got != 30*day || c.AnswerBy.Sub(noon) != 14*day {
		t.Errorf("the hold ends after %v, the answer after %v", got, c.AnswerBy.Sub(noon))
	}
	for _, x := range []struct {
		by   string
		at   time.Duration
		want error
	}{
		{"bob", 14*day - time.Microsecond, trust.ErrTooEarly}, {"bob", 14 * day, nil}, {"ann", 20 * day, trust.ErrSamePerson}, {"", 20 * day, trust.ErrSamePerson},
	} {
		if _, _, err := c.Decide(p, ruling(x.by, trust.Deduction), nil, noon.Add(x.at)); !errors.Is(err, x.want) {
			t.Errorf("%s after %v: %v, want %v", x.by, x.at, err, x.want)
		}
	}
	answered := must[trust.Case](t)(c.Say(p, "pat", true, "it was my cousin", noon.Add(day)))
	if _, _, err := answered.Decide(p, ruling("bob", trust.Deduction), nil, noon.Add(2*day)); err != nil {
		t.Errorf("the publisher answered: %v", err)
	}
	asked := must[trust.Case](t)(c.Say(p, "bob", false, "well?", noon.Add(day)))
	if _, _, err := asked.Decide(p, ruling("bob", trust.Deduction), nil, noon.Add(2*day)); !errors.Is(err, trust.ErrTooEarly) {
		t.Errorf("only the operator wrote: %v", err)
	}
	if released, events, err := c.Release("ann", "nothing in it", noon.Add(day)); err != nil || released.Outcome != trust.Released || len(events) != 1 || events[0].Kind != order.Cleared {
		t.Errorf("who opened it may release at once: %+v, %v", events, err)
	}
	for _, r := range []trust.Ruling{ruling("bob"), ruling("bob", "prison"), {By: "bob", Sanctions: []trust.Sanction{trust.Warning}, Reason: "bots"}, {By: "bob", Sanctions: []trust.Sanction{trust.Warning}, Reason: "mood", Note: "x"}} {
		if _, _, err := c.Decide(p, r, nil, noon.Add(20*day)); !errors.Is(err, trust.ErrInput) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

// M4: above an amount a deduction is a proposal until a second person, who neither decided nor opened, agrees.
func TestM4_SecondPersonAboveAnAmount(t *testing.T) {
	p := trust.Defaults()
	c := told(t, 300_00, 200_00)
	if d, events, err := c.Decide(p, ruling("bob", trust.Deduction), nil, noon.Add(15*day)); err != nil || d.State != trust.Deducted || len(events) != 1 {
		t.Errorf("500 whole units need nobody else: %v, %v", d.State, err)
	}
	warned := told(t, 900_00)
	if d, _, err := warned.Decide(p, ruling("bob", trust.Warning), nil, noon.Add(15*day)); err != nil || d.State != trust.Deducted {
		t.Errorf("a warning takes nothing: %v, %v", d.State, err)
	}
	c = told(t, 300_00, 200_01)
	d, events, err := c.Decide(p, ruling("bob", trust.Deduction), nil, noon.Add(15*day))
	if err != nil || d.State != trust.Proposed || len(events) != 0 {
		t.Fatalf("%v, %v, %v", d.State, events, err)
	}
	for _, by := range []string{"bob", "ann", ""} {
		if _, _, err := d.Approve(p, by, noon.Add(16*day)); !errors.Is(err, trust.ErrSamePerson) {
			t.Errorf("%q agreed: %v", by, err)
		}
	}
	a, events, err := d.Approve(p, "cem", noon.Add(16*day))
	if err != nil || a.State != trust.Deducted || len(events) != 1 || events[0].Kind != order.Deducted || !strings.Contains(events[0].Evidence, "the log shows it") {
		t.Errorf("%v, %v, %v", a.State, events, err)
	}
	if no, err := d.Refuse(noon.Add(16 * day)); err != nil || no.State != trust.Notified || no.Ruling != nil {
		t.Errorf("refused: %+v, %v", no, err)
	}
}

// F5: one appeal, in time, decided by somebody who had no part in the case; upheld it restores all that was taken.
func TestF5_AppealOnceByAnotherPerson(t *testing.T) {
	p := trust.Defaults()
	c := told(t, 600_00)
	d, _, err := c.Decide(p, ruling("bob", trust.Deduction), nil, noon.Add(15*day))
	if err != nil {
		t.Fatal(err)
	}
	d, _, err = d.Approve(p, "cem", noon.Add(16*day))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Object(p, "pat", "no", noon.Add(46*day+time.Microsecond)); !errors.Is(err, trust.ErrTooLate) {
		t.Errorf("too late: %v", err)
	}
	d = must[trust.Case](t)(d.Object(p, "pat", "that was a family of five", noon.Add(46*day)))
	if _, err := d.Object(p, "pat", "again", noon.Add(46*day)); !errors.Is(err, trust.ErrState) {
		t.Errorf("twice: %v", err)
	}
	for _, by := range []string{"ann", "bob", "cem", ""} {
		if _, _, err := d.DecideAppeal(p, true, by, "yes", noon.Add(47*day)); !errors.Is(err, trust.ErrSamePerson) {
			t.Errorf("%q decided the appeal: %v", by, err)
		}
	}
	up, events, err := d.DecideAppeal(p, true, "dan", "they are right", noon.Add(47*day))
	if err != nil || up.State != trust.Closed || up.Outcome != trust.Restored || len(events) != 1 || events[0].Kind != order.Restored {
		t.Errorf("%+v, %v, %v", up, events, err)
	}
	down, events, err := d.DecideAppeal(p, false, "dan", "they are not", noon.Add(47*day))
	if err != nil || down.Outcome != trust.Sanctioned || len(events) != 0 {
		t.Errorf("%+v, %v, %v", down, events, err)
	}
}

// M4: what nobody decides in 30 days is given back by itself, a proposal too; what was proposed beside the items goes with it.
func TestM4_AHoldRunsOut(t *testing.T) {
	p := trust.Defaults()
	c := told(t, 900_00)
	proposed, _, err := c.Decide(p, ruling("bob", trust.DeclineOpen, trust.Deduction), []trust.Item{{Order: "o2", Item: "1", Amount: 1, Currency: "USD"}}, noon.Add(15*day))
	if err != nil || proposed.State != trust.Proposed || len(proposed.Items) != 2 {
		t.Fatalf("%+v, %v", proposed, err)
	}
	for _, c := range []trust.Case{c, proposed} {
		if _, _, over := c.Elapse(noon.Add(30*day - time.Microsecond)); over {
			t.Error("an instant early")
		}
		out, events, over := c.Elapse(noon.Add(30 * day))
		if !over || out.State != trust.Closed || out.Outcome != trust.TimedOut || len(events) != 1 || events[0].Kind != order.Cleared || events[0].Order != "o1" || len(out.Items) != 1 {
			t.Errorf("%+v, %v", out, events)
		}
		if _, _, again := out.Elapse(noon.Add(90 * day)); again {
			t.Error("it elapsed twice")
		}
	}
	if s := opened(t, 1); !s.Due().IsZero() {
		t.Errorf("an open case is due at %v", s.Due())
	}
}

// M4: what was paid out already is not held, so that a suspicion makes no debt; a deduction reaches it all the same. What the decision
// does not take is given back.
func TestM4_HeldAndTaken(t *testing.T) {
	p := trust.Defaults()
	c := opened(t, 10_00, 20_00)
	c, events, err := c.Hold(p, func(it trust.Item) bool { return it.Item == "1" }, noon)
	if err != nil || len(events) != 1 || len(events[0].Items) != 1 {
		t.Fatalf("%v, %v", events, err)
	}
	c = must[trust.Case](t)(c.Notify(p, noon))
	_, events, err = c.Decide(p, ruling("bob", trust.Deduction), nil, noon.Add(15*day))
	if err != nil || len(events) != 1 || len(events[0].Items) != 2 {
		t.Errorf("deducted is %v, %v", events, err)
	}
	w, events, err := c.Decide(p, ruling("bob", trust.Warning, trust.DeclineOpen), []trust.Item{{Order: "o9", Item: "1", Amount: 5, Currency: "USD"}}, noon.Add(15*day))
	if err != nil || len(events) != 2 || events[0].Kind != order.Deducted || events[0].Order != "o9" || events[1].Kind != order.Cleared || events[1].Items[0] != "1" {
		t.Errorf("declined and given back is %v, %v", events, err)
	}
	if !events[1].At.After(events[0].At) || !w.Told.Equal(events[1].At) {
		t.Errorf("what a case tells has times of its own: %v, %v", events[0].At, events[1].At)
	}
}

// M4: a marketplace's own deduction can be appealed against; nobody's hand was in it, so anybody may decide.
func TestM4_AppealAgainstAReport(t *testing.T) {
	p := trust.Defaults()
	c := trust.Case{ID: "case_2", Program: "tr", Publisher: "pub", Items: []trust.Item{{Order: "o1", Item: "1", Amount: 5, Currency: "USD"}}}
	if _, err := trust.FromReport(p, c, "card was stolen", "pat", "it was not", noon, noon.Add(31*day)); !errors.Is(err, trust.ErrTooLate) {
		t.Errorf("too late: %v", err)
	}
	d := must[trust.Case](t)(trust.FromReport(p, c, "card was stolen", "pat", "it was not", noon, noon.Add(day)))
	up, events, err := d.DecideAppeal(p, true, "ann", "right", noon.Add(2*day))
	if err != nil || up.Outcome != trust.Restored || len(events) != 1 || events[0].Kind != order.Restored {
		t.Errorf("%+v, %v, %v", up, events, err)
	}
}

// F2: more than 5,000 clicks a day with a CR below 0.3 %, or more than 1,000 without an action; at the limits nothing is critical.
func TestF2_CriticalTraffic(t *testing.T) {
	for _, c := range []struct {
		clicks, actions int64
		want            string
	}{
		{1000, 0, ""}, {1001, 0, "no_action"}, {1001, 1, ""}, {5000, 1, ""}, {5001, 15, "low_rate"}, {5001, 16, ""}, {10000, 30, ""}, {10000, 29, "low_rate"}, {9000, 0, "no_action"}, {0, 0, ""},
	} {
		if got, figure := trust.CriticalTraffic().Judge(trust.Traffic{Clicks: c.clicks, Actions: c.actions}); got != c.want || (figure == "") != (got == "") {
			t.Errorf("%d clicks and %d actions are %q, want %q", c.clicks, c.actions, got, c.want)
		}
	}
}

// M4, F5: whatever people do to a case in whatever order, what it tells its orders makes sense: nothing is cleared that is not held,
// nothing restored that was not taken, times rise, nothing is held any more when the case is over, and nobody decides twice.
func TestM4_AnyCourseOfACase(t *testing.T) {
	p := trust.Defaults()
	people := []string{"ann", "bob", "cem", "dan"}
	ends := make(map[trust.Outcome]int)
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		c := opened(t, int64(r.IntN(600_00)), int64(r.IntN(600_00)))
		at := noon
		held, taken := map[string]bool{}, map[string]bool{}
		last := time.Time{}
		take := func(n trust.Case, events []order.Event, err error) {
			if err != nil {
				return
			}
			c = n
			for _, e := range events {
				if e.At.Before(last) {
					t.Fatalf("seed %d: %v is told after %v", seed, e.At, last)
				}
				last = e.At
				for _, it := range e.Items {
					k := e.Order + "/" + it
					switch e.Kind {
					case order.Held:
						held[k] = true
					case order.Cleared:
						if !held[k] {
							t.Fatalf("seed %d: %s is cleared and was not held", seed, k)
						}
						delete(held, k)
					case order.Deducted:
						delete(held, k)
						taken[k] = true
					case order.Restored:
						if !taken[k] {
							t.Fatalf("seed %d: %s is restored and was not taken", seed, k)
						}
						delete(taken, k)
					}
				}
			}
		}
		for range 45 {
			at = at.Add(time.Duration(r.IntN(6*24)) * time.Hour)
			by := people[r.IntN(len(people))]
			switch r.IntN(9) {
			case 0:
				n, e, err := c.Hold(p, func(trust.Item) bool { return r.IntN(2) == 0 }, at)
				take(n, e, err)
			case 1:
				n, err := c.Notify(p, at)
				take(n, nil, err)
			case 2:
				n, err := c.Say(p, by, r.IntN(2) == 0, "x", at)
				take(n, nil, err)
			case 3:
				if r.IntN(4) == 0 {
					n, e, err := c.Release(by, "x", at)
					take(n, e, err)
				}
			case 4:
				var s []trust.Sanction
				for _, x := range trust.Sanctions() {
					if r.IntN(2) == 0 {
						s = append(s, x)
					}
				}
				n, e, err := c.Decide(p, ruling(by, s...), []trust.Item{{Order: "o2", Item: "1", Amount: 5, Currency: "USD"}}, at)
				take(n, e, err)
			case 5:
				n, e, err := c.Approve(p, by, at)
				take(n, e, err)
			case 6:
				n, err := c.Object(p, "pat", "no", at)
				take(n, nil, err)
			case 7:
				n, e, err := c.DecideAppeal(p, r.IntN(2) == 0, by, "x", at)
				take(n, e, err)
			default:
				if n, e, over := c.Elapse(at); over {
					take(n, e, nil)
				}
			}
		}
		if c.State == trust.Closed || c.State == trust.Deducted {
			if len(held) > 0 {
				t.Fatalf("seed %d: %s, and %v is held", seed, c.Outcome, held)
			}
			if (c.Outcome == trust.Restored || c.Outcome == trust.TimedOut || c.Outcome == trust.Released) && len(taken) > 0 {
				t.Fatalf("seed %d: %s, and %v is taken", seed, c.Outcome, taken)
			}
		}
		ends[c.Outcome]++
	}
	for _, o := range []trust.Outcome{trust.Released, trust.TimedOut, trust.Sanctioned, trust.Restored} {
		if ends[o] < 20 { // a property over nothing proves nothing
			t.Errorf("only %d of the histories end as %s: %v", ends[o], o, ends)
		}
	}
}
