package proof

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/internal/importer"
	"github.com/clickledger/clickledger/internal/realdata"
	"github.com/clickledger/clickledger/internal/replay"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/pgtest"
	"github.com/clickledger/clickledger/internal/store/postgres"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/settlement"
)

// markets is how many simulated marketplaces are tried: CLICKLEDGER_MARKETS, or one.
func markets(t *testing.T) int {
	s := os.Getenv("CLICKLEDGER_MARKETS")
	if s == "" {
		return 1
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("CLICKLEDGER_MARKETS=%q is not a number", s)
	}
	return n
}

// sqliteEngine makes a fresh database and returns how to open it, again and again.
func sqliteEngine(t *testing.T) func() store.Store {
	path := filepath.Join(t.TempDir(), "clickledger.db")
	return func() store.Store {
		s, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func postgresEngine(t *testing.T) func() store.Store {
	dsn := pgtest.Database(t)
	return func() store.Store {
		s, err := postgres.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// I4, I8, I14: a marketplace of all reference programs gives the server, to which its news is told shuffled, repeated, in
// batches of any size, while the clock goes on and the server is stopped and started, what it gives replay: the same decision records, the same
// journal without corrections, the same balances. And the daily proof of the server holds.
func TestI4_MarketsComeToTheSameOnServerAndReplay(t *testing.T) {
	quotes, err := importer.ReferenceRates(realdata.ReferenceRates(), "USD", demo.Currencies()...)
	if err != nil {
		t.Fatal(err)
	}
	for name, engine := range map[string]func(*testing.T) func() store.Store{"sqlite": sqliteEngine, "postgres": postgresEngine} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events := 0
			for seed := range markets(t) {
				m := demo.Simulate(demo.Shape{Seed: uint64(seed), From: time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), Days: 20, Clicks: 1500}, quotes, nil)
				events += told(t, m, engine(t), uint64(seed))
			}
			t.Logf("events: %d", events)
		})
	}
}

// told tells a market to replay and to a server and compares; it returns how many clicks and order events the server was told.
func told(t *testing.T, m *demo.Market, open func() store.Store, seed uint64) int {
	t.Helper()
	in, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	write(t, in, m)
	until := m.Until().Add(40 * 24 * time.Hour)
	if _, err := replay.Run(replay.Options{In: in, Out: out, AsOf: until, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, open: open}
	s.clock.Set(m.From())
	s.start()
	defer func() { s.stop() }()
	if err := (&demo.Runner{Store: s.db, Settle: s.settle, Clock: &s.clock}).Facts(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	n := s.hear(m, until, rand.New(rand.NewPCG(seed, 11)))
	s.compare(m, out, until)
	return n
}

// write writes a market as the input of a replay.
func write(t *testing.T, dir string, m *demo.Market) {
	t.Helper()
	object := func(v map[string]any) []byte {
		for k, x := range v {
			if x == "" {
				delete(v, k)
			}
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	stamp := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339Nano)
	}
	files := make(map[string]*bytes.Buffer)
	line := func(name string, text []byte) {
		if files[name] == nil {
			files[name] = &bytes.Buffer{}
		}
		files[name].Write(bytes.TrimSpace(text))
		files[name].WriteByte('\n')
	}
	for _, s := range m.Spaces {
		line("publishers.jsonl", object(map[string]any{
			"publisher": s.Publisher, "ad_space": s.ID, "program": s.Program, "traffic_type": s.TrafficType.String(), "approved_at": stamp(s.ApprovedAt),
			"blocked_at": stamp(s.BlockedAt), "tracking_ids": s.TrackingIDs, "coupons": s.Coupons, "parent": s.Parent,
		}))
	}
	for _, c := range m.Clicks {
		target := object(map[string]any{"kind": c.Target.Kind.String(), "product": c.Target.Product, "store": c.Target.Store})
		line("clicks.jsonl", object(map[string]any{
			"click": c.ID, "at": stamp(c.At), "program": c.Program, "visitor": c.Visitor, "channel": c.Channel, "publisher": c.Publisher, "ad_space": c.AdSpace,
			"tracking_id": c.TrackingID, "session": c.Session, "verdict": c.Verdict.String(), "target": json.RawMessage(target), "sub": c.Sub,
		}))
	}
	for _, p := range m.Products {
		line("products.jsonl", wire.AppendProduct(nil, p))
	}
	for _, s := range m.Stores {
		line("stores.jsonl", wire.AppendStore(nil, s))
	}
	for _, q := range m.Quotes {
		line("fx.jsonl", wire.AppendQuote(nil, &wire.Quote{Day: q.Day, Base: q.Base, Quote: q.Quoted, Rate: q.Rate}))
	}
	for i := range m.Events {
		line("orders.jsonl", wire.AppendEvent(nil, &m.Events[i]))
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// server is a settling service on its database.
type server struct {
	t      *testing.T
	open   func() store.Store
	clock  demo.Clock
	db     store.Store
	settle *settle.Service
	stop   func()
}

func (s *server) start() {
	s.t.Helper()
	s.db = s.open()
	v, err := settle.New(s.t.Context(), s.db, s.clock.Now)
	if err != nil {
		s.t.Fatal(err)
	}
	s.settle = v
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- v.Run(ctx) }()
	s.stop = func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
		if err := s.db.Close(); err != nil {
			s.t.Error(err)
		}
	}
}

// hear tells the server a market's news in any order, some of it again and again, and lets time go on until a time.
func (s *server) hear(m *demo.Market, until time.Time, r *rand.Rand) int {
	s.t.Helper()
	clicks, events := slices.Clone(m.Clicks), slices.Clone(m.Events)
	for range len(clicks) / 3 {
		clicks = append(clicks, m.Clicks[r.IntN(len(m.Clicks))])
	}
	for range len(events) / 2 {
		events = append(events, m.Events[r.IntN(len(m.Events))])
	}
	told := len(clicks) + len(events)
	r.Shuffle(len(clicks), func(i, j int) { clicks[i], clicks[j] = clicks[j], clicks[i] })
	r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	for len(clicks)+len(events) > 0 {
		if r.IntN(len(clicks)+len(events)) < len(clicks) {
			n := min(len(clicks), 1+r.IntN(600))
			s.clicked(clicks[:n])
			clicks = clicks[n:]
		} else {
			n := min(len(events), 1+r.IntN(60))
			s.report(events[:n])
			events = events[n:]
		}
		if r.IntN(2) == 0 {
			// When all is told, a good part of the time is still to come: what happens by itself then must happen.
			heard := time.Duration(told - len(clicks) - len(events))
			s.clock.Set(m.From().Add(until.Sub(m.From()) * 7 / 10 / time.Duration(told) * heard))
			s.tick()
		}
		if r.IntN(12) == 0 {
			s.stop()
			s.start()
		}
	}
	s.clock.Set(until)
	s.tick()
	return told
}

func (s *server) clicked(clicks []*click.Click) {
	s.t.Helper()
	if _, err := s.settle.ImportClicks(s.t.Context(), clicks); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) report(events []order.Event) {
	s.t.Helper()
	outcomes, err := s.settle.Report(s.t.Context(), events)
	if err != nil {
		s.t.Fatal(err)
	}
	for i, o := range outcomes {
		if o.Err != nil {
			s.t.Fatalf("order %q: %v", events[i].Order, o.Err)
		}
	}
}

func (s *server) tick() {
	s.t.Helper()
	for {
		n, err := s.settle.Tick(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// compare holds the server's data against the files of replay.
func (s *server) compare(m *demo.Market, out string, until time.Time) {
	t := s.t
	t.Helper()
	var keys []order.Key
	for i := range m.Events {
		if m.Events[i].Kind == order.Placed {
			keys = append(keys, m.Events[i].Key)
		}
	}
	var records, entries, balances []string
	err := s.db.View(t.Context(), func(tx store.Tx) error {
		for _, k := range keys {
			newest, err := tx.Decisions().Newest(t.Context(), k)
			if err != nil {
				return fmt.Errorf("order %q: %w", k.Order, err)
			}
			for _, r := range newest {
				records = append(records, string(r.JSON))
			}
		}
		journals, err := tx.Ledger().OfOrders(t.Context(), keys)
		if err != nil {
			return err
		}
		for _, j := range journals {
			for _, x := range settlement.Standing(j) {
				x.ID = ledger.EntryID(x.EffectiveAt, x.Cause)
				entries = append(entries, string(wire.AppendEntry(nil, &x)))
			}
		}
		book, err := tx.Ledger().Book(t.Context())
		if err != nil {
			return err
		}
		rebuilt, err := tx.Ledger().Rebuild(t.Context())
		if err != nil {
			return err
		}
		for _, k := range append(book.Lines(), rebuilt.Lines()...) { // I7
			if a, b := book.Balance(k.Account, k.Currency), rebuilt.Balance(k.Account, k.Currency); a != b {
				return fmt.Errorf("%v holds %d, its postings add up to %d", k.Account, a, b)
			}
		}
		balances = balancesOf(t, book, out)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sameLines(t, out, replay.CommissionsFile, records)
	sameLines(t, out, replay.LedgerFile, entries)
	sameLines(t, out, replay.BalancesFile, balances)
	read := func(string, string, []byte, money.Currency) (payout.FileContent, error) {
		return payout.FileContent{}, nil // there is no payout run
	}
	proof, err := books.New(s.db, read, func() time.Time { return until }).Proof(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range proof.Differences {
		t.Errorf("daily proof: %v", d)
	}
	s.reports()
	s.roll(until)
	s.reports() // from the sums of days now
}

// roll adds up what changed, as the server does every ten minutes.
func (s *server) roll(until time.Time) {
	s.t.Helper()
	err := s.db.Update(s.t.Context(), func(tx store.Tx) error {
		r := tx.Platform().Reports()
		days, err := r.Stale(s.t.Context(), until)
		if err == nil && len(days) == 0 {
			err = errors.New("no day is over")
		}
		for _, d := range days {
			err = errors.Join(err, r.Roll(s.t.Context(), d, until))
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// reports holds every breakdown of the reports against the sums of the decisions, which the daily
// proof held against the books (I13).
func (s *server) reports() {
	t := s.t
	t.Helper()
	type key struct {
		program program.ID
		state   string
	}
	err := s.db.View(t.Context(), func(tx store.Tx) error {
		decided, err := tx.Decisions().Sums(t.Context())
		if err != nil {
			return err
		}
		items, amounts := make(map[key]int64), make(map[key]int64)
		programs := make(map[program.ID]bool)
		for _, d := range decided {
			k := key{d.Program, d.State}
			items[k] += d.Items
			amounts[k] += d.Amount
			programs[d.Program] = true
		}
		for _, by := range []store.Dim{
			store.DimDay, store.DimPublisher, store.DimAdSpace, store.DimTrackingID, store.DimAF, store.DimCN, store.DimKind, store.DimProduct, store.DimCategory,
			store.DimRule, store.DimState,
		} {
			for p := range programs {
				n, sum := make(map[key]int64), make(map[key]int64)
				figures := 0
				err := tx.Platform().Reports().Items(t.Context(), store.Figures{Program: p, By: []store.Dim{by}}, func(f store.Figure) error {
					n[key{p, f.State}] += f.Items
					sum[key{p, f.State}] += f.Amount
					figures++
					return nil
				})
				if err != nil {
					return fmt.Errorf("items by %s: %w", by, err)
				}
				if figures < 2 {
					t.Errorf("%s by %s has %d figures", p, by, figures)
				}
				for _, state := range []string{"unattributed", "declined", "tracked", "pending", "approved"} {
					if k := (key{p, state}); n[k] != items[k] || sum[k] != amounts[k] {
						t.Errorf("%s by %s: %d items %s of %d; decided are %d of %d", p, by, n[k], state, sum[k], items[k], amounts[k])
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// balancesOf are the lines of replay's balances with the figures of a book.
func balancesOf(t *testing.T, book *ledger.Book, out string) []string {
	t.Helper()
	var lines []string
	for _, l := range readLines(t, out, replay.BalancesFile) {
		var b struct {
			Publisher, Program                          string
			Currency                                    money.Currency
			Tracked, Pending, Approved, Available, Paid string
		}
		if err := json.Unmarshal([]byte(l), &b); err != nil {
			t.Fatal(err)
		}
		of := func(kinds ...ledger.Kind) string {
			var sum int64
			for _, k := range kinds {
				sum += book.Balance(ledger.Of(k, program.ID(b.Program), b.Publisher), b.Currency)
			}
			return money.New(sum, b.Currency).Decimal()
		}
		// Without payouts, all that was ever approved is available or owed.
		available := of(ledger.Available, ledger.Clawback)
		lines = append(lines, fmt.Sprintf(`{"publisher":%q,"program":%q,"currency":%q,"tracked":%q,"pending":%q,"approved":%q,"available":%q,"paid":%q}`,
			b.Publisher, b.Program, b.Currency, of(ledger.Tracked), of(ledger.Pending), available, available, of(ledger.Paid)))
	}
	return lines
}

func readLines(t *testing.T, dir, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// sameLines compares a file of replay with what the server has, in any order.
func sameLines(t *testing.T, dir, name string, got []string) {
	t.Helper()
	want := readLines(t, dir, name)
	for i := range got {
		got[i] = strings.TrimSpace(got[i])
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) < 10 {
		t.Fatalf("%s has %d lines only", name, len(want))
	}
	for i := range max(len(want), len(got)) {
		var w, g string
		if i < len(want) {
			w = want[i]
		}
		if i < len(got) {
			g = got[i]
		}
		if w != g {
			t.Fatalf("%s: %d lines, the server has %d; the first that differs\nwant %s\ngot  %s", name, len(want), len(got), w, g)
		}
	}
}
