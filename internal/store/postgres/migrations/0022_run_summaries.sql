-- What a list tells of each payout run stands beside the run: who turns its pages should not read every payout of every run.

-- +goose Up
ALTER TABLE payout_runs ADD COLUMN currency TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE payout_runs ADD COLUMN execute_on TEXT COLLATE "C" NOT NULL DEFAULT ''; -- the day the bank is asked to pay on, or empty
ALTER TABLE payout_runs ADD COLUMN payments BIGINT NOT NULL DEFAULT 0; -- publishers that are paid
ALTER TABLE payout_runs ADD COLUMN net BIGINT NOT NULL DEFAULT 0; -- what the bank is asked to pay, minor units

UPDATE payout_runs SET currency = COALESCE(body::json->>'currency', ''), execute_on = COALESCE(body::json->>'execute_on', ''),
    payments = (SELECT COUNT(*) FROM run_payouts p WHERE p.run = payout_runs.id AND p.body::json->>'status' NOT IN ('excluded', 'not_sent')),
    net = (SELECT COALESCE(SUM((p.body::json->>'net')::bigint), 0)::bigint FROM run_payouts p
        WHERE p.run = payout_runs.id AND p.body::json->>'status' NOT IN ('excluded', 'not_sent'));

CREATE INDEX payout_runs_by_time ON payout_runs (drafted_at DESC, id);
CREATE INDEX payout_runs_by_program ON payout_runs (program, drafted_at DESC, id);
