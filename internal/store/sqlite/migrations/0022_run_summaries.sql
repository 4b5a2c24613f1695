-- What a list tells of each payout run stands beside the run: who turns its pages should not read every payout of every run.

-- +goose Up
ALTER TABLE payout_runs ADD COLUMN currency TEXT NOT NULL DEFAULT '';
ALTER TABLE payout_runs ADD COLUMN execute_on TEXT NOT NULL DEFAULT ''; -- the day the bank is asked to pay on, or empty
ALTER TABLE payout_runs ADD COLUMN payments INTEGER NOT NULL DEFAULT 0; -- publishers that are paid
ALTER TABLE payout_runs ADD COLUMN net INTEGER NOT NULL DEFAULT 0; -- what the bank is asked to pay, minor units

UPDATE payout_runs SET currency = COALESCE(json_extract(body, '$.currency'), ''), execute_on = COALESCE(json_extract(body, '$.execute_on'), ''),
    payments = (SELECT COUNT(*) FROM run_payouts p WHERE p.run = payout_runs.id AND json_extract(p.body, '$.status') NOT IN ('excluded', 'not_sent')),
    net = (SELECT COALESCE(SUM(json_extract(p.body, '$.net')), 0) FROM run_payouts p
        WHERE p.run = payout_runs.id AND json_extract(p.body, '$.status') NOT IN ('excluded', 'not_sent'));

CREATE INDEX payout_runs_by_time ON payout_runs (drafted_at DESC, id);
CREATE INDEX payout_runs_by_program ON payout_runs (program, drafted_at DESC, id);
