package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/client"
	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/edgenode"
	"github.com/clickledger/clickledger/internal/simulate"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

type simulateCmd struct {
	Run   simulateRunCmd   `cmd:"" default:"withargs" help:"Click links of a running server: shoppers, bots, stuffers, floods."`
	Check simulateCheckCmd `cmd:"" help:"Hold what was acknowledged against what a store has."`
}

type simulateRunCmd struct {
	Links     string        `required:"" type:"existingfile" help:"File with the links: one a line, or the CSV of links import." placeholder:"FILE"`
	Rate      float64       `help:"Clicks a second on average, whatever the answers do (open loop); default: as fast as they are answered."`
	Duration  time.Duration `help:"How long; the curve of a day and a sale's peak are laid over it."`
	Clicks    int           `help:"Stop after so many clicks."`
	Workers   int           `default:"64" help:"Clicks at a time at most."`
	Close     bool          `help:"One connection for each click, as browsers do; else connections are kept."`
	Seed      uint64        `default:"1" help:"Another seed makes other traffic."`
	Bad       float64       `default:"0.15" help:"Share of clicks that must not count."`
	Parameter string        `default:"clk" help:"Query parameter of the click token."`
	Acks      string        `type:"path" help:"Write the tokens of all acknowledged clicks here, for simulate check." placeholder:"FILE"`
	JSON      bool          `help:"Report as JSON."`

	Orders   float64 `help:"Share of shoppers whose click counts that buy, such as 0.05; their orders are reported to --api and checked. Default: nobody buys."`
	API      string  `help:"The server's API, such as http://127.0.0.1:8080." placeholder:"URL"`
	Key      string  `help:"API key with orders:write and read." placeholder:"KEY"`
	Secret   string  `help:"Its secret." placeholder:"SECRET" env:"CLICKLEDGER_SECRET"`
	Program  string  `help:"The links' program, which orders are reported to." placeholder:"NAME"`
	Currency string  `default:"USD" help:"Currency of orders."`
	ShipTo   string  `default:"RO" help:"Country of orders, ISO 3166-1 alpha-2."`
	Category string  `default:"toys" help:"Category of what is bought."`
}

// shop is where shoppers buy; nil: nowhere.
func (c *simulateRunCmd) shop(e *env) (*simulate.Shop, error) {
	if c.Orders == 0 {
		return nil, nil
	}
	if c.Orders < 0 || c.Orders > 1 || c.API == "" || c.Program == "" {
		return nil, errors.New("orders need a share between 0 and 1 (--orders), a server to report them to (--api, --key, --secret) and the links' --program")
	}
	api, err := client.New(c.API, c.Key, c.Secret, client.WithClock(e.now))
	if err != nil {
		return nil, err
	}
	return simulate.NewShop(simulate.ShopOptions{
		Reporter: api, Program: c.Program, Seed: c.Seed, Share: c.Orders, Currency: c.Currency, ShipTo: c.ShipTo, Category: c.Category, Now: e.now,
	}), nil
}

// errUnfair says that orders were not won by the clicks that they should be.
var errUnfair = errors.New("some orders are won by the wrong click")

// errSimulation says that the server did not do what it promises.
var errSimulation = errors.New("some clicks failed")

// errNoToken says that clicks were acknowledged which nobody can look up.
var errNoToken = errors.New("acknowledged clicks led to addresses without a token")

// Run clicks. The server must believe X-Forwarded-For of the simulator (serve --proxies), or all visitors are one.
func (c *simulateRunCmd) Run(e *env) error {
	if c.Clicks == 0 && c.Duration == 0 {
		return files.Bad("say when to stop: --clicks N or --duration D")
	}
	if c.Rate > 0 && c.Duration == 0 {
		c.Duration = time.Duration(float64(c.Clicks) / c.Rate * float64(time.Second))
	}
	if c.Rate == 0 && c.Clicks == 0 {
		return files.Bad("as fast as they are answered needs --clicks N; a --duration needs a --rate")
	}
	addresses, err := readLinks(c.Links)
	if err != nil {
		return err
	}
	o := simulate.Options{
		Shape: simulate.Shape{Seed: c.Seed, Rate: c.Rate, Length: c.Duration, Bad: c.Bad}, Addresses: addresses, Clicks: c.Clicks, Workers: c.Workers, Close: c.Close,
		Parameter: c.Parameter, Now: e.now,
	}
	shop, err := c.shop(e)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var acks *bufio.Writer
	if c.Acks != "" {
		f, err := os.Create(c.Acks)
		if err != nil {
			return fmt.Errorf("writing what is acknowledged: %w", err)
		}
		defer f.Close()
		acks = bufio.NewWriter(f)
	}
	o.Clicked = func(v *simulate.Visit, t string) {
		if shop != nil {
			shop.Clicked(v, t)
		}
		mu.Lock()
		defer mu.Unlock()
		if t != "" && acks != nil {
			fmt.Fprintln(acks, t) // a failure is kept, and told by Flush
		}
	}
	if f, ok := e.stderr.(*os.File); ok && isTerminal(f) {
		o.Progress = func(n int) { fmt.Fprintf(e.stderr, "\r%d clicks", n) }
	}
	selling, closed := context.WithCancel(e.ctx)
	defer closed()
	reported := make(chan error, 1)
	go func() {
		var err error
		if shop != nil {
			err = shop.Run(selling)
		}
		reported <- err
	}()
	rep, err := simulate.Run(e.ctx, o)
	closed()
	err = errors.Join(err, <-reported)
	if o.Progress != nil {
		fmt.Fprint(e.stderr, "\r\x1b[K") // the report begins a line of its own
	}
	if err != nil {
		return err
	}
	if acks != nil {
		if err := acks.Flush(); err != nil {
			return fmt.Errorf("writing what is acknowledged: %w", err)
		}
	}
	var sales *simulate.Sales
	if shop != nil {
		if sales, err = shop.Close(context.WithoutCancel(e.ctx)); err != nil {
			return err
		}
	}
	if c.JSON {
		err = json.NewEncoder(e.stdout).Encode(map[string]any{
			"clicks": rep.Clicks, "acknowledged": rep.Acknowledged, "shed": rep.Shed, "failed": rep.Failed, "without_token": rep.WithoutToken, "seconds": rep.Took.Seconds(),
			"p50_us": rep.Latency.Quantile(0.5).Microseconds(), "p99_us": rep.Latency.Quantile(0.99).Microseconds(), "p999_us": rep.Latency.Quantile(0.999).Microseconds(), "verdicts": rep.Verdicts,
			"wrong_verdicts": rep.Wrong(), "errors": rep.Errors, "sales": sales,
		})
	} else if err = rep.Write(e.stdout); err == nil && sales != nil {
		err = sales.Write(e.stdout)
	}
	switch {
	case err != nil:
	case sales != nil && sales.Wrong > 0:
		err = fmt.Errorf("%w: %d of those that were checked", errUnfair, sales.Wrong)
	case rep.Failed > 0:
		err = fmt.Errorf("%w: %d of %d", errSimulation, rep.Failed, rep.Clicks)
	case acks != nil && rep.Acknowledged > 0 && rep.WithoutToken == rep.Acknowledged:
		// None is in the file, so simulate check could miss none. Some without a token are no error: strict consent has them.
		err = fmt.Errorf("%w: %d of %d; is --parameter %s the program's?", errNoToken, rep.WithoutToken, rep.Clicks, c.Parameter)
	}
	return err
}

// isTerminal reports whether somebody looks at a file.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// readLinks reads the addresses of links: the last column of each line that holds one.
func readLinks(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the links: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	var all []string
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, files.Bad("--links: %s is no list of links, one a line: %w", path, err)
		}
		if last := strings.TrimSpace(row[len(row)-1]); strings.Contains(last, "://") {
			all = append(all, last)
		}
	}
	if len(all) == 0 {
		return nil, files.Bad("--links: %s holds no links: write one a line, such as http://127.0.0.1:8081/e/abc", path)
	}
	return all, nil
}

type simulateCheckCmd struct {
	databaseFlags
	edgeFlags `embed:""`
	Acks      string `required:"" type:"existingfile" help:"What simulate --acks wrote." placeholder:"FILE"`
	Program   string `required:"" help:"The links' program."`
}

// errLost says that acknowledged clicks are not in the store.
var errLost = errors.New("acknowledged clicks are missing")

// errNothingToCheck says that a comparison would prove nothing.
var errNothingToCheck = errors.New("the file holds no tokens; was --parameter of simulate the program's?")

// Run looks every acknowledged click up in a store that has loaded everything.
func (c *simulateCheckCmd) Run(e *env) error {
	keys, err := c.edgeKeys(e, c.Data)
	if err != nil {
		return err
	}
	db, err := c.existing(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	f, err := os.Open(c.Acks)
	if err != nil {
		return fmt.Errorf("reading what was acknowledged: %w", err)
	}
	defer f.Close()
	total, missing := 0, 0
	var wishes []store.TouchWish
	look := func() error {
		return db.View(e.ctx, func(tx store.Tx) error {
			found, err := tx.Clicks().ForOrders(e.ctx, wishes)
			for _, cs := range found {
				if len(cs) != 1 || cs[0].TokenOnly {
					missing++
				}
			}
			total, wishes = total+len(wishes), wishes[:0]
			return err
		})
	}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		id, err := clickOf(keys, lines.Text(), e.now())
		if err != nil {
			return files.Bad("--acks: %s:%d: %.80q: %w", c.Acks, n, lines.Text(), err)
		}
		if wishes = append(wishes, store.TouchWish{Program: program.ID(c.Program), Click: id}); len(wishes) == 5000 {
			if err := look(); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading what was acknowledged: %w", err)
	}
	if err := look(); err != nil {
		return err
	}
	if total == 0 {
		return files.Bad("--acks: %s: %w", c.Acks, errNothingToCheck)
	}
	fmt.Fprintf(e.stdout, "%d acknowledged clicks, %d of them are not in the store\n", total, missing)
	if missing > 0 {
		return fmt.Errorf("%w: %d of %d", errLost, missing, total)
	}
	return nil
}

// clickOf is the click that a token names.
func clickOf(keys *edgenode.Keys, text string, now time.Time) (string, error) {
	claims, err := keys.Tokens.Parse(strings.TrimSpace(text), now)
	if err != nil {
		return "", err
	}
	return token.ID(claims.Click).String(), nil
}
