package storetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/publisher"
)

func deskChecks() []Check {
	return slices.Concat(inquiryChecks(), announcementChecks(), packChecks(), []Check{
		{"who is written to: those of the audience who read their e-mail (A10)", addressees},
		{"the personal manager is the one that was named last (A10)", managers},
	})
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
