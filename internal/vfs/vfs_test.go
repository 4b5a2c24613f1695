package vfs

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"syscall"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What FS, File and Locker promise while the power is on holds for the real file system, the one in memory, and one that injects
// no faults.
func TestContract(t *testing.T) {
	for _, c := range []struct {
		name string
		fs   FS
		dir  string
	}{
		{"OS", OS{}, path.Join(t.TempDir(), "a", "b")},
		{"Mem", NewMem(), "a/b"},
		{"Inject", Inject(NewMem(), func(Call) Fault { return Fault{} }), "a/b"},
	} {
		t.Run(c.name, func(t *testing.T) { contract(t, c.fs, c.dir) })
	}
}

func contract(t *testing.T, f FS, dir string) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	is := func(err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	_, err := f.List(dir)
	is(err, fs.ErrNotExist)
	_, err = f.Create(path.Join(dir, "early"))
	is(err, fs.ErrNotExist)
	must(f.MkdirAll(dir))
	must(f.MkdirAll(dir))
	one, two := path.Join(dir, "one"), path.Join(dir, "two")

	file, err := f.Create(two)
	must(err)
	n, err := file.WriteAt([]byte("hello"), 0)
	if must(err); n != 5 {
		t.Errorf("%d bytes were written", n)
	}
	_, err = file.WriteAt([]byte("world"), 2000) // leaves zeros between
	must(err)
	_, err = file.WriteAt([]byte("J"), 0)
	must(err)
	must(file.Sync())
	must(f.SyncDir(dir))
	size, err := file.Size()
	if must(err); size != 2005 {
		t.Errorf("the file has %d bytes", size)
	}
	must(file.Close())
	_, err = f.Create(two)
	is(err, fs.ErrExist)

	must(f.Rename(two, one))
	_, err = f.Open(two)
	is(err, fs.ErrNotExist)
	is(f.Rename(two, one), fs.ErrNotExist)
	file, err = f.Open(one)
	must(err)
	b := make([]byte, 2005)
	n, err = file.ReadAt(b, 0)
	if (err != nil && err != io.EOF) || n != 2005 || string(b[:6]) != "Jello\x00" || string(b[1999:]) != "\x00world" {
		t.Errorf("read %d bytes, %v: %q ... %q", n, err, b[:6], b[1999:])
	}
	n, err = file.ReadAt(b, 2000)
	if n != 5 || err != io.EOF {
		t.Errorf("at the end: %d bytes, %v", n, err)
	}
	n, err = file.ReadAt(b, 5000)
	if n != 0 || err != io.EOF {
		t.Errorf("behind the end: %d bytes, %v", n, err)
	}
	if _, err := file.WriteAt([]byte("x"), 0); err == nil {
		t.Error("a file that was opened for reading was written to")
	}
	must(f.Truncate(one, 3))
	size, err = file.Size()
	if must(err); size != 3 {
		t.Errorf("after Truncate the file has %d bytes", size)
	}
	must(file.Close())
	is(f.Truncate(two, 0), fs.ErrNotExist)

	last, err := f.Create(two)
	must(err)
	must(last.Close())
	names, err := f.List(dir)
	if must(err); !slices.Equal(names, []string{"one", "two"}) {
		t.Errorf("the folder has %q", names)
	}
	must(f.Remove(one))
	is(f.Remove(one), fs.ErrNotExist)

	locker := f.(Locker)
	lock, err := locker.Lock(path.Join(dir, "lock"))
	must(err)
	_, err = locker.Lock(path.Join(dir, "lock"))
	is(err, ErrLocked)
	must(lock.Close())
	lock, err = locker.Lock(path.Join(dir, "lock"))
	must(err)
	must(lock.Close())
}

// A power cut keeps everything that was synced, and of the rest nothing that was never written into that place.
func TestCrashKeepsWhatWasSynced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := NewMem()
		if err := m.MkdirAll("d"); err != nil {
			t.Fatal(err)
		}
		f, err := m.Create("d/f")
		if err != nil {
			t.Fatal(err)
		}
		if err := m.SyncDir("d"); err != nil {
			t.Fatal(err)
		}
		// Each write has a byte of its own; may[i] are the bytes that place i can have after a cut.
		var synced []byte
		now := []byte{}
		may := map[int]map[byte]bool{}
		for i := range rapid.IntRange(1, 12).Draw(t, "steps") {
			if rapid.IntRange(0, 3).Draw(t, "what") == 0 {
				if err := f.Sync(); err != nil {
					t.Fatal(err)
				}
				synced, may = slices.Clone(now), map[int]map[byte]bool{}
				continue
			}
			off, n := rapid.IntRange(0, 3000).Draw(t, "off"), rapid.IntRange(1, 1500).Draw(t, "n")
			p := make([]byte, n)
			for j := range p {
				p[j] = byte(i + 1)
			}
			if _, err := f.WriteAt(p, int64(off)); err != nil {
				t.Fatal(err)
			}
			for len(now) < off+n {
				now = append(now, 0)
			}
			copy(now[off:], p)
			for j := off; j < off+n; j++ {
				if may[j] == nil {
					may[j] = map[byte]bool{}
				}
				may[j][byte(i+1)] = true
			}
		}
		after := m.Crash(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
		got, err := after.Content("d/f")
		if err != nil {
			t.Fatalf("the file is gone: %v", err)
		}
		if len(got) < len(synced) || len(got) > len(now) {
			t.Fatalf("%d bytes are left; %d were synced, %d written", len(got), len(synced), len(now))
		}
		for i, b := range got {
			if i < len(synced) && b != synced[i] && !may[i][b] {
				t.Fatalf("byte %d is %d; synced was %d, written since %v", i, b, synced[i], may[i])
			}
		}
	})
}

// Over many power cuts, each thing that may happen does happen: content and names that were not synced stay, and go, and tear.
func TestCrashTriesEverything(t *testing.T) {
	c := rand.New(rand.NewPCG(1, 2))
	seen := map[string]int{}
	for range 400 {
		m := NewMem()
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		must(m.MkdirAll("d"))
		old, err := m.Create("d/old")
		must(err)
		_, err = old.WriteAt(make([]byte, 4*sector), 0)
		must(err)
		must(old.Sync())
		must(m.SyncDir("d"))
		ones := slices.Repeat([]byte{1}, 4*sector)
		_, err = old.WriteAt(ones, 0)
		must(err)
		grown, err := m.Create("d/grown")
		must(err)
		must(grown.Sync())
		_, err = grown.WriteAt(ones, 0)
		must(err)
		_, err = m.Create("d/a")
		must(err)
		must(m.Rename("d/a", "d/b"))

		after := m.Crash(c)
		content, err := after.Content("d/old")
		must(err)
		for i := range 4 {
			s := content[i*sector : (i+1)*sector]
			switch {
			case !slices.Contains(s, 0):
				seen["new sector"]++
			case !slices.Contains(s, 1):
				seen["old sector"]++
			default:
				seen["torn sector"]++
			}
		}
		switch content, err := after.Content("d/grown"); {
		case err != nil:
			seen["name lost"]++
		case len(content) == 0:
			seen["length old"]++
		case len(content) < 4*sector:
			seen["length between"]++
		case slices.Max(content) > 1:
			seen["garbage"]++
		default:
			seen["length new"]++
		}
		names, err := after.List("d")
		must(err)
		if slices.Contains(names, "a") {
			t.Fatal("a name is there that was neither synced nor is there now")
		}
		if slices.Contains(names, "b") {
			seen["rename kept"]++
		} else {
			seen["rename lost"]++
		}
	}
	for _, what := range []string{"new sector", "old sector", "torn sector", "name lost", "length old", "length between", "length new", "garbage", "rename kept", "rename lost"} {
		if seen[what] < 5 {
			t.Errorf("%s: seen %d times", what, seen[what])
		}
	}
}

// A sync that fails leaves content that can be read and that no later sync puts on the disk.
func TestFailedSyncLosesContent(t *testing.T) {
	m := NewMem()
	fail := true
	f := Inject(m, func(c Call) Fault {
		if c.Op == OpSync && fail {
			return Fault{Err: syscall.EIO}
		}
		return Fault{}
	})
	if err := f.MkdirAll("d"); err != nil {
		t.Fatal(err)
	}
	file, err := f.Create("d/f")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SyncDir("d"); err != nil {
		t.Fatal(err)
	}
	content := slices.Repeat([]byte{7}, 8*sector)
	if _, err := file.WriteAt(content, 0); err != nil {
		t.Fatal(err)
	}
	if err := file.Sync(); !errors.Is(err, syscall.EIO) {
		t.Fatalf("a sync that is to fail says %v", err)
	}
	fail = false
	if err := file.Sync(); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(content))
	if n, _ := file.ReadAt(got, 0); n != len(got) || !slices.Equal(got, content) {
		t.Error("the content cannot be read any more")
	}
	c := rand.New(rand.NewPCG(3, 4))
	lost := 0
	for range 50 {
		got, err := m.Crash(c).Content("d/f")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, content) {
			lost++
		}
	}
	if lost < 45 {
		t.Errorf("of 50 power cuts only %d took what the sync had failed on", lost)
	}
}

// Another process finds what a killed one had written, and a power cut afterwards takes what was not synced.
func TestKill(t *testing.T) {
	m := NewMem()
	if err := m.MkdirAll("d"); err != nil {
		t.Fatal(err)
	}
	file, err := m.Create("d/f")
	if err != nil {
		t.Fatal(err)
	}
	lock, err := m.Lock("d/lock")
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := file.WriteAt([]byte("unsynced"), 0); err != nil {
		t.Fatal(err)
	}
	after := m.Kill()
	if _, err := after.Lock("d/lock"); err != nil {
		t.Errorf("the lock of the dead: %v", err)
	}
	if _, err := file.WriteAt([]byte("too late"), 0); err != nil {
		t.Fatal(err)
	}
	if got, err := after.Content("d/f"); err != nil || string(got) != "unsynced" {
		t.Errorf("after the kill: %q, %v", got, err)
	}
	c := rand.New(rand.NewPCG(5, 6))
	gone := 0
	for range 50 {
		if _, err := after.Crash(c).Content("d/f"); err != nil {
			gone++
		}
	}
	if gone == 0 || gone == 50 {
		t.Errorf("of 50 power cuts %d took the file whose name was not synced", gone)
	}
}

// Short writes leave half of the bytes, with an error or without.
func TestInjectShortWrite(t *testing.T) {
	for _, want := range []error{nil, syscall.ENOSPC} {
		m := NewMem()
		f := Inject(m, func(c Call) Fault {
			if c.Op == OpWrite {
				return Fault{Short: true, Err: want}
			}
			return Fault{}
		})
		if err := f.MkdirAll("d"); err != nil {
			t.Fatal(err)
		}
		file, err := f.Create("d/f")
		if err != nil {
			t.Fatal(err)
		}
		n, err := file.WriteAt([]byte("12345678"), 0)
		if n != 4 || !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%d bytes, %v; want 4, %v", n, err, want)
		}
		if got, err := m.Content("d/f"); string(got) != "1234" || err != nil {
			t.Errorf("the file holds %q, %v", got, err)
		}
	}
}
