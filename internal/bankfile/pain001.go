package bankfile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
)

// The elements of pain.001.001.09 that are used, in the order of its schema.
type painDocument struct {
	XMLName xml.Name   `xml:"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09 Document"`
	Header  painHeader `xml:"CstmrCdtTrfInitn>GrpHdr"`
	Batches []painInfo `xml:"CstmrCdtTrfInitn>PmtInf"`
}

type painHeader struct {
	MsgID   string `xml:"MsgId"`
	Created string `xml:"CreDtTm"`
	Count   int    `xml:"NbOfTxs"`
	Sum     string `xml:"CtrlSum"`
	Payer   string `xml:"InitgPty>Nm"`
}

type painInfo struct {
	ID      string       `xml:"PmtInfId"`
	Method  string       `xml:"PmtMtd"`
	Batch   bool         `xml:"BtchBookg"`
	Count   int          `xml:"NbOfTxs"`
	Sum     string       `xml:"CtrlSum"`
	Service *painService `xml:"PmtTpInf,omitempty"`
	Day     string       `xml:"ReqdExctnDt>Dt"`
	Payer   painParty    `xml:"Dbtr"`
	Account painAccount  `xml:"DbtrAcct"`
	Bank    painBank     `xml:"DbtrAgt"`
	Charges string       `xml:"ChrgBr"`
	Txs     []painTx     `xml:"CdtTrfTxInf"`
}

type painService struct {
	Level string `xml:"SvcLvl>Cd"`
}

type painTx struct {
	ID      string      `xml:"PmtId>EndToEndId"`
	Amount  painAmount  `xml:"Amt>InstdAmt"`
	Bank    *painBank   `xml:"CdtrAgt,omitempty"`
	Payee   painParty   `xml:"Cdtr"`
	Account painAccount `xml:"CdtrAcct"`
	Text    string      `xml:"RmtInf>Ustrd"`
}

type painAmount struct {
	Currency string `xml:"Ccy,attr"`
	Value    string `xml:",chardata"`
}

type painParty struct {
	Name    string       `xml:"Nm"`
	Address *painAddress `xml:"PstlAdr,omitempty"`
}

type painAddress struct {
	Street   string `xml:"StrtNm,omitempty"`
	Building string `xml:"BldgNb,omitempty"`
	PostCode string `xml:"PstCd,omitempty"`
	Town     string `xml:"TwnNm"`
	Country  string `xml:"Ctry"`
}

type painAccount struct {
	IBAN  string     `xml:"Id>IBAN,omitempty"`
	Other *painOther `xml:"Id>Othr,omitempty"`
}

type painOther struct {
	ID string `xml:"Id"`
}

type painBank struct {
	BIC      string        `xml:"FinInstnId>BICFI,omitempty"`
	Clearing *painClearing `xml:"FinInstnId>ClrSysMmbId,omitempty"`
	Other    *painOther    `xml:"FinInstnId>Othr,omitempty"`
}

type painClearing struct {
	System string `xml:"ClrSysId>Cd"`
	Member string `xml:"MmbId"`
}

// batch is the payments of a run that the bank may treat alike. Its id is the bank's name for them.
type batch struct {
	id      string
	sepa    bool
	payouts []*payout.Payout
}

// batches sorts the payouts of methods by method and by whether they are SEPA transfers. Their ids follow from the run.
func batches(r *payout.Run, methods []string) []batch {
	var bs []batch
	for _, m := range methods {
		var parts [2]batch // SEPA first
		for _, p := range live(r, m) {
			i := 1
			if r.Currency == "EUR" && isSEPA(&r.Payer) && isSEPA(&p.Payee) {
				i = 0
			}
			parts[i].payouts = append(parts[i].payouts, p)
		}
		for i, b := range parts {
			if len(b.payouts) == 0 {
				continue
			}
			b.id, b.sepa = fmt.Sprintf("%s-%02d", r.ID, len(bs)+1), i == 0
			bs = append(bs, b)
		}
	}
	return bs
}

func isSEPA(p *payout.Party) bool { return len(p.IBAN) > 2 && sepa(p.IBAN[:2]) }

// pain001 writes the payouts of methods as ISO 20022 pain.001.001.09. Each payment is booked by itself, so that the bank's
// statement names each payout.
func pain001(r *payout.Run, methods []string) ([]byte, error) {
	count, total := sums(r, methods)
	sum, err := bankAmount(total, r.Currency)
	if err != nil {
		return nil, err
	}
	if r.ExecuteOn == "" || r.FrozenBy.At.IsZero() {
		return nil, errors.New("the run is not frozen")
	}
	doc := painDocument{Header: painHeader{
		MsgID: r.ID, Created: r.FrozenBy.At.UTC().Format(time.RFC3339), Count: count, Sum: sum, Payer: text(r.Payer.Name, 70),
	}}
	for _, b := range batches(r, methods) {
		info := painInfo{
			ID: b.id, Method: "TRF", Count: len(b.payouts), Day: r.ExecuteOn, Payer: painParty{text(r.Payer.Name, 70), painAddressOf(&r.Payer.Address)},
			Account: painAccountOf(&r.Payer), Bank: *painBankOf(&r.Payer, true), Charges: "SHAR",
		}
		if b.sepa {
			info.Service, info.Charges = &painService{"SEPA"}, "SLEV"
		}
		var of int64
		for _, p := range b.payouts {
			value, err := bankAmount(p.Net, r.Currency)
			if err != nil {
				return nil, fmt.Errorf("payout %s: %w", p.ID, err)
			}
			of += p.Net // the run's total did not overflow
			info.Txs = append(info.Txs, painTx{
				ID: p.ID, Amount: painAmount{string(r.Currency), value}, Bank: painBankOf(&p.Payee, false),
				Payee:   painParty{text(p.Payee.Name, 70), painAddressOf(&p.Payee.Address)},
				Account: painAccountOf(&p.Payee), Text: text("Commissions "+string(r.Program)+" "+r.Period.Key+" "+p.ID, 140),
			})
		}
		if info.Sum, err = bankAmount(of, r.Currency); err != nil {
			return nil, err
		}
		doc.Batches = append(doc.Batches, info)
	}
	data, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing pain.001: %w", err)
	}
	return end(append([]byte(xml.Header), data...)), nil
}

// bankAmount writes an amount for a bank, whose figures have 18 digits at most.
func bankAmount(minor int64, c money.Currency) (string, error) {
	s := amount(minor, c).Decimal()
	if len(strconv.FormatInt(minor, 10)) > 18 || minor <= 0 {
		return "", fmt.Errorf("%s %s is not an amount of 1 to 18 digits above zero, which is what banks take", s, c)
	}
	return s, nil
}

func painAccountOf(p *payout.Party) painAccount {
	if p.IBAN != "" {
		return painAccount{IBAN: p.IBAN}
	}
	return painAccount{Other: &painOther{p.Account}}
}

// painBankOf names a party's bank. Of a payee it is left out where the IBAN says it; of the payer the schema wants one.
func painBankOf(p *payout.Party, required bool) *painBank {
	b := &painBank{BIC: p.BIC}
	if p.ClearingMember != "" {
		b.Clearing = &painClearing{p.ClearingSystem, p.ClearingMember}
	}
	if b.BIC == "" && b.Clearing == nil {
		if !required {
			return nil
		}
		b.Other = &painOther{"NOTPROVIDED"}
	}
	return b
}

func painAddressOf(a *payout.Address) *painAddress {
	if a.Town == "" || a.Country == "" {
		return nil
	}
	return &painAddress{text(a.Street, 70), text(a.Building, 16), text(a.PostCode, 16), text(a.Town, 35), a.Country}
}
