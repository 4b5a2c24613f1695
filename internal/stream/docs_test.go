package stream

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"github.com/clickledger/clickledger/internal/vfs"
)

// user makes a user's key: the public part, and the name of the file with the seed.
func user(t *testing.T) (public, file string) {
	t.Helper()
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	if public, err = key.PublicKey(); err != nil {
		t.Fatal(err)
	}
	seed, err := key.Seed()
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "nkey")
	if err := os.WriteFile(file, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	return public, file
}

// The servers' settings that docs/cluster.md prints are understood by a server, sync before they acknowledge, and let edges and workers do
// what they must; an edge cannot touch a stream. Only what one server alone in a test cannot have is changed: addresses, certificates, the cluster.
func TestDocumentedSettings(t *testing.T) {
	page, err := os.ReadFile("../../docs/cluster.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	begin := strings.Index(text, "server_name: n1")
	if begin < 0 {
		t.Fatal("docs/cluster.md has no settings")
	}
	text, _, _ = strings.Cut(text[begin:], "```")
	edgeKey, edgeFile := user(t)
	workerKey, workerFile := user(t)
	for _, change := range [][2]string{
		{`(?m)^listen:.*$`, "listen: 127.0.0.1:-1"}, {`(?m)^http:.*?(#|$)`, "http: 127.0.0.1:-1 $1"}, {`(?ms)^cluster \{.*?^\}`, ""}, {`(?m)^tls .*$`, ""},
		{`max_file_store: \w+`, "max_file_store: 1GB"}, {`store_dir: \S+`, "store_dir: " + t.TempDir()}, {`UEDGE\.\.\.`, edgeKey}, {`UWORKER\.\.\.`, workerKey},
	} {
		was := text
		if text = regexp.MustCompile(change[0]).ReplaceAllString(text, change[1]); text == was {
			t.Fatalf("nothing in the settings is %s", change[0])
		}
	}
	file := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &child{role: "nats", setup: setup{Name: "nats", Config: file}}
	c.start(t)
	o := Options{Shards: 2, Replicas: 1, Monitors: []string{"http://" + c.ports.Monitor}}

	worker, err := Connect(Server{URL: "nats://" + c.ports.Client, NKey: workerFile})
	if err != nil {
		t.Fatal(err)
	}
	defer worker.Close()
	store := &memory{have: map[string]bool{}}
	take, err := NewConsumer(worker, ConsumerOptions{Options: o, Store: store.Store, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	asking := &http.Client{}
	defer asking.CloseIdleConnections()
	if always, err := syncsAlways(t.Context(), asking, o.Monitors[0]+"/varz"); err != nil || !always {
		t.Errorf("the server syncs always: %v, %v", always, err)
	}
	start(t, take.Run)

	nc, err := Connect(Server{URL: "nats://" + c.ports.Client, NKey: edgeFile})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	log := openLog(t, vfs.NewMem(), "log")
	ship := shipperOf(t, nc, o, log, cursorIn(t, vfs.NewMem()))
	start(t, ship.Run)
	follow(t, 100, log)
	waitFor(t, "the clicks in the store", func() bool { return store.count() == 100 })

	garbage := []byte("no batch") // is parked, which a worker may do
	if err := nc.Publish("clicks.2026-11-21.0", garbage); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the parked message", func() bool { return take.Stats().Parked == 1 })
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(300*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), "CLICKS-0"); err == nil {
		t.Error("an edge could delete a stream")
	}
}
