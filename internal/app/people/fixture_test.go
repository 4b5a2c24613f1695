package people

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/clickledger/clickledger/internal/app/people/passwords"
	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

// world is a service on a database of its own, with a clock that stands until it is moved.
type world struct {
	*testing.T
	*Service
	ctx   context.Context
	store store.Store
	box   *seal.Box
	clock time.Time
	path  string          // of the database
	read  map[string]bool // e-mails that were taken from the outbox
}

const goodPassword = "correct horse battery staple"

var home = From{Network: "192.0.2.0/24", Agent: "Firefox"}

func newWorld(t *testing.T) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	box, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, ctx: t.Context(), path: path, store: s, box: box, clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), read: map[string]bool{}}
	w.Service = newService(s, box, "https://aff.example/", func() time.Time { return w.clock }, passwords.Cost{Memory: 64, Time: 1, Threads: 1})
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) is(err, want error, doing string) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("%s: the error is %v, want %v", doing, err, want)
	}
}

// pass lets time pass.
func (w *world) pass(d time.Duration) { w.clock = w.clock.Add(d) }

// mails returns the e-mails that were written since the last call.
func (w *world) mails() (all []notify.Message) {
	w.Helper()
	w.must(w.store.View(w.ctx, func(tx store.Tx) error {
		due, err := tx.Platform().Accounts().Outbox().Due(w.ctx, w.clock.Add(time.Hour), 1000)
		for _, m := range due {
			if !w.read[m.ID] {
				w.read[m.ID] = true
				message, err := notify.Read(w.box, m)
				if err != nil {
					return err
				}
				all = append(all, message)
			}
		}
		return err
	}))
	return all
}

var tokenIn = regexp.MustCompile(`token=([A-Za-z0-9_-]+)`)

// token returns the token in the link of the one e-mail that was written since the last call.
func (w *world) token() string {
	w.Helper()
	all := w.mails()
	if len(all) != 1 {
		w.Fatalf("there are %d e-mails, want 1: %v", len(all), all)
	}
	m := tokenIn.FindStringSubmatch(all[0].Text)
	if m == nil {
		w.Fatalf("the e-mail has no link: %s", all[0].Text)
	}
	return m[1]
}

// publisher signs a publisher up and confirms its e-mail address.
func (w *world) publisher(email string) {
	w.Helper()
	w.must(w.SignUp(w.ctx, SignUpForm{Organisation: "Kupon", Name: "Ada", Email: email, Password: goodPassword, Language: "en"}, home))
	w.must(w.CheckEmail(w.ctx, w.token(), home))
}

// signIn signs somebody in who has no second factor.
func (w *world) signIn(email string) (Viewer, string) {
	w.Helper()
	in, err := w.SignIn(w.ctx, email, goodPassword, home)
	w.must(err)
	return w.viewer(in.Token.Reveal()), in.Token.Reveal()
}

func (w *world) viewer(token string) Viewer {
	w.Helper()
	v, err := w.Viewer(w.ctx, token, home.Network)
	w.must(err)
	return v
}

// operatorAs adds a person of the operator and signs it in.
func (w *world) operatorAs(email string, role Role) Viewer {
	w.Helper()
	link, err := w.AddOperator(w.ctx, email, "Op", "en", role)
	w.must(err)
	w.must(w.Reset(w.ctx, tokenIn.FindStringSubmatch(link.Reveal())[1], goodPassword, home))
	w.mails()
	v, _ := w.signIn(email)
	return v
}

// join makes somebody new a member of a viewer's organisation and signs it in.
func (w *world) join(head Viewer, email string, role Role) Viewer {
	w.Helper()
	w.must(w.Invite(w.ctx, head, email, role))
	w.must(w.Accept(w.ctx, Viewer{}, w.token(), "New", goodPassword, "tr", home))
	v, _ := w.signIn(email)
	return v
}

// withFactor turns a viewer's second factor on and returns its secret and recovery codes.
func (w *world) withFactor(v Viewer) (string, []Secret) {
	w.Helper()
	e, err := w.StartFactor(w.ctx, v)
	w.must(err)
	codes, err := w.ConfirmFactor(w.ctx, v, w.code(e.Secret.Reveal()))
	w.must(err)
	w.pass(period)
	w.mails()
	return e.Secret.Reveal(), codes
}

func (w *world) code(secret string) string {
	w.Helper()
	code, err := totp.GenerateCode(secret, w.clock)
	w.must(err)
	return code
}

// actions returns the actions in the audit log, and checks its chain.
func (w *world) actions() string {
	w.Helper()
	got, err := w.VerifyAudit(w.ctx, "")
	w.must(err)
	if got.Broken != 0 {
		w.Errorf("the audit log is broken at %d", got.Broken)
	}
	var all []string
	w.must(w.store.View(w.ctx, func(tx store.Tx) error {
		es, err := tx.Platform().Accounts().Audit().After(w.ctx, 0, 1000)
		for _, e := range es {
			all = append(all, e.Action)
		}
		return err
	}))
	return strings.Join(all, " ")
}

func limitOf(err error) time.Duration {
	var l *LimitError
	if errors.As(err, &l) {
		return l.Wait
	}
	return 0
}

func codeOf(err error) string {
	var e *InputError
	if errors.As(err, &e) {
		return e.Field + " " + e.Code
	}
	return ""
}
