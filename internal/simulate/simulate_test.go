package simulate

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/edge"
	"github.com/clickledger/clickledger/internal/edge/httpd"
	"github.com/clickledger/clickledger/internal/edge/links"
	"github.com/clickledger/clickledger/internal/edge/record"
	"github.com/clickledger/clickledger/internal/edgenode"
	"github.com/clickledger/clickledger/internal/linkfeed"
	"github.com/clickledger/clickledger/internal/vfs"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// The same shape makes the same visits, another seed others.
func TestVisitsFollowFromTheSeed(t *testing.T) {
	make := func(seed uint64) []Visit {
		s := New(Shape{Seed: seed, Links: 50, Rate: 100, Length: 20 * time.Second})
		var all []Visit
		for v, ok := s.Next(); ok; v, ok = s.Next() {
			all = append(all, v)
		}
		return all
	}
	one := make(1)
	if !reflect.DeepEqual(one, make(1)) || reflect.DeepEqual(one, make(2)) {
		t.Error("the visits do not follow from the seed")
	}
	seen := map[Behaviour]int{}
	for _, v := range one {
		seen[v.As]++
	}
	if len(one) < 1500 || len(one) > 2500 || len(seen) != int(behaviours) {
		t.Errorf("%d visits in 20 s at 100 a second, of %d kinds", len(one), len(seen))
	}
}

// The day has a sale, with twice the traffic; one shopper in four has been there before, and mostly goes somewhere else.
func TestASaleHasItsPeakAndShoppersReturn(t *testing.T) {
	const length = 100 * time.Second
	s := New(Shape{Seed: 4, Links: 500, Rate: 300, Length: length})
	var tenths [10]int
	var shoppers, back, elsewhere int
	seen := make(map[netip.Addr]int)
	for v, ok := s.Next(); ok; v, ok = s.Next() {
		tenths[int(10*(v.Due+length/20)/length)%10]++ // the eighth is the sale
		if v.As != Shopper && v.As != Returning {
			continue
		}
		shoppers++
		link, known := seen[v.Address]
		if v.As == Returning {
			back++
			if !known {
				t.Fatalf("%s returns and was never there", v.Address)
			}
			if link != v.Link {
				elsewhere++
			}
		}
		seen[v.Address] = v.Link
	}
	usual := 0
	for i, n := range tenths {
		if i != 8 {
			usual = max(usual, n)
		}
	}
	if float64(tenths[8]) < 1.4*float64(usual) {
		t.Errorf("the sale has %d clicks, another tenth of the day has %d", tenths[8], usual)
	}
	if share := float64(back) / float64(shoppers); share < 0.2 || share > 0.3 || elsewhere < back*9/10 {
		t.Errorf("%d of %d shoppers return, %d of them to another link", back, shoppers, elsewhere)
	}
}

// T6: a flood ends before the edge's hour is over, so that none of its clicks counts again.
func TestT6_FloodsEndWithinTheHour(t *testing.T) {
	s := New(Shape{Seed: 1, Links: 5, Rate: 2, Length: 4 * time.Hour, Bad: 0.5})
	type who struct {
		address netip.Addr
		link    int
	}
	first := make(map[who]time.Duration)
	for v, ok := s.Next(); ok; v, ok = s.Next() {
		if v.As != Flooder {
			continue
		}
		k := who{v.Address, v.Link}
		if _, known := first[k]; !known {
			first[k] = v.Due
		}
		if v.Due-first[k] >= time.Hour {
			t.Fatalf("a flood that began at %v goes on at %v", first[k], v.Due)
		}
	}
	if len(first) < 10 {
		t.Errorf("%d floods in four hours", len(first))
	}
}

// lossy logs nothing now and then and says that it did: what the comparison must find.
type lossy struct {
	log   *clicklog.Log
	every int
	n     int
	mu    sync.Mutex
}

func (l *lossy) drops() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	return l.every > 0 && l.n%l.every == 0
}

func (l *lossy) Append(data []byte) error {
	if l.drops() {
		return nil
	}
	return l.log.Append(data)
}

// Start is what the edge calls in place of Append, as of the log itself.
func (l *lossy) Start(data []byte) (*clicklog.Ticket, error) {
	if l.drops() {
		return nil, nil
	}
	return l.log.Start(data)
}

// simulate runs the source against an edge with a click log, and returns the report, and how many of the acknowledged clicks the
// log does not have.
func simulate(t *testing.T, o Options, loseEvery int, change ...func(*edge.Config)) (*Report, int) {
	t.Helper()
	keys := edgenode.NewKeys(time.Now().Add(-time.Minute))
	table, err := links.New(0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := linkfeed.EnterDocuments(table, nil, time.Now()); err != nil {
		t.Fatal(err)
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		code, err := keys.Code.Code(uint64(i + 1))
		if err != nil {
			t.Fatal(err)
		}
		if err := table.Put(&links.Link{Code: code, ID: uint64(i + 1), Program: "global-eu", Publisher: "ann", AdSpace: "blog", Target: link.Target{Kind: program.LinkHome}}); err != nil {
			t.Fatal(err)
		}
		o.Addresses = append(o.Addresses, fmt.Sprintf("http://%s/e/%s", ln.Addr(), code))
	}
	dir := filepath.Join(t.TempDir(), "log")
	log, err := clicklog.Open(vfs.OS{}, dir, clicklog.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	c := edge.Config{Table: table, Keys: keys.Tokens, Log: &lossy{log: log, every: loseEvery}, Now: time.Now, Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	for _, f := range change {
		f(&c)
	}
	e, err := edge.New(c)
	if err != nil {
		t.Fatal(err)
	}
	e.SetReady(true)
	plain := &httpd.Plain{Edge: e, Now: time.Now}
	done := make(chan error, 1)
	go func() { done <- plain.Serve(ln) }()
	var mu sync.Mutex
	acknowledged := make(map[token.ID]bool)
	o.Parameter, o.Now = link.DefaultParam, time.Now
	o.Clicked = func(_ *Visit, text string) {
		claims, err := keys.Tokens.Parse(text, time.Now())
		if err != nil {
			t.Errorf("the token %q: %v", text, err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		acknowledged[claims.Click] = true
	}
	rep, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	<-done
	r, err := log.Reader(clicklog.Position{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		batch, err := r.Read(1000, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) == 0 {
			break
		}
		for i := range batch {
			var c record.Record
			if err := c.Decode(batch[i].Payload); err != nil {
				t.Fatal(err)
			}
			delete(acknowledged, c.Click)
		}
	}
	r.Close()
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return rep, len(acknowledged)
}

// T6, L3: every kind of visitor gets the verdict that it was made for, and every click that was acknowledged is in the log; a log that
// loses clicks and says nothing is found out.
func TestT6_VerdictsOfTheSimulation(t *testing.T) {
	for _, way := range []bool{false, true} {
		rep, lost := simulate(t, Options{Shape: Shape{Seed: 7, Bad: 0.4}, Clicks: 1500, Workers: 4, Close: way}, 0)
		if rep.Clicks != 1500 || rep.Acknowledged != 1500 || rep.WithoutToken > 0 || lost > 0 {
			t.Errorf("connections closed %v: %+v, %d acknowledged clicks are not in the log", way, rep, lost)
		}
		if n := rep.Wrong(); n > 0 {
			t.Errorf("%d clicks were judged otherwise than they were meant: %v", n, rep.Verdicts)
		}
		flood := rep.Verdicts[Flooder.String()]
		valid := flood["valid"]["valid"] + flood["duplicate"]["valid"]
		if wanted := flood["valid"]["valid"] + flood["valid"]["duplicate"]; valid != wanted || len(flood["duplicate"]) == 0 {
			t.Errorf("%d clicks of floods counted, want %d: %v", valid, wanted, flood)
		}
	}
	// The control: an edge that lets more clicks of a flood count than it should.
	if rep, _ := simulate(t, Options{Shape: Shape{Seed: 7, Bad: 0.4, Flooded: 3}, Clicks: 1500, Workers: 4}, 0); rep.Wrong() == 0 || rep.Wrong() != rep.floodsPassed() {
		t.Errorf("the control: floods passed, and %d clicks are called wrong: %v", rep.Wrong(), rep.Verdicts)
	}
	if _, lost := simulate(t, Options{Shape: Shape{Seed: 7}, Clicks: 300, Workers: 4}, 10); lost != 30 {
		t.Errorf("the control: %d lost clicks were found, of 30", lost)
	}
}

// At a rate the clicks come at their times, and the latency counts from those.
func TestOpenLoop(t *testing.T) {
	rep, lost := simulate(t, Options{Shape: Shape{Seed: 3, Rate: 400, Length: 2 * time.Second}, Workers: 16}, 0)
	if rep.Acknowledged < 500 || rep.Acknowledged != rep.Clicks || lost > 0 || rep.Latency.Quantile(0.5) <= 0 || rep.Took < time.Second {
		t.Errorf("%+v, %d lost", rep, lost)
	}
}

// L3: when more clicks come than may wait, some are turned away with a 503; they are counted as that by both sides, and of those that were
// answered with a redirect none is lost. A log that loses clicks is found out here too.
func TestL3_SheddingLosesNothing(t *testing.T) {
	for _, loseEvery := range []int{0, 7} {
		reg := prometheus.NewRegistry()
		rep, lost := simulate(t, Options{Shape: Shape{Seed: 11}, Clicks: 3000, Workers: 64}, loseEvery, func(c *edge.Config) { c.MaxInFlight, c.Metrics = 2, reg })
		if rep.Shed == 0 || rep.Acknowledged == 0 || rep.Failed > 0 || rep.Shed+rep.Acknowledged != rep.Clicks {
			t.Errorf("nothing is tested: %d acknowledged, %d shed, %d failed of %d", rep.Acknowledged, rep.Shed, rep.Failed, rep.Clicks)
		}
		if lost != 0 && loseEvery == 0 || lost == 0 && loseEvery > 0 {
			t.Errorf("losing one in %d, %d acknowledged clicks are not in the log", loseEvery, lost)
		}
		all, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		counted := 0
		for _, f := range all {
			for _, m := range f.GetMetric() {
				if f.GetName() == "clickledger_edge_shed_total" && m.GetLabel()[0].GetValue() == "click" {
					counted = int(m.GetCounter().GetValue())
				}
			}
		}
		if counted != rep.Shed {
			t.Errorf("the edge counted %d clicks that it turned away, the simulator %d", counted, rep.Shed)
		}
	}
}

// A server that is not there is no crash: the report says so.
func TestNobodyAnswers(t *testing.T) {
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	ln.Close()
	rep, err := Run(t.Context(), Options{Addresses: []string{"http://" + address + "/e/x"}, Clicks: 20, Workers: 2, Now: time.Now})
	if err != nil || rep.Failed != 20 || len(rep.Errors) == 0 {
		t.Errorf("%+v, %v", rep, err)
	}
	if _, err := Run(t.Context(), Options{Clicks: 1, Now: time.Now}); err == nil {
		t.Error("a run without links")
	}
}
