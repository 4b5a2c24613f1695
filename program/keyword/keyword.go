// Package keyword looks for a program's banned keywords in ad texts and keyword lists (F3): whatever their capitals, accents, dotted and
// dotless i, look-alike letters or spacing.
package keyword

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// How is how a text holds a keyword: a stable code.
type How string

// The ways.
const (
	Word    How = "word"    // as a word or words of its own
	Spacing How = "spacing" // with its words written together, or its letters apart
	Part    How = "part"    // inside a longer word: somebody should look whether it is meant
)

// Hit is a place that holds a keyword. Lines and columns count from 1, columns in characters; offsets count bytes.
type Hit struct {
	Keyword      string // as the program document writes it
	How          How
	Text         string // what stands there
	Line, Column int
	From, To     int // To is exclusive
}

// Set is a list of keywords, read.
type Set struct {
	words []word
	first map[rune][]int // places in words, by their first letter
}

// word is a keyword as it is compared.
type word struct {
	text    string
	letters []cell
	packed  bool // of a script that puts no spaces between words
}

// New reads a list of keywords.
func New(keywords []string) *Set {
	s := &Set{first: make(map[rune][]int)}
	for _, k := range keywords {
		w := word{text: k, letters: cells(k)}
		if len(w.letters) == 0 {
			continue
		}
		w.packed = strings.ContainsFunc(k, func(r rune) bool {
			return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
		})
		s.first[w.letters[0].r] = append(s.first[w.letters[0].r], len(s.words))
		s.words = append(s.words, w)
	}
	return s
}

// A keyword with fewer letters is looked for as a word of its own only, or it would be everywhere.
const (
	leastSpaced = 4 // with other spacing
	leastPrefix = 4 // at the beginning of a longer word
	leastInside = 6 // anywhere in a longer word
)

// Find returns the places of a text that hold keywords, in their order. Of several that begin at one place only the longest counts.
func (s *Set) Find(text string) []Hit {
	in := cells(text)
	var hits []Hit
	for i := range in {
		var best Hit
		for _, n := range s.first[in[i].r] {
			w := &s.words[n]
			how, ok := w.at(text, in, i)
			if end := i + len(w.letters); ok && in[end-1].to > best.To {
				best = Hit{Keyword: w.text, How: how, From: in[i].from, To: in[end-1].to}
			}
		}
		// What is inside another hit is said already.
		if best.To > 0 && (len(hits) == 0 || best.To > hits[len(hits)-1].To) {
			hits = append(hits, best)
		}
	}
	place(text, hits)
	return hits
}

// at tells how a text holds the keyword from its i-th letter on, if it does.
func (w *word) at(text string, in []cell, i int) (How, bool) {
	n := len(w.letters)
	if i+n > len(in) {
		return "", false
	}
	other := false
	for k := range w.letters {
		if in[i+k].r != w.letters[k].r {
			return "", false
		}
		if k == 0 {
			continue
		}
		gap := text[in[i+k-1].to:in[i+k].from]
		switch {
		case in[i+k].starts && w.letters[k].starts: // between words: anything that a sentence does not end with
			if strings.ContainsAny(gap, "!?;") || strings.Count(gap, "\n") > 1 {
				return "", false
			}
		case in[i+k].starts:
			if !joins(gap) {
				return "", false
			}
			other = true
		case w.letters[k].starts:
			other = true
		}
	}
	starts := in[i].starts
	ends := i+n == len(in) || in[i+n].starts
	switch {
	case w.packed, starts && ends && !other:
		return Word, true
	case starts && ends && n >= leastSpaced:
		return Spacing, true
	case other:
		return "", false // apart and inside another word: chance
	case starts && n >= leastPrefix, n >= leastInside:
		return Part, true
	}
	return "", false
}

// joins reports whether what stands between two letters may stand inside a word that somebody wrote apart.
func joins(gap string) bool {
	return utf8.RuneCountInString(gap) == 1 && strings.ContainsAny(gap, " -_.·•*|/\u00a0")
}

// place fills in what stands at each hit, and its line and column.
func place(text string, hits []Hit) {
	line, column, at := 1, 1, 0
	for i := range hits {
		h := &hits[i]
		for _, r := range text[at:h.From] {
			if column++; r == '\n' {
				line, column = line+1, 1
			}
		}
		at = h.From
		h.Line, h.Column, h.Text = line, column, text[h.From:h.To]
	}
}

// cell is a letter or digit as it is compared, and where it stands.
type cell struct {
	r        rune
	from, to int
	starts   bool // something that is no letter or digit stands before it, or nothing
}

// cells are the letters and digits of a text as they are compared. Marks and what cannot be seen are left out.
func cells(text string) []cell {
	plain := plainLetters()
	out := make([]cell, 0, len(text))
	starts := true
	for at, r := range text {
		width := utf8.RuneLen(r)
		if r == utf8.RuneError {
			width = 1
		}
		if unicode.In(r, unicode.Mn, unicode.Cf) { // accents of their own, soft hyphens, joiners
			if len(out) > 0 && !starts {
				out[len(out)-1].to = at + width
			}
			continue
		}
		if r >= 0xFF01 && r <= 0xFF5E { // full-width forms
			r -= 0xFEE0
		}
		r = unicode.ToLower(r)
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			starts = true
			continue
		}
		as, ok := plain[r]
		if !ok {
			as = string(r)
		}
		for _, c := range as {
			out = append(out, cell{c, at, at + width, starts})
			starts = false
		}
	}
	return out
}

// plainLetters are the small letters that are compared as others: Latin ones as those without accents, the dotless i as i, and Cyrillic
// and Greek ones that look like Latin ones as those.
var plainLetters = sync.OnceValue(func() map[rune]string {
	out := make(map[rune]string)
	for as, letters := range map[string]string{
		"a": "àáâãäåāăąǎạảấầẩẫậắằẳẵặаα", "b": "ƀɓ", "c": "çćĉċčс", "d": "ďđð", "e": "èéêëēĕėęěẹẻẽếềểễệеёε", "f": "ƒ", "g": "ĝğġģǧ", "h": "ĥħһ",
		"i": "ìíîïĩīĭįıǐỉịіїι", "j": "ĵј", "k": "ķĸкκ", "l": "ĺļľŀł", "m": "мμ", "n": "ñńņňŉŋ", "o": "òóôõöøōŏőǒọỏốồổỗộơớờởỡợоο", "p": "ƥрρ", "r": "ŕŗř",
		"s": "śŝşšșѕ", "t": "ţťŧțтτ", "u": "ùúûüũūŭůűųǔụủưứừửữựυ", "v": "ν", "w": "ŵẁẃẅ", "x": "хχ", "y": "ýÿŷỳỵỷỹу", "z": "źżž", "ae": "æ", "oe": "œ", "ss": "ß", "th": "þ",
	} {
		for _, r := range letters {
			out[r] = as
		}
	}
	return out
})

// Fold is a text as it is compared: small letters and digits without accents, and one space for all else. Texts with the same fold are
// the same keyword.
func Fold(text string) string {
	var b strings.Builder
	for i, c := range cells(text) {
		if i > 0 && c.starts {
			b.WriteByte(' ')
		}
		b.WriteRune(c.r)
	}
	return b.String()
}
