package bankfile

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
)

// Limits bound what a reader takes.
type Limits struct {
	Bytes      int64 // of the file
	Depth      int   // of XML elements
	Attributes int   // of an XML element
	Piece      int   // bytes of an XML tag, an XML text or a CSV line: what must be in memory at once
	Text       int   // bytes of an XML text or CSV field that is kept
	Records    int   // entries of a statement, lines of a CSV
}

// DefaultLimits take a statement of a million entries.
func DefaultLimits() Limits {
	return Limits{Bytes: 1 << 30, Depth: 64, Attributes: 64, Piece: 1 << 20, Text: 1 << 16, Records: 1 << 20}
}

// Record is one thing that a bank file says about a payout, or about all payouts of a batch.
type Record struct {
	Answer payout.Answer // without Payout, where it is about a batch
	// Batch, Message and Count name the payments that were booked or refused together; Expand takes them apart.
	Batch, Message string
	Count          int // 0: not said
	Where          string
	Problem        string // why a person must look at it; Answer is then not to be used
}

// Run is the id of the run that a record about a batch speaks of; "" for other records.
func (r *Record) Run() string {
	if r.Message != "" {
		return r.Message
	}
	if i := strings.LastIndexByte(r.Batch, '-'); i >= 0 {
		return r.Batch[:i]
	}
	return r.Batch
}

// Summary says what a reader found beside the records that it emitted.
type Summary struct {
	Format   string         // "camt.053.001.08"
	Account  string         // of the statement, as the bank writes it
	Records  int            // emitted
	Problems int            // of these
	Open     int            // entries that are not booked yet
	Other    map[string]int // entries about something else, by direction and currency: "CRDT USD"
}

// Read reads the bank's answers from camt.053, pain.002 or CSV; it finds out which by itself. What emit was given counts
// only if Read returns without an error; an error of emit ends it.
func Read(r io.Reader, lim Limits, emit func(Record) error) (Summary, error) {
	in := bufio.NewReaderSize(&limited{r: r, left: lim.Bytes, most: lim.Bytes}, 1<<16)
	head, err := in.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return Summary{}, fmt.Errorf("reading the bank's answer: %w", err)
	}
	piece := &meter{r: in, most: lim.Piece, left: lim.Piece}
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\uFEFF")), " \t\r\n")
	if len(head) == 0 {
		return Summary{}, errors.New("reading the bank's answer: the file is empty")
	}
	if head[0] != '<' {
		return readCSV(piece, lim, emit)
	}
	return readXML(piece, lim, emit)
}

// limited ends a file that is too large with an error, not as if it were complete.
type limited struct {
	r          io.Reader
	left, most int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, fmt.Errorf("the file has more than %d bytes", l.most)
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return n - 1, fmt.Errorf("the file has more than %d bytes", l.most)
	}
	return n, err
}

// meter keeps what a decoder holds in memory at once small: it is told when a piece is over.
type meter struct {
	r          io.Reader
	left, most int
}

func (m *meter) next() { m.left = m.most }

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, fmt.Errorf("a tag, text or line has more than %d bytes", m.most)
	}
	n, err := m.r.Read(p[:min(len(p), 4096)])
	m.left -= n
	return n, err
}

// tree is what a format does with the elements of its document. Paths are below the root, such as "Stmt/Ntry/Amt".
type tree interface {
	open(path string, attr func(name string) string) error
	text(path, text string) error // of an element without elements in it
	close(path string) error
}

func readXML(r *meter, lim Limits, emit func(Record) error) (Summary, error) {
	out := &collector{emit: emit, lim: lim, summary: Summary{Other: make(map[string]int)}}
	err := walk(r, lim, func(root xml.Name, attrs []xml.Attr) (tree, error) {
		name := strings.TrimPrefix(root.Space, "urn:iso:std:iso:20022:tech:xsd:")
		switch name {
		case "camt.053.001.02", "camt.053.001.08":
			out.summary.Format = name
			return &camt053{out: out}, nil
		case "pain.002.001.03", "pain.002.001.10":
			out.summary.Format = name
			return &pain002{out: out}, nil
		}
		return nil, fmt.Errorf("the document <%s> of %q is none that is read here: camt.053.001.02, camt.053.001.08, pain.002.001.03 or pain.002.001.10", root.Local, root.Space)
	})
	if err != nil {
		return out.summary, fmt.Errorf("reading the bank's answer: %w", err)
	}
	return out.summary, nil
}

// collector passes records on and counts them.
type collector struct {
	emit    func(Record) error
	lim     Limits
	entries int
	summary Summary
}

func (c *collector) entry() error {
	if c.entries++; c.entries > c.lim.Records {
		return fmt.Errorf("the file has more than %d entries", c.lim.Records)
	}
	return nil
}

func (c *collector) put(r Record) error {
	c.summary.Records++
	if r.Problem != "" {
		c.summary.Problems++
	}
	return c.emit(r)
}

// walk streams an XML document through a tree that the root's name chooses. Document types, processing instructions and
// everything beyond the limits are refused.
func walk(r *meter, lim Limits, choose func(root xml.Name, attrs []xml.Attr) (tree, error)) error {
	d := xml.NewDecoder(r)
	var t tree
	var path []byte
	var leaf bool // the element that is open has no elements so far
	var text []byte
	depth := 0
	for {
		tok, err := d.Token()
		r.next()
		if errors.Is(err, io.EOF) && t != nil && depth == 0 {
			return nil
		}
		if err != nil {
			return at(d, fmt.Errorf("the XML is broken or cut off: %w", err))
		}
		switch tok := tok.(type) {
		case xml.Directive:
			return at(d, errors.New("document types are not taken"))
		case xml.ProcInst:
			if tok.Target != "xml" {
				return at(d, fmt.Errorf("the processing instruction %q is not taken", tok.Target))
			}
		case xml.StartElement:
			if depth++; depth > lim.Depth {
				return at(d, fmt.Errorf("elements are more than %d deep", lim.Depth))
			}
			if len(tok.Attr) > lim.Attributes {
				return at(d, fmt.Errorf("<%s> has %d attributes; %d is the most", tok.Name.Local, len(tok.Attr), lim.Attributes))
			}
			if depth == 1 {
				if t != nil {
					return at(d, errors.New("there is a second document in the file"))
				}
				if t, err = choose(tok.Name, tok.Attr); err != nil {
					return at(d, err)
				}
				continue
			}
			if depth > 2 {
				path = append(path, '/')
			}
			path = append(path, tok.Name.Local...)
			leaf, text = true, text[:0]
			err = t.open(string(path), func(name string) string {
				for _, a := range tok.Attr {
					if a.Name.Local == name {
						return a.Value
					}
				}
				return ""
			})
		case xml.CharData:
			if depth > 1 && leaf {
				if text = append(text, tok...); len(text) > lim.Text {
					return at(d, fmt.Errorf("a text has more than %d characters", lim.Text))
				}
			}
		case xml.EndElement:
			if depth--; depth == 0 {
				continue
			}
			if leaf {
				if err = t.text(string(path), strings.TrimSpace(string(text))); err != nil {
					return at(d, err)
				}
			}
			err = t.close(string(path))
			leaf = false
			path = path[:max(0, bytes.LastIndexByte(path, '/'))]
		}
		if err != nil {
			return at(d, err)
		}
	}
}

// at says in which line an error is.
func at(d *xml.Decoder, err error) error {
	line, _ := d.InputPos()
	return fmt.Errorf("line %d: %w", line, err)
}

// parseAmount reads an amount as banks write it: "1234.5", "1234.50", "1234.50000".
func parseAmount(s, currency string) (money.Amount, error) {
	c, err := money.ParseCurrency(currency)
	if err != nil {
		return money.Amount{}, fmt.Errorf("amount %q: %w", s, err)
	}
	if whole, fraction, ok := strings.Cut(s, "."); ok {
		for len(fraction) > c.Exponent() && strings.HasSuffix(fraction, "0") {
			fraction = fraction[:len(fraction)-1]
		}
		if s = whole; fraction != "" {
			s += "." + fraction
		}
	}
	a, err := money.Parse(s, c)
	if err == nil && a.Minor < 0 {
		err = fmt.Errorf("%q is below zero", s)
	}
	if err != nil {
		return money.Amount{}, fmt.Errorf("amount: %w", err)
	}
	return a, nil
}
