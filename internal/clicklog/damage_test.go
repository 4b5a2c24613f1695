package clicklog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/vfs"
)

// written returns a disk with a log of n records in several segments, which ended well or was killed.
func written(t testing.TB, n int, closed bool) (*vfs.Mem, Options) {
	t.Helper()
	disk := vfs.NewMem()
	o := small(11)
	o.NoSpare = true // so that it does not depend on time where records stand
	l := mustOpen(t, disk, o)
	for i := range n {
		if err := l.Append(testRecord(uint64(i))); err != nil {
			t.Fatal(err)
		}
	}
	killed := disk.Kill()
	mustClose(t, l)
	if closed {
		return disk, o
	}
	return killed, o
}

// intact opens a log and reads it as a whole. It returns how many records it read, and an error if one of them is not what was
// appended, or anything complains.
func intact(disk *vfs.Mem, o Options) (n int, r Recovery, err error) {
	l, err := Open(disk, testDir, o)
	if err != nil {
		return 0, Recovery{}, err
	}
	defer l.Close()
	all, err := readAll(l, Position{})
	for i, r := range all {
		if id, err := recordID(r.Payload); err != nil || id != uint64(i) || r.Seq != uint64(i+1) {
			return i, l.Recovery(), fmt.Errorf("SILENT: record %d is click %d: %v", r.Seq, id, err)
		}
	}
	return len(all), l.Recovery(), err
}

func segmentFiles(t testing.TB, disk *vfs.Mem) []string {
	t.Helper()
	names, err := disk.List(testDir)
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, name := range names {
		if _, ok := segmentNumber(name); ok {
			files = append(files, path.Join(testDir, name))
		}
	}
	return files
}

// One flipped bit in every block of 64 bytes: it is found. The log either refuses to go on, with an instruction, or has lost
// nothing, or, in the last commit of a process that was killed, says how much it cut. (R3)
func TestFlippedBits(t *testing.T) {
	const n = 60
	for _, closed := range []bool{true, false} {
		t.Run(fmt.Sprintf("closed=%v", closed), func(t *testing.T) {
			disk, o := written(t, n, closed)
			if got, _, err := intact(disk.Kill(), o); got != n || err != nil {
				t.Fatalf("before any damage: %d records, %v", got, err)
			}
			if _, err := Verify(disk, testDir); err != nil {
				t.Fatalf("before any damage: %v", err)
			}
			c := chance(12)
			flips, refused, unharmed, cut := 0, 0, 0, 0
			for _, file := range segmentFiles(t, disk) {
				content, err := disk.Content(file)
				if err != nil {
					t.Fatal(err)
				}
				for block := 0; block < len(content); block += 64 {
					damaged := disk.Kill()
					bit := c.IntN(8 * min(64, len(content)-block))
					if err := damaged.Corrupt(file, func(b []byte) []byte { b[block+bit/8] ^= 1 << (bit % 8); return b }); err != nil {
						t.Fatal(err)
					}
					flips++
					_, verr := Verify(damaged.Kill(), testDir)
					got, recovery, err := intact(damaged, o)
					var damage *DamageError
					switch {
					case errors.As(err, &damage):
						refused++
						if !strings.Contains(err.Error(), "restore the file") {
							t.Errorf("%s, byte %d: no instruction in %q", file, block+bit/8, err)
						}
						if verr == nil {
							t.Errorf("%s, byte %d: Verify finds nothing", file, block+bit/8)
						}
					case err != nil:
						t.Errorf("%s, byte %d: %v", file, block+bit/8, err)
					case got == n: // space behind the records, or the mark of a clean end
						unharmed++
					case !closed && recovery.CutBytes > 0 && got >= n-1:
						cut++
					default:
						t.Errorf("%s, byte %d: %d of %d records are there, and nobody was told: %+v", file, block+bit/8, got, n, recovery)
					}
				}
			}
			t.Logf("%d bits flipped: %d refused, %d unharmed, %d cut and reported", flips, refused, unharmed, cut)
			if flips < 150 || refused < 100 || !closed && cut == 0 {
				t.Error("too few to prove anything")
			}
		})
	}
}

// Bytes of the last commit that a power cut left half written are cut, and the cut is reported; the same bytes before a good
// record are damage.
func TestBadTailIsCut(t *testing.T) {
	disk, o := written(t, 10, false)
	files := segmentFiles(t, disk)
	last := files[len(files)-1]
	if err := disk.Corrupt(last, func(b []byte) []byte {
		return append(b[:recordsEnd(t, b)], "half of a record that never became one"...)
	}); err != nil {
		t.Fatal(err)
	}
	l := mustOpen(t, disk, o)
	if r := l.Recovery(); r.CutBytes != 38 || r.CutSegment == 0 {
		t.Errorf("recovery reports %+v", r)
	}
	all, err := readAll(l, Position{})
	if len(all) != 10 || err != nil {
		t.Errorf("%d records, %v", len(all), err)
	}
	mustClose(t, l)
	// The file was shortened, so the cut is reported once.
	l = mustOpen(t, disk, o)
	defer mustClose(t, l)
	if r := l.Recovery(); r.CutBytes != 0 {
		t.Errorf("after a clean end recovery reports %+v", r)
	}
}

// A shopper who sends the bytes of a frame as a sub-ID cannot make the end of an interrupted commit look like damage, because
// the frame's checksum begins with a salt that is never sent out. The red control knows the salt.
func TestPayloadCannotForgeAFrame(t *testing.T) {
	for _, knowsSalt := range []bool{false, true} {
		disk, o := written(t, 3, false)
		files := segmentFiles(t, disk)
		file := files[len(files)-1]
		content, err := disk.Content(file)
		if err != nil {
			t.Fatal(err)
		}
		h, err := parseHeader(content)
		if err != nil {
			t.Fatal(err)
		}
		end := recordsEnd(t, content)
		seed := h.seed()
		if !knowsSalt {
			seed = 0
		}
		forged := appendFrame(nil, []byte("gotcha"))
		sealOne(forged, seed, h.firstSeq+3, int64(end)+frameSize)
		commit := appendFrame(nil, forged)
		seal(commit, h.seed(), h.firstSeq+3, int64(end))
		commit[0] ^= 1 // torn
		if err := disk.Corrupt(file, func(b []byte) []byte { return append(b[:end], commit...) }); err != nil {
			t.Fatal(err)
		}
		_, _, err = intact(disk, o)
		if damaged := err != nil; damaged != knowsSalt {
			t.Errorf("salt known=%v: %v", knowsSalt, err)
		}
	}
}

// A segment that is missing between others is damage, and one that retention deleted is not.
func TestMissingSegment(t *testing.T) {
	disk, o := written(t, 60, true)
	files := segmentFiles(t, disk)
	if len(files) < 4 {
		t.Fatalf("only %d segments", len(files))
	}
	hole := disk.Kill()
	if err := hole.Remove(files[1]); err != nil {
		t.Fatal(err)
	}
	var damage *DamageError
	if _, _, err := intact(hole, o); !errors.As(err, &damage) || damage.Number != 2 || !strings.Contains(err.Error(), "missing") {
		t.Errorf("with a hole: %v", err)
	}
	older := disk.Kill()
	for _, file := range files[:2] {
		if err := older.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	l := mustOpen(t, older, o)
	defer mustClose(t, l)
	if _, err := l.Reader(Position{}); !errors.Is(err, ErrGone) {
		t.Errorf("a reader of deleted records gets %v", err)
	}
	if all, err := readAll(l, l.Oldest()); err != nil || len(all) == 0 || all[len(all)-1].Seq != 60 {
		t.Errorf("from the oldest on: %d records, %v", len(all), err)
	}
}

// A good record in the place of another one, as a misdirected write leaves it, is damage.
func TestMisplacedRecord(t *testing.T) {
	disk := vfs.NewMem()
	o := small(14)
	o.NoSpare = true
	l := mustOpen(t, disk, o)
	for i := range 6 {
		if err := l.Append([]byte{byte(i), 1, 2, 3}); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, l)
	if err := disk.Corrupt(segmentName(testDir, 1), func(b []byte) []byte {
		at := frameOffsets(t, b)
		copy(b[at[4]:at[5]], b[at[2]:at[3]])
		return b
	}); err != nil {
		t.Fatal(err)
	}
	var damage *DamageError
	if _, err := Verify(disk, testDir); !errors.As(err, &damage) || damage.After != 4 {
		t.Errorf("record 3 again in the place of record 5: %v", err)
	}
}

// Records that are missing at the end of a segment are damage, also where the next segment says that they were never there.
func TestGapBetweenSegments(t *testing.T) {
	disk, o := written(t, 60, true)
	content, err := disk.Content(segmentName(testDir, 1))
	if err != nil {
		t.Fatal(err)
	}
	at := frameOffsets(t, content)
	if err := disk.Corrupt(segmentName(testDir, 2), func(b []byte) []byte {
		h, err := parseHeader(b)
		if err != nil {
			t.Fatal(err)
		}
		h.prevEnd = int64(at[len(at)-2])
		return append(h.append(nil), b[headerSize:]...)
	}); err != nil {
		t.Fatal(err)
	}
	var damage *DamageError
	if n, _, err := intact(disk, o); !errors.As(err, &damage) || n != len(at)-2 {
		t.Errorf("after %d of %d records: %v", n, len(at), err)
	}
}

// The folder of one log holds one log.
func TestForeignSegment(t *testing.T) {
	disk, o := written(t, 40, true)
	other := vfs.NewMem()
	o.Random = seeded{chance(99)}
	l := mustOpen(t, other, o)
	if err := l.Append(payload(1)); err != nil {
		t.Fatal(err)
	}
	mustClose(t, l)
	content, err := other.Content(segmentName(testDir, 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := disk.Corrupt(segmentName(testDir, 1), func(b []byte) []byte { copy(b, content[:headerSize]); return b }); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(disk, testDir, o); err == nil || !strings.Contains(err.Error(), "another log") {
		t.Errorf("a segment of another log: %v", err)
	}
}

// What is damaged can be given up: the records around it keep their numbers, the loss is told exactly, and the damaged file is kept.
func TestGiveUp(t *testing.T) {
	const n = 60
	for _, which := range []string{"first segment", "last segment", "end of a segment"} {
		t.Run(which, func(t *testing.T) {
			disk, o := written(t, n, true)
			files := segmentFiles(t, disk)
			number := uint64(2)
			if which == "last segment" {
				number, _ = segmentNumber(path.Base(files[len(files)-1]))
			}
			file := segmentName(testDir, number)
			healthy, err := disk.Content(file)
			if err != nil {
				t.Fatal(err)
			}
			// Two records in a row, their lengths included.
			offsets := frameOffsets(t, healthy)
			first := 1
			if which == "end of a segment" {
				first = len(offsets) - 2
			}
			if err := disk.Corrupt(file, func(b []byte) []byte {
				b[offsets[first]+5] ^= 0xff
				b[offsets[first+1]+1] ^= 0xff
				return b
			}); err != nil {
				t.Fatal(err)
			}
			if _, err := Verify(disk, testDir); err == nil {
				t.Fatal("the damage is not found")
			}
			if _, err := GiveUp(disk, testDir, 1); err == nil || !strings.Contains(err.Error(), "nothing in it") {
				t.Errorf("a healthy segment: %v", err)
			}
			loss, err := GiveUp(disk, testDir, number)
			if err != nil {
				t.Fatal(err)
			}
			if loss.Records != 2 || loss.Offset != int64(offsets[first]) || loss.Number != number {
				t.Errorf("the loss is told as %+v", loss)
			}
			kept, err := disk.Content(loss.Saved)
			if err != nil || bytes.Equal(kept, healthy) || len(kept) != len(healthy) {
				t.Errorf("the damaged file: %v", err)
			}
			report, err := Verify(disk, testDir)
			if err != nil || report.Records != n-2 || report.Skipped != 2 || report.Next != n+1 {
				t.Errorf("afterwards: %+v, %v", report, err)
			}
			l := mustOpen(t, disk, o)
			defer mustClose(t, l)
			if err := l.Append(testRecord(n)); err != nil {
				t.Fatal(err)
			}
			all, err := readAll(l, Position{})
			if err != nil || len(all) != n-1 {
				t.Fatalf("%d records are left: %v", len(all), err)
			}
			for _, r := range all {
				if id, err := recordID(r.Payload); err != nil || id != r.Seq-1 {
					t.Fatalf("record %d is click %d: %v", r.Seq, id, err)
				}
			}
			// A reader that was to go on with a record that is gone goes on behind it.
			lost := binary.LittleEndian.Uint64(healthy[offsets[first]+8:])
			if all, err := readAll(l, Position{Log: l.ID(), Seq: lost}); err != nil || len(all) == 0 || all[0].Seq != lost+2 {
				t.Errorf("from record %d on: %d records, %v", lost, len(all), err)
			}
		})
	}
}

func recordsEnd(t testing.TB, content []byte) int {
	t.Helper()
	offsets := frameOffsets(t, content)
	last := offsets[len(offsets)-1]
	return last + frameSize + int(binary.LittleEndian.Uint32(content[last+4:]))
}

func frameOffsets(t testing.TB, content []byte) []int {
	t.Helper()
	h, err := parseHeader(content)
	if err != nil {
		t.Fatal(err)
	}
	scan := scanner{file: bytesFile(content), seed: h.seed()}
	var offsets []int
	for off := int64(headerSize); ; {
		f, err := scan.next(off, int64(len(content)))
		if err != nil {
			return offsets
		}
		if f.record() {
			offsets = append(offsets, int(off))
		}
		off += f.size
	}
}

// A power cut while damage is given up leaves the damaged log or the mended one, and the damaged file in either.
func TestPowerCutsWhileGivingUp(t *testing.T) {
	disk, o := written(t, 60, true)
	if err := disk.Corrupt(segmentName(testDir, 2), func(b []byte) []byte { b[300]++; return b }); err != nil {
		t.Fatal(err)
	}
	damaged, err := disk.Content(segmentName(testDir, 2))
	if err != nil {
		t.Fatal(err)
	}
	c := chance(15)
	before, after := 0, 0
	disk.Watch(func(vfs.Call) {
		for range 50 {
			left := disk.Crash(c)
			report, err := Verify(left, testDir)
			var damage *DamageError
			switch {
			case err == nil && report.Records == 59 && report.Skipped == 1:
				after++
			case errors.As(err, &damage):
				before++
				if content, err := left.Content(segmentName(testDir, 2)); err != nil || !bytes.Equal(content, damaged) {
					t.Errorf("the damaged file has changed: %v", err)
				}
			default:
				t.Errorf("after a power cut: %+v, %v", report, err)
			}
		}
	})
	if _, err := GiveUp(disk, testDir, 2); err != nil {
		t.Fatal(err)
	}
	disk.Watch(nil)
	if before == 0 || after == 0 {
		t.Errorf("%d power cuts before, %d after: it was not cut in the middle", before, after)
	}
	if report, err := Verify(disk.Crash(c), testDir); err != nil || report.Skipped != 1 {
		t.Errorf("at the end: %+v, %v", report, err)
	}
	mustClose(t, mustOpen(t, disk, o))
}

// The rest of an interrupted commit is not for giving up: Open cuts it.
func TestGiveUpIsForDamageOnly(t *testing.T) {
	disk, _ := written(t, 5, false)
	if err := disk.Corrupt(segmentName(testDir, 1), func(b []byte) []byte { return append(b[:recordsEnd(t, b)], "torn"...) }); err != nil {
		t.Fatal(err)
	}
	if _, err := GiveUp(disk, testDir, 1); err == nil || !strings.Contains(err.Error(), "nothing in it is damaged") {
		t.Errorf("a torn end: %v", err)
	}
	if err := disk.Corrupt(segmentName(testDir, 1), func(b []byte) []byte { b[20]++; return b }); err != nil {
		t.Fatal(err)
	}
	if _, err := GiveUp(disk, testDir, 1); err == nil || !strings.Contains(err.Error(), "begin a new log") {
		t.Errorf("a damaged header: %v", err)
	}
}

// Whatever bytes a segment has, reading it does not crash, does not read what was not appended, and ends.
func FuzzSegment(f *testing.F) {
	disk, _ := written(f, 12, false)
	healthy, err := disk.Content(segmentName(testDir, 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint16(headerSize), []byte("x"), uint16(0))
	f.Add(uint16(0), []byte("CLKLOG2"), uint16(5))
	f.Add(uint16(headerSize+4), []byte{0xff, 0xff, 0xff, 0xff}, uint16(0))
	f.Add(uint16(headerSize+8), []byte{9}, uint16(100))
	f.Add(uint16(1000), healthy[headerSize:200], uint16(0))
	f.Fuzz(func(t *testing.T, at uint16, patch []byte, shorten uint16) {
		content := bytes.Clone(healthy)
		copy(content[min(int(at), len(content)):], patch)
		content = content[:len(content)-min(int(shorten), len(content))]
		fsys := vfs.NewMem()
		if err := fsys.MkdirAll(testDir); err != nil {
			t.Fatal(err)
		}
		file, err := fsys.Create(segmentName(testDir, 1))
		if err != nil {
			t.Fatal(err)
		}
		if err := writeFull(file, content, 0); err != nil {
			t.Fatal(err)
		}
		_, verr := Verify(fsys, testDir)
		var damage *DamageError
		if verr != nil && !errors.As(verr, &damage) {
			t.Fatalf("Verify: %v", verr)
		}
		// Given up or not, what is read was appended: nobody who does not know the salt makes a record.
		if _, err := GiveUp(fsys, testDir, 1); err == nil && verr == nil {
			t.Fatal("something healthy was given up")
		}
		l, err := Open(fsys, testDir, small(13))
		if err != nil {
			return
		}
		defer l.Close()
		all, err := readAll(l, Position{})
		if err != nil && !errors.As(err, &damage) {
			t.Fatalf("read: %v", err)
		}
		for _, r := range all {
			if id, err := recordID(r.Payload); err != nil || id != r.Seq-1 {
				t.Fatalf("record %d is click %d: %v", r.Seq, id, err)
			}
		}
		if bytes.Equal(content, healthy) && len(all) != len(frameOffsets(t, healthy)) {
			t.Fatalf("%d records of an untouched segment", len(all))
		}
	})
}

// The format on disk does not change unnoticed.
func TestFormatIsStable(t *testing.T) {
	h := header{
		log: ID{1, 2, 3}, number: 7, salt: 0x1122334455667788, firstSeq: 42,
		created: time.Date(2026, 2, 28, 23, 59, 59, 123456000, time.UTC), prev: 6, prevEnd: 1234,
	}
	b := h.append(nil)
	frames := appendFrame(nil, []byte("click"))
	seal(frames, h.seed(), 42, headerSize)
	got := fmt.Sprintf("%x", append(b, frames...))
	golden, err := os.ReadFile("testdata/segment.hex")
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.TrimSpace(string(golden)) {
		t.Errorf("a segment is written as\n%s\nand was\n%s", got, golden)
	}
}
