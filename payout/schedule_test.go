package payout

import (
	"testing"
	"time"

	"github.com/clickledger/clickledger/program"
	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func weekly(z *time.Location, d time.Weekday) *program.Terms {
	return &program.Terms{Program: "w", Currency: "USD", TimeZone: z, Payout: program.Payout{Schedule: program.Weekly, Weekday: d}}
}

func monthly(z *time.Location, day int) *program.Terms {
	return &program.Terms{Program: "m", Currency: "USD", TimeZone: z, Payout: program.Payout{Schedule: program.Monthly, Day: day}}
}

// M3: runs begin with the program's local day, on ordinary days and on those when the clocks change.
func TestM3_NextRunFollowsTheProgramsZone(t *testing.T) {
	for _, c := range []struct {
		name        string
		terms       *program.Terms
		after, want string
	}{
		{"weekly", weekly(time.UTC, time.Monday), "2026-03-03T10:00:00Z", "2026-03-09T00:00:00Z"},
		{"on the day itself, before it begins", weekly(time.UTC, time.Monday), "2026-03-08T23:59:59Z", "2026-03-09T00:00:00Z"},
		{"the instant itself is not after it", weekly(time.UTC, time.Monday), "2026-03-09T00:00:00Z", "2026-03-16T00:00:00Z"},
		{"monthly in California, winter", monthly(zone(t, "America/Los_Angeles"), 25), "2026-02-01T00:00:00Z", "2026-02-25T08:00:00Z"},
		{"monthly in California, summer", monthly(zone(t, "America/Los_Angeles"), 25), "2026-07-01T00:00:00Z", "2026-07-25T07:00:00Z"},
		{"the day is another one in the zone", monthly(zone(t, "America/Los_Angeles"), 25), "2026-07-25T06:59:59Z", "2026-07-25T07:00:00Z"},
		{"a month without the day", monthly(time.UTC, 31), "2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z"},
		{"after the short month", monthly(time.UTC, 31), "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"},
		{"over New Year", monthly(time.UTC, 5), "2026-12-05T00:00:00Z", "2027-01-05T00:00:00Z"},
		{"spring forward at two", weekly(zone(t, "Europe/Berlin"), time.Sunday), "2026-03-28T12:00:00Z", "2026-03-28T23:00:00Z"},
		{"the day after it", weekly(zone(t, "Europe/Berlin"), time.Monday), "2026-03-28T12:00:00Z", "2026-03-29T22:00:00Z"},
		// Midnight does not exist: the day begins at one o'clock.
		{"no midnight in Cairo", weekly(zone(t, "Africa/Cairo"), time.Friday), "2024-04-25T12:00:00Z", "2024-04-25T22:00:00Z"},
		{"no midnight in Beirut", weekly(zone(t, "Asia/Beirut"), time.Sunday), "2024-03-30T12:00:00Z", "2024-03-30T22:00:00Z"},
		{"no midnight in São Paulo", weekly(zone(t, "America/Sao_Paulo"), time.Sunday), "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z"},
		// Midnight comes twice: the first one counts.
		{"two midnights in Havana", weekly(zone(t, "America/Havana"), time.Sunday), "2024-11-02T12:00:00Z", "2024-11-03T04:00:00Z"},
		// The clocks go back at midnight, to the day before: it begins when it comes again.
		{"back over midnight in Beirut", weekly(zone(t, "Asia/Beirut"), time.Sunday), "2024-10-26T12:00:00Z", "2024-10-26T22:00:00Z"},
		// Samoa left 30 December 2011 out.
		{"a day that does not exist", monthly(zone(t, "Pacific/Apia"), 30), "2011-12-29T12:00:00Z", "2011-12-30T10:00:00Z"},
		{"on request", onRequest(), "2026-03-03T10:00:00Z", "0001-01-01T00:00:00Z"},
	} {
		after, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		if got := NextRun(c.terms, after).Format(time.RFC3339); got != c.want {
			t.Errorf("%s: the run after %s is at %s, want %s", c.name, c.after, got, c.want)
		}
	}
}

// M3: runs are strictly after, on the right local day, at its first instant; the last run before the next one's is one
// period earlier; a period has one key.
func TestM3_RunsAreRegular(t *testing.T) {
	zones := []string{"UTC", "America/Los_Angeles", "Europe/Istanbul", "Africa/Cairo", "Asia/Beirut", "America/Havana", "Asia/Kathmandu", "Pacific/Chatham",
		"Australia/Lord_Howe", "America/Sao_Paulo", "America/Asuncion", "Asia/Tehran"}
	rapid.Check(t, func(t *rapid.T) {
		z, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		terms := weekly(z, time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")))
		if rapid.Bool().Draw(t, "monthly") {
			terms = monthly(z, rapid.IntRange(1, 28).Draw(t, "day"))
		}
		after := time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, 15*365*24*3600).Draw(t, "second")) * time.Second)
		next := NextRun(terms, after)
		local := next.In(z)
		right := local.Weekday() == terms.Payout.Weekday
		if terms.Payout.Schedule == program.Monthly {
			right = local.Day() == terms.Payout.Day
		}
		if !next.After(after) || !right {
			t.Fatalf("after %v comes %v", after, local)
		}
		if before := next.Add(-time.Microsecond).In(z); before.Format(time.DateOnly) == local.Format(time.DateOnly) {
			t.Fatalf("%v is not the first instant of its day", local)
		}
		if LastRun(terms, next) != next || LastRun(terms, next.Add(-time.Microsecond)).After(after) || !LastRun(terms, after).Before(next) {
			t.Fatalf("LastRun and NextRun disagree about %v", next)
		}
		if gap := next.Sub(LastRun(terms, after)); gap < 6*24*time.Hour || gap > 32*24*time.Hour {
			t.Fatalf("%v between two runs", gap)
		}
		p, ok := Due(terms, next)
		late, _ := Due(terms, next.Add(36*time.Hour))
		if !ok || p.Key != local.Format(time.DateOnly) || p.Way != Scheduled || p != late {
			t.Fatalf("period %+v, a day and a half later %+v, at %v", p, late, local)
		}
	})
}

// M3: a program that pays on request is never due by itself; its day is that of its zone.
func TestM3_RequestsHaveTheirDay(t *testing.T) {
	terms := onRequest()
	if p, ok := Due(terms, noon); ok {
		t.Errorf("due: %+v", p)
	}
	terms.TimeZone = zone(t, "Asia/Tokyo")
	late := time.Date(2026, 3, 2, 15, 30, 0, 0, time.UTC)
	if p := Today(terms, Requested, late); p != (Period{Way: Requested, Key: "2026-03-03"}) {
		t.Errorf("%+v", p)
	}
}
