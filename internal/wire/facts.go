package wire

import (
	"fmt"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// object reads a whole line as one object, with a function for each known member.
func (r *Reader) line(line []byte, known map[string]func() error) error {
	if err := r.start(line); err != nil {
		return err
	}
	if err := r.fields(known); err != nil {
		return err
	}
	return r.s.end()
}

// fields reads an object, each member once.
func (r *Reader) fields(known map[string]func() error) error {
	seen := make(map[string]bool, len(known))
	return r.s.object(func(key []byte) error {
		read, ok := known[string(key)]
		if !ok {
			return unknown(key)
		}
		name := string(key)
		if seen[name] {
			return &Error{name, "stands twice"}
		}
		seen[name] = true
		if err := read(); err != nil {
			return at(err, name)
		}
		return nil
	})
}

func (r *Reader) str(dst *string) func() error {
	return func() error {
		b, err := r.s.text()
		*dst = string(b)
		return err
	}
}

// maybe makes a member optional: null stands for its absence.
func (r *Reader) maybe(read func() error) func() error {
	return func() error {
		if r.s.null() {
			return nil
		}
		return read()
	}
}

func (r *Reader) time(dst *time.Time) func() error {
	return func() (err error) {
		*dst, err = r.s.instant()
		return err
	}
}

func (r *Reader) bool(dst *bool) func() error {
	return func() (err error) {
		*dst, err = r.s.boolean()
		return err
	}
}

func (r *Reader) rate(dst **money.Rate) func() error {
	return func() error {
		b, err := r.s.text()
		if err != nil {
			return err
		}
		rate, err := money.ParseRate(string(b))
		if err != nil {
			return err
		}
		*dst = &rate
		return nil
	}
}

func (r *Reader) strings(dst *[]string) func() error {
	return func() error {
		return r.s.array(func(int) error {
			b, err := r.s.text()
			*dst = append(*dst, string(b))
			return err
		})
	}
}

// need checks that required members have a value.
func need(pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return missing(pairs[i])
		}
	}
	return nil
}

// AdSpace reads a line of publishers.jsonl.
func (r *Reader) AdSpace(line []byte) (*publisher.AdSpace, error) {
	var s publisher.AdSpace
	var traffic string
	err := r.line(line, map[string]func() error{
		"publisher": r.str(&s.Publisher), "ad_space": r.str(&s.ID), "program": r.str((*string)(&s.Program)),
		"traffic_type": r.str(&traffic), "approved_at": r.time(&s.ApprovedAt), "blocked_at": r.maybe(r.time(&s.BlockedAt)),
		"parent": r.maybe(r.str(&s.Parent)), "tracking_ids": r.maybe(r.strings(&s.TrackingIDs)), "coupons": r.maybe(r.strings(&s.Coupons)),
	})
	if err == nil {
		err = need("publisher", s.Publisher, "ad_space", s.ID, "program", string(s.Program), "traffic_type", traffic)
	}
	if err == nil && s.ApprovedAt.IsZero() {
		err = missing("approved_at")
	}
	if err != nil {
		return nil, err
	}
	if s.TrafficType, err = program.ParseTrafficType(traffic); err != nil {
		return nil, at(err, "traffic_type")
	}
	return &s, nil
}

// Product reads a line of products.jsonl.
func (r *Reader) Product(line []byte) (*catalog.Product, error) {
	var p catalog.Product
	affiliate := false
	err := r.line(line, map[string]func() error{
		"product": r.str(&p.ID), "store": r.str(&p.Store), "category": r.str(&p.Category),
		"affiliate": func() error { affiliate = true; return r.bool(&p.Affiliate)() },
		"hot_rate":  r.maybe(r.rate(&p.HotRate)), "virtual": r.maybe(r.bool(&p.Virtual)), "seller_rate": r.maybe(r.rate(&p.SellerRate)),
		"campaigns": r.maybe(func() error {
			return r.s.array(func(int) error {
				c, err := r.campaign()
				p.Campaigns = append(p.Campaigns, c)
				return err
			})
		}),
	})
	if err == nil {
		err = need("product", p.ID, "store", p.Store, "category", p.Category)
	}
	if err == nil && !affiliate {
		err = missing("affiliate")
	}
	if err != nil {
		return nil, err
	}
	hundred := money.MustRate("100")
	for name, rate := range map[string]*money.Rate{"hot_rate": p.HotRate, "seller_rate": p.SellerRate} {
		if rate != nil && rate.Cmp(hundred) > 0 {
			return nil, &Error{name, fmt.Sprintf("%v is more than 100 percent", rate)}
		}
	}
	return &p, nil
}

func (r *Reader) campaign() (catalog.Campaign, error) {
	var c catalog.Campaign
	var rate *money.Rate
	err := r.fields(map[string]func() error{"rate": r.rate(&rate), "from": r.time(&c.From), "to": r.time(&c.To)})
	switch {
	case err != nil:
		return c, err
	case rate == nil:
		return c, missing("rate")
	case c.From.IsZero():
		return c, missing("from")
	case c.To.IsZero():
		return c, missing("to")
	case !c.From.Before(c.To):
		return c, &Error{"to", "is not after from"}
	}
	c.Rate = *rate
	return c, nil
}

// Store reads a line of stores.jsonl.
func (r *Reader) Store(line []byte) (*seller.Store, error) {
	var s seller.Store
	err := r.line(line, map[string]func() error{
		"store": r.str(&s.ID), "name": r.maybe(r.str(&s.Name)), "lists": r.maybe(r.strings(&s.Lists)),
	})
	if err == nil {
		err = need("store", s.ID)
	}
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// Quote is a line of fx.jsonl: on a day one unit of Base was worth Rate units of Quote.
type Quote struct {
	Day         money.Day
	Base, Quote money.Currency
	Rate        money.Rate
}

// Quote reads a line of fx.jsonl.
func (r *Reader) Quote(line []byte) (Quote, error) {
	var day, base, quoted string
	var rate *money.Rate
	err := r.line(line, map[string]func() error{
		"date": r.str(&day), "base": r.str(&base), "quote": r.str(&quoted), "rate": r.rate(&rate),
	})
	if err == nil {
		err = need("date", day, "base", base, "quote", quoted)
	}
	if err == nil && rate == nil {
		err = missing("rate")
	}
	if err != nil {
		return Quote{}, err
	}
	q := Quote{Day: money.Day(day), Rate: *rate}
	if t, err := time.Parse(time.DateOnly, day); err != nil || t.Format(time.DateOnly) != day {
		return Quote{}, &Error{"date", fmt.Sprintf("%q is not a date such as 2026-11-20", day)}
	}
	if q.Base, err = money.ParseCurrency(base); err != nil {
		return Quote{}, at(err, "base")
	}
	if q.Quote, err = money.ParseCurrency(quoted); err != nil {
		return Quote{}, at(err, "quote")
	}
	if rate.IsZero() {
		return Quote{}, &Error{"rate", "is zero"}
	}
	return q, nil
}
