package ledger

import (
	"fmt"
	"strings"

	"github.com/clickledger/clickledger/program"
)

// Kind is what an account holds. Its place in the chart of accounts is in docs/chart-of-accounts.md.
type Kind uint8

// The accounts. A balance is what came in less what went out.
const (
	Fund      Kind = iota + 1 // fund:{program}: what the advertiser owes (negative) or has paid ahead (positive)
	Tracked                   // tracked:{program}:{publisher}: attributed, the order is not paid yet
	Pending                   // pending:…: the order is paid
	Approved                  // approved:…: the order is completed and the hold is over; it passes on to available in the same transaction
	Available                 // available:…: can be withdrawn
	Hold                      // hold:…: kept back by an open trust case; pending in the state of its items
	Reserved                  // reserved:…: taken into a payout run
	Clearing                  // clearing:{rail}: sent to the bank, which has not answered; returns to zero
	Paid                      // paid:{program}:{publisher}: left the bank for the publisher
	Clawback                  // clawback:{program}:{publisher}: what the publisher owes after a reversal that came too late (negative)
	Fees                      // fees:{program}: payout fees and the network's own fee
	Bonus                     // bonus:{program}: rewards beside the commission (negative: an expense)
	Bank                      // bank:{account}: money from and to others than publishers
	Writeoff                  // writeoff:{program}: debts given up (negative: an expense)
	kinds
)

var kindNames = [...]string{"", "fund", "tracked", "pending", "approved", "available", "hold", "reserved", "clearing", "paid", "clawback",
	"fees", "bonus", "bank", "writeoff"}

// String is the name that begins the account's address.
func (k Kind) String() string { return kindNames[k] }

// ParseKind returns the kind of a name.
func ParseKind(name string) (Kind, error) {
	for i, n := range kindNames[1:] {
		if n == name {
			return Kind(i + 1), nil
		}
	}
	return 0, fmt.Errorf("%q is not a kind of account; it is one of %s", name, strings.Join(kindNames[1:], ", "))
}

// NeverNegative reports whether a balance of this kind below zero means that money was spent twice.
func (k Kind) NeverNegative() bool {
	switch k {
	case Tracked, Pending, Approved, Available, Hold, Reserved, Clearing, Fees:
		return true
	}
	return false
}

// OfPublisher reports whether accounts of this kind belong to publishers.
func (k Kind) OfPublisher() bool {
	switch k {
	case Tracked, Pending, Approved, Available, Hold, Reserved, Paid, Clawback:
		return true
	}
	return false
}

// NeverPositive reports whether a balance of this kind above zero means that a debt was paid twice.
func (k Kind) NeverPositive() bool { return k == Clawback || k == Writeoff }

// Account is one account. Owner is a publisher, a payment rail or a bank account, as Kind says; it may be empty.
type Account struct {
	Kind    Kind
	Program program.ID
	Owner   string
}

// Of returns a publisher's account in a program.
func Of(k Kind, p program.ID, publisher string) Account { return Account{k, p, publisher} }

// String is the account's address: kind, program and owner joined by colons, such as "available:tr:pub1", or without an
// owner "fund:tr". Parts are escaped, so two accounts never share an address.
func (a Account) String() string {
	s := a.Kind.String() + ":" + escape(string(a.Program))
	if a.Owner != "" {
		s += ":" + escape(a.Owner)
	}
	return s
}

// ParseAccount reads an address back.
func ParseAccount(s string) (Account, error) {
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 || parts[len(parts)-1] == "" && len(parts) == 3 {
		return Account{}, fmt.Errorf("%q is not an account address of the form kind:program or kind:program:owner", s)
	}
	k, err := ParseKind(parts[0])
	if err != nil {
		return Account{}, fmt.Errorf("account address %q: %w", s, err)
	}
	a := Account{Kind: k, Program: program.ID(unescape(parts[1]))}
	if len(parts) == 3 {
		a.Owner = unescape(parts[2])
	}
	return a, nil
}

func escape(s string) string {
	if !strings.ContainsAny(s, ":%") {
		return s
	}
	return strings.NewReplacer("%", "%25", ":", "%3A").Replace(s)
}

func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	return strings.NewReplacer("%3A", ":", "%25", "%").Replace(s)
}
