package replay

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// The output files.
const (
	CommissionsFile = "commissions.jsonl"
	LedgerFile      = "ledger.jsonl"
	BalancesFile    = "balances.jsonl"
	StatisticsFile  = "statistics.jsonl"
	SummaryFile     = "summary.json"
)

// output is the set of files that a run writes. Nothing is seen of them before Commit: they are written under other names
// and renamed when all are complete.
type output struct {
	dir   string
	files []*outFile
}

type outFile struct {
	name string
	f    *os.File
	w    *bufio.Writer
}

func newOutput(dir string) (*output, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the output directory: %w", err)
	}
	return &output{dir: dir}, nil
}

// create begins a file.
func (o *output) create(name string) (*bufio.Writer, error) {
	f, err := os.CreateTemp(o.dir, "."+name+"-*")
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	out := &outFile{name, f, bufio.NewWriterSize(f, 1<<20)}
	o.files = append(o.files, out)
	return out.w, nil
}

// commit makes all files appear, each complete and on disk.
func (o *output) commit() error {
	for _, f := range o.files {
		if err := errors.Join(f.w.Flush(), f.f.Chmod(0o644), f.f.Sync(), f.f.Close()); err != nil {
			return fmt.Errorf("writing %s: %w", f.name, err)
		}
	}
	for _, f := range o.files {
		if err := os.Rename(f.f.Name(), filepath.Join(o.dir, f.name)); err != nil {
			return fmt.Errorf("writing %s: %w", f.name, err)
		}
	}
	o.files = nil
	return nil
}

// discard removes what was not committed.
func (o *output) discard() {
	for _, f := range o.files {
		_ = f.f.Close() // its content is not wanted
		_ = os.Remove(f.f.Name())
	}
}
