// Package intake keeps the facts that others report: program documents, ad spaces, the catalogue and exchange rates, and the
// answers of calls that must not be done twice.
package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
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
	store     store.Store
	now       func() time.Time
	twoPeople bool // see TakeTwoPeople
}

// New returns a service over a store.
func New(s store.Store, now func() time.Time) *Service { return &Service{store: s, now: now} }

// Ping reports whether the database answers.
func (s *Service) Ping(ctx context.Context) error { return s.store.Ping(ctx) }

// update runs do as the only one that changes facts, so that what it checked still holds when it is committed.
func (s *Service) update(ctx context.Context, do func(tx store.Tx) error) error {
	return s.store.Update(ctx, func(tx store.Tx) error {
		// No program has an empty name, so this waits for other changes of facts and for no settling.
		if err := tx.Orders().Lock(ctx, ""); err != nil {
			return fmt.Errorf("waiting for other changes of facts: %w", err)
		}
		return do(tx)
	})
}

// checked calls check for each element; the error is a *wire.Fault on its line.
func checked[T any](all []T, check func(T) error) error {
	for i, x := range all {
		if err := check(x); err != nil {
			return wire.OnLine(i+1, err)
		}
	}
	return nil
}

// AdSpaces enters ad spaces or replaces them, all or none. One that cannot be kept, or has a coupon code that is tied to another ad
// space of the program, is a *wire.Fault with its line.
func (s *Service) AdSpaces(ctx context.Context, spaces []*publisher.AdSpace) error {
	if err := checked(spaces, wire.CheckAdSpace); err != nil {
		return err
	}
	return s.update(ctx, func(tx store.Tx) error {
		kept, err := tx.Facts().AdSpaces(ctx)
		if err != nil {
			return fmt.Errorf("reading ad spaces: %w", err)
		}
		err = publisher.CheckReplace(kept, spaces)
		var clash *publisher.ClashError
		if errors.As(err, &clash) {
			return &wire.Fault{
				Line: clash.Index + 1, Member: fmt.Sprintf("coupons[%d]", clash.Coupon), Reason: clash.Error(), Conflict: true,
				Fix: "leave the code out here, or take it from the other ad space in the same call",
			}
		}
		if err != nil {
			return err
		}
		if err := tx.Facts().PutAdSpaces(ctx, spaces); err != nil {
			return err
		}
		return audit.Note(ctx, tx, s.now(), entered(kept, spaces)...)
	})
}

// mostActs is how many ad spaces of a call are noted one by one.
const mostActs = 1000

// entered are the acts of a call that entered ad spaces: one for each whose standing changed, and one for the call.
func entered(kept, coming []*publisher.AdSpace) []audit.Act {
	type place struct {
		program       program.ID
		publisher, id string
	}
	known := make(map[place]*publisher.AdSpace, len(kept))
	for _, k := range kept {
		known[place{k.Program, k.Publisher, k.ID}] = k
	}
	standing := func(a *publisher.AdSpace) audit.Values {
		v := audit.Values{}
		for name, at := range map[string]time.Time{"approved_at": a.ApprovedAt, "blocked_at": a.BlockedAt} {
			if !at.IsZero() {
				v[name] = at.UTC().Format(time.RFC3339)
			}
		}
		return v
	}
	var acts []audit.Act
	for _, a := range coming {
		act := audit.Act{Action: "ad_space.entered", Object: fmt.Sprintf("ad space %s/%s/%s", a.Program, a.Publisher, a.ID), After: standing(a)}
		if k := known[place{a.Program, a.Publisher, a.ID}]; k != nil {
			if k.ApprovedAt.Equal(a.ApprovedAt) && k.BlockedAt.Equal(a.BlockedAt) {
				continue
			}
			act.Action, act.Before = "ad_space.changed", standing(k)
			switch {
			case !a.BlockedAt.IsZero() && k.BlockedAt.IsZero():
				act.Action = "ad_space.blocked"
			case a.BlockedAt.IsZero() && !k.BlockedAt.IsZero():
				act.Action = "ad_space.unblocked"
			}
		}
		if len(acts) < mostActs {
			acts = append(acts, act)
		}
	}
	if len(coming) > mostActs {
		acts = append(acts, audit.Act{Action: "ad_spaces.entered", Object: "ad spaces", After: audit.Values{"count": strconv.Itoa(len(coming))}})
	}
	return acts
}

// Catalog enters products and stores or replaces them, all or none. What a seller has set for a known store stays. One that cannot
// be kept is a *wire.Fault with its line.
func (s *Service) Catalog(ctx context.Context, products []*catalog.Product, stores []*seller.Store) error {
	if err := errors.Join(checked(products, wire.CheckProduct), checked(stores, wire.CheckStore)); err != nil {
		return err
	}
	return s.update(ctx, func(tx store.Tx) error {
		ids := make([]string, len(stores))
		for i := range stores {
			ids[i] = stores[i].ID
		}
		_, known, err := tx.Facts().Catalog(ctx, nil, ids)
		if err != nil {
			return fmt.Errorf("reading stores: %w", err)
		}
		byID := make(map[string]*seller.Store, len(known))
		for _, k := range known {
			byID[k.ID] = k
		}
		coming := make([]*seller.Store, len(stores))
		for i := range stores {
			one := *stores[i]
			if k := byID[one.ID]; k != nil {
				one.Rate, one.Periods = k.Rate, k.Periods
			}
			coming[i] = &one
		}
		if err := tx.Facts().PutCatalog(ctx, products, coming); err != nil || len(coming) == 0 {
			return err // products change all day; they are facts and nobody's decision
		}
		first := coming[0].ID
		return audit.Note(ctx, tx, s.now(), audit.Act{
			Action: "stores.entered", Object: "stores", After: audit.Values{"count": strconv.Itoa(len(coming)), "first": first},
		})
	})
}

// Quotes enters exchange rates, all or none. One that contradicts a known one, or another of the call, is a *wire.Fault with its
// line.
func (s *Service) Quotes(ctx context.Context, quotes []wire.Quote) error {
	coming := make([]store.Quote, len(quotes))
	for i, q := range quotes {
		coming[i] = store.Quote{Day: q.Day, Base: q.Base, Quoted: q.Quote, Rate: q.Rate}
	}
	return s.update(ctx, func(tx store.Tx) error {
		kept, err := tx.Facts().Quotes(ctx)
		if err != nil {
			return fmt.Errorf("reading exchange rates: %w", err)
		}
		var table money.Exchange
		for _, q := range kept {
			if err := table.Add(q.Day, q.Base, q.Quoted, q.Rate); err != nil {
				return err
			}
		}
		for i, q := range coming {
			if err := table.Add(q.Day, q.Base, q.Quoted, q.Rate); err != nil {
				return &wire.Fault{
					Line: i + 1, Member: "rate", Reason: err.Error(), Conflict: true,
					Fix: "send the rate that is known, or leave the line out: orders are decided with it already",
				}
			}
		}
		if err := tx.Facts().PutQuotes(ctx, coming); err != nil || len(coming) == 0 {
			return err
		}
		return audit.Note(ctx, tx, s.now(), audit.Act{
			Action: "exchange_rates.entered", Object: "exchange rates",
			After: audit.Values{"count": strconv.Itoa(len(coming)), "first": string(coming[0].Day) + " " + string(coming[0].Base) + "/" + string(coming[0].Quoted)},
		})
	})
}

// Publish keeps a version of a program document. All versions of the program are checked together first: a document with conflicts is
// ErrRefused. Where publishing takes two people it is ErrTwoPeople: see Submit.
func (s *Service) Publish(ctx context.Context, id program.ID, text []byte) error {
	if s.twoPeople {
		return ErrTwoPeople
	}
	fresh, err := one(id, text)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx store.Tx) error {
		if err := s.publish(ctx, tx, id, fresh, text); err != nil {
			return err
		}
		return audit.Note(ctx, tx, s.now(), published(id, fresh, text, ""))
	})
}

// one reads a document of one version.
func one(id program.ID, text []byte) (*program.Terms, error) {
	if err := wire.CheckID("program", string(id)); err != nil {
		return nil, err
	}
	fresh, err := program.Parse(string(id), text)
	if err != nil {
		return nil, err
	}
	if len(fresh) != 1 {
		return nil, fmt.Errorf("%w: it has %d versions; publish one at a time", ErrRefused, len(fresh))
	}
	if t := fresh[0]; t.Program != id {
		return nil, fmt.Errorf("%w: it is of program %q, the address says %q", ErrRefused, t.Program, id)
	}
	return fresh[0], nil
}

// published is the act of publishing a document.
func published(id program.ID, t *program.Terms, text []byte, why string) audit.Act {
	sum := sha256.Sum256(text)
	return audit.Act{
		Action: "program.published", Object: "program " + string(id), Reason: why,
		After: audit.Values{"version": strconv.Itoa(t.Version), "effective_from": t.EffectiveFrom.UTC().Format(time.RFC3339), "sha256": hex.EncodeToString(sum[:])},
	}
}

// publish checks a version together with all others of its program and keeps it.
func (s *Service) publish(ctx context.Context, tx store.Tx, id program.ID, t *program.Terms, text []byte) error {
	all := []*program.Terms{t}
	docs, err := s.keepReference(ctx, tx, id, t.Version)
	if err != nil {
		return err
	}
	for _, d := range docs {
		if d.Program != id || d.Version == t.Version {
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
	d := store.Document{Program: id, Version: t.Version, EffectiveFrom: t.EffectiveFrom, Text: string(text), PublishedAt: s.now()}
	if err := tx.Facts().PutDocument(ctx, d); err != nil {
		return fmt.Errorf("keeping the program document: %w", err)
	}
	return nil
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
