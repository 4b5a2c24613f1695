package files

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/program/check"
)

type Program struct {
	Check checkCmd `cmd:"" help:"Check program documents for errors, gaps, unreachable rules and conflicts."`
	Show  showCmd  `cmd:"" help:"Print a reference program, to start an own one from."`
}

type checkCmd struct {
	Files []string `arg:"" type:"existingfile" help:"Program documents."`
}

// errFindings says that a check found something that must be mended before publishing.
var errFindings = errors.New("the program documents have conflicts; see above")

func (c *checkCmd) Run(e *Env) error {
	var all []*program.Terms
	for _, name := range c.Files {
		data, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("reading a program document: %w", err)
		}
		terms, err := program.Parse(name, data)
		if err != nil {
			return err
		}
		all = append(all, terms...)
	}
	programs, err := program.Group(all)
	if err != nil {
		return err
	}
	bad := false
	for _, id := range slices.Sorted(maps.Keys(programs)) {
		findings := check.Versions(programs[id], check.Facts{})
		fmt.Fprintf(e.Stdout, "%s: %s, %s\n", id, counted(len(programs[id]), "version"), counted(len(findings), "finding"))
		for _, f := range findings {
			fmt.Fprintln(e.Stdout, f)
			bad = bad || f.Severity == check.Fault
		}
	}
	if bad {
		return errFindings
	}
	return nil
}

// counted is a number of things, such as "1 version".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

type showCmd struct {
	Program string `arg:"" help:"The program's name."`
}

func (c *showCmd) Run(e *Env) error {
	text, ok := program.ReferenceDocument(program.ID(c.Program))
	if !ok {
		ids := make([]string, len(program.ReferenceIDs()))
		for i, id := range program.ReferenceIDs() {
			ids[i] = string(id)
		}
		return Bad("%q is not a reference program: there are %s", c.Program, strings.Join(ids, ", "))
	}
	_, err := e.Stdout.Write(text)
	return err
}
