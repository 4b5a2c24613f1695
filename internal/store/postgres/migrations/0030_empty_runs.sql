-- Most runs of a program with few publishers pay nobody: lists leave them out without reading them, and say how many there are.

-- +goose Up
CREATE INDEX payout_runs_filled ON payout_runs (drafted_at DESC, id) WHERE state <> 'closed' OR payments > 0;
CREATE INDEX payout_runs_filled_by_program ON payout_runs (program, drafted_at DESC, id) WHERE state <> 'closed' OR payments > 0;
CREATE INDEX payout_runs_empty ON payout_runs (program) WHERE state = 'closed' AND payments = 0;
