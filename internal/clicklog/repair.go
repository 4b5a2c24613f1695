package clicklog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/clickledger/clickledger/internal/vfs"
)

// Report is what Verify counted.
type Report struct {
	Log      ID
	Segments int
	First    uint64 // the sequence number of the oldest record
	Next     uint64 // the one that comes next
	Records  uint64
	Bytes    int64  // of payload
	Skipped  uint64 // records that an operator gave up
	CutBytes int64  // what Open would cut from the end
}

// Verify reads a log that nobody writes to from its first to its last byte, and changes nothing. The first damage it meets is
// returned as a *DamageError.
func Verify(fsys vfs.FS, dir string) (Report, error) {
	f, err := explore(fsys, dir)
	if err != nil {
		return Report{}, err
	}
	rep := Report{
		Log: f.id, Segments: len(f.segments), First: f.nextSeq, Next: f.nextSeq + uint64(f.carried),
		Records: uint64(f.carried), CutBytes: f.report.CutBytes,
	}
	for frames := f.carry; len(frames) > 0; {
		n := int(binary.LittleEndian.Uint32(frames[4:]))
		rep.Bytes += int64(n)
		frames = frames[frameSize+n:]
	}
	if len(f.segments) == 0 {
		return rep, nil
	}
	rep.First = f.segments[0].firstSeq
	r := &Reader{fs: fsys, dir: dir, id: f.id, shelf: segments(f.segments), seq: rep.First}
	defer r.Close() // only read
	for {
		batch, err := r.Read(1000, 1<<20)
		if err != nil {
			return rep, err
		}
		if len(batch) == 0 {
			break
		}
		rep.Records += uint64(len(batch))
		for _, record := range batch {
			rep.Bytes += int64(len(record.Payload))
		}
	}
	rep.Skipped = r.Skipped()
	if r.seq != f.nextSeq {
		return rep, r.damage(fmt.Sprintf("the log ends there, and record %d should come next", f.nextSeq))
	}
	return rep, nil
}

// Loss is what GiveUp took out of the log.
type Loss struct {
	Number  uint64 // the segment
	Offset  int64  // where the bytes begin that were given up
	Bytes   int64
	Records uint64 // how many records they had held
	Saved   string // the file in which the damaged segment was kept as it was
}

// GiveUp gives up the first damaged bytes of a segment, so that the log can be opened and read again. It is for an operator
// who has no copy of the file. The records around the damage keep their numbers, and the damaged file is kept under another
// name. The log must be closed. A segment with a damaged header cannot be saved: without the header nothing in it can be checked.
func GiveUp(fsys vfs.FS, dir string, number uint64) (loss Loss, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("give up damaged records of click log segment %d: %w", number, err)
		}
	}()
	if l, ok := fsys.(vfs.Locker); ok {
		lock, err := l.Lock(path.Join(dir, lockName))
		if err != nil {
			return Loss{}, err
		}
		defer lock.Close() // it ends with the process at the latest
	}
	name := segmentName(dir, number)
	content, err := readFile(fsys, name)
	if err != nil {
		return Loss{}, err
	}
	h, err := parseHeader(content)
	if err != nil {
		return Loss{}, fmt.Errorf("%w; restore the file from a copy, or move the whole folder away and begin a new log", err)
	}
	end, nextSeq, err := endOf(fsys, dir, number, int64(len(content)))
	if err != nil {
		return Loss{}, err
	}
	damaged := slices.Clone(content)
	loss, err = patch(content[:min(end, int64(len(content)))], &h, nextSeq)
	if err != nil {
		return Loss{}, err
	}
	loss.Number, loss.Saved = number, fmt.Sprintf("%s.damaged-at-%d", name, loss.Offset)
	if err := replace(fsys, loss.Saved, damaged); err != nil {
		return Loss{}, err
	}
	return loss, replace(fsys, name, content)
}

// endOf returns where a segment's records end and the number of the first record of the next segment, as that one says. For
// the last segment it returns the file's size and zero.
func endOf(fsys vfs.FS, dir string, number uint64, size int64) (int64, uint64, error) {
	names, err := fsys.List(dir)
	if err != nil {
		return 0, 0, err
	}
	for _, name := range names {
		n, ok := segmentNumber(name)
		if !ok || n <= number {
			continue
		}
		s, err := readHeader(fsys, dir, n)
		if err != nil {
			return 0, 0, err
		}
		if s.prev == number {
			return s.prevEnd, s.firstSeq, nil
		}
	}
	return size, 0, nil
}

// patch lays a frame over the first damage in a segment's content, up to the next good frame or the end.
func patch(content []byte, h *header, nextSeq uint64) (Loss, error) {
	seed, end := h.seed(), int64(len(content))
	scan := scanner{file: bytesFile(content), seed: seed}
	off, seq := int64(headerSize), h.firstSeq
	for off < end {
		f, err := scan.next(off, end)
		if err != nil || !follows(f, seq) {
			break
		}
		off += f.size
		if seq = f.seq; f.record() {
			seq++
		}
	}
	if nextSeq == 0 { // the last segment: the end of an interrupted commit is no damage
		if _, ok := proof(content[off:], seed, off, seq); !ok {
			return Loss{}, errors.New("nothing in it is damaged that had been on the disk")
		}
	} else if off >= end {
		return Loss{}, errors.New("nothing in it is damaged")
	}
	to, resume := end, nextSeq
	for i := off + 1; i+frameSize <= end; i++ {
		if f, ok := candidate(content[i:], seed, i, seq, uint64(i-off)); ok {
			to, resume = i, f.seq
			break
		}
	}
	if to-off < frameSize {
		return Loss{}, fmt.Errorf("only %d bytes are damaged: too few to lay a frame over", to-off)
	}
	gap := content[off:to]
	binary.LittleEndian.PutUint32(gap[4:], uint32(len(gap)-frameSize)|givenUp)
	sealOne(gap, seed, resume, off)
	return Loss{Offset: off, Bytes: to - off, Records: resume - seq}, nil
}

func replace(fsys vfs.FS, name string, content []byte) error {
	temp := name + tempExt
	if err := ignoreMissing(fsys.Remove(temp)); err != nil {
		return err
	}
	f, err := fsys.Create(temp)
	if err != nil {
		return err
	}
	if err = writeFull(f, content, 0); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := fsys.Rename(temp, name); err != nil {
		return err
	}
	return fsys.SyncDir(path.Dir(name))
}

func readFile(fsys vfs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	content := make([]byte, size)
	return content, readFull(f, content, 0)
}

// bytesFile is a file in memory that is only read.
type bytesFile []byte

func (b bytesFile) ReadAt(p []byte, off int64) (int, error) {
	n := copy(p, b[min(off, int64(len(b))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
func (b bytesFile) WriteAt([]byte, int64) (int, error) { return 0, errors.ErrUnsupported }
func (b bytesFile) Sync() error                        { return errors.ErrUnsupported }
func (b bytesFile) Size() (int64, error)               { return int64(len(b)), nil }
func (b bytesFile) Close() error                       { return nil }
