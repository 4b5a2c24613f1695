package main

import (
	"fmt"
	"os"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/payout"
)

type payoutAnswersCmd struct {
	databaseFlags
	byFlag
	File string `arg:"" type:"existingfile" help:"The bank's file."`
}

// Run takes a bank's answers in. The whole file is read before the first answer counts.
func (c *payoutAnswersCmd) Run(e *env) error {
	return withPayouts(e, c.databaseFlags, payout.Party{}, func(s *payouts.Service, _ store.Store) error {
		runs, err := s.Runs(e.ctx)
		if err != nil {
			return err
		}
		answers, problems, err := readAnswers(c.File, runs)
		if err != nil {
			return err
		}
		for _, p := range problems {
			fmt.Fprintln(e.stdout, "look at this:", p)
		}
		got, err := s.Answers(e.ctx, answers, c.By)
		if err != nil {
			return err
		}
		for _, x := range got.Strange {
			fmt.Fprintln(e.stdout, "not taken in:", x.Err)
		}
		fmt.Fprintf(e.stdout, "%d answers were new, %d known, %d not taken in, %d to look at\n", got.New, got.Known, len(got.Strange), len(problems))
		return nil
	})
}

// readAnswers reads a bank's file.
func readAnswers(name string, runs []payout.Run) (answers []payout.Answer, problems []string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the bank's file: %w", err)
	}
	defer f.Close()
	answers, problems, err = bankfile.Answers(f, runs)
	if err != nil {
		return nil, nil, files.Bad("%s: %w", name, err)
	}
	return answers, problems, nil
}
