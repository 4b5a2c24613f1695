package storetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

// platformFaults are the platform's roles with their faults. It embeds the sound ones.
type platformFaults struct {
	store.Platform
	care      func(s store.Care) store.Care
	links     func(s store.Links) store.Links
	visits    func(s store.Visits) store.Visits
	joining   func(s store.Joining) store.Joining
	sellers   func(s store.Sellers) store.Sellers
	postbacks func(s store.Postbacks) store.Postbacks
	desk      func(s store.Desk) store.Desk
	reports   func(s store.Reports) store.Reports
	deaf      bool // sees no change of the facts
}

func (p *platformFaults) Links() store.Links {
	if p.links != nil {
		return p.links(p.Platform.Links())
	}
	return p.Platform.Links()
}

func (p *platformFaults) Visits() store.Visits {
	if p.visits != nil {
		return p.visits(p.Platform.Visits())
	}
	return p.Platform.Visits()
}

func inPlatform(f platformFaults) func(store.Store) *broken {
	return role(func(_ store.Store, tx *brokenTx) { f := f; f.Platform = tx.Tx.Platform(); tx.platform = &f })
}

type linkFaults struct {
	store.Links
	reserve func(ctx context.Context, s store.Links, n int) (int64, error)
	put     func(ctx context.Context, s store.Links, ls []store.Link) error
	changes func(ls []store.Link) []store.Link
	page    func(ls []store.Link) []store.Link
}

func (l linkFaults) Reserve(ctx context.Context, n int) (int64, error) {
	if l.reserve != nil {
		return l.reserve(ctx, l.Links, n)
	}
	return l.Links.Reserve(ctx, n)
}

func (l linkFaults) Put(ctx context.Context, ls []store.Link) error {
	if l.put != nil {
		return l.put(ctx, l.Links, ls)
	}
	return l.Links.Put(ctx, ls)
}

func (l linkFaults) Changes(ctx context.Context, after int64, limit int) ([]store.Link, error) {
	ls, err := l.Links.Changes(ctx, after, limit)
	if l.changes != nil {
		ls = l.changes(ls)
	}
	return ls, err
}

func (l linkFaults) Page(ctx context.Context, f store.LinkFilter, after string, limit int) ([]store.Link, string, error) {
	ls, next, err := l.Links.Page(ctx, f, after, limit)
	if l.page != nil {
		ls = l.page(ls)
	}
	return ls, next, err
}

func inLinks(f linkFaults) func(store.Store) *broken {
	return inPlatform(platformFaults{links: func(s store.Links) store.Links { f := f; f.Links = s; return f }})
}

type visitFaults struct {
	store.Visits
	get         func(v store.Visit) store.Visit
	setPosition func(ctx context.Context, s store.Visits, log, position string) error
}

func (v visitFaults) Get(ctx context.Context, p program.ID, click string) (store.Visit, error) {
	found, err := v.Visits.Get(ctx, p, click)
	if v.get != nil && err == nil {
		found = v.get(found)
	}
	return found, err
}

func (v visitFaults) SetPosition(ctx context.Context, log, position string) error {
	if v.setPosition != nil {
		return v.setPosition(ctx, v.Visits, log, position)
	}
	return v.Visits.SetPosition(ctx, log, position)
}

func inVisits(f visitFaults) func(store.Store) *broken {
	return inPlatform(platformFaults{visits: func(s store.Visits) store.Visits { f := f; f.Visits = s; return f }})
}

func (p *platformFaults) FactsVersion(ctx context.Context) (int64, error) {
	if p.deaf {
		return 1, nil
	}
	return p.Platform.FactsVersion(ctx)
}

// forgetful forgets more than it should.
type forgetful struct{ store.Store }

func (f forgetful) Tidy(ctx context.Context, now time.Time, keep store.Retention) (store.Tidied, error) {
	if keep.Visits > 0 {
		keep.Visits = time.Hour
	}
	return f.Store.Tidy(ctx, now, keep)
}

type joiningFaults struct {
	store.Joining
	places func([]store.Place)
	put    func(ctx context.Context, s store.Joining, a store.Application) (store.Application, error)
}

func (j joiningFaults) Places(ctx context.Context, publisher string) ([]store.Place, error) {
	all, err := j.Joining.Places(ctx, publisher)
	if j.places != nil {
		j.places(all)
	}
	return all, err
}

func (j joiningFaults) PutApplication(ctx context.Context, a store.Application) (store.Application, error) {
	if j.put != nil {
		return j.put(ctx, j.Joining, a)
	}
	return j.Joining.PutApplication(ctx, a)
}

func (p *platformFaults) Joining() store.Joining {
	if p.joining != nil {
		return p.joining(p.Platform.Joining())
	}
	return p.Platform.Joining()
}

func inJoining(f joiningFaults) func(store.Store) *broken {
	return inPlatform(platformFaults{joining: func(s store.Joining) store.Joining { f := f; f.Joining = s; return f }})
}

type postbackFaults struct {
	store.Postbacks
	endpoints func([]store.Endpoint)
	changes   func([]store.ItemChange)
	due       func([]store.Delivery) []store.Delivery
	page      func([]store.Delivery) []store.Delivery
	filter    func(*store.DeliveryFilter)
	cursor    func(int64) int64
}

func (p postbackFaults) Cursor(ctx context.Context, id program.ID) (int64, error) {
	n, err := p.Postbacks.Cursor(ctx, id)
	if p.cursor != nil {
		n = p.cursor(n)
	}
	return n, err
}

func (p postbackFaults) Endpoints(ctx context.Context, publisher string) ([]store.Endpoint, error) {
	all, err := p.Postbacks.Endpoints(ctx, publisher)
	if p.endpoints != nil {
		p.endpoints(all)
	}
	return all, err
}

func (p postbackFaults) Changes(ctx context.Context, id program.ID, after int64, limit int) ([]store.ItemChange, error) {
	all, err := p.Postbacks.Changes(ctx, id, after, limit)
	if p.changes != nil {
		p.changes(all)
	}
	return all, err
}

func (p postbackFaults) DueDeliveries(ctx context.Context, at time.Time, limit int) ([]store.Delivery, error) {
	all, err := p.Postbacks.DueDeliveries(ctx, at, limit)
	if p.due != nil {
		all = p.due(all)
	}
	return all, err
}

func (p postbackFaults) DeliveryPage(ctx context.Context, f store.DeliveryFilter, after string, limit int) ([]store.Delivery, string, error) {
	if p.filter != nil {
		p.filter(&f)
	}
	all, next, err := p.Postbacks.DeliveryPage(ctx, f, after, limit)
	if p.page != nil {
		all = p.page(all)
	}
	return all, next, err
}

func (p *platformFaults) Postbacks() store.Postbacks {
	if p.postbacks != nil {
		return p.postbacks(p.Platform.Postbacks())
	}
	return p.Platform.Postbacks()
}

func inPostbacks(f postbackFaults) func(store.Store) *broken {
	return inPlatform(platformFaults{postbacks: func(s store.Postbacks) store.Postbacks { f := f; f.Postbacks = s; return f }})
}

type caseFaults struct {
	store.Cases
	any  bool // takes any revision
	page func([]store.CaseRow) []store.CaseRow
	due  func([]store.CaseRow) []store.CaseRow
	cut  bool
}

func (c caseFaults) Put(ctx context.Context, row store.CaseRow, revision int) error {
	if _, is, err := c.Get(ctx, row.ID); c.any && err == nil {
		revision = is
	}
	return c.Cases.Put(ctx, row, revision)
}

func (c caseFaults) Page(ctx context.Context, f store.CaseFilter, after string, limit int) ([]store.CaseRow, string, error) {
	all, next, err := c.Cases.Page(ctx, f, after, limit)
	if c.page != nil {
		all = c.page(all)
	}
	return all, next, err
}

func (c caseFaults) Due(ctx context.Context, at time.Time, limit int) ([]store.CaseRow, error) {
	all, err := c.Cases.Due(ctx, at, limit)
	if c.due != nil {
		all = c.due(all)
	}
	return all, err
}

func (c caseFaults) PutFile(ctx context.Context, f store.CaseFile) error {
	if c.cut {
		f.Data = f.Data[:min(len(f.Data), 1)]
	}
	return c.Cases.PutFile(ctx, f)
}

// casesDesk is a desk whose cases are kept badly.
type casesDesk struct {
	store.Desk
	faults caseFaults
}

func (d casesDesk) Cases() store.Cases {
	f := d.faults
	f.Cases = d.Desk.Cases()
	return f
}

func inCases(f caseFaults) func(store.Store) *broken {
	return inPlatform(platformFaults{desk: func(s store.Desk) store.Desk { return casesDesk{s, f} }})
}

func platformFaultList() []fault {
	return []fault{
		{name: "lets two people change a case at once", caught: []string{"a case is replaced"}, break_: inCases(caseFaults{any: true})},
		{name: "keeps the beginning of a file", caught: []string{"files of a case"}, break_: inCases(caseFaults{cut: true})},
		{name: "lists the oldest case first", caught: []string{"Cases.Page"}, break_: inCases(caseFaults{page: reversed[store.CaseRow]})},
		{name: "lets the latest hold run out first", caught: []string{"Cases.Due"}, break_: inCases(caseFaults{due: reversed[store.CaseRow]})},
		{name: "mixes the secrets of an endpoint up", caught: []string{"endpoints come back"},
			break_: inPostbacks(postbackFaults{endpoints: func(all []store.Endpoint) {
				for i := range all {
					slices.Reverse(all[i].Secrets)
				}
			}})},
		{name: "takes the first decision for the one before", caught: []string{"whoever follows the decisions"},
			break_: inPostbacks(postbackFaults{changes: func(all []store.ItemChange) {
				for i := range all {
					all[i].Amount = min(all[i].Amount, 90)
				}
			}})},
		{name: "gives an old cursor", caught: []string{"of writers that have the cursor"}, break_: inPostbacks(postbackFaults{cursor: func(n int64) int64 { return max(0, n-1) }})},
		{name: "sends the latest delivery first", caught: []string{"deliveries are due"}, break_: inPostbacks(postbackFaults{due: reversed[store.Delivery]})},
		{name: "lists deliveries in every state", caught: []string{"Postbacks.DeliveryPage"}, break_: inPostbacks(postbackFaults{filter: func(f *store.DeliveryFilter) { f.State = "" }})},
		{name: "lists the oldest delivery first", caught: []string{"Postbacks.DeliveryPage"}, break_: inPostbacks(postbackFaults{page: reversed[store.Delivery]})},
		{name: "takes every ad space for verified", caught: []string{"what publishers say"},
			break_: inJoining(joiningFaults{places: func(all []store.Place) {
				for i := range all {
					all[i].VerifiedBy = "dns"
				}
			}})},
		{name: "lets an ad space apply twice", caught: []string{"one application of an ad space", "of writers that apply"},
			break_: inJoining(joiningFaults{put: func(ctx context.Context, s store.Joining, a store.Application) (store.Application, error) {
				out, err := s.PutApplication(ctx, a)
				return out, swallow(err, store.ErrConflict)
			}})},
		{name: "forgets the substitute", caught: []string{"links come back"},
			break_: inLinks(linkFaults{put: func(ctx context.Context, s store.Links, ls []store.Link) error {
				ls = slices.Clone(ls)
				for i := range ls {
					ls[i].Substitute = ls[i].Target
				}
				return s.Put(ctx, ls)
			}})},
		{name: "hides that a code is taken", caught: []string{"a link id or code"},
			break_: inLinks(linkFaults{put: func(ctx context.Context, s store.Links, ls []store.Link) error {
				return swallow(s.Put(ctx, ls), store.ErrConflict)
			}})},
		{name: "gives ids twice", caught: []string{"reserved link ids"},
			break_: inLinks(linkFaults{reserve: func(ctx context.Context, s store.Links, n int) (int64, error) {
				id, err := s.Reserve(ctx, n)
				return id/2 + 1, err
			}})},
		{name: "loses a change in eight", caught: []string{"whoever follows the changes"},
			break_: inLinks(linkFaults{changes: func(ls []store.Link) []store.Link {
				return slices.DeleteFunc(ls, func(l store.Link) bool { return l.ID%8 == 3 })
			}})},
		{name: "gives the oldest link first", caught: []string{"Links.Page returns"}, break_: inLinks(linkFaults{page: reversed[store.Link]})},
		{name: "takes a country for another", caught: []string{"visits come back"},
			break_: inVisits(visitFaults{get: func(v store.Visit) store.Visit { v.Country = "XX"; return v }})},
		{name: "keeps a position for all logs", caught: []string{"the position of a log"},
			break_: inVisits(visitFaults{setPosition: func(ctx context.Context, s store.Visits, _, position string) error {
				return s.SetPosition(ctx, "a", position)
			}})},
		{name: "sees no change of the facts", caught: []string{"the version of the facts"}, break_: inPlatform(platformFaults{deaf: true})},
		{name: "keeps what came first", caught: []string{"a touch known from its token"},
			break_: inClicks(clickFaults{insert: func(ctx context.Context, s store.Clicks, cs []*click.Click) ([]*click.Click, error) {
				cs = slices.Clone(cs)
				for i, c := range cs {
					full := *c
					full.TokenOnly = false
					cs[i] = &full
				}
				return s.Insert(ctx, cs)
			}})},
		{name: "forgets more than the policy says", caught: []string{"Tidy keeps"},
			break_: func(s store.Store) *broken { return &broken{Store: forgetful{s}} }},
	}
}
