package bankfile

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
)

// Contents reads one of our own bank files back, so that the daily proof compares what the bank was given and not what we
// meant to give it. c is the currency of the run.
func Contents(run, name string, data io.Reader, c money.Currency, lim Limits) (payout.FileContent, error) {
	sum := sha256.New()
	r := &meter{r: io.TeeReader(&limited{r: data, left: lim.Bytes, most: lim.Bytes}, sum), left: lim.Piece, most: lim.Piece}
	content := payout.FileContent{Run: run, Name: name, Currency: c}
	var err error
	if strings.HasSuffix(name, ".xml") {
		err = content001(r, lim, &content)
	} else {
		err = contentCSV(r, &content)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, r.r) // the fingerprint is of the whole file
	}
	if err != nil {
		return content, fmt.Errorf("reading %s back: %w", name, err)
	}
	content.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return content, nil
}

// painTree reads the payments of a pain.001.
type painTree struct {
	content  *payout.FileContent
	id       string
	currency string
}

func content001(r *meter, lim Limits, c *payout.FileContent) error {
	return walk(r, lim, func(root xml.Name, _ []xml.Attr) (tree, error) {
		if root.Local != "Document" {
			return nil, fmt.Errorf("<%s> is not a bank file", root.Local)
		}
		return &painTree{content: c}, nil
	})
}

func (p *painTree) open(path string, attr func(string) string) error {
	if strings.HasSuffix(path, "/InstdAmt") {
		p.currency = attr("Ccy")
	}
	return nil
}

func (p *painTree) text(path, s string) error {
	switch path {
	case "CstmrCdtTrfInitn/GrpHdr/MsgId":
		if s != p.content.Run {
			return fmt.Errorf("it is the file of run %q", s)
		}
	case "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/PmtId/EndToEndId":
		p.id = s
	case "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Amt/InstdAmt":
		return add(p.content, p.id, s, p.currency)
	}
	return nil
}

func (p *painTree) close(string) error { return nil }

func add(c *payout.FileContent, id, value, currency string) error {
	a, err := parseAmount(value, currency)
	if err != nil {
		return fmt.Errorf("payment %q: %w", id, err)
	}
	if a.Currency != c.Currency {
		return fmt.Errorf("payment %q is in %s, the run in %s", id, a.Currency, c.Currency)
	}
	c.Payments = append(c.Payments, payout.FilePayment{Payout: id, Amount: a.Minor})
	return nil
}

// contentCSV reads a plain CSV, which has a header, or mass payments, which have none.
func contentCSV(r *meter, c *payout.FileContent) error {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	id, value, currency := 3, 1, 2
	for first := true; ; first = false {
		r.next()
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the CSV is broken: %w", err)
		}
		if first && slices.Equal(row, listHeader()) {
			id, value, currency = 0, 10, 11
			continue
		}
		if len(row) <= max(id, value, currency) {
			return fmt.Errorf("a line has %d columns", len(row))
		}
		if err := add(c, row[id], row[value], row[currency]); err != nil {
			return err
		}
	}
}
