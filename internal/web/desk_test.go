package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/program"
)

// talked is a ticket of a publisher, or of the seller, and an announcement to it.
func (h *house) talked(t *testing.T, publisher string, seller bool) (ticket, announcement string) {
	t.Helper()
	a := desk.Asker{Publisher: publisher}
	to := desk.Audience{Kind: "publisher", Asker: a}
	if seller {
		a = desk.Asker{Seller: "org_seller"}
		to = desk.Audience{Kind: "sellers"}
	}
	i, err := h.desk.Ask(t.Context(), a, desk.Voice{Person: "p", Name: "P"}, desk.Question{Kind: desk.Payment, Subject: "Ticket of " + publisher, Text: "Text of " + publisher})
	if err != nil {
		t.Fatal(err)
	}
	n, err := h.desk.Announce(t.Context(), desk.Voice{Name: "Ada"}, desk.Draft{Audience: to, Titles: program.Text{"en": "Title"}, Texts: program.Text{"en": "To " + publisher}})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(i.ID), fmt.Sprint(n.ID)
}

// caller calls pages and fails the test where an answer is another one than it is to be.
type caller struct {
	*house
	t *testing.T
}

func (c caller) post(person, target string, want int, form ...string) string {
	c.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	res := c.call(person, http.MethodPost, target, values)
	text := body(c.t, res)
	if res.StatusCode != want {
		c.t.Fatalf("POST %s as %s: %d, want %d\n%s", target, person, res.StatusCode, want, text)
	}
	return text
}

func (c caller) get(person, target string, want ...string) string {
	c.t.Helper()
	res := c.call(person, http.MethodGet, target, nil)
	text := body(c.t, res)
	for _, w := range want {
		if res.StatusCode != http.StatusOK || !strings.Contains(text, w) {
			c.t.Errorf("GET %s as %s: %d, without %q", target, person, res.StatusCode, w)
		}
	}
	return text
}

const pubOwner, pubReader, opReviewer = "publisher-owner", "publisher-reader", "operator-reviewer"

// A6: by the pages: a publisher misses an order, the operator sees who won it and why and answers, a note stays inside; the publisher is
// told that there is something new, reads and closes.
func TestA6_ATicketByThePages(t *testing.T) {
	c := caller{newHouse(t), t}
	records, _, err := c.books.Orders(t.Context(), books.OrderFilter{Publisher: "pub-01"}, "", 1)
	if err != nil || len(records) == 0 {
		t.Fatal(records, err)
	}
	r := records[0]
	missing := []string{"kind", "missing_order", "subject", "Where is it?", "text", "A <b>reader</b> bought.", "program", string(r.Program), "order", r.Order}
	if text := c.post(pubOwner, "/publisher/help/tickets", 422, append(missing, "order", "")...); !strings.Contains(text, "order-error") || !strings.Contains(text, "Where is it?") {
		t.Error("nobody says what is wrong, or what was entered is gone")
	}
	c.post(pubReader, "/publisher/help/tickets", 403, missing...)
	c.post(pubOwner, "/publisher/help/tickets", 303, missing...)
	c.get(pubOwner, "/publisher/help", "#1 · Where is it?")
	if text := c.get(pubOwner, "/publisher/help/tickets/1", "A &lt;b&gt;reader&lt;/b&gt; bought.", "its record is not yours to see"); strings.Contains(text, "pub-01") {
		t.Error("the ticket names the publisher who won")
	}
	c.get(opReviewer, "/overview", ">1 new<")
	c.get(opReviewer, "/tickets", "#1 · Where is it?", ">new<")
	c.get(opReviewer, "/tickets/1", "pub-01", "How the order was decided", "Who was considered")
	c.post(opReviewer, "/tickets/1", 422, "do", "answer", "text", " ")
	c.post(opReviewer, "/tickets/1", 303, "do", "note", "text", "HIDDEN from publishers")
	c.post(opReviewer, "/tickets/1/assign", 303, "assignee", opReviewer)
	c.get(opReviewer, "/tickets/1", "HIDDEN", "internal note")
	if text := c.get(pubOwner, "/publisher/help/tickets/1"); strings.Contains(text, "HIDDEN") || strings.Contains(c.get(pubOwner, "/publisher/help"), ">new<") {
		t.Error("the note is seen")
	}
	c.post(opReviewer, "/tickets/1", 303, "do", "ask", "text", "Which link was it?")
	c.get(pubOwner, "/publisher", ">1 new<")
	c.get(pubOwner, "/publisher/help", ">new<")
	c.get(pubOwner, "/publisher/help/tickets/1", "Which link was it?", ">new<", "Waits for the asker")
	if text := c.get(pubOwner, "/publisher"); strings.Contains(text, ">1 new<") {
		t.Error("what was read is new")
	}
	c.post(pubOwner, "/publisher/help/tickets/1", 303, "text", "The one on the front page.")
	c.post(pubOwner, "/publisher/help/tickets/1", 303, "do", "close")
	c.get(opReviewer, "/tickets?state=closed", "Where is it?")
	if got := c.call(opReviewer, http.MethodGet, "/tickets?number=%231", nil); got.Header.Get("Location") != "/tickets/1" {
		t.Errorf("the number leads to %q", got.Header.Get("Location"))
	}
	if got := c.call("seller-owner", http.MethodGet, "/seller/help/tickets/1", nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("a seller reads a publisher's ticket: %d", got.StatusCode)
	}
}

// A10: by the pages: an announcement with what is wrong with it said, the inbox with its marks, and the personal manager on the dashboard.
func TestA10_AnnouncementsByThePages(t *testing.T) {
	c := caller{newHouse(t), t}
	form := []string{"audience", "publishers", "title_en", "Sale", "text_en", "It begins.", "title_tr", "İndirim", "text_tr", "Başlıyor.", "pinned", "1", "mail", "1"}
	c.post(opReviewer, "/announcements", 422, append(form, "to", "yesterday")...)
	if text := c.post(opReviewer, "/announcements", 422, append(form, "to", "2001-01-01")...); !strings.Contains(text, "to-error") || !strings.Contains(text, "It begins.") {
		t.Error("nobody says what is wrong, or what was entered is gone")
	}
	c.post("operator-finance", "/announcements", 403, form...)
	c.post(opReviewer, "/announcements", 303, form...)
	c.get(opReviewer, "/announcements", "Sale", "All publishers")
	c.get(pubReader, "/publisher/inbox", "Sale", ">new<", ">1 new<")
	c.get(pubReader, "/publisher/inbox/1", "It begins.")
	if text := c.get(pubReader, "/publisher/inbox"); strings.Contains(text, ">new<") || strings.Contains(text, ">1 new<") {
		t.Error("what was read is new")
	}
	c.get(pubOwner, "/publisher/inbox", ">new<") // each person reads for itself
	if text := c.get("seller-owner", "/seller/inbox"); strings.Contains(text, "Sale") {
		t.Error("a seller sees what is for publishers")
	}
	c.post(opReviewer, "/announcements/1/withdraw", 303)
	if text := c.get(pubOwner, "/publisher/inbox"); strings.Contains(text, "Sale") {
		t.Error("what was withdrawn is shown")
	}
	c.post(opReviewer, "/publishers/pub-00/manager", 422, "name", "Ida", "email", "ida")
	c.post(opReviewer, "/publishers/pub-00/manager", 303, "name", "Ida", "email", "ida@example.org", "messenger", "@ida")
	c.get(pubOwner, "/publisher", "Personal manager", "ida@example.org", "@ida")
	c.get(pubOwner, "/publisher/help", "ida@example.org")
}

// A6: by the pages: an ad space of a second type is refused with a button that opens the ticket; the operator agrees; then it joins, and
// the welcome pack is there (P5).
func TestA6_SecondTypeByThePages(t *testing.T) {
	c := caller{newHouse(t), t}
	place := joining.Place{Publisher: "pub-00", ID: "second", Kind: "cashback", Name: "Second", URL: "https://blog.example/", TrafficType: program.Cashback, Languages: []string{"en"}}
	_, err := c.joining.Describe(t.Context(), place)
	if err == nil {
		_, err = c.joining.Verify(t.Context(), "pub-00", "second", joining.File)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.joining.Apply(t.Context(), "global-eu", "pub-00", "second")
	var second *joining.SecondTypeError
	if !errors.As(err, &second) {
		t.Fatalf("the test needs a publisher with another type: %v", err)
	}
	c.post(pubOwner, "/publisher/spaces/second/apply", 422, "program", "global-eu")
	text := c.post(pubOwner, "/publisher/spaces/second/apply", 422, "program", "global-eu")
	if !strings.Contains(text, `action="/publisher/help/tickets"`) || !strings.Contains(text, `value="traffic_types"`) || !strings.Contains(text, `value="cashback"`) {
		t.Errorf("no button opens the ticket:\n%s", text)
	}
	c.post(pubOwner, "/publisher/help/tickets", 303, "kind", "traffic_types", "traffic_type", "cashback", "space", "second", "subject", "Second type", "text", "Please.")
	c.post(opReviewer, "/tickets/1", 303, "do", "agree", "text", "Fine.")
	c.post(pubOwner, "/publisher/spaces/second/apply", 303, "program", "global-eu")
	all, _, err := c.joining.Applications(t.Context(), joining.Filter{Publisher: "pub-00"}, "", 1)
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	if all[0].State == joining.Pending {
		c.post(opReviewer, fmt.Sprintf("/applications/%d", all[0].ID), 303, "state", "approved", "note", "Welcome.")
	}
	c.get(pubOwner, "/publisher/programs/global-eu/welcome", "Welcome pack", "Sent by e-mail", `href="/publisher/keywords?program=global-eu"`, "Stores without commission")
}

// P2, P6, A2, A9: a program's page says to a publisher how it joins, with a button for each verified ad space, what each category earns,
// and what is similar; the reviewer's page has rank, policy and earlier decisions.
func TestP2_TheOfferByThePages(t *testing.T) {
	c := caller{newHouse(t), t}
	if text := c.get(pubOwner, "/publisher/programs/global-eu", "Join with an ad space", "Ranks 1 to 200 at once", "What each category earns", "New buyer", "Similar programs", "in common"); strings.Contains(text, "/apply") {
		t.Error("there is a button without an ad space")
	}
	space, application := c.applied(t, "pub-00")
	c.get(pubOwner, "/publisher/programs/tr", `action="/publisher/spaces/`+space+`/apply"`)
	if text := c.get(pubReader, "/publisher/programs/tr"); strings.Contains(text, "/apply") {
		t.Error("who may not apply has a button")
	}
	if text := c.get(pubOwner, "/publisher/programs/global-eu", space); strings.Contains(text, "/apply") {
		t.Error("who applied has a button")
	}
	c.get(opReviewer, "/applications/"+application, "Affiliate ranking", "Traffic policy", "Other applications of this publisher", "https://blog.example/")
	c.post(opReviewer, "/applications/"+application, 303, "state", "approved", "note", "Welcome.")
	c.get(pubOwner, "/publisher/spaces/"+space, "Joined", "global-eu", "Welcome pack")
	c.get(pubOwner, "/publisher/programs/global-eu/welcome", "Best-selling products", "Stores without commission")
}
