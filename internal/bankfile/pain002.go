package bankfile

import (
	"fmt"
	"strings"

	"github.com/clickledger/clickledger/payout"
)

// pain002 reads the bank's report about a file that it was sent. Only a rejection says something final: a payment that was
// accepted is paid when the statement says so.
type pain002 struct {
	out   *collector
	group verdict
	batch verdict
	tx    verdict
	n     int
}

// verdict is the status of a file, a batch or a payment.
type verdict struct {
	id, ref, status string
	reason, text    string
	parts           bool // the report goes on into its batches or payments
}

const (
	rpt  = "CstmrPmtStsRpt/"
	orig = rpt + "OrgnlGrpInfAndSts"
	inf  = rpt + "OrgnlPmtInfAndSts"
	sts  = inf + "/TxInfAndSts"
)

func (p *pain002) open(path string, _ func(string) string) error {
	switch path {
	case inf:
		p.batch, p.group.parts = verdict{}, true
		return p.out.entry()
	case sts:
		p.n++
		p.tx, p.batch.parts = verdict{}, true
		return p.out.entry()
	}
	return nil
}

func (p *pain002) text(path, s string) error {
	switch {
	case strings.HasPrefix(path, sts+"/"):
		p.tx.take(path[len(sts)+1:], s)
	case strings.HasPrefix(path, inf+"/"):
		p.batch.take(path[len(inf)+1:], s)
	case strings.HasPrefix(path, orig+"/"):
		p.group.take(path[len(orig)+1:], s)
	}
	return nil
}

func (v *verdict) take(path, s string) {
	switch path {
	case "OrgnlEndToEndId", "OrgnlPmtInfId", "OrgnlMsgId":
		v.id = s
	case "TxSts", "PmtInfSts", "GrpSts":
		v.status = s
	case "AcctSvcrRef":
		v.ref = s
	case "StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry":
		if v.reason == "" {
			v.reason = s
		}
	case "StsRsnInf/AddtlInf":
		v.text = strings.TrimSpace(v.text + " " + s)
	}
}

func (p *pain002) close(path string) error {
	switch path {
	case sts:
		switch {
		case !payout.ValidID(p.tx.id):
			p.out.summary.Other["DBIT"]++
		case p.tx.status != "RJCT":
			p.out.summary.Open++
		default:
			rec := p.tx.record(fmt.Sprintf("report about message %s, payment %d", p.group.id, p.n))
			rec.Answer.Payout = p.tx.id
			return p.out.put(rec)
		}
	case inf:
		if p.batch.status == "RJCT" && !p.batch.parts {
			rec := p.batch.record(fmt.Sprintf("report about message %s, batch %s", p.group.id, p.batch.id))
			rec.Batch, rec.Message = p.batch.id, p.group.id
			return p.out.put(rec)
		}
	case strings.TrimSuffix(rpt, "/"):
		if p.group.status == "RJCT" && !p.group.parts {
			rec := p.group.record("report about message " + p.group.id)
			rec.Message = p.group.id
			return p.out.put(rec)
		}
	}
	return nil
}

func (v *verdict) record(where string) Record {
	return Record{Where: where, Answer: payout.Answer{Status: payout.Rejected, Reason: v.reason, Text: v.text, Ref: v.ref}}
}
