package statement

import (
	_ "embed" // the fonts
	"fmt"
	"io"
	"strings"

	"codeberg.org/go-pdf/fpdf"
)

//go:embed font/DejaVuSansCondensed.ttf
var regular []byte

//go:embed font/DejaVuSansCondensed-Bold.ttf
var bold []byte

// WritePDF writes the statement as PDF, A4. The same statement gives the same bytes.
func (s *Statement) WritePDF(out io.Writer, lang string) error { return s.writePDF(out, lang, true) }

func (s *Statement) writePDF(out io.Writer, lang string, compress bool) error {
	w := wordsOf(lang)
	d := &drawing{Fpdf: fpdf.New("P", "mm", "A4", ""), s: s, w: &w}
	d.SetCompression(compress)
	d.SetCatalogSort(true)
	d.SetCreationDate(s.MadeAt.UTC())
	d.SetModificationDate(s.MadeAt.UTC())
	d.SetTitle(d.fit(w.title+" "+s.Number), true)
	d.SetCreator("Clickledger", true)
	d.SetLang(w.lang)
	// The library replaces an alias by the number of pages wherever it stands, in publishers' texts too. This one cannot stand
	// anywhere: its letters are none that fit lets through.
	d.AliasNbPages("\uE000\uE001\uE002\uE003")
	d.AddUTF8FontFromBytes(family, "", regular)
	d.AddUTF8FontFromBytes(family, "B", bold)
	d.SetMargins(left, top, left)
	d.SetAutoPageBreak(false, bottom)
	d.AddPage()
	d.head()
	d.summary()
	d.lines()
	d.footers()
	if err := d.Output(out); err != nil {
		return fmt.Errorf("writing a statement as PDF: %w", err)
	}
	return nil
}

// Measures, in millimetres.
const (
	family = "dejavu"
	left   = 14.0
	top    = 16.0
	bottom = 18.0
	width  = 210.0 - 2*left
	limit  = 297.0 - bottom // where a page ends
	dayW   = 20.0
	sumW   = 27.0
	textW  = width - dayW - 2*sumW
	row    = 4.6
)

type drawing struct {
	*fpdf.Fpdf
	s       *Statement
	w       *words
	missing bool // a letter was shown as □
}

// fit replaces letters that the font does not have.
func (d *drawing) fit(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case hasGlyph(r):
			return r
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		}
		d.missing = true
		return '\u25A1'
	}, text)
}

// hasGlyph reports whether the fonts have a letter: see font/README.md.
func hasGlyph(r rune) bool {
	switch {
	case r < 0x20, r > 0xFFFF:
		return false
	case r <= 0x7E, r >= 0xA0 && r <= 0x24F, r == 0x259, r == 0x2BB, r == 0x2BC, r >= 0x300 && r <= 0x304,
		r >= 0x384 && r <= 0x38A, r == 0x38C, r >= 0x38E && r <= 0x3A1, r >= 0x3A3 && r <= 0x525,
		r >= 0x531 && r <= 0x556, r >= 0x561 && r <= 0x587, r >= 0x10D0 && r <= 0x10FC, r >= 0x1E00 && r <= 0x1EFB,
		r >= 0x2010 && r <= 0x2027, r >= 0x202F && r <= 0x203A, r >= 0x20A0 && r <= 0x20B5, r >= 0x20B8 && r <= 0x20BA, r == 0x20BD,
		r == 0x2116, r == 0x2122, r >= 0x2190 && r <= 0x2193, r == 0x2212, r == 0x25A1, r == 0xFFFD:
		return true
	}
	return false
}

func (d *drawing) style(style string, size float64, grey int) {
	d.SetFont(family, style, size)
	d.SetTextColor(grey, grey, grey)
}

// cell draws one line of text in a width and moves right.
func (d *drawing) cell(w float64, text, align string) {
	d.CellFormat(w, row, d.fit(text), "", 0, align, false, 0, "")
}

// room begins a new page where less than h is left of this one, and says so.
func (d *drawing) room(h float64) bool {
	if d.GetY()+h <= limit {
		return false
	}
	d.AddPage()
	return true
}

func (d *drawing) head() {
	d.style("B", 18, 20)
	d.CellFormat(width, 9, d.fit(d.w.title), "", 1, "L", false, 0, "")
	d.Ln(2)
	name := d.s.Name
	if name != d.s.Publisher {
		name += " (" + d.s.Publisher + ")"
	}
	for _, f := range [...][2]string{
		{d.w.number, d.s.Number}, {d.w.program, d.s.programName(d.w.lang)}, {d.w.publisher, name},
		{d.w.period, d.s.day(d.s.From) + " – " + d.s.last() + " (" + d.s.Zone.String() + ")"}, {d.w.madeAt, d.s.MadeAt.In(d.s.Zone).Format("2006-01-02 15:04")},
	} {
		d.style("", 9, 90)
		d.cell(34, f[0], "L")
		d.style("", 9, 20)
		d.wrapped(left+34, width-34, f[1])
	}
	d.Ln(3)
}

// wrapped draws a text in as many lines as it needs, at x, and goes below it.
func (d *drawing) wrapped(x, w float64, text string) {
	for _, line := range d.split(text, w) {
		d.room(row)
		d.SetX(x)
		d.CellFormat(w, row, line, "", 1, "L", false, 0, "")
	}
}

// split breaks a text into lines of a width, at blanks where it can.
func (d *drawing) split(text string, w float64) []string {
	lines := d.SplitText(d.fit(text), w)
	if len(lines) == 0 {
		return []string{""}
	}
	return lines
}

func (d *drawing) summary() {
	d.title(d.w.summary)
	d.sum(d.w.opening, d.s.Opening.Balance(), "B")
	for _, s := range d.s.Sums {
		d.sum(fmt.Sprintf("%s (%d)", d.w.kinds(s.Kind), s.Lines), s.Amount, "")
	}
	d.sum(d.w.closing, d.s.Closing.Balance(), "B")
	for _, p := range d.s.parts(d.w) {
		d.sum("    "+p.what, p.amount, "")
	}
	if notYet := d.s.notYet(d.w); len(notYet) > 0 {
		d.Ln(1.5)
		d.style("", 9, 90)
		d.cell(width, d.w.notYet, "L")
		d.Ln(row)
		for _, p := range notYet {
			d.sum("    "+p.what, p.amount, "")
		}
	}
	d.Ln(1.5)
	d.style("", 8, 90)
	d.wrapped(left, width, d.w.explain)
	d.Ln(3)
}

func (d *drawing) title(text string) {
	d.room(20)
	d.style("B", 12, 20)
	d.CellFormat(width, 7, d.fit(text), "", 1, "L", false, 0, "")
	d.SetDrawColor(200, 205, 210)
}

func (d *drawing) sum(what string, minor int64, style string) {
	d.room(row)
	d.style(style, 9, 20)
	d.CellFormat(width-40, row+0.4, d.fit(what), "B", 0, "L", false, 0, "")
	d.CellFormat(40, row+0.4, d.fit(d.s.money(minor)), "B", 1, "R", false, 0, "")
}

func (d *drawing) lines() {
	d.title(d.w.lines)
	if len(d.s.Lines) == 0 {
		d.style("", 9, 90)
		d.wrapped(left, width, d.w.none)
		return
	}
	d.columns()
	for i := range d.s.Lines {
		d.line(&d.s.Lines[i])
	}
}

func (d *drawing) columns() {
	d.style("", 8, 90)
	d.cell(dayW, d.w.booked, "L")
	d.cell(textW, d.w.what, "L")
	d.cell(sumW, d.w.amount+" ("+string(d.s.Currency)+")", "R")
	d.cell(sumW, d.w.balance+" ("+string(d.s.Currency)+")", "R")
	d.Ln(row + 0.6)
}

// line draws a line of the statement; it stays on one page unless it is longer than one.
func (d *drawing) line(l *Line) {
	d.style("", 8, 70)
	about := []string{}
	if text := d.s.about(l, d.w); text != "" {
		about = d.split(text, textW-1)
	}
	d.style("", 7, 110)
	cause := d.split(d.w.why+": "+l.Cause, textW-1)
	height := row + float64(len(about))*3.8 + float64(len(cause))*3.4 + 1.6
	if d.room(min(height, limit-top-10)) {
		d.columns()
	}
	y := d.GetY()
	d.Line(left, y, left+width, y)
	d.SetY(y + 0.5)
	d.style("", 8.5, 90)
	d.cell(dayW, d.s.day(l.BookedAt), "L")
	d.style("B", 8.5, 20)
	d.cell(textW, d.w.kinds(l.Kind), "L")
	d.style("", 8.5, 20)
	d.cell(sumW, d.s.amount(l.Amount), "R")
	d.cell(sumW, d.s.amount(l.Balance), "R")
	d.Ln(row)
	d.style("", 8, 70)
	d.small(about, 3.8)
	d.style("", 7, 110)
	d.small(cause, 3.4)
	d.Ln(1.1)
}

func (d *drawing) small(lines []string, h float64) {
	for _, text := range lines {
		d.room(h)
		d.SetX(left + dayW)
		d.CellFormat(textW, h, text, "", 1, "L", false, 0, "")
	}
}

// footers number the pages, when it is known how many there are.
func (d *drawing) footers() {
	note := d.missing
	pages := d.PageCount()
	for n := 1; n <= pages; n++ {
		d.SetPage(n)
		d.SetY(297 - 12)
		d.style("", 7.5, 110)
		if note {
			d.CellFormat(width, row, d.fit(d.w.missing), "", 0, "L", false, 0, "")
			d.SetX(left)
		}
		d.CellFormat(width, row, d.fit(fmt.Sprintf("%s · %s %d %s %d", d.s.Number, d.w.page, n, d.w.of, pages)), "", 0, "R", false, 0, "")
	}
}
