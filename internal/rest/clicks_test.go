package rest

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/edge/record"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/program"
)

// rivals are two clicks of one visitor: the first is bob's, the second is ann's and wins what the visitor buys. A third one is a bot's.
func (c *client) rivals() {
	c.t.Helper()
	paid(c)
	const touch = `{"click":%q,"at":"2026-03-11T%s:00Z","program":"global-eu","visitor":"rivalled","channel":"affiliate","publisher":%q,"ad_space":%q,"target":{"kind":"home"},"sub":{"af":%q},"verdict":%q}` + "\n"
	c.must("POST", "/v1/clicks:import", fmt.Sprintf(touch, "bobs-click", "10:00", "bob", "shop", "bobs-mark", "valid")+fmt.Sprintf(touch, "anns-click", "10:30", "ann", "blog", "spring", "valid")+
		fmt.Sprintf(touch, "anns-bot", "10:40", "ann", "blog", "", "bot"))
	c.must("POST", "/v1/clicks:import", `{"click":"visit","at":"2026-03-11T10:10:00Z","program":"global-eu","visitor":"rivalled","channel":"organic"}`)
	c.must("POST", "/v1/orders:batch", `{"order":"rival","event":"placed","at":"2026-03-11T11:00:00Z","program":"global-eu","visitor":"rivalled","buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"p","store":"s","category":"toys","amount":"10.00"}]}`)
	if err := c.db.Update(c.t.Context(), func(tx store.Tx) error {
		var all []store.Visit
		for _, id := range []string{"anns-click", "anns-bot"} {
			all = append(all, store.Visit{Program: "global-eu", Click: id, Publisher: "ann", Country: "RO", Device: "mobile", Agent: "Firefox", OS: "Android", Referrer: "blog.example/secret-draft", Consent: "granted", Network: "192.0.2.0/24"})
		}
		all[1].Reason, all[1].Flags = "known_bot", int(record.Substituted)
		return tx.Platform().Visits().Put(c.t.Context(), all)
	}); err != nil {
		c.t.Fatal(err)
	}
}

type clickAnswer struct {
	Click, Publisher, Verdict, Reason, Country, Device, Agent, Visitor string
	Substituted                                                        bool
	Sub                                                                map[string]string
	Orders                                                             []struct {
		Order, Item, State, Fate, Sentence string
		Until                              string `json:"counts_until"`
	}
}

// L3, T6, T7: a click says whether it counts and why not, and how it came out in the orders that considered it. The marketplace reads all of
// it; a publisher reads its own clicks, and of them nothing of the visitor and nothing of who competed.
func TestT7_AClickSaysHowItCameOut(t *testing.T) {
	c := newCounted(t)
	c.rivals()
	read := func(key, id string) (out clickAnswer, answer string) {
		t.Helper()
		status, answer := c.do(c.request(key, http.MethodGet, "/v1/clicks/"+id+"?program=global-eu", ""))
		if err := json.Unmarshal([]byte(answer), &out); status != http.StatusOK || err != nil {
			t.Fatalf("%s of %s: %d %s", id, key, status, answer)
		}
		return out, answer
	}
	all, _ := read("app-desk-reviewer", "anns-click")
	if len(all.Orders) != 1 || all.Orders[0].Order != "rival" || all.Orders[0].Fate != "won" || all.Orders[0].Sentence != "wins" || all.Orders[0].Until == "" || all.Orders[0].State != "tracked" {
		t.Errorf("what won: %+v", all)
	}
	if all.Publisher != "ann" || all.Verdict != "valid" || all.Country != "RO" || all.Device != "mobile" || all.Agent != "Firefox" || all.Visitor != "rivalled" || all.Sub["af"] != "spring" || all.Substituted {
		t.Errorf("what is known: %+v", all)
	}
	if lost, _ := read("k", "bobs-click"); len(lost.Orders) != 1 || lost.Orders[0].Fate != "outranked" || lost.Publisher != "bob" || lost.Country != "" {
		t.Errorf("what lost: %+v", lost)
	}
	if bot, _ := read("k", "anns-bot"); bot.Verdict != "bot" || bot.Reason != "known_bot" || !bot.Substituted || len(bot.Orders) != 1 || bot.Orders[0].Fate != "invalid_click" {
		t.Errorf("a bot: %+v", bot)
	}
	// The publisher's view.
	hidden := []string{"bob", "rivalled", "Firefox", "Android", "secret-draft", "192.0.2"}
	for _, key := range []string{"ann", "app-ann-owner", "app-ann-reader"} {
		own, answer := read(key, "anns-click")
		if len(own.Orders) != 1 || own.Orders[0].Fate != "won" || own.Country != "RO" || own.Device != "mobile" || own.Sub["af"] != "spring" {
			t.Errorf("%s reads of its click %s", key, answer)
		}
		for _, s := range hidden {
			if strings.Contains(answer, s) {
				t.Errorf("%s reads %q: %s", key, s, answer)
			}
		}
	}
	if bobs, answer := read("app-bob-owner", "bobs-click"); len(bobs.Orders) != 0 || strings.Contains(answer, "anns") || strings.Contains(answer, "rival") {
		t.Errorf("bob reads of an order that is another one's: %s", answer)
	}
	for _, x := range []struct {
		key, id string
		want    int
	}{{"app-bob-owner", "anns-click", 404}, {"ann", "bobs-click", 404}, {"k", "nobodys", 404}, {"app-shop-owner", "anns-click", 403}} {
		if status, answer := c.do(c.request(x.key, http.MethodGet, "/v1/clicks/"+x.id+"?program=global-eu", "")); status != x.want || strings.Contains(answer, "rival") {
			t.Errorf("%s reads %s: %d %s", x.key, x.id, status, answer)
		}
	}
	// The pages say the same, in words, and lead on.
	get := c.console()
	page := func(who, target string, holds, lacks []string) {
		t.Helper()
		_, text := get(who, target)
		text = html.UnescapeString(text)
		for _, s := range holds {
			if !strings.Contains(text, s) {
				t.Errorf("%s does not find %q at %s", who, s, target)
			}
		}
		for _, s := range lacks {
			if strings.Contains(text, s) {
				t.Errorf("%s finds %q at %s", who, s, target)
			}
		}
	}
	en := text.Of(text.English)
	page("app-desk-finance", "/clicks/global-eu/anns-click", []string{en.Clicks.Counts, `href="/orders/global-eu/rival"`, `href="/publishers/global-eu/ann"`, "Ann's", "wins", "af=spring", "rivalled", "Firefox", en.Clicks.Devices["mobile"]}, nil)
	page("app-desk-finance", "/clicks/global-eu/anns-bot", []string{en.Clicks.CountsNot + ": a bot", en.Clicks.Reasons["known_bot"], en.Clicks.Elsewhere, "it is not valid"}, nil)
	page("app-ann-reader", "/publisher/clicks/global-eu/anns-click", []string{`href="/publisher/orders/global-eu/rival"`, "wins", "af=spring", en.Clicks.Devices["mobile"]}, hidden)
	page("app-bob-reader", "/publisher/clicks/global-eu/bobs-click", []string{en.Clicks.None, "af=bobs-mark"}, []string{"anns-click", "href=\"/publisher/orders/global-eu/"})
	page("app-desk-finance", "/clicks/global-eu/visit", []string{en.Clicks.OtherChannel, "organic", `href="/orders/global-eu/rival"`, "not paid, so it does not count"}, []string{en.Clicks.Counts + "<", en.Clicks.Device + "<"})
	page("app-desk-finance", "/orders/global-eu/rival", []string{`href="/clicks/global-eu/anns-click"`, `href="/clicks/global-eu/bobs-click"`}, nil)
	page("app-ann-reader", "/publisher/orders/global-eu/rival", []string{`href="/publisher/clicks/global-eu/anns-click"`}, []string{"bobs-click"})
	for who, target := range map[string]string{"app-ann-owner": "/publisher/search?q=anns-click", "app-desk-admin": "/search?q=bobs-click"} {
		if place, _ := get(who, target); !strings.HasSuffix(place, "-click") || !strings.Contains(place, "/clicks/global-eu/") {
			t.Errorf("%s leads %s to %q", target, who, place)
		}
	}
}

// T6: whatever an edge can say about a click has words in each language.
func TestT6_EveryReasonHasWords(t *testing.T) {
	for _, lang := range text.Languages() {
		words := text.Of(lang).Clicks
		for r := record.None + 1; int(r) < record.Reasons; r++ {
			if words.Reasons[r.String()] == "" {
				t.Errorf("no words for the reason %q in %s", r, lang)
			}
		}
		for d := record.DeviceUnknown; d <= record.Robot; d++ {
			if words.Devices[d.String()] == "" {
				t.Errorf("no words for the device %q in %s", d, lang)
			}
		}
		for _, v := range []string{"valid", "bot", "duplicate", "forbidden_traffic", "cookie_stuffing", "blocked", "fraud"} {
			if words.Verdicts[v] == "" {
				t.Errorf("no words for the verdict %q in %s", v, lang)
			}
		}
	}
}

// A click of a visitor who orders again and again is read in a bounded time, and says what it leaves out.
func TestAClickOfABusyVisitor(t *testing.T) {
	c := newCounted(t)
	c.rivals()
	var events []string
	for i := range 70 {
		events = append(events, fmt.Sprintf(`{"order":"again-%02d","event":"placed","at":"2026-03-11T11:%02d:00Z","program":"global-eu","visitor":"rivalled","buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"p","store":"s","category":"toys","amount":"10.00"}]}`, i, i%60))
	}
	c.must("POST", "/v1/orders:batch", strings.Join(events, "\n"))
	found, err := c.all.Books.Click(t.Context(), program.ID("global-eu"), "anns-click")
	if err != nil || len(found.Orders) != 50 || found.More != 21 {
		t.Fatal(err, len(found.Orders), found.More)
	}
	if !slices.IsSortedFunc(found.Orders, func(a, b books.Considered) int { return b.PlacedAt.Compare(a.PlacedAt) }) {
		t.Error("the latest order does not come first")
	}
	own, err := c.all.Books.OwnClick(t.Context(), "global-eu", "anns-click", "ann")
	if err != nil || own.More != 0 {
		t.Error(err, own)
	}
}
