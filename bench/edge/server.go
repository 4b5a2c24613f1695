package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/edge/httpd"
	"github.com/clickledger/clickledger/internal/edge/links"
	"github.com/clickledger/clickledger/internal/edge/record"
	"github.com/clickledger/clickledger/internal/edgenode"
	"github.com/clickledger/clickledger/internal/linkfeed"
	"github.com/clickledger/clickledger/internal/vfs"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

const keyFile = "edge-keys.json"

// prepare makes the keys, the certificate, the snapshot of the links and the load's codes.
func (b *bench) prepare() error {
	edge := filepath.Join(b.dir, "edge")
	if err := os.MkdirAll(edge, 0o755); err != nil {
		return err
	}
	keys := edgenode.NewKeys(time.Now().Add(-time.Hour))
	if err := keys.Write(filepath.Join(b.dir, keyFile)); err != nil {
		return err
	}
	if err := certificate(b.dir); err != nil {
		return err
	}
	table, err := links.New(b.links, 1)
	if err != nil {
		return err
	}
	if err := linkfeed.EnterDocuments(table, nil, time.Now()); err != nil {
		return err
	}
	b.codes, b.lua = filepath.Join(b.dir, "codes"), filepath.Join(b.dir, "load.lua")
	codes, err := os.Create(b.codes)
	if err != nil {
		return err
	}
	defer codes.Close()
	w := bufio.NewWriter(codes)
	for i := range b.links {
		code, err := keys.Code.Code(uint64(i + 1))
		if err != nil {
			return err
		}
		id := fmt.Sprint(i)
		l := links.Link{
			Code: code, ID: uint64(i + 1), Program: "global-eu", Publisher: "pub" + id[:min(len(id), 4)], AdSpace: "site", TrackingID: "t",
			Target: link.Target{Kind: program.LinkProduct, Product: id, URL: "https://www.aliexpress.com/item/100500" + id + ".html"},
		}
		if err := table.Put(&l); err != nil {
			return err
		}
		if i%max(1, b.links/20_000) == 0 {
			fmt.Fprintln(w, code)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	snapshot, err := os.Create(filepath.Join(edge, "links.snapshot"))
	if err != nil {
		return err
	}
	if err := errors.Join(table.Save(snapshot, []byte("1")), snapshot.Close()); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(edge, "programs.json"), []byte("[]"), 0o644); err != nil {
		return err
	}
	return os.WriteFile(b.lua, []byte(`
local codes = {}
for line in io.lines("`+b.codes+`") do codes[#codes + 1] = "/e/" .. line .. "?af=newsletter&dp=42" end
local at = 0
request = function()
  at = at % #codes + 1
  return wrk.format("GET", codes[at])
end
`), 0o644)
}

// certificate writes a certificate of its own with its key, ECDSA P-256, for both servers.
func certificate(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	cert, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o644),
		os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600),
	)
}

// serve is the redirect in a process of its own: the node as `clickledger serve --role edge` runs it, with both front ends.
func serve(args []string) error {
	f := flag.NewFlagSet("serve", flag.ContinueOnError)
	dir, mode, tickets := f.String("dir", "", "folder"), f.String("mode", "durable", "mode of the log"), f.Bool("tickets", false, "let visitors resume TLS sessions")
	waiting := f.Int("waiting", 0, "clicks that may wait for the log; 0: the default")
	profile := f.String("profile", "", "file for a profile of the processor")
	if err := f.Parse(args); err != nil {
		return err
	}
	clickMode, err := clicklog.ParseMode(*mode)
	if err != nil {
		return err
	}
	debug.SetGCPercent(edgenode.GCPercent) // as `clickledger serve --role edge` does
	keys, err := edgenode.ReadKeys(filepath.Join(*dir, keyFile))
	if err != nil {
		return err
	}
	node, err := edgenode.Open(edgenode.Config{Dir: filepath.Join(*dir, "edge"), Mode: clickMode, Keys: keys, Waiting: *waiting, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *profile != "" {
		to, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer to.Close()
		if err := pprof.StartCPUProfile(to); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	plain, err := httpd.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	secure, err := httpd.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	cert, err := tls.LoadX509KeyPair(filepath.Join(*dir, "cert.pem"), filepath.Join(*dir, "key.pem"))
	if err != nil {
		return err
	}
	front := &httpd.Plain{Edge: node.Edge(), Now: time.Now, TLS: httpd.SecureConfig(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &cert, nil })}
	front.TLS.SessionTicketsDisabled = !*tickets
	failed := make(chan error, 1)
	go func() { failed <- front.Serve(secure) }()
	fmt.Println(plain.Addr(), secure.Addr())
	err = node.Serve(ctx, plain)
	end, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = front.Shutdown(end) // connections that the load left open are cut off
	if stopped := <-failed; !errors.Is(stopped, httpd.ErrClosed) {
		err = errors.Join(err, stopped)
	}
	return errors.Join(err, node.Close())
}

// server is the redirect as the bench sees it.
type server struct {
	cmd        *exec.Cmd
	plain, tls string
	free       func()
}

// serving is how the redirect is started.
type serving struct {
	mode    string // of the click log
	tickets bool   // TLS sessions can be resumed
	waiting int    // clicks that may wait for the log; 0: the default
	share   int    // percent of the processor; 0: all of it
}

// start starts the redirect on its processor. Go gets two threads there: while the log's waits for the disk, the other one serves.
func (b *bench) start(ctx context.Context, o serving) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "taskset", "-c", serverCPU, self, "serve", "-dir", b.dir, "-mode", o.mode, "-tickets="+strconv.FormatBool(o.tickets), "-waiting", strconv.Itoa(o.waiting))
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, free: b.restrict(cmd.Process.Pid, o.share)}
	if _, err := fmt.Fscan(out, &s.plain, &s.tls); err != nil {
		return nil, errors.Join(fmt.Errorf("the redirect did not start: %w", err), cmd.Wait())
	}
	return s, nil
}

// stop ends the redirect as a signal does.
func (s *server) stop() error {
	defer s.free()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// memory is what the process holds.
func (s *server) memory() string {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return "not known"
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strings.Join(strings.Fields(rest), " ")
		}
	}
	return "not known"
}

// firstRedirect asks until a link is answered with a redirect.
func (s *server) firstRedirect(code string) error {
	c := &http.Client{Timeout: time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		res, err := c.Get("http://" + s.plain + "/e/" + code)
		if err != nil {
			continue
		}
		_ = res.Body.Close() // it has none
		if res.StatusCode == http.StatusFound {
			return nil
		}
	}
	return errors.New("no redirect within a minute")
}

// records counts what a log holds.
func records(dir string) (uint64, error) {
	r, err := clicklog.Verify(vfs.OS{}, dir)
	return r.Records, err
}

// fill makes a log with so many clicks.
func fill(dir string, n int) error {
	log, err := clicklog.Open(vfs.OS{}, dir, clicklog.Options{Mode: clicklog.Fast, LossRecords: 1 << 16, LossTime: time.Minute, QueueRecords: 1 << 20, QueueBytes: 256 << 20, Now: time.Now})
	if err != nil {
		return err
	}
	for i := range n {
		r := record.Record{
			Click: token.NewID(time.Now(), token.Nonce{byte(i), byte(i >> 8), byte(i >> 16), byte(i >> 24)}), Link: uint64(i%1000 + 1), Program: []byte("global-eu"), Publisher: []byte("pub1"),
			AdSpace: []byte("site"), Kind: program.LinkHome, Agent: []byte("Chrome"), OS: []byte("Android"),
		}
		data := r.Append(nil)
		for log.AppendAsync(data, nil) != nil {
			time.Sleep(time.Millisecond)
		}
	}
	return log.Close()
}
