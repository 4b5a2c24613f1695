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
		{"files of a case come back as they were put, in their order (M4)", caseFiles},
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

func sampleFile(id string, number int) store.CaseFile {
	return store.CaseFile{
		Case: id, Number: number, Name: "günlük.pdf", Type: "application/pdf", Size: 4, SHA256: "ab", By: "per1", FromPublisher: number%2 == 1, At: at(int64(number)), Data: []byte{0, 255, byte(number), '\n'},
	}
}

func caseFiles(k *kit) {
	put := func(f store.CaseFile) error {
		return k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Platform().Desk().Cases().PutFile(k.ctx, f) })
	}
	k.is(put(sampleFile("case_1", 1)), store.ErrNotFound, "a file of a case that is not there")
	for _, id := range []string{"case_1", "case_2"} {
		k.is(putCase(k, sampleCase(id, at(1)), 0), nil, id)
	}
	bare := store.CaseFile{Case: "case_1", Number: 3, At: at(9), Data: []byte{}}
	for _, f := range []store.CaseFile{sampleFile("case_1", 2), sampleFile("case_1", 1), bare, sampleFile("case_2", 1)} {
		k.is(put(f), nil, "a file")
	}
	other := sampleFile("case_1", 1)
	other.Data = []byte("other")
	k.is(put(other), store.ErrConflict, "a number that is taken")
	k.reopen()
	files := func(id string) []store.CaseFile {
		return read(k, func(tx store.Tx) ([]store.CaseFile, error) { return tx.Platform().Desk().Cases().Files(k.ctx, id) })
	}
	want := []store.CaseFile{sampleFile("case_1", 1), sampleFile("case_1", 2), bare}
	for i := range want {
		f := read(k, func(tx store.Tx) (store.CaseFile, error) {
			return tx.Platform().Desk().Cases().File(k.ctx, "case_1", want[i].Number)
		})
		k.same("the bytes of a file", string(f.Data), string(want[i].Data))
		f.Data = want[i].Data
		k.same("a file", f, want[i])
		want[i].Data = nil
	}
	k.same("the files of a case", files("case_1"), want)
	k.same("those of one that is not there", len(files("case_9")), 0)
	for _, x := range []struct {
		id     string
		number int
	}{{"case_1", 4}, {"case_9", 1}, {"case_2", 2}} {
		k.is(k.store.View(k.ctx, func(tx store.Tx) error {
			_, err := tx.Platform().Desk().Cases().File(k.ctx, x.id, x.number)
			return err
		}), store.ErrNotFound, "a file that is not there")
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
		{"Cases.PutFile", func(ctx context.Context, tx store.Tx) error {
			role := tx.Platform().Desk().Cases()
			files, err := role.Files(ctx, "case_1")
			if err != nil {
				return err
			}
			return role.PutFile(ctx, sampleFile("case_1", len(files)+1))
		}},
	}
}

// lookAtCases reads everything of the role.
func lookAtCases(ctx context.Context, tx store.Tx, note func(string, any, error)) {
	row, revision, err := tx.Platform().Desk().Cases().Get(ctx, "case_1")
	note("Cases.Get", []any{row, revision}, err)
	page, next, err := tx.Platform().Desk().Cases().Page(ctx, store.CaseFilter{}, "", 1)
	note("Cases.Page", []any{page, next}, err)
	files, err := tx.Platform().Desk().Cases().Files(ctx, "case_1")
	note("Cases.Files", files, err)
	file, err := tx.Platform().Desk().Cases().File(ctx, "case_1", 1)
	note("Cases.File", file, err)
	due, err := tx.Platform().Desk().Cases().Due(ctx, at(99), 10)
	note("Cases.Due", due, err)
}
