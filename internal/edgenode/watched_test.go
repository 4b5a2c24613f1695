package edgenode

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/clickledger/clickledger/internal/edge/httpd"
)

// writeCountries writes a database of countries at a time.
func writeCountries(t *testing.T, path string, at time.Time, rows map[string]mmdbtype.DataType) {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test-Country", RecordSize: 24, IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	for network, value := range rows {
		_, n, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(n, value); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// L3: countries come from the operator's file, in either of its two forms; a new file is noticed within a minute, and one that is broken
// does not take the place of one that works.
func TestL3_CountriesOfTheOperatorsFile(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	path := filepath.Join(t.TempDir(), "countries.mmdb")
	log := slog.New(slog.DiscardHandler)
	if _, err := Countries(path, clock, log); err == nil {
		t.Error("a file that is not there")
	}
	iso := func(code string) mmdbtype.DataType {
		return mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String(code)}}
	}
	writeCountries(t, path, now, map[string]mmdbtype.DataType{
		"203.0.113.0/24": iso("TR"), "198.51.100.0/24": mmdbtype.Map{"country_code": mmdbtype.String("RO")}, "192.0.2.0/24": iso("x!"), "2001:db8::/32": iso("PL"),
	})
	of, err := Countries(path, clock, log)
	if err != nil {
		t.Fatal(err)
	}
	check := func(address, want string) {
		t.Helper()
		code := of(netip.MustParseAddr(address))
		if got := string(code[:]); got != want && !(want == "" && code == [2]byte{}) {
			t.Errorf("%s is in %q, want %q", address, got, want)
		}
	}
	check("203.0.113.9", "TR")
	check("::ffff:203.0.113.9", "TR")
	check("198.51.100.1", "RO")
	check("2001:db8::1", "PL")
	check("192.0.2.1", "")
	check("8.8.8.8", "")

	writeCountries(t, path, now.Add(time.Second), map[string]mmdbtype.DataType{"203.0.113.0/24": iso("DE")})
	check("203.0.113.9", "TR") // nobody has looked yet
	now = now.Add(lookEvery)
	check("203.0.113.9", "DE")
	if err := os.WriteFile(path, []byte("half of a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(lookEvery)
	check("203.0.113.9", "DE")
}

// A certificate that was renewed is shown to new visitors within a minute; half a one, or one whose key does not fit, is not.
func TestCertificatesAreRenewed(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write := func(serial int64, only string) {
		t.Helper()
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{SerialNumber: big.NewInt(serial)}
		der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
		if err != nil {
			t.Fatal(err)
		}
		secret, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		for name, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
			if only != "" && only != name {
				continue
			}
			if err := os.WriteFile(name, pem.EncodeToMemory(b), 0o600); err != nil {
				t.Fatal(err)
			}
			at := now.Add(time.Duration(serial) * time.Second)
			if err := os.Chtimes(name, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := certificate(cert, key, clock, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a certificate that is not there")
	}
	node := func() *Node {
		n, err := Open(Config{Dir: filepath.Join(dir, "edge"), Keys: NewKeys(now), Now: time.Now, Logger: slog.New(slog.DiscardHandler), TLSCert: cert, TLSKey: key})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	listen := func() net.Listener {
		ln, err := httpd.Listen(t.Context(), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return ln
	}
	n := node()
	if err := n.Serve(t.Context(), listen()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("serving without a certificate: %v", err)
	}
	write(1, "")

	// A node speaks with it, HTTP/1.1 and HTTP/2, until it is told to stop.
	ctx, stop := context.WithCancel(t.Context())
	ln := listen()
	served := make(chan error, 1)
	go func() { served <- n.Serve(ctx, ln) }()
	for _, modern := range []bool{false, true} {
		tr := &http.Transport{ForceAttemptHTTP2: modern, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		resp, err := (&http.Client{Transport: tr}).Get("https://" + ln.Addr().String() + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != 200 || (resp.ProtoMajor == 2) != modern || resp.TLS.PeerCertificates[0].SerialNumber.Int64() != 1 {
			t.Errorf("%s, %s, certificate %d", resp.Proto, resp.Status, resp.TLS.PeerCertificates[0].SerialNumber)
		}
		tr.CloseIdleConnections()
	}
	stop()
	if err := errors.Join(<-served, n.Close()); err != nil {
		t.Error(err)
	}
	get, err := certificate(cert, key, clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		t.Helper()
		c, err := get(nil)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(c.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf.SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("certificate %d", got)
	}
	write(2, cert) // the key is still the old one
	now = now.Add(lookEvery)
	if got := serial(); got != 1 {
		t.Errorf("certificate %d, whose key is not there yet", got)
	}
	write(3, "")
	if got := serial(); got != 1 {
		t.Errorf("certificate %d, looked at too early", got)
	}
	now = now.Add(lookEvery)
	if got := serial(); got != 3 {
		t.Errorf("certificate %d after the renewal", got)
	}
}
