package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
)

// ReferenceRates reads the European Central Bank's daily reference rates (units of a currency for one euro, one line a day)
// and returns the rates from each base into the quoted currency. Rates between two other currencies go through the euro: the
// quotient of the two reference rates, to twelve decimals. Days on which a rate was not published are left out.
func ReferenceRates(r io.Reader, quoted money.Currency, bases ...money.Currency) ([]store.Quote, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	column := func(c money.Currency) (int, error) {
		if c == "EUR" {
			return 0, nil
		}
		if i := slices.Index(head, string(c)); i > 0 {
			return i, nil
		}
		return 0, fmt.Errorf("line 1: there is no column %s", c)
	}
	to, err := column(quoted)
	if err != nil {
		return nil, err
	}
	from := make([]int, len(bases))
	for i, b := range bases {
		if from[i], err = column(b); err != nil {
			return nil, err
		}
	}
	var quotes []store.Quote
	for n := 2; ; n++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return quotes, nil
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		perEuro := func(i int) (money.Rate, bool, error) {
			if i == 0 {
				return money.One(), true, nil
			}
			if i >= len(row) || row[i] == "N/A" || row[i] == "" {
				return money.Rate{}, false, nil
			}
			x, err := money.ParseRate(row[i])
			return x, err == nil, err
		}
		a, ok, err := perEuro(to)
		if err != nil {
			return nil, fmt.Errorf("line %d, column %s: %w", n, quoted, err)
		}
		if !ok {
			continue
		}
		for i, base := range bases {
			b, ok, err := perEuro(from[i])
			if err != nil {
				return nil, fmt.Errorf("line %d, column %s: %w", n, base, err)
			}
			if !ok {
				continue
			}
			rate, err := money.Cross(a, b)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
			quotes = append(quotes, store.Quote{Day: money.Day(row[0]), Base: base, Quoted: quoted, Rate: rate})
		}
	}
}
