-- What reports are made of (R1-R4): where the newest record of an item came from, and sums by day (UTC) of the rows. A change of a
-- day's rows marks the day as stale in the same transaction; then its rows count until they are added up anew. The publisher ''
-- stands for all publishers and nobody. Values are cut to 120 characters. Amounts are added up in two halves: high * 2^32 + low.

-- +goose Up
ALTER TABLE newest_records
    ADD COLUMN tracking_id TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN click TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN sub_af TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN sub_cn TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN sub_cv TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN sub_dp TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN product TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN category TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN country TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN device TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN ad_space TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN rule TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN reason TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN link BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN value BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN completed_at BIGINT;

-- Items by the day of receipt.
CREATE INDEX newest_by_receipt ON newest_records (publisher, completed_at DESC, program, order_id, item) WHERE completed_at IS NOT NULL;
CREATE INDEX newest_by_program_receipt ON newest_records (program, completed_at) WHERE completed_at IS NOT NULL;
-- Questions that the sums do not answer read the clicks of one publisher.
CREATE INDEX clicks_by_publisher ON clicks (publisher, at) WHERE publisher <> '';

CREATE TABLE click_sums (
    publisher TEXT COLLATE "C" NOT NULL,
    dim       TEXT COLLATE "C" NOT NULL, -- empty: all
    day       BIGINT NOT NULL, -- days since 1970
    program   TEXT COLLATE "C" NOT NULL,
    value     TEXT COLLATE "C" NOT NULL, -- of the dimension, never empty
    clicks    BIGINT NOT NULL, -- valid ones
    rejected  BIGINT NOT NULL,
    PRIMARY KEY (publisher, dim, day, program, value)
) WITH (fillfactor = 80);

CREATE TABLE item_sums (
    publisher   TEXT COLLATE "C" NOT NULL,
    basis       TEXT COLLATE "C" NOT NULL, -- order or transaction: the day that counts
    dim         TEXT COLLATE "C" NOT NULL,
    day         BIGINT NOT NULL,
    program     TEXT COLLATE "C" NOT NULL,
    currency    TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    value       TEXT COLLATE "C" NOT NULL,
    items       BIGINT NOT NULL,
    actions     BIGINT NOT NULL,
    sold_high   BIGINT NOT NULL,
    sold_low    BIGINT NOT NULL,
    amount_high BIGINT NOT NULL,
    amount_low  BIGINT NOT NULL,
    held        BIGINT NOT NULL,
    held_for    BIGINT NOT NULL,
    PRIMARY KEY (publisher, basis, dim, day, program, currency, state, value)
) WITH (fillfactor = 80);

CREATE TABLE income_sums (
    publisher   TEXT COLLATE "C" NOT NULL,
    day         BIGINT NOT NULL,
    program     TEXT COLLATE "C" NOT NULL,
    currency    TEXT COLLATE "C" NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL, -- of the account
    amount_high BIGINT NOT NULL,
    amount_low  BIGINT NOT NULL,
    PRIMARY KEY (publisher, day, program, currency, reason, kind)
) WITH (fillfactor = 80);

-- Adding a day up anew takes its sums out.
CREATE INDEX click_sums_by_day ON click_sums (day, program);
CREATE INDEX item_sums_by_day ON item_sums (day, program, basis);

-- The days whose sums do not say what the rows say.
CREATE TABLE stale_days (
    kind    TEXT COLLATE "C" NOT NULL, -- click, order or transaction
    program TEXT COLLATE "C" NOT NULL,
    day     BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    PRIMARY KEY (kind, program, day)
) WITH (fillfactor = 50);
