// Package sellers is what sellers decide about their stores: taking part, rates and campaigns; and what publishers see of it (S1, S2).
//
// A store takes part in the marketplace, so in all its programs. A seller's day ends when it has ended in the zone of every
// program, and what a seller changes takes effect then at the earliest, except joining, which takes effect at once.
package sellers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

// Offer is a rate or a campaign as it is kept.
type Offer = store.StoreOffer

// Change is something that was changed of a store, and who did it.
type Change = store.StoreChange

// What services return.
var (
	ErrNotFound = store.ErrNotFound
	ErrConflict = store.ErrConflict
	ErrCursor   = store.ErrInvalid
)

// What a Change says.
const (
	Joined   = "join"
	Left     = "leave"
	Rated    = "rate"
	Campaign = "campaign"
	Ended    = "end"
)

// Service keeps what sellers decide.
type Service struct {
	store store.Store
	now   func() time.Time
	facts facts.Cache
}

// New returns a service over a store.
func New(s store.Store, now func() time.Time) *Service { return &Service{store: s, now: now} }

func (v *Service) at() time.Time { return v.now().UTC().Truncate(time.Microsecond) }

// Range is what a program allows sellers to set, percent (S2).
type Range struct {
	Program  program.ID
	Min, Max money.Rate
}

// Outlook is a store, and what would happen when.
type Outlook struct {
	Store *seller.Store
	// TakesPart says whether the store takes part now; where Known is false, that is said product by product.
	TakesPart, Known bool
	EndsAt           time.Time // when it stops: the notice was given; zero: it was not
	MayJoin          bool
	JoinFrom         time.Time // of one that may not join yet: when it may
	MayLeave         bool
	LeavesAt         time.Time // when it would stop if it left now
	NextDay          time.Time // when a higher rate or a campaign may take effect at the earliest
	LowerFrom        time.Time // when a lower rate may take effect at the earliest
	Rate             *money.Rate
	Campaign         *seller.Offer // of the whole store, in force
	Ranges           []Range       // of the programs that ask sellers for rates
}

// world is what the rules of sellers depend on.
type world struct {
	zones []*time.Location
	terms []*program.Terms // of the programs that ask sellers for rates
	now   time.Time
	first time.Time // the next day
}

func (v *Service) world(ctx context.Context, tx store.Tx) (*world, error) {
	f, err := v.facts.Current(ctx, tx)
	if err != nil {
		return nil, err
	}
	w := &world{now: v.at()}
	for _, id := range f.Programs() {
		t := f.Terms(id, w.now)
		if t == nil {
			continue
		}
		w.zones = append(w.zones, t.TimeZone)
		if asksSellers(t) {
			w.terms = append(w.terms, t)
		}
	}
	w.first = seller.NextDay(w.now, w.zones)
	return w, nil
}

// asksSellers reports whether a program pays rates that sellers set.
func asksSellers(t *program.Terms) bool {
	return slices.ContainsFunc(t.Rates.Steps, func(s program.RateStep) bool {
		return s.Kind == program.StepMarket || s.Kind == program.StepCampaign || s.Kind == program.StepSellerRate
	})
}

func rangeOf(t *program.Terms) Range {
	r := Range{t.Program, money.MustRate("0"), money.MustRate("100")}
	for _, s := range t.Rates.Steps {
		if s.Kind == program.StepMarket {
			r.Min, r.Max = s.Min, s.Max
		}
	}
	return r
}

func (w *world) outlook(s *seller.Store) Outlook {
	o := Outlook{Store: s, NextDay: w.first, LowerFrom: seller.NextDay(w.now.Add(seller.LowerNotice), w.zones), Rate: s.RateAt(w.now)}
	o.TakesPart, o.Known = s.ParticipatesAt(w.now)
	if o.TakesPart {
		o.EndsAt = s.Periods[len(s.Periods)-1].To
	}
	if left, err := leave(s, w); err == nil {
		o.MayLeave, o.LeavesAt = true, left[len(left)-1].To
	}
	if _, err := join(s, w.now); err == nil {
		o.MayJoin = true
	} else if n := len(s.Periods); n > 0 && !o.TakesPart {
		o.JoinFrom = s.Periods[n-1].To.Add(seller.RejoinPause)
	}
	if c := seller.CampaignOf(s.Offers, w.now); c != nil && !s.Out(w.now) {
		o.Campaign = c
	}
	for _, t := range w.terms {
		o.Ranges = append(o.Ranges, rangeOf(t))
	}
	return o
}

// always is when a store began of which only its products said whether they take part: so nothing of its past changes.
func always() time.Time { return time.Unix(0, 0).UTC() }

func leave(s *seller.Store, w *world) ([]seller.Period, error) {
	one := *s
	if len(one.Periods) == 0 {
		one.Periods = []seller.Period{{From: always()}}
	}
	// The zone whose day ends last.
	zone := time.UTC
	for _, z := range w.zones {
		if seller.NextDay(w.now, []*time.Location{z}).Equal(w.first) {
			zone = z
			break
		}
	}
	return one.Leave(w.now, zone)
}

func join(s *seller.Store, now time.Time) ([]seller.Period, error) {
	if len(s.Periods) == 0 {
		return []seller.Period{{From: always()}}, nil
	}
	return s.Join(now)
}

// Stores returns what there is of stores and what would happen when, by id; unknown ones are left out.
func (v *Service) Stores(ctx context.Context, ids []string) (all []Outlook, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		all, err = v.outlooks(ctx, tx, ids)
		return err
	})
	return all, err
}

func (v *Service) outlooks(ctx context.Context, tx store.Tx, ids []string) ([]Outlook, error) {
	w, err := v.world(ctx, tx)
	if err != nil {
		return nil, err
	}
	_, stores, err := tx.Facts().Catalog(ctx, nil, ids)
	if err != nil {
		return nil, fmt.Errorf("reading stores: %w", err)
	}
	all := make([]Outlook, len(stores))
	for i, s := range stores {
		all[i] = w.outlook(s)
	}
	return all, nil
}

// Store returns a store, or ErrNotFound.
func (v *Service) Store(ctx context.Context, id string) (Outlook, error) {
	all, err := v.Stores(ctx, []string{id})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("store %.70q: %w", id, ErrNotFound)
	}
	if err != nil {
		return Outlook{}, err
	}
	return all[0], nil
}

// All returns a page of the stores whose id or name holds some words (none: of all), by id.
func (v *Service) All(ctx context.Context, words, after string, limit int) (all []Outlook, next string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		var ids []string
		if ids, next, err = tx.Platform().Sellers().Stores(ctx, words, after, limit); err != nil {
			return err
		}
		all, err = v.outlooks(ctx, tx, ids)
		return err
	})
	return all, next, err
}

// Products returns a page of a store's products, by id.
func (v *Service) Products(ctx context.Context, id, after string, limit int) (all []*catalog.Product, next string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		var ids []string
		if ids, next, err = tx.Platform().Sellers().Products(ctx, id, after, limit); err != nil {
			return err
		}
		all, _, err = tx.Facts().Catalog(ctx, ids, nil)
		return err
	})
	return all, next, err
}

// Changes returns a page of what was changed of a store, the newest first.
func (v *Service) Changes(ctx context.Context, id, after string, limit int) (all []Change, next string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		all, next, err = tx.Platform().Sellers().Changes(ctx, id, after, limit)
		return err
	})
	return all, next, err
}

// update reads a store and changes it as the only one that changes facts.
func (v *Service) update(ctx context.Context, id, by string, do func(tx store.Tx, w *world, s *seller.Store) error) error {
	if by == "" {
		return field.Wrong("by", "it is missing: changes of a store have a name")
	}
	return v.store.Update(ctx, func(tx store.Tx) error {
		// No program has an empty name, so this waits for other changes of facts and for no settling.
		if err := tx.Orders().Lock(ctx, ""); err != nil {
			return fmt.Errorf("waiting for other changes of facts: %w", err)
		}
		w, err := v.world(ctx, tx)
		if err != nil {
			return err
		}
		_, stores, err := tx.Facts().Catalog(ctx, nil, []string{id})
		if err != nil {
			return fmt.Errorf("reading stores: %w", err)
		}
		if len(stores) == 0 {
			return fmt.Errorf("store %.70q: %w", id, ErrNotFound)
		}
		return do(tx, w, stores[0])
	})
}

// Join lets a store take part from now on (S1). One that takes part already, or left and has not waited long enough, is a conflict.
func (v *Service) Join(ctx context.Context, id, by string) (Outlook, error) {
	return v.part(ctx, id, by, Joined, func(s *seller.Store, w *world) ([]seller.Period, error) { return join(s, w.now) })
}

// Leave lets a store stop taking part at the end of the day (S1). One that does not take part, or leaves already, is a conflict.
func (v *Service) Leave(ctx context.Context, id, by string) (Outlook, error) {
	return v.part(ctx, id, by, Left, leave)
}

func (v *Service) part(ctx context.Context, id, by, what string, plan func(*seller.Store, *world) ([]seller.Period, error)) (Outlook, error) {
	var out Outlook
	err := v.update(ctx, id, by, func(tx store.Tx, w *world, s *seller.Store) error {
		periods, err := plan(s, w)
		if err != nil {
			return fmt.Errorf("%w: %w", err, ErrConflict)
		}
		s.Periods = periods
		if err := tx.Facts().PutCatalog(ctx, nil, []*seller.Store{s}); err != nil {
			return err
		}
		out = w.outlook(s)
		c := Change{Store: id, At: w.now, By: by, What: what, From: w.now}
		if what == Left {
			c.From = periods[len(periods)-1].To
		}
		return note(ctx, tx, w, c)
	})
	return out, err
}

// note keeps changes of a store, for its seller and in the log of everything.
func note(ctx context.Context, tx store.Tx, w *world, changes ...Change) error {
	if err := tx.Platform().Sellers().Note(ctx, changes); err != nil {
		return err
	}
	acts := make([]audit.Act, len(changes))
	for i, c := range changes {
		after := audit.Values{}
		for name, value := range map[string]string{"product": c.Product, "campaign": c.Campaign, "rate": c.Rate} {
			if value != "" {
				after[name] = value
			}
		}
		for name, at := range map[string]time.Time{"from": c.From, "to": c.To} {
			if !at.IsZero() {
				after[name] = at.Format(time.RFC3339)
			}
		}
		acts[i] = audit.Act{Action: "store." + c.What, Object: "store " + c.Store, After: after}
	}
	return audit.Note(ctx, tx, w.now, acts...)
}

// Rate is a standing rate that a seller wants.
type Rate struct {
	Store   string
	Product string // empty: the whole store
	Percent *money.Rate
	From    time.Time // the day on which it takes effect; zero: as soon as the rules allow
	By      string
}

// SetRate sets the standing rate of a store or one product of it, or takes it away where Percent is nil (S2). A rate outside the
// range of a program, or too early, is a *field.Error. It returns when it takes effect.
func (v *Service) SetRate(ctx context.Context, r Rate) (time.Time, error) {
	var from time.Time
	err := v.update(ctx, r.Store, r.By, func(tx store.Tx, w *world, s *seller.Store) error {
		p, err := productOf(ctx, tx, s, r.Product)
		if err != nil {
			return err
		}
		b := &book{w: w, s: s, by: r.By}
		if from, err = b.rate(p, r.Percent, r.From); err != nil {
			return err
		}
		return b.keep(ctx, tx)
	})
	return from, err
}

// Wish is a campaign that a seller wants.
type Wish struct {
	Store    string
	Name     string
	Products []string // none: the whole store
	Percent  *money.Rate
	From, To time.Time // the days of its beginning and of its end, on which it still runs
	By       string
}

// MaxProducts is how many products one campaign or file may name.
const MaxProducts = 10_000

// SetCampaign plans a campaign (S2).
func (v *Service) SetCampaign(ctx context.Context, c Wish) error {
	return v.update(ctx, c.Store, c.By, func(tx store.Tx, w *world, s *seller.Store) error {
		b := &book{w: w, s: s, by: c.By}
		ids := slices.Compact(slices.Sorted(slices.Values(c.Products)))
		if len(ids) > MaxProducts {
			return field.Wrong("products", "one campaign has 10,000 products at most; the whole store needs none named")
		}
		if len(ids) == 0 {
			if err := b.campaign(nil, c.Name, c.Percent, c.From, c.To); err != nil {
				return err
			}
		}
		known, err := productsOf(ctx, tx, s, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			p := known[id]
			if p == nil {
				return field.Wrong("products", "the store has no product %.70q", id)
			}
			if err := b.campaign(p, c.Name, c.Percent, c.From, c.To); err != nil {
				return err
			}
		}
		return b.keep(ctx, tx)
	})
}

// EndCampaign ends a campaign of a store, of all its products that run or are planned under the name: what has not begun is taken
// away, what runs ends after its notice. A name that no such campaign has is ErrNotFound.
func (v *Service) EndCampaign(ctx context.Context, id, name, by string) error {
	return v.update(ctx, id, by, func(tx store.Tx, w *world, s *seller.Store) error {
		b := &book{w: w, s: s, by: by}
		found := false
		for after := ""; ; {
			page, next, err := tx.Platform().Sellers().Offers(ctx, store.OfferFilter{Store: id, Campaigns: true, Until: w.now}, after, 1000)
			if err != nil {
				return err
			}
			for _, o := range page {
				if o.Campaign != name {
					continue
				}
				found = true
				c, err := seller.EndCampaign([]seller.Offer{o.Offer}, name, o.From, w.now, w.zones)
				if err != nil {
					return rule("campaign", err)
				}
				b.plan(o.Product, c)
				for _, x := range c.Put {
					b.notes = append(b.notes, Change{What: Ended, Product: o.Product, Campaign: name, From: x.To})
				}
				for range c.Drop {
					b.notes = append(b.notes, Change{What: Ended, Product: o.Product, Campaign: name, From: w.now})
				}
			}
			if after = next; after == "" {
				break
			}
		}
		if !found {
			return fmt.Errorf("campaign %.70q: %w", name, ErrNotFound)
		}
		return b.keep(ctx, tx)
	})
}

// productOf is a product of a store, nil where none is named.
func productOf(ctx context.Context, tx store.Tx, s *seller.Store, id string) (*catalog.Product, error) {
	if id == "" {
		return nil, nil
	}
	known, err := productsOf(ctx, tx, s, []string{id})
	if err != nil {
		return nil, err
	}
	if known[id] == nil {
		return nil, field.Wrong("product", "the store has no product %.70q", id)
	}
	return known[id], nil
}

// productsOf are products of a store; those of others are not there.
func productsOf(ctx context.Context, tx store.Tx, s *seller.Store, ids []string) (map[string]*catalog.Product, error) {
	known := make(map[string]*catalog.Product, len(ids))
	for batch := range slices.Chunk(ids, 1000) {
		ps, _, err := tx.Facts().Catalog(ctx, batch, nil)
		if err != nil {
			return nil, fmt.Errorf("reading products: %w", err)
		}
		for _, p := range ps {
			if p.Store == s.ID {
				known[p.ID] = p
			}
		}
	}
	return known, nil
}

// book collects the changes of a store's offers.
type book struct {
	w         *world
	s         *seller.Store
	by        string
	put, drop []Offer
	notes     []Change
}

func rule(name string, err error) error {
	var r *seller.RuleError
	if errors.As(err, &r) {
		return field.Wrong(name, "%s", r.Reason)
	}
	return err
}

// offers are those of the store, or of a product.
func (b *book) offers(p *catalog.Product) *[]seller.Offer {
	if p == nil {
		return &b.s.Offers
	}
	return &p.Offers
}

// percent checks a rate against the ranges of all programs that ask sellers for one.
func (b *book) percent(r *money.Rate) error {
	for _, t := range b.w.terms {
		if err := seller.CheckRate(t, *r); err != nil {
			return field.Wrong("rate", "%s", err.Error())
		}
	}
	return nil
}

func (b *book) rate(p *catalog.Product, r *money.Rate, day time.Time) (time.Time, error) {
	from := b.w.first
	if !day.IsZero() {
		from = seller.Dawn(day, b.w.zones)
	}
	if r != nil {
		if err := b.percent(r); err != nil {
			return from, err
		}
	}
	below := b.s.Rate
	if p != nil {
		if below = p.SellerRate; below == nil {
			below = b.s.RateAt(from)
		}
	}
	offers := b.offers(p)
	c, err := seller.SetRate(*offers, below, r, from, b.w.now, b.w.first)
	var early *seller.RuleError
	if errors.As(err, &early) && day.IsZero() && !early.Earliest.IsZero() { // as soon as the rules allow
		from = seller.NextDay(early.Earliest, b.w.zones)
		c, err = seller.SetRate(*offers, below, r, from, b.w.now, b.w.first)
	}
	if err != nil {
		return from, rule("from", err)
	}
	id := ""
	if p != nil {
		id = p.ID
	}
	b.plan(id, c)
	apply(offers, c)
	n := Change{What: Rated, Product: id, From: from}
	if r != nil {
		n.Rate = r.String()
	}
	b.notes = append(b.notes, n)
	return from, nil
}

func (b *book) campaign(p *catalog.Product, name string, r *money.Rate, first, last time.Time) error {
	if name = strings.TrimSpace(name); name == "" || len(name) > 100 {
		return field.Wrong("campaign", "give a name of up to 100 characters that publishers see")
	}
	switch {
	case r == nil:
		return field.Wrong("rate", "it is missing")
	case first.IsZero():
		return field.Wrong("from", "it is missing: name the first day")
	case last.IsZero():
		return field.Wrong("to", "it is missing: name the last day")
	}
	if err := b.percent(r); err != nil {
		return err
	}
	from, to := seller.Dawn(first, b.w.zones), seller.Dawn(last.AddDate(0, 0, 1), b.w.zones)
	below, id := b.s.RateAt(from), ""
	if p != nil {
		below, id = p.RateAt(b.s, from), p.ID
	}
	offers := b.offers(p)
	c, err := seller.SetCampaign(*offers, below, name, *r, from, to, b.w.first)
	if err != nil {
		return rule("from", err)
	}
	b.plan(id, c)
	apply(offers, c)
	b.notes = append(b.notes, Change{What: Campaign, Product: id, Campaign: name, Rate: r.String(), From: from, To: to})
	return nil
}

// plan takes a change of the offers of a product, or of the store.
func (b *book) plan(product string, c seller.Change) {
	for _, o := range c.Put {
		b.put = append(b.put, Offer{Store: b.s.ID, Product: product, Offer: o, EnteredAt: b.w.now, EnteredBy: b.by})
	}
	for _, o := range c.Drop {
		b.drop = append(b.drop, Offer{Store: b.s.ID, Product: product, Offer: o})
	}
}

// apply makes a change of offers in memory, so that what comes next in one call sees it.
func apply(offers *[]seller.Offer, c seller.Change) {
	same := func(a seller.Offer) func(seller.Offer) bool {
		return func(o seller.Offer) bool { return o.Campaign == a.Campaign && o.From.Equal(a.From) }
	}
	all := slices.Clone(*offers)
	for _, o := range slices.Concat(c.Drop, c.Put) {
		all = slices.DeleteFunc(all, same(o))
	}
	all = append(all, c.Put...)
	slices.SortFunc(all, func(a, b seller.Offer) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Campaign, b.Campaign))
	})
	*offers = all
}

// keep writes the changes down.
func (b *book) keep(ctx context.Context, tx store.Tx) error {
	role := tx.Platform().Sellers()
	if err := role.DropOffers(ctx, b.drop); err != nil {
		return err
	}
	if err := role.PutOffers(ctx, b.put); err != nil {
		return err
	}
	for i := range b.notes {
		b.notes[i].Store, b.notes[i].At, b.notes[i].By = b.s.ID, b.w.now, b.by
	}
	if len(b.notes) == 0 {
		return nil
	}
	return note(ctx, tx, b.w, b.notes...)
}
