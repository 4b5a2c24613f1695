-- The payouts of runs by publisher: who looks at a balance should not read every run of every program.

-- +goose Up
CREATE TABLE run_payouts (
    run       TEXT COLLATE "C" NOT NULL REFERENCES payout_runs (id),
    place     BIGINT NOT NULL, -- in the run, from 0
    id        TEXT COLLATE "C" NOT NULL,
    publisher TEXT COLLATE "C" NOT NULL,
    currency  TEXT COLLATE "C" NOT NULL,
    body      TEXT COLLATE "C" NOT NULL, -- the payout as JSON, as it stands in the run's
    PRIMARY KEY (run, place)
);

CREATE INDEX run_payouts_by_publisher ON run_payouts (publisher);
CREATE INDEX run_payouts_by_id ON run_payouts (id);

INSERT INTO run_payouts (run, place, id, publisher, currency, body)
SELECT r.id, p.n - 1, p.value->>'id', p.value->>'publisher', r.body::json->>'currency', p.value::text
FROM payout_runs r CROSS JOIN LATERAL json_array_elements(
    CASE WHEN json_typeof(r.body::json->'payouts') = 'array' THEN r.body::json->'payouts' ELSE '[]'::json END
) WITH ORDINALITY AS p (value, n);
