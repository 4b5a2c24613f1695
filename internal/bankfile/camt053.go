package bankfile

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
)

// camt053 reads the entries of account statements. A debit that carries a payout's id is its confirmation; a credit that
// does is its return. Entries that are not booked say nothing yet.
type camt053 struct {
	out       *collector
	statement string
	n         int // entries of the statement
	e         entry
	d         detail
	held      *detail // the only details of the entry so far, without an amount of its own: it has the entry's
	currency  string  // of the amount that is being read
}

// entry is an Ntry.
type entry struct {
	amount, currency string
	direction        string // CRDT or DBIT
	reversal         bool
	status           string // BOOK, PDNG, INFO
	at               time.Time
	ref, own         string // the bank's reference, and the entry's own
	batch, message   string
	count            string
	details          int
}

// detail is a TxDtls.
type detail struct {
	id                   string
	batch, message       string
	amount, currency     string // in the account's currency
	ordered, orderedCurr string // as it was instructed
	direction            string
	ref                  string
	reason, text         string
	where                string
}

const (
	ntry = "BkToCstmrStmt/Stmt/Ntry"
	txs  = ntry + "/NtryDtls/TxDtls"
	btch = ntry + "/NtryDtls/Btch"
)

func (c *camt053) open(path string, attr func(string) string) error {
	switch path {
	case "BkToCstmrStmt/Stmt":
		c.statement, c.n = "", 0
	case ntry:
		c.n++
		c.e, c.held = entry{}, nil
		return c.out.entry()
	case txs:
		c.e.details++
		c.d = detail{where: fmt.Sprintf("statement %s, entry %d, detail %d", c.statement, c.n, c.e.details)}
		if c.e.details > 1 {
			return c.out.entry()
		}
	}
	if strings.HasSuffix(path, "Amt") {
		c.currency = attr("Ccy")
	}
	return nil
}

func (c *camt053) text(path, s string) error {
	if rest, ok := strings.CutPrefix(path, txs+"/"); ok {
		c.detailText(rest, s)
		return nil
	}
	rest, ok := strings.CutPrefix(path, ntry+"/")
	if !ok {
		switch path {
		case "BkToCstmrStmt/Stmt/Id":
			c.statement = s
		case "BkToCstmrStmt/Stmt/Acct/Id/IBAN", "BkToCstmrStmt/Stmt/Acct/Id/Othr/Id":
			if c.out.summary.Account != "" && c.out.summary.Account != s {
				s = "" // statements of several accounts
			}
			c.out.summary.Account = s
		}
		return nil
	}
	e := &c.e
	switch rest {
	case "NtryRef":
		e.own = s
	case "Amt":
		e.amount, e.currency = s, c.currency
	case "CdtDbtInd":
		e.direction = s
	case "RvslInd":
		e.reversal = s == "true" || s == "1"
	case "Sts", "Sts/Cd":
		e.status = s
	case "BookgDt/Dt", "BookgDt/DtTm":
		t, err := bankTime(s)
		if err != nil {
			return fmt.Errorf("statement %s, entry %d: booking date: %w", c.statement, c.n, err)
		}
		e.at = t
	case "AcctSvcrRef":
		e.ref = s
	case "NtryDtls/Btch/PmtInfId":
		e.batch = s
	case "NtryDtls/Btch/MsgId":
		e.message = s
	case "NtryDtls/Btch/NbOfTxs":
		e.count = s
	}
	return nil
}

func (c *camt053) detailText(rest, s string) {
	d := &c.d
	switch rest {
	case "Refs/EndToEndId":
		d.id = s
	case "Refs/PmtInfId":
		d.batch = s
	case "Refs/MsgId":
		d.message = s
	case "Refs/AcctSvcrRef":
		d.ref = s
	case "Amt", "AmtDtls/TxAmt/Amt":
		if d.amount == "" {
			d.amount, d.currency = s, c.currency
		}
	case "AmtDtls/InstdAmt/Amt":
		d.ordered, d.orderedCurr = s, c.currency
	case "CdtDbtInd":
		d.direction = s
	case "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry":
		d.reason = s
	case "RtrInf/AddtlInf":
		d.text = strings.TrimSpace(d.text + " " + s)
	}
}

func (c *camt053) close(path string) error {
	switch path {
	case txs:
		if c.held != nil {
			return fmt.Errorf("%s: an entry with several details has one without an amount", c.held.where)
		}
		d := c.d
		if d.amount == "" && d.ordered == "" {
			c.held = &d
			if c.e.details > 1 {
				return fmt.Errorf("%s: an entry with several details has one without an amount", d.where)
			}
			return nil
		}
		return c.emit(&d)
	case ntry:
		if c.held != nil {
			d := *c.held
			d.amount, d.currency = c.e.amount, c.e.currency
			return c.emit(&d)
		}
		if c.e.details == 0 {
			return c.lump()
		}
	}
	return nil
}

// booked counts an entry that is not about payouts, or not booked.
func (c *camt053) booked(ours bool, direction, currency string) bool {
	switch {
	case c.e.status != "BOOK":
		c.out.summary.Open++
	case !ours:
		c.out.summary.Other[direction+" "+currency]++
	default:
		return true
	}
	return false
}

// emit passes on what an entry's details say about a payout.
func (c *camt053) emit(d *detail) error {
	direction := d.direction
	if direction == "" {
		direction = c.e.direction
	}
	if lump := (d.id == "" || d.id == "NOTPROVIDED") && (d.batch != "" || c.e.batch != ""); lump && c.e.details == 1 {
		c.e.batch, c.e.message = cmp.Or(d.batch, c.e.batch), cmp.Or(d.message, c.e.message)
		return c.lump()
	}
	if !c.booked(payout.ValidID(d.id), direction, cmp.Or(d.currency, c.e.currency)) {
		return nil
	}
	value, currency := d.amount, d.currency
	if d.ordered != "" && (value == "" || d.orderedCurr != currency) {
		value, currency = d.ordered, d.orderedCurr // the account is in another currency than the payout
	}
	a, err := parseAmount(value, currency)
	if err != nil {
		return fmt.Errorf("%s: %w", d.where, err)
	}
	rec := Record{Where: d.where, Answer: payout.Answer{Payout: d.id, Amount: a, Reason: d.reason, Text: d.text, Ref: c.reference(d), At: c.e.at}}
	rec.Answer.Status, rec.Problem = c.meaning(direction)
	return c.out.put(rec)
}

// meaning is what an entry says about a payout that it names.
func (c *camt053) meaning(direction string) (payout.Status, string) {
	switch {
	case direction == "DBIT" && !c.e.reversal:
		return payout.Paid, ""
	case direction == "CRDT":
		return payout.Returned, ""
	case direction == "DBIT":
		return payout.Unknown, "the bank took a return back: ask it what became of the payout"
	}
	return payout.Unknown, fmt.Sprintf("the entry is neither a debit nor a credit (%q)", direction)
}

// reference is the bank's name for what it did, or else the place in its statement: either is the same each time that the
// statement is read.
func (c *camt053) reference(d *detail) string {
	return cmp.Or(d.ref, c.e.ref, c.e.own, c.statement+"/"+strconv.Itoa(c.n)+"/"+strconv.Itoa(c.e.details))
}

// lump passes on an entry without details: several payments that were booked as one sum.
func (c *camt053) lump() error {
	if !c.booked(c.e.batch != "" || c.e.message != "", c.e.direction, c.e.currency) {
		return nil
	}
	where := fmt.Sprintf("statement %s, entry %d", c.statement, c.n)
	a, err := parseAmount(c.e.amount, c.e.currency)
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	count := 0
	if c.e.count != "" {
		if count, err = strconv.Atoi(c.e.count); err != nil || count < 1 {
			return fmt.Errorf("%s: %q is not a number of payments", where, c.e.count)
		}
	}
	rec := Record{
		Batch: c.e.batch, Message: c.e.message, Count: count, Where: where,
		Answer: payout.Answer{Amount: a, Ref: c.reference(&detail{}), At: c.e.at},
	}
	rec.Answer.Status, rec.Problem = c.meaning(c.e.direction)
	if rec.Answer.Status == payout.Returned {
		rec.Problem = "a whole batch came back: ask the bank which payouts"
	}
	return c.out.put(rec)
}

// bankTime reads a day, or a time with or without a zone; a bank's day begins at midnight UTC here.
func bankTime(s string) (time.Time, error) {
	for _, layout := range [...]string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date such as 2026-03-04", s)
}

// Expand takes a record about a batch apart into answers about its payouts. Number and sum must be those of the run.
func Expand(r *payout.Run, rec Record) ([]payout.Answer, error) {
	fail := func(why string) ([]payout.Answer, error) {
		return nil, fmt.Errorf("%s: batch %q of message %q: %s", rec.Where, rec.Batch, rec.Message, why)
	}
	if rec.Message != "" && rec.Message != r.ID {
		return fail("it is not of run " + r.ID)
	}
	var methods []string
	for _, g := range groups(r) {
		if g.format == Pain001 {
			methods = g.methods
		}
	}
	var payouts []*payout.Payout
	for _, b := range batches(r, methods) {
		if rec.Batch == "" || rec.Batch == b.id {
			payouts = append(payouts, b.payouts...)
		}
	}
	if len(payouts) == 0 {
		return fail("run " + r.ID + " has no such batch")
	}
	var total int64
	answers := make([]payout.Answer, len(payouts))
	for i, p := range payouts {
		total += p.Net
		answers[i] = rec.Answer
		answers[i].Payout, answers[i].Amount = p.ID, amount(p.Net, r.Currency)
	}
	if rec.Count != 0 && rec.Count != len(payouts) {
		return fail(fmt.Sprintf("the bank counts %d payments, the run has %d", rec.Count, len(payouts)))
	}
	if rec.Answer.Amount != (money.Amount{}) && rec.Answer.Amount != amount(total, r.Currency) {
		return fail(fmt.Sprintf("the bank says %v, the run has %v", rec.Answer.Amount, amount(total, r.Currency)))
	}
	return answers, nil
}
