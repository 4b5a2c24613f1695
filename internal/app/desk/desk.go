// Package desk is how the operator speaks with publishers and sellers: their inquiries, which people call tickets, with the conversation
// about each (A6), announcements and personal managers (A10), and what publishers are sent when an application is decided (A2, P5).
// E-mail is written in the transaction of what it tells of.
package desk

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/publisher"
)

// What fronts see of the store.
type (
	Asker        = store.Asker
	Inquiry      = store.Inquiry
	Message      = store.InquiryMessage
	Filter       = store.InquiryFilter
	Audience     = store.Audience
	Announcement = store.Announcement
	Shown        = store.Shown
	Reader       = store.Reader
	Manager      = store.Manager
	BestSellers  = store.BestSellers
	Pack         = store.Pack
	AdSpace      = publisher.AdSpace
	Colleague    = store.Addressee
)

// What services return.
var (
	ErrNotFound = store.ErrNotFound
	ErrConflict = store.ErrConflict
)

// Voice is who speaks or acts: a person, by the name that others read.
type Voice struct{ Person, Name string }

// Service is the operator's desk.
type Service struct {
	store store.Store
	box   *seal.Box
	site  string
	now   func() time.Time
	facts facts.Cache
}

// New returns a service. site is the address of the pages, to which the links in e-mails lead, such as https://example.org.
func New(s store.Store, box *seal.Box, site string, now func() time.Time) *Service {
	return &Service{store: s, box: box, site: strings.TrimSuffix(site, "/"), now: now}
}

func (v *Service) at() time.Time { return v.now().UTC().Truncate(time.Microsecond) }

// post puts an e-mail to each of some people into the outbox, in their language.
func (v *Service) post(ctx context.Context, tx store.Tx, to []Colleague, l letter) error {
	l.site = v.site
	for _, p := range to {
		subject, text := l.write(p.Language)
		m := notify.Message{To: p.Email, Subject: subject, Text: text}
		if err := notify.Write(ctx, tx.Platform().Accounts().Outbox(), v.box, m, v.now()); err != nil {
			return fmt.Errorf("writing an e-mail: %w", err)
		}
	}
	return nil
}

// people are those of an asker who can be written to.
func people(ctx context.Context, tx store.Tx, a Asker) ([]Colleague, error) {
	kind := "publisher"
	if a.Publisher == "" {
		kind = "seller"
	}
	return tx.Platform().Desk().Addressees(ctx, Audience{Kind: kind, Asker: a})
}

// under is where an asker's pages are.
func under(a Asker) string {
	if a.Publisher != "" {
		return "/publisher"
	}
	return "/seller"
}

// named is an asker as the audit log calls it.
func named(a Asker) string {
	if a.Publisher != "" {
		return "publisher " + a.Publisher
	}
	return "organisation " + a.Seller
}

// clean is a text that people wrote: without what cannot be seen, and without space around it.
func clean(name, text string, most int) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	switch n := utf8.RuneCountInString(text); {
	case text == "":
		return "", field.Wrong(name, "it is empty: write something")
	case n > most:
		return "", field.Wrong(name, "it has %d characters, and %d are the most", n, most)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == 0x202e }):
		return "", field.Wrong(name, "it holds characters that cannot be shown: write plain text")
	}
	return text, nil
}

// line is clean for texts of one line.
func line(field, text string, most int) (string, error) {
	text, err := clean(field, strings.Join(strings.Fields(text), " "), most)
	return text, err
}

// Colleagues are the operator's people, to whom inquiries can be assigned.
func (v *Service) Colleagues(ctx context.Context) (all []Colleague, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		all, err = tx.Platform().Desk().Addressees(ctx, Audience{Kind: "operators"})
		return err
	})
	return all, err
}

// AssignManager names the personal manager of a publisher or a seller (A10) and tells them.
func (v *Service) AssignManager(ctx context.Context, by Voice, m Manager) (Manager, error) {
	if (m.Publisher == "") == (m.Seller == "") {
		return m, field.Wrong("publisher", "name a publisher or a seller's organisation")
	}
	var err error
	if m.Name, err = line("name", m.Name, 100); err != nil {
		return m, err
	}
	m.Email = strings.ToLower(strings.TrimSpace(m.Email))
	if a, err := mail.ParseAddress(m.Email); err != nil || a.Address != m.Email || len(m.Email) > 254 {
		return m, field.Wrong("email", "%.80q is no e-mail address, such as ida@example.org", m.Email)
	}
	if m.Messenger != "" {
		if m.Messenger, err = line("messenger", m.Messenger, 100); err != nil {
			return m, err
		}
	}
	m.AssignedBy, m.AssignedAt = by.Name, v.at()
	err = v.store.Update(ctx, func(tx store.Tx) error {
		d := tx.Platform().Desk()
		before, err := d.Manager(ctx, m.Asker)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if before.Name == m.Name && before.Email == m.Email && before.Messenger == m.Messenger {
			m = before
			return nil
		}
		if err := d.PutManager(ctx, m); err != nil {
			return err
		}
		to, err := people(ctx, tx, m.Asker)
		if err != nil {
			return err
		}
		reach := m.Email
		if m.Messenger != "" {
			reach += ", " + m.Messenger
		}
		if err := v.post(ctx, tx, to, letter{what: "manager", path: under(m.Asker) + "/help", about: []string{m.Name, reach}}); err != nil {
			return err
		}
		return audit.Note(ctx, tx, v.at(), audit.Act{
			Action: "manager.assigned", Object: named(m.Asker), Before: audit.Values{"name": before.Name, "email": before.Email},
			After: audit.Values{"name": m.Name, "email": m.Email},
		})
	})
	return m, err
}

// Manager is the personal manager of a publisher or a seller, or nil where nobody was named.
func (v *Service) Manager(ctx context.Context, a Asker) (found *Manager, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		found = nil
		m, err := tx.Platform().Desk().Manager(ctx, a)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		found = &m
		return err
	})
	return found, err
}

// Waiting is how many answers and announcements a reader has not seen, for the navigation.
type Waiting struct{ Inquiries, Announcements int64 }

// Waiting counts what is new for a reader.
func (v *Service) Waiting(ctx context.Context, r Reader) (w Waiting, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		d := tx.Platform().Desk()
		if w.Inquiries, err = d.Inquiries().Waiting(ctx, r.Asker); err != nil {
			return err
		}
		w.Announcements, err = d.Announcements().Unread(ctx, r, v.at())
		return err
	})
	return w, err
}

// Turn is how many inquiries wait for the operator.
func (v *Service) Turn(ctx context.Context) (n int64, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		n, err = tx.Platform().Desk().Inquiries().Waiting(ctx, Asker{})
		return err
	})
	return n, err
}

func known(what string, all []string, got string) error {
	if !slices.Contains(all, got) {
		return field.Wrong(what, "%.40q is none: one of %s", got, strings.Join(all, ", "))
	}
	return nil
}
