package search

import (
	"testing"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/search"
	"github.com/clickledger/clickledger/internal/web/text"
)

// I6: whatever kind of thing can be found is called something in each language, and a kind that nobody gave a word has none.
func TestI6_EveryKindHasAWord(t *testing.T) {
	for _, lang := range []text.Lang{text.English, text.Turkish} {
		for _, k := range append(search.Kinds(), "of_tomorrow") {
			for _, by := range []people.Kind{people.Operator, people.Publisher, people.Seller} {
				h := hitOf(text.Of(lang), by, &search.Hit{Kind: k, ID: "1", Number: 1})
				if known := k != "of_tomorrow"; (h.kind != "") != known {
					t.Errorf("a %s is called %q in %s", k, h.kind, lang)
				}
			}
		}
	}
}
