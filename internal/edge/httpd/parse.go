package httpd

import (
	"bytes"
	"errors"

	"github.com/clickledger/clickledger/internal/edge"
)

// head is what the head of a request says beside what the edge needs.
type head struct {
	old       bool // HTTP/1.0
	close     bool // the connection ends after the answer
	keepAlive bool // HTTP/1.0 that wants to go on, and must be told
	body      bool // a body follows, which nobody will read
}

var (
	errPart    = errors.New("the head is not complete yet")
	errHead    = errors.New("this is not the head of an HTTP request")
	errVersion = errors.New("this version of HTTP is not spoken here")
	errLong    = errors.New("the head is too long")
)

// parse reads the head of a request from b, up to and with the empty line, and returns its length. It is stricter than it had to be: two
// servers that read one request in two ways are how requests are smuggled, so whatever might be read in two ways is refused.
func parse(b []byte, req *edge.Request, h *head) (n int, err error) {
	*h = head{}
	req.Cookie, req.ForwardedFor, req.Referer, req.UserAgent, req.Purpose, req.SecPurpose = nil, nil, nil, nil, nil, nil
	req.FetchDest, req.FetchMode, req.FetchSite, req.FetchUser, req.GPC = nil, nil, nil, nil, nil

	line, rest, err := cutLine(b)
	if err != nil {
		return 0, err
	}
	method := bytes.IndexByte(line, ' ')
	version := bytes.LastIndexByte(line, ' ')
	if method <= 0 || version == method || !isToken(line[:method]) || !target(line[method+1:version]) {
		return 0, errHead
	}
	req.Method, req.Target = line[:method], line[method+1:version]
	switch string(line[version+1:]) {
	case "HTTP/1.1":
	case "HTTP/1.0":
		h.old, h.close = true, true
	default:
		if bytes.HasPrefix(line[version+1:], []byte("HTTP/")) {
			return 0, errVersion
		}
		return 0, errHead
	}

	hosts, purpose := 0, 9
	for {
		if line, rest, err = cutLine(rest); err != nil {
			return 0, err
		}
		if len(line) == 0 {
			break
		}
		colon := bytes.IndexByte(line, ':')
		if colon <= 0 || !isToken(line[:colon]) {
			return 0, errHead
		}
		name, value := line[:colon], trim(line[colon+1:])
		if !visible(value) {
			return 0, errHead
		}
		// The length tells most names apart.
		switch len(name) {
		case 4:
			if is(name, "host") {
				hosts++
			}
		case 5:
			if is(name, "x-moz") {
				purpose = better(purpose, 2, &req.Purpose, value)
			}
		case 6:
			if is(name, "cookie") {
				set(&req.Cookie, value)
			}
		case 7:
			if is(name, "referer") {
				set(&req.Referer, value)
			} else if is(name, "purpose") {
				purpose = better(purpose, 0, &req.Purpose, value)
			} else if is(name, "sec-gpc") {
				set(&req.GPC, value)
			}
		case 9:
			if is(name, "x-purpose") {
				purpose = better(purpose, 1, &req.Purpose, value)
			}
		case 10:
			if is(name, "user-agent") {
				set(&req.UserAgent, value)
			} else if is(name, "connection") {
				if has(value, "close") {
					h.close, h.keepAlive = true, false
				} else if h.old && has(value, "keep-alive") {
					h.close, h.keepAlive = false, true
				}
			}
		case 11:
			if is(name, "sec-purpose") {
				set(&req.SecPurpose, value)
			}
		case 14:
			switch {
			case is(name, "sec-fetch-dest"):
				set(&req.FetchDest, value)
			case is(name, "sec-fetch-mode"):
				set(&req.FetchMode, value)
			case is(name, "sec-fetch-site"):
				set(&req.FetchSite, value)
			case is(name, "sec-fetch-user"):
				set(&req.FetchUser, value)
			case is(name, "content-length"):
				for _, c := range value {
					if c-'0' >= 10 {
						return 0, errHead
					}
					h.body = h.body || c != '0'
				}
				if len(value) == 0 {
					return 0, errHead
				}
			}
		case 15:
			if is(name, "x-forwarded-for") {
				req.ForwardedFor = value
			}
		case 17:
			if is(name, "transfer-encoding") {
				h.body = true
			}
		}
	}
	if hosts > 1 || hosts == 0 && !h.old {
		return 0, errHead
	}
	return len(b) - len(rest), nil
}

// cutLine takes a line off. It ends in CR LF; an LF or a CR alone is refused.
func cutLine(b []byte) (line, rest []byte, err error) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return nil, nil, errPart
	}
	if i == 0 || b[i-1] != '\r' || bytes.IndexByte(b[:i-1], '\r') >= 0 {
		return nil, nil, errHead
	}
	return b[:i-1], b[i+1:], nil
}

// isToken reports whether b is a token: a method or the name of a header field.
func isToken(b []byte) bool {
	for _, c := range b {
		if !tokenChar[c] {
			return false
		}
	}
	return true
}

// tokenChar are the characters of tokens (RFC 9110, 5.6.2).
var tokenChar = func() (t [256]bool) {
	for _, c := range "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" {
		t[c] = true
	}
	return t
}()

// target reports whether b can be a request target: no control characters and spaces, and in the path no broken escapes.
func target(b []byte) bool {
	inPath := true
	for i, c := range b {
		switch {
		case c <= ' ' || c == 0x7F:
			return false
		case c == '?':
			inPath = false
		case c == '%' && inPath && (i+2 >= len(b) || !hex(b[i+1]) || !hex(b[i+2])):
			return false
		}
	}
	return len(b) > 0
}

func hex(c byte) bool { return c-'0' < 10 || c|0x20-'a' < 6 }

// visible reports whether a field's value has no control characters but tabs.
func visible(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7F {
			return false
		}
	}
	return true
}

// is compares a field's name, in any case, with one in lower case of the same length.
func is(name []byte, lower string) bool {
	for i := range len(lower) {
		c := name[i]
		if c-'A' < 26 {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// has reports whether a list of tokens, separated by commas, has one of them, in any case.
func has(list []byte, lower string) bool {
	for len(list) > 0 {
		part := list
		if i := bytes.IndexByte(list, ','); i >= 0 {
			part, list = list[:i], list[i+1:]
		} else {
			list = nil
		}
		if part = trim(part); len(part) == len(lower) && is(part, lower) {
			return true
		}
	}
	return false
}

func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// set keeps the first of several fields with one name.
func set(dst *[]byte, value []byte) {
	if *dst == nil {
		*dst = value
	}
}

// better keeps the field whose name ranks first, and of that name the first.
func better(have, rank int, dst *[]byte, value []byte) int {
	if rank < have && len(value) > 0 {
		*dst = value
		return rank
	}
	return have
}
