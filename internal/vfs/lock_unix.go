//go:build unix

package vfs

import (
	"os"

	"golang.org/x/sys/unix"
)

func lock(f *os.File) error {
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err {
	case nil:
		return nil
	case unix.EWOULDBLOCK:
		return &os.PathError{Op: "lock", Path: f.Name(), Err: ErrLocked}
	default:
		return &os.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
}
