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
