package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/program/check"
)

// Document is one version of a program document, as it was published.
type Document = store.Document

// ErrNotFound says that what was asked for is not there.
var ErrNotFound = store.ErrNotFound

// Documents returns the versions of a program, the newest first. A program that was never published and is a reference program has the
// document that ships.
func (s *Service) Documents(ctx context.Context, id program.ID) ([]Document, error) {
	var docs []Document
	err := s.store.View(ctx, func(tx store.Tx) error {
		all, err := tx.Facts().Documents(ctx)
		if err != nil {
			return fmt.Errorf("reading program documents: %w", err)
		}
		docs, err = withReference(of(all, id), id)
		return err
	})
	slices.Reverse(docs)
	return docs, err
}

func of(all []Document, id program.ID) []Document {
	return slices.DeleteFunc(slices.Clone(all), func(d Document) bool { return d.Program != id })
}

// withReference gives a program without documents the one that ships, where there is one.
func withReference(docs []Document, id program.ID) ([]Document, error) {
	if len(docs) > 0 {
		return docs, nil
	}
	text, ok := program.ReferenceDocument(id)
	if !ok {
		return nil, nil
	}
	terms, err := program.Parse(string(id), text)
	if err != nil {
		return nil, err
	}
	return []Document{{Program: id, Version: terms[0].Version, EffectiveFrom: terms[0].EffectiveFrom, Text: string(text)}}, nil
}

// keepReference returns all documents of all programs. Where the first version of a reference program is replaced, the document that
// shipped and was in force until then is kept beside it: past orders were decided by it (P1).
func (s *Service) keepReference(ctx context.Context, tx store.Tx, id program.ID, version int) ([]Document, error) {
	all, err := tx.Facts().Documents(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading program documents: %w", err)
	}
	if len(of(all, id)) > 0 {
		return all, nil
	}
	docs, err := withReference(nil, id)
	if err != nil || len(docs) == 0 || docs[0].Version >= version {
		return all, err
	}
	docs[0].PublishedAt = s.now()
	if err := tx.Facts().PutDocument(ctx, docs[0]); err != nil {
		return nil, fmt.Errorf("keeping the document that the program had: %w", err)
	}
	return append(all, docs[0]), nil
}

// Review is what is to be known of a document before it is published.
type Review struct {
	Terms    *program.Terms // nil: it cannot be read
	Errors   program.Errors // why
	Wrong    string         // why it cannot be the program's next version, or ""
	Findings []check.Finding
	Changes  []program.Change // against the newest version
}

// Publishable reports whether nothing stands in the way of publishing.
func (r *Review) Publishable() bool {
	return r.Terms != nil && r.Wrong == "" && !slices.ContainsFunc(r.Findings, func(f check.Finding) bool { return f.Severity == check.Fault })
}

// Review reads a document as the next version of a program, checks it and compares it with the newest one. Nothing is kept.
func (s *Service) Review(ctx context.Context, id program.ID, text []byte) (*Review, error) {
	docs, err := s.Documents(ctx, id)
	if err != nil {
		return nil, err
	}
	r := &Review{}
	fresh, err := program.Parse(string(id), text)
	switch {
	case errors.As(err, &r.Errors):
		return r, nil
	case err != nil:
		return nil, err
	case len(fresh) != 1:
		r.Wrong = "publish one version at a time"
		return r, nil
	}
	r.Terms = fresh[0]
	if r.Terms.Program != id {
		r.Wrong = fmt.Sprintf("it is a document of program %q", r.Terms.Program)
		return r, nil
	}
	versions := []*program.Terms{r.Terms}
	for i, d := range docs {
		old, err := program.Parse(string(id), []byte(d.Text))
		if err != nil {
			return nil, fmt.Errorf("version %d of program %q: %w", d.Version, id, err)
		}
		versions = append(versions, old...)
		if i == 0 {
			r.Changes = program.Diff(old[0], r.Terms)
		}
	}
	switch {
	case len(docs) > 0 && r.Terms.Version != docs[0].Version+1:
		r.Wrong = fmt.Sprintf("its version must be %d: the newest one is %d", docs[0].Version+1, docs[0].Version)
	case !r.Terms.EffectiveFrom.After(s.now()):
		r.Wrong = "effective_from lies in the past: terms that are in force are never changed. Take a time to come, such as " + s.now().AddDate(0, 0, 1).Format(time.DateOnly) + "T00:00:00Z"
	}
	if r.Wrong != "" {
		return r, nil
	}
	grouped, err := program.Group(versions)
	if err != nil {
		r.Wrong = err.Error()
		return r, nil
	}
	r.Findings = slices.DeleteFunc(check.Versions(grouped[id], check.Facts{}), func(f check.Finding) bool { return f.Version != r.Terms.Version })
	return r, nil
}
