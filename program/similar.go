package program

import (
	"cmp"
	"maps"
	"slices"

	"github.com/clickledger/clickledger/money"
)

// Likeness is how alike another program is, and in what (P6).
type Likeness struct {
	Terms      *Terms   // of the other program
	Countries  []string // for which both are meant, ISO 3166-1 alpha-2
	Everywhere bool     // one of the two is meant for everywhere
	Categories []string // that both name in their rates
	NearRates  []string // of those, the ones that earn about the same: one percentage point apart at the most
	Score      int      // 0 to 100
}

// countries are those that a program is meant for; none: everywhere.
func (t *Terms) countries() []string {
	all := make(map[string]bool)
	for _, m := range t.Page.Countries {
		for _, c := range t.Markets[m] {
			all[c] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// usual is what a category earns from returning buyers, where the rate card has a rate by category.
func (t *Terms) usual(category string) (money.Rate, bool) {
	for i := range t.Rates.Steps {
		if s := &t.Rates.Steps[i]; s.Kind == StepCategory || s.Kind == StepDefault {
			if r, ok := s.RateOf(category); ok {
				return r, true
			}
		}
	}
	return money.Rate{}, false
}

func shared(a, b []string) []string {
	var out []string
	for _, s := range a {
		if slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return out
}

// likeness compares two programs: countries weigh half, categories three tenths, near rates two tenths, each by how much of the smaller
// of both lists is shared.
func (t *Terms) likeness(o *Terms) Likeness {
	l := Likeness{Terms: o}
	part := func(weight, common, a, b int) int {
		if least := min(a, b); least > 0 {
			return weight * common / least
		}
		return 0
	}
	a, b := t.countries(), o.countries()
	if l.Everywhere = len(a) == 0 || len(b) == 0; l.Everywhere {
		l.Score += 25
	} else {
		l.Countries = shared(a, b)
		l.Score += part(50, len(l.Countries), len(a), len(b))
	}
	one, _ := money.ParseRate("1")
	l.Categories = shared(t.CategoryNames(), o.CategoryNames())
	l.Score += part(30, len(l.Categories), len(t.CategoryNames()), len(o.CategoryNames()))
	for _, c := range l.Categories {
		x, has := t.usual(c)
		y, too := o.usual(c)
		if x.Cmp(y) > 0 {
			x, y = y, x
		}
		if x, err := x.Add(one); err == nil && has && too && y.Cmp(x) <= 0 {
			l.NearRates = append(l.NearRates, c)
		}
	}
	l.Score += part(20, len(l.NearRates), len(l.Categories), len(l.Categories))
	return l
}

// Similar are the programs among others that are alike, the most alike first, then by id: those that share a country or a category with
// this one, and not the program itself (P6).
func (t *Terms) Similar(others []*Terms) []Likeness {
	var out []Likeness
	for _, o := range others {
		if o.Program == t.Program {
			continue
		}
		if l := t.likeness(o); len(l.Countries) > 0 || len(l.Categories) > 0 {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b Likeness) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Terms.Program, b.Terms.Program))
	})
	return out
}
