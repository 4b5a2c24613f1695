package payout

import (
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// DetailsFreeze is how long nothing is paid after payout details were changed, so that somebody who took over an account
// cannot empty it before its owner has read the notice.
const DetailsFreeze = 72 * time.Hour

// Quote is what a payout would be, in minor units of the program currency: Net = Gross - Fee - Tax, all of it above zero
// but Fee and Tax, which may be zero.
type Quote struct {
	Publisher string
	Method    string
	Currency  money.Currency
	Gross     int64 // the whole available balance
	Fee       int64 // what the method costs
	Tax       int64
	Authority string // whom the tax is for
	Net       int64  // what the bank is told to pay
}

// Eligible says whether a publisher can be paid now and what, or why not (M3). Every way to pay asks it: runs by the
// schedule, requests, and runs by hand.
func Eligible(terms *program.Terms, b Balance, p Payee, way Way, now time.Time) (Quote, *Refusal) {
	return eligible(terms, b, p, way, now, 0)
}

func eligible(terms *program.Terms, b Balance, p Payee, way Way, now time.Time, f flaw) (Quote, *Refusal) {
	c, rules := terms.Currency, &terms.Payout
	amount := func(minor int64) string { return money.New(minor, c).String() }
	switch {
	case way == Requested && rules.Schedule != program.OnRequest:
		return refuse(NotOnRequest, "schedule", rules.Schedule.String(), "next", day(NextRun(terms, now), terms))
	case p.Blocked != "":
		return refuse(Blocked, "reason", p.Blocked)
	case p.FraudCase != "" && !f.has(paysInFraudHold):
		return refuse(FraudHold, "case", p.FraudCase)
	case p.DetailsChangedAt.IsZero():
		return refuse(NoDetails)
	case p.DetailsFault != "":
		return refuse(BadDetails, "fault", p.DetailsFault)
	}
	method := offered(terms, p.Method, p.Country)
	if method == nil {
		return refuse(MethodNotOffered, "method", p.Method, "country", p.Country)
	}
	if until := p.DetailsChangedAt.Add(DetailsFreeze); now.Before(until) && !f.has(paysNewDetails) {
		return refuse(DetailsFrozen, "until", stamp(until))
	}
	if b.Clawback < 0 {
		return refuse(InDebt, "debt", amount(-b.Clawback))
	}
	if below(rules, b.Available) && !f.has(ignoresMinimum) {
		code := BelowMinimum
		if rules.MustExceed {
			code = NotAboveMinimum
		}
		return refuse(code, "balance", amount(b.Available), "minimum", amount(rules.Minimum))
	}
	if b.Available <= 0 {
		return refuse(NothingToPay)
	}
	q := Quote{Publisher: p.Publisher, Method: p.Method, Currency: c, Gross: b.Available, Fee: method.Fee}
	if !p.Tax.Percent.IsZero() {
		tax, err := money.Percent(q.Gross, p.Tax.Percent, money.One(), c.Exponent(), c.Exponent())
		if err != nil {
			return refuse(BadDetails, "fault", "tax: "+err.Error())
		}
		q.Tax, q.Authority = tax, p.Tax.Authority
	}
	// Both are at most the gross here or the payout is refused, so the difference cannot overflow.
	if q.Fee >= q.Gross || q.Tax >= q.Gross-q.Fee {
		return refuse(EatenUp, "balance", amount(q.Gross), "fee", amount(q.Fee), "tax", amount(q.Tax))
	}
	q.Net = q.Gross - q.Fee - q.Tax
	return q, nil
}

// below reports whether a balance misses the program's minimum: some programs want it reached, others exceeded.
func below(rules *program.Payout, available int64) bool {
	if rules.MustExceed {
		return available <= rules.Minimum
	}
	return available < rules.Minimum
}

// offered finds the terms of a method in a country.
func offered(terms *program.Terms, method, country string) *program.PayoutMethod {
	for i := range terms.Payout.Methods {
		m := &terms.Payout.Methods[i]
		if m.Method != method {
			continue
		}
		if len(m.Regions) == 0 {
			return m
		}
		for _, region := range m.Regions {
			if terms.InMarket(region, country) {
				return m
			}
		}
	}
	return nil
}

// Offers are the payout methods that a program has in a country, with their fees, in the order of its document.
func Offers(terms *program.Terms, country string) []program.PayoutMethod {
	var offers []program.PayoutMethod
	seen := make(map[string]bool)
	for _, m := range terms.Payout.Methods {
		if o := offered(terms, m.Method, country); o != nil && !seen[m.Method] {
			seen[m.Method] = true
			offers = append(offers, *o)
		}
	}
	return offers
}

func day(t time.Time, terms *program.Terms) string {
	if t.IsZero() {
		return ""
	}
	return t.In(terms.TimeZone).Format(time.DateOnly)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
