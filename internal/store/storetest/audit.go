package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/clickledger/clickledger/internal/store"
)

func auditChecks() []Check {
	return []Check{
		{"the audit log is a chain without gaps, also of those who write at once", auditChain},
		{"the audit log is read on and in pages", auditPages},
	}
}

func sampleEntry(action string) store.AuditEntry {
	return store.AuditEntry{At: at(5), Person: "per1", Organisation: "org1", Via: "session x", Network: "192.0.2.0/24", Action: action, Object: "person per1", Detail: `{"a": 1}`}
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
	salts := make(map[string]bool)
	var actions []string
	for i, e := range all {
		actions = append(actions, e.Action)
		if len(e.Salt) != 16 || !bytes.Equal(e.Commitment, e.Commit()) || e.Redacted() {
			k.Errorf("entry %d is not committed to under a salt of its own: %x, %x", i+1, e.Salt, e.Commitment)
		}
		if salts[string(e.Salt)] {
			k.Errorf("entry %d has the salt of another one", i+1)
		}
		salts[string(e.Salt)] = true
		e.Sequence, e.Salt, e.Commitment, e.Hash = 0, nil, nil, nil
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
