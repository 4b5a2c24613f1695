// Package report defines the metrics of programs and publishers, once (P2). Ratios and averages are exact decimals as text,
// rounded half to even.
package report

import (
	"math/big"
	"time"

	"github.com/clickledger/clickledger/money"
)

// Tally counts what the metrics are made of. An action is an attributed order item that is not hidden from statistics.
type Tally struct {
	Clicks   int64 // valid affiliate clicks of ad spaces that joined
	Actions  int64
	Approved int64
	Declined int64
	Earnings int64 // minor units of the program currency: the commissions of all actions that are not declined

	Held     int64   // actions that were approved or declined
	HoldTime Seconds // from action to that
	Paid     int64   // actions that were paid out
	PayTime  Seconds // from action to that
}

// Seconds are whole seconds. Times of many actions are added up, and a time.Duration ends after 292 years.
type Seconds int64

// InSeconds is a duration in whole seconds; what is left over is dropped, of each action for itself.
func InSeconds(d time.Duration) Seconds { return Seconds(d / time.Second) }

// Add adds another tally.
func (t *Tally) Add(o Tally) {
	t.Clicks += o.Clicks
	t.Actions += o.Actions
	t.Approved += o.Approved
	t.Declined += o.Declined
	t.Earnings += o.Earnings
	t.Held += o.Held
	t.HoldTime += o.HoldTime
	t.Paid += o.Paid
	t.PayTime += o.PayTime
}

// CR is the conversion rate, actions ÷ clicks, in percent with two decimals; "" without clicks.
func (t *Tally) CR() string { return percent(t.Actions, t.Clicks) }

// EPC is the average earnings per 100 clicks in the given currency; "" without clicks.
func (t *Tally) EPC(c money.Currency) string {
	if t.Clicks == 0 {
		return ""
	}
	return money.New(quotient(t.Earnings, 100, t.Clicks), c).Decimal()
}

// ApprovalRate is approved ÷ all actions in percent with two decimals; "" without actions.
func (t *Tally) ApprovalRate() string { return percent(t.Approved, t.Actions) }

// HoldHours is the average time from action to approval or decline, in hours with two decimals; "" where there was none.
func (t *Tally) HoldHours() string { return hours(t.HoldTime, t.Held) }

// PaymentHours is the average time from action to payout, in hours with two decimals; "" where there was none.
func (t *Tally) PaymentHours() string { return hours(t.PayTime, t.Paid) }

func percent(n, of int64) string {
	if of == 0 {
		return ""
	}
	return string(money.AppendDecimal(nil, quotient(n, 10000, of), 2))
}

func hours(sum Seconds, n int64) string {
	if n == 0 {
		return ""
	}
	return string(money.AppendDecimal(nil, quotient(int64(sum), 100, 3600*n), 2))
}

// quotient is n × factor ÷ d, rounded half to even.
func quotient(n, factor, d int64) int64 {
	x := new(big.Int).Mul(big.NewInt(n), big.NewInt(factor))
	q, r := x.QuoRem(x, big.NewInt(d), new(big.Int))
	r.Abs(r).Lsh(r, 1)
	if c := r.CmpAbs(big.NewInt(d)); c > 0 || (c == 0 && q.Bit(0) == 1) {
		if n < 0 {
			return q.Int64() - 1
		}
		return q.Int64() + 1
	}
	return q.Int64()
}

// CostOfSale is the commission ÷ what was sold for it, in percent with two decimals; "" where nothing was sold (R3).
func CostOfSale(commission, sold int64) string { return percent(commission, sold) }

// Share is a part of a whole, in percent with two decimals; "" where there is nothing.
func Share(part, whole int64) string { return percent(part, whole) }

// ReturnOnCost is what was sold ÷ what it cost, with two decimals: what came back for each unit of money; "" where nothing was
// spent (S3).
func ReturnOnCost(sold, cost int64) string {
	if cost == 0 {
		return ""
	}
	return string(money.AppendDecimal(nil, quotient(sold, 100, cost), 2))
}
