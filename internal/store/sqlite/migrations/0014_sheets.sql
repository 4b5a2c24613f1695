-- Sums of reports as sheets: all sums of a publisher, program and day in a few rows of bytes, and once more for each month that is over
-- (internal/store/sqlreport/sheet.go). A sum takes some bytes instead of a hundred, and a year is read in twelve pieces. Everything
-- is added up anew from the rows by the server, but for days whose clicks were forgotten: their sums are taken over when it opens.

-- +goose Up
CREATE TABLE report_sums (
    publisher TEXT NOT NULL, -- empty: all
    kind      INTEGER NOT NULL, -- 1 clicks, 2 items by order, 3 items by transaction
    span      INTEGER NOT NULL, -- 1 a day, 2 a month
    part      INTEGER NOT NULL, -- 0, or the number of a dimension whose section is long
    day       INTEGER NOT NULL, -- days since 1970; of a month its first
    program   TEXT NOT NULL,
    data      BLOB NOT NULL,
    PRIMARY KEY (publisher, kind, span, part, day, program)
) WITHOUT ROWID, STRICT;

-- Adding a day up anew takes its sums out.
CREATE INDEX report_sums_by_day ON report_sums (day, program, kind, span);

CREATE TABLE sealed_click_sums (
    publisher TEXT NOT NULL,
    dim       TEXT NOT NULL,
    day       INTEGER NOT NULL,
    program   TEXT NOT NULL,
    value     TEXT NOT NULL,
    clicks    INTEGER NOT NULL,
    rejected  INTEGER NOT NULL,
    PRIMARY KEY (day, program, publisher, dim, value)
) WITHOUT ROWID, STRICT;

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
