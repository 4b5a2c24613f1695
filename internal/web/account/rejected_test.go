package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/store"
)

// I1: who may see an organisation's apps sees their rejected calls with what to do about them, and none of another organisation's.
func TestI1_RejectedCallsOfApps(t *testing.T) {
	s := newSite(t)
	link, err := s.people.AddOperator(t.Context(), "op@example.org", "Op", "en", people.Admin)
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(link.Reveal(), "token=")
	const password = "correct horse battery staple"
	if err := s.people.Reset(t.Context(), token, password, people.From{}); err != nil {
		t.Fatal(err)
	}
	in, err := s.people.SignIn(t.Context(), "op@example.org", password, people.From{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.people.Viewer(t.Context(), in.Token.Reveal(), "")
	if err != nil {
		t.Fatal(err)
	}
	mine, err := s.people.MakeApp(t.Context(), v, "Shop <b>", []string{"read"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	b.open("/sign-in")
	b.send("/sign-in", "email", "op@example.org", "password", password)
	b.open("/account/apps")
	b.shows(`href="/account/apps/rejected"`)
	b.open("/account/apps/rejected")
	b.shows("Nothing was rejected")

	err = s.store.Update(t.Context(), func(tx store.Tx) error {
		a := tx.Platform().Accounts()
		if err := a.Organisations().Put(t.Context(), store.Organisation{ID: "other", Kind: store.KindPublisher, Name: "Other", Publisher: "other", CreatedAt: s.now()}); err != nil {
			return err
		}
		if err := a.Apps().Put(t.Context(), store.App{ID: "app9", Organisation: "other", Name: "Theirs", CreatedAt: s.now()}); err != nil {
			return err
		}
		return a.Apps().PutKey(t.Context(), store.AppKey{ID: "key9", App: "app9", CreatedAt: s.now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	call := intake.RejectedCall{
		Key: mine.Key, At: s.now(), Operation: "import-stores", Path: "/v1/stores:import", Status: 400, Type: "https://docs.example/api#invalid-input",
		Errors: []intake.CallError{{Line: 3, Field: "store", Reason: "is <i>a number", Fix: "write text"}, {Field: "name", Reason: "is missing", Fix: "give it"}},
	}
	refused := call
	refused.At, refused.Type, refused.Status, refused.Refused, refused.Path = s.now().Add(time.Minute), "", 200, 2, "/v1/newest"
	theirs := call
	theirs.Key, theirs.Path = "key9", "/v1/of-another"
	if err := intake.New(s.store, s.now).KeepRejected(t.Context(), []intake.RejectedCall{call, refused, theirs}); err != nil {
		t.Fatal(err)
	}
	b.open("/account/apps/rejected")
	b.shows("Shop <b>", mine.Key, "import-stores", "400 invalid-input", "line 3: store", "is <i>a number", "write text", "is missing", "200, 2 events refused")
	if strings.Contains(b.page, "of-another") {
		t.Error("the page shows calls of another organisation")
	}
	if strings.Index(b.page, "/v1/newest") > strings.Index(b.page, "/v1/stores:import") {
		t.Error("the newest call does not stand first")
	}
}
