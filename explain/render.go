package explain

import (
	"fmt"
	"slices"
	"strings"
)

// Languages are the languages that Render knows.
func Languages() []string { return []string{"en", "tr"} }

// Render says a step in a sentence that a publisher understands. An unknown language is English. A step whose code has no
// sentence is shown as its code and values, so that nothing is hidden.
func Render(lang string, s Step) string {
	book := english
	if lang == "tr" {
		book = turkish
	}
	templates, ok := book.sentences[s.Code]
	if !ok {
		return plain(s)
	}
	var b strings.Builder
	for _, t := range templates {
		if text, ok := book.fill(t, s); ok {
			b.WriteString(text)
		}
	}
	return b.String()
}

// Sentences renders all steps.
func Sentences(lang string, steps []Step) []string {
	out := make([]string, len(steps))
	for i, s := range steps {
		out[i] = Render(lang, s)
	}
	return out
}

// Word is what a named value reads as, such as the fate of a candidate; a value without a word reads as itself.
func Word(lang, name, value string) string {
	if lang == "tr" {
		return turkish.word(name, value)
	}
	return english.word(name, value)
}

func plain(s Step) string {
	parts := []string{s.Code}
	for _, v := range s.Values {
		parts = append(parts, v.Name+"="+v.Text)
	}
	return strings.Join(parts, " ")
}

// phrasebook is a language: for each code a list of parts. A part is left out when a value that it names is absent.
type phrasebook struct {
	sentences map[string][]string
	words     map[string]map[string]string // by value name: what a code reads as
}

// fill puts values into a part: {name} is the value, or its words where the phrasebook has some.
func (p *phrasebook) fill(part string, s Step) (string, bool) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(part, "{")
		b.WriteString(before)
		if !found {
			return b.String(), true
		}
		name, after, _ := strings.Cut(rest, "}")
		i := slices.IndexFunc(s.Values, func(v Value) bool { return v.Name == name })
		if i < 0 {
			return "", false
		}
		b.WriteString(p.word(name, s.Values[i].Text))
		part = after
	}
}

func (p *phrasebook) word(name, value string) string {
	if w, ok := p.words[name][value]; ok {
		return w
	}
	// "store_list:chuwi" reads as the word for "store_list" with the name in it.
	if kind, arg, ok := strings.Cut(value, ":"); ok && p.words[name] != nil {
		if w, ok := p.words[name][kind+":"]; ok {
			return fmt.Sprintf(w, arg)
		}
	}
	return value
}

// Codes are all codes that have a sentence; every language has the same ones.
func Codes() []string {
	codes := make([]string, 0, len(english.sentences))
	for c := range english.sentences {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	return codes
}
