// Package proof shows the daily proof.
package proof

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/payout"
)

// Keeper keeps the newest proof: it reads all books, so it is not made for everybody who looks.
type Keeper struct {
	prove func(context.Context) (*payout.ProofReport, error)
	now   func() time.Time
	last  atomic.Pointer[payout.ProofReport]

	mu     sync.Mutex
	making *making // nil: none is being made
}

// making is a proof that is being made. Its error is there when done is closed.
type making struct {
	moment context.Context // ends when nobody is to wait any longer
	done   chan struct{}
	err    error
}

// NewKeeper returns a keeper without a proof. prove makes one.
func NewKeeper(prove func(context.Context) (*payout.ProofReport, error), now func() time.Time) *Keeper {
	return &Keeper{prove: prove, now: now}
}

const (
	// goodFor is how long a proof is shown before another one is made: it is a daily one.
	goodFor = 24 * time.Hour
	// patience is how long after its beginning whoever looks waits for a proof: of large books it takes longer.
	patience = 2 * time.Second
)

// Latest returns the newest proof, or nil where the first one is still being made. Renew sees to it that there is one of the last day.
func (k *Keeper) Latest(ctx context.Context) (*payout.ProofReport, error) {
	if last := k.last.Load(); last != nil {
		return last, nil
	}
	err := k.wait(ctx)
	return k.last.Load(), err
}

// Making reports whether a proof is being made.
func (k *Keeper) Making() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.making != nil
}

// Renew makes a proof where there is none of the last day, and waits for it.
func (k *Keeper) Renew(ctx context.Context) error {
	if last := k.last.Load(); last != nil && k.now().Sub(last.At) < goodFor {
		return nil
	}
	m := k.start(ctx)
	select {
	case <-m.done:
		return m.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Again makes a proof of the books as they stand, and waits for it a moment: where it takes longer it is there later.
func (k *Keeper) Again(ctx context.Context) error { return k.wait(ctx) }

func (k *Keeper) wait(ctx context.Context) error {
	m := k.start(ctx)
	select {
	case <-m.done:
		return m.err
	case <-m.moment.Done():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start begins with a proof, unless one is being made. It goes on when whoever asked for it does not wait any more.
func (k *Keeper) start(ctx context.Context) *making {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.making != nil {
		return k.making
	}
	ctx = context.WithoutCancel(ctx)
	moment, stop := context.WithTimeout(ctx, patience)
	m := &making{moment: moment, done: make(chan struct{})}
	k.making = m
	go func() {
		p, err := k.prove(ctx)
		if err == nil {
			k.last.Store(p)
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.making, m.err = nil, err
		close(m.done)
		stop()
	}()
	return m
}

// Pages are the pages of the proof.
type Pages struct {
	Keeper *Keeper
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /proof", Permission: people.SeePayouts, Handle: p.show},
		{Pattern: "POST /proof", Permission: people.SeePayouts, Handle: p.again},
	}
}

func (p *Pages) show(r *page.Request) (page.Answer, error) {
	report, err := p.Keeper.Latest(r.Context())
	if err != nil {
		return page.Answer{}, err
	}
	return page.Answer{Title: r.T.Proof.Title, Area: "/proof", Body: proofPage(r.T, report, p.Keeper.Making())}, nil
}

func (p *Pages) again(r *page.Request) (page.Answer, error) {
	if err := p.Keeper.Again(r.Context()); err != nil {
		return page.Answer{}, err
	}
	return page.Answer{Redirect: "/proof"}, nil
}
