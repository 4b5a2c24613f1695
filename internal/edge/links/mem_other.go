//go:build !linux

package links

import "os"

// mapped returns zeroed memory without pointers, which the garbage collector does not scan.
func mapped(size int) ([]byte, func(), error) { return make([]byte, size), func() {}, nil }

// mapFile returns the contents of a file.
func mapFile(path string) ([]byte, func(), error) {
	mem, err := os.ReadFile(path)
	return mem, func() {}, err
}
