-- The journal and the accounts with their balances. Rows of the journal are written once and never changed.

-- +goose Up
CREATE TABLE accounts (
    id       INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL,
    program  TEXT NOT NULL,
    owner    TEXT NOT NULL,
    currency TEXT NOT NULL,
    balance  INTEGER NOT NULL, -- minor units: what came in less what went out
    -- Of an approved account: what went on to available less what came back.
    turnover INTEGER NOT NULL,
    UNIQUE (kind, program, owner, currency),
    -- The second guard behind the book's own: money that is not there, and a debt paid twice.
    CONSTRAINT never_negative CHECK (balance >= 0 OR kind NOT IN
        ('tracked', 'pending', 'approved', 'available', 'hold', 'reserved', 'clearing', 'fees')),
    CONSTRAINT never_positive CHECK (balance <= 0 OR kind NOT IN ('clawback', 'writeoff'))
) STRICT;

CREATE TABLE transactions (
    seq          INTEGER PRIMARY KEY, -- the place in the journal, from 1, without gaps
    id           TEXT NOT NULL,
    cause        TEXT NOT NULL UNIQUE CHECK (cause <> ''),
    reason       TEXT NOT NULL,
    program      TEXT NOT NULL,
    publisher    TEXT NOT NULL,
    order_id     TEXT NOT NULL,
    item         TEXT NOT NULL,
    currency     TEXT NOT NULL,
    effective_at INTEGER NOT NULL,
    recorded_at  INTEGER NOT NULL,
    corrects     TEXT NOT NULL -- the cause of the transaction that it undoes, or empty
) STRICT;

CREATE INDEX transactions_by_order ON transactions (program, order_id, seq);
CREATE INDEX transactions_by_program ON transactions (program, seq);
CREATE INDEX transactions_by_publisher ON transactions (publisher, seq) WHERE publisher <> '';

-- A movement names a source, a destination and an amount above zero, so it balances by construction.
CREATE TABLE movements (
    seq          INTEGER NOT NULL, -- of its transaction
    position     INTEGER NOT NULL, -- in the transaction, from 0
    from_account INTEGER NOT NULL,
    to_account   INTEGER NOT NULL,
    amount       INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (seq, position),
    CHECK (from_account <> to_account)
) WITHOUT ROWID, STRICT;

-- What was booked is never changed; it is undone by another transaction.
-- +goose StatementBegin
CREATE TRIGGER transactions_stay BEFORE UPDATE ON transactions BEGIN
    SELECT RAISE(ABORT, 'the journal is never changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER transactions_remain BEFORE DELETE ON transactions BEGIN
    SELECT RAISE(ABORT, 'the journal is never changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER movements_stay BEFORE UPDATE ON movements BEGIN
    SELECT RAISE(ABORT, 'the journal is never changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER movements_remain BEFORE DELETE ON movements BEGIN
    SELECT RAISE(ABORT, 'the journal is never changed');
END;
-- +goose StatementEnd
