package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/bankfile"
)

type proofCmd struct {
	databaseFlags
}

// errProof says that the books do not agree.
var errProof = errors.New("the books do not agree; the differences are above")

// Run prints the daily proof: orders = postings = balances = payouts = bank files (M5).
func (c *proofCmd) Run(e *env) error {
	db, err := c.existing(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	p, err := books.New(db, bankfile.Back, e.now).Proof(e.ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "check\tfigures\tdifferences\t\n")
	for _, k := range p.Checks {
		fmt.Fprintf(w, "%s\t%d\t%d\t\n", k.Check, k.Compared, k.Differences)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, d := range p.Differences {
		fmt.Fprintln(e.stdout, d)
	}
	if !p.Holds() {
		return errProof
	}
	fmt.Fprintf(e.stdout, "The books agree, over %d transactions.\n", p.Transactions)
	return nil
}
