// Package text is what the console says, in English and Turkish, and how it writes amounts, numbers and times in each.
package text

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/money"
)

// Lang is a language of the console, an ISO 639-1 code.
type Lang string

// The languages.
const (
	English Lang = "en"
	Turkish Lang = "tr"
)

// Languages are all languages.
func Languages() []Lang { return []Lang{English, Turkish} }

// Of returns the texts in a language; any other language is English.
func Of(l Lang) *Texts {
	if l == Turkish {
		return turkish()
	}
	return english()
}

// Parse returns the language of a code, and whether there is one.
func Parse(code string) (Lang, bool) {
	switch l := Lang(code); l {
	case English, Turkish:
		return l, true
	}
	return "", false
}

// Preferred is the language that an Accept-Language header asks for first among ours, else English.
func Preferred(header string) Lang {
	for part := range strings.SplitSeq(header, ",") {
		code, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), ";")
		code, _, _ = strings.Cut(code, "-")
		if l, ok := Parse(code); ok {
			return l
		}
	}
	return English
}

// digits writes a plain decimal such as "-1234.50" with the language's separators.
func (t *Texts) digits(decimal string) string {
	sign := ""
	if rest, ok := strings.CutPrefix(decimal, "-"); ok {
		sign, decimal = "−", rest
	}
	whole, fraction, dot := strings.Cut(decimal, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(t.Format.Group)
		}
		b.WriteRune(d)
	}
	if dot {
		b.WriteString(t.Format.Point + fraction)
	}
	return b.String()
}

// Number writes a whole number.
func (t *Texts) Number(n int64) string { return t.digits(strconv.FormatInt(n, 10)) }

// Decimal writes a plain decimal such as "1234.50"; "" is a dash: there is no such figure.
func (t *Texts) Decimal(s string) string {
	if s == "" {
		return "–"
	}
	return t.digits(s)
}

// Percent writes a percentage that is given as a plain decimal; "" is a dash.
func (t *Texts) Percent(s string) string {
	if s == "" {
		return "–"
	}
	return strings.Replace(t.Format.Percent, "#", t.digits(s), 1)
}

// Amount writes minor units of a currency in major units, without its code.
func (t *Texts) Amount(minor int64, c money.Currency) string {
	return t.digits(money.New(minor, c).Decimal())
}

// Money writes minor units of a currency in major units, with its code behind a space that does not break.
func (t *Texts) Money(minor int64, c money.Currency) string {
	return t.Amount(minor, c) + "\u00a0" + string(c)
}

// Date writes the day of a time in UTC; the zero time is a dash.
func (t *Texts) Date(at time.Time) string {
	if at.IsZero() {
		return "–"
	}
	at = at.UTC()
	return strconv.Itoa(at.Day()) + "\u00a0" + t.Format.Months[at.Month()-1] + "\u00a0" + strconv.Itoa(at.Year())
}

// Time writes a time in UTC to the minute; the zero time is a dash.
func (t *Texts) Time(at time.Time) string {
	if at.IsZero() {
		return "–"
	}
	return t.Date(at) + " " + at.UTC().Format("15:04")
}

// stamp is a time as decision records hold it.
var stamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)

// Times rewrites the times in a sentence, which stand there as RFC 3339, as this language writes them, to the second.
func (t *Texts) Times(sentence string) string {
	return stamp.ReplaceAllStringFunc(sentence, func(s string) string {
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return s
		}
		return t.Date(at) + " " + at.UTC().Format("15:04:05")
	})
}

// Day writes the day and month of a time in UTC, for axes.
func (t *Texts) Day(at time.Time) string {
	at = at.UTC()
	return strconv.Itoa(at.Day()) + "\u00a0" + t.Format.Months[at.Month()-1]
}

// Span writes a duration in the largest whole units that it has: days, hours, minutes.
func (t *Texts) Span(d time.Duration) string {
	switch {
	case d >= 24*time.Hour && d%(24*time.Hour) == 0:
		return t.Format.Days(int64(d / (24 * time.Hour)))
	case d >= time.Hour:
		return t.Format.Hours(int64(d / time.Hour))
	}
	return t.Format.Minutes(int64(d / time.Minute))
}

// Name returns a word for a code, or the code itself where there is none, so that nothing is hidden.
func Name(words map[string]string, code string) string {
	if w, ok := words[code]; ok {
		return w
	}
	return code
}
