package link

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func testCodes(t testing.TB) *Codes {
	t.Helper()
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	c, err := NewCodes(key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// L1: an ID has one code of ten base-62 digits, and the code leads back to it.
func TestL1_CodesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key")
		c, err := NewCodes(key)
		if err != nil {
			t.Fatal(err)
		}
		id := rapid.Uint64Range(1, MaxID).Draw(t, "id")
		code, err := c.Code(id)
		if err != nil {
			t.Fatal(err)
		}
		text := code.String()
		if len(text) != CodeLen {
			t.Fatalf("code %q has %d characters", text, len(text))
		}
		parsed, ok := ParseCode(text)
		if !ok || parsed != code {
			t.Fatalf("%q is read as %d, %v; want %d", text, parsed, ok, code)
		}
		if back, ok := c.ID(code); !ok || back != id {
			t.Fatalf("code %q leads to %d, %v; want %d", text, back, ok, id)
		}
	})
}

// Every number below 62^10 is the code of one number: the permutation loses and doubles nothing.
func TestL1_EveryCodeHasOneText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(0, codeCount-1).Draw(t, "n")
		if back, ok := ParseCode(Code(n).Append(nil)); !ok || uint64(back) != n {
			t.Fatalf("%d is written %q and read as %d", n, Code(n), back)
		}
	})
	if last, ok := ParseCode("zzzzzzzzzz"); !ok || last != codeCount-1 {
		t.Errorf("the last code is %d; want 62^10-1 = %d", last, uint64(codeCount-1))
	}
	for _, bad := range []string{"", "123456789", "12345678901", "12345-7890", "123456789_", "12345678 9", "123456789é", "/234567890", ":234567890", "@234567890", "[234567890", "`234567890", "{234567890", "\x00234567890"} {
		if c, ok := ParseCode(bad); ok {
			t.Errorf("%q is read as code %d", bad, c)
		}
	}
}

// The codes of an installation stay what they are: links were printed. The values come from another implementation of the same
// permutation, on the AES of a command-line tool; a change of them breaks every link that exists.
func TestL1_CodesNeverChange(t *testing.T) {
	c := testCodes(t)
	for id, want := range map[uint64]string{1: "veWmecEEXg", 2: "9L2YzsoUOw", 3: "cqolx6YawA", 10_000_000: "Rp5sSDfLSm", MaxID: "gKXxMEOTJQ"} {
		code, err := c.Code(id)
		if err != nil {
			t.Fatal(err)
		}
		if code.String() != want {
			t.Errorf("link %d has code %s; it had %s", id, code, want)
		}
	}
}

func TestL1_CodesRefuse(t *testing.T) {
	c := testCodes(t)
	for _, id := range []uint64{0, MaxID + 1, 1 << 60, 1<<64 - 1} {
		if code, err := c.Code(id); err == nil {
			t.Errorf("id %d has the code %s", id, code)
		}
	}
	for _, n := range []int{0, 16, 31, 33} {
		if _, err := NewCodes(make([]byte, n)); err == nil {
			t.Errorf("a key of %d bytes is accepted", n)
		}
	}
	if _, ok := c.ID(codeCount); ok {
		t.Error("a number that is no code has an id")
	}
}

// L1: a code cannot be guessed from others. Two IDs that follow each other, or differ in one bit, have codes that differ in about
// half of their bits, wherever the difference is; another key gives other codes.
func TestL1_CodesTellNothingAboutTheNext(t *testing.T) {
	c := testCodes(t)
	code := func(c *Codes, id uint64) uint64 {
		n, err := c.Code(id)
		if err != nil {
			t.Fatal(err)
		}
		return uint64(n)
	}
	const n = 20_000
	var flipped [59]int
	for id := uint64(1); id <= n; id++ {
		diff := code(c, id) ^ code(c, id+1)
		for bit := range flipped {
			flipped[bit] += int(diff >> bit & 1)
		}
	}
	for bit, count := range flipped {
		// Below the two highest bits, whose distribution the limit 62^10 bends, a share of one half; 6 standard deviations of n.
		if bit < 57 && (count < n/2-425 || count > n/2+425) {
			t.Errorf("bit %d of the next code differs %d times in %d: want about half", bit, count, n)
		}
	}
	other, err := NewCodes(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for id := uint64(1); id <= n; id++ {
		if code(c, id) == code(other, id) {
			same++
		}
	}
	if same != 0 {
		t.Errorf("%d of %d codes are the same under another key", same, n)
	}
}

// L1: codes cannot be enumerated: of a million tries none finds one of a hundred thousand links. A scheme without a key (red
// control: the ID itself as code) is enumerated at once.
func TestL1_CodesCannotBeEnumerated(t *testing.T) {
	c := testCodes(t)
	const links, tries = 100_000, 1_000_000
	live := make(map[Code]bool, links)
	for id := uint64(1); id <= links; id++ {
		code, err := c.Code(id)
		if err != nil {
			t.Fatal(err)
		}
		live[code] = true
	}
	if len(live) != links {
		t.Fatalf("%d links have %d codes", links, len(live))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	hits := 0
	for range tries {
		if live[Code(rng.Uint64N(codeCount))] {
			hits++
		}
	}
	// Around known codes is no better.
	for code := range live {
		if live[code+1] || live[code-1] || live[code^1<<30] {
			hits++
		}
	}
	if hits != 0 {
		t.Errorf("%d guesses found a link", hits)
	}

	naive := map[Code]bool{}
	for id := range Code(links) {
		naive[id] = true
	}
	for id := range Code(tries) {
		if naive[id] {
			hits++
		}
	}
	if hits != links {
		t.Errorf("the control, IDs as codes, should have been enumerated whole; %d found", hits)
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add([]byte("0000000000"))
	f.Add([]byte("zzzzzzzzzz"))
	f.Add([]byte("..////...."))
	f.Fuzz(func(t *testing.T, text []byte) {
		code, ok := ParseCode(text)
		if ok && !bytes.Equal(code.Append(nil), text) {
			t.Errorf("%s is read as %d, which is written %s", hex.EncodeToString(text), code, code)
		}
	})
}

func BenchmarkCode(b *testing.B) {
	c := testCodes(b)
	b.ReportAllocs()
	for i := range b.N {
		if _, err := c.Code(uint64(i) + 1); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseCode(b *testing.B) {
	text := []byte("YSaHCudYBd")
	b.ReportAllocs()
	for range b.N {
		if _, ok := ParseCode(text); !ok {
			b.Fatal("no code")
		}
	}
}
