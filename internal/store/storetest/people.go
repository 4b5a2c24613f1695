package storetest

import (
	"errors"
	"fmt"

	"github.com/clickledger/clickledger/internal/store"
)

func peopleChecks() []Check {
	return []Check{
		{"a person comes back as it was kept last, by id and by e-mail address", peopleKept},
		{"no two people have one e-mail address, also of two that come at once", peopleEmail},
		{"Hold makes others wait for a person", peopleHeld},
	}
}

func samplePerson(id string) store.Person {
	return store.Person{
		ID: id, Email: id + "@example.org", Name: "Ayşe \"A\" Öz", Language: "tr", Password: "$argon2id$v=19$m=1,t=1,p=1$YQ$YQ", CheckedAt: at(1), LockedAt: at(2),
		CreatedAt: at(3), ErasedAt: at(5), TOTPSecret: []byte{0, 1, 255}, TOTPSince: at(4), TOTPStep: 58_000_000, Recovery: []string{"a", "b"},
		Passkeys: []store.Passkey{
			{ID: []byte{0, 255}, Name: "Telefon <ş>", PublicKey: []byte{1, 0}, Counter: 4_000_000_000, Synced: true, BackedUp: true, Model: []byte{9}, CreatedAt: at(3), UsedAt: at(4)},
			{ID: []byte{1}, CreatedAt: at(3)},
		},
	}
}

func peopleKept(k *kit) {
	full, bare := samplePerson("per1"), store.Person{ID: "per2", Email: "b@example.org", CreatedAt: at(1)}
	k.accounts(func(a store.Accounts) error {
		return errors.Join(a.People().Put(k.ctx, full), a.People().Put(k.ctx, bare))
	})
	k.reopen()
	get := func(id string) store.Person {
		return found(k, func(a store.Accounts) (store.Person, error) { return a.People().ByID(k.ctx, id) })
	}
	k.same("a person with everything", get("per1"), full)
	k.same("a person with nothing", get("per2"), bare)
	k.same("by e-mail address", found(k, func(a store.Accounts) (store.Person, error) { return a.People().ByEmail(k.ctx, full.Email) }), full)
	changed := bare
	changed.ID, changed.Email, changed.TOTPSecret, changed.Recovery = "per1", "c@example.org", nil, []string{}
	k.accounts(func(a store.Accounts) error { return a.People().Put(k.ctx, changed) })
	k.same("a person that was replaced", get("per1"), changed)
	for _, other := range []string{full.Email, "C@example.org", "c@example.org ", ""} {
		k.is(k.tried(func(a store.Accounts) error { _, err := a.People().ByEmail(k.ctx, other); return err }), store.ErrNotFound, "another e-mail address")
	}
	for _, other := range []string{"per3", "PER1", "per1 ", ""} {
		k.is(k.tried(func(a store.Accounts) error { _, err := a.People().ByID(k.ctx, other); return err }), store.ErrNotFound, "another id")
	}
}

func peopleEmail(k *kit) {
	enterAccounts(k)
	p := samplePerson("per3")
	p.Email = samplePerson("per1").Email
	k.is(k.tried(func(a store.Accounts) error { return a.People().Put(k.ctx, p) }), store.ErrConflict, "an e-mail address that somebody has")
	k.accounts(func(a store.Accounts) error { // the transaction may go on
		err := a.People().Put(k.ctx, p)
		k.is(err, store.ErrConflict, "an e-mail address that somebody has")
		return a.People().Put(k.ctx, samplePerson("per4"))
	})
	const n = 8
	results := k.atOnce(n, func(i int, a store.Accounts) error {
		p := samplePerson(fmt.Sprint("new", i))
		p.Email = "same@example.org"
		return a.People().Put(k.ctx, p)
	})
	conflicts := 0
	for _, err := range results {
		if err != nil {
			k.is(err, store.ErrConflict, "an e-mail address that came at once")
			conflicts++
		}
	}
	k.same("how many came too late", conflicts, n-1)
}

func peopleHeld(k *kit) {
	enterAccounts(k)
	const n = 8
	for _, err := range k.atOnce(n, func(_ int, a store.Accounts) error {
		if err := a.People().Hold(k.ctx, "per1"); err != nil {
			return err
		}
		p, err := a.People().ByID(k.ctx, "per1")
		if err != nil {
			return err
		}
		p.TOTPStep++
		return a.People().Put(k.ctx, p)
	}) {
		k.must(err)
	}
	p := found(k, func(a store.Accounts) (store.Person, error) { return a.People().ByID(k.ctx, "per1") })
	k.same("a count by several at once", p.TOTPStep, samplePerson("per1").TOTPStep+n)
}
