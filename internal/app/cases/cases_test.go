package cases_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/internal/store/storetest"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/trust"
)

const (
	day = 24 * time.Hour
	pub = "pub-003"
)

// house is a marketplace whose orders are settled, with its trust cases.
type house struct {
	testing.TB
	*cases.Service
	store.Store
	settle *settle.Service
	now    time.Time
	n      int
}

func newHouse(t testing.TB) *house {
	ctx := t.Context()
	db, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{TB: t, Store: db}
	t.Cleanup(func() { h.must(db.Close()) })
	h.must(storetest.Stock(ctx, db))
	load := storetest.NewLoad(0, 410)
	h.now = load.Events[len(load.Events)-1].At
	clock := func() time.Time { h.now = h.now.Add(time.Millisecond); return h.now }
	h.settle, err = settle.New(ctx, db, clock)
	h.must(err)
	running, stop := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- h.settle.Run(running) }()
	_, err = h.settle.ImportClicks(ctx, load.Clicks)
	h.must(err)
	_, err = h.settle.Report(ctx, load.Events)
	h.must(err)
	stop()
	h.must(<-ended)
	h.Service = cases.New(db, h.settle, nil, "https://ledger.example", trust.Defaults(), func() string { h.n++; return fmt.Sprint(h.n) }, clock)
	h.pass(40 * day)
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// pass lets time pass, and what is due happen.
func (h *house) pass(d time.Duration) {
	h.Helper()
	h.now = h.now.Add(d)
	_, err := h.settle.Tick(h.Context())
	h.must(err)
}

// balances are the publisher's: pending, available, hold and debt. The books must be sound whenever they are looked at.
func (h *house) balances() (b [4]int64) {
	h.Helper()
	h.must(h.View(h.Context(), func(tx store.Tx) error {
		var accounts []ledger.Account
		for _, k := range []ledger.Kind{ledger.Pending, ledger.Available, ledger.Hold, ledger.Clawback} {
			accounts = append(accounts, ledger.Of(k, "tr", pub))
		}
		minor, err := tx.Ledger().Balances(h.Context(), "USD", accounts)
		if err != nil {
			return err
		}
		copy(b[:], minor)
		book, err := tx.Ledger().Book(h.Context())
		if err != nil {
			return err
		}
		again, err := tx.Ledger().Rebuild(h.Context())
		if err != nil {
			return err
		}
		for c, sum := range book.TrialBalance() {
			if sum != 0 {
				h.Errorf("I1: the trial balance in %s is %d", c, sum)
			}
		}
		// M4: what lists of open items say is kept back, pending and held, is what the books have.
		var pending, held int64
		if err := tx.Decisions().Open(h.Context(), "tr", pub, func(o store.OpenItem) error {
			switch {
			case o.Held:
				held += o.Amount
			case o.State == "pending":
				pending += o.Amount
			}
			return nil
		}); err != nil {
			return err
		}
		if pending != b[0] || held != b[2] {
			h.Errorf("M4: open items hold %d pending and %d kept back, the books %d and %d", pending, held, b[0], b[2])
		}
		for _, l := range book.Lines() {
			if book.Balance(l.Account, l.Currency) != again.Balance(l.Account, l.Currency) {
				h.Errorf("I7: %v", l.Account)
			}
		}
		return nil
	}))
	return b
}

// records are the publisher's items in a state.
func (h *house) records(state string) (rs []store.Record) {
	h.Helper()
	h.must(h.View(h.Context(), func(tx store.Tx) (err error) {
		rs, _, err = tx.Decisions().Page(h.Context(), store.RecordFilter{Program: "tr", Publisher: pub, State: state}, "", 100)
		return err
	}))
	earning := rs[:0]
	for _, r := range rs {
		if r.Amount > 0 || state == "declined" {
			earning = append(earning, r)
		}
	}
	return earning
}

// open opens a case about some records, by ann.
func (h *house) open(rs ...store.Record) trust.Case {
	h.Helper()
	d := cases.Draft{Program: "tr", Publisher: pub, Category: "bots", Evidence: []trust.Evidence{{Kind: "text", Text: "a hundred clicks in a second"}}}
	for _, r := range rs {
		d.Items = append(d.Items, cases.Ref{Order: r.Order, Item: r.Item})
	}
	c, err := h.Open(h.Context(), d, "ann")
	h.must(err)
	return c
}

func ruling(s ...trust.Sanction) trust.Ruling {
	return trust.Ruling{By: "bob", Sanctions: s, Reason: "bots", Note: "the log shows it"}
}

func sum(rs []store.Record) (minor int64) {
	for _, r := range rs {
		minor += r.Amount
	}
	return minor
}

// M4: held, the items' money stands in hold and nowhere else; cleared, the books are as if nothing had been; deducted it is gone, under
// its own name; restored on appeal it is all there again.
func TestM4_HeldClearedDeductedRestored(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	some := h.records("approved")[:3]
	before, amount := h.balances(), sum(some)
	c := h.open(some...)
	if got := h.balances(); got != before {
		t.Errorf("opening a case moved money: %v, was %v", got, before)
	}
	c, err := h.Hold(ctx, c.ID)
	h.must(err)
	held := [4]int64{before[0], before[1] - amount, before[2] + amount, before[3]}
	if got := h.balances(); got != held || c.State != trust.Notified {
		t.Errorf("held: %v, want %v", got, held)
	}
	if got := sum(h.records("pending")); got < amount {
		t.Errorf("%d are pending, %d are held", got, amount)
	}
	// Another case does not take the same money twice.
	other := h.open(some[0])
	if _, err = h.Hold(ctx, other.ID); err != nil {
		t.Fatal(err)
	}
	if got := h.balances(); got != held {
		t.Errorf("held twice: %v, want %v", got, held)
	}
	if _, err := h.Release(ctx, other.ID, "bob", "a mistake"); err != nil {
		t.Fatal(err)
	}
	if got := h.balances(); got != held {
		t.Errorf("the other case let go what the first one holds: %v, want %v", got, held)
	}
	_, err = h.Release(ctx, c.ID, "ann", "nothing in it")
	h.must(err)
	if got := h.balances(); got != before {
		t.Errorf("cleared: %v, want %v", got, before)
	}

	c = h.open(some...)
	_, err = h.Hold(ctx, c.ID)
	h.must(err)
	h.pass(15 * day)
	if _, err := h.Decide(ctx, c.ID, trust.Ruling{By: "ann", Sanctions: []trust.Sanction{trust.Deduction}, Reason: "bots", Note: "x"}); !errors.Is(err, trust.ErrSamePerson) {
		t.Errorf("who opened the case decided: %v", err)
	}
	c, err = h.Decide(ctx, c.ID, ruling(trust.Deduction))
	h.must(err)
	gone := before
	gone[1] -= amount
	if got := h.balances(); got != gone || c.State != trust.Deducted {
		t.Errorf("deducted: %v, want %v; %s", got, gone, c.State)
	}
	if _, err := h.Appeal(ctx, c.ID, "pub-004", "eve", "mine", nil); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("somebody else appealed: %v", err)
	}
	_, err = h.Appeal(ctx, c.ID, pub, "pat", "that is a family", nil)
	h.must(err)
	if _, err := h.DecideAppeal(ctx, c.ID, "bob", true, "well"); !errors.Is(err, trust.ErrSamePerson) {
		t.Errorf("who decided looked at the appeal: %v", err)
	}
	_, err = h.DecideAppeal(ctx, c.ID, "cem", true, "they are right")
	h.must(err)
	if got := h.balances(); got != before {
		t.Errorf("restored: %v, want %v", got, before)
	}
	s, err := h.Statistics(ctx, "tr")
	h.must(err)
	if s.Cases != 3 || s.Released != 2 || s.Sanctioned != 1 || s.Deducted != 1 || s.Appeals != 1 || s.Restored != 1 || s.Open != 0 || len(s.Taken) != 1 || s.Taken[0].Minor != amount || s.Returned[0] != s.Taken[0] {
		t.Errorf("statistics %+v", s)
	}
	var log []string
	h.must(h.View(ctx, func(tx store.Tx) error {
		entries, _, err := tx.Platform().Accounts().Audit().Page(ctx, store.AuditFilter{}, "", 50)
		for _, e := range entries {
			if e.Object == "case "+c.ID {
				log = append(log, e.Action)
			}
		}
		return err
	}))
	if got := strings.Join(log, " "); got != "case.appeal_decided case.appealed case.decided case.held case.opened" {
		t.Errorf("the audit log says %q", got)
	}
}

// M4: what was paid out already is not held, so that a suspicion makes no debt; the decision takes it, and then it is owed.
func TestM4_PaidOutAlready(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	some := h.records("approved")[:2]
	all := h.balances()[1]
	h.must(h.Update(ctx, func(tx store.Tx) error {
		return tx.Ledger().Post(ctx, []ledger.Transaction{{
			ID: ledger.EntryID(h.now, "x"), Cause: "x", Reason: ledger.ReasonReserve, Program: "tr", Publisher: pub, Currency: "USD", EffectiveAt: h.now, RecordedAt: h.now,
			Movements: []ledger.Movement{{From: ledger.Of(ledger.Available, "tr", pub), To: ledger.Of(ledger.Reserved, "tr", pub), Amount: all}},
		}})
	}))
	c := h.open(some...)
	_, err := h.Hold(ctx, c.ID)
	h.must(err)
	if b := h.balances(); b[2] != 0 || b[3] != 0 {
		t.Errorf("held and owed after the payout: %v", b)
	}
	h.pass(14 * day)
	_, err = h.Decide(ctx, c.ID, ruling(trust.Deduction))
	h.must(err)
	if b := h.balances(); b[1] != 0 || b[3] != -sum(some) {
		t.Errorf("after the decision %v, owed are %d", b, sum(some))
	}
}

// M4: a hold that nobody decided on is given back after 30 days, by the job; a decision stands when the time to appeal is over.
func TestM4_TheJobLetsHoldsRunOut(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	before := h.balances()
	c := h.open(h.records("approved")[:2]...)
	_, err := h.Hold(ctx, c.ID)
	h.must(err)
	h.now = h.now.Add(30*day - time.Second)
	if out, stand, err := h.Elapse(ctx); out != 0 || stand != 0 || err != nil {
		t.Errorf("a second early: %d, %d, %v", out, stand, err)
	}
	h.now = h.now.Add(time.Second)
	if out, _, err := h.Elapse(ctx); out != 1 || err != nil {
		t.Errorf("%d ran out, %v", out, err)
	}
	if got := h.balances(); got != before {
		t.Errorf("%v, want %v", got, before)
	}
	if c, err := h.Case(ctx, c.ID); err != nil || c.Outcome != trust.TimedOut {
		t.Errorf("%+v, %v", c, err)
	}
}

// F5: a block keeps the ad spaces out from the decision on; an upheld appeal lets them in again. Open commissions can be declined.
func TestF5_BlockAndDeclineOpen(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	blocked := func() (n int) {
		h.must(h.View(ctx, func(tx store.Tx) error {
			all, err := tx.Facts().AdSpaces(ctx)
			for _, s := range all {
				if s.Program == "tr" && !s.BlockedAt.IsZero() {
					n++
				}
			}
			return err
		}))
		return n
	}
	was := blocked()
	c := h.open(h.records("approved")[0])
	_, err := h.Hold(ctx, c.ID)
	h.must(err)
	_, err = h.Answer(ctx, c.ID, pub, "pat", "why?")
	h.must(err)
	c, err = h.Decide(ctx, c.ID, ruling(trust.Block, trust.DeclineOpen))
	h.must(err)
	if c.State == trust.Proposed {
		c, err = h.Approve(ctx, c.ID, "dan")
		h.must(err)
	}
	if blocked() <= was || len(h.records("pending"))+len(h.records("tracked")) != 0 {
		t.Errorf("%d ad spaces are blocked, were %d; %d open commissions", blocked(), was, len(h.records("pending")))
	}
	if h.balances()[2] != 0 {
		t.Error("what the decision does not take is still held")
	}
	_, err = h.Appeal(ctx, c.ID, pub, "pat", "no", nil)
	h.must(err)
	_, err = h.DecideAppeal(ctx, c.ID, "cem", true, "right")
	h.must(err)
	if blocked() != was {
		t.Errorf("%d ad spaces are blocked after the appeal, were %d", blocked(), was)
	}
}

func second[T any](_ T, err error) error { return err }

// M4: what the marketplace reported as fraud is a deduction without a case, and open to appeal, once and by its publisher only.
func TestM4_AppealAgainstTheMarketplace(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	before, r := h.balances(), h.records("approved")[0]
	running, stop := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- h.settle.Run(running) }()
	out, err := h.settle.Report(ctx, []order.Event{
		{Key: r.Key, Kind: order.Fraud, At: h.now, Items: []string{r.Item}, Evidence: "stolen card"}, {Key: r.Key, Kind: order.Held, At: h.now, Items: []string{r.Item}, Case: "case_x", Evidence: "bots"},
	})
	h.must(err)
	stop()
	h.must(<-ended)
	if out[0].Err != nil || out[1].Err == nil { // a marketplace cannot tell what only a case may
		t.Fatalf("%+v", out)
	}
	if _, err := h.AppealReport(ctx, r.Key, r.Item, "pub-004", "eve", "mine", nil); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("somebody else: %v", err)
	}
	h.now = h.now.Add(day)
	if _, err := h.AppealReport(ctx, r.Key, r.Item, pub, "pat", "it was not", &cases.Upload{Name: "letter.exe", Data: []byte("MZ\x00")}); err == nil {
		t.Error("a program came with an appeal")
	}
	c, err := h.AppealReport(ctx, r.Key, r.Item, pub, "pat", "it was not", &cases.Upload{Name: "letter.txt", Data: []byte("from the bank")})
	h.must(err)
	if c.State != trust.Appealed || c.Items[0].Amount != r.Amount || c.Appeal.File != 1 {
		t.Errorf("%+v", c)
	}
	files, err := h.OwnFiles(ctx, c.ID, pub)
	h.must(err)
	if len(files) != 1 || files[0].Name != "letter.txt" || files[0].By != "pat" || !files[0].FromPublisher || len(files[0].Data) != 0 {
		t.Errorf("the files are %+v", files)
	}
	if f, err := h.OwnFile(ctx, c.ID, pub, 1); err != nil || string(f.Data) != "from the bank" {
		t.Errorf("the file is %q, %v", f.Data, err)
	}
	for _, err := range []error{second(h.OwnFiles(ctx, c.ID, "pub-004")), second(h.OwnFile(ctx, c.ID, "pub-004", 1)), second(h.Files(ctx, "case_none"))} {
		if !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("somebody else's files: %v", err)
		}
	}
	var field *field.Error
	if _, err := h.AppealReport(ctx, r.Key, r.Item, pub, "pat", "again", nil); !errors.As(err, &field) {
		t.Errorf("twice: %v", err)
	}
	if _, err = h.DecideAppeal(ctx, c.ID, "ann", true, "right"); err != nil {
		t.Fatal(err)
	}
	if got := h.balances(); got != before {
		t.Errorf("%v, want %v", got, before)
	}
}

// M4, F5: a publisher sees its own cases only, when it was told, and neither who works on them nor what is only proposed.
func TestM4_WhatPublishersSee(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	c := h.open(h.records("approved")[0])
	for _, p := range []string{pub, "pub-004", ""} {
		if _, err := h.Own(ctx, c.ID, p); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("%q sees a case that nobody was told of: %v", p, err)
		}
	}
	_, err := h.Hold(ctx, c.ID)
	h.must(err)
	_, err = h.Say(ctx, c.ID, "ann", "what is this?")
	h.must(err)
	own, err := h.Own(ctx, c.ID, pub)
	h.must(err)
	if text := fmt.Sprintf("%+v", own); strings.Contains(text, "ann") || strings.Contains(text, "hundred clicks") {
		t.Errorf("the publisher reads %s", text)
	}
	if _, err := h.Own(ctx, c.ID, "pub-004"); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("another publisher sees it: %v", err)
	}
	if all, _, err := h.ListOwn(ctx, "pub-004", "", 10); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
	h.pass(14 * day)
	_, err = h.Decide(ctx, c.ID, ruling(trust.Deduction))
	h.must(err)
	if own, err = h.Own(ctx, c.ID, pub); err != nil || len(own.Evidence) != 1 || own.Ruling.By != "" || own.Ruling.Note == "" {
		t.Errorf("after the decision %+v, %v", own, err)
	}
	// A case is about the publisher's own items, and of the program.
	var field *field.Error
	for _, d := range []cases.Draft{
		{Program: "tr", Publisher: "nobody", Category: "bots", Items: []cases.Ref{{Order: own.Items[0].Order}}, Evidence: own.Evidence},
		{Program: "tr", Publisher: pub, Category: "bots", Items: []cases.Ref{{Order: "no such order"}}, Evidence: own.Evidence},
		{Program: "tr", Publisher: pub, Category: "mood", Evidence: own.Evidence}, {Program: "tr", Publisher: pub, Category: "bots"},
		{Program: "tr", Publisher: pub, Category: "bots", Evidence: []trust.Evidence{{Kind: "text", Text: strings.Repeat("x", 5000)}}},
	} {
		if _, err := h.Open(ctx, d, "ann"); !errors.As(err, &field) {
			t.Errorf("%+v: %v", d, err)
		}
	}
}

// F2: a day of more than 1,000 clicks without an action makes a signal, once, and holds nothing; the next such day is evidence of the same.
func TestF2_CriticalTrafficMakesSignals(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	first := h.now.Truncate(day).Add(day)
	flood := func(from time.Time, n int) {
		var clicks []*click.Click
		for i := range n {
			clicks = append(clicks, &click.Click{ID: fmt.Sprint(from.Unix(), "-", i), At: from.Add(time.Duration(i) * time.Second), Program: "tr", Visitor: fmt.Sprint("v", i), Channel: click.Affiliate,
				Publisher: pub, AdSpace: "s", Target: click.Target{Kind: 1}})
		}
		h.must(h.Update(ctx, func(tx store.Tx) error {
			_, err := tx.Clicks().Insert(ctx, clicks)
			return err
		}))
	}
	flood(first, 1001)
	flood(first.Add(day), 1000)
	flood(first.Add(2*day), 1002)
	before := h.balances()
	for _, x := range []struct {
		day  int
		want int
	}{{0, 1}, {0, 1}, {1, 0}, {2, 1}, {2, 1}} {
		if met, err := h.Detect(ctx, first.AddDate(0, 0, x.day)); err != nil || met != x.want {
			t.Errorf("day %d: %d, want %d; %v", x.day, met, x.want, err)
		}
	}
	all, _, err := h.List(ctx, cases.Filter{Publisher: pub}, "", 10)
	h.must(err)
	if len(all) != 1 || all[0].State != trust.Signal || len(all[0].Evidence) != 2 || !strings.Contains(all[0].Evidence[0].Text, "1001 clicks") || h.balances() != before {
		t.Errorf("%+v", all)
	}
}

// M4: who acts for no publisher does nothing in a publisher's case, and nobody does anything in another one's.
func TestM4_NobodysPublisherIsInNoCase(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	var record store.Record
	h.must(h.View(ctx, func(tx store.Tx) error {
		all, _, err := tx.Decisions().Page(ctx, store.RecordFilter{Program: "tr", Publisher: pub, State: "approved"}, "", 1)
		if err == nil {
			record = all[0]
		}
		return err
	}))
	c, err := h.Open(ctx, cases.Draft{Program: "tr", Publisher: pub, Category: "bots", Items: []cases.Ref{{Order: record.Order, Item: record.Item}}, Evidence: []trust.Evidence{{Kind: "text", Text: "seen"}}}, "ida")
	h.must(err)
	_, err = h.Hold(ctx, c.ID)
	h.must(err)
	file := cases.Upload{Name: "a.txt", Data: []byte("text")}
	for _, other := range []string{"", "pub-004"} {
		_, answered := h.Answer(ctx, c.ID, other, "eve", "it was not me")
		_, sent := h.AnswerWith(ctx, c.ID, other, "eve", "it was not me", file)
		_, appealed := h.Appeal(ctx, c.ID, other, "eve", "it was not me", nil)
		_, reported := h.AppealReport(ctx, order.Key{Program: "tr", Order: record.Order}, record.Item, other, "eve", "it was not me", nil)
		for what, err := range map[string]error{"answers": answered, "sends a file": sent, "appeals": appealed, "appeals against a report": reported} {
			if !errors.Is(err, cases.ErrNotFound) {
				t.Errorf("%q %s: %v", other, what, err)
			}
		}
	}
	if now, err := h.Case(ctx, c.ID); err != nil || len(now.Messages) > 0 {
		t.Errorf("the case has %v, %v", now.Messages, err)
	}
}
