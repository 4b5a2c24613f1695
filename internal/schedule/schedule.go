// Package schedule is what a server does by the clock: each second, every ten minutes, once a day.
package schedule

import (
	"context"
	"log/slog"
	"time"

	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/store"
)

// Tick looks once a second whether a hold or a deadline ended, and whether facts were changed by somebody else.
func Tick(ctx context.Context, s *settle.Service, log *slog.Logger) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			log.Error("facts could not be read", "error", err)
			continue
		}
		if _, err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			log.Error("orders whose time has come could not be settled", "error", err)
		}
	}
}

// rolledEvery is how long days that changed wait until they are added up anew.
const rolledEvery = 10 * time.Minute

// RollUp adds days that changed up, so that reports stay fast, and computes what is computed once a day; also is what others compute.
func RollUp(ctx context.Context, r *reports.Service, s *settle.Service, also func(context.Context) error, log *slog.Logger, now func() time.Time) {
	t := time.NewTicker(rolledEvery)
	defer t.Stop()
	for {
		err := func() error {
			if _, err := r.Roll(ctx); err != nil {
				return err
			}
			if _, err := r.Feed(ctx); err != nil {
				log.Error("the analytics engine was not fed; reports come from the database, or stand where they were", "error", err)
			}
			if _, err := r.Ranking(ctx); err != nil {
				return err
			}
			for _, p := range s.Programs() {
				if s.Terms(p, now()) == nil {
					continue
				}
				if _, err := r.Statistics(ctx, p); err != nil {
					return err
				}
			}
			return also(ctx)
		}()
		if err != nil && ctx.Err() == nil {
			log.Error("figures of reports could not be added up", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Daily does at the start and after each midnight (UTC) what is to be done once a day: bonuses, room for the coming days, retention.
// What failed is tried again after ten minutes.
func Daily(ctx context.Context, db store.Store, s *settle.Service, keep store.Retention, log *slog.Logger, now func() time.Time) {
	for ctx.Err() == nil {
		wait := now().UTC().Truncate(24 * time.Hour).Add(24*time.Hour + time.Minute).Sub(now())
		if err := day(ctx, db, s, keep, log, now()); err != nil && ctx.Err() == nil {
			log.Error("the daily work is not done", "error", err)
			wait = 10 * time.Minute
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
}

func day(ctx context.Context, db store.Store, s *settle.Service, keep store.Retention, log *slog.Logger, now time.Time) error {
	for _, p := range s.Programs() {
		if s.Terms(p, now) == nil {
			continue
		}
		if _, err := s.Bonuses(ctx, p); err != nil {
			return err
		}
	}
	done, err := db.Tidy(ctx, now, keep)
	if err == nil && done != (store.Tidied{}) {
		log.Info("forgotten by policy", "clicks", done.Clicks, "visits", done.Visits)
	}
	if err != nil {
		return err
	}
	return db.Update(ctx, func(tx store.Tx) error {
		if _, err := tx.Platform().Accounts().Rejected().Forget(ctx, now.Add(-keepRejected)); err != nil {
			return err
		}
		if _, err := tx.Platform().Accounts().Outbox().Forget(ctx, now.Add(-keepMail)); err != nil {
			return err
		}
		_, err := tx.Platform().Accounts().Tickets().Forget(ctx, now.Add(-keepTickets))
		return err
	})
}

// keepRejected is how long rejected calls are kept at the longest, for whoever builds against the API.
const keepRejected = 90 * 24 * time.Hour

// keepMail is how long it is kept to whom e-mail was sent, or could not be: as long as somebody may ask whether it was. What was written is
// deleted once it is sent.
const keepMail = 90 * 24 * time.Hour

// keepTickets is how long rights that can be used once are kept after they expired: as long as somebody may ask what became of a link.
const keepTickets = 30 * 24 * time.Hour

// casesEvery is how often holds are looked at: they run out on time to the minute.
const casesEvery = time.Minute

// Cases lets trust cases go on by themselves each minute, and after each midnight (UTC) looks at the day before for critical traffic
// (M4, F2). ranOut is told how many holds nobody decided on.
func Cases(ctx context.Context, c *cases.Service, ranOut func(int), log *slog.Logger, now func() time.Time) {
	t := time.NewTicker(casesEvery)
	defer t.Stop()
	looked := ""
	for {
		n, _, err := c.Elapse(ctx)
		if n > 0 {
			ranOut(n)
			log.Warn("fraud holds ran out undecided and were given back", "cases", n)
		}
		if err != nil && ctx.Err() == nil {
			log.Error("cases whose time has come could not go on", "error", err)
		}
		if day := now().UTC().AddDate(0, 0, -1); looked != day.Format(time.DateOnly) {
			met, err := c.Detect(ctx, day)
			switch {
			case err == nil:
				looked = day.Format(time.DateOnly)
			case ctx.Err() == nil:
				log.Error("traffic could not be looked at", "error", err)
			}
			if met > 0 {
				log.Info("critical traffic waits for review", "publishers", met)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
