package record

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

func full() *Record {
	return &Record{
		Click: token.NewID(time.Date(2026, 11, 20, 12, 0, 0, 123456000, time.UTC), token.Nonce{1, 2, 3, 4, 5, 6, 7, 8, 9}), Link: 1<<53 - 1,
		Program: []byte("global-eu"), Publisher: []byte("4711"), AdSpace: []byte("17"), TrackingID: []byte("blog"),
		Kind: program.LinkHot, Product: []byte("1005001234567890"), Store: []byte("1100123"),
		Sub:     link.SubIDs{[]byte("a"), []byte("c n"), []byte("cv"), []byte("d%0Ap")},
		Verdict: click.CookieStuffing, Reason: Frame, Flags: Substituted | FetchMetadata, Repeat: 513,
		Visitor: []byte("abcdefghijklmnopqrstuv"), Consent: ConsentGranted, Country: [2]byte{'D', 'E'}, Device: Mobile,
		Agent: []byte("Chrome"), OS: []byte("Android"), UserAgent: []byte("Mozilla/5.0 (Linux; Android 14)"), Referrer: []byte("blog.example/best-phones"),
		Network: netip.MustParsePrefix("203.0.113.0/24"), Hash: [8]byte{1, 2, 3, 4, 5, 6, 7, 8},
	}
}

var opts = cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })}

// L3: every member of a record is kept. The members are found by reflection: one that is added and not written fails here.
func TestL3_EveryMemberIsKept(t *testing.T) {
	r := full()
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the record of this test has no %s", v.Type().Field(i).Name)
		}
	}
	b := r.Append([]byte("x"))
	var got Record
	if err := got.Decode(b[1:]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*r, got, opts); diff != "" {
		t.Errorf("written and read:\n%s", diff)
	}
}

// The format is on disk. Bytes that were written once must be read for ever.
func TestL3_RecordFormat(t *testing.T) {
	b := full().Append(nil)
	if want := append([]byte{1}, full().Click[:]...); !bytes.Equal(b[:17], want) {
		t.Errorf("the record begins with %x; want version and click %x", b[:17], want)
	}
	// By hand: everything behind the click's id.
	tail := "1fffffffffffff" + "43" + "06" + "0500" + "12" + "4445" + "0102" + "0102030405060708" + "03" + "cb0071" +
		text("global-eu") + text("4711") + text("17") + text("blog") + text("1005001234567890") + text("1100123") + text("a") + text("c n") + text("cv") + text("d%0Ap") +
		text("abcdefghijklmnopqrstuv") + text("Chrome") + text("Android") + text("Mozilla/5.0 (Linux; Android 14)") + text("blog.example/best-phones")
	if got := hex.EncodeToString(b[17:]); got != tail {
		t.Errorf("the record is\n%s; want\n%s", got, tail)
	}
}

func text(s string) string { return hex.EncodeToString(append([]byte{byte(len(s))}, s...)) }

func TestL3_RecordsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) []byte { return rapid.SliceOfN(rapid.Byte(), 0, MaxText).Draw(t, name) }
		var networks = []netip.Prefix{{}, netip.MustParsePrefix("10.1.2.0/24"), netip.MustParsePrefix("2001:db8:7::/48")}
		r := Record{
			Click: token.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "click")), Link: rapid.Uint64Range(0, 1<<56-1).Draw(t, "link"),
			Program: text("program"), Publisher: text("publisher"), AdSpace: text("ad space"), TrackingID: text("tracking"),
			Kind: program.LinkKind(rapid.IntRange(1, 9).Draw(t, "kind")), Product: text("product"), Store: text("store"),
			Sub:     link.SubIDs{text("af"), text("cn"), text("cv"), text("dp")},
			Verdict: click.Verdict(rapid.IntRange(0, int(click.Fraud)).Draw(t, "verdict")), Reason: Reason(rapid.IntRange(0, Reasons-1).Draw(t, "reason")),
			Flags: Flags(rapid.IntRange(0, flagMask).Draw(t, "flags")), Repeat: rapid.Uint16().Draw(t, "repeat"),
			Visitor: text("visitor"), Consent: Consent(rapid.IntRange(0, 2).Draw(t, "consent")), Device: Device(rapid.IntRange(0, 4).Draw(t, "device")),
			Country: [2]byte(rapid.SliceOfN(rapid.Byte(), 2, 2).Draw(t, "country")), Agent: text("agent"), OS: text("os"), UserAgent: text("ua"), Referrer: text("referrer"),
			Network: rapid.SampledFrom(networks).Draw(t, "network"), Hash: [8]byte(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "hash")),
		}
		b := r.Append(nil)
		if len(b) > MaxLen {
			t.Fatalf("the record has %d bytes; MaxLen is %d", len(b), MaxLen)
		}
		var got Record
		if err := got.Decode(b); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, got, opts); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Texts that are too long are cut; the record stays readable.
func TestL3_LongTextsAreCut(t *testing.T) {
	r := full()
	r.Referrer, r.UserAgent = bytes.Repeat([]byte("r"), 300), bytes.Repeat([]byte("u"), 4000)
	var got Record
	if err := got.Decode(r.Append(nil)); err != nil || len(got.Referrer) != MaxText || len(got.UserAgent) != MaxText {
		t.Errorf("%d and %d bytes are left, %v", len(got.Referrer), len(got.UserAgent), err)
	}
}

func TestL3_DamagedRecordsAreRefused(t *testing.T) {
	good := full().Append(nil)
	var r Record
	for n := range good {
		if err := r.Decode(good[:n]); !errors.Is(err, ErrFormat) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	if err := r.Decode(append(bytes.Clone(good), 0)); !errors.Is(err, ErrFormat) {
		t.Errorf("a byte too many: %v", err)
	}
	for at, b := range map[int]byte{0: 2, 24: 0x72, 25: byte(reasons), 27: 0x80, 28: 0x35, 41: 4} {
		bad := bytes.Clone(good)
		bad[at] = b
		if err := r.Decode(bad); !errors.Is(err, ErrFormat) {
			t.Errorf("byte %d = %#x: %v", at, b, err)
		}
	}
}

// The click that attribution sees has all it needs, and shares no memory with the log's buffer.
func TestL3_Touch(t *testing.T) {
	b := full().Append(nil)
	var r Record
	if err := r.Decode(b); err != nil {
		t.Fatal(err)
	}
	got := r.Touch()
	clear(b)
	want := &click.Click{ID: full().Click.String(), At: time.Date(2026, 11, 20, 12, 0, 0, 123456000, time.UTC), Program: "global-eu", Visitor: "abcdefghijklmnopqrstuv", Channel: "affiliate",
		Publisher: "4711", AdSpace: "17", TrackingID: "blog", Target: click.Target{Kind: program.LinkHot, Product: "1005001234567890", Store: "1100123"},
		Sub: click.Sub{AF: "a", CN: "c n", CV: "cv", DP: "d%0Ap"}, Verdict: click.CookieStuffing}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSlugsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for r := range reasons {
		if s := r.String(); s == "" && r != None || seen[s] || strings.ToLower(s) != s {
			t.Errorf("reason %d has the slug %q", r, s)
		}
		seen[r.String()] = true
	}
	for d := range devices {
		if d.String() == "" {
			t.Errorf("device %d has no slug", d)
		}
	}
	for c := range consents {
		if c.String() == "" {
			t.Errorf("consent %d has no slug", c)
		}
	}
}

func TestAppendWithoutAllocation(t *testing.T) {
	r := full()
	buf := make([]byte, 0, MaxLen)
	if n := testing.AllocsPerRun(100, func() { r.Append(buf) }); n != 0 {
		t.Errorf("writing allocates %v times", n)
	}
	b := r.Append(nil)
	var got Record
	if n := testing.AllocsPerRun(100, func() {
		if err := got.Decode(b); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("reading allocates %v times", n)
	}
}

// Whatever is accepted is what Append writes.
func FuzzDecode(f *testing.F) {
	f.Add(full().Append(nil))
	f.Add((&Record{Kind: program.LinkHome}).Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Record
		if err := r.Decode(b); err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Errorf("the error has no kind: %v", err)
			}
			return
		}
		if again := r.Append(nil); !bytes.Equal(again, b) {
			t.Errorf("%x is read and written as %x", b, again)
		}
		_ = r.Touch()
	})
}

func BenchmarkAppend(b *testing.B) {
	r := full()
	buf := make([]byte, 0, MaxLen)
	b.ReportAllocs()
	for range b.N {
		buf = r.Append(buf[:0])
	}
	b.ReportMetric(float64(len(buf)), "B/record")
}

func BenchmarkDecode(b *testing.B) {
	in := full().Append(nil)
	var r Record
	b.ReportAllocs()
	for range b.N {
		if err := r.Decode(in); err != nil {
			b.Fatal(err)
		}
	}
}
