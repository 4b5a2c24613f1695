package statement

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Openings draws statements up without reading everything that was ever booked for a publisher: it keeps what its transactions have come to at
// places in the journal, and goes on from the last one before the month that is asked for. What was booked never changes, so nothing that is
// kept grows old. The zero value is ready, and safe for use by several goroutines.
type Openings struct {
	mu   sync.Mutex
	kept map[whose][]opening
	n    int
}

// whose names the money of a statement.
type whose struct {
	program   program.ID
	publisher string
	currency  money.Currency
}

// opening is what a publisher's transactions have come to up to a place in the journal.
type opening struct {
	after string    // the cursor of the place
	upTo  time.Time // the latest of them
	c     course
}

const (
	// slack is by how much times of booking may go back from one transaction to the next: a server's clock is set right at times.
	slack = 24 * time.Hour
	// apart is how far places are from each other, at the least.
	apart = 5 * 24 * time.Hour
	// mostKept is how many places are kept. Beyond it all are given up: they are found again.
	mostKept = 20_000
)

// A Reader reads a page of the transactions of the statement's publisher in its program, in the order they were booked in, from a cursor
// on ("": the beginning); next is "" at the end.
type Reader func(ctx context.Context, after string) (page []ledger.Transaction, next string, err error)

// Draw draws the statement up that New would of all transactions; those of the input are not looked at. known says whether there is any
// transaction at all.
func (o *Openings) Draw(ctx context.Context, in Input, read Reader) (s *Statement, known bool, err error) {
	of := whose{in.Terms.Program, in.Publisher, in.Terms.Currency}
	from, last := o.before(of, in.From.Add(-slack))
	d, err := begin(in, from.c.clone())
	if err != nil {
		return nil, false, err
	}
	all := opening{after: from.after, upTo: from.upTo, c: from.c.clone()}
	known = from.after != ""
	for {
		page, next, err := read(ctx, all.after)
		if err != nil {
			return nil, false, fmt.Errorf("reading transactions: %w", err)
		}
		for i := range page {
			tx := &page[i]
			known = true
			if !bookedAt(tx).Before(in.To.Add(slack)) {
				return d.end(), known, nil
			}
			d.take(tx)
			if !in.concerns(tx) {
				continue
			}
			all.c.take(tx)
			if at := bookedAt(tx); at.After(all.upTo) {
				all.upTo = at
			}
		}
		if all.after = next; next == "" {
			return d.end(), known, nil
		}
		if all.upTo.Sub(last) >= apart {
			last = all.upTo
			o.keep(of, all)
		}
	}
}

// before returns the last place whose transactions all are from before a time, and the latest transaction before any place.
func (o *Openings) before(of whose, at time.Time) (found opening, last time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, k := range o.kept[of] {
		if k.upTo.Before(at) && !k.upTo.Before(found.upTo) {
			found = k
		}
		if k.upTo.After(last) {
			last = k.upTo
		}
	}
	return found, last
}

func (o *Openings) keep(of whose, k opening) {
	k.c = k.c.clone()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.kept == nil || o.n >= mostKept {
		o.kept, o.n = make(map[whose][]opening), 0
	}
	o.kept[of] = append(o.kept[of], k)
	o.n++
}

func (c course) clone() course {
	c.held = maps.Clone(c.held)
	if c.held == nil {
		c.held = make(map[item]int64)
	}
	return c
}
