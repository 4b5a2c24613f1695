// Package vfs is the file system as the machinery sees it: few calls, each with a stated promise about what survives a power
// cut. OS is the real one. Mem forgets, on a simulated power cut, what was never synced. Inject makes any of them fail.
package vfs

import (
	"errors"
	"io"
)

// ErrLocked is returned by Lock when somebody else holds the lock.
var ErrLocked = errors.New("locked by another process")

// FS is a file system. Names are slash-separated paths. Errors satisfy errors.Is with fs.ErrNotExist and fs.ErrExist.
//
// Nothing is promised to survive a power cut but what the comments below say. A file's content and its name are two
// things: the content needs File.Sync, the name needs SyncDir of its folder.
type FS interface {
	// Create makes a new file for reading and writing. A name that exists is an error.
	Create(name string) (File, error)
	// Open opens a file for reading.
	Open(name string) (File, error)
	// Truncate shortens a file. The rest is not promised to be gone after a power cut.
	Truncate(name string, size int64) error
	// Rename gives a file another name in the same folder. After a power cut it has the old or the new one until SyncDir.
	Rename(from, to string) error
	// Remove takes a file's name away.
	Remove(name string) error
	// List returns the names of the files in a folder, sorted, without the folder.
	List(dir string) ([]string, error)
	// MkdirAll makes a folder with its parents. They survive a power cut once it has returned.
	MkdirAll(dir string) error
	// SyncDir makes the names in a folder survive a power cut: those that are there and the absence of those that are not.
	SyncDir(dir string) error
}

// File is an open file.
type File interface {
	io.ReaderAt
	// WriteAt writes all of p, extending the file where needed, or returns an error.
	WriteAt(p []byte, off int64) (n int, err error)
	// Sync makes what was written survive a power cut, with as much of the file's size as reading it back needs. When it
	// fails, what had been written since the last Sync may be lost although it can still be read, and a later Sync that
	// succeeds promises nothing about it.
	Sync() error
	// Size returns the file's length in bytes.
	Size() (int64, error)
	Close() error
}

// Locker is a file system that can keep other processes out. A lock ends with its holder, however that ends.
type Locker interface {
	// Lock takes the lock with this name, making the file where needed, or returns ErrLocked at once.
	Lock(name string) (io.Closer, error)
}
