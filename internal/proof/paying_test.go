package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/internal/importer"
	"github.com/clickledger/clickledger/internal/realdata"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// bank executes the files that it is given: each message once, as banks do.
type bank struct {
	mu       sync.Mutex
	messages map[string]bool
	executed map[string]int // by payout: how often
	amount   map[string]money.Amount
	wrong    map[string]payout.Status // what becomes of payouts that are not paid
}

// take executes a bank file, as it reads it.
func (b *bank) take(run, name string, data []byte, c money.Currency, fate func() payout.Status) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.messages[run+" "+name] {
		return nil
	}
	b.messages[run+" "+name] = true
	content, err := readFile(run, name, data, c)
	if err != nil {
		return err
	}
	for _, p := range content.Payments {
		b.executed[p.Payout]++
		b.amount[p.Payout] = money.New(p.Amount, c)
		b.wrong[p.Payout] = fate()
	}
	return nil
}

// statement is what the bank says about all that it was told to pay.
func (b *bank) statement(at time.Time) []payout.Answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	var answers []payout.Answer
	for id, status := range b.wrong {
		answers = append(answers, payout.Answer{Payout: id, Status: status, Amount: b.amount[id], Ref: "ref/" + id, At: at})
	}
	return answers
}

func readFile(run, name string, data []byte, c money.Currency) (payout.FileContent, error) {
	return bankfile.Contents(run, name, bytes.NewReader(data), c, bankfile.DefaultLimits())
}

func makeFiles(r *payout.Run) ([]payouts.BankFile, error) {
	files, err := bankfile.Build(r)
	if err != nil {
		return nil, err
	}
	made := make([]payouts.BankFile, len(files))
	for i, f := range files {
		made[i] = payouts.BankFile{File: f.File, Data: f.Data}
	}
	return made, nil
}

// I5, I8, I11, I12: many people and machines who lead the same payouts to the bank at the same time, each going on with what
// the others left, pay nobody twice: the bank executes each payout once, the books say what the bank did, nothing stays in clearing, and
// the daily proof holds.
func TestI5_ManyWhoPayAtOncePayOnce(t *testing.T) {
	quotes, err := importer.ReferenceRates(realdata.ReferenceRates(), "USD", demo.Currencies()...)
	if err != nil {
		t.Fatal(err)
	}
	m := demo.Simulate(demo.Shape{Seed: 3, From: time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), Days: 20, Clicks: 3000}, quotes, nil)
	for name, engine := range map[string]func(*testing.T) func() store.Store{"sqlite": sqliteEngine, "postgres": postgresEngine} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{t: t, open: engine(t)}
			s.clock.Set(m.From())
			s.start()
			defer func() { s.stop() }()
			if err := (&demo.Runner{Store: s.db, Settle: s.settle, Clock: &s.clock}).Facts(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			people := &demo.Bank{Payouts: s.payouts(), Settle: s.settle, Clock: &s.clock}
			if err := people.Details(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			s.hear(m, m.Until().Add(60*24*time.Hour), rand.New(rand.NewPCG(3, 3)))
			s.payTogether(8)
		})
	}
}

func (s *server) payouts() *payouts.Service {
	payer := payout.Party{Name: "Example Marketplace GmbH", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX", Address: payout.Address{
		Street: "Beispielstrasse", Building: "1", PostCode: "10115", Town: "Berlin", Country: "DE",
	}}
	return payouts.New(s.db, s.settle.Terms, makeFiles, payer, s.clock.Now)
}

// payTogether lets some workers pay all programs and take the bank's answers in, and looks at what came of it.
func (s *server) payTogether(workers int) {
	t := s.t
	t.Helper()
	b := &bank{messages: make(map[string]bool), executed: make(map[string]int), amount: make(map[string]money.Amount), wrong: make(map[string]payout.Status)}
	for day := range 8 { // what the bank refused or sent back is paid anew on a later day
		s.clock.Set(s.clock.Now().Add(24 * time.Hour))
		var all sync.WaitGroup
		for n := range workers {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(n), uint64(day)))
				for _, p := range program.ReferenceIDs() {
					if err := s.pay(b, p, r); err != nil {
						t.Errorf("day %d, worker %d, program %s: %v", day, n, p, err)
					}
				}
			})
		}
		all.Wait()
		if _, ok := s.agreed(); !ok || t.Failed() {
			return // what is paid and not booked would be paid anew each day
		}
	}
	ctx, service := t.Context(), s.payouts()
	got, err := service.Answers(ctx, b.statement(s.clock.Now()), "bank")
	if err != nil || len(got.Strange) > 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	runs, err := service.Runs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for i := range runs {
		for _, p := range runs[i].Payouts {
			switch p.Status {
			case payout.Paid, payout.Rejected, payout.Returned:
				sent++
			default:
				t.Errorf("payout %s of run %s ends as %s", p.ID, runs[i].ID, p.Status)
			}
			if b.executed[p.ID] != 1 || b.amount[p.ID].Minor != p.Net {
				t.Errorf("the bank executed payout %s of %d %d times, with %v", p.ID, p.Net, b.executed[p.ID], b.amount[p.ID])
			}
		}
	}
	if sent < 20 || sent != len(b.executed) {
		t.Errorf("%d payouts were sent, the bank executed %d", sent, len(b.executed))
	}
	if book, ok := s.agreed(); ok {
		for _, k := range book.Lines() {
			if balance := book.Balance(k.Account, k.Currency); balance != 0 && (k.Account.Kind == ledger.Clearing || k.Account.Kind == ledger.Reserved) { // I12
				t.Errorf("everything is answered, and %v holds %d", k.Account, balance)
			}
		}
	}
	proof, err := books.New(s.db, readFile, s.clock.Now).Proof(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range proof.Differences {
		t.Errorf("daily proof: %v", d)
	}
	t.Logf("%d runs, %d payouts", len(runs), sent)
}

// agreed holds the books against what the runs say was paid, and returns them.
func (s *server) agreed() (book *ledger.Book, ok bool) {
	t := s.t
	t.Helper()
	runs, err := s.payouts().Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	paid := make(map[program.ID]int64)
	for i := range runs {
		for _, p := range runs[i].Payouts {
			if p.Status == payout.Paid {
				paid[runs[i].Program] += p.Net
			}
		}
	}
	err = s.db.View(t.Context(), func(tx store.Tx) (err error) {
		book, err = tx.Ledger().Book(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	booked := make(map[program.ID]int64)
	for _, k := range book.Lines() {
		if k.Account.Kind == ledger.Paid {
			booked[k.Account.Program] += book.Balance(k.Account, k.Currency)
		}
	}
	ok = true
	for p, want := range paid {
		if booked[p] != want {
			t.Errorf("program %s paid %d, the books say %d", p, want, booked[p])
			ok = false
		}
	}
	return book, ok
}

// pay leads the run of the day as far as it can, from wherever others have brought it, and hands the files to the bank.
func (s *server) pay(b *bank, p program.ID, r *rand.Rand) error {
	ctx, service := s.t.Context(), s.payouts()
	run, err := service.Start(ctx, p, payout.Manual, nil, "maria")
	if err != nil || len(run.Payouts) == 0 {
		return late(err)
	}
	steps := []func() error{
		func() error { _, err := service.Build(ctx, run.ID, "maria"); return err },
		func() error {
			t := run.Totals()
			_, err := service.Approve(ctx, run.ID, payout.Approval{By: "chen", Payments: t.Payments, Total: money.New(t.Net, run.Currency).Decimal()})
			return err
		},
		func() error { _, err := service.Release(ctx, run.ID, "maria"); return err },
		func() error { return s.send(ctx, b, run.ID, r) },
		func() error {
			got, err := service.Answers(ctx, b.statement(s.clock.Now()), "bank")
			if err == nil && len(got.Strange) > 0 {
				err = fmt.Errorf("the bank's answer: %w", got.Strange[0].Err)
			}
			return err
		},
	}
	for _, step := range steps {
		if err := late(step()); err != nil {
			return err
		}
	}
	return nil
}

// send hands a run's files to the bank, if they are released; they may have been sent before.
func (s *server) send(ctx context.Context, b *bank, id string, r *rand.Rand) error {
	service := s.payouts()
	runs, err := service.Runs(ctx)
	if err != nil {
		return err
	}
	for i := range runs {
		run := &runs[i]
		if run.ID != id || run.ReleasedBy.At.IsZero() {
			continue
		}
		for _, f := range run.Files {
			data, err := service.File(ctx, id, f.Name)
			if err != nil {
				return err
			}
			fate := func() payout.Status {
				return [...]payout.Status{payout.Paid, payout.Paid, payout.Paid, payout.Rejected, payout.Returned}[r.IntN(5)]
			}
			if err := b.take(id, f.Name, data, run.Currency, fate); err != nil {
				return err
			}
		}
	}
	return nil
}

// late is an error, unless it says that somebody else was faster.
func late(err error) error {
	var state *payout.StateError
	if errors.As(err, &state) || errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}
