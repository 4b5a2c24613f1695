package explain_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/explain"
)

// others are values that tell who somebody else is; a step of every code holds one of each name.
var others = map[string]string{"publisher": "bob", "click": "bobs-click", "ad_space": "bobs-shop", "coupon": "BOB10", "product": "bobs-product", "tracking_id": "bobs-id"}

func stepOf(code string) explain.Step {
	s := explain.New(code, "at", "2026-03-10T10:00:00Z", "fate", "outranked", "verdict", "bot", "channel", "search", "window_until", "2026-03-13T10:00:00Z")
	for name, v := range others {
		s.Values = append(s.Values, explain.Value{Name: name, Text: v})
	}
	return s
}

// leaks says which steps tell of others.
func leaks(steps []explain.Step) (codes []string) {
	for _, s := range steps {
		for _, v := range s.Values {
			if slices.Contains([]string{"bob", "bobs-click", "bobs-shop", "BOB10", "bobs-product", "bobs-id"}, v.Text) {
				codes = append(codes, s.Code)
				break
			}
		}
	}
	return codes
}

// about are the codes of steps about somebody's clicks or ad spaces; the others are about the order and the program's terms.
func about(code string) bool {
	return strings.HasPrefix(code, "won_by_") || code == "candidate" || code == "other_channel" || strings.HasPrefix(code, "competing_")
}

// T7: a publisher reads that there was a competing click, when, and why it lost, and nothing of whose it was.
func TestT7_OthersAreNotNamed(t *testing.T) {
	for _, code := range explain.Codes() {
		step := stepOf(code)
		if len(leaks([]explain.Step{step})) == 0 { // red control: the check sees what a step tells
			t.Fatalf("the check does not see that %q tells of bob", code)
		}
		if strings.HasPrefix(code, "competing_") || code == "won_by_other" {
			continue // made by ForPublisher, from a list of names
		}
		shown := explain.ForPublisher([]explain.Step{step}, "ann")
		if len(shown) != 1 {
			t.Errorf("nobody has judged %q: say in ForPublisher what of it others may read", code)
			continue
		}
		if about(code) && len(leaks(shown)) > 0 {
			t.Errorf("%q tells ann of bob: %v", code, shown)
		}
		if own := explain.ForPublisher([]explain.Step{step}, "bob"); code != "other_channel" && len(leaks(own)) == 0 {
			t.Errorf("%q does not tell bob of himself: %v", code, own)
		}
		if nobody := explain.ForPublisher([]explain.Step{step}, ""); about(code) && len(leaks(nobody)) > 0 {
			t.Errorf("%q tells nobody of bob: %v", code, nobody)
		}
	}
	got := explain.ForPublisher([]explain.Step{
		explain.New("candidate", "click", "c2", "at", "2026-03-10T10:00:00Z", "fate", "outranked", "publisher", "bob", "link", "product", "product", "p", "window_until", "2026-03-13T10:00:00Z"),
		explain.New("candidate", "click", "c1", "at", "2026-03-10T11:00:00Z", "fate", "won", "publisher", "ann", "link", "home"),
		explain.New("other_channel", "click", "v1", "at", "2026-03-10T09:00:00Z", "fate", "other_channel_old", "channel", "search"),
		explain.New("of_tomorrow", "secret", "bob"),
	}, "ann")
	want := []string{
		"A click of another publisher at 2026-03-10T10:00:00Z: another click wins. It counts until 2026-03-13T10:00:00Z.",
		"Click c1 of publisher ann at 2026-03-10T11:00:00Z, on a home link: wins.",
		"A visit through search at 2026-03-10T09:00:00Z: does not count, it is too old or not valid.",
	}
	if said := explain.Sentences("en", got); !slices.Equal(said, want) {
		t.Errorf("%q, want %q", said, want)
	}
	if again := explain.ForPublisher(got, "ann"); len(again) != len(got) {
		t.Errorf("what was taken out once is judged again: %v", again)
	}
}

// S3: a seller reads how the commission on its item was computed, and nothing of who sent the buyer, of cases, or of what others sold of the
// order. A code that nobody has judged is not shown.
func TestS3_SellersReadTheSumAndNobodysName(t *testing.T) {
	for _, code := range append(explain.Codes(), "of_tomorrow") {
		shown := explain.ForSeller([]explain.Step{stepOf(code)})
		if about(code) && len(shown) > 0 || code == "of_tomorrow" && len(shown) > 0 {
			t.Errorf("%q tells a seller of others: %v", code, shown)
		}
	}
	got := explain.ForSeller([]explain.Step{
		explain.New("candidate", "click", "c", "at", "2026-03-10T11:00:00Z", "fate", "won", "publisher", "ann", "link", "home"),
		explain.New("won_by_click", "click", "c", "publisher", "ann", "ad_space", "blog", "traffic_type", "content"),
		explain.New("base", "price", "10.00", "base", "10.00", "currency", "USD"),
		explain.New("rule", "rule", "hot", "percent", "9", "traffic_check_until", "2026-03-12T00:00:00Z"),
		explain.New("amount", "amount", "0.90", "currency", "USD", "rounding", "half_even"),
		explain.New("order_cap", "cap", "50.00", "order_amount", "51.00", "taken_off", "0.10"),
		explain.New("fraud_hold", "case", "case_1", "since", "2026-03-12T00:00:00Z"),
		explain.New("state", "state", "declined", "reason", "fraud", "evidence", "a friend of ann", "earns", "0.80", "currency", "USD"),
	})
	want := []string{
		"The base is 10.00 USD: the price of 10.00.", "Rule “hot product” applies: 9 %.", "That makes 0.90 USD, rounded once, half to even.",
		"An order earns at most 50.00, so 0.10 is taken off here.", "State: declined because the order was found fraudulent. Earns 0.80 USD.",
	}
	if said := explain.Sentences("en", got); !slices.Equal(said, want) {
		t.Errorf("%q, want %q", said, want)
	}
}
