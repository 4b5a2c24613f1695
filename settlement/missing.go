package settlement

import (
	"slices"
	"strconv"
	"strings"

	"github.com/clickledger/clickledger/ledger"
)

// Missing compares what the books must hold for an order with what is booked, and returns the transactions to book: first
// corrections that undo, the latest first, what is booked and no longer right, then what is not booked yet. Each item is
// compared for itself, and from the first transaction that differs everything after it is undone and booked anew, because
// each one builds on those before it. Where news came in the order in which it happened, nothing is ever undone.
//
// booked are all transactions of the order, in the order they were booked in.
func Missing(must, booked []ledger.Transaction) []ledger.Transaction {
	standing, times := standing(booked)
	byItem := make(map[string][]ledger.Transaction)
	for _, t := range must {
		byItem[t.Item] = append(byItem[t.Item], t)
	}
	matched := make(map[string]int)  // how many of an item's transactions are booked as they must be
	differs := make(map[string]bool) // one that is booked is not as it must be
	var undo []ledger.Transaction
	for _, b := range standing {
		n, want := matched[b.Item], byItem[b.Item]
		if !differs[b.Item] && n < len(want) && same(&want[n], &b) {
			matched[b.Item]++
			continue
		}
		differs[b.Item] = true
		undo = append(undo, b.Reverse(ledger.ReasonCorrection, b.EffectiveAt))
	}
	slices.Reverse(undo)
	todo := undo
	seen := make(map[string]int)
	for _, t := range must {
		if seen[t.Item]++; seen[t.Item] <= matched[t.Item] {
			continue
		}
		if n := times[t.Cause]; n > 0 {
			t.Cause += again + strconv.Itoa(n+1)
		}
		todo = append(todo, t)
	}
	return todo
}

// standing are the booked transactions that were not undone, without the corrections that undid the others, and how often
// each cause was booked.
func standing(booked []ledger.Transaction) ([]ledger.Transaction, map[string]int) {
	undone := make(map[string]bool)
	times := make(map[string]int)
	for i := range booked {
		if booked[i].Corrects != "" {
			undone[booked[i].Corrects] = true
		}
	}
	var still []ledger.Transaction
	for i := range booked {
		if booked[i].Corrects != "" {
			continue
		}
		times[plain(booked[i].Cause)]++
		if !undone[booked[i].Cause] {
			still = append(still, booked[i])
		}
	}
	return still, times
}

// Standing is the journal of an order without what was undone and what undid it: the same, whatever the order in which the
// news came in. Transactions are given their plain causes and movements, as Unroll gives them.
func Standing(booked []ledger.Transaction) []ledger.Transaction {
	still, _ := standing(booked)
	for i := range still {
		still[i].Cause = plain(still[i].Cause)
		still[i].Movements = unsettled(still[i].Movements)
	}
	slices.SortStableFunc(still, func(a, b ledger.Transaction) int { return a.EffectiveAt.Compare(b.EffectiveAt) })
	return still
}

// again stands between a cause and how often it was booked. A plain cause ends in a time, so it never ends like that.
const again = "~"

func plain(cause string) string {
	if i := strings.LastIndex(cause, "Z"+again); i >= 0 {
		if _, err := strconv.Atoi(cause[i+2:]); err == nil {
			return cause[:i+1]
		}
	}
	return cause
}

// same reports whether a booked transaction is the one that must be booked.
func same(must, booked *ledger.Transaction) bool {
	return must.Cause == plain(booked.Cause) && must.Publisher == booked.Publisher && must.Currency == booked.Currency &&
		slices.Equal(must.Movements, unsettled(booked.Movements))
}

// unsettled takes back what ledger.Book.Settle did to movements: debts count as the available balance that they stand for.
func unsettled(ms []ledger.Movement) []ledger.Movement {
	out := make([]ledger.Movement, 0, len(ms))
	for _, m := range ms {
		m.From, m.To = undebt(m.From), undebt(m.To)
		if m.From == m.To {
			continue
		}
		if n := len(out); n > 0 && out[n-1].From == m.From && out[n-1].To == m.To {
			out[n-1].Amount += m.Amount
			continue
		}
		out = append(out, m)
	}
	return out
}

func undebt(a ledger.Account) ledger.Account {
	if a.Kind == ledger.Clawback {
		a.Kind = ledger.Available
	}
	return a
}
