package settlement

import (
	"strconv"
	"time"

	"github.com/clickledger/clickledger/attribution"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/money"
)

// Explain says how the decision about an item came about, step by step, as codes and values (T7, C11). The amount can be
// computed again from the steps alone.
func (d *Decision) Explain(item int) []explain.Step {
	it := &d.Items[item]
	terms := d.Table.Terms()
	steps := make([]explain.Step, 0, 8+len(d.Attribution.Candidates))
	add := func(code string, pairs ...string) { steps = append(steps, explain.New(code, pairs...)) }

	add("program", "program", string(terms.Program), "version", strconv.Itoa(terms.Version), "in_force_from", stamp(terms.EffectiveFrom))
	for i := range d.Attribution.Candidates {
		steps = append(steps, candidate(&d.Attribution.Candidates[i], d.Attribution.Items[item].Fates[i]))
	}
	switch {
	case it.Click != nil:
		add("won_by_click", "click", it.Click.ID, "publisher", it.Space.Publisher, "ad_space", it.Space.ID,
			"traffic_type", it.Space.TrafficType.String(), "rank", strconv.Itoa(d.Attribution.Items[item].Rank))
	case it.Space != nil:
		add("won_by_coupon", "coupon", d.Order.CouponCode, "publisher", it.Space.Publisher, "ad_space", it.Space.ID)
	default:
		add("nobody_won", "reason", it.Rule)
	}
	d.explainAmount(item, add)
	d.explainState(item, add)
	return steps
}

// candidate explains how far a touch came for an item.
func candidate(c *attribution.Candidate, fate attribution.Fate) explain.Step {
	t := c.Click
	pairs := []string{"click", t.ID, "at", stamp(t.At), "fate", fate.String()}
	if t.Channel != click.Affiliate {
		return explain.New("other_channel", append(pairs, "channel", t.Channel)...)
	}
	pairs = append(pairs, "publisher", t.Publisher, "link", t.Target.Kind.String())
	if t.Target.Product != "" {
		pairs = append(pairs, "product", t.Target.Product)
	}
	if t.Verdict != click.Valid {
		pairs = append(pairs, "verdict", t.Verdict.String())
	}
	if !c.Anchor.IsZero() && !c.Anchor.Equal(t.At) {
		pairs = append(pairs, "window_from", stamp(c.Anchor))
	}
	if !c.Deadline.IsZero() {
		pairs = append(pairs, "window_until", stamp(c.Deadline))
	}
	return explain.New("candidate", pairs...)
}

// explainAmount explains base, rule, rate, conversion, rounding and caps.
func (d *Decision) explainAmount(item int, add func(string, ...string)) {
	it, l := &d.Items[item], &d.Items[item].Line
	terms := d.Table.Terms()
	from, to := d.Order.Currency, terms.Currency
	dec := func(minor int64, c money.Currency) string { return money.New(minor, c).Decimal() }

	base := []string{"price", dec(l.Price, from)}
	if l.CouponShare > 0 {
		base = append(base, "coupon", dec(l.CouponShare, from))
	}
	if l.Refunded > 0 {
		base = append(base, "refunded", dec(l.Refunded, from))
	}
	if l.Nothing {
		base = append(base, "nothing_because", nothingBecause(d, item))
	}
	add("base", append(base, "base", dec(l.Base, from), "currency", string(from))...)
	if it.Space == nil {
		return
	}
	for _, s := range terms.Rates.Steps[:max(0, l.Rated.Step)] {
		add("rule_passed", "rule", s.Kind.String())
	}
	rule := []string{"rule", l.Rated.Rule, "percent", l.Rated.Percent.String()}
	if l.Rated.Event {
		e := d.Table.EventAt(d.Order.PlacedAt)
		rule = append(rule, "event", e.Name, "points", e.Points.String())
	}
	if it.Check {
		rule = append(rule, "traffic_check_until", stamp(it.Space.ApprovedAt.Add(terms.Settlement.TrafficCheck)))
	}
	add("rule", rule...)
	if from != to {
		add("exchange", "from", string(from), "to", string(to), "rate", d.Conversion.Rate.String(), "day", string(d.Conversion.Day))
	}
	add("amount", "amount", dec(l.Raw, to), "currency", string(to), "rounding", "half_even")
	if l.UpliftCut > 0 {
		add("uplift_cap", "old_percent", l.Rated.OldPercent.String(), "old_amount", dec(l.Old, to), "cap", dec(l.Rated.UpliftCap, to),
			"order_uplift", dec(d.sum(uplift), to), "taken_off", dec(l.UpliftCut, to))
	}
	if l.CapCut > 0 {
		add("order_cap", "cap", dec(terms.Rates.OrderCap, to), "order_amount", dec(d.sum(beforeCap), to), "taken_off", dec(l.CapCut, to))
	}
}

func nothingBecause(d *Decision, item int) string {
	if d.Order.CancelledBy(item, d.At) {
		return "cancelled"
	}
	return "out_of_stock"
}

func uplift(it *Item) int64 {
	if it.Line.Rated.UpliftCap == 0 || !it.Line.Won {
		return 0
	}
	return max(0, it.Line.Raw-it.Line.Old)
}

func beforeCap(it *Item) int64 { return it.Line.Amount + it.Line.CapCut }

func (d *Decision) sum(of func(*Item) int64) int64 {
	var s int64
	for i := range d.Items {
		s += of(&d.Items[i])
	}
	return s
}

// explainState explains how far the action has come and what it waits for.
func (d *Decision) explainState(item int, add func(string, ...string)) {
	it, s := &d.Items[item], &d.Table.Terms().Settlement
	o := d.Order
	d.explainCase(item, add)
	state := []string{"state", it.State.String()}
	switch it.State {
	case Unattributed:
		return
	case Declined:
		state = append(state, "reason", it.Decline.String())
		if it.Decline == ByFraud {
			if s, _ := o.FraudBy(item, d.At); s.Evidence != "" {
				state = append(state, "evidence", s.Evidence)
			}
		}
		if it.Decline == ByLapse || it.Decline == ByLateCompletion {
			state = append(state, "limit", stamp(o.PlacedAt.Add(s.CompletionLimit)))
		}
	case Tracked:
		if w := d.Table.Terms().Attribution.Window; w.ToPayment && it.Click != nil {
			state = append(state, "pay_until", stamp(d.Attribution.Candidates[d.Attribution.Items[item].Winner].Deadline))
		}
	case Pending:
		if it.Held {
			break // what it waits for is the case
		}
		if o.CompletedBy(d.At) {
			state = append(state, "approved_from", stamp(o.CompletedAt.Add(s.Hold)))
		} else if s.CompletionLimit > 0 {
			state = append(state, "complete_until", stamp(o.PlacedAt.Add(s.CompletionLimit)))
		}
	case Approved:
		state = append(state, "since", stamp(d.approvedSince(item)))
	}
	add("state", append(state, "earns", money.New(it.Amount, d.Table.Terms().Currency).Decimal(), "currency", string(d.Table.Terms().Currency))...)
}

// approvedSince is when an approved item was approved last: its hold ended then, or a case gave it back later.
func (d *Decision) approvedSince(item int) time.Time {
	since := d.Order.CompletedAt.Add(d.Table.Terms().Settlement.Hold)
	if back := d.Order.GivenBack(item, d.At); back.After(since) {
		return back
	}
	return since
}

// explainCase explains what trust cases did to the item: a hold that stands, a deduction that stands, an appeal that was upheld (M4).
func (d *Decision) explainCase(item int, add func(string, ...string)) {
	if d.Items[item].Held {
		s, _ := d.Order.HeldBy(item, d.At)
		add("fraud_hold", "case", s.Case, "since", stamp(s.At), "category", s.Evidence)
	}
	if s, ok := d.Order.FraudBy(item, d.At); ok && s.Case != "" {
		add("deducted_by_case", "case", s.Case, "at", stamp(s.At))
	} else if s, ok := d.Order.RestoredBy(item, d.At); ok {
		add("restored_on_appeal", "case", s.Case, "at", stamp(s.At))
	}
}

// stamp is RFC 3339 in UTC, with microseconds where there are any.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00") }
