package clicklog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/vfs"
)

// A segment is a header and frames, without space between them. After its records it may go on with zeros, which are space
// that was written in advance. All numbers are little-endian.
//
//	header  magic 8 | log 16 | number 8 | salt 8 | first sequence 8 | created 8, µs | previous 8 | end of previous 8 | CRC 4
//	frame   CRC 4 | length 4 | sequence 8 | base 4 | payload
//
// The header of a segment says where the records of the one before it end. Whatever comes behind that place was never
// acknowledged, or stands again in the new segment.
//
// A frame's base is the offset up to which this segment was synced when the frame was written. So a good frame proves that all
// before its base had been on the disk: what is bad there is damage, what is bad elsewhere is the end of an interrupted commit.
//
// A frame's CRC begins with the salt of its segment, so that nobody who chooses a payload can make it look like a frame.
const (
	magic      = "CLKLOG1\n"
	headerSize = 76
	frameSize  = 20

	// A frame without payload is a mark: all before it was synced. It takes no sequence number.
	// A frame whose length has this bit holds bytes that an operator gave up; its sequence is that of the next record.
	givenUp = 1 << 31

	// maxSegment keeps offsets within four bytes.
	maxSegment = 1 << 31
)

// castagnoli is the polynomial that processors compute by themselves.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type header struct {
	log      ID
	number   uint64
	salt     uint64
	firstSeq uint64
	created  time.Time
	prev     uint64 // number of the segment before; 0 if this is the first
	prevEnd  int64  // where that one's records end
}

func (h *header) append(b []byte) []byte {
	start := len(b)
	b = append(b, magic...)
	b = append(b, h.log[:]...)
	for _, v := range [...]uint64{h.number, h.salt, h.firstSeq, uint64(h.created.UnixMicro()), h.prev, uint64(h.prevEnd)} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

func parseHeader(b []byte) (header, error) {
	if len(b) < headerSize {
		return header{}, fmt.Errorf("the header is cut short at %d bytes", len(b))
	}
	if string(b[:len(magic)]) != magic {
		return header{}, errors.New("this is no header of this version of the format")
	}
	if crc32.Checksum(b[:headerSize-4], castagnoli) != binary.LittleEndian.Uint32(b[headerSize-4:]) {
		return header{}, errors.New("the header does not match its checksum")
	}
	h := header{log: ID(b[8:24])}
	v := func(i int) uint64 { return binary.LittleEndian.Uint64(b[24+8*i:]) }
	h.number, h.salt, h.firstSeq, h.created, h.prev, h.prevEnd = v(0), v(1), v(2), time.UnixMicro(int64(v(3))).UTC(), v(4), int64(v(5))
	return h, nil
}

// seed is the CRC of the salt, with which the CRC of each frame begins.
func (h *header) seed() uint32 {
	return crc32.Checksum(binary.LittleEndian.AppendUint64(nil, h.salt), castagnoli)
}

// segment is a segment of a log.
type segment struct {
	header
	// end is where the records end. While the segment is written to, it grows with each commit.
	end int64
}

func segmentName(dir string, number uint64) string {
	return path.Join(dir, fmt.Sprintf("%010d%s", number, segmentExt))
}

const (
	segmentExt = ".seg"
	tempExt    = ".tmp"
	lockName   = "lock"
)

// segmentNumber reads the number from a file's name.
func segmentNumber(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, segmentExt)
	if !ok || len(digits) < 10 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	return n, err == nil && n > 0
}

// appendFrame adds a payload with an empty frame, to be filled in by seal.
func appendFrame(b, payload []byte) []byte {
	b = append(b, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	return append(b, payload...)
}

// seal fills in the frames of a commit that is to be written at base. Records are numbered from seq on.
func seal(frames []byte, seed uint32, seq uint64, base int64) {
	for len(frames) > 0 {
		n := frameSize + int(binary.LittleEndian.Uint32(frames[4:]))
		sealOne(frames[:n], seed, seq, base)
		frames = frames[n:]
		seq++
	}
}

func sealOne(frame []byte, seed uint32, seq uint64, base int64) {
	binary.LittleEndian.PutUint64(frame[8:], seq)
	binary.LittleEndian.PutUint32(frame[16:], uint32(base))
	binary.LittleEndian.PutUint32(frame, crc32.Update(seed, castagnoli, frame[4:]))
}

// frame is a frame that was read and found good.
type frame struct {
	seq     uint64
	base    int64
	payload []byte // valid until the next one is read
	givenUp bool
	size    int64
}

func (f *frame) record() bool { return !f.givenUp && len(f.payload) > 0 }

// scanner reads the frames of one segment.
type scanner struct {
	file  vfs.File
	seed  uint32
	chunk []byte // the bytes at offset `at`
	at    int64
}

// chunkSize is how much is read at once.
const chunkSize = 256 << 10

var errBad = errors.New("no good frame")

// bytes returns n bytes at off; the caller has seen to it that they exist.
func (s *scanner) bytes(off, n, limit int64) ([]byte, error) {
	if off < s.at || off+n > s.at+int64(len(s.chunk)) {
		want := min(max(n, chunkSize), limit-off)
		if int64(cap(s.chunk)) < want {
			s.chunk = make([]byte, want)
		}
		s.chunk, s.at = s.chunk[:want], off
		if err := readFull(s.file, s.chunk, off); err != nil {
			s.chunk = s.chunk[:0]
			return nil, err
		}
	}
	return s.chunk[off-s.at:][:n], nil
}

func readFull(f vfs.File, b []byte, off int64) error {
	if len(b) == 0 {
		return nil
	}
	n, err := f.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = fmt.Errorf("byte %d: %w", off+int64(n), io.ErrUnexpectedEOF)
	}
	return err
}

// next reads the frame at off, none of which lies behind limit. It returns errBad if there is no good frame, and other errors
// if the file cannot be read.
func (s *scanner) next(off, limit int64) (frame, error) {
	if off+frameSize > limit {
		return frame{}, errBad
	}
	head, err := s.bytes(off, frameSize, limit)
	if err != nil {
		return frame{}, err
	}
	length, ok := plausible(head)
	if !ok || off+frameSize+length > limit {
		return frame{}, errBad
	}
	whole, err := s.bytes(off, frameSize+length, limit)
	if err != nil {
		return frame{}, err
	}
	f, ok := parseFrame(whole, s.seed)
	if !ok || f.base > off {
		return frame{}, errBad
	}
	return f, nil
}

// plausible returns the payload's length that a frame's head announces.
func plausible(head []byte) (int64, bool) {
	length := binary.LittleEndian.Uint32(head[4:])
	if length&givenUp != 0 {
		return int64(length &^ givenUp), true
	}
	return int64(length), length <= MaxRecord
}

// parseFrame reads a frame of known length.
func parseFrame(whole []byte, seed uint32) (frame, bool) {
	if crc32.Update(seed, castagnoli, whole[4:]) != binary.LittleEndian.Uint32(whole) {
		return frame{}, false
	}
	return frame{
		seq:     binary.LittleEndian.Uint64(whole[8:]),
		base:    int64(binary.LittleEndian.Uint32(whole[16:])),
		payload: whole[frameSize:],
		givenUp: binary.LittleEndian.Uint32(whole[4:])&givenUp != 0,
		size:    int64(len(whole)),
	}, true
}

// proof looks behind a bad place for a good frame which proves that the bad place had been synced. rest are the bytes from
// the bad place on, which lies at offset bad and should have held record seq. It returns the offset of that frame.
func proof(rest []byte, seed uint32, bad int64, seq uint64) (int64, bool) {
	for i := 1; i+frameSize <= len(rest); i++ {
		f, ok := candidate(rest[i:], seed, bad+int64(i), seq, uint64(i))
		if ok && f.base > bad {
			return bad + int64(i), true
		}
	}
	return 0, false
}

// candidate tries to read a frame at a place where one may or may not begin, at most far bytes behind record seq. Most places
// fail before a CRC is computed.
func candidate(b []byte, seed uint32, off int64, seq, far uint64) (frame, bool) {
	base := int64(binary.LittleEndian.Uint32(b[16:]))
	if base < headerSize || base > off {
		return frame{}, false
	}
	if s := binary.LittleEndian.Uint64(b[8:]); s < seq || s > seq+far {
		return frame{}, false
	}
	length := int64(binary.LittleEndian.Uint32(b[4:]))
	if length > MaxRecord || frameSize+length > int64(len(b)) {
		return frame{}, false
	}
	return parseFrame(b[:frameSize+length], seed)
}

// zeroTail returns how many bytes are left without the zeros at the end.
func zeroTail(b []byte) int { return len(bytes.TrimRight(b, "\x00")) }
