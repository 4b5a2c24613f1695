package bankfile

import (
	"bytes"
	"fmt"
	"io"

	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
)

// Files makes the bank files of a run.
func Files(r *payout.Run) ([]payouts.BankFile, error) {
	files, err := Build(r)
	if err != nil {
		return nil, err
	}
	made := make([]payouts.BankFile, len(files))
	for i, f := range files {
		made[i] = payouts.BankFile{File: f.File, Data: f.Data}
	}
	return made, nil
}

// Back reads a bank file back for the daily proof.
func Back(run, name string, data []byte, c money.Currency) (payout.FileContent, error) {
	return Contents(run, name, bytes.NewReader(data), c, DefaultLimits())
}

// Answers reads answers as a bank gives them. Records about a whole batch are taken apart into answers about its payouts.
func Answers(f io.Reader, runs []payout.Run) (answers []payout.Answer, problems []string, err error) {
	_, err = Read(f, DefaultLimits(), func(rec Record) error {
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
			more, err := Expand(&runs[i], rec)
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
