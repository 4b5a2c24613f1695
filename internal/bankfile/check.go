package bankfile

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
)

// Format is how a payout method's payments are told to the bank.
type Format uint8

// The formats.
const (
	Plain   Format = iota + 1 // a plain CSV, for methods that are paid by hand
	Pain001                   // ISO 20022 pain.001.001.09
	PayPal                    // a CSV of mass payments by e-mail address
)

// FormatOf is the format of a payout method.
func FormatOf(method string) Format {
	switch method {
	case "bank_transfer", "international_bank_transfer":
		return Pain001
	case "paypal":
		return PayPal
	}
	return Plain
}

// Check reports everything that keeps a payee from being paid by a method in a currency: each fault with what helps. It is
// asked when payout details are entered, and again before a run takes them.
func Check(p payout.Party, method string, c money.Currency) error {
	switch FormatOf(method) {
	case Pain001:
		return errors.Join(checkName(p.Name), checkAccount(&p, c), checkAddress(&p.Address))
	case PayPal:
		return checkEmail(p.Email)
	}
	return checkName(p.Name)
}

// CheckPayer reports what keeps an account from being paid from.
func CheckPayer(p payout.Party, c money.Currency) error {
	if p == (payout.Party{}) {
		return errors.New("payer: no account to pay from: enter the operator's name and account")
	}
	if err := errors.Join(checkName(p.Name), checkAccount(&p, c), checkAddress(&p.Address)); err != nil {
		return fmt.Errorf("payer: %w", err)
	}
	return nil
}

func checkName(name string) error {
	latin, unknown := Latin(name)
	switch {
	case unknown != "":
		return fmt.Errorf("name: banks take Latin letters only, and %q cannot be turned into them: enter the name as the bank spells it", unknown)
	case strings.Trim(latin, "/-?:().,'+ ") == "":
		return errors.New("name: it is empty: enter the account holder's name")
	}
	return nil
}

func checkAccount(p *payout.Party, c money.Currency) error {
	var errs []error
	if p.BIC != "" {
		errs = append(errs, CheckBIC(p.BIC))
	}
	if (p.ClearingSystem == "") != (p.ClearingMember == "") {
		errs = append(errs, errors.New("clearing member: give the clearing system and the bank's number in it, such as USABA and 021000021"))
	}
	if p.ClearingSystem != "" {
		errs = append(errs, plain("clearing system", p.ClearingSystem, 5), plain("clearing member", p.ClearingMember, 35))
	}
	switch {
	case p.IBAN != "":
		errs = append(errs, CheckIBAN(p.IBAN))
		if p.BIC == "" && p.ClearingMember == "" && (c != "EUR" || len(p.IBAN) < 2 || !sepa(p.IBAN[:2])) {
			errs = append(errs, fmt.Errorf("BIC: a transfer in %s to this account needs the bank's BIC: enter it", c))
		}
	case p.Account == "":
		errs = append(errs, errors.New("account: enter an IBAN, or the account number and the bank's BIC"))
	default:
		errs = append(errs, plain("account", p.Account, 34))
		if p.BIC == "" && p.ClearingMember == "" {
			errs = append(errs, errors.New("BIC: an account number alone does not name the bank: enter its BIC or its number in a clearing system"))
		}
	}
	return errors.Join(errs...)
}

// plain checks an identifier that goes to the bank as it is.
func plain(field, s string, most int) error {
	if s == "" || len(s) > most || strings.Trim(s, alphanumeric+"abcdefghijklmnopqrstuvwxyz-") != "" {
		return fmt.Errorf("%s: it is not 1 to %d letters, digits and hyphens: check it against the bank's papers", field, most)
	}
	return nil
}

func checkAddress(a *payout.Address) error {
	if *a == (payout.Address{}) {
		return nil
	}
	var errs []error
	if len(a.Country) != 2 || strings.Trim(a.Country, capitals) != "" {
		errs = append(errs, fmt.Errorf("address: country %q: enter its two letters, such as TR", a.Country))
	}
	if a.Town == "" {
		errs = append(errs, errors.New("address: town: banks take no address without one: enter it, or leave the address out"))
	}
	for _, f := range [...][2]string{{"street", a.Street}, {"building", a.Building}, {"post code", a.PostCode}, {"town", a.Town}} {
		if _, unknown := Latin(f[1]); unknown != "" {
			errs = append(errs, fmt.Errorf("address: %s: %q cannot be turned into Latin letters: enter it in them", f[0], unknown))
		}
	}
	return errors.Join(errs...)
}

func checkEmail(email string) error {
	a, err := mail.ParseAddress(email)
	if err != nil || a.Name != "" || a.Address != email || len(email) > 127 || !strings.Contains(alphanumeric, strings.ToUpper(email[:1])) {
		return fmt.Errorf("e-mail %q: it is not an address such as ann@example.com of at most 127 characters that begins with a letter or digit", email)
	}
	return nil
}
