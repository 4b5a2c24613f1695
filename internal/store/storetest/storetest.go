// Package storetest proves that an engine keeps the contract of package store: each check names what must hold. Every
// engine runs all of it.
//
// The checks of a role stand in the file of its name: those of store.Inquiries in inquiries.go, those of store.Targets in targets.go. A
// role that leads to others (store.Accounts, store.Desk, store.Care, store.Platform) has a file with what they share. Beside them are what
// holds for all roles (transactions.go, races.go, text.go, sizes.go), databases of older versions (takeover.go), and the proof that the
// checks find faults (*_faults_test.go, redcontrol_test.go).
package storetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

// Opener opens the database of one check. It is called again after the store was closed.
type Opener func(ctx context.Context) (store.Store, error)

// Run runs all checks. fresh makes an empty database, which goes away with the test, and returns how it is opened.
func Run(t *testing.T, fresh func(t testing.TB) Opener) {
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.Run(t, fresh(t))
		})
	}
}

// Check is one thing that must hold.
type Check struct {
	Name string
	run  func(k *kit)
}

// Run runs the check on a database.
func (c Check) Run(t testing.TB, open Opener) {
	k := &kit{TB: t, ctx: t.Context(), open: open}
	k.store = k.opened()
	defer func() {
		if k.store != nil {
			k.must(k.store.Close())
		}
	}()
	c.run(k)
}

// Checks are all checks.
func Checks() []Check {
	return slices.Concat(transactionChecks(), raceChecks(), factChecks(), clickChecks(), orderChecks(), decisionChecks(), ledgerChecks(),
		payoutChecks(), keyChecks(), platformChecks(), sellerChecks(), postbackChecks(), careChecks(), deskChecks(), caseChecks(), reportChecks(), textChecks(), sizeChecks(), accountChecks())
}

// kit is what checks work with.
type kit struct {
	testing.TB
	ctx   context.Context
	open  Opener
	store store.Store
}

func (k *kit) opened() store.Store {
	k.Helper()
	s, err := k.open(k.ctx)
	k.must(err)
	return s
}

// reopen closes the store and opens it again.
func (k *kit) reopen() {
	k.Helper()
	k.must(k.store.Close())
	k.store = nil
	k.store = k.opened()
}

func (k *kit) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatalf("%v", err)
	}
}

// update runs do in a transaction that must succeed.
func (k *kit) update(do func(tx store.Tx) error) {
	k.Helper()
	k.must(k.store.Update(k.ctx, do))
}

// view runs do in a view that must succeed.
func (k *kit) view(do func(tx store.Tx) error) {
	k.Helper()
	k.must(k.store.View(k.ctx, do))
}

// is checks an error's kind.
func (k *kit) is(err, kind error, doing string) {
	k.Helper()
	if !errors.Is(err, kind) {
		k.Errorf("%s: the error is %v, want %v", doing, err, kind)
	}
}

// same compares what was read with what was to be read.
func (k *kit) same(what string, got, want any) {
	k.Helper()
	if !reflect.DeepEqual(got, want) {
		k.Errorf("%s:\n got %s\nwant %s", what, show(got), show(want))
	}
}

// read runs do in a view and returns what it reads.
func read[T any](k *kit, do func(tx store.Tx) (T, error)) T {
	k.Helper()
	var out T
	k.view(func(tx store.Tx) (err error) {
		out, err = do(tx)
		return err
	})
	return out
}

var errUndo = errors.New("undo this")

// day0 is where the checks' time begins. It is not a round number, so that what rounds times is seen.
var day0 = time.Date(2026, 3, 1, 10, 20, 30, 123457000, time.UTC)

// at is a time some microseconds after the beginning.
func at(micros int64) time.Time { return day0.Add(time.Duration(micros) * time.Microsecond) }

// awkward is text that engines may take for equal, or order in another way than by its bytes: case, accents, spaces at the
// end, digits, quotes and signs of patterns, and characters that UTF-16 orders otherwise. It is in byte order.
func awkward() []string {
	all := []string{
		"a", "A", "a ", " a", "a\t", "a\n", "b", "B", "aa", "aA", "Aa", "á", "a\u0301", "ß", "ss", "SS", "i", "I", "ı", "İ", "0", "00", "1", "10", "9", "-1",
		"%", "_", "a%", "a_", "'", "''", "\"", "\\", "\\0", "$1", "?1", "{rows}", "--", "a;b", "a:b", "a/b", "null", "NULL", "日本", "\u00ad", "\u200b",
		"\ufffd", "\uffff", "\U00010000", "\U0001F600", strings.Repeat("x", 400), strings.Repeat("日", 166),
	}
	slices.Sort(all)
	return all
}
