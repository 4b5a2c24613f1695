package books

import (
	"context"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/settlement"
)

// FileReader reads a bank file back, for the proof.
type FileReader func(run, name string, data []byte, c money.Currency) (payout.FileContent, error)

// clearingWithin is how long a bank may take to answer before the proof says so.
const clearingWithin = 7 * 24 * time.Hour

// journalPage is how many transactions are read at a time.
const journalPage = 5000

// Proof is the daily proof: orders, postings, balances, payouts and bank files say the same (M5). It reads everything, from
// one state of the data.
func (v *Service) Proof(ctx context.Context) (*payout.ProofReport, error) {
	return view(ctx, v, func(tx store.Tx) (*payout.ProofReport, error) {
		in := payout.ProofInput{At: v.now(), Journal: &payout.Journal{}, ClearingWithin: clearingWithin}
		sums, err := tx.Decisions().Sums(ctx)
		if err != nil {
			return nil, fmt.Errorf("adding up decisions: %w", err)
		}
		for _, s := range sums {
			if s.State != settlement.Unattributed.String() {
				in.Decisions = append(in.Decisions, payout.DecisionSum{Program: s.Program, Publisher: s.Publisher, State: s.State, Currency: s.Currency, Amount: s.Amount})
			}
		}
		if in.Balances, err = tx.Ledger().Book(ctx); err != nil {
			return nil, fmt.Errorf("reading balances: %w", err)
		}
		if err := readJournal(ctx, tx, in.Journal); err != nil {
			return nil, err
		}
		if in.Runs, err = tx.Payouts().Runs(ctx); err != nil {
			return nil, fmt.Errorf("reading payout runs: %w", err)
		}
		for _, r := range in.Runs {
			for _, f := range r.Files {
				data, err := tx.Payouts().File(ctx, r.ID, f.Name)
				if err != nil {
					return nil, fmt.Errorf("reading bank file %q: %w", f.Name, err)
				}
				content, err := v.read(r.ID, f.Name, data, r.Currency)
				if err != nil {
					return nil, fmt.Errorf("reading bank file %q: %w", f.Name, err)
				}
				in.Files = append(in.Files, content)
			}
		}
		report := payout.Proof(in)
		return &report, nil
	})
}

func readJournal(ctx context.Context, tx store.Tx, j *payout.Journal) error {
	for after := ""; ; {
		ts, next, err := tx.Ledger().Page(ctx, store.JournalFilter{}, after, journalPage)
		if err != nil {
			return fmt.Errorf("reading the journal: %w", err)
		}
		for i := range ts {
			if err := j.Add(&ts[i]); err != nil {
				return err
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}
