package sqlite

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
)

var day = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// bookOne books one transaction.
func bookOne(ctx context.Context) func(tx store.Tx) error {
	return func(tx store.Tx) error {
		return tx.Ledger().Post(ctx, []ledger.Transaction{{
			ID: "ent_1", Cause: "c", Reason: ledger.ReasonPend, Program: "tr", Publisher: "pub1", Currency: "TRY", EffectiveAt: day, RecordedAt: day,
			Movements: []ledger.Movement{{From: ledger.Account{Kind: ledger.Fund, Program: "tr"}, To: ledger.Of(ledger.Pending, "tr", "pub1"), Amount: 5}},
		}})
	}
}

// secondGuard is a statement that the database must refuse by itself.
type secondGuard struct{ statement, message string }

func secondGuards() []secondGuard {
	return []secondGuard{
		{"UPDATE transactions SET reason = 'x'", "never changed"},
		{"DELETE FROM transactions", "never changed"},
		{"UPDATE movements SET amount = 6", "never changed"},
		{"DELETE FROM movements", "never changed"},
		{"UPDATE accounts SET balance = -1 WHERE kind = 'pending'", "never_negative"},
		{"UPDATE accounts SET kind = 'clawback' WHERE kind = 'pending'", "never_positive"},
		{"INSERT INTO movements (seq, position, from_account, to_account, amount) VALUES (9, 0, 1, 2, 0)", "amount > 0"},
		{"INSERT INTO transactions SELECT seq + 1, id, cause, reason, program, publisher, order_id, item, currency, effective_at, recorded_at, corrects FROM transactions", "cause"},
		{"INSERT INTO payout_files (run, name, data) VALUES ('r404', 'a', x'00')", "FOREIGN KEY"},
	}
}
