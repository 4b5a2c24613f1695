package explain

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// T7, C11: the data form survives being written and read.
func TestC11_StepsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Step{Code: rapid.StringMatching(`[a-z_]{1,12}`).Draw(t, "code"), Values: []Value{}}
		for i := range rapid.IntRange(0, 4).Draw(t, "n") {
			s.Values = append(s.Values, Value{string(rune('a' + i)), rapid.String().Draw(t, "text")})
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(b) {
			t.Fatalf("%s is not JSON", b)
		}
		var back Step
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		again := back.AppendJSON(nil)
		if string(again) != string(s.AppendJSON(nil)) {
			t.Fatalf("%s came back as %s", b, again)
		}
	})
}

// T7: each language has a sentence for each code, and a word for each coded value that the other one has.
func TestT7_LanguagesSayTheSame(t *testing.T) {
	for code := range english.sentences {
		if _, ok := turkish.sentences[code]; !ok {
			t.Errorf("no Turkish sentence for %q", code)
		}
	}
	for code := range turkish.sentences {
		if _, ok := english.sentences[code]; !ok {
			t.Errorf("no English sentence for %q", code)
		}
	}
	for name, words := range english.words {
		for w := range words {
			if _, ok := turkish.words[name][w]; !ok {
				t.Errorf("no Turkish word for %s %q", name, w)
			}
		}
	}
	for code, parts := range english.sentences {
		if e, u := names(parts), names(turkish.sentences[code]); len(e) != len(u) {
			t.Errorf("%q names %v in English and %v in Turkish", code, e, u)
		}
	}
}

func names(parts []string) map[string]bool {
	set := make(map[string]bool)
	for _, p := range parts {
		for _, piece := range strings.Split(p, "{")[1:] {
			name, _, _ := strings.Cut(piece, "}")
			set[name] = true
		}
	}
	return set
}

func TestT7_Sentences(t *testing.T) {
	for _, c := range []struct {
		lang string
		step Step
		want string
	}{
		{"en", New("rule", "rule", "store_list:chuwi", "percent", "1.50"), "Rule “store list chuwi” applies: 1.50 %."},
		{"tr", New("rule", "rule", "store_list:chuwi", "percent", "1.50"), "“mağaza listesi chuwi” kuralı uygulanıyor: %1.50."},
		{"en", New("nobody_won", "reason", "no_click"), "Nobody earns: there was no click."},
		{"de", New("nobody_won", "reason", "no_click"), "Nobody earns: there was no click."},
		{"en", New("base", "price", "10.00", "base", "9.00", "coupon", "1.00", "currency", "USD"), "The base is 9.00 USD: the price of 10.00, less 1.00 paid by coupon."},
		{"en", New("news", "a", "b"), "news a=b"},
	} {
		if got := Render(c.lang, c.step); got != c.want {
			t.Errorf("%s: %q, want %q", c.lang, got, c.want)
		}
	}
}
