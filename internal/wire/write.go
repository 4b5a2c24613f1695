package wire

import (
	"strconv"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/seller"
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

// AppendEvent appends a line of orders.jsonl. Amounts are in the event's own currency; refunds keep their text.
func AppendEvent(dst []byte, e *order.Event) []byte {
	dst = append(dst, `{"order":`...)
	dst = explain.AppendString(dst, e.Order)
	dst = appendMember(dst, "event", e.Kind.String())
	dst = append(dst, `,"at":`...)
	dst = AppendTime(dst, e.At)
	dst = appendMember(dst, "program", string(e.Program))
	if p := e.Placed; p != nil {
		dst = appendPlacement(dst, p)
	}
	if len(e.Items) > 0 {
		dst = append(dst, `,"items":[`...)
		for i, id := range e.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = explain.AppendString(dst, id)
		}
		dst = append(dst, ']')
	}
	if len(e.Refunds) > 0 {
		dst = append(dst, `,"items":[`...)
		for i, r := range e.Refunds {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"item":`...)
			dst = explain.AppendString(dst, r.Item)
			dst = appendMember(dst, "amount", r.Amount)
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	if e.Kind == order.Fraud || e.Kind == order.Held || e.Kind == order.Deducted {
		dst = appendMember(dst, "evidence", e.Evidence)
	}
	if e.Case != "" {
		dst = appendMember(dst, "case", e.Case)
	}
	return append(dst, "}\n"...)
}

func appendPlacement(dst []byte, p *order.Placement) []byte {
	for _, m := range [...]struct{ name, value string }{{"visitor", p.Visitor}, {"session", p.Session}, {"click", p.Click}} {
		if m.value != "" {
			dst = appendMember(dst, m.name, m.value)
		}
	}
	exp := p.Currency.Exponent()
	if p.CouponCode != "" {
		dst = append(dst, `,"coupon":{"code":`...)
		dst = explain.AppendString(dst, p.CouponCode)
		dst = appendMoney(dst, "amount", p.CouponAmount, exp)
		dst = append(dst, '}')
	}
	dst = append(dst, `,"buyer":{"id":`...)
	dst = explain.AppendString(dst, p.BuyerID)
	dst = append(dst, `,"new":`...)
	dst = strconv.AppendBool(dst, p.NewBuyer)
	dst = append(dst, '}')
	dst = appendMember(dst, "ship_to", p.ShipTo)
	dst = appendMember(dst, "currency", string(p.Currency))
	dst = append(dst, `,"items":[`...)
	for i := range p.Items {
		it := &p.Items[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"item":`...)
		dst = explain.AppendString(dst, it.ID)
		dst = appendMember(dst, "product", it.Product)
		dst = appendMember(dst, "store", it.Store)
		dst = appendMember(dst, "category", it.Category)
		dst = append(dst, `,"quantity":`...)
		dst = strconv.AppendInt(dst, it.Quantity, 10)
		dst = appendMoney(dst, "amount", it.Amount, exp)
		dst = append(dst, `,"in_stock":`...)
		dst = strconv.AppendBool(dst, it.InStock)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// AppendProduct appends a line of products.jsonl.
func AppendProduct(dst []byte, p *catalog.Product) []byte {
	dst = append(dst, `{"product":`...)
	dst = explain.AppendString(dst, p.ID)
	dst = appendMember(dst, "store", p.Store)
	dst = appendMember(dst, "category", p.Category)
	dst = append(dst, `,"affiliate":`...)
	dst = strconv.AppendBool(dst, p.Affiliate)
	if p.Virtual {
		dst = append(dst, `,"virtual":true`...)
	}
	if p.HotRate != nil {
		dst = appendMember(dst, "hot_rate", p.HotRate.String())
	}
	if p.SellerRate != nil {
		dst = appendMember(dst, "seller_rate", p.SellerRate.String())
	}
	for i, c := range p.Campaigns {
		if i == 0 {
			dst = append(dst, `,"campaigns":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"rate":`...)
		dst = explain.AppendString(dst, c.Rate.String())
		dst = append(dst, `,"from":`...)
		dst = AppendTime(dst, c.From)
		dst = append(dst, `,"to":`...)
		dst = AppendTime(dst, c.To)
		dst = append(dst, '}')
		if i == len(p.Campaigns)-1 {
			dst = append(dst, ']')
		}
	}
	return append(dst, "}\n"...)
}

// AppendStore appends a line of stores.jsonl.
func AppendStore(dst []byte, s *seller.Store) []byte {
	dst = append(dst, `{"store":`...)
	dst = explain.AppendString(dst, s.ID)
	if s.Name != "" {
		dst = appendMember(dst, "name", s.Name)
	}
	for i, l := range s.Lists {
		if i == 0 {
			dst = append(dst, `,"lists":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = explain.AppendString(dst, l)
		if i == len(s.Lists)-1 {
			dst = append(dst, ']')
		}
	}
	return append(dst, "}\n"...)
}

// AppendQuote appends a line of fx.jsonl.
func AppendQuote(dst []byte, q *Quote) []byte {
	dst = append(dst, `{"date":`...)
	dst = explain.AppendString(dst, string(q.Day))
	dst = appendMember(dst, "base", string(q.Base))
	dst = appendMember(dst, "quote", string(q.Quote))
	dst = appendMember(dst, "rate", q.Rate.String())
	return append(dst, "}\n"...)
}
