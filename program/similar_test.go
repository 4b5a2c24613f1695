package program

import (
	"slices"
	"testing"

	"github.com/clickledger/clickledger/money"
)

// P6: similar programs share countries, categories and rates, the most alike stand first, and the reason is told.
func TestP6_SimilarPrograms(t *testing.T) {
	terms := func(id ID, markets map[string][]string, rates map[string]string) *Terms {
		p := &Terms{Program: id, Markets: markets}
		for m := range markets {
			p.Page.Countries = append(p.Page.Countries, m)
		}
		s := RateStep{Kind: StepCategory}
		for c, rate := range rates {
			r, err := money.ParseRate(rate)
			if err != nil {
				t.Fatal(err)
			}
			s.Rates = append(s.Rates, CategoryRate{Categories: []string{c}, Percent: r})
		}
		p.Rates.Steps = []RateStep{s}
		return p
	}
	me := terms("me", map[string][]string{"a": {"DE", "PL"}}, map[string]string{"toys": "5", "phones": "2"})
	twin := terms("twin", map[string][]string{"b": {"PL", "DE", "FR"}}, map[string]string{"toys": "6", "phones": "2.5"})
	dearer := terms("dearer", map[string][]string{"b": {"PL", "TR"}}, map[string]string{"toys": "6.01", "shoes": "2"})
	world := terms("world", nil, map[string]string{"toys": "4"})
	far := terms("far", map[string][]string{"x": {"BR"}}, map[string]string{"boats": "5"})
	got := me.Similar([]*Terms{far, world, me, dearer, twin})
	var ids []ID
	for _, l := range got {
		ids = append(ids, l.Terms.Program)
	}
	if !slices.Equal(ids, []ID{"twin", "world", "dearer"}) {
		t.Fatalf("%v", ids)
	}
	// twin: all of my countries, all of my categories, all near: 50 + 30 + 20. world: 25 + 30 (its one category) + 20.
	// dearer: one of two countries, one of two categories, not near: 25 + 15.
	if got[0].Score != 100 || got[1].Score != 75 || got[2].Score != 40 {
		t.Errorf("scores %d, %d, %d", got[0].Score, got[1].Score, got[2].Score)
	}
	if l := got[0]; !slices.Equal(l.Countries, []string{"DE", "PL"}) || !slices.Equal(l.NearRates, []string{"phones", "toys"}) {
		t.Errorf("%+v", l)
	}
	if l := got[2]; !slices.Equal(l.Categories, []string{"toys"}) || len(l.NearRates) != 0 || l.Everywhere {
		t.Errorf("%+v", l)
	}
	if !got[1].Everywhere {
		t.Error("a program for everywhere is none")
	}
}
