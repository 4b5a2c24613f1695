package payout

import (
	"time"

	"github.com/clickledger/clickledger/program"
)

// NextRun is the first instant after a time at which the program pays by its schedule: the beginning of the day in its
// time zone, in UTC (M3). It is zero for a program that pays on request only.
func NextRun(terms *program.Terms, after time.Time) time.Time {
	y, m, d := after.In(terms.TimeZone).Date()
	// A weekday comes again within 7 days, a day of the month within 31; the day itself counts if it has not begun.
	for i := range 40 {
		if start := dayStart(y, m, d+i, terms.TimeZone); runsOn(terms, y, m, d+i) && start.After(after) {
			return start
		}
	}
	return time.Time{}
}

// LastRun is the last instant at or before a time at which the program pays by its schedule. It is zero for a program that
// pays on request only.
func LastRun(terms *program.Terms, at time.Time) time.Time {
	y, m, d := at.In(terms.TimeZone).Date()
	for i := range 40 {
		if start := dayStart(y, m, d-i, terms.TimeZone); runsOn(terms, y, m, d-i) && !start.After(at) {
			return start
		}
	}
	return time.Time{}
}

// runsOn reports whether a day of the calendar is one that the program pays on. Days past the end of a month count on
// into the next one.
func runsOn(terms *program.Terms, y int, m time.Month, d int) bool {
	date := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	switch terms.Payout.Schedule {
	case program.Weekly:
		return date.Weekday() == terms.Payout.Weekday
	case program.Monthly:
		// A month without the day pays on its last one.
		last := time.Date(date.Year(), date.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		return date.Day() == min(terms.Payout.Day, last)
	}
	return false
}

// dayStart is the first instant of a day in a zone, in UTC. Where clocks go forward at midnight the day begins at one
// o'clock; where they go back over midnight it begins at the first of the two midnights.
func dayStart(y int, m time.Month, d int, zone *time.Location) time.Time {
	midnight := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	before, after := offset(midnight.Add(-26*time.Hour), zone), offset(midnight.Add(26*time.Hour), zone)
	// The greater offset gives the earlier instant.
	for _, o := range [2]time.Duration{max(before, after), min(before, after)} {
		if t := midnight.Add(-o); offset(t, zone) == o {
			return t
		}
	}
	// The clocks skip midnight: the day begins when they change.
	start, _ := midnight.Add(-min(before, after)).In(zone).ZoneBounds()
	return start.UTC()
}

func offset(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}
