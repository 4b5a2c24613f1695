-- The clicks of the day that is not over are added up until a time, and whoever looks reads the rows after it only. That holds as long as
-- no row before it changes.

-- +goose Up
ALTER TABLE stale_days ADD COLUMN upto INTEGER NOT NULL DEFAULT 0; -- microseconds since 1970; 0: nothing is added up
ALTER TABLE stale_days ADD COLUMN earliest INTEGER NOT NULL DEFAULT 0; -- the earliest time of a row that changed since
