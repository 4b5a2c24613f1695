// Package linkfeed keeps an edge's table of links up to date with the store: every change of a link, an ad space or a program is in
// the table within a second, and with the store down the edge goes on with what it knows (L1).
package linkfeed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/clickledger/clickledger/internal/app/links"
	edgelinks "github.com/clickledger/clickledger/internal/edge/links"
	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// Interval is how often the store is asked for changes.
const Interval = 250 * time.Millisecond

// page is how many changes are read at a time.
const page = 10_000

// Feed fills a table.
type Feed struct {
	store store.Store
	table *edgelinks.Table
	log   *slog.Logger
	now   func() time.Time

	facts     facts.Cache
	entered   *facts.Facts // what the table has
	from      map[program.ID]int
	documents atomic.Value // []Document
	cursor    atomic.Int64 // the newest change of a link that the table has
}

// New returns a feed that goes on behind a cursor: that of a snapshot, or nil for all links.
func New(s store.Store, table *edgelinks.Table, cursor []byte, log *slog.Logger, now func() time.Time) (*Feed, error) {
	f := &Feed{store: s, table: table, log: log, now: now, from: make(map[program.ID]int)}
	if len(cursor) > 0 {
		n, err := strconv.ParseInt(string(cursor), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("reading the snapshot's cursor: %w", err)
		}
		f.cursor.Store(n)
	}
	return f, nil
}

// Sync brings the table up to date once and returns how many links changed.
func (f *Feed) Sync(ctx context.Context) (changed int, err error) {
	for {
		var batch []links.Link
		err := f.store.View(ctx, func(tx store.Tx) error {
			now, err := f.facts.Current(ctx, tx)
			if err != nil {
				return err
			}
			if now != f.entered {
				if err := f.remember(ctx, tx); err != nil {
					return err
				}
			}
			if err := f.enter(now); err != nil {
				return err
			}
			batch, err = tx.Platform().Links().Changes(ctx, f.cursor.Load(), page)
			return err
		})
		if err != nil {
			return changed, err
		}
		for i := range batch {
			if err := f.put(&batch[i]); err != nil {
				return changed, err
			}
			f.cursor.Store(batch[i].Change)
		}
		changed += len(batch)
		if len(batch) < page {
			return changed, nil
		}
	}
}

// remember keeps the texts of the program documents.
func (f *Feed) remember(ctx context.Context, tx store.Tx) error {
	kept, err := tx.Facts().Documents(ctx)
	if err != nil {
		return fmt.Errorf("reading program documents: %w", err)
	}
	docs := make([]Document, len(kept))
	for i, d := range kept {
		docs[i] = Document{d.Program, d.Text}
	}
	f.documents.Store(docs)
	return nil
}

// enter tells the table of programs and ad spaces. Terms change with the time as well as with the documents.
func (f *Feed) enter(now *facts.Facts) error {
	at := f.now()
	for _, id := range now.Programs() {
		terms := now.Terms(id, at)
		if terms == nil || (now == f.entered && f.from[id] == terms.Version) {
			continue
		}
		p, err := programOf(terms)
		if err != nil {
			return fmt.Errorf("program %q: %w", id, err)
		}
		if err := f.table.PutProgram(p); err != nil {
			return fmt.Errorf("program %q: %w", id, err)
		}
		f.from[id] = terms.Version
	}
	if now == f.entered {
		return nil
	}
	for _, s := range now.AdSpaces {
		if err := f.table.PutSpace(s); err != nil && !errors.Is(err, edgelinks.ErrUnknownProgram) {
			return fmt.Errorf("ad space %q of %q: %w", s.ID, s.Publisher, err)
		}
	}
	f.entered = now
	return nil
}

// programOf is what an edge must know of a program.
func programOf(t *program.Terms) (edgelinks.Program, error) {
	site, err := links.SiteOf(t)
	if err != nil {
		return edgelinks.Program{}, err
	}
	p := edgelinks.Program{ID: t.Program, Site: site, Traffic: t.Traffic, StrictIn: t.Tracking.StrictIn}
	if p.Consent, err = edgelinks.ParseConsent(t.Tracking.Consent); err != nil {
		return p, err
	}
	if k := t.Tracking.VisitorKey; k != nil {
		p.Visitor = edgelinks.VisitorCookie{Name: k.Cookie, Domain: k.Domain, MaxAge: k.MaxAge}
	}
	return p, nil
}

// put enters a link. One that the table refuses (its host was given up, say) is reported and does not hold the others up.
func (f *Feed) put(l *links.Link) error {
	code, ok := link.ParseCode(l.Code)
	if !ok {
		return fmt.Errorf("link %d has the code %q, which is none", l.ID, l.Code)
	}
	state, err := edgelinks.ParseState(l.State)
	if err != nil {
		return fmt.Errorf("link %d: %w", l.ID, err)
	}
	err = f.table.Put(&edgelinks.Link{
		Code: code, ID: uint64(l.ID), Program: l.Program, Publisher: l.Publisher, AdSpace: l.AdSpace, TrackingID: l.TrackingID, Target: l.Target,
		Substitute: l.Substitute, State: state,
	})
	if err != nil {
		f.log.Error("a link was left out", "link", l.ID, "error", err)
	}
	return nil
}

// Run keeps the table up to date until the context ends. ready is called when it is complete for the first time.
func (f *Feed) Run(ctx context.Context, ready func()) {
	t := time.NewTicker(Interval)
	defer t.Stop()
	failing := false
	for {
		_, err := f.Sync(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			f.log.Error("links cannot be followed; the edge goes on with what it knows", "error", err)
		case err == nil && failing:
			f.log.Info("links are followed again")
		}
		if failing = err != nil; !failing && ready != nil {
			ready()
			ready = nil
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Cursor says how far the changes of links were followed, for New.
func (f *Feed) Cursor() []byte { return strconv.AppendInt(nil, f.cursor.Load(), 10) }

// Document is a version of a program document, for a start without the store.
type Document struct {
	Program program.ID `json:"program"`
	Text    string     `json:"text"`
}

// Documents are the program documents that the table knows of, nil before the first of them was read.
func (f *Feed) Documents() []Document {
	docs, _ := f.documents.Load().([]Document)
	return docs
}

// EnterDocuments tells a table of the programs whose documents these are, and of the reference programs.
func EnterDocuments(table *edgelinks.Table, docs []Document, now time.Time) error {
	versions := make(map[program.ID]program.Versions)
	for _, id := range program.ReferenceIDs() {
		versions[id], _ = program.Reference(id)
	}
	var all []*program.Terms
	for _, d := range docs {
		terms, err := program.Parse(string(d.Program), []byte(d.Text))
		if err != nil {
			return err
		}
		all = append(all, terms...)
	}
	grouped, err := program.Group(all)
	if err != nil {
		return err
	}
	maps.Copy(versions, grouped)
	for id, v := range versions {
		terms := v.At(now)
		if terms == nil {
			continue
		}
		p, err := programOf(terms)
		if err == nil {
			err = table.PutProgram(p)
		}
		if err != nil {
			return fmt.Errorf("program %q: %w", id, err)
		}
	}
	return nil
}
