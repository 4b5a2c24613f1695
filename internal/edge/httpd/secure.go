package httpd

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// SecureConfig is how Plain speaks TLS with a certificate: HTTP/1.1 and HTTP/2, and sessions that visitors may resume.
func SecureConfig(cert func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	// An answer is one small record, which leaves with one packet.
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: cert, NextProtos: []string{"h2", "http/1.1"}, DynamicRecordSizingDisabled: true}
}

// wire is a connection as it was accepted, below TLS where there is TLS. It can keep an answer back until TLS has said goodbye, so that
// both leave in one packet.
type wire struct {
	net.Conn
	plain  *Plain
	hold   bool // the next write waits for the one after it
	held   []byte
	handed bool // HTTP/2 has it; under the lock of plain
}

// Write implements net.Conn.
func (w *wire) Write(b []byte) (int, error) {
	switch {
	case w.hold:
		w.held, w.hold = append(w.held, b...), false
		return len(b), nil
	case len(w.held) > 0:
		n := len(w.held)
		all := append(w.held, b...)
		w.held = nil
		sent, err := w.Conn.Write(all)
		return max(0, sent-n), err
	}
	return w.Conn.Write(b)
}

// Close implements net.Conn.
func (w *wire) Close() error {
	w.plain.mu.Lock()
	delete(w.plain.conns, w)
	w.plain.mu.Unlock()
	return w.Conn.Close()
}

// CloseWrite lets linger read what the other side still sends.
func (w *wire) CloseWrite() error {
	if half, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// shake does the handshake of a connection. It returns nil when the connection is not Plain's any more: it speaks HTTP/2, or is closed.
func (p *Plain) shake(w *wire) *tls.Conn {
	c := tls.Server(w, p.TLS)
	_ = w.SetDeadline(p.Now().Add(headTimeout))
	if c.Handshake() != nil {
		_ = w.Close()
		return nil
	}
	if c.ConnectionState().NegotiatedProtocol != "h2" {
		return c
	}
	p.mu.Lock()
	w.handed = true
	p.mu.Unlock()
	_ = w.SetDeadline(time.Time{})
	if !p.h2.take(c) {
		_ = c.Close()
	}
	return nil
}

// modern is the standard library's server for the connections that speak HTTP/2, and the listener that it gets them from.
type modern struct {
	srv   *http.Server
	addr  net.Addr
	conns chan net.Conn
	over  chan struct{} // closed when no connection is taken any more
	once  sync.Once
	ended chan struct{} // closed when the server has ended
}

func newModern(p *Plain, addr net.Addr) *modern {
	m := &modern{srv: NewServer(Handler(p.Edge), slog.New(slog.DiscardHandler)), addr: addr, conns: make(chan net.Conn), over: make(chan struct{}), ended: make(chan struct{})}
	m.srv.TLSConfig = p.TLS.Clone()
	go func() {
		_ = m.srv.Serve(m) // it ends with the listener, which is ours
		close(m.ended)
	}()
	return m
}

// take gives a connection to the server. It refuses when the server is shut down.
func (m *modern) take(c net.Conn) bool {
	select {
	case m.conns <- c:
		return true
	case <-m.over:
		return false
	}
}

// Accept implements net.Listener.
func (m *modern) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.over:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. The server calls it.
func (m *modern) Close() error {
	m.once.Do(func() { close(m.over) })
	return nil
}

// Addr implements net.Listener.
func (m *modern) Addr() net.Addr { return m.addr }

// shutdown lets answers that are being made go out; when ctx ends first, they are cut off.
func (m *modern) shutdown(ctx context.Context) error {
	err := m.srv.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, m.srv.Close())
	}
	<-m.ended
	return err
}
