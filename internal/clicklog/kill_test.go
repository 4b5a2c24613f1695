package clicklog

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/vfs"
)

// The child of the kill test finds its folder, mode and number in the environment.
const (
	childDir  = "CLICKLEDGER_KILL_DIR"
	childMode = "CLICKLEDGER_KILL_MODE"
	childRun  = "CLICKLEDGER_KILL_RUN"
)

func killOptions(mode Mode) Options {
	return Options{Mode: mode, LossRecords: 1 << 15, LossTime: time.Hour, SegmentBytes: 128 << 10, StallLimit: time.Hour, Now: time.Now}
}

// childMain is the program that is killed, if this is it: a log on the real disk with a loader into SQLite and retention behind
// it, under load from many goroutines. It writes the number of each acknowledged click to its standard output.
func childMain() bool {
	dir := os.Getenv(childDir)
	if dir == "" {
		return false
	}
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	run, err := strconv.ParseUint(os.Getenv(childRun), 10, 31)
	if err != nil {
		fail(err)
	}
	mode, err := ParseMode(os.Getenv(childMode))
	if err != nil {
		fail(err)
	}
	l, err := Open(vfs.OS{}, filepath.Join(dir, "clicks"), killOptions(mode))
	if err != nil {
		fail(err)
	}
	sink, err := openSQLite(filepath.Join(dir, "store.db"))
	if err != nil {
		fail(err)
	}
	loader := NewLoader(l, sink, LoaderOptions{BatchRecords: 500, Linger: time.Millisecond})
	sink.after = func(committed bool) error {
		if committed {
			if _, err := l.Retain(loader.Stats().Position, 0); err != nil {
				fail(err)
			}
		}
		return nil
	}
	go func() { fail(fmt.Errorf("the loader ended: %w", loader.Run(context.Background()))) }()
	var (
		next atomic.Uint64
		out  sync.Mutex
	)
	for range 15 {
		go func() {
			for {
				id := run<<32 | next.Add(1)
				if err := l.Append(testRecord(id)); err != nil {
					fail(err)
				}
				out.Lock()
				if err := binary.Write(os.Stdout, binary.LittleEndian, id); err != nil {
					os.Exit(1) // the parent is gone
				}
				out.Unlock()
			}
		}()
	}
	select {}
}

// killOnce runs the child until it has acknowledged so many clicks, and kills it. It returns what was acknowledged.
func killOnce(t *testing.T, dir string, mode Mode, run, after int) []uint64 {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir, childMode+"="+mode.String(), childRun+"="+strconv.Itoa(run))
	var complaint bytes.Buffer
	child.Stderr = &complaint
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(out)
	var acked []uint64
	for len(acked) < after {
		var id [8]byte
		if _, err := io.ReadFull(in, id[:]); err != nil {
			t.Fatalf("run %d: the child ended by itself: %v: %s", run, errors.Join(err, child.Wait()), complaint.String())
		}
		acked = append(acked, binary.LittleEndian.Uint64(id[:]))
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// What it had said until then counts as well.
	rest, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	for ; len(rest) >= 8; rest = rest[8:] {
		acked = append(acked, binary.LittleEndian.Uint64(rest))
	}
	_ = child.Wait() // it was killed, and says so
	return acked
}

// A process that is killed at any moment loses no acknowledged click and loads none twice into the store. CLICKLEDGER_KILLS says
// how often. The red control acknowledges before it writes. (R1)
func TestKill9(t *testing.T) {
	for _, mode := range []Mode{Durable, Fast} {
		t.Run(mode.String(), func(t *testing.T) {
			kills := 20
			if text := os.Getenv("CLICKLEDGER_KILLS"); text != "" {
				n, err := strconv.Atoi(text)
				if err != nil || n < 1 {
					t.Fatalf("CLICKLEDGER_KILLS=%q is not a number of kills", text)
				}
				kills = n
			}
			if mode == Fast {
				kills = 5
			}
			dir := t.TempDir()
			c := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
			acked := map[uint64]bool{}
			start := time.Now()
			for run := range kills {
				for _, id := range killOnce(t, dir, mode, run, 1+c.IntN(3000)) {
					acked[id] = true
				}
			}
			l, err := Open(vfs.OS{}, filepath.Join(dir, "clicks"), killOptions(mode))
			if err != nil {
				t.Fatal(err)
			}
			defer mustClose(t, l)
			sink, err := openSQLite(filepath.Join(dir, "store.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer sink.db.Close()
			if err := NewLoader(l, sink, LoaderOptions{}).Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			all, different, err := sink.count()
			if err != nil {
				t.Fatal(err)
			}
			ids, err := sink.ids()
			if err != nil {
				t.Fatal(err)
			}
			lost := 0
			for id := range acked {
				if !ids[id] {
					lost++
				}
			}
			t.Logf("%d kills in %v: %d clicks acknowledged, %d in the store, %d lost, %d twice",
				kills, time.Since(start).Round(time.Millisecond), len(acked), all, lost, all-different)
			if all != different {
				t.Errorf("%d clicks are in the store twice", all-different)
			}
			if (lost > 0) != (mode == Fast) {
				t.Errorf("%d acknowledged clicks are lost", lost)
			}
		})
	}
}

func (s *sqliteSink) ids() (map[uint64]bool, error) {
	rows, err := s.db.Query(`SELECT id FROM click`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ids := map[uint64]bool{}
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids[uint64(id)] = true
	}
	return ids, rows.Err()
}
