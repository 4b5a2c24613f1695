package files

import (
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"github.com/clickledger/clickledger/internal/replay"
)

type Replay struct {
	In      string    `required:"" type:"existingdir" help:"Input directory." placeholder:"DIR"`
	Out     string    `required:"" type:"path" help:"Output directory." placeholder:"DIR"`
	AsOf    time.Time `name:"as-of" help:"Decide with what was known then (RFC 3339); default: the latest time of the input." placeholder:"TIME"`
	Program []string  `type:"existingfile" help:"A further program document; replaces the program of the same name." placeholder:"FILE"`
	More    []string  `arg:"" optional:"" type:"existingfile" help:"More program documents, behind --program." name:"file"`
}

func (c *Replay) Run(e *Env) error {
	if err := errors.Join(hasInput(c.In), CanBeFolder("--out", c.Out)); err != nil {
		return err
	}
	bar, done := progress(e)
	sum, err := replay.Run(replay.Options{
		In: c.In, Out: c.Out, AsOf: c.AsOf.UTC(), Programs: append(c.Program, c.More...), Progress: bar, Now: e.Now,
	})
	done()
	if err != nil {
		return err
	}
	n := sum.Counts
	fmt.Fprintf(e.Stdout, "%d clicks (%d repeated), %d order events, %d orders, %d items, as of %s: %d transactions in %.1f s, %d events a second\n",
		n.Clicks, n.ClicksRepeated, n.Events, n.Orders, n.Items, sum.AsOf.Format(time.RFC3339), sum.Transactions, sum.Seconds, sum.EventsPerSecond)
	if n.NotPlaced > 0 {
		fmt.Fprintf(e.Stdout, "%d orders have events but were not placed in this input; they are left out\n", n.NotPlaced)
	}
	w := tabwriter.NewWriter(e.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "program\tstate\titems\tcommission\t")
	for _, s := range sum.States {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s %s\t\n", s.Program, s.State, s.Items, s.Amount, s.Currency)
	}
	return w.Flush()
}

// progress returns a progress bar on a terminal, and nothing elsewhere.
func progress(e *Env) (tell func(done, total int64), finish func()) {
	f, ok := e.Stderr.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) {
		return nil, func() {}
	}
	bar := progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(f), progressbar.OptionShowBytes(true), progressbar.OptionSetDescription("reading"),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(),
	)
	return func(done, total int64) {
			bar.ChangeMax64(total)
			_ = bar.Set64(done) // a bar that cannot be drawn is no reason to stop
			if done >= total {
				bar.Describe("deciding")
			}
		}, func() {
			_ = bar.Finish() // likewise
		}
}
