package bankfile

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Latin writes a text in the letters that every bank takes: a-z A-Z 0-9 / - ? : ( ) . , ' + and space. Accents are dropped;
// Cyrillic, Greek, Georgian and Armenian are transliterated; other signs become a full stop. It returns the letters that
// it could not write, such as Arabic or Chinese ones: nobody but their owner knows how the bank spells them.
func Latin(text string) (latin, unknown string) {
	var b, un strings.Builder
	for _, r := range norm.NFD.String(text) {
		switch s, ok := letter(r); {
		case ok:
			b.WriteString(s)
		case unicode.In(r, unicode.Mn):
			// an accent of the letter before it
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			un.WriteRune(r)
		case unicode.IsSpace(r) || unicode.IsControl(r):
			b.WriteByte(' ')
		default:
			b.WriteByte('.')
		}
	}
	return strings.Join(strings.Fields(b.String()), " "), un.String()
}

func bankLetter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/-?:().,'+ ", r)
}

func letter(r rune) (string, bool) {
	if bankLetter(r) {
		return string(r), true
	}
	if s, ok := special(r); ok {
		return s, true
	}
	if lower := unicode.ToLower(r); lower != r {
		if s, ok := special(lower); ok {
			return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):], true
		}
	}
	return "", false
}

// special are letters that do not come apart into one of the bank's and an accent, in lower case.
func special(r rune) (string, bool) {
	switch r {
	case '&':
		return "+", true
	case '_', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014':
		return "-", true
	case '"', '`', '\u2018', '\u2019', '\u201C', '\u201D', '\u201E', '\u02BB', '\u02BC':
		return "'", true
	case '@':
		return "(at)", true
	}
	if s, ok := lookup(r, "ß=ss ı=i ø=o æ=ae œ=oe đ=d ð=d ł=l þ=th ħ=h ŋ=n ə=a ŧ=t ĸ=k"); ok {
		return s, true
	}
	switch {
	case r >= 'а' && r <= 'я':
		return [...]string{"a", "b", "v", "g", "d", "e", "zh", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh", "ts",
			"ch", "sh", "shch", "", "y", "", "e", "yu", "ya"}[r-'а'], true
	case r >= 'α' && r <= 'ω':
		return [...]string{"a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "s", "t", "y", "f", "ch", "ps", "o"}[r-'α'], true
	case r >= 'ა' && r <= 'ჰ':
		return [...]string{"a", "b", "g", "d", "e", "v", "z", "t", "i", "k", "l", "m", "n", "o", "p", "zh", "r", "s", "t", "u", "p", "k", "gh", "q", "sh",
			"ch", "ts", "dz", "ts", "ch", "kh", "j", "h"}[r-'ა'], true
	case r >= 'ա' && r <= 'ֆ':
		return [...]string{"a", "b", "g", "d", "e", "z", "e", "y", "t", "zh", "i", "l", "kh", "ts", "k", "h", "dz", "gh", "ch", "m", "y", "n", "sh", "o",
			"ch", "p", "j", "r", "s", "v", "t", "r", "ts", "u", "p", "k", "o", "f"}[r-'ա'], true
	}
	// The Cyrillic letters of Ukrainian, Belarusian, Serbian, Macedonian, Kazakh, Kyrgyz and Tajik.
	return lookup(r, "є=ie і=i ґ=g ђ=dj ј=j љ=lj њ=nj ћ=c џ=dz ѕ=dz ә=a ғ=gh қ=q ң=ng ө=o ұ=u ү=u һ=h ҳ=h ҷ=j ӣ=i ӯ=u և=ev")
}

// lookup finds what a letter is written as in a list of "letter=text".
func lookup(r rune, list string) (string, bool) {
	_, rest, ok := strings.Cut(" "+list+" ", " "+string(r)+"=")
	if !ok {
		return "", false
	}
	s, _, _ := strings.Cut(rest, " ")
	return s, true
}

// text is a text as a bank takes it, of at most a number of characters.
func text(s string, most int) string {
	latin, _ := Latin(s)
	if len(latin) > most {
		latin = strings.TrimSpace(latin[:most])
	}
	return latin
}
