package clicklog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Sink is where a loader puts records. It makes "exactly once" out of the log's "at least once": records and position are
// stored by one transaction, or none of them.
type Sink interface {
	// Position returns the position that the last committed Load of this log stored; the zero Position if there was none.
	Position(ctx context.Context, log ID) (Position, error)
	// Load stores the records, and next as the position of its log. When it returns an error, it may have committed or not: the
	// loader asks Position. The records are valid until it returns.
	Load(ctx context.Context, batch []Record, next Position) error
}

// LoaderOptions are the settings of a loader. Zero means the default.
type LoaderOptions struct {
	// BatchRecords and BatchBytes bound what one Load is given. Default 5,000 and 8 MiB.
	BatchRecords int
	BatchBytes   int
	// Linger is how long a batch that is not full waits for more. Default 200 ms.
	Linger time.Duration
	// RetryPause is how long the loader waits after a Load that failed; it doubles up to a hundred-fold. Default 100 ms.
	RetryPause time.Duration
	// Logger hears when loading stops working and when it works again.
	Logger *slog.Logger
}

// LoaderStats is how far a loader is. Counters begin at zero with it.
type LoaderStats struct {
	Position Position // behind the last record that was loaded
	Loaded   uint64   // records
	Batches  uint64
	Failures uint64 // Loads that returned an error
	Skipped  uint64 // records missing where an operator gave up damaged bytes
	Behind   uint64 // records that are synced and not loaded
	Err      error  // what the last Load returned
}

// Loader moves the records of a log into a sink, in order and exactly once.
type Loader struct {
	log  *Log
	sink Sink
	o    LoaderOptions

	mu    sync.Mutex
	stats LoaderStats
}

// NewLoader returns a loader. Nothing happens before Run or Drain.
func NewLoader(log *Log, sink Sink, o LoaderOptions) *Loader {
	o.BatchRecords = cmp.Or(o.BatchRecords, 5000)
	o.BatchBytes = cmp.Or(o.BatchBytes, 8<<20)
	o.Linger = cmp.Or(o.Linger, 200*time.Millisecond)
	o.RetryPause = cmp.Or(o.RetryPause, 100*time.Millisecond)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Loader{log: log, sink: sink, o: o}
}

// Run loads until the context is done or the log is closed and loaded as a whole; both are no error. A sink that fails is
// asked again for ever. It returns an error when loading cannot go on without an operator: damage, or a position that does
// not fit the log.
func (l *Loader) Run(ctx context.Context) error { return l.run(ctx, false) }

// Drain loads what is synced now, and returns.
func (l *Loader) Drain(ctx context.Context) error { return l.run(ctx, true) }

func (l *Loader) run(ctx context.Context, drain bool) error {
	var upTo uint64
	if drain {
		upTo = l.log.Stats().Synced.Seq
	}
	pause := l.o.RetryPause
	for {
		err := l.load(ctx, upTo, &pause)
		switch {
		case err == nil, errors.Is(err, ErrClosed):
			return nil
		case ctx.Err() != nil:
			if drain {
				return fmt.Errorf("load clicks: %w", ctx.Err())
			}
			return nil
		case !temporary(err):
			return fmt.Errorf("load clicks: %w", err)
		}
		l.failed(err, pause)
		if sleep(ctx, pause) != nil {
			continue // the context says it
		}
		pause = min(2*pause, 100*l.o.RetryPause)
	}
}

// temporary reports whether an error may be over when the same thing is tried again.
func temporary(err error) bool {
	var damage *DamageError
	return !errors.As(err, &damage) && !errors.Is(err, ErrGone) && !errors.Is(err, ErrAhead) && !errors.Is(err, ErrOtherLog)
}

// load asks the sink where it is and loads from there, until an error or, if upTo is given, that record is due.
func (l *Loader) load(ctx context.Context, upTo uint64, pause *time.Duration) error {
	from, err := l.sink.Position(ctx, l.log.ID())
	if err != nil {
		return fmt.Errorf("ask the store how far it is: %w", err)
	}
	l.mu.Lock()
	l.stats.Position = from
	l.mu.Unlock()
	r, err := l.log.Reader(from)
	if err != nil {
		return err
	}
	defer r.Close() // only read
	for upTo == 0 || r.Position().Seq < upTo {
		if upTo == 0 {
			if err := r.Wait(ctx); err != nil {
				return err
			}
			if r.Behind() < uint64(l.o.BatchRecords) && !l.log.isClosed() {
				if err := sleep(ctx, l.o.Linger); err != nil {
					return err
				}
			}
		}
		skipped := r.Skipped()
		batch, err := r.Read(l.o.BatchRecords, l.o.BatchBytes)
		if err != nil {
			return err
		}
		if len(batch) == 0 && r.Skipped() == skipped {
			return errNothing
		}
		next := r.Position()
		if err := l.sink.Load(ctx, batch, next); err != nil {
			return fmt.Errorf("store records %d to %d: %w", from.Seq, next.Seq-1, err)
		}
		from, *pause = next, l.o.RetryPause
		l.loaded(len(batch), r.Skipped()-skipped, next)
	}
	return nil
}

var errNothing = errors.New("the log announces records and has none")

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *Loader) loaded(n int, skipped uint64, next Position) {
	l.mu.Lock()
	again := l.stats.Err != nil
	l.stats.Position, l.stats.Err = next, nil
	l.stats.Loaded += uint64(n)
	l.stats.Skipped += skipped
	l.stats.Batches++
	l.mu.Unlock()
	if again {
		l.o.Logger.Info("clicks are loaded again", "next", next.Seq)
	}
	if skipped > 0 {
		l.o.Logger.Warn("clicks are missing that an operator gave up", "records", skipped, "before", next.Seq)
	}
}

func (l *Loader) failed(err error, pause time.Duration) {
	l.mu.Lock()
	first := l.stats.Err == nil
	l.stats.Failures++
	l.stats.Err = err
	l.mu.Unlock()
	if first {
		l.o.Logger.Error("clicks stay in the log: they cannot be loaded", "err", err, "next_try", pause)
	}
}

// Stats returns how far the loader is.
func (l *Loader) Stats() LoaderStats {
	end := l.log.Stats().Synced.Seq
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stats
	s.Behind = end - min(max(s.Position.Seq, 1), end)
	return s
}
