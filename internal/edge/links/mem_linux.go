package links

import (
	"fmt"
	"os"
	"syscall"
)

// mapped returns zeroed memory that the garbage collector neither scans nor counts, and what gives it back.
func mapped(size int) ([]byte, func(), error) {
	mem, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil, nil, fmt.Errorf("%d bytes of memory for links: %w", size, err)
	}
	// Look-ups jump about: large pages spare them misses. A kernel that does not want to is no harm.
	_ = syscall.Madvise(mem, syscall.MADV_HUGEPAGE)
	return mem, func() { _ = syscall.Munmap(mem) }, nil
}

// mapFile returns the contents of a file without reading them, and what lets go of them.
func mapFile(path string) ([]byte, func(), error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if info.Size() == 0 {
		return nil, func() {}, nil
	}
	mem, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED|syscall.MAP_POPULATE)
	if err != nil {
		return nil, nil, fmt.Errorf("mapping %s: %w", path, err)
	}
	return mem, func() { _ = syscall.Munmap(mem) }, nil
}
