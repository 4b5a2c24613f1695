package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"testing"
)

// L9: what the log says of a call that failed names the host and the cause, and neither the address with what is secret in it nor anything of
// this network.
func TestL9_FailedCallsTellNothingOfThisNetwork(t *testing.T) {
	from := net.TCPAddrFromAddrPort(netip.MustParseAddrPort("10.0.0.5:4444"))
	to := net.TCPAddrFromAddrPort(netip.MustParseAddrPort("203.0.113.7:443"))
	for want, err := range map[string]error{
		"no such host":             fmt.Errorf("looking up t.example: %w", &net.DNSError{Err: "no such host", Name: "t.example", Server: "10.0.0.53:53"}),
		"connection reset by peer": &net.OpError{Op: "read", Net: "tcp", Source: from, Addr: to, Err: syscall.ECONNRESET},
	} {
		whole := fmt.Errorf("calling t.example: %w", &url.Error{Op: "Get", URL: "https://t.example/p?key=secret77", Err: err})
		if s := whole.Error(); !strings.Contains(s, "10.0.0.5") || !strings.Contains(s, "secret77") {
			t.Fatalf("the control says nothing: %s", s)
		}
		got := bare(whole).Error()
		if !strings.HasPrefix(got, "calling t.example: ") || !strings.HasSuffix(got, want) || strings.Contains(got, "10.0.0") || strings.Contains(got, "secret77") {
			t.Errorf("%q", got)
		}
	}
}
