// Command replay measures replay against a bare program that parses the same JSON Lines and discards them. Both run as
// whole processes, in turn, several times; the figure is the ratio of their speeds, pair by pair.
//
//	go run ./bench/replay -clicks 20000000 -orders 1000000 -runs 3
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/clickledger/clickledger/internal/replay"
	"github.com/clickledger/clickledger/internal/wire"
)

func main() {
	clicks := flag.Int("clicks", 2_000_000, "clicks to make")
	orders := flag.Int("orders", 100_000, "orders to make")
	runs := flag.Int("runs", 3, "runs of each")
	dir := flag.String("dir", "", "where the input is made and kept; default: a temporary directory that is removed")
	role := flag.String("role", "", "what to run in this process: bare, wire or replay")
	flag.Parse()
	if err := run(*clicks, *orders, *runs, *dir, *role); err != nil {
		fmt.Fprintln(os.Stderr, "bench/replay:", err)
		os.Exit(1)
	}
}

func run(clicks, orders, runs int, dir, role string) error {
	switch role {
	case "bare":
		return bare(dir)
	case "wire":
		return bareWire(dir)
	case "replay":
		_, err := replay.Run(replay.Options{In: dir, Out: filepath.Join(dir, "out"), Now: time.Now})
		return err
	}
	if dir == "" {
		d, err := os.MkdirTemp("", "replay-bench-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(d)
		dir = d
	}
	if _, err := os.Stat(filepath.Join(dir, "clicks.jsonl")); err != nil {
		fmt.Printf("making %d clicks and %d orders\n", clicks, orders)
		if err := generate(dir, clicks, orders); err != nil {
			return err
		}
	}
	fmt.Printf("%d clicks, %d orders, %d processors, %s\n", clicks, orders, runtime.NumCPU(), runtime.Version())
	times := map[string][]float64{}
	memory := map[string]int64{}
	roles := []string{"bare", "wire", "replay"}
	for range runs {
		for _, r := range roles {
			cmd := exec.Command(os.Args[0], "-role", r, "-dir", dir)
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			start := time.Now()
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("%s: %w", r, err)
			}
			times[r] = append(times[r], time.Since(start).Seconds())
			memory[r] = max(memory[r], cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
		}
	}
	for _, r := range roles {
		fmt.Printf("%-8s %6.1f s (median of %d), %d MB at most\n", r, median(times[r]), runs, memory[r]>>10)
	}
	for _, r := range roles[:2] {
		ratios := make([]float64, runs)
		for i := range ratios {
			ratios[i] = times[r][i] / times["replay"][i]
		}
		fmt.Printf("speed of replay ÷ speed of %s: %.2f (median of pairs)\n", r, median(ratios))
	}
	return nil
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// bare parses with the standard library, into the contract's members, and discards.
func bare(dir string) error {
	type click struct {
		Click, Program, Visitor, Channel, Publisher, AdSpace, TrackingID, Session, Verdict string
		At                                                                                 time.Time
		Target                                                                             struct{ Kind, Product, Store string }
		Sub                                                                                struct{ AF, CN, CV, DP string }
	}
	type event struct {
		Order, Event, Program, Visitor, Session, Click, ShipTo, Currency, Evidence string
		At                                                                         time.Time
		Coupon                                                                     struct{ Code, Amount string }
		Buyer                                                                      struct {
			ID  string
			New bool
		}
		Items []struct {
			Item, Product, Store, Category, Amount string
			Quantity                               int
			InStock                                bool
		}
	}
	if err := lines(filepath.Join(dir, "clicks.jsonl"), func(b []byte) error { return json.Unmarshal(b, new(click)) }); err != nil {
		return err
	}
	return lines(filepath.Join(dir, "orders.jsonl"), func(b []byte) error { return json.Unmarshal(b, new(event)) })
}

// bareWire parses with replay's own reader, one line after the other, and discards.
func bareWire(dir string) error {
	var r wire.Reader
	var c wire.Click
	if err := lines(filepath.Join(dir, "clicks.jsonl"), func(b []byte) error { return r.Click(b, &c) }); err != nil {
		return err
	}
	return lines(filepath.Join(dir, "orders.jsonl"), func(b []byte) error {
		_, err := r.Event(b)
		return err
	})
}

func lines(path string, do func([]byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(make([]byte, 1<<20), 1<<20)
	for sc.Scan() {
		if err := do(sc.Bytes()); err != nil {
			return err
		}
	}
	return sc.Err()
}

var categories = []string{"mobile_phones", "tablets", "womens_clothing", "toys", "garden_supplies", "laptops", "books", "home_audio_video"}

// generate makes an input of the program tr: visitors who come back, some of whom buy.
func generate(dir string, clicks, orders int) (err error) {
	r := rand.New(rand.NewPCG(1, 2))
	const publishers, products, stores = 2000, 50_000, 1000
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	write := func(name string, n int, line func(w *bufio.Writer, i int)) {
		if err != nil {
			return
		}
		f, e := os.Create(filepath.Join(dir, name))
		if e != nil {
			err = e
			return
		}
		w := bufio.NewWriterSize(f, 1<<20)
		for i := range n {
			line(w, i)
		}
		if e := w.Flush(); e != nil {
			err = e
		}
		if e := f.Close(); e != nil && err == nil {
			err = e
		}
	}
	types := []string{"content", "cashback", "extension", "dropshipping", "subnetwork", "social", "coupon"}
	write("publishers.jsonl", publishers, func(w *bufio.Writer, i int) {
		fmt.Fprintf(w, `{"publisher":"pub%d","ad_space":"space%d","program":"tr","traffic_type":%q,"approved_at":"2025-06-01T00:00:00Z"}`+"\n", i, i, types[i%len(types)])
	})
	write("products.jsonl", products, func(w *bufio.Writer, i int) {
		hot := ""
		if i%50 == 0 {
			hot = `,"hot_rate":"12.00"`
		}
		fmt.Fprintf(w, `{"product":"p%d","store":"s%d","category":%q,"affiliate":%t%s}`+"\n", i, i%stores, categories[i%len(categories)], i%10 != 0, hot)
	})
	write("stores.jsonl", stores, func(w *bufio.Writer, i int) {
		list := ""
		if i%100 == 0 {
			list = `"electronics_brands"`
		}
		fmt.Fprintf(w, `{"store":"s%d","lists":[%s]}`+"\n", i, list)
	})
	write("fx.jsonl", 300, func(w *bufio.Writer, i int) {
		fmt.Fprintf(w, `{"date":%q,"base":"EUR","quote":"USD","rate":"1.%04d"}`+"\n", begin.AddDate(0, 0, i-10).Format(time.DateOnly), 800+r.IntN(400))
	})
	visitors := clicks * 2 / 5
	stamp := func(t time.Time) string { return t.Format("2006-01-02T15:04:05.000000Z") }
	step := 90 * 24 * time.Hour / time.Duration(clicks)
	kinds := []string{"product", "product", "product", "hot", "home", "search", "category", "store", "page"}
	write("clicks.jsonl", clicks, func(w *bufio.Writer, i int) {
		at := begin.Add(time.Duration(i) * step)
		pub, product := r.IntN(publishers), r.IntN(products)
		verdict := ""
		if r.IntN(20) == 0 {
			verdict = `,"verdict":"bot"`
		}
		fmt.Fprintf(w, `{"click":"clk_%026x","at":%q,"program":"tr","visitor":"v%d","channel":"affiliate","publisher":"pub%d","ad_space":"space%d","tracking_id":"t%d","target":{"kind":%q,"product":"p%d"},"sub":{"af":"a%d","cn":"n%d"}%s}`+"\n",
			i, stamp(at), r.IntN(visitors), pub, pub, pub%3, kinds[r.IntN(len(kinds))], product, r.IntN(100), r.IntN(1000), verdict)
	})
	gap := 89 * 24 * time.Hour / time.Duration(orders)
	write("orders.jsonl", orders, func(w *bufio.Writer, i int) {
		at := begin.Add(24*time.Hour + time.Duration(i)*gap)
		currency := []string{"USD", "USD", "EUR"}[r.IntN(3)]
		items := make([]string, 1+r.IntN(2))
		for n := range items {
			p := r.IntN(products)
			items[n] = fmt.Sprintf(`{"item":"%d","product":"p%d","store":"s%d","category":%q,"quantity":1,"amount":"%d.%02d","in_stock":true}`,
				n+1, p, p%stores, categories[p%len(categories)], 5+r.IntN(300), r.IntN(100))
		}
		fmt.Fprintf(w, `{"order":"o%d","event":"placed","at":%q,"program":"tr","visitor":"v%d","buyer":{"id":"b%d","new":%t},"ship_to":%q,"currency":%q,"items":[%s]}`+"\n",
			i, stamp(at), r.IntN(visitors), i, r.IntN(5) == 0, []string{"DE", "TR", "RO", "KZ", "UA"}[r.IntN(5)], currency, strings.Join(items, ","))
		fmt.Fprintf(w, `{"order":"o%d","event":"paid","at":%q,"program":"tr"}`+"\n", i, stamp(at.Add(time.Duration(r.IntN(7200))*time.Second)))
		if r.IntN(10) < 9 {
			fmt.Fprintf(w, `{"order":"o%d","event":"completed","at":%q,"program":"tr"}`+"\n", i, stamp(at.Add(10*24*time.Hour)))
		}
		if r.IntN(20) == 0 {
			fmt.Fprintf(w, `{"order":"o%d","event":"refunded","at":%q,"program":"tr","items":[{"item":"1","amount":"5.00"}]}`+"\n", i, stamp(at.Add(20*24*time.Hour)))
		}
	})
	return err
}
