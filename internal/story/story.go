// Package story reads the business as readable scenarios: what happened, in words, and what must come of it. A story runs
// on the pure core through replay, and on a server's store, and must end the same.
package story

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Story is one scenario, as the lines of the replay contract.
type Story struct {
	Name    string
	File    string
	Files   map[string][]string // lines by input file, such as "clicks.jsonl"
	Events  []Event             // clicks and order events, by time
	AsOf    time.Time
	Expects []Expect
}

// Event is a line with its time.
type Event struct {
	At   time.Time
	File string
	Line string
}

// Expect is what must come of it: the members of an output line, by name.
type Expect struct {
	Line   int
	Kind   string // "item", "balance", "statistics" or "books"
	Key    []string
	Fields map[string]string
}

// Read reads all stories of a directory, by file name.
func Read(dir string) ([]*Story, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.story"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no stories in %s: %w", dir, err)
	}
	slices.Sort(paths)
	var all []*Story
	for _, p := range paths {
		s, err := readFile(p)
		if err != nil {
			return nil, err
		}
		all = append(all, s...)
	}
	return all, nil
}

// teller is the state while a file is read.
type teller struct {
	story   *Story
	program string
	now     time.Time
	order   *placing
	orders  map[string]*placing
}

// placing is an order that is being told.
type placing struct {
	id, head string
	at       time.Time
	items    []string
}

func readFile(path string) ([]*Story, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading a story: %w", err)
	}
	defer f.Close()
	var all []*Story
	var t *teller
	sc := bufio.NewScanner(f)
	for n := 1; sc.Scan(); n++ {
		line, _, _ := strings.Cut(sc.Text(), " #")
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if name, ok := strings.CutPrefix(line, "story "); ok {
			if t != nil {
				t.finish()
			}
			t = &teller{
				story:  &Story{Name: name, File: filepath.Base(path), Files: make(map[string][]string)},
				orders: make(map[string]*placing),
				now:    time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC),
			}
			all = append(all, t.story)
			continue
		}
		if t == nil {
			return nil, fmt.Errorf("%s:%d: a story begins with \"story NAME\"", path, n)
		}
		if err := t.tell(n, line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	if t != nil {
		t.finish()
	}
	return all, sc.Err()
}

func (t *teller) finish() {
	t.close()
	slices.SortStableFunc(t.story.Events, func(a, b Event) int { return a.At.Compare(b.At) })
	if t.story.AsOf.IsZero() {
		t.story.AsOf = t.now
	}
}

// words splits a line into plain words and options of the form name=value; quotes keep blanks together.
func words(line string) (plain []string, opts map[string]string) {
	opts = make(map[string]string)
	inQuotes := false
	for _, w := range strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			inQuotes = !inQuotes
		}
		return r == ' ' && !inQuotes
	}) {
		w = strings.ReplaceAll(w, `"`, "")
		if k, v, ok := strings.Cut(w, "="); ok {
			opts[k] = v
		} else {
			plain = append(plain, w)
		}
	}
	return plain, opts
}

// moment reads "+90m", "+3d", "-1h" relative to now, or an RFC 3339 time.
func (t *teller) moment(s string) (time.Time, error) {
	if s[0] == '+' || s[0] == '-' {
		d, err := duration(s)
		return t.now.Add(d), err
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	return at.UTC(), err
}

func duration(s string) (time.Duration, error) {
	if days, rest, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil {
			return 0, fmt.Errorf("%q is not a time", s)
		}
		d := time.Duration(n) * 24 * time.Hour
		if rest == "" {
			return d, nil
		}
		more, err := time.ParseDuration(rest)
		if n < 0 {
			more = -more
		}
		return d + more, err
	}
	return time.ParseDuration(s)
}

// tell reads one line: "[TIME] WORD ARGUMENTS".
func (t *teller) tell(n int, line string) error {
	plain, opts := words(line)
	if len(plain) == 0 {
		return fmt.Errorf("%q has no word", line)
	}
	if c := plain[0][0]; c == '+' || c == '-' || (c >= '0' && c <= '9') {
		at, err := t.moment(plain[0])
		if err != nil {
			return err
		}
		t.now = at
		if plain = plain[1:]; len(plain) == 0 {
			return nil
		}
	}
	word, args := plain[0], plain[1:]
	if word != "item" {
		t.close()
	}
	switch word {
	case "program":
		t.program = args[0]
	case "space":
		return t.space(args, opts)
	case "product":
		return t.product(args, opts)
	case "store":
		t.put("stores.jsonl", object("store", args[0], "lists", list(opts["lists"])))
	case "fx":
		t.put("fx.jsonl", object("date", args[0], "base", args[1], "quote", args[2], "rate", args[3]))
	case "click":
		return t.click(args, opts)
	case "order":
		return t.place(args, opts)
	case "item":
		return t.item(args, opts)
	case "paid", "completed":
		t.event(args[0], word, nil)
	case "cancelled", "fraud":
		var more []string
		if len(args) > 1 {
			more = append(more, "items", list(strings.Join(args[1:], ",")))
		}
		if word == "fraud" {
			more = append(more, "evidence", "told so")
		}
		t.event(args[0], word, more)
	case "held", "cleared", "deducted", "restored":
		if len(args) < 2 {
			return fmt.Errorf("%q is not ORDER CASE [ITEM ...]", line)
		}
		more := []string{"case", args[1]}
		if len(args) > 2 {
			more = append(more, "items", list(strings.Join(args[2:], ",")))
		}
		if word == "held" || word == "deducted" {
			more = append(more, "evidence", "bots")
		}
		t.event(args[0], word, more)
	case "refunded":
		return t.refund(args)
	case "as":
		at, err := t.moment(args[1])
		t.story.AsOf = at
		return err
	case "expect":
		return t.expect(n, args, opts)
	default:
		return fmt.Errorf("%q is not a word of stories", word)
	}
	return nil
}

func (t *teller) put(file, line string) {
	t.story.Files[file] = append(t.story.Files[file], line)
}

func (t *teller) happens(file, line string, at time.Time) {
	t.put(file, line)
	t.story.Events = append(t.story.Events, Event{at, file, line})
}

// raw marks a value of object that is JSON already.
const raw = "\x00"

// list is a JSON array of strings from a comma-separated list; none is an absent member.
func list(s string) string {
	if s == "" {
		return ""
	}
	parts := strings.Split(s, ",")
	for i, p := range parts {
		parts[i] = strconv.Quote(p)
	}
	return raw + "[" + strings.Join(parts, ",") + "]"
}

// object makes a JSON object of names and values; empty values are left out.
func object(pairs ...string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := 0; i+1 < len(pairs); i += 2 {
		v := pairs[i+1]
		if v == "" {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		if r, ok := strings.CutPrefix(v, raw); ok {
			v = r
		} else {
			v = strconv.Quote(v)
		}
		b.WriteString(strconv.Quote(pairs[i]) + ":" + v)
	}
	b.WriteByte('}')
	return b.String()
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.999999Z07:00") }

func (t *teller) space(args []string, opts map[string]string) error {
	approved, blocked := t.now.Add(-365*24*time.Hour), ""
	if o := opts["approved"]; o != "" {
		at, err := t.moment(o)
		if err != nil {
			return err
		}
		approved = at
	}
	if o := opts["blocked"]; o != "" {
		at, err := t.moment(o)
		if err != nil {
			return err
		}
		blocked = stamp(at)
	}
	id := args[0] + "-space"
	if opts["id"] != "" {
		id = opts["id"]
	}
	t.put("publishers.jsonl", object("publisher", args[0], "ad_space", id, "program", t.program, "traffic_type", args[1],
		"approved_at", stamp(approved), "blocked_at", blocked, "coupons", list(opts["coupons"])))
	return nil
}

func (t *teller) product(args []string, opts map[string]string) error {
	affiliate := raw + "true"
	if slices.Contains(args, "non-affiliate") {
		affiliate = raw + "false"
	}
	virtual := ""
	if slices.Contains(args, "virtual") {
		virtual = raw + "true"
	}
	campaigns := ""
	if c := opts["campaign"]; c != "" { // RATE,FROM,TO
		p := strings.Split(c, ",")
		from, err := t.moment(p[1])
		if err != nil {
			return err
		}
		to, err := t.moment(p[2])
		if err != nil {
			return err
		}
		campaigns = raw + "[" + object("rate", p[0], "from", stamp(from), "to", stamp(to)) + "]"
	}
	t.put("products.jsonl", object("product", args[0], "store", opts["store"], "category", opts["category"], "affiliate", affiliate,
		"hot_rate", opts["hot"], "virtual", virtual, "seller_rate", opts["rate"], "campaigns", campaigns))
	return nil
}

// click reads "click ID PUBLISHER-OR-CHANNEL kind=KIND product=ID visitor=V session=S verdict=V af=A".
func (t *teller) click(args []string, opts map[string]string) error {
	channel, publisher := "affiliate", args[1]
	switch args[1] {
	case "paid_search", "display", "paid_social", "organic", "direct", "email", "referral":
		channel, publisher = args[1], ""
	}
	kind := opts["kind"]
	if kind == "" {
		kind = "home"
		if opts["product"] != "" {
			kind = "product"
		}
	}
	visitor := opts["visitor"]
	if visitor == "" {
		visitor = "v"
	}
	space := opts["space"]
	if space == "" && publisher != "" {
		space = publisher + "-space"
	}
	line := object("click", args[0], "at", stamp(t.now), "program", t.program, "visitor", visitor, "channel", channel, "publisher", publisher,
		"ad_space", space, "tracking_id", opts["tracking"],
		"target", raw+object("kind", kind, "product", opts["product"], "store", opts["store"]),
		"sub", raw+object("af", opts["af"], "cn", opts["cn"], "cv", opts["cv"], "dp", opts["dp"]),
		"session", opts["session"], "verdict", opts["verdict"])
	t.happens("clicks.jsonl", line, t.now)
	return nil
}

// place reads "order ID CURRENCY COUNTRY [new] visitor=V session=S click=C coupon=CODE,AMOUNT"; its items follow.
func (t *teller) place(args []string, opts map[string]string) error {
	visitor := opts["visitor"]
	if visitor == "" && opts["click"] == "" {
		visitor = "v"
	}
	coupon := ""
	if c := opts["coupon"]; c != "" {
		code, amount, _ := strings.Cut(c, ",")
		coupon = raw + object("code", code, "amount", amount)
	}
	isNew := raw + "false"
	if slices.Contains(args, "new") {
		isNew = raw + "true"
	}
	p := &placing{id: args[0], at: t.now}
	p.head = object("order", args[0], "event", "placed", "at", stamp(t.now), "program", t.program, "visitor", visitor, "session", opts["session"],
		"click", opts["click"], "coupon", coupon, "buyer", raw+object("id", "b", "new", isNew), "ship_to", args[2], "currency", args[1])
	t.order = p
	t.orders[args[0]] = p
	return nil
}

// item reads "item ID PRODUCT AMOUNT store=S category=C [out-of-stock]" of the order before it.
func (t *teller) item(args []string, opts map[string]string) error {
	if t.order == nil {
		return fmt.Errorf("an item stands behind its order")
	}
	stock := raw + "true"
	if slices.Contains(args, "out-of-stock") {
		stock = raw + "false"
	}
	store, category := opts["store"], opts["category"]
	if store == "" {
		store = "s"
	}
	if category == "" {
		category = "toys"
	}
	t.order.items = append(t.order.items, object("item", args[0], "product", args[1], "store", store, "category", category,
		"quantity", raw+"1", "amount", args[2], "in_stock", stock))
	return nil
}

// close ends the order that is being told.
func (t *teller) close() {
	if t.order == nil {
		return
	}
	p := t.order
	t.order = nil
	line := strings.TrimSuffix(p.head, "}") + `,"items":[` + strings.Join(p.items, ",") + "]}"
	t.happens("orders.jsonl", line, p.at)
}

func (t *teller) event(order, kind string, more []string) {
	t.happens("orders.jsonl", object(append([]string{"order", order, "event", kind, "at", stamp(t.now), "program", t.program}, more...)...), t.now)
}

// refund reads "refunded ORDER ITEM AMOUNT [ITEM AMOUNT ...]".
func (t *teller) refund(args []string) error {
	var items []string
	for i := 1; i+1 < len(args); i += 2 {
		items = append(items, object("item", args[i], "amount", args[i+1]))
	}
	t.event(args[0], "refunded", []string{"items", raw + "[" + strings.Join(items, ",") + "]"})
	return nil
}

// expect reads "expect ORDER/ITEM name=value ...", "expect balance PUBLISHER name=value ..." or
// "expect statistics PUBLISHER|all name=value ...".
func (t *teller) expect(n int, args []string, opts map[string]string) error {
	e := Expect{Line: n, Fields: opts}
	switch {
	case args[0] == "balance" || args[0] == "statistics":
		e.Kind, e.Key = args[0], []string{t.program, args[1]}
	default:
		order, item, ok := strings.Cut(args[0], "/")
		if !ok {
			return fmt.Errorf("%q is not ORDER/ITEM", args[0])
		}
		e.Kind, e.Key = "item", []string{t.program, order, item}
	}
	t.story.Expects = append(t.story.Expects, e)
	return nil
}
