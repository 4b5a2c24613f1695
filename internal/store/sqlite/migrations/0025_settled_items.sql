-- Items that are settled, by their state: the newest of them stand behind all that is still open, which nobody who asks for them should read.

-- +goose Up
CREATE INDEX newest_settled ON newest_records (state, placed_at DESC, program, order_id, item) WHERE state IN ('approved', 'declined', 'unattributed');
