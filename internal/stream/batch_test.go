package stream

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"github.com/clickledger/clickledger/internal/clicklog"
)

func codecs(t testing.TB) (*zstd.Encoder, *zstd.Decoder) {
	t.Helper()
	enc, err := newEncoder()
	if err != nil {
		t.Fatal(err)
	}
	dec, err := newDecoder()
	if err != nil {
		t.Fatal(err)
	}
	return enc, dec
}

// A batch is read as it was written, whatever the records are, and whether they can be compressed or not.
func TestBatchIsReadAsWritten(t *testing.T) {
	enc, dec := codecs(t)
	rapid.Check(t, func(t *rapid.T) {
		var (
			log  clicklog.ID
			want []clicklog.Record
			b    batch
			seq  uint64
		)
		copy(log[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "log"))
		dull := rapid.Bool().Draw(t, "dull")
		for range rapid.IntRange(1, 50).Draw(t, "records") {
			seq += rapid.Uint64Range(1, 1<<40).Draw(t, "gap")
			payload := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "payload")
			if dull {
				payload = bytes.Repeat([]byte{7}, len(payload))
			}
			r := clicklog.Record{Seq: seq, Payload: payload}
			want = append(want, r)
			b.add(r)
		}
		msg := b.encode(enc, log)
		got, err := decode(dec, msg, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, want, func(a, b clicklog.Record) bool { return a.Seq == b.Seq && bytes.Equal(a.Payload, b.Payload) }) {
			t.Fatalf("wrote %v, read %v", want, got)
		}

		bad := slices.Clone(msg)
		bad[rapid.IntRange(0, len(bad)-1).Draw(t, "where")] ^= byte(1 << rapid.IntRange(0, 7).Draw(t, "bit"))
		if got, err := decode(dec, bad, nil); !errors.Is(err, errBatch) || len(got) > 0 {
			t.Fatalf("a flipped bit was not seen: %d records, %v", len(got), err)
		}
		if _, err := decode(dec, msg[:rapid.IntRange(0, len(msg)-1).Draw(t, "cut")], nil); !errors.Is(err, errBatch) {
			t.Fatalf("a cut was not seen: %v", err)
		}
	})
}

// What claims to hold more than a batch may is not unpacked, even if its checksum is right.
func TestBatchIsBounded(t *testing.T) {
	enc, dec := codecs(t)
	b := batch{count: 1, body: make([]byte, maxHeld+1)}
	if _, err := decode(dec, b.encode(enc, clicklog.ID{}), nil); !errors.Is(err, errBatch) {
		t.Errorf("a body of %d bytes: %v", maxHeld+1, err)
	}
	small := batch{}
	small.add(clicklog.Record{Seq: 1, Payload: make([]byte, 1<<16)})
	msg := small.encode(enc, clicklog.ID{})
	msg[30], msg[31], msg[32] = 1, 0, 0 // says that it holds one byte
	putChecksum(msg)
	if _, err := decode(dec, msg, nil); !errors.Is(err, errBatch) {
		t.Errorf("a body that is longer than it says: %v", err)
	}
}
