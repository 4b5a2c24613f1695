package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

func accountChecks() []Check {
	return []Check{
		{"a person comes back as it was kept last, by id and by e-mail address", peopleKept},
		{"no two people have one e-mail address, also of two that come at once", peopleEmail},
		{"Hold makes others wait for a person", peopleHeld},
		{"an organisation comes back as it was kept last; one stands for a publisher", organisationsKept},
		{"a membership joins those who are there, and ends", membersKept},
		{"sessions are kept, listed and ended", sessionsKept},
		{"a ticket is used once, in time, also of two that come at once", ticketsOnce},
		{"tickets are listed and voided by whom they are for", ticketsListed},
		{"apps and their keys are kept; an app never changes hands", appsKept},
		{"rejected calls are kept of each key, the newest, and forgotten by age", rejectedKept},
		{"rejected calls of two that come at once are all kept", rejectedAtOnce},
		{"the audit log is a chain without gaps, also of those who write at once", auditChain},
		{"the audit log is read on and in pages", auditPages},
		{"e-mail is due until it is sent or given up", outboxDue},
		{"the network's terms follow each other and are never changed", termsKept},
		{"that somebody agreed is kept once, with the first time", acceptancesKept},
		{"a proposal is decided once, also by two who come at once", proposalsDecided},
		{"values of accounts that one engine cannot keep, none keeps", accountsInvalid},
	}
}

func samplePerson(id string) store.Person {
	return store.Person{
		ID: id, Email: id + "@example.org", Name: "Ayşe \"A\" Öz", Language: "tr", Password: "$argon2id$v=19$m=1,t=1,p=1$YQ$YQ", CheckedAt: at(1), LockedAt: at(2),
		CreatedAt: at(3), TOTPSecret: []byte{0, 1, 255}, TOTPSince: at(4), TOTPStep: 58_000_000, Recovery: []string{"a", "b"},
		Passkeys: []store.Passkey{
			{ID: []byte{0, 255}, Name: "Telefon <ş>", PublicKey: []byte{1, 0}, Counter: 4_000_000_000, Synced: true, BackedUp: true, Model: []byte{9}, CreatedAt: at(3), UsedAt: at(4)},
			{ID: []byte{1}, CreatedAt: at(3)},
		},
	}
}

func sampleOrganisation(id string) store.Organisation {
	return store.Organisation{ID: id, Kind: store.KindPublisher, Name: "Kupon & Co", Publisher: "pub-" + id, Stores: []string{"s1", "s2"}, CreatedAt: at(1), Profile: store.Profile{
		Audience: "Ayşe & others", Sources: "search", Methods: []string{"reviews"}, Languages: []string{"tr", "en"}, Countries: []string{"TR"}, Website: "https://kupon.example/", Contact: "Ayşe, ayse@kupon.example",
	}}
}

func sampleSession(id, person string) store.Session {
	return store.Session{ID: id, Person: person, Organisation: "org1", CreatedAt: at(1), SeenAt: at(2), ProvedAt: at(3), Network: "192.0.2.0/24", Agent: "Firefox"}
}

func sampleTicket(hash string) store.Ticket {
	return store.Ticket{Hash: hash, Purpose: "invite", Person: "per1", Email: "a@example.org", Organisation: "org1", Role: store.RoleMember, By: "per2", CreatedAt: at(1), ExpiresAt: at(100)}
}

func sampleApp(id, organisation string) store.App {
	return store.App{ID: id, Organisation: organisation, Name: "Shop", Scopes: []string{"read"}, TrackingIDs: []string{"t1", "t2"}, CreatedAt: at(1), CreatedBy: "per1", RevokedAt: at(9)}
}

func sampleAppKey(id, app string) store.AppKey {
	return store.AppKey{ID: id, App: app, Secret: []byte{9, 0, 8}, CreatedAt: at(1), CreatedBy: "per1", ExpiresAt: at(2)}
}

func sampleEntry(action string) store.AuditEntry {
	return store.AuditEntry{At: at(5), Person: "per1", Organisation: "org1", Via: "session x", Network: "192.0.2.0/24", Action: action, Object: "person per1", Detail: `{"a": 1}`}
}

func sampleMail(id string, next time.Time) store.Mail {
	return store.Mail{ID: id, To: "a@example.org", Body: []byte{1, 0, 2}, CreatedAt: at(1), NextAt: next, Attempts: 2, Failure: "later"}
}

// accounts calls do with the accounts of a transaction that must succeed.
func (k *kit) accounts(do func(a store.Accounts) error) {
	k.Helper()
	k.update(func(tx store.Tx) error { return do(tx.Platform().Accounts()) })
}

// tried calls do with the accounts of a transaction and returns what became of it.
func (k *kit) tried(do func(a store.Accounts) error) error {
	return k.store.Update(k.ctx, func(tx store.Tx) error { return do(tx.Platform().Accounts()) })
}

// found reads something of the accounts.
func found[T any](k *kit, do func(a store.Accounts) (T, error)) T {
	k.Helper()
	return read(k, func(tx store.Tx) (T, error) { return do(tx.Platform().Accounts()) })
}

// enterAccounts enters two people and two organisations.
func enterAccounts(k *kit) {
	k.Helper()
	k.accounts(func(a store.Accounts) error {
		var errs []error
		for i := 1; i <= 2; i++ {
			errs = append(errs, a.People().Put(k.ctx, samplePerson(fmt.Sprint("per", i))), a.Organisations().Put(k.ctx, sampleOrganisation(fmt.Sprint("org", i))))
		}
		return errors.Join(errs...)
	})
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

// atOnce runs do in transactions that go on at the same time.
func (k *kit) atOnce(n int, do func(i int, a store.Accounts) error) []error {
	results := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { results[i] = k.tried(func(a store.Accounts) error { return do(i, a) }) })
	}
	wg.Wait()
	return results
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

func organisationsKept(k *kit) {
	full, bare := sampleOrganisation("org1"), store.Organisation{ID: "org2", Kind: store.KindOperator, CreatedAt: at(1)}
	k.accounts(func(a store.Accounts) error {
		return errors.Join(a.Organisations().Put(k.ctx, full), a.Organisations().Put(k.ctx, bare),
			a.Organisations().Put(k.ctx, store.Organisation{ID: "org3", Kind: store.KindOperator, CreatedAt: at(1)}))
	})
	k.reopen()
	get := func(id string) store.Organisation {
		return found(k, func(a store.Accounts) (store.Organisation, error) { return a.Organisations().ByID(k.ctx, id) })
	}
	k.same("an organisation with everything", get("org1"), full)
	k.same("an organisation with nothing", get("org2"), bare)
	second := sampleOrganisation("org4")
	second.Publisher = full.Publisher
	k.is(k.tried(func(a store.Accounts) error { return a.Organisations().Put(k.ctx, second) }), store.ErrConflict, "a publisher that has an organisation")
	full.Name, full.Stores, full.Publisher = "New", nil, "other"
	k.accounts(func(a store.Accounts) error { return a.Organisations().Put(k.ctx, full) })
	k.same("an organisation that was replaced", get("org1"), full)
	k.is(k.tried(func(a store.Accounts) error { _, err := a.Organisations().ByID(k.ctx, "org9"); return err }), store.ErrNotFound, "an organisation that is not there")
	var ids []string
	for _, o := range found(k, func(a store.Accounts) ([]store.Organisation, error) {
		return a.Organisations().OfKind(k.ctx, store.KindOperator)
	}) {
		ids = append(ids, o.ID)
	}
	k.same("those of a kind", ids, []string{"org2", "org3"})
	third := store.Organisation{ID: "org5", Kind: store.KindPublisher, Name: "İyi %50_Kupon", Publisher: "pub5", CreatedAt: at(1)}
	k.accounts(func(a store.Accounts) error { return a.Organisations().Put(k.ctx, third) })
	for _, c := range []struct {
		f    store.OrganisationFilter
		want []string
	}{
		{store.OrganisationFilter{}, []string{"org1", "org2", "org3", "org5"}},
		{store.OrganisationFilter{Kind: store.KindPublisher}, []string{"org1", "org5"}},
		{store.OrganisationFilter{IDs: []string{"org3", "org9", "org1"}}, []string{"org1", "org3"}},
		{store.OrganisationFilter{Publishers: []string{"pub5", "Other", "other"}}, []string{"org1", "org5"}},
		{store.OrganisationFilter{Words: "KUPON"}, []string{"org5"}},
		{store.OrganisationFilter{Words: "new", Kind: store.KindPublisher}, []string{"org1"}},
		{store.OrganisationFilter{Words: "%50_k"}, []string{"org5"}},
		{store.OrganisationFilter{Words: "_____"}, nil}, // what means any letter in SQL means itself
		{store.OrganisationFilter{Words: "%"}, []string{"org5"}},
		{store.OrganisationFilter{Words: "İyi"}, []string{"org5"}},
		{store.OrganisationFilter{Words: "i\u0307yi"}, nil},
		{store.OrganisationFilter{Words: "a\x00b"}, nil},
	} {
		var got []string
		for _, o := range found(k, func(a store.Accounts) ([]store.Organisation, error) { return a.Organisations().Find(k.ctx, c.f, 9) }) {
			got = append(got, o.ID)
		}
		k.same(fmt.Sprintf("organisations that match %+v", c.f), got, c.want)
	}
	k.same("the first two of all", len(found(k, func(a store.Accounts) ([]store.Organisation, error) {
		return a.Organisations().Find(k.ctx, store.OrganisationFilter{}, 2)
	})), 2)
	failed := 0
	for _, err := range k.atOnce(4, func(i int, a store.Accounts) error {
		o := sampleOrganisation(fmt.Sprint("at once ", i))
		o.Publisher = "wanted"
		return a.Organisations().Put(k.ctx, o)
	}) {
		if err != nil {
			k.is(err, store.ErrConflict, "a publisher that is entered at once")
			failed++
		}
	}
	k.same("how many came too late", failed, 3)
}

func membersKept(k *kit) {
	enterAccounts(k)
	m := func(organisation, person string, role store.Role, since int64) store.Membership {
		return store.Membership{Organisation: organisation, Person: person, Role: role, Since: at(since)}
	}
	k.accounts(func(a store.Accounts) error {
		return errors.Join(
			a.Organisations().PutMember(k.ctx, m("org1", "per2", store.RoleMember, 2)), a.Organisations().PutMember(k.ctx, m("org1", "per1", store.RoleOwner, 3)),
			a.Organisations().PutMember(k.ctx, m("org2", "per1", store.RoleReader, 1)))
	})
	members := func() []store.Membership {
		return found(k, func(a store.Accounts) ([]store.Membership, error) { return a.Organisations().Members(k.ctx, "org1") })
	}
	k.same("members", members(), []store.Membership{m("org1", "per1", store.RoleOwner, 3), m("org1", "per2", store.RoleMember, 2)})
	k.same("memberships", found(k, func(a store.Accounts) ([]store.Membership, error) { return a.Organisations().Of(k.ctx, "per1") }),
		[]store.Membership{m("org2", "per1", store.RoleReader, 1), m("org1", "per1", store.RoleOwner, 3)})
	for _, bad := range []store.Membership{m("org9", "per1", store.RoleOwner, 1), m("org1", "per9", store.RoleOwner, 1), m("per1", "org1", store.RoleOwner, 1)} {
		k.accounts(func(a store.Accounts) error {
			k.is(a.Organisations().PutMember(k.ctx, bad), store.ErrNotFound, "a membership of what is not there")
			return nil
		})
	}
	k.accounts(func(a store.Accounts) error {
		return a.Organisations().PutMember(k.ctx, m("org1", "per2", store.RoleReader, 4))
	})
	k.accounts(func(a store.Accounts) error { return a.Organisations().RemoveMember(k.ctx, "org1", "per1") })
	k.same("after changes", members(), []store.Membership{m("org1", "per2", store.RoleReader, 4)})
	k.is(k.tried(func(a store.Accounts) error { return a.Organisations().RemoveMember(k.ctx, "org1", "per1") }), store.ErrNotFound, "a membership that has ended")
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

func appsKept(k *kit) {
	enterAccounts(k)
	full, bare := sampleApp("app2", "org1"), store.App{ID: "app1", Organisation: "org1", CreatedAt: at(1)}
	full.CreatedAt = at(0)
	key1, key2 := sampleAppKey("key1", "app1"), store.AppKey{ID: "key0", App: "app1", CreatedAt: at(1)}
	k.accounts(func(a store.Accounts) error {
		return errors.Join(a.Apps().Put(k.ctx, full), a.Apps().Put(k.ctx, bare), a.Apps().Put(k.ctx, sampleApp("app3", "org2")),
			a.Apps().PutKey(k.ctx, key1), a.Apps().PutKey(k.ctx, key2), a.Apps().PutKey(k.ctx, sampleAppKey("key3", "app2")))
	})
	k.reopen()
	k.same("an app", found(k, func(a store.Accounts) (store.App, error) { return a.Apps().ByID(k.ctx, "app2") }), full)
	of := func() []store.App {
		return found(k, func(a store.Accounts) ([]store.App, error) { return a.Apps().Of(k.ctx, "org1") })
	}
	k.same("the apps of an organisation", of(), []store.App{full, bare})
	k.same("a key", found(k, func(a store.Accounts) (store.AppKey, error) { return a.Apps().Key(k.ctx, "key1") }), key1)
	keys := func() []store.AppKey {
		return found(k, func(a store.Accounts) ([]store.AppKey, error) { return a.Apps().Keys(k.ctx, "app1") })
	}
	k.same("the keys of an app", keys(), []store.AppKey{key2, key1})
	bare.Name, bare.RevokedAt, key2.ExpiresAt = "New", at(7), at(8)
	k.accounts(func(a store.Accounts) error {
		return errors.Join(a.Apps().Put(k.ctx, bare), a.Apps().PutKey(k.ctx, key2))
	})
	k.same("apps after a change", of(), []store.App{full, bare})
	k.same("keys after a change", keys(), []store.AppKey{key2, key1})
	moved := bare
	moved.Organisation = "org2"
	k.is(k.tried(func(a store.Accounts) error { return a.Apps().Put(k.ctx, moved) }), store.ErrConflict, "an app that changes hands")
	k.is(k.tried(func(a store.Accounts) error { return a.Apps().Put(k.ctx, sampleApp("app9", "org9")) }), store.ErrNotFound, "an app of nobody")
	k.is(k.tried(func(a store.Accounts) error { return a.Apps().PutKey(k.ctx, sampleAppKey("key9", "app9")) }), store.ErrNotFound, "a key of no app")
	k.is(k.tried(func(a store.Accounts) error { _, err := a.Apps().ByID(k.ctx, "app9"); return err }), store.ErrNotFound, "an app that is not there")
	k.is(k.tried(func(a store.Accounts) error { _, err := a.Apps().Key(k.ctx, "KEY1"); return err }), store.ErrNotFound, "a key that is not there")
}

func sampleRejected(key string, minute int64) store.RejectedCall {
	return store.RejectedCall{
		Key: key, At: at(minute), Operation: "import-stores", Path: "/v1/stores:import", Status: 400, Type: "https://example.org/#invalid-input", Refused: 2,
		Errors: []store.CallError{{Line: 3, Field: "store <ş>", Reason: "is \"7\"", Fix: "write text"}, {Reason: "r", Fix: "f"}},
	}
}

func rejectedKept(k *kit) {
	add := func(keep int, calls ...store.RejectedCall) {
		k.accounts(func(a store.Accounts) error { return a.Rejected().Add(k.ctx, calls, keep) })
	}
	of := func(key string, limit int) []store.RejectedCall {
		return found(k, func(a store.Accounts) ([]store.RejectedCall, error) { return a.Rejected().Of(k.ctx, key, limit) })
	}
	bare := store.RejectedCall{Key: "key1", At: at(9), Errors: []store.CallError{}}
	add(3)
	add(3, sampleRejected("key1", 5), sampleRejected("key2", 1), bare)
	k.reopen()
	k.same("the calls of a key", of("key1", 9), []store.RejectedCall{bare, sampleRejected("key1", 5)})
	k.same("the calls of another key", of("key2", 9), []store.RejectedCall{sampleRejected("key2", 1)})
	k.same("the calls of a key that looks alike", of("KEY1", 9), []store.RejectedCall(nil))
	add(3, sampleRejected("key1", 2), sampleRejected("key1", 7))
	k.same("the newest three", of("key1", 9), []store.RejectedCall{sampleRejected("key1", 7), sampleRejected("key1", 2), bare})
	k.same("up to a limit", of("key1", 2), []store.RejectedCall{sampleRejected("key1", 7), sampleRejected("key1", 2)})
	k.same("another key loses nothing", of("key2", 9), []store.RejectedCall{sampleRejected("key2", 1)})
	forget := func(before time.Time) (n int64) {
		k.accounts(func(a store.Accounts) (err error) { n, err = a.Rejected().Forget(k.ctx, before); return err })
		return n
	}
	k.same("how many were forgotten", forget(at(7)), int64(2))
	k.same("after the older ones were forgotten", of("key1", 9), []store.RejectedCall{sampleRejected("key1", 7), bare})
	k.same("how many are left to forget", forget(at(60)), int64(2))
	add(3, sampleRejected("key1", 8))
	k.same("after all were forgotten", of("key1", 9), []store.RejectedCall{sampleRejected("key1", 8)})
	for _, limit := range []int{0, -1} {
		k.is(k.tried(func(a store.Accounts) error { _, err := a.Rejected().Of(k.ctx, "key1", limit); return err }), store.ErrInvalid, "a limit of nothing")
		k.is(k.tried(func(a store.Accounts) error {
			return a.Rejected().Add(k.ctx, []store.RejectedCall{sampleRejected("key1", 1)}, limit)
		}), store.ErrInvalid, "keeping nothing")
	}
}

func rejectedAtOnce(k *kit) {
	const n = 8
	var writers sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		writers.Go(func() {
			errs[i] = k.tried(func(a store.Accounts) error {
				return a.Rejected().Add(k.ctx, []store.RejectedCall{sampleRejected("key1", int64(i)), sampleRejected("key2", int64(i))}, 100)
			})
		})
	}
	writers.Wait()
	k.must(errors.Join(errs...))
	for _, key := range []string{"key1", "key2"} {
		calls := found(k, func(a store.Accounts) ([]store.RejectedCall, error) { return a.Rejected().Of(k.ctx, key, 100) })
		seen := make(map[time.Time]bool)
		for _, c := range calls {
			seen[c.At] = true
		}
		k.same("how many calls of "+key, len(seen), n)
	}
}

// entries reads the whole audit log and checks its chain.
func entries(k *kit) []store.AuditEntry {
	k.Helper()
	all := found(k, func(a store.Accounts) ([]store.AuditEntry, error) { return a.Audit().After(k.ctx, 0, many) })
	var before []byte
	for i := range all {
		if all[i].Sequence != int64(i)+1 {
			k.Errorf("entry %d has the sequence %d", i+1, all[i].Sequence)
		}
		if !bytes.Equal(all[i].Hash, all[i].Chain(before)) {
			k.Errorf("entry %d breaks the chain", i+1)
		}
		before = all[i].Hash
	}
	return all
}

func auditChain(k *kit) {
	k.accounts(func(a store.Accounts) error { return a.Audit().Append(k.ctx, nil) })
	k.accounts(func(a store.Accounts) error {
		e := sampleEntry("c")
		e.At = e.At.Add(999) // nanoseconds are cut off, and the hash is of what is kept
		return errors.Join(a.Audit().Append(k.ctx, []store.AuditEntry{sampleEntry("a"), sampleEntry("b")}), a.Audit().Append(k.ctx, []store.AuditEntry{e}))
	})
	k.is(k.tried(func(a store.Accounts) error {
		if err := a.Audit().Append(k.ctx, []store.AuditEntry{sampleEntry("undone")}); err != nil {
			return err
		}
		return errUndo
	}), errUndo, "a transaction that was undone")
	k.reopen()
	for _, err := range k.atOnce(8, func(_ int, a store.Accounts) error {
		return a.Audit().Append(k.ctx, []store.AuditEntry{sampleEntry("x"), sampleEntry("y")})
	}) {
		k.must(err)
	}
	all := entries(k)
	var actions []string
	for i, e := range all {
		actions = append(actions, e.Action)
		e.Sequence, e.Hash = 0, nil
		k.same(fmt.Sprintf("entry %d", i+1), e, sampleEntry(e.Action))
	}
	k.same("the actions", strings.Join(actions, ""), "abc"+strings.Repeat("xy", 8))
}

func auditPages(k *kit) {
	k.accounts(func(a store.Accounts) error {
		var all []store.AuditEntry
		for i := range 10 {
			e := sampleEntry(fmt.Sprint("a", i%2))
			e.At = at(int64(i))
			e.Person, e.Organisation, e.Object = fmt.Sprint("per", i%3), fmt.Sprint("org", i%4), fmt.Sprint("o", i%5)
			all = append(all, e)
		}
		for _, action := range []string{"b.c", "b.d", "b/e", "b"} { // the first two begin with "b."
			e := sampleEntry(action)
			e.Person, e.Organisation, e.Object, e.At = "other", "other", "other", at(20)
			all = append(all, e)
		}
		return a.Audit().Append(k.ctx, all)
	})
	all := entries(k)
	k.same("those behind the eighth", found(k, func(a store.Accounts) ([]store.AuditEntry, error) { return a.Audit().After(k.ctx, 8, 1) }), all[8:9])
	for _, c := range []struct {
		f    store.AuditFilter
		want []int64
	}{
		{store.AuditFilter{}, []int64{14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
		{store.AuditFilter{Person: "per0"}, []int64{10, 7, 4, 1}},
		{store.AuditFilter{Organisation: "org1"}, []int64{10, 6, 2}},
		{store.AuditFilter{Action: "a0"}, []int64{9, 7, 5, 3, 1}},
		{store.AuditFilter{Object: "o4"}, []int64{10, 5}},
		{store.AuditFilter{Object: "o4", Action: "a0"}, []int64{5}},
		{store.AuditFilter{Object: "O4"}, nil},
		{store.AuditFilter{Action: "a."}, nil},
		{store.AuditFilter{Action: "b."}, []int64{12, 11}},
		{store.AuditFilter{From: at(3), Before: at(6)}, []int64{6, 5, 4}},
		{store.AuditFilter{From: at(8), Action: "a0"}, []int64{9}},
	} {
		for _, limit := range []int{1, 3, 10} {
			var got []int64
			for cursor, more := "", true; more; more = cursor != "" {
				k.view(func(tx store.Tx) error {
					page, next, err := tx.Platform().Accounts().Audit().Page(k.ctx, c.f, cursor, limit)
					for _, e := range page {
						got = append(got, e.Sequence)
						k.same("an entry", e, all[e.Sequence-1])
					}
					cursor = next
					return err
				})
			}
			k.same(fmt.Sprintf("the pages of %d of %+v", limit, c.f), got, c.want)
		}
	}
	k.is(k.tried(func(a store.Accounts) error {
		_, _, err := a.Audit().Page(k.ctx, store.AuditFilter{}, "x", 1)
		return err
	}), store.ErrInvalid, "a cursor that is none")
	k.is(k.tried(func(a store.Accounts) error { _, err := a.Audit().After(k.ctx, 0, 0); return err }), store.ErrInvalid, "a limit of 0")
}

func outboxDue(k *kit) {
	a1, a0, b, bare := sampleMail("a1", at(1)), sampleMail("a0", at(1)), sampleMail("b", at(0)), store.Mail{ID: "bare", CreatedAt: at(1)}
	sent := sampleMail("sent", time.Time{})
	sent.SentAt, sent.Body = at(3), nil
	k.accounts(func(a store.Accounts) error {
		for _, m := range []store.Mail{a1, a0, b, bare, sent, sampleMail("later", at(11))} {
			if err := a.Outbox().Put(k.ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
	k.reopen()
	due := func(limit int) []store.Mail {
		return found(k, func(a store.Accounts) ([]store.Mail, error) { return a.Outbox().Due(k.ctx, at(10), limit) })
	}
	k.same("what is due", due(9), []store.Mail{b, a0, a1})
	k.same("what is due first", due(1), []store.Mail{b})
	b.NextAt, a0.Attempts, a0.NextAt, a0.Failure = time.Time{}, 3, at(9), "again"
	k.accounts(func(a store.Accounts) error { return errors.Join(a.Outbox().Put(k.ctx, b), a.Outbox().Put(k.ctx, a0)) })
	k.same("what is due afterwards", due(9), []store.Mail{a1, a0})
	k.is(k.tried(func(a store.Accounts) error { _, err := a.Outbox().Due(k.ctx, at(1), 0); return err }), store.ErrInvalid, "a limit of 0")
}

func accountsInvalid(k *kit) {
	enterAccounts(k)
	long := strings.Repeat("x", store.MaxKey+1)
	for _, bad := range []string{"a\x00b", "\xff"} {
		for what, err := range map[string]error{
			"a person's name":   k.tried(func(a store.Accounts) error { p := samplePerson("p"); p.Name = bad; return a.People().Put(k.ctx, p) }),
			"a person's e-mail": k.tried(func(a store.Accounts) error { p := samplePerson("p"); p.Email = bad; return a.People().Put(k.ctx, p) }),
			"a passkey's name": k.tried(func(a store.Accounts) error {
				p := samplePerson("p")
				p.Passkeys[0].Name = bad
				return a.People().Put(k.ctx, p)
			}),
			"a profile": k.tried(func(a store.Accounts) error {
				o := sampleOrganisation("o")
				o.Profile.Methods = []string{bad}
				return a.Organisations().Put(k.ctx, o)
			}),
			"the network's terms": k.tried(func(a store.Accounts) error {
				t := sampleTerms(1)
				t.Texts["en"] = bad
				return a.Agreements().PutTerms(k.ctx, t)
			}),
			"a proposal": k.tried(func(a store.Accounts) error {
				p := sampleProposal("p")
				p.Why = bad
				return a.Agreements().PutProposal(k.ctx, p)
			}),
			"a recovery code": k.tried(func(a store.Accounts) error {
				p := samplePerson("p")
				p.Recovery = []string{bad}
				return a.People().Put(k.ctx, p)
			}),
			"an organisation's name": k.tried(func(a store.Accounts) error {
				o := sampleOrganisation("o")
				o.Name = bad
				return a.Organisations().Put(k.ctx, o)
			}),
			"an organisation's store": k.tried(func(a store.Accounts) error {
				o := sampleOrganisation("o")
				o.Stores = []string{bad}
				return a.Organisations().Put(k.ctx, o)
			}),
			"a session's agent": k.tried(func(a store.Accounts) error {
				s := sampleSession("s", "per1")
				s.Agent = bad
				return a.Sessions().Put(k.ctx, s)
			}),
			"a ticket's e-mail": k.tried(func(a store.Accounts) error { t := sampleTicket("t"); t.Email = bad; return a.Tickets().Put(k.ctx, t) }),
			"an app's name":     k.tried(func(a store.Accounts) error { p := sampleApp("a", "org1"); p.Name = bad; return a.Apps().Put(k.ctx, p) }),
			"a rejected call's path": k.tried(func(a store.Accounts) error {
				c := sampleRejected("k", 1)
				c.Path = bad
				return a.Rejected().Add(k.ctx, []store.RejectedCall{c}, 1)
			}),
			"the reason of a rejected call": k.tried(func(a store.Accounts) error {
				c := sampleRejected("k", 1)
				c.Errors[0].Reason = bad
				return a.Rejected().Add(k.ctx, []store.RejectedCall{c}, 1)
			}),
			"an entry's detail": k.tried(func(a store.Accounts) error {
				e := sampleEntry("a")
				e.Detail = bad
				return a.Audit().Append(k.ctx, []store.AuditEntry{e})
			}),
			"a failure of a mail": k.tried(func(a store.Accounts) error {
				m := sampleMail("m", at(1))
				m.Failure = bad
				return a.Outbox().Put(k.ctx, m)
			}),
		} {
			k.is(err, store.ErrInvalid, fmt.Sprintf("%s %q", what, bad))
		}
	}
	for what, err := range map[string]error{
		"a person's e-mail": k.tried(func(a store.Accounts) error { p := samplePerson("p"); p.Email = long; return a.People().Put(k.ctx, p) }),
		"an entry's object": k.tried(func(a store.Accounts) error {
			e := sampleEntry("a")
			e.Object = long
			return a.Audit().Append(k.ctx, []store.AuditEntry{e})
		}),
		"a time": k.tried(func(a store.Accounts) error {
			p := samplePerson("p")
			p.CreatedAt = day0.AddDate(9000, 0, 0)
			return a.People().Put(k.ctx, p)
		}),
	} {
		k.is(err, store.ErrInvalid, what)
	}
	for _, s := range slices.Backward(awkward()) { // what looks alike is not the same
		if s != "per1" {
			k.accounts(func(a store.Accounts) error {
				p := samplePerson(s)
				p.Email = s
				return errors.Join(a.People().Put(k.ctx, p), a.Sessions().Put(k.ctx, sampleSession(s, s)))
			})
		}
	}
	for _, s := range awkward() {
		k.same("who has an e-mail address", found(k, func(a store.Accounts) (store.Person, error) { return a.People().ByEmail(k.ctx, s) }).ID, s)
		k.same("whose session it is", found(k, func(a store.Accounts) (store.Session, error) { return a.Sessions().Get(k.ctx, s) }).Person, s)
	}
}

// putMembers makes people members of an organisation.
func putMembers(ctx context.Context, a store.Accounts, people ...string) error {
	for _, p := range people {
		if err := a.Organisations().PutMember(ctx, store.Membership{Organisation: "org1", Person: p, Role: store.RoleOwner, Since: at(1)}); err != nil {
			return err
		}
	}
	return nil
}

// accountWrites are all methods of accounts that change something.
func accountWrites() []write {
	with := func(name string, do func(ctx context.Context, a store.Accounts) error) write {
		return write{name, func(ctx context.Context, tx store.Tx) error { return do(ctx, tx.Platform().Accounts()) }}
	}
	return []write{
		with("People.Put", func(ctx context.Context, a store.Accounts) error {
			return errors.Join(a.People().Hold(ctx, "per1"), a.People().Put(ctx, samplePerson("per1")))
		}),
		with("Organisations.Put", func(ctx context.Context, a store.Accounts) error {
			return a.Organisations().Put(ctx, sampleOrganisation("org1"))
		}),
		with("People.Put", func(ctx context.Context, a store.Accounts) error { return a.People().Put(ctx, samplePerson("per2")) }),
		with("Organisations.PutMember", func(ctx context.Context, a store.Accounts) error { return putMembers(ctx, a, "per1", "per2") }),
		with("Organisations.RemoveMember", func(ctx context.Context, a store.Accounts) error {
			return a.Organisations().RemoveMember(ctx, "org1", "per2")
		}),
		with("Sessions.Put", func(ctx context.Context, a store.Accounts) error {
			ended := sampleSession("ended", "per1")
			ended.CreatedAt = at(0)
			return errors.Join(a.Sessions().Put(ctx, ended), a.Sessions().Put(ctx, sampleSession("ses1", "per1")), a.Sessions().Put(ctx, sampleSession("ses2", "per1")),
				a.Sessions().Put(ctx, sampleSession("ses3", "per2")))
		}),
		with("Sessions.RemoveBefore", func(ctx context.Context, a store.Accounts) error { return a.Sessions().RemoveBefore(ctx, at(1), at(1)) }),
		with("Sessions.Remove", func(ctx context.Context, a store.Accounts) error {
			_, err := a.Sessions().Remove(ctx, "ses2")
			return err
		}),
		with("Sessions.RemoveOf", func(ctx context.Context, a store.Accounts) error { return a.Sessions().RemoveOf(ctx, "per2", "") }),
		with("Tickets.Put", func(ctx context.Context, a store.Accounts) error {
			other := sampleTicket("tic3")
			other.Person = "per2"
			return errors.Join(a.Tickets().Put(ctx, sampleTicket("tic1")), a.Tickets().Put(ctx, sampleTicket("tic2")), a.Tickets().Put(ctx, other))
		}),
		with("Tickets.Use", func(ctx context.Context, a store.Accounts) error { return a.Tickets().Use(ctx, "tic1", at(2)) }),
		with("Tickets.Forget", func(ctx context.Context, a store.Accounts) error {
			_, err := a.Tickets().Forget(ctx, at(50))
			return err
		}),
		with("Tickets.Void", func(ctx context.Context, a store.Accounts) error {
			return a.Tickets().Void(ctx, "invite", "per1", at(3))
		}),
		with("Apps.Put", func(ctx context.Context, a store.Accounts) error { return a.Apps().Put(ctx, sampleApp("app1", "org1")) }),
		with("Apps.PutKey", func(ctx context.Context, a store.Accounts) error {
			return a.Apps().PutKey(ctx, sampleAppKey("key1", "app1"))
		}),
		with("Rejected.Add", func(ctx context.Context, a store.Accounts) error {
			return a.Rejected().Add(ctx, []store.RejectedCall{sampleRejected("key1", 1), sampleRejected("key1", 2), sampleRejected("key2", 3)}, 100)
		}),
		with("Rejected.Forget", func(ctx context.Context, a store.Accounts) error {
			_, err := a.Rejected().Forget(ctx, at(2))
			return err
		}),
		with("Audit.Append", func(ctx context.Context, a store.Accounts) error {
			return a.Audit().Append(ctx, []store.AuditEntry{sampleEntry("a")})
		}),
		with("Agreements.PutTerms", func(ctx context.Context, a store.Accounts) error { return a.Agreements().PutTerms(ctx, sampleTerms(1)) }),
		with("Agreements.Accept", func(ctx context.Context, a store.Accounts) error {
			return a.Agreements().Accept(ctx, sampleAcceptance("per1", 1))
		}),
		with("Agreements.PutProposal", func(ctx context.Context, a store.Accounts) error {
			return a.Agreements().PutProposal(ctx, sampleProposal("pro1"))
		}),
		with("Outbox.Put", func(ctx context.Context, a store.Accounts) error {
			return a.Outbox().Put(ctx, sampleMail("mail1", at(1)))
		}),
	}
}

// lookAtAccounts notes all that accounts show of the checks' data.
func lookAtAccounts(ctx context.Context, a store.Accounts, note func(name string, v any, err error)) {
	person, err := a.People().ByID(ctx, "per1")
	note("People.ByID", person, err)
	person, err = a.People().ByEmail(ctx, "per1@example.org")
	note("People.ByEmail", person, err)
	organisation, err := a.Organisations().ByID(ctx, "org1")
	note("Organisations.ByID", organisation, err)
	kind, err := a.Organisations().OfKind(ctx, store.KindPublisher)
	note("Organisations.OfKind", kind, err)
	like, err := a.Organisations().Find(ctx, store.OrganisationFilter{Words: "kupon", Publishers: []string{"pub-org1"}}, 10)
	note("Organisations.Find", like, err)
	members, err := a.Organisations().Members(ctx, "org1")
	note("Organisations.Members", members, err)
	members, err = a.Organisations().Of(ctx, "per1")
	note("Organisations.Of", members, err)
	session, err := a.Sessions().Get(ctx, "ses1")
	note("Sessions.Get", session, err)
	of, err := a.Sessions().Of(ctx, "per1")
	note("Sessions.Of", of, err)
	for _, hash := range []string{"tic1", "tic2"} {
		t, err := a.Tickets().Get(ctx, hash)
		note("Tickets.Get "+hash, t, err)
	}
	open, err := a.Tickets().Open(ctx, "invite", "org1", at(5))
	note("Tickets.Open", open, err)
	app, err := a.Apps().ByID(ctx, "app1")
	note("Apps.ByID", app, err)
	apps, err := a.Apps().Of(ctx, "org1")
	note("Apps.Of", apps, err)
	key, err := a.Apps().Key(ctx, "key1")
	note("Apps.Key", key, err)
	keys, err := a.Apps().Keys(ctx, "app1")
	note("Apps.Keys", keys, err)
	rejected, err := a.Rejected().Of(ctx, "key1", 10)
	note("Rejected.Of", rejected, err)
	log, err := a.Audit().After(ctx, 0, 10)
	note("Audit.After", log, err)
	due, err := a.Outbox().Due(ctx, at(50), 10)
	note("Outbox.Due", due, err)
	terms, err := a.Agreements().Terms(ctx)
	note("Agreements.Terms", terms, err)
	accepted, err := a.Agreements().Accepted(ctx, "", "per1")
	note("Agreements.Accepted", accepted, err)
	proposal, err := a.Agreements().Proposal(ctx, "pro1")
	note("Agreements.Proposal", proposal, err)
	proposals, err := a.Agreements().Proposals(ctx, "", "", 10)
	note("Agreements.Proposals", proposals, err)
}
