package bankfile

import (
	"fmt"
	"strings"
)

// CheckIBAN reports what is wrong with an IBAN, as it is written in messages: capital letters and digits without spaces. It
// checks the country, the length in that country, and the two check digits (ISO 13616, modulus 97).
func CheckIBAN(iban string) error {
	if len(iban) < 5 || strings.Trim(iban, alphanumeric) != "" {
		return fmt.Errorf("IBAN %s: only capital letters and digits, without spaces: check it against the bank's papers", shorten(iban))
	}
	want := ibanLength(iban[:2])
	if want == 0 {
		return fmt.Errorf("IBAN %s: the country %s has no IBANs: enter the account number and the bank instead", shorten(iban), iban[:2])
	}
	if len(iban) != want {
		return fmt.Errorf("IBAN %s: it has %d characters, an IBAN of %s has %d: check it against the bank's papers", shorten(iban), len(iban), iban[:2], want)
	}
	if mod97(iban[4:]+iban[:4]) != 1 || strings.Trim(iban[2:4], digits) != "" {
		return fmt.Errorf("IBAN %s: its check digits are wrong: a character is mistyped or swapped", shorten(iban))
	}
	return nil
}

const (
	digits       = "0123456789"
	capitals     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	alphanumeric = capitals + digits
)

// mod97 is the remainder of a number in which each letter stands for two digits, A for 10.
func mod97(s string) int {
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n = (n*10 + int(c-'0')) % 97
		default:
			n = (n*100 + int(c-'A') + 10) % 97
		}
	}
	return n
}

// shorten keeps an account number out of logs and messages: its first four characters and its last two.
func shorten(account string) string {
	r := []rune(account)
	if len(r) < 9 {
		return "…"
	}
	return string(r[:4]) + "…" + string(r[len(r)-2:])
}

// ibanLength is the length of a country's IBANs after the ISO 13616 registry, or 0 for a country without.
func ibanLength(country string) int {
	switch country {
	case "NO":
		return 15
	case "BE":
		return 16
	case "DK", "FI", "FK", "FO", "GL", "NL", "SD":
		return 18
	case "MK", "SI":
		return 19
	case "AT", "BA", "EE", "KZ", "LT", "LU", "MN", "XK":
		return 20
	case "CH", "HR", "LI", "LV":
		return 21
	case "BG", "BH", "CR", "DE", "GB", "GE", "IE", "ME", "RS", "VA":
		return 22
	case "AE", "GI", "IL", "IQ", "OM", "SO", "TL":
		return 23
	case "AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG":
		return 24
	case "LY", "PT", "ST":
		return 25
	case "IS", "TR":
		return 26
	case "BI", "DJ", "FR", "GR", "IT", "MC", "MR", "SM":
		return 27
	case "AL", "AZ", "BY", "CY", "DO", "GT", "HN", "HU", "LB", "NI", "PL", "SV":
		return 28
	case "BR", "EG", "PS", "QA", "UA":
		return 29
	case "JO", "KW", "MU", "YE":
		return 30
	case "MT", "SC":
		return 31
	case "LC":
		return 32
	case "RU":
		return 33
	}
	return 0
}

// sepa reports whether a country's accounts take SEPA credit transfers.
func sepa(country string) bool {
	return strings.Contains(" AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA ",
		" "+country+" ") && len(country) == 2
}

// CheckBIC reports what is wrong with a BIC (ISO 9362): four characters of the bank, two letters of the country, two
// characters of the place, and three of the branch, which may be left out.
func CheckBIC(bic string) error {
	if (len(bic) != 8 && len(bic) != 11) || strings.Trim(bic, alphanumeric) != "" || strings.Trim(bic[4:6], capitals) != "" {
		return fmt.Errorf("BIC %q: it is not 8 or 11 capital letters and digits with a country in the fifth and sixth place, such as COBADEFFXXX", bic)
	}
	return nil
}
