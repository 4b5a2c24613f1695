package links

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

func testSite(t testing.TB, hosts ...string) *link.Site {
	t.Helper()
	s, err := link.NewSite(append(hosts, "shop.example", "*.shop.example"), "https://shop.example/", "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testTable(t testing.TB, capacity int) *Table {
	t.Helper()
	return tableOn(t, capacity, mapped)
}

func tableOn(t testing.TB, capacity int, alloc func(int) ([]byte, func(), error)) *Table {
	t.Helper()
	table, err := newTable(capacity, 42, alloc)
	if err != nil {
		t.Fatal(err)
	}
	if err := table.PutProgram(Program{ID: "p", Site: testSite(t)}); err != nil {
		t.Fatal(err)
	}
	return table
}

func testLink(n uint64) *Link {
	return &Link{
		Code: link.Code(n * 0x9E3779B97F4A7C15 % 839_299_365_868_340_224), ID: n, Program: "p", Publisher: fmt.Sprint("pub", n%100), AdSpace: fmt.Sprint("space", n%300), TrackingID: fmt.Sprint("t", n%7),
		Target: link.Target{Kind: program.LinkProduct, Product: fmt.Sprint("100500", n), Store: fmt.Sprint("11000", n%2000), URL: fmt.Sprintf("https://www.shop.example/item/100500%d.html?spm=a2g0o.home&n=%d", n, n)},
	}
}

func mustPut(t testing.TB, table *Table, l *Link) {
	t.Helper()
	if err := table.Put(l); err != nil {
		t.Fatal(err)
	}
}

// says is a found link as text, to compare.
func says(v *View) string {
	return fmt.Sprintf("%s %d %s | %s %s %s | %s %d %s %s %q+%q host %s | %s %d %s %s", v.Code, v.ID, v.State, v.Space.Publisher, v.Space.AdSpace, v.TrackingID,
		v.Target.URL, v.Target.Kind, v.Target.Product, v.Target.Store, v.Target.URL[:v.Target.Cut], v.Target.Before, v.Target.Host(),
		v.Substitute.URL, v.Substitute.Kind, v.Substitute.Product, v.Substitute.Store)
}

func wants(l *Link) string {
	at, before := link.Insertion(l.Target.URL)
	from, to := link.Host(l.Target.URL)
	return fmt.Sprintf("%s %d %s | %s %s %s | %s %d %s %s %q+%q host %s | %s %d %s %s", l.Code, l.ID, l.State, l.Publisher, l.AdSpace, l.TrackingID,
		l.Target.URL, l.Target.Kind, l.Target.Product, l.Target.Store, l.Target.URL[:at], before, l.Target.URL[from:to],
		l.Substitute.URL, l.Substitute.Kind, l.Substitute.Product, l.Substitute.Store)
}

func TestL1_LinksAreFoundAsTheyWereEntered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, err := New(0, rapid.Uint64().Draw(t, "seed"))
		if err != nil {
			t.Fatal(err)
		}
		site, err := link.NewSite([]string{"shop.example"}, "http://shop.example/", "")
		if err != nil {
			t.Fatal(err)
		}
		if err := table.PutProgram(Program{ID: "p", Site: site}); err != nil {
			t.Fatal(err)
		}
		name := rapid.StringMatching(`[a-zA-Z0-9é-]{1,40}`)
		target := func(what string) link.Target {
			kind := program.LinkKind(rapid.IntRange(int(program.LinkHome), int(program.LinkPage)).Draw(t, what))
			return link.Target{Kind: kind, Product: name.Draw(t, "product"), Store: name.Draw(t, "store"), Ref: name.Draw(t, "ref"),
				URL: rapid.StringMatching(`https?://shop\.example/[a-z0-9/]{0,300}(\?[a-z0-9=&]{0,500})?(#[a-z]{0,9})?`).Draw(t, "url")}
		}
		model := map[link.Code]*Link{}
		code := rapid.Uint64Range(0, 40)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			c := link.Code(code.Draw(t, "code"))
			if rapid.IntRange(0, 3).Draw(t, "what") == 0 {
				state := State(rapid.IntRange(0, int(states)-1).Draw(t, "state"))
				if found := table.SetState(c, state); found != (model[c] != nil) {
					t.Fatalf("SetState(%s) finds %v", c, found)
				}
				if model[c] != nil {
					model[c].State = state
				}
				continue
			}
			l := &Link{Code: c, ID: rapid.Uint64Range(1, link.MaxID).Draw(t, "id"), Program: "p", Publisher: name.Draw(t, "publisher"), AdSpace: name.Draw(t, "ad space"),
				TrackingID: name.Draw(t, "tracking"), Target: target("kind"), State: State(rapid.IntRange(0, int(states)-1).Draw(t, "state"))}
			if rapid.Bool().Draw(t, "substituted") {
				l.Substitute = target("substitute kind")
			}
			if err := table.Put(l); err != nil {
				t.Fatal(err)
			}
			model[c] = l
		}
		live := 0
		for c := link.Code(0); c <= 40; c++ {
			var v View
			found := table.Get(c, &v)
			l := model[c]
			if found != (l != nil) {
				t.Fatalf("link %s is found: %v", c, found)
			}
			if l == nil {
				continue
			}
			if says(&v) != wants(l) {
				t.Fatalf("found\n%s; want\n%s", says(&v), wants(l))
			}
			if l.State == Live {
				live++
			}
		}
		if s := table.Stats(); s.Links != len(model) || s.Live != live {
			t.Fatalf("the table counts %d links, %d live; want %d and %d", s.Links, s.Live, len(model), live)
		}
	})
}

// The index grows, and every link is still found.
func TestL1_TheTableGrows(t *testing.T) {
	table := testTable(t, 0)
	const n = 60_000
	for i := uint64(1); i <= n; i++ {
		mustPut(t, table, testLink(i))
	}
	var v View
	for i := uint64(1); i <= n; i++ {
		l := testLink(i)
		if !table.Get(l.Code, &v) || says(&v) != wants(l) {
			t.Fatalf("link %d is found as %s; want %s", i, says(&v), wants(l))
		}
	}
	if table.Get(link.Code(3), &v) {
		t.Error("a link is found that was never entered")
	}
	if s := table.Stats(); s.Links != n || s.Spaces != 300 || s.Programs != 1 {
		t.Errorf("the table says %+v", s)
	}
}

// L1: whatever is stored, no link with a foreign target gets into the table.
func TestL1_ForeignTargetsAreNotEntered(t *testing.T) {
	table := testTable(t, 0)
	for name, change := range map[string]func(*Link){
		"foreign target":     func(l *Link) { l.Target.URL = "https://evil.test/" },
		"script":             func(l *Link) { l.Target.URL = "javascript:alert(1)" },
		"foreign substitute": func(l *Link) { l.Substitute = link.Target{Kind: program.LinkPage, URL: "https://evil.test/"} },
		"no target":          func(l *Link) { l.Target = link.Target{} },
		"unknown program":    func(l *Link) { l.Program = "q" },
		"no publisher":       func(l *Link) { l.Publisher = "" },
		"no id":              func(l *Link) { l.ID = 0 },
		"long id":            func(l *Link) { l.ID = 1 << 53 },
		"long tracking id":   func(l *Link) { l.TrackingID = strings.Repeat("t", 256) },
		"long publisher":     func(l *Link) { l.Publisher = strings.Repeat("t", 256) },
		"unknown state":      func(l *Link) { l.State = states },
	} {
		l := testLink(1)
		change(l)
		if err := table.Put(l); err == nil {
			t.Errorf("%s: entered", name)
		} else if !strings.Contains(err.Error(), l.Code.String()) {
			t.Errorf("%s: the error does not name the link: %v", name, err)
		}
	}
	if s := table.Stats(); s.Links != 0 {
		t.Errorf("the table has %d links", s.Links)
	}
	l := testLink(1)
	l.Program = "q"
	if err := table.Put(l); !errors.Is(err, ErrUnknownProgram) {
		t.Errorf("a link of an unknown program: %v", err)
	}
	// What is entered is written anew.
	l = testLink(1)
	l.Target.URL = "HTTPS://SHOP.example:443?x=\"1\""
	mustPut(t, table, l)
	var v View
	if !table.Get(l.Code, &v) || string(v.Target.URL) != "https://shop.example/?x=%221%22" {
		t.Errorf("the target is %s", v.Target.URL)
	}
}

func TestProgramsRefuse(t *testing.T) {
	table := testTable(t, 0)
	site := testSite(t)
	for name, p := range map[string]Program{
		"no id":       {Site: site},
		"no site":     {ID: "p"},
		"consent":     {ID: "p", Site: site, Consent: 9},
		"country":     {ID: "p", Site: site, StrictIn: []string{"de"}},
		"cookie name": {ID: "p", Site: site, Visitor: VisitorCookie{Name: "a b", MaxAge: time.Hour}},
		"domain":      {ID: "p", Site: site, Visitor: VisitorCookie{Name: "a", Domain: "x; Path=/", MaxAge: time.Hour}},
		"no age":      {ID: "p", Site: site, Visitor: VisitorCookie{Name: "a"}},
	} {
		if err := table.PutProgram(p); err == nil {
			t.Errorf("%s: entered", name)
		}
	}
}

// An ad space and a program change for all their links at once.
func TestA4_SpacesAndProgramsChangeForAllLinks(t *testing.T) {
	table := testTable(t, 0)
	a, b, c := testLink(1), testLink(301), testLink(2) // 1 and 301 are of the same ad space
	for _, l := range []*Link{a, b, c} {
		mustPut(t, table, l)
	}
	space := func(l *Link) *Space {
		var v View
		if !table.Get(l.Code, &v) {
			t.Fatal("the link is gone")
		}
		return v.Space
	}
	const now = 1_800_000_000_000_000
	if s := space(a); s.Known || !s.JoinedAt(now) || s.BlockedAt(now) {
		t.Errorf("an ad space that nothing is known of: %+v", s)
	}
	joined := time.UnixMicro(now - 10).UTC()
	if err := table.PutSpace(&publisher.AdSpace{ID: a.AdSpace, Publisher: a.Publisher, Program: "p", TrafficType: program.Cashback, ApprovedAt: joined, BlockedAt: time.UnixMicro(now).UTC()}); err != nil {
		t.Fatal(err)
	}
	for _, l := range []*Link{a, b} {
		s := space(l)
		if !s.Known || s.TrafficType != program.Cashback || s.JoinedAt(now-11) || !s.JoinedAt(now-10) || s.BlockedAt(now-1) || !s.BlockedAt(now) {
			t.Errorf("link %d: its ad space is %+v", l.ID, s)
		}
	}
	if space(c).Known {
		t.Error("another ad space changed too")
	}
	if err := table.PutProgram(Program{ID: "p", Site: testSite(t), Closed: true}); err != nil {
		t.Fatal(err)
	}
	var v View
	if !table.Get(c.Code, &v) || !v.Program.Closed || !table.Program("p").Closed {
		t.Error("the program's change is not seen")
	}
	if table.Program("q") != nil {
		t.Error("an unknown program is known")
	}
}

func TestConsentModes(t *testing.T) {
	p := Program{ID: "p", Site: testSite(t), StrictIn: []string{"DE", "FR"}}
	for country, want := range map[string]bool{"DE": true, "FR": true, "TR": false, "\x00\x00": false} {
		if p.Strict([2]byte([]byte(country))) != want {
			t.Errorf("%q is strict: %v", country, !want)
		}
	}
	p.Consent = ConsentStrict
	if !p.Strict([2]byte{'T', 'R'}) {
		t.Error("a strict program is not strict everywhere")
	}
	for _, c := range []Consent{ConsentCookies, ConsentStrict, ConsentOff} {
		if got, err := ParseConsent(c.String()); err != nil || got != c {
			t.Errorf("%s is read as %s, %v", c, got, err)
		}
	}
	if _, err := ParseConsent("maybe"); err == nil {
		t.Error("a consent mode that does not exist is read")
	}
	for s := range states {
		if got, err := ParseState(s.String()); err != nil || got != s {
			t.Errorf("%s is read as %s, %v", s, got, err)
		}
	}
	if _, err := ParseState("asleep"); err == nil {
		t.Error("a state that does not exist is read")
	}
}

// heap is memory that the race detector watches: it does not see what is mapped.
func heap(n int) ([]byte, func(), error) { return make([]byte, n), func() {}, nil }

// L1: a change is seen by every look-up from the moment on when its call returned, a revoked link stops, and a look-up that runs at
// the same time sees one state or the other, never a mixture: also while the index grows and segments are emptied.
func TestL1_ChangesAreSeenAtOnce(t *testing.T) {
	for name, alloc := range map[string]func(int) ([]byte, func(), error){"mapped": mapped, "heap": heap} {
		t.Run(name, func(t *testing.T) {
			table := tableOn(t, 0, alloc)
			const n = 1500
			const rounds = 64
			var versions [n]atomic.Uint64 // what a look-up must see at least
			build := func(i, version uint64) *Link {
				l := testLink(i + 1)
				l.TrackingID = fmt.Sprint(version)
				l.Target.Product = fmt.Sprint(i, "-", version)
				l.Target.URL = fmt.Sprintf("https://shop.example/%d-%d?%s", i, version, strings.Repeat("x", int(version%37)*20))
				return l
			}
			stop := make(chan struct{})
			var readers sync.WaitGroup
			errs := make(chan error, 8)
			for r := range 2 {
				readers.Go(func() {
					rng := rand.New(rand.NewPCG(1, uint64(r)))
					var v View
					for {
						select {
						case <-stop:
							return
						default:
						}
						i := rng.Uint64N(n)
						least := versions[i].Load()
						if !table.Get(testLink(i+1).Code, &v) {
							if least > 0 {
								errs <- fmt.Errorf("link %d is not found after version %d was entered", i, least)
								return
							}
							continue
						}
						var version uint64
						if _, err := fmt.Sscan(string(v.TrackingID), &version); err != nil || version < least || says(&v) != wants(build(i, version)) {
							errs <- fmt.Errorf("link %d: after version %d was entered, %s is found", i, least, says(&v))
							return
						}
						v.Release()
					}
				})
			}
			for version := uint64(1); version <= rounds; version++ {
				for i := range uint64(n) {
					mustPut(t, table, build(i, version))
					versions[i].Store(version)
				}
				runtime.GC() // emptied segments go now, under the readers
			}
			close(stop)
			readers.Wait()
			select {
			case err := <-errs:
				t.Error(err)
			default:
			}
			s := table.Stats()
			if s.Links != n {
				t.Errorf("%d links are left of %d", s.Links, n)
			}
			// 1,500 links in 64 versions are some 50 MB; what stays is what lives, and less than as much again, and the segments in use.
			if s.Mapped > 6*segmentBytes {
				t.Errorf("%d bytes are kept for %d links: replaced rows are not given back", s.Mapped, n)
			}
			var v View
			code := testLink(5).Code
			for _, state := range []State{Revoked, Blocked, Dead, Live} {
				if !table.SetState(code, state) || !table.Get(code, &v) || v.State != state {
					t.Errorf("the link is %s; want %s", v.State, state)
				}
			}
			if table.SetState(link.Code(12345), Revoked) {
				t.Error("a link that is not there was revoked")
			}
		})
	}
}

// What a feed tells again costs nothing.
func TestL1_TheSameAgainChangesNothing(t *testing.T) {
	table := testTable(t, 0)
	l := testLink(1)
	mustPut(t, table, l)
	before := table.last.used
	l.State = Revoked
	mustPut(t, table, l)
	var v View
	if !table.Get(l.Code, &v) || v.State != Revoked || table.last.used != before || table.Stats().Links != 1 || table.Stats().Live != 0 {
		t.Errorf("state %s, %d bytes instead of %d, %+v", v.State, table.last.used, before, table.Stats())
	}
}

// 10 M links fit into 2 GB: measured with a million links of ordinary length, index and ad spaces included. A bigger table needs
// less for each, as the index is a power of two; here it is at its worst, just after it grew.
func TestL1_MemoryOfALink(t *testing.T) {
	const n = 1_000_000
	heapNow := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heapNow()
	table := testTable(t, 0)
	for i := uint64(1); i <= n; i++ {
		mustPut(t, table, testLink(i))
	}
	onHeap := heapNow() - before
	s := table.Stats()
	perLink := float64(s.Mapped+onHeap) / n
	t.Logf("%d links: %d bytes of rows and index, %d on the heap: %.1f bytes a link", s.Links, s.Mapped, onHeap, perLink)
	if perLink > 200 {
		t.Errorf("a link takes %.1f bytes; 200 is the most", perLink)
	}
	// Out of the garbage collector's sight: what it sees does not grow with the links.
	if onHeap > 4<<20 {
		t.Errorf("%d bytes for links are on the heap", onHeap)
	}
	runtime.KeepAlive(table)
}

func TestSnapshot(t *testing.T) {
	table := testTable(t, 0)
	const n = 5000
	for i := uint64(1); i <= n; i++ {
		l := testLink(i)
		l.State = State(i % uint64(states))
		if i%5 == 0 {
			l.Substitute = testLink(i + 1).Target
		}
		mustPut(t, table, l)
	}
	for i := uint64(1); i <= n; i += 2 { // some rows are dead
		l := testLink(i)
		l.TrackingID = "again"
		mustPut(t, table, l)
	}
	if err := table.PutSpace(&publisher.AdSpace{ID: "space1", Publisher: "pub1", Program: "p", TrafficType: program.Video, ApprovedAt: time.UnixMicro(5), BlockedAt: time.UnixMicro(9)}); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := table.Save(&file, []byte("cursor 7")); err != nil {
		t.Fatal(err)
	}
	image := file.Bytes()
	loaded, cursor, err := Load(writeFile(t, image))
	if err != nil || string(cursor) != "cursor 7" {
		t.Fatalf("cursor %q, %v", cursor, err)
	}
	if err := loaded.PutProgram(Program{ID: "p", Site: testSite(t)}); err != nil {
		t.Fatal(err)
	}
	a, b := table.Stats(), loaded.Stats()
	a.Mapped, b.Mapped = 0, 0
	if a != b {
		t.Errorf("saved %+v, loaded %+v", a, b)
	}
	var v, w View
	for i := uint64(1); i <= n; i++ {
		if i == n/2 { // half of them from the file, half from memory
			if err := loaded.Settle(); err != nil {
				t.Fatal(err)
			}
		}
		code := testLink(i).Code
		if !table.Get(code, &v) || !loaded.Get(code, &w) || says(&v) != says(&w) {
			t.Fatalf("link %d: saved %s, loaded %s", i, says(&v), says(&w))
		}
		if w.Program == nil || w.Space.Known != v.Space.Known || w.Space.BlockedAt(9) != v.Space.BlockedAt(9) || w.Space.TrafficType != v.Space.TrafficType {
			t.Fatalf("link %d: the ad space was %+v and is %+v", i, v.Space, w.Space)
		}
	}
	// The loaded table goes on like any other.
	for i := uint64(n + 1); i <= 2*n; i++ {
		mustPut(t, loaded, testLink(i))
	}
	if !loaded.Get(testLink(2*n).Code, &w) || !loaded.Get(testLink(1).Code, &w) {
		t.Error("links are missing after more were added")
	}

	// A damaged snapshot is refused, wherever the damage is; red control: the image itself is not.
	if _, _, err := Load(writeFile(t, image)); err != nil {
		t.Errorf("the whole image: %v", err)
	}
	for at := 0; at < len(image); at += 1 + len(image)/200 {
		bad := bytes.Clone(image)
		bad[at] ^= 0x10
		if _, _, err := Load(writeFile(t, bad)); !errors.Is(err, ErrSnapshot) {
			t.Errorf("byte %d altered: %v", at, err)
		}
		if _, _, err := Load(writeFile(t, image[:at])); !errors.Is(err, ErrSnapshot) {
			t.Errorf("cut at byte %d: %v", at, err)
		}
	}
	if _, _, err := Load(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file at all: %v", err)
	}
	if err := table.Save(&file, make([]byte, maxCursor+1)); err == nil {
		t.Error("an endless cursor is saved")
	}
	if err := table.Save(failing{}, nil); err == nil {
		t.Error("a full disk is not noticed")
	}
}

func writeFile(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "links")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// The hot path looks up without memory of its own.
func TestGetWithoutAllocation(t *testing.T) {
	table := testTable(t, 0)
	mustPut(t, table, testLink(1))
	code := testLink(1).Code
	var v View
	if n := testing.AllocsPerRun(100, func() { table.Get(code, &v) }); n != 0 {
		t.Errorf("a look-up allocates %v times", n)
	}
}

// A snapshot whose sum is right and whose contents are wrong is refused or loaded, and crashes nothing.
func FuzzLoad(f *testing.F) {
	table := testTable(f, 0)
	mustPut(f, table, testLink(1))
	var file bytes.Buffer
	if err := table.Save(&file, []byte("c")); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes()[:file.Len()-4])
	f.Add(file.Bytes()[:200])
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < headBytes {
			return
		}
		b = bytes.Clone(b)
		copy(b, magic)
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
		loaded := &Table{programs: map[program.ID]*programCell{}, alloc: mapped}
		if _, err := loaded.load(&image{b}); err != nil && !errors.Is(err, ErrSnapshot) {
			t.Error(err)
		}
	})
}

// tenMillion builds the table of the promise: 10 M links in 2 GB.
func tenMillion(b *testing.B) (*Table, []link.Code) {
	const n = 10_000_000
	table := testTable(b, n)
	start := time.Now()
	for i := uint64(1); i <= n; i++ {
		mustPut(b, table, testLink(i))
	}
	filled := time.Since(start)
	b.ResetTimer()
	b.ReportMetric(filled.Seconds(), "s/fill")
	b.ReportMetric(float64(table.Stats().Mapped)/n, "B/link")
	rng := rand.New(rand.NewPCG(1, 2))
	codes := make([]link.Code, 1<<20)
	for i := range codes {
		codes[i] = testLink(1 + rng.Uint64N(n)).Code
	}
	return table, codes
}

// Run it with -benchtime 3000000x, or the table is built several times.
func BenchmarkGetAmongTenMillion(b *testing.B) {
	table, codes := tenMillion(b)
	var v View
	b.ReportAllocs()
	for i := range b.N {
		if !table.Get(codes[i&(1<<20-1)], &v) {
			b.Fatal("lost")
		}
	}
}

// Run it with -benchtime 1x.
func BenchmarkSnapshotOfTenMillion(b *testing.B) {
	table, _ := tenMillion(b)
	for range b.N {
		file, err := os.Create(b.TempDir() + "/links")
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if err := table.Save(file, nil); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/save")
		if err := file.Close(); err != nil {
			b.Fatal(err)
		}
		start = time.Now()
		loaded, _, err := Load(file.Name())
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/load")
		start = time.Now()
		if err := loaded.Settle(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/settle")
	}
}
