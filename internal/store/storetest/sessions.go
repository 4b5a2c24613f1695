package storetest

import (
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

func sessionChecks() []Check {
	return []Check{
		{"sessions are kept, listed and ended", sessionsKept},
	}
}

func sampleSession(id, person string) store.Session {
	return store.Session{ID: id, Person: person, Organisation: "org1", CreatedAt: at(1), SeenAt: at(2), ProvedAt: at(3), Network: "192.0.2.0/24", Agent: "Firefox"}
}

func sessionsKept(k *kit) {
	enterAccounts(k)
	a1, a2, b := sampleSession("a1", "per1"), sampleSession("a2", "per1"), sampleSession("b", "per2")
	a2.SeenAt, a2.ProvedAt, a2.Organisation = at(9), time.Time{}, ""
	put := func(all ...store.Session) {
		k.accounts(func(a store.Accounts) error {
			for _, s := range all {
				if err := a.Sessions().Put(k.ctx, s); err != nil {
					return err
				}
			}
			return nil
		})
	}
	of := func(person string) []store.Session {
		return found(k, func(a store.Accounts) ([]store.Session, error) { return a.Sessions().Of(k.ctx, person) })
	}
	put(a1, a2, b)
	k.same("sessions", of("per1"), []store.Session{a2, a1})
	k.same("a session", found(k, func(a store.Accounts) (store.Session, error) { return a.Sessions().Get(k.ctx, "a2") }), a2)
	a1.SeenAt = at(20)
	put(a1)
	k.same("after one was used", of("per1"), []store.Session{a1, a2})
	for _, want := range []bool{true, false} {
		k.accounts(func(a store.Accounts) error {
			ended, err := a.Sessions().Remove(k.ctx, "a2")
			k.same("whether it was there", ended, want)
			return err
		})
	}
	k.is(k.tried(func(a store.Accounts) error { _, err := a.Sessions().Get(k.ctx, "a2"); return err }), store.ErrNotFound, "a session that was ended")
	put(a2)
	k.accounts(func(a store.Accounts) error { return a.Sessions().RemoveOf(k.ctx, "per1", "a2") })
	k.same("after all but one were ended", of("per1"), []store.Session{a2})
	k.accounts(func(a store.Accounts) error { return a.Sessions().RemoveOf(k.ctx, "per1", "") })
	k.same("after all were ended", len(of("per1")), 0)
	k.same("those of others", of("per2"), []store.Session{b})
	k.is(k.tried(func(a store.Accounts) error { return a.Sessions().Put(k.ctx, sampleSession("c", "nobody")) }), store.ErrNotFound, "a session of nobody")
	old, idle := sampleSession("old", "per1"), sampleSession("idle", "per1")
	old.CreatedAt, old.SeenAt, idle.CreatedAt, idle.SeenAt, a1.CreatedAt, a1.SeenAt = at(10), at(90), at(50), at(60), at(11), at(61)
	put(old, idle, a1)
	k.accounts(func(a store.Accounts) error { return a.Sessions().RemoveBefore(k.ctx, at(11), at(61)) })
	k.same("after the old ones were ended", of("per1"), []store.Session{a1})
	k.same("those of others that were old", len(of("per2")), 0)
}
