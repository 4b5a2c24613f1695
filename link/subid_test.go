package link

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func parseSub(query string) [4]string {
	var s SubIDs
	s.Parse([]byte(query), nil)
	return [4]string{string(s[AF]), string(s[CN]), string(s[CV]), string(s[DP])}
}

// L2: any subset of the four, in any order; other names are not recorded.
func TestL2_SubIDsFromTheQuery(t *testing.T) {
	for query, want := range map[string][4]string{
		"":                                    {},
		"af=a":                                {"a"},
		"dp=d&cv=v&cn=n&af=a":                 {"a", "n", "v", "d"},
		"cn=n":                                {"", "n"},
		"cv=v&dp=d":                           {"", "", "v", "d"},
		"utm_source=x&af=a&gclid=y":           {"a"},
		"af=&cn=n":                            {"", "n"},
		"af":                                  {},
		"af&cn=n":                             {"", "n"},
		"af=a=b":                              {"a=b"},
		"af=a;cn=n":                           {"a;cn=n"},
		"&&af=a&&":                            {"a"},
		"AF=a&Cn=b&aff=c&a=d&f=e&subaf=x":     {},
		"%61f=a":                              {},
		"af[]=a&af.x=b&af%5B0%5D=c":           {},
		"af=first&af=second":                  {"first"},
		"af=&af=second":                       {"second"},
		"af=a+b%20c":                          {"a b c"},
		"af=%E4%BD%A0%E5%A5%BD":               {"你好"},
		"af=你好":                               {"你好"},
		"af=100%":                             {"100%"},
		"af=%zz%4":                            {"%zz%4"},
		"af=%3Cscript%3E":                     {"<script>"},
		"af==cmd|'/c calc'!A0":                {"=cmd|'/c calc'!A0"},
		"af=a%26b%3Dc":                        {"a&b=c"},
		"cn=" + strings.Repeat("n", 128):      {"", strings.Repeat("n", 128)},
		"af=%F0%9F%98%80":                     {"😀"},
		"af=%E2%80%8D":                        {"\u200d"},
		"af=%EF%BF%BD":                        {"\ufffd"},
		"af=x&dp=" + strings.Repeat("%41", 3): {"x", "", "", "AAA"},
	} {
		if got := parseSub(query); got != want {
			t.Errorf("%q gives %q; want %q", query, got, want)
		}
	}
}

// L2: what could break a report or a log is kept as an escape.
func TestL2_ControlCharactersAreEscaped(t *testing.T) {
	for query, want := range map[string]string{
		"af=a%0Ab":              "a%0Ab",
		"af=a%0d%0aX:%20y":      "a%0D%0AX: y",
		"af=%00":                "%00",
		"af=a\x1bb":             "a%1Bb",
		"af=\x7f":               "%7F",
		"af=%C2%85":             "%C2%85",
		"af=%E2%80%A8":          "%E2%80%A8",
		"af=%E2%80%AEtxt":       "%E2%80%AEtxt",
		"af=%EF%BB%BFa":         "%EF%BB%BFa",
		"af=%FF%FE":             "%FF%FE",
		"af=a%C3":               "a%C3",
		"af=a%C3(":              "a%C3(",
		"af=%E2%82(":            "%E2%82(",
		"af=%E2%82%AC%E2":       "€%E2",
		"af=%ED%A0%80":          "%ED%A0%80",
		"af=%C0%AF":             "%C0%AF",
		"af=%F8%88%80%80":       "%F8%88%80%80",
		"af=\xe2%82\xac":        "€",
		"af=%F0%9F%98":          "%F0%9F%98",
		"af=%F0%9F%98%0A":       "%F0%9F%98%0A",
		"af=%E2%80%A8%E2%80%A9": "%E2%80%A8%E2%80%A9",
	} {
		if got := parseSub(query)[AF]; got != want {
			t.Errorf("%q gives %q; want %q", query, got, want)
		}
	}
}

// L2: a long value is cut at the documented limit, never inside a character or an escape.
func TestL2_LongSubIDsAreCut(t *testing.T) {
	for query, want := range map[string]string{
		"af=" + strings.Repeat("x", 4096):               strings.Repeat("x", 128),
		"af=" + strings.Repeat("x", 129):                strings.Repeat("x", 128),
		"af=" + strings.Repeat("x", 127) + "%E2%82%AC":  strings.Repeat("x", 127),
		"af=" + strings.Repeat("x", 125) + "%E2%82%ACy": strings.Repeat("x", 125) + "€",
		"af=" + strings.Repeat("x", 126) + "%0Ay":       strings.Repeat("x", 126),
		"af=" + strings.Repeat("x", 125) + "%0Ay":       strings.Repeat("x", 125) + "%0A",
		"af=" + strings.Repeat("%0A", 100):              strings.Repeat("%0A", 42),
		"af=" + strings.Repeat("%E4%BD%A0", 100):        strings.Repeat("你", 42),
	} {
		if got := parseSub(query)[AF]; got != want {
			t.Errorf("%.20q… gives %q; want %q", query, got, want)
		}
	}
}

// L2: whatever text a publisher's program puts there the usual way comes back, if it is short and can be seen.
func TestL2_SubIDsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[ -~\x{a1}-\x{ac}\x{ae}-\x{1fff}\x{4e00}-\x{4fff}\x{1f600}-\x{1f64f}]{1,25}`).Draw(t, "value")
		name := rapid.SampledFrom([]string{"af", "cn", "cv", "dp"}).Draw(t, "name")
		query := url.Values{name: {value}, "other": {"x"}}.Encode()
		place := map[string]int{"af": AF, "cn": CN, "cv": CV, "dp": DP}[name]
		if got := parseSub(query)[place]; got != value {
			t.Fatalf("%q gives %q; want %q", query, got, value)
		}
		if SubName(place) != name {
			t.Fatalf("sub-ID %d is named %q", place, SubName(place))
		}
	})
}

// The hot path parses without memory of its own.
func TestSubIDsParseWithoutAllocation(t *testing.T) {
	query := []byte("af=blog%20post&utm=x&cn=summer+sale&cv=4711&dp=%0A")
	buf := make([]byte, 0, 4*MaxSubID)
	var s SubIDs
	if n := testing.AllocsPerRun(100, func() { s.Parse(query, buf) }); n != 0 {
		t.Errorf("parsing allocates %v times", n)
	}
}

func FuzzSubIDs(f *testing.F) {
	for _, q := range []string{"af=a&cn=b&cv=c&dp=d", "af=%0a%E2%82", "af=%F0%9F%98%80+%", "=&=&af=&af", "cn=\xff\xfe%ff"} {
		f.Add([]byte(q))
	}
	f.Fuzz(func(t *testing.T, query []byte) {
		var s, again SubIDs
		kept := string(query)
		s.Parse(query, make([]byte, 0, 8))
		if string(query) != kept {
			t.Fatal("the query was written to")
		}
		for i, v := range s {
			if len(v) > MaxSubID || !utf8.Valid(v) {
				t.Fatalf("%s = %q: %d bytes, valid UTF-8: %v", SubName(i), v, len(v), utf8.Valid(v))
			}
			for _, r := range string(v) {
				if unseen(r) {
					t.Fatalf("%s = %q holds %U", SubName(i), v, r)
				}
			}
			// Kept values can be sent once more and stay what they are.
			if len(v) > 0 {
				again.Parse([]byte(SubName(i)+"="+url.QueryEscape(string(v))), nil)
				if string(again[i]) != string(v) {
					t.Fatalf("%s = %q becomes %q", SubName(i), v, again[i])
				}
			}
		}
	})
}

func BenchmarkSubIDs(b *testing.B) {
	query := []byte("af=blog-17&cn=summer&cv=4711&dp=sidebar")
	buf := make([]byte, 0, 4*MaxSubID)
	var s SubIDs
	b.ReportAllocs()
	for range b.N {
		s.Parse(query, buf)
	}
}
