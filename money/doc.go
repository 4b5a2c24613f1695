// Package money holds exact amounts of money and exact rates.
//
// An Amount is an int64 count of a currency's minor units (cents, pence, yen, fils): the number of decimals is
// the currency's own (ISO 4217), never a fixed hundred. A Rate is an exact decimal: a percentage or an exchange rate.
// The product of an amount, a percentage and an exchange rate is computed exactly and rounded once, half to even
// (rule C10). Split shares an amount out without losing or inventing a minor unit.
package money
