package rest

import (
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/desk"
)

// atDesk lets a publisher ask the operator something, who notes something, announces something to it, and names its manager.
func atDesk(c *client, a desk.Asker) {
	c.t.Helper()
	service := desk.New(c.db, c.box(), "https://aff.example", c.clock)
	ida := desk.Voice{Person: "Ida", Name: "Ida"}
	kind := "publisher"
	if a.Seller != "" {
		kind = "seller"
	}
	i, err := service.Ask(c.t.Context(), a, desk.Voice{Person: "asker", Name: "Asker"}, desk.Question{Kind: desk.Other, Subject: "Where is it?", Text: "The money."})
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := service.Answer(c.t.Context(), ida, i.ID, desk.Answer{Text: "a secret note", Internal: true}); err != nil {
		c.t.Fatal(err)
	}
	if _, err := service.Announce(c.t.Context(), ida, desk.Draft{
		Audience: desk.Audience{Kind: kind, Asker: a}, Titles: map[string]string{"en": "News"}, Texts: map[string]string{"en": "For you."},
	}); err != nil {
		c.t.Fatal(err)
	}
	if a.Seller != "" {
		return
	}
	if _, err := service.AssignManager(c.t.Context(), ida, desk.Manager{Asker: a, Name: "Ida", Email: "ida@example.org"}); err != nil {
		c.t.Fatal(err)
	}
}

// A6: whoever asked reads the conversation without the operator's notes, whatever it asks, and a reply makes the ticket the operator's
// turn again. The operator reads everything.
func TestA6_NotesStayWithTheOperator(t *testing.T) {
	c := newCounted(t)
	paid(c.client)
	atDesk(c.client, desk.Asker{Publisher: "ann"})
	say := func(key, method, target, body string, want int) string {
		t.Helper()
		status, answer := c.do(c.request(key, method, target, body))
		if status != want {
			t.Fatalf("%s %s as %s: %d %s, want %d", method, target, key, status, answer, want)
		}
		return answer
	}
	const own = "/v1/publishers/ann/tickets"
	say("ida", "POST", "/v1/tickets/1/answers", `{"text":"It is on its way.","state":"waiting"}`, 200)
	say("ida", "POST", "/v1/tickets/1/assignee", `{"person":"Ida"}`, 200)
	say("ida", "POST", "/v1/tickets/1/answers", `{"text":"another secret","internal":true}`, 200)
	for _, target := range []string{own, own + "/1"} {
		answer := say("ann", "GET", target, "", 200)
		if strings.Contains(answer, "secret") || strings.Contains(answer, "Ida\"},") || strings.Contains(answer, `"assignee"`) {
			t.Errorf("%s tells what only the operator is to know: %s", target, answer)
		}
	}
	if answer := say("ann", "POST", own+"/1/replies", `{"text":"Thank you."}`, 200); !strings.Contains(answer, `"state":"open"`) || strings.Contains(answer, "assignee") {
		t.Error(answer)
	}
	// Red control: the notes are there.
	if answer := say("ida", "GET", "/v1/tickets/1", "", 200); strings.Count(answer, "secret") != 2 || !strings.Contains(answer, `"assignee":"Ida"`) || !strings.Contains(answer, "Thank you.") {
		t.Error(answer)
	}
	if answer := say("ida", "GET", "/v1/tickets?turn=true", "", 200); !strings.Contains(answer, `"new":false`) || !strings.Contains(answer, `"id":1`) {
		t.Error(answer)
	}
	say("ann", "POST", "/v1/tickets/1/answers", `{"text":"x"}`, 403)
	say("bob", "GET", "/v1/publishers/bob/tickets/1", "", 404)
	say("orphan", "POST", "/v1/tickets/1/answers", `{"text":"x"}`, 403)
	say("ann", "POST", own+"/1/close", "", 200)

	if answer := say("ann", "GET", "/v1/publishers/ann/inbox", "", 200); !strings.Contains(answer, "For you.") || strings.Contains(answer, "read_at") {
		t.Error(answer)
	}
	say("ann", "POST", "/v1/publishers/ann/inbox/1/read", "", 200)
	if answer := say("ann", "GET", "/v1/publishers/ann/inbox", "", 200); !strings.Contains(answer, "read_at") {
		t.Error(answer)
	}
	say("ida", "POST", "/v1/announcements/1/withdraw", "", 200)
	if answer := say("ann", "GET", "/v1/publishers/ann/inbox", "", 200); strings.Contains(answer, "For you.") {
		t.Error(answer)
	}
	if answer := say("ann", "GET", "/v1/publishers/ann/manager", "", 200); !strings.Contains(answer, "ida@example.org") {
		t.Error(answer)
	}
}
