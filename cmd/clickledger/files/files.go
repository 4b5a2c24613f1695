// Package files are the commands that work on files alone, without a database or a server.
package files

import (
	"io"
	"time"
)

// Env is what commands have from outside.
type Env struct {
	Stdout, Stderr io.Writer
	Now            func() time.Time
}
