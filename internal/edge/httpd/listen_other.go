//go:build !linux

package httpd

import "syscall"

// prepare has nothing to ask for here.
func prepare(_, _ string, _ syscall.RawConn) error { return nil }
