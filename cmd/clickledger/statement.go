package main

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/statement"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/program"
)

type statementCmd struct {
	databaseFlags
	Program   string `arg:"" help:"The program."`
	Publisher string `arg:"" help:"The publisher."`
	From      string `required:"" help:"First day, in the program's time zone." placeholder:"2026-03-01"`
	To        string `required:"" help:"Day after the last one." placeholder:"2026-04-01"`
	Out       string `required:"" type:"path" help:"Folder for the statement." placeholder:"DIR"`
	Lang      string `default:"en" enum:"en,tr" help:"Language."`
}

// Run draws up a publisher's statement as HTML, PDF and CSV, with the same figures in each (M5).
func (c *statementCmd) Run(e *env) error {
	db, err := c.existing(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	s, err := settle.New(e.ctx, db, e.now)
	if err != nil {
		return err
	}
	terms := s.Terms(program.ID(c.Program), e.now())
	if terms == nil {
		return files.Bad("program %q is not known; there are %v", c.Program, s.Programs())
	}
	from, err := time.ParseInLocation(time.DateOnly, c.From, terms.TimeZone)
	if err != nil {
		return files.Bad("--from: %q is not a day such as 2026-03-01", c.From)
	}
	to, err := time.ParseInLocation(time.DateOnly, c.To, terms.TimeZone)
	if err != nil {
		return files.Bad("--to: %q is not a day such as 2026-04-01", c.To)
	}
	b := books.New(db, bankfile.Back, e.now)
	var all []*ledger.Transaction
	for after := ""; ; {
		ts, next, err := b.Journal(e.ctx, terms.Program, c.Publisher, after, 1000)
		if err != nil {
			return err
		}
		for i := range ts {
			all = append(all, &ts[i])
		}
		if after = next; next == "" {
			break
		}
	}
	st, err := statement.New(statement.Input{
		Number: c.Program + "-" + c.Publisher + "-" + c.From, Terms: terms, Publisher: c.Publisher, From: from, To: to, MadeAt: e.now(),
		Transactions: slices.Values(all),
	})
	if err != nil {
		return err
	}
	for _, f := range []struct {
		ending string
		write  func(*bytes.Buffer) error
	}{
		{"html", func(w *bytes.Buffer) error { return st.WriteHTML(w, c.Lang) }},
		{"pdf", func(w *bytes.Buffer) error { return st.WritePDF(w, c.Lang) }},
		{"csv", func(w *bytes.Buffer) error { return st.WriteCSV(w, c.Lang) }},
	} {
		var w bytes.Buffer
		if err := f.write(&w); err != nil {
			return fmt.Errorf("writing the statement: %w", err)
		}
		if err := files.WriteWhole(c.Out, st.FileName(f.ending), w.Bytes()); err != nil {
			return err
		}
		fmt.Fprintln(e.stdout, st.FileName(f.ending))
	}
	return nil
}
