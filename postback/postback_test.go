package postback

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// L9: macros stand for what happened, each value stays one value, and what is wrong with an address is told.
func TestL9_Templates(t *testing.T) {
	m := Message{ID: "evt_1", Event: Approved, At: time.Unix(1780000000, 0), Order: "o/1", Amount: "-12.50", Currency: "USD", AF: "a&b=c d", CN: "ü?#"}
	for text, want := range map[string]string{
		"https://t.example/p?o={order}&a={amount}&c={currency}": "https://t.example/p?o=o%2F1&a=-12.50&c=USD",
		"https://t.example/{order}/{af}":                        "https://t.example/o%2F1/a%26b%3Dc%20d",
		"https://t.example/?x={cn}{cv}&t={time}":                "https://t.example/?x=%C3%BC%3F%23&t=1780000000",
		"https://t.example/plain":                               "https://t.example/plain",
	} {
		template, err := ParseTemplate(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := template.Expand(&m); got != want {
			t.Errorf("%s gives %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"http://t.example/": "https://", "ftp://t.example/": "https://", "https://{order}.example/": "behind the host", "https://t.example{order}/": "behind the host",
		"https://t.example/{ordre}": "no macro", "https://t.example/{order": "no } behind", "https://t.example/order}": "no { before", "https://user:pw@t.example/": "no address",
		"https:///{order}": "no address", "https://t.example/#{order}": "no address", "https://t.example/" + strings.Repeat("x", 2000): "2,000",
	} {
		if _, err := ParseTemplate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want one that says %q", text, err, want)
		}
	}
}

// Whatever an order holds, the address keeps its host, its path up to the macro and the number of its parameters.
func TestL9_ValuesStayWhereTheyAre(t *testing.T) {
	template, err := ParseTemplate("https://t.example/p/{order}?a={af}&b={cn}")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		m := Message{Order: rapid.String().Draw(t, "order"), AF: rapid.String().Draw(t, "af"), CN: rapid.String().Draw(t, "cn")}
		u, err := url.Parse(template.Expand(&m))
		if err != nil || u.Host != "t.example" || u.Fragment != "" {
			t.Fatalf("%v, %v", u, err)
		}
		q := u.Query()
		if len(q) != 2 || q.Get("a") != m.AF || q.Get("b") != m.CN || u.Path != "/p/"+m.Order {
			t.Fatalf("%v of %+v", u, m)
		}
	})
}

// L9: the signature of the Standard Webhooks specification; the expected one was made with another program (openssl dgst -mac HMAC).
func TestL9_Signature(t *testing.T) {
	key := []byte("\x31\xf2\xb5\x67\x2d\xbc\x24\x9a\xe7\x0f\x6c\x27\x0f\x8a\x9b\x21\x94\x72\xa8\x4e\x35\x6b\x3c\x2f")
	s, err := NewSecret(key)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1614265330, 0)
	one := Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, []byte(`{"test": 2432232314}`), s)
	if want := "v1,Yz6UL6mKyKC8WtBDtBuFg2CgqTVQICn9i54gV8hBKhk="; one != want {
		t.Errorf("%s, want %s", one, want)
	}
	other, err := NewSecret(append(key, 1))
	if err != nil {
		t.Fatal(err)
	}
	both := strings.Fields(Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, []byte(`{"test": 2432232314}`), other, s))
	if len(both) != 2 || both[1] != one || both[0] == one {
		t.Errorf("%v, the second is not %s", both, one)
	}
	for _, changed := range []string{
		Sign("msg_q5jXN8AQM9LWM0D4loKWxJek", at, []byte(`{"test": 2432232314}`), s), Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at.Add(time.Second), []byte(`{"test": 2432232314}`), s),
		Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, []byte(`{"test": 2432232315}`), s),
	} {
		if changed == one {
			t.Error("a changed message has the same signature")
		}
	}
	if fmt.Sprintf("%v %+v %#v %s", s, s, s, s) != "*** *** *** ***" || !strings.HasPrefix(s.Text(), Prefix) {
		t.Error("the secret prints")
	}
	for _, n := range []int{0, 23, 65} {
		if _, err := NewSecret(make([]byte, n)); err == nil {
			t.Errorf("a secret of %d bytes", n)
		}
	}
}

// L9: ten attempts within 75 hours and 35 minutes, each later than the one before.
func TestL9_Schedule(t *testing.T) {
	total, last := time.Duration(0), time.Duration(0)
	for n := 1; n < Attempts; n++ {
		wait, ok := Wait(n)
		if !ok || wait <= last {
			t.Errorf("attempt %d is followed after %v, %v", n, wait, ok)
		}
		total, last = total+wait, wait
	}
	if _, ok := Wait(Attempts); ok || total != 75*time.Hour+35*time.Minute+5*time.Second {
		t.Errorf("the last attempt is after %v", total)
	}
	if _, ok := Wait(0); ok {
		t.Error("no attempt failed, and yet it is tried again")
	}
}

// L9: the whole life of an item is told, to whom it concerns.
func TestL9_Between(t *testing.T) {
	item := func(publisher, state string, amount int64) *Item { return &Item{publisher, state, amount} }
	for _, c := range []struct {
		before *Item
		now    *Item
		want   string
	}{
		{nil, item("", "tracked", 0), "[]"},
		{nil, item("ann", "tracked", 100), "[{ann action.created}]"},
		{nil, item("ann", "approved", 100), "[{ann action.created} {ann action.approved}]"},
		{item("", "declined", 0), item("ann", "pending", 100), "[{ann action.created}]"},
		{item("ann", "tracked", 100), item("ann", "tracked", 100), "[]"},
		{item("ann", "tracked", 100), item("ann", "pending", 100), "[{ann action.pending}]"},
		{item("ann", "tracked", 100), item("ann", "pending", 90), "[{ann action.pending} {ann action.changed}]"},
		{item("ann", "declined", 0), item("ann", "tracked", 0), "[{ann action.changed}]"},
		{item("ann", "pending", 100), item("ann", "pending", 50), "[{ann action.changed}]"},
		{item("ann", "pending", 100), item("ann", "approved", 100), "[{ann action.approved}]"},
		{item("ann", "pending", 100), item("ann", "declined", 0), "[{ann action.declined}]"},
		{item("ann", "approved", 100), item("ann", "approved", 60), "[{ann action.reversed}]"},
		{item("ann", "approved", 100), item("ann", "declined", 0), "[{ann action.reversed}]"},
		{item("ann", "approved", 60), item("ann", "approved", 100), "[{ann action.changed}]"},
		{item("ann", "declined", 0), item("ann", "approved", 100), "[{ann action.approved}]"},
		{item("ann", "pending", 100), item("ben", "pending", 80), "[{ann action.lost} {ben action.created}]"},
		{item("ann", "pending", 100), item("", "declined", 0), "[{ann action.lost}]"},
	} {
		if got := fmt.Sprint(Between(c.before, *c.now)); got != c.want {
			t.Errorf("from %+v to %+v: %s, want %s", c.before, c.now, got, c.want)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add("https://t.example/{order}?a={af}")
	f.Add("https://t.example/{order")
	f.Fuzz(func(t *testing.T, text string) {
		template, err := ParseTemplate(text)
		if err != nil {
			return
		}
		want, _ := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(text))
		u, err := url.Parse(template.Expand(&Message{Order: "https://evil.example/", AF: "@evil.example"}))
		if err != nil || (want != nil && u.Host != want.Host) || u.User != nil {
			t.Errorf("%q leads to %v, %v", text, u, err)
		}
	})
}
