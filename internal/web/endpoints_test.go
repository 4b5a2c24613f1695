package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/postbacks"
)

// hook is the name of a publisher's endpoint, which is on.
func (h *house) hook(t *testing.T, publisher string) string {
	t.Helper()
	id := "hook-of-" + publisher
	if _, _, err := h.postbacks.Put(t.Context(), postbacks.Endpoint{Publisher: publisher, ID: id, Kind: postbacks.Webhook, Address: "https://hook.example/in"}); err != nil {
		t.Fatal(err)
	}
	return id
}

// L9: by the pages: an owner sees what an address becomes and enters it; a member tries it, reads what was answered, escaped, and sends it again;
// a secret is shown once; then the endpoint is removed.
func TestL9_EndpointsByThePages(t *testing.T) {
	h := newHouse(t)
	const owner, member, at = "publisher-owner", "publisher-member", "/publisher/endpoints"
	post := func(person, target string, want int, form ...string) string {
		t.Helper()
		values := url.Values{}
		for i := 0; i+1 < len(form); i += 2 {
			values.Add(form[i], form[i+1])
		}
		res := h.call(person, http.MethodPost, target, values)
		text := body(t, res)
		if res.StatusCode != want {
			t.Fatalf("POST %s as %s: %d, want %d\n%s", target, person, res.StatusCode, want, text)
		}
		return text
	}
	see := func(person, target, want string) string {
		t.Helper()
		res := h.call(person, http.MethodGet, target, nil)
		text := body(t, res)
		if res.StatusCode != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("GET %s as %s: %d, without %q", target, person, res.StatusCode, want)
		}
		return text
	}
	entered := []string{"id", "tracker", "kind", "postback", "address", "https://t.example/p?o={order}&s={af}"}
	if text := post(owner, at, 200, append(entered, "do", "preview")...); !strings.Contains(text, "https://t.example/p?o=8190214455&amp;s=newsletter%2012") {
		t.Error("the preview does not fill the address")
	}
	if text := see(owner, at, "Nothing is told"); strings.Contains(text, "t.example") {
		t.Error("a preview enters something")
	}
	if text := post(owner, at, 422, "id", "tracker", "kind", "postback", "address", "https://t.example/{ordre}"); !strings.Contains(text, "address-error") {
		t.Error("nobody says what is wrong with the address")
	}
	post(member, at, 403, entered...)
	post(owner, at, 303, entered...)
	post(owner, at, 422, entered...) // there is one of this name
	see("publisher-member", at, "tracker")
	if res := h.call("publisher-reader", "GET", at, nil); res.StatusCode != 403 {
		t.Errorf("a reader sees addresses, which may hold passwords: %d", res.StatusCode)
	}
	h.answer = postbacks.Answer{Status: 500, Text: "<script>alert(1)</script>"}
	post(member, at+"/tracker/test", 200)
	send := func() {
		t.Helper()
		if n, err := h.postbacks.Send(t.Context()); err != nil || n != 1 {
			t.Fatalf("%d messages are sent, %v", n, err)
		}
	}
	send()
	text := see(member, at+"/tracker", "it answered 500: &lt;script&gt;alert(1)")
	if strings.Contains(text, "<script>") || !strings.Contains(text, "test-order") {
		t.Error("the answer is not escaped, or the log does not say what was sent")
	}
	if len(h.called) != 1 || h.called[0].URL != "https://t.example/p?o=test-order&s=test" {
		t.Errorf("%+v", h.called)
	}
	h.answer = postbacks.Answer{Status: 204}
	post(member, at+"/tracker/replay", 422, "since", "yesterday")
	if text := post(member, at+"/tracker/replay", 200, "since", "2025-12-01T00:00"); !strings.Contains(text, "One message") {
		t.Error("a replay does not say how much it is")
	}
	send()
	text = see(member, at+"/tracker?state=delivered", "Delivered")
	message := regexp.MustCompile(`name="message" value="(evt_[a-z0-9]+)"`).FindStringSubmatch(text)
	if message == nil {
		t.Fatal("the message cannot be sent again")
	}
	post(member, at+"/tracker/again", 404, "message", "evt_none")
	post(member, at+"/tracker/again", 200, "message", message[1])
	send()
	post(member, at+"/tracker/state", 200, "state", "off")
	post(owner, at+"/tracker", 200, "kind", "postback", "address", "https://new.example/{order}")
	if text := see(member, at+"/tracker", "new.example"); !strings.Contains(text, ">Off<") {
		t.Error("a new address turns the endpoint on")
	}
	// A webhook.
	secret := regexp.MustCompile(`whsec_[A-Za-z0-9+/=]+`)
	first := secret.FindString(post(owner, at, 200, "id", "hook", "kind", "webhook", "address", "https://hook.example/in", "event", "action.approved", "event", "payout.paid"))
	if first == "" || secret.MatchString(see(owner, at+"/hook", "hook.example")) {
		t.Error("the secret is not shown, or twice")
	}
	all, err := h.postbacks.List(t.Context(), "pub-00")
	if err != nil || len(all) != 2 || strings.Join(all[0].Events, " ") != "action.approved payout.paid" {
		t.Errorf("%+v, %v", all, err)
	}
	post(member, at+"/hook/secret", 403)
	if second := secret.FindString(post(owner, at+"/hook/secret", 200)); second == "" || second == first {
		t.Error("no new secret")
	}
	post(owner, at+"/tracker/secret", 422)
	post(owner, at+"/hook/remove", 303)
	if res := h.call(owner, "GET", at+"/hook", nil); res.StatusCode != 404 {
		t.Errorf("a removed endpoint: %d", res.StatusCode)
	}
}
