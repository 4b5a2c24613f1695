-- Rights that can be used once are forgotten some time after they expired.

-- +goose Up
CREATE INDEX tickets_by_expiry ON tickets (expires_at);
