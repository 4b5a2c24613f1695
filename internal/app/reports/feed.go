package reports

import (
	"context"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

// UseAnalytics makes reports of orders and traffic come from an engine beside the store, as far as Feed has brought it: what a report
// is complete up to says how far that is. An engine that took nothing yet, or does not answer, is passed over: the store answers with the
// same figures, and Feed returns the engine's error. Call it before the first report.
func (v *Service) UseAnalytics(a store.Analytics) { v.analytics = a }

// Feed brings the engine up to date: the days that changed are added up, and go there as a whole. It returns how many there were.
func (v *Service) Feed(ctx context.Context) (int, error) {
	if v.analytics == nil {
		return 0, nil
	}
	had, err := v.analytics.Fed(ctx)
	if err != nil {
		return 0, err
	}
	if had.At.IsZero() {
		if err := v.store.Update(ctx, func(tx store.Tx) error { return tx.Platform().Reports().Feed().All(ctx) }); err != nil {
			return 0, err
		}
	}
	// Today counts as well.
	if _, err := v.roll(ctx, v.now().Add(24*time.Hour)); err != nil {
		return 0, err
	}
	var changed []store.FeedDay
	err = v.store.View(ctx, func(tx store.Tx) error {
		r := tx.Platform().Reports()
		now := v.now().UTC().Truncate(time.Microsecond)
		c, err := r.Complete(ctx, now)
		if err != nil {
			return err
		}
		if changed, err = r.Feed().Changed(ctx); err != nil {
			return err
		}
		days := make([]store.StaleDay, len(changed))
		for i, d := range changed {
			days[i] = d.StaleDay
		}
		return v.analytics.Take(ctx, days, func(d store.StaleDay, each func(*store.Fact) error) (bool, error) { return r.Feed().Rows(ctx, d, each) },
			store.Fed{At: now, Complete: c})
	})
	if err != nil {
		return 0, err
	}
	err = v.store.Update(ctx, func(tx store.Tx) error { return tx.Platform().Reports().Feed().Took(ctx, changed) })
	if err != nil {
		return 0, fmt.Errorf("noting what the analytics engine took: %w", err)
	}
	return len(changed), nil
}

// source is what answers figures.
type source interface {
	Clicks(ctx context.Context, q store.Figures, each func(store.Figure) error) error
	Items(ctx context.Context, q store.Figures, each func(store.Figure) error) error
}

// fed returns the engine and how far it is, or nil where there is none that answers.
func (v *Service) fed(ctx context.Context) (source, store.Fed) {
	if v.analytics == nil {
		return nil, store.Fed{}
	}
	f, err := v.analytics.Fed(ctx)
	if err != nil || f.At.IsZero() {
		return nil, store.Fed{}
	}
	return v.analytics, f
}
