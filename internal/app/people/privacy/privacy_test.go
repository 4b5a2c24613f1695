package privacy_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/people/privacy"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/store"
)

const (
	name  = "Zeynep Aydın & Öz"
	email = "zeynep.aydin@posta.example"
)

// 14.2.4: after somebody was erased neither the name nor the address stands anywhere in the database: not in a table, not in a byte of the file or
// the log. What the person did stays, under an id, and the audit log proves itself.
func TestErasedFromTheWholeDatabase(t *testing.T) {
	onEach(t, func(w *world) {
		admin := w.admin("op@example.org")
		owner := w.publisher("Deniz Kaya", "deniz@posta.example")
		victim := w.join(owner, name, email, people.Owner)
		near := w.join(owner, "Zeynep Aydın", "x."+email, people.Reader) // somebody else, with a part of the name, and an address that ends like it
		w.leaves(victim, name, email)
		for _, what := range []string{name, email} {
			if len(w.search(what)) == 0 {
				w.Fatalf("%q was never there: the search finds nothing", what)
			}
		}
		before := w.log()
		done, err := w.privacy.Erase(w.Context(), admin, victim.Person, " "+strings.ToUpper(email), true)
		w.must(err)
		for _, what := range []string{name, email, "Zeynep Aydın \\u0026 Öz", "Zey's telephone", "Telefon von"} {
			for _, found := range w.search(what) {
				if what == email && has(w.search("x."+email), found) {
					continue // of the other one, looked at below
				}
				w.Errorf("%q stands in %s", what, found)
			}
		}
		if done.Rows == 0 || done.Texts < 15 || done.Entries < 3 || done.Keys != 1 || len(done.Closed) != 0 {
			w.Errorf("%+v", done)
		}
		// The other one is as it was, and now gives way to a search without it.
		if got, err := w.people.NameOf(w.Context(), near.Person), error(nil); got != "Zeynep Aydın" || err != nil {
			w.Errorf("somebody else is called %q", got)
		}
		_, err = w.privacy.Erase(w.Context(), admin, near.Person, "x."+email, false)
		w.must(err)
		for _, found := range w.search(email) {
			w.Errorf("%q stands in %s", email, found)
		}

		// Nothing of the log but details has changed, and it says itself which.
		v := w.verified()
		if v.Broken != 0 || v.Redacted < 3 {
			w.Errorf("the audit log: %+v", v)
		}
		after := w.log()
		for i, e := range before {
			now := after[i]
			e.Detail, e.Salt, now.Detail, now.Salt = "", nil, "", nil
			if string(e.Hash) != string(now.Hash) || e.Action != now.Action || e.Person != now.Person || e.Object != now.Object || !e.At.Equal(now.At) {
				w.Errorf("entry %d was %+v and is %+v", i+1, e, now)
			}
		}
		// Whoever it was does not come back.
		if _, err := w.people.SignIn(w.Context(), email, password, home); !errors.Is(err, people.ErrWrong) {
			w.Errorf("signing in: %v", err)
		}
		if err := w.people.Unlock(w.Context(), admin, victim.Person); !errors.Is(err, people.ErrForbidden) {
			w.Errorf("letting in again: %v", err)
		}
		if got, err := w.people.Viewer(w.Context(), victim.Session, home.Network); err != nil || got.Person != "" {
			w.Errorf("the session goes on: %+v, %v", got, err)
		}
		// The address is free for somebody new.
		w.must(w.people.SignUp(w.Context(), people.SignUpForm{Organisation: "New", Name: "New", Email: email, Password: password}, home))
		if _, err := w.privacy.Erase(w.Context(), admin, victim.Person, email, true); !errors.Is(err, people.ErrForbidden) {
			w.Errorf("erasing twice: %v", err)
		}
	})
}

// lazy is a store with a fault.
type lazy struct {
	store.Store
	scrubs, rewrites bool
}

func (l lazy) Scrub(ctx context.Context) error {
	if l.scrubs {
		return l.Store.Scrub(ctx)
	}
	return nil
}

func (l lazy) Update(ctx context.Context, do func(store.Tx) error) error {
	return l.Store.Update(ctx, func(tx store.Tx) error { return do(lazyTx{tx, l}) })
}

type lazyTx struct {
	store.Tx
	lazy
}

func (t lazyTx) Platform() store.Platform { return lazyPlatform{t.Tx.Platform(), t.lazy} }

type lazyPlatform struct {
	store.Platform
	lazy lazy
}

func (p lazyPlatform) Accounts() store.Accounts { return lazyAccounts{p.Platform.Accounts(), p.lazy} }

type lazyAccounts struct {
	store.Accounts
	lazy lazy
}

func (a lazyAccounts) Traces() store.Traces { return lazyTraces{a.Accounts.Traces(), a.lazy} }

type lazyTraces struct {
	store.Traces
	lazy lazy
}

func (t lazyTraces) Rewrite(ctx context.Context, words []string, rewrite func(string) string) (int64, error) {
	if t.lazy.rewrites {
		return t.Traces.Rewrite(ctx, words, rewrite)
	}
	return 0, nil
}

// The red controls of the search: an erasure that leaves texts, or what was deleted in the file, is found out.
func TestErasureThatLeavesSomethingIsFoundOut(t *testing.T) {
	for what, fault := range map[string]lazy{"texts": {scrubs: true}, "the file": {rewrites: true}, "nothing": {scrubs: true, rewrites: true}} {
		w := onSQLite(t)
		admin := w.admin("op@example.org")
		owner := w.publisher("Deniz Kaya", "deniz@posta.example")
		victim := w.join(owner, name, email, people.Owner)
		w.leaves(victim, name, email)
		fault.Store = w.store
		_, err := privacy.New(fault, w.now).Erase(w.Context(), admin, victim.Person, email, true)
		w.must(err)
		if found := w.search(name); (len(found) > 0) != (what != "nothing") {
			t.Errorf("an erasure that leaves %s: the name stands in %q", what, found)
		}
	}
}

// The last one who answers for an organisation stays while there is money, or others, or while it still earns; then it goes, and the
// organisation is closed.
func TestLastOwnerStaysUntilItIsHandedOver(t *testing.T) {
	onEach(t, func(w *world) {
		admin := w.admin("op@example.org")
		owner := w.publisher(name, email)
		_, err := w.people.MakeApp(w.Context(), owner, "Shop", []string{"read"}, nil)
		w.must(err)
		reader := w.join(owner, "Deniz Kaya", "deniz@posta.example", people.Reader)
		w.must(w.people.Invite(w.Context(), owner, "guest@posta.example", people.Reader))
		w.must(w.store.Update(w.Context(), func(tx store.Tx) error {
			return tx.Payouts().PutDetails(w.Context(), owner.Organisation.Publisher, []byte(`{"account":{"name":"`+"Zeynep"+`"}}`), w.clock)
		}))
		refused := func(why privacy.Why, doing string) {
			w.Helper()
			before := len(w.log())
			_, err := w.privacy.Erase(w.Context(), admin, owner.Person, email, true)
			var kept *privacy.KeptError
			if !errors.As(err, &kept) || kept.Why != why || kept.Organisation != "Kupon Dünyası" {
				w.Errorf("%s: %v", doing, err)
			}
			if len(w.log()) != before || len(w.search(email)) == 0 {
				w.Errorf("%s: something was done", doing)
			}
		}
		refused(privacy.LastHead, "others act for it, and no owner")
		_, err = w.privacy.Erase(w.Context(), admin, reader.Person, "deniz@posta.example", true)
		w.must(err)
		w.admitted(owner.Organisation.Publisher, time.Time{})
		w.earns(owner.Organisation.Publisher, false)
		refused(privacy.MoneyDue, "money that is pending")
		w.earns(owner.Organisation.Publisher, true)
		refused(privacy.TakesPart, "an ad space that earns")
		w.admitted(owner.Organisation.Publisher, w.clock)
		done, err := w.privacy.Erase(w.Context(), admin, owner.Person, email, false)
		w.must(err)
		if len(done.Closed) != 1 || len(w.search(email)) != 0 || len(w.search("Zeynep")) != 0 {
			w.Errorf("%+v, %q", done, w.search("Zeynep"))
		}
		w.must(w.store.View(w.Context(), func(tx store.Tx) error {
			a := tx.Platform().Accounts()
			apps, err := a.Apps().Of(w.Context(), owner.Organisation.ID)
			open, err2 := a.Tickets().Open(w.Context(), people.ToInvite, owner.Organisation.ID, w.clock)
			details, err3 := tx.Payouts().Details(w.Context())
			if len(apps) != 1 || apps[0].RevokedAt.IsZero() || len(open) != 0 || len(details) != 0 {
				w.Errorf("the organisation is not closed: %+v, %+v, %v", apps, open, details)
			}
			return errors.Join(err, err2, err3)
		}))
		if v := w.verified(); v.Broken != 0 {
			w.Errorf("%+v", v)
		}
		// The operator keeps an admin, whoever asks.
		if _, err := w.privacy.EraseByCommand(w.Context(), "op@example.org", true); err == nil || !strings.Contains(err.Error(), "give the role to somebody else first") {
			w.Errorf("the last admin: %v", err)
		}
		w.admin("second@example.org")
		_, err = w.privacy.EraseByCommand(w.Context(), "OP@example.org", true)
		w.must(err)
	})
}

// Who may erase: an admin, proved lately, not itself, not by an app, and who knows whom.
func TestWhoMayErase(t *testing.T) {
	w := onSQLite(t)
	admin := w.admin("op@example.org")
	owner := w.publisher(name, email)
	other := w.publisher("Deniz", "deniz@posta.example")
	stale, app := admin, admin
	stale.ProvedAt = w.clock.Add(-time.Hour)
	app.App = "app_1"
	for what, c := range map[string]struct {
		v               people.Viewer
		person, address string
		want            string
	}{
		"nobody":              {people.Viewer{}, owner.Person, email, people.ErrForbidden.Error()},
		"another publisher":   {other, owner.Person, email, people.ErrForbidden.Error()},
		"without a proof":     {stale, owner.Person, email, people.ErrStepUp.Error()},
		"an app":              {app, owner.Person, email, people.ErrForbidden.Error()},
		"itself":              {admin, admin.Person, "op@example.org", "person: self"},
		"another address":     {admin, owner.Person, "deniz@posta.example", "address: other"},
		"somebody who is not": {admin, "per_nobody", email, people.ErrForbidden.Error()},
	} {
		if _, err := w.privacy.Erase(w.Context(), c.v, c.person, c.address, true); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", what, err, c.want)
		}
	}
	if len(w.search(email)) == 0 {
		t.Error("somebody was erased")
	}
}

// What is kept of somebody is given to that person, whole, to nobody else, and without what opens an account.
func TestExport(t *testing.T) {
	onEach(t, func(w *world) {
		admin := w.admin("op@example.org")
		owner := w.publisher("Deniz Kaya", "deniz@posta.example")
		victim := w.join(owner, name, email, people.Owner)
		w.leaves(victim, name, email)
		w.must(w.people.Lock(w.Context(), admin, victim.Person))
		w.must(w.people.Unlock(w.Context(), admin, victim.Person))

		stale, app := victim, victim
		stale.ProvedAt = w.clock.Add(-time.Hour)
		app.App = "app_1"
		for what, c := range map[string]struct {
			v    people.Viewer
			want error
		}{"without a proof": {stale, people.ErrStepUp}, "an app": {app, people.ErrForbidden}, "nobody": {people.Viewer{}, people.ErrForbidden}} {
			if _, err := w.privacy.Export(w.Context(), c.v); !errors.Is(err, c.want) {
				w.Errorf("%s: %v", what, err)
			}
		}
		b, err := w.privacy.Export(w.Context(), victim)
		w.must(err)
		var d privacy.Data
		w.must(json.Unmarshal(b, &d))
		if d.Person.Name != name || d.Person.Email != email || !d.Person.Password || d.Person.SecondFactorOn == nil || d.Person.RecoveryCodes == 0 || len(d.Person.Passkeys) != 1 {
			w.Errorf("%+v", d.Person)
		}
		for what, n := range map[string][2]int{
			"memberships": {len(d.Memberships), 1}, "links": {len(d.Links), 2}, "apps": {len(d.Apps), 1}, "keys": {len(d.Keys), 1}, "messages": {len(d.Messages), 1},
			"announcements": {len(d.Announcements), 1}, "cases": {len(d.Cases), 1}, "files": {len(d.Files), 1}, "proposals": {len(d.Proposals), 1},
		} {
			if n[0] != n[1] {
				w.Errorf("%d %s, want %d", n[0], what, n[1])
			}
		}
		if len(d.Mail) < 3 || len(d.Audit) < 6 {
			w.Errorf("%d e-mails, %d entries", len(d.Mail), len(d.Audit))
		}
		mine, others := 0, 0
		for _, e := range d.Audit {
			switch {
			case e.ByYou:
				mine++
			case e.Action == "person.locked":
				others++
				if e.Network != "" || e.Via != "" {
					w.Errorf("it says from where somebody else did it: %+v", e)
				}
			}
		}
		if mine < 3 || others != 1 {
			w.Errorf("%d entries of the person, %d of who locked it out", mine, others)
		}
		var hash string
		w.must(w.store.View(w.Context(), func(tx store.Tx) error {
			p, err := tx.Platform().Accounts().People().ByID(w.Context(), victim.Person)
			hash = p.Password
			return err
		}))
		for _, secret := range []string{hash, "$argon2", victim.Session, "between us", "op@example.org", "deniz@posta.example", admin.Person} {
			if strings.Contains(strings.ToLower(string(b)), strings.ToLower(secret)) {
				w.Errorf("it holds %q", secret)
			}
		}
		if log := w.log(); log[len(log)-1].Action != "person.exported" {
			w.Errorf("the newest entry is %s", log[len(log)-1].Action)
		}
		// Somebody else gets nothing of it.
		b, err = w.privacy.Export(w.Context(), owner)
		w.must(err)
		if strings.Contains(string(b), name) || strings.Contains(string(b), "Write to") {
			w.Errorf("somebody else reads: %s", b)
		}
	})
}

// A detail that was cut and that no entry names is a change like any other.
func TestCutsThatNobodyNamesBreakTheLog(t *testing.T) {
	onEach(t, func(w *world) {
		owner := w.publisher(name, email)
		w.must(w.people.Invite(w.Context(), owner, "guest@posta.example", people.Reader))
		log := w.log()
		last := log[len(log)-1]
		w.must(w.store.Update(w.Context(), func(tx store.Tx) error {
			return audit.Redact(w.Context(), tx, w.clock, "person x", []audit.Cut{{Sequence: last.Sequence, Detail: `{"role":"reader"}`}})
		}))
		if v := w.verified(); v.Broken != 0 || v.Redacted != 1 {
			w.Errorf("a cut that is named: %+v", v)
		}
		w.must(w.store.Update(w.Context(), func(tx store.Tx) error { // as somebody would who changes the database
			return tx.Platform().Accounts().Audit().Redact(w.Context(), last.Sequence, `{"role":"owner"}`)
		}))
		if v := w.verified(); v.Broken != last.Sequence {
			w.Errorf("another detail than the one that is named: %+v, want it broken at %d", v, last.Sequence)
		}
		w.must(w.store.Update(w.Context(), func(tx store.Tx) error { return tx.Platform().Accounts().Audit().Redact(w.Context(), 1, "") }))
		if v := w.verified(); v.Broken != 1 {
			w.Errorf("a cut that nobody names: %+v", v)
		}
	})
}
