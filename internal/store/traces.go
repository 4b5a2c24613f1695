package store

import (
	"context"
	"time"
)

// Traces are what is kept of a person beside the account: to be shown to that person, and to be forgotten (ADR 0011).
type Traces interface {
	// Of returns what is kept of a person with an id and an e-mail address.
	Of(ctx context.Context, person, email string) (Trace, error)
	// Forget takes out the sessions and the marks of what was read of a person, the tickets and the e-mail that were for the person or the
	// address, and the personal managers with that address; acceptances of the person stay without their network. It returns how many
	// rows that were.
	Forget(ctx context.Context, person, email string) (int64, error)
	// Rewrite gives each text that people wrote, and that holds one of the words (letters A to Z match a to z, all others only themselves),
	// to rewrite, and keeps what that returns; it returns how many texts were changed. Of JSON, rewrite gets the whole. It must not touch
	// orders, decisions, books, payouts, program documents, what organisations are called, how they are paid, nor the audit log.
	Rewrite(ctx context.Context, words []string, rewrite func(text string) string) (int64, error)
	// ClosePublisher takes out how a publisher is paid, where its messages go, and the messages that wait.
	ClosePublisher(ctx context.Context, publisher string) error
}

// Trace is what is kept of a person beside the account, memberships, sessions, acceptances and audit entries.
type Trace struct {
	Tickets  []Ticket         // without their hashes; the oldest first
	Mail     []Mail           // without what was written; the oldest first
	Apps     []App            // that the person made, the oldest first
	Keys     []AppKey         // whose secrets the person was shown, without them; the oldest first
	Messages []InquiryMessage // that the person wrote, by inquiry and number
	Read     []ReadMark       // by announcement
	Files    []CaseFile       // that the person put to cases, without their data; by case and number
	Cases    []CaseRow        // whose JSON holds the person's id, by id
	Proposed []Proposal       // that the person made or decided, the oldest first
}

// ReadMark says that somebody read an announcement.
type ReadMark struct {
	Announcement int64
	At           time.Time
}
