// Package replay applies the core to files: it reads a directory of JSON Lines, decides all orders in it, and writes the
// decisions, the ledger, balances and statistics.
package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// InputError is bad input: the file, the line, and what is wrong with it.
type InputError struct {
	File string
	Line int // counts from 1; 0: the file as a whole
	Err  error
}

func (e *InputError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

func (e *InputError) Unwrap() error { return e.Err }

// inputs are the files of an input; each may be missing.
func inputs() []string {
	return []string{"publishers.jsonl", "products.jsonl", "stores.jsonl", "fx.jsonl", "orders.jsonl", "clicks.jsonl"}
}

// Holds reports whether a directory has a file of an input.
func Holds(dir string) bool {
	for _, name := range inputs() {
		if s, err := find(dir, name); s != nil || err != nil { // an error is told by whoever reads it
			return true
		}
	}
	return false
}

// source is one input file, which may be compressed.
type source struct {
	name string // as it is named in errors
	path string
	size int64
}

// find returns the file of a directory that holds some input, or nil. Two forms of one file are an error: which one would count?
func find(dir, name string) (*source, error) {
	var found *source
	for _, suffix := range []string{"", ".gz", ".zst"} {
		path := filepath.Join(dir, name+suffix)
		st, err := os.Stat(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("looking for input: %w", err)
		}
		if found != nil {
			return nil, &InputError{name + suffix, 0, fmt.Errorf("stands beside %s; keep one of them", found.name)}
		}
		found = &source{name + suffix, path, st.Size()}
	}
	return found, nil
}

// progress is told how many bytes of input files were read.
type progress func(bytes int)

type countingReader struct {
	r    io.Reader
	tell progress
}

func (c countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.tell(n)
	return n, err
}

// open opens a source for reading its decompressed content.
func (s *source) open(tell progress) (io.ReadCloser, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, fmt.Errorf("reading input: %w", err)
	}
	counted := countingReader{f, tell}
	switch filepath.Ext(s.name) {
	case ".gz":
		z, err := gzip.NewReader(bufio.NewReaderSize(counted, 1<<16))
		if err != nil {
			f.Close()
			return nil, &InputError{s.name, 0, err}
		}
		return closer{z, f}, nil
	case ".zst":
		z, err := zstd.NewReader(counted)
		if err != nil {
			f.Close()
			return nil, &InputError{s.name, 0, err}
		}
		return closer{z, closerFunc(func() error { z.Close(); return f.Close() })}, nil
	}
	return closer{counted, f}, nil
}

type closer struct {
	io.Reader
	io.Closer
}

type closerFunc func() error

func (c closerFunc) Close() error { return c() }

// block is a part of a file that ends with a line.
type block struct {
	seq       int // counts from 0
	firstLine int // the number of its first line
	data      []byte
}

// blockSize is how much is read at once. A line may be longer; the block grows for it.
const blockSize = 1 << 20

// maxLine bounds a line, so that a file that is no JSON Lines file is refused instead of loaded.
const maxLine = 64 << 20

// blocks cuts a file into blocks at line ends and hands them on, in order.
func (s *source) blocks(tell progress, emit func(block) error) (err error) {
	r, err := s.open(tell)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var rest []byte
	b := block{firstLine: 1}
	for {
		buf := make([]byte, max(blockSize, 2*len(rest)))
		n := copy(buf, rest)
		last := false
		for n < len(buf) && !last {
			// Not io.ReadFull: it says "unexpected EOF" for a short file, which is what gzip says for a truncated one.
			m, err := r.Read(buf[n:])
			n += m
			if err == io.EOF {
				last = true
			} else if err != nil {
				return &InputError{s.name, 0, fmt.Errorf("after line %d: %w", b.firstLine-1, err)}
			}
		}
		end := n
		if !last {
			end = bytes.LastIndexByte(buf[:n], '\n') + 1
			if end == 0 && n > maxLine {
				return &InputError{s.name, b.firstLine, fmt.Errorf("the line is longer than %d bytes", maxLine)}
			}
		}
		b.data, rest = buf[:end], buf[end:n]
		if end > 0 {
			if err := emit(b); err != nil {
				return err
			}
			b.seq++
			b.firstLine += bytes.Count(b.data, []byte{'\n'})
		}
		if last {
			return nil
		}
	}
}

// eachLine calls do for each line of a block that is not blank. An error gets the file and the line.
func (s *source) eachLine(b block, do func(line []byte) error) error {
	for n, data := b.firstLine, b.data; len(data) > 0; n++ {
		line, rest, _ := bytes.Cut(data, []byte{'\n'})
		data = rest
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := do(line); err != nil {
			return &InputError{s.name, n, err}
		}
	}
	return nil
}
