package money

import "fmt"

// Currency is an ISO 4217 alphabetic code, such as "USD". Only codes that ParseCurrency accepts are valid.
type Currency string

// ParseCurrency returns the currency of an ISO 4217 alphabetic code. Codes without a minor unit (gold, the test code)
// are refused: nothing can be paid in them.
func ParseCurrency(code string) (Currency, error) {
	c := Currency(code)
	if c.exponent() < 0 {
		return "", fmt.Errorf("%q is not an ISO 4217 currency code that money is paid in (three capital letters, such as USD)", code)
	}
	return c, nil
}

// Exponent is the number of decimals of the currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD. It panics for a
// currency that did not come from ParseCurrency, because an amount in it would have no meaning.
func (c Currency) Exponent() int {
	e := c.exponent()
	if e < 0 {
		panic("money: unknown currency " + string(c))
	}
	return e
}

// Valid reports whether c is a currency that money is paid in.
func (c Currency) Valid() bool { return c.exponent() >= 0 }

// exponent answers from a switch, not from a map: rating asks for it on each item.
func (c Currency) exponent() int {
	switch c {
	case "USD", "EUR", "GBP":
		return 2
	}
	return isoExponent(string(c))
}
