package wire

import (
	"time"
	"unicode/utf8"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/program"
)

// Click is a click as it stands in a line: its members point into the line, so a Click that is to outlive the line must be
// turned into a click.Click.
type Click struct {
	ID, Program, Visitor, Channel  []byte
	Publisher, AdSpace, TrackingID []byte
	Session                        []byte
	At                             time.Time
	Kind                           program.LinkKind
	Product, Store                 []byte
	AF, CN, CV, DP                 []byte
	Verdict                        click.Verdict
}

// Reader reads lines. It keeps a buffer, so it must not be used by two goroutines at once. The zero value is ready.
type Reader struct {
	s     scanner
	arena []byte // unescaped strings of the line that is being read
}

// start begins a line.
func (r *Reader) start(line []byte) error {
	r.s.b, r.s.i = line, 0
	r.arena = r.arena[:0]
	if !utf8.Valid(line) {
		return &Error{"", "the line is not valid UTF-8"}
	}
	return nil
}

// text reads a string that stays valid until the next line.
func (r *Reader) text() ([]byte, error) {
	b, err := r.s.text()
	if err != nil || len(b) == 0 || len(r.s.scratch) == 0 || &b[0] != &r.s.scratch[0] {
		return b, err
	}
	n := len(r.arena)
	r.arena = append(r.arena, b...)
	return r.arena[n:len(r.arena):len(r.arena)], nil
}

// members notes which members of an object were seen.
type members uint32

// see notes a member, which may stand once only.
func (m *members) see(bit int, name string) error {
	if *m&(1<<bit) != 0 {
		return &Error{name, "stands twice"}
	}
	*m |= 1 << bit
	return nil
}

func (m members) has(bit int) bool { return m&(1<<bit) != 0 }

func unknown(key []byte) error {
	return &Error{string(key), "is not known; remove it"}
}

func missing(name string) error { return &Error{name, "is missing"} }

// Click reads a line of clicks.jsonl into c.
func (r *Reader) Click(line []byte, c *Click) error {
	if err := r.start(line); err != nil {
		return err
	}
	*c = Click{}
	var seen members
	field := func(bit int, name string, dst *[]byte) error {
		if err := seen.see(bit, name); err != nil {
			return err
		}
		if bit >= 4 && r.s.null() { // the first four must be there
			return nil
		}
		b, err := r.text()
		if err != nil {
			return at(err, name)
		}
		*dst = b
		return nil
	}
	err := r.s.object(func(key []byte) error {
		switch string(key) {
		case "click":
			return field(0, "click", &c.ID)
		case "program":
			return field(1, "program", &c.Program)
		case "visitor":
			return field(2, "visitor", &c.Visitor)
		case "channel":
			return field(3, "channel", &c.Channel)
		case "publisher":
			return field(4, "publisher", &c.Publisher)
		case "ad_space":
			return field(5, "ad_space", &c.AdSpace)
		case "tracking_id":
			return field(6, "tracking_id", &c.TrackingID)
		case "session":
			return field(7, "session", &c.Session)
		case "at":
			if err := seen.see(8, "at"); err != nil {
				return err
			}
			t, err := r.s.instant()
			if err != nil {
				return at(err, "at")
			}
			c.At = t
			return nil
		case "target":
			if err := seen.see(9, "target"); err != nil || r.s.null() {
				return err
			}
			if err := r.target(c); err != nil {
				return at(err, "target")
			}
			return nil
		case "sub":
			if err := seen.see(10, "sub"); err != nil || r.s.null() {
				return err
			}
			if err := r.sub(c); err != nil {
				return at(err, "sub")
			}
			return nil
		case "verdict":
			var v []byte
			if err := field(11, "verdict", &v); err != nil || v == nil {
				return err
			}
			if string(v) == "valid" {
				return nil
			}
			verdict, err := click.ParseVerdict(string(v))
			if err != nil {
				return at(err, "verdict")
			}
			c.Verdict = verdict
			return nil
		}
		return unknown(key)
	})
	if err == nil {
		err = r.s.end()
	}
	if err != nil {
		return err
	}
	switch {
	case len(c.ID) == 0:
		return missing("click")
	case !seen.has(8):
		return missing("at")
	case len(c.Program) == 0:
		return missing("program")
	case !seen.has(2):
		return missing("visitor")
	case len(c.Channel) == 0:
		return missing("channel")
	}
	// An affiliate click of nobody is no error: it cannot win, and the decision says so.
	if c.Kind == 0 && string(c.Channel) == click.Affiliate {
		return missing("target")
	}
	return nil
}

func (r *Reader) target(c *Click) error {
	var seen members
	err := r.s.object(func(key []byte) error {
		switch string(key) {
		case "kind":
			if err := seen.see(0, "kind"); err != nil {
				return err
			}
			b, err := r.s.text()
			if err != nil {
				return at(err, "kind")
			}
			if c.Kind, err = linkKind(b); err != nil {
				return at(err, "kind")
			}
			return nil
		case "product":
			return r.optional(&seen, 1, "product", &c.Product)
		case "store":
			return r.optional(&seen, 2, "store", &c.Store)
		}
		return unknown(key)
	})
	if err == nil && !seen.has(0) {
		return missing("kind")
	}
	return err
}

func linkKind(b []byte) (program.LinkKind, error) {
	switch string(b) { // the frequent ones without a loop
	case "product":
		return program.LinkProduct, nil
	case "hot":
		return program.LinkHot, nil
	case "home":
		return program.LinkHome, nil
	}
	return program.ParseLinkKind(string(b))
}

// optional reads a string member that may be null.
func (r *Reader) optional(seen *members, bit int, name string, dst *[]byte) error {
	if err := seen.see(bit, name); err != nil || r.s.null() {
		return err
	}
	b, err := r.text()
	if err != nil {
		return at(err, name)
	}
	*dst = b
	return nil
}

func (r *Reader) sub(c *Click) error {
	var seen members
	return r.s.object(func(key []byte) error {
		switch string(key) {
		case "af":
			return r.optional(&seen, 0, "af", &c.AF)
		case "cn":
			return r.optional(&seen, 1, "cn", &c.CN)
		case "cv":
			return r.optional(&seen, 2, "cv", &c.CV)
		case "dp":
			return r.optional(&seen, 3, "dp", &c.DP)
		}
		return unknown(key)
	})
}

// Click returns the click with strings of its own. intern is asked for strings that many clicks share.
func (c *Click) Click(intern func([]byte) string) *click.Click {
	return &click.Click{
		ID: string(c.ID), At: c.At, Program: program.ID(intern(c.Program)), Visitor: string(c.Visitor), Channel: intern(c.Channel),
		Publisher: intern(c.Publisher), AdSpace: intern(c.AdSpace), TrackingID: intern(c.TrackingID), Session: string(c.Session),
		Target:  click.Target{Kind: c.Kind, Product: intern(c.Product), Store: intern(c.Store)},
		Sub:     click.Sub{AF: intern(c.AF), CN: intern(c.CN), CV: intern(c.CV), DP: intern(c.DP)},
		Verdict: c.Verdict,
	}
}
