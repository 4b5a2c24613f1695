package people

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/people/passkeys"
	"github.com/clickledger/clickledger/internal/store"
)

// ErrUnverified says that a passkey is right and its device did not check who uses it, where that is asked for.
var ErrUnverified = errors.New("the device did not check that it is you; use the password, or turn on the PIN, finger or face of the device")

const (
	passkeyFor   = 5 * time.Minute // for the answer of a browser to come
	mostPasskeys = 20              // of a person
)

// What a challenge is for: an answer to one counts for no other purpose.
const (
	toAddPasskey  = "passkey_add"
	toSignIn      = "passkey_sign_in"
	toFinish      = "passkey_factor"
	toProve       = "passkey_prove"
	passkeySource = "passkey"
)

// Passkey is a passkey as its person sees it.
type Passkey struct {
	ID, Name string
	Synced   bool // it may live on several devices
	Made     time.Time
	Used     time.Time // zero: not yet
}

// OffersPasskeys reports whether passkeys work here: browsers want the pages to have a name, and HTTPS.
func (s *Service) OffersPasskeys() bool { return s.keys != nil }

// ask keeps the challenge of a question until it is answered or too old. by is the session that asks; empty: none does.
func (s *Service) ask(ctx context.Context, purpose, person, by string, q passkeys.Question) (string, error) {
	now := s.now()
	err := s.update(ctx, func(a store.Accounts) error {
		return a.Tickets().Put(ctx, store.Ticket{Hash: hashOf(q.Challenge), Purpose: purpose, Person: person, By: by, CreatedAt: now, ExpiresAt: now.Add(passkeyFor)})
	})
	return q.Options, err
}

// answered uses a challenge up, whatever becomes of the answer, and returns ErrWrong for one that was not asked just so, was answered already or is
// too old.
func (s *Service) answered(ctx context.Context, purpose, person, by, challenge string) error {
	fits := false
	err := s.update(ctx, func(a store.Accounts) error {
		hash := hashOf(challenge)
		t, err := a.Tickets().Get(ctx, hash)
		if err == nil {
			err = a.Tickets().Use(ctx, hash, s.now())
		}
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		fits = err == nil && t.Purpose == purpose && t.Person == person && t.By == by
		return err
	})
	if err == nil && !fits {
		return ErrWrong
	}
	return err
}

// usePasskey checks an answer against a person's passkeys and keeps its counter. What does not fit is ErrWrong and stands in the audit log.
func (s *Service) usePasskey(ctx context.Context, by Viewer, from From, purpose, answer string, verify bool) (p store.Person, verified bool, err error) {
	if err := s.limit(limited{"passkey " + from.Network, perNetwork()}); err != nil {
		return p, false, err
	}
	challenge, person, why := passkeys.Claim(answer)
	if by.Person != "" {
		person = by.Person
	}
	if why == nil {
		if why = s.answered(ctx, purpose, by.Person, by.Session, challenge); why != nil && !errors.Is(why, ErrWrong) {
			return p, false, why
		}
	}
	if why == nil {
		err = s.update(ctx, func(a store.Accounts) error {
			return s.change(ctx, a, person, func(kept *store.Person) (err error) {
				if verified, why = s.keys.Used(kept, challenge, answer, verify, s.now()); why == nil {
					p = *kept
				}
				return nil
			})
		})
		if errors.Is(err, store.ErrNotFound) {
			err, why, person = nil, ErrWrong, ""
		}
	} else if purpose == toSignIn {
		person = "" // what nobody has shown
	}
	if err != nil {
		return store.Person{}, false, err
	}
	if why != nil {
		return store.Person{}, false, s.refusedPasskey(ctx, by, person, from, why)
	}
	return p, verified, nil
}

// refusedPasskey writes a refusal to the audit log and returns ErrWrong.
func (s *Service) refusedPasskey(ctx context.Context, by Viewer, person string, from From, why error) error {
	reason := "refused"
	switch {
	case errors.Is(why, passkeys.ErrCounter):
		reason = "counter"
	case errors.Is(why, ErrWrong):
		reason = "challenge"
	case errors.Is(why, ErrUnverified):
		reason = "unverified"
	}
	object, via := "person "+person, ""
	if person == "" {
		object = "nobody"
	}
	if by.Session == "" {
		via = "sign-in page"
	}
	if err := s.update(ctx, func(a store.Accounts) error {
		return s.note(ctx, a, act{by: by, via: via, from: from, action: "passkey.refused", object: object, detail: map[string]string{"reason": reason, "why": cleanText(shorten(why.Error()))}})
	}); err != nil {
		return err
	}
	if errors.Is(why, ErrUnverified) {
		return why
	}
	return ErrWrong
}

// AskPasskey asks whoever sits there for a passkey to sign in with, and returns the question for the browser.
func (s *Service) AskPasskey(ctx context.Context, from From) (string, error) {
	if s.keys == nil {
		return "", ErrForbidden
	}
	if err := s.limit(limited{"passkey " + from.Network, perNetwork()}); err != nil {
		return "", err
	}
	q, err := s.keys.AskAnybody()
	if err != nil {
		return "", err
	}
	return s.ask(ctx, toSignIn, "", "", q)
}

// SignInWithPasskey begins a session with the answer to AskPasskey. Where the device checked who uses it, that is both factors; where it did not,
// somebody with a second factor is refused with ErrUnverified.
func (s *Service) SignInWithPasskey(ctx context.Context, answer string, from From) (SignedIn, error) {
	if s.keys == nil {
		return SignedIn{}, ErrForbidden
	}
	p, verified, err := s.usePasskey(ctx, Viewer{}, from, toSignIn, answer, false)
	switch {
	case err != nil:
		return SignedIn{}, err
	case !p.LockedAt.IsZero():
		return SignedIn{}, s.refused(ctx, p, from)
	case p.CheckedAt.IsZero():
		return SignedIn{}, s.unchecked(ctx, p)
	case !verified && !p.TOTPSince.IsZero():
		return SignedIn{}, s.refusedPasskey(ctx, Viewer{}, p.ID, from, ErrUnverified)
	}
	return s.begin(ctx, p, passkeySource, from)
}

// half returns who stands in the first half of a session, or ErrForbidden.
func (s *Service) half(ctx context.Context, token string) (by Viewer, p store.Person, err error) {
	err = s.view(ctx, func(a store.Accounts) error {
		x, found, ok, err := s.session(ctx, a, token)
		if err == nil && (!ok || !x.ProvedAt.IsZero() || s.now().Sub(x.CreatedAt) > factorFor) {
			err = ErrForbidden
		}
		by, p = Viewer{Person: x.Person, Session: x.ID, Organisation: Organisation{ID: x.Organisation}}, found
		return err
	})
	return by, p, err
}

// FactorByPasskey reports whether a passkey can stand in for the code that the first half of a session waits for.
func (s *Service) FactorByPasskey(ctx context.Context, token string) bool {
	_, p, err := s.half(ctx, token)
	return err == nil && s.keys != nil && len(p.Passkeys) > 0
}

// AskFactor asks for a passkey in place of the code of the second factor.
func (s *Service) AskFactor(ctx context.Context, token string) (string, error) {
	by, p, err := s.half(ctx, token)
	if err != nil || s.keys == nil || len(p.Passkeys) == 0 {
		return "", cmp.Or(err, ErrForbidden)
	}
	q, err := s.keys.Ask(p, false)
	if err != nil {
		return "", err
	}
	return s.ask(ctx, toFinish, by.Person, by.Session, q)
}

// SecondFactorWithPasskey is SecondFactor with the answer to AskFactor in place of a code.
func (s *Service) SecondFactorWithPasskey(ctx context.Context, token, answer string, from From) (Secret, error) {
	by, _, err := s.half(ctx, token)
	if err != nil || s.keys == nil {
		return "", cmp.Or(err, ErrForbidden)
	}
	if _, _, err := s.usePasskey(ctx, by, from, toFinish, answer, false); err != nil {
		return "", err
	}
	return s.finish(ctx, token, from, passkeySource, func(store.Accounts, Viewer) error { return nil })
}

// AskProof asks the viewer for a passkey to prove again who it is. The device must check that.
func (s *Service) AskProof(ctx context.Context, v Viewer) (string, error) {
	p, err := s.passkeysOf(ctx, v)
	if err != nil || len(p.Passkeys) == 0 {
		return "", cmp.Or(err, ErrForbidden)
	}
	q, err := s.keys.Ask(p, true)
	if err != nil {
		return "", err
	}
	return s.ask(ctx, toProve, v.Person, v.Session, q)
}

// ProveWithPasskey is Prove with the answer to AskProof.
func (s *Service) ProveWithPasskey(ctx context.Context, v Viewer, answer string) (Secret, error) {
	if v.Person == "" || s.keys == nil {
		return "", ErrForbidden
	}
	if _, _, err := s.usePasskey(ctx, v, From{Network: v.Network}, toProve, answer, true); err != nil {
		return "", err
	}
	return s.rotate(ctx, v, "session.proved", func(_ store.Accounts, x *store.Session, _ store.Person) error {
		x.ProvedAt = s.now()
		return nil
	})
}

// passkeysOf returns the person of a viewer.
func (s *Service) passkeysOf(ctx context.Context, v Viewer) (p store.Person, err error) {
	if v.Person == "" || s.keys == nil {
		return p, ErrForbidden
	}
	err = s.view(ctx, func(a store.Accounts) error {
		p, err = a.People().ByID(ctx, v.Person)
		return hidden(err)
	})
	return p, err
}

// Passkeys returns the viewer's passkeys in the order in which they were made.
func (s *Service) Passkeys(ctx context.Context, v Viewer) ([]Passkey, error) {
	p, err := s.passkeysOf(ctx, v)
	if err != nil {
		return nil, err
	}
	all := make([]Passkey, len(p.Passkeys))
	for i, k := range p.Passkeys {
		all[i] = Passkey{base64.RawURLEncoding.EncodeToString(k.ID), k.Name, k.Synced, k.CreatedAt, k.UsedAt}
	}
	return all, nil
}

// StartPasskey asks the viewer's browser for a new passkey. The viewer must have proved recently who it is.
func (s *Service) StartPasskey(ctx context.Context, v Viewer, name string) (string, error) {
	p, err := s.passkeysOf(ctx, v)
	if err != nil {
		return "", err
	}
	if !v.Proved(s.now()) {
		return "", ErrStepUp
	}
	if _, err := cleanName("passkey", name); err != nil {
		return "", err
	}
	if len(p.Passkeys) >= mostPasskeys {
		return "", &InputError{"passkey", "many"}
	}
	q, err := s.keys.AskNew(p)
	if err != nil {
		return "", err
	}
	return s.ask(ctx, toAddPasskey, v.Person, v.Session, q)
}

// AddPasskey keeps the passkey that answers StartPasskey, and tells its person by e-mail.
func (s *Service) AddPasskey(ctx context.Context, v Viewer, name, answer string) error {
	if v.Person == "" || s.keys == nil {
		return ErrForbidden
	}
	if !v.Proved(s.now()) {
		return ErrStepUp
	}
	name, err := cleanName("passkey", name)
	if err != nil {
		return err
	}
	challenge, _, why := passkeys.Claim(answer)
	if why == nil {
		if why = s.answered(ctx, toAddPasskey, v.Person, v.Session, challenge); why != nil && !errors.Is(why, ErrWrong) {
			return why
		}
	}
	if why == nil {
		err = s.update(ctx, func(a store.Accounts) error {
			return s.change(ctx, a, v.Person, func(p *store.Person) error {
				var k store.Passkey
				if k, why = s.keys.Made(*p, challenge, answer, name, s.now()); why != nil {
					return nil
				}
				if len(p.Passkeys) >= mostPasskeys {
					return &InputError{"passkey", "many"}
				}
				if slices.ContainsFunc(p.Passkeys, func(x store.Passkey) bool { return bytes.Equal(x.ID, k.ID) }) {
					return &InputError{"passkey", "there"}
				}
				p.Passkeys = append(slices.Clone(p.Passkeys), k)
				return s.toldOfPasskey(ctx, a, v, *p, "passkey_added", "passkey.added", name)
			})
		})
	}
	if err != nil {
		return err
	}
	if why != nil {
		return s.refusedPasskey(ctx, v, v.Person, From{}, why)
	}
	return nil
}

// RemovePasskey takes one of the viewer's passkeys away, and tells its person by e-mail. The viewer must have proved recently who it is.
func (s *Service) RemovePasskey(ctx context.Context, v Viewer, id string) error {
	if v.Person == "" || s.keys == nil {
		return ErrForbidden
	}
	if !v.Proved(s.now()) {
		return ErrStepUp
	}
	return s.update(ctx, func(a store.Accounts) error {
		return s.change(ctx, a, v.Person, func(p *store.Person) error {
			i := slices.IndexFunc(p.Passkeys, func(k store.Passkey) bool { return base64.RawURLEncoding.EncodeToString(k.ID) == id })
			if i < 0 {
				return ErrForbidden
			}
			name := p.Passkeys[i].Name
			p.Passkeys = slices.Delete(slices.Clone(p.Passkeys), i, i+1)
			return s.toldOfPasskey(ctx, a, v, *p, "passkey_removed", "passkey.removed", name)
		})
	})
}

func (s *Service) toldOfPasskey(ctx context.Context, a store.Accounts, v Viewer, p store.Person, mail, action, name string) error {
	if err := s.send(ctx, a, p.Email, p.Language, letter{what: mail, about: []string{strings.TrimSpace(name)}}); err != nil {
		return err
	}
	return s.note(ctx, a, act{by: v, action: action, object: "person " + p.ID, detail: map[string]string{"name": name}})
}
