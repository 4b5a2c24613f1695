package people

import (
	"context"
	"errors"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

// The purposes of tickets.
const (
	toCheck  = "check"
	toReset  = "reset"
	ToInvite = "invite" // to act for an organisation
)

// How long tickets can be used.
const (
	checkFor  = 24 * time.Hour
	resetFor  = time.Hour
	inviteFor = 7 * 24 * time.Hour
)

// SignUpForm is what a new publisher says of itself.
type SignUpForm struct {
	Organisation, Name, Email, Password, Language string
}

// SignUp enters a publisher and its owner, who agrees to the terms of the day and gets an e-mail with a link to confirm the address. Somebody who has an account already
// gets another e-mail; the answer is the same, so that nobody learns who has one.
func (s *Service) SignUp(ctx context.Context, f SignUpForm, from From) error {
	email, err := cleanEmail(f.Email)
	if err != nil {
		return err
	}
	name, err := cleanName("name", f.Name)
	if err != nil {
		return err
	}
	organisation, err := cleanName("organisation", f.Organisation)
	if err != nil {
		return err
	}
	if err := checkPassword(f.Password, email, name, organisation); err != nil {
		return err
	}
	if err := s.limit(limited{"form " + from.Network, perForm()}); err != nil {
		return err
	}
	hash := s.hasher.Hash(f.Password) // also for somebody who has an account: both take the same time
	language := cleanLanguage(f.Language)
	return s.update(ctx, func(a store.Accounts) error {
		old, err := a.People().ByEmail(ctx, email)
		if err == nil {
			return s.already(ctx, a, old, from)
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		person := store.Person{ID: newID("per"), Email: email, Name: name, Language: language, Password: hash, CreatedAt: s.now()}
		id := newID("org")
		// The publisher's id in programs, links and books is a short one of its own: it stands in files and on statements.
		o := Organisation{ID: id, Kind: Publisher, Name: organisation, Publisher: "pub_" + id[len(id)-12:], CreatedAt: s.now()}
		if err := a.People().Put(ctx, person); err != nil {
			return err
		}
		if err := a.Organisations().Put(ctx, o); err != nil {
			return err
		}
		if err := a.Organisations().PutMember(ctx, Membership{Organisation: o.ID, Person: person.ID, Role: Owner, Since: s.now()}); err != nil {
			return err
		}
		if err := s.sendCheck(ctx, a, person); err != nil {
			return err
		}
		terms, err := s.accept(ctx, a, Viewer{Person: person.ID, Organisation: o}, from.Network)
		if err != nil {
			return err
		}
		return s.note(ctx, a, act{
			by: Viewer{Person: person.ID, Organisation: o}, via: "sign-up", from: from, action: "person.signed_up", object: "organisation " + o.ID,
			detail: map[string]string{"publisher": o.Publisher, "terms": terms},
		})
	})
}

// already tells somebody who has an account that it has one, but not too often.
func (s *Service) already(ctx context.Context, a store.Accounts, p store.Person, from From) error {
	if s.limit(limited{"mail " + p.Email, perMail()}) != nil {
		return nil
	}
	if p.CheckedAt.IsZero() {
		return s.sendCheck(ctx, a, p)
	}
	if err := s.send(ctx, a, p.Email, p.Language, letter{what: "known", link: s.site + "/forgot"}); err != nil {
		return err
	}
	return s.note(ctx, a, act{via: "sign-up", from: from, action: "person.signed_up_again", object: "person " + p.ID})
}

// sendCheck sends the link that confirms an e-mail address.
func (s *Service) sendCheck(ctx context.Context, a store.Accounts, p store.Person) error {
	token, err := s.ticket(ctx, a, store.Ticket{Purpose: toCheck, Person: p.ID, Email: p.Email}, checkFor)
	if err != nil {
		return err
	}
	return s.send(ctx, a, p.Email, p.Language, letter{what: "check", link: s.site + "/check-email?token=" + token.Reveal()})
}

// ticket keeps a ticket and returns the token that stands for it.
func (s *Service) ticket(ctx context.Context, a store.Accounts, t store.Ticket, valid time.Duration) (Secret, error) {
	token := newToken()
	t.Hash, t.CreatedAt, t.ExpiresAt = hashOf(token.Reveal()), s.now(), s.now().Add(valid)
	return token, a.Tickets().Put(ctx, t)
}

// use uses a ticket and returns it.
func (s *Service) use(ctx context.Context, a store.Accounts, token, purpose string) (store.Ticket, error) {
	t, err := s.look(ctx, a, token, purpose)
	if err != nil {
		return t, err
	}
	if err := a.Tickets().Use(ctx, t.Hash, s.now()); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			err = ErrTicket
		}
		return t, err
	}
	return t, nil
}

// look returns a ticket that can still be used.
func (s *Service) look(ctx context.Context, a store.Accounts, token, purpose string) (store.Ticket, error) {
	t, err := a.Tickets().Get(ctx, hashOf(token))
	if errors.Is(err, store.ErrNotFound) || err == nil && (t.Purpose != purpose || !t.UsedAt.IsZero() || !t.ExpiresAt.After(s.now())) {
		return t, ErrTicket
	}
	return t, err
}

// CheckEmail confirms an e-mail address with the token that was sent to it.
func (s *Service) CheckEmail(ctx context.Context, token string, from From) error {
	return s.update(ctx, func(a store.Accounts) error {
		t, err := s.use(ctx, a, token, toCheck)
		if err != nil {
			return err
		}
		return s.change(ctx, a, t.Person, func(p *store.Person) error {
			if p.Email != t.Email {
				return ErrTicket
			}
			p.CheckedAt = s.now()
			return s.note(ctx, a, act{by: Viewer{Person: p.ID}, via: "e-mail", from: from, action: "person.email_checked", object: "person " + p.ID})
		})
	})
}

// change changes a person while nobody else does.
func (s *Service) change(ctx context.Context, a store.Accounts, id string, do func(p *store.Person) error) error {
	if err := a.People().Hold(ctx, id); err != nil {
		return err
	}
	p, err := a.People().ByID(ctx, id)
	if err != nil {
		return err
	}
	if err := do(&p); err != nil {
		return err
	}
	return a.People().Put(ctx, p)
}

// Forgot sends a link to set a new password to the address, where somebody has it. The answer is the same where nobody has.
func (s *Service) Forgot(ctx context.Context, address string, from From) error {
	email, err := cleanEmail(address)
	if err != nil {
		return err
	}
	if err := s.limit(limited{"form " + from.Network, perForm()}); err != nil {
		return err
	}
	if s.limit(limited{"mail " + email, perMail()}) != nil {
		return nil // the e-mails that were sent are enough
	}
	return s.update(ctx, func(a store.Accounts) error {
		p, err := a.People().ByEmail(ctx, email)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil || !p.LockedAt.IsZero() {
			return err
		}
		token, err := s.resetTicket(ctx, a, p)
		if err != nil {
			return err
		}
		if err := s.send(ctx, a, p.Email, p.Language, letter{what: "reset", link: s.site + "/reset?token=" + token.Reveal()}); err != nil {
			return err
		}
		return s.note(ctx, a, act{via: "sign-in page", from: from, action: "password.reset_asked", object: "person " + p.ID})
	})
}

// resetTicket makes the one open ticket to set a person's password.
func (s *Service) resetTicket(ctx context.Context, a store.Accounts, p store.Person) (Secret, error) {
	if err := a.Tickets().Void(ctx, toReset, p.ID, s.now()); err != nil {
		return "", err
	}
	return s.ticket(ctx, a, store.Ticket{Purpose: toReset, Person: p.ID, Email: p.Email}, resetFor)
}

// Reset sets a new password with the token that was sent, and ends all sessions. The second factor stays.
func (s *Service) Reset(ctx context.Context, token, password string, from From) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	if err := s.limit(limited{"form " + from.Network, perForm()}); err != nil {
		return err
	}
	hash := s.hasher.Hash(password)
	return s.update(ctx, func(a store.Accounts) error {
		t, err := s.use(ctx, a, token, toReset)
		if err != nil {
			return err
		}
		return s.change(ctx, a, t.Person, func(p *store.Person) error {
			if p.Email != t.Email {
				return ErrTicket
			}
			if err := checkPassword(password, p.Email, p.Name); err != nil {
				return err
			}
			p.Password = hash
			if p.CheckedAt.IsZero() {
				p.CheckedAt = s.now() // the link came by e-mail
			}
			if err := a.Sessions().RemoveOf(ctx, p.ID, ""); err != nil {
				return err
			}
			if err := s.send(ctx, a, p.Email, p.Language, letter{what: "changed"}); err != nil {
				return err
			}
			return s.note(ctx, a, act{by: Viewer{Person: p.ID}, via: "e-mail", from: from, action: "password.reset", object: "person " + p.ID})
		})
	})
}

// ChangePassword sets a new password for a viewer who knows the old one, and ends the viewer's other sessions.
func (s *Service) ChangePassword(ctx context.Context, v Viewer, old, password string) error {
	if v.Person == "" {
		return ErrForbidden
	}
	if err := checkPassword(password, v.Email, v.Name); err != nil {
		return err
	}
	if err := s.limit(limited{"account " + v.Person + " " + v.Network, perAccountNet()}); err != nil {
		return err
	}
	var kept string
	if err := s.view(ctx, func(a store.Accounts) error {
		p, err := a.People().ByID(ctx, v.Person)
		kept = p.Password
		return err
	}); err != nil {
		return err
	}
	if !s.hasher.Fits(old, kept) {
		return ErrWrong
	}
	hash := s.hasher.Hash(password)
	return s.update(ctx, func(a store.Accounts) error {
		return s.change(ctx, a, v.Person, func(p *store.Person) error {
			if p.Password != kept { // somebody else was faster
				return ErrWrong
			}
			p.Password = hash
			if err := a.Sessions().RemoveOf(ctx, p.ID, v.Session); err != nil {
				return err
			}
			if err := a.Tickets().Void(ctx, toReset, p.ID, s.now()); err != nil {
				return err
			}
			if err := s.send(ctx, a, p.Email, p.Language, letter{what: "changed"}); err != nil {
				return err
			}
			return s.note(ctx, a, act{by: v, action: "password.changed", object: "person " + p.ID})
		})
	})
}
