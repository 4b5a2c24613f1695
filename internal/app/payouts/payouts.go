// Package payouts leads payout runs through the store: each step reads, decides with package payout, books and keeps the
// run in one database transaction (M3, M5).
package payouts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// Service pays publishers.
type Service struct {
	store store.Store
	terms func(p program.ID, at time.Time) *program.Terms
	files FileMaker
	payer payout.Party
	now   func() time.Time
	check AccountCheck // nil: every account is taken
	box   *seal.Box    // what e-mail is sealed with; nil: nobody is told
}

// ErrNoPayer says that a run cannot be opened, because nobody said whose bank account pays.
var ErrNoPayer = errors.New("no paying account is set")

// FileMaker makes the bank files of a frozen run. The same run always gives the same bytes.
type FileMaker func(r *payout.Run) ([]BankFile, error)

// BankFile is a file for a bank or a payment service.
type BankFile struct {
	payout.File
	Data []byte
}

// New returns a service. payer is whose bank account pays.
func New(s store.Store, terms func(program.ID, time.Time) *program.Terms, files FileMaker, payer payout.Party, now func() time.Time) *Service {
	return &Service{store: s, terms: terms, files: files, payer: payer, now: now}
}

// Details are how a publisher is paid.
type Details struct {
	Method  string       `json:"method"`
	Country string       `json:"country"`
	Account payout.Party `json:"account"`
}

// step changes a run: it reads it, decides, books and keeps the changed run, all or nothing.
func (s *Service) step(ctx context.Context, id string, act audit.Act, do func(tx store.Tx, r payout.Run) (payout.Run, []ledger.Transaction, error)) (payout.Run, error) {
	var out payout.Run
	err := s.store.Update(ctx, func(tx store.Tx) error {
		r, _, err := tx.Payouts().Run(ctx, id)
		if err != nil {
			return fmt.Errorf("reading payout run %q: %w", id, err)
		}
		if err := tx.Orders().Lock(ctx, r.Program); err != nil {
			return fmt.Errorf("waiting for program %q: %w", r.Program, err)
		}
		// Somebody else may have led the run on while this transaction waited.
		r, revision, err := tx.Payouts().Run(ctx, id)
		if err != nil {
			return fmt.Errorf("reading payout run %q: %w", id, err)
		}
		next, ts, err := do(tx, r)
		if err != nil {
			return err
		}
		out = next
		act.Before = described(&r)
		return s.keep(ctx, tx, next, revision, ts, act)
	})
	return out, err
}

// described is what of a run people look for in the audit log.
func described(r *payout.Run) audit.Values {
	t := r.Totals()
	return audit.Values{"state": string(r.State), "payouts": strconv.Itoa(t.Payments), "net": money.New(t.Net, r.Currency).String()}
}

// by names who did a step in the audit log where it is somebody else than who is signed in: commands say it.
func by(ctx context.Context, who string) audit.Values {
	if who == audit.Of(ctx).Person {
		return nil
	}
	return audit.Values{"by": who}
}

// keep books what a step moved, keeps the run, and notes the step in the audit log unless it changed nothing (an act without an action).
func (s *Service) keep(ctx context.Context, tx store.Tx, r payout.Run, revision int, ts []ledger.Transaction, act audit.Act) error {
	if err := store.Book(ctx, tx, ts, s.now()); err != nil {
		return fmt.Errorf("booking payout run %q: %w", r.ID, err)
	}
	if err := tx.Payouts().PutRun(ctx, r, revision); err != nil {
		return fmt.Errorf("keeping payout run %q: %w", r.ID, err)
	}
	if act.Action == "" {
		return nil
	}
	act.Object = "payout run " + r.ID
	after := described(&r)
	maps.Copy(after, act.After)
	act.After = after
	return audit.Note(ctx, tx, s.now(), act)
}

// Due opens and freezes the run that a program's schedule asks for now, or returns the one that stands for it already. ok is
// false where the schedule asks for none.
func (s *Service) Due(ctx context.Context, p program.ID, by string) (r payout.Run, ok bool, err error) {
	terms := s.terms(p, s.now())
	if terms == nil {
		return r, false, fmt.Errorf("program %q: %w", p, store.ErrNotFound)
	}
	period, due := payout.Due(terms, s.now())
	if !due {
		return r, false, nil
	}
	r, err = s.open(ctx, terms, period, by, nil)
	return r, err == nil, err
}

// Start opens and freezes a run by hand, or one for publishers who asked (none: everybody who can be paid).
func (s *Service) Start(ctx context.Context, p program.ID, way payout.Way, publishers []string, by string) (payout.Run, error) {
	terms := s.terms(p, s.now())
	if terms == nil {
		return payout.Run{}, fmt.Errorf("program %q: %w", p, store.ErrNotFound)
	}
	return s.open(ctx, terms, payout.Today(terms, way, s.now()), by, publishers)
}

// open opens the run of a period and freezes it if it is a draft. only limits it to some publishers.
func (s *Service) open(ctx context.Context, terms *program.Terms, period payout.Period, who string, only []string) (payout.Run, error) {
	var out payout.Run
	if s.payer.Name == "" {
		return out, ErrNoPayer
	}
	err := s.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Orders().Lock(ctx, terms.Program); err != nil {
			return fmt.Errorf("waiting for program %q: %w", terms.Program, err)
		}
		earlier, err := tx.Payouts().Runs(ctx)
		if err != nil {
			return fmt.Errorf("reading payout runs: %w", err)
		}
		r, err := payout.Open(terms, period, earlier, who, s.now())
		if err != nil {
			return err
		}
		out = r
		if r.State != payout.Draft {
			return nil
		}
		_, revision, err := tx.Payouts().Run(ctx, r.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("reading payout run %q: %w", r.ID, err)
		}
		candidates, err := s.candidates(ctx, tx, terms, only)
		if err != nil {
			return err
		}
		next, ts, err := r.Freeze(terms, candidates, s.payer, who, s.now())
		if err != nil {
			return err
		}
		out = next
		act := audit.Act{Action: "payout.started", After: by(ctx, who)}
		if period.Way == payout.Requested {
			act.Action = "payout.requested"
		}
		return s.keep(ctx, tx, next, revision, ts, act)
	})
	return out, err
}

// candidates are the publishers that have money in a program, with their details.
func (s *Service) candidates(ctx context.Context, tx store.Tx, terms *program.Terms, only []string) ([]payout.Candidate, error) {
	book, err := tx.Ledger().Book(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading balances: %w", err)
	}
	details, err := tx.Payouts().Details(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading payout details: %w", err)
	}
	wanted := make(map[string]bool, len(only))
	for _, p := range only {
		wanted[p] = true
	}
	cases, err := suspended(ctx, tx, terms.Program)
	if err != nil {
		return nil, err
	}
	var cs []payout.Candidate
	for _, k := range book.Lines() {
		a := k.Account
		if a.Kind != ledger.Available || a.Program != terms.Program || k.Currency != terms.Currency {
			continue
		}
		if len(only) > 0 && !wanted[a.Owner] {
			continue
		}
		c := payout.Candidate{Payee: payout.Payee{Publisher: a.Owner, FraudCase: cases[a.Owner]}, Balance: payout.BalanceOf(book, a.Program, a.Owner, k.Currency)}
		if c.Balance.Available == 0 {
			continue
		}
		if kept, ok := details[a.Owner]; ok {
			var d Details
			if err := json.Unmarshal(kept.JSON, &d); err != nil {
				return nil, fmt.Errorf("payout details of %q: %w", a.Owner, err)
			}
			c.Method, c.Country, c.Account, c.DetailsChangedAt = d.Method, d.Country, d.Account, kept.ChangedAt
		}
		cs = append(cs, c)
	}
	return cs, nil
}

// FilesError says that the bank files of a run cannot be made, and why: a payout that it names cannot be written, or there is none.
type FilesError struct {
	Run string
	Err error
}

// Error says it.
func (e *FilesError) Error() string {
	return fmt.Sprintf("making the bank files of run %q: %v", e.Run, e.Err)
}

// Unwrap is why.
func (e *FilesError) Unwrap() error { return e.Err }

// Build makes the bank files of a frozen run and keeps their bytes before anybody can fetch them. Building again gives the
// same files.
func (s *Service) Build(ctx context.Context, id, who string) (payout.Run, error) {
	return s.step(ctx, id, audit.Act{Action: "payout.built", After: by(ctx, who)}, func(tx store.Tx, r payout.Run) (payout.Run, []ledger.Transaction, error) {
		made, err := s.files(&r)
		if err != nil {
			return r, nil, &FilesError{id, err}
		}
		files := make([]payout.File, len(made))
		for i, f := range made {
			files[i] = f.File
			if err := tx.Payouts().PutFile(ctx, id, f.Name, f.Data); err != nil {
				return r, nil, fmt.Errorf("keeping bank file %q: %w", f.Name, err)
			}
		}
		r, err = r.Build(files, who, s.now())
		return r, nil, err
	})
}

// Approve notes that a second person agreed and typed the totals.
func (s *Service) Approve(ctx context.Context, id string, a payout.Approval) (payout.Run, error) {
	return s.step(ctx, id, audit.Act{Action: "payout.approved", After: by(ctx, a.By)}, func(_ store.Tx, r payout.Run) (payout.Run, []ledger.Transaction, error) {
		r, err := r.Approve(a, s.now())
		return r, nil, err
	})
}

// Release books that the files go to the bank. Only then may they be sent.
func (s *Service) Release(ctx context.Context, id, who string) (payout.Run, error) {
	return s.step(ctx, id, audit.Act{Action: "payout.released", After: by(ctx, who)}, func(_ store.Tx, r payout.Run) (payout.Run, []ledger.Transaction, error) {
		return r.Release(who, s.now())
	})
}

// Cancel gives a run up before its release and puts the money back.
func (s *Service) Cancel(ctx context.Context, id, why, who string) (payout.Run, error) {
	return s.step(ctx, id, audit.Act{Action: "payout.cancelled", Reason: why, After: by(ctx, who)}, func(_ store.Tx, r payout.Run) (payout.Run, []ledger.Transaction, error) {
		return r.Cancel(why, who, s.now())
	})
}

// Exclude takes a publisher out of a frozen run.
func (s *Service) Exclude(ctx context.Context, id, publisher, why, who string) (payout.Run, error) {
	act := audit.Act{Action: "payout.excluded", Reason: why, After: audit.Values{"publisher": publisher}}
	maps.Copy(act.After, by(ctx, who))
	return s.step(ctx, id, act, func(_ store.Tx, r payout.Run) (payout.Run, []ledger.Transaction, error) {
		return r.Exclude(publisher, why, who, s.now())
	})
}

// Close ends a run whose payouts the bank has all answered.
func (s *Service) Close(ctx context.Context, id, who string) (payout.Run, error) {
	return s.step(ctx, id, audit.Act{Action: "payout.closed", After: by(ctx, who)}, func(_ store.Tx, r payout.Run) (payout.Run, []ledger.Transaction, error) {
		r, err := r.Close(who, s.now())
		return r, nil, err
	})
}

// Answered is what became of a bank's answers.
type Answered struct {
	New     int // changed something
	Known   int // said what was known
	Strange []Strange
}

// Strange is an answer that could not be taken in: about no payout of ours, or in contradiction to another one.
type Strange struct {
	Answer payout.Answer
	Err    error
}

// Answers takes a bank's answers in, whichever runs they are about; each one for itself.
func (s *Service) Answers(ctx context.Context, answers []payout.Answer, who string) (Answered, error) {
	var out Answered
	runs, err := s.Runs(ctx)
	if err != nil {
		return out, err
	}
	home := make(map[string]string)
	for i := range runs {
		for _, p := range runs[i].Payouts {
			home[p.ID] = runs[i].ID
		}
	}
	for _, a := range answers {
		id, ok := home[a.Payout]
		if !ok {
			out.Strange = append(out.Strange, Strange{a, fmt.Errorf("payout %q: %w", a.Payout, store.ErrNotFound)})
			continue
		}
		changed := false
		act := audit.Act{Action: "payout.answered", After: audit.Values{"payout": a.Payout, "answer": string(a.Status)}, Reason: a.Text}
		maps.Copy(act.After, by(ctx, who))
		_, err := s.step(ctx, id, act, func(_ store.Tx, r payout.Run) (payout.Run, []ledger.Transaction, error) {
			before := r.Payout(a.Payout).Status
			r, ts, err := r.Answer(a, who, s.now())
			changed = err == nil && r.Payout(a.Payout).Status != before
			return r, ts, err
		})
		var contradiction *payout.ContradictionError
		var amount *payout.AmountError
		var state *payout.StateError
		switch {
		case errors.As(err, &contradiction), errors.As(err, &amount), errors.As(err, &state):
			out.Strange = append(out.Strange, Strange{a, err})
		case err != nil:
			return out, err
		case changed:
			out.New++
		default:
			out.Known++
		}
	}
	return out, nil
}

// Runs returns all runs, the newest first.
func (s *Service) Runs(ctx context.Context) ([]payout.Run, error) {
	var runs []payout.Run
	err := s.store.View(ctx, func(tx store.Tx) (err error) {
		runs, err = tx.Payouts().Runs(ctx)
		return err
	})
	return runs, err
}

// Summary is what a list tells of a run.
type Summary = store.RunSummary

// Page returns up to limit runs as lists tell them, the newest first; of a program where one is named, and without those that are closed and
// paid nobody where only filled ones are asked for. after is the cursor that Page
// returned before, "" at the beginning; next is "" at the end. What is no cursor is store.ErrInvalid.
func (s *Service) Page(ctx context.Context, p program.ID, filled bool, after string, limit int) (page []Summary, next string, err error) {
	err = s.store.View(ctx, func(tx store.Tx) (err error) {
		page, next, err = tx.Payouts().Page(ctx, store.RunFilter{Program: p, Filled: filled}, after, limit)
		return err
	})
	return page, next, err
}

// Empty returns how many runs are closed and paid nobody: a schedule opens runs whether or not somebody can be paid.
func (s *Service) Empty(ctx context.Context) (n int64, err error) {
	err = s.store.View(ctx, func(tx store.Tx) (err error) {
		n, err = tx.Payouts().Empty(ctx, "")
		return err
	})
	return n, err
}

// File returns a kept bank file.
func (s *Service) File(ctx context.Context, run, name string) ([]byte, error) {
	var data []byte
	err := s.store.View(ctx, func(tx store.Tx) (err error) {
		data, err = tx.Payouts().File(ctx, run, name)
		return err
	})
	return data, err
}
