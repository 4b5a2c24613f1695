package storetest

import (
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

func announcementChecks() []Check {
	return []Check{
		{"announcements come back as they were, the newest first (A10)", announcementsRoundTrip},
		{"announcements reach their readers, while they are shown (A10)", announcementsReach},
		{"announcements are sent when their time has come (A10)", announcementsMail},
	}
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
