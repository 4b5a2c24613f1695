package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

func deskChecks() []Check {
	return []Check{
		{"inquiries and their messages come back as they were (A6)", inquiriesRoundTrip},
		{"Inquiries.Page returns what matches, the newest first, and Waiting counts (A6)", inquiryPages},
		{"of writers that hold an inquiry, one is at work (A6)", inquiryRace},
		{"announcements come back as they were, the newest first (A10)", announcementsRoundTrip},
		{"announcements reach their readers, while they are shown (A10)", announcementsReach},
		{"announcements are sent when their time has come (A10)", announcementsMail},
		{"who is written to: those of the audience who read their e-mail (A10)", addressees},
		{"the personal manager is the one that was named last (A10)", managers},
		{"best sellers are those of the newest month (K5)", bestSellers},
		{"a welcome pack is sent once for an application (P5)", packsOnce},
		{"stores that are on a list are found (P5)", listedStores},
	}
}

func sampleInquiry(publisher string) store.Inquiry {
	return store.Inquiry{
		Asker: store.Asker{Publisher: publisher}, Kind: "traffic_types", Subject: "A \"second\" type", Program: tr, Order: "o1", AdSpace: "blog", TrafficType: program.Cashback,
		State: "open", Verdict: "agreed", VerdictBy: "Ida", Assignee: "per_ida", Messages: 3, AskedLast: 1, AnsweredLast: 3, SeenByAsker: 1, SeenByDesk: 2,
		CreatedAt: at(1), ChangedAt: at(2), CreatedBy: "per_elif",
	}
}

func putInquiry(k *kit, i store.Inquiry) (out store.Inquiry) {
	k.Helper()
	k.update(func(tx store.Tx) (err error) {
		out, err = tx.Platform().Desk().Inquiries().Put(k.ctx, i)
		return err
	})
	return out
}

func sampleMessage(inquiry int64, number int) store.InquiryMessage {
	return store.InquiryMessage{Inquiry: inquiry, Number: number, At: at(int64(number)), Person: "per_ida", Name: "Ida", FromDesk: true, Internal: number%2 == 0, Text: "Line\nand line"}
}

func inquiriesRoundTrip(k *kit) {
	one := putInquiry(k, sampleInquiry("ann"))
	bare := putInquiry(k, store.Inquiry{Asker: store.Asker{Seller: "org_s"}, Kind: "other", State: "open", CreatedAt: at(5), ChangedAt: at(5)})
	k.same("ids", []int64{one.ID, bare.ID}, []int64{1, 2})
	one.State, one.Verdict, one.Messages, one.SeenByDesk, one.ChangedAt, one.Assignee = "closed", "refused", 9, 9, at(9), ""
	putInquiry(k, one)
	get := func(id int64) store.Inquiry {
		return read(k, func(tx store.Tx) (store.Inquiry, error) { return tx.Platform().Desk().Inquiries().Get(k.ctx, id) })
	}
	k.reopen()
	k.same("a changed inquiry", get(1), one)
	k.same("a bare inquiry", get(2), bare)
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, err := tx.Platform().Desk().Inquiries().Get(k.ctx, 3)
		return err
	}), store.ErrNotFound, "an inquiry that is not there")
	say := func(m store.InquiryMessage) error {
		return k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Platform().Desk().Inquiries().Say(k.ctx, m) })
	}
	for _, n := range []int{2, 1} {
		k.must(say(sampleMessage(1, n)))
	}
	k.must(say(sampleMessage(2, 1)))
	again := sampleMessage(1, 1)
	again.Text = "another"
	k.is(say(again), store.ErrConflict, "a number that is taken")
	messages := func(id int64) []store.InquiryMessage {
		return read(k, func(tx store.Tx) ([]store.InquiryMessage, error) {
			return tx.Platform().Desk().Inquiries().Messages(k.ctx, id)
		})
	}
	k.same("the messages", messages(1), []store.InquiryMessage{sampleMessage(1, 1), sampleMessage(1, 2)})
	k.same("of one that is not there", len(messages(3)), 0)
}

func inquiryPages(k *kit) {
	all := make([]store.Inquiry, 6)
	for i := range all {
		all[i] = sampleInquiry("ann")
	}
	all[0].State, all[0].SeenByAsker = "reopened", 3
	all[1].Publisher, all[1].State, all[1].Assignee = "ben", "closed", "per_ada"
	all[2].Asker = store.Asker{Seller: "ann"}
	all[3].State, all[3].Verdict = "waiting", ""
	all[4].Kind, all[4].State = "other", "answered"
	for _, i := range all {
		putInquiry(k, i)
	}
	ann := store.Asker{Publisher: "ann"}
	for _, c := range []struct {
		f    store.InquiryFilter
		want []int64
	}{
		{store.InquiryFilter{}, []int64{6, 5, 4, 3, 2, 1}},
		{store.InquiryFilter{Asker: ann}, []int64{6, 5, 4, 1}},
		{store.InquiryFilter{Asker: store.Asker{Seller: "ann"}}, []int64{3}},
		{store.InquiryFilter{Asker: store.Asker{Publisher: "Ann"}}, nil},
		{store.InquiryFilter{State: "open"}, []int64{6, 3}},
		{store.InquiryFilter{Turn: true}, []int64{6, 3, 1}},
		{store.InquiryFilter{Asker: ann, Kind: "traffic_types", Verdict: "agreed"}, []int64{6, 1}},
		{store.InquiryFilter{Assignee: "per_ada"}, []int64{2}},
		{store.InquiryFilter{Turn: true, Oldest: true}, []int64{1, 3, 6}},
		{store.InquiryFilter{Oldest: true}, []int64{1, 2, 3, 4, 5, 6}},
		{store.InquiryFilter{Words: strings.ToUpper(all[0].Subject[1:3]), Asker: ann}, []int64{6, 5, 4, 1}},
		{store.InquiryFilter{Words: "nobody asks that"}, nil},
	} {
		var got []int64
		for after := ""; ; {
			var page []store.Inquiry
			var next string
			k.view(func(tx store.Tx) (err error) {
				page, next, err = tx.Platform().Desk().Inquiries().Page(k.ctx, c.f, after, 2)
				return err
			})
			for _, i := range page {
				got = append(got, i.ID)
			}
			if after = next; next == "" {
				break
			}
		}
		k.same(fmt.Sprintf("inquiries that match %+v", c.f), got, c.want)
	}
	waiting := func(a store.Asker) int64 {
		return read(k, func(tx store.Tx) (int64, error) { return tx.Platform().Desk().Inquiries().Waiting(k.ctx, a) })
	}
	k.same("what waits", []int64{waiting(store.Asker{}), waiting(ann), waiting(store.Asker{Publisher: "ben"}), waiting(store.Asker{Publisher: "zoe"})}, []int64{3, 3, 1, 0})
}

func inquiryRace(k *kit) {
	putInquiry(k, store.Inquiry{Asker: store.Asker{Publisher: "ann"}, Kind: "other", State: "open", CreatedAt: at(1), ChangedAt: at(1)})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				err := k.store.Update(k.ctx, func(tx store.Tx) error {
					role := tx.Platform().Desk().Inquiries()
					i, err := role.Hold(k.ctx, 1)
					if err != nil {
						return err
					}
					i.Messages++
					if err := role.Say(k.ctx, sampleMessage(1, i.Messages)); err != nil {
						return err
					}
					_, err = role.Put(k.ctx, i)
					return err
				})
				if err != nil {
					k.Errorf("saying something: %v", err)
				}
			}
		})
	}
	wg.Wait()
	k.same("the messages", read(k, func(tx store.Tx) (int, error) {
		all, err := tx.Platform().Desk().Inquiries().Messages(k.ctx, 1)
		return len(all), err
	}), 20)
}

func sampleAnnouncement(kind string) store.Announcement {
	return store.Announcement{
		Audience: store.Audience{Kind: kind}, Titles: program.Text{"en": "Sale", "tr": "İndirim"}, Texts: program.Text{"en": "Line\nand line"}, From: at(10), To: at(90),
		Pinned: true, MailAt: at(11), Withdrawn: at(80), CreatedAt: at(1), CreatedBy: "Ada",
	}
}

func putAnnouncement(k *kit, a store.Announcement) (out store.Announcement) {
	k.Helper()
	k.update(func(tx store.Tx) (err error) {
		out, err = tx.Platform().Desk().Announcements().Put(k.ctx, a)
		return err
	})
	return out
}

func announcementsRoundTrip(k *kit) {
	one := putAnnouncement(k, sampleAnnouncement("everybody"))
	two := putAnnouncement(k, store.Announcement{Audience: store.Audience{Kind: "program", Program: tr}, Titles: program.Text{"en": "x"}, Texts: program.Text{}, From: at(1), CreatedAt: at(1)})
	one.Audience, one.To, one.MailAt, one.Withdrawn, one.Pinned = store.Audience{Kind: "publisher", Asker: store.Asker{Publisher: "ann"}}, time.Time{}, time.Time{}, time.Time{}, false
	putAnnouncement(k, one)
	three := putAnnouncement(k, store.Announcement{Audience: store.Audience{Kind: "seller", Asker: store.Asker{Seller: "org"}}, Titles: program.Text{}, Texts: program.Text{}, From: at(1), CreatedAt: at(1)})
	k.reopen()
	page := func(after string, limit int) (as []store.Announcement, next string) {
		k.view(func(tx store.Tx) (err error) {
			as, next, err = tx.Platform().Desk().Announcements().Page(k.ctx, after, limit)
			return err
		})
		return as, next
	}
	first, next := page("", 2)
	rest, end := page(next, 2)
	k.same("all announcements", append(first, rest...), []store.Announcement{three, two, one})
	k.same("the end", end, "")
	k.same("one of them", read(k, func(tx store.Tx) (store.Announcement, error) {
		return tx.Platform().Desk().Announcements().Get(k.ctx, 1)
	}), one)
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, err := tx.Platform().Desk().Announcements().Get(k.ctx, 9)
		return err
	}), store.ErrNotFound, "an announcement that is not there")
	k.is(k.store.Update(k.ctx, func(tx store.Tx) error {
		_, err := tx.Platform().Desk().Announcements().Put(k.ctx, sampleAnnouncement("operators"))
		return err
	}), store.ErrInvalid, "an announcement to nobody")
}

// joinedSpace is an ad space that is not blocked.
func joinedSpace(of string) *publisher.AdSpace {
	s := space(of, "site")
	s.BlockedAt = time.Time{}
	return s
}

func announcementsReach(k *kit) {
	joined, blocked := joinedSpace("ann"), joinedSpace("ben")
	blocked.BlockedAt = at(3)
	k.update(func(tx store.Tx) error { return tx.Facts().PutAdSpaces(k.ctx, []*publisher.AdSpace{joined, blocked}) })
	put := func(a store.Audience, from, to, withdrawn int64, pinned bool) {
		x := store.Announcement{Audience: a, Titles: program.Text{"en": "x"}, Texts: program.Text{}, From: at(from), Pinned: pinned, CreatedAt: at(0)}
		if to > 0 {
			x.To = at(to)
		}
		if withdrawn > 0 {
			x.Withdrawn = at(withdrawn)
		}
		putAnnouncement(k, x)
	}
	put(store.Audience{Kind: "everybody"}, 10, 0, 0, false)                                       // 1
	put(store.Audience{Kind: "publishers"}, 20, 0, 0, false)                                      // 2
	put(store.Audience{Kind: "sellers"}, 20, 0, 0, false)                                         // 3
	put(store.Audience{Kind: "program", Program: tr}, 5, 0, 0, true)                              // 4
	put(store.Audience{Kind: "program", Program: ro}, 5, 0, 0, true)                              // 5
	put(store.Audience{Kind: "publisher", Asker: store.Asker{Publisher: "ann"}}, 20, 0, 0, false) // 6
	put(store.Audience{Kind: "seller", Asker: store.Asker{Seller: "ann"}}, 20, 0, 0, false)       // 7
	put(store.Audience{Kind: "everybody"}, 20, 50, 0, false)                                      // 8
	put(store.Audience{Kind: "everybody"}, 20, 49, 0, false)                                      // 9: over
	put(store.Audience{Kind: "everybody"}, 50, 0, 0, false)                                       // 10: not yet
	put(store.Audience{Kind: "everybody"}, 20, 0, 30, false)                                      // 11: withdrawn
	ann := store.Reader{Person: "p1", Asker: store.Asker{Publisher: "ann"}}
	ben := store.Reader{Person: "p2", Asker: store.Asker{Publisher: "ben"}}
	sel := store.Reader{Person: "p1", Asker: store.Asker{Seller: "ann"}}
	ids := func(r store.Reader, limit int) (out []int64) {
		for _, s := range read(k, func(tx store.Tx) ([]store.Shown, error) {
			return tx.Platform().Desk().Announcements().For(k.ctx, r, at(49), limit)
		}) {
			if s.ReadAt.IsZero() {
				out = append(out, s.ID)
			} else {
				out = append(out, -s.ID)
			}
		}
		return out
	}
	unread := func(r store.Reader) int64 {
		return read(k, func(tx store.Tx) (int64, error) { return tx.Platform().Desk().Announcements().Unread(k.ctx, r, at(49)) })
	}
	k.same("what a publisher sees", ids(ann, 10), []int64{4, 8, 6, 2, 1})
	k.same("what a blocked one sees", ids(ben, 10), []int64{8, 2, 1})
	k.same("what a seller sees", ids(sel, 10), []int64{8, 7, 3, 1})
	k.same("the first of it", ids(ann, 2), []int64{4, 8})
	k.same("what is new", []int64{unread(ann), unread(ben), unread(sel)}, []int64{5, 3, 4})
	mark := func(id int64, person string, micros int64) error {
		return k.store.Update(k.ctx, func(tx store.Tx) error {
			return tx.Platform().Desk().Announcements().MarkRead(k.ctx, id, person, at(micros))
		})
	}
	k.must(mark(4, "p1", 40))
	k.must(mark(4, "p1", 45))
	k.must(mark(9, "p1", 45))
	k.is(mark(99, "p1", 45), store.ErrNotFound, "reading what is not there")
	k.same("after one was read", ids(ann, 10), []int64{-4, 8, 6, 2, 1})
	k.same("what is new then", []int64{unread(ann), unread(ben)}, []int64{4, 3})
	shown := read(k, func(tx store.Tx) ([]store.Shown, error) {
		return tx.Platform().Desk().Announcements().For(k.ctx, ann, at(49), 1)
	})
	k.same("when it was read", shown[0].ReadAt, at(40))
}

func announcementsMail(k *kit) {
	for _, x := range []struct{ mail, withdrawn int64 }{{30, 0}, {10, 0}, {10, 5}, {0, 0}, {51, 0}, {10, 0}} {
		a := store.Announcement{Audience: store.Audience{Kind: "everybody"}, Titles: program.Text{}, Texts: program.Text{}, From: at(1), CreatedAt: at(1)}
		if x.mail > 0 {
			a.MailAt = at(x.mail)
		}
		if x.withdrawn > 0 {
			a.Withdrawn = at(x.withdrawn)
		}
		putAnnouncement(k, a)
	}
	due := func(limit int) (ids []int64) {
		k.update(func(tx store.Tx) error {
			ids = nil
			all, err := tx.Platform().Desk().Announcements().DueMail(k.ctx, at(50), limit)
			for _, a := range all {
				ids = append(ids, a.ID)
			}
			return err
		})
		return ids
	}
	k.same("what is to be sent", due(10), []int64{2, 6, 1})
	k.same("the first of it", due(1), []int64{2})
}

func addressees(k *kit) {
	k.update(func(tx store.Tx) error {
		a := tx.Platform().Accounts()
		for i, o := range []store.Organisation{
			{ID: "o1", Kind: store.KindPublisher, Publisher: "ann"}, {ID: "o2", Kind: store.KindPublisher, Publisher: "ben"}, {ID: "o3", Kind: store.KindPublisher},
			{ID: "o4", Kind: store.KindSeller}, {ID: "o5", Kind: store.KindOperator},
		} {
			o.Name, o.CreatedAt = o.ID, at(int64(i))
			if err := a.Organisations().Put(k.ctx, o); err != nil {
				return err
			}
		}
		for i, p := range []struct {
			id, organisation string
			checked, locked  bool
		}{
			{"p1", "o1", true, false}, {"p2", "o1", false, false}, {"p3", "o1", true, true}, {"p4", "o2", true, false}, {"p5", "o3", true, false}, {"p6", "o4", true, false}, {"p7", "o5", true, false},
		} {
			x := store.Person{ID: p.id, Email: p.id + "@example.org", Name: "Name " + p.id, Language: "tr", CreatedAt: at(int64(i))}
			if p.checked {
				x.CheckedAt = at(1)
			}
			if p.locked {
				x.LockedAt = at(1)
			}
			if err := a.People().Put(k.ctx, x); err != nil {
				return err
			}
			if err := a.Organisations().PutMember(k.ctx, store.Membership{Organisation: p.organisation, Person: p.id, Role: store.RoleOwner, Since: at(1)}); err != nil {
				return err
			}
		}
		if err := a.Organisations().PutMember(k.ctx, store.Membership{Organisation: "o2", Person: "p1", Role: store.RoleReader, Since: at(1)}); err != nil {
			return err
		}
		blocked := joinedSpace("ann")
		blocked.BlockedAt = at(3)
		return tx.Facts().PutAdSpaces(k.ctx, []*publisher.AdSpace{blocked, joinedSpace("ben")})
	})
	of := func(a store.Audience) (ids []string) {
		for _, x := range read(k, func(tx store.Tx) ([]store.Addressee, error) { return tx.Platform().Desk().Addressees(k.ctx, a) }) {
			k.same("an addressee", x, store.Addressee{Person: x.Person, Name: "Name " + x.Person, Email: x.Person + "@example.org", Language: "tr"})
			ids = append(ids, x.Person)
		}
		return ids
	}
	for _, c := range []struct {
		a    store.Audience
		want []string
	}{
		{store.Audience{Kind: "everybody"}, []string{"p1", "p4", "p5", "p6"}},
		{store.Audience{Kind: "publishers"}, []string{"p1", "p4", "p5"}},
		{store.Audience{Kind: "sellers"}, []string{"p6"}},
		{store.Audience{Kind: "operators"}, []string{"p7"}},
		{store.Audience{Kind: "program", Program: tr}, []string{"p1", "p4"}},
		{store.Audience{Kind: "program", Program: ro}, nil},
		{store.Audience{Kind: "publisher", Asker: store.Asker{Publisher: "ann"}}, []string{"p1"}},
		{store.Audience{Kind: "publisher"}, nil},
		{store.Audience{Kind: "seller", Asker: store.Asker{Seller: "o4"}}, []string{"p6"}},
		{store.Audience{Kind: "person", Person: "p7"}, []string{"p7"}},
		{store.Audience{Kind: "person", Person: "p2"}, nil},
	} {
		k.same(fmt.Sprintf("the addressees of %+v", c.a), of(c.a), c.want)
	}
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, err := tx.Platform().Desk().Addressees(k.ctx, store.Audience{Kind: "nobody"})
		return err
	}), store.ErrInvalid, "an audience that is none")
}

func sampleManager(a store.Asker) store.Manager {
	return store.Manager{Asker: a, Name: "Ida", Email: "ida@example.org", Messenger: "@ida", AssignedBy: "Ada", AssignedAt: at(4)}
}

func managers(k *kit) {
	ann, org := store.Asker{Publisher: "ann"}, store.Asker{Seller: "ann"}
	manager := func(a store.Asker) (m store.Manager, err error) {
		err = k.store.View(k.ctx, func(tx store.Tx) (err error) {
			m, err = tx.Platform().Desk().Manager(k.ctx, a)
			return err
		})
		return m, err
	}
	_, err := manager(ann)
	k.is(err, store.ErrNotFound, "a manager who was not named")
	put := func(m store.Manager) {
		k.update(func(tx store.Tx) error { return tx.Platform().Desk().PutManager(k.ctx, m) })
	}
	put(sampleManager(ann))
	other := sampleManager(org)
	other.Name = "Mehmet"
	put(other)
	changed := sampleManager(ann)
	changed.Name, changed.Messenger, changed.AssignedAt = "Ada", "", at(9)
	put(changed)
	got, err := manager(ann)
	k.must(err)
	k.same("the manager of a publisher", got, changed)
	got, err = manager(org)
	k.must(err)
	k.same("the manager of a seller of the same name", got, other)
}

func sampleBestSellers(market, month string) store.BestSellers {
	return store.BestSellers{Program: tr, Market: market, Month: month, From: at(1), To: at(9), Products: []store.BestSeller{{Product: "p1", Store: "s1", Category: "toys", Orders: 7}, {Product: "p2", Orders: 3}}, MadeAt: at(9)}
}

func bestSellers(k *kit) {
	put := func(b store.BestSellers) {
		k.update(func(tx store.Tx) error { return tx.Platform().Desk().Packs().PutBestSellers(k.ctx, b) })
	}
	put(sampleBestSellers("", "2026-02"))
	put(sampleBestSellers("", "2026-03"))
	put(sampleBestSellers("cis", "2026-03"))
	put(sampleBestSellers("gone", "2026-01"))
	changed := sampleBestSellers("", "2026-03")
	changed.Products, changed.To = changed.Products[:1], at(10)
	put(changed)
	k.reopen()
	of := func(p program.ID) []store.BestSellers {
		return read(k, func(tx store.Tx) ([]store.BestSellers, error) {
			return tx.Platform().Desk().Packs().BestSellers(k.ctx, p)
		})
	}
	k.same("the best sellers", of(tr), []store.BestSellers{changed, sampleBestSellers("cis", "2026-03")})
	k.same("those of another program", len(of(ro)), 0)
}

func samplePack(application int64) store.Pack {
	return store.Pack{Application: application, Program: tr, Publisher: "ann", AdSpace: "blog", SentAt: at(5), Letters: 2}
}

func packsOnce(k *kit) {
	put := func(p store.Pack) error {
		return k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Platform().Desk().Packs().Put(k.ctx, p) })
	}
	k.must(put(samplePack(1)))
	again := samplePack(1)
	again.Letters = 9
	k.is(put(again), store.ErrConflict, "a second pack for an application")
	k.must(put(samplePack(2)))
	other := samplePack(3)
	other.Publisher = "ben"
	k.must(put(other))
	k.same("a publisher's packs", read(k, func(tx store.Tx) ([]store.Pack, error) { return tx.Platform().Desk().Packs().Of(k.ctx, "ann") }),
		[]store.Pack{samplePack(2), samplePack(1)})
}

func listedStores(k *kit) {
	k.update(func(tx store.Tx) error {
		return tx.Facts().PutCatalog(k.ctx, []*catalog.Product{product("p1", "s1")}, []*seller.Store{
			{ID: "s3", Name: "Three", Lists: []string{"zero", "a list"}}, {ID: "s1", Name: "One"}, {ID: "s2", Name: "Two", Lists: []string{}}, {ID: "S3", Lists: []string{"}"}},
		})
	})
	got := read(k, func(tx store.Tx) ([]*seller.Store, error) { return tx.Platform().Desk().Packs().ListedStores(k.ctx) })
	k.same("the stores on lists", got, []*seller.Store{{ID: "S3", Lists: []string{"}"}}, {ID: "s3", Name: "Three", Lists: []string{"zero", "a list"}}})
}

// deskWrites are the methods that change something.
func deskWrites() []write {
	with := func(name string, do func(ctx context.Context, d store.Desk) error) write {
		return write{name, func(ctx context.Context, tx store.Tx) error { return do(ctx, tx.Platform().Desk()) }}
	}
	return []write{
		{"Facts.PutAdSpaces", func(ctx context.Context, tx store.Tx) error {
			return tx.Facts().PutAdSpaces(ctx, []*publisher.AdSpace{joinedSpace("pub-org1")})
		}},
		{"People.Put", func(ctx context.Context, tx store.Tx) error {
			p := samplePerson("per1")
			p.LockedAt = time.Time{}
			return tx.Platform().Accounts().People().Put(ctx, p)
		}},
		with("Inquiries.Put", func(ctx context.Context, d store.Desk) error {
			_, err := d.Inquiries().Put(ctx, sampleInquiry("ann"))
			return err
		}),
		with("Inquiries.Say", func(ctx context.Context, d store.Desk) error {
			if _, err := d.Inquiries().Hold(ctx, 1); err != nil {
				return err
			}
			return d.Inquiries().Say(ctx, sampleMessage(1, 1))
		}),
		with("Announcements.Put", func(ctx context.Context, d store.Desk) error {
			a := sampleAnnouncement("everybody")
			a.Withdrawn = time.Time{}
			_, err := d.Announcements().Put(ctx, a)
			return err
		}),
		with("Announcements.MarkRead", func(ctx context.Context, d store.Desk) error { return d.Announcements().MarkRead(ctx, 1, "p1", at(20)) }),
		with("Desk.PutManager", func(ctx context.Context, d store.Desk) error {
			return d.PutManager(ctx, sampleManager(store.Asker{Publisher: "ann"}))
		}),
		with("Packs.PutBestSellers", func(ctx context.Context, d store.Desk) error {
			return d.Packs().PutBestSellers(ctx, sampleBestSellers("", "2026-03"))
		}),
		with("Packs.Put", func(ctx context.Context, d store.Desk) error { return d.Packs().Put(ctx, samplePack(1)) }),
	}
}

// lookAtDesk reads everything of the desk.
func lookAtDesk(ctx context.Context, tx store.Tx, note func(string, any, error)) {
	d, ann := tx.Platform().Desk(), store.Asker{Publisher: "ann"}
	inquiry, err := d.Inquiries().Get(ctx, 1)
	note("Inquiries.Get", inquiry, err)
	for _, f := range []store.InquiryFilter{{}, {Asker: ann}, {State: "open"}, {Turn: true}} {
		inquiries, next, err := d.Inquiries().Page(ctx, f, "", 1)
		if err == nil && next != "" {
			var more []store.Inquiry
			more, _, err = d.Inquiries().Page(ctx, f, next, 1)
			inquiries = append(inquiries, more...)
		}
		note(fmt.Sprintf("Inquiries.Page %+v", f), inquiries, err)
	}
	messages, err := d.Inquiries().Messages(ctx, 1)
	note("Inquiries.Messages", messages, err)
	for _, a := range []store.Asker{{}, ann} {
		waiting, err := d.Inquiries().Waiting(ctx, a)
		note(fmt.Sprintf("Inquiries.Waiting %+v", a), waiting, err)
	}
	announcement, err := d.Announcements().Get(ctx, 1)
	note("Announcements.Get", announcement, err)
	announcements, _, err := d.Announcements().Page(ctx, "", 10)
	note("Announcements.Page", announcements, err)
	r := store.Reader{Person: "p2", Asker: store.Asker{Publisher: "pub-org1"}}
	shown, err := d.Announcements().For(ctx, r, at(50), 10)
	note("Announcements.For", shown, err)
	unread, err := d.Announcements().Unread(ctx, r, at(50))
	note("Announcements.Unread", unread, err)
	due, err := d.Announcements().DueMail(ctx, at(50), 10)
	note("Announcements.DueMail", due, err)
	for _, kind := range []string{"everybody", "publishers", "program", "publisher", "seller", "person"} {
		a := store.Audience{Kind: kind, Program: tr, Asker: store.Asker{Publisher: "pub-org1", Seller: "org1"}, Person: "per1"}
		people, err := d.Addressees(ctx, a)
		note("Desk.Addressees "+kind, people, err)
	}
	manager, err := d.Manager(ctx, ann)
	note("Desk.Manager", manager, err)
	best, err := d.Packs().BestSellers(ctx, tr)
	note("Packs.BestSellers", best, err)
	packs, err := d.Packs().Of(ctx, "ann")
	note("Packs.Of", packs, err)
	listed, err := d.Packs().ListedStores(ctx)
	note("Packs.ListedStores", slices.Clone(listed), err)
}
