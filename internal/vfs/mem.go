package vfs

import (
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
)

// sector is the unit in which unsynced content survives a power cut or not.
const sector = 512

// Mem is a file system in memory for tests of power cuts. It knows for each file and folder what a disk would hold for
// certain; Crash makes a file system that holds this and, of the rest, what chance has left.
type Mem struct {
	mu     sync.Mutex
	dirs   map[string]*memDir
	locked map[string]bool
	watch  func(Call)
}

var (
	_ FS     = (*Mem)(nil)
	_ Locker = (*Mem)(nil)
)

// memDir is a folder: its names as the process sees them, and as they are on the disk for certain.
type memDir struct{ now, disk map[string]*memFile }

// memFile is a file's content as the process sees it, and as it is on the disk for certain.
type memFile struct {
	now, disk []byte
	// state tells for each sector of now how it relates to disk. It may be shorter than now: the rest is clean.
	state []sectorState
	// Power cuts give the content to several file systems; it is copied when one of them writes.
	shared bool
}

type sectorState uint8

const (
	clean sectorState = iota // as on the disk
	dirty                    // the next Sync writes it
	lost                     // a Sync failed on it: it can be read, but no Sync will write it any more
)

// NewMem returns an empty file system.
func NewMem() *Mem {
	return &Mem{dirs: map[string]*memDir{}, locked: map[string]bool{}}
}

// Watch has f called before each call that changes something, without a lock held, so that f may ask for a Crash at that moment.
func (m *Mem) Watch(f func(Call)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watch = f
}

func (m *Mem) before(op Op, name string) {
	m.mu.Lock()
	watch := m.watch
	m.mu.Unlock()
	if watch != nil {
		watch(Call{Op: op, Name: name})
	}
}

// Crash returns the file system as it might be after a power cut now. What was synced is there. Every sector and every name
// that changed since is there or not, as chance has it; a sector may be torn, and one that lies in space newly given to its
// file may hold anything. The file system itself lives on, so many power cuts can be tried at one moment.
func (m *Mem) Crash(chance *rand.Rand) *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	after := NewMem()
	survivors := map[*memFile]*memFile{} // a file may have two names
	for _, dir := range sortedKeys(m.dirs) {
		d := m.dirs[dir]
		entries := map[string]*memFile{}
		names := sortedKeys(d.now)
		for _, name := range sortedKeys(d.disk) {
			if _, ok := d.now[name]; !ok {
				names = append(names, name)
			}
		}
		for _, name := range names {
			file := d.disk[name]
			if now := d.now[name]; now != file && chance.IntN(2) == 0 {
				file = now
			}
			if file == nil {
				continue
			}
			if survivors[file] == nil {
				survivors[file] = file.crash(chance)
			}
			entries[name] = survivors[file]
		}
		after.dirs[dir] = &memDir{now: entries, disk: cloneMap(entries)}
	}
	return after
}

// Kill returns the file system as another process finds it after this one was killed: everything that was written can be read,
// and what was not synced still is not. What the old process does to its own from then on is not seen.
func (m *Mem) Kill() *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	after := NewMem()
	files := map[*memFile]*memFile{nil: nil}
	copied := func(entries map[string]*memFile) map[string]*memFile {
		c := make(map[string]*memFile, len(entries))
		for name, f := range entries {
			if _, ok := files[f]; !ok {
				f.shared = true
				files[f] = &memFile{now: f.now, disk: f.disk, state: slices.Clone(f.state), shared: true}
			}
			c[name] = files[f]
		}
		return c
	}
	for dir, d := range m.dirs {
		after.dirs[dir] = &memDir{now: copied(d.now), disk: copied(d.disk)}
	}
	return after
}

// crash returns what is left of a file.
func (f *memFile) crash(chance *rand.Rand) *memFile {
	if !slices.ContainsFunc(f.state, func(s sectorState) bool { return s != clean }) && len(f.now) == len(f.disk) {
		f.shared = true
		return &memFile{now: f.disk, disk: f.disk, shared: true}
	}
	// The length on the disk is the old one, the new one or, when the file grew in steps, one between.
	size := len(f.disk)
	switch grown := len(f.now) - len(f.disk); chance.IntN(3) {
	case 0:
		size = len(f.now)
	case 1:
		if grown > 0 {
			size += chance.IntN(grown + 1)
		}
	}
	left := make([]byte, size)
	copy(left, f.disk)
	for i, s := range f.state {
		from, to := i*sector, min((i+1)*sector, size, len(f.now))
		if s == clean || from >= to {
			continue
		}
		if s == lost && chance.IntN(4) > 0 {
			continue // most of what a failed Sync left behind never reached the disk
		}
		switch chance.IntN(8) {
		case 0, 1, 2: // the old content
		case 3, 4, 5: // the new content
			copy(left[from:to], f.now[from:to])
		case 6: // torn
			copy(left[from:from+chance.IntN(to-from)], f.now[from:to])
		case 7: // what was in the space before; inside the old length that is the old content
			for j := max(from, len(f.disk)); j < to; j++ {
				left[j] = byte(chance.Uint32())
			}
		}
	}
	return &memFile{now: left, disk: left, shared: true}
}

func (m *Mem) dir(op Op, name string) (*memDir, string, error) {
	name = path.Clean(name)
	d := m.dirs[path.Dir(name)]
	if d == nil {
		return nil, "", pathError(op, name, fs.ErrNotExist)
	}
	return d, path.Base(name), nil
}

func (m *Mem) file(op Op, name string) (*memDir, string, *memFile, error) {
	d, base, err := m.dir(op, name)
	if err != nil {
		return nil, "", nil, err
	}
	f := d.now[base]
	if f == nil {
		return nil, "", nil, pathError(op, name, fs.ErrNotExist)
	}
	return d, base, f, nil
}

// Create makes a new file.
func (m *Mem) Create(name string) (File, error) {
	m.before(OpCreate, name)
	m.mu.Lock()
	defer m.mu.Unlock()
	d, base, err := m.dir(OpCreate, name)
	if err != nil {
		return nil, err
	}
	if d.now[base] != nil {
		return nil, pathError(OpCreate, name, fs.ErrExist)
	}
	d.now[base] = &memFile{}
	return &memHandle{m, d.now[base], name, true}, nil
}

// Open opens a file for reading.
func (m *Mem) Open(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, _, f, err := m.file(OpOpen, name)
	if err != nil {
		return nil, err
	}
	return &memHandle{m, f, name, false}, nil
}

// Truncate shortens a file.
func (m *Mem) Truncate(name string, size int64) error {
	m.before(OpTruncate, name)
	m.mu.Lock()
	defer m.mu.Unlock()
	_, _, f, err := m.file(OpTruncate, name)
	if err != nil {
		return err
	}
	if size < 0 || size > int64(len(f.now)) {
		return pathError(OpTruncate, name, fmt.Errorf("to %d bytes, it has %d", size, len(f.now)))
	}
	f.own()
	f.now = f.now[:size]
	f.state = f.state[:min(len(f.state), int(size+sector-1)/sector)]
	return nil
}

// Rename renames a file.
func (m *Mem) Rename(from, to string) error {
	m.before(OpRename, from)
	m.mu.Lock()
	defer m.mu.Unlock()
	d, base, f, err := m.file(OpRename, from)
	if err != nil {
		return err
	}
	td, tbase, err := m.dir(OpRename, to)
	if err != nil {
		return err
	}
	delete(d.now, base)
	td.now[tbase] = f
	return nil
}

// Remove removes a file.
func (m *Mem) Remove(name string) error {
	m.before(OpRemove, name)
	m.mu.Lock()
	defer m.mu.Unlock()
	d, base, _, err := m.file(OpRemove, name)
	if err != nil {
		return err
	}
	delete(d.now, base)
	return nil
}

// List returns the names of the files in a folder.
func (m *Mem) List(dir string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.dirs[path.Clean(dir)]
	if d == nil {
		return nil, pathError(OpList, dir, fs.ErrNotExist)
	}
	return sortedKeys(d.now), nil
}

// MkdirAll makes a folder. Its parents need no mention here.
func (m *Mem) MkdirAll(dir string) error {
	m.before(OpMkdir, dir)
	m.mu.Lock()
	defer m.mu.Unlock()
	if dir = path.Clean(dir); m.dirs[dir] == nil {
		m.dirs[dir] = &memDir{now: map[string]*memFile{}, disk: map[string]*memFile{}}
	}
	return nil
}

// SyncDir makes the names in a folder certain.
func (m *Mem) SyncDir(dir string) error {
	m.before(OpSyncDir, dir)
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.dirs[path.Clean(dir)]
	if d == nil {
		return pathError(OpSyncDir, dir, fs.ErrNotExist)
	}
	d.disk = cloneMap(d.now)
	return nil
}

// Lock takes a lock that lasts until it is closed or the power is cut.
func (m *Mem) Lock(name string) (io.Closer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locked[name] {
		return nil, pathError("lock", name, ErrLocked)
	}
	m.locked[name] = true
	return memLock{m, name}, nil
}

type memLock struct {
	m    *Mem
	name string
}

func (l memLock) Close() error {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	delete(l.m.locked, l.name)
	return nil
}

// Corrupt changes a file's content on the disk, as rot would: f gets all of it, and returns what there is instead.
func (m *Mem) Corrupt(name string, f func(content []byte) []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, _, file, err := m.file(OpOpen, name)
	if err != nil {
		return err
	}
	file.now = f(slices.Clone(file.now))
	file.disk, file.state, file.shared = slices.Clone(file.now), nil, false
	return nil
}

// Content returns a copy of a file's content as the process sees it.
func (m *Mem) Content(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, _, file, err := m.file(OpOpen, name)
	if err != nil {
		return nil, err
	}
	return slices.Clone(file.now), nil
}

// own gives the file a copy of content that it shares with others.
func (f *memFile) own() {
	if f.shared {
		f.now, f.disk, f.shared = slices.Clone(f.now), slices.Clone(f.disk), false
	}
}

type memHandle struct {
	m        *Mem
	f        *memFile
	name     string
	writable bool
}

// ReadAt reads.
func (h *memHandle) ReadAt(p []byte, off int64) (int, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if off < 0 {
		return 0, pathError(OpRead, h.name, fs.ErrInvalid)
	}
	if off >= int64(len(h.f.now)) {
		return 0, io.EOF
	}
	n := copy(p, h.f.now[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt writes.
func (h *memHandle) WriteAt(p []byte, off int64) (int, error) {
	h.m.before(OpWrite, h.name)
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if !h.writable {
		return 0, pathError(OpWrite, h.name, fs.ErrPermission)
	}
	f := h.f
	f.own()
	end, first := int(off)+len(p), min(int(off), len(f.now))
	if grow := end - len(f.now); grow > 0 {
		f.now = append(f.now, make([]byte, grow)...)
	}
	copy(f.now[off:], p)
	if len(p) > 0 {
		last := (end - 1) / sector
		for len(f.state) <= last {
			f.state = append(f.state, clean)
		}
		for i := first / sector; i <= last; i++ {
			f.state[i] = dirty
		}
	}
	return len(p), nil
}

// Sync makes what is dirty certain.
func (h *memHandle) Sync() error {
	h.m.before(OpSync, h.name)
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	f := h.f
	f.own()
	if len(f.disk) > len(f.now) {
		f.disk = f.disk[:len(f.now)]
	} else {
		f.disk = append(f.disk, make([]byte, len(f.now)-len(f.disk))...)
	}
	for i, s := range f.state {
		if from, to := i*sector, min((i+1)*sector, len(f.now)); s == dirty {
			copy(f.disk[from:to], f.now[from:to])
			f.state[i] = clean
		}
	}
	return nil
}

// loseUnsynced is what a Sync that fails leaves behind on the common file systems: the content can be read, counts as
// written, and is not on the disk.
func (h *memHandle) loseUnsynced() {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	for i, s := range h.f.state {
		if s == dirty {
			h.f.state[i] = lost
		}
	}
}

// Size returns the file's length.
func (h *memHandle) Size() (int64, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	return int64(len(h.f.now)), nil
}

// Close ends the use of the handle.
func (h *memHandle) Close() error { return nil }

func pathError(op Op, name string, err error) error {
	return &fs.PathError{Op: string(op), Path: name, Err: err}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}

func cloneMap(m map[string]*memFile) map[string]*memFile {
	c := make(map[string]*memFile, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}
