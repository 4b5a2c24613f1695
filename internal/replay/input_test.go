package replay

import (
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// good is a small input that has everything.
func good() map[string]string {
	return map[string]string{
		"publishers.jsonl": `{"publisher":"ann","ad_space":"blog","program":"portals","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z","tracking_ids":["t1"],"coupons":["ANN"]}` + "\n",
		"products.jsonl":   `{"product":"p1","store":"s","category":"toys","affiliate":true,"seller_rate":"3.00","campaigns":[{"rate":"4.00","from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z"}]}` + "\n",
		"stores.jsonl":     `{"store":"s","name":"The store","lists":["chuwi"]}` + "\n",
		"fx.jsonl":         `{"date":"2026-03-01","base":"EUR","quote":"USD","rate":"1.1"}` + "\n",
		"clicks.jsonl":     `{"click":"c1","at":"2026-03-10T12:00:00+02:00","program":"portals","visitor":"v","channel":"affiliate","publisher":"ann","ad_space":"blog","tracking_id":"t1","target":{"kind":"product","product":"p1","store":"s"},"sub":{"af":"1","cn":"2","cv":"3","dp":"4"},"session":"x","verdict":"valid"}` + "\n",
		"orders.jsonl": `{"order":"o1","event":"placed","at":"2026-03-10T11:00:00Z","program":"portals","visitor":"v","session":"x","click":"c1","coupon":{"code":"X","amount":"1.00"},"buyer":{"id":"b","new":false},"ship_to":"RO","currency":"EUR","items":[{"item":"1","product":"p1","store":"s","category":"toys","quantity":2,"amount":"11.00","in_stock":true}]}
{"order":"o1","event":"paid","at":"2026-03-10T11:01:00Z","program":"portals"}
{"order":"o1","event":"completed","at":"2026-03-20T11:01:00Z","program":"portals"}
{"order":"o1","event":"refunded","at":"2026-03-21T11:01:00Z","program":"portals","items":[{"item":"1","amount":"5.00"}]}
{"order":"o1","event":"cancelled","at":"2026-03-22T11:01:00Z","program":"portals","items":["1"]}
{"order":"o1","event":"fraud","at":"2026-03-22T11:01:00Z","program":"portals","items":["1"],"evidence":"seen"}
`,
	}
}

func writeDir(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The contract: bad input is refused with file, line and member, and nothing is written.
func TestBadInputIsRefused(t *testing.T) {
	for _, c := range []struct {
		file, old, new string // the text that makes the good input bad
		want           string // what the error says
	}{
		{"clicks.jsonl", `"session":"x"`, `"sesion":"x"`, `clicks.jsonl:1: member "sesion": is not known`},
		{"clicks.jsonl", `"af":"1"`, `"ag":"1"`, `clicks.jsonl:1: member "sub.ag": is not known`},
		{"clicks.jsonl", `"kind":"product"`, `"kind":"item"`, `member "target.kind": "item" is not a kind of link target`},
		{"clicks.jsonl", `"verdict":"valid"`, `"verdict":"nice"`, `member "verdict": "nice" is not a verdict`},
		{"clicks.jsonl", `"2026-03-10T12:00:00+02:00"`, `"2026-03-10T12:00:00"`, `member "at": "2026-03-10T12:00:00" is not an RFC 3339 time with a zone`},
		{"clicks.jsonl", `"2026-03-10T12:00:00+02:00"`, `"2026-02-30T12:00:00Z"`, `member "at"`},
		{"clicks.jsonl", `"click":"c1",`, ``, `member "click": is missing`},
		{"clicks.jsonl", `"click":"c1",`, `"click":"c1","click":"c1",`, `member "click": stands twice`},
		{"clicks.jsonl", `"click":"c1"`, `"click":1`, `member "click": a string was expected`},
		{"clicks.jsonl", `"program":"portals"`, `"program":"nowhere"`, `member "program": "nowhere" is not a program; known are global-eu, portals, portals-session, tr`},
		{"clicks.jsonl", `"channel":"affiliate"`, `"channel":"carrier_pigeon"`, `"carrier_pigeon" is not a channel of program "portals"`},
		{"clicks.jsonl", `"valid"}`, `"valid"} x`, `the end of the line was expected`},
		{"clicks.jsonl", `"valid"}`, `"valid"`, `a comma or a closing brace was expected`},
		{"clicks.jsonl", `"visitor":"v"`, "\"visitor\":\"\xff\"", `not valid UTF-8`},
		{"orders.jsonl", `"evidence":"seen"`, `"evidnce":"seen"`, `orders.jsonl:6: member "evidnce": is not known`},
		{"orders.jsonl", `,"evidence":"seen"`, ``, `orders.jsonl:6: member "evidence": is missing`},
		{"orders.jsonl", `"amount":"11.00"`, `"amount":"11.001"`, `orders.jsonl:1: member "items[0].amount": "11.001" is not an amount such as "12.34" with at most 2 decimals`},
		{"orders.jsonl", `"amount":"11.00"`, `"amount":11.00`, `member "items[0].amount": a string was expected`},
		{"orders.jsonl", `"amount":"11.00"`, `"amount":"-11.00"`, `is negative`},
		{"orders.jsonl", `"currency":"EUR"`, `"currency":"XTS"`, `member "currency": "XTS" is not an ISO 4217 currency`},
		{"orders.jsonl", `"ship_to":"RO"`, `"ship_to":"ROU"`, `member "ship_to": "ROU" is not an ISO 3166-1 alpha-2 country code`},
		{"orders.jsonl", `"event":"paid"`, `"event":"payed"`, `orders.jsonl:2: member "event": "payed" is not an order event`},
		{"orders.jsonl", `"event":"paid","at":"2026-03-10T11:01:00Z","program":"portals"`, `"event":"paid","at":"2026-03-10T11:01:00Z","program":"portals","currency":"EUR"`, `member "currency": does not belong to a "paid" event`},
		{"orders.jsonl", `"items":["1"]}`, `"items":["9"]}`, `orders.jsonl:5: order "o1" of program "portals": cancelled at 2026-03-22T11:01:00Z names item "9", which the order does not have`},
		{"orders.jsonl", `{"item":"1","amount":"5.00"}`, `{"item":"1","amount":"5.001"}`, `orders.jsonl:4: order "o1"`},
		{"orders.jsonl", `{"order":"o1","event":"paid","at":"2026-03-10`, `{"order":"o1","event":"paid","at":"2026-03-09`, `orders.jsonl:2: order "o1" of program "portals": paid at 2026-03-09T11:01:00Z, before it was placed`},
		{"orders.jsonl", `"new":false`, `"new":"no"`, `member "buyer.new": true or false was expected`},
		{"publishers.jsonl", `"content"`, `"contents"`, `publishers.jsonl:1: member "traffic_type": "contents" is not a traffic type`},
		{"publishers.jsonl", `"approved_at":"2026-01-01T00:00:00Z",`, ``, `member "approved_at": is missing`},
		{"products.jsonl", `"affiliate":true,`, ``, `member "affiliate": is missing`},
		{"products.jsonl", `"seller_rate":"3.00"`, `"seller_rate":"3,00"`, `member "seller_rate": "3,00" is not a plain decimal`},
		{"products.jsonl", `"seller_rate":"3.00"`, `"seller_rate":"300"`, `more than 100 percent`},
		{"products.jsonl", `"to":"2026-02-01T00:00:00Z"`, `"to":"2026-01-01T00:00:00Z"`, `member "campaigns[0].to": is not after from`},
		{"stores.jsonl", `"lists":["chuwi"]`, `"lists":"chuwi"`, `member "lists": an array was expected`},
		{"fx.jsonl", `"2026-03-01"`, `"2026-3-1"`, `member "date": "2026-3-1" is not a date`},
		{"fx.jsonl", `"1.1"`, `"0"`, `member "rate": is zero`},
		{"fx.jsonl", `{"date":"2026-03-01"`, `{"date":"2026-03-11"`, `no exchange rate from EUR to USD on or before 2026-03-10`},
	} {
		files := good()
		if !strings.Contains(files[c.file], c.old) {
			t.Fatalf("%q is not in %s", c.old, c.file)
		}
		files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
		out := filepath.Join(t.TempDir(), "out")
		_, err := Run(Options{In: writeDir(t, files), Out: out, Now: time.Now})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: %v; want %q", c.file, c.new, err, c.want)
		}
		nothingIn(t, out)
	}
}

func nothingIn(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range left {
		t.Errorf("%s was left behind", e.Name())
	}
}

// The contract: one click id has one content, one order one placing.
func TestContradictionsAreRefused(t *testing.T) {
	files := good()
	line := files["clicks.jsonl"]
	reordered := strings.Replace(line, `"click":"c1","at":"2026-03-10T12:00:00+02:00"`, `"at":"2026-03-10T10:00:00Z","click":"c1"`, 1)
	files["clicks.jsonl"] = line + reordered
	if _, err := Run(Options{In: writeDir(t, files), Out: t.TempDir(), Now: time.Now}); err != nil {
		t.Errorf("the same click in other words: %v", err)
	}
	files["clicks.jsonl"] = line + strings.Replace(line, `"af":"1"`, `"af":"2"`, 1)
	_, err := Run(Options{In: writeDir(t, files), Out: t.TempDir(), Now: time.Now})
	if err == nil || !strings.Contains(err.Error(), `clicks.jsonl:2: member "click": "c1" stands twice, with different contents`) {
		t.Errorf("a click with two contents: %v", err)
	}
	files = good()
	placed, _, _ := strings.Cut(files["orders.jsonl"], "\n")
	files["orders.jsonl"] += strings.Replace(placed, `"11.00"`, `"12.00"`, 1)
	_, err = Run(Options{In: writeDir(t, files), Out: t.TempDir(), Now: time.Now})
	if err == nil || !strings.Contains(err.Error(), `orders.jsonl:7: order "o1" of program "portals": placed twice`) {
		t.Errorf("an order placed twice: %v", err)
	}
}

// The contract: .gz and .zst are accepted, and make no difference.
func TestCompressedInput(t *testing.T) {
	plain := runDir(t, writeDir(t, good()), time.Time{})
	files := good()
	var gz strings.Builder
	z := gzip.NewWriter(&gz)
	if _, err := z.Write([]byte(files["clicks.jsonl"])); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	compressed := map[string]string{"clicks.jsonl.gz": gz.String(), "orders.jsonl.zst": string(enc.EncodeAll([]byte(files["orders.jsonl"]), nil))}
	for name, text := range files {
		if name != "clicks.jsonl" && name != "orders.jsonl" {
			compressed[name] = text
		}
	}
	dir := writeDir(t, compressed)
	same(t, plain, runDir(t, dir, time.Time{}))
	if err := os.WriteFile(filepath.Join(dir, "clicks.jsonl"), []byte(files["clicks.jsonl"]), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(Options{In: dir, Out: t.TempDir(), Now: time.Now}); err == nil || !strings.Contains(err.Error(), "stands beside") {
		t.Errorf("two forms of one file: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "clicks.jsonl.gz"), []byte(gz.String()[:40]), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "clicks.jsonl")); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(Options{In: dir, Out: t.TempDir(), Now: time.Now}); err == nil {
		t.Error("a truncated file is accepted")
	}
}

// What is spilled to disk counts the same as what is not.
func TestEachClickCountsOnce(t *testing.T) {
	d := newDedupe(t.TempDir())
	defer d.close()
	var l localMarks
	const n = 300_000
	for i := range uint64(n) {
		for range 1 + i%3 {
			id := i * 0x9e3779b97f4a7c15
			if err := d.add(&l, mark{id: id - id%partitions + i%2, content: i, counter: int32(i % 5)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := d.flush(&l); err != nil {
		t.Fatal(err)
	}
	if d.parts[0].file == nil {
		t.Fatal("nothing was spilled, so this proves nothing")
	}
	counts := make([]int64, 5)
	distinct, repeated, suspects, err := d.count(counts)
	if err != nil {
		t.Fatal(err)
	}
	if distinct != n || repeated != n || len(suspects) != 0 || counts[0] != n/5 {
		t.Errorf("%d distinct, %d repeated, %d suspects, %v", distinct, repeated, len(suspects), counts)
	}
}
