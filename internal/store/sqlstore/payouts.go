package sqlstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

type payouts struct{ *Tx }

// PutRun implements store.Payouts.
func (t payouts) PutRun(ctx context.Context, r payout.Run, revision int) error {
	body, err := json.Marshal(&r)
	if err != nil {
		return fmt.Errorf("payout run %q: %w", r.ID, err)
	}
	sum := store.SummaryOf(&r)
	s := sqltx.Statement{
		SQL: `-- payouts.PutRun
WITH r AS ({rows})
INSERT INTO payout_runs (id, revision, program, state, drafted_at, body, currency, execute_on, payments, net)
SELECT id, revision, program, state, drafted_at, body, currency, execute_on, payments, net FROM r WHERE true
ON CONFLICT DO NOTHING`,
		Rows: []sqltx.Column{
			sqltx.Key("id", 1, func(int) string { return r.ID }),
			sqltx.Number("revision", 1, func(int) int { return revision + 1 }),
			sqltx.Key("program", 1, func(int) program.ID { return r.Program }),
			sqltx.TextOf("state", 1, func(int) payout.State { return r.State }),
			sqltx.When("drafted_at", 1, func(int) time.Time { return r.Drafted.At }),
			sqltx.TextOf("body", 1, func(int) string { return string(body) }),
			sqltx.TextOf("currency", 1, func(int) money.Currency { return sum.Currency }),
			sqltx.TextOf("execute_on", 1, func(int) string { return sum.ExecuteOn }),
			sqltx.Number("payments", 1, func(int) int { return sum.Payments }),
			sqltx.Number("net", 1, func(int) int64 { return sum.Net }),
		},
	}
	if revision != 0 {
		s.SQL = `-- payouts.PutRun
WITH r AS ({rows})
UPDATE payout_runs SET revision = r.revision, program = r.program, state = r.state, drafted_at = r.drafted_at, body = r.body,
	currency = r.currency, execute_on = r.execute_on, payments = r.payments, net = r.net
FROM r WHERE payout_runs.id = r.id AND payout_runs.revision = r.revision - 1`
	}
	n, err := t.Exec(ctx, s)
	if err != nil {
		return fmt.Errorf("keeping payout run %q: %w", r.ID, err)
	}
	if n == 0 {
		return fmt.Errorf("payout run %q is not at revision %d any more: %w", r.ID, revision, store.ErrConflict)
	}
	return wrap(t.putPayouts(ctx, &r), fmt.Sprintf("keeping the payouts of run %q", r.ID))
}

// putPayouts keeps the payouts of a run so that they are found by publisher and id. The bank answers one by one, so only what
// changed is written. The run was written before, so nobody else writes its payouts meanwhile.
func (t payouts) putPayouts(ctx context.Context, r *payout.Run) error {
	type row struct{ id, publisher, currency, body string }
	kept := make([]row, 0, len(r.Payouts))
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- payouts.keptPayouts
SELECT id, publisher, currency, body FROM run_payouts WHERE run = $1 ORDER BY place`,
		Args: []any{r.ID},
	}, func(scan func(...any) error) error {
		var x row
		err := scan(&x.id, &x.publisher, &x.currency, &x.body)
		kept = append(kept, x)
		return err
	})
	if err != nil {
		return err
	}
	var changed []row
	var places []int
	for i := range r.Payouts {
		p := &r.Payouts[i]
		body, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("payout %q: %w", p.ID, err)
		}
		if x := (row{p.ID, p.Publisher, string(r.Currency), string(body)}); i >= len(kept) || kept[i] != x {
			changed, places = append(changed, x), append(places, i)
		}
	}
	if len(changed) > 0 {
		_, err = t.Exec(ctx, sqltx.Statement{
			SQL: `-- payouts.putPayouts
WITH r AS ({rows})
INSERT INTO run_payouts (run, place, id, publisher, currency, body)
SELECT run, place, id, publisher, currency, body FROM r WHERE true
ON CONFLICT (run, place) DO UPDATE SET id = excluded.id, publisher = excluded.publisher, currency = excluded.currency, body = excluded.body`,
			Rows: []sqltx.Column{
				sqltx.TextOf("run", len(changed), func(int) string { return r.ID }),
				sqltx.Number("place", len(changed), func(i int) int { return places[i] }),
				sqltx.Key("id", len(changed), func(i int) string { return changed[i].id }),
				sqltx.Key("publisher", len(changed), func(i int) string { return changed[i].publisher }),
				sqltx.TextOf("currency", len(changed), func(i int) string { return changed[i].currency }),
				sqltx.TextOf("body", len(changed), func(i int) string { return changed[i].body }),
			},
		})
	}
	if err == nil && len(kept) > len(r.Payouts) {
		_, err = t.Exec(ctx, sqltx.Statement{
			SQL: `-- payouts.dropPayouts
DELETE FROM run_payouts WHERE run = $1 AND place >= $2`,
			Args: []any{r.ID, int64(len(r.Payouts))},
		})
	}
	return err
}

// Of implements store.Payouts.
func (t payouts) Of(ctx context.Context, f store.PayoutFilter) ([]store.RunPayout, error) {
	if f.Publisher == "" && f.ID == "" {
		return nil, nil
	}
	var w sqltx.Where
	w.Equal("p.id", f.ID)
	w.Equal("p.publisher", f.Publisher)
	w.Equal("r.program", string(f.Program))
	var all []store.RunPayout
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- payouts.Of
SELECT p.run, r.program, p.currency, r.drafted_at, p.body FROM run_payouts p CROSS JOIN payout_runs r ` + w.String() + ` AND r.id = p.run
ORDER BY r.drafted_at DESC, p.run, p.place`,
		Args: w.Args,
	}, func(scan func(...any) error) error {
		var x store.RunPayout
		var drafted int64
		var body []byte
		err := scan(&x.Run, &x.Program, &x.Currency, &drafted, &body)
		if err == nil {
			err = json.Unmarshal(body, &x.Payout)
		}
		x.DraftedAt = sqltx.Instant(drafted)
		all = append(all, x)
		return err
	})
	return all, wrap(err, "reading payouts")
}

// Run implements store.Payouts.
func (t payouts) Run(ctx context.Context, id string) (payout.Run, int, error) {
	var r payout.Run
	var revision int
	var body []byte
	found, err := t.One(ctx, sqltx.Statement{
		SQL: `-- payouts.Run
SELECT revision, body FROM payout_runs WHERE id = $1`,
		Args: []any{id},
	}, &revision, &body)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal(body, &r)
	}
	return r, revision, wrap(err, fmt.Sprintf("reading payout run %q", id))
}

// Runs implements store.Payouts.
func (t payouts) Runs(ctx context.Context) ([]payout.Run, error) {
	var all []payout.Run
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- payouts.Runs
SELECT body FROM payout_runs ORDER BY drafted_at DESC, id`,
	}, func(scan func(...any) error) error {
		var r payout.Run
		var body []byte
		err := scan(&body)
		if err == nil {
			err = json.Unmarshal(body, &r)
		}
		all = append(all, r)
		return err
	})
	return all, wrap(err, "reading payout runs")
}

// runPlace is where a page of runs ended.
type runPlace struct {
	DraftedAt int64
	ID        string
}

// Page implements store.RunPages.
func (t payouts) Page(ctx context.Context, f store.RunFilter, after string, limit int) ([]store.RunSummary, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	var w sqltx.Where
	w.Equal("program", string(f.Program))
	w.Holds(f.Words, "id")
	if f.Filled { // as the indexes say it
		w.Conditions = append(w.Conditions, "(state <> 'closed' OR payments > 0)")
	}
	if after != "" {
		var p runPlace
		if err := sqltx.DecodeCursor(after, &p); err != nil {
			return nil, "", err
		}
		// The first condition alone lets an index begin at the place.
		at := w.Arg(p.DraftedAt)
		w.Conditions = append(w.Conditions, fmt.Sprintf("drafted_at <= %s AND (drafted_at < %s OR id > %s)", at, at, w.Arg(p.ID)))
	}
	var all []store.RunSummary
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- payouts.Page
SELECT id, program, state, currency, execute_on, drafted_at, payments, net FROM payout_runs ` + w.String() + `
ORDER BY drafted_at DESC, id LIMIT ` + w.Arg(int64(limit)+1),
		Args: w.Args,
	}, func(scan func(...any) error) error {
		var r store.RunSummary
		var drafted int64
		err := scan(&r.ID, &r.Program, &r.State, &r.Currency, &r.ExecuteOn, &drafted, &r.Payments, &r.Net)
		r.DraftedAt = sqltx.Instant(drafted)
		all = append(all, r)
		return err
	})
	if err != nil {
		return all, "", wrap(err, "listing payout runs")
	}
	return sqltx.Cut(all, limit, func(r *store.RunSummary) any { return runPlace{r.DraftedAt.UnixMicro(), r.ID} })
}

// Empty implements store.RunPages.
func (t payouts) Empty(ctx context.Context, p program.ID) (n int64, err error) {
	w := sqltx.Where{Conditions: []string{"state = 'closed'", "payments = 0"}}
	w.Equal("program", string(p))
	_, err = t.One(ctx, sqltx.Statement{
		SQL: `-- payouts.Empty
SELECT COUNT(*) FROM payout_runs ` + w.String(),
		Args: w.Args,
	}, &n)
	return n, wrap(err, "counting empty payout runs")
}

// PutFile implements store.Payouts.
func (t payouts) PutFile(ctx context.Context, run, name string, content []byte) error {
	doing := fmt.Sprintf("keeping file %q of payout run %q", name, run)
	var one int64
	found, err := t.One(ctx, sqltx.Statement{
		SQL: `-- payouts.PutFile
SELECT 1 FROM payout_runs WHERE id = $1`,
		Args: []any{run},
	}, &one)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if !found {
		return fmt.Errorf("%s: the run: %w", doing, store.ErrNotFound)
	}
	var kept []byte
	found, err = t.readFile(ctx, run, name, &kept)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if found {
		if !bytes.Equal(kept, content) {
			return fmt.Errorf("%s: it is kept with other bytes, and the bank may have it: %w", doing, store.ErrConflict)
		}
		return nil
	}
	return wrap(t.Enter(ctx, sqltx.Statement{
		SQL: `-- payouts.PutFile
WITH r AS ({rows})
INSERT INTO payout_files (run, name, data) SELECT run, name, data FROM r WHERE true
ON CONFLICT DO NOTHING`,
		Rows: []sqltx.Column{
			sqltx.Key("run", 1, func(int) string { return run }),
			sqltx.Key("name", 1, func(int) string { return name }),
			sqltx.Data("data", 1, func(int) []byte { return content }),
		},
	}), doing)
}

func (t payouts) readFile(ctx context.Context, run, name string, into *[]byte) (bool, error) {
	return t.One(ctx, sqltx.Statement{
		SQL: `-- payouts.readFile
SELECT data FROM payout_files WHERE run = $1 AND name = $2`,
		Args: []any{run, name},
	}, into)
}

// File implements store.Payouts.
func (t payouts) File(ctx context.Context, run, name string) ([]byte, error) {
	var content []byte
	found, err := t.readFile(ctx, run, name, &content)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return content, wrap(err, fmt.Sprintf("reading file %q of payout run %q", name, run))
}

// PutDetails implements store.Payouts.
func (t payouts) PutDetails(ctx context.Context, publisher string, details []byte, changedAt time.Time) error {
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- payouts.PutDetails
WITH r AS ({rows})
INSERT INTO payout_details (publisher, details, changed_at) SELECT publisher, details, changed_at FROM r WHERE true
ON CONFLICT (publisher) DO UPDATE SET details = excluded.details, changed_at = excluded.changed_at`,
		Rows: []sqltx.Column{
			sqltx.Key("publisher", 1, func(int) string { return publisher }),
			sqltx.TextOf("details", 1, func(int) string { return string(details) }),
			sqltx.When("changed_at", 1, func(int) time.Time { return changedAt }),
		},
	})
	return wrap(err, fmt.Sprintf("keeping the payout details of %q", publisher))
}

// Details implements store.Payouts.
func (t payouts) Details(ctx context.Context) (map[string]store.PayoutDetails, error) {
	all := make(map[string]store.PayoutDetails)
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- payouts.Details
SELECT publisher, details, changed_at FROM payout_details`,
	}, func(scan func(...any) error) error {
		var publisher string
		var details []byte
		var changed int64
		err := scan(&publisher, &details, &changed)
		all[publisher] = store.PayoutDetails{JSON: details, ChangedAt: sqltx.Instant(changed)}
		return err
	})
	return all, wrap(err, "reading payout details")
}
