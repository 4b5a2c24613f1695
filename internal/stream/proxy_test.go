package stream

import (
	"net"
	"sync"
	"testing"
)

// proxy stands between two programs. It can be cut: then what is sent goes nowhere, and nobody is told, as with a cable that was pulled.
type proxy struct {
	ln   net.Listener
	wait sync.WaitGroup

	mu      sync.Mutex
	change  *sync.Cond
	network string
	target  string // empty: nobody is there
	cut     bool
	closed  bool
	conns   map[net.Conn]struct{}
}

func newProxy(t testing.TB) *proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{ln: ln, network: "tcp", conns: map[net.Conn]struct{}{}}
	p.change = sync.NewCond(&p.mu)
	p.wait.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

func (p *proxy) addr() string { return p.ln.Addr().String() }

func (p *proxy) to(network, target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.network, p.target = network, target
}

func (p *proxy) setCut(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
	p.change.Broadcast()
}

// drop closes all connections.
func (p *proxy) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *proxy) close() {
	_ = p.ln.Close()
	p.mu.Lock()
	p.closed = true
	p.change.Broadcast()
	p.mu.Unlock()
	p.drop()
	p.wait.Wait()
}

// pass waits while the proxy is cut. It returns false once the proxy is closed.
func (p *proxy) pass() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.cut && !p.closed {
		p.change.Wait()
	}
	return !p.closed
}

func (p *proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = c.Close()
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *proxy) accept() {
	for {
		in, err := p.ln.Accept()
		if err != nil {
			return
		}
		if p.keep(in) {
			p.wait.Go(func() { p.serve(in) })
		}
	}
}

func (p *proxy) serve(in net.Conn) {
	defer p.forget(in)
	if !p.pass() {
		return
	}
	p.mu.Lock()
	network, target := p.network, p.target
	p.mu.Unlock()
	out, err := net.Dial(network, target)
	if err != nil || !p.keep(out) {
		return
	}
	defer p.forget(out)
	var both sync.WaitGroup
	both.Go(func() { p.copy(in, out) })
	both.Go(func() { p.copy(out, in) })
	both.Wait()
}

func (p *proxy) forget(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

func (p *proxy) copy(to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if !p.pass() {
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
