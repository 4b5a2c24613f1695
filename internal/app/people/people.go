// Package people is who may come in and what they may do there: people, the organisations that they act for, sessions, second
// factors, invitations, and the apps that call the API. Each use case checks the permission of who asks, and writes to the audit
// log in the transaction in which it does what was asked.
package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/app/people/attempts"
	"github.com/clickledger/clickledger/internal/app/people/passkeys"
	"github.com/clickledger/clickledger/internal/app/people/passwords"
	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
)

// The kinds of refusal. None tells whether something that the viewer may not see is there.
var (
	// ErrForbidden says that the viewer's role may not do this, or that the thing belongs to somebody else or is not there.
	ErrForbidden = errors.New("this is not allowed")
	// ErrStepUp says that the viewer must prove again who it is: money and keys ask for a recent proof.
	ErrStepUp = errors.New("confirm that it is you first")
	// ErrWrong says that an e-mail address, a password or a code does not fit; which of them, it does not say.
	ErrWrong = errors.New("the e-mail address, the password or the code is not right")
	// ErrUnchecked says that a person signed in rightly and has not opened the link in the first e-mail yet.
	ErrUnchecked = errors.New("open the link in the e-mail that was sent to you first")
	// ErrTicket says that a link was used already, has expired or was never sent.
	ErrTicket = errors.New("the link has expired or was used already; ask for a new one")
)

// InputError says which input is wrong and how, by codes for which fronts have sentences.
type InputError struct{ Field, Code string }

func (e *InputError) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Code) }

// LimitError says that there were too many attempts.
type LimitError struct{ Wait time.Duration }

func (e *LimitError) Error() string {
	return fmt.Sprintf("too many attempts; try again in %v", e.Wait.Round(time.Second))
}

// Secret is something that is shown once and never written down: it prints as stars.
type Secret string

// String hides the secret.
func (Secret) String() string { return "***" }

// GoString hides the secret.
func (Secret) GoString() string { return "***" }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("***") }

// MarshalJSON hides the secret.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"***"`), nil }

// Reveal returns the secret, to be shown to whom it is for.
func (s Secret) Reveal() string { return string(s) }

// From is where a call comes from.
type From struct{ Network, Agent string }

// Service is who may come in.
type Service struct {
	store  store.Store
	box    *seal.Box
	site   string
	now    func() time.Time
	hasher *passwords.Hasher
	limits *attempts.Limiter
	keys   *passkeys.Keys // nil: browsers know no passkeys for this site
}

// New returns a service. site is the address of the pages, to which the links in e-mails lead, such as https://example.org.
func New(s store.Store, box *seal.Box, site string, now func() time.Time) *Service {
	return newService(s, box, site, now, passwords.Strong())
}

func newService(s store.Store, box *seal.Box, site string, now func() time.Time, c passwords.Cost) *Service {
	keys, err := passkeys.New(site)
	if err != nil {
		keys = nil // pages by number, or without encryption: everything else works
	}
	return &Service{store: s, box: box, site: strings.TrimSuffix(site, "/"), now: now, hasher: passwords.New(c), limits: attempts.New(now), keys: keys}
}

// update runs do on the accounts in a transaction.
func (s *Service) update(ctx context.Context, do func(a store.Accounts) error) error {
	return s.store.Update(ctx, func(tx store.Tx) error { return do(tx.Platform().Accounts()) })
}

// view runs do on one state of the accounts.
func (s *Service) view(ctx context.Context, do func(a store.Accounts) error) error {
	return s.store.View(ctx, func(tx store.Tx) error { return do(tx.Platform().Accounts()) })
}

// newID returns an id that nobody can guess.
func newID(kind string) string { return kind + "_" + strings.ToLower(rand.Text()) }

// newToken returns 256 random bits as text.
func newToken() Secret {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	return Secret(base64.RawURLEncoding.EncodeToString(b))
}

// hashOf is what is kept of a token. Tokens are random, so a plain hash is enough.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// act is something that is written to the audit log.
type act struct {
	by     Viewer // the zero Viewer: nobody who was signed in
	via    string // in place of the viewer's session
	from   From
	action string
	object string
	detail map[string]string
}

// note writes to the audit log.
func (s *Service) note(ctx context.Context, a store.Accounts, what act) error {
	detail := ""
	if len(what.detail) > 0 {
		b, err := json.Marshal(what.detail)
		if err != nil {
			return fmt.Errorf("writing to the audit log: %w", err)
		}
		detail = string(b)
	}
	via, network := what.via, what.from.Network
	switch {
	case via != "":
	case what.by.App != "":
		via = "app " + what.by.App
	case what.by.Session != "":
		via = "session " + what.by.Session[:12]
	}
	if network == "" {
		network = what.by.Network
	}
	return a.Audit().Append(ctx, []store.AuditEntry{{
		At: s.now(), Person: what.by.Person, Organisation: what.by.Organisation.ID, Via: via, Network: network, Action: what.action,
		Object: what.object, Detail: detail,
	}})
}

// send puts an e-mail into the outbox.
func (s *Service) send(ctx context.Context, a store.Accounts, to, language string, m letter) error {
	subject, text := m.write(language)
	return notify.Write(ctx, a.Outbox(), s.box, notify.Message{To: to, Subject: subject, Text: text}, s.now())
}

// cleanEmail is an e-mail address as it is compared: lower case, without a name.
func cleanEmail(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || len(text) > 254 || !utf8.ValidString(text) || strings.ContainsAny(text, " \t\r\n\"<>\x00") || !strings.Contains(text[strings.LastIndexByte(text, '@'):], ".") {
		return "", &InputError{"email", "email"}
	}
	return text, nil
}

// cleanName is a name of a person, an organisation or an app.
func cleanName(field, text string) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	switch {
	case text == "":
		return "", &InputError{field, "empty"}
	case utf8.RuneCountInString(text) > 100:
		return "", &InputError{field, "long"}
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x202e || r == 0x2066 }):
		return "", &InputError{field, "characters"}
	}
	return text, nil
}

// cleanLanguage is a language that there are texts in; English for all others.
func cleanLanguage(text string) string {
	for _, l := range explain.Languages() {
		if l == text {
			return l
		}
	}
	return "en"
}

// checkPassword refuses passwords that are guessed first.
func checkPassword(password string, known ...string) error {
	if code := passwords.Check(password, known...); code != "" {
		return &InputError{"password", code}
	}
	return nil
}

// hidden turns "not found" into ErrForbidden, so that nobody learns what is there.
func hidden(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrForbidden
	}
	return err
}

// cleanText is a text from outside as it can be kept and shown: without control characters.
func cleanText(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
}

// NameOf is what somebody is called, or the id where nobody has it: logs and decisions show it to colleagues.
func (s *Service) NameOf(ctx context.Context, id string) string {
	name := id
	if err := s.view(ctx, func(a store.Accounts) error {
		p, err := a.People().ByID(ctx, id)
		if err == nil && p.Name != "" {
			name = p.Name
		}
		return err
	}); err != nil {
		return id
	}
	return name
}
