package keyword

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/program"
)

func found(hits []Hit) (out []string) {
	for _, h := range hits {
		out = append(out, fmt.Sprintf("%s %s %d:%d %q", h.Keyword, h.How, h.Line, h.Column, h.Text))
	}
	return out
}

// F3: a keyword is found whatever its capitals, accents, dots of the i, look-alike letters and spacing; the place is told.
func TestF3_KeywordsAreFoundHoweverTheyAreWritten(t *testing.T) {
	s := New([]string{"AliExpress", "Alibaba", "Alibaba Group", "eTao", "ŞİK Mağaza", "阿里", "Istanbul"})
	for _, c := range []struct {
		text string
		want []string
	}{
		{"Buy at ALIEXPRESS now", []string{`AliExpress word 1:8 "ALIEXPRESS"`}},
		{"ALİEXPRESS indirimleri", []string{`AliExpress word 1:1 "ALİEXPRESS"`}},
		{"alıexpress", []string{`AliExpress word 1:1 "alıexpress"`}},
		{"Àlïéxprèss", []string{`AliExpress word 1:1 "Àlïéxprèss"`}},
		{"A\u0301liExpress", []string{"AliExpress word 1:1 \"A\u0301liExpress\""}},
		{"ali\u00adexpress", []string{`AliExpress word 1:1 "ali\u00adexpress"`}},
		{"АliЕxprеss with Cyrillic letters", []string{`AliExpress word 1:1 "АliЕxprеss"`}},
		{"ＡｌｉＥｘｐｒｅｓｓ", []string{`AliExpress word 1:1 "ＡｌｉＥｘｐｒｅｓｓ"`}},
		{"line one\nçok ucuz: aliexpress.com", []string{`AliExpress word 2:11 "aliexpress"`}},
		{"AliExpress'ten alın", []string{`AliExpress word 1:1 "AliExpress"`}},
		{"aliexpressten alın", []string{`AliExpress part 1:1 "aliexpress"`}},
		{"bestaliexpressdeals", []string{`AliExpress part 1:5 "aliexpress"`}},
		{"Ali Express, ali-express", []string{`AliExpress spacing 1:1 "Ali Express"`, `AliExpress spacing 1:14 "ali-express"`}},
		{"a.l.i.b.a.b.a", []string{`Alibaba spacing 1:1 "a.l.i.b.a.b.a"`}},
		{"alibaba   group", []string{`Alibaba Group word 1:1 "alibaba   group"`}},
		{"alibabagroup", []string{`Alibaba Group spacing 1:1 "alibabagroup"`}},
		{"alibaba\ngroup", []string{"Alibaba Group word 1:1 \"alibaba\\ngroup\""}},
		{"Alibaba! Group tours", []string{`Alibaba word 1:1 "Alibaba"`}},
		{"şık mağaza", []string{`ŞİK Mağaza word 1:1 "şık mağaza"`}},
		{"sik magazalar", []string{`ŞİK Mağaza part 1:1 "sik magaza"`}},
		{"在阿里买", []string{`阿里 word 1:2 "阿里"`}},
		{"ISTANBUL ıstanbul İSTANBUL", []string{`Istanbul word 1:1 "ISTANBUL"`, `Istanbul word 1:10 "ıstanbul"`, `Istanbul word 1:19 "İSTANBUL"`}},
		// What is no keyword.
		{"metaobject, the taoist", nil}, {"Ali expresses himself; alice", nil}, {"ali\nexpress", nil}, {"", nil}, {"…", nil}, {"ali", nil}, {"the ta", nil},
	} {
		if got := found(s.Find(c.text)); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
	if got := New(nil).Find("anything"); got != nil {
		t.Error(got)
	}
}

// Every keyword of the reference programs is found as it stands, in capitals of both languages and inside a sentence.
func TestF3_ReferenceKeywords(t *testing.T) {
	tried := 0
	for _, id := range program.ReferenceIDs() {
		versions, _ := program.Reference(id)
		for _, terms := range versions {
			s := New(terms.Page.Keywords)
			for _, k := range terms.Page.Keywords {
				for _, as := range []string{k, strings.ToUpper(k), strings.ReplaceAll(strings.ToUpper(k), "I", "İ"), strings.ToLower(k)} {
					if hits := s.Find("best " + as + ", cheap"); len(hits) != 1 || hits[0].Text != as {
						t.Errorf("%q of %s is not found as %q: %v", k, id, as, hits)
					}
					tried++
				}
			}
		}
	}
	if tried == 0 {
		t.Error("no reference program has keywords")
	}
}

// FuzzFind: no text makes the search fail, and every hit stands where it says and has the keyword's letters.
func FuzzFind(f *testing.F) {
	f.Add("Ali Express ALİEXPRESS", "AliExpress")
	f.Add("a\u0301\xff b", "á b")
	f.Fuzz(func(t *testing.T, text, word string) {
		for _, h := range New([]string{word}).Find(text) {
			if h.From < 0 || h.To > len(text) || text[h.From:h.To] != h.Text {
				t.Fatalf("%+v", h)
			}
			if !strings.Contains(strings.ReplaceAll(Fold(h.Text), " ", ""), strings.ReplaceAll(Fold(word), " ", "")) { // a letter such as ß has two
				t.Fatalf("%q is no %q", h.Text, word)
			}
		}
	})
}
