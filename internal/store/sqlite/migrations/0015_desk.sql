-- Inquiries with their conversations (A6), announcements and personal managers (A10), and what publishers are sent when they are accepted (P5).

-- +goose Up
CREATE TABLE inquiries (
    id            INTEGER PRIMARY KEY,
    publisher     TEXT NOT NULL, -- whose it is: one of the two is empty
    seller        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    subject       TEXT NOT NULL,
    program       TEXT NOT NULL, -- or empty, as the next three
    order_id      TEXT NOT NULL,
    ad_space      TEXT NOT NULL,
    traffic_type  TEXT NOT NULL,
    state         TEXT NOT NULL,
    verdict       TEXT NOT NULL,
    verdict_by    TEXT NOT NULL,
    assignee      TEXT NOT NULL,
    messages      INTEGER NOT NULL,
    asked_last    INTEGER NOT NULL,
    answered_last INTEGER NOT NULL,
    seen_by_asker INTEGER NOT NULL,
    seen_by_desk  INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    created_by    TEXT NOT NULL
) STRICT;

CREATE INDEX inquiries_by_asker ON inquiries (publisher, seller, id);
CREATE INDEX inquiries_by_state ON inquiries (state, id);

CREATE TABLE inquiry_messages (
    inquiry   INTEGER NOT NULL REFERENCES inquiries (id),
    number    INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    person    TEXT NOT NULL,
    name      TEXT NOT NULL,
    from_desk INTEGER NOT NULL,
    internal  INTEGER NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (inquiry, number)
) WITHOUT ROWID, STRICT;

CREATE TABLE announcements (
    id            INTEGER PRIMARY KEY,
    addressee     TEXT NOT NULL, -- the audience in one word, by which its readers find it
    audience      TEXT NOT NULL,
    program       TEXT NOT NULL,
    publisher     TEXT NOT NULL,
    seller        TEXT NOT NULL,
    titles        TEXT NOT NULL, -- JSON, by language
    texts         TEXT NOT NULL,
    from_at       INTEGER NOT NULL,
    to_at         INTEGER, -- null: for good
    pinned        INTEGER NOT NULL,
    mail_at       INTEGER, -- null: there is nothing to send
    withdrawn_at  INTEGER,
    created_at    INTEGER NOT NULL,
    created_by    TEXT NOT NULL
) STRICT;

CREATE INDEX announcements_by_addressee ON announcements (addressee, from_at);
CREATE INDEX announcements_by_mail ON announcements (mail_at) WHERE mail_at IS NOT NULL;

CREATE TABLE announcement_reads (
    announcement INTEGER NOT NULL REFERENCES announcements (id),
    person       TEXT NOT NULL,
    read_at      INTEGER NOT NULL,
    PRIMARY KEY (announcement, person)
) WITHOUT ROWID, STRICT;

CREATE TABLE managers (
    publisher   TEXT NOT NULL,
    seller      TEXT NOT NULL,
    name        TEXT NOT NULL,
    email       TEXT NOT NULL,
    messenger   TEXT NOT NULL,
    assigned_by TEXT NOT NULL,
    assigned_at INTEGER NOT NULL,
    PRIMARY KEY (publisher, seller)
) WITHOUT ROWID, STRICT;

CREATE TABLE best_sellers (
    program  TEXT NOT NULL,
    market   TEXT NOT NULL, -- empty: all deliveries
    month    TEXT NOT NULL, -- YYYY-MM
    from_at  INTEGER NOT NULL,
    to_at    INTEGER NOT NULL,
    products TEXT NOT NULL, -- JSON
    made_at  INTEGER NOT NULL,
    PRIMARY KEY (program, month, market)
) WITHOUT ROWID, STRICT;

CREATE TABLE packs (
    application INTEGER PRIMARY KEY,
    program     TEXT NOT NULL,
    publisher   TEXT NOT NULL,
    ad_space    TEXT NOT NULL,
    sent_at     INTEGER NOT NULL,
    letters     INTEGER NOT NULL
) STRICT;

CREATE INDEX packs_by_publisher ON packs (publisher, application);

-- What a publisher joined, and the stores that are on a list: a list is a JSON array, and one with elements sorts before '[]'.
CREATE INDEX ad_spaces_by_publisher ON ad_spaces (publisher, program);
CREATE INDEX stores_listed ON stores (id) WHERE lists < '[]';
