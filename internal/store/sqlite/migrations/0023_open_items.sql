-- What is open: a publisher's items that are neither approved nor declined, with what a balance tells of them. They are few beside all
-- that it ever had.

-- +goose Up
ALTER TABLE newest_records ADD COLUMN held INTEGER NOT NULL DEFAULT 0; -- a trust case keeps it back

UPDATE newest_records SET held = 1 WHERE state = 'pending' AND EXISTS (SELECT 1 FROM records r WHERE r.program = newest_records.program
    AND r.order_id = newest_records.order_id AND r.item = newest_records.item AND r.sequence = newest_records.sequence
    AND instr(r.body, '{"code":"fraud_hold"') > 0);

CREATE INDEX newest_open ON newest_records (publisher, program, state, held, completed_at, amount) WHERE state IN ('tracked', 'pending');
