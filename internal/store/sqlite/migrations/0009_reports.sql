-- What reports are made of (R1-R4): where the newest record of an item came from, and sums by day (UTC) of the rows. A change of a
-- day's rows marks the day as stale in the same transaction; then its rows count until they are added up anew. The publisher ''
-- stands for all publishers and nobody. Values are cut to 120 characters. Amounts are added up in two halves: high * 2^32 + low.

-- +goose Up
ALTER TABLE newest_records ADD COLUMN tracking_id TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN click TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN sub_af TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN sub_cn TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN sub_cv TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN sub_dp TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN product TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN category TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN country TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN ad_space TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN rule TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN link INTEGER NOT NULL DEFAULT 0;
ALTER TABLE newest_records ADD COLUMN value INTEGER NOT NULL DEFAULT 0;
ALTER TABLE newest_records ADD COLUMN completed_at INTEGER;

-- Items by the day of receipt.
CREATE INDEX newest_by_receipt ON newest_records (publisher, completed_at DESC, program, order_id, item) WHERE completed_at IS NOT NULL;
CREATE INDEX newest_by_program_receipt ON newest_records (program, completed_at) WHERE completed_at IS NOT NULL;
-- Questions that the sums do not answer read the clicks of one publisher.
CREATE INDEX clicks_by_publisher ON clicks (publisher, at) WHERE publisher <> '';

CREATE TABLE click_sums (
    publisher TEXT NOT NULL,
    dim       TEXT NOT NULL, -- empty: all
    day       INTEGER NOT NULL, -- days since 1970
    program   TEXT NOT NULL,
    value     TEXT NOT NULL, -- of the dimension, never empty
    clicks    INTEGER NOT NULL, -- valid ones
    rejected  INTEGER NOT NULL,
    PRIMARY KEY (publisher, dim, day, program, value)
) WITHOUT ROWID, STRICT;

CREATE TABLE item_sums (
    publisher   TEXT NOT NULL,
    basis       TEXT NOT NULL, -- order or transaction: the day that counts
    dim         TEXT NOT NULL,
    day         INTEGER NOT NULL,
    program     TEXT NOT NULL,
    currency    TEXT NOT NULL,
    state       TEXT NOT NULL,
    value       TEXT NOT NULL,
    items       INTEGER NOT NULL,
    actions     INTEGER NOT NULL,
    sold_high   INTEGER NOT NULL,
    sold_low    INTEGER NOT NULL,
    amount_high INTEGER NOT NULL,
    amount_low  INTEGER NOT NULL,
    held        INTEGER NOT NULL,
    held_for    INTEGER NOT NULL,
    PRIMARY KEY (publisher, basis, dim, day, program, currency, state, value)
) WITHOUT ROWID, STRICT;

CREATE TABLE income_sums (
    publisher   TEXT NOT NULL,
    day         INTEGER NOT NULL,
    program     TEXT NOT NULL,
    currency    TEXT NOT NULL,
    reason      TEXT NOT NULL,
    kind        TEXT NOT NULL, -- of the account
    amount_high INTEGER NOT NULL,
    amount_low  INTEGER NOT NULL,
    PRIMARY KEY (publisher, day, program, currency, reason, kind)
) WITHOUT ROWID, STRICT;

-- Adding a day up anew takes its sums out.
CREATE INDEX click_sums_by_day ON click_sums (day, program);
CREATE INDEX item_sums_by_day ON item_sums (day, program, basis);

-- The days whose sums do not say what the rows say.
CREATE TABLE stale_days (
    kind    TEXT NOT NULL, -- click, order or transaction
    program TEXT NOT NULL,
    day     INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    PRIMARY KEY (kind, program, day)
) WITHOUT ROWID, STRICT;
