// Package sqlreport keeps the sums that reports are made of, and answers reports from them or from the rows (R1–R4), the same for
// each engine. The roles that write rows call it in their transaction.
//
// A row is added to one sum for each of its dimensions, of its publisher and of all publishers. Values that are empty have no
// sum of their own: what is missing to the sum of all is theirs. Sums are kept as sheets (package sheet), of days and of months.
//
// Writers do not touch sums. Of items they keep what came and went (report_changes); of clicks they mark the day (stale_days) with the earliest
// time that changed. The server adds both to the sums every few minutes (Roll): so a report reads sums, the changes since, and the clicks of
// some minutes. What holds at all times, and whoever writes here keeps to:
//
//   - without a mark, the sums of a day say what its rows say;
//   - with one, the sums and the changes of items do, and the sums of clicks do with the rows from mark.part on;
//   - the sums of a month are those that are kept of its days, unless it has a mark of its own: then the days are read;
//   - whoever adds up takes the mark first, and so waits for those who hold it, and they for it.
package sqlreport

import (
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport/sheet"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

// New returns the role over a transaction.
func New(tx *sqltx.Tx) store.Reports { return reports{tx} }

type reports struct{ *sqltx.Tx }

const (
	microsPerDay = 24 * 60 * 60 * 1_000_000
	everybody    = "" // the publisher that stands for all
	everything   = "" // the dimension that stands for none
)

// day is the day of a time as it is kept, counting from 1970.
func day(us int64) int64 {
	d := us / microsPerDay
	if us%microsPerDay < 0 {
		d--
	}
	return d
}

// dayOf is the SQL for day.
func dayOf(us string) string {
	return "((" + us + " - ((" + us + " % 86400000000) + 86400000000) % 86400000000) / 86400000000)"
}

// Cut shortens a value to what figures tell apart.
func Cut(s string) string {
	if len(s) <= store.DimChars {
		return s
	}
	n := 0
	for i := range s {
		if n == store.DimChars {
			return s[:i]
		}
		n++
	}
	return s
}

// crossPublisher are the dimensions that are added up for all publishers as well. The others name things of one publisher.
func crossPublisher(d store.Dim) bool {
	switch d {
	case everything, store.DimPublisher, store.DimKind, store.DimProduct, store.DimCategory, store.DimCountry, store.DimDevice, store.DimRule, store.DimReason, store.DimStore:
		return true
	}
	return false
}

// How sums are kept.
type (
	split    = sheet.Split
	measures = sheet.Measures
	cell     = sheet.Cell
	part     = sheet.Part
)
