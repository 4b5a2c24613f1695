package edgenode

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// certificate is the redirect's certificate. Certificates are renewed while a server runs, so the files are looked at once a minute; what
// cannot be read, or is half written, does not take the place of one that works.
type certificate struct {
	cert, key string
	now       func() time.Time
	log       *slog.Logger
	current   atomic.Pointer[tls.Certificate]
	changed   atomic.Int64 // when the files were changed last, as far as they were read
	look      atomic.Int64 // when they are to be looked at again
}

// lookEvery is how long a renewed certificate may go unnoticed.
const lookEvery = time.Minute

func newCertificate(cert, key string, now func() time.Time, log *slog.Logger) (*certificate, error) {
	c := &certificate{cert: cert, key: key, now: now, log: log}
	at, err := c.stamp()
	if err == nil {
		err = c.read(at)
	}
	if err != nil {
		return nil, fmt.Errorf("the certificate of the redirect: %w", err)
	}
	c.look.Store(now().Add(lookEvery).UnixNano())
	return c, nil
}

// get implements tls.Config.GetCertificate.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	now, look := c.now().UnixNano(), c.look.Load()
	if now >= look && c.look.CompareAndSwap(look, now+int64(lookEvery)) {
		at, err := c.stamp()
		if err == nil && at != c.changed.Load() {
			if err = c.read(at); err == nil {
				c.log.Info("the redirect has a new certificate", "file", c.cert)
			}
		}
		if err != nil {
			c.log.Error("the certificate of the redirect cannot be read; the old one is used on", "error", err)
		}
	}
	return c.current.Load(), nil
}

// stamp is when the files were changed last.
func (c *certificate) stamp() (int64, error) {
	var last int64
	for _, name := range [...]string{c.cert, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return 0, err
		}
		last = max(last, info.ModTime().UnixNano())
	}
	return last, nil
}

func (c *certificate) read(at int64) error {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return err
	}
	c.current.Store(&pair)
	c.changed.Store(at)
	return nil
}
