package explain

import "slices"

// ForPublisher returns an explanation as a publisher may read it: what the publisher's own clicks and ad spaces did in full; of
// other touches that there were some, when, and why each won or lost, but nothing that tells whose they were (T7). A step of an
// unknown code is left out: what nobody has judged is not shown.
func ForPublisher(steps []Step, publisher string) []Step {
	out := make([]Step, 0, len(steps))
	for _, s := range steps {
		if view, ok := forPublisher(s, publisher); ok {
			out = append(out, view)
		}
	}
	return out
}

func forPublisher(s Step, publisher string) (Step, bool) {
	own := publisher != "" && s.Get("publisher") == publisher
	switch s.Code {
	case "candidate":
		if own {
			return s, true
		}
		return s.only("competing_click", "at", "fate", "verdict", "window_from", "window_until"), true
	case "other_channel":
		return s.only("competing_visit", "at", "fate", "channel"), true
	case "won_by_click", "won_by_coupon":
		if own {
			return s, true
		}
		return New("won_by_other"), true
	case "program", "nobody_won", "base", "rule_passed", "rule", "exchange", "amount", "uplift_cap", "order_cap", "uplift_cut", "order_cut", "state",
		"competing_click", "competing_visit", "won_by_other", "fraud_hold", "deducted_by_case", "restored_on_appeal":
		return s, true // they tell of the order and of the program's terms, of nobody else
	}
	return Step{}, false
}

// ForSeller returns an explanation as the seller of the item may read it (S3): how the commission was computed that it pays, and how far the item
// has come. Nothing of it tells who sent the buyer, what trust cases say, or what else the order came to: other stores may have sold that.
func ForSeller(steps []Step) []Step {
	out := make([]Step, 0, len(steps))
	for _, s := range steps {
		switch s.Code {
		case "program", "rule_passed", "exchange", "base", "amount", "uplift_cut", "order_cut":
			out = append(out, s)
		case "rule":
			out = append(out, s.only(s.Code, "rule", "percent", "event", "points"))
		case "uplift_cap":
			out = append(out, s.only("uplift_cut", "cap", "taken_off"))
		case "order_cap":
			out = append(out, s.only("order_cut", "cap", "taken_off"))
		case "state":
			out = append(out, s.only(s.Code, "state", "reason", "since", "earns", "currency", "limit", "pay_until", "approved_from", "complete_until"))
		}
	}
	return out
}

// only is a step of another code with some of the values.
func (s Step) only(code string, names ...string) Step {
	out := Step{Code: code}
	for _, v := range s.Values {
		if slices.Contains(names, v.Name) {
			out.Values = append(out.Values, v)
		}
	}
	return out
}
