package edgenode

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"
)

// certificate returns what the redirect's TLS asks for its certificate. Certificates are renewed while a server runs.
func certificate(cert, key string, now func() time.Time, log *slog.Logger) (func(*tls.ClientHelloInfo) (*tls.Certificate, error), error) {
	w := &watched[tls.Certificate]{files: []string{cert, key}, now: now}
	w.read = func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(cert, key)
		return &pair, err
	}
	w.told = func(err error) {
		if err != nil {
			log.Error("the certificate of the redirect cannot be read; the old one is used on", "error", err)
			return
		}
		log.Info("the redirect has a new certificate", "file", cert)
	}
	if err := w.start(); err != nil {
		return nil, fmt.Errorf("the certificate of the redirect: %w", err)
	}
	return func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return w.get(), nil }, nil
}
