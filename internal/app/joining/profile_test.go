package joining

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/store"
)

func (w *world) stands(publisher string) {
	w.t.Helper()
	o := store.Organisation{ID: "org_" + publisher, Kind: store.KindPublisher, Name: "House of " + publisher, Publisher: publisher, CreatedAt: w.clock}
	if err := w.db.Update(w.t.Context(), func(tx store.Tx) error { return tx.Platform().Accounts().Organisations().Put(w.t.Context(), o) }); err != nil {
		w.t.Fatal(err)
	}
}

// logged are the audit entries about an object, the oldest first.
func (w *world) logged(object string) (all []store.AuditEntry) {
	w.t.Helper()
	if err := w.db.View(w.t.Context(), func(tx store.Tx) error {
		entries, err := tx.Platform().Accounts().Audit().After(w.t.Context(), 0, 1000)
		for _, e := range entries {
			if e.Object == object {
				all = append(all, e)
			}
		}
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return all
}

// A1: a publisher describes itself; what is wrong is named, what is kept is written in one way, and the audit log has what changed.
func TestA1_Profile(t *testing.T) {
	w := newWorld(t)
	good := func() Profile {
		return Profile{Audience: " readers ", Sources: "search", Methods: []string{"video", "reviews", "video"}, Languages: []string{"TR", "en"}, Countries: []string{"tr"}, Website: "https://me.example/", Contact: "Ann"}
	}
	if _, err := w.SetProfile(t.Context(), "ann", good()); !errors.Is(err, ErrNotFound) {
		t.Errorf("a publisher that nobody stands for: %v", err)
	}
	w.stands("ann")
	w.stands("bob")
	for field, change := range map[string]func(p *Profile){
		"audience":  func(p *Profile) { p.Audience = " " },
		"sources":   func(p *Profile) { p.Sources = strings.Repeat("x", 2001) },
		"methods":   func(p *Profile) { p.Methods = []string{"magic"} },
		"languages": func(p *Profile) { p.Languages = []string{"tur"} },
		"countries": func(p *Profile) { p.Countries = []string{"T"} },
		"website":   func(p *Profile) { p.Website = "javascript:alert(1)" },
		"contact":   func(p *Profile) { p.Contact = "a\x00b" },
	} {
		p := good()
		change(&p)
		if _, err := w.SetProfile(t.Context(), "ann", p); fieldOf(err) != field {
			t.Errorf("a wrong %s: %v", field, err)
		}
	}
	if n := len(w.logged("publisher ann")); n > 0 {
		t.Errorf("what was refused is in the log: %d", n)
	}
	want := Profile{Audience: "readers", Sources: "search", Methods: []string{"reviews", "video"}, Languages: []string{"en", "tr"}, Countries: []string{"TR"}, Website: "https://me.example/", Contact: "Ann"}
	if got, err := w.SetProfile(t.Context(), "ann", good()); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	name, got, err := w.Profile(t.Context(), "ann")
	if err != nil || name != "House of ann" || !reflect.DeepEqual(got, want) {
		t.Errorf("%s %+v %v, want %+v", name, got, err, want)
	}
	if _, other, err := w.Profile(t.Context(), "bob"); err != nil || Told(other) {
		t.Errorf("somebody else's profile: %+v %v", other, err)
	}
	if all := w.logged("publisher ann"); len(all) != 1 || all[0].Action != "profile.changed" || audit.Read(all[0]).After["audience"] != "readers" {
		t.Errorf("the log has %+v", all)
	}
	if names, err := w.Names(t.Context()); err != nil || len(names) != 2 || names["bob"] != "House of bob" {
		t.Errorf("names %v, %v", names, err)
	}
}

// A2: what the program's rules decide at once is in the audit log, as theirs; what waits for a reviewer is there as made only.
func TestA2_RulesDecideInTheLog(t *testing.T) {
	w := newWorld(t)
	w.ranks["ann"] = 1
	w.verified(blog("ann"))
	a, err := w.Apply(t.Context(), "global-eu", "ann", "blog")
	if err != nil || a.State != Approved || a.ChangedBy != ByRule {
		t.Fatalf("%+v, %v", a, err)
	}
	all := w.logged("application 1")
	if len(all) != 2 || all[0].Action != "application.made" || all[1].Action != "application.approved" {
		t.Fatalf("the log has %+v", all)
	}
	if d := audit.Read(all[1]); d.Before["state"] != Pending || d.After["state"] != Approved || d.After["by"] != ByRule || d.After["document"] == "" || !strings.Contains(d.Reason, "affiliate ranking 1") {
		t.Errorf("the decision stands there as %+v", d)
	}
	w.verified(blog("bob"))
	if a, err = w.Apply(t.Context(), "global-eu", "bob", "blog"); err != nil || a.State != Pending {
		t.Fatalf("%+v, %v", a, err)
	}
	if all := w.logged("application 2"); len(all) != 1 || all[0].Action != "application.made" {
		t.Errorf("of one that waits the log has %+v", all)
	}
}

// I6: what a publisher says of an ad space, that it was verified, and what it answers a reviewer is in the audit log; what is refused is not.
func TestI6_AdSpacesInTheLog(t *testing.T) {
	w := newWorld(t)
	if _, err := w.Describe(t.Context(), Place{Publisher: "ann", ID: "blog"}); err == nil {
		t.Fatal("an ad space with nothing is taken")
	}
	if n := len(w.logged("ad space ann blog")); n > 0 {
		t.Errorf("what was refused is in the log: %d", n)
	}
	p := blog("ann")
	w.verified(p)
	p.Name = "Another name"
	if _, err := w.Describe(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	all := w.logged("ad space ann blog")
	if len(all) != 3 || all[0].Action != "ad_space.entered" || all[1].Action != "ad_space.verified" || all[2].Action != "ad_space.changed" {
		t.Fatalf("the log has %+v", all)
	}
	if d := audit.Read(all[1]); d.Before["verified_by"] != "" || d.After["verified_by"] == "" {
		t.Errorf("the verification stands there as %+v", d)
	}
	if d := audit.Read(all[2]); d.Before["name"] == d.After["name"] || d.After["name"] != "Another name" {
		t.Errorf("the change stands there as %+v", d)
	}
	a, err := w.Apply(t.Context(), "global-eu", "ann", "blog")
	if err == nil {
		_, err = w.Decide(t.Context(), a.ID, Decision{State: Question, Note: "Who reads it?", By: "Ida"})
	}
	if err == nil {
		_, err = w.Answer(t.Context(), a.ID, "ann", " Students. ")
	}
	if err != nil {
		t.Fatal(err)
	}
	all = w.logged("application 1")
	if last := all[len(all)-1]; last.Action != "application.answered" || audit.Read(last).Reason != "Students." || audit.Read(last).After["state"] != Pending {
		t.Errorf("the answer stands there as %+v", last)
	}
}
