-- The day that is not over is read from its rows by whoever looks: its clicks by publisher come from this index alone.

-- +goose Up
DROP INDEX clicks_by_time;
CREATE INDEX clicks_by_time ON clicks (program, at, channel, publisher, verdict);
