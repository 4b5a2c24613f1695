package privacy_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp/totp"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/people/privacy"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/pgtest"
	"github.com/clickledger/clickledger/internal/store/postgres"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/trust"
)

// world is accounts on a database of their own, with a clock that stands until it is moved.
type world struct {
	*testing.T
	people  *people.Service
	privacy *privacy.Service
	store   store.Store
	box     *seal.Box
	clock   time.Time
	read    map[string]bool
	// search returns where something stands in the whole database, as table or file.
	search func(what string) []string
}

const password = "correct horse battery staple"

var home = people.From{Network: "192.0.2.0/24", Agent: "Firefox"}

// onEach runs a test on each engine.
func onEach(t *testing.T, do func(w *world)) {
	t.Run("sqlite", func(t *testing.T) { do(onSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { do(onPostgres(t)) })
}

func newWorld(t *testing.T, s store.Store) *world {
	box, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, store: s, box: box, clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), read: map[string]bool{}}
	w.people = people.New(s, box, "https://aff.example", w.now)
	w.privacy = privacy.New(s, w.now)
	return w
}

func (w *world) now() time.Time { return w.clock }

func onSQLite(t *testing.T) *world {
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	w := newWorld(t, s)
	w.search = func(what string) (found []string) {
		for _, end := range []string{"", "-wal", "-shm"} {
			b, err := os.ReadFile(path + end)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			if bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(what))) {
				found = append(found, "the file store.db"+end)
			}
		}
		return found
	}
	return w
}

func onPostgres(t *testing.T) *world {
	dsn := pgtest.Database(t)
	s, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	w := newWorld(t, s)
	w.search = func(what string) (found []string) {
		dump, err := pgx.Connect(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer dump.Close(t.Context())
		rows, err := dump.Query(t.Context(), "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1")
		if err != nil {
			t.Fatal(err)
		}
		tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(tables) < 40 {
			t.Fatal(len(tables), err)
		}
		for _, table := range tables { // bytes are shown in hex
			var n int
			err := dump.QueryRow(t.Context(), "SELECT count(*) FROM "+table+" t WHERE position($1 in lower(t::text)) > 0 OR position($2 in t::text) > 0",
				strings.ToLower(what), hex.EncodeToString([]byte(what))).Scan(&n)
			if err != nil {
				t.Fatal(err)
			}
			if n > 0 {
				found = append(found, table)
			}
		}
		return found
	}
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// token returns the token in the link of the newest e-mail.
func (w *world) token() (token string) {
	w.Helper()
	w.must(w.store.View(w.Context(), func(tx store.Tx) error {
		due, err := tx.Platform().Accounts().Outbox().Due(w.Context(), w.clock.Add(time.Hour), 1000)
		for _, m := range due {
			if w.read[m.ID] {
				continue
			}
			w.read[m.ID] = true
			message, err := notify.Read(w.box, m)
			if err != nil {
				return err
			}
			if m := regexp.MustCompile(`token=([A-Za-z0-9_-]+)`).FindStringSubmatch(message.Text); m != nil {
				token = m[1]
			}
		}
		return err
	}))
	if token == "" {
		w.Fatal("no e-mail has a link")
	}
	return token
}

func (w *world) signIn(email string) people.Viewer {
	w.Helper()
	in, err := w.people.SignIn(w.Context(), email, password, home)
	w.must(err)
	v, err := w.people.Viewer(w.Context(), in.Token.Reveal(), home.Network)
	w.must(err)
	return v
}

func (w *world) admin(email string) people.Viewer {
	w.Helper()
	link, err := w.people.AddOperator(w.Context(), email, "Op "+email, "en", people.Admin)
	w.must(err)
	_, token, _ := strings.Cut(link.Reveal(), "token=")
	w.must(w.people.Reset(w.Context(), token, password, home))
	return w.signIn(email)
}

func (w *world) publisher(name, email string) people.Viewer {
	w.Helper()
	w.must(w.people.SignUp(w.Context(), people.SignUpForm{Organisation: "Kupon Dünyası", Name: name, Email: email, Password: password, Language: "tr"}, home))
	w.must(w.people.CheckEmail(w.Context(), w.token(), home))
	return w.signIn(email)
}

func (w *world) join(head people.Viewer, name, email string, role people.Role) people.Viewer {
	w.Helper()
	w.must(w.people.Invite(w.Context(), head, email, role))
	w.must(w.people.Accept(w.Context(), people.Viewer{}, w.token(), name, password, "en", home))
	return w.signIn(email)
}

// leaves enters everything that a person can leave behind.
func (w *world) leaves(v people.Viewer, name, email string) {
	w.Helper()
	ctx := w.Context()
	e, err := w.people.StartFactor(ctx, v)
	w.must(err)
	code, err := totp.GenerateCode(e.Secret.Reveal(), w.clock)
	w.must(err)
	_, err = w.people.ConfirmFactor(ctx, v, code)
	w.must(err)
	_, err = w.people.MakeApp(ctx, v, "The script of "+name, []string{"read", "links:write"}, nil)
	w.must(err)
	_, err = w.people.SignIn(ctx, email, "a wrong password indeed", home)
	if !errors.Is(err, people.ErrWrong) {
		w.Fatal(err)
	}
	w.must(w.people.Forgot(ctx, email, home))
	w.must(w.store.Update(ctx, func(tx store.Tx) error {
		a, d := tx.Platform().Accounts(), tx.Platform().Desk()
		p, err := a.People().ByID(ctx, v.Person)
		if err != nil {
			return err
		}
		p.Passkeys = []store.Passkey{{ID: []byte{1}, Name: "Telefon von " + name, PublicKey: []byte{2}, CreatedAt: w.clock}}
		asker := store.Asker{Publisher: v.Organisation.Publisher}
		inquiry, err := d.Inquiries().Put(ctx, store.Inquiry{Asker: asker, Kind: "other", Subject: "From " + name, State: "open", VerdictBy: name, CreatedBy: v.Person, Messages: 1, CreatedAt: w.clock, ChangedAt: w.clock})
		announcement, err2 := d.Announcements().Put(ctx, store.Announcement{Audience: store.Audience{Kind: "publishers"}, Titles: program.Text{"en": "Hi"}, Texts: program.Text{"en": "Ask " + email + "."}, From: w.clock, CreatedAt: w.clock, CreatedBy: name})
		c, err3 := json.Marshal(trust.Case{ID: "case1", Program: "tr", Publisher: asker.Publisher, State: trust.Open, OpenedBy: "rule:x", OpenedAt: w.clock, Messages: []trust.Message{
			{By: v.Person, FromPublisher: true, Text: "It was not me, " + strings.ToUpper(email) + ".", At: w.clock}, {By: "somebody", Text: "Between us: " + name + " is odd.", At: w.clock},
		}})
		o, err4 := a.Organisations().ByID(ctx, v.Organisation.ID)
		o.Profile = store.Profile{Contact: name + ", " + email, Audience: "Everybody"}
		_, _, err5 := tx.Keys().Claim(ctx, "key1 invite-member", "k", []byte("h"), w.clock)
		app, err6 := tx.Platform().Joining().PutApplication(ctx, store.Application{Program: "tr", Publisher: asker.Publisher, Place: "blog", State: "approved", Note: "Spoke with " + name, CreatedAt: w.clock, ChangedAt: w.clock, ChangedBy: name})
		_ = app
		return errors.Join(err, err2, err3, err4, err5, err6, a.People().Put(ctx, p), a.Organisations().Put(ctx, o),
			tx.Keys().Answer(ctx, "key1 invite-member", "k", []byte(`{"members":[{"name":"`+name+`","email":"`+email+`"}]}`)),
			d.Inquiries().Say(ctx, store.InquiryMessage{Inquiry: inquiry.ID, Number: 1, At: w.clock, Person: v.Person, Name: name, Text: "Write to " + email + " or call. Yours, " + name}),
			d.Announcements().MarkRead(ctx, announcement.ID, v.Person, w.clock),
			d.Cases().Put(ctx, store.CaseRow{ID: "case1", Program: "tr", Publisher: asker.Publisher, State: "open", OpenedAt: w.clock, JSON: c}, 0),
			d.Cases().PutFile(ctx, store.CaseFile{Case: "case1", Number: 1, Name: name + ".pdf", Type: "application/pdf", By: v.Person, At: w.clock, Data: []byte("%PDF-")}),
			d.PutManager(ctx, store.Manager{Asker: asker, Name: name, Email: email, AssignedBy: name, AssignedAt: w.clock}),
			tx.Platform().Sellers().Note(ctx, []store.StoreChange{{Store: "s1", At: w.clock, By: name, What: "joined"}}),
			tx.Platform().Joining().PutPlace(ctx, store.Place{Publisher: asker.Publisher, ID: "blog", Kind: "blog", Name: "Blog of " + name, URL: "https://blog.example/", TrafficType: program.Content, Description: email, VerifiedBy: "dns", CreatedAt: w.clock}),
			a.Agreements().PutProposal(ctx, store.Proposal{ID: "pro1", Kind: "program", Object: "tr", Text: "x", Why: name + " asked", State: store.ProposalOpen, ProposedBy: v.Person, ProposedAt: w.clock}),
			a.Rejected().Add(ctx, []store.RejectedCall{{Key: "k", At: w.clock, Operation: "o", Path: "/v1/x", Status: 422, Errors: []store.CallError{{Field: "email", Reason: email + " is a member", Fix: "none"}}}}, 100),
			a.Outbox().Put(ctx, store.Mail{ID: "sent", To: email, CreatedAt: w.clock, SentAt: w.clock, Failure: "550 <" + email + "> unknown"}),
			audit.Note(audit.With(ctx, audit.By{Person: v.Person, Network: home.Network}), tx, w.clock, audit.Act{Action: "manager.assigned", Object: "publisher x", Before: audit.Values{"name": name}, After: audit.Values{"email": email}, Reason: "as " + name + " wished"}),
			audit.Note(ctx, tx, w.clock, audit.Act{Action: "passkey.added", Object: "person " + v.Person, After: audit.Values{"name": "Zey's telephone"}}),
		)
	}))
}

// admitted lets an ad space of a publisher into a program.
func (w *world) admitted(of string, blocked time.Time) {
	w.Helper()
	w.must(w.store.Update(w.Context(), func(tx store.Tx) error {
		return tx.Facts().PutAdSpaces(w.Context(), []*publisher.AdSpace{{ID: "blog", Publisher: of, Program: "tr", TrafficType: program.Content, ApprovedAt: w.clock, BlockedAt: blocked}})
	}))
}

// earns books something to a publisher, or takes it out again.
func (w *world) earns(of string, back bool) {
	w.Helper()
	from, to := ledger.Account{Kind: ledger.Fund, Program: "tr"}, ledger.Of(ledger.Pending, "tr", of)
	if back {
		from, to = to, from
	}
	w.must(w.store.Update(w.Context(), func(tx store.Tx) error {
		return tx.Ledger().Post(w.Context(), []ledger.Transaction{{
			ID: fmt.Sprint("ent_", back), Cause: fmt.Sprint("c", back), Reason: ledger.ReasonPend, Program: "tr", Publisher: of, Currency: "TRY", EffectiveAt: w.clock, RecordedAt: w.clock,
			Movements: []ledger.Movement{{From: from, To: to, Amount: 5}},
		}})
	}))
}

func (w *world) log() (all []store.AuditEntry) {
	w.Helper()
	w.must(w.store.View(w.Context(), func(tx store.Tx) (err error) {
		all, err = tx.Platform().Accounts().Audit().After(w.Context(), 0, 1000)
		return err
	}))
	return all
}

func (w *world) verified() audit.Verified {
	w.Helper()
	v, err := w.people.VerifyAudit(w.Context(), "")
	w.must(err)
	return v
}

func has(all []string, one string) bool { return slices.Contains(all, one) }
