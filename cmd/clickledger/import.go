package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/publisher"
)

type importCmd struct {
	OnlineRetail files.Retail    `cmd:"" help:"Turn the UCI data set Online Retail into a replay input, with a report of its totals."`
	Olist        files.Olist     `cmd:"" help:"Turn a sample of the marketplace Olist into a replay input, with a report of its totals."`
	Rates        files.Rates     `cmd:"" help:"Turn the European Central Bank's reference rates into fx.jsonl."`
	AdSpaces     importSpacesCmd `cmd:"" help:"Enter ad spaces that joined into a database."`
}

type importSpacesCmd struct {
	databaseFlags
	File string `arg:"" type:"existingfile" help:"JSON Lines, an ad space a line, as publishers.jsonl of a replay input."`
}

// Run enters ad spaces into a database. Nothing is entered where a line is bad.
func (c *importSpacesCmd) Run(e *env) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("reading ad spaces: %w", err)
	}
	var r wire.Reader
	var spaces []*publisher.AdSpace
	for i, line := range bytes.Split(data, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		s, err := r.AdSpace(line)
		if err != nil {
			return files.Bad("%s:%d: %w", c.File, i+1, err)
		}
		spaces = append(spaces, s)
	}
	if len(spaces) == 0 {
		return files.Bad("%s holds no ad spaces: write one a line, as in publishers.jsonl of a replay input", c.File)
	}
	db, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := intake.New(db, e.now).AdSpaces(e.ctx, spaces); err != nil {
		return fmt.Errorf("entering ad spaces: %w", err)
	}
	fmt.Fprintf(e.stdout, "%d ad spaces entered\n", len(spaces))
	return nil
}
