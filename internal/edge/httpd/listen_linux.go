package httpd

import "syscall"

// prepare asks the system to keep a connection back until its first bytes are there: it is then read at once, and nobody has to wait for it.
func prepare(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		// A system that does not want to is no harm.
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_DEFER_ACCEPT, int(headTimeout.Seconds()))
	})
}
