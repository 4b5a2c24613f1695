-- The payouts of runs by publisher: who looks at a balance should not read every run of every program.

-- +goose Up
CREATE TABLE run_payouts (
    run       TEXT NOT NULL REFERENCES payout_runs (id),
    place     INTEGER NOT NULL, -- in the run, from 0
    id        TEXT NOT NULL,
    publisher TEXT NOT NULL,
    currency  TEXT NOT NULL,
    body      TEXT NOT NULL, -- the payout as JSON, as it stands in the run's
    PRIMARY KEY (run, place)
) WITHOUT ROWID, STRICT;

CREATE INDEX run_payouts_by_publisher ON run_payouts (publisher);
CREATE INDEX run_payouts_by_id ON run_payouts (id);

INSERT INTO run_payouts (run, place, id, publisher, currency, body)
SELECT r.id, p.key, json_extract(p.value, '$.id'), json_extract(p.value, '$.publisher'), json_extract(r.body, '$.currency'), p.value
FROM payout_runs r, json_each(r.body, '$.payouts') p WHERE p.type = 'object';
