// Package proof shows the daily proof.
package proof

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/payout"
)

// Keeper keeps the newest proof: it reads all books, so it is not made for everybody who looks.
type Keeper struct {
	books *books.Service
	now   func() time.Time

	mu   sync.Mutex // one proof is made at a time
	last atomic.Pointer[payout.ProofReport]
}

// NewKeeper returns a keeper without a proof.
func NewKeeper(b *books.Service, now func() time.Time) *Keeper { return &Keeper{books: b, now: now} }

// goodFor is how long a proof is shown before another one is made: it is a daily one.
const goodFor = 24 * time.Hour

// Latest returns the newest proof. Only where there is none it makes one; Renew sees to it that there is one of the last day, so that
// nobody who looks at a page waits for it.
func (k *Keeper) Latest(ctx context.Context) (*payout.ProofReport, error) {
	if last := k.last.Load(); last != nil {
		return last, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if last := k.last.Load(); last != nil {
		return last, nil // made while this one waited
	}
	return k.make(ctx)
}

// Renew makes a proof where there is none of the last day.
func (k *Keeper) Renew(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if last := k.last.Load(); last != nil && k.now().Sub(last.At) < goodFor {
		return nil
	}
	_, err := k.make(ctx)
	return err
}

// Again makes a proof of the books as they stand.
func (k *Keeper) Again(ctx context.Context) (*payout.ProofReport, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.make(ctx)
}

func (k *Keeper) make(ctx context.Context) (*payout.ProofReport, error) {
	p, err := k.books.Proof(ctx)
	if err != nil {
		return nil, err
	}
	k.last.Store(p)
	return p, nil
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
	return page.Answer{Title: r.T.Proof.Title, Area: "/proof", Body: proofPage(r.T, report)}, nil
}

func (p *Pages) again(r *page.Request) (page.Answer, error) {
	if _, err := p.Keeper.Again(r.Context()); err != nil {
		return page.Answer{}, err
	}
	return page.Answer{Redirect: "/proof"}, nil
}
