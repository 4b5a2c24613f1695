package replay

import (
	"fmt"
	"hash/maphash"
	"runtime"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// touches are the clicks that orders can need: those of their visitors and those that they name. All others are counted
// and forgotten, so memory grows with the orders and not with the clicks.
type touches struct {
	visitors map[program.ID]map[string]int32 // index into lists
	named    map[program.ID]map[string]int32 // by click id
	lists    [][]*click.Click
}

func newTouches(orders []*order.History) *touches {
	t := &touches{visitors: make(map[program.ID]map[string]int32), named: make(map[program.ID]map[string]int32)}
	want := func(m map[program.ID]map[string]int32, p program.ID, key string) {
		if key == "" {
			return
		}
		if m[p] == nil {
			m[p] = make(map[string]int32)
		}
		if _, ok := m[p][key]; !ok {
			m[p][key] = int32(len(t.lists))
			t.lists = append(t.lists, nil)
		}
	}
	for _, o := range orders {
		want(t.visitors, o.Program, o.Visitor)
		want(t.named, o.Program, o.Click)
	}
	return t
}

// of returns the touches of an order.
func (t *touches) of(o *order.History, buf []*click.Click) []*click.Click {
	buf = buf[:0]
	if i, ok := t.visitors[o.Program][o.Visitor]; ok && o.Visitor != "" {
		buf = append(buf, t.lists[i]...)
	}
	if i, ok := t.named[o.Program][o.Click]; ok && o.Click != "" {
		buf = append(buf, t.lists[i]...)
	}
	return buf
}

// tallyKey is whose clicks are counted.
type tallyKey struct {
	program   program.ID
	publisher string
}

// clickWorker is what one worker knows while it reads clicks.
type clickWorker struct {
	facts    *facts
	touches  *touches
	asOf     time.Time // zero: the latest time of the input
	interned map[string]string
	counters map[program.ID]map[string]int32
	kept     []keptClick
	marks    localMarks
	latest   time.Time
}

type keptClick struct {
	list  int32
	click *click.Click
}

func (w *clickWorker) intern(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if s, ok := w.interned[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(w.interned) < 1<<16 { // sub-IDs can be different for each click
		w.interned[s] = s
	}
	return s
}

// loadClicks reads all clicks: it keeps those that orders can need in t, and counts the valid ones of each publisher.
func loadClicks(dir, temp string, f *facts, t *touches, asOf time.Time, counts *Counts, tell progress) (map[tallyKey]int64, time.Time, error) {
	var latest time.Time
	s, err := find(dir, "clicks.jsonl")
	if err != nil || s == nil {
		return nil, latest, err
	}
	keys, counters := tallies(f)
	d := newDedupe(temp)
	defer d.close()
	workers := make([]*clickWorker, runtime.GOMAXPROCS(0))
	for i := range workers {
		workers[i] = &clickWorker{facts: f, touches: t, asOf: asOf, interned: make(map[string]string), counters: counters}
	}
	err = inParallel(s, tell, func(n int, r *wire.Reader, b block) error {
		var c wire.Click
		return s.eachLine(b, func(line []byte) error { return workers[n].read(r, &c, d, line) })
	})
	if err != nil {
		return nil, latest, err
	}
	for _, w := range workers {
		if err := d.flush(&w.marks); err != nil {
			return nil, latest, err
		}
		if w.latest.After(latest) {
			latest = w.latest
		}
		for _, k := range w.kept {
			t.lists[k.list] = append(t.lists[k.list], k.click)
		}
	}
	sums := make([]int64, len(keys))
	distinct, repeated, suspects, err := d.count(sums)
	if err != nil {
		return nil, latest, err
	}
	counts.Clicks, counts.ClicksRepeated = distinct, repeated
	if len(suspects) > 0 {
		if err := contradictions(s, d.seed, suspects); err != nil {
			return nil, latest, err
		}
	}
	clicks := make(map[tallyKey]int64, len(keys))
	for i, k := range keys {
		clicks[k] = sums[i]
	}
	return clicks, latest, nil
}

// tallies numbers the publishers of each program.
func tallies(f *facts) ([]tallyKey, map[program.ID]map[string]int32) {
	var keys []tallyKey
	counters := make(map[program.ID]map[string]int32)
	for s := range f.directory.All {
		if counters[s.Program] == nil {
			counters[s.Program] = make(map[string]int32)
		}
		if _, ok := counters[s.Program][s.Publisher]; !ok {
			counters[s.Program][s.Publisher] = int32(len(keys))
			keys = append(keys, tallyKey{s.Program, s.Publisher})
		}
	}
	return keys, counters
}

// read takes one line in.
func (w *clickWorker) read(r *wire.Reader, c *wire.Click, d *dedupe, line []byte) error {
	if err := r.Click(line, c); err != nil {
		return err
	}
	v := w.facts.programs[program.ID(c.Program)]
	if v == nil {
		return w.facts.knowProgram(program.ID(c.Program))
	}
	if string(c.Channel) != click.Affiliate && !v.hasChannel(string(c.Channel)) {
		return &wire.Error{Member: "channel", Reason: fmt.Sprintf("%q is not a channel of program %q", c.Channel, c.Program)}
	}
	if c.At.After(w.latest) {
		w.latest = c.At
	}
	counter := int32(-1)
	late := !w.asOf.IsZero() && c.At.After(w.asOf)
	if c.Verdict == click.Valid && string(c.Channel) == click.Affiliate && !late {
		if i, ok := w.counters[program.ID(c.Program)][string(c.Publisher)]; ok {
			counter = i
		}
	}
	err := d.add(&w.marks, mark{
		id:      hashID(d.seed, c),
		content: maphash.Bytes(d.seed, line),
		counter: counter,
	})
	if err != nil || late {
		return err
	}
	visitor, isVisitor := w.touches.visitors[program.ID(c.Program)][string(c.Visitor)]
	named, isNamed := w.touches.named[program.ID(c.Program)][string(c.ID)]
	if !isVisitor && !isNamed {
		return nil
	}
	k := c.Click(w.intern)
	if isVisitor {
		w.kept = append(w.kept, keptClick{visitor, k})
	}
	if isNamed {
		w.kept = append(w.kept, keptClick{named, k})
	}
	return nil
}

// hashID hashes what makes a click one: its program and its id.
func hashID(seed maphash.Seed, c *wire.Click) uint64 {
	return maphash.Bytes(seed, c.ID) ^ maphash.Bytes(seed, c.Program)*0x9e3779b97f4a7c15
}

func (v *versions) hasChannel(channel string) bool {
	for _, t := range v.terms {
		if _, ok := t.Attribution.Channels[channel]; ok {
			return true
		}
	}
	return false
}

// contradictions reads the file again for click ids that came with different lines. Lines that say the same in other
// words are fine; an id with two contents is an error that names the later line.
func contradictions(s *source, seed maphash.Seed, suspects map[uint64]bool) error {
	type key struct{ program, id string }
	first := make(map[key]click.Click)
	var r wire.Reader
	var c wire.Click
	return s.blocks(func(int) {}, func(b block) error {
		return s.eachLine(b, func(line []byte) error {
			if err := r.Click(line, &c); err != nil || !suspects[hashID(seed, &c)] {
				return err
			}
			is := *c.Click(func(b []byte) string { return string(b) })
			k := key{string(c.Program), is.ID}
			was, ok := first[k]
			if !ok {
				first[k] = is
				return nil
			}
			if was != is {
				return &wire.Error{Member: "click", Reason: fmt.Sprintf("%q stands twice, with different contents", is.ID)}
			}
			return nil
		})
	})
}
