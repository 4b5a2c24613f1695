package links

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// Question is an address that somebody wants to know about (L5).
type Question struct {
	Address string
	// Publisher is whose question it is: of other publishers' links he learns only that they are not his. Empty: the operator's.
	Publisher string
	ShipTo    string // the delivery country that the rates are for; empty: none that the program treats in a special way
}

// Finding is why a link earns nothing, or may earn less than it seems: a stable code.
type Finding string

// The findings.
const (
	NotALink         Finding = "not_a_link"        // neither a link of ours nor a page of a program
	UnknownLink      Finding = "unknown_link"      // nobody has this code
	ForeignLink      Finding = "foreign_link"      // another publisher's
	LinkRevoked      Finding = "link_revoked"      // withdrawn by its publisher
	LinkBlocked      Finding = "link_blocked"      // stopped by the operator
	LinkDead         Finding = "link_dead"         // its target is gone
	NotJoined        Finding = "not_joined"        // the ad space has not joined the program, or is blocked
	ForbiddenTraffic Finding = "forbidden_traffic" // the program forbids the ad space's traffic type
	ProgramClosed    Finding = "program_closed"    // no terms are in force
	NotInCatalogue   Finding = "not_in_catalogue"  // the product is not listed (any more)
	NonAffiliate     Finding = "non_affiliate"     // its seller does not take part
	SellerLeaves     Finding = "seller_leaves"     // its seller stops taking part, at Until
	NoRate           Finding = "no_rate"           // the product's rate is 0
	PlainPage        Finding = "page_without_link" // a page of a program: it earns only through a link that is made for it
	UnknownProduct   Finding = "product_not_named" // the link names no product, so its rate depends on what is bought
)

// Answer is what the checker found out.
type Answer struct {
	Address   string
	Valid     bool // following it counts for somebody
	Earns     bool // and what it names earns a commission
	Findings  []Finding
	Link      *Link // nil: none, or another publisher's
	Program   program.ID
	LeadsTo   string
	Product   string
	Store     string
	Affiliate bool      // the product's seller takes part now
	Rate      Rate      // of a returning buyer
	NewBuyer  Rate      // of a new one
	Until     time.Time // when the rate or the taking part ends, as far as it is known; zero: not
}

// Rate is what the product earns now.
type Rate struct {
	Percent string // exact decimal; empty: not known
	Rule    string
}

func (a *Answer) find(f Finding) { a.Findings = append(a.Findings, f) }

// MaxCheck is how many addresses one call checks at most.
const MaxCheck = 1000

// Check says of each address whether it is a link, whose, where it leads, and what it earns until when (L5).
func (v *Service) Check(ctx context.Context, qs []Question) ([]Answer, error) {
	if len(qs) > MaxCheck {
		return nil, &field.Error{Field: "addresses", Reason: "one call checks 1,000 at most: split them"}
	}
	answers := make([]Answer, len(qs))
	err := v.store.View(ctx, func(tx store.Tx) error {
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		var products []string
		for i := range qs {
			if answers[i], err = v.look(ctx, tx, f, &qs[i]); err != nil {
				return err
			}
			if p := answers[i].Product; p != "" {
				products = append(products, p)
			}
		}
		known, err := catalogue(ctx, tx, products)
		if err != nil {
			return err
		}
		for i := range qs {
			rate(f, known, &qs[i], &answers[i], v.now())
		}
		return nil
	})
	return answers, err
}

// look finds out what an address is.
func (v *Service) look(ctx context.Context, tx store.Tx, f *facts.Facts, q *Question) (Answer, error) {
	a := Answer{Address: q.Address}
	address := strings.TrimSpace(q.Address)
	rest, ours := strings.CutPrefix(address, v.base+"/e/")
	if !ours {
		v.page(f, address, q.Publisher, &a)
		return a, nil
	}
	code, _, _ := strings.Cut(rest, "?")
	l, err := v.byCode(ctx, tx, code)
	if errors.Is(err, ErrNotFound) {
		a.find(UnknownLink)
		return a, nil
	}
	if err != nil {
		return a, err
	}
	if q.Publisher != "" && l.Publisher != q.Publisher {
		a.find(ForeignLink)
		return a, nil
	}
	a.Link, a.Program, a.LeadsTo, a.Product, a.Store = &l, l.Program, l.Target.URL, l.Target.Product, l.Target.Store
	switch l.State {
	case Revoked:
		a.find(LinkRevoked)
	case Blocked:
		a.find(LinkBlocked)
	case Dead:
		a.find(LinkDead)
	}
	now := v.now()
	terms := f.Terms(l.Program, now)
	if terms == nil {
		a.find(ProgramClosed)
		return a, nil
	}
	switch s := f.Space(l.Program, l.Publisher, l.AdSpace); {
	case s == nil || !s.JoinedAt(now):
		a.find(NotJoined)
	case terms.Traffic.For(s.TrafficType) == program.Forbidden:
		a.find(ForbiddenTraffic)
	}
	a.Valid = len(a.Findings) == 0
	return a, nil
}

// page looks for the program whose page an address is: of several with the same hosts, for one that the publisher has joined.
func (v *Service) page(f *facts.Facts, address, whose string, a *Answer) {
	now := v.now()
	if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
		host := strings.ToLower(u.Hostname())
		for _, id := range f.Programs() {
			if t := f.Terms(id, now); t == nil || !t.Page.Owns(host) {
				continue
			}
			member := hasJoined(f, id, whose, now)
			if a.Program == "" || member {
				a.Program, a.LeadsTo = id, address
			}
			if member {
				break
			}
		}
	}
	if a.Program == "" {
		a.find(NotALink)
		return
	}
	a.find(PlainPage)
}

// hasJoined reports whether an ad space of a publisher has joined a program.
func hasJoined(f *facts.Facts, id program.ID, whose string, now time.Time) bool {
	return whose != "" && slices.ContainsFunc(f.AdSpaces, func(s *publisher.AdSpace) bool {
		return s.Program == id && s.Publisher == whose && s.JoinedAt(now)
	})
}

// listed is what the catalogue has.
type listed struct {
	products map[string]*catalog.Product
	stores   map[string]*seller.Store
}

func catalogue(ctx context.Context, tx store.Tx, products []string) (listed, error) {
	found := listed{make(map[string]*catalog.Product), make(map[string]*seller.Store)}
	if len(products) == 0 {
		return found, nil
	}
	ps, ss, err := tx.Facts().Catalog(ctx, products, nil)
	if err != nil {
		return found, err
	}
	for _, p := range ps {
		found.products[p.ID] = p
	}
	for _, s := range ss {
		found.stores[s.ID] = s
	}
	return found, nil
}

// rate says what a link's product earns at the moment.
func rate(f *facts.Facts, known listed, q *Question, a *Answer, now time.Time) {
	if a.Link == nil {
		return
	}
	if a.Product == "" {
		a.find(UnknownProduct)
		a.Earns = a.Valid
		return
	}
	p := known.products[a.Product]
	if p == nil {
		a.find(NotInCatalogue)
		return
	}
	s := known.stores[p.Store]
	a.Store, a.Affiliate = p.Store, p.AffiliateAt(s, now)
	if !a.Affiliate {
		a.find(NonAffiliate)
	}
	table := f.Table(a.Program, now)
	if table == nil {
		return
	}
	space := f.Space(a.Program, a.Link.Publisher, a.Link.AdSpace)
	if space == nil {
		return
	}
	returning := ratedAt(table, p, s, a.Link, space, q.ShipTo, now, false)
	fresh := ratedAt(table, p, s, a.Link, space, q.ShipTo, now, true)
	a.Rate = Rate{returning.Percent.String(), returning.Rule}
	a.NewBuyer = Rate{fresh.Percent.String(), fresh.Rule}
	if returning.Percent.IsZero() && fresh.Percent.IsZero() && a.Affiliate {
		a.find(NoRate)
	}
	a.Earns = a.Valid && !(returning.Percent.IsZero() && fresh.Percent.IsZero())
	a.Until = until(table, p, s, now)
	if end := periodEnd(s, now); a.Affiliate && !end.IsZero() {
		a.find(SellerLeaves)
	}
}

func ratedAt(t *commission.Table, p *catalog.Product, s *seller.Store, l *Link, space *publisher.AdSpace, shipTo string, now time.Time, fresh bool) commission.Rated {
	return t.Rate(&commission.Facts{
		Product: p, Store: s, Category: p.Category, ItemProduct: p.ID, InStock: true, TrafficType: space.TrafficType,
		LinkKind: l.Target.Kind, LinkProduct: l.Target.Product, TrafficCheck: space.InTrafficCheck(now, t.Terms().Settlement.TrafficCheck),
		NewBuyer: fresh, ShipTo: shipTo, PlacedAt: now, Event: t.EventAt(now),
	})
}

// periodEnd is when a store that takes part stops, as far as it is known.
func periodEnd(s *seller.Store, now time.Time) time.Time {
	if s == nil {
		return time.Time{}
	}
	for _, p := range s.Periods {
		if !now.Before(p.From) && now.Before(p.To) {
			return p.To
		}
	}
	return time.Time{}
}

// eventDays is how far ahead the end of a sale event is looked for.
const eventDays = 60

// until is when what the product earns changes next, as far as it is known: its campaign, its seller's taking part or the sale
// event ends.
func until(t *commission.Table, p *catalog.Product, s *seller.Store, now time.Time) time.Time {
	end := periodEnd(s, now)
	earlier := func(at time.Time) {
		if end.IsZero() || at.Before(end) {
			end = at
		}
	}
	if c, ok := p.CampaignAt(s, now); ok {
		earlier(c.To)
	}
	if e := t.EventAt(now); e != nil {
		zone := t.Terms().TimeZone
		y, m, d := now.In(zone).Date()
		for i := 1; i <= eventDays; i++ {
			if midnight := time.Date(y, m, d+i, 0, 0, 0, 0, zone); t.EventAt(midnight) != e {
				earlier(midnight)
				break
			}
		}
	}
	return end.UTC()
}
