package keywords

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

func open(t *testing.T) *Service {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) // the test is over
	return New(db, func() time.Time { return time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC) })
}

// F3: the list of a program can be downloaded as a table and as text, and is that of the document in force.
func TestF3_TheListOfAProgram(t *testing.T) {
	v := open(t)
	b, err := v.Banned(t.Context(), "tr")
	if err != nil || b.Version != 1 || len(b.Keywords) != 11 {
		t.Fatal(b, err)
	}
	if text := string(b.Text()); !strings.HasPrefix(text, "Alibaba\nAlibaba Group\n") || strings.Count(text, "\n") != 11 {
		t.Errorf("%q", text)
	}
	if csv, err := b.CSV(); err != nil || !strings.HasPrefix(string(csv), "program,keyword,version,in_force_since\ntr,Alibaba,1,2") {
		t.Errorf("%s %v", csv, err)
	}
	if _, err := v.Banned(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

// F3: a list is checked line by line; a negative keyword may be a banned one; a table tells of each line and is no formula.
func TestF3_AListIsChecked(t *testing.T) {
	v := open(t)
	lines, err := v.CheckList(t.Context(), "tr", "cheap phones\n\n\"aliexpress kupon\"\n-aliexpress\n=ali express\n")
	if err != nil {
		t.Fatal(err)
	}
	csv, err := ResultCSV(lines)
	if err != nil {
		t.Fatal(err)
	}
	want := "line,keyword,ok,banned,how,column\n1,cheap phones,yes,,,\n3,\"\"\"aliexpress kupon\"\"\",no,AliExpress,word,2\n4,'-aliexpress,yes,AliExpress,word,2\n5,'=ali express,no,AliExpress,spacing,2\n"
	if string(csv) != want {
		t.Errorf("got\n%s\nwant\n%s", csv, want)
	}
	var wrong *field.Error
	for _, bad := range []string{strings.Repeat("x", MaxText+1), "\xff"} {
		if _, err := v.CheckList(t.Context(), "tr", bad); !errors.As(err, &wrong) || wrong.Field != "text" {
			t.Error(err)
		}
		if _, err := v.Check(t.Context(), "tr", bad); !errors.As(err, &wrong) {
			t.Error(err)
		}
	}
	if _, err := v.CheckList(t.Context(), "tr", strings.Repeat("\n", MaxLines+1)); !errors.As(err, &wrong) || wrong.Field != "list" {
		t.Error(err)
	}
	if hits, err := v.Check(t.Context(), "tr", "Best phones, not from TAOBAO"); err != nil || len(hits) != 1 || hits[0].Column != 23 {
		t.Error(hits, err)
	}
}
