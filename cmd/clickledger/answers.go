package main

import (
	"fmt"
	"io"
	"os"

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
	answers, problems, err = bankAnswers(f, runs)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return answers, problems, nil
}

// bankAnswers reads answers as a bank gives them. Records about a whole batch are taken apart into answers about its payouts.
func bankAnswers(f io.Reader, runs []payout.Run) (answers []payout.Answer, problems []string, err error) {
	_, err = bankfile.Read(f, bankfile.DefaultLimits(), func(rec bankfile.Record) error {
		switch {
		case rec.Problem != "":
			problems = append(problems, rec.Where+": "+rec.Problem)
			return nil
		case rec.Answer.Payout != "":
			answers = append(answers, rec.Answer)
			return nil
		}
		for i := range runs {
			if runs[i].ID != rec.Run() {
				continue
			}
			more, err := bankfile.Expand(&runs[i], rec)
			if err != nil {
				problems = append(problems, rec.Where+": "+err.Error())
			}
			answers = append(answers, more...)
			return nil
		}
		problems = append(problems, fmt.Sprintf("%s: it is about run %q, which is not known", rec.Where, rec.Run()))
		return nil
	})
	return answers, problems, err
}
