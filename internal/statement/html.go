package statement

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
)

//go:embed statement.html
var pageText string

//go:embed statement.css
var styleText string

// StyleHash names the style of the HTML statement in a Content-Security-Policy: a page that serves statements under a
// policy of its own allows it with "style-src" and this source.
func StyleHash() string {
	sum := sha256.Sum256([]byte(styleText))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// page is what the template shows; everything is text by then.
type page struct {
	W         pageWords
	S         *Statement
	Style     template.CSS
	StyleHash string
	Program   string
	From      string
	Last      string
	Zone      string
	MadeAt    string
	Opening   string
	Closing   string
	Sums      []pageSum
	Parts     []pageSum
	NotYet    []pageSum
	Lines     []pageLine
}

type pageWords struct {
	Lang, Title, Number, Program, Publisher, Period, MadeAt, Opening, Closing, Summary, Lines, None, Booked, What, Why, Amount, Balance, NotYet, Explain string
}

type pageSum struct {
	What   string
	Lines  int
	Amount string
}

type pageLine struct {
	Day, What, About, Cause, Amount, Balance string
	Negative                                 bool
}

// WriteHTML writes the statement as one HTML file that needs no other, in light and dark, and fit for print. It runs no
// script and loads nothing.
func (s *Statement) WriteHTML(out io.Writer, lang string) error {
	t, err := template.New("statement").Parse(pageText)
	if err != nil {
		return fmt.Errorf("writing a statement as HTML: %w", err)
	}
	var b bytes.Buffer // all or nothing
	if err := t.Execute(&b, s.page(lang)); err != nil {
		return fmt.Errorf("writing a statement as HTML: %w", err)
	}
	if _, err := out.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing a statement as HTML: %w", err)
	}
	return nil
}

func (s *Statement) page(lang string) page {
	w := wordsOf(lang)
	p := page{
		W: pageWords{w.lang, w.title, w.number, w.program, w.publisher, w.period, w.madeAt, w.opening, w.closing, w.summary, w.lines, w.none, w.booked, w.what,
			w.why, w.amount, w.balance, w.notYet, w.explain},
		S: s, Style: template.CSS(styleText), StyleHash: StyleHash(), Program: s.programName(lang), From: s.day(s.From), Last: s.last(), Zone: s.Zone.String(),
		MadeAt: s.MadeAt.In(s.Zone).Format("2006-01-02 15:04"), Opening: s.money(s.Opening.Balance()), Closing: s.money(s.Closing.Balance()),
	}
	for _, sum := range s.Sums {
		p.Sums = append(p.Sums, pageSum{w.kinds(sum.Kind), sum.Lines, s.money(sum.Amount)})
	}
	for _, part := range s.parts(&w) {
		p.Parts = append(p.Parts, pageSum{What: part.what, Amount: s.money(part.amount)})
	}
	for _, part := range s.notYet(&w) {
		p.NotYet = append(p.NotYet, pageSum{What: part.what, Amount: s.money(part.amount)})
	}
	for i := range s.Lines {
		l := &s.Lines[i]
		p.Lines = append(p.Lines, pageLine{s.day(l.BookedAt), w.kinds(l.Kind), s.about(l, &w), l.Cause, s.amount(l.Amount), s.amount(l.Balance), l.Amount < 0})
	}
	return p
}

// programName is the program's name, and its slug where it has none.
func (s *Statement) programName(lang string) string {
	if name := s.ProgramName.In(lang); name != "" {
		return name
	}
	return string(s.Program)
}

func (s *Statement) money(minor int64) string { return s.amount(minor) + " " + string(s.Currency) }

// part is one part of a balance.
type part struct {
	what   string
	amount int64
}

// parts are what the closing balance is made of.
func (s *Statement) parts(w *words) []part {
	return some(part{w.available, s.Closing.Available}, part{w.reserved, s.Closing.Reserved}, part{w.sent, s.Closing.Sent}, part{w.held, s.Closing.Held},
		part{w.debt, s.Closing.Debt})
}

// notYet are the commissions that may enter the balance later.
func (s *Statement) notYet(w *words) []part {
	return some(part{w.tracked, s.Closing.Tracked}, part{w.pending, s.Closing.Pending})
}

func some(parts ...part) []part {
	var kept []part
	for _, p := range parts {
		if p.amount != 0 {
			kept = append(kept, p)
		}
	}
	return kept
}
