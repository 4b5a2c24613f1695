package token

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/link"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 123456000, time.UTC)

func secret(b byte) (s Secret) {
	for i := range s {
		s[i] = b + byte(i)
	}
	return s
}

func testRing(t testing.TB, keys ...Key) *Keyring {
	t.Helper()
	if len(keys) == 0 {
		keys = []Key{{ID: 7, Secret: secret(1), From: noon.AddDate(0, -1, 0)}}
	}
	r, err := NewKeyring(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func testClaims() Claims {
	return Claims{
		Click: NewID(noon, Nonce{1, 2, 3, 4, 5, 6, 7, 8, 9}), Link: 4711,
		Sub: DigestOf(&link.SubIDs{[]byte("blog"), nil, []byte("x"), nil}), Verdict: click.Valid,
	}
}

func sign(t testing.TB, r *Keyring, c Claims) string {
	t.Helper()
	text, err := r.Append(nil, &c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// L3: a token says what it was made of: click, link, sub-IDs, verdict.
func TestL3_TokensRoundTrip(t *testing.T) {
	r := testRing(t)
	rapid.Check(t, func(t *rapid.T) {
		c := Claims{
			Click:   IDAt(rapid.Int64Range(noon.AddDate(0, -1, 0).UnixMicro(), maxMicro).Draw(t, "time"), Nonce(rapid.SliceOfN(rapid.Byte(), 9, 9).Draw(t, "nonce"))),
			Link:    rapid.Uint64Range(0, maxLink).Draw(t, "link"),
			Sub:     Digest(rapid.SliceOfN(rapid.Byte(), 5, 5).Draw(t, "sub")),
			Verdict: click.Verdict(rapid.Uint8Range(0, uint8(click.Fraud)).Draw(t, "verdict")),
		}
		text, err := r.Append([]byte("x="), &c)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) != 2+Len || string(text[:2]) != "x=" {
			t.Fatalf("%q is not what was appended to and %d characters", text, Len)
		}
		for _, b := range text[2:] {
			if !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", rune(b)) {
				t.Fatalf("%q cannot stand in a query as it is", text)
			}
		}
		got, err := r.Parse(string(text[2:]), noon)
		if err != nil || got != c {
			t.Fatalf("%q says %+v, %v; want %+v", text, got, err, c)
		}
	})
}

// The format is fixed: tokens live for months. The expected token is put together here by hand with the standard library's HMAC.
func TestL3_TokenFormat(t *testing.T) {
	c := testClaims()
	c.Verdict = click.CookieStuffing
	raw := []byte{1<<4 | 4, 7}
	raw = append(raw, binary.BigEndian.AppendUint64(nil, uint64(noon.UnixMicro()))[1:]...)
	raw = append(raw, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	raw = append(raw, 0, 0, 0, 0, 0, 0x12, 0x67)
	sum := sha256.Sum256([]byte("\x04blog\x00\x01x\x00"))
	raw = append(raw, sum[:5]...)
	key := secret(1)
	h := hmac.New(sha256.New, key[:])
	h.Write(raw)
	want := base64.RawURLEncoding.EncodeToString(h.Sum(raw)[:46])
	if got := sign(t, testRing(t), c); got != want {
		t.Errorf("the token is\n%s; want\n%s", got, want)
	}
}

// T6: the verdict is part of what is signed, so a click that was judged invalid cannot win by its token either.
func TestT6_TheVerdictIsSigned(t *testing.T) {
	r := testRing(t)
	c := testClaims()
	c.Verdict = click.Bot
	raw, err := base64.RawURLEncoding.DecodeString(sign(t, r, c))
	if err != nil {
		t.Fatal(err)
	}
	raw[0] = raw[0]&0xF0 | byte(click.Valid)
	if got, err := r.Parse(base64.RawURLEncoding.EncodeToString(raw), noon); !errors.Is(err, ErrBadMAC) {
		t.Errorf("a bot's token made valid says %+v, %v; want a bad signature", got, err)
	}
}

// flips counts the accepted texts among all that differ from a token in one bit, of its bytes and of its characters.
func flips(t *testing.T, r *Keyring, text string) (accepted, tried int) {
	t.Helper()
	try := func(forged string) {
		tried++
		got, err := r.Parse(forged, noon)
		if err == nil {
			accepted++
			return
		}
		if got != (Claims{}) {
			t.Errorf("%q is refused and says %+v", forged, got)
		}
		if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnknownKey) && !errors.Is(err, ErrExpiredKey) && !errors.Is(err, ErrBadMAC) {
			t.Errorf("%q: the error has no kind: %v", forged, err)
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(raw) * 8 {
		forged := slices.Clone(raw)
		forged[bit/8] ^= 1 << (bit % 8)
		try(base64.RawURLEncoding.EncodeToString(forged))
	}
	for bit := range len(text) * 8 {
		forged := []byte(text)
		forged[bit/8] ^= 1 << (bit % 8)
		try(string(forged))
	}
	return accepted, tried
}

// R9: no token that differs from a real one in a single bit is accepted. Red control: without the comparison of signatures most are.
func TestL3_OneBitFlipsAreRefused(t *testing.T) {
	r := testRing(t)
	text := sign(t, r, testClaims())
	if accepted, tried := flips(t, r, text); accepted != 0 || tried != 46*8+62*8 {
		t.Errorf("%d of %d altered tokens are accepted", accepted, tried)
	}
	r.unchecked = true
	if accepted, _ := flips(t, r, text); accepted < 300 {
		t.Errorf("the control accepts %d altered tokens only: the test would not notice a missing check", accepted)
	}
}

// forge tries n forged tokens and returns how many are accepted.
func forge(t *testing.T, r *Keyring, n int) (accepted int) {
	t.Helper()
	rng := rand.NewChaCha8([32]byte{3})
	var real [64][]byte
	for i := range real {
		c := testClaims()
		c.Link = uint64(i)
		raw, err := base64.RawURLEncoding.DecodeString(sign(t, r, c))
		if err != nil {
			t.Fatal(err)
		}
		real[i] = raw
	}
	raw := make([]byte, size)
	text := make([]byte, Len)
	for i := range n {
		a, b := real[i%64], real[(i/64+i)%64]
		copy(raw, a)
		switch i % 6 {
		case 0: // another signature
			_, _ = rng.Read(raw[signed:])
		case 1: // another click, the old signature
			_, _ = rng.Read(raw[9:18])
		case 2: // another link, and the signature of a token for yet another one
			binary.BigEndian.PutUint64(raw[17:25], uint64(raw[17])<<56|rng.Uint64()>>8)
			copy(raw[signed:], b[signed:])
		case 3: // all of it but version and key
			_, _ = rng.Read(raw[2:])
		case 4: // some bytes somewhere
			for range 1 + rng.Uint64()%4 {
				raw[rng.Uint64()%size] ^= byte(1 + rng.Uint64()%255)
			}
		case 5: // the tail of the signature of a short forgery
			clear(raw[signed+int(rng.Uint64()%macSize):])
			raw[size-1] ^= a[size-1] ^ byte(rng.Uint64()|1)
		}
		if slices.ContainsFunc(real[:], func(x []byte) bool { return bytes.Equal(x, raw) }) {
			continue // it was forged into a real one
		}
		base64.RawURLEncoding.Encode(text, raw)
		if _, err := r.Parse(string(text), noon); err == nil {
			accepted++
		}
	}
	return accepted
}

// R9: of a million forged tokens (or CLICKLEDGER_FORGED_TOKENS) none is accepted. Red control: without the comparison of signatures
// most are.
func TestL3_ForgedTokensAreRefused(t *testing.T) {
	n := 1_000_000
	if env := os.Getenv("CLICKLEDGER_FORGED_TOKENS"); env != "" {
		var err error
		if n, err = strconv.Atoi(env); err != nil {
			t.Fatalf("CLICKLEDGER_FORGED_TOKENS: %v", err)
		}
	}
	r := testRing(t)
	if accepted := forge(t, r, n); accepted != 0 {
		t.Errorf("%d of %d forged tokens are accepted", accepted, n)
	}
	r.unchecked = true
	if accepted := forge(t, r, 6000); accepted < 3000 {
		t.Errorf("the control accepts %d of 6000 forged tokens only: the test would not notice a missing check", accepted)
	}
}

// L3: keys rotate. Each signs in its time, verifies until its end, and is refused afterwards.
func TestL3_KeysRotate(t *testing.T) {
	day := func(d int) time.Time { return noon.AddDate(0, 0, d) }
	old := Key{ID: 1, Secret: secret(10), From: day(0), Until: day(10).Add(Keep(72*time.Hour, 72*time.Hour))}
	fresh := Key{ID: 2, Secret: secret(20), From: day(10)}
	before, both, after := testRing(t, old), testRing(t, fresh, old), testRing(t, fresh)
	at := func(d int) Claims { c := testClaims(); c.Click = NewID(day(d), Nonce{byte(d)}); return c }

	if got := sign(t, both, at(9)); got != sign(t, before, at(9)) {
		t.Error("before its time the new key signs")
	}
	if got := sign(t, both, at(10)); got != sign(t, after, at(10)) {
		t.Error("from its first instant on the new key does not sign")
	}
	if _, err := both.Append(nil, &Claims{Click: NewID(day(-1), Nonce{})}); !errors.Is(err, ErrNoKey) {
		t.Errorf("before the first key's time: %v", err)
	}

	retired := sign(t, both, at(9))
	for _, c := range []struct {
		ring *Keyring
		now  time.Time
		want error
	}{
		{both, day(9), nil},
		{both, day(11), nil},
		{both, old.Until, nil},
		{both, old.Until.Add(time.Microsecond), ErrExpiredKey},
		{after, day(11), ErrUnknownKey},
	} {
		if got, err := c.ring.Parse(retired, c.now); !errors.Is(err, c.want) || err == nil && got != at(9) {
			t.Errorf("a retired key's token at %s: %+v, %v; want %v", c.now, got, err, c.want)
		}
	}
	if want := day(10 + 3 + 3 + 30); !old.Until.Equal(want) {
		t.Errorf("a retired key is kept until %s; window, payment deadline and a month make it %s", old.Until, want)
	}

	// An edge that has not heard of the new key yet goes on with the old one, for a while.
	late := at(10)
	if _, err := both.Parse(sign(t, before, late), day(11)); err != nil {
		t.Errorf("signed by an edge that was late with the new key: %v", err)
	}
	// Whoever stole the retired key cannot sign today's clicks.
	stolen := at(12)
	if _, err := both.Parse(sign(t, before, stolen), day(12)); !errors.Is(err, ErrExpiredKey) {
		t.Errorf("signed today with a retired key: %v; want %v", err, ErrExpiredKey)
	}
	// Nor yesterday's with a key that had not begun.
	early := Key{ID: 2, Secret: secret(20), From: day(0)}
	if _, err := both.Parse(sign(t, testRing(t, early), at(9)), day(12)); !errors.Is(err, ErrExpiredKey) {
		t.Errorf("signed before the key's time: %v; want %v", err, ErrExpiredKey)
	}

	ended := testRing(t, Key{ID: 1, Secret: secret(1), From: day(0), Until: day(1)})
	c := at(2)
	if _, err := ended.Append(nil, &c); !errors.Is(err, ErrNoKey) {
		t.Errorf("signing with a key that has ended: %v", err)
	}
}

func TestL3_KeyringsRefuse(t *testing.T) {
	ok := Key{ID: 1, Secret: secret(1), From: noon}
	for name, keys := range map[string][]Key{
		"no key":         {},
		"no secret":      {{ID: 1, From: noon}},
		"same id":        {ok, {ID: 1, Secret: secret(2), From: noon.Add(1)}},
		"same beginning": {ok, {ID: 2, Secret: secret(2), From: noon}},
		"ends at once":   {{ID: 1, Secret: secret(1), From: noon, Until: noon}},
	} {
		if _, err := NewKeyring(keys...); err == nil || !strings.HasPrefix(err.Error(), "keyring: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := testRing(t)
	if _, err := r.Append(nil, &Claims{Click: testClaims().Click, Link: 1 << 56}); err == nil {
		t.Error("a link id of 57 bits is signed")
	}
	if _, err := r.Append(nil, &Claims{Click: testClaims().Click, Verdict: click.Fraud + 1}); err == nil {
		t.Error("an unknown verdict is signed")
	}
}

// Each way to be wrong has its error.
func TestL3_ParseErrors(t *testing.T) {
	r := testRing(t)
	good := sign(t, r, testClaims())
	raw := func(change func(b []byte)) string {
		b, err := base64.RawURLEncoding.DecodeString(good)
		if err != nil {
			t.Fatal(err)
		}
		change(b)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	resign := func(change func(b []byte)) string {
		return raw(func(b []byte) {
			change(b)
			mac := r.keys[0].mac((*[signed]byte)(b[:signed]))
			copy(b[signed:], mac[:])
		})
	}
	for _, c := range []struct {
		name, text string
		want       error
	}{
		{"good", good, nil},
		{"empty", "", ErrMalformed},
		{"cut", good[:61], ErrMalformed},
		{"longer", good + "A", ErrMalformed},
		{"padded", good + "==", ErrMalformed},
		{"with a line break", good[:30] + "\n" + good[31:], ErrMalformed},
		{"two line breaks", good[:60] + "\r\n", ErrMalformed},
		{"other alphabet", strings.Repeat("+/", 31), ErrMalformed},
		{"version", raw(func(b []byte) { b[0] = 2 << 4 }), ErrMalformed},
		{"key", raw(func(b []byte) { b[1] = 8 }), ErrUnknownKey},
		{"altered", raw(func(b []byte) { b[20]++ }), ErrBadMAC},
		{"unknown verdict", resign(func(b []byte) { b[0] |= 15 }), ErrMalformed},
		{"before the key", resign(func(b []byte) { clear(b[2:9]) }), ErrExpiredKey},
		{"signed anew", resign(func(b []byte) { b[20]++ }), nil},
	} {
		if _, err := r.Parse(c.text, noon); !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want %v", c.name, err, c.want)
		}
	}
}

// L2: the digest tells sub-IDs apart, wherever they stand and however they are divided.
func TestL2_DigestOfSubIDs(t *testing.T) {
	sub := func(v ...string) *link.SubIDs {
		var s link.SubIDs
		for i := range v {
			if v[i] != "" {
				s[i] = []byte(v[i])
			}
		}
		return &s
	}
	seen := map[Digest]string{}
	for _, v := range [][]string{{}, {"a"}, {"", "a"}, {"", "", "a"}, {"", "", "", "a"}, {"a", "b"}, {"ab"}, {"", "ab"}, {"a\x00"}, {"a", "", "b"}, {strings.Repeat("x", 128)}, {strings.Repeat("x", 127), "x"}} {
		d := DigestOf(sub(v...))
		if other, ok := seen[d]; ok {
			t.Errorf("%q and %s have the same digest", v, other)
		}
		seen[d] = fmt.Sprintf("%q", v)
	}
	first, second := DigestOf(sub("a")), DigestOf(sub("a"))
	if (DigestOf(sub()) != Digest{}) || first != second {
		t.Error("the digest of nothing is not zero, or one set has two digests")
	}
}

// IDs sort by time, as bytes and as texts, and every ID has one text.
func TestL3_ClickIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) ID {
			return IDAt(rapid.Int64Range(0, maxMicro).Draw(t, name), Nonce(rapid.SliceOfN(rapid.Byte(), 9, 9).Draw(t, name+" nonce")))
		}
		a, b := draw("a"), draw("b")
		if got, err := ParseID(a.String()); err != nil || got != a {
			t.Fatalf("%s is read as %s, %v", a, got, err)
		}
		if bytes.Compare(a[:], b[:]) != strings.Compare(a.String(), b.String()) {
			t.Fatalf("%s and %s sort another way than their bytes", a, b)
		}
		if a.Micro() < b.Micro() && a.String() >= b.String() {
			t.Fatalf("%s is earlier than %s and sorts behind it", a, b)
		}
		if !a.Time().Equal(time.UnixMicro(a.Micro())) || a.Time().Location() != time.UTC {
			t.Fatalf("%s has the time %s", a, a.Time())
		}
	})
	id := NewID(noon, Nonce{1})
	if want := "clk_"; !strings.HasPrefix(id.String(), want) || len(id.String()) != 30 || !id.Time().Equal(noon) {
		t.Errorf("the id of a click at noon is %s, of time %s", id, id.Time())
	}
	for _, bad := range []string{"", "clk_", id.String()[4:], "ent_" + id.String()[4:], id.String() + "0", id.String()[:29] + "1", strings.ToUpper(id.String()), "clk_\n" + id.String()[5:], id.String()[:29] + "w"} {
		if got, err := ParseID(bad); err == nil {
			t.Errorf("%q is read as %s", bad, got)
		}
	}
	if NewID(time.Unix(-5, 0), Nonce{}).Micro() != 0 || IDAt(1<<60, Nonce{}).Micro() != maxMicro {
		t.Error("times that no ID can hold are not held at the ends")
	}
	var back struct{ C ID }
	text, err := json.Marshal(struct{ C ID }{id})
	if err == nil {
		err = json.Unmarshal(text, &back)
	}
	if err != nil || back.C != id {
		t.Errorf("%s as JSON is %s and comes back as %s, %v", id, text, back.C, err)
	}
	if err := json.Unmarshal([]byte(`{"C":"clk_x"}`), &back); err == nil {
		t.Error("a wrong id is read from JSON")
	}
}

// A secret does not print, whatever is done with it.
func TestSecretsDoNotPrint(t *testing.T) {
	k := Key{ID: 1, Secret: secret(65), From: noon}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
		fmt.Fprintf(&out, verb+"\n", k.Secret)
		fmt.Fprintf(&out, verb+"\n", k)
		fmt.Fprintf(&out, verb+"\n", &k)
	}
	text, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)
	s := secret(65)
	for _, leak := range []string{"ABCDEF", hex.EncodeToString(s[:6]), strings.ToUpper(hex.EncodeToString(s[:6])), "65 66 67", "0x41, 0x42"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("the secret is printed as %q", leak)
		}
	}
}

// Signing into a buffer and checking take no memory.
func TestTokensWithoutAllocation(t *testing.T) {
	r, c := testRing(t), testClaims()
	buf := make([]byte, 0, Len)
	text := sign(t, r, c)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := r.Append(buf, &c); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("signing allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		if _, err := r.Parse(text, noon); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("checking allocates %v times", n)
	}
}

func FuzzParse(f *testing.F) {
	r := testRing(f)
	good := sign(f, r, testClaims())
	f.Add(good)
	f.Add(strings.Repeat("A", Len))
	f.Add(good[:60] + "\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := r.Parse(text, noon)
		if err == nil && sign(t, r, c) != text {
			t.Errorf("%q is accepted and is not what was signed", text)
		}
	})
}

func FuzzParseID(f *testing.F) {
	f.Add(NewID(noon, Nonce{1}).String())
	f.Add("clk_vvvvvvvvvvvvvvvvvvvvvvvvvs")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := ParseID(text); err == nil && id.String() != text {
			t.Errorf("%q is read as %s", text, id)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	r, c := testRing(b), testClaims()
	buf := make([]byte, 0, Len)
	b.ReportAllocs()
	for range b.N {
		if _, err := r.Append(buf, &c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	r := testRing(b)
	text := sign(b, r, testClaims())
	b.ReportAllocs()
	for range b.N {
		if _, err := r.Parse(text, noon); err != nil {
			b.Fatal(err)
		}
	}
}
