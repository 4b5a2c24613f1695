-- The touches, and how many valid affiliate clicks each publisher had on each day, so that counting reads days and not clicks.

-- +goose Up
CREATE TABLE clicks (
    program        TEXT COLLATE "C" NOT NULL,
    id             TEXT COLLATE "C" NOT NULL,
    at             BIGINT NOT NULL,
    visitor        TEXT COLLATE "C" NOT NULL,
    channel        TEXT COLLATE "C" NOT NULL,
    publisher      TEXT COLLATE "C" NOT NULL,
    ad_space       TEXT COLLATE "C" NOT NULL,
    tracking_id    TEXT COLLATE "C" NOT NULL,
    target_kind    TEXT COLLATE "C" NOT NULL,
    target_product TEXT COLLATE "C" NOT NULL,
    target_store   TEXT COLLATE "C" NOT NULL,
    sub_af         TEXT COLLATE "C" NOT NULL,
    sub_cn         TEXT COLLATE "C" NOT NULL,
    sub_cv         TEXT COLLATE "C" NOT NULL,
    sub_dp         TEXT COLLATE "C" NOT NULL,
    session        TEXT COLLATE "C" NOT NULL,
    verdict        TEXT COLLATE "C" NOT NULL,
    token_only     BOOLEAN NOT NULL, -- it came as the token of an order, and its row did not (yet)
    PRIMARY KEY (id, program, at) -- ids sort by time
) PARTITION BY RANGE (at);

-- The days get partitions of their own as they come (Store.Tidy); this one has what lies before and what orders still need.
CREATE TABLE clicks_rest PARTITION OF clicks DEFAULT;

-- Deciding an order asks for the touches of its visitor.
CREATE INDEX clicks_by_visitor ON clicks (program, visitor, at);
-- Counting asks for the clicks of one day.
CREATE INDEX clicks_by_time ON clicks (program, at);

CREATE TABLE click_days (
    program   TEXT COLLATE "C" NOT NULL,
    publisher TEXT COLLATE "C" NOT NULL,
    day       BIGINT NOT NULL, -- days since 1970, UTC
    clicks    BIGINT NOT NULL,
    PRIMARY KEY (program, publisher, day)
);
