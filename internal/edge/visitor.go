package edge

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"time"
	"unsafe"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/edge/links"
	"github.com/clickledger/clickledger/internal/edge/record"
	"github.com/clickledger/clickledger/program"
)

// visitor fills in what is known of who clicked. The address itself goes no further than here.
func (e *Edge) visitor(req *Request, query []byte, micro int64, resp *Response) {
	r := &resp.Click
	addr := e.client(req)
	a := e.agents.Get(req.UserAgent)
	resp.agent = a
	r.Device, r.Agent, r.OS = a.Device, a.Name, a.OS
	if e.c.Country != nil && addr.IsValid() {
		r.Country = e.c.Country(addr)
	}
	r.Network = network(addr)
	if k, err := e.dayKey(micro); err == nil {
		r.Hash = k.hash(addr, a.Hash, &resp.block)
	}
	r.Referrer = resp.keep(req.Referer, referrer)
	if len(req.FetchDest) > 0 || len(req.FetchMode) > 0 {
		r.Flags |= record.FetchMetadata
	}
	if string(req.FetchUser) == "?1" {
		r.Flags |= record.UserActivated
	}
	if string(req.FetchSite) == "cross-site" {
		r.Flags |= record.CrossSite
	}
	r.Consent = consent(query, req.GPC)
	// Whoever has the key in a cookie has agreed before, unless he says otherwise now.
	if p := resp.view.Program; p.Visitor.Name != "" {
		if key := cookie(req.Cookie, p.Visitor.Name); key != nil && r.Consent == record.ConsentUnknown {
			r.Consent = record.ConsentGranted
		}
	}
	if resp.view.Program.Strict(r.Country) && r.Consent != record.ConsentGranted && !asked(resp.view.Space) {
		r.Flags |= record.TokenWithheld
	}
}

// asked reports whether a publisher's visitors asked to be tracked themselves: for their cashback.
func asked(s *links.Space) bool { return s.Known && s.TrafficType == program.Cashback }

// remember writes the visitor key's cookie, where the program keeps one and the visitor agreed. Machines get none.
func (e *Edge) remember(req *Request, resp *Response) {
	p, r := resp.view.Program, &resp.Click
	if p.Visitor.Name == "" || r.Verdict != click.Valid || p.Consent != links.ConsentOff && r.Consent != record.ConsentGranted {
		return
	}
	out := append(append(resp.Cookie, p.Visitor.Name...), '=')
	from := len(out)
	if key := cookie(req.Cookie, p.Visitor.Name); key != nil {
		out = append(out, key...)
	} else {
		binary.LittleEndian.PutUint64(resp.block[:8], resp.random.Uint64())
		binary.LittleEndian.PutUint64(resp.block[8:], resp.random.Uint64())
		out = base64.RawURLEncoding.AppendEncode(out, resp.block[:])
	}
	to := len(out)
	if p.Visitor.Domain != "" {
		out = append(append(out, "; Domain="...), p.Visitor.Domain...)
	}
	out = append(out, "; Path=/; Max-Age="...)
	out = strconv.AppendInt(out, int64(p.Visitor.MaxAge/time.Second), 10)
	resp.Cookie = append(out, "; Secure; HttpOnly; SameSite=Lax"...)
	r.Visitor = resp.Cookie[from:to:to]
}

// keyLen is the length of a visitor key: 16 random bytes in base 64.
const keyLen = 22

// cookie returns the visitor key from a Cookie header, or nil. What is not a visitor key is not one of ours.
func cookie(header []byte, name string) []byte {
	for len(header) > 0 {
		part := header
		if i := bytes.IndexByte(header, ';'); i >= 0 {
			part, header = header[:i], header[i+1:]
		} else {
			header = nil
		}
		for len(part) > 0 && part[0] == ' ' {
			part = part[1:]
		}
		if len(part) != len(name)+1+keyLen || string(part[:len(name)]) != name || part[len(name)] != '=' {
			continue
		}
		key := part[len(name)+1:]
		for _, c := range key {
			if c-'a' >= 26 && c-'A' >= 26 && c-'0' >= 10 && c != '-' && c != '_' {
				return nil
			}
		}
		return key
	}
	return nil
}

// consent is what the link's query says (cs=1: the visitor agreed, cs=0: he did not), or else the browser (Sec-GPC).
func consent(query, gpc []byte) record.Consent {
	for len(query) > 0 {
		part := query
		if i := bytes.IndexByte(query, '&'); i >= 0 {
			part, query = query[:i], query[i+1:]
		} else {
			query = nil
		}
		switch string(part) {
		case "cs=1":
			return record.ConsentGranted
		case "cs=0":
			return record.ConsentDenied
		}
	}
	if string(gpc) == "1" {
		return record.ConsentDenied
	}
	return record.ConsentUnknown
}

// client is the address of whoever clicked: the peer's, or, behind proxies that are trusted, the last one in X-Forwarded-For that
// is not theirs. What the client wrote there itself stands further left and is never reached.
func (e *Edge) client(req *Request) netip.Addr {
	addr := req.Peer.Unmap()
	list := req.ForwardedFor
	for e.trusted(addr) && len(list) > 0 {
		last := list
		if i := bytes.LastIndexByte(list, ','); i >= 0 {
			list, last = list[:i], list[i+1:]
		} else {
			list = nil
		}
		next, ok := address(bytes.TrimSpace(last))
		if !ok {
			break
		}
		addr = next
	}
	return addr
}

func (e *Edge) trusted(addr netip.Addr) bool {
	for _, p := range e.c.Trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// address reads an address as proxies write it, with or without a port.
func address(b []byte) (netip.Addr, bool) {
	if len(b) == 0 || len(b) > 64 {
		return netip.Addr{}, false
	}
	if b[0] == '[' {
		end := bytes.IndexByte(b, ']')
		if end < 0 {
			return netip.Addr{}, false
		}
		b = b[1:end]
	} else if i := bytes.IndexByte(b, ':'); i >= 0 && bytes.IndexByte(b[i+1:], ':') < 0 {
		b = b[:i]
	}
	if len(b) == 0 || bytes.IndexByte(b, '%') >= 0 {
		return netip.Addr{}, false
	}
	// The text is read and not kept.
	addr, err := netip.ParseAddr(unsafe.String(unsafe.SliceData(b), len(b)))
	return addr.Unmap(), err == nil
}

// network is the part of an address that may be kept: 24 bits of an IPv4 address, 48 of an IPv6 address.
func network(addr netip.Addr) netip.Prefix {
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// dayKey is the key of one day's hashes. It is in memory only, and gone when the next day has begun.
type dayKey struct {
	day   int64
	block cipher.Block
}

func (e *Edge) dayKey(micro int64) (*dayKey, error) {
	day := micro / (24 * time.Hour).Microseconds()
	old := e.day.Load()
	if old != nil && old.day == day {
		return old, nil
	}
	var key [16]byte
	var err error
	if e.c.DayKey != nil {
		key, err = e.c.DayKey(day)
	} else {
		_, err = io.ReadFull(e.c.Random, key[:])
	}
	if err != nil {
		return nil, fmt.Errorf("the key of the day's hashes: %w", err)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("the key of the day's hashes: %w", err)
	}
	fresh := &dayKey{day, block}
	if !e.day.CompareAndSwap(old, fresh) {
		return e.dayKey(micro) // somebody else was first
	}
	return fresh, nil
}

// hash stands for an address and a user agent for a day. It is a pseudo-random function of both: without the key nobody can tell
// whether a hash is some address's.
func (k *dayKey) hash(addr netip.Addr, agent uint64, block *[16]byte) (h [8]byte) {
	*block = addr.As16()
	k.block.Encrypt(block[:], block[:])
	binary.LittleEndian.PutUint64(block[:8], binary.LittleEndian.Uint64(block[:8])^agent)
	k.block.Encrypt(block[:], block[:])
	copy(h[:], block[:])
	return h
}

// keep writes a text through a filter into the response's memory and returns it.
func (r *Response) keep(text []byte, filter func(dst, text []byte, limit int) []byte) []byte {
	from := len(r.scratch)
	r.scratch = filter(r.scratch, text, from+record.MaxText)
	return r.scratch[from:len(r.scratch):len(r.scratch)]
}

// visible appends a text up to a length, with a question mark for everything that is not visible ASCII.
func visible(dst, text []byte, limit int) []byte {
	for _, c := range text {
		if len(dst) == limit {
			break
		}
		if c < ' ' || c > '~' {
			c = '?'
		}
		dst = append(dst, c)
	}
	return dst
}

// referrer appends host and path of an address, without user, query and fragment, up to a length. Bytes that are not visible ASCII
// are escaped.
func referrer(dst, text []byte, limit int) []byte {
	i := bytes.Index(text, []byte("://"))
	if i < 0 {
		return dst
	}
	text = text[i+3:]
	if i := bytes.IndexAny(text, "?#"); i >= 0 {
		text = text[:i]
	}
	host := len(text)
	if i := bytes.IndexByte(text, '/'); i >= 0 {
		host = i
	}
	if i := bytes.LastIndexByte(text[:host], '@'); i >= 0 {
		text, host = text[i+1:], host-i-1
	}
	for i, c := range text {
		switch {
		case c <= ' ' || c > '~':
			if len(dst)+3 > limit {
				return dst
			}
			dst = append(dst, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
			continue
		case i < host && c-'A' < 26:
			c += 'a' - 'A'
		}
		if len(dst) == limit {
			return dst
		}
		dst = append(dst, c)
	}
	return dst
}
