package storetest

import (
	"errors"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

func ticketChecks() []Check {
	return []Check{
		{"a ticket is used once, in time, also of two that come at once", ticketsOnce},
		{"tickets are listed and voided by whom they are for", ticketsListed},
	}
}

func sampleTicket(hash string) store.Ticket {
	return store.Ticket{Hash: hash, Purpose: "invite", Person: "per1", Email: "a@example.org", Organisation: "org1", Role: store.RoleMember, By: "per2", CreatedAt: at(1), ExpiresAt: at(100)}
}

func ticketsOnce(k *kit) {
	t := sampleTicket("h1")
	bare := store.Ticket{Hash: "h2", CreatedAt: at(1), ExpiresAt: at(2)}
	k.accounts(func(a store.Accounts) error {
		return errors.Join(a.Tickets().Put(k.ctx, t), a.Tickets().Put(k.ctx, bare))
	})
	get := func(hash string) store.Ticket {
		return found(k, func(a store.Accounts) (store.Ticket, error) { return a.Tickets().Get(k.ctx, hash) })
	}
	k.same("a ticket with everything", get("h1"), t)
	k.same("a ticket with nothing", get("h2"), bare)
	k.is(k.tried(func(a store.Accounts) error { return a.Tickets().Put(k.ctx, sampleTicket("h1")) }), store.ErrConflict, "a hash that is there")
	use := func(hash string, when time.Time) error {
		return k.tried(func(a store.Accounts) error { return a.Tickets().Use(k.ctx, hash, when) })
	}
	k.is(use("h3", at(5)), store.ErrNotFound, "a ticket that is not there")
	k.is(use("h1", at(100)), store.ErrNotFound, "a ticket that has expired")
	used := 0
	for _, err := range k.atOnce(8, func(_ int, a store.Accounts) error { return a.Tickets().Use(k.ctx, "h1", at(99)) }) {
		if err == nil {
			used++
		} else {
			k.is(err, store.ErrNotFound, "a ticket that somebody else used at once")
		}
	}
	k.same("how often a ticket was used", used, 1)
	t.UsedAt = at(99)
	k.same("a ticket that was used", get("h1"), t)
	forget := func(before int64) (n int64) {
		k.accounts(func(a store.Accounts) (err error) {
			n, err = a.Tickets().Forget(k.ctx, at(before))
			return err
		})
		return n
	}
	k.same("how many tickets expired before the first one did", forget(2), int64(0))
	k.same("how many were forgotten", forget(100), int64(1))
	k.same("the ticket that is left", get("h1"), t)
	k.is(k.tried(func(a store.Accounts) error { _, err := a.Tickets().Get(k.ctx, "h2"); return err }), store.ErrNotFound, "a ticket that was forgotten")
}

func ticketsListed(k *kit) {
	put := func(hash string, change func(*store.Ticket)) {
		t := sampleTicket(hash)
		change(&t)
		k.accounts(func(a store.Accounts) error { return a.Tickets().Put(k.ctx, t) })
	}
	put("b", func(*store.Ticket) {})
	put("a", func(*store.Ticket) {})
	put("first", func(t *store.Ticket) { t.CreatedAt = at(0) })
	put("used", func(t *store.Ticket) { t.UsedAt = at(2) })
	put("expired", func(t *store.Ticket) { t.ExpiresAt = at(50) })
	put("elsewhere", func(t *store.Ticket) { t.Organisation = "org2" })
	put("other purpose", func(t *store.Ticket) { t.Purpose = "reset" })
	put("other person", func(t *store.Ticket) { t.Person, t.CreatedAt = "per2", at(9) })
	open := func() (hashes []string) {
		for _, t := range found(k, func(a store.Accounts) ([]store.Ticket, error) {
			return a.Tickets().Open(k.ctx, "invite", "org1", at(50))
		}) {
			hashes = append(hashes, t.Hash)
		}
		return hashes
	}
	k.same("open tickets", open(), []string{"first", "a", "b", "other person"})
	k.accounts(func(a store.Accounts) error { return a.Tickets().Void(k.ctx, "invite", "per1", at(50)) })
	k.same("after a person's were voided", open(), []string{"other person"})
	k.is(k.tried(func(a store.Accounts) error { return a.Tickets().Use(k.ctx, "a", at(51)) }), store.ErrNotFound, "a ticket that was voided")
	k.must(k.tried(func(a store.Accounts) error { return a.Tickets().Use(k.ctx, "other purpose", at(51)) }))
	k.same("when a used one was used", found(k, func(a store.Accounts) (store.Ticket, error) { return a.Tickets().Get(k.ctx, "used") }).UsedAt, at(2))
}
