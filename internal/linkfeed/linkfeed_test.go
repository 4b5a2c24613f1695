package linkfeed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/links"
	edgelinks "github.com/clickledger/clickledger/internal/edge/links"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

type world struct {
	t     *testing.T
	db    store.Store
	links *links.Service
	table *edgelinks.Table
	now   time.Time
	log   bytes.Buffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) // the test is over
	codes, err := link.NewCodes(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	w.links = links.New(db, codes, "https://s.example", w.clock)
	w.table = w.newTable()
	w.space("ann", time.Time{})
	return w
}

func (w *world) clock() time.Time { return w.now }

func (w *world) newTable() *edgelinks.Table {
	w.t.Helper()
	table, err := edgelinks.New(0, 1)
	if err != nil {
		w.t.Fatal(err)
	}
	return table
}

func (w *world) space(name string, blocked time.Time) {
	w.t.Helper()
	s := &publisher.AdSpace{ID: "blog", Publisher: name, Program: "global-eu", TrafficType: program.Content, ApprovedAt: w.now.AddDate(0, -1, 0), BlockedAt: blocked}
	if err := w.db.Update(w.t.Context(), func(tx store.Tx) error { return tx.Facts().PutAdSpaces(w.t.Context(), []*publisher.AdSpace{s}) }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) feed(table *edgelinks.Table, cursor []byte) *Feed {
	w.t.Helper()
	f, err := New(w.db, table, cursor, slog.New(slog.NewTextHandler(&w.log, nil)), w.clock)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func (w *world) sync(f *Feed) int {
	w.t.Helper()
	n, err := f.Sync(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// home makes links of ann's to the home page.
func (w *world) home(n int) []links.Link {
	w.t.Helper()
	wishes := make([]links.Wish, n)
	for i := range wishes {
		wishes[i] = links.Wish{Program: "global-eu", Publisher: "ann", Target: link.Target{Kind: program.LinkHome}}
	}
	made, err := w.links.Make(w.t.Context(), wishes)
	if err != nil {
		w.t.Fatal(err)
	}
	all := make([]links.Link, n)
	for i := range made {
		if made[i].Err != nil {
			w.t.Fatal(made[i].Err)
		}
		all[i] = made[i].Link
	}
	return all
}

func (w *world) state(table *edgelinks.Table, l links.Link) string {
	w.t.Helper()
	code, _ := link.ParseCode(l.Code)
	var v edgelinks.View
	if !table.Get(code, &v) {
		return "unknown"
	}
	return v.State.String()
}

// L1: one round of the feed brings new links, changed ones, blocked ad spaces and a program's new terms to the edge.
func TestL1_TheTableFollowsTheStore(t *testing.T) {
	w := newWorld(t)
	f := w.feed(w.table, nil)
	if n := w.sync(f); n != 0 {
		t.Errorf("%d links of an empty store", n)
	}
	ls := w.home(3)
	if n := w.sync(f); n != 3 || w.state(w.table, ls[2]) != "live" {
		t.Errorf("%d links changed, the last is %s", n, w.state(w.table, ls[2]))
	}
	if _, err := w.links.SetState(t.Context(), ls[0].Code, "ann", links.Revoked); err != nil {
		t.Fatal(err)
	}
	if n := w.sync(f); n != 1 || w.state(w.table, ls[0]) != "revoked" || w.state(w.table, ls[1]) != "live" {
		t.Errorf("%d links changed; %s, %s", n, w.state(w.table, ls[0]), w.state(w.table, ls[1]))
	}
	w.space("ann", w.now)
	w.sync(f)
	code, _ := link.ParseCode(ls[1].Code)
	var v edgelinks.View
	if !w.table.Get(code, &v) || !v.Space.BlockedAt(w.now.UnixMicro()) {
		t.Error("the table does not know that the ad space is blocked")
	}
	// Another edge, from a snapshot: it reads what came since, and no more.
	w.space("ann", time.Time{})
	later := w.home(2)
	docs, err := json.Marshal(f.Documents())
	if err != nil {
		t.Fatal(err)
	}
	var kept []Document
	if err := json.Unmarshal(docs, &kept); err != nil {
		t.Fatal(err)
	}
	second := w.newTable()
	if err := EnterDocuments(second, kept, w.now); err != nil {
		t.Fatal(err)
	}
	if n := w.sync(w.feed(second, f.Cursor())); n != 2 || w.state(second, later[1]) != "live" {
		t.Errorf("%d links since the snapshot", n)
	}
}

// More links than one page has are all read.
func TestL1_ManyLinks(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		w.home(links.MaxBulk)
	}
	if n := w.sync(w.feed(w.table, nil)); n != 5*links.MaxBulk || w.table.Stats().Links != n {
		t.Errorf("%d links read, %d in the table", n, w.table.Stats().Links)
	}
}

// away is a store that does not answer while it is told so.
type away struct {
	store.Store
	gone atomic.Bool
}

func (a *away) View(ctx context.Context, do func(store.Tx) error) error {
	if a.gone.Load() {
		return errors.New("gone")
	}
	return a.Store.View(ctx, do)
}

// With the store away the table stays as it is, and the feed says so once; then it catches up.
func TestL1_TheStoreIsAway(t *testing.T) {
	w := newWorld(t)
	db := &away{Store: w.db}
	f := w.feed(w.table, nil)
	f.store = db
	ls := w.home(1)
	w.sync(f)
	db.gone.Store(true)
	if _, err := f.Sync(t.Context()); err == nil {
		t.Error("a store that is away is not noticed")
	}
	more := w.home(1)
	if w.state(w.table, ls[0]) != "live" || w.state(w.table, more[0]) != "unknown" {
		t.Error("the table changed while the store was away")
	}
	db.gone.Store(false)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { f.Run(ctx, stop); close(done) }()
	<-done
	if w.state(w.table, more[0]) != "live" {
		t.Error("the feed did not catch up")
	}
}
