package links

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"runtime"
	"slices"

	"github.com/clickledger/clickledger/program"
)

// A snapshot holds, little-endian: the head, the cursor, the ad spaces, the rows by segment, the slots, and CRC-32C of all that.
const (
	magic       = "CLKLNK1\n"
	headBytes   = len(magic) + 8 + 4 + 4 + 4 + 4 + 8*int(states)
	maxCursor   = 64 << 10
	maxLogSlots = 36
)

// Save writes all links and ad spaces, so that the next start need not ask the database for every one of them. The cursor is the
// caller's: how far it had followed the changes. Changes wait while the index is copied, look-ups for nothing.
func (t *Table) Save(w io.Writer, cursor []byte) error {
	if len(cursor) > maxCursor {
		return fmt.Errorf("saving links: the cursor has %d bytes; %d is the most", len(cursor), maxCursor)
	}
	t.mu.Lock()
	ix := t.index.Load()
	slots := make([]uint64, len(ix.slots))
	for i := range ix.slots {
		slots[i] = ix.slots[i].Load()
	}
	segments := slices.Clone(*t.segments.Load())
	used := make([]int, len(segments))
	dead := make([]int, len(segments))
	for i, s := range segments {
		if s != nil {
			used[i], dead[i] = s.used, s.dead
		}
	}
	links := t.links
	keys := t.spaces.keys()
	rows := make([]*Space, len(keys))
	for i := range rows {
		rows[i] = t.spaces.at(uint32(i))
	}
	t.mu.Unlock()

	out := &sumWriter{w: bufio.NewWriterSize(w, 1<<20), sum: crc32.New(crc32.MakeTable(crc32.Castagnoli))}
	head := append([]byte(nil), magic...)
	head = binary.LittleEndian.AppendUint64(head, t.seed)
	for _, n := range []int{int(64 - ix.shift), len(keys), len(segments), len(cursor)} {
		head = binary.LittleEndian.AppendUint32(head, uint32(n))
	}
	for _, n := range links {
		head = binary.LittleEndian.AppendUint64(head, uint64(n))
	}
	out.write(head)
	out.write(cursor)
	var b []byte
	for i, k := range keys {
		b = b[:0]
		for _, text := range []string{string(k.program), k.publisher, k.adSpace} {
			b = append(append(b, byte(len(text))), text...)
		}
		known := byte(0)
		if rows[i].Known {
			known = 1
		}
		b = append(b, known, byte(rows[i].TrafficType))
		b = binary.LittleEndian.AppendUint64(b, uint64(rows[i].approved))
		b = binary.LittleEndian.AppendUint64(b, uint64(rows[i].blocked))
		out.write(b)
	}
	for i, s := range segments {
		b = binary.LittleEndian.AppendUint32(b[:0], uint32(used[i]))
		out.write(binary.LittleEndian.AppendUint32(b, uint32(dead[i])))
		if s != nil {
			out.write(s.mem[:used[i]])
		}
	}
	for part := range slices.Chunk(slots, 8192) {
		b = b[:0]
		for _, slot := range part {
			b = binary.LittleEndian.AppendUint64(b, slot)
		}
		out.write(b)
	}
	out.write(binary.LittleEndian.AppendUint32(b[:0], out.sum.Sum32()))
	if out.err == nil {
		out.err = out.w.Flush()
	}
	if out.err != nil {
		return fmt.Errorf("saving links: %w", out.err)
	}
	return nil
}

type sumWriter struct {
	w   *bufio.Writer
	sum hash.Hash32
	err error
}

func (o *sumWriter) write(b []byte) {
	if o.err == nil {
		_, _ = o.sum.Write(b)
		_, o.err = o.w.Write(b)
	}
}

// ErrSnapshot says that a snapshot is not whole. Start without it: the links come from the database then.
var ErrSnapshot = errors.New("the snapshot of links is damaged, cut short or of another version")

// Load opens a file that Save wrote, as a new table, and returns the cursor that was saved with it. The file must not be written to
// afterwards; replacing it by another one is fine. Enter the programs before the first look-up, and call Settle when there is time.
func Load(path string) (*Table, []byte, error) {
	mem, free, err := mapFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("loading links: %w", err)
	}
	im := &image{mem}
	runtime.AddCleanup(im, func(free func()) { free() }, free)
	t := &Table{programs: map[program.ID]*programCell{}, alloc: mapped}
	cursor, err := t.load(im)
	if err != nil {
		return nil, nil, fmt.Errorf("loading links from %s: %w", path, err)
	}
	return t, cursor, nil
}

// image is a mapped snapshot. Its memory goes when no segment lies in it any more.
type image struct{ mem []byte }

func (t *Table) load(im *image) ([]byte, error) {
	defer runtime.KeepAlive(im)
	size := len(im.mem) - 4
	if size < headBytes || !bytes.Equal(im.mem[:len(magic)], []byte(magic)) ||
		binary.LittleEndian.Uint32(im.mem[size:]) != crc32.Checksum(im.mem[:size], crc32.MakeTable(crc32.Castagnoli)) {
		return nil, ErrSnapshot
	}
	in := &scanner{b: im.mem[len(magic):size]}
	t.seed = in.uint64()
	log, spaces, segments, cursorLen := int(in.uint32()), int(in.uint32()), int(in.uint32()), int(in.uint32())
	for i := range t.links {
		t.links[i] = int(in.uint64())
	}
	cursor := bytes.Clone(in.bytes(cursorLen))
	t.loadSpaces(in, spaces)
	list := []*segment{}
	for n := 0; n < segments && !in.short; n++ {
		used, dead := int(in.uint32()), int(in.uint32())
		var s *segment
		if used > 0 {
			s = &segment{number: len(list), mem: in.bytes(used), used: used, dead: dead, image: im}
		}
		list = append(list, s)
	}
	t.segments.Store(&list)
	slots := in.bytes(8 << min(log, maxLogSlots))
	if in.short || len(in.b) != 0 || len(list) > maxSegments {
		return nil, ErrSnapshot
	}
	return cursor, t.loadIndex(slots, uint(log), list)
}

func (t *Table) loadSpaces(in *scanner, n int) {
	for i := 0; i < n && !in.short; i++ {
		var text [3]string
		for j := range text {
			text[j] = string(in.bytes(int(in.uint8())))
		}
		known, traffic := in.uint8(), in.uint8()
		approved, blocked := in.uint64(), in.uint64()
		number, err := t.spaces.number(program.ID(text[0]), text[1], text[2], t.programCell)
		if err != nil || int(number) != i || int(traffic) >= program.TrafficTypeCount {
			in.short = true
			return
		}
		s := *t.spaces.at(number)
		s.Known, s.TrafficType, s.approved, s.blocked = known != 0, program.TrafficType(traffic), int64(approved), int64(blocked)
		t.spaces.set(number, &s)
	}
}

func (t *Table) loadIndex(b []byte, log uint, list []*segment) error {
	ix, err := t.newIndex(log)
	if err != nil {
		return err
	}
	filled := 0
	for i := range ix.slots {
		slot := binary.LittleEndian.Uint64(b[8*i:])
		if slot == 0 {
			continue
		}
		unit := slot & unitMask
		number, inside := unit/segmentUnits, int(unit%segmentUnits*8)
		if number >= uint64(len(list)) || list[number] == nil || inside+rowHead+placeHead > list[number].used || slot>>unitBits&(1<<stateBits-1)-1 >= uint64(states) {
			return ErrSnapshot
		}
		filled++
		ix.slots[i].Store(slot)
	}
	// An index without an empty slot would be searched for ever.
	if filled != t.count() || filled*5 > len(ix.slots)*4 {
		return ErrSnapshot
	}
	t.index.Store(ix)
	return nil
}

// Settle copies the links of a snapshot into memory of the table's own, segment by segment, while look-ups go on: pages of a file may
// be dropped when memory is short, and a redirect would wait for the disk.
func (t *Table) Settle() error {
	for n := range *t.segments.Load() {
		if err := t.settle(n); err != nil {
			return fmt.Errorf("copying links from their snapshot: %w", err)
		}
	}
	return nil
}

func (t *Table) settle(n int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := (*t.segments.Load())[n]
	if s == nil || s.image == nil {
		return nil
	}
	fresh, err := t.segment(n)
	if err != nil {
		return err
	}
	fresh.used, fresh.dead = copy(fresh.mem, s.mem), s.dead
	list := slices.Clone(*t.segments.Load())
	list[n] = fresh
	t.segments.Store(&list)
	return nil
}

// scanner reads a snapshot whose sum is right. Whoever made it by other means gets an error and no crash.
type scanner struct {
	b     []byte
	short bool
}

func (in *scanner) bytes(n int) []byte {
	if n < 0 || n > len(in.b) {
		in.short = true
		n = 0
	}
	part := in.b[:n:n]
	in.b = in.b[n:]
	return part
}

func (in *scanner) uint8() uint8 {
	if b := in.bytes(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (in *scanner) uint32() uint32 {
	if b := in.bytes(4); len(b) == 4 {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (in *scanner) uint64() uint64 {
	if b := in.bytes(8); len(b) == 8 {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}
