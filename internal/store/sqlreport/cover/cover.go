// Package cover says which sums of days and months answer a question about a range of days, so that few are read: a month stands for its days,
// and where most of its days are asked for, the other ones are taken off it. Days count from 1970, in UTC.
package cover

import (
	"cmp"
	"slices"
	"time"

	"github.com/clickledger/clickledger/program"
)

// The days that a store keeps: the years 1 to 9999.
const (
	FirstDay = -719162
	EndOfDay = 2932897
)

// Days are the days of a range, the last one not included.
type Days struct{ From, To int64 }

// Day is a day of a program, or the first day of a month.
type Day struct {
	Program program.ID
	Day     int64
}

// FirstOfMonth is the first day of a day's month, and FirstOfNext that of the month after it.
func FirstOfMonth(d int64) int64 { return ofMonth(d, 0) }

// FirstOfNext is the first day of the month after a day's.
func FirstOfNext(d int64) int64 { return ofMonth(d, 1) }

const seconds = 24 * 60 * 60

func ofMonth(d int64, later time.Month) int64 {
	t := time.Unix(d*seconds, 0).UTC()
	return time.Date(t.Year(), t.Month()+later, 1, 0, 0, 0, 0, time.UTC).Unix() / seconds
}

// Plan says what is read: the months from the first one of Months to the last, and the ranges Days. UsesMonth and Times say what is made of
// what is found.
type Plan struct {
	Months Days // by their first days
	Days   []Days

	asked  Days
	stale  map[Day]bool
	broken map[Day]bool
}

// mostStale is how many days of a month may be taken off it one by one: beyond that its other days are read.
const mostStale = 8

// New plans how a range is answered. stale are days whose sums are not to be counted, since something else answers for them; broken are months,
// by their first days, whose sums are not those of their days. single forbids months, for questions about single days. The sums of a month
// that is not broken are those that are kept of its days, the stale ones among them.
func New(from, to int64, single bool, stale, broken []Day) *Plan {
	p := &Plan{asked: Days{max(from, FirstDay), min(to, EndOfDay)}, stale: make(map[Day]bool, len(stale)), broken: make(map[Day]bool, len(broken))}
	for _, d := range stale {
		p.stale[d] = true
	}
	for _, m := range broken {
		p.broken[m] = true
	}
	from, to = p.asked.From, p.asked.To
	if from >= to {
		return p
	}
	if single {
		p.Days = []Days{{from, to}}
		return p
	}
	first, last := FirstOfMonth(from), FirstOfMonth(to-1)
	if p.Months = (Days{first, FirstOfNext(last)}); !mostly(p.inside(first), first) {
		p.Months.From = FirstOfNext(first)
	}
	if !mostly(p.inside(last), last) {
		p.Months.To = last
	}
	if p.Months.From >= p.Months.To {
		p.Months = Days{}
		p.Days = []Days{{from, to}}
		return p
	}
	// The days at the ends: those that are asked for, or those that are taken off.
	p.read(from, p.Months.From)
	p.read(p.Months.From, from)
	p.read(p.Months.To, to)
	p.read(to, p.Months.To)
	many := make(map[Day]int)
	for _, d := range stale {
		many[Day{d.Program, FirstOfMonth(d.Day)}]++
		p.read(d.Day, d.Day+1)
	}
	for m, n := range many {
		if n > mostStale {
			p.broken[m] = true
		}
	}
	for m := range p.broken {
		if m.Day >= p.Months.From && m.Day < p.Months.To {
			in := p.inside(m.Day)
			p.read(in.From, in.To)
		}
	}
	p.join()
	return p
}

// inside are the days of a month that are asked for.
func (p *Plan) inside(first int64) Days {
	return Days{max(first, p.asked.From), min(FirstOfNext(first), p.asked.To)}
}

// mostly reports whether days are more than half of their month.
func mostly(in Days, first int64) bool { return 2*(in.To-in.From) > FirstOfNext(first)-first }

func (p *Plan) read(from, to int64) {
	if from < to {
		p.Days = append(p.Days, Days{from, to})
	}
}

// join makes one range of those that meet.
func (p *Plan) join() {
	slices.SortFunc(p.Days, func(a, b Days) int { return cmp.Compare(a.From, b.From) })
	joined := p.Days[:0]
	for _, d := range p.Days {
		if n := len(joined); n > 0 && joined[n-1].To >= d.From {
			joined[n-1].To = max(joined[n-1].To, d.To)
		} else {
			joined = append(joined, d)
		}
	}
	p.Days = joined
}

// UsesMonth reports whether the sums of a month count.
func (p *Plan) UsesMonth(m Day) bool {
	return m.Day >= p.Months.From && m.Day < p.Months.To && !p.broken[m]
}

// Times is how often the sums of a day count: -1 where they are taken off their month.
func (p *Plan) Times(d Day) int64 {
	wanted := d.Day >= p.asked.From && d.Day < p.asked.To && !p.stale[d]
	inMonth := p.UsesMonth(Day{d.Program, FirstOfMonth(d.Day)})
	switch {
	case wanted && !inMonth:
		return 1
	case !wanted && inMonth:
		return -1
	}
	return 0
}
