package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// The reader of the contract's lines is written by hand, for speed. It is held against encoding/json: what it takes is JSON
// and means the same there, what it refuses has a reason, and what encoding/json writes of the same members, with its own escapes
// and order, is read the same again.

// oracle is a line as encoding/json reads it.
type oracle struct {
	t    *testing.T
	line []byte
	m    map[string]any
}

// judge checks what holds for every line, and returns the line as encoding/json reads it where the reader took it.
func judge(t *testing.T, line []byte, err error) (*oracle, bool) {
	t.Helper()
	if err != nil {
		e, ok := err.(*Error)
		if !ok || e.Reason == "" || !strings.HasSuffix(err.Error(), e.Reason) || e.Member != "" && !strings.Contains(err.Error(), strconv.Quote(e.Member)) {
			t.Fatalf("%q was refused with %#v, which names no reason", line, err)
		}
		return nil, false
	}
	if !json.Valid(line) {
		t.Fatalf("%q is no JSON and was taken", line)
	}
	o := &oracle{t: t, line: line}
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&o.m); err != nil {
		t.Fatalf("%q was taken; encoding/json says %v", line, err)
	}
	return o, true
}

// sub is a member that is an object; none is an empty one.
func (o *oracle) sub(name string) *oracle {
	m, _ := o.m[name].(map[string]any)
	return &oracle{o.t, o.line, m}
}

// text is a member that is a string; none and null are empty.
func (o *oracle) text(name string) string {
	switch v := o.m[name].(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		o.t.Fatalf("%q: member %q is a %T", o.line, name, v)
	}
	return ""
}

func (o *oracle) flag(name string, none bool) bool {
	switch v := o.m[name].(type) {
	case nil:
		return none
	case bool:
		return v
	default:
		o.t.Fatalf("%q: member %q is a %T", o.line, name, v)
	}
	return false
}

// list is a member that is an array; none and null are empty.
func (o *oracle) list(name string) []any {
	v, ok := o.m[name].([]any)
	if !ok && o.m[name] != nil {
		o.t.Fatalf("%q: member %q is a %T", o.line, name, o.m[name])
	}
	return v
}

// same compares a member as it was read with what encoding/json says.
func (o *oracle) same(name string, got, want any) {
	o.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		o.t.Fatalf("%q: %s was read as %v; it is %v", o.line, name, got, want)
	}
}

// texts compares string members, given as name and value.
func (o *oracle) texts(pairs ...string) {
	o.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		o.same(pairs[i], pairs[i+1], o.text(pairs[i]))
	}
}

// rfc3339 is the form of a time; encoding/json takes hours of one digit and commas too.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// time compares a time with what RFC 3339 says, to the microsecond.
func (o *oracle) time(name string, got time.Time) {
	o.t.Helper()
	var want time.Time
	if o.m[name] != nil {
		if err := want.UnmarshalText([]byte(o.text(name))); err != nil || got.IsZero() || !rfc3339.MatchString(o.text(name)) {
			o.t.Fatalf("%q: %s was read as %v; it is no time: %v", o.line, name, got, err)
		}
		if back, err := time.Parse(time.RFC3339Nano, string(bytes.Trim(AppendTime(nil, got), `"`))); err != nil || !back.Equal(got) {
			o.t.Fatalf("%q: %s is written as %s", o.line, name, AppendTime(nil, got))
		}
		want = want.Truncate(time.Microsecond)
	}
	if !got.Equal(want) || (got.Location() != time.UTC && !got.IsZero()) {
		o.t.Fatalf("%q: %s was read as %v; it is %v", o.line, name, got, want)
	}
}

// number is a decimal of the line as an exact number.
func (o *oracle) number(s string) *big.Rat {
	if strings.Trim(s, "0123456789.") != "" {
		o.t.Fatalf("%q: %q was taken for a number", o.line, s)
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		o.t.Fatalf("%q: %q was taken for a number", o.line, s)
	}
	return r
}

// minor compares an amount in minor units with the decimal that it was read from.
func (o *oracle) minor(name string, got int64, decimal string, c money.Currency) {
	o.t.Helper()
	want := o.number(decimal)
	for range c.Exponent() {
		want.Mul(want, big.NewRat(10, 1))
	}
	if want.Cmp(big.NewRat(got, 1)) != 0 {
		o.t.Fatalf("%q: %s is %d minor units of %s, read from %q", o.line, name, got, c, decimal)
	}
}

func (o *oracle) rate(name string, got *money.Rate) {
	o.t.Helper()
	if got == nil {
		o.same(name, nil, o.m[name])
		return
	}
	if o.number(got.String()).Cmp(o.number(o.text(name))) != 0 {
		o.t.Fatalf("%q: %s was read as %v", o.line, name, got)
	}
}

// again is the line in other words: what encoding/json writes of it, members sorted, escapes its own.
func (o *oracle) again() []byte {
	b, err := json.Marshal(o.m)
	if err != nil {
		o.t.Fatal(err)
	}
	return b
}

func seeds(f *testing.F, lines ...string) {
	for _, l := range lines {
		f.Add([]byte(l))
	}
}

func FuzzClick(f *testing.F) {
	seeds(f,
		`{"click":"c1","at":"2026-03-10T12:00:00+02:00","program":"tr","visitor":"v","channel":"affiliate","publisher":"ann","ad_space":"blog","tracking_id":"t","target":{"kind":"product","product":"p1","store":"s"},"sub":{"af":"1","cn":"2","cv":"3","dp":"4"},"session":"x","verdict":"bot"}`,
		` { "click" : "\u00e9\ud83d\ude00\n\/" , "at":"2026-02-28T23:59:59.123456789Z","program":"tr","visitor":"","channel":"display","publisher":null,"target":null,"sub":null,"verdict":null}`,
		`{"click":"c","at":"2026-03-10T1:00:00Z","program":"p","visitor":"v","channel":"x"}`,
		`{"click":"c","at":"2026-03-10T01:00:00,5Z","program":"p","visitor":"v","channel":"x"}`,
		`{"click":"c","at":"2026-03-10T01:00:00+24:00","program":"p","visitor":"v","channel":"x"}`,
		`{"click":"\u00","at":"9999-12-31T23:59:59-01:00","program":"p","visitor":"v","channel":"x"}`,
		`{"cl\u0069ck":"c","at":"0001-01-01T00:00:00Z","program":"p","visitor":"v","channel":"x","sub":{},"target":{"kind":"hot"}}`,
		`{"click":"c","at":"2026-03-10T01:00:00Z","program":"p","visitor":"v","channel":"x",}`, `[]`, `null`, ``, `{`, "{\"click\":\"\xff\"}",
	)
	f.Fuzz(func(t *testing.T, line []byte) {
		var r Reader
		var c Click
		check := func(line []byte) *oracle {
			o, ok := judge(t, line, r.Click(line, &c))
			if !ok {
				return nil
			}
			own := c.Click(func(b []byte) string { return string(b) })
			o.texts("click", own.ID, "program", string(own.Program), "visitor", own.Visitor, "channel", own.Channel, "publisher", own.Publisher,
				"ad_space", own.AdSpace, "tracking_id", own.TrackingID, "session", own.Session)
			o.time("at", own.At)
			target := o.sub("target")
			target.texts("product", own.Target.Product, "store", own.Target.Store)
			if own.Target.Kind != 0 || target.m["kind"] != nil {
				target.same("kind", own.Target.Kind, target.text("kind"))
			}
			o.sub("sub").texts("af", own.Sub.AF, "cn", own.Sub.CN, "cv", own.Sub.CV, "dp", own.Sub.DP)
			if own.Verdict != click.Valid || (o.text("verdict") != "valid" && o.m["verdict"] != nil) {
				o.same("verdict", own.Verdict, o.text("verdict"))
			}
			return o
		}
		if o := check(line); o != nil && check(o.again()) == nil {
			t.Fatalf("%q was taken, and %q not", line, o.again())
		}
	})
}

func FuzzEvent(f *testing.F) {
	seeds(f,
		`{"order":"o1","event":"placed","at":"2026-03-10T11:00:00Z","program":"tr","visitor":"v","session":"x","click":"c1","coupon":{"code":"X","amount":"1.00"},"buyer":{"id":"b","new":false},"ship_to":"RO","currency":"EUR","items":[{"item":"1","product":"p1","store":"s","category":"toys","quantity":2,"amount":"11.00","in_stock":true},{"item":"2","product":"p1","store":"s","category":"toys","amount":"1"}]}`,
		`{"items":[{"amount":"100","item":"1","product":"p","store":"s","category":"c","quantity":007}],"currency":"JPY","ship_to":"JP","buyer":{"id":"","new":true},"program":"tr","at":"2026-03-10T11:00:00Z","event":"placed","order":"o"}`,
		`{"order":"o1","event":"paid","at":"2026-03-10T11:01:00Z","program":"tr"}`,
		`{"order":"o1","event":"completed","at":"2026-03-20T11:01:00Z","program":"tr","items":null,"visitor":null}`,
		`{"order":"o1","event":"refunded","at":"2026-03-21T11:01:00Z","program":"tr","items":[{"item":"1","amount":"5.00"},{"item":"1","amount":"0.0001"}]}`,
		`{"order":"o1","event":"cancelled","at":"2026-03-22T11:01:00Z","program":"tr","items":["1","2"]}`,
		`{"order":"o1","event":"fraud","at":"2026-03-22T11:01:00Z","program":"tr","items":[],"evidence":"seen"}`,
		`{"order":"o1","event":"held","at":"2026-03-22T11:01:00Z","program":"tr","items":["1"],"evidence":"bots","case":"case_1"}`,
		`{"order":"o1","event":"cleared","at":"2026-03-22T11:01:00Z","program":"tr","case":"case_1"}`,
		`{"order":"o1","event":"deducted","at":"2026-03-22T11:01:00Z","program":"tr","evidence":"seen","case":"case_1"}`,
		`{"order":"o1","event":"restored","at":"2026-03-22T11:01:00Z","program":"tr","items":["1"],"case":"case_1"}`,
		`{"order":"o1","event":"fraud","at":"2026-03-22T11:01:00Z","program":"tr","evidence":"","items":["1",{"item":"1","amount":"1"}]}`,
		`{"order":"o1","event":"placed","at":"2026-03-10T11:00:00Z","program":"tr","coupon":null,"buyer":{"id":"b","new":false},"ship_to":"RO","currency":"KWD","items":[{"item":"1","product":"p1","store":"s","category":"toys","quantity":18446744073709551616,"amount":"92233720368547758.07"}]}`,
	)
	f.Fuzz(func(t *testing.T, line []byte) {
		var r Reader
		check := func(line []byte) *oracle {
			e, err := r.Event(line)
			o, ok := judge(t, line, err)
			if ok {
				sameEvent(o, &e)
			}
			return o
		}
		if o := check(line); o != nil && check(o.again()) == nil {
			t.Fatalf("%q was taken, and %q not", line, o.again())
		}
	})
}

// sameEvent holds an order event against the line.
func sameEvent(o *oracle, e *order.Event) {
	o.texts("order", e.Order, "program", string(e.Program), "event", e.Kind.String())
	o.time("at", e.At)
	lines := o.list("items")
	if p := e.Placed; p != nil {
		o.texts("visitor", p.Visitor, "session", p.Session, "click", p.Click, "ship_to", p.ShipTo, "currency", string(p.Currency))
		buyer := o.sub("buyer")
		buyer.texts("id", p.BuyerID)
		buyer.same("new", p.NewBuyer, buyer.flag("new", false))
		coupon := o.sub("coupon")
		coupon.texts("code", p.CouponCode)
		if coupon.m != nil {
			coupon.minor("coupon", p.CouponAmount, coupon.text("amount"), p.Currency)
		} else {
			o.same("coupon", p.CouponAmount, 0)
		}
		o.same("how many items", len(p.Items), len(lines))
		for i, it := range p.Items {
			m, _ := lines[i].(map[string]any)
			l := &oracle{o.t, o.line, m}
			l.texts("item", it.ID, "product", it.Product, "store", it.Store, "category", it.Category)
			l.minor("amount", it.Amount, l.text("amount"), p.Currency)
			l.same("in_stock", it.InStock, l.flag("in_stock", true))
			if m["quantity"] == nil {
				l.same("quantity", it.Quantity, 1)
			} else {
				l.same("quantity", it.Quantity, m["quantity"])
			}
		}
		return
	}
	for name := range o.m {
		if !strings.Contains("order event at program items evidence case", name) && o.m[name] != nil {
			o.t.Fatalf("%q: the member %q of a %v event was ignored", o.line, name, e.Kind)
		}
	}
	o.texts("evidence", e.Evidence, "case", e.Case)
	if e.Kind == order.Refunded {
		o.same("how many refunds", len(e.Refunds), len(lines))
		for i, x := range e.Refunds {
			m, _ := lines[i].(map[string]any)
			l := &oracle{o.t, o.line, m}
			l.texts("item", x.Item, "amount", x.Amount)
			l.number(x.Amount)
		}
		return
	}
	o.same("how many items", len(e.Items), len(lines))
	for i, id := range e.Items {
		o.same("an item", id, lines[i])
	}
}

func FuzzAdSpace(f *testing.F) {
	seeds(f,
		`{"publisher":"ann","ad_space":"blog","program":"tr","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z","blocked_at":"2026-02-01T00:00:00.000001Z","parent":"net","tracking_ids":["t1","t2"],"coupons":["ANN"]}`,
		`{"publisher":"ann","ad_space":"blog","program":"tr","traffic_type":"cashback","approved_at":"2026-01-01T00:00:00+03:00","blocked_at":null,"parent":null,"tracking_ids":null,"coupons":[]}`,
	)
	f.Fuzz(func(t *testing.T, line []byte) {
		var r Reader
		check := func(line []byte) *oracle {
			s, err := r.AdSpace(line)
			o, ok := judge(t, line, err)
			if !ok {
				return nil
			}
			o.texts("publisher", s.Publisher, "ad_space", s.ID, "program", string(s.Program), "traffic_type", s.TrafficType.String(), "parent", s.Parent)
			o.time("approved_at", s.ApprovedAt)
			o.time("blocked_at", s.BlockedAt)
			o.strings("tracking_ids", s.TrackingIDs)
			o.strings("coupons", s.Coupons)
			return o
		}
		if o := check(line); o != nil && check(o.again()) == nil {
			t.Fatalf("%q was taken, and %q not", line, o.again())
		}
	})
}

// strings compares an array of strings.
func (o *oracle) strings(name string, got []string) {
	o.t.Helper()
	want := o.list(name)
	o.same("the length of "+name, len(got), len(want))
	for i := range got {
		o.same(name, got[i], want[i])
	}
}

func FuzzProduct(f *testing.F) {
	seeds(f,
		`{"product":"p1","store":"s","category":"toys","affiliate":true,"hot_rate":"15.00","virtual":false,"seller_rate":"3.00","campaigns":[{"rate":"4.00","from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z"}]}`,
		`{"product":"p1","store":"s","category":"toys","affiliate":false,"hot_rate":null,"virtual":null,"seller_rate":null,"campaigns":null}`,
		`{"product":"p1","store":"s","category":"toys","affiliate":true,"seller_rate":"100.000000000000000","campaigns":[]}`,
	)
	f.Fuzz(func(t *testing.T, line []byte) {
		var r Reader
		check := func(line []byte) *oracle {
			p, err := r.Product(line)
			o, ok := judge(t, line, err)
			if !ok {
				return nil
			}
			o.texts("product", p.ID, "store", p.Store, "category", p.Category)
			o.same("affiliate", p.Affiliate, o.m["affiliate"])
			o.same("virtual", p.Virtual, o.flag("virtual", false))
			o.rate("hot_rate", p.HotRate)
			o.rate("seller_rate", p.SellerRate)
			lines := o.list("campaigns")
			o.same("how many campaigns", len(p.Campaigns), len(lines))
			for i, c := range p.Campaigns {
				m, _ := lines[i].(map[string]any)
				l := &oracle{o.t, o.line, m}
				l.rate("rate", &c.Rate)
				l.time("from", c.From)
				l.time("to", c.To)
				if !c.From.Before(c.To) {
					t.Fatalf("%q: a campaign ends before it begins", line)
				}
			}
			return o
		}
		if o := check(line); o != nil && check(o.again()) == nil {
			t.Fatalf("%q was taken, and %q not", line, o.again())
		}
	})
}

func FuzzStore(f *testing.F) {
	seeds(f, `{"store":"s","name":"The store","lists":["chuwi","no_commission"]}`, `{"store":"s","name":null,"lists":null}`, `{"lists":[],"store":"\ud800"}`)
	f.Fuzz(func(t *testing.T, line []byte) {
		var r Reader
		check := func(line []byte) *oracle {
			s, err := r.Store(line)
			o, ok := judge(t, line, err)
			if !ok {
				return nil
			}
			o.texts("store", s.ID, "name", s.Name)
			o.strings("lists", s.Lists)
			return o
		}
		if o := check(line); o != nil && check(o.again()) == nil {
			t.Fatalf("%q was taken, and %q not", line, o.again())
		}
	})
}

func FuzzQuote(f *testing.F) {
	seeds(f, `{"date":"2026-03-01","base":"EUR","quote":"USD","rate":"1.1"}`, `{"date":"2024-02-29","base":"JPY","quote":"KWD","rate":"0.000000001"}`, `{"date":"2026-02-29","base":"EUR","quote":"EUR","rate":"1"}`)
	f.Fuzz(func(t *testing.T, line []byte) {
		var r Reader
		check := func(line []byte) *oracle {
			q, err := r.Quote(line)
			o, ok := judge(t, line, err)
			if !ok {
				return nil
			}
			o.texts("date", string(q.Day), "base", string(q.Base), "quote", string(q.Quote))
			o.rate("rate", &q.Rate)
			if _, err := time.Parse(time.DateOnly, string(q.Day)); err != nil || !q.Base.Valid() || !q.Quote.Valid() || q.Rate.IsZero() {
				t.Fatalf("%q was read as %+v", line, q)
			}
			return o
		}
		if o := check(line); o != nil && check(o.again()) == nil {
			t.Fatalf("%q was taken, and %q not", line, o.again())
		}
	})
}

// C11, T7: a step of an explanation that was written is JSON for everybody, and comes back as it was.
func FuzzStep(f *testing.F) {
	f.Add("rule", "percent", "1.50", "rule", "store_list:chuwi")
	f.Add("candidate", "click", "\x00\x1f\"\\\n\t\u2028é😀", "", "")
	f.Fuzz(func(t *testing.T, code, name1, text1, name2, text2 string) {
		for _, s := range []*string{&code, &name1, &text1, &name2, &text2} {
			*s = strings.ToValidUTF8(*s, "?") // lines are valid UTF-8 before anything is made of them
		}
		if name1 == "code" || name2 == "code" || name1 == name2 {
			return
		}
		step := explain.New(code, name1, text1, name2, text2)
		b := step.AppendJSON(nil)
		var m map[string]string
		if err := json.Unmarshal(b, &m); err != nil || len(m) != 3 || m["code"] != code || m[name1] != text1 || m[name2] != text2 {
			t.Fatalf("%q is %s for encoding/json: %v", step, b, err)
		}
		var back explain.Step
		if err := json.Unmarshal(b, &back); err != nil || string(back.AppendJSON(nil)) != string(b) || back.Get(name1) != text1 || back.Get(name2) != text2 {
			t.Fatalf("%s came back as %q, %v", b, back, err)
		}
		for _, lang := range explain.Languages() {
			// A code that no sentence is known for is shown as it is: nothing is hidden.
			if said := explain.Render(lang, step); !slices.Contains(explain.Codes(), code) && !(strings.Contains(said, code) && strings.Contains(said, text1) && strings.Contains(said, text2)) {
				t.Fatalf("%q is said in %s as %q", step, lang, said)
			}
		}
	})
}

// Bytes that are no step of an explanation are refused without a panic; what is taken survives being written.
func FuzzStepFromJSON(f *testing.F) {
	seeds(f, `{"code":"rule","percent":"1.50"}`, `{"a":"b","code":"c","a":"d"}`, `{"code":1}`, `[]`, `{"code":"x"`, `null`)
	f.Fuzz(func(t *testing.T, b []byte) {
		var s, again explain.Step
		if err := json.Unmarshal(b, &s); err != nil {
			if strings.Contains(err.Error(), "%!") {
				t.Fatalf("%q: the error is %v", b, err)
			}
			return
		}
		if err := json.Unmarshal(s.AppendJSON(nil), &again); err != nil || again.Code != s.Code || len(again.Values) != len(s.Values) {
			t.Fatalf("%q is %q and then %q, %v", b, s, again, err)
		}
	})
}

// Kinds that a line may name have a slug that reads back.
func TestSlugsReadBack(t *testing.T) {
	for k := program.LinkHome; ; k++ {
		slug := k.String()
		back, err := program.ParseLinkKind(slug)
		if err != nil || back != k {
			t.Fatalf("%v is %q, which is %v, %v", uint8(k), slug, back, err)
		}
		if got, err := linkKind([]byte(slug)); err != nil || got != k {
			t.Fatalf("a line's %q is %v, %v", slug, got, err)
		}
		if k == program.LinkPage {
			break
		}
	}
}
