package replay

import (
	"encoding/json"
	"errors"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/story"
	"github.com/clickledger/clickledger/money"
)

// fuzzFiles are the files of a small directory, in the order of the fuzz target's arguments.
var fuzzFiles = [...]string{"publishers.jsonl", "products.jsonl", "stores.jsonl", "fx.jsonl", "clicks.jsonl", "orders.jsonl"}

// FuzzRun holds whole directories against the contract: no panic; bad input is refused with its file and line or its order, and
// nothing is written; what is decided is JSON, balances, says the same in the decisions and in the ledger, and does not depend
// on the order of the lines or on how often they stand there.
func FuzzRun(f *testing.F) {
	add := func(m map[string]string, shuffle uint64) {
		f.Add(m[fuzzFiles[0]], m[fuzzFiles[1]], m[fuzzFiles[2]], m[fuzzFiles[3]], m[fuzzFiles[4]], m[fuzzFiles[5]], shuffle)
	}
	add(good(), 1)
	stories, err := story.Read("../../testdata/stories")
	if err != nil {
		f.Fatal(err)
	}
	for i, s := range stories {
		files := make(map[string]string)
		for name, lines := range s.Files {
			files[name] = strings.Join(lines, "\n") + "\n"
		}
		add(files, uint64(i))
	}
	f.Fuzz(func(t *testing.T, publishers, products, stores, fx, clicks, orders string, shuffle uint64) {
		files := map[string]string{}
		for i, text := range []string{publishers, products, stores, fx, clicks, orders} {
			files[fuzzFiles[i]] = text
		}
		out := filepath.Join(t.TempDir(), "out")
		sum, err := Run(Options{In: writeDir(t, files), Out: out, Now: time.Now})
		if err != nil {
			var bad *InputError
			var missing *money.MissingRateError
			switch {
			case errors.As(err, &bad):
				if bad.File == "" || bad.Err.Error() == "" {
					t.Fatalf("%v names no file", err)
				}
			case !errors.As(err, &missing) && !errors.Is(err, money.ErrOverflow) || !strings.Contains(err.Error(), "order "):
				t.Fatalf("%v says neither where nor what", err)
			}
			nothingIn(t, out)
			return
		}
		checkOutput(t, out, sum)
		r := rand.New(rand.NewPCG(shuffle, 5))
		for name, text := range files {
			var lines []string
			for line := range strings.Lines(text) {
				lines = append(lines, strings.TrimSuffix(line, "\n"))
			}
			for range r.IntN(3) {
				if len(lines) > 0 {
					lines = append(lines, lines[r.IntN(len(lines))])
				}
			}
			r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			files[name] = strings.Join(lines, "\n")
		}
		again := filepath.Join(t.TempDir(), "out")
		if _, err := Run(Options{In: writeDir(t, files), Out: again, Now: time.Now}); err != nil {
			t.Fatalf("the same lines in another order: %v", err)
		}
		same(t, out, again)
	})
}

// checkOutput checks that every line is JSON, that each transaction adds up to zero (I2), and that the ledger's accounts hold
// what the decisions say (I4).
func checkOutput(t *testing.T, dir string, sum *Summary) {
	t.Helper()
	type account struct{ kind, program, publisher, currency string }
	held, decided := map[account]*big.Rat{}, map[account]*big.Rat{}
	add := func(m map[account]*big.Rat, a account, decimal string) {
		n, ok := new(big.Rat).SetString(decimal)
		if !ok {
			t.Fatalf("%q is not an amount", decimal)
		}
		if m[a] == nil {
			m[a] = new(big.Rat)
		}
		m[a].Add(m[a], n)
	}
	each := func(name string, line func(m []byte)) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(data)) {
			line([]byte(l))
		}
	}
	decode := func(b []byte, into any) {
		if err := json.Unmarshal(b, into); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
	}
	items := int64(0)
	each(CommissionsFile, func(b []byte) {
		items++
		var c struct {
			Program, State, Amount, Rule string
			Publisher                    *string
			Currency                     string `json:"program_currency"`
			Explanation                  []map[string]string
		}
		decode(b, &c)
		kind := map[string]string{"tracked": "tracked", "pending": "pending", "approved": "available"}[c.State]
		if (kind == "" && c.Amount != "0.00") || (c.Publisher == nil) != (c.State == "unattributed") || c.Rule == "" || len(c.Explanation) == 0 {
			t.Fatalf("%s", b)
		}
		for _, step := range c.Explanation {
			if step["code"] == "fraud_hold" {
				kind = "hold"
			}
		}
		if kind != "" {
			add(decided, account{kind, c.Program, *c.Publisher, c.Currency}, c.Amount)
		}
	})
	if items != sum.Counts.Items {
		t.Fatalf("%d lines for %d items", items, sum.Counts.Items)
	}
	causes := map[string]bool{}
	each(LedgerFile, func(b []byte) {
		var e struct {
			Entry, Cause string
			At           time.Time
			Postings     []struct{ Account, Amount, Currency string }
		}
		decode(b, &e)
		if causes[e.Cause] || e.Entry == "" || len(e.Postings) < 2 {
			t.Fatalf("%s is booked twice, or is nothing", b)
		}
		causes[e.Cause] = true
		sums := map[account]*big.Rat{}
		for _, p := range e.Postings {
			add(sums, account{currency: p.Currency}, p.Amount)
			parts := strings.Split(p.Account, ":")
			if unescape := strings.NewReplacer("%3A", ":", "%25", "%"); len(parts) == 3 && parts[0] != "approved" {
				add(held, account{parts[0], unescape.Replace(parts[1]), unescape.Replace(parts[2]), p.Currency}, p.Amount)
			}
		}
		for c, n := range sums {
			if n.Sign() != 0 {
				t.Fatalf("%s adds up to %v %s", b, n, c.currency)
			}
		}
	})
	for a, n := range held {
		if want := decided[a]; n.Cmp(new(big.Rat)) != 0 && (want == nil || n.Cmp(want) != 0) {
			t.Fatalf("%v holds %v, the decisions say %v", a, n, want)
		}
	}
	for a, n := range decided {
		if n.Sign() != 0 && (held[a] == nil || held[a].Cmp(n) != 0) {
			t.Fatalf("the decisions say %v for %v, the ledger %v", n, a, held[a])
		}
	}
	for _, name := range []string{BalancesFile, StatisticsFile} {
		each(name, func(b []byte) { decode(b, &map[string]any{}) })
	}
}
