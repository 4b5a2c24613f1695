package edge

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/edge/links"
	"github.com/clickledger/clickledger/internal/edge/record"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 20, 12, 0, 0, 123456000, time.UTC)

const browser = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"

type memLog struct {
	mu      sync.Mutex
	records [][]byte
	err     error
}

func (l *memLog) Append(b []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	l.records = append(l.records, bytes.Clone(b))
	return nil
}

// world is an edge with what it needs, and a clock that the test turns.
type world struct {
	t     testing.TB
	edge  *Edge
	table *links.Table
	log   *memLog
	keys  *token.Keyring
	now   time.Time
	reg   *prometheus.Registry
}

func newWorld(t testing.TB, change ...func(*Config)) *world {
	t.Helper()
	w := &world{t: t, log: &memLog{}, now: noon, reg: prometheus.NewRegistry()}
	var err error
	if w.table, err = links.New(100, 1); err != nil {
		t.Fatal(err)
	}
	w.program(func(*links.Program) {})
	if w.keys, err = token.NewKeyring(token.Key{ID: 1, Secret: token.Secret{1}, From: noon.AddDate(-1, 0, 0)}); err != nil {
		t.Fatal(err)
	}
	c := Config{Table: w.table, Keys: w.keys, Log: w.log, Now: func() time.Time { return w.now }, Metrics: w.reg, Flood: Flood{Log: 12},
		Country: func(a netip.Addr) [2]byte {
			if a == netip.MustParseAddr("198.51.100.4") {
				return [2]byte{'D', 'E'}
			}
			return [2]byte{}
		}}
	for _, f := range change {
		f(&c)
	}
	if w.edge, err = New(c); err != nil {
		t.Fatal(err)
	}
	w.link("Live000000", func(*links.Link) {})
	return w
}

func (w *world) program(change func(*links.Program)) {
	w.t.Helper()
	site, err := link.NewSite([]string{"shop.example"}, "https://shop.example/home", "")
	if err != nil {
		w.t.Fatal(err)
	}
	p := links.Program{ID: "prog", Site: site, Traffic: program.TrafficPolicy{Default: program.Allowed, ByType: map[program.TrafficType]program.Policy{program.Popup: program.Forbidden, program.Email: program.NeedsApproval}}}
	change(&p)
	if err := w.table.PutProgram(p); err != nil {
		w.t.Fatal(err)
	}
}

func code(t testing.TB, text string) link.Code {
	t.Helper()
	c, ok := link.ParseCode(text)
	if !ok {
		t.Fatalf("%q is no code", text)
	}
	return c
}

func (w *world) link(text string, change func(*links.Link)) {
	w.t.Helper()
	l := &links.Link{Code: code(w.t, text), ID: uint64(code(w.t, text)) % 1000003, Program: "prog", Publisher: "4711", AdSpace: "17", TrackingID: "blog",
		Target: link.Target{Kind: program.LinkHot, Product: "p1", Store: "s1", URL: "https://shop.example/item/1?a=%20b&c#top"}}
	change(l)
	if err := w.table.Put(l); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) space(id string, kind program.TrafficType, approved, blocked time.Time) {
	w.t.Helper()
	if err := w.table.PutSpace(&publisher.AdSpace{ID: id, Publisher: "4711", Program: "prog", TrafficType: kind, ApprovedAt: approved, BlockedAt: blocked}); err != nil {
		w.t.Fatal(err)
	}
}

// person is a request as a browser sends it when somebody follows a link.
func person(target string) *Request {
	return &Request{Method: []byte("GET"), Target: []byte(target), Peer: netip.MustParseAddr("203.0.113.9"), UserAgent: []byte(browser),
		FetchDest: []byte("document"), FetchMode: []byte("navigate"), FetchUser: []byte("?1"), FetchSite: []byte("cross-site")}
}

// result is an answer and the record that belongs to it, with memory of their own.
type result struct {
	Status                    int
	Location, Verdict, Cookie string
	Body                      string
	Record                    record.Record
	Logged                    bool
}

func (w *world) click(req *Request) result {
	w.t.Helper()
	resp := w.edge.Acquire()
	defer w.edge.Release(resp)
	w.edge.Answer(req, resp)
	r := result{resp.Status, string(resp.Location), string(resp.Verdict), string(resp.Cookie), string(resp.Body), record.Record{}, len(resp.Record) > 0}
	if r.Logged {
		if err := r.Record.Decode(bytes.Clone(resp.Record)); err != nil {
			w.t.Fatal(err)
		}
	}
	return r
}

// L2, L3: a click is redirected to its target with a token that proves it, the query stays what it was, and the record has all.
func TestL3_AClick(t *testing.T) {
	w := newWorld(t)
	w.space("17", program.Content, noon.AddDate(0, 0, -1), time.Time{})
	req := person("/e/Live000000?dp=d&af=a+b&utm_source=x&cv=%E2%82%AC")
	req.Peer = netip.MustParseAddr("198.51.100.4")
	req.Referer = []byte("https://reader:pw@Blog.Example/best/phones?session=secret#here")
	got := w.click(req)
	r := got.Record

	want := "https://shop.example/item/1?a=%20b&c&clk="
	if got.Status != 302 || !strings.HasPrefix(got.Location, want) || !strings.HasSuffix(got.Location, "#top") || got.Verdict != "valid" || got.Cookie != "" {
		t.Fatalf("answered %+v", got)
	}
	claims, err := w.keys.Parse(got.Location[len(want):len(want)+token.Len], w.now)
	if err != nil {
		t.Fatal(err)
	}
	if wantClaims := (token.Claims{Click: r.Click, Link: r.Link, Sub: token.DigestOf(&r.Sub), Verdict: click.Valid}); claims != wantClaims || r.Click.Time() != noon {
		t.Errorf("the token says %+v; the record %+v", claims, wantClaims)
	}
	if id := uint64(code(t, "Live000000")) % 1000003; r.Link != id {
		t.Errorf("the link is %d; want %d", r.Link, id)
	}
	says := fmt.Sprintf("%s %s %s %s | %s %s %s | %q | %s %s rep %d | %s %s %s %s | %s %s | %s | %05b", r.Program, r.Publisher, r.AdSpace, r.TrackingID, r.Kind, r.Product, r.Store, r.Sub,
		r.Verdict, r.Reason, r.Repeat, r.Country, r.Device, r.Agent, r.OS, r.Network, r.Referrer, r.Consent, r.Flags)
	if want := `prog 4711 17 blog | hot p1 s1 | ["a b" "" "€" "d"] | valid  rep 1 | DE mobile Chrome Android | 198.51.100.0/24 blog.example/best/phones | unknown | 11100`; says != want {
		t.Errorf("recorded is\n%s; want\n%s", says, want)
	}
	if len(r.UserAgent) != 0 || len(r.Visitor) != 0 || r.Hash == [8]byte{} {
		t.Errorf("kept beyond need: user agent %q, visitor %q; hash %x", r.UserAgent, r.Visitor, r.Hash)
	}
	if len(w.log.records) != 1 {
		t.Errorf("%d records are logged", len(w.log.records))
	}
}

// verdictCase is a way to be judged.
type verdictCase struct {
	name    string
	set     func(*world)
	req     func(*Request)
	verdict click.Verdict
	reason  record.Reason
	to      string // where the shopper goes, without the token; empty: the link's own target
	kind    program.LinkKind
}

const own = "https://shop.example/item/1?a=%20b&c#top"

func verdictCases(t testing.TB) []verdictCase {
	home, other := "https://shop.example/home", "https://shop.example/item/2"
	state := func(s links.State, substitute bool) func(*world) {
		return func(w *world) {
			w.link("Live000000", func(l *links.Link) {
				l.State = s
				if substitute {
					l.Substitute = link.Target{Kind: program.LinkProduct, Product: "p2", Store: "s2", URL: other}
				}
			})
		}
	}
	cases := []verdictCase{
		{"a person", nil, nil, click.Valid, record.None, "", 0},
		{"an old browser that tells nothing", nil, func(r *Request) { r.FetchDest, r.FetchMode, r.FetchSite, r.FetchUser = nil, nil, nil, nil }, click.Valid, record.None, "", 0},
		{"a page's own navigation", nil, func(r *Request) { r.FetchUser = nil }, click.Valid, record.None, "", 0},
		{"HEAD", nil, func(r *Request) { r.Method = []byte("HEAD") }, click.Bot, record.Head, "", 0},
		{"prefetch", nil, func(r *Request) { r.SecPurpose = []byte("prefetch") }, click.Bot, record.Prefetch, "", 0},
		{"prerender", nil, func(r *Request) { r.SecPurpose = []byte("prefetch;prerender") }, click.Bot, record.Prefetch, "", 0},
		{"old prefetch", nil, func(r *Request) { r.Purpose = []byte("prefetch") }, click.Bot, record.Prefetch, "", 0},
		{"preview", nil, func(r *Request) { r.Purpose = []byte("preview") }, click.Bot, record.Prefetch, "", 0},
		{"no user agent", nil, func(r *Request) { r.UserAgent = nil }, click.Bot, record.NoAgent, "", 0},
		{"a tool", nil, func(r *Request) { r.UserAgent = []byte("Go-http-client/2.0") }, click.Bot, record.HTTPClient, "", 0},
		{"a crawler", nil, func(r *Request) {
			r.UserAgent = []byte("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
		}, click.Bot, record.KnownBot, "", 0},
		{"fetch by a page", nil, func(r *Request) { r.FetchDest, r.FetchMode = []byte("empty"), []byte("cors") }, click.CookieStuffing, record.Fetch, "", 0},
		{"a document without navigation", nil, func(r *Request) { r.FetchMode = []byte("no-cors") }, click.CookieStuffing, record.Fetch, "", 0},
		{"a mode alone", nil, func(r *Request) { r.FetchDest, r.FetchMode = nil, []byte("no-cors") }, click.CookieStuffing, record.Fetch, "", 0},
		{"a person on a blocked ad space", func(w *world) { w.space("17", program.Content, noon.Add(-time.Hour), noon) }, nil, click.Blocked, record.SpaceBlocked, "", 0},
		{"a moment before the block", func(w *world) { w.space("17", program.Content, noon.Add(-time.Hour), noon.Add(time.Second)) }, nil, click.Valid, record.None, "", 0},
		{"before joining", func(w *world) { w.space("17", program.Content, noon.Add(time.Second), time.Time{}) }, nil, click.Blocked, record.NotJoined, "", 0},
		{"at the moment of joining", func(w *world) { w.space("17", program.Content, noon, time.Time{}) }, nil, click.Valid, record.None, "", 0},
		{"forbidden traffic", func(w *world) { w.space("17", program.Popup, noon.Add(-time.Hour), time.Time{}) }, nil, click.ForbiddenTraffic, record.TrafficType, "", 0},
		{"traffic that was approved", func(w *world) { w.space("17", program.Email, noon.Add(-time.Hour), time.Time{}) }, nil, click.Valid, record.None, "", 0},
		{"dead link", state(links.Dead, false), nil, click.Valid, record.TargetDead, home, program.LinkHome},
		{"dead link with substitute", state(links.Dead, true), nil, click.Valid, record.TargetDead, other, program.LinkProduct},
		{"dead link, crawler", state(links.Dead, true), func(r *Request) { r.UserAgent = []byte("curl/8") }, click.Bot, record.KnownBot, other, program.LinkProduct},
		{"revoked link", state(links.Revoked, false), nil, click.Blocked, record.LinkRevoked, home, program.LinkHome},
		{"revoked link with substitute", state(links.Revoked, true), nil, click.Blocked, record.LinkRevoked, other, program.LinkProduct},
		{"blocked link", state(links.Blocked, false), nil, click.Blocked, record.LinkBlocked, home, program.LinkHome},
		{"closed program", func(w *world) { w.program(func(p *links.Program) { p.Closed = true }) }, nil, click.Blocked, record.ProgramClosed, home, program.LinkHome},
		{"host given up", func(w *world) {
			w.program(func(p *links.Program) {
				p.Site, _ = link.NewSite([]string{"new.example"}, "https://new.example/", "")
			})
		}, nil, click.Valid, record.HostRemoved, "https://new.example/", program.LinkHome},
		{"dead link whose substitute's host was given up", func(w *world) {
			state(links.Dead, true)(w)
			w.program(func(p *links.Program) {
				p.Site, _ = link.NewSite([]string{"new.example"}, "https://new.example/", "")
			})
		}, nil, click.Valid, record.TargetDead, "https://new.example/", program.LinkHome},
	}
	dest := map[record.Reason][]string{
		record.Frame:  {"iframe", "frame", "embed", "object", "fencedframe"},
		record.Image:  {"image"},
		record.Script: {"script", "style", "font", "audio", "video", "track", "worker", "sharedworker", "serviceworker", "manifest", "report", "json", "xslt", "audioworklet", "something-new"},
		record.Fetch:  {"empty"},
	}
	for reason, all := range dest {
		for _, d := range all {
			cases = append(cases, verdictCase{"loaded as " + d, nil, func(r *Request) { r.FetchDest = []byte(d) }, click.CookieStuffing, reason, "", 0})
		}
	}
	f, err := os.Open("agent/testdata/crawlers.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for in := bufio.NewScanner(f); in.Scan(); {
		if text := in.Text(); !strings.HasPrefix(text, "#") && strings.Contains(strings.ToLower(text), "bot") && n < 100 {
			cases = append(cases, verdictCase{"the crawler " + text, nil, func(r *Request) { r.UserAgent = []byte(text) }, click.Bot, record.KnownBot, "", 0})
			n++
		}
	}
	return cases
}

// failures judges all cases and returns those that are judged wrongly.
func failures(t *testing.T, credulous bool) (wrong []string) {
	t.Helper()
	for _, c := range verdictCases(t) {
		w := newWorld(t)
		w.edge.credulous = credulous
		if c.set != nil {
			c.set(w)
		}
		req := person("/e/Live000000")
		if c.req != nil {
			c.req(req)
		}
		got := w.click(req)
		r := got.Record
		if r.Verdict != c.verdict || r.Reason != c.reason {
			wrong = append(wrong, fmt.Sprintf("%s: judged %s (%s); want %s (%s)", c.name, r.Verdict, r.Reason, c.verdict, c.reason))
			continue
		}
		// L7: whatever the verdict, the shopper goes on.
		to, kind := own, program.LinkHot
		if c.to != "" {
			to, kind = c.to, c.kind
		}
		location, claims := w.target(got.Location)
		if got.Status != 302 || location != to {
			wrong = append(wrong, fmt.Sprintf("%s: answered %d to %s; want 302 to %s", c.name, got.Status, got.Location, to))
		}
		if r.Kind != kind || r.Flags&record.Substituted != 0 != (c.to != "") {
			wrong = append(wrong, fmt.Sprintf("%s: recorded as a click on %s, flags %b", c.name, r.Kind, r.Flags))
		}
		// T6: the verdict is in the record, in the token, and for everybody to see.
		header := c.verdict.String()
		if c.reason != record.None {
			header += "; reason=" + c.reason.String()
		}
		if claims.Verdict != c.verdict || claims.Click != r.Click || got.Verdict != header || len(w.log.records) != 1 {
			wrong = append(wrong, fmt.Sprintf("%s: token %s, header %q, %d records", c.name, claims.Verdict, got.Verdict, len(w.log.records)))
		}
		if evidence := len(r.UserAgent) > 0; evidence != (c.verdict != click.Valid && len(req.UserAgent) > 0) {
			wrong = append(wrong, fmt.Sprintf("%s: the user agent is kept: %v", c.name, evidence))
		}
	}
	return wrong
}

// target takes the token out of a location and checks it.
func (w *world) target(location string) (string, token.Claims) {
	w.t.Helper()
	i := strings.Index(location, "clk=")
	if i < 0 {
		return location, token.Claims{}
	}
	claims, err := w.keys.Parse(location[i+4:i+4+token.Len], w.now)
	if err != nil {
		w.t.Errorf("%s: %v", location, err)
	}
	return location[:i-1] + location[i+4+token.Len:], claims
}

// T6, F1, L7: every way to be invalid is seen, said and recorded, and the shopper goes on. Red control: an edge that judges nothing
// gets nearly all of them wrong.
func TestT6_Verdicts(t *testing.T) {
	for _, wrong := range failures(t, false) {
		t.Error(wrong)
	}
	if n := len(failures(t, true)); n < 100 {
		t.Errorf("without judging only %d cases are wrong: the cases are too weak", n)
	}
}

// T6, F4: one visitor's clicks on one link are a flood beyond the limit, for an hour; others are not touched.
func TestT6_Floods(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Flood = Flood{Limit: 3, Log: 12} })
	w.link("Other00000", func(*links.Link) {})
	judge := func(change func(*Request)) record.Record {
		t.Helper()
		req := person("/e/Live000000")
		if change != nil {
			change(req)
		}
		w.now = w.now.Add(time.Second)
		return w.click(req).Record
	}
	for i := range 5 {
		r := judge(nil)
		want, reason := click.Valid, record.None
		if i >= 3 {
			want, reason = click.Duplicate, record.Flood
		}
		if r.Verdict != want || r.Reason != reason || r.Repeat != uint16(i+1) {
			t.Errorf("click %d is judged %s (%s), the %dth", i+1, r.Verdict, r.Reason, r.Repeat)
		}
	}
	for name, change := range map[string]func(*Request){
		"another link":       func(r *Request) { r.Target = []byte("/e/Other00000") },
		"another address":    func(r *Request) { r.Peer = netip.MustParseAddr("203.0.113.10") },
		"another user agent": func(r *Request) { r.UserAgent = []byte(browser + " x") },
	} {
		if r := judge(change); r.Verdict != click.Valid || r.Repeat != 1 {
			t.Errorf("%s: judged %s, the %dth", name, r.Verdict, r.Repeat)
		}
	}
	// What cannot win anyway does not use the visitor's clicks up.
	w.now = w.now.Add(2 * time.Hour)
	for range 5 {
		judge(func(r *Request) { r.SecPurpose = []byte("prefetch") })
	}
	if r := judge(nil); r.Verdict != click.Valid || r.Repeat != 1 {
		t.Errorf("after an hour, and prefetches: judged %s, the %dth", r.Verdict, r.Repeat)
	}
}

// The flood counter counts right while there is room, forgets what is over, and never claims more than there was.
func TestFloodCounter(t *testing.T) {
	f := newFlood(Flood{Window: time.Hour, Log: 14})
	rng := rand.New(rand.NewPCG(1, 2))
	keys := make([]uint64, 500)
	for i := range keys {
		keys[i] = rng.Uint64()
	}
	const minute = 60_000_000
	model := map[uint64]uint16{}
	for range 5000 {
		k := keys[rng.IntN(len(keys))]
		model[k]++
		if got := f.count(k, 90*minute); got != model[k] {
			t.Fatalf("the count is %d; want %d", got, model[k])
		}
	}
	if got := f.count(keys[0], (90+59)*minute); got != model[keys[0]]+1 {
		t.Errorf("after 59 minutes the count is %d", got)
	}
	if got := f.count(keys[0], (90+60)*minute); got != 1 {
		t.Errorf("after 60 minutes the count is %d", got)
	}
	if got := f.count(keys[1], (90+65535)*minute); got != 1 {
		t.Errorf("45 days later the count is %d", got)
	}
	// Counting from many sides at once loses nothing, once the key is there.
	key := uint64(12345)
	f.count(key, 0)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5000 {
				f.count(key, 0)
			}
		})
	}
	all.Wait()
	if got := f.count(key, 0); got != 20002 {
		t.Errorf("the count is %d; want 20002", got)
	}
	for range 70000 {
		f.count(key, 0)
	}
	if got := f.count(key, 0); got != maxRepeat {
		t.Errorf("the count has run over to %d", got)
	}
	// A flood of strangers pushes others out, but never makes anybody repeat who did not.
	small := newFlood(Flood{Window: time.Hour, Log: 4})
	for range 10000 {
		if got := small.count(rng.Uint64(), 0); got != 1 {
			t.Fatalf("a new key counts %d", got)
		}
	}
}

// §3.4: the address of a visitor is nowhere but in memory: not in the record, in no notation, nor as something that can be computed
// without the day's key. Red control: the search finds it where it is.
func TestL3_RawAddressesAreNotKept(t *testing.T) {
	traces := func(addr netip.Addr) [][]byte {
		raw := addr.AsSlice()
		return [][]byte{[]byte(addr.String()), []byte(addr.StringExpanded()), raw, []byte(hex.EncodeToString(raw)), raw[len(raw)-4:]}
	}
	for _, text := range []string{"203.0.113.77", "2001:db8:77:1234:5678:9abc:def0:1234"} {
		addr := netip.MustParseAddr(text)
		w := newWorld(t, func(c *Config) { c.Trusted = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
		req := person("/e/Live000000?af=x")
		req.Peer = netip.MustParseAddr("10.1.2.3")
		req.ForwardedFor = []byte("1.2.3.4, " + text)
		req.UserAgent = []byte("curl/8") // kept as evidence, with all else
		w.click(req)
		for _, trace := range append(traces(addr), traces(netip.MustParseAddr("10.1.2.3"))...) {
			if bytes.Contains(w.log.records[0], trace) {
				t.Errorf("%s can be found in the record as %q", text, trace)
			}
		}
		req.UserAgent = []byte("curl/8 " + text)
		w.click(req)
		if !bytes.Contains(w.log.records[1], traces(addr)[0]) {
			t.Error("the search does not find an address that is there")
		}
	}
	// The hash is the same for a day, and another one the next day, on another edge, or for another visitor.
	w := newWorld(t)
	hash := func(w *world, addr, ua string) [8]byte {
		req := person("/e/Live000000")
		req.Peer, req.UserAgent = netip.MustParseAddr(addr), []byte(ua)
		return w.click(req).Record.Hash
	}
	first := hash(w, "203.0.113.9", browser)
	if hash(w, "203.0.113.9", browser) != first || hash(w, "::ffff:203.0.113.9", browser) != first {
		t.Error("one visitor has two hashes in a day")
	}
	if hash(w, "203.0.113.8", browser) == first || hash(w, "203.0.113.9", "x") == first || hash(newWorld(t), "203.0.113.9", browser) == first {
		t.Error("two visitors, or two edges, have one hash")
	}
	w.now = w.now.Add(12 * time.Hour)
	if hash(w, "203.0.113.9", browser) == first {
		t.Error("the hash outlives its day")
	}
	// Edges that share the day's key agree.
	shared := func(c *Config) { c.DayKey = func(day int64) ([16]byte, error) { return [16]byte{byte(day)}, nil } }
	one, two := hash(newWorld(t, shared), "203.0.113.9", browser), hash(newWorld(t, shared), "203.0.113.9", browser)
	if one != two {
		t.Error("edges that share the key disagree")
	}
}

// Whose address it is: what a trusted proxy says, and nothing that the client wrote himself.
func TestClientAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	w := newWorld(t, func(c *Config) { c.Trusted = trusted })
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.9", "", "203.0.113.9"},
		{"203.0.113.9", "6.6.6.6", "203.0.113.9"}, // not from a proxy
		{"::ffff:203.0.113.9", "", "203.0.113.9"},
		{"10.0.0.1", "203.0.113.9", "203.0.113.9"},
		{"10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"},
		{"10.0.0.1", "6.6.6.6,203.0.113.9 , 10.9.9.9", "203.0.113.9"},
		{"10.0.0.1", "10.2.2.2, 10.3.3.3", "10.2.2.2"},
		{"10.0.0.1", "", "10.0.0.1"},
		{"10.0.0.1", "unknown", "10.0.0.1"},
		{"10.0.0.1", "6.6.6.6, nonsense, 10.3.3.3", "10.3.3.3"},
		{"10.0.0.1", ",,,", "10.0.0.1"},
		{"fd00::1", "2001:db8::5", "2001:db8::5"},
		{"10.0.0.1", "203.0.113.9:4711", "203.0.113.9"},
		{"10.0.0.1", "[2001:db8::5]:4711", "2001:db8::5"},
		{"10.0.0.1", "[2001:db8::5", "10.0.0.1"},
		{"10.0.0.1", "fe80::1%eth0", "10.0.0.1"},
		{"10.0.0.1", "::ffff:10.0.0.7, ::ffff:10.0.0.8", "10.0.0.7"},
		{"10.0.0.1", strings.Repeat("9", 100), "10.0.0.1"},
	} {
		req := &Request{Peer: netip.MustParseAddr(c.peer), ForwardedFor: []byte(c.forwarded)}
		if got := w.edge.client(req); got.String() != c.want {
			t.Errorf("peer %s, X-Forwarded-For %q: %s; want %s", c.peer, c.forwarded, got, c.want)
		}
	}
	for addr, want := range map[string]string{"203.0.113.77": "203.0.113.0/24", "2001:db8:77:1234::1": "2001:db8:77::/48"} {
		if got := network(netip.MustParseAddr(addr)); got.String() != want {
			t.Errorf("of %s is kept %s; want %s", addr, got, want)
		}
	}
	if network(netip.Addr{}).IsValid() {
		t.Error("no address has a network")
	}
}

// L4: no cookie by default; a visitor key where the program keeps one and the visitor agreed; no token under strict consent without it.
func TestL4_Consent(t *testing.T) {
	const key = "abcdefghijklmnopqrstuv"
	keeps := func(c links.Consent, strict ...string) func(*links.Program) {
		return func(p *links.Program) {
			p.Consent, p.StrictIn = c, strict
			p.Visitor = links.VisitorCookie{Name: "clv", Domain: "shop.example", MaxAge: 72 * time.Hour}
		}
	}
	german := func(r *Request) { r.Peer = netip.MustParseAddr("198.51.100.4") }
	cookie := func(r *Request) { r.Cookie = []byte("a=b; clv=" + key + "; c=d") }
	gpc := func(r *Request) { r.GPC = []byte("1") }
	for _, c := range []struct {
		name     string
		program  func(*links.Program)
		query    string
		req      []func(*Request)
		consent  record.Consent
		visitor  string // "": none, "new", or the key
		token    bool
		cashback bool
	}{
		{"by default", func(*links.Program) {}, "", nil, record.ConsentUnknown, "", true, false},
		{"by default, agreed", func(*links.Program) {}, "?cs=1", nil, record.ConsentGranted, "", true, false},
		{"cookies only", keeps(links.ConsentCookies), "", nil, record.ConsentUnknown, "", true, false},
		{"cookies only, agreed", keeps(links.ConsentCookies), "?af=1&cs=1", nil, record.ConsentGranted, "new", true, false},
		{"cookies only, refused", keeps(links.ConsentCookies), "?cs=0", []func(*Request){cookie}, record.ConsentDenied, "", true, false},
		{"cookies only, agreed before", keeps(links.ConsentCookies), "", []func(*Request){cookie}, record.ConsentGranted, key, true, false},
		{"cookies only, agreed before, the browser objects", keeps(links.ConsentCookies), "", []func(*Request){cookie, gpc}, record.ConsentDenied, "", true, false},
		{"cookies only, agreed, the browser objects", keeps(links.ConsentCookies), "?cs=1", []func(*Request){gpc}, record.ConsentGranted, "new", true, false},
		{"strict", keeps(links.ConsentStrict), "", nil, record.ConsentUnknown, "", false, false},
		{"strict, refused", keeps(links.ConsentStrict), "?cs=0", nil, record.ConsentDenied, "", false, false},
		{"strict, agreed", keeps(links.ConsentStrict), "?cs=1", nil, record.ConsentGranted, "new", true, false},
		{"strict, agreed before", keeps(links.ConsentStrict), "", []func(*Request){cookie}, record.ConsentGranted, key, true, false},
		{"strict, cashback that the visitor asked for", keeps(links.ConsentStrict), "", nil, record.ConsentUnknown, "", true, true},
		{"strict in Germany, from there", keeps(links.ConsentCookies, "FR", "DE"), "", []func(*Request){german}, record.ConsentUnknown, "", false, false},
		{"strict in Germany, from elsewhere", keeps(links.ConsentCookies, "FR", "DE"), "", nil, record.ConsentUnknown, "", true, false},
		{"off", keeps(links.ConsentOff), "", nil, record.ConsentUnknown, "new", true, false},
		{"off, the same again", keeps(links.ConsentOff), "", []func(*Request){cookie}, record.ConsentGranted, key, true, false},
		{"off, a machine", keeps(links.ConsentOff), "", []func(*Request){func(r *Request) { r.UserAgent = nil }}, record.ConsentUnknown, "", true, false},
		{"off, a key that is none", keeps(links.ConsentOff), "", []func(*Request){func(r *Request) { r.Cookie = []byte("clv=<script>alert(12345)</") }}, record.ConsentUnknown, "new", true, false},
		{"off, somebody else's cookie", keeps(links.ConsentOff), "", []func(*Request){func(r *Request) { r.Cookie = []byte("xclv=" + key + "; clv=x") }}, record.ConsentUnknown, "new", true, false},
	} {
		w := newWorld(t)
		w.program(c.program)
		if c.cashback {
			w.space("17", program.Cashback, noon.Add(-time.Hour), time.Time{})
		}
		req := person("/e/Live000000" + c.query)
		for _, f := range c.req {
			f(req)
		}
		got := w.click(req)
		r := got.Record
		if r.Consent != c.consent {
			t.Errorf("%s: consent is %s; want %s", c.name, r.Consent, c.consent)
		}
		if has := strings.Contains(got.Location, "clk="); has != c.token || r.Flags&record.TokenWithheld == 0 != c.token {
			t.Errorf("%s: sent to %s, flags %b; token: want %v", c.name, got.Location, r.Flags, c.token)
		}
		switch {
		case c.visitor == "":
			if got.Cookie != "" || len(r.Visitor) != 0 {
				t.Errorf("%s: cookie %q, visitor %q; want none", c.name, got.Cookie, r.Visitor)
			}
		default:
			if c.visitor == "new" && (len(r.Visitor) != keyLen || string(r.Visitor) == key) || c.visitor != "new" && string(r.Visitor) != c.visitor {
				t.Errorf("%s: the visitor is %q; want %s", c.name, r.Visitor, c.visitor)
			}
			if want := "clv=" + string(r.Visitor) + "; Domain=shop.example; Path=/; Max-Age=259200; Secure; HttpOnly; SameSite=Lax"; got.Cookie != want {
				t.Errorf("%s: the cookie is %q; want %q", c.name, got.Cookie, want)
			}
		}
	}
}

// An unknown link leads to the fallback or nowhere; nothing is recorded, as it is nobody's.
func TestL7_UnknownLinks(t *testing.T) {
	for _, target := range []string{"/e/zzzzzzzzzz", "/e/", "/e/short", "/e/Live0000000", "/e/Live000000/", "/e/Live00000%30", "/e/Live000000x?af=1"} {
		w := newWorld(t)
		if got := w.click(person(target)); got.Status != 404 || got.Location != "" || got.Body == "" || got.Logged || got.Verdict != "" {
			t.Errorf("%s: %+v", target, got)
		}
		w = newWorld(t, func(c *Config) { c.Fallback = "https://network.test/welcome" })
		if got := w.click(person(target)); got.Status != 302 || got.Location != "https://network.test/welcome" || got.Logged {
			t.Errorf("%s: %+v", target, got)
		}
		if n := w.metric("edge_unknown_links_total"); n != 1 {
			t.Errorf("%s: %v unknown links are counted", target, n)
		}
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	if got := w.click(person("/readyz")); got.Status != 503 {
		t.Errorf("before the links are there, /readyz answers %d", got.Status)
	}
	w.edge.SetReady(true)
	for target, want := range map[string]int{"/readyz": 200, "/healthz": 200, "/healthz?x=1": 200, "/robots.txt": 200, "/": 404, "": 404, "*": 404, "/e": 404, "/x/Live000000": 404, "http://s.network.test/healthz": 200} {
		if got := w.click(person(target)); got.Status != want || got.Body == "" || got.Logged {
			t.Errorf("%q: %+v; want %d", target, got, want)
		}
	}
	w.now = noon.AddDate(-2, 0, 0) // before the first key
	if got := w.click(person("/readyz")); got.Status != 503 {
		t.Errorf("without a key /readyz answers %d", got.Status)
	}
	req := person("/e/Live000000")
	req.Method = []byte("POST")
	if got := w.click(req); got.Status != 405 || got.Logged {
		t.Errorf("POST: %+v", got)
	}
	resp := w.edge.Acquire()
	defer w.edge.Release(resp)
	if w.edge.Click(person("/healthz"), resp); resp.Status != 404 {
		t.Errorf("the hot path answers a page: %d", resp.Status)
	}
	if w.edge.Click(person("http://s.network.test/e/Live000000"), resp); resp.Status != 302 || len(resp.Record) == 0 || len(w.log.records) != 0 {
		t.Errorf("the hot path answers %d, %d bytes to log, %d logged", resp.Status, len(resp.Record), len(w.log.records))
	}
}

// The shopper goes on when the log cannot take the click, with a token that is good, and the click is counted as unlogged.
func TestL3_UnloggedClicksGoOn(t *testing.T) {
	w := newWorld(t)
	w.log.err = errors.New("no space left on device")
	got := w.click(person("/e/Live000000?af=x"))
	if location, claims := w.target(got.Location); got.Status != 302 || location != own || claims.Link == 0 || claims.Verdict != click.Valid {
		t.Errorf("answered %+v", got)
	}
	if n := w.metric("clicks_unlogged_total"); n != 1 {
		t.Errorf("clicks_unlogged is %v", n)
	}
	w.log.err = nil
	w.click(person("/e/Live000000"))
	if n := w.metric("clicks_unlogged_total"); n != 1 || len(w.log.records) != 1 {
		t.Errorf("afterwards clicks_unlogged is %v, %d clicks are logged", n, len(w.log.records))
	}
}

// Nor does he wait for a key.
func TestL3_WithoutAKeyClicksGoOn(t *testing.T) {
	w := newWorld(t)
	late, err := token.NewKeyring(token.Key{ID: 2, Secret: token.Secret{2}, From: noon.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	w.edge.SetKeys(late)
	got := w.click(person("/e/Live000000"))
	if got.Status != 302 || got.Location != own || got.Record.Flags&record.TokenWithheld == 0 || w.metric("edge_unsigned_total") != 1 {
		t.Errorf("answered %+v", got)
	}
	w.now = noon.Add(time.Hour)
	w.keys = late
	if _, claims := w.target(w.click(person("/e/Live000000")).Location); claims.Link == 0 {
		t.Error("the new key does not sign")
	}
}

// R12: IDs are unique and rise, also when the clock stands still or steps back a little; a clock that was set back far is believed.
func TestR12_ClickTimesRise(t *testing.T) {
	w := newWorld(t)
	var last token.ID
	next := func() token.ID { return w.click(person("/e/Live000000")).Record.Click }
	for i := range 100 {
		switch i {
		case 30:
			w.now = w.now.Add(-2 * time.Second)
		case 60:
			w.now = w.now.Add(time.Second)
		}
		id := next()
		if bytes.Compare(id[:7], last[:7]) <= 0 {
			t.Fatalf("click %d: %s does not rise above %s", i, id, last)
		}
		last = id
	}
	w.now = noon.Add(-time.Hour)
	if id := next(); id.Time() != w.now || w.metric("edge_clock_steps_total") != 1 {
		t.Errorf("an hour back: the click's time is %s", id.Time())
	}
	w.now = noon.Add(time.Hour)
	if id := next(); id.Time() != w.now {
		t.Errorf("an hour ahead: the click's time is %s", id.Time())
	}
	// From many sides at once too.
	var mu sync.Mutex
	seen := map[int64]bool{}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 1000 {
				s := w.edge.stamp()
				mu.Lock()
				if seen[s] {
					t.Errorf("two clicks have the time %d", s)
				}
				seen[s] = true
				mu.Unlock()
			}
		})
	}
	all.Wait()
}

// Texts from outside are recorded within bounds, and without what could break a report.
func TestL3_TextsFromOutside(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "",
		"https://blog.example/":                 "blog.example/",
		"https://Blog.Example/A/b?c=d#e":        "blog.example/A/b",
		"https://blog.example":                  "blog.example",
		"https://blog.example?q":                "blog.example",
		"https://u:p@blog.example/x@y":          "blog.example/x@y",
		"https://a@b@blog.example/":             "blog.example/",
		"http://blog.example:8080/x":            "blog.example:8080/x",
		"android-app://com.example.app/":        "com.example.app/",
		"about:client":                          "",
		"nonsense":                              "",
		"https://bl\u00f6g.example/\u00e9":      "bl%C3%B6g.example/%C3%A9",
		"https://blog.example/a\nb\x00c d":      "blog.example/a%0Ab%00c%20d",
		"https://":                              "",
		"https://x/" + strings.Repeat("y", 999): "x/" + strings.Repeat("y", 253),
		"https://x/" + strings.Repeat("\n", 99): "x/" + strings.Repeat("%0A", 84),
	} {
		if got := string(referrer(nil, []byte(text), record.MaxText)); got != want {
			t.Errorf("of %.60q is kept %q; want %q", text, got, want)
		}
	}
	if got := string(visible([]byte("x"), []byte("a\nb\x00\xffc"+strings.Repeat("y", 300)), 10)); got != "xa?b??cyyy" {
		t.Errorf("kept is %q", got)
	}
}

func TestNewRefuses(t *testing.T) {
	w := newWorld(t)
	good := w.edge.c
	good.Metrics = nil
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"no table":           func(c *Config) { c.Table = nil },
		"no keys":            func(c *Config) { c.Keys = nil },
		"no log":             func(c *Config) { c.Log = nil },
		"no clock":           func(c *Config) { c.Now = nil },
		"relative fallback":  func(c *Config) { c.Fallback = "/home" },
		"script as fallback": func(c *Config) { c.Fallback = "javascript:alert(1)" },
		"user in fallback":   func(c *Config) { c.Fallback = "https://a@b.example/" },
		"odd window":         func(c *Config) { c.Flood.Window = time.Second },
		"negative limit":     func(c *Config) { c.Flood.Limit = -1 },
		"no randomness":      func(c *Config) { c.Random = strings.NewReader("") },
		"metrics twice":      func(c *Config) { c.Metrics = w.reg },
		"no day key":         func(c *Config) { c.DayKey = func(int64) ([16]byte, error) { return [16]byte{}, errors.New("sealed") } },
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil || !strings.HasPrefix(err.Error(), "edge: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Metrics are there under their names, and count.
func TestMetrics(t *testing.T) {
	w := newWorld(t)
	w.click(person("/e/Live000000"))
	req := person("/e/Live000000")
	req.UserAgent = nil
	w.click(req)
	for name, want := range map[string]float64{"clicks_unlogged_total": 0, `edge_clicks_total bot`: 1, `edge_clicks_total valid`: 1, `edge_clicks_total duplicate`: 0, `edge_clicks_total cookie_stuffing`: 0,
		"edge_click_reasons_total no_agent": 1, "edge_click_reasons_total flood": 0, "edge_links": 1, "edge_in_flight": 0, "edge_shed_total click": 0, "edge_shed_total connection": 0} {
		if got := w.metric(name); got != want {
			t.Errorf("%s is %v; want %v", name, got, want)
		}
	}
	if w.metric("edge_links_bytes") < 16<<20 {
		t.Error("the memory of links is not told")
	}
	w.edge.CountShed()
	if got := w.metric("edge_shed_total connection"); got != 1 {
		t.Errorf("edge_shed_total of connections is %v", got)
	}
}

// metric is the value of an exported metric: its name without the project's, and a label's value where it has one.
func (w *world) metric(name string) float64 {
	w.t.Helper()
	name, label, _ := strings.Cut(name, " ")
	all, err := w.reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, family := range all {
		if family.GetName() != "clickledger_"+name {
			continue
		}
		for _, m := range family.GetMetric() {
			if label == "" || m.GetLabel()[0].GetValue() == label {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	w.t.Fatalf("there is no metric %s %s", name, label)
	return 0
}

// The header can be left out.
func TestHideVerdict(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.HideVerdict = true })
	if got := w.click(person("/e/Live000000")); got.Verdict != "" || got.Status != 302 {
		t.Errorf("answered %+v", got)
	}
}

// rich is a request with all that a click can have.
func rich() *Request {
	req := person("/e/Live000000?af=blog-17&cn=summer+sale&cv=4711&dp=%E2%82%AC&cs=1")
	req.Peer = netip.MustParseAddr("10.0.0.1")
	req.ForwardedFor = []byte("2001:db8:77:1234::1, 10.2.2.2")
	req.Referer = []byte("https://Blog.Example/best/phones?x=y")
	req.Cookie = []byte("a=b; c=d")
	return req
}

func richWorld(t testing.TB) *world {
	w := newWorld(t, func(c *Config) {
		c.Trusted = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		c.Flood.Limit = 1 << 30
		c.Log = discard{}
	})
	w.program(func(p *links.Program) {
		p.Visitor = links.VisitorCookie{Name: "clv", Domain: "shop.example", MaxAge: time.Hour}
	})
	return w
}

type discard struct{}

func (discard) Append([]byte) error { return nil }

// The hot path takes no memory: valid clicks, bots, dead links, with all that can come along.
func TestClickWithoutAllocation(t *testing.T) {
	w := richWorld(t)
	w.link("Dead000000", func(l *links.Link) { l.State = links.Dead })
	bot := rich()
	bot.UserAgent = []byte("curl/8.5.0")
	dead := rich()
	dead.Target = []byte("/e/Dead000000?af=x")
	missing := person("/e/zzzzzzzzzz")
	resp := w.edge.Acquire()
	defer w.edge.Release(resp)
	for name, req := range map[string]*Request{"a person": rich(), "a bot": bot, "a dead link": dead, "an unknown link": missing} {
		if n := testing.AllocsPerRun(200, func() { w.edge.Answer(req, resp) }); n != 0 {
			t.Errorf("%s: %v allocations a click", name, n)
		}
	}
}

// Whatever is asked, the answer stays within bounds and leads to the program's hosts.
func FuzzAnswer(f *testing.F) {
	w := richWorld(f)
	f.Add([]byte("/e/Live000000?af=1&cs=1"), []byte(browser), []byte("https://a/b"), []byte("1.2.3.4, ::1"), []byte("clv=abcdefghijklmnopqrstuv"), []byte("document"))
	f.Add([]byte("http://x/e/Live000000?af=%00%ff&dp=\xff"), []byte("bot\xff\n"), []byte("://@@"), []byte("[::1]:80,%"), []byte(";;clv=;"), []byte("iframe"))
	f.Fuzz(func(t *testing.T, target, ua, referer, forwarded, cookie, dest []byte) {
		req := person("")
		req.Target, req.UserAgent, req.Referer, req.ForwardedFor, req.Cookie, req.FetchDest = target, ua, referer, forwarded, cookie, dest
		req.Peer = netip.MustParseAddr("10.0.0.1")
		resp := w.edge.Acquire()
		defer w.edge.Release(resp)
		w.edge.Answer(req, resp)
		if resp.Status == 302 {
			if !bytes.HasPrefix(resp.Location, []byte("https://shop.example/")) {
				t.Errorf("%q leads to %q", target, resp.Location)
			}
			var r record.Record
			if err := r.Decode(resp.Record); err != nil {
				t.Errorf("%q: %v", target, err)
			}
			for _, text := range [][]byte{resp.Location, resp.Cookie, resp.Verdict, r.Referrer, r.UserAgent, r.Agent, r.OS, r.Visitor} {
				if i := bytes.IndexFunc(text, func(c rune) bool { return c < ' ' || c > '~' }); i >= 0 {
					t.Errorf("%q holds %q", text, text[i])
				}
			}
		} else if len(resp.Record) != 0 || len(resp.Location) != 0 {
			t.Errorf("%q: status %d, %d bytes recorded, location %q", target, resp.Status, len(resp.Record), resp.Location)
		}
	})
}

// cpuTime is what this process has used: on a machine that others use too it tells more than the clock.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkClick(b *testing.B) {
	w := richWorld(b)
	w.edge.c.Now = time.Now
	for name, req := range map[string]*Request{"plain": person("/e/Live000000"), "rich": rich()} {
		b.Run(name, func(b *testing.B) {
			resp := w.edge.Acquire()
			defer w.edge.Release(resp)
			b.ReportAllocs()
			cpu := cpuTime(b)
			for range b.N {
				w.edge.Click(req, resp)
			}
			b.ReportMetric(float64(cpuTime(b)-cpu)/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(len(resp.Record)), "B/record")
		})
	}
}

// BenchmarkClickAmongMillion has the cache misses of a table with a million links. More are in links.
func BenchmarkClickAmongMillion(b *testing.B) {
	w := richWorld(b)
	w.edge.c.Now = time.Now
	const n = 1_000_000
	targets := make([][]byte, n)
	for i := range uint64(n) {
		c := link.Code(i * 0x9E3779B97F4A7C15 % 839_299_365_868_340_224)
		l := &links.Link{Code: c, ID: i + 1, Program: "prog", Publisher: fmt.Sprint(i % 1000), AdSpace: fmt.Sprint(i % 3000), TrackingID: "t",
			Target: link.Target{Kind: program.LinkProduct, Product: fmt.Sprint(i), URL: fmt.Sprintf("https://shop.example/item/%d.html?spm=home", i)}}
		if err := w.table.Put(l); err != nil {
			b.Fatal(err)
		}
		targets[i] = []byte("/e/" + c.String() + "?af=blog")
	}
	rand.Shuffle(n, func(i, j int) { targets[i], targets[j] = targets[j], targets[i] })
	resp := w.edge.Acquire()
	defer w.edge.Release(resp)
	req := rich()
	b.ReportAllocs()
	b.ResetTimer()
	cpu := cpuTime(b)
	for i := range b.N {
		req.Target = targets[i%n]
		w.edge.Click(req, resp)
	}
	b.ReportMetric(float64(cpuTime(b)-cpu)/float64(b.N), "cpu-ns/op")
}
