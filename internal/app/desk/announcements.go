package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

// Audiences are the kinds of audience that an announcement may have.
func Audiences() []string {
	return []string{"everybody", "publishers", "sellers", "program", "publisher", "seller"}
}

// Draft is an announcement before it is published. The languages that are left out read another one: English, where there is one.
type Draft struct {
	Audience Audience
	Titles   program.Text
	Texts    program.Text
	From, To time.Time // zero From: at once; zero To: for good; To exclusive
	Pinned   bool
	Mail     bool // send it by e-mail too, when it is shown first
}

// Announce publishes an announcement (A10).
func (v *Service) Announce(ctx context.Context, by Voice, d Draft) (Announcement, error) {
	a := Announcement{Audience: d.Audience, Titles: program.Text{}, Texts: program.Text{}, From: d.From.UTC(), To: d.To, Pinned: d.Pinned, CreatedAt: v.at(), CreatedBy: by.Name}
	if err := known("audience", Audiences(), d.Audience.Kind); err != nil {
		return a, err
	}
	for _, l := range explain.Languages() {
		if d.Titles[l] == "" && d.Texts[l] == "" {
			continue
		}
		var err error
		if a.Titles[l], err = line("title_"+l, d.Titles[l], maxSubject); err != nil {
			return a, err
		}
		if a.Texts[l], err = clean("text_"+l, d.Texts[l], maxText); err != nil {
			return a, err
		}
	}
	if len(a.Titles) == 0 {
		return a, field.Wrong("title_en", "write it in one language at least")
	}
	if a.From.IsZero() {
		a.From = a.CreatedAt
	}
	if !a.To.IsZero() && (!a.To.After(a.From) || !a.To.After(a.CreatedAt)) {
		return a, field.Wrong("to", "it would be over before it is shown")
	}
	if d.Mail {
		a.MailAt = a.From
	}
	err := v.store.Update(ctx, func(tx store.Tx) error {
		var err error
		if a.Audience, err = v.audience(ctx, tx, d.Audience); err != nil {
			return err
		}
		if a, err = tx.Platform().Desk().Announcements().Put(ctx, a); err != nil {
			return err
		}
		return audit.Note(ctx, tx, v.at(), audit.Act{
			Action: "announcement.published", Object: fmt.Sprint("announcement ", a.ID),
			After: audit.Values{"title": a.Titles.In("en"), "audience": a.Audience.Kind, "program": string(a.Audience.Program), "publisher": a.Audience.Publisher, "seller": a.Audience.Seller},
		})
	})
	return a, err
}

// audience is an audience with what belongs to its kind only, which must be there.
func (v *Service) audience(ctx context.Context, tx store.Tx, a Audience) (Audience, error) {
	out := Audience{Kind: a.Kind}
	f, err := v.facts.Current(ctx, tx)
	if err != nil {
		return out, err
	}
	switch a.Kind {
	case "program":
		if out.Program = a.Program; !f.Knows(a.Program) {
			return out, field.Wrong("program", "there is no program %.70q", a.Program)
		}
	case "publisher":
		out.Publisher = a.Publisher
		there, err := people(ctx, tx, out.Asker)
		if err != nil {
			return out, err
		}
		for _, s := range f.AdSpaces {
			if s.Publisher == a.Publisher {
				return out, nil
			}
		}
		if a.Publisher == "" || len(there) == 0 {
			return out, field.Wrong("publisher", "there is no publisher %.70q", a.Publisher)
		}
	case "seller":
		out.Seller = a.Seller
		o, err := tx.Platform().Accounts().Organisations().ByID(ctx, a.Seller)
		if errors.Is(err, ErrNotFound) || err == nil && o.Kind != store.KindSeller {
			return out, field.Wrong("seller", "there is no seller's organisation %.70q", a.Seller)
		}
		return out, err
	}
	return out, nil
}

// Withdraw takes an announcement away from its readers; what was sent by e-mail was sent.
func (v *Service) Withdraw(ctx context.Context, id int64) (a Announcement, err error) {
	err = v.store.Update(ctx, func(tx store.Tx) error {
		role := tx.Platform().Desk().Announcements()
		if a, err = role.Get(ctx, id); err != nil {
			return err
		}
		if !a.Withdrawn.IsZero() {
			return nil
		}
		a.Withdrawn = v.at()
		if a, err = role.Put(ctx, a); err != nil {
			return err
		}
		return audit.Note(ctx, tx, v.at(), audit.Act{Action: "announcement.withdrawn", Object: fmt.Sprint("announcement ", a.ID)})
	})
	return a, err
}

// Announcements returns a page of all announcements, the newest first, for the operator.
func (v *Service) Announcements(ctx context.Context, after string, limit int) (as []Announcement, next string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		as, next, err = tx.Platform().Desk().Announcements().Page(ctx, after, limit)
		return err
	})
	return as, next, err
}

// inboxMost is how many announcements an inbox holds.
const inboxMost = 200

// Inbox is what a reader is told, pinned announcements first, then the latest; 200 at the most.
func (v *Service) Inbox(ctx context.Context, r Reader) (all []Shown, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		all, err = tx.Platform().Desk().Announcements().For(ctx, r, v.at(), inboxMost)
		return err
	})
	return all, err
}

// Read returns an announcement of a reader's inbox and notes that it was read.
func (v *Service) Read(ctx context.Context, r Reader, id int64) (Shown, error) {
	all, err := v.Inbox(ctx, r)
	if err != nil {
		return Shown{}, err
	}
	for _, s := range all {
		if s.ID != id {
			continue
		}
		if s.ReadAt.IsZero() {
			err = v.store.Update(ctx, func(tx store.Tx) error {
				return tx.Platform().Desk().Announcements().MarkRead(ctx, id, r.Person, v.at())
			})
		}
		return s, err
	}
	return Shown{}, fmt.Errorf("announcement %d: %w", id, ErrNotFound)
}

// SendDue writes the e-mails of announcements whose time has come, each announcement in one transaction with the note that it was sent,
// and returns how many there were.
func (v *Service) SendDue(ctx context.Context) (sent int, err error) {
	for {
		none := false
		err := v.store.Update(ctx, func(tx store.Tx) error {
			role := tx.Platform().Desk().Announcements()
			due, err := role.DueMail(ctx, v.at(), 1)
			if none = len(due) == 0; err != nil || none {
				return err
			}
			a := due[0]
			to, err := tx.Platform().Desk().Addressees(ctx, a.Audience)
			if err != nil {
				return err
			}
			for _, p := range to {
				l := letter{what: "announcement", path: inboxOf(&a), about: []string{a.Titles.In(p.Language)}, below: a.Texts.In(p.Language)}
				if err := v.post(ctx, tx, []Colleague{p}, l); err != nil {
					return err
				}
			}
			a.MailAt = time.Time{}
			_, err = role.Put(ctx, a)
			return err
		})
		if err != nil || none {
			return sent, err
		}
		sent++
	}
}

// inboxOf is where an announcement is read; what is for everybody leads to the first page of whoever signs in.
func inboxOf(a *Announcement) string {
	switch a.Audience.Kind {
	case "everybody":
		return "/"
	case "seller", "sellers":
		return fmt.Sprintf("/seller/inbox/%d", a.ID)
	}
	return fmt.Sprintf("/publisher/inbox/%d", a.ID)
}

// Run does what is to be done in the background until its context ends: it sends announcements whose time has come, and each month
// finds the best sellers anew.
func (v *Service) Run(ctx context.Context, every time.Duration, log *slog.Logger) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		if _, err := v.SendDue(ctx); err != nil && ctx.Err() == nil {
			log.Error("announcements could not be sent", "error", err)
		}
		if err := v.Monthly(ctx); err != nil && ctx.Err() == nil {
			log.Error("best sellers could not be found", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
