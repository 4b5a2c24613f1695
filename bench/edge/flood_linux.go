package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/clickledger/clickledger/internal/simulate"
)

// flood is a source of requests that costs less than the server, on one thread: so many connections that are kept, each with one
// request at a time. Without a rate each sends the next when it has its answer; with one, requests are due at their times, and wait for a
// connection that is free.
func flood(args []string) error {
	f := flag.NewFlagSet("flood", flag.ContinueOnError)
	to, conns := f.String("to", "", "address"), f.Int("conns", 192, "connections")
	rate, length := f.Float64("rate", 0, "requests a second; 0: as fast as they are answered"), f.Duration("for", 3*time.Second, "how long it is counted")
	codes := f.String("codes", "", "file with codes")
	if err := f.Parse(args); err != nil {
		return err
	}
	data, err := os.ReadFile(*codes)
	if err != nil {
		return err
	}
	address, err := net.ResolveTCPAddr("tcp4", *to)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	debug.SetGCPercent(-1) // nothing is thrown away
	s, err := newSource(address, *conns, strings.Fields(string(data)))
	if err != nil {
		return err
	}
	out, err := s.run(*rate, *length)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

type source struct {
	epoll   int
	conns   []floodConn
	codes   []string
	at      int    // the next code
	text    []byte // the request, with the code at `code`
	code    int
	buf     []byte
	idle    []int32
	begin   time.Time
	took    simulate.Histogram
	served  simulate.Histogram
	out     flooded
	counted bool // the first second is over
}

type floodConn struct {
	fd   int
	due  time.Duration // of the request that is on its way
	sent time.Duration
	rest []byte // the beginning of an answer that was not whole
	skip int    // bytes of the body that are still to come
}

func newSource(to *net.TCPAddr, conns int, codes []string) (*source, error) {
	s := &source{codes: codes, buf: make([]byte, 64<<10), conns: make([]floodConn, conns)}
	head := "GET /e/"
	s.code = len(head)
	s.text = []byte(head + codes[0] + "?af=newsletter&dp=42 HTTP/1.1\r\nHost: s.example\r\nUser-Agent: Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n\r\n")
	var err error
	if s.epoll, err = syscall.EpollCreate1(0); err != nil {
		return nil, err
	}
	addr := &syscall.SockaddrInet4{Port: to.Port}
	copy(addr.Addr[:], to.IP.To4())
	for i := range s.conns {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		if err != nil {
			return nil, err
		}
		if err := syscall.Connect(fd, addr); err != nil {
			return nil, fmt.Errorf("connection %d: %w", i, err)
		}
		if err := errors.Join(syscall.SetNonblock(fd, true), syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)); err != nil {
			return nil, err
		}
		if err := syscall.EpollCtl(s.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(i)}); err != nil {
			return nil, err
		}
		s.conns[i].fd = fd
		s.idle = append(s.idle, int32(i))
	}
	return s, nil
}

func (s *source) run(rate float64, length time.Duration) (*flooded, error) {
	s.begin = time.Now()
	r := rand.New(rand.NewPCG(1, 1))
	end := warm + length
	next := time.Duration(0)    // when the next request is due
	var waiting []time.Duration // those that found no connection
	events := make([]syscall.EpollEvent, 512)
	for {
		now := time.Since(s.begin)
		if now >= end {
			break
		}
		s.counted = now >= warm
		if rate > 0 {
			for ; next <= now; next += time.Duration(r.ExpFloat64() / rate * float64(time.Second)) {
				waiting = append(waiting, next)
			}
		}
		for len(s.idle) > 0 && (rate == 0 || len(waiting) > 0) {
			due := now
			if rate > 0 {
				if due, waiting = waiting[0], waiting[1:]; now-due > time.Second {
					if s.counted {
						s.out.GaveUp++
					}
					continue
				}
			}
			i := s.idle[0]
			s.idle = s.idle[1:]
			if err := s.send(&s.conns[i], due); err != nil {
				return nil, err
			}
		}
		patience := 1
		if rate > 0 && len(s.idle) > 0 {
			patience = 0 // the next one is due in microseconds
		}
		n, err := syscall.EpollWait(s.epoll, events, patience)
		if err != nil && err != syscall.EINTR {
			return nil, err
		}
		for _, e := range events[:max(0, n)] {
			done, err := s.read(&s.conns[e.Fd])
			if err != nil {
				return nil, err
			}
			if done {
				s.idle = append(s.idle, e.Fd)
			}
		}
	}
	o := &s.out
	o.Seconds = length.Seconds()
	o.P50, o.P99, o.P999, o.Max = s.took.Quantile(0.5), s.took.Quantile(0.99), s.took.Quantile(0.999), s.took.Quantile(1)
	o.Served = s.served.Quantile(0.99)
	return o, nil
}

func (s *source) send(c *floodConn, due time.Duration) error {
	copy(s.text[s.code:], s.codes[s.at])
	if s.at++; s.at == len(s.codes) {
		s.at = 0
	}
	c.due, c.sent = due, time.Since(s.begin)
	n, err := syscall.Write(c.fd, s.text)
	if err == nil && n < len(s.text) {
		err = errors.New("the connection takes no whole request")
	}
	return err
}

// read takes what has come, and says whether the answer is whole.
func (s *source) read(c *floodConn) (done bool, err error) {
	n, err := syscall.Read(c.fd, s.buf[copy(s.buf, c.rest):])
	switch {
	case err == syscall.EAGAIN || err == syscall.EINTR:
		return false, nil
	case err != nil:
		return false, err
	case n == 0:
		return false, errors.New("the server closed a connection")
	}
	if c.skip > 0 {
		c.skip -= n
		return c.skip == 0, nil
	}
	b := s.buf[:len(c.rest)+n]
	head := bytes.Index(b, []byte("\r\n\r\n"))
	if head < 0 {
		c.rest = append(c.rest[:0], b...)
		return false, nil
	}
	c.rest = c.rest[:0]
	body := 0
	if _, length, ok := bytes.Cut(b[:head], []byte("Content-Length: ")); ok {
		for _, d := range length {
			if d < '0' || d > '9' {
				break
			}
			body = body*10 + int(d-'0')
		}
	}
	s.count(b[9:12], c)
	c.skip = head + 4 + body - len(b)
	return c.skip == 0, nil
}

func (s *source) count(status []byte, c *floodConn) {
	s.out.All++
	if string(status) == "302" {
		s.out.Redirected++
	}
	if !s.counted {
		return
	}
	switch string(status) {
	case "302":
		s.out.Redirects++
		now := time.Since(s.begin)
		s.took.Add(now - c.due)
		s.served.Add(now - c.sent)
	case "503":
		s.out.Shed++
	default:
		s.out.Other++
	}
}
