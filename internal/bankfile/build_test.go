package bankfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

var update = flag.Bool("update", false, "write the golden files anew")

var frozenAt = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func terms(c money.Currency) *program.Terms {
	return &program.Terms{
		Program: "global-eu", Version: 1, Currency: c, TimeZone: time.UTC,
		Payout: program.Payout{Schedule: program.Weekly, Weekday: time.Monday, Methods: []program.PayoutMethod{
			{Method: "bank_transfer"}, {Method: "international_bank_transfer", Fee: 1500}, {Method: "paypal", Fee: 50}, {Method: "cheque"},
		}},
	}
}

// frozen is a run that pays these parties by these methods, the first 50.00, each next one 12.34 more.
func frozen(t testing.TB, c money.Currency, payer payout.Party, payees ...payout.Payee) payout.Run {
	t.Helper()
	period, ok := payout.Due(terms(c), frozenAt)
	if !ok {
		t.Fatal("no run is due")
	}
	r, err := payout.Open(terms(c), period, nil, "ann", frozenAt)
	must(t, err)
	candidates := make([]payout.Candidate, len(payees))
	for i, p := range payees {
		p.DetailsChangedAt = frozenAt.AddDate(0, -1, 0)
		candidates[i] = payout.Candidate{Payee: p, Balance: payout.Balance{Available: 5000 + 1234*int64(i)}}
	}
	r, _, err = r.Freeze(terms(c), candidates, payer, "ann", frozenAt)
	must(t, err)
	if len(r.Payouts) != len(payees) {
		t.Fatalf("%d payouts of %d: %+v", len(r.Payouts), len(payees), r.Passed)
	}
	return r
}

var euroPayer = payout.Party{Name: "Clickledger Test GmbH", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX",
	Address: payout.Address{Street: "Hauptstraße", Building: "7a", PostCode: "10115", Town: "Berlin", Country: "DE"}}

func euroRun(t testing.TB) payout.Run {
	return frozen(t, "EUR", euroPayer,
		payout.Payee{Publisher: "pub-1", Method: "bank_transfer", Account: payout.Party{Name: "Müller & Söhne «Reisen»", IBAN: "DE75512108001245126199"}},
		payout.Payee{Publisher: "pub-2", Method: "bank_transfer", Account: payout.Party{
			Name: "José Peña", IBAN: "ES9121000418450200051332", BIC: "CAIXESBBXXX", Address: payout.Address{Street: "Calle de Alcalá", Building: "50", PostCode: "28014", Town: "Madrid", Country: "ES"}}},
		payout.Payee{Publisher: "pub-3", Method: "bank_transfer", Account: payout.Party{Name: "Gökçe Işık", IBAN: "TR330006100519786457841326", BIC: "AKBKTRIS"}},
		payout.Payee{Publisher: "pub-4", Method: "paypal", Account: payout.Party{Name: "Zoë", Email: "zoe@example.com"}},
	)
}

var dollarPayer = payout.Party{Name: "Clickledger Test Inc.", Account: "000123456789", ClearingSystem: "USABA", ClearingMember: "021000021"}

func dollarRun(t testing.TB) payout.Run {
	return frozen(t, "USD", dollarPayer,
		payout.Payee{Publisher: "pub-1", Method: "international_bank_transfer", Account: payout.Party{Name: "Иван Щукин", IBAN: "KZ86125KZT5004100100", BIC: "KZKOKZKX"}},
		payout.Payee{Publisher: "pub-2", Method: "bank_transfer", Account: payout.Party{Name: "O'Neil, Sam (agency)", Account: "9876543210", ClearingSystem: "USABA", ClearingMember: "011000015",
			Address: payout.Address{Town: "Boston", Country: "US"}}},
		payout.Payee{Publisher: "=pub-3", Method: "cheque", Account: payout.Party{Name: "+Plus \"Quote\", Ltd", Email: "-x@example.com"}},
		payout.Payee{Publisher: "pub-4", Method: "international_bank_transfer", Account: payout.Party{Name: "Ayşe Yılmaz", Account: "77-123", BIC: "AKBKTRISXXX"}},
		payout.Payee{Publisher: "pub-5", Method: "paypal", Account: payout.Party{Email: "a.b+c@example.co.uk"}},
	)
}

// M5: golden files: what the bank is given, to the byte, and building again gives the same bytes.
func TestM5_GoldenBankFiles(t *testing.T) {
	for name, run := range map[string]payout.Run{"euro": euroRun(t), "dollar": dollarRun(t)} {
		files, err := Build(&run)
		must(t, err)
		again, err := Build(&run)
		must(t, err)
		all, err := List(&run)
		must(t, err)
		for i, f := range files {
			if !bytes.Equal(f.Data, again[i].Data) || f.SHA256 != again[i].SHA256 {
				t.Errorf("%s: building again gives other bytes", f.Name)
			}
			sum := sha256.Sum256(f.Data)
			if f.SHA256 != hex.EncodeToString(sum[:]) {
				t.Errorf("%s: the fingerprint is not that of the bytes", f.Name)
			}
			golden(t, name+strings.TrimPrefix(f.Name, run.ID), f.Data)
		}
		golden(t, name+"-list.csv", all)
		if _, err := run.Build(Records(files), "ann", frozenAt); err != nil {
			t.Errorf("the run does not take its files: %v", err)
		}
	}
}

func golden(t *testing.T, name string, data []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(path, data, 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(data, want) {
		t.Errorf("%s is\n%s\nwant\n%s", name, data, want)
	}
}

// M5: which files there are, what they hold, and what the run keeps of them.
func TestM5_FilesByFormat(t *testing.T) {
	run := dollarRun(t)
	files, err := Build(&run)
	must(t, err)
	var got []string
	for _, f := range files {
		got = append(got, strings.TrimPrefix(f.Name, run.ID)+" "+strings.Join(f.Methods, "+")+" "+f.MediaType)
	}
	want := []string{".xml bank_transfer+international_bank_transfer application/xml", "-cheque.csv cheque text/csv; charset=utf-8", "-paypal.csv paypal text/csv; charset=utf-8"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	// 35.00 + 62.34 + 72.02 in three payments, after fees of 15.00 each for the international ones.
	if f := files[0]; f.Payments != 3 || f.Total != 3500+6234+7202 {
		t.Errorf("%+v", f.File)
	}
}

// M5: the message keeps to the schema: elements, their order, how often they come, and what they may hold.
func TestM5_Pain001KeepsToTheSchema(t *testing.T) {
	for _, run := range []payout.Run{euroRun(t), dollarRun(t)} {
		files, err := Build(&run)
		must(t, err)
		for _, fault := range validate(t, files[0].Data) {
			t.Errorf("%s: %s", run.Currency, fault)
		}
	}
	// Red controls: the validation notices what it is there for.
	run := euroRun(t)
	files, err := Build(&run)
	must(t, err)
	good := string(files[0].Data)
	for name, change := range map[string][2]string{
		"an unknown element":     {"<PmtMtd>TRF</PmtMtd>", "<PmtMethod>TRF</PmtMethod>"},
		"a value of no code":     {"<PmtMtd>TRF</PmtMtd>", "<PmtMtd>CASH</PmtMtd>"},
		"elements swapped":       {"<BtchBookg>false</BtchBookg>", ""},
		"a currency in lower":    {`Ccy="EUR"`, `Ccy="eur"`},
		"too many decimals":      {">50.00<", ">50.000000<"},
		"a required one missing": {"<MsgId>" + run.ID + "</MsgId>", ""},
		"a letter of no bank":    {"Jose Pena", "José Peña"},
		"an id too long":         {"<MsgId>" + run.ID, "<MsgId>" + run.ID + "-1234567"},
		"a choice of two":        {"<IBAN>DE75512108001245126199</IBAN>", "<IBAN>DE75512108001245126199</IBAN><Othr><Id>1</Id></Othr>"},
		"another namespace":      {"pain.001.001.09", "pain.001.001.03"},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if name == "elements swapped" {
			bad = strings.Replace(good, "<PmtMtd>TRF</PmtMtd>\n      <BtchBookg>false</BtchBookg>", "<BtchBookg>false</BtchBookg>\n      <PmtMtd>TRF</PmtMtd>", 1)
		}
		if bad == good {
			t.Fatalf("%s: nothing was changed", name)
		}
		if len(validate(t, []byte(bad))) == 0 {
			t.Errorf("%s is not noticed", name)
		}
	}
}

// child is one place of an element's sequence.
type child struct {
	name     string
	required bool
	many     bool
}

// schema is the part of pain.001.001.09 that a payout run needs: the whole sequences, so that the order of what is used is
// checked against what might stand between. An element whose name begins with ? may be left out, with + may come again.
func schema() map[string]string {
	return map[string]string{
		"Document":         "CstmrCdtTrfInitn",
		"CstmrCdtTrfInitn": "GrpHdr +PmtInf ?+SplmtryData",
		"GrpHdr":           "MsgId CreDtTm ?+Authstn NbOfTxs ?CtrlSum InitgPty ?FwdgAgt ?InitnSrc",
		"InitgPty":         "?Nm ?PstlAdr ?Id ?CtryOfRes ?CtctDtls",
		"PmtInf": "PmtInfId PmtMtd ?BtchBookg ?NbOfTxs ?CtrlSum ?PmtTpInf ReqdExctnDt ?PoolgAdjstmntDt Dbtr DbtrAcct DbtrAgt ?DbtrAgtAcct ?InstrForDbtrAgt " +
			"?UltmtDbtr ?ChrgBr ?ChrgsAcct ?ChrgsAcctAgt +CdtTrfTxInf",
		"PmtTpInf":    "?InstrPrty ?+SvcLvl ?LclInstrm ?CtgyPurp",
		"SvcLvl":      "Cd|Prtry",
		"ReqdExctnDt": "Dt|DtTm",
		"Dbtr":        "?Nm ?PstlAdr ?Id ?CtryOfRes ?CtctDtls",
		"Cdtr":        "?Nm ?PstlAdr ?Id ?CtryOfRes ?CtctDtls",
		"PstlAdr":     "?AdrTp ?Dept ?SubDept ?StrtNm ?BldgNb ?BldgNm ?Flr ?PstBx ?Room ?PstCd ?TwnNm ?TwnLctnNm ?DstrctNm ?CtrySubDvsn ?Ctry ?+AdrLine",
		"DbtrAcct":    "Id ?Tp ?Ccy ?Nm ?Prxy",
		"CdtrAcct":    "Id ?Tp ?Ccy ?Nm ?Prxy",
		"Acct.Id":     "IBAN|Othr",
		"Othr":        "Id ?SchmeNm ?Issr",
		"DbtrAgt":     "FinInstnId ?BrnchId",
		"CdtrAgt":     "FinInstnId ?BrnchId",
		"FinInstnId":  "?BICFI ?ClrSysMmbId ?LEI ?Nm ?PstlAdr ?Othr",
		"ClrSysMmbId": "?ClrSysId MmbId",
		"ClrSysId":    "Cd|Prtry",
		"CdtTrfTxInf": "PmtId ?PmtTpInf Amt ?XchgRateInf ?ChrgBr ?MndtRltdInf ?ChqInstr ?UltmtDbtr ?IntrmyAgt1 ?IntrmyAgt1Acct ?IntrmyAgt2 ?IntrmyAgt2Acct ?IntrmyAgt3 " +
			"?IntrmyAgt3Acct ?CdtrAgt ?CdtrAgtAcct ?Cdtr ?CdtrAcct ?UltmtCdtr ?+InstrForCdtrAgt ?InstrForDbtrAgt ?Purp ?+RgltryRptg ?Tax ?+RltdRmtInf ?RmtInf ?+SplmtryData",
		"PmtId":  "?InstrId EndToEndId ?UETR",
		"Amt":    "InstdAmt|EqvtAmt",
		"RmtInf": "?+Ustrd ?+Strd",
	}
}

// facets are what the values may be, as the schema and the rules of SEPA's character set have it.
func facets() map[string]string {
	id, latin := `[A-Za-z0-9\-?:().,'+ ]([A-Za-z0-9/\-?:().,'+ ]{0,33}[A-Za-z0-9\-?:().,'+ ])?`, `[A-Za-z0-9/\-?:().,'+ ]`
	return map[string]string{
		"MsgId": id, "PmtInfId": id, "EndToEndId": id,
		"CreDtTm": `[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z`, "NbOfTxs": `[0-9]{1,15}`, "CtrlSum": `[0-9]{1,16}\.[0-9]{2}`,
		"Nm": latin + `{1,70}`, "PmtMtd": `CHK|TRF|TRA`, "BtchBookg": `true|false`, "Cd": `SEPA|USABA`, "Dt": `[0-9]{4}-[0-9]{2}-[0-9]{2}`,
		"StrtNm": latin + `{1,70}`, "BldgNb": latin + `{1,16}`, "PstCd": latin + `{1,16}`, "TwnNm": latin + `{1,35}`, "Ctry": `[A-Z]{2}`,
		"IBAN": `[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}`, "Id": latin + `{1,34}`, "BICFI": `[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?`, "MmbId": latin + `{1,35}`,
		"ChrgBr": `DEBT|CRED|SHAR|SLEV`, "InstdAmt": `[0-9]{1,16}(\.[0-9]{1,2})?`, "Ustrd": latin + `{1,140}`,
	}
}

// validate checks a message against the schema's table, and its counts and sums.
func validate(t testing.TB, data []byte) []string {
	t.Helper()
	v := &validator{schema: schema(), facets: facets()}
	var root node
	if err := xml.Unmarshal(data, &root); err != nil {
		return []string{err.Error()}
	}
	if root.XMLName.Space != "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09" {
		v.fault("the namespace is %q", root.XMLName.Space)
	}
	v.element(&root, "")
	v.sums(&root)
	return v.faults
}

type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []node     `xml:",any"`
}

func (n *node) all(name string) []*node {
	var found []*node
	for i := range n.Nodes {
		if n.Nodes[i].XMLName.Local == name {
			found = append(found, &n.Nodes[i])
		}
		found = append(found, n.Nodes[i].all(name)...)
	}
	return found
}

// Every payout stands in the message once, with its amount; counts and sums are those of the payments below.
func TestM5_Pain001HoldsTheRun(t *testing.T) {
	for _, run := range []payout.Run{euroRun(t), dollarRun(t)} {
		files, err := Build(&run)
		must(t, err)
		c, err := Contents(run.ID, files[0].Name, bytes.NewReader(files[0].Data), run.Currency, DefaultLimits())
		must(t, err)
		left := make(map[string]int64)
		for _, p := range run.Payouts {
			if FormatOf(p.Method) == Pain001 {
				left[p.ID] = p.Net
			}
		}
		for _, p := range c.Payments {
			if left[p.Payout] != p.Amount {
				t.Errorf("payment %+v, the run has %d", p, left[p.Payout])
			}
			delete(left, p.Payout)
		}
		if len(left) > 0 || c.SHA256 != files[0].SHA256 {
			t.Errorf("not in the file: %v", left)
		}
	}
}

// M5: the batches: SEPA apart from other transfers, and each method apart.
func TestM5_Batches(t *testing.T) {
	run := euroRun(t)
	files, err := Build(&run)
	must(t, err)
	var root node
	must(t, xml.Unmarshal(files[0].Data, &root))
	infos := root.all("PmtInf")
	if len(infos) != 2 {
		t.Fatalf("%d batches", len(infos))
	}
	for i, want := range []string{"01 SLEV 2 EUR SEPA", "02 SHAR 1 EUR "} {
		in := infos[i]
		level := ""
		if l := in.all("SvcLvl"); len(l) > 0 {
			level = l[0].all("Cd")[0].Text
		}
		got := strings.TrimPrefix(in.all("PmtInfId")[0].Text, run.ID+"-") + " " + in.all("ChrgBr")[0].Text + " " + in.all("NbOfTxs")[0].Text + " " +
			in.all("InstdAmt")[0].Attrs[0].Value + " " + level
		if got != want {
			t.Errorf("batch %d: %q, want %q", i, got, want)
		}
	}
}

// M5: what cannot be written is refused, by the payout's name, before anything is.
func TestM5_BuildRefuses(t *testing.T) {
	change := func(f func(*payout.Run)) *payout.Run {
		r := dollarRun(t)
		r.Payouts = slices.Clone(r.Payouts)
		f(&r)
		return &r
	}
	for name, c := range map[string]struct {
		run  *payout.Run
		want string
	}{
		"no payouts":        {&payout.Run{ID: "R"}, "no payouts"},
		"all excluded":      {change(func(r *payout.Run) { r.Payouts = r.Payouts[:1]; r.Payouts[0].Status = payout.Excluded }), "no payouts"},
		"a wrong IBAN":      {change(func(r *payout.Run) { r.Payouts[1].Payee.IBAN = "KZ86125KZT5004100101" }), "check digits"},
		"a name in Chinese": {change(func(r *payout.Run) { r.Payouts[1].Payee.Name = "王小明" }), "Latin"},
		"no payer":          {change(func(r *payout.Run) { r.Payer = payout.Party{} }), "no account to pay from"},
		"a payer's BIC":     {change(func(r *payout.Run) { r.Payer.BIC = "x" }), "payer: BIC"},
		"too large":         {change(func(r *payout.Run) { r.Payouts[1].Net = 1234567890123456789 }), "18 digits"},
		"not frozen":        {change(func(r *payout.Run) { r.ExecuteOn = "" }), "not frozen"},
		"an e-mail address": {change(func(r *payout.Run) { r.Payouts[len(r.Payouts)-1].Payee.Email = "x" }), "e-mail"},
	} {
		files, err := Build(c.run)
		if err == nil || !strings.Contains(err.Error(), c.want) || files != nil {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
	_, err := Build(change(func(r *payout.Run) {
		r.Payouts[1].Payee.IBAN, r.Payouts[2].Payee.Account = "KZ86125KZT5004100101", "?"
	}))
	if err == nil || !strings.Contains(err.Error(), "pub-1") || !strings.Contains(err.Error(), "pub-2") {
		t.Errorf("not all faults at once: %v", err)
	}
	if strings.Contains(err.Error(), "KZ86125KZT5004100101") {
		t.Errorf("the error shows a whole account number: %v", err)
	}
}

// An excluded payout is in no file; one whose run was cancelled later still is, so that the file that is kept is explained.
func TestM5_ExcludedPayoutsAreNotWritten(t *testing.T) {
	r := euroRun(t)
	r, _, err := r.Exclude("pub-2", "case-1", "bob", frozenAt)
	must(t, err)
	files, err := Build(&r)
	must(t, err)
	if files[0].Payments != 2 || bytes.Contains(files[0].Data, []byte("ES9121000418450200051332")) {
		t.Errorf("%+v", files[0].File)
	}
	b, err := r.Build(Records(files), "ann", frozenAt)
	must(t, err)
	b, _, err = b.Cancel("x", "ann", frozenAt)
	must(t, err)
	after, err := Build(&b)
	if err != nil || after[0].SHA256 != files[0].SHA256 {
		t.Errorf("%v", err)
	}
}

// No field of a CSV is a formula.
func TestM5_CSVIsFormulaSafe(t *testing.T) {
	run := dollarRun(t)
	data, err := List(&run)
	must(t, err)
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	must(t, err)
	if r := rows[1]; r[2] != "'=pub-3" || r[3] != `'+Plus "Quote", Ltd` || r[9] != "'-x@example.com" {
		t.Errorf("%q", r)
	}
}

// M5: reading our own files back refuses what is not one of them.
func TestM5_ContentsRefuses(t *testing.T) {
	run := euroRun(t)
	files, err := Build(&run)
	must(t, err)
	xmlFile, payPalFile := files[0], files[1]
	small := DefaultLimits()
	small.Bytes = 100
	for name, c := range map[string]struct {
		run, file string
		data      string
		currency  money.Currency
		lim       Limits
		want      string
	}{
		"another run's":       {"OTHER", xmlFile.Name, string(xmlFile.Data), "EUR", DefaultLimits(), "it is the file of run"},
		"another currency":    {run.ID, xmlFile.Name, string(xmlFile.Data), "USD", DefaultLimits(), "is in EUR, the run in USD"},
		"cut off":             {run.ID, xmlFile.Name, string(xmlFile.Data[:900]), "EUR", DefaultLimits(), "cut off"},
		"too large":           {run.ID, xmlFile.Name, string(xmlFile.Data), "EUR", small, "more than 100 bytes"},
		"not a bank file":     {run.ID, xmlFile.Name, "<html></html>", "EUR", DefaultLimits(), "is not a bank file"},
		"a CSV of two":        {run.ID, payPalFile.Name, "a,b\n", "EUR", DefaultLimits(), "2 columns"},
		"a CSV with quotes":   {run.ID, payPalFile.Name, "a,\"b\n", "EUR", DefaultLimits(), "broken"},
		"a CSV with an error": {run.ID, payPalFile.Name, "a,1.234,EUR,P1\n", "EUR", DefaultLimits(), "amount"},
	} {
		if _, err := Contents(c.run, c.file, strings.NewReader(c.data), c.currency, c.lim); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
	c, err := Contents(run.ID, payPalFile.Name, bytes.NewReader(payPalFile.Data), "EUR", DefaultLimits())
	if err != nil || len(c.Payments) != 1 || c.Payments[0].Payout != run.Payouts[3].ID || c.Payments[0].Amount != run.Payouts[3].Net || c.SHA256 != payPalFile.SHA256 {
		t.Errorf("%+v, %v", c, err)
	}
	all, err := List(&run)
	must(t, err)
	if c, err := Contents(run.ID, "list.csv", bytes.NewReader(all), "EUR", DefaultLimits()); err != nil || len(c.Payments) != 4 {
		t.Errorf("%+v, %v", c, err)
	}
}
