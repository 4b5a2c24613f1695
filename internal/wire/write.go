package wire

import (
	"time"

	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/settlement"
)

// AppendTime appends an RFC 3339 time in UTC, with microseconds where there are any.
func AppendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999Z07:00")
	return append(dst, '"')
}

func appendMember(dst []byte, name, value string) []byte {
	dst = append(dst, ',', '"')
	dst = append(dst, name...)
	dst = append(dst, '"', ':')
	return explain.AppendString(dst, value)
}

// appendOrNull appends a member that is null where it is empty.
func appendOrNull(dst []byte, name, value string) []byte {
	if value != "" {
		return appendMember(dst, name, value)
	}
	dst = append(dst, ',', '"')
	dst = append(dst, name...)
	return append(dst, `":null`...)
}

func appendMoney(dst []byte, name string, minor int64, exp int) []byte {
	dst = append(dst, ',', '"')
	dst = append(dst, name...)
	dst = append(dst, '"', ':', '"')
	dst = money.AppendDecimal(dst, minor, exp)
	return append(dst, '"')
}

// AppendCommission appends a line of commissions.jsonl: what was decided about one item.
func AppendCommission(dst []byte, d *settlement.Decision, item int) []byte {
	it := &d.Items[item]
	terms := d.Table.Terms()
	dst = append(dst, `{"order":`...)
	dst = explain.AppendString(dst, d.Order.Order)
	dst = appendMember(dst, "item", d.Order.Items[item].ID)
	dst = appendMember(dst, "program", string(terms.Program))
	dst = appendMember(dst, "state", it.State.String())
	space, clickID := "", ""
	if it.Space != nil {
		space = it.Space.ID
	}
	if it.Click != nil {
		clickID = it.Click.ID
	}
	dst = appendOrNull(dst, "publisher", it.Publisher())
	dst = appendOrNull(dst, "ad_space", space)
	dst = appendOrNull(dst, "tracking_id", it.TrackingID())
	dst = appendOrNull(dst, "click", clickID)
	dst = appendSub(dst, it)
	dst = appendMoney(dst, "base", it.Line.Base, d.Order.Currency.Exponent())
	dst = appendMember(dst, "currency", string(d.Order.Currency))
	dst = appendMember(dst, "rate", it.Line.Rated.Percent.String())
	dst = appendMoney(dst, "amount", it.Amount, terms.Currency.Exponent())
	dst = appendMember(dst, "program_currency", string(terms.Currency))
	dst = appendMember(dst, "rule", it.Rule)
	dst = append(dst, `,"explanation":[`...)
	for i, s := range d.Explain(item) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = s.AppendJSON(dst)
	}
	return append(dst, "]}\n"...)
}

func appendSub(dst []byte, it *settlement.Item) []byte {
	if it.Click == nil {
		return append(dst, `,"sub":null`...)
	}
	dst = append(dst, `,"sub":`...)
	start := len(dst)
	for _, m := range [...]struct{ name, value string }{
		{"af", it.Click.Sub.AF}, {"cn", it.Click.Sub.CN}, {"cv", it.Click.Sub.CV}, {"dp", it.Click.Sub.DP},
	} {
		if m.value != "" {
			dst = appendMember(dst, m.name, m.value)
		}
	}
	if len(dst) == start {
		return append(dst, "{}"...)
	}
	dst[start] = '{' // in the place of the first comma
	return append(dst, '}')
}

// AppendEntry appends a line of ledger.jsonl: one transaction with its postings.
func AppendEntry(dst []byte, t *ledger.Transaction) []byte {
	dst = append(dst, `{"entry":`...)
	dst = explain.AppendString(dst, t.ID)
	dst = append(dst, `,"at":`...)
	dst = AppendTime(dst, t.EffectiveAt)
	dst = appendMember(dst, "cause", t.Cause)
	dst = append(dst, `,"postings":[`...)
	exp := t.Currency.Exponent()
	for i, p := range t.Postings() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"account":`...)
		dst = explain.AppendString(dst, p.Account.String())
		dst = appendMoney(dst, "amount", p.Amount, exp)
		dst = appendMember(dst, "currency", string(t.Currency))
		dst = append(dst, '}')
	}
	return append(dst, "]}\n"...)
}
