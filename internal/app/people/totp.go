package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/clickledger/clickledger/internal/store"
)

// recoveryCodes is how many recovery codes somebody gets.
const recoveryCodes = 10

// period is how long a code of an authenticator counts.
const period = 30 * time.Second

// proveFactor checks the code of an authenticator or a recovery code of a person, and uses it up: neither counts twice. Who calls it counts the attempts.
func (s *Service) proveFactor(ctx context.Context, a store.Accounts, v Viewer, code string) error {
	code = strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, code))
	return s.change(ctx, a, v.Person, func(p *store.Person) error {
		if p.TOTPSince.IsZero() {
			return ErrWrong
		}
		if i := slices.Index(p.Recovery, hashOf(code)); i >= 0 {
			p.Recovery = slices.Delete(slices.Clone(p.Recovery), i, i+1)
			return s.note(ctx, a, act{by: v, action: "factor.recovery_used", object: "person " + p.ID})
		}
		return s.useCode(p, code)
	})
}

// useCode checks a code of a person's authenticator. The clock of a telephone may be one step off.
func (s *Service) useCode(p *store.Person, code string) error {
	secret, err := s.box.Open(p.TOTPSecret, "totp "+p.ID)
	if err != nil {
		return err
	}
	now := s.now().Unix() / int64(period/time.Second)
	for step := now - 1; step <= now+1; step++ {
		want, err := hotp.GenerateCodeCustom(string(secret), uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > p.TOTPStep {
			p.TOTPStep = step
			return nil
		}
	}
	return ErrWrong
}

// Enrolment is what somebody types or scans into an authenticator.
type Enrolment struct {
	Secret Secret
	URL    Secret // otpauth://…, for a QR code
}

// StartFactor makes the secret of a second factor, which counts once ConfirmFactor has seen a code of it. The viewer must have proved
// recently who it is.
func (s *Service) StartFactor(ctx context.Context, v Viewer) (Enrolment, error) {
	if v.Person == "" {
		return Enrolment{}, ErrForbidden
	}
	if !v.Proved(s.now()) {
		return Enrolment{}, ErrStepUp
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Clickledger", AccountName: v.Email, Rand: rand.Reader})
	if err != nil {
		return Enrolment{}, err
	}
	err = s.update(ctx, func(a store.Accounts) error {
		return s.change(ctx, a, v.Person, func(p *store.Person) error {
			if !p.TOTPSince.IsZero() {
				return &InputError{"factor", "there"}
			}
			p.TOTPSecret, p.TOTPStep = s.box.Seal([]byte(key.Secret()), "totp "+p.ID), 0
			return s.note(ctx, a, act{by: v, action: "factor.started", object: "person " + p.ID})
		})
	})
	return Enrolment{Secret(key.Secret()), Secret(key.URL())}, err
}

// ConfirmFactor turns the second factor on with a code of it, and returns the recovery codes.
func (s *Service) ConfirmFactor(ctx context.Context, v Viewer, code string) ([]Secret, error) {
	if v.Person == "" {
		return nil, ErrForbidden
	}
	if !v.Proved(s.now()) {
		return nil, ErrStepUp
	}
	if err := s.limit(limited{"code " + v.Person, perCode()}); err != nil {
		return nil, err
	}
	codes, hashes := newRecovery()
	err := s.update(ctx, func(a store.Accounts) error {
		return s.change(ctx, a, v.Person, func(p *store.Person) error {
			if !p.TOTPSince.IsZero() || len(p.TOTPSecret) == 0 {
				return ErrForbidden
			}
			if err := s.useCode(p, strings.ReplaceAll(code, " ", "")); err != nil {
				return err
			}
			p.TOTPSince, p.Recovery = s.now(), hashes
			// Sessions that began with the password alone are over.
			if err := a.Sessions().RemoveOf(ctx, p.ID, v.Session); err != nil {
				return err
			}
			if err := s.send(ctx, a, p.Email, p.Language, letter{what: "factor", about: []string{"TOTP +"}}); err != nil {
				return err
			}
			return s.note(ctx, a, act{by: v, action: "factor.on", object: "person " + p.ID})
		})
	})
	if err != nil {
		return nil, err
	}
	s.limits.Forgive("code " + v.Person)
	return codes, nil
}

// NewRecovery replaces the recovery codes.
func (s *Service) NewRecovery(ctx context.Context, v Viewer) ([]Secret, error) {
	codes, hashes := newRecovery()
	err := s.changeFactor(ctx, v, "factor.recovery_renewed", "recovery codes", func(p *store.Person) { p.Recovery = hashes })
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// RemoveFactor turns the second factor off.
func (s *Service) RemoveFactor(ctx context.Context, v Viewer) error {
	return s.changeFactor(ctx, v, "factor.off", "TOTP −", func(p *store.Person) {
		p.TOTPSecret, p.TOTPSince, p.TOTPStep, p.Recovery = nil, time.Time{}, 0, nil
	})
}

// changeFactor changes a second factor that is on, for a viewer who has just used it.
func (s *Service) changeFactor(ctx context.Context, v Viewer, action, about string, change func(p *store.Person)) error {
	if v.Person == "" {
		return ErrForbidden
	}
	if !v.Proved(s.now()) {
		return ErrStepUp
	}
	return s.update(ctx, func(a store.Accounts) error {
		return s.change(ctx, a, v.Person, func(p *store.Person) error {
			if p.TOTPSince.IsZero() {
				return ErrForbidden
			}
			change(p)
			if err := s.send(ctx, a, p.Email, p.Language, letter{what: "factor", about: []string{about}}); err != nil {
				return err
			}
			return s.note(ctx, a, act{by: v, action: action, object: "person " + p.ID})
		})
	})
}

// newRecovery returns recovery codes of 120 bits, for which a plain hash is enough, and their hashes.
func newRecovery() (codes []Secret, hashes []string) {
	for range recoveryCodes {
		code := strings.ToLower(rand.Text()[:24])
		codes = append(codes, Secret(code[:6]+"-"+code[6:12]+"-"+code[12:18]+"-"+code[18:]))
		hashes = append(hashes, hashOf(code))
	}
	return codes, hashes
}
