package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// stands makes an organisation stand for a publisher, as signing up does.
func (h *house) stands(t *testing.T, publisher string) {
	t.Helper()
	o := store.Organisation{ID: "org_of_" + publisher, Kind: store.KindPublisher, Name: "House of " + publisher, Publisher: publisher, CreatedAt: h.clock.Now()}
	if err := h.db.Update(t.Context(), func(tx store.Tx) error { return tx.Platform().Accounts().Organisations().Put(t.Context(), o) }); err != nil && !errors.Is(err, store.ErrConflict) {
		t.Fatal(err)
	}
}

// A1: by the pages: a publisher describes itself, is told what is wrong, and reviewers and operators read it; the audit log has it.
func TestA1_TheProfileByThePages(t *testing.T) {
	c := caller{newHouse(t), t}
	c.get(pubOwner, "/publisher/profile", "so it has no profile")
	form := []string{"audience", "Readers <of> blogs", "sources", "Search", "methods", "reviews", "languages", "EN, tr", "countries", "tr", "website", "https://me.example/", "contact", "Ann, ann@me.example"}
	c.post(pubOwner, "/publisher/profile", 404, form...) // nobody stands for the publisher
	c.stands(t, "pub-00")
	if text := c.post(pubOwner, "/publisher/profile", 422, append(form, "website", "me")...); !strings.Contains(text, "website-error") || !strings.Contains(text, "Readers &lt;of&gt; blogs") || !strings.Contains(text, `value="reviews" checked`) {
		t.Errorf("nobody says what is wrong, or what was entered is gone:\n%s", text)
	}
	if text := c.post(pubOwner, "/publisher/profile", 422, append(form, "methods", "magic")...); !strings.Contains(text, "methods-error") {
		t.Error("an unknown method is taken, or nobody says so")
	}
	c.post(pubReader, "/publisher/profile", 403, form...)
	c.post(pubOwner, "/publisher/profile", 303, form...)
	c.get(pubOwner, "/publisher/profile?saved=1", "Your profile is saved.", `value="en, tr"`, `value="TR"`)
	c.get(pubReader, "/publisher/profile", "Readers &lt;of&gt; blogs", "Owners and members")
	_, application := c.applied(t, "pub-00")
	for _, target := range []string{"/applications/" + application, "/publishers/global-eu/pub-00"} {
		c.get(opReviewer, target, "Readers &lt;of&gt; blogs", "Reviews and articles", "Ann, ann@me.example")
	}
	c.get("operator-admin", "/audit", "profile.changed")
}

// A1: by the pages: a new publisher sees what to do next, each step marked once it is done, and nothing of it when all are.
func TestA1_WhatToDoNext(t *testing.T) {
	c := caller{newHouse(t), t}
	ctx := t.Context()
	const who = "newcomer"
	for i := range c.people.All {
		if p := &c.people.All[i]; p.Viewer.Person == pubOwner {
			p.Viewer.Organisation.Publisher = who
		}
	}
	c.stands(t, who)
	open := func(want ...string) {
		t.Helper()
		text := c.get(pubOwner, "/publisher")
		for step, href := range map[string]string{
			"Describe yourself in your profile": "/publisher/profile", "Enter an ad space": "/publisher/spaces", "Verify it": "/publisher/spaces", "Apply to a program": "/publisher/programs",
			"Make your first link": "/publisher/links", "Enter payout details": "/publisher/payout-details",
		} {
			left := strings.Contains(text, `<a href="`+href+`">`+step+"</a>")
			var wanted bool
			for _, w := range want {
				wanted = wanted || w == step
			}
			if left != wanted {
				t.Errorf("%q is open: %v, want %v", step, left, wanted)
			}
		}
		if shown := strings.Contains(text, "What to do next"); shown != (len(want) > 0) {
			t.Errorf("the list is shown: %v, with %d steps open", shown, len(want))
		}
	}
	open("Describe yourself in your profile", "Enter an ad space", "Verify it", "Apply to a program", "Make your first link", "Enter payout details")
	c.post(pubOwner, "/publisher/profile", 303, "audience", "a", "sources", "b", "methods", "video", "languages", "en")
	c.post(pubOwner, "/publisher/spaces", 303, "name", "My blog", "id", "blog", "url", "https://blog.example/", "kind", "blog", "traffic_type", "content", "languages", "en")
	open("Verify it", "Apply to a program", "Make your first link", "Enter payout details")
	c.post(pubOwner, "/publisher/spaces/blog/verify", 303, "method", "file")
	c.post(pubOwner, "/publisher/spaces/blog/apply", 303, "program", "global-eu")
	open("Make your first link", "Enter payout details")
	waiting, _, err := c.joining.Applications(ctx, joining.Filter{Publisher: who}, "", 1)
	if err != nil || len(waiting) != 1 {
		t.Fatal(waiting, err)
	}
	c.post(opReviewer, fmt.Sprint("/applications/", waiting[0].ID), 303, "state", "approved", "note", "Welcome.")
	made, err := c.links.Make(ctx, []links.Wish{{Program: "global-eu", Publisher: who, Target: link.Target{Kind: program.LinkHome}}})
	if err != nil || made[0].Err != nil {
		t.Fatal(err, made)
	}
	open("Enter payout details")
	if err := c.payouts.SetDetails(ctx, who, payouts.Details{Method: "bank_transfer", Country: "DE", Account: payout.Party{Name: "Ann", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX", Address: payout.Address{Street: "A", Building: "1", PostCode: "10115", Town: "Berlin", Country: "DE"}}}); err != nil {
		t.Fatal(err)
	}
	open()
}

// A5: by the pages: the operator sees until when the traffic check of each ad space runs, on the publisher's page and on the application's,
// also of a publisher that has earned nothing yet.
func TestA5_TheOperatorSeesTheTrafficCheck(t *testing.T) {
	c := caller{newHouse(t), t}
	now := c.clock.Now()
	all := c.settle.Programs()
	i := slices.IndexFunc(all, func(p program.ID) bool { return c.settle.Terms(p, now).Settlement.TrafficCheck > 0 })
	if i < 0 {
		t.Fatal("the test needs a program with a traffic check")
	}
	of, check := all[i], c.settle.Terms(all[i], now).Settlement.TrafficCheck
	page := "/publishers/" + string(of) + "/"
	join := func(publisherID, space string, at time.Time) {
		t.Helper()
		if err := c.db.Update(t.Context(), func(tx store.Tx) error {
			return tx.Facts().PutAdSpaces(t.Context(), []*publisher.AdSpace{{ID: space, Publisher: publisherID, Program: of, TrafficType: program.Content, ApprovedAt: at}})
		}); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.call(opReviewer, http.MethodGet, page+"fresh", nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("nobody is there: %d", got.StatusCode)
	}
	join("fresh", "young", now)
	until := now.Add(check).UTC().Format(time.RFC3339)
	c.get(opReviewer, page+"fresh", "young", "runs until", `datetime="`+until+`"`, "It ends by itself")
	join("old", "aged", now.Add(-check))
	if text := c.get(opReviewer, page+"old", "aged", "over since"); strings.Contains(text, "runs until") {
		t.Error("a check that is over runs")
	}
}
