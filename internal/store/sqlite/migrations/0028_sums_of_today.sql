-- The clicks of the day that is not over are added up until a time, and whoever looks reads the rows after it only. That holds as long as
-- no row before it changes.

-- +goose Up
ALTER TABLE stale_days ADD COLUMN upto INTEGER NOT NULL DEFAULT 0; -- microseconds since 1970; 0: nothing is added up
ALTER TABLE stale_days ADD COLUMN earliest INTEGER NOT NULL DEFAULT 0; -- the earliest time of a row that changed since

-- What changed in the items of days since their sums were written: it is read beside the sums, and added to them by the server. Rows of
-- stale_days from before this migration know nothing of it: their days are added up anew from the items once.
CREATE TABLE report_changes (
    id      INTEGER PRIMARY KEY,
    kind    INTEGER NOT NULL, -- as in report_sums: 2 items by order, 3 items by transaction
    program TEXT NOT NULL,
    day     INTEGER NOT NULL, -- days since 1970
    data    BLOB NOT NULL -- lines, see internal/store/sqlreport/sheet
) STRICT;

CREATE INDEX report_changes_by_day ON report_changes (kind, day, program);
