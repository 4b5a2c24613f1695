package storetest

import (
	"errors"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

func rejectedChecks() []Check {
	return []Check{
		{"rejected calls are kept of each key, the newest, and forgotten by age", rejectedKept},
		{"rejected calls of two that come at once are all kept", rejectedAtOnce},
	}
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
