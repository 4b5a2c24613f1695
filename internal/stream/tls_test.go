package stream

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/vfs"
)

// authority makes certificates for a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	dir  string
	n    int64
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.issue(t, "ca")
	return a
}

// issue writes NAME.pem and NAME.key: the first is the authority's own, the others are signed by it and serve both ends.
func (a *authority) issue(t *testing.T, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.n++
	c := &x509.Certificate{
		SerialNumber: big.NewInt(a.n), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert == nil {
		if a.cert, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
		a.key = key
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, b := range map[string]*pem.Block{name + ".pem": {Type: "CERTIFICATE", Bytes: der}, name + ".key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(a.dir, file), pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// A server that asks for certificates lets in who has one of its authority, and clicks go through; without one, with a stranger's, or when
// the server's own is not known, nobody gets in.
func TestCertificatesOpenTheDoor(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	ours.issue(t, "server")
	ours.issue(t, "edge")
	theirs.issue(t, "edge")
	file := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(file, []byte(fmt.Sprintf(`
server_name: n1
listen: 127.0.0.1:-1
http: 127.0.0.1:-1
jetstream { store_dir: %q, max_file_store: 1GB, sync_interval: always }
tls { cert_file: %q, key_file: %q, ca_file: %q, verify: true }
`, t.TempDir(), ours.file("server.pem"), ours.file("server.key"), ours.file("ca.pem"))), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &child{role: "nats", setup: setup{Name: "nats", Config: file}}
	c.start(t)
	url := "tls://" + c.ports.Client
	for name, s := range map[string]Server{
		"no certificate":        {CA: ours.file("ca.pem")},
		"another authority's":   {CA: ours.file("ca.pem"), Cert: theirs.file("edge.pem"), Key: theirs.file("edge.key")},
		"a server not known":    {CA: theirs.file("ca.pem"), Cert: ours.file("edge.pem"), Key: ours.file("edge.key")},
		"a key that fits not":   {CA: ours.file("ca.pem"), Cert: ours.file("edge.pem"), Key: theirs.file("edge.key")},
		"a file that is not it": {CA: ours.file("edge.key")},
	} {
		s.URL = url
		nc, err := Connect(s)
		if err != nil {
			continue // the files are looked at first
		}
		if nc.FlushTimeout(500*time.Millisecond) == nil {
			t.Errorf("%s: let in", name)
		}
		nc.Close()
	}
	nc, err := Connect(Server{URL: url, CA: ours.file("ca.pem"), Cert: ours.file("edge.pem"), Key: ours.file("edge.key")})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	o := Options{Name: "shop", Shards: 3, Replicas: 1, Monitors: []string{"http://" + c.ports.Monitor}}
	store := &memory{have: map[string]bool{}}
	half, err := NewConsumer(nc, ConsumerOptions{Options: o, Store: store.Store, Work: []int{0, 1}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	start(t, half.Run)
	log := openLog(t, vfs.NewMem(), "log")
	ship := shipperOf(t, nc, o, log, cursorIn(t, vfs.NewMem()))
	start(t, ship.Run)
	follow(t, 400, log)
	waitFor(t, "the clicks on their way", func() bool {
		return log.Stats().Records == 400 && ship.Stats().Behind == 0 && ship.Stats().Position.Seq == 401
	})
	if n := store.count(); n == 400 {
		t.Error("a worker of two shards took the clicks of all three")
	}
	rest, err := NewConsumer(nc, ConsumerOptions{Options: o, Store: store.Store, Work: []int{2}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	start(t, rest.Run)
	waitFor(t, "the clicks in the store", func() bool { return store.count() == 400 })
}
