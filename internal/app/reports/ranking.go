package reports

import (
	"cmp"
	"context"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
)

// RankedOver is the trailing period of the ranking: whole days, the last one yesterday.
const RankedOver = 90

// Ranking is the ranking of publishers (A9): by the sum of their shares in the commission of each program, so that programs of
// different currencies weigh alike, then by their actions, then by name. It holds for a day.
type Ranking struct {
	Day      time.Time // UTC
	From, To time.Time // the period, To exclusive
	Rows     []Rank
	byName   map[string]int
}

// Rank is a publisher's place.
type Rank struct {
	Rank      int // from 1
	Publisher string
	Score     int64 // in millionths of a program's commission
	Actions   int64
}

// Of returns a publisher's rank, or 0 where it has none: nothing was earned in the period.
func (r *Ranking) Of(publisher string) int { return r.byName[publisher] }

// Ranking returns today's ranking. It is computed once a day.
func (v *Service) Ranking(ctx context.Context) (*Ranking, error) {
	day := v.now().UTC().Truncate(24 * time.Hour)
	if r := v.ranking.Load(); r != nil && r.Day.Equal(day) {
		return r, nil
	}
	r := &Ranking{Day: day, From: day.AddDate(0, 0, -RankedOver), To: day}
	err := v.store.View(ctx, func(tx store.Tx) error { return r.read(ctx, tx) })
	if err != nil {
		return nil, err
	}
	v.ranking.Store(r)
	return r, nil
}

func (r *Ranking) read(ctx context.Context, tx store.Tx) error {
	type share struct {
		program, publisher string
		currency           money.Currency
	}
	earned := make(map[share]int64)
	whole := make(map[share]int64)
	actions := make(map[string]int64)
	q := store.Figures{From: r.From, To: r.To, By: []store.Dim{store.DimProgram, store.DimPublisher}}
	err := tx.Platform().Reports().Items(ctx, q, func(f store.Figure) error {
		s := share{f.Keys[0], f.Keys[1], f.Currency}
		if s.publisher == "" {
			return nil
		}
		actions[s.publisher] += f.Actions
		var err error
		if earned[s], err = money.Add(earned[s], f.Amount); err != nil {
			return err
		}
		s.publisher = ""
		whole[s], err = money.Add(whole[s], f.Amount)
		return err
	})
	if err != nil {
		return err
	}
	scores := make(map[string]int64)
	for s, amount := range earned {
		of := whole[share{s.program, "", s.currency}]
		if amount > 0 && of > 0 {
			scores[s.publisher] += millionths(amount, of)
		}
	}
	r.Rows, r.byName = nil, make(map[string]int, len(scores))
	for _, p := range slices.Sorted(maps.Keys(scores)) {
		r.Rows = append(r.Rows, Rank{Publisher: p, Score: scores[p], Actions: actions[p]})
	}
	slices.SortStableFunc(r.Rows, func(a, b Rank) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Actions, a.Actions))
	})
	for i := range r.Rows {
		r.Rows[i].Rank = i + 1
		r.byName[r.Rows[i].Publisher] = i + 1
	}
	return nil
}

// millionths is part ÷ whole in millionths, rounded down.
func millionths(part, whole int64) int64 {
	x := new(big.Int).Mul(big.NewInt(part), big.NewInt(1_000_000))
	return x.Quo(x, big.NewInt(whole)).Int64()
}
