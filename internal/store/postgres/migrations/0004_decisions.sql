-- Decision records: all of them with their explanation, and of the newest of each item what is searched and added up.

-- +goose Up
CREATE TABLE records (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    program      TEXT COLLATE "C" NOT NULL,
    order_id     TEXT COLLATE "C" NOT NULL,
    item         TEXT COLLATE "C" NOT NULL,
    sequence     BIGINT NOT NULL, -- counts the records of the item, from 1
    line         BIGINT NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    publisher    TEXT COLLATE "C" NOT NULL,
    ad_space     TEXT COLLATE "C" NOT NULL,
    rule         TEXT COLLATE "C" NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    amount       BIGINT NOT NULL, -- minor units
    value        BIGINT NOT NULL, -- minor units
    hidden       BOOLEAN NOT NULL,
    placed_at    BIGINT NOT NULL,
    completed_at BIGINT,
    settled_at   BIGINT,
    decided_at   BIGINT NOT NULL,
    body         TEXT COLLATE "C" NOT NULL, -- the whole record as JSON
    UNIQUE (program, order_id, item, sequence)
);

CREATE TABLE newest_records (
    program    TEXT COLLATE "C" NOT NULL,
    order_id   TEXT COLLATE "C" NOT NULL,
    item       TEXT COLLATE "C" NOT NULL,
    sequence   BIGINT NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    publisher  TEXT COLLATE "C" NOT NULL,
    currency   TEXT COLLATE "C" NOT NULL,
    amount     BIGINT NOT NULL,
    hidden     BOOLEAN NOT NULL,
    placed_at  BIGINT NOT NULL,
    settled_at BIGINT,
    digest     BYTEA NOT NULL, -- SHA-256 of all but the time of deciding, so an equal record is known without reading it
    PRIMARY KEY (program, order_id, item)
) WITH (fillfactor = 70);

-- Pages go from the newest order to the oldest: of everything, of a program, of a publisher.
CREATE INDEX newest_by_time ON newest_records (placed_at DESC, program, order_id, item);
CREATE INDEX newest_by_program ON newest_records (program, placed_at DESC, order_id, item);
CREATE INDEX newest_by_publisher ON newest_records (publisher, placed_at DESC, program, order_id, item);
