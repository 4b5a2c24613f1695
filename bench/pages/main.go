// Command pages measures how long the console's server takes for each of its pages, how heavy they are, and how long a year's reports and
// exports take, over a large marketplace on SQLite:
//
//	go run ./bench/pages -db FILE -clicks 10000000 -orders 500000
//
// The database is built where FILE is not there, and kept. It is built as a server builds it: the simulated marketplace of the demo over
// a year, its clicks with what edges saw of them, its order events settled, its publishers paid each month.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/keywords"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/demo/show"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/internal/web"
	"github.com/clickledger/clickledger/internal/web/lookas"
	"github.com/clickledger/clickledger/internal/web/overview"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/trust"
)

func main() {
	var o options
	flag.StringVar(&o.db, "db", "", "the database; it is built where it is not there, and kept (none: in a temporary folder)")
	flag.IntVar(&o.clicks, "clicks", 1_000_000, "clicks of all programs together")
	flag.IntVar(&o.orders, "orders", 50_000, "orders of all programs together, about")
	flag.IntVar(&o.times, "times", 5, "how often each address is asked for")
	flag.IntVar(&o.each, "each", 12, "addresses of each page")
	flag.StringVar(&o.profile, "profile", "", "a file for a profile of the processor while pages are measured")
	flag.IntVar(&o.live, "export", 1_000_000, "rows of the export whose memory is watched; the orders are exported again until there are as many")
	flag.StringVar(&o.address, "address", "", "the only address to measure, of the person -as; no exports")
	flag.StringVar(&o.who, "as", "operator", "who asks for -address: operator, finance, publisher or seller")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "bench/pages:", err)
		os.Exit(1)
	}
}

type options struct {
	db                string
	clicks, orders    int
	times, each, live int
	profile           string
	address, who      string
}

// The year that is simulated, and the time at which it is looked at.
func from() time.Time { return time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC) }

const days = 365

func now() time.Time { return from().AddDate(0, 0, days-1).Add(20 * time.Hour) }

func run(ctx context.Context, o options) error {
	if o.db == "" {
		dir, err := os.MkdirTemp("", "pages-bench-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.db = filepath.Join(dir, "clickledger.db")
	}
	if _, err := os.Stat(o.db); errors.Is(err, fs.ErrNotExist) {
		if err := build(ctx, o); err != nil {
			return fmt.Errorf("building %s: %w", o.db, err)
		}
	}
	db, err := sqlite.Open(ctx, o.db)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := size(ctx, o.db); err != nil {
		return err
	}
	if err := upToDate(ctx, db, o.db); err != nil {
		return err
	}
	c, err := open(ctx, db)
	if err != nil {
		return err
	}
	stop, err := profiling(o.profile)
	if err != nil {
		return err
	}
	if o.address != "" {
		err = c.one(o)
	} else {
		err = c.pages(o)
	}
	if err = errors.Join(err, stop()); err != nil || o.address != "" {
		return err
	}
	return c.exports(ctx, o)
}

// console is the server's console over the database.
type console struct {
	db      store.Store
	reports *reports.Service
	people  *lookas.People
	mux     *http.ServeMux
	handler http.Handler
}

func open(ctx context.Context, db store.Store) (*console, error) {
	service, err := settle.New(ctx, db, now)
	if err != nil {
		return nil, err
	}
	codes, err := link.NewCodes(make([]byte, 32))
	if err != nil {
		return nil, err
	}
	c := &console{db: db, reports: reports.New(db, now), mux: http.NewServeMux(), people: &lookas.People{Now: now}}
	add := func(name string, o people.Organisation, r people.Role) {
		c.people.All = append(c.people.All, lookas.Person{Token: name, Viewer: people.Viewer{Person: name, Name: name, Organisation: o, Role: r, Session: "bench"}})
	}
	add("operator", people.Organisation{ID: "org_operator", Kind: people.Operator, Name: "Operator"}, people.Admin)
	add("finance", people.Organisation{ID: "org_operator", Kind: people.Operator, Name: "Operator"}, people.Finance)
	add("publisher", people.Organisation{ID: "org_pub-00", Kind: people.Publisher, Name: "Publisher", Publisher: "pub-00"}, people.Owner)
	add("seller", people.Organisation{ID: "org_store", Kind: people.Seller, Name: "Seller", Stores: []string{"store-00"}}, people.Owner)
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	gate := session.NewGate(c.people, false, now, log)
	const address = "https://s.example"
	box, err := seal.New("bench", map[string][]byte{"bench": make([]byte, 32)})
	if err != nil {
		return nil, err
	}
	pay := payouts.New(db, service.Terms, bankfile.Files, show.Payer(), now)
	pay.UseAccounts(bankfile.Check, nil) // nobody here reads e-mail
	made := links.New(db, codes, address, now)
	site := web.New(web.Parts{
		About:       overview.About{Title: "Programs"},
		AuditLog:    people.New(db, box, address, now),
		Books:       books.New(db, bankfile.Back, now),
		Care:        links.NewCare(made, links.CareParts{Box: box, Site: address, Log: log}), // nothing is fetched here
		Cases:       cases.New(db, service, box, address, trust.Defaults(), rand.Text, now),
		Desk:        desk.New(db, box, address, now),
		Gate:        gate,
		Intake:      intake.New(db, now),
		Joining:     joiningOf(db),
		Keywords:    keywords.New(db, now),
		Links:       made,
		Log:         log,
		LookAs:      c.people,
		Now:         now,
		Payouts:     pay,
		Postbacks:   postbacks.New(db, box, nil, log, now), // nobody is called here
		ReadAnswers: bankfile.Answers,
		Reports:     c.reports,
		Sellers:     sellers.New(db, now),
		Settle:      service,
		Subs:        subnetworks.New(db, now),
	})
	site.Register(c.mux)
	c.handler = gate.Handler(c.mux)
	// What a server computes in the background, every ten minutes or once a day.
	if err := site.Renew(ctx); err != nil {
		return nil, err
	}
	if _, err := c.reports.Ranking(ctx); err != nil {
		return nil, err
	}
	for _, p := range service.Programs() {
		if _, err := c.reports.Statistics(ctx, p); err != nil {
			return nil, err
		}
	}
	return c, nil
}
