-- Sums of reports as sheets: all sums of a publisher, program and day in a few rows of bytes, and once more for each month that is over
-- (internal/store/sqlreport/sheet.go). A sum takes some bytes instead of a hundred, and a year is read in twelve pieces. Everything
-- is added up anew from the rows by the server, but for days whose clicks were forgotten: their sums are taken over when it opens.

-- +goose Up
CREATE TABLE report_sums (
    publisher TEXT COLLATE "C" NOT NULL, -- empty: all
    kind      BIGINT NOT NULL, -- 1 clicks, 2 items by order, 3 items by transaction
    span      BIGINT NOT NULL, -- 1 a day, 2 a month
    part      BIGINT NOT NULL, -- 0, or the number of a dimension whose section is long
    day       BIGINT NOT NULL, -- days since 1970; of a month its first
    program   TEXT COLLATE "C" NOT NULL,
    data      BYTEA NOT NULL,
    PRIMARY KEY (publisher, kind, span, part, day, program)
);

-- Adding a day up anew takes its sums out.
CREATE INDEX report_sums_by_day ON report_sums (day, program, kind, span);

CREATE TABLE sealed_click_sums (
    publisher TEXT COLLATE "C" NOT NULL,
    dim       TEXT COLLATE "C" NOT NULL,
    day       BIGINT NOT NULL,
    program   TEXT COLLATE "C" NOT NULL,
    value     TEXT COLLATE "C" NOT NULL,
    clicks    BIGINT NOT NULL,
    rejected  BIGINT NOT NULL,
    PRIMARY KEY (day, program, publisher, dim, value)
);

INSERT INTO sealed_click_sums (publisher, dim, day, program, value, clicks, rejected)
SELECT publisher, dim, day, program, value, clicks, rejected FROM click_sums
WHERE day < COALESCE((SELECT last FROM counters WHERE name = 'clicks_sealed'), -1000000);

INSERT INTO stale_days (kind, program, day, changes)
SELECT DISTINCT 'click', program, day, 1 FROM click_sums
WHERE publisher = '' AND dim = '' AND day >= COALESCE((SELECT last FROM counters WHERE name = 'clicks_sealed'), -1000000)
ON CONFLICT DO NOTHING;

INSERT INTO stale_days (kind, program, day, changes)
SELECT DISTINCT basis, program, day, 1 FROM item_sums WHERE publisher = '' AND dim = ''
ON CONFLICT DO NOTHING;

DROP TABLE click_sums;
DROP TABLE item_sums;
