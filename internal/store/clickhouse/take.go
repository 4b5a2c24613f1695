package clickhouse

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/clickledger/clickledger/internal/store"
)

// clickKind is the kind of days of clicks; the others are of items.
const clickKind = "click"

// atOnce is how many rows are sent in a batch.
const atOnce = 50_000

// table is the table of a kind of rows, with the columns that are written.
type table struct {
	name, columns string
	row           func(*store.Fact) []any
}

func dims() string {
	var b strings.Builder
	for _, d := range store.FactDims() {
		b.WriteString(", " + string(d))
	}
	return b.String()
}

func tableOf(kind string) table {
	if kind == clickKind {
		return table{"clickledger_clicks_1", "generation, program, day, id, at" + dims() + ", clicks, rejected", func(f *store.Fact) []any {
			return append(values(f, f.ID, f.At), f.Sum.Clicks, f.Sum.Rejected)
		}}
	}
	return table{
		"clickledger_items_1",
		"generation, program, day, id, at, has_received, received, received_day" + dims() +
			", currency, state, items, actions, sold_high, sold_low, amount_high, amount_low, fee_high, fee_low, held, held_for",
		func(f *store.Fact) []any {
			has := uint8(0)
			if f.HasDay {
				has = 1
			}
			s := &f.Sum
			return append(values(f, f.ID, f.At, has, f.Received, dayOf(f.Received)), string(f.Currency), f.State, s.Items, s.Actions, s.Value>>32, s.Value&(1<<32-1),
				s.Amount>>32, s.Amount&(1<<32-1), s.Fee>>32, s.Fee&(1<<32-1), s.Held, s.HeldFor)
		},
	}
}

func values(f *store.Fact, first ...any) []any {
	for _, v := range f.Values {
		first = append(first, v)
	}
	return first
}

// Take implements store.Analytics.
func (e *Engine) Take(ctx context.Context, days []store.StaleDay, rows func(store.StaleDay, func(*store.Fact) error) (bool, error), state store.Fed) error {
	generation := e.generation()
	for _, kind := range []string{clickKind, string(store.ByOrder)} {
		if err := e.write(ctx, generation, kind, days, rows); err != nil {
			return fmt.Errorf("feeding ClickHouse: %w", err)
		}
	}
	if err := e.publish(ctx, generation, days); err != nil {
		return fmt.Errorf("feeding ClickHouse: saying which days it has: %w", err)
	}
	told, err := json.Marshal(state)
	if err != nil {
		return err
	}
	if err := e.insert(ctx, "INSERT INTO clickledger_fed_1 (generation, state)", []any{generation, string(told)}); err != nil {
		return fmt.Errorf("feeding ClickHouse: saying how far it is: %w", err)
	}
	return e.tidy(ctx, generation)
}

// insert sends a few rows in one block, which the server takes as a whole.
func (e *Engine) insert(ctx context.Context, into string, rows ...[]any) error {
	batch, err := e.conn.PrepareBatch(ctx, into)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := batch.Append(r...); err != nil {
			_ = batch.Abort() // what went wrong first is what counts
			return err
		}
	}
	return batch.Send()
}

// write sends the rows of a kind of days.
func (e *Engine) write(ctx context.Context, generation uint64, kind string, days []store.StaleDay, rows func(store.StaleDay, func(*store.Fact) error) (bool, error)) (err error) {
	t := tableOf(kind)
	var batch driver.Batch
	n := 0
	send := func() error {
		if batch == nil {
			return nil
		}
		sent := batch.Send()
		batch, n = nil, 0
		return sent
	}
	defer func() {
		if batch != nil {
			_ = batch.Abort() // what went wrong first is what counts
		}
	}()
	var partly []store.StaleDay
	for _, d := range days {
		if d.Kind != kind {
			continue
		}
		whole, err := rows(d, func(f *store.Fact) error {
			if batch == nil {
				if batch, err = e.conn.PrepareBatch(ctx, "INSERT INTO "+t.name+" ("+t.columns+")"); err != nil {
					return err
				}
			}
			if err := batch.Append(append([]any{generation, string(d.Program), d.Day}, t.row(f)...)...); err != nil {
				return err
			}
			if n++; n == atOnce {
				return send()
			}
			return nil
		})
		if err != nil {
			return err
		}
		if !whole {
			partly = append(partly, d)
		}
	}
	if err := send(); err != nil {
		return err
	}
	for _, d := range partly {
		if err := e.keep(ctx, t, generation, d); err != nil {
			return err
		}
	}
	return nil
}

// keep takes over what counts of a day and did not come again.
func (e *Engine) keep(ctx context.Context, t table, generation uint64, d store.StaleDay) error {
	return e.conn.Exec(ctx, "INSERT INTO "+t.name+" ("+t.columns+") SELECT toUInt64(?), "+strings.TrimPrefix(t.columns, "generation, ")+" FROM "+t.name+
		" WHERE program = ? AND day = ? AND generation = (SELECT max(generation) FROM clickledger_days_1 WHERE kind = ? AND program = ? AND day = ?)"+
		" AND id NOT IN (SELECT id FROM "+t.name+" WHERE program = ? AND day = ? AND generation = ?)",
		generation, string(d.Program), d.Day, d.Kind, string(d.Program), d.Day, string(d.Program), d.Day, generation)
}

// publish says in one insert that the generation counts for days.
func (e *Engine) publish(ctx context.Context, generation uint64, days []store.StaleDay) error {
	if len(days) == 0 {
		return nil
	}
	rows := make([][]any, len(days))
	for i, d := range days {
		rows[i] = []any{d.Kind, string(d.Program), d.Day, generation}
	}
	return e.insert(ctx, "INSERT INTO clickledger_days_1 (kind, program, day, generation)", rows...)
}

// counting is the condition that a row of a kind counts.
func counting(kind string) string {
	return "(program, day, generation) IN (SELECT program, day, max(generation) FROM clickledger_days_1 WHERE kind = '" + kind + "' GROUP BY program, day)"
}

// tidy deletes rows that count no more where they outnumber the others; those of a taking that is under way, which has a greater generation,
// stay.
func (e *Engine) tidy(ctx context.Context, generation uint64) error {
	for _, kind := range []string{clickKind, string(store.ByOrder)} {
		t := tableOf(kind)
		var all, live uint64
		if err := e.conn.QueryRow(ctx, "SELECT count() FROM "+t.name).Scan(&all); err != nil {
			return fmt.Errorf("tidying ClickHouse: %w", err)
		}
		if err := e.conn.QueryRow(ctx, "SELECT count() FROM "+t.name+" WHERE "+counting(kind)).Scan(&live); err != nil {
			return fmt.Errorf("tidying ClickHouse: %w", err)
		}
		if all <= 2*live+atOnce {
			continue
		}
		if err := e.conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s DELETE WHERE generation < %d AND NOT (%s)", t.name, generation, counting(kind))); err != nil {
			return fmt.Errorf("tidying ClickHouse: %w", err)
		}
	}
	return nil
}
