package privacy

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/store"
)

// naming is by what a person is named in texts, and what stands there afterwards.
type naming struct {
	id, email string
	name      string
	pseudonym string
}

func namingOf(p *store.Person) *naming {
	return &naming{id: p.ID, email: p.Email, name: p.Name, pseudonym: "erased-" + p.ID[max(0, len(p.ID)-8):]}
}

// escaped is a text as it stands in JSON.
func escaped(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return text // no text fails
	}
	return string(b[1 : len(b)-1])
}

// words are what texts are searched for.
func (n *naming) words() []string {
	all := []string{n.email}
	if n.name != "" {
		all = append(all, n.name)
		if e := escaped(n.name); e != n.name {
			all = append(all, e)
		}
	}
	return all
}

// rewrite replaces the address wherever it stands, and the name where it cannot be anything else: where it has several words, or is all of
// a text or of a value in JSON. A name of one word within a sentence may be somebody else's, or no name at all, and stays.
func (n *naming) rewrite(text string) string {
	text = replace(text, n.email, n.pseudonym, addressy)
	if n.name == "" {
		return text
	}
	for _, name := range []string{n.name, escaped(n.name)} {
		if fold(text) == fold(name) {
			return n.pseudonym
		}
		text = replace(text, `"`+name+`"`, `"`+n.pseudonym+`"`, func(rune, rune) bool { return false })
		if strings.ContainsFunc(name, unicode.IsSpace) {
			text = replace(text, name, n.pseudonym, wordy)
		}
	}
	return text
}

// cut notes what becomes of an entry of the audit log, where it names the person.
func (n *naming) cut(e *store.AuditEntry, cuts map[int64]string) {
	if e.Detail == "" || e.Action == audit.Redacted {
		return
	}
	rewrite := n.rewrite
	if e.Object == "person "+n.id && strings.HasPrefix(e.Action, "passkey.") {
		rewrite = func(string) string { return n.pseudonym } // what somebody calls a device is the person's own
	}
	if detail := audit.Rewritten(e.Detail, rewrite); detail != e.Detail {
		cuts[e.Sequence] = detail
	}
}

// wordy and addressy say whether a character beside a hit, with the one behind it, makes the hit a part of something longer.
func wordy(r, _ rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
func addressy(r, next rune) bool {
	return wordy(r, 0) || strings.ContainsRune("-+%@", r) || r == '.' && wordy(next, 0) // a point alone ends a sentence
}

// fold makes A to Z match a to z, as the store does, and leaves each byte in its place.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// replace replaces what is not part of something longer. Text that is no UTF-8 is left as it is.
func replace(text, old, with string, longer func(r, next rune) bool) string {
	if old == "" || !utf8.ValidString(text) {
		return text
	}
	folded, old := fold(text), fold(old)
	var out strings.Builder
	done := 0
	for at := 0; ; {
		i := strings.Index(folded[at:], old)
		if i < 0 {
			break
		}
		begin, end := at+i, at+i+len(old)
		before, _ := utf8.DecodeLastRuneInString(text[:begin])
		after, size := utf8.DecodeRuneInString(text[end:])
		next, _ := utf8.DecodeRuneInString(text[end+size:])
		at = end
		if begin > 0 && longer(before, 'a') || end < len(text) && longer(after, next) {
			at = begin + 1
			for at < len(text) && !utf8.RuneStart(text[at]) {
				at++
			}
			continue
		}
		out.WriteString(text[done:begin])
		out.WriteString(with)
		done = end
	}
	out.WriteString(text[done:])
	return out.String()
}
