package storetest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

func ledgerChecks() []Check {
	return []Check{
		{"transactions come back as they were booked, in their order", journalComesBack},
		{"a cause is booked once (I8)", causeOnce},
		{"transactions that cannot be booked are refused, and none of their call is booked", postAllOrNothing},
		{"no account passes its limit, after any transaction of a call (I3)", limits},
		{"balances follow the journal, for every kind of account and each currency (I1, I7)", balancesFollow},
		{"Ledger.OfOrders returns the transactions of each order, and those of none", journalOfOrders},
		{"Ledger.Page filters by program, publisher, reason and effective time", journalPage},
		{"Ledger.Turnover is what went from approved to available less what came back", turnover},
		{"balances are exact up to the largest amounts, and never overflow (I2)", largest},
	}
}

func post(k *kit, ts ...ledger.Transaction) {
	k.Helper()
	k.update(func(tx store.Tx) error { return tx.Ledger().Post(k.ctx, ts) })
}

func tryPost(k *kit, ts ...ledger.Transaction) error {
	return k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Ledger().Post(k.ctx, ts) })
}

func balances(k *kit, c money.Currency, accounts ...ledger.Account) []int64 {
	k.Helper()
	return read(k, func(tx store.Tx) ([]int64, error) { return tx.Ledger().Balances(k.ctx, c, accounts) })
}

// wholeJournal reads all pages of a filter.
func wholeJournal(k *kit, f store.JournalFilter, limit int) []ledger.Transaction {
	k.Helper()
	var all []ledger.Transaction
	for after := ""; ; {
		k.view(func(tx store.Tx) error {
			ts, next, err := tx.Ledger().Page(k.ctx, f, after, limit)
			if len(ts) > limit || (next != "" && len(ts) < limit) {
				k.Errorf("a page of %d has %d transactions, and the next page begins at %q", limit, len(ts), next)
			}
			all, after = append(all, ts...), next
			return err
		})
		if after == "" {
			return all
		}
	}
}

func journalComesBack(k *kit) {
	rich := ledger.Transaction{
		ID: "ent_1", Cause: "z", Reason: ledger.ReasonFunding, Currency: "JPY", EffectiveAt: at(5), RecordedAt: at(6), Corrects: "y",
		Movements: []ledger.Movement{
			{From: ledger.Account{Kind: ledger.Bank, Owner: "a:b%c"}, To: ledger.Account{Kind: ledger.Fund, Program: tr}, Amount: 7},
			{From: ledger.Account{Kind: ledger.Fund, Program: tr}, To: ledger.Account{Kind: ledger.Bank, Owner: "a:b%c"}, Amount: 3},
			{From: ledger.Account{Kind: ledger.Bank, Owner: "A:b%c"}, To: ledger.Account{Kind: ledger.Fund, Program: ro}, Amount: 1},
		},
	}
	old := transaction("a", ledger.Fund, ledger.Pending, 1)
	old.EffectiveAt, old.RecordedAt = time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	want := []ledger.Transaction{rich, transaction("m", ledger.Fund, ledger.Pending, 5), old}
	post(k, want[:2]...)
	post(k, want[2])
	post(k)
	for _, limit := range []int{1, 2, 3, 100} {
		k.same(fmt.Sprint("the journal in pages of ", limit), wholeJournal(k, store.JournalFilter{}, limit), want)
	}
	for _, t := range want {
		k.same("the transaction with a cause", read(k, func(tx store.Tx) (ledger.Transaction, error) { return tx.Ledger().ByCause(k.ctx, t.Cause) }), t)
	}
	for _, cause := range []string{"Z", "z ", "", "404"} {
		k.is(k.store.View(k.ctx, func(tx store.Tx) error {
			_, err := tx.Ledger().ByCause(k.ctx, cause)
			return err
		}), store.ErrNotFound, "an unknown cause")
	}
	k.reopen()
	k.same("the journal after closing and opening", wholeJournal(k, store.JournalFilter{}, 100), want)
	for _, bad := range []string{"x", "ImEi", "e30"} {
		k.is(k.store.View(k.ctx, func(tx store.Tx) error {
			_, _, err := tx.Ledger().Page(k.ctx, store.JournalFilter{}, bad, 1)
			return err
		}), store.ErrInvalid, fmt.Sprintf("the cursor %q", bad))
	}
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, _, err := tx.Ledger().Page(k.ctx, store.JournalFilter{}, "", 0)
		return err
	}), store.ErrInvalid, "a page of 0")
}

func causeOnce(k *kit) {
	first := transaction("c", ledger.Fund, ledger.Pending, 1)
	post(k, first)
	other := transaction("c", ledger.Fund, ledger.Pending, 2)
	other.ID, other.Program = "ent_other", ro
	k.is(tryPost(k, other), store.ErrConflict, "a known cause")
	k.is(tryPost(k, transaction("d", ledger.Fund, ledger.Pending, 1), first), store.ErrConflict, "a known cause behind another one")
	k.is(tryPost(k, transaction("e", ledger.Fund, ledger.Pending, 1), transaction("e", ledger.Fund, ledger.Pending, 2)), store.ErrConflict, "a cause twice in one call")
	post(k, transaction("C", ledger.Fund, ledger.Pending, 1), transaction("c ", ledger.Fund, ledger.Pending, 1)) // other causes
	k.same("the balance", balances(k, "TRY", ledger.Of(ledger.Pending, tr, "pub1")), []int64{3})
	k.soundBooks()
}

func postAllOrNothing(k *kit) {
	good := transaction("good", ledger.Fund, ledger.Pending, 1)
	for name, change := range map[string]func(*ledger.Transaction){
		"no cause":          func(t *ledger.Transaction) { t.Cause = "" },
		"no id":             func(t *ledger.Transaction) { t.ID = "" },
		"no reason":         func(t *ledger.Transaction) { t.Reason = "" },
		"no currency":       func(t *ledger.Transaction) { t.Currency = "QQQ" },
		"no effective time": func(t *ledger.Transaction) { t.EffectiveAt = time.Time{} },
		"no movements":      func(t *ledger.Transaction) { t.Movements = nil },
		"an amount of 0":    func(t *ledger.Transaction) { t.Movements[0].Amount = 0 },
		"a negative amount": func(t *ledger.Transaction) { t.Movements[0].Amount = -1 },
		"to itself":         func(t *ledger.Transaction) { t.Movements[0].To = t.Movements[0].From },
		"no account":        func(t *ledger.Transaction) { t.Movements[0].To.Kind = 0 },
	} {
		bad := transaction("bad", ledger.Fund, ledger.Pending, 1)
		change(&bad)
		k.is(k.store.Update(k.ctx, func(tx store.Tx) error {
			err := tx.Ledger().Post(k.ctx, []ledger.Transaction{good, bad})
			k.is(err, store.ErrInvalid, name)
			return nil
		}), nil, name)
	}
	k.same("what was booked", len(wholeJournal(k, store.JournalFilter{}, 10)), 0)
	k.same("the balances", read(k, func(tx store.Tx) ([]line, error) {
		b, err := tx.Ledger().Book(k.ctx)
		return linesOf(b), err
	}), []line(nil))
}

func limits(k *kit) {
	limit := func(err error) *ledger.LimitError {
		k.Helper()
		var l *ledger.LimitError
		if !errors.As(err, &l) {
			k.Fatalf("the error is %v, want a *ledger.LimitError", err)
		}
		return l
	}
	for kind := ledger.Fund; kind <= ledger.Writeoff; kind++ {
		if kind == ledger.Bonus {
			continue // money comes from there in this check
		}
		a, from := ledger.Of(kind, tr, "pub1"), ledger.Of(ledger.Bonus, tr, "")
		move := func(cause string, from, to ledger.Account, amount int64) ledger.Transaction {
			t := transaction(kind.String()+cause, ledger.Fund, ledger.Pending, amount)
			t.Movements = []ledger.Movement{{From: from, To: to, Amount: amount}}
			return t
		}
		switch {
		case kind.NeverNegative():
			post(k, move("in", from, a, 10))
			l := limit(tryPost(k, move("out", a, from, 4), move("over", a, from, 7)))
			k.same("the limit that was passed", *l, ledger.LimitError{Cause: kind.String() + "over", Account: a, Currency: "TRY", Balance: -1})
			// Also where a later transaction of the call would make it good.
			limit(tryPost(k, move("out", a, from, 11), move("back", from, a, 1)))
			// But inside a transaction only its end counts.
			t := move("round", a, from, 11)
			t.Movements = append(t.Movements, ledger.Movement{From: from, To: a, Amount: 1})
			post(k, t)
			k.same("the balance", balances(k, "TRY", a), []int64{0})
		case kind.NeverPositive():
			post(k, move("in", a, from, 10))
			limit(tryPost(k, move("out", from, a, 11)))
			post(k, move("back", from, a, 10))
		default:
			post(k, move("out", a, from, 5), move("in", from, a, 9))
		}
	}
	k.soundBooks()
}

func balancesFollow(k *kit) {
	var accounts []ledger.Account
	want := make(map[ledger.Key]int64)
	n := 0
	for kind := ledger.Tracked; kind <= ledger.Hold; kind++ {
		for _, owner := range []string{"pub1", "PUB1", "pub1 ", "pub:1", ""} {
			a := ledger.Of(kind, tr, owner)
			accounts = append(accounts, a)
			for _, c := range []money.Currency{"TRY", "EUR", "KWD"} {
				n++
				t := transaction(fmt.Sprint(n), ledger.Fund, ledger.Pending, int64(n))
				t.Currency, t.Movements[0].To = c, a
				post(k, t)
				want[ledger.Key{Account: a, Currency: c}] += int64(n)
				want[ledger.Key{Account: ledger.Account{Kind: ledger.Fund, Program: tr}, Currency: c}] -= int64(n)
			}
		}
	}
	for _, c := range []money.Currency{"TRY", "EUR", "KWD", "USD"} {
		ask := append(slices.Clone(accounts), ledger.Account{Kind: ledger.Fund, Program: tr}, ledger.Of(ledger.Paid, tr, "pub1"), accounts[0])
		var wish []int64
		for _, a := range ask {
			wish = append(wish, want[ledger.Key{Account: a, Currency: c}])
		}
		k.same("the balances in "+string(c), balances(k, c, ask...), wish)
	}
	k.same("no balance", len(balances(k, "TRY")), 0)
	var book ledger.Book
	for key, minor := range want {
		book.Set(key.Account, key.Currency, minor)
	}
	k.same("the book", read(k, func(tx store.Tx) ([]line, error) {
		b, err := tx.Ledger().Book(k.ctx)
		return linesOf(b), err
	}), linesOf(&book))
	k.soundBooks()
	k.reopen()
	k.soundBooks()
}

func journalOfOrders(k *kit) {
	of := func(cause string, key order.Key) ledger.Transaction {
		t := transaction(cause, ledger.Fund, ledger.Pending, 1)
		t.Program, t.Order = key.Program, key.Order
		t.Movements = append(t.Movements, ledger.Movement{From: ledger.Of(ledger.Pending, tr, "pub1"), To: ledger.Of(ledger.Hold, tr, "pub1"), Amount: 1})
		return t
	}
	a, b, c, d, e := of("a", key(1)), of("b", key(2)), of("c", key(1)), of("d", order.Key{Program: tr}), of("e", order.Key{Program: ro, Order: "o1"})
	post(k, c, b)
	post(k, d, a, e)
	got := read(k, func(tx store.Tx) ([][]ledger.Transaction, error) {
		return tx.Ledger().OfOrders(k.ctx, []order.Key{key(2), key(404), key(1), {Program: tr}, {Program: ro}, {Program: ro, Order: "o1"}, key(1), {Program: tr, Order: "O1"}})
	})
	k.same("the transactions of orders", got, [][]ledger.Transaction{{b}, nil, {c, a}, {d}, nil, {e}, {c, a}, nil})
	none := read(k, func(tx store.Tx) ([][]ledger.Transaction, error) { return tx.Ledger().OfOrders(k.ctx, nil) })
	k.same("the transactions of no order", len(none), 0)
}

func journalPage(k *kit) {
	var all []ledger.Transaction
	for i := range 24 {
		t := transaction(fmt.Sprint("c", i), ledger.Fund, ledger.Pending, 1)
		t.EffectiveAt = at(int64(24 - i)) // recorded in another order than effective
		t.Publisher = []string{"pub1", "pub2", "PUB1", ""}[i%4]
		if i%3 == 0 {
			t.Reason = ledger.ReasonAdjust
		}
		if i%7 == 1 {
			t.Reason = []ledger.Reason{ledger.ReasonRelease, ledger.ReasonPayout}[i%2]
		}
		if i%5 == 0 {
			t.Program = ro
		}
		all = append(all, t)
	}
	post(k, all...)
	for _, f := range []store.JournalFilter{
		{}, {Program: tr}, {Program: ro}, {Program: "RO"}, {Publisher: "pub1"}, {Publisher: "PUB1", Program: tr}, {Reason: ledger.ReasonAdjust}, {Reason: ledger.ReasonPayout}, {Reason: ledger.ReasonRelease, Program: tr}, {Reason: ledger.ReasonPayout, Publisher: "pub2"}, {From: at(10)}, {To: at(10)},
		{From: at(10), To: at(12)}, {Program: tr, Publisher: "pub2", Reason: ledger.ReasonPend, From: at(3), To: at(20)}, {Publisher: "pub404"},
	} {
		var want []ledger.Transaction
		for _, t := range all {
			if (f.Program == "" || f.Program == t.Program) && (f.Publisher == "" || f.Publisher == t.Publisher) && (f.Reason == "" || f.Reason == t.Reason) &&
				(f.From.IsZero() || !t.EffectiveAt.Before(f.From)) && (f.To.IsZero() || t.EffectiveAt.Before(f.To)) {
				want = append(want, t)
			}
		}
		for _, limit := range []int{1, 5, 100} {
			if got := wholeJournal(k, f, limit); len(got)+len(want) > 0 {
				k.same("the filter "+show(f), got, want)
			}
		}
	}
}

func turnover(k *kit) {
	approve := func(cause, publisherID string, amount int64) ledger.Transaction {
		t := transaction(cause, ledger.Fund, ledger.Pending, amount)
		approved, available := ledger.Of(ledger.Approved, tr, publisherID), ledger.Of(ledger.Available, tr, publisherID)
		t.Movements = []ledger.Movement{{From: t.Movements[0].From, To: approved, Amount: amount}, {From: approved, To: available, Amount: amount}}
		return t
	}
	reverse := func(cause, publisherID string, amount int64) ledger.Transaction {
		t := approve(cause, publisherID, amount)
		return t.Reverse(ledger.ReasonReversal, at(300))
	}
	numbered := func(t ledger.Transaction) ledger.Transaction {
		t.ID, t.RecordedAt = "ent_"+t.Cause, at(300)
		return t
	}
	post(k, approve("a", "pub1", 100), approve("b", "pub2", 7))
	post(k, approve("c", "pub1", 50), numbered(reverse("a", "pub1", 30)), numbered(reverse("b", "pub2", 7)))
	// Other movements out of and into available do not count.
	hold := transaction("hold", ledger.Available, ledger.Hold, 20)
	back := transaction("back", ledger.Hold, ledger.Available, 20)
	bonus := transaction("bonus", ledger.Bonus, ledger.Available, 1000)
	bonus.Movements[0].From = ledger.Account{Kind: ledger.Bonus, Program: tr}
	post(k, hold, back, bonus, transaction("wait", ledger.Fund, ledger.Approved, 5))
	get := func(p program.ID) map[string]int64 {
		return read(k, func(tx store.Tx) (map[string]int64, error) { return tx.Ledger().Turnover(k.ctx, p) })
	}
	k.same("the turnover", get(tr), map[string]int64{"pub1": 120, "pub2": 0})
	k.same("the turnover of another program", get(ro), map[string]int64{})
	k.reopen()
	k.same("the turnover after closing and opening", get(tr), map[string]int64{"pub1": 120, "pub2": 0})
	k.soundBooks()
}

func largest(k *kit) {
	const most = math.MaxInt64
	pending := ledger.Of(ledger.Pending, tr, "pub1")
	post(k, transaction("most", ledger.Fund, ledger.Pending, most))
	k.same("the largest balance", balances(k, "TRY", pending, ledger.Account{Kind: ledger.Fund, Program: tr}), []int64{most, -most})
	if err := tryPost(k, transaction("more", ledger.Fund, ledger.Pending, 1)); !errors.Is(err, money.ErrOverflow) {
		k.Errorf("past the largest amount the error is %v, want %v", err, money.ErrOverflow)
	}
	// The journal's sum passes 63 bits on its way many times.
	for i := range 5 {
		post(k, transaction(fmt.Sprint("out", i), ledger.Pending, ledger.Hold, most), transaction(fmt.Sprint("in", i), ledger.Hold, ledger.Pending, most))
	}
	post(k, transaction("out", ledger.Pending, ledger.Hold, 1<<53+1))
	k.same("the balances", balances(k, "TRY", pending, ledger.Of(ledger.Hold, tr, "pub1")), []int64{most - 1<<53 - 1, 1<<53 + 1})
	k.soundBooks()
}
