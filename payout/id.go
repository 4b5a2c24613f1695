package payout

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/program"
)

// Period is what a run is the run of. Program, Way, Key and Number decide the run's id.
type Period struct {
	Way    Way    `json:"way"`
	Key    string `json:"key"`    // the day of the run in the program's time zone, "2026-03-02"
	Number int    `json:"number"` // counts the runs of the key from 1; Open gives it
}

// Due returns the period of the program's schedule that is due at a time: the one that began last. A program that pays
// on request only has none.
func Due(terms *program.Terms, now time.Time) (Period, bool) {
	at := LastRun(terms, now)
	if at.IsZero() {
		return Period{}, false
	}
	return Period{Way: Scheduled, Key: day(at, terms)}, true
}

// Today returns the period that requests, or a run by hand, fall into.
func Today(terms *program.Terms, way Way, now time.Time) Period {
	return Period{Way: way, Key: day(now, terms)}
}

func (p *Period) valid() error {
	if p.Way != Scheduled && p.Way != Requested && p.Way != Manual {
		return fmt.Errorf("%q is not a way to pay; it is scheduled, requested or manual", p.Way)
	}
	if _, err := time.Parse(time.DateOnly, p.Key); err != nil {
		return fmt.Errorf("period %q: give a day such as 2026-03-02", p.Key)
	}
	return nil
}

// runID follows from the period alone, so whoever opens it anew gets the same id: "TR-20260302-" and 65 bits.
func runID(p program.ID, period Period) string {
	return slug(string(p), 6) + "-" + digits(period.Key) + "-" + hash(13, "run", string(p), string(period.Way), period.Key, strconv.Itoa(period.Number))
}

// payoutID follows from the run and the publisher: "P20260302-" and 80 bits.
func payoutID(run string, period Period, publisher string) string {
	return "P" + digits(period.Key) + "-" + hash(16, "payout", run, publisher)
}

func hash(chars int, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p) // the length keeps "a","bc" and "ab","c" apart
	}
	return base32.StdEncoding.EncodeToString(h.Sum(nil))[:chars]
}

func digits(day string) string { return strings.ReplaceAll(day, "-", "") }

// slug keeps what every bank's character set has.
func slug(s string, most int) string {
	var b strings.Builder
	for _, c := range strings.ToUpper(s) {
		if (c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') && b.Len() < most {
			b.WriteRune(c)
		}
	}
	if b.Len() == 0 {
		return "RUN"
	}
	return b.String()
}

// ValidID reports whether a text has the form of a payout's id, so that a bank statement's other references are told apart.
func ValidID(id string) bool {
	day, tail, ok := strings.Cut(id, "-")
	if !ok || len(day) != 9 || day[0] != 'P' || len(tail) != 16 {
		return false
	}
	return strings.Trim(day[1:], "0123456789") == "" && strings.Trim(tail, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}
