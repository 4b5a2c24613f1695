// Package clickhouse answers the figures of reports from a ClickHouse server (store.Analytics). It speaks the native protocol, and SQL that
// servers since 18.16 understand.
//
// A row belongs to a generation. Taking a day writes its rows under a new generation and then, in one insert, says for all days that were
// taken which generation counts: so nobody sees half of it, and what a taking that broke off has left counts nowhere. Rows of generations
// that count no more are deleted when they outnumber the others.
package clickhouse

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/clickledger/clickledger/internal/store"
)

// Engine is a connection to a server. It implements store.Analytics.
type Engine struct {
	conn driver.Conn
	now  func() time.Time
}

// Open connects to the server and database that an address names, clickhouse://USER:PASSWORD@HOST:9000/DATABASE, and makes its tables where
// they are missing.
func Open(ctx context.Context, address string, now func() time.Time) (*Engine, error) {
	options, err := driver.ParseDSN(address)
	if err != nil {
		return nil, errors.New("the address of ClickHouse cannot be read: it is clickhouse://USER:PASSWORD@HOST:9000/DATABASE") // err has the password
	}
	conn, err := driver.Open(options)
	if err != nil {
		return nil, fmt.Errorf("connecting to ClickHouse: %w", err)
	}
	e := &Engine{conn: conn, now: now}
	if err := e.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening ClickHouse at %v: %w", options.Addr, err), conn.Close())
	}
	return e, nil
}

// Close implements store.Analytics.
func (e *Engine) Close() error { return e.conn.Close() }

// prepare makes the tables. A new form of them gets new names, and is filled from the store.
func (e *Engine) prepare(ctx context.Context) error {
	dims := ""
	for _, d := range store.FactDims() {
		dims += ", " + string(d) + " String"
	}
	for _, statement := range []string{
		`CREATE TABLE IF NOT EXISTS clickledger_clicks_1 (generation UInt64, program String, day Int64, id String, at Int64` + dims + `, clicks Int64, rejected Int64)
			ENGINE = MergeTree() PARTITION BY intDiv(day, 100) ORDER BY (publisher, program, day)`,
		`CREATE TABLE IF NOT EXISTS clickledger_items_1 (generation UInt64, program String, day Int64, id String, at Int64, has_received UInt8, received Int64, received_day Int64` + dims +
			`, currency String, state String, items Int64, actions Int64, sold_high Int64, sold_low Int64, amount_high Int64, amount_low Int64, fee_high Int64, fee_low Int64, held Int64, held_for Int64)
			ENGINE = MergeTree() PARTITION BY intDiv(day, 100) ORDER BY (publisher, program, day)`,
		`CREATE TABLE IF NOT EXISTS clickledger_days_1 (kind String, program String, day Int64, generation UInt64) ENGINE = MergeTree() ORDER BY (kind, program, day)`,
		`CREATE TABLE IF NOT EXISTS clickledger_fed_1 (generation UInt64, state String) ENGINE = MergeTree() ORDER BY generation`,
	} {
		if err := e.conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// Fed implements store.Analytics.
func (e *Engine) Fed(ctx context.Context) (store.Fed, error) {
	var f store.Fed
	rows, err := e.conn.Query(ctx, "SELECT state FROM clickledger_fed_1 ORDER BY generation DESC LIMIT 1")
	if err != nil {
		return f, fmt.Errorf("asking ClickHouse how far it was fed: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var state string
		if err := rows.Scan(&state); err != nil {
			return f, err
		}
		if err := json.Unmarshal([]byte(state), &f); err != nil {
			return f, fmt.Errorf("reading how far ClickHouse was fed: %w", err)
		}
	}
	return f, rows.Err()
}

// generation is a number that is greater than those before and that no other server takes.
func (e *Engine) generation() uint64 {
	var random [2]byte
	_, _ = rand.Read(random[:]) // it never fails
	return uint64(e.now().UnixMicro())<<12 | uint64(binary.BigEndian.Uint16(random[:])&0xfff)
}

const microsPerDay = 24 * 60 * 60 * 1_000_000

func dayOf(us int64) int64 {
	d := us / microsPerDay
	if us%microsPerDay < 0 {
		d--
	}
	return d
}
