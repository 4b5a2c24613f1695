package statement

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"html"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
	"pgregory.net/rapid"
)

var (
	march = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	april = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
)

func terms() *program.Terms {
	return &program.Terms{
		Program: "tr", Version: 1, Currency: "USD", TimeZone: time.UTC,
		Page:   program.Page{Name: program.Text{"en": "Türkiye program", "tr": "Türkiye programı"}},
		Payout: program.Payout{Schedule: program.OnRequest, Minimum: 1600, Methods: []program.PayoutMethod{{Method: "paypal", Fee: 150}}},
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// books book as the server does: fitted to debts, with the time of booking.
type books struct {
	t       testing.TB
	book    ledger.Book
	journal []ledger.Transaction
}

func (b *books) post(at time.Time, ts ...ledger.Transaction) {
	b.t.Helper()
	for _, t := range ts {
		t = b.book.Settle(t)
		t.RecordedAt = at
		if err := b.book.Post(&t); err != nil {
			b.t.Fatal(err)
		}
		b.journal = append(b.journal, t)
	}
}

func (b *books) event(at time.Time, reason ledger.Reason, publisher, order string, moves ...string) {
	b.t.Helper()
	t := ledger.Transaction{
		Cause: fmt.Sprintf("order/tr/%s/1/%s/%d", order, reason, len(b.journal)), Reason: reason, Program: "tr", Publisher: publisher, Order: order, Item: "1",
		Currency: "USD", EffectiveAt: at,
	}
	for _, m := range moves {
		accounts, amount, _ := strings.Cut(m, " ")
		from, to, _ := strings.Cut(accounts, ">")
		minor, err := money.ParseMinor(amount, 2)
		must(b.t, err)
		t.Movements = append(t.Movements, ledger.Movement{From: account(b.t, from, publisher), To: account(b.t, to, publisher), Amount: minor})
	}
	b.post(at, t)
}

func account(t testing.TB, kind, p string) ledger.Account {
	t.Helper()
	k, err := ledger.ParseKind(kind)
	must(t, err)
	switch k {
	case ledger.Fund, ledger.Fees, ledger.Bonus, ledger.Writeoff:
		p = ""
	case ledger.Bank:
		p = "main"
	}
	return ledger.Of(k, "tr", p)
}

func (b *books) all(yield func(*ledger.Transaction) bool) {
	for i := range b.journal {
		if !yield(&b.journal[i]) {
			return
		}
	}
}

// pay takes the available balance through a run that ends with an answer, and returns the payout's id.
func (b *books) pay(at time.Time, publisher string, tax string, status payout.Status) string {
	b.t.Helper()
	r, err := payout.Open(terms(), payout.Today(terms(), payout.Manual, at), nil, "ann", at)
	must(b.t, err)
	p := payout.Payee{Publisher: publisher, Method: "paypal", Country: "TR", DetailsChangedAt: march.AddDate(-1, 0, 0)}
	if tax != "" {
		p.Tax = payout.Withholding{Authority: "GIB", Percent: money.MustRate(tax)}
	}
	r, ts, err := r.Freeze(terms(), []payout.Candidate{{Payee: p, Balance: payout.BalanceOf(&b.book, "tr", publisher, "USD")}}, payout.Party{}, "ann", at)
	must(b.t, err)
	if len(ts) != 1 {
		b.t.Fatalf("not paid: %+v", r.Passed)
	}
	b.post(at, ts...)
	id := r.Payouts[0].ID
	if status == payout.NotSent {
		_, ts, err = r.Cancel("no", "ann", at)
		must(b.t, err)
		b.post(at.Add(time.Hour), ts...)
		return id
	}
	total := r.Totals()
	r, err = r.Build([]payout.File{{Name: "f", SHA256: strings.Repeat("0", 64), Methods: []string{"paypal"}, Payments: 1, Total: total.Net}}, "ann", at)
	must(b.t, err)
	r, err = r.Approve(payout.Approval{By: "bob", Payments: 1, Total: money.New(total.Net, "USD").Decimal()}, at)
	must(b.t, err)
	r, ts, err = r.Release("ann", at.Add(time.Hour))
	must(b.t, err)
	b.post(at.Add(time.Hour), ts...)
	if status.Final() {
		_, ts, err = r.Answer(payout.Answer{Payout: id, Status: status, Amount: money.New(total.Net, "USD"), Ref: "B1"}, "cal", at.Add(26*time.Hour))
		must(b.t, err)
		b.post(at.Add(26*time.Hour), ts...)
	}
	return id
}

// march2026 are books in which everything happens to pub1 that can happen to a publisher.
func march2026(t testing.TB) (*books, Input) {
	b := &books{t: t}
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	b.event(march.AddDate(0, 0, -3), ledger.ReasonApprove, "pub1", "F-1", "fund>approved 30.00", "approved>available 30.00", "fund>fees 3.00")
	b.event(at(1, 0), ledger.ReasonTrack, "pub1", "A-1", "fund>tracked 12.00")
	b.event(at(2, 9), ledger.ReasonApprove, "pub1", "A-2", "fund>pending 45.50", "pending>approved 45.50", "approved>available 45.50")
	b.event(at(2, 10), ledger.ReasonPend, "pub1", "A-3", "fund>pending 8.00")
	b.event(at(3, 9), ledger.ReasonApprove, "pub2", "B-1", "fund>approved 77.00", "approved>available 77.00")
	b.pay(at(4, 9), "pub1", "10.00", payout.Rejected) // 75.50: fee 1.50, tax 7.55 go and come back
	b.pay(at(6, 9), "pub1", "10.00", payout.Returned) // fee and tax stay: 66.45 come back
	b.pay(at(9, 9), "pub1", "", payout.NotSent)       // put back
	b.pay(at(10, 9), "pub1", "", payout.Paid)         // 66.45: fee 1.50, paid 64.95
	b.event(at(12, 9), ledger.ReasonReversal, "pub1", "A-2", "available>approved 20.00", "approved>fund 20.00")
	b.event(at(13, 9), ledger.ReasonBonus, "pub1", "", "bonus>available 5.00")
	b.event(at(14, 9), ledger.ReasonRepay, "pub1", "", "bank>clawback 4.00")
	b.event(at(15, 9), ledger.ReasonWriteoff, "pub1", "", "writeoff>clawback 1.00")
	b.event(at(16, 9), ledger.ReasonApprove, "pub1", "A-4", "fund>approved 40.00", "approved>available 40.00")
	b.event(at(17, 9), ledger.ReasonHold, "pub1", "A-4", "available>hold 9.00")
	b.event(at(18, 9), ledger.ReasonUnhold, "pub1", "A-4", "hold>available 4.00")
	b.event(at(18, 10), ledger.ReasonHold, "pub1", "A-3", "pending>hold 2.00")
	b.event(at(19, 9), ledger.ReasonAntispam, "pub1", "A-4", "available>approved 6.00", "approved>fund 6.00")
	b.event(at(20, 9), ledger.ReasonAppeal, "pub1", "A-4", "fund>available 6.00")
	late := ledger.Transaction{Cause: "order/tr/A-2/1/approve/1/undo", Reason: ledger.ReasonCorrection, Program: "tr", Publisher: "pub1", Order: "A-2", Currency: "USD",
		EffectiveAt: march.AddDate(0, 0, -9), Movements: []ledger.Movement{{From: ledger.Of(ledger.Available, "tr", "pub1"), To: ledger.Of(ledger.Approved, "tr", "pub1"), Amount: 100},
			{From: ledger.Of(ledger.Approved, "tr", "pub1"), To: ledger.Account{Kind: ledger.Fund, Program: "tr"}, Amount: 100}}}
	b.post(at(21, 9), late)
	b.event(at(25, 9), ledger.ReasonApprove, "pub1", "=A-5", "fund>approved 100.00", "approved>available 100.00")
	b.pay(at(31, 23), "pub1", "", payout.Unknown) // reserved in March, sent in April
	b.event(april, ledger.ReasonApprove, "pub1", "A-6", "fund>approved 999.00", "approved>available 999.00")
	return b, Input{Number: "TR-pub1-2026-03", Terms: terms(), Publisher: "pub1", Name: "Gökçe Işık <b>", From: march, To: april, MadeAt: april.Add(6 * time.Hour), Transactions: b.all}
}

// M1, M5: every kind of line with its amount, worked out by hand.
func TestM5_StatementLines(t *testing.T) {
	_, in := march2026(t)
	s, err := New(in)
	must(t, err)
	var got []string
	for _, l := range s.Lines {
		got = append(got, fmt.Sprintf("%s %s %s moved %s = %s", l.BookedAt.Format("01-02"), l.Kind, s.amount(l.Amount), s.amount(l.Moved), s.amount(l.Balance)))
	}
	want := []string{
		"03-02 commission 45.50 moved 0.00 = 75.50",
		"03-04 reserve 0.00 moved 75.50 = 75.50", "03-04 release 0.00 moved 66.45 = 75.50", "03-04 fee -1.50 moved 0.00 = 74.00", "03-04 tax -7.55 moved 0.00 = 66.45",
		"03-05 reject 0.00 moved 66.45 = 66.45", "03-05 fee_back 1.50 moved 0.00 = 67.95", "03-05 tax_back 7.55 moved 0.00 = 75.50",
		"03-06 reserve 0.00 moved 75.50 = 75.50", "03-06 release 0.00 moved 66.45 = 75.50", "03-06 fee -1.50 moved 0.00 = 74.00", "03-06 tax -7.55 moved 0.00 = 66.45",
		"03-07 payout -66.45 moved 0.00 = 0.00", "03-07 return 66.45 moved 0.00 = 66.45",
		"03-09 reserve 0.00 moved 66.45 = 66.45", "03-09 unreserve 0.00 moved 66.45 = 66.45",
		"03-10 reserve 0.00 moved 66.45 = 66.45", "03-10 release 0.00 moved 64.95 = 66.45", "03-10 fee -1.50 moved 0.00 = 64.95", "03-11 payout -64.95 moved 0.00 = 0.00",
		"03-12 reversal -20.00 moved 0.00 = -20.00", "03-13 bonus 5.00 moved 0.00 = -15.00", "03-14 repay 4.00 moved 0.00 = -11.00", "03-15 writeoff 1.00 moved 0.00 = -10.00",
		"03-16 commission 40.00 moved 0.00 = 30.00", "03-17 hold 0.00 moved 9.00 = 30.00", "03-18 unhold 0.00 moved 4.00 = 30.00",
		"03-19 antispam_deduction -6.00 moved 0.00 = 24.00", "03-20 appeal 6.00 moved 0.00 = 30.00", "03-21 correction -1.00 moved 0.00 = 29.00",
		"03-25 commission 100.00 moved 0.00 = 129.00", "03-31 reserve 0.00 moved 124.00 = 129.00",
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("line %d: got\n  %s\nwant\n  %s", i, strings.Join(got[min(i, len(got)):], "\n  "), strings.Join(want[min(i, len(want)):], "\n  "))
		}
	}
	if s.Opening != (Position{Available: 3000}) {
		t.Errorf("opening %+v", s.Opening)
	}
	if want := (Position{Reserved: 12400, Held: 500, Tracked: 1200, Pending: 800}); s.Closing != want || s.Closing.Balance() != 12900 {
		t.Errorf("closing %+v, want %+v", s.Closing, want)
	}
	for _, l := range s.Lines {
		if l.Cause == "" || (l.Payout == "") == strings.HasPrefix(l.Cause, "payout/") {
			t.Errorf("%+v does not name its cause", l)
		}
	}
	for _, want := range []Sum{{Commission, 3, 18550}, {Fee, 3, -450}, {FeeBack, 1, 150}, {Payout, 2, -13140}, {Reversal, 1, -2000}} {
		if !slices.Contains(s.Sums, want) {
			t.Errorf("%+v is not among %+v", want, s.Sums)
		}
	}
	for _, sum := range s.Sums {
		if sum.Kind == Reserve || sum.Kind == Hold {
			t.Errorf("%+v changes nothing", sum)
		}
	}
}

// M4: what a case keeps back of the balance stays in it until somebody decides; a deduction is a line of its own name, taken from the
// balance or before it came there; so is an appeal. The closing balance agrees with the ledger to the cent.
func TestM4_StatementTellsOfCases(t *testing.T) {
	b := &books{t: t}
	at := func(day int) time.Time { return march.AddDate(0, 0, day-1).Add(9 * time.Hour) }
	for i, o := range []string{"A", "B", "C"} {
		b.event(at(1+i), ledger.ReasonApprove, "pub1", o, "fund>approved 10.00", "approved>available 10.00")
	}
	b.event(at(4), ledger.ReasonPend, "pub1", "D", "fund>pending 7.00")
	b.event(at(5), ledger.ReasonHold, "pub1", "A", "available>approved 10.00", "approved>hold 10.00")
	b.event(at(6), ledger.ReasonHold, "pub1", "D", "pending>hold 7.00")
	b.event(at(7), ledger.ReasonAdjust, "pub1", "A", "hold>fund 4.00") // refunded in part while it is held
	b.event(at(8), ledger.ReasonUnhold, "pub1", "A", "hold>approved 6.00", "approved>available 6.00")
	b.event(at(9), ledger.ReasonHold, "pub1", "B", "available>approved 10.00", "approved>hold 10.00")
	b.event(at(10), ledger.ReasonAntispam, "pub1", "B", "hold>fund 10.00")
	b.event(at(11), ledger.ReasonAntispam, "pub1", "D", "hold>fund 7.00")
	b.event(at(12), ledger.ReasonAppeal, "pub1", "B", "fund>approved 10.00", "approved>available 10.00")
	b.event(at(13), ledger.ReasonAppeal, "pub1", "D", "fund>hold 7.00")
	b.event(at(14), ledger.ReasonUnhold, "pub1", "D", "hold>approved 7.00", "approved>available 7.00")
	s, err := New(Input{Number: "1", Terms: terms(), Publisher: "pub1", From: march, To: april, MadeAt: april, Transactions: b.all})
	must(t, err)
	var got []string
	for _, l := range s.Lines[3:] {
		got = append(got, fmt.Sprintf("%s %s %s moved %s = %s", l.Order, l.Kind, s.amount(l.Amount), s.amount(l.Moved), s.amount(l.Balance)))
	}
	want := []string{
		"A hold 0.00 moved 10.00 = 30.00", "A reversal -4.00 moved 0.00 = 26.00", "A unhold 0.00 moved 6.00 = 26.00", "B hold 0.00 moved 10.00 = 26.00",
		"B antispam_deduction -10.00 moved 0.00 = 16.00", "D antispam_deduction 0.00 moved 7.00 = 16.00", "B appeal 10.00 moved 0.00 = 26.00", "D appeal 0.00 moved 7.00 = 26.00",
		"D unhold 7.00 moved 0.00 = 33.00",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	if c := s.Closing.Balance(); c != 3300 || c != b.book.Balance(ledger.Of(ledger.Available, "tr", "pub1"), "USD") {
		t.Errorf("closing balance %d", c)
	}
}

// M1: the statement's balance is the books', whatever happened, and the next statement begins where this one ends.
func TestM5_StatementsFollowTheBooks(t *testing.T) {
	b, in := march2026(t)
	of := func(k ledger.Kind) int64 { return b.book.Balance(ledger.Of(k, "tr", "pub1"), "USD") }
	in.To = april.AddDate(0, 1, 0)
	s, err := New(in)
	must(t, err)
	if c := s.Closing; c.Available != of(ledger.Available) || c.Debt != of(ledger.Clawback) || c.Reserved != of(ledger.Reserved) || c.Tracked != of(ledger.Tracked) ||
		c.Pending+c.Held != of(ledger.Pending)+of(ledger.Hold) || c.Sent != b.book.Balance(payout.Clearing("tr", "paypal"), "USD") {
		t.Errorf("%+v is not what the books hold", c)
	}
	days := []time.Time{march, march.AddDate(0, 0, 5), march.AddDate(0, 0, 6).Add(10 * time.Hour), march.AddDate(0, 0, 20), april, april.AddDate(0, 1, 0)}
	lines := 0
	var before Position
	for i := 1; i < len(days); i++ {
		in.From, in.To = days[i-1], days[i]
		part, err := New(in)
		must(t, err)
		if i > 1 && part.Opening != before {
			t.Errorf("the statement from %v begins with %+v, the one before ended with %+v", in.From, part.Opening, before)
		}
		before = part.Closing
		lines += len(part.Lines)
	}
	if before != s.Closing || lines != len(s.Lines) {
		t.Errorf("%d lines up to %+v; in one statement %d up to %+v", lines, before, len(s.Lines), s.Closing)
	}
}

// M5: whatever is booked, the lines lead from one balance to the other.
func TestM5_LinesAddUp(t *testing.T) {
	kinds := []string{"fund", "tracked", "pending", "approved", "available", "hold", "reserved", "clearing", "paid", "clawback", "fees", "bonus", "bank", "writeoff"}
	reasons := []ledger.Reason{ledger.ReasonApprove, ledger.ReasonReversal, ledger.ReasonAntispam, ledger.ReasonHold, ledger.ReasonReject, ledger.ReasonRelease, ledger.ReasonFunding, ledger.ReasonAdjust}
	rapid.Check(t, func(rt *rapid.T) {
		var journal []ledger.Transaction
		for i := range rapid.IntRange(0, 12).Draw(rt, "transactions") {
			tx := ledger.Transaction{Cause: fmt.Sprintf("x/%d", i), Reason: rapid.SampledFrom(reasons).Draw(rt, "reason"), Program: "tr", Publisher: "p", Currency: "USD",
				EffectiveAt: march.Add(time.Duration(rapid.IntRange(-48, 48).Draw(rt, "hour")) * time.Hour)}
			for range rapid.IntRange(1, 4).Draw(rt, "movements") {
				pair := rapid.Permutation(kinds).Draw(rt, "accounts")
				tx.Movements = append(tx.Movements, ledger.Movement{From: account(t, pair[0], "p"), To: account(t, pair[1], "p"), Amount: rapid.Int64Range(1, 1000).Draw(rt, "amount")})
			}
			journal = append(journal, tx)
		}
		s, err := New(Input{Number: "n", Terms: terms(), Publisher: "p", From: march, To: april, Transactions: func(yield func(*ledger.Transaction) bool) {
			for i := range journal {
				if !yield(&journal[i]) {
					return
				}
			}
		}})
		if err != nil {
			rt.Fatal(err)
		}
		at := s.Opening.Balance()
		var sums int64
		for _, l := range s.Lines {
			if at += l.Amount; at != l.Balance {
				rt.Fatalf("%+v after %d", l, at-l.Amount)
			}
		}
		for _, x := range s.Sums {
			sums += x.Amount
		}
		if at != s.Closing.Balance() || s.Opening.Balance()+sums != at {
			rt.Fatalf("the lines end at %d, the sums at %d, the balance is %d", at, s.Opening.Balance()+sums, s.Closing.Balance())
		}
	})
}

// M5: other publishers, programs and currencies are not on it, and nonsense is refused.
func TestM5_StatementIsOnePublishers(t *testing.T) {
	b, in := march2026(t)
	other := b.journal[2]
	for _, change := range []func(*ledger.Transaction){func(x *ledger.Transaction) { x.Program = "eu" }, func(x *ledger.Transaction) { x.Currency = "EUR" }, func(x *ledger.Transaction) { x.Publisher = "pub9" }} {
		tx := other
		change(&tx)
		b.journal = append(b.journal, tx)
	}
	s, err := New(in)
	if err != nil || len(s.Lines) != 32 {
		t.Errorf("%d lines, %v", len(s.Lines), err)
	}
	in.From = in.To
	if _, err := New(in); err == nil || !strings.Contains(err.Error(), "begins before it ends") {
		t.Errorf("%v", err)
	}
	in.From, in.Publisher = march, ""
	if _, err := New(in); err == nil {
		t.Error("nobody has a statement")
	}
}

// figures are what a statement says: opening, then amount and balance of each line, then closing, and the sums.
func figures(s *Statement) (lines, sums []string) {
	lines = append(lines, s.amount(s.Opening.Balance()))
	for _, l := range s.Lines {
		lines = append(lines, s.amount(l.Amount), s.amount(l.Balance))
	}
	lines = append(lines, s.amount(s.Closing.Balance()))
	sums = append(sums, s.amount(s.Opening.Balance()))
	for _, x := range s.Sums {
		sums = append(sums, s.amount(x.Amount))
	}
	sums = append(sums, s.amount(s.Closing.Balance()))
	for _, p := range append(s.parts(&words{}), s.notYet(&words{})...) {
		sums = append(sums, s.amount(p.amount))
	}
	return lines, sums
}

var (
	plainAmount = regexp.MustCompile(`^-?[0-9]+\.[0-9]{2}$`)
	withUSD     = regexp.MustCompile(`^(-?[0-9]+\.[0-9]{2}) USD$`)
)

// M5: HTML, PDF and CSV have the same figures, read back from the files; every line of each names its cause.
func TestM5_SameFiguresInHTMLPDFAndCSV(t *testing.T) {
	_, in := march2026(t)
	in.Note = func(tx *ledger.Transaction) string {
		if tx.Reason == ledger.ReasonReversal {
			return "Ürün iade edildi; \u738B {nb} \U0001F600" // Chinese, the library's own alias, and a sign beyond 16 bits
		}
		return ""
	}
	s, err := New(in)
	must(t, err)
	wantLines, wantSums := figures(s)
	inner := wantLines[1 : len(wantLines)-1]
	for _, lang := range Languages() {
		var c, h, p bytes.Buffer
		must(t, s.WriteCSV(&c, lang))
		must(t, s.WriteHTML(&h, lang))
		must(t, s.writePDF(&p, lang, false))

		rows, err := csv.NewReader(&c).ReadAll()
		must(t, err)
		var got []string
		for i, r := range rows[1:] {
			if i > 0 && i < len(rows)-2 {
				got = append(got, r[10])
				if r[13] != s.Lines[i-1].Cause || r[9] != s.Lines[i-1].Payout || r[5] != string(s.Lines[i-1].Kind) {
					t.Errorf("%s: CSV line %d: %q", lang, i, r)
				}
			}
			got = append(got, r[11])
		}
		same(t, lang+" CSV", got, wantLines)

		page := h.String()
		var cells, sums []string
		for _, m := range regexp.MustCompile(`<td[^>]*>([^<]*)</td>`).FindAllStringSubmatch(page, -1) {
			if text := html.UnescapeString(m[1]); plainAmount.MatchString(text) {
				cells = append(cells, text)
			} else if usd := withUSD.FindStringSubmatch(text); usd != nil {
				sums = append(sums, usd[1])
			}
		}
		same(t, lang+" HTML lines", cells, inner)
		same(t, lang+" HTML sums", sums, wantSums)

		texts := pdfTexts(t, p.Bytes())
		cells, sums = nil, nil
		for _, text := range texts {
			if plainAmount.MatchString(text) {
				cells = append(cells, text)
			} else if usd := withUSD.FindStringSubmatch(text); usd != nil {
				sums = append(sums, usd[1])
			}
		}
		same(t, lang+" PDF lines", cells, inner)
		same(t, lang+" PDF sums", sums, wantSums)

		all := strings.Join(texts, "")
		w := wordsOf(lang)
		for _, l := range s.Lines {
			if !strings.Contains(html.UnescapeString(page), l.Cause) || !strings.Contains(all, l.Cause) {
				t.Errorf("%s: the cause %s is not on it", lang, l.Cause)
			}
			if !strings.Contains(html.UnescapeString(page), w.kinds(l.Kind)) || !strings.Contains(all, w.kinds(l.Kind)) {
				t.Errorf("%s: %q is not on it", lang, w.kinds(l.Kind))
			}
		}
		if !strings.Contains(all, "Ürün iade edildi; □ {nb} □") || !strings.Contains(all, w.missing) || !strings.Contains(page, "\u738B {nb} \U0001F600") {
			t.Errorf("%s: letters that the font does not have", lang)
		}
		if !strings.Contains(all, "Gökçe Işık <b> (pub1)") || strings.Contains(page, "Işık <b>") || !strings.Contains(page, "Işık &lt;b&gt; (pub1)") {
			t.Errorf("%s: the publisher's name", lang)
		}
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %d figures\n  %q\nwant %d\n  %q", what, len(got), got, len(want), want)
	}
}

// pdfTexts reads the texts that an uncompressed PDF shows, in their order.
func pdfTexts(t testing.TB, data []byte) []string {
	t.Helper()
	if !bytes.HasPrefix(data, []byte("%PDF-1.")) || !bytes.Contains(data, []byte("%%EOF")) {
		t.Fatal("not a PDF")
	}
	var texts []string
	for _, part := range bytes.Split(data, []byte("\nstream\n"))[1:] {
		stream, _, ok := bytes.Cut(part, []byte("\nendstream"))
		if !ok {
			t.Fatal("a stream does not end")
		}
		for {
			i := bytes.Index(stream, []byte(" Td ("))
			if i < 0 {
				break
			}
			stream = stream[i+5:]
			var raw []byte
			for n := 0; ; n++ {
				c := stream[n]
				if c == ')' {
					stream = stream[n+1:]
					break
				}
				if c == '\\' {
					n++
					c = stream[n]
					if c == 'r' {
						c = '\r'
					}
				}
				raw = append(raw, c)
			}
			if !bytes.HasPrefix(stream, []byte("Tj")) || len(raw)%2 != 0 {
				t.Fatalf("a text that is not shown: %q", raw)
			}
			units := make([]uint16, len(raw)/2)
			for n := range units {
				units[n] = uint16(raw[2*n])<<8 | uint16(raw[2*n+1])
			}
			texts = append(texts, string(utf16.Decode(units)))
		}
	}
	return texts
}

// M5: the HTML is one file that runs nothing, loads nothing, and is allowed by its own policy.
func TestM5_HTMLIsSelfContained(t *testing.T) {
	_, in := march2026(t)
	in.Name = `<script>alert(1)</script>`
	in.Note = func(*ledger.Transaction) string { return `" onclick="x" style="y` }
	s, err := New(in)
	must(t, err)
	var b bytes.Buffer
	must(t, s.WriteHTML(&b, "tr"))
	page := b.String()
	for _, bad := range []string{"<script", "<link", "<img", "<iframe", "url(", "@import", "http://", "https://"} {
		if strings.Contains(page, bad) {
			t.Errorf("it has %q", bad)
		}
	}
	if bad := regexp.MustCompile(`<[a-z][^>]*\s(style|src|href|on[a-z]+)=[^>]*>`).FindString(page); bad != "" {
		t.Errorf("an element has what it must not: %s", bad)
	}
	for _, good := range []string{`<html lang="tr">`, StyleHash(), "default-src 'none'", "prefers-color-scheme:dark", "@media print", "<style>" + styleText + "</style>", "Türkiye programı", "2026-03-01 – 2026-03-31 (UTC)"} {
		if !strings.Contains(page, good) && !strings.Contains(html.UnescapeString(page), good) {
			t.Errorf("it has no %q", good)
		}
	}
}

// M5: the same statement gives the same bytes; the PDF has as many pages as it says.
func TestM5_StatementFilesAreStable(t *testing.T) {
	b := &books{t: t}
	for i := range 150 {
		b.event(march.Add(time.Duration(i)*time.Hour), ledger.ReasonApprove, "pub1", strings.Repeat("ORDER-", 1+i%40)+fmt.Sprint(i), "fund>approved 1.00", "approved>available 1.00")
	}
	s, err := New(Input{Number: "N 1/2", Terms: terms(), Publisher: "pub1", From: march, To: april, MadeAt: april, Transactions: b.all})
	must(t, err)
	var one, two, plain bytes.Buffer
	must(t, s.WritePDF(&one, "en"))
	must(t, s.WritePDF(&two, "en"))
	must(t, s.writePDF(&plain, "en", false))
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same statement gives two PDFs")
	}
	pages := bytes.Count(plain.Bytes(), []byte("/Type /Page\n"))
	texts := pdfTexts(t, plain.Bytes())
	for n := 1; n <= pages; n++ {
		if !slices.Contains(texts, fmt.Sprintf("N 1/2 · Page %d of %d", n, pages)) {
			t.Errorf("page %d of %d is not numbered", n, pages)
		}
	}
	if pages < 5 || one.Len() > 200_000 {
		t.Errorf("%d pages, %d bytes", pages, one.Len())
	}
	if name := s.FileName("pdf"); name != "N_1_2.pdf" {
		t.Errorf("%q", name)
	}
	if name := (&Statement{From: march}).FileName("csv"); name != "statement-1772323200.csv" {
		t.Errorf("%q", name)
	}
}

// A statement without movements says so.
func TestM5_EmptyStatement(t *testing.T) {
	s, err := New(Input{Number: "1", Terms: terms(), Publisher: "pub1", From: march, To: april, MadeAt: april, Transactions: func(func(*ledger.Transaction) bool) {}})
	must(t, err)
	var h, p, c bytes.Buffer
	must(t, s.WriteHTML(&h, "en"))
	must(t, s.writePDF(&p, "en", false))
	must(t, s.WriteCSV(&c, "en"))
	none := wordsOf("en").none
	if !strings.Contains(h.String(), none) || !slices.Contains(pdfTexts(t, p.Bytes()), none) || strings.Count(c.String(), "\n") != 3 {
		t.Errorf("%s", c.String())
	}
	if s.Name != "pub1" || !strings.Contains(h.String(), "<dd>pub1</dd>") {
		t.Error("a publisher without a name has its id")
	}
	s.ProgramName = nil
	if s.programName("tr") != "tr" {
		t.Error("a program without a name has its slug")
	}
}

// Both languages have every word, and each its own.
func TestM5_StatementLanguages(t *testing.T) {
	en, tr := wordsOf("en"), wordsOf("tr")
	for _, k := range Kinds() {
		if en.kinds(k) == tr.kinds(k) || en.kinds(k) == "" || tr.kinds(k) == "" || k != Other && (en.kinds(k) == en.kinds(Other) || tr.kinds(k) == tr.kinds(Other)) {
			t.Errorf("%s is %q and %q", k, en.kinds(k), tr.kinds(k))
		}
		for _, r := range en.kinds(k) + tr.kinds(k) {
			if !hasGlyph(r) {
				t.Errorf("%s: the PDF cannot write %q", k, r)
			}
		}
	}
	for i := range reflect.TypeOf(en).NumField() {
		f := reflect.TypeOf(en).Field(i)
		if f.Type.Kind() == reflect.String && (reflect.ValueOf(en).Field(i).String() == "" || reflect.ValueOf(tr).Field(i).String() == "") {
			t.Errorf("the word %q is missing", f.Name)
		}
	}
	if en.title == tr.title || wordsOf("de").title != en.title {
		t.Error("the languages are mixed up")
	}
}

// The letters that the PDF is trusted to have are in both fonts.
func TestM5_FontsHaveTheirLetters(t *testing.T) {
	have := fontLetters(t, regular)
	haveBold := fontLetters(t, bold)
	for r := rune(0); r <= 0x20000; r++ {
		if hasGlyph(r) && (!have[r] || !haveBold[r]) {
			t.Errorf("%U is not in the fonts", r)
		}
	}
	if !hasGlyph('ğ') || !hasGlyph('İ') || !hasGlyph('Щ') || !hasGlyph('₺') || hasGlyph('王') || hasGlyph(0x1F600) || hasGlyph('\n') {
		t.Error("hasGlyph is wrong about a letter that matters")
	}
}

// fontLetters reads the letters of a TrueType font from its table of characters (format 4).
func fontLetters(t *testing.T, font []byte) map[rune]bool {
	t.Helper()
	u16 := func(at int) int { return int(font[at])<<8 | int(font[at+1]) }
	u32 := func(at int) int { return u16(at)<<16 | u16(at+2) }
	letters := make(map[rune]bool)
	for i := range u16(4) {
		rec := 12 + 16*i
		if string(font[rec:rec+4]) != "cmap" {
			continue
		}
		cmap := u32(rec + 8)
		for n := range u16(cmap + 2) {
			sub := cmap + u32(cmap+4+8*n+4)
			if u16(sub) != 4 {
				continue
			}
			segments := u16(sub+6) / 2
			for s := range segments {
				end, start := u16(sub+14+2*s), u16(sub+16+2*segments+2*s)
				delta, offset := u16(sub+16+4*segments+2*s), u16(sub+16+6*segments+2*s)
				for c := start; c <= end && c != 0xFFFF; c++ {
					glyph := (c + delta) & 0xFFFF
					if offset != 0 {
						if glyph = u16(sub + 16 + 6*segments + 2*s + offset + 2*(c-start)); glyph != 0 {
							glyph = (glyph + delta) & 0xFFFF
						}
					}
					letters[rune(c)] = letters[rune(c)] || glyph != 0
				}
			}
		}
	}
	if len(letters) == 0 {
		t.Fatal("the font has no table of characters")
	}
	return letters
}

// full is a disk that has no room.
type full struct{ left int }

var errFull = errors.New("no room")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// A statement that cannot be written says so.
func TestM5_StatementWriteErrors(t *testing.T) {
	_, in := march2026(t)
	s, err := New(in)
	must(t, err)
	for name, write := range map[string]func(io.Writer, string) error{"HTML": s.WriteHTML, "PDF": s.WritePDF, "CSV": s.WriteCSV} {
		for _, room := range []int{0, 1000} {
			if err := write(&full{room}, "en"); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "writing a statement as "+name) {
				t.Errorf("%s with room for %d: %v", name, room, err)
			}
		}
	}
}

func BenchmarkPDF(b *testing.B) {
	bk := &books{t: b}
	for i := range 1000 {
		bk.event(march.Add(time.Duration(i)*time.Minute), ledger.ReasonApprove, "pub1", fmt.Sprint("A-", i), "fund>approved 1.00", "approved>available 1.00")
	}
	s, err := New(Input{Number: "N", Terms: terms(), Publisher: "pub1", From: march, To: april, MadeAt: april, Transactions: bk.all})
	must(b, err)
	for b.Loop() {
		must(b, s.WritePDF(io.Discard, "en"))
	}
}
