package people

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

// Colleague is a member of the viewer's organisation.
type Colleague struct {
	Person, Name, Email string
	Role                Role
	Since               time.Time
	SecondFactor        bool
	Keys                int // API keys of the organisation that count and whose secret the person was shown; for who manages members
}

// Invitation is one that is open.
type Invitation struct {
	ID           string // hash of its token
	Email        string
	Role         Role
	Organisation string // name
	Known        bool   // whether somebody with the e-mail address has an account
	ExpiresAt    time.Time
}

// allowed runs do in a transaction if the viewer may use a permission now.
func (s *Service) allowed(ctx context.Context, v Viewer, p Permission, do func(a store.Accounts) error) error {
	if err := v.Check(p, s.now()); err != nil {
		return err
	}
	return s.update(ctx, do)
}

// seen runs do on one state if the viewer may use a permission now.
func (s *Service) seen(ctx context.Context, v Viewer, p Permission, do func(a store.Accounts) error) error {
	if err := v.Check(p, s.now()); err != nil {
		return err
	}
	return s.view(ctx, do)
}

// Members returns who acts for the viewer's organisation, and who is invited to.
func (s *Service) Members(ctx context.Context, v Viewer) (all []Colleague, invited []Invitation, err error) {
	err = s.seen(ctx, v, SeeMembers, func(a store.Accounts) error {
		members, err := a.Organisations().Members(ctx, v.Organisation.ID)
		if err != nil {
			return err
		}
		for _, m := range members {
			p, err := a.People().ByID(ctx, m.Person)
			if err != nil {
				return err
			}
			c := Colleague{Person: p.ID, Name: p.Name, Email: p.Email, Role: m.Role, Since: m.Since, SecondFactor: !p.TOTPSince.IsZero()}
			if v.Can(ManageMembers) {
				if err := s.known(ctx, a, v.Organisation.ID, p.ID, func(*store.App, *store.AppKey) error { c.Keys++; return nil }); err != nil {
					return err
				}
			}
			all = append(all, c)
		}
		open, err := a.Tickets().Open(ctx, ToInvite, v.Organisation.ID, s.now())
		for _, t := range open {
			invited = append(invited, Invitation{ID: t.Hash, Email: t.Email, Role: t.Role, Organisation: v.Organisation.Name, ExpiresAt: t.ExpiresAt})
		}
		return err
	})
	return all, invited, err
}

// Invite sends an invitation to act for the viewer's organisation.
func (s *Service) Invite(ctx context.Context, v Viewer, address string, role Role) error {
	email, err := cleanEmail(address)
	if err != nil {
		return err
	}
	if !slices.Contains(RolesOf(v.Organisation.Kind), role) {
		return &InputError{"role", "unknown"}
	}
	if err := v.heads(role); err != nil {
		return err
	}
	return s.allowed(ctx, v, ManageMembers, func(a store.Accounts) error {
		return s.invite(ctx, a, v, v.Organisation, email, role)
	})
}

// invite invites somebody to an organisation, in place of an invitation that is open.
func (s *Service) invite(ctx context.Context, a store.Accounts, v Viewer, o Organisation, email string, role Role) error {
	if s.limit(limited{"mail " + email, perMail()}, limited{"invite " + v.Person, perForm()}) != nil {
		return &InputError{"email", "often"}
	}
	language := v.Language
	p, err := a.People().ByEmail(ctx, email)
	switch {
	case err == nil:
		language = p.Language
		members, err := a.Organisations().Members(ctx, o.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(members, func(m Membership) bool { return m.Person == p.ID }) {
			return &InputError{"email", "member"}
		}
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	open, err := a.Tickets().Open(ctx, ToInvite, o.ID, s.now())
	if err != nil {
		return err
	}
	for _, t := range open {
		if t.Email == email {
			if err := a.Tickets().Use(ctx, t.Hash, s.now()); err != nil {
				return err
			}
		}
	}
	token, err := s.ticket(ctx, a, store.Ticket{Purpose: ToInvite, Email: email, Organisation: o.ID, Role: role, By: v.Person}, inviteFor)
	if err != nil {
		return err
	}
	by := v.Name
	if by == "" {
		by = "Clickledger"
	}
	if err := s.send(ctx, a, email, language, letter{what: "invite", link: s.site + "/invitation?token=" + token.Reveal(), about: []string{by, o.Name}}); err != nil {
		return err
	}
	return s.note(ctx, a, act{by: v, action: "member.invited", object: "organisation " + o.ID, detail: map[string]string{"email": email, "role": string(role)}})
}

// Withdraw takes back an invitation to the viewer's organisation.
func (s *Service) Withdraw(ctx context.Context, v Viewer, id string) error {
	return s.allowed(ctx, v, ManageMembers, func(a store.Accounts) error {
		t, err := a.Tickets().Get(ctx, id)
		if err != nil {
			return hidden(err)
		}
		if t.Purpose != ToInvite || t.Organisation != v.Organisation.ID {
			return ErrForbidden
		}
		if err := a.Tickets().Use(ctx, id, s.now()); err != nil {
			return hidden(err)
		}
		return s.note(ctx, a, act{by: v, action: "member.uninvited", object: "organisation " + t.Organisation, detail: map[string]string{"email": t.Email}})
	})
}

// Invitation returns the invitation that a token stands for.
func (s *Service) Invitation(ctx context.Context, token string) (out Invitation, err error) {
	err = s.view(ctx, func(a store.Accounts) error {
		t, err := s.look(ctx, a, token, ToInvite)
		if err != nil {
			return err
		}
		o, err := a.Organisations().ByID(ctx, t.Organisation)
		if err != nil {
			return err
		}
		_, err = a.People().ByEmail(ctx, t.Email)
		out = Invitation{t.Hash, t.Email, t.Role, o.Name, err == nil, t.ExpiresAt}
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return err
	})
	return out, err
}

// Accept makes who was invited a member. Somebody without an account gets one, with the name and password given; somebody with
// one must be signed in to it.
func (s *Service) Accept(ctx context.Context, v Viewer, token, name, password, language string, from From) error {
	invitation, err := s.Invitation(ctx, token)
	if err != nil {
		return err
	}
	hash := ""
	if !invitation.Known {
		if name, err = cleanName("name", name); err != nil {
			return err
		}
		if err := checkPassword(password, invitation.Email, name); err != nil {
			return err
		}
		if err := s.limit(limited{"form " + from.Network, perForm()}); err != nil {
			return err
		}
		hash = s.hasher.Hash(password)
	} else if v.Email != invitation.Email {
		return ErrForbidden
	}
	return s.update(ctx, func(a store.Accounts) error {
		t, err := s.use(ctx, a, token, ToInvite)
		if err != nil {
			return err
		}
		person := v.Person
		if hash != "" {
			p := store.Person{ID: newID("per"), Email: t.Email, Name: name, Language: cleanLanguage(language), Password: hash, CheckedAt: s.now(), CreatedAt: s.now()}
			if err := a.People().Put(ctx, p); err != nil {
				if errors.Is(err, store.ErrConflict) {
					err = ErrTicket // somebody signed up meanwhile
				}
				return err
			}
			person = p.ID
		}
		if err := a.Organisations().PutMember(ctx, Membership{Organisation: t.Organisation, Person: person, Role: t.Role, Since: s.now()}); err != nil {
			return err
		}
		return s.note(ctx, a, act{
			by: Viewer{Person: person, Session: v.Session}, via: "invitation", from: from, action: "member.joined", object: "organisation " + t.Organisation,
			detail: map[string]string{"role": string(t.Role), "invited_by": t.By},
		})
	})
}

// SetRole gives a member of the viewer's organisation another role.
func (s *Service) SetRole(ctx context.Context, v Viewer, person string, role Role) error {
	if !slices.Contains(RolesOf(v.Organisation.Kind), role) {
		return &InputError{"role", "unknown"}
	}
	return s.changeMember(ctx, v, person, "member.role_changed", map[string]string{"role": string(role)}, func(a store.Accounts, m Membership) error {
		m.Role = role
		return a.Organisations().PutMember(ctx, m)
	}, role)
}

// RemoveMember takes a member out of the viewer's organisation. With endKeys the API keys that the person knows end at once; without it they
// read on, and Apps names them as known to somebody who left.
func (s *Service) RemoveMember(ctx context.Context, v Viewer, person string, endKeys bool) error {
	detail := map[string]string{}
	return s.changeMember(ctx, v, person, "member.removed", detail, func(a store.Accounts, m Membership) error {
		keys := 0
		if err := s.known(ctx, a, m.Organisation, person, func(_ *store.App, k *store.AppKey) error {
			keys++
			if endKeys {
				k.ExpiresAt = s.now()
				return a.Apps().PutKey(ctx, *k)
			}
			return nil
		}); err != nil {
			return err
		}
		clear(detail) // the transaction may run again
		if keys > 0 {
			detail[map[bool]string{true: "keys_ended", false: "keys_known"}[endKeys]] = strconv.Itoa(keys)
		}
		return a.Organisations().RemoveMember(ctx, m.Organisation, m.Person)
	}, "")
}

// changeMember changes a membership. Somebody who can manage members stays, so that an organisation is never without.
func (s *Service) changeMember(ctx context.Context, v Viewer, person, action string, detail map[string]string, do func(store.Accounts, Membership) error, becomes Role) error {
	return s.allowed(ctx, v, ManageMembers, func(a store.Accounts) error {
		// Two heads who remove each other at once: the second one waits, and sees that it is the last.
		if err := a.People().Hold(ctx, "members of "+v.Organisation.ID); err != nil {
			return err
		}
		members, err := a.Organisations().Members(ctx, v.Organisation.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(members, func(m Membership) bool { return m.Person == person })
		if i < 0 {
			return ErrForbidden
		}
		for _, r := range []Role{members[i].Role, becomes} {
			if err := v.heads(r); err != nil {
				return err
			}
		}
		head := RolesOf(v.Organisation.Kind)[0]
		others := slices.ContainsFunc(members, func(m Membership) bool { return m.Person != person && m.Role == head })
		if members[i].Role == head && becomes != head && !others {
			return &InputError{"role", "last"}
		}
		if err := do(a, members[i]); err != nil {
			return err
		}
		// What the person does from now on asks anew who it is.
		if err := a.Sessions().RemoveOf(ctx, person, v.Session); err != nil {
			return err
		}
		return s.note(ctx, a, act{by: v, action: action, object: "person " + person, detail: detail})
	})
}
