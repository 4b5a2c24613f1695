package replay

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/settlement"
)

// Options say what a run reads.
type Options struct {
	In       string    // the input directory
	Out      string    // the output directory
	AsOf     time.Time // zero: the latest time of the clicks and order events
	Programs []string  // further program documents
	// Progress is told what is being done and how many bytes of the input were read, out of how many; it may be nil.
	Progress func(done, total int64)
	// Now is the clock; it is used for the seconds of the summary only.
	Now func() time.Time
}

// Counts are how much of everything the input had.
type Counts struct {
	AdSpaces       int64 `json:"ad_spaces"`
	Products       int64 `json:"products"`
	Stores         int64 `json:"stores"`
	Clicks         int64 `json:"clicks"`
	ClicksRepeated int64 `json:"clicks_repeated"`
	Events         int64 `json:"order_events"`
	Orders         int64 `json:"orders"`
	NotPlaced      int64 `json:"orders_without_placing"`
	Items          int64 `json:"items"`
}

// Input is a directory that was read and found good.
type Input struct {
	AsOf    time.Time
	Counts  Counts
	facts   *facts
	orders  []*order.History
	touches *touches
	clicks  map[tallyKey]int64
}

// Load reads the input. Anything bad in it is an *InputError, or a list of program document errors.
func Load(opts Options) (*Input, error) {
	total := inputSize(opts.In)
	var done int64
	var mu sync.Mutex
	tell := func(n int) {
		mu.Lock()
		done += int64(n)
		if opts.Progress != nil {
			opts.Progress(done, total)
		}
		mu.Unlock()
	}
	if st, err := os.Stat(opts.In); err != nil {
		return nil, fmt.Errorf("reading the input directory: %w", err)
	} else if !st.IsDir() {
		return nil, fmt.Errorf("%s is not a directory", opts.In)
	}
	in := &Input{facts: &facts{}}
	if err := in.facts.loadPrograms(opts.In, opts.Programs); err != nil {
		return nil, err
	}
	if err := in.facts.load(opts.In, &in.Counts, tell); err != nil {
		return nil, err
	}
	var latest, latestClick time.Time
	var err error
	if in.orders, latest, err = loadOrders(opts.In, in.facts, &in.Counts, tell); err != nil {
		return nil, err
	}
	in.touches = newTouches(in.orders)
	if in.clicks, latestClick, err = loadClicks(opts.In, os.TempDir(), in.facts, in.touches, opts.AsOf, &in.Counts, tell); err != nil {
		return nil, err
	}
	in.AsOf = opts.AsOf
	if in.AsOf.IsZero() {
		in.AsOf = latest
		if latestClick.After(latest) {
			in.AsOf = latestClick
		}
	}
	in.orders = until(in.orders, in.AsOf)
	in.Counts.Orders = int64(len(in.orders))
	return in, nil
}

func inputSize(dir string) int64 {
	var n int64
	for _, name := range inputs() {
		if s, err := find(dir, name); err == nil && s != nil {
			n += s.size
		}
	}
	return n
}

// chunk is a run of orders that one worker settles.
const chunkSize = 256

// settleAll unrolls all orders, several at a time, and hands the results on in order. prepare runs beside
// others; emit does not.
func settleAll[T any](in *Input, prepare func(from int, tls []*settlement.Timeline) (T, error), emit func(T) error) error {
	type result struct {
		value T
		err   error
	}
	chunks := (len(in.orders) + chunkSize - 1) / chunkSize
	workers := runtime.GOMAXPROCS(0)
	slots := make([]chan result, workers)
	for w := range slots {
		slots[w] = make(chan result, 2)
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var buf []*click.Click
			for c := w; c < chunks; c += workers {
				from, to := c*chunkSize, min((c+1)*chunkSize, len(in.orders))
				var r result
				var tls []*settlement.Timeline
				tls, buf, r.err = in.unroll(from, to, buf)
				if r.err == nil {
					r.value, r.err = prepare(from, tls)
				}
				select {
				case slots[w] <- r:
				case <-stop:
					return
				}
			}
		}()
	}
	var err error
	for c := range chunks {
		r := <-slots[c%workers]
		if err = r.err; err == nil {
			err = emit(r.value)
		}
		if err != nil {
			break
		}
	}
	close(stop)
	wg.Wait()
	return err
}

// unroll settles some orders.
func (in *Input) unroll(from, to int, buf []*click.Click) ([]*settlement.Timeline, []*click.Click, error) {
	tls := make([]*settlement.Timeline, 0, to-from)
	for _, o := range in.orders[from:to] {
		buf = in.touches.of(o, buf)
		tl, err := settlement.Unroll(in.facts, o, buf, in.AsOf)
		if err != nil {
			return nil, buf, fmt.Errorf("deciding: %w", err)
		}
		tls = append(tls, tl)
	}
	return tls, buf, nil
}

// Run reads the input, decides everything in it and writes the output. Where it fails nothing is written.
func Run(opts Options) (*Summary, error) {
	started := opts.Now()
	in, err := Load(opts)
	if err != nil {
		return nil, err
	}
	out, err := newOutput(opts.Out)
	if err != nil {
		return nil, err
	}
	defer out.discard()
	sum, err := write(in, out)
	if err != nil {
		return nil, err
	}
	sum.finish(in, opts.Now().Sub(started))
	w, err := out.create(SummaryFile)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(sum.write(w), out.commit()); err != nil {
		return nil, err
	}
	return sum, nil
}
