package clicklog

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path"
	"strings"

	"github.com/clickledger/clickledger/internal/vfs"
)

// Cursor keeps a position in a file of its own, for a consumer that cannot store it together with what it does. Such a
// consumer saves the position afterwards, and may see records again after a crash: they arrive at least once.
type Cursor struct {
	fs   vfs.FS
	name string
}

// NewCursor returns the cursor in the file with this name. The file need not exist; its folder must.
func NewCursor(fsys vfs.FS, name string) *Cursor { return &Cursor{fsys, name} }

// Load returns the position that was saved last, and the zero Position if none was.
func (c *Cursor) Load() (Position, error) {
	f, err := c.fs.Open(c.name)
	if errors.Is(err, fs.ErrNotExist) {
		return Position{}, nil
	}
	if err != nil {
		return Position{}, fmt.Errorf("read a cursor of the click log: %w", err)
	}
	defer f.Close() // only read
	size, err := f.Size()
	if err == nil && size > 200 {
		err = fmt.Errorf("%s has %d bytes: it is no cursor", c.name, size)
	}
	if err != nil {
		return Position{}, fmt.Errorf("read a cursor of the click log: %w", err)
	}
	text := make([]byte, size)
	if err := readFull(f, text, 0); err != nil {
		return Position{}, fmt.Errorf("read a cursor of the click log: %w", err)
	}
	position, _, _ := strings.Cut(string(text), " ")
	p, err := ParsePosition(position)
	if err == nil && cursorText(p) != string(text) {
		err = errors.New("it does not match its checksum: remove it, and begin at the oldest record")
	}
	if err != nil {
		return Position{}, fmt.Errorf("read a cursor of the click log: %s: %w", c.name, err)
	}
	return p, nil
}

// cursorText is what the file of a cursor holds.
func cursorText(p Position) string {
	text := p.String()
	return fmt.Sprintf("%s %08x\n", text, crc32.Checksum([]byte(text), castagnoli))
}

// Save keeps a position. When it returns, the position survives a power cut; until then the one before it does.
func (c *Cursor) Save(p Position) error {
	temp := c.name + tempExt
	err := ignoreMissing(c.fs.Remove(temp))
	var f vfs.File
	if err == nil {
		f, err = c.fs.Create(temp)
	}
	if err != nil {
		return fmt.Errorf("save a cursor of the click log: %w", err)
	}
	if err = writeFull(f, []byte(cursorText(p)), 0); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = c.fs.Rename(temp, c.name)
	}
	if err == nil {
		err = c.fs.SyncDir(path.Dir(c.name))
	}
	if err != nil {
		return fmt.Errorf("save a cursor of the click log: %w", err)
	}
	return nil
}
