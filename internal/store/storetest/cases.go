package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

func caseChecks() []Check {
	return []Check{
		{"a case is replaced only by whoever knows its newest revision (M4)", caseRevisions},
		{"Cases.Page returns what a filter selects, the case opened last first (M4)", casePages},
		{"Cases.Due returns the cases that go on by themselves, the earliest first (M4)", casesDue},
	}
}

func sampleCase(id string, opened time.Time) store.CaseRow {
	return store.CaseRow{
		ID: id, Program: tr, Publisher: "ann", State: "held", Outcome: "", Category: "bots", OpenedAt: opened, Next: at(50), JSON: []byte(`{"a": 1,  "b":"ü"}`),
	}
}

func putCase(k *kit, c store.CaseRow, revision int) error {
	return k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Platform().Desk().Cases().Put(k.ctx, c, revision) })
}

func caseRevisions(k *kit) {
	c := sampleCase("case_1", at(1))
	k.is(putCase(k, c, 1), store.ErrConflict, "replacing what is not there")
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, _, err := tx.Platform().Desk().Cases().Get(k.ctx, "case_1")
		return err
	}), store.ErrNotFound, "a case that is not there")
	k.is(putCase(k, c, 0), nil, "the first revision")
	k.is(putCase(k, c, 0), store.ErrConflict, "a second first revision")
	changed := c
	changed.State, changed.Outcome, changed.Category, changed.Next, changed.JSON = "closed", "released", "other", time.Time{}, []byte(`{}`)
	changed.Publisher, changed.Program, changed.OpenedAt = "ben", ro, at(9) // these stay
	k.is(putCase(k, changed, 1), nil, "the second revision")
	k.is(putCase(k, c, 1), store.ErrConflict, "one that was overtaken")
	k.reopen()
	type kept struct {
		Row      store.CaseRow
		Revision int
	}
	got := read(k, func(tx store.Tx) (kept, error) {
		row, revision, err := tx.Platform().Desk().Cases().Get(k.ctx, "case_1")
		return kept{row, revision}, err
	})
	changed.Publisher, changed.Program, changed.OpenedAt = c.Publisher, c.Program, c.OpenedAt
	k.same("the case", got, kept{changed, 2})
}

func casePages(k *kit) {
	var rows []store.CaseRow
	for i := range 6 {
		c := sampleCase(fmt.Sprint("case_", i), at(int64(i/2)))
		if i%2 == 1 {
			c.Publisher = "ben"
		}
		if i == 4 {
			c.State, c.Category, c.Program = "closed", "other", ro
		}
		rows = append(rows, c)
		k.is(putCase(k, c, 0), nil, c.ID)
	}
	for _, x := range []struct {
		f    store.CaseFilter
		want []int
	}{
		{store.CaseFilter{}, []int{4, 5, 2, 3, 0, 1}},
		{store.CaseFilter{Publisher: "ben"}, []int{5, 3, 1}},
		{store.CaseFilter{State: "held", Publisher: "ann"}, []int{2, 0}},
		{store.CaseFilter{Program: ro}, []int{4}},
		{store.CaseFilter{Category: "other", Program: tr}, nil},
	} {
		var got, want []store.CaseRow
		for _, i := range x.want {
			want = append(want, rows[i])
		}
		for after := ""; ; {
			var page []store.CaseRow
			var next string
			k.view(func(tx store.Tx) (err error) {
				page, next, err = tx.Platform().Desk().Cases().Page(k.ctx, x.f, after, 2)
				return err
			})
			got = append(got, page...)
			if after = next; next == "" {
				break
			}
		}
		k.same(fmt.Sprintf("the cases of %+v", x.f), got, want)
	}
	for _, cursor := range []string{"x", "bm8"} {
		k.is(k.store.View(k.ctx, func(tx store.Tx) error {
			_, _, err := tx.Platform().Desk().Cases().Page(k.ctx, store.CaseFilter{}, cursor, 2)
			return err
		}), store.ErrInvalid, "a cursor that is none")
	}
}

func casesDue(k *kit) {
	var rows []store.CaseRow
	for i, next := range []time.Time{at(5), at(3), {}, at(3), at(9)} {
		c := sampleCase(fmt.Sprint("case_", i), at(1))
		c.Next = next
		rows = append(rows, c)
		k.is(putCase(k, c, 0), nil, c.ID)
	}
	due := func(when time.Time, limit int) []store.CaseRow {
		return read(k, func(tx store.Tx) ([]store.CaseRow, error) {
			return tx.Platform().Desk().Cases().Due(k.ctx, when, limit)
		})
	}
	k.same("before the first", len(due(at(2), 10)), 0)
	k.same("those that are due", due(at(5), 10), []store.CaseRow{rows[1], rows[3], rows[0]})
	k.same("the first of them", due(at(5), 1), []store.CaseRow{rows[1]})
}

// caseWrites are the methods that change something.
func caseWrites() []write {
	return []write{
		{"Cases.Put", func(ctx context.Context, tx store.Tx) error {
			_, revision, err := tx.Platform().Desk().Cases().Get(ctx, "case_1")
			if err != nil {
				revision = 0
			}
			return tx.Platform().Desk().Cases().Put(ctx, sampleCase("case_1", at(1)), revision)
		}},
	}
}

// lookAtCases reads everything of the role.
func lookAtCases(ctx context.Context, tx store.Tx, note func(string, any, error)) {
	row, revision, err := tx.Platform().Desk().Cases().Get(ctx, "case_1")
	note("Cases.Get", []any{row, revision}, err)
	page, next, err := tx.Platform().Desk().Cases().Page(ctx, store.CaseFilter{}, "", 1)
	note("Cases.Page", []any{page, next}, err)
	due, err := tx.Platform().Desk().Cases().Due(ctx, at(99), 10)
	note("Cases.Due", due, err)
}
