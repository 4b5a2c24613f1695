package replay

import (
	"cmp"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/order"
)

// reported is an order event with where it was read.
type reported struct {
	event order.Event
	line  int
}

// inParallel reads a source with one worker for each processor. Each worker gets a reader of its own. The error of the
// earliest block is returned, so that the same input gives the same error.
func inParallel(s *source, tell progress, read func(worker int, r *wire.Reader, b block) error) error {
	workers := runtime.GOMAXPROCS(0)
	work := make(chan block, workers)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var first error
	firstSeq := -1
	failed := make(chan struct{})
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var r wire.Reader
			for b := range work {
				err := read(w, &r, b)
				if err == nil {
					continue
				}
				mu.Lock()
				if firstSeq < 0 {
					close(failed)
				}
				if firstSeq < 0 || b.seq < firstSeq {
					first, firstSeq = err, b.seq
				}
				mu.Unlock()
			}
		}()
	}
	stop := errors.New("stopped")
	err := s.blocks(tell, func(b block) error {
		select {
		case work <- b:
			return nil
		case <-failed:
			return stop
		}
	})
	close(work)
	wg.Wait()
	if first != nil {
		return first
	}
	return err
}

// loadOrders reads all order events and puts them together by order. Orders come back sorted by program and number.
func loadOrders(dir string, f *facts, counts *Counts, tell progress) ([]*order.History, time.Time, error) {
	var latest time.Time
	s, err := find(dir, "orders.jsonl")
	if err != nil || s == nil {
		return nil, latest, err
	}
	parts := make([][]reported, runtime.GOMAXPROCS(0))
	err = inParallel(s, tell, func(w int, r *wire.Reader, b block) error {
		n := b.firstLine - 1
		return s.eachLine(b, func(line []byte) error {
			n++
			e, err := r.Event(line)
			if err != nil {
				return err
			}
			if err := f.knowProgram(e.Program); err != nil {
				return err
			}
			parts[w] = append(parts[w], reported{e, n})
			return nil
		})
	})
	if err != nil {
		return nil, latest, err
	}
	byOrder := make(map[order.Key][]reported)
	for _, part := range parts {
		for _, r := range part {
			byOrder[r.event.Key] = append(byOrder[r.event.Key], r)
			if r.event.At.After(latest) {
				latest = r.event.At
			}
			counts.Events++
		}
	}
	keys := make([]order.Key, 0, len(byOrder))
	for k := range byOrder {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b order.Key) int {
		return cmp.Or(cmp.Compare(a.Program, b.Program), cmp.Compare(a.Order, b.Order))
	})
	orders := make([]*order.History, 0, len(keys))
	for _, k := range keys {
		h, err := assemble(byOrder[k], s.name)
		delete(byOrder, k)
		if errors.Is(err, order.ErrNotPlaced) {
			counts.NotPlaced++
			continue
		}
		if err != nil {
			return nil, latest, err
		}
		orders = append(orders, h)
	}
	return orders, latest, nil
}

// assemble makes the history of one order from its reports.
func assemble(reports []reported, file string) (*order.History, error) {
	slices.SortFunc(reports, func(a, b reported) int { return cmp.Compare(a.line, b.line) })
	events := make([]order.Event, len(reports))
	for i := range reports {
		events[i] = reports[i].event
	}
	h, err := order.NewHistory(events)
	var conflict *order.ConflictError
	if errors.As(err, &conflict) {
		return nil, &InputError{file, culprit(reports), err}
	}
	return h, err
}

// culprit is the line at which the reports of an order, read in the order of the file, begin to contradict each other.
func culprit(reports []reported) int {
	for n := 1; n < len(reports); n++ {
		events := make([]order.Event, n)
		for i := range events {
			events[i] = reports[i].event
		}
		if _, err := order.NewHistory(events); err != nil && !errors.Is(err, order.ErrNotPlaced) {
			return reports[n-1].line
		}
	}
	return reports[len(reports)-1].line
}

// until drops what was reported later than a time: orders placed later, and events of the others.
func until(orders []*order.History, asOf time.Time) []*order.History {
	return slices.DeleteFunc(orders, func(h *order.History) bool { return h.PlacedAt.After(asOf) })
}
