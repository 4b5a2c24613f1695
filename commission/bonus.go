package commission

import (
	"fmt"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Action is what bonuses look at of a publisher's action.
type Action struct {
	Value       int64     // the item's base in the program currency, minor units
	CompletedAt time.Time // zero: not completed
	ApprovedAt  time.Time // zero: not approved
}

// Reward is a bonus that is due (C9).
type Reward struct {
	Label  string // "first_sale", or the month as "2026-03"
	At     time.Time
	Amount int64 // minor units of the program currency
	// Of a performance tier: the month's value and the percentage of it.
	Value   int64
	Percent money.Rate
}

// Bonuses are the rewards that a publisher's approved actions make due up to a time, the earliest first: the one for the
// first sale when it is approved, and the tier of a month once all that was completed in it must have been approved, which
// is a hold after its end. They follow from the actions as they stand, so a later refund lowers a tier (C9).
func Bonuses(terms *program.Terms, actions []Action, asOf time.Time) ([]Reward, error) {
	var rewards []Reward
	for i := range terms.Bonuses {
		b := &terms.Bonuses[i]
		if b.FirstSale > 0 {
			if first := firstApproval(actions, asOf); !first.IsZero() {
				rewards = append(rewards, Reward{Label: "first_sale", At: first, Amount: b.FirstSale})
			}
		}
		tiers, err := monthly(terms, b.Tiers, actions, asOf)
		if err != nil {
			return nil, err
		}
		rewards = append(rewards, tiers...)
	}
	return rewards, nil
}

func firstApproval(actions []Action, asOf time.Time) time.Time {
	var first time.Time
	for _, a := range actions {
		if !a.ApprovedAt.IsZero() && !a.ApprovedAt.After(asOf) && (first.IsZero() || a.ApprovedAt.Before(first)) {
			first = a.ApprovedAt
		}
	}
	return first
}

// monthly are the tier rewards of all months that are closed.
func monthly(terms *program.Terms, tiers []program.Tier, actions []Action, asOf time.Time) ([]Reward, error) {
	if len(tiers) == 0 {
		return nil, nil
	}
	values := make(map[time.Time]int64)
	var first, last time.Time
	for _, a := range actions {
		if a.CompletedAt.IsZero() || a.ApprovedAt.IsZero() || a.ApprovedAt.After(asOf) {
			continue
		}
		y, m, _ := a.CompletedAt.In(terms.TimeZone).Date()
		month := time.Date(y, m, 1, 0, 0, 0, 0, terms.TimeZone)
		sum, err := money.Add(values[month], a.Value)
		if err != nil {
			return nil, fmt.Errorf("order value of %s: %w", month.Format("2006-01"), err)
		}
		values[month] = sum
		if first.IsZero() || month.Before(first) {
			first = month
		}
		if month.After(last) {
			last = month
		}
	}
	var rewards []Reward
	exp := terms.Currency.Exponent()
	for month := first; !month.After(last); month = month.AddDate(0, 1, 0) {
		closed := month.AddDate(0, 1, 0).Add(terms.Settlement.Hold)
		percent := tierOf(tiers, values[month])
		if closed.After(asOf) || percent == nil {
			continue
		}
		amount, err := money.Percent(values[month], *percent, money.One(), exp, exp)
		if err != nil {
			return nil, fmt.Errorf("bonus of %s: %w", month.Format("2006-01"), err)
		}
		if amount > 0 {
			rewards = append(rewards, Reward{month.Format("2006-01"), closed.UTC(), amount, values[month], *percent})
		}
	}
	return rewards, nil
}

// tierOf is the percentage of the highest tier that a value reaches, or nil.
func tierOf(tiers []program.Tier, value int64) *money.Rate {
	var best *program.Tier
	for i := range tiers {
		if t := &tiers[i]; value > 0 && value >= t.From && (best == nil || t.From > best.From) {
			best = t
		}
	}
	if best == nil {
		return nil
	}
	return &best.Percent
}
