package people

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/app/people/passwords"
	"github.com/clickledger/clickledger/internal/store"
)

// The limits of sessions.
const (
	SessionFor     = 7 * 24 * time.Hour // however much it is used
	SessionIdleFor = 12 * time.Hour
	factorFor      = 10 * time.Minute // for the second factor to come
	seenEvery      = time.Minute      // so often the last use is kept
)

// SignedIn is a session that has begun.
type SignedIn struct {
	Token Secret
	// Factor says that the session is good for nothing yet: the second factor is asked for.
	Factor bool
}

// SignIn begins a session for who knows the password. Whatever does not fit, the answer is ErrWrong and takes the same time.
func (s *Service) SignIn(ctx context.Context, address, password string, from From) (SignedIn, error) {
	email, err := cleanEmail(address)
	if err != nil || len(password) > 4*passwords.Most {
		email = "" // nobody's
	}
	if err := s.limit(limited{"network " + from.Network, perNetwork()}, limited{"account " + email + " " + from.Network, perAccountNet()}); err != nil {
		return SignedIn{}, err
	}
	var p store.Person
	known := false
	if err := s.view(ctx, func(a store.Accounts) (err error) {
		if p, err = a.People().ByEmail(ctx, email); err != nil {
			p = store.Person{}
			if errors.Is(err, store.ErrNotFound) {
				err = nil
			}
		}
		var sessions []store.Session
		if err == nil {
			sessions, err = a.Sessions().Of(ctx, p.ID)
		}
		known = slices.ContainsFunc(sessions, func(x store.Session) bool {
			return x.Network == from.Network && from.Network != "" && !x.ProvedAt.IsZero()
		})
		return err
	}); err != nil {
		return SignedIn{}, err
	}
	if !known {
		if err := s.limit(limited{"account " + email, perAccount()}); err != nil {
			return SignedIn{}, err
		}
	}
	if !s.hasher.Fits(password, p.Password) || p.ID == "" || !p.LockedAt.IsZero() {
		return SignedIn{}, s.refused(ctx, p, from)
	}
	if p.CheckedAt.IsZero() {
		return SignedIn{}, s.unchecked(ctx, p)
	}
	s.limits.Forgive("account " + email + " " + from.Network)
	return s.begin(ctx, p, "", from)
}

// SignInVouched begins a session for the person with an e-mail address for whom a sign-in service vouches that the operator has chosen. A second
// factor is asked for all the same. An address that was never confirmed here is refused: whoever signed up with it may be somebody else.
func (s *Service) SignInVouched(ctx context.Context, address, service string, from From) (SignedIn, error) {
	email, err := cleanEmail(address)
	if err != nil {
		return SignedIn{}, ErrWrong
	}
	var p store.Person
	err = s.view(ctx, func(a store.Accounts) (err error) {
		p, err = a.People().ByEmail(ctx, email)
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return SignedIn{}, s.refused(ctx, store.Person{}, from)
	case err != nil:
		return SignedIn{}, err
	case !p.LockedAt.IsZero():
		return SignedIn{}, s.refused(ctx, p, from)
	case p.CheckedAt.IsZero():
		return SignedIn{}, s.unchecked(ctx, p)
	}
	return s.begin(ctx, p, service, from)
}

// unchecked sends the link that confirms an address again, but not too often, and returns ErrUnchecked.
func (s *Service) unchecked(ctx context.Context, p store.Person) error {
	if s.limit(limited{"mail " + p.Email, perMail()}) == nil {
		if err := s.update(ctx, func(a store.Accounts) error { return s.sendCheck(ctx, a, p) }); err != nil {
			return err
		}
	}
	return ErrUnchecked
}

// begin begins a session of a person, as it was when it showed who it is: with the password, with a passkey, or by a service that vouches for it. A
// passkey is no first half: nothing is asked for after it.
func (s *Service) begin(ctx context.Context, p store.Person, service string, from From) (SignedIn, error) {
	token := newToken()
	factor := false
	err := s.update(ctx, func(a store.Accounts) error {
		kept, err := a.People().ByID(ctx, p.ID)
		if err != nil {
			return err
		}
		if kept.Password != p.Password || !kept.LockedAt.IsZero() { // it was changed meanwhile
			return ErrWrong
		}
		now := s.now()
		x := store.Session{ID: hashOf(token.Reveal()), Person: p.ID, CreatedAt: now, SeenAt: now, Network: from.Network, Agent: shorten(from.Agent)}
		action := "session.first_half" // the second factor is to come
		if factor = !kept.TOTPSince.IsZero() && service != passkeySource; !factor {
			x.ProvedAt, action = now, "session.began"
		}
		if x.Organisation, err = firstOrganisation(ctx, a, p.ID); err != nil {
			return err
		}
		if err := a.Sessions().RemoveBefore(ctx, now.Add(-SessionFor), now.Add(-SessionIdleFor)); err != nil {
			return err
		}
		if err := a.Sessions().Put(ctx, x); err != nil {
			return err
		}
		var detail map[string]string
		switch service {
		case "":
		case passkeySource:
			detail = map[string]string{"with": passkeySource}
		default:
			detail = map[string]string{"vouched_by": service}
		}
		return s.note(ctx, a, act{
			by: Viewer{Person: p.ID, Session: x.ID, Organisation: Organisation{ID: x.Organisation}}, from: from, action: action, object: "person " + p.ID, detail: detail,
		})
	})
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{token, factor}, nil
}

// refused writes a failed sign-in to the audit log, where there is somebody whom it is about, and returns ErrWrong.
func (s *Service) refused(ctx context.Context, p store.Person, from From) error {
	if p.ID == "" {
		// A wrong address costs a transaction as a wrong password does, so that the time does not tell them apart.
		if err := s.update(ctx, func(a store.Accounts) error {
			return s.note(ctx, a, act{via: "sign-in page", from: from, action: "session.refused", object: "nobody"})
		}); err != nil {
			return err
		}
		return ErrWrong
	}
	if err := s.update(ctx, func(a store.Accounts) error {
		return s.note(ctx, a, act{via: "sign-in page", from: from, action: "session.refused", object: "person " + p.ID})
	}); err != nil {
		return err
	}
	return ErrWrong
}

// firstOrganisation is for whom a person acts who has just signed in.
func firstOrganisation(ctx context.Context, a store.Accounts, person string) (string, error) {
	all, err := a.Organisations().Of(ctx, person)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0].Organisation, nil
}

// shorten cuts a browser's name to what is shown of it.
func shorten(agent string) string {
	agent = cleanText(agent)
	if len(agent) > 200 {
		agent = cleanText(agent[:200])
	}
	return agent
}

// session returns a session that has not ended, with its person.
func (s *Service) session(ctx context.Context, a store.Accounts, token string) (x store.Session, p store.Person, ok bool, err error) {
	if token == "" {
		return x, p, false, nil
	}
	x, err = a.Sessions().Get(ctx, hashOf(token))
	if err == nil {
		p, err = a.People().ByID(ctx, x.Person)
	}
	if errors.Is(err, store.ErrNotFound) {
		return x, p, false, nil
	}
	now := s.now()
	ok = err == nil && now.Sub(x.CreatedAt) < SessionFor && now.Sub(x.SeenAt) < SessionIdleFor && p.LockedAt.IsZero()
	return x, p, ok, err
}

// SecondFactor ends the first half of a session with the code of an authenticator or a recovery code, and begins the session under a
// new token. An ErrWrong leaves the first half as it is.
func (s *Service) SecondFactor(ctx context.Context, token, code string, from From) (Secret, error) {
	var person string
	if err := s.view(ctx, func(a store.Accounts) error {
		x, _, _, err := s.session(ctx, a, token)
		person = x.Person
		return err
	}); err != nil {
		return "", err
	}
	if err := s.limit(limited{"code " + person, perCode()}); err != nil {
		return "", err
	}
	fresh, err := s.finish(ctx, token, from, "second", func(a store.Accounts, by Viewer) error { return s.proveFactor(ctx, a, by, code) })
	if err != nil {
		return "", err
	}
	s.limits.Forgive("code " + person)
	return fresh, nil
}

// finish ends the first half of a session once its person proved a second factor, and begins the session under a new token.
func (s *Service) finish(ctx context.Context, token string, from From, factor string, prove func(a store.Accounts, by Viewer) error) (Secret, error) {
	fresh := newToken()
	err := s.update(ctx, func(a store.Accounts) error {
		x, p, ok, err := s.session(ctx, a, token)
		if err != nil {
			return err
		}
		if !ok || !x.ProvedAt.IsZero() || s.now().Sub(x.CreatedAt) > factorFor {
			return ErrForbidden
		}
		by := Viewer{Person: p.ID, Session: x.ID, Network: from.Network, Organisation: Organisation{ID: x.Organisation}}
		if err := prove(a, by); err != nil {
			return err
		}
		now := s.now()
		x.ID, x.CreatedAt, x.SeenAt, x.ProvedAt = hashOf(fresh.Reveal()), now, now, now
		if _, err := a.Sessions().Remove(ctx, by.Session); err != nil {
			return err
		}
		if err := a.Sessions().Put(ctx, x); err != nil {
			return err
		}
		by.Session = x.ID
		return s.note(ctx, a, act{by: by, action: "session.began", object: "person " + p.ID, detail: map[string]string{"factor": factor}})
	})
	if err != nil {
		return "", err
	}
	return fresh, nil
}

// Viewer returns whose session a token stands for; the zero Viewer where it is nobody's, has ended, or waits for a second factor.
func (s *Service) Viewer(ctx context.Context, token, network string) (v Viewer, err error) {
	stale := false
	err = s.view(ctx, func(a store.Accounts) error {
		x, p, ok, err := s.session(ctx, a, token)
		if err != nil || !ok || x.ProvedAt.IsZero() {
			return err
		}
		v = Viewer{
			Person: p.ID, Name: p.Name, Email: p.Email, Language: p.Language, Session: x.ID, ProvedAt: x.ProvedAt, Network: network,
			SecondFactor: !p.TOTPSince.IsZero(), HasPasskey: s.keys != nil && len(p.Passkeys) > 0,
		}
		stale = s.now().Sub(x.SeenAt) >= seenEvery
		members, err := a.Organisations().Of(ctx, p.ID)
		if err != nil || len(members) == 0 {
			return err
		}
		// Somebody who was taken out of the organisation acts for another one, if there is one.
		i := max(0, slices.IndexFunc(members, func(m Membership) bool { return m.Organisation == x.Organisation }))
		v.Role = members[i].Role
		v.Organisation, err = a.Organisations().ByID(ctx, members[i].Organisation)
		return err
	})
	if err != nil || v.Person == "" || !stale {
		return v, err
	}
	return v, s.update(ctx, func(a store.Accounts) error {
		x, err := a.Sessions().Get(ctx, v.Session)
		if errors.Is(err, store.ErrNotFound) {
			v = Viewer{}
			return nil
		}
		if err != nil {
			return err
		}
		x.SeenAt = s.now()
		return a.Sessions().Put(ctx, x)
	})
}

// Prove proves again who the viewer is, with the code of the second factor where there is one and with the password otherwise. The
// session goes on under a new token.
func (s *Service) Prove(ctx context.Context, v Viewer, answer string) (Secret, error) {
	if v.Person == "" {
		return "", ErrForbidden
	}
	if v.SecondFactor {
		if err := s.limit(limited{"code " + v.Person, perCode()}); err != nil {
			return "", err
		}
	} else if err := s.provePassword(ctx, v, answer); err != nil {
		return "", err
	}
	return s.rotate(ctx, v, "session.proved", func(a store.Accounts, x *store.Session, p store.Person) error {
		switch {
		case !p.TOTPSince.IsZero():
			if err := s.proveFactor(ctx, a, v, answer); err != nil {
				return err
			}
		case v.SecondFactor: // it was taken away meanwhile
			return ErrWrong
		}
		x.ProvedAt = s.now()
		return nil
	})
}

func (s *Service) provePassword(ctx context.Context, v Viewer, password string) error {
	if err := s.limit(limited{"account " + v.Person + " " + v.Network, perAccountNet()}); err != nil {
		return err
	}
	var hash string
	if err := s.view(ctx, func(a store.Accounts) error {
		p, err := a.People().ByID(ctx, v.Person)
		hash = p.Password
		return err
	}); err != nil {
		return err
	}
	if !s.hasher.Fits(password, hash) {
		return ErrWrong
	}
	return nil
}

// rotate changes a session and gives it a new token.
func (s *Service) rotate(ctx context.Context, v Viewer, action string, change func(a store.Accounts, x *store.Session, p store.Person) error) (Secret, error) {
	token := newToken()
	err := s.update(ctx, func(a store.Accounts) error {
		x, err := a.Sessions().Get(ctx, v.Session)
		if err != nil {
			return hidden(err)
		}
		p, err := a.People().ByID(ctx, x.Person)
		if err != nil {
			return hidden(err)
		}
		if x.Person != v.Person {
			return ErrForbidden
		}
		if err := change(a, &x, p); err != nil {
			return err
		}
		if _, err := a.Sessions().Remove(ctx, x.ID); err != nil {
			return err
		}
		x.ID, x.SeenAt = hashOf(token.Reveal()), s.now()
		if err := a.Sessions().Put(ctx, x); err != nil {
			return err
		}
		by := v
		by.Session = x.ID
		return s.note(ctx, a, act{by: by, action: action, object: "person " + p.ID, detail: map[string]string{"organisation": x.Organisation}})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// ActFor makes the viewer act for another organisation of its own. The session goes on under a new token, and must be proved again.
func (s *Service) ActFor(ctx context.Context, v Viewer, organisation string) (Secret, error) {
	return s.rotate(ctx, v, "session.acts_for", func(a store.Accounts, x *store.Session, _ store.Person) error {
		all, err := a.Organisations().Of(ctx, v.Person)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(m Membership) bool { return m.Organisation == organisation }) {
			return ErrForbidden
		}
		x.Organisation = organisation
		x.ProvedAt = s.now().Add(-StepUpFor - time.Second)
		return nil
	})
}

// Organisations returns for whom the viewer can act.
func (s *Service) Organisations(ctx context.Context, v Viewer) (all []Organisation, err error) {
	if v.Person == "" {
		return nil, ErrForbidden
	}
	err = s.view(ctx, func(a store.Accounts) error {
		members, err := a.Organisations().Of(ctx, v.Person)
		for _, m := range members {
			o, err := a.Organisations().ByID(ctx, m.Organisation)
			if err != nil {
				return err
			}
			all = append(all, o)
		}
		return err
	})
	return all, err
}

// SignOut ends the viewer's session.
func (s *Service) SignOut(ctx context.Context, v Viewer) error {
	return s.EndSession(ctx, v, v.Session)
}

// Session is a session as its person sees it.
type Session struct {
	ID               string
	Began, Seen      time.Time
	Network, Agent   string
	This, Unfinished bool // the one that looks; one whose second factor did not come
}

// Sessions returns the viewer's sessions, the one used last first.
func (s *Service) Sessions(ctx context.Context, v Viewer) (all []Session, err error) {
	if v.Person == "" {
		return nil, ErrForbidden
	}
	err = s.view(ctx, func(a store.Accounts) error {
		found, err := a.Sessions().Of(ctx, v.Person)
		for _, x := range found {
			if now := s.now(); now.Sub(x.CreatedAt) < SessionFor && now.Sub(x.SeenAt) < SessionIdleFor {
				all = append(all, Session{x.ID, x.CreatedAt, x.SeenAt, x.Network, x.Agent, x.ID == v.Session, x.ProvedAt.IsZero()})
			}
		}
		return err
	})
	return all, err
}

// EndSession ends one of the viewer's sessions.
func (s *Service) EndSession(ctx context.Context, v Viewer, id string) error {
	return s.update(ctx, func(a store.Accounts) error {
		x, err := a.Sessions().Get(ctx, id)
		if err != nil {
			return hidden(err)
		}
		if x.Person != v.Person {
			return ErrForbidden
		}
		if _, err := a.Sessions().Remove(ctx, id); err != nil {
			return err
		}
		return s.note(ctx, a, act{by: v, action: "session.ended", object: "session " + id[:12]})
	})
}

// EndOtherSessions ends all sessions of the viewer but this one.
func (s *Service) EndOtherSessions(ctx context.Context, v Viewer) error {
	if v.Person == "" {
		return ErrForbidden
	}
	return s.update(ctx, func(a store.Accounts) error {
		if err := a.Sessions().RemoveOf(ctx, v.Person, v.Session); err != nil {
			return err
		}
		return s.note(ctx, a, act{by: v, action: "session.ended_others", object: "person " + v.Person})
	})
}
