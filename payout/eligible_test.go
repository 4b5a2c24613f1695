package payout

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the machine may be old or missing

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) // a Monday

// payee is a publisher whom nothing stands in the way of.
func payee(publisher, method, country string) Payee {
	return Payee{
		Publisher: publisher, Method: method, Country: country, DetailsChangedAt: noon.AddDate(-1, 0, 0),
		Account: Party{Name: "Publisher " + publisher, IBAN: "DE89370400440532013000", Email: publisher + "@example.com"},
	}
}

func reference(t testing.TB, id program.ID) *program.Terms {
	t.Helper()
	versions, ok := program.Reference(id)
	if !ok {
		t.Fatalf("no reference program %s", id)
	}
	return versions.At(noon)
}

// M3: minimum ("reach" or "exceed"), fee and method are program data. Expected amounts are those of the reference programs.
func TestM3_MinimumAndFeeOfTheReferencePrograms(t *testing.T) {
	for _, c := range []struct {
		program         program.ID
		method, country string
		way             Way
		available       int64
		net             int64
		code            Code
	}{
		{"portals-session", "international_bank_transfer", "TR", Requested, 1600, 0, NotAboveMinimum},
		{"portals-session", "international_bank_transfer", "TR", Requested, 1601, 101, ""},
		{"portals-session", "international_bank_transfer", "TR", Requested, 10000, 8500, ""},
		{"portals-session", "bank_transfer", "TR", Requested, 10000, 0, MethodNotOffered},
		{"portals", "bank_transfer", "US", Scheduled, 1599, 0, BelowMinimum},
		{"portals", "bank_transfer", "US", Scheduled, 1600, 1600, ""},
		{"portals", "bank_transfer", "US", Requested, 1600, 0, NotOnRequest},
		{"portals", "bank_transfer", "US", Manual, 1600, 1600, ""},
		{"global-eu", "bank_transfer", "PL", Scheduled, 1, 1, ""},
		{"global-eu", "bank_transfer", "PL", Scheduled, 0, 0, NothingToPay},
		{"tr", "bank_transfer", "TR", Scheduled, 1599, 0, BelowMinimum},
		{"tr", "bank_transfer", "TR", Scheduled, 1600, 1600, ""},
		{"tr", "paypal", "TR", Scheduled, 1600, 0, MethodNotOffered},
	} {
		q, refusal := Eligible(reference(t, c.program), Balance{Available: c.available}, payee("p", c.method, c.country), c.way, noon)
		if c.code != "" {
			if refusal == nil || refusal.Code != c.code {
				t.Errorf("%s, %d by %s: %+v, %v; want the refusal %s", c.program, c.available, c.method, q, refusal, c.code)
			}
			continue
		}
		if refusal != nil || q.Net != c.net || q.Gross != c.available || q.Gross != q.Net+q.Fee+q.Tax || q.Currency != "USD" {
			t.Errorf("%s, %d by %s: %+v, %v; want net %d", c.program, c.available, c.method, q, refusal, c.net)
		}
	}
}

// onRequest are terms for the tests: like portals-session, with PayPal in one market.
func onRequest() *program.Terms {
	return &program.Terms{
		Program: "shop", Version: 3, Currency: "USD", TimeZone: time.UTC,
		Page:    program.Page{Advertiser: "Shop Ltd."},
		Markets: map[string][]string{"near": {"DE", "FR"}, "far": {"JP"}},
		Payout: program.Payout{
			Schedule: program.OnRequest, Minimum: 1600, MustExceed: true,
			Methods: []program.PayoutMethod{
				{Method: "bank_transfer", Fee: 0, Regions: []string{"near"}},
				{Method: "bank_transfer", Fee: 1500, Regions: []string{"far"}},
				{Method: "paypal", Fee: 100},
			},
		},
	}
}

// M3: the fee goes by method and region.
func TestM3_FeeByMethodAndRegion(t *testing.T) {
	terms := onRequest()
	for _, c := range []struct {
		method, country string
		fee             int64
		ok              bool
	}{
		{"bank_transfer", "DE", 0, true}, {"bank_transfer", "FR", 0, true}, {"bank_transfer", "JP", 1500, true}, {"bank_transfer", "US", 0, false},
		{"paypal", "US", 100, true}, {"paypal", "", 100, true}, {"cheque", "DE", 0, false},
	} {
		q, refusal := Eligible(terms, Balance{Available: 5000}, payee("p", c.method, c.country), Requested, noon)
		if c.ok != (refusal == nil) || q.Fee != c.fee {
			t.Errorf("%s in %s: fee %d, %v; want %d, %v", c.method, c.country, q.Fee, refusal, c.fee, c.ok)
		}
		if !c.ok && (refusal.Code != MethodNotOffered || refusal.Value("method") != c.method || refusal.Value("country") != c.country) {
			t.Errorf("%s in %s: %v", c.method, c.country, refusal)
		}
	}
	if o := Offers(terms, "JP"); len(o) != 2 || o[0].Fee != 1500 || o[1].Method != "paypal" {
		t.Errorf("Offers in JP: %+v", o)
	}
	if o := Offers(terms, "US"); len(o) != 1 || o[0].Method != "paypal" {
		t.Errorf("Offers in US: %+v", o)
	}
}

// M3: every reason not to pay, with its values, at its edge, and in both languages.
func TestM3_EachRefusalNamesReasonAndFix(t *testing.T) {
	weekly := onRequest()
	weekly.Payout.Schedule, weekly.Payout.Weekday = program.Weekly, time.Thursday
	reach := onRequest()
	reach.Payout.MustExceed = false
	free := onRequest()
	free.Payout.Minimum, free.Payout.MustExceed = 0, false
	ok := payee("p", "paypal", "DE")
	with := func(change func(*Payee)) Payee {
		p := ok
		change(&p)
		return p
	}
	taxed := with(func(p *Payee) { p.Tax = Withholding{"TR-GIB", money.MustRate("99.00")} })
	seen := make(map[Code]bool)
	for _, c := range []struct {
		name   string
		terms  *program.Terms
		b      Balance
		p      Payee
		code   Code
		values string
	}{
		{"a weekly program", weekly, Balance{Available: 5000}, ok, NotOnRequest, "schedule=weekly next=2026-03-05"},
		{"sanctions", onRequest(), Balance{Available: 5000}, with(func(p *Payee) { p.Blocked = "sanctions" }), Blocked, "reason=sanctions"},
		{"fraud case", onRequest(), Balance{Available: 5000}, with(func(p *Payee) { p.FraudCase = "case-7" }), FraudHold, "case=case-7"},
		{"no details", onRequest(), Balance{Available: 5000}, with(func(p *Payee) { p.DetailsChangedAt = time.Time{} }), NoDetails, ""},
		{"bad details", onRequest(), Balance{Available: 5000}, with(func(p *Payee) { p.DetailsFault = "the IBAN is wrong" }), BadDetails, "fault=the IBAN is wrong"},
		{"one second too early", onRequest(), Balance{Available: 5000}, with(func(p *Payee) { p.DetailsChangedAt = noon.Add(time.Second - 72*time.Hour) }), DetailsFrozen, "until=2026-03-02T12:00:01Z"},
		{"72 hours are over", onRequest(), Balance{Available: 5000}, with(func(p *Payee) { p.DetailsChangedAt = noon.Add(-72 * time.Hour) }), "", ""},
		{"a debt", onRequest(), Balance{Available: 5000, Clawback: -1}, ok, InDebt, "debt=0.01 USD"},
		{"at the minimum", onRequest(), Balance{Available: 1600}, ok, NotAboveMinimum, "balance=16.00 USD minimum=16.00 USD"},
		{"above the minimum", onRequest(), Balance{Available: 1601}, ok, "", ""},
		{"below the minimum", reach, Balance{Available: 1599}, ok, BelowMinimum, "balance=15.99 USD minimum=16.00 USD"},
		{"minimum reached", reach, Balance{Available: 1600}, ok, "", ""},
		{"nothing", free, Balance{}, ok, NothingToPay, ""},
		{"the fee takes all", free, Balance{Available: 100}, ok, EatenUp, "balance=1.00 USD fee=1.00 USD tax=0.00 USD"},
		{"the fee leaves a cent", free, Balance{Available: 101}, ok, "", ""},
		{"fee and tax take all", free, Balance{Available: 5000}, taxed, EatenUp, "balance=50.00 USD fee=1.00 USD tax=49.50 USD"},
		{"a method of another country", onRequest(), Balance{Available: 5000}, payee("p", "bank_transfer", "US"), MethodNotOffered, "method=bank_transfer country=US"},
	} {
		q, r := Eligible(c.terms, c.b, c.p, Requested, noon)
		if c.code == "" {
			if r != nil || q.Net <= 0 {
				t.Errorf("%s: %+v, %v; want it to be paid", c.name, q, r)
			}
			continue
		}
		if r == nil || r.Code != c.code || q != (Quote{}) {
			t.Errorf("%s: %+v, %v; want %s", c.name, q, r, c.code)
			continue
		}
		seen[r.Code] = true
		var values []string
		for _, v := range r.Values {
			values = append(values, v.Name+"="+v.Text)
		}
		if got := strings.Join(values, " "); got != c.values {
			t.Errorf("%s: values %q, want %q", c.name, got, c.values)
		}
		for _, text := range []string{r.Reason("en"), r.Fix("en"), r.Reason("tr"), r.Fix("tr"), r.Error()} {
			if text == "" || strings.ContainsAny(text, "{}") || strings.Contains(text, string(r.Code)) {
				t.Errorf("%s: the sentence is %q", c.name, text)
			}
		}
		if r.Reason("en") == r.Reason("tr") || r.Fix("en") == r.Fix("tr") || r.Reason("de") != r.Reason("en") {
			t.Errorf("%s: the languages are mixed up: %q, %q", c.name, r.Reason("en"), r.Reason("tr"))
		}
	}
	for _, c := range Codes() {
		if !seen[c] {
			t.Errorf("no case is refused with %s", c)
		}
	}
}

// M3, I11: whatever the terms, what is paid is the whole balance, above the minimum, with something left for the publisher.
func TestI11_QuotesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := onRequest()
		terms.Payout.Minimum = rapid.Int64Range(0, 5000).Draw(t, "minimum")
		terms.Payout.MustExceed = rapid.Bool().Draw(t, "exceed")
		terms.Payout.Methods[2].Fee = rapid.Int64Range(0, 5000).Draw(t, "fee")
		p := payee("p", "paypal", "DE")
		p.Tax = Withholding{"A", money.MustRate(rapid.SampledFrom([]string{"0", "0.01", "15.00", "33.333", "100", "250"}).Draw(t, "tax"))}
		b := Balance{Available: rapid.OneOf(rapid.Int64Range(0, 6000), rapid.Just(int64(math.MaxInt64))).Draw(t, "available")}
		q, r := Eligible(terms, b, p, Requested, noon)
		if r != nil {
			return
		}
		if q.Gross != b.Available || q.Net <= 0 || q.Fee < 0 || q.Tax < 0 || q.Fee+q.Tax >= q.Gross || q.Net+q.Fee+q.Tax != q.Gross {
			t.Fatalf("%+v of %d", q, b.Available)
		}
		if q.Gross < terms.Payout.Minimum || (terms.Payout.MustExceed && q.Gross == terms.Payout.Minimum) {
			t.Fatalf("%d is paid under the minimum %d", q.Gross, terms.Payout.Minimum)
		}
	})
}

// M3: the tax is rounded once, half to even, and is nobody's where there is none.
func TestM3_TaxIsWithheld(t *testing.T) {
	p := payee("p", "paypal", "DE")
	p.Tax = Withholding{"TR-GIB", money.MustRate("15.00")}
	q, r := Eligible(onRequest(), Balance{Available: 5003}, p, Requested, noon)
	if want := (Quote{"p", "paypal", "USD", 5003, 100, 750, "TR-GIB", 4153}); r != nil || q != want {
		t.Errorf("%+v, %v; want %+v", q, r, want)
	}
	p.Tax = Withholding{Authority: "TR-GIB"}
	if q, r := Eligible(onRequest(), Balance{Available: 5003}, p, Requested, noon); r != nil || q.Tax != 0 || q.Authority != "" {
		t.Errorf("%+v, %v; want no tax", q, r)
	}
	// A tax beyond what money can hold is refused, not wrapped round.
	p.Tax = Withholding{"X", money.MustRate("10000")}
	if q, r := Eligible(onRequest(), Balance{Available: math.MaxInt64}, p, Requested, noon); r == nil || r.Code != BadDetails {
		t.Errorf("%+v, %v; want %s", q, r, BadDetails)
	}
}

func TestBalanceOf(t *testing.T) {
	var b ledger.Book
	b.Set(ledger.Of(ledger.Available, "shop", "p"), "USD", 700)
	b.Set(ledger.Of(ledger.Clawback, "shop", "p"), "USD", -300)
	b.Set(ledger.Of(ledger.Available, "shop", "p"), "EUR", 9)
	if got := BalanceOf(&b, "shop", "p", "USD"); got != (Balance{700, -300}) {
		t.Errorf("%+v", got)
	}
}

// A refusal is an error that says what helps.
func TestM3_RefusalIsAnError(t *testing.T) {
	_, r := Eligible(onRequest(), Balance{Available: 12}, payee("p", "paypal", "DE"), Requested, noon)
	var err error = r
	var got *Refusal
	if !errors.As(err, &got) || err.Error() != "not paid: The balance of 0.12 USD does not exceed the minimum of 16.00 USD. It can be paid as soon as it does." {
		t.Errorf("%v", err)
	}
	if got.Value("nothing") != "" {
		t.Error("a value that is not there is not empty")
	}
}
