// Package sandbox gives everybody who calls the API a marketplace of their own to try things in: the same programs and the same calls
// under /sandbox, with test orders and a clock that can be moved forward. A sandbox lies in a database of its own, so nothing of it can
// reach a report, a ranking or a bank, and whoever moves its clock moves nobody else's.
package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/keywords"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/rest"
	"github.com/clickledger/clickledger/internal/rest/call"
	restsandbox "github.com/clickledger/clickledger/internal/rest/sandbox"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/trust"
)

// Prefix stands before the addresses of the API in the sandbox.
const Prefix = "/sandbox"

// Options are what sandboxes are made with.
type Options struct {
	Dir    string                                                      // where they lie
	Open   func(ctx context.Context, path string) (store.Store, error) // opens the database of one
	Real   store.Store                                                 // programs and exchange rates are taken from it
	Guard  *call.Guard                                                 // lets callers in, by the real clock
	Joins  func(db store.Store, now func() time.Time) *joining.Service // how ad spaces join
	Codes  *link.Codes
	Box    *seal.Box
	Caller postbacks.Caller // calls publishers' systems
	Log    *slog.Logger
	Now    func() time.Time // the real clock
}

// most is how many sandboxes there are at a time.
const most = 200

// Sandboxes are everybody's.
type Sandboxes struct {
	o   Options
	ctx context.Context // sandboxes live as long as the server, not as long as the call that opens one

	mu  sync.Mutex
	all map[string]*box
}

// New returns sandboxes that live until the context ends. Close waits for them.
func New(ctx context.Context, o Options) *Sandboxes {
	return &Sandboxes{o: o, ctx: ctx, all: make(map[string]*box)}
}

// Register puts the sandboxes on a mux. By method, because the console takes every other address that is read.
func (s *Sandboxes) Register(mux *http.ServeMux) {
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		mux.Handle(m+" "+Prefix+"/", s)
	}
}

// ServeHTTP answers calls under Prefix in the caller's sandbox.
func (s *Sandboxes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	restsandbox.Mark(w.Header())
	key, ok, err := s.o.Guard.Named(r)
	if err != nil || !ok {
		call.Refuse(w)
		return
	}
	if key.Seller != "" { // without a publisher it would be taken for the marketplace's
		call.NoSandbox(w)
		return
	}
	b, err := s.open(key.Publisher)
	if err != nil {
		s.o.Log.Error("a sandbox could not be opened", "error", err)
		call.Unavailable(w)
		return
	}
	http.StripPrefix(Prefix, b.mux).ServeHTTP(w, r)
}

// Close waits until all sandboxes have ended. The context must have ended.
func (s *Sandboxes) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all error
	for _, b := range s.all {
		b.jobs.Wait()
		b.api.Close()
		all = errors.Join(all, b.settling, b.db.Close())
	}
	return all
}

// box is a sandbox.
type box struct {
	owner     string // the publisher, or "" for the marketplace's
	path      string // of the file that keeps the clock
	db        store.Store
	real      func() time.Time
	mux       *http.ServeMux
	api       *rest.Server
	settle    *settle.Service
	intake    *intake.Service
	postbacks *postbacks.Service
	jobs      sync.WaitGroup
	settling  error

	mu    sync.Mutex
	ahead time.Duration
}

// name is the file name of an owner's sandbox.
func name(owner string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(owner)))[:32] }

func (s *Sandboxes) open(owner string) (*box, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.all[owner]; b != nil {
		return b, nil
	}
	if len(s.all) >= most {
		return nil, fmt.Errorf("there are %d sandboxes open already", most)
	}
	if err := os.MkdirAll(s.o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of sandboxes: %w", err)
	}
	path := filepath.Join(s.o.Dir, name(owner))
	b := &box{owner: owner, path: path + ".clock", real: s.o.Now}
	if err := b.readClock(); err != nil {
		return nil, err
	}
	var err error
	if b.db, err = s.o.Open(s.ctx, path+".db"); err != nil {
		return nil, err
	}
	if err := s.start(b); err != nil {
		return nil, errors.Join(err, b.db.Close())
	}
	s.all[owner] = b
	return b, nil
}

// start puts the same services over a sandbox's database that the marketplace has over its own.
func (s *Sandboxes) start(b *box) error {
	if err := b.copyPrograms(s.ctx, s.o.Real); err != nil {
		return err
	}
	var err error
	if b.settle, err = settle.New(s.ctx, b.db, b.Now); err != nil {
		return err
	}
	b.intake = intake.New(b.db, b.Now)
	b.postbacks = postbacks.New(b.db, s.o.Box, s.o.Caller, s.o.Log, b.Now)
	made := links.New(b.db, s.o.Codes, "https://sandbox.invalid", b.Now)
	services := rest.Services{
		Care:        links.NewCare(made, links.CareParts{Targets: noPages, Pages: noPages, Log: s.o.Log}),
		Keywords:    keywords.New(b.db, b.Now),
		Books:       books.New(b.db, bankfile.Back, b.Now),
		Cases:       cases.New(b.db, b.settle, s.o.Box, "https://sandbox.invalid", trust.Defaults(), rand.Text, b.Now),
		Intake:      b.intake,
		Joining:     s.o.Joins(b.db, b.Now),
		Links:       made,
		Payouts:     payouts.New(b.db, b.settle.Terms, noBank, payout.Party{Name: "Sandbox"}, b.Now),
		Postbacks:   b.postbacks,
		ReadAnswers: bankfile.Answers,
		Reports:     reports.New(b.db, b.Now),
		Sandbox:     b,
		Settle:      b.settle,
		Desk:        desk.New(b.db, s.o.Box, "https://sandbox.invalid", b.Now), // nothing sends its e-mails
		Sellers:     sellers.New(b.db, b.Now),
		Subs:        subnetworks.New(b.db, b.Now),
	}
	b.mux = http.NewServeMux()
	b.api = rest.New(services, s.o.Guard.Under(Prefix), s.o.Log, b.Now)
	b.api.Register(b.mux, prometheus.NewRegistry())
	b.jobs.Go(func() { b.settling = b.settle.Run(s.ctx) })
	return nil
}

// errNoBank says that a sandbox pays nobody.
var errNoBank = errors.New("a sandbox makes no bank files: no money moves here")

// noPages reads nothing: a sandbox has no pages, and nothing runs the audits that are planned in it.
func noPages(context.Context, string) (links.Fetched, error) {
	return links.Fetched{}, errors.New("a sandbox reads no pages")
}

func noBank(*payout.Run) ([]payouts.BankFile, error) { return nil, errNoBank }

// copyPrograms brings the published documents and the exchange rates in.
func (b *box) copyPrograms(ctx context.Context, from store.Store) error {
	var docs []store.Document
	var quotes []store.Quote
	err := from.View(ctx, func(tx store.Tx) (err error) {
		if docs, err = tx.Facts().Documents(ctx); err != nil {
			return err
		}
		quotes, err = tx.Facts().Quotes(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the programs for a sandbox: %w", err)
	}
	err = b.db.Update(ctx, func(tx store.Tx) error {
		for _, d := range docs {
			if err := tx.Facts().PutDocument(ctx, d); err != nil {
				return err
			}
		}
		return tx.Facts().PutQuotes(ctx, quotes)
	})
	if err != nil {
		return fmt.Errorf("copying the programs into a sandbox: %w", err)
	}
	return nil
}

// clock is what the clock file holds.
type clock struct {
	Ahead time.Duration `json:"ahead"`
}

func (b *box) readClock() error {
	data, err := os.ReadFile(b.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var c clock
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil {
		return fmt.Errorf("reading the clock of a sandbox: %w", err)
	}
	b.ahead = c.Ahead
	return nil
}

// Now is the sandbox's time: the real one and how far its clock was moved.
func (b *box) Now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.real().Add(b.ahead)
}

// Ahead is how far the clock was moved.
func (b *box) Ahead() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ahead
}

// Move moves the clock forward, settles what is due then, and tells publishers' systems. The clock is kept before anything is settled by it.
func (b *box) Move(ctx context.Context, by time.Duration) (restsandbox.Moved, error) {
	var m restsandbox.Moved
	b.mu.Lock()
	ahead := b.ahead + by
	data, err := json.Marshal(clock{ahead})
	if err == nil {
		err = os.WriteFile(b.path+".new", data, 0o600)
	}
	if err == nil {
		err = os.Rename(b.path+".new", b.path)
	}
	if err == nil {
		b.ahead = ahead
	}
	b.mu.Unlock()
	if err != nil {
		return m, fmt.Errorf("keeping the clock of a sandbox: %w", err)
	}
	if m.Settled, err = b.settle.Tick(ctx); err != nil {
		return m, err
	}
	m.Messages, err = b.Tell(ctx)
	return m, err
}

// Tell sends what publishers' systems are to be told.
func (b *box) Tell(ctx context.Context) (int, error) {
	if _, err := b.postbacks.Collect(ctx); err != nil {
		return 0, err
	}
	if _, err := b.postbacks.CollectPayouts(ctx); err != nil {
		return 0, err
	}
	return b.postbacks.Send(ctx)
}

// TestSpace is the ad space that test clicks come from.
const TestSpace = "sandbox"

// Space brings a publisher's test ad space into a program, and makes it known.
func (b *box) Space(ctx context.Context, p program.ID, owner string) (string, error) {
	space := &publisher.AdSpace{ID: TestSpace, Publisher: owner, Program: p, TrafficType: program.Content, ApprovedAt: b.real().UTC().Add(-time.Hour).Truncate(time.Microsecond)}
	known := false
	err := b.db.View(ctx, func(tx store.Tx) error {
		all, err := tx.Facts().AdSpaces(ctx)
		for _, s := range all {
			known = known || s.Publisher == owner && s.ID == TestSpace && s.Program == p
		}
		return err
	})
	if err == nil && !known {
		err = b.intake.AdSpaces(ctx, []*publisher.AdSpace{space})
	}
	if err == nil {
		err = b.settle.Refresh(ctx)
	}
	return TestSpace, err
}
