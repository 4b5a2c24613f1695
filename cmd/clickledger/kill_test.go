package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/edgenode"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

// killable is a server in a process of its own.
type killable struct {
	cmd      *exec.Cmd
	api, web string
}

func startProcess(t *testing.T, data string) *killable {
	t.Helper()
	cmd := exec.Command("clickledger", "serve", "--data", data, "--listen", "127.0.0.1:0", "--edge-listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	k := &killable{cmd: cmd}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // if it still runs
	for lines := bufio.NewScanner(out); k.api == "" && lines.Scan(); {
		if _, at, ok := strings.Cut(lines.Text(), "Links lead through "); ok {
			k.web = strings.TrimSuffix(at, "/")
		}
		if _, at, ok := strings.Cut(lines.Text(), "Listening on "); ok {
			k.api = strings.TrimSuffix(strings.Fields(at)[0], "/")
		}
	}
	if k.api == "" {
		t.Fatal("the server did not start")
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return k
}

// killLanes are how many servers are killed side by side, each with data of its own: while one starts, another one is under load.
const killLanes = 2

// L3: the whole server is killed under load, again and again; every click that was answered with a redirect is in the store
// afterwards, once. CLICKLEDGER_KILLS says how often (default 4).
func TestL3_KilledServerLosesNoAnsweredClick(t *testing.T) {
	kills := 4
	if s := os.Getenv("CLICKLEDGER_KILLS"); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	for lane := range killLanes {
		n := kills / killLanes
		if lane < kills%killLanes {
			n++
		}
		t.Run(fmt.Sprint(lane+1), func(t *testing.T) {
			t.Parallel()
			killAndCount(t, n)
		})
	}
}

// killAndCount kills a server so often, and holds what was answered against what the store has in the end.
func killAndCount(t *testing.T, kills int) {
	data := t.TempDir()
	s := serveOn(t, data, "--data", data)
	s.call("POST", "/v1/ad-spaces:import", spaceLine)
	answer := s.call("POST", "/v1/links", `{"links":[{"program":"global-eu","publisher":"ann","target":{"kind":"home"}}]}`)
	_, code, _ := strings.Cut(answer, `"code":"`)
	code, _, _ = strings.Cut(code, `"`)
	until(t, "the link works", func() bool {
		status, _, _ := s.click(s.web + "/" + code)
		return status == http.StatusFound
	})
	s.end() // leaves a snapshot, so that the next start knows the link at once
	keys, err := edgenode.ReadKeys(filepath.Join(data, edgeKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	answered := make(map[string]bool)
	for range kills {
		p := startProcess(t, data)
		client := &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport:     &http.Transport{MaxIdleConnsPerHost: 8},
		}
		var clickers sync.WaitGroup
		for n := range 8 {
			clickers.Go(func() {
				for i := 0; ; i++ {
					id, err := clickOnce(t, client, fmt.Sprintf("%s/%s?af=%d-%d", p.web, code, n, i), keys)
					if err != nil {
						return // killed
					}
					mu.Lock()
					answered[id] = true
					mu.Unlock()
				}
			})
		}
		count := func() int {
			mu.Lock()
			defer mu.Unlock()
			return len(answered)
		}
		before := count()
		until(t, "clicks are answered", func() bool { return count() >= before+10 })
		time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond)
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.cmd.Wait() // it says that it was killed
		clickers.Wait()
		client.CloseIdleConnections()
	}
	// The last start loads what is left, and its regular end waits for it.
	serveOn(t, data, "--data", data).end()
	db, err := sqlite.Open(t.Context(), filepath.Join(data, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lost := 0
	wishes := make([]store.TouchWish, 0, len(answered))
	for id := range answered {
		wishes = append(wishes, store.TouchWish{Program: "global-eu", Click: id})
	}
	var found [][]*click.Click
	if err := db.View(t.Context(), func(tx store.Tx) (err error) {
		found, err = tx.Clicks().ForOrders(t.Context(), wishes)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for i := range found {
		if len(found[i]) != 1 {
			lost++
			t.Logf("click %s is in the store %d times", wishes[i].Click, len(found[i]))
		}
	}
	if lost > 0 || len(answered) < 10*kills {
		t.Errorf("%d clicks were answered in %d lives, %d of them are not in the store once", len(answered), kills, lost)
	}
	t.Logf("%d clicks were answered in %d lives", len(answered), kills)
}

// clickOnce follows a link and returns the click's id.
func clickOnce(t *testing.T, c *http.Client, link string, keys *edgenode.Keys) (string, error) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	res, err := c.Do(r)
	if err != nil {
		return "", err
	}
	_ = res.Body.Close() // it has none
	to, err := url.Parse(res.Header.Get("Location"))
	if err != nil || res.StatusCode != http.StatusFound {
		t.Errorf("a click was answered %d, %v", res.StatusCode, err)
		return "", io.EOF
	}
	claims, err := keys.Tokens.Parse(to.Query().Get("clk"), time.Now())
	if err != nil {
		t.Errorf("the token of a click: %v", err)
		return "", io.EOF
	}
	return token.ID(claims.Click).String(), nil
}
