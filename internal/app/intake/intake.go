// Package intake keeps the facts that others report: program documents, ad spaces, the catalogue and exchange rates, and the
// answers of calls that must not be done twice.
package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/program/check"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// ErrConflict says that something else stands under the same key already.
var ErrConflict = store.ErrConflict

// ErrRefused says that a program document has conflicts and was not published.
var ErrRefused = errors.New("the program document was not published")

// Service keeps facts.
type Service struct {
	store store.Store
	now   func() time.Time
}

// New returns a service over a store.
func New(s store.Store, now func() time.Time) *Service { return &Service{s, now} }

// Ping reports whether the database answers.
func (s *Service) Ping(ctx context.Context) error { return s.store.Ping(ctx) }

// AdSpaces enters ad spaces or replaces them.
func (s *Service) AdSpaces(ctx context.Context, spaces []*publisher.AdSpace) error {
	return s.store.Update(ctx, func(tx store.Tx) error { return tx.Facts().PutAdSpaces(ctx, spaces) })
}

// Catalog enters products and stores or replaces them.
func (s *Service) Catalog(ctx context.Context, products []*catalog.Product, stores []*seller.Store) error {
	return s.store.Update(ctx, func(tx store.Tx) error { return tx.Facts().PutCatalog(ctx, products, stores) })
}

// Quotes enters exchange rates. One that contradicts a known one is ErrConflict.
func (s *Service) Quotes(ctx context.Context, quotes []wire.Quote) error {
	all := make([]store.Quote, len(quotes))
	for i, q := range quotes {
		all[i] = store.Quote{Day: q.Day, Base: q.Base, Quoted: q.Quote, Rate: q.Rate}
	}
	return s.store.Update(ctx, func(tx store.Tx) error { return tx.Facts().PutQuotes(ctx, all) })
}

// Publish keeps the versions of a program document. All versions of the program are checked together first: a document
// with conflicts is ErrRefused.
func (s *Service) Publish(ctx context.Context, id program.ID, text []byte) error {
	fresh, err := program.Parse(string(id), text)
	if err != nil {
		return err
	}
	if len(fresh) != 1 {
		return fmt.Errorf("%w: it has %d versions; publish one at a time", ErrRefused, len(fresh))
	}
	return s.store.Update(ctx, func(tx store.Tx) error {
		all := fresh
		docs, err := tx.Facts().Documents(ctx)
		if err != nil {
			return fmt.Errorf("reading program documents: %w", err)
		}
		known := make(map[int]bool)
		for _, t := range fresh {
			if t.Program != id {
				return fmt.Errorf("%w: it is of program %q, the address says %q", ErrRefused, t.Program, id)
			}
			known[t.Version] = true
		}
		for _, d := range docs {
			if d.Program != id || known[d.Version] {
				continue
			}
			old, err := program.Parse(string(id), []byte(d.Text))
			if err != nil {
				return err
			}
			all = append(all, old...)
		}
		grouped, err := program.Group(all)
		if err != nil {
			return err
		}
		var faults []string
		for _, f := range check.Versions(grouped[id], check.Facts{}) {
			if f.Severity == check.Fault {
				faults = append(faults, f.String())
			}
		}
		if len(faults) > 0 {
			return fmt.Errorf("%w: %s", ErrRefused, strings.Join(faults, "; "))
		}
		t := fresh[0]
		d := store.Document{Program: id, Version: t.Version, EffectiveFrom: t.EffectiveFrom, Text: string(text), PublishedAt: s.now()}
		if err := tx.Facts().PutDocument(ctx, d); err != nil {
			return fmt.Errorf("keeping the program document: %w", err)
		}
		return nil
	})
}

// Claim looks an idempotency key up, or claims it for a call with the given hash.
func (s *Service) Claim(ctx context.Context, scope, key string, hash []byte) (answer []byte, found bool, err error) {
	err = s.store.Update(ctx, func(tx store.Tx) (err error) {
		answer, found, err = tx.Keys().Claim(ctx, scope, key, hash, s.now())
		return err
	})
	return answer, found, err
}

// Answer saves the answer of a claimed key.
func (s *Service) Answer(ctx context.Context, scope, key string, answer []byte) error {
	return s.store.Update(ctx, func(tx store.Tx) error { return tx.Keys().Answer(ctx, scope, key, answer) })
}
