package commission

import (
	"fmt"

	"github.com/clickledger/clickledger/money"
)

// Line is the way from an item's price to its commission. The first members are given, the others computed by Amounts.
type Line struct {
	Price       int64 // minor units of the order's currency
	CouponShare int64 // what the order's coupon took off it (O4)
	Refunded    int64 // what was given back (O3)
	Nothing     bool  // cancelled or out of stock: the base is 0
	Won         bool  // somebody won it; otherwise it earns nothing
	Rated       Rated

	Base      int64 // Price less CouponShare less Refunded, not below 0
	Value     int64 // Base in the program currency, minor units, as are the next ones
	Raw       int64 // the commission before caps
	Old       int64 // what an old buyer's order would have earned; where new_buyer rated it
	UpliftCut int64 // taken off by the new-buyer uplift cap (C7)
	CapCut    int64 // taken off by the order cap (C8)
	Amount    int64 // the commission
}

// Conversion is the exchange rate of an order's payment (C10): units of the program currency for one of the order's.
type Conversion struct {
	Rate           money.Rate
	Day            money.Day // the day the rate is of
	FromExp, ToExp int       // decimals of the order's and of the program's currency
}

var hundred = money.MustRate("100")

// ShareCoupon shares the order's coupon out over all lines in proportion to their prices (O4). A coupon of more than the
// order takes everything.
func ShareCoupon(lines []Line, coupon int64) error {
	if coupon == 0 {
		return nil
	}
	prices, shares := make([]int64, len(lines)), make([]int64, len(lines))
	var sum int64
	for i := range lines {
		prices[i] = lines[i].Price
		var err error
		if sum, err = money.Add(sum, lines[i].Price); err != nil {
			return fmt.Errorf("adding up the order: %w", err)
		}
	}
	if err := money.SplitInto(shares, min(coupon, sum), prices); err != nil {
		return fmt.Errorf("sharing out the coupon: %w", err)
	}
	for i := range lines {
		lines[i].CouponShare = shares[i]
	}
	return nil
}

// Amounts computes bases, amounts and caps of all lines of an order (replay steps 6, 8 and 9).
func (t *Table) Amounts(lines []Line, conv Conversion) error {
	for i := range lines {
		l := &lines[i]
		l.Base = l.base()
		if !l.Won {
			continue
		}
		var err error
		if l.Raw, err = money.Percent(l.Base, l.Rated.Percent, conv.Rate, conv.FromExp, conv.ToExp); err != nil {
			return fmt.Errorf("item %d: %w", i+1, err)
		}
		if l.Value, err = money.Percent(l.Base, hundred, conv.Rate, conv.FromExp, conv.ToExp); err != nil {
			return fmt.Errorf("item %d: %w", i+1, err)
		}
		l.Amount = l.Raw
		if l.Rated.isNewBuyer() {
			if l.Old, err = money.Percent(l.Base, l.Rated.OldPercent, conv.Rate, conv.FromExp, conv.ToExp); err != nil {
				return fmt.Errorf("item %d: %w", i+1, err)
			}
		}
	}
	if err := capUplift(lines); err != nil {
		return err
	}
	return capOrder(lines, t.terms.Rates.OrderCap)
}

func (l *Line) base() int64 {
	if l.Nothing {
		return 0
	}
	return max(0, l.Price-l.CouponShare-min(l.Refunded, l.Price))
}

// FullyRefunded reports whether nothing of what the buyer paid for the item is left.
func (l *Line) FullyRefunded() bool { return l.Refunded > 0 && l.Refunded >= l.Price-l.CouponShare }

func (r *Rated) isNewBuyer() bool { return r.Rule == "new_buyer" }

// capUplift limits what new buyers bring above old ones, over the whole order (C7).
func capUplift(lines []Line) error {
	var limit, sum int64
	uplifts := make([]int64, len(lines))
	for i := range lines {
		l := &lines[i]
		if !l.Won || !l.Rated.isNewBuyer() || l.Rated.UpliftCap == 0 {
			continue
		}
		limit = l.Rated.UpliftCap
		uplifts[i] = max(0, l.Amount-l.Old)
		sum += uplifts[i]
	}
	if limit == 0 || sum <= limit {
		return nil
	}
	cuts, err := money.Split(sum-limit, uplifts)
	if err != nil {
		return fmt.Errorf("new-buyer uplift cap: %w", err)
	}
	for i := range lines {
		lines[i].UpliftCut = cuts[i]
		lines[i].Amount -= cuts[i]
	}
	return nil
}

// capOrder limits the commission of the whole order, whoever won its items (C8).
func capOrder(lines []Line, limit int64) error {
	if limit == 0 {
		return nil
	}
	var sum int64
	amounts := make([]int64, len(lines))
	for i := range lines {
		amounts[i] = lines[i].Amount
		sum += lines[i].Amount
	}
	if sum <= limit {
		return nil
	}
	cuts, err := money.Split(sum-limit, amounts)
	if err != nil {
		return fmt.Errorf("order cap: %w", err)
	}
	for i := range lines {
		lines[i].CapCut = cuts[i]
		lines[i].Amount -= cuts[i]
	}
	return nil
}
