package storetest

import (
	"errors"

	"github.com/clickledger/clickledger/internal/store"
)

func appChecks() []Check {
	return []Check{
		{"apps and their keys are kept; an app never changes hands", appsKept},
	}
}

func sampleApp(id, organisation string) store.App {
	return store.App{ID: id, Organisation: organisation, Name: "Shop", Scopes: []string{"read"}, TrackingIDs: []string{"t1", "t2"}, CreatedAt: at(1), CreatedBy: "per1", RevokedAt: at(9)}
}

func sampleAppKey(id, app string) store.AppKey {
	return store.AppKey{ID: id, App: app, Secret: []byte{9, 0, 8}, CreatedAt: at(1), CreatedBy: "per1", ExpiresAt: at(2)}
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
