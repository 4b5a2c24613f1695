package reports_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/export"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/internal/store/storetest"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

const tr program.ID = "tr"

// market is a marketplace whose orders are settled: some approved, some refunded, some still open.
type market struct {
	testing.TB
	store.Store
	now     time.Time
	reports *reports.Service
}

func newMarket(t testing.TB) *market {
	ctx := t.Context()
	db, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	m := &market{TB: t, Store: db}
	m.reports = reports.New(db, func() time.Time { return m.now })
	t.Cleanup(func() { m.must(db.Close()) })
	m.must(storetest.Stock(ctx, db))
	early, late := storetest.NewLoad(0, 150), storetest.NewLoad(5_000_000, 60) // eleven days and a half later
	for i, c := range early.Clicks {
		if i%9 == 0 {
			c.Verdict = click.Bot
		}
		c.Sub.AF = "=1+1" // a formula, if it were let
	}
	m.settle(early, 0)
	for i := range late.Events {
		e := &late.Events[i]
		switch n := e.Order[len(e.Order)-1]; {
		case n == '3' && e.Kind == order.Completed:
			e.Kind, e.Items = order.Cancelled, []string{"1"}
		case n == '5' && e.Kind == order.Placed:
			e.Placed.Visitor, e.Placed.BuyerID = "nobody", "nobody"
		}
	}
	m.settle(late, 0)
	m.settle(storetest.Load{}, 18*24*time.Hour) // what was received early is approved by now
	return m
}

func (m *market) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// settle takes a load in, and decides what is due some time later.
func (m *market) settle(l storetest.Load, later time.Duration) {
	m.Helper()
	ctx, stop := context.WithCancel(m.Context())
	defer stop()
	for _, e := range l.Events {
		m.now = e.At
	}
	m.now = m.now.Add(later)
	s, err := settle.New(ctx, m.Store, func() time.Time { return m.now })
	m.must(err)
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	if len(l.Clicks) > 0 {
		_, err = s.ImportClicks(ctx, l.Clicks)
		m.must(err)
	}
	_, err = s.Report(ctx, l.Events)
	m.must(err)
	stop()
	m.must(<-ended)
	_, err = s.Tick(m.Context())
	m.must(err)
}

// page is a report that was taken in.
type page struct {
	head *reports.Head
	rows [][]string
	next string
}

func (p *page) Begin(h *reports.Head) error { p.head = h; return nil }
func (p *page) Row(cells []string) error    { p.rows = append(p.rows, slices.Clone(cells)); return nil }
func (p *page) End(next string) error       { p.next = next; return nil }
func (p *page) column(name string) int {
	return slices.IndexFunc(p.head.Columns, func(c reports.Column) bool { return c.Name == name })
}

// minor is a cell of a row as an amount.
func (p *page) minor(t testing.TB, row []string, column string) int64 {
	t.Helper()
	i := p.column(column)
	if i < 0 {
		t.Fatalf("there is no column %q", column)
	}
	n, err := money.ParseMinor(row[i], 2)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (m *market) run(q reports.Query) *page {
	m.Helper()
	p := &page{}
	m.must(m.reports.Run(m.Context(), q, p))
	return p
}

func (m *market) balance(kind ledger.Kind, publisher string) (minor int64) {
	m.Helper()
	m.must(m.View(m.Context(), func(tx store.Tx) error {
		book, err := tx.Ledger().Book(m.Context())
		if err != nil {
			return err
		}
		for _, k := range book.Lines() {
			if k.Account.Kind == kind && (publisher == "" || k.Account.Owner == publisher) {
				minor += book.Balance(k.Account, k.Currency)
			}
		}
		return nil
	}))
	return minor
}

func (m *market) turnover(publisher string) (minor int64) {
	m.Helper()
	m.must(m.View(m.Context(), func(tx store.Tx) error {
		all, err := tx.Ledger().Turnover(m.Context(), tr)
		for p, n := range all {
			if publisher == "" || p == publisher {
				minor += n
			}
		}
		return err
	}))
	return minor
}

// R4: what reports say of commission is what the ledger says, to the cent: for everybody and for each publisher, by state, however it is
// broken down, before and after days were added up. The red control books a cent beside the decisions.
func TestR4_ReportsAgreeWithTheLedger(t *testing.T) {
	m := newMarket(t)
	check := func() (wrong []string) {
		for _, publisher := range []string{"", "pub-003", "pub-007", "pub-050"} {
			want := []int64{m.balance(ledger.Tracked, publisher), m.balance(ledger.Pending, publisher), m.turnover(publisher)}
			if publisher == "" && (want[1] == 0 || want[2] == 0) {
				t.Fatalf("the market has nothing to compare: %v", want)
			}
			for _, by := range [][]reports.Dim{nil, {store.DimDay}, {store.DimProduct}, {store.DimAF}, {store.DimDay, store.DimCategory, store.DimTrackingID}} {
				p := m.run(reports.Query{Kind: reports.Orders, Publisher: publisher, By: by})
				for _, rows := range [][][]string{p.rows, p.head.Totals} {
					got := make([]int64, 3)
					for _, r := range rows {
						for i, column := range []string{"commission_tracked", "commission_pending", "commission_approved"} {
							got[i] += p.minor(t, r, column)
						}
					}
					if !slices.Equal(got, want) {
						wrong = append(wrong, fmt.Sprintf("orders of %q by %v are %v, the ledger says %v", publisher, by, got, want))
					}
				}
			}
			p := m.run(reports.Query{Kind: reports.Live, Publisher: publisher})
			var got int64
			for _, r := range p.rows {
				got += p.minor(t, r, "commission")
			}
			if all := want[0] + want[1] + want[2]; got != all {
				wrong = append(wrong, fmt.Sprintf("live orders of %q come to %d, the ledger says %d", publisher, got, all))
			}
			in := m.run(reports.Query{Kind: reports.Income, Publisher: publisher, By: []reports.Dim{store.DimDay}})
			var open, balance, causes int64
			for _, r := range in.rows {
				open += in.minor(t, r, "open")
				balance += in.minor(t, r, "balance")
				for _, c := range []string{"approved", "bonus", "reversed", "held", "payouts", "other"} {
					causes += in.minor(t, r, c)
				}
			}
			if b := m.balance(ledger.Available, publisher) + m.balance(ledger.Clawback, publisher); balance != b || causes != b || open != want[0]+want[1] {
				wrong = append(wrong, fmt.Sprintf("income of %q is %d (%d by cause, %d open), the ledger says %d (%d open)", publisher, balance, causes, open, b, want[0]+want[1]))
			}
		}
		return wrong
	}
	for _, w := range check() {
		t.Error("from rows: " + w)
	}
	if n, err := m.reports.Roll(t.Context()); err != nil || n == 0 {
		t.Fatalf("%d days were added up: %v", n, err)
	}
	for _, w := range check() {
		t.Error("from sums: " + w)
	}
	stray := ledger.Transaction{
		ID: ledger.EntryID(m.now, "stray"), Cause: "stray", Reason: ledger.ReasonPend, Program: tr, Publisher: "pub-003", Currency: "USD", EffectiveAt: m.now, RecordedAt: m.now,
		Movements: []ledger.Movement{{From: ledger.Account{Kind: ledger.Fund, Program: tr}, To: ledger.Of(ledger.Pending, tr, "pub-003"), Amount: 1}},
	}
	m.must(m.Update(t.Context(), func(tx store.Tx) error { return tx.Ledger().Post(t.Context(), []ledger.Transaction{stray}) }))
	if len(check()) == 0 {
		t.Error("a cent beside the decisions is not seen")
	}
}

// R1, R4: on screen (rows of the service), by the API (JSON), as CSV and as XLSX there are the same rows in the same order with the same
// figures; a sub-ID is never a formula.
func TestR4_EveryFormatSaysTheSame(t *testing.T) {
	m := newMarket(t)
	for _, q := range []reports.Query{
		{Kind: reports.Orders, By: []reports.Dim{store.DimPublisher, store.DimDay}, Sort: "-commission"},
		{Kind: reports.Orders, Publisher: "pub-003", By: []reports.Dim{store.DimAF, store.DimProduct}},
		{Kind: reports.Traffic, By: []reports.Dim{store.DimReason}},
		{Kind: reports.Income, By: []reports.Dim{store.DimDay}},
		{Kind: reports.Live, Publisher: "pub-007"},
		{Kind: reports.Live, Basis: store.ByTransaction, Where: []reports.Match{{Dim: store.DimState, Value: "approved"}}},
	} {
		want := m.run(q)
		if len(want.rows) == 0 {
			t.Fatalf("%+v finds nothing", q)
		}
		got := map[export.Format][][]string{}
		for _, f := range []export.Format{export.JSON, export.CSV, export.XLSX} {
			var file bytes.Buffer
			w, err := export.New(f, &file)
			m.must(err)
			m.must(m.reports.Run(t.Context(), q, w))
			m.must(w.Close())
			got[f] = readBack(t, f, file.Bytes(), want.head.Columns)
		}
		for f, rows := range got {
			if !reflect.DeepEqual(rows, want.rows) {
				t.Errorf("%s of %s by %v has other rows: %.300q, want %.300q", f, q.Kind, q.By, rows, want.rows)
			}
		}
	}
}

// readBack reads a file into the cells that were written.
func readBack(t *testing.T, f export.Format, file []byte, columns []reports.Column) (rows [][]string) {
	t.Helper()
	switch f {
	case export.JSON:
		var doc struct {
			Complete struct {
				AsOf time.Time `json:"as_of"`
			} `json:"complete"`
			Rows []map[string]any `json:"rows"`
		}
		d := json.NewDecoder(bytes.NewReader(file))
		d.UseNumber()
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		if doc.Complete.AsOf.IsZero() {
			t.Error("the report does not say as of when it is true")
		}
		for _, r := range doc.Rows {
			row := make([]string, len(columns))
			for i, c := range columns {
				if v := r[c.Name]; v != nil {
					row[i] = fmt.Sprint(v)
				}
			}
			rows = append(rows, row)
		}
	case export.CSV:
		all, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all[1:] {
			for i, cell := range r {
				if strings.HasPrefix(cell, "=") {
					t.Errorf("%q is a formula", cell)
				}
				if columns[i].Kind == reports.Text && strings.HasPrefix(cell, "'=") {
					r[i] = cell[1:]
				}
			}
			rows = append(rows, r)
		}
	case export.XLSX:
		x, err := excelize.OpenReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		all, err := x.GetRows("Report")
		if err != nil {
			t.Fatal(err)
		}
		for n, r := range all[1:] {
			for len(r) < len(columns) {
				r = append(r, "")
			}
			if formula, err := x.GetCellFormula("Report", fmt.Sprintf("B%d", n+2)); err != nil || formula != "" {
				t.Errorf("there is a formula: %q, %v", formula, err)
			}
			rows = append(rows, r)
		}
		if about, err := x.GetRows("About"); err != nil || len(about) < 6 || about[1][0] != "as_of" {
			t.Errorf("the workbook does not say as of when it is true: %v, %v", about, err)
		}
	}
	return rows
}

// R2: breakdowns add up to the same totals, pages follow each other without a gap, and sorting is by value.
func TestR2_BreakdownsAndPages(t *testing.T) {
	m := newMarket(t)
	whole := m.run(reports.Query{Kind: reports.Orders})
	for _, d := range reports.Dims(reports.Orders) {
		p := m.run(reports.Query{Kind: reports.Orders, By: []reports.Dim{d}})
		var commission int64
		for _, r := range p.rows {
			commission += p.minor(t, r, "commission")
		}
		if want := whole.minor(t, whole.rows[0], "commission"); commission != want {
			t.Errorf("by %s the commission is %d, want %d", d, commission, want)
		}
	}
	for _, sort := range []string{"", "-commission", "sold", "-cr", "epc", "-product"} {
		q := reports.Query{Kind: reports.Orders, By: []reports.Dim{store.DimProduct}, Sort: sort}
		all := m.run(q)
		var paged [][]string
		for q.Limit = 7; ; {
			p := m.run(q)
			paged = append(paged, p.rows...)
			if q.After = p.next; q.After == "" {
				break
			}
		}
		if !reflect.DeepEqual(paged, all.rows) {
			t.Errorf("sorted by %q, the pages have other rows than the whole", sort)
		}
		if column := strings.TrimPrefix(sort, "-"); column == "commission" || column == "sold" {
			sign := int64(1)
			if sort[0] == '-' {
				sign = -1
			}
			for i := 1; i < len(all.rows); i++ {
				if sign*all.minor(t, all.rows[i], column) < sign*all.minor(t, all.rows[i-1], column) {
					t.Errorf("sorted by %q, row %d does not follow", sort, i)
				}
			}
		}
	}
}

// R1, L2: live orders come with their sub-IDs, by either day, and can be filtered; rejected ones say why.
func TestR1_LiveOrders(t *testing.T) {
	m := newMarket(t)
	all := m.run(reports.Query{Kind: reports.Live})
	states := map[string]int{}
	for _, r := range all.rows {
		states[r[all.column("state")]]++
		won := r[all.column("publisher")] != ""
		if won != (r[all.column("click")] != "") || won && (r[all.column("dp")] == "" || r[all.column("kind")] != "product" || r[all.column("tracking_id")] != "blog") {
			t.Errorf("a row does not say where it came from: %q", r)
		}
		if state := r[all.column("state")]; (state == "declined" || state == "unattributed") != (r[all.column("reason")] != "") {
			t.Errorf("a row does not say why it earns nothing: %q", r)
		}
	}
	if states["approved"] == 0 || states["pending"] == 0 || states["declined"] == 0 || states["unattributed"] == 0 {
		t.Fatalf("the market is too simple: %v", states)
	}
	for state, n := range states {
		for _, publisher := range []string{""} {
			if p := m.run(reports.Query{Kind: reports.Live, Publisher: publisher, Where: []reports.Match{{Dim: store.DimState, Value: state}}}); len(p.rows) != n {
				t.Errorf("%d orders are %s, want %d", len(p.rows), state, n)
			}
		}
	}
	if p := m.run(reports.Query{Kind: reports.Live, Where: []reports.Match{{Dim: store.DimTrackingID, Value: "blog"}, {Dim: store.DimKind, Value: "home"}}}); len(p.rows) != 0 {
		t.Errorf("%d orders came from links to the home page", len(p.rows))
	}
	one := m.run(reports.Query{Kind: reports.Live, Publisher: "pub-007"})
	if one.column("publisher") >= 0 || len(one.rows) == 0 {
		t.Error("a publisher's orders are told with the publisher, or there are none")
	}
	for _, r := range one.rows {
		if !slices.ContainsFunc(all.rows, func(a []string) bool {
			return a[all.column("publisher")] == "pub-007" && a[all.column("order")] == r[one.column("order")] && a[all.column("item")] == r[one.column("item")]
		}) {
			t.Errorf("%q is not an order of pub-007", r)
		}
	}
}

// R1: rejected clicks are told with their reason.
func TestR1_RejectedClicks(t *testing.T) {
	m := newMarket(t)
	p := m.run(reports.Query{Kind: reports.Traffic, By: []reports.Dim{store.DimReason}})
	if len(p.rows) != 2 || p.rows[1][1] != "bot" || p.rows[1][p.column("rejected")] == "0" || p.rows[1][p.column("clicks")] != "0" {
		t.Errorf("rejected clicks are told as %q", p.rows)
	}
}

// P2: the figures of a program page are those of the report's definitions.
func TestP2_Statistics(t *testing.T) {
	m := newMarket(t)
	s, err := m.reports.Statistics(t.Context(), tr)
	m.must(err)
	p := m.run(reports.Query{Kind: reports.Orders, Program: tr})
	for column, got := range map[string]string{"epc": s.EPC, "cr": s.CR, "approval_rate": s.ApprovalRate} {
		if want := p.rows[0][p.column(column)]; got != want || got == "" {
			t.Errorf("%s is %q on the page and %q in the report", column, got, want)
		}
	}
	if s.HoldHours == "" || s.PaymentHours != "" || s.CR48 != "" {
		t.Errorf("held %q hours, paid after %q hours with nothing paid, CR of 48 silent hours %q", s.HoldHours, s.PaymentHours, s.CR48)
	}
	// Two days on, something was paid, and there are clicks again.
	m.now = m.now.Add(48 * time.Hour)
	pay := ledger.Transaction{
		Cause: "reserve", Reason: ledger.ReasonReserve, Program: tr, Publisher: "pub-003", Currency: s.Currency, EffectiveAt: m.now, RecordedAt: m.now,
	}
	all := m.balance(ledger.Available, "pub-003")
	if all == 0 {
		t.Fatal("pub-003 has nothing to be paid")
	}
	available, paid := ledger.Of(ledger.Available, tr, "pub-003"), ledger.Of(ledger.Paid, tr, "pub-003")
	pay.Reason, pay.ID, pay.Movements = ledger.ReasonPayout, ledger.EntryID(m.now, "reserve"), []ledger.Movement{{From: available, To: paid, Amount: all}}
	fresh := storetest.NewLoad(0, 1).Clicks[:1]
	fresh[0].ID, fresh[0].At = "clk-new", m.now
	m.must(m.Update(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Clicks().Insert(t.Context(), fresh); err != nil {
			return err
		}
		return tx.Ledger().Post(t.Context(), []ledger.Transaction{pay})
	}))
	s, err = m.reports.Statistics(t.Context(), tr)
	m.must(err)
	if s.PaymentHours == "" || s.CR48 != "0.00" {
		t.Errorf("paid after %q hours, CR of 48 hours with a click and no order %q", s.PaymentHours, s.CR48)
	}
	if _, err := m.reports.Statistics(t.Context(), "nowhere"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a program that is not there: %v", err)
	}
}

// R1: clicks of a program that has no terms any more are counted, and have no amounts.
func TestR1_ClicksOfAProgramWithoutTerms(t *testing.T) {
	m := newMarket(t)
	stray := storetest.NewLoad(0, 1).Clicks[:1]
	stray[0].ID, stray[0].Program = "clk-stray", "gone"
	m.must(m.Update(t.Context(), func(tx store.Tx) error {
		_, err := tx.Clicks().Insert(t.Context(), stray)
		return err
	}))
	p := m.run(reports.Query{Kind: reports.Orders, Program: "gone"})
	if len(p.rows) != 1 || p.rows[0][p.column("clicks")] != "1" || p.rows[0][p.column("commission")] != "" || p.rows[0][p.column("epc")] != "" {
		t.Errorf("%q", p.rows)
	}
}

// A9: publishers are ranked by what they earned in the trailing period, once a day.
func TestA9_Ranking(t *testing.T) {
	m := newMarket(t)
	r, err := m.reports.Ranking(t.Context())
	m.must(err)
	earned := map[string]int64{}
	p := m.run(reports.Query{Kind: reports.Orders, By: []reports.Dim{store.DimPublisher}, From: r.From, To: r.To})
	for _, row := range p.rows {
		if n := p.minor(t, row, "commission"); n > 0 && row[1] != "" {
			earned[row[1]] = n
		}
	}
	if len(r.Rows) != len(earned) || len(earned) < 10 {
		t.Fatalf("%d publishers are ranked, %d earned something", len(r.Rows), len(earned))
	}
	for i, row := range r.Rows {
		if row.Rank != i+1 || r.Of(row.Publisher) != i+1 {
			t.Errorf("place %d has rank %d", i+1, row.Rank)
		}
		if i > 0 && earned[row.Publisher] > earned[r.Rows[i-1].Publisher] {
			t.Errorf("%s earned more than %s and ranks behind", row.Publisher, r.Rows[i-1].Publisher)
		}
	}
	if again, err := m.reports.Ranking(t.Context()); err != nil || again != r {
		t.Errorf("the ranking is computed twice a day: %v", err)
	}
	m.now = m.now.AddDate(1, 0, 0)
	later, err := m.reports.Ranking(t.Context())
	m.must(err)
	if len(later.Rows) != 0 || later.Of("pub-003") != 0 {
		t.Errorf("a year later %d publishers are ranked for what they earned then", len(later.Rows))
	}
}

// Questions that cannot be answered say which member is wrong.
func TestR1_Refusals(t *testing.T) {
	m := newMarket(t)
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for member, q := range map[string]reports.Query{
		"kind":    {Kind: "weather"},
		"by":      {Kind: reports.Traffic, By: []reports.Dim{store.DimCategory}},
		"product": {Kind: reports.Income, Where: []reports.Match{{Dim: store.DimProduct, Value: "p"}}},
		"af":      {Kind: reports.Orders, Where: []reports.Match{{Dim: store.DimAF, Value: "\xff"}}},
		"date":    {Kind: reports.Orders, Basis: "moon"},
		"from":    {Kind: reports.Orders, From: day.Add(time.Hour)},
		"sort":    {Kind: reports.Orders, Sort: "-beauty"},
		"limit":   {Kind: reports.Orders, Limit: -1},
		"after":   {Kind: reports.Live, After: "x!"},
		"program": {Kind: reports.Orders, Program: "\x00"},
	} {
		err := m.reports.Run(t.Context(), q, &page{})
		var wrong *reports.QueryError
		if !errors.As(err, &wrong) || wrong.Field != member {
			t.Errorf("%+v: %v, want a word about %s", q, err, member)
		}
	}
	for _, q := range []reports.Query{{Kind: reports.Orders, After: "e30"}, {Kind: reports.Orders, By: []reports.Dim{store.DimDay, store.DimAF, store.DimCN, store.DimCV}}} {
		if err := m.reports.Run(t.Context(), q, &page{}); err == nil {
			t.Errorf("%+v is answered", q)
		}
	}
}
