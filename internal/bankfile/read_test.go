package bankfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"pgregory.net/rapid"
)

func id(letter string) string { return "P20260302-" + strings.Repeat(letter, 16) }

func readAll(r io.Reader, lim Limits) ([]Record, Summary, error) {
	var records []Record
	s, err := Read(r, lim, func(rec Record) error { records = append(records, rec); return nil })
	return records, s, err
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	must(t, err)
	return data
}

func on(day int) time.Time { return time.Date(2026, 3, day, 0, 0, 0, 0, time.UTC) }

func usd(minor int64) money.Amount { return money.New(minor, "USD") }
func eur(minor int64) money.Amount { return money.New(minor, "EUR") }

// M5: statements in both versions: confirmations, returns with their reasons, batches, other currencies, and what is not ours.
func TestM5_Camt053(t *testing.T) {
	got, s, err := readAll(bytes.NewReader(fixture(t, "camt.053.001.08.xml")), DefaultLimits())
	must(t, err)
	stmt := "statement STMT-63, entry "
	want := []Record{
		{Where: stmt + "1, detail 1", Answer: payout.Answer{Payout: id("A"), Status: payout.Paid, Amount: eur(5000), Ref: "BANK-1", At: on(4)}},
		{Where: stmt + "2, detail 1", Answer: payout.Answer{Payout: id("B"), Status: payout.Paid, Amount: eur(6000), Ref: "BANK-2a", At: on(4).Add(630 * time.Minute)}},
		{Where: stmt + "2, detail 2", Answer: payout.Answer{Payout: id("C"), Status: payout.Paid, Amount: eur(4000), Ref: "BANK-2", At: on(4).Add(630 * time.Minute)}},
		{Where: stmt + "3, detail 1", Answer: payout.Answer{Payout: id("B"), Status: payout.Returned, Amount: eur(6000), Ref: "BANK-3", Reason: "AC04", Text: "Account closed", At: on(4)}},
		{Where: stmt + "4, detail 1", Answer: payout.Answer{Payout: id("D"), Status: payout.Paid, Amount: usd(3500), Ref: "BANK-4", At: on(4)}},
		{Where: stmt + "5", Batch: "GLOBAL-20260302-I4JKWI5HZ4UUY-01", Message: "GLOBAL-20260302-I4JKWI5HZ4UUY", Count: 2,
			Answer: payout.Answer{Status: payout.Paid, Amount: eur(11234), Ref: "STMT-63/5/0", At: on(4)}},
	}
	compare(t, got, want)
	if want := (Summary{Format: "camt.053.001.08", Account: "DE89370400440532013000", Records: 6, Open: 1, Other: map[string]int{"CRDT EUR": 1, "DBIT EUR": 1}}); !reflect.DeepEqual(s, want) {
		t.Errorf("summary %+v, want %+v", s, want)
	}

	got, s, err = readAll(bytes.NewReader(fixture(t, "camt.053.001.02.xml")), DefaultLimits())
	must(t, err)
	stmt = "statement STMT-9, entry "
	want = []Record{
		{Where: stmt + "1, detail 1", Answer: payout.Answer{Payout: id("A"), Status: payout.Paid, Amount: usd(3500), Ref: "STMT-9/1/1", At: on(4)}},
		{Where: stmt + "2, detail 1", Answer: payout.Answer{Payout: id("B"), Status: payout.Returned, Amount: usd(6000), Ref: "STMT-9/2/1", Reason: "UNKNOWN ACCOUNT", At: on(5)}},
		{Where: stmt + "3, detail 1", Answer: payout.Answer{Payout: id("B"), Status: payout.Unknown, Amount: usd(6000), Ref: "STMT-9/3/1", At: on(6)},
			Problem: "the bank took a return back: ask it what became of the payout"},
	}
	compare(t, got, want)
	if s.Format != "camt.053.001.02" || s.Account != "000123456789" || s.Problems != 1 || s.Records != 3 {
		t.Errorf("%+v", s)
	}
}

func compare(t *testing.T, got, want []Record) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("record %d is missing: %+v", i, want[i])
		case i >= len(want):
			t.Errorf("record %d too many: %+v", i, got[i])
		case got[i] != want[i]:
			t.Errorf("record %d is\n%+v\nwant\n%+v", i, got[i], want[i])
		}
	}
}

// M5: the report about a file: only what was rejected is final.
func TestM5_Pain002(t *testing.T) {
	got, s, err := readAll(bytes.NewReader(fixture(t, "pain.002.001.10.xml")), DefaultLimits())
	must(t, err)
	run := "GLOBAL-20260302-I4JKWI5HZ4UUY"
	compare(t, got, []Record{
		{Where: "report about message " + run + ", payment 1", Answer: payout.Answer{Payout: id("A"), Status: payout.Rejected, Reason: "AC01", Text: "No such account", Ref: "BANK-9"}},
		{Where: "report about message " + run + ", batch " + run + "-02", Batch: run + "-02", Message: run, Answer: payout.Answer{Status: payout.Rejected, Reason: "DATE"}},
	})
	if s.Open != 1 || s.Other["DBIT"] != 1 || s.Format != "pain.002.001.10" {
		t.Errorf("%+v", s)
	}
	whole := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>R1</OrgnlMsgId><GrpSts>RJCT</GrpSts>` +
		`<StsRsnInf><Rsn><Cd>DU01</Cd></Rsn><AddtlInf>twice</AddtlInf></StsRsnInf></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>`
	got, _, err = readAll(strings.NewReader(whole), DefaultLimits())
	must(t, err)
	compare(t, got, []Record{{Where: "report about message R1", Message: "R1", Answer: payout.Answer{Status: payout.Rejected, Reason: "DU01", Text: "twice"}}})
	got, _, err = readAll(strings.NewReader(strings.Replace(whole, "RJCT", "ACCP", 1)), DefaultLimits())
	if err != nil || len(got) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// M5: CSV: columns in any order, comma or semicolon, a byte order mark, spreadsheet apostrophes.
func TestM5_CSVAnswers(t *testing.T) {
	want := []Record{
		{Where: "line 2", Answer: payout.Answer{Payout: id("A"), Status: payout.Paid, Amount: usd(5000), Ref: "B1", At: on(4)}},
		{Where: "line 3", Answer: payout.Answer{Payout: id("B"), Status: payout.Rejected, Reason: "AC01", Text: "no, \"such\" account"}},
		{Where: "line 4", Answer: payout.Answer{Payout: id("C"), Status: payout.Returned, Amount: usd(120), Ref: "=B2", At: on(5).Add(8 * time.Hour)}},
		{Where: "line 5", Answer: payout.Answer{Payout: id("D"), Status: payout.Unknown}},
	}
	comma := "payout,status,amount,currency,reason,text,reference,date\n" +
		id("A") + ",booked,50.00,USD,,,B1,2026-03-04\n" +
		id("B") + `,Rejected,,,AC01,"no, ""such"" account",,` + "\n" +
		id("C") + ",returned,1.2,USD,,,'=B2,2026-03-05T09:00:00+01:00\n" +
		id("D") + ",unknown,,,,,,\n"
	for name, data := range map[string]string{
		"commas":          comma,
		"windows":         "\uFEFF" + strings.ReplaceAll(comma, "\n", "\r\n"),
		"capitals":        strings.Replace(comma, "payout,status", "Payout , STATUS", 1),
		"no last newline": strings.TrimSuffix(comma, "\n"),
	} {
		got, s, err := readAll(strings.NewReader(data), DefaultLimits())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		compare(t, got, want)
		if s.Records != 4 || s.Format != "csv" {
			t.Errorf("%+v", s)
		}
	}
	other := "status;bank;payout;amount;currency\npaid;X;" + id("A") + ";50;USD\nunknown;;" + id("D") + ";;\n"
	got, _, err := readAll(strings.NewReader(other), DefaultLimits())
	must(t, err)
	compare(t, got, []Record{{Where: "line 2", Answer: payout.Answer{Payout: id("A"), Status: payout.Paid, Amount: usd(5000)}}, {Where: "line 3", Answer: payout.Answer{Payout: id("D"), Status: payout.Unknown}}})
}

func camt(inside string) string {
	return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S</Id>` + inside + `</Stmt></BkToCstmrStmt></Document>`
}

func entryOf(inside string) string {
	return camt(`<Ntry><Amt Ccy="USD">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>` + inside + `</Ntry>`)
}

func detailOf(letter, more string) string {
	return `<NtryDtls><TxDtls><Refs><EndToEndId>` + id(letter) + `</EndToEndId></Refs>` + more + `</TxDtls></NtryDtls>`
}

// M5: entries that leave things out, or say them in another place.
func TestM5_CamtShapes(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want []string // payout, status, amount, batch, problem
	}{
		"the details' direction counts":     {entryOf(detailOf("A", `<Amt Ccy="USD">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>`)), []string{id("A") + " returned 1.00 USD  "}},
		"the entry's, where they have none": {entryOf(detailOf("A", `<Amt Ccy="USD">1.00</Amt>`)), []string{id("A") + " paid 1.00 USD  "}},
		"an instructed amount alone":        {entryOf(detailOf("A", `<AmtDtls><InstdAmt><Amt Ccy="EUR">0.90</Amt></InstdAmt></AmtDtls>`)), []string{id("A") + " paid 0.90 EUR  "}},
		"charges were taken off a return":   {entryOf(detailOf("A", `<Amt Ccy="USD">0.80</Amt><AmtDtls><InstdAmt><Amt Ccy="USD">1.00</Amt></InstdAmt></AmtDtls>`)), []string{id("A") + " paid 0.80 USD  "}},
		"no direction":                      {strings.Replace(entryOf(detailOf("A", "")), "DBIT", "", 1), []string{id("A") + ` unknown 1.00 USD  the entry is neither a debit nor a credit ("")`}},
		"not booked, in the old form":       {strings.Replace(entryOf(detailOf("A", "")), "<Cd>BOOK</Cd>", "INFO", 1), nil},
		"a batch in the details":            {entryOf(`<NtryDtls><TxDtls><Refs><PmtInfId>R-01</PmtInfId></Refs></TxDtls></NtryDtls>`), []string{" paid 1.00 USD R-01 "}},
		"a batch that came back":            {strings.Replace(entryOf(`<NtryDtls><Btch><PmtInfId>R-01</PmtInfId></Btch></NtryDtls>`), "DBIT", "CRDT", 1), []string{" returned 1.00 USD R-01 a whole batch came back: ask the bank which payouts"}},
		"somebody else's payment":           {entryOf(`<NtryDtls><TxDtls><Refs><EndToEndId>RENT</EndToEndId></Refs></TxDtls></NtryDtls>`), nil},
		"a trailing date zone":              {entryOf(`<BookgDt><Dt>2026-03-04Z</Dt></BookgDt>` + detailOf("A", "")), []string{id("A") + " paid 1.00 USD  "}},
		"no statement":                      {`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"></Document>`, nil},
	} {
		records, _, err := readAll(strings.NewReader(c.data), DefaultLimits())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, r := range records {
			got = append(got, fmt.Sprintf("%s %s %v %s %s", r.Answer.Payout, r.Answer.Status, r.Answer.Amount, r.Batch, r.Problem))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	two := camt("") + ""
	two = strings.Replace(two, "<Id>S</Id>", "<Id>S</Id><Acct><Id><IBAN>A</IBAN></Id></Acct></Stmt><Stmt><Acct><Id><IBAN>B</IBAN></Id></Acct>", 1)
	if _, s, err := readAll(strings.NewReader(two), DefaultLimits()); err != nil || s.Account != "" {
		t.Errorf("two accounts in one file: %+v, %v", s, err)
	}
}

// M5: what could exhaust the machine, or is not what it seems, is refused with its line.
func TestM5_ReadersRefuse(t *testing.T) {
	lim := DefaultLimits()
	small := func(f func(*Limits)) Limits { l := lim; f(&l); return l }
	bom := "\uFEFF"
	for name, c := range map[string]struct {
		data string
		lim  Limits
		want string
	}{
		"nothing":                  {"", lim, "empty"},
		"blanks":                   {bom + " \n\t ", lim, "empty"},
		"a document type":          {"<?xml version=\"1.0\"?>\n<!DOCTYPE Document [<!ENTITY a \"b\">]>" + camt(""), lim, "line 2: document types are not taken"},
		"an entity":                {camt("<Id>&xxe;</Id>"), lim, "broken"},
		"a processing instruction": {"<?php x?>" + camt(""), lim, "processing instruction"},
		"another encoding":         {"<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + camt(""), lim, "broken"},
		"another document":         {"<html/>", lim, "is none that is read here"},
		"a version not read":       {strings.Replace(camt(""), "001.08", "001.99", 1), lim, "camt.053.001.99"},
		"two documents":            {camt("") + camt(""), lim, "second document"},
		"cut off":                  {camt("")[:100], lim, "cut off"},
		"tags crossed":             {strings.Replace(camt(""), "</Stmt>", "</Smt>", 1), lim, "broken"},
		"deep":                     {strings.Repeat("<a>", 70), lim, "is none that is read here"},
		"deeper than 64":           {camt(strings.Repeat("<a>", 62) + strings.Repeat("</a>", 62)), lim, "more than 64 deep"},
		"many attributes":          {camt("<a " + manyAttributes(65) + "/>"), lim, "65 attributes"},
		"a long text":              {camt("<a>" + strings.Repeat("x", 70000) + "</a>"), lim, "more than 65536 characters"},
		"a text without end":       {camt("<a>" + strings.Repeat("x", 3<<20)), lim, "a text has more than"},
		"a tag without end":        {camt("<a b=\"" + strings.Repeat("x", 3<<20)), lim, "more than 1048576 bytes"},
		"a large file":             {camt(strings.Repeat("<a/>", 1000)), small(func(l *Limits) { l.Bytes = 2000 }), "more than 2000 bytes"},
		"many entries":             {camt(strings.Repeat("<Ntry><Sts>BOOK</Sts></Ntry>", 11)), small(func(l *Limits) { l.Records = 10 }), "more than 10 entries"},
		"many details":             {entryOf("<NtryDtls>" + strings.Repeat(`<TxDtls><Amt Ccy="USD">1</Amt></TxDtls>`, 11) + "</NtryDtls>"), small(func(l *Limits) { l.Records = 10 }), "more than 10 entries"},
		"an amount of no currency": {entryOf(detailOf("A", `<Amt Ccy="ABC">1.00</Amt>`)), lim, "not an ISO 4217"},
		"an amount below zero":     {entryOf(detailOf("A", `<Amt Ccy="USD">-1.00</Amt>`)), lim, "below zero"},
		"too many decimals":        {entryOf(detailOf("A", `<Amt Ccy="USD">1.001</Amt>`)), lim, "detail 1: amount"},
		"no amount of two":         {entryOf("<NtryDtls>" + strings.Repeat("<TxDtls><Refs><EndToEndId>"+id("A")+"</EndToEndId></Refs></TxDtls>", 2) + "</NtryDtls>"), lim, "one without an amount"},
		"no amount of the first":   {entryOf("<NtryDtls><TxDtls/>" + `<TxDtls><Amt Ccy="USD">1</Amt></TxDtls></NtryDtls>`), lim, "one without an amount"},
		"a date":                   {entryOf(`<BookgDt><Dt>04.03.2026</Dt></BookgDt>`), lim, "entry 1: booking date"},
		"a count":                  {entryOf(`<NtryDtls><Btch><PmtInfId>R-01</PmtInfId><NbOfTxs>0</NbOfTxs></Btch></NtryDtls>`), lim, "not a number of payments"},
		"a batch's amount":         {strings.Replace(entryOf(`<NtryDtls><Btch><PmtInfId>R-01</PmtInfId></Btch></NtryDtls>`), "1.00", "x", 1), lim, "entry 1: amount"},
		"no such column":           {"a,b\n1,2\n", lim, "does not name payout and status"},
		"a column twice":           {"payout,status,Payout\n", lim, "twice"},
		"a status":                 {"payout,status\n" + id("A") + ",done\n", lim, `line 2: status: "done"`},
		"a foreign id":             {"payout,status\nX,paid\n", lim, `line 2: payout: "X"`},
		"a currency is missing":    {"payout,status,amount\n" + id("A") + ",paid,1.00\n", lim, "line 2: amount"},
		"a comma in an amount":     {"payout;status;amount;currency\n" + id("A") + ";paid;1,00;USD\n", lim, "line 2: amount"},
		"a date in the CSV":        {"payout,status,date\n" + id("A") + ",paid,yesterday\n", lim, "line 2: date"},
		"a short line":             {"payout,status\n" + id("A") + "\n", lim, "broken"},
		"a quote":                  {"payout,status\n\"" + id("A") + ",paid\n", lim, "broken"},
		"many lines":               {"payout,status\n" + strings.Repeat(id("A")+",unknown\n", 11), small(func(l *Limits) { l.Records = 10 }), "line 12: the file has more than 10"},
		"a long line":              {"payout,status,text\n" + id("A") + ",paid,\"" + strings.Repeat("x", 3<<20), lim, "more than 1048576 bytes"},
		"a long field":             {"payout,status,text\n" + id("A") + ",unknown," + strings.Repeat("x", 70000) + "\n", lim, "column 3: the text"},
		"a large CSV":              {"payout,status\n" + strings.Repeat(id("A")+",unknown\n", 100), small(func(l *Limits) { l.Bytes = 1000 }), "more than 1000 bytes"},
	} {
		_, _, err := readAll(strings.NewReader(c.data), c.lim)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
	// The limits are inclusive.
	if _, _, err := readAll(strings.NewReader(camt("<a "+manyAttributes(64)+"/>"+strings.Repeat("<a>", 61)+strings.Repeat("</a>", 61))), lim); err != nil {
		t.Errorf("64 attributes and 64 deep: %v", err)
	}
	if _, _, err := readAll(strings.NewReader(camt(strings.Repeat("<Ntry><Sts>BOOK</Sts></Ntry>", 10))), small(func(l *Limits) { l.Records = 10 })); err != nil {
		t.Errorf("10 entries: %v", err)
	}
	whole := camt("")
	if _, _, err := readAll(strings.NewReader(whole), small(func(l *Limits) { l.Bytes = int64(len(whole)) })); err != nil {
		t.Errorf("as many bytes as may be: %v", err)
	}
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d='' ", i)
	}
	return b.String()
}

// A statement of any length is read in little memory: what was emitted is not kept.
func TestM5_ReadersStream(t *testing.T) {
	const entries = 20000
	one := `<Ntry><Amt Ccy="USD">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>` + detailOf("A", "") + `</Ntry>`
	head, tail, _ := strings.Cut(camt("|"), "|")
	var readers []io.Reader
	readers = append(readers, strings.NewReader(head))
	for range entries {
		readers = append(readers, strings.NewReader(one))
	}
	readers = append(readers, strings.NewReader(tail))
	seen := 0
	stop := errors.New("enough")
	s, err := Read(io.MultiReader(readers...), DefaultLimits(), func(Record) error { seen++; return nil })
	if err != nil || seen != entries || s.Records != entries {
		t.Errorf("%d of %d, %v", seen, entries, err)
	}
	seen = 0
	_, err = Read(strings.NewReader(head+one+one+tail), DefaultLimits(), func(Record) error { seen++; return stop })
	if !errors.Is(err, stop) || seen != 1 {
		t.Errorf("the caller's error does not end it: %v after %d", err, seen)
	}
	_, err = Read(strings.NewReader("payout,status\n"+id("A")+",unknown\n"+id("A")+",unknown\n"), DefaultLimits(), func(Record) error { seen++; return stop })
	if !errors.Is(err, stop) || seen != 2 {
		t.Errorf("the caller's error does not end it: %v after %d", err, seen)
	}
	broken := errors.New("the disk")
	for _, r := range []io.Reader{iotest.ErrReader(broken), io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken)), io.MultiReader(strings.NewReader("payout,status\n"), iotest.ErrReader(broken))} {
		if _, _, err := readAll(r, DefaultLimits()); !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
	}
	// Readers that give a byte at a time, or data and the end together, make no difference.
	data := fixture(t, "camt.053.001.08.xml")
	want, _, err := readAll(bytes.NewReader(data), DefaultLimits())
	must(t, err)
	for _, r := range []io.Reader{iotest.OneByteReader(bytes.NewReader(data)), iotest.DataErrReader(bytes.NewReader(data)), iotest.HalfReader(bytes.NewReader(data))} {
		got, _, err := readAll(r, DefaultLimits())
		must(t, err)
		compare(t, got, want)
	}
}

// M5: a batch is taken apart into the run's payouts, if number and sum are theirs.
func TestM5_Expand(t *testing.T) {
	run := euroRun(t)
	booked := payout.Answer{Status: payout.Paid, Ref: "B", At: on(4)}
	with := func(a payout.Answer, m money.Amount) payout.Answer { a.Amount = m; return a }
	for _, c := range []struct {
		name string
		rec  Record
		want []int // which payouts
		err  string
	}{
		{"the first batch", Record{Batch: run.ID + "-01", Message: run.ID, Count: 2, Answer: with(booked, eur(11234))}, []int{0, 1}, ""},
		{"the second", Record{Batch: run.ID + "-02", Answer: with(booked, eur(7468))}, []int{2}, ""},
		{"the whole message, without a sum", Record{Message: run.ID, Answer: payout.Answer{Status: payout.Rejected}}, []int{0, 1, 2}, ""},
		{"another sum", Record{Batch: run.ID + "-01", Answer: with(booked, eur(11235))}, nil, "112.35 EUR, the run has 112.34 EUR"},
		{"another currency", Record{Batch: run.ID + "-01", Answer: with(booked, usd(11234))}, nil, "112.34 USD"},
		{"another count", Record{Batch: run.ID + "-01", Count: 3, Answer: with(booked, eur(11234))}, nil, "counts 3 payments, the run has 2"},
		{"no such batch", Record{Batch: run.ID + "-03"}, nil, "no such batch"},
		{"another run", Record{Message: "X", Batch: run.ID + "-01"}, nil, "not of run"},
	} {
		got, err := Expand(&run, c.rec)
		if (c.err == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %v; want %q", c.name, err, c.err)
			continue
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %d answers, want %d", c.name, len(got), len(c.want))
			continue
		}
		for i, n := range c.want {
			p := run.Payouts[n]
			if got[i].Payout != p.ID || got[i].Amount != eur(p.Net) || got[i].Status != c.rec.Answer.Status || got[i].Ref != c.rec.Answer.Ref {
				t.Errorf("%s: %+v", c.name, got[i])
			}
		}
	}
	for want, rec := range map[string]Record{"R": {Message: "R", Batch: "X-01"}, "X-Y": {Batch: "X-Y-01"}, "X": {Batch: "X"}, "": {}} {
		if got := rec.Run(); got != want {
			t.Errorf("%+v is of run %q, want %q", rec, got, want)
		}
	}
	// A run without bank transfers has no batches.
	paypal := frozen(t, "EUR", euroPayer, payout.Payee{Publisher: "p", Method: "paypal", Account: payout.Party{Email: "a@example.com"}})
	if _, err := Expand(&paypal, Record{Message: paypal.ID}); err == nil {
		t.Error("mass payments are taken for a batch")
	}
}

// M5: what the bank is told comes back: a statement over a run's payouts closes it.
func TestM5_RoundTripClosesTheRun(t *testing.T) {
	run := euroRun(t)
	files, err := Build(&run)
	must(t, err)
	run, err = run.Build(Records(files), "ann", frozenAt)
	must(t, err)
	total := run.Totals()
	run, err = run.Approve(payout.Approval{By: "bob", Payments: total.Payments, Total: money.New(total.Net, "EUR").Decimal()}, frozenAt)
	must(t, err)
	run, _, err = run.Release("ann", frozenAt)
	must(t, err)
	var entries strings.Builder
	for _, p := range run.Payouts[:3] {
		fmt.Fprintf(&entries, `<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>`,
			money.New(p.Net, "EUR").Decimal(), p.ID)
	}
	csv := "payout,status,amount,currency\n" + run.Payouts[3].ID + ",paid," + money.New(run.Payouts[3].Net, "EUR").Decimal() + ",EUR\n"
	for range 2 { // the second time changes nothing
		for _, data := range []string{camt(entries.String()), csv} {
			_, err := Read(strings.NewReader(data), DefaultLimits(), func(rec Record) error {
				var err error
				run, _, err = run.Answer(rec.Answer, "cal", frozenAt.Add(48*time.Hour))
				return err
			})
			must(t, err)
		}
	}
	if run, err = run.Close("ann", frozenAt); err != nil || run.State != payout.Closed {
		t.Errorf("%+v, %v", run, err)
	}
}

// Amounts as banks write them.
func TestM5_BankAmounts(t *testing.T) {
	for in, want := range map[string]int64{"1": 100, "1.5": 150, "1.50": 150, "1.50000": 150, "0.01": 1, "0": 0, "1.00": 100, "007.10": 710} {
		if a, err := parseAmount(in, "USD"); err != nil || a != usd(want) {
			t.Errorf("%q: %v, %v", in, a, err)
		}
	}
	if a, err := parseAmount("1200.00", "JPY"); err != nil || a.Minor != 1200 {
		t.Errorf("%v, %v", a, err)
	}
	for _, in := range []string{"", "1.001", "1,5", "-1", "+1", "1e3", ".5", "1.", " 1", "9999999999999999999"} {
		if a, err := parseAmount(in, "USD"); err == nil && in != "1." {
			t.Errorf("%q is taken for %v", in, a)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]money.Currency{"USD", "JPY", "KWD", "CLF"}).Draw(t, "currency")
		want := money.New(rapid.Int64Range(0, 1<<60).Draw(t, "minor"), c)
		s := want.Decimal()
		if strings.Contains(s, ".") {
			s += strings.Repeat("0", rapid.IntRange(0, 3).Draw(t, "zeros"))
		}
		if got, err := parseAmount(s, string(c)); err != nil || got != want {
			t.Fatalf("%q: %v, %v; want %v", s, got, err, want)
		}
	})
}

// sane checks what must hold of everything that a reader emits, whatever it was given.
func sane(t *testing.T, data []byte) {
	lim := Limits{Bytes: 1 << 20, Depth: 64, Attributes: 64, Piece: 1 << 16, Text: 1 << 12, Records: 1000}
	records, s, err := readAll(bytes.NewReader(data), lim)
	again, s2, err2 := readAll(iotest.OneByteReader(bytes.NewReader(data)), lim)
	if fmt.Sprint(err) != fmt.Sprint(err2) && !strings.Contains(fmt.Sprint(err, err2), "bytes") || err == nil && (!slices.Equal(records, again) || !reflect.DeepEqual(s, s2)) {
		t.Fatalf("two readings differ: %v and %v", err, err2)
	}
	if len(records) > lim.Records || s.Records != len(records) {
		t.Fatalf("%d records, %+v", len(records), s)
	}
	for _, r := range records {
		a := r.Answer
		if a.Payout != "" != (r.Batch == "" && r.Message == "") || a.Payout != "" && !payout.ValidID(a.Payout) {
			t.Fatalf("%+v is about nothing or two things", r)
		}
		if a.Amount.Minor < 0 || a.Amount.Currency != "" && !a.Amount.Currency.Valid() || r.Where == "" {
			t.Fatalf("%+v", r)
		}
		if a.Status == payout.Paid && a.Amount.Currency == "" && s.Format != "csv" {
			t.Fatalf("%+v is paid without an amount", r)
		}
		if !slices.Contains([]payout.Status{payout.Paid, payout.Rejected, payout.Returned, payout.Unknown}, a.Status) {
			t.Fatalf("%+v has no answer", r)
		}
	}
}

// FuzzBankXML: statements and reports.
func FuzzBankXML(f *testing.F) {
	for _, name := range []string{"camt.053.001.08.xml", "camt.053.001.02.xml", "pain.002.001.10.xml"} {
		f.Add(fixture(f, name))
	}
	f.Add([]byte(entryOf(detailOf("A", `<Amt Ccy="USD">1.00</Amt>`))))
	f.Fuzz(func(t *testing.T, data []byte) {
		if i := bytes.IndexByte(data, '<'); i > 0 {
			data = data[i:] // the CSV has a target of its own
		}
		sane(t, data)
	})
}

// FuzzBankCSV: answers as CSV.
func FuzzBankCSV(f *testing.F) {
	f.Add([]byte("payout,status,amount,currency,reason,text,reference,date\n" + id("A") + ",booked,50.00,USD,,,B1,2026-03-04\n"))
	f.Add([]byte("\uFEFFstatus;payout\r\nunknown;" + id("B") + "\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) { sane(t, data) })
}

// FuzzContents: our own files, read back after somebody had them.
func FuzzContents(f *testing.F) {
	for _, name := range []string{"euro.xml", "dollar-paypal.csv", "dollar-cheque.csv"} {
		f.Add(fixture(f, name), strings.HasSuffix(name, ".xml"))
	}
	f.Fuzz(func(t *testing.T, data []byte, isXML bool) {
		name := "f.csv"
		if isXML {
			name = "f.xml"
		}
		c, err := Contents("R", name, bytes.NewReader(data), "EUR", Limits{Bytes: 1 << 20, Depth: 64, Attributes: 64, Piece: 1 << 16, Text: 1 << 12, Records: 1000})
		for _, p := range c.Payments {
			if p.Amount < 0 {
				t.Fatalf("%+v", p)
			}
		}
		if err == nil && len(c.SHA256) != 64 {
			t.Fatalf("%+v", c)
		}
	})
}
