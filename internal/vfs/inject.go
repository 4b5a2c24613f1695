package vfs

import "io"

// Op is a call to a file system or file.
type Op string

// The calls.
const (
	OpCreate   Op = "create"
	OpOpen     Op = "open"
	OpTruncate Op = "truncate"
	OpRename   Op = "rename"
	OpRemove   Op = "remove"
	OpList     Op = "list"
	OpMkdir    Op = "mkdir"
	OpSyncDir  Op = "syncdir"
	OpRead     Op = "read"
	OpWrite    Op = "write"
	OpSync     Op = "sync"
	OpSize     Op = "size"
	OpClose    Op = "close"
)

// Call is one call, as it is about to be made.
type Call struct {
	Op   Op
	Name string
}

// Fault is what to do to a call. The zero value lets it pass.
type Fault struct {
	// Err is returned. The call has no effect, but that a Sync that fails leaves what was unsynced lost for ever.
	Err error
	// Short has a write write half of its bytes: with Err if there is one, or saying so in the count alone.
	Short bool
}

// Inject returns a file system whose calls fail when decide says so. Closing a file that was only read always works: nothing
// depends on it. decide must be safe for concurrent use.
func Inject(fs FS, decide func(Call) Fault) FS { return faulty{fs, decide} }

type faulty struct {
	fs     FS
	decide func(Call) Fault
}

var _ Locker = faulty{}

func (f faulty) err(op Op, name string) error {
	if fault := f.decide(Call{op, name}); fault.Err != nil {
		return pathError(op, name, fault.Err)
	}
	return nil
}

func (f faulty) Create(name string) (File, error) {
	if err := f.err(OpCreate, name); err != nil {
		return nil, err
	}
	file, err := f.fs.Create(name)
	return faultyFile{file, f, name, true}, err
}

func (f faulty) Open(name string) (File, error) {
	if err := f.err(OpOpen, name); err != nil {
		return nil, err
	}
	file, err := f.fs.Open(name)
	return faultyFile{file, f, name, false}, err
}

func (f faulty) Truncate(name string, size int64) error {
	if err := f.err(OpTruncate, name); err != nil {
		return err
	}
	return f.fs.Truncate(name, size)
}

func (f faulty) Rename(from, to string) error {
	if err := f.err(OpRename, from); err != nil {
		return err
	}
	return f.fs.Rename(from, to)
}

func (f faulty) Remove(name string) error {
	if err := f.err(OpRemove, name); err != nil {
		return err
	}
	return f.fs.Remove(name)
}

func (f faulty) List(dir string) ([]string, error) {
	if err := f.err(OpList, dir); err != nil {
		return nil, err
	}
	return f.fs.List(dir)
}

func (f faulty) MkdirAll(dir string) error {
	if err := f.err(OpMkdir, dir); err != nil {
		return err
	}
	return f.fs.MkdirAll(dir)
}

func (f faulty) SyncDir(dir string) error {
	if err := f.err(OpSyncDir, dir); err != nil {
		return err
	}
	return f.fs.SyncDir(dir)
}

// Lock is the lock of the file system underneath; one that has none lets everybody in.
func (f faulty) Lock(name string) (io.Closer, error) {
	if l, ok := f.fs.(Locker); ok {
		return l.Lock(name)
	}
	return io.NopCloser(nil), nil
}

type faultyFile struct {
	file File
	fs   faulty
	name string
	made bool // by Create
}

func (f faultyFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fs.err(OpRead, f.name); err != nil {
		return 0, err
	}
	return f.file.ReadAt(p, off)
}

func (f faultyFile) WriteAt(p []byte, off int64) (int, error) {
	fault := f.fs.decide(Call{OpWrite, f.name})
	if fault.Short {
		n, err := f.file.WriteAt(p[:len(p)/2], off)
		if err == nil && fault.Err != nil {
			err = pathError(OpWrite, f.name, fault.Err)
		}
		return n, err
	}
	if fault.Err != nil {
		return 0, pathError(OpWrite, f.name, fault.Err)
	}
	return f.file.WriteAt(p, off)
}

func (f faultyFile) Sync() error {
	if err := f.fs.err(OpSync, f.name); err != nil {
		if m, ok := f.file.(*memHandle); ok {
			m.loseUnsynced()
		}
		return err
	}
	return f.file.Sync()
}

func (f faultyFile) Size() (int64, error) {
	if err := f.fs.err(OpSize, f.name); err != nil {
		return 0, err
	}
	return f.file.Size()
}

func (f faultyFile) Close() error {
	err := f.file.Close()
	if !f.made {
		return err
	}
	if fault := f.fs.err(OpClose, f.name); fault != nil {
		return fault
	}
	return err
}
