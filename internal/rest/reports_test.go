package rest

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// withSales is a client whose server knows orders of ann and ben.
func withSales(t *testing.T, e engine) *client {
	t.Helper()
	c := newClient(t, e.make(t), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	for i, publisher := range []string{"ann", "ben", "ann", "ann"} {
		if i < 2 {
			c.must("POST", "/v1/ad-spaces:import", fmt.Sprintf(`{"publisher":%q,"ad_space":"blog","program":"global-eu","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z"}`, publisher))
		}
		c.must("POST", "/v1/clicks:import", fmt.Sprintf(`{"click":"c%d","at":"2026-03-1%dT10:00:00Z","program":"global-eu","visitor":"v%d","channel":"affiliate","publisher":%q,"ad_space":"blog","target":{"kind":"home"},"sub":{"af":"=%d","dp":"x"}}`, i, i, i, publisher, i%3))
		if i == 3 {
			continue // a click without an order
		}
		c.must("POST", "/v1/orders:batch", fmt.Sprintf(`{"order":"o%d","event":"placed","at":"2026-03-1%dT11:00:00Z","program":"global-eu","visitor":"v%d","buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"p%d","store":"s","category":"toys","amount":"100.0%d"}]}
{"order":"o%d","event":"paid","at":"2026-03-1%dT11:01:00Z","program":"global-eu"}`, i, i, i, i, i, i, i))
	}
	return c
}

type reportAnswer struct {
	Complete struct {
		AsOf     time.Time `json:"as_of"`
		OrdersTo time.Time `json:"orders_to"`
	}
	Totals []map[string]any
	Rows   []map[string]any
	Next   string
}

func (c *client) ask(key, target string) reportAnswer {
	c.t.Helper()
	status, answer := c.do(c.request(key, "GET", target, ""))
	if status != http.StatusOK {
		c.t.Fatalf("%s: %d %s", target, status, answer)
	}
	var r reportAnswer
	if err := json.Unmarshal([]byte(answer), &r); err != nil {
		c.t.Fatalf("%s: %v", answer, err)
	}
	if r.Complete.AsOf != c.now || r.Complete.OrdersTo.IsZero() {
		c.t.Errorf("%s is complete up to %v", target, r.Complete)
	}
	return r
}

// R1, R2, R4, L2: reports by the API, with sub-IDs, filters, pages and totals.
func TestR1_ReportsByAPI(t *testing.T) {
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			c := withSales(t, e)
			r := c.ask("k", "/v1/reports/orders?by=publisher,af&sort=-sold")
			if len(r.Rows) != 3 || r.Rows[0]["publisher"] != "ann" || r.Rows[0]["af"] != "=2" || r.Rows[0]["sold"] != "100.02" || r.Rows[0]["clicks"] != 1.0 {
				t.Errorf("orders by publisher and sub-ID: %v", r.Rows)
			}
			if len(r.Totals) != 1 || r.Totals[0]["sold"] != "300.03" || r.Totals[0]["clicks"] != 4.0 || r.Totals[0]["actions"] != 3.0 || r.Totals[0]["cr"] != "75.00" {
				t.Errorf("totals: %v", r.Totals)
			}
			balance := c.must("GET", "/v1/publishers/ann/balance?program=global-eu", "")
			ann := c.ask("k", "/v1/reports/orders?publisher=ann")
			if want := fmt.Sprintf(`"pending":%q`, ann.Rows[0]["commission_pending"]); !strings.Contains(balance, want) {
				t.Errorf("the report says %s, the balance %s", want, balance)
			}
			r = c.ask("k", "/v1/live-orders?limit=2&promotion=home&state=pending&from=2026-03-10&to=2026-03-12")
			if len(r.Rows) != 2 || r.Next == "" || r.Rows[0]["order"] != "o2" || r.Rows[0]["af"] != "=2" || r.Rows[0]["dp"] != "x" {
				t.Errorf("live orders: %v", r.Rows)
			}
			r = c.ask("k", "/v1/live-orders?limit=2&promotion=home&state=pending&from=2026-03-10&to=2026-03-12&after="+r.Next)
			if len(r.Rows) != 1 || r.Next != "" || r.Rows[0]["order"] != "o0" {
				t.Errorf("their second page: %v", r.Rows)
			}
			if r = c.ask("k", "/v1/live-orders?date=transaction"); len(r.Rows) != 0 {
				t.Errorf("orders that nobody received: %v", r.Rows)
			}
			if r = c.ask("k", "/v1/reports/traffic?by=day&to=2026-03-10"); len(r.Rows) != 1 || r.Rows[0]["day"] != "2026-03-10" {
				t.Errorf("traffic of a day: %v", r.Rows)
			}
			if r = c.ask("k", "/v1/reports/income"); len(r.Rows) != 1 || r.Rows[0]["open"] == "0.00" {
				t.Errorf("income: %v", r.Rows)
			}
			if answer := c.must("GET", "/v1/programs/global-eu/statistics", ""); !strings.Contains(answer, `"cr":"75.00"`) {
				t.Errorf("statistics: %s", answer)
			}
			if answer := c.must("GET", "/v1/ranking", ""); !strings.Contains(answer, `"rank":1,"publisher":"ann"`) {
				t.Errorf("ranking: %s", answer)
			}
		})
	}
}

// R1: a publisher's key sees that publisher's figures only, whatever it asks for, in each report and each format.
func TestR1_PublishersSeeTheirOwn(t *testing.T) {
	c := withSales(t, engines()[0])
	for _, target := range []string{"/v1/reports/orders?by=day,product,af", "/v1/reports/traffic?by=day,af,link", "/v1/reports/income?by=day", "/v1/live-orders?"} {
		for _, format := range []string{"json", "csv"} {
			_, theirs := c.do(c.request("ann", "GET", target+"&format="+format, ""))
			_, asked := c.do(c.request("k", "GET", target+"&publisher=ann&format="+format, ""))
			if theirs != asked || strings.Contains(theirs, "ben") || strings.Contains(theirs, "o1") || strings.Contains(theirs, "p1") || strings.Contains(theirs, "2026-03-11") {
				t.Errorf("%s tells ann %s", target, theirs)
			}
			if status, answer := c.do(c.request("ann", "GET", target+"&publisher=ben&format="+format, "")); status != http.StatusForbidden {
				t.Errorf("%s of ben tells ann %d %s", target, status, answer)
			}
		}
	}
	if _, answer := c.do(c.request("ann", "GET", "/v1/ranking", "")); strings.Contains(answer, "ben") {
		t.Errorf("the ranking tells ann %s", answer)
	}
}

// R1: files have all rows, say what they are, and cannot be taken for formulas.
func TestR1_Files(t *testing.T) {
	c := withSales(t, engines()[0])
	res, err := http.DefaultClient.Do(c.request("k", "GET", "/v1/live-orders?format=csv&limit=1", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	rows, err := csv.NewReader(res.Body).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%v, %v", rows, err)
	}
	if res.Header.Get("Content-Disposition") != `attachment; filename="live-orders.csv"` || res.Header.Get("Clickledger-Complete-Up-To") != c.now.Format(time.RFC3339) || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("headers: %v", res.Header)
	}
	for _, r := range rows {
		for _, cell := range r {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("%q is a formula", cell)
			}
		}
	}
	if answer := c.must("GET", "/v1/reports/orders?format=xlsx", ""); !strings.HasPrefix(answer, "PK") {
		t.Errorf("the workbook begins with %.20q", answer)
	}
}

// A report that cannot be made says which member is wrong.
func TestR1_RefusedReports(t *testing.T) {
	c := withSales(t, engines()[0])
	for target, want := range map[string]string{
		"/v1/reports/orders?by=colour":          `"field":"by"`,
		"/v1/reports/orders?sort=-colour":       `"field":"sort"`,
		"/v1/reports/orders?after=x":            `"field":"after"`,
		"/v1/reports/income?product=p":          `"field":"product"`,
		"/v1/reports/orders?by=day,day":         `"field":"by"`,
		"/v1/reports/orders?from=2026-02-30":    `from`,
		"/v1/reports/weather":                   `kind`,
		"/v1/live-orders?after=zzz&format=json": `"field":"after"`,
	} {
		status, answer := c.do(c.request("k", "GET", target, ""))
		if status != 400 && status != 422 || !strings.Contains(answer, want) {
			t.Errorf("%s: %d %s", target, status, answer)
		}
	}
	if status, _ := c.do(c.request("k", "GET", "/v1/programs/nowhere/statistics", "")); status != http.StatusNotFound {
		t.Errorf("statistics of nowhere: %d", status)
	}
}
