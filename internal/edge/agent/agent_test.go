package agent

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/mileusna/useragent"

	"github.com/clickledger/clickledger/internal/edge/record"
)

func lines(t testing.TB, file string) (all []string) {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		if line := in.Text(); line != "" && !strings.HasPrefix(line, "# ") {
			all = append(all, line)
		}
	}
	return all
}

// T6: of more than seven hundred real crawlers, previewers and tools at most one in a hundred passes for a browser. Red control: the
// library alone lets many more pass.
func TestT6_CrawlersAreKnown(t *testing.T) {
	all := lines(t, "crawlers.txt")
	var missed []string
	alone := 0
	for _, text := range all {
		if a := Parse(text); a.Reason == record.None {
			missed = append(missed, text)
		} else if a.Device != record.Robot {
			t.Errorf("%q is a %s", text, a.Device)
		}
		if !useragent.Parse(text).Bot {
			alone++
		}
	}
	if len(all) < 700 || len(missed)*100 > len(all) {
		t.Errorf("%d of %d crawlers pass for browsers:\n%s", len(missed), len(all), strings.Join(missed, "\n"))
	}
	if alone*10 < len(all) {
		t.Errorf("the library alone misses %d of %d: the list is too easy to prove the words", alone, len(all))
	}
	t.Logf("%d of %d crawlers pass for browsers; by the library alone %d would", len(missed), len(all), alone)
}

// T6: no person is taken for a machine, whatever browser, phone or app he uses.
func TestT6_BrowsersAreNotTakenForMachines(t *testing.T) {
	all := lines(t, "browsers.txt")
	for _, line := range all {
		device, rest, _ := strings.Cut(line, " ")
		os, text, _ := strings.Cut(rest, " ")
		a := Parse(text)
		if a.Reason != record.None {
			t.Errorf("judged %s: %s", a.Reason, text)
			continue
		}
		if a.Device.String() != device || string(a.OS) != os || len(a.Name) == 0 {
			t.Errorf("a %s with %q, %q; want %s with %s: %s", a.Device, a.OS, a.Name, device, os, text)
		}
	}
	if len(all) < 55 {
		t.Errorf("there are only %d browsers", len(all))
	}
}

func TestT6_KindsOfMachine(t *testing.T) {
	for text, want := range map[string]record.Reason{
		"":                                 record.NoAgent,
		"  ":                               record.NoAgent,
		"-":                                record.HTTPClient,
		"curl/8.5.0":                       record.KnownBot,
		"python-requests/2.32.3":           record.KnownBot,
		"Go-http-client/1.1":               record.HTTPClient,
		"Java/17.0.2":                      record.KnownBot,
		"okhttp/4.12.0":                    record.KnownBot,
		"WhatsApp/2.24.1 A":                record.HTTPClient,
		"Dalvik/2.1.0 (Linux; U; Android)": record.HTTPClient,
		"MyApp/3 CFNetwork/1490 Darwin/23": record.HTTPClient,
		"TelegramBot (like TwitterBot)":    record.KnownBot,
		"Mozilla/5.0 (compatible)":         record.KnownBot,
		"Mozilla/5.0 (Linux; Android 10; CUBOT X30) (compatible; Googlebot/2.1)":                                                        record.KnownBot,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36":                 record.KnownBot,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 evil@spam.tld": record.KnownBot,
		strings.Repeat("Mozilla/5.0 ", 1000): record.None,
	} {
		if a := Parse(text); a.Reason != want {
			t.Errorf("%.60q is judged %q; want %q", text, a.Reason, want)
		}
	}
}

// The cache answers as Parse does, also when user agents push each other out and many ask at once, and without memory for the known.
func TestCache(t *testing.T) {
	c := NewCache(4)
	all := append(lines(t, "crawlers.txt"), strings.Repeat("Mozilla/5.0 ", 100), strings.Repeat("Mozilla/5.0 ", 100)+"x", "")
	want := map[string]string{}
	say := func(a *Agent) string { return fmt.Sprintf("%s %s %s %s", a.Reason, a.Device, a.Name, a.OS) }
	for _, text := range all {
		want[text] = say(Parse(text))
	}
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 3 {
				for _, text := range all {
					if a := c.Get([]byte(text)); say(a) != want[text] {
						t.Errorf("the cache says %s of %q; want %s", say(a), text, want[text])
						return
					}
				}
			}
		})
	}
	readers.Wait()
	text := []byte("Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0")
	h := c.Get(text).Hash
	if n := testing.AllocsPerRun(100, func() {
		if c.Get(text).Hash != h {
			t.Error("the hash of one user agent changes")
		}
	}); n != 0 {
		t.Errorf("a known user agent allocates %v times", n)
	}
	want64 := fnv.New64a()
	_, _ = want64.Write(text)
	if h != want64.Sum64() {
		t.Errorf("the hash is %x; FNV-1a is %x", h, want64.Sum64())
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range lines(f, "browsers.txt") {
		f.Add(text)
	}
	f.Add("Mozilla/5.0 (Linux; Android")
	f.Add("(((((;;;;/////")
	f.Fuzz(func(t *testing.T, text string) {
		a := Parse(text)
		if len(a.Name) > maxName || len(a.OS) > maxName || len(a.text) > maxText {
			t.Errorf("%q: %d, %d, %d bytes are kept", text, len(a.Name), len(a.OS), len(a.text))
		}
	})
}

func BenchmarkKnown(b *testing.B) {
	c := NewCache(12)
	text := []byte("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36")
	b.ReportAllocs()
	for range b.N {
		c.Get(text)
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		Parse("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36")
	}
}
