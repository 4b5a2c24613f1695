package payout

import (
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Party is somebody who pays or is paid: what a bank needs to know. It is frozen into the run, so that the bank file
// follows from the run alone.
type Party struct {
	Name    string  `json:"name"`
	Address Address `json:"address,omitzero"`

	IBAN    string `json:"iban,omitempty"`    // without spaces
	Account string `json:"account,omitempty"` // where there is no IBAN
	BIC     string `json:"bic,omitempty"`
	// ClearingSystem and ClearingMember name a bank without a BIC: "USABA" and its routing number.
	ClearingSystem string `json:"clearing_system,omitempty"`
	ClearingMember string `json:"clearing_member,omitempty"`

	Email string `json:"email,omitempty"` // PayPal
}

// Address is a postal address; all of it is optional, but banks take none without town and country.
type Address struct {
	Street   string `json:"street,omitempty"`
	Building string `json:"building,omitempty"`
	PostCode string `json:"post_code,omitempty"`
	Town     string `json:"town,omitempty"`
	Country  string `json:"country,omitempty"` // ISO 3166-1 alpha-2
}

// Payee is a publisher as it stands on the day of a payout: how it is paid, and what may stand in the way.
type Payee struct {
	Publisher string
	Method    string // one of the program's payout methods
	Country   string // where it is paid, ISO 3166-1 alpha-2: decides which methods are offered and what they cost
	Account   Party

	DetailsChangedAt time.Time // when Method, Country or Account changed last; zero: never given
	DetailsFault     string    // what is wrong with them, as the check of the payment rail says; "": nothing
	FraudCase        string    // the open fraud case that stops payouts; "": none
	Blocked          string    // another reason why it must not be paid, such as "sanctions" or "tax_form"; "": none
	Tax              Withholding
}

// Withholding is a tax that is kept back from a payout for an authority. The zero value withholds nothing.
type Withholding struct {
	Authority string
	Percent   money.Rate // of the gross amount, rounded half to even
}

// Balance is a publisher's money in a program, in minor units of the program currency.
type Balance struct {
	Available int64
	Clawback  int64 // a debt, below zero
}

// BalanceOf reads a publisher's balance from a book.
func BalanceOf(b *ledger.Book, p program.ID, publisher string, c money.Currency) Balance {
	return Balance{
		Available: b.Balance(ledger.Of(ledger.Available, p, publisher), c),
		Clawback:  b.Balance(ledger.Of(ledger.Clawback, p, publisher), c),
	}
}
