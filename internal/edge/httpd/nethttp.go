// Package httpd lets an edge answer over HTTP, in two ways that give the same answers: Handler for the standard library's server, with
// TLS and HTTP/2, and Plain, a server of its own for HTTP/1.1 behind a proxy, which costs half as much.
package httpd

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"
	"unsafe"

	"github.com/clickledger/clickledger/internal/edge"
)

// maxHead is the greatest length of a request's line and header fields together.
const maxHead = 16 << 10

// Handler answers with an edge on the standard library's server. It takes requests as they were sent: mount it at the root of a server
// or behind a mux that does not clean paths.
func Handler(e *edge.Edge) http.Handler { return handler{e} }

type handler struct{ edge *edge.Edge }

// ServeHTTP implements http.Handler.
func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header["Cache-Control"] = noStore
	header["X-Robots-Tag"] = noIndex
	if r.ContentLength != 0 || len(r.TransferEncoding) > 0 {
		header["Connection"] = closing
		if isLink(r.Method) {
			header["Content-Type"] = plain
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write(badRequest)
			return
		}
	}
	resp := h.edge.Acquire()
	defer h.edge.Release(resp)
	req := edge.Request{
		Method: bytesOf(r.Method), Target: bytesOf(r.RequestURI), Peer: peer(r.RemoteAddr),
		Cookie: first(r.Header["Cookie"]), ForwardedFor: last(r.Header["X-Forwarded-For"]), Referer: first(r.Header["Referer"]), UserAgent: first(r.Header["User-Agent"]),
		SecPurpose: first(r.Header["Sec-Purpose"]), FetchDest: first(r.Header["Sec-Fetch-Dest"]), FetchMode: first(r.Header["Sec-Fetch-Mode"]),
		FetchSite: first(r.Header["Sec-Fetch-Site"]), FetchUser: first(r.Header["Sec-Fetch-User"]), GPC: first(r.Header["Sec-Gpc"]),
	}
	for _, name := range [...]string{"Purpose", "X-Purpose", "X-Moz"} {
		if len(req.Purpose) == 0 {
			req.Purpose = first(r.Header[name])
		}
	}
	h.edge.Answer(&req, resp)
	if len(resp.Location) > 0 {
		header["Location"] = []string{string(resp.Location)}
	}
	if len(resp.Verdict) > 0 {
		header["X-Click-Verdict"] = []string{string(resp.Verdict)}
	}
	if len(resp.Cookie) > 0 {
		header["Set-Cookie"] = []string{string(resp.Cookie)}
	}
	if resp.Allow {
		header["Allow"] = allow
	}
	if resp.RetryAfter {
		header["Retry-After"] = retryAfter
	}
	if len(resp.Body) > 0 {
		header["Content-Type"] = plain
	}
	header["Content-Length"] = []string{strconv.Itoa(len(resp.Body))}
	w.WriteHeader(resp.Status)
	if r.Method != http.MethodHead && len(resp.Body) > 0 {
		_, _ = w.Write(resp.Body)
	}
}

var (
	noStore    = []string{"no-store"}
	noIndex    = []string{"noindex"}
	closing    = []string{"close"}
	allow      = []string{"GET, HEAD"}
	retryAfter = []string{"1"}
	plain      = []string{"text/plain; charset=utf-8"}
	badRequest = []byte("Bad request\n")
)

// isLink reports whether a method may follow a link.
func isLink(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// bytesOf is a string's bytes, to be read only.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

func first(values []string) []byte {
	if len(values) == 0 {
		return nil
	}
	return bytesOf(values[0])
}

func last(values []string) []byte {
	if len(values) == 0 {
		return nil
	}
	return bytesOf(values[len(values)-1])
}

// peer is the address of a connection's other end. What comes through a Unix socket comes from this machine.
func peer(remote string) netip.Addr {
	if ap, err := netip.ParseAddrPort(remote); err == nil {
		return ap.Addr()
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1})
}

func peerOf(addr net.Addr) netip.Addr {
	if tcp, ok := addr.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr()
	}
	return peer("")
}

// NewServer returns a server of the standard library with limits that suit an edge: set its TLSConfig and call ServeTLS for TLS and
// HTTP/2. Other handlers may stand beside the edge's.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		MaxHeaderBytes:    maxHead,
		ReadHeaderTimeout: headTimeout,
		ReadTimeout:       2 * headTimeout,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

const (
	headTimeout = 5 * time.Second  // for a request's head, from its first byte
	idleTimeout = 75 * time.Second // between requests
)
