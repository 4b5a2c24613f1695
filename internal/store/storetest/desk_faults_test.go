package storetest_test

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

// deskFaults are the roles of the desk with their faults. It embeds the sound ones.
type deskFaults struct {
	store.Desk
	inquiries     func(s store.Inquiries) store.Inquiries
	announcements func(s store.Announcements) store.Announcements
	packs         func(s store.Packs) store.Packs
	audience      func(a store.Audience) store.Audience
	manager       func(a store.Asker) store.Asker
}

func (d deskFaults) Inquiries() store.Inquiries {
	if d.inquiries != nil {
		return d.inquiries(d.Desk.Inquiries())
	}
	return d.Desk.Inquiries()
}

func (d deskFaults) Announcements() store.Announcements {
	if d.announcements != nil {
		return d.announcements(d.Desk.Announcements())
	}
	return d.Desk.Announcements()
}

func (d deskFaults) Packs() store.Packs {
	if d.packs != nil {
		return d.packs(d.Desk.Packs())
	}
	return d.Desk.Packs()
}

func (d deskFaults) Addressees(ctx context.Context, a store.Audience) ([]store.Addressee, error) {
	if d.audience != nil {
		a = d.audience(a)
	}
	return d.Desk.Addressees(ctx, a)
}

func (d deskFaults) PutManager(ctx context.Context, m store.Manager) error {
	if d.manager != nil {
		m.Asker = d.manager(m.Asker)
	}
	return d.Desk.PutManager(ctx, m)
}

func (d deskFaults) Manager(ctx context.Context, a store.Asker) (store.Manager, error) {
	if d.manager != nil {
		a = d.manager(a)
	}
	return d.Desk.Manager(ctx, a)
}

func (p *platformFaults) Desk() store.Desk {
	if p.desk != nil {
		return p.desk(p.Platform.Desk())
	}
	return p.Platform.Desk()
}

func inDesk(f deskFaults) func(store.Store) *broken {
	return inPlatform(platformFaults{desk: func(s store.Desk) store.Desk { f := f; f.Desk = s; return f }})
}

// openNotes takes every note for a message.
type openNotes struct{ store.Inquiries }

func (s openNotes) Messages(ctx context.Context, inquiry int64) ([]store.InquiryMessage, error) {
	all, err := s.Inquiries.Messages(ctx, inquiry)
	for i := range all {
		all[i].Internal = false
	}
	return all, err
}

// loose holds nothing.
type loose struct{ store.Inquiries }

func (s loose) Say(ctx context.Context, m store.InquiryMessage) error {
	return swallow(s.Inquiries.Say(ctx, m), store.ErrConflict)
}

// unheld gives an inquiry without holding it.
type unheld struct{ store.Inquiries }

func (s unheld) Hold(_ context.Context, id int64) (store.Inquiry, error) {
	return store.Inquiry{ID: id, State: "open", CreatedAt: time.Unix(1, 0), ChangedAt: time.Unix(1, 0)}, nil
}

// english keeps one language.
type english struct{ store.Announcements }

func (s english) Put(ctx context.Context, a store.Announcement) (store.Announcement, error) {
	titles := a.Titles
	a.Titles = program.Text{"en": a.Titles["en"]}
	a, err := s.Announcements.Put(ctx, a)
	a.Titles = titles
	return a, err
}

// anyMonth takes every month for the newest one.
type anyMonth struct{ store.Packs }

func (s anyMonth) PutBestSellers(ctx context.Context, b store.BestSellers) error {
	b.Month = "2026-03"
	return s.Packs.PutBestSellers(ctx, b)
}

// everyStore takes one store of the list for all of them.
type everyStore struct{ store.Packs }

func (s everyStore) ListedStores(ctx context.Context) ([]*seller.Store, error) {
	all, err := s.Packs.ListedStores(ctx)
	return all[:min(len(all), 1)], err
}

// oldest lists the oldest inquiry first.
type oldest struct{ store.Inquiries }

func (s oldest) Page(ctx context.Context, f store.InquiryFilter, after string, limit int) ([]store.Inquiry, string, error) {
	all, next, err := s.Inquiries.Page(ctx, f, after, limit)
	return reversed(all), next, err
}

// forEver shows announcements that are over.
type forEver struct{ store.Announcements }

func (s forEver) For(ctx context.Context, r store.Reader, at time.Time, limit int) ([]store.Shown, error) {
	return s.Announcements.For(ctx, r, at.Add(-time.Microsecond), limit)
}

// early sends before the time has come.
type early struct{ store.Announcements }

func (s early) DueMail(ctx context.Context, at time.Time, limit int) ([]store.Announcement, error) {
	return s.Announcements.DueMail(ctx, at.Add(time.Microsecond), limit)
}

// twice sends a pack again.
type twice struct{ store.Packs }

func (s twice) Put(ctx context.Context, p store.Pack) error {
	return swallow(s.Packs.Put(ctx, p), store.ErrConflict)
}

func deskFaultList() []fault {
	return []fault{
		{name: "holds no inquiry", caught: []string{"of writers that hold an inquiry"}, break_: inDesk(deskFaults{inquiries: func(s store.Inquiries) store.Inquiries { return unheld{s} }})},
		{name: "keeps one language", caught: []string{"announcements come back"}, break_: inDesk(deskFaults{announcements: func(s store.Announcements) store.Announcements { return english{s} }})},
		{name: "mixes months up", caught: []string{"best sellers are"}, break_: inDesk(deskFaults{packs: func(s store.Packs) store.Packs { return anyMonth{s} }})},
		{name: "forgets a listed store", caught: []string{"stores that are on a list"}, break_: inDesk(deskFaults{packs: func(s store.Packs) store.Packs { return everyStore{s} }})},
		{name: "shows internal notes", caught: []string{"inquiries and their messages"}, break_: inDesk(deskFaults{inquiries: func(s store.Inquiries) store.Inquiries { return openNotes{s} }})},
		{name: "loses a message", caught: []string{"inquiries and their messages"}, break_: inDesk(deskFaults{inquiries: func(s store.Inquiries) store.Inquiries { return loose{s} }})},
		{name: "lists the oldest inquiry first", caught: []string{"Inquiries.Page"}, break_: inDesk(deskFaults{inquiries: func(s store.Inquiries) store.Inquiries { return oldest{s} }})},
		{name: "shows what is over", caught: []string{"announcements reach"}, break_: inDesk(deskFaults{announcements: func(s store.Announcements) store.Announcements { return forEver{s} }})},
		{name: "sends too early", caught: []string{"announcements are sent"}, break_: inDesk(deskFaults{announcements: func(s store.Announcements) store.Announcements { return early{s} }})},
		{name: "writes to all publishers", caught: []string{"who is written to"}, break_: inDesk(deskFaults{audience: func(a store.Audience) store.Audience {
			if a.Kind == "program" {
				a.Kind = "publishers"
			}
			return a
		}})},
		{name: "mixes a seller and a publisher up", caught: []string{"the personal manager"}, break_: inDesk(deskFaults{manager: func(a store.Asker) store.Asker { return store.Asker{Publisher: a.Publisher + a.Seller} }})},
		{name: "sends a welcome pack twice", caught: []string{"a welcome pack"}, break_: inDesk(deskFaults{packs: func(s store.Packs) store.Packs { return twice{s} }})},
	}
}
