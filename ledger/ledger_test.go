package ledger_test

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func fund(p program.ID) ledger.Account { return ledger.Account{Kind: ledger.Fund, Program: p} }

func of(k ledger.Kind) ledger.Account { return ledger.Of(k, "tr", "ann") }

// moves is a transaction of movements.
func moves(reason ledger.Reason, ms ...ledger.Movement) ledger.Transaction {
	return ledger.Transaction{Cause: "test/" + string(reason), Reason: reason, Program: "tr", Publisher: "ann", Currency: "USD", EffectiveAt: noon, Movements: ms}
}

func move(from, to ledger.Account, amount int64) ledger.Movement {
	return ledger.Movement{From: from, To: to, Amount: amount}
}

// allKinds are the kinds of accounts, read off their names, so that a new one is not forgotten.
func allKinds(t *testing.T) []ledger.Kind {
	var all []ledger.Kind
	for _, name := range []string{"fund", "tracked", "pending", "approved", "available", "hold", "reserved", "clearing", "paid", "clawback",
		"fees", "bonus", "bank", "writeoff"} {
		k, err := ledger.ParseKind(name)
		if err != nil || k.String() != name {
			t.Fatalf("ParseKind(%q) = %v, %v", name, k, err)
		}
		all = append(all, k)
	}
	return all
}

// M1: an account has one address, and an address one account.
func TestM1_AccountsRoundTrip(t *testing.T) {
	kinds := allKinds(t)
	part := rapid.StringOf(rapid.SampledFrom([]rune(`ab:%25A3/ é"`)))
	rapid.Check(t, func(t *rapid.T) {
		a := ledger.Account{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Program: program.ID(part.Draw(t, "program")), Owner: part.Draw(t, "owner")}
		back, err := ledger.ParseAccount(a.String())
		if err != nil || back != a {
			t.Fatalf("%#v is %q, which is %#v, %v", a, a, back, err)
		}
	})
	for a, want := range map[ledger.Account]string{
		fund("tr"):                             "fund:tr",
		ledger.Of(ledger.Paid, "tr", "ann"):    "paid:tr:ann",
		ledger.Of(ledger.Clearing, "", "sepa"): "clearing::sepa",
		ledger.Of(ledger.Paid, "a:b", "50%:x"): "paid:a%3Ab:50%25%3Ax",
	} {
		if a.String() != want {
			t.Errorf("%#v is %q, want %q", a, a, want)
		}
	}
	for _, s := range []string{"", "fund", "lottery:tr", ":tr", "paid:tr:ann:x", "paid:tr:", "Paid:tr:ann"} {
		if a, err := ledger.ParseAccount(s); err == nil {
			t.Errorf("ParseAccount(%q) = %#v; want an error", s, a)
		}
	}
	for _, name := range []string{"", "lottery"} {
		if k, err := ledger.ParseKind(name); err == nil {
			t.Errorf("ParseKind(%q) = %v; want an error", name, k)
		}
	}
}

// M1: what is unfit to be booked is refused, and leaves no trace.
func TestM1_UnfitTransactionsAreRefused(t *testing.T) {
	good := func() ledger.Transaction {
		return moves(ledger.ReasonTrack, move(fund("tr"), of(ledger.Tracked), 100), move(of(ledger.Tracked), of(ledger.Pending), 1))
	}
	for name, spoil := range map[string]func(*ledger.Transaction){
		"without a cause":    func(t *ledger.Transaction) { t.Cause = "" },
		"no reason":          func(t *ledger.Transaction) { t.Reason = "" },
		"not a currency":     func(t *ledger.Transaction) { t.Currency = "XTS" },
		"no effective time":  func(t *ledger.Transaction) { t.EffectiveAt = time.Time{} },
		"moves nothing":      func(t *ledger.Transaction) { t.Movements = nil },
		"amount 0":           func(t *ledger.Transaction) { t.Movements[1].Amount = 0 },
		"amount -5":          func(t *ledger.Transaction) { t.Movements[1].Amount = -5 },
		"to itself":          func(t *ledger.Transaction) { t.Movements[1].To = t.Movements[1].From },
		"account has no":     func(t *ledger.Transaction) { t.Movements[1].To.Kind = 0 },
		"an account has no ": func(t *ledger.Transaction) { t.Movements[1].From.Kind = ledger.Writeoff + 1 },
		"movement 1: an":     func(t *ledger.Transaction) { t.Movements[1].To.Kind = ledger.Writeoff + 1 },
		"movement 0: an":     func(t *ledger.Transaction) { t.Movements[0].From.Kind = 0 },
	} {
		x := good()
		spoil(&x)
		var b ledger.Book
		if err := b.Post(&x); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if len(b.Lines()) != 0 {
			t.Errorf("%s: the book has %v", name, b.Lines())
		}
	}
	x := good()
	var b ledger.Book
	if err := b.Post(&x); err != nil {
		t.Fatal(err)
	}
}

// I1, I2: both sides of every movement are posted, in order, and add up to zero.
func TestI2_PostingsBalance(t *testing.T) {
	x := moves(ledger.ReasonApprove, move(of(ledger.Pending), of(ledger.Approved), 70), move(of(ledger.Approved), of(ledger.Available), 70))
	want := []ledger.Posting{{Account: of(ledger.Pending), Amount: -70}, {Account: of(ledger.Approved), Amount: 70}, {Account: of(ledger.Approved), Amount: -70}, {Account: of(ledger.Available), Amount: 70}}
	if got := x.Postings(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// I3: each account that must not pass zero is refused to; the others may.
func TestI3_AccountsStopAtZero(t *testing.T) {
	never := map[ledger.Kind][2]bool{ // never negative, never positive: the chart of accounts
		ledger.Fund: {false, false}, ledger.Tracked: {true, false}, ledger.Pending: {true, false}, ledger.Approved: {true, false}, ledger.Available: {true, false},
		ledger.Hold: {true, false}, ledger.Reserved: {true, false}, ledger.Clearing: {true, false}, ledger.Paid: {false, false}, ledger.Clawback: {false, true},
		ledger.Fees: {true, false}, ledger.Bonus: {false, false}, ledger.Bank: {false, false}, ledger.Writeoff: {false, true},
	}
	for _, k := range allKinds(t) {
		account, other := ledger.Of(k, "tr", "ann"), ledger.Of(ledger.Bank, "", "house")
		for side, refused := range never[k] {
			from, to := account, other
			if side == 1 {
				from, to = other, account
			}
			var b ledger.Book
			b.Set(account, "USD", 0)
			x := moves(ledger.ReasonFunding, move(from, to, 1))
			err := b.Post(&x)
			var limit *ledger.LimitError
			if errors.As(err, &limit) != refused || (err == nil) == refused {
				t.Errorf("%v to %v: %v, want refused %v", from, to, err, refused)
			}
			if refused && (limit.Account != account || limit.Currency != "USD" || !strings.Contains(err.Error(), account.String())) {
				t.Errorf("the error is %v", err)
			}
			if got := b.Balance(account, "USD"); (got == 0) != refused {
				t.Errorf("%v holds %d after %v", account, got, err)
			}
		}
	}
	// The limit is held against the balance after the whole transaction, not between its movements.
	var b ledger.Book
	x := moves(ledger.ReasonApprove, move(of(ledger.Approved), of(ledger.Available), 5), move(fund("tr"), of(ledger.Approved), 5))
	if err := b.Post(&x); err != nil {
		t.Error(err)
	}
	// Zero exactly is allowed.
	x = moves(ledger.ReasonReserve, move(of(ledger.Available), of(ledger.Reserved), 5))
	if err := b.Post(&x); err != nil {
		t.Error(err)
	}
}

// I2: a transaction that fails leaves the book as it was, whichever movement fails.
func TestI2_AFailedTransactionChangesNothing(t *testing.T) {
	var b ledger.Book
	first := moves(ledger.ReasonTrack, move(fund("tr"), of(ledger.Tracked), 100))
	if err := b.Post(&first); err != nil {
		t.Fatal(err)
	}
	before := snapshot(&b)
	for name, x := range map[string]ledger.Transaction{
		"limit":    moves(ledger.ReasonPend, move(of(ledger.Tracked), of(ledger.Pending), 60), move(of(ledger.Tracked), of(ledger.Pending), 60)),
		"overflow": moves(ledger.ReasonPend, move(fund("tr"), of(ledger.Pending), 60), move(fund("tr"), of(ledger.Tracked), math.MaxInt64)),
		"under":    moves(ledger.ReasonPend, move(of(ledger.Tracked), of(ledger.Pending), 60), move(fund("tr"), of(ledger.Hold), math.MaxInt64)),
	} {
		err := b.Post(&x)
		if err == nil {
			t.Errorf("%s: it was booked", name)
		}
		if name != "limit" && !errors.Is(err, money.ErrOverflow) {
			t.Errorf("%s: %v", name, err)
		}
		if got := snapshot(&b); !equal(got, before) {
			t.Errorf("%s: the book went from %v to %v", name, before, got)
		}
	}
}

func snapshot(b *ledger.Book) map[ledger.Key]int64 {
	m := make(map[ledger.Key]int64)
	for _, k := range b.Lines() {
		m[k] = b.Balance(k.Account, k.Currency)
	}
	return m
}

// equal compares balances; an account without a line holds zero.
func equal(a, b map[ledger.Key]int64) bool {
	for k := range a {
		if a[k] != b[k] {
			return false
		}
	}
	for k := range b {
		if a[k] != b[k] {
			return false
		}
	}
	return true
}

// M1: a transaction is undone by another one, once, the last movement first.
func TestM1_ReverseUndoes(t *testing.T) {
	x := moves(ledger.ReasonApprove, move(of(ledger.Pending), of(ledger.Approved), 70), move(of(ledger.Approved), of(ledger.Available), 70))
	x.ID, x.RecordedAt, x.Order, x.Item = "ent_1", noon.Add(time.Hour), "o1", "1"
	before := slices.Clone(x.Movements)
	later := noon.Add(48 * time.Hour)
	u := x.Reverse(ledger.ReasonCorrection, later)
	want := []ledger.Movement{move(of(ledger.Available), of(ledger.Approved), 70), move(of(ledger.Approved), of(ledger.Pending), 70)}
	if !slices.Equal(u.Movements, want) {
		t.Errorf("undone by %v, want %v", u.Movements, want)
	}
	if u.Cause != x.Cause+"/undo" || u.Corrects != x.Cause || u.Reason != ledger.ReasonCorrection || !u.EffectiveAt.Equal(later) || u.ID != "" || !u.RecordedAt.IsZero() {
		t.Errorf("%+v", u)
	}
	if u.Program != x.Program || u.Publisher != x.Publisher || u.Order != "o1" || u.Item != "1" || u.Currency != x.Currency {
		t.Errorf("%+v is not about what %+v is about", u, x)
	}
	if !slices.Equal(x.Movements, before) {
		t.Errorf("the transaction itself was changed to %v", x.Movements)
	}
	rapid.Check(t, func(t *rapid.T) {
		var b ledger.Book
		seed := moves(ledger.ReasonFunding, move(ledger.Of(ledger.Bank, "", "x"), of(ledger.Tracked), 1000), move(ledger.Of(ledger.Bank, "", "x"), of(ledger.Pending), 1000))
		if err := b.Post(&seed); err != nil {
			t.Fatal(err)
		}
		was := snapshot(&b)
		accounts := []ledger.Account{fund("tr"), of(ledger.Tracked), of(ledger.Pending), of(ledger.Paid)}
		y := moves(ledger.ReasonAdjust)
		for range rapid.IntRange(1, 5).Draw(t, "movements") {
			i := rapid.IntRange(0, 3).Draw(t, "from")
			j := (i + rapid.IntRange(1, 3).Draw(t, "to")) % 4
			y.Movements = append(y.Movements, move(accounts[i], accounts[j], int64(rapid.IntRange(1, 100).Draw(t, "amount"))))
		}
		if err := b.Post(&y); err != nil {
			t.Fatal(err)
		}
		z := y.Reverse(ledger.ReasonCorrection, later)
		if err := b.Post(&z); err != nil {
			t.Fatal(err)
		}
		if !equal(snapshot(&b), was) {
			t.Fatalf("%v undone leaves %v, was %v", y.Movements, snapshot(&b), was)
		}
	})
}

// M1: the id of an entry follows from when and why; it sorts by time and never meets another one's.
func TestM1_EntryIDsSortByTime(t *testing.T) {
	id := ledger.EntryID(noon, "order/tr/o1/1/approve")
	if len(id) != 36 || id[:4] != "ent_" || strings.Trim(id[4:], "0123456789abcdef") != "" {
		t.Errorf("%q is not ent_ and 32 hexadecimal digits", id)
	}
	if again := ledger.EntryID(noon.In(time.FixedZone("x", 3600)), "order/tr/o1/1/approve"); again != id {
		t.Errorf("the same entry is %q and %q", id, again)
	}
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(0, 1<<47).Draw(t, "at"))
		later := at.Add(time.Duration(rapid.Int64Range(1, 1<<40).Draw(t, "ms")) * time.Millisecond)
		a, b := ledger.EntryID(at, rapid.String().Draw(t, "a")), ledger.EntryID(later, rapid.String().Draw(t, "b"))
		if a >= b {
			t.Fatalf("%q at %v does not sort before %q at %v", a, at, b, later)
		}
	})
	seen := make(map[string]string, 200_000)
	for i := range 200_000 {
		cause := "order/tr/" + strconv.Itoa(i)
		id := ledger.EntryID(noon, cause)
		if o, ok := seen[id]; ok {
			t.Fatalf("%s and %s are both %s", o, cause, id)
		}
		seen[id] = cause
	}
}

// O3, M2: a reversal that the balance does not cover becomes a debt; what becomes available pays the debt off first.
func TestO3_DebtsAreTakenAndPaidOff(t *testing.T) {
	available, approved, reserved, debt, held := of(ledger.Available), of(ledger.Approved), of(ledger.Reserved), of(ledger.Clawback), of(ledger.Hold)
	for _, c := range []struct {
		name           string
		available, owe int64 // before
		reason         ledger.Reason
		in, want       []ledger.Movement
	}{
		{"covered", 100, 0, ledger.ReasonReversal, []ledger.Movement{move(available, approved, 100)}, []ledger.Movement{move(available, approved, 100)}},
		{"covered in part", 30, 0, ledger.ReasonReversal, []ledger.Movement{move(available, approved, 100)}, []ledger.Movement{move(available, approved, 30), move(debt, approved, 70)}},
		{"nothing there", 0, 5, ledger.ReasonReversal, []ledger.Movement{move(available, approved, 100)}, []ledger.Movement{move(debt, approved, 100)}},
		{"fraud", 30, 0, ledger.ReasonAntispam, []ledger.Movement{move(available, approved, 100)}, []ledger.Movement{move(available, approved, 30), move(debt, approved, 70)}},
		{"a fraud hold", 30, 0, ledger.ReasonHold, []ledger.Movement{move(available, approved, 100), move(approved, held, 100)}, []ledger.Movement{move(available, approved, 30), move(debt, approved, 70), move(approved, held, 100)}},
		{"a fraud hold that is over", 0, 70, ledger.ReasonUnhold, []ledger.Movement{move(held, approved, 100), move(approved, available, 100)}, []ledger.Movement{move(held, approved, 100), move(approved, available, 100), move(available, debt, 70)}},
		{"a correction", 30, 0, ledger.ReasonCorrection, []ledger.Movement{move(available, approved, 100)}, []ledger.Movement{move(available, approved, 30), move(debt, approved, 70)}},
		{"a bonus undone", 30, 0, ledger.ReasonBonus, []ledger.Movement{move(available, approved, 100)}, []ledger.Movement{move(available, approved, 30), move(debt, approved, 70)}},
		{"a payout takes what is there, never a debt", 30, 0, ledger.ReasonReserve, []ledger.Movement{move(available, reserved, 100)}, []ledger.Movement{move(available, reserved, 100)}},
		{"an approval pays the debt off", 0, 40, ledger.ReasonApprove, []ledger.Movement{move(approved, available, 100)}, []ledger.Movement{move(approved, available, 100), move(available, debt, 40)}},
		{"an approval pays off what it can", 0, 140, ledger.ReasonApprove, []ledger.Movement{move(approved, available, 100)}, []ledger.Movement{move(approved, available, 100), move(available, debt, 100)}},
		{"no debt", 10, 0, ledger.ReasonApprove, []ledger.Movement{move(approved, available, 100)}, []ledger.Movement{move(approved, available, 100)}},
		{"a debt counts once in a transaction", 0, 40, ledger.ReasonApprove, []ledger.Movement{move(approved, available, 30), move(approved, available, 30)},
			[]ledger.Movement{move(approved, available, 30), move(available, debt, 30), move(approved, available, 30), move(available, debt, 10)}},
		{"a balance counts once in a transaction", 50, 0, ledger.ReasonReversal, []ledger.Movement{move(available, approved, 30), move(available, approved, 30)},
			[]ledger.Movement{move(available, approved, 30), move(available, approved, 20), move(debt, approved, 10)}},
		{"other accounts are left alone", 50, 9, ledger.ReasonReversal, []ledger.Movement{move(of(ledger.Pending), fund("tr"), 30)}, []ledger.Movement{move(of(ledger.Pending), fund("tr"), 30)}},
	} {
		var b ledger.Book
		b.Set(available, "USD", c.available)
		b.Set(debt, "USD", -c.owe)
		// What others hold, or the same publisher in another program or currency, is not touched.
		b.Set(ledger.Of(ledger.Available, "other", "ann"), "USD", 1000)
		b.Set(available, "EUR", 1000)
		x := moves(c.reason, c.in...)
		given := slices.Clone(c.in)
		got := b.Settle(x)
		if !slices.Equal(got.Movements, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got.Movements, c.want)
		}
		if !slices.Equal(x.Movements, given) {
			t.Errorf("%s: the transaction that was asked for was changed to %v", c.name, x.Movements)
		}
		if got.Cause != x.Cause || got.Reason != x.Reason || !got.EffectiveAt.Equal(x.EffectiveAt) {
			t.Errorf("%s: %+v is another transaction than %+v", c.name, got, x)
		}
	}
}

// I1: the trial balance adds up each currency for itself; books add up; lines stand in order.
func TestI1_TrialBalanceAndMerge(t *testing.T) {
	var a, b ledger.Book
	eur := moves(ledger.ReasonTrack, move(fund("tr"), of(ledger.Tracked), 7))
	eur.Currency = "EUR"
	usd := moves(ledger.ReasonTrack, move(fund("tr"), ledger.Of(ledger.Tracked, "tr", "bob"), 100), move(fund("a"), ledger.Of(ledger.Tracked, "a", "bob"), 3))
	for _, x := range []*ledger.Transaction{&eur, &usd} {
		if err := a.Post(x); err != nil {
			t.Fatal(err)
		}
	}
	if sums := a.TrialBalance(); len(sums) != 2 || sums["USD"] != 0 || sums["EUR"] != 0 {
		t.Errorf("the trial balance is %v", sums)
	}
	a.Set(of(ledger.Paid), "EUR", 4) // a book that lost something says so
	if sums := a.TrialBalance(); sums["EUR"] != 4 || sums["USD"] != 0 {
		t.Errorf("the trial balance is %v", sums)
	}
	var lines []string
	for _, k := range a.Lines() {
		lines = append(lines, k.Account.String()+" "+string(k.Currency))
	}
	want := []string{"fund:a USD", "fund:tr EUR", "fund:tr USD", "tracked:a:bob USD", "tracked:tr:ann EUR", "tracked:tr:bob USD", "paid:tr:ann EUR"}
	if !slices.Equal(lines, want) {
		t.Errorf("lines %q, want %q", lines, want)
	}
	for range 2 {
		if err := b.Merge(&a); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range a.Lines() {
		if got, want := b.Balance(k.Account, k.Currency), 2*a.Balance(k.Account, k.Currency); got != want {
			t.Errorf("%v is %d, want %d", k, got, want)
		}
	}
	var full ledger.Book
	full.Set(fund("tr"), "USD", math.MinInt64)
	if err := full.Merge(&a); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("adding up past the largest amount: %v", err)
	}
}
