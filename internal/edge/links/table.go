package links

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// A slot of the index: the low bits of the code's hash, the link's state plus one, and where its row begins, in units of 8 bytes.
// A slot of zero is empty.
const (
	tagBits   = 24
	stateBits = 4
	unitBits  = 64 - tagBits - stateBits
	unitMask  = 1<<unitBits - 1
	tagMask   = 1<<tagBits - 1

	segmentBytes = 16 << 20
	segmentUnits = segmentBytes / 8
	maxSegments  = 1 << unitBits / segmentUnits

	maxText = 255 // of texts whose length is one byte
)

// Table is the links, ad spaces and programs of an edge. Its methods may be called by many goroutines at once; changes wait
// for each other, look-ups wait for nothing.
type Table struct {
	seed     uint64
	index    atomic.Pointer[index]
	segments atomic.Pointer[[]*segment] // by number; nil: emptied

	mu       sync.Mutex // held by changes
	last     *segment   // the one that rows are added to
	row      []byte     // scratch
	links    [states]int
	spaces   spaces
	programs map[program.ID]*programCell
	alloc    func(int) ([]byte, func(), error)
}

// index is the slots. Their number is a power of two.
type index struct {
	slots []atomic.Uint64
	shift uint // 64 minus the number's logarithm
}

// segment is a stretch of rows. What was written is never written again.
type segment struct {
	number int
	mem    []byte
	used   int
	dead   int    // bytes of rows that no slot points to
	image  *image // the snapshot that mem is part of; nil: mem is its own
}

type programCell struct{ atomic.Pointer[Program] }

// New returns a table with room for so many links; it grows as needed. The seed is random: it keeps strangers from choosing
// codes that collide.
func New(capacity int, seed uint64) (*Table, error) {
	return newTable(capacity, seed, mapped)
}

func newTable(capacity int, seed uint64, alloc func(int) ([]byte, func(), error)) (*Table, error) {
	t := &Table{seed: seed, programs: map[program.ID]*programCell{}, alloc: alloc}
	slots := max(1024, uint64(capacity)*5/4)
	ix, err := t.newIndex(uint(bits.Len64(slots - 1)))
	if err != nil {
		return nil, err
	}
	t.index.Store(ix)
	t.segments.Store(&[]*segment{})
	return t, nil
}

func (t *Table) newIndex(log uint) (*index, error) {
	mem, free, err := t.alloc(8 << log)
	if err != nil {
		return nil, err
	}
	ix := &index{slots: unsafe.Slice((*atomic.Uint64)(unsafe.Pointer(unsafe.SliceData(mem))), 1<<log), shift: 64 - log}
	// Whoever still looks up in an old index holds it; when nobody does any more, its memory goes.
	runtime.AddCleanup(ix, func(free func()) { free() }, free)
	return ix, nil
}

// hash spreads codes over the index: the highest bits are the place, the lowest the tag.
func (t *Table) hash(c link.Code) uint64 {
	h := uint64(c) ^ t.seed
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// Get finds a link by its code and reports whether there is one. It takes no lock and no memory.
func (t *Table) Get(code link.Code, v *View) bool {
	h := t.hash(code)
	for {
		ix := t.index.Load()
		mask := len(ix.slots) - 1
		moved := false
		for i := int(h >> ix.shift); ; i = (i + 1) & mask {
			slot := ix.slots[i].Load()
			if slot == 0 {
				break
			}
			if slot>>(64-tagBits) != h&tagMask {
				continue
			}
			unit := slot & unitMask
			s := (*t.segments.Load())[unit/segmentUnits]
			if s == nil { // its rows were moved after the slot was read
				moved = true
				break
			}
			row := s.mem[unit%segmentUnits*8:]
			if binary.LittleEndian.Uint64(row) == uint64(code) {
				t.view(row, v)
				v.State = State(slot>>unitBits&(1<<stateBits-1)) - 1
				v.keep = s
				runtime.KeepAlive(ix)
				return true
			}
		}
		runtime.KeepAlive(ix)
		if !moved {
			v.Release()
			return false
		}
	}
}

// The bytes of a row:
//
//	0   code
//	8   id, and in the highest byte the length of the tracking ID
//	16  ad space (4), units of the whole row (2), substitute (1: there is one), zero (1)
//	24  the target, the tracking ID, the substitute
//
// and of a target or substitute:
//
//	0   length of the address (2), place of the token (2), end of the host (2), what stands before the token (1), kind (1)
//	8   length of the product (1), length of the store (1), then address, product, store
const (
	rowHead   = 24
	placeHead = 10
)

func (t *Table) view(row []byte, v *View) {
	v.Code = link.Code(binary.LittleEndian.Uint64(row))
	id := binary.LittleEndian.Uint64(row[8:])
	v.ID = id & (1<<56 - 1)
	v.Space = t.spaces.at(binary.LittleEndian.Uint32(row[16:]))
	v.Program = v.Space.program.Load()
	rest := viewPlace(row[rowHead:], &v.Target)
	n := int(id >> 56)
	v.TrackingID, rest = rest[:n:n], rest[n:]
	v.Substitute = Place{}
	if row[22] != 0 {
		viewPlace(rest, &v.Substitute)
	}
}

func viewPlace(b []byte, p *Place) (rest []byte) {
	size := int(binary.LittleEndian.Uint16(b))
	product, store := int(b[8]), int(b[9])
	p.Cut = int(binary.LittleEndian.Uint16(b[2:]))
	p.HostTo = int(binary.LittleEndian.Uint16(b[4:]))
	p.Before, p.Kind = b[6], program.LinkKind(b[7])
	b = b[placeHead:]
	p.URL, b = b[:size:size], b[size:]
	p.Product, b = b[:product:product], b[product:]
	p.Store, b = b[:store:store], b[store:]
	p.HostFrom = len("http://")
	if p.URL[4] == 's' {
		p.HostFrom = len("https://")
	}
	return b
}

func appendPlace(b []byte, p Place) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(len(p.URL)))
	b = binary.LittleEndian.AppendUint16(b, uint16(p.Cut))
	b = binary.LittleEndian.AppendUint16(b, uint16(p.HostTo))
	b = append(b, p.Before, byte(p.Kind), byte(len(p.Product)), byte(len(p.Store)))
	b = append(b, p.URL...)
	b = append(b, p.Product...)
	return append(b, p.Store...)
}

// PutProgram enters a program or replaces it, for all its links at once.
func (t *Table) PutProgram(p Program) error {
	if err := p.check(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.programCell(p.ID).Store(&p)
	return nil
}

func (t *Table) programCell(id program.ID) *programCell {
	c := t.programs[id]
	if c == nil {
		c = new(programCell)
		t.programs[id] = c
	}
	return c
}

// Program returns a program, or nil.
func (t *Table) Program(id program.ID) *Program {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.programs[id]; c != nil {
		return c.Load()
	}
	return nil
}

// PutSpace enters an ad space that joined a program or replaces it, for all its links at once.
func (t *Table) PutSpace(a *publisher.AdSpace) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, err := t.spaces.number(a.Program, a.Publisher, a.ID, t.programCell)
	if err != nil {
		return err
	}
	s := *t.spaces.at(n)
	s.Known, s.TrafficType = true, a.TrafficType
	s.approved, s.blocked = a.ApprovedAt.UnixMicro(), 0
	if !a.BlockedAt.IsZero() {
		s.blocked = a.BlockedAt.UnixMicro()
	}
	t.spaces.set(n, &s)
	return nil
}

// ErrUnknownProgram says that a link's program was not entered before it.
var ErrUnknownProgram = errors.New("the program is not known; enter it before its links")

// Put enters a link, or replaces the one with its code. Its addresses are checked anew: whatever was stored, no link leads to a host
// that is not the program's (L1). When Put returns, every look-up sees the link.
func (t *Table) Put(l *Link) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.put(l); err != nil {
		return fmt.Errorf("link %s: %w", l.Code, err)
	}
	return nil
}

func (t *Table) put(l *Link) error {
	if l.ID == 0 || l.ID > link.MaxID {
		return fmt.Errorf("id: %d is not between 1 and %d", l.ID, uint64(link.MaxID))
	}
	if l.State >= states {
		return fmt.Errorf("state: %d is not known", l.State)
	}
	if len(l.TrackingID) > maxText {
		return fmt.Errorf("tracking id: it has %d bytes; %d is the most", len(l.TrackingID), maxText)
	}
	p := (*Program)(nil)
	if c := t.programs[l.Program]; c != nil {
		p = c.Load()
	}
	if p == nil {
		return fmt.Errorf("program %q: %w", l.Program, ErrUnknownProgram)
	}
	target, err := p.Site.Target(l.Target)
	if err != nil {
		return err
	}
	var substitute link.Target
	if l.Substitute != (link.Target{}) {
		if substitute, err = p.Site.Target(l.Substitute); err != nil {
			return fmt.Errorf("substitute: %w", err)
		}
	}
	space, err := t.spaces.number(l.Program, l.Publisher, l.AdSpace, t.programCell)
	if err != nil {
		return err
	}

	row := binary.LittleEndian.AppendUint64(t.row[:0], uint64(l.Code))
	row = binary.LittleEndian.AppendUint64(row, l.ID|uint64(len(l.TrackingID))<<56)
	row = binary.LittleEndian.AppendUint32(row, space)
	row = append(row, 0, 0, 0, 0)
	row = appendPlace(row, place(target))
	row = append(row, l.TrackingID...)
	if substitute.URL != "" {
		row[22] = 1
		row = appendPlace(row, place(substitute))
	}
	for len(row)%8 != 0 {
		row = append(row, 0)
	}
	binary.LittleEndian.PutUint16(row[20:], uint16(len(row)/8))
	t.row = row
	return t.enter(l.Code, l.State, row)
}

// enter points the code's slot to the row.
func (t *Table) enter(code link.Code, state State, row []byte) error {
	slot, old, err := t.find(code)
	if err != nil {
		return err
	}
	if old != nil {
		was := slot.Load()
		if bytes.Equal(old.mem, row) { // a feed tells again what is known
			t.links[State(was>>unitBits&(1<<stateBits-1))-1]--
			t.links[state]++
			slot.Store(was&^((1<<stateBits-1)<<unitBits) | uint64(state+1)<<unitBits)
			return nil
		}
	}
	unit, err := t.write(row)
	if err != nil {
		return err
	}
	was := slot.Load()
	slot.Store(t.hash(code)&tagMask<<(64-tagBits) | uint64(state+1)<<unitBits | unit)
	t.links[state]++
	if old != nil {
		t.links[State(was>>unitBits&(1<<stateBits-1))-1]--
		return t.bury(old.segment, len(old.mem))
	}
	return nil
}

// found is a row and the segment that it lies in.
type found struct {
	mem     []byte
	segment *segment
}

// find returns the slot of a code, and its row if it has one. It makes room first.
func (t *Table) find(code link.Code) (*atomic.Uint64, *found, error) {
	if ix := t.index.Load(); (t.count()+1)*5 > len(ix.slots)*4 {
		if err := t.grow(ix); err != nil {
			return nil, nil, err
		}
	}
	ix := t.index.Load()
	h := t.hash(code)
	mask := len(ix.slots) - 1
	for i := int(h >> ix.shift); ; i = (i + 1) & mask {
		slot := ix.slots[i].Load()
		if slot == 0 {
			return &ix.slots[i], nil, nil
		}
		if slot>>(64-tagBits) != h&tagMask {
			continue
		}
		if f := t.rowAt(slot & unitMask); binary.LittleEndian.Uint64(f.mem) == uint64(code) {
			return &ix.slots[i], &f, nil
		}
	}
}

func (t *Table) rowAt(unit uint64) found {
	s := (*t.segments.Load())[unit/segmentUnits]
	row := s.mem[unit%segmentUnits*8:]
	return found{row[:int(binary.LittleEndian.Uint16(row[20:]))*8], s}
}

func (t *Table) count() (n int) {
	for _, c := range t.links {
		n += c
	}
	return n
}

// grow doubles the index. Look-ups go on in the old one until the new one is complete.
func (t *Table) grow(old *index) error {
	ix, err := t.newIndex(64 - old.shift + 1)
	if err != nil {
		return err
	}
	mask := len(ix.slots) - 1
	for i := range old.slots {
		slot := old.slots[i].Load()
		if slot == 0 {
			continue
		}
		code := link.Code(binary.LittleEndian.Uint64(t.rowAt(slot & unitMask).mem))
		j := int(t.hash(code) >> ix.shift)
		for ix.slots[j].Load() != 0 {
			j = (j + 1) & mask
		}
		ix.slots[j].Store(slot)
	}
	t.index.Store(ix)
	return nil
}

// write adds a row and returns its place.
func (t *Table) write(row []byte) (unit uint64, err error) {
	if t.last == nil || t.last.used+len(row) > segmentBytes {
		if err := t.newSegment(); err != nil {
			return 0, err
		}
	}
	s := t.last
	unit = uint64(s.number)*segmentUnits + uint64(s.used/8)
	copy(s.mem[s.used:], row)
	s.used += len(row)
	return unit, nil
}

func (t *Table) newSegment() error {
	list := *t.segments.Load()
	if len(list) == maxSegments {
		return errors.New("the table's addresses are used up; restart the edge")
	}
	s, err := t.segment(len(list))
	if err != nil {
		return err
	}
	list = append(slices.Clone(list), s)
	t.segments.Store(&list)
	t.last = s
	return nil
}

// segment makes an empty segment.
func (t *Table) segment(number int) (*segment, error) {
	mem, free, err := t.alloc(segmentBytes)
	if err != nil {
		return nil, err
	}
	s := &segment{number: number, mem: mem}
	runtime.AddCleanup(s, func(free func()) { free() }, free)
	return s, nil
}

// bury counts a row that nothing points to any more. A segment that is more than half dead is emptied: its living rows are
// written anew, their slots turned, and its memory goes as soon as the last look-up has let go of it.
func (t *Table) bury(s *segment, n int) error {
	s.dead += n
	if s == t.last || s.dead <= segmentBytes/2 {
		return nil
	}
	for at := 0; at < s.used; {
		row := s.mem[at:]
		row = row[:int(binary.LittleEndian.Uint16(row[20:]))*8]
		here := uint64(s.number)*segmentUnits + uint64(at/8)
		at += len(row)
		slot, _, err := t.find(link.Code(binary.LittleEndian.Uint64(row)))
		if err != nil {
			return err
		}
		was := slot.Load()
		if was&unitMask != here {
			continue
		}
		unit, err := t.write(row)
		if err != nil {
			return err
		}
		slot.Store(was&^unitMask | unit)
	}
	list := slices.Clone(*t.segments.Load())
	list[s.number] = nil
	t.segments.Store(&list)
	return nil
}

// SetState changes what a link is good for and reports whether there is such a link. When it returns, every look-up sees it: a revoked
// link has stopped.
func (t *Table) SetState(code link.Code, state State) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	slot, old, err := t.find(code)
	if err != nil || old == nil || state >= states {
		return false
	}
	was := slot.Load()
	t.links[State(was>>unitBits&(1<<stateBits-1))-1]--
	t.links[state]++
	slot.Store(was&^((1<<stateBits-1)<<unitBits) | uint64(state+1)<<unitBits)
	return true
}

// Stats is the table's size.
type Stats struct {
	Links    int   // all of them
	Live     int   // those that lead to their own target
	Spaces   int   // ad spaces
	Programs int   // programs
	Mapped   int64 // bytes of memory outside the garbage collector's sight: rows and index
	Dead     int64 // bytes of rows that were replaced, among them
}

// Stats returns the table's size.
func (t *Table) Stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Stats{Links: t.count(), Live: t.links[Live], Spaces: t.spaces.count, Programs: len(t.programs), Mapped: int64(len(t.index.Load().slots)) * 8}
	for _, seg := range *t.segments.Load() {
		if seg != nil {
			s.Mapped += int64(len(seg.mem))
			s.Dead += int64(seg.dead)
		}
	}
	return s
}

// spaces numbers ad spaces. Reading takes no lock.
type spaces struct {
	chunks  atomic.Pointer[[]*chunk]
	count   int
	numbers map[spaceKey]uint32
}

type chunk [1024]atomic.Pointer[Space]

type spaceKey struct {
	program            program.ID
	publisher, adSpace string
}

func (s *spaces) at(n uint32) *Space { return (*s.chunks.Load())[n/1024][n%1024].Load() }

func (s *spaces) set(n uint32, v *Space) { (*s.chunks.Load())[n/1024][n%1024].Store(v) }

func (s *spaces) number(p program.ID, publisher, adSpace string, cell func(program.ID) *programCell) (uint32, error) {
	k := spaceKey{p, publisher, adSpace}
	if n, ok := s.numbers[k]; ok {
		return n, nil
	}
	for _, m := range []struct{ name, text string }{{"program", string(p)}, {"publisher", publisher}, {"ad space", adSpace}} {
		if len(m.text) > maxText || m.text == "" && m.name != "ad space" {
			return 0, fmt.Errorf("%s: %q must have 1 to %d bytes", m.name, m.text[:min(len(m.text), 80)], maxText)
		}
	}
	if s.numbers == nil {
		s.numbers = map[spaceKey]uint32{}
		s.chunks.Store(&[]*chunk{})
	}
	n := uint32(s.count)
	if list := *s.chunks.Load(); int(n/1024) == len(list) {
		list = append(slices.Clone(list), new(chunk))
		s.chunks.Store(&list)
	}
	s.count++
	s.numbers[k] = n
	s.set(n, &Space{Publisher: []byte(publisher), AdSpace: []byte(adSpace), program: cell(p)})
	return n, nil
}

// keys are the ad spaces by number.
func (s *spaces) keys() []spaceKey {
	keys := make([]spaceKey, 0, len(s.numbers))
	for k := range s.numbers {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b spaceKey) int { return cmp.Compare(s.numbers[a], s.numbers[b]) })
	return keys
}
