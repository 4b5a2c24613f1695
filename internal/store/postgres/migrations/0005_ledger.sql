-- The journal and the accounts with their balances. Rows of the journal are written once and never changed.

-- +goose Up
CREATE TABLE accounts (
    id       BIGINT PRIMARY KEY,
    kind     TEXT COLLATE "C" NOT NULL,
    program  TEXT COLLATE "C" NOT NULL,
    owner    TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    balance  BIGINT NOT NULL, -- minor units: what came in less what went out
    -- Of an approved account: what went on to available less what came back.
    turnover BIGINT NOT NULL,
    UNIQUE (kind, program, owner, currency),
    -- The second guard behind the book's own: money that is not there, and a debt paid twice.
    CONSTRAINT never_negative CHECK (balance >= 0 OR kind NOT IN
        ('tracked', 'pending', 'approved', 'available', 'hold', 'reserved', 'clearing', 'fees')),
    CONSTRAINT never_positive CHECK (balance <= 0 OR kind NOT IN ('clawback', 'writeoff'))
) WITH (fillfactor = 50);

CREATE TABLE transactions (
    seq          BIGINT PRIMARY KEY, -- the place in the journal, from 1, without gaps
    id           TEXT COLLATE "C" NOT NULL,
    cause        TEXT COLLATE "C" NOT NULL UNIQUE CHECK (cause <> ''),
    reason       TEXT COLLATE "C" NOT NULL,
    program      TEXT COLLATE "C" NOT NULL,
    publisher    TEXT COLLATE "C" NOT NULL,
    order_id     TEXT COLLATE "C" NOT NULL,
    item         TEXT COLLATE "C" NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    effective_at BIGINT NOT NULL,
    recorded_at  BIGINT NOT NULL,
    corrects     TEXT COLLATE "C" NOT NULL -- the cause of the transaction that it undoes, or empty
);

CREATE INDEX transactions_by_order ON transactions (program, order_id, seq);
CREATE INDEX transactions_by_program ON transactions (program, seq);
CREATE INDEX transactions_by_publisher ON transactions (publisher, seq) WHERE publisher <> '';

-- A movement names a source, a destination and an amount above zero, so it balances by construction.
CREATE TABLE movements (
    seq          BIGINT NOT NULL, -- of its transaction
    position     BIGINT NOT NULL, -- in the transaction, from 0
    from_account BIGINT NOT NULL,
    to_account   BIGINT NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount > 0),
    PRIMARY KEY (seq, position),
    CHECK (from_account <> to_account)
);

-- What was booked is never changed; it is undone by another transaction.
-- +goose StatementBegin
CREATE FUNCTION journal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is never changed';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER transactions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON transactions EXECUTE FUNCTION journal_stays();
CREATE TRIGGER movements_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON movements EXECUTE FUNCTION journal_stays();
