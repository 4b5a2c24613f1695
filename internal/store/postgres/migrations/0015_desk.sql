-- Inquiries with their conversations (A6), announcements and personal managers (A10), and what publishers are sent when they are accepted (P5).

-- +goose Up
CREATE TABLE inquiries (
    id            BIGINT PRIMARY KEY,
    publisher     TEXT COLLATE "C" NOT NULL, -- whose it is: one of the two is empty
    seller        TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    subject       TEXT COLLATE "C" NOT NULL,
    program       TEXT COLLATE "C" NOT NULL, -- or empty, as the next three
    order_id      TEXT COLLATE "C" NOT NULL,
    ad_space      TEXT COLLATE "C" NOT NULL,
    traffic_type  TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    verdict       TEXT COLLATE "C" NOT NULL,
    verdict_by    TEXT COLLATE "C" NOT NULL,
    assignee      TEXT COLLATE "C" NOT NULL,
    messages      BIGINT NOT NULL,
    asked_last    BIGINT NOT NULL,
    answered_last BIGINT NOT NULL,
    seen_by_asker BIGINT NOT NULL,
    seen_by_desk  BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    changed_at    BIGINT NOT NULL,
    created_by    TEXT COLLATE "C" NOT NULL
);

CREATE INDEX inquiries_by_asker ON inquiries (publisher, seller, id);
CREATE INDEX inquiries_by_state ON inquiries (state, id);

CREATE TABLE inquiry_messages (
    inquiry   BIGINT NOT NULL REFERENCES inquiries (id),
    number    BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    person    TEXT COLLATE "C" NOT NULL,
    name      TEXT COLLATE "C" NOT NULL,
    from_desk BOOLEAN NOT NULL,
    internal  BOOLEAN NOT NULL,
    body      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (inquiry, number)
);

CREATE TABLE announcements (
    id            BIGINT PRIMARY KEY,
    addressee     TEXT COLLATE "C" NOT NULL, -- the audience in one word, by which its readers find it
    audience      TEXT COLLATE "C" NOT NULL,
    program       TEXT COLLATE "C" NOT NULL,
    publisher     TEXT COLLATE "C" NOT NULL,
    seller        TEXT COLLATE "C" NOT NULL,
    titles        TEXT COLLATE "C" NOT NULL, -- JSON, by language
    texts         TEXT COLLATE "C" NOT NULL,
    from_at       BIGINT NOT NULL,
    to_at         BIGINT, -- null: for good
    pinned        BOOLEAN NOT NULL,
    mail_at       BIGINT, -- null: there is nothing to send
    withdrawn_at  BIGINT,
    created_at    BIGINT NOT NULL,
    created_by    TEXT COLLATE "C" NOT NULL
);

CREATE INDEX announcements_by_addressee ON announcements (addressee, from_at);
CREATE INDEX announcements_by_mail ON announcements (mail_at) WHERE mail_at IS NOT NULL;

CREATE TABLE announcement_reads (
    announcement BIGINT NOT NULL REFERENCES announcements (id),
    person       TEXT COLLATE "C" NOT NULL,
    read_at      BIGINT NOT NULL,
    PRIMARY KEY (announcement, person)
);

CREATE TABLE managers (
    publisher   TEXT COLLATE "C" NOT NULL,
    seller      TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    email       TEXT COLLATE "C" NOT NULL,
    messenger   TEXT COLLATE "C" NOT NULL,
    assigned_by TEXT COLLATE "C" NOT NULL,
    assigned_at BIGINT NOT NULL,
    PRIMARY KEY (publisher, seller)
);

CREATE TABLE best_sellers (
    program  TEXT COLLATE "C" NOT NULL,
    market   TEXT COLLATE "C" NOT NULL, -- empty: all deliveries
    month    TEXT COLLATE "C" NOT NULL, -- YYYY-MM
    from_at  BIGINT NOT NULL,
    to_at    BIGINT NOT NULL,
    products TEXT COLLATE "C" NOT NULL, -- JSON
    made_at  BIGINT NOT NULL,
    PRIMARY KEY (program, month, market)
);

CREATE TABLE packs (
    application BIGINT PRIMARY KEY,
    program     TEXT COLLATE "C" NOT NULL,
    publisher   TEXT COLLATE "C" NOT NULL,
    ad_space    TEXT COLLATE "C" NOT NULL,
    sent_at     BIGINT NOT NULL,
    letters     BIGINT NOT NULL
);

CREATE INDEX packs_by_publisher ON packs (publisher, application);

-- What a publisher joined, and the stores that are on a list: a list is a JSON array, and one with elements sorts before '[]'.
CREATE INDEX ad_spaces_by_publisher ON ad_spaces (publisher, program);
CREATE INDEX stores_listed ON stores (id) WHERE lists < '[]';
