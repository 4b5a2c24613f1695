package bankfile

import (
	"bytes"
	"encoding/csv"
	"fmt"

	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
)

func amount(minor int64, c money.Currency) money.Amount { return money.New(minor, c) }

// listHeader are the columns of the plain CSV.
func listHeader() []string {
	return []string{"payout", "run", "publisher", "name", "iban", "account", "bic", "clearing_system", "clearing_member", "email", "amount", "currency", "execute_on"}
}

// list writes the payouts of a method as a plain CSV.
func list(r *payout.Run, method string) ([]byte, error) {
	rows := [][]string{listHeader()}
	for _, p := range live(r, method) {
		e := &p.Payee
		rows = append(rows, []string{
			p.ID, r.ID, p.Publisher, e.Name, e.IBAN, e.Account, e.BIC, e.ClearingSystem, e.ClearingMember, e.Email, decimals(r, p.Net),
			string(r.Currency), r.ExecuteOn,
		})
	}
	return table(rows)
}

// List writes all payouts of a run as a plain CSV, for people to look at.
func List(r *payout.Run) ([]byte, error) { return list(r, "") }

// payPal writes the payouts of a method as mass payments: address, amount, currency, reference and a note, without a header.
func payPal(r *payout.Run, method string) ([]byte, error) {
	var rows [][]string
	for _, p := range live(r, method) {
		rows = append(rows, []string{p.Payee.Email, decimals(r, p.Net), string(r.Currency), p.ID, text("Commissions "+string(r.Program)+" "+r.Period.Key, 100)})
	}
	return table(rows)
}

func table(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, row := range rows {
		for i, field := range row {
			row[i] = wire.SafeCell(field) // a name must not be a formula
		}
		if err := w.Write(row); err != nil {
			return nil, fmt.Errorf("writing CSV: %w", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("writing CSV: %w", err)
	}
	return b.Bytes(), nil
}
