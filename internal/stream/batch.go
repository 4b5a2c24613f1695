package stream

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"

	"github.com/clickledger/clickledger/internal/clicklog"
)

// A message is a batch of records of one click log, one day and one shard. All numbers of the head are little-endian.
//
//	0   magic "CLKB" and the version, 1
//	5   CRC-32C of all that follows
//	9   codec: 0 as it is, 1 zstd
//	10  the log's ID (16)
//	26  number of records
//	30  length of the body before compression
//	34  body: for each record its number, as the difference to the one before, its length, both as varints, and its bytes
const (
	magic   = "CLKB\x01"
	headLen = 34
	crcAt   = 5
	codecAt = 9 // the checksum begins here

	plain      = 0
	compressed = 1
)

const (
	// maxBody bounds the body of a batch before compression, so that a batch that does not compress fits into a message of 1 MiB, the
	// server's default.
	maxBody = 768 << 10
	// maxHeld bounds the body of a batch that is read, whoever made it.
	maxHeld = 8 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// errBatch says that a message is no batch of records.
var errBatch = errors.New("this is not a batch of clicks")

// batch is a message in the making.
type batch struct {
	first, last uint64
	count       uint32
	body        []byte
}

// fits reports whether a record of so many bytes can still be added.
func (b *batch) fits(n int) bool {
	return b.count == 0 || len(b.body)+n+2*binary.MaxVarintLen64 <= maxBody
}

func (b *batch) add(r clicklog.Record) {
	if b.count == 0 {
		b.first = r.Seq
	}
	b.body = binary.AppendUvarint(b.body, r.Seq-b.last)
	b.body = binary.AppendUvarint(b.body, uint64(len(r.Payload)))
	b.body = append(b.body, r.Payload...)
	b.last = r.Seq
	b.count++
}

// encode returns the message.
func (b *batch) encode(enc *zstd.Encoder, log clicklog.ID) []byte {
	msg := make([]byte, headLen, headLen+len(b.body)/2)
	copy(msg, magic)
	msg[codecAt] = compressed
	copy(msg[10:], log[:])
	binary.LittleEndian.PutUint32(msg[26:], b.count)
	binary.LittleEndian.PutUint32(msg[30:], uint32(len(b.body)))
	msg = enc.EncodeAll(b.body, msg)
	if len(msg) > headLen+len(b.body) {
		msg[codecAt] = plain
		msg = append(msg[:headLen], b.body...)
	}
	putChecksum(msg)
	return msg
}

func putChecksum(msg []byte) {
	binary.LittleEndian.PutUint32(msg[crcAt:], checksum(msg[codecAt:]))
}

func newEncoder() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
}

func newDecoder() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxHeld))
}

// decode appends the records of a message, which have memory of their own.
func decode(dec *zstd.Decoder, msg []byte, to []clicklog.Record) ([]clicklog.Record, error) {
	if len(msg) < headLen || string(msg[:len(magic)]) != magic {
		return to, fmt.Errorf("%d bytes, or of another version: %w", len(msg), errBatch)
	}
	if checksum(msg[codecAt:]) != binary.LittleEndian.Uint32(msg[crcAt:]) {
		return to, fmt.Errorf("its checksum does not match: %w", errBatch)
	}
	count, size := binary.LittleEndian.Uint32(msg[26:]), binary.LittleEndian.Uint32(msg[30:])
	if size > maxHeld {
		return to, fmt.Errorf("it holds %d bytes, more than %d: %w", size, maxHeld, errBatch)
	}
	var body []byte
	switch msg[codecAt] {
	case plain:
		body = append(body, msg[headLen:]...)
	case compressed:
		var err error
		if body, err = dec.DecodeAll(msg[headLen:], make([]byte, 0, size)); err != nil {
			return to, fmt.Errorf("%w: %w", errBatch, err)
		}
	default:
		return to, fmt.Errorf("codec %d: %w", msg[codecAt], errBatch)
	}
	if len(body) != int(size) {
		return to, fmt.Errorf("it holds %d bytes and speaks of %d: %w", len(body), size, errBatch)
	}
	had, seq := len(to), uint64(0)
	for range count {
		delta, n := binary.Uvarint(body)
		if n <= 0 {
			return to[:had], fmt.Errorf("cut in a record's number: %w", errBatch)
		}
		body = body[n:]
		length, n := binary.Uvarint(body)
		if n <= 0 || length > uint64(len(body)-n) {
			return to[:had], fmt.Errorf("cut in a record: %w", errBatch)
		}
		end := n + int(length)
		seq += delta
		to = append(to, clicklog.Record{Seq: seq, Payload: body[n:end:end]})
		body = body[end:]
	}
	if len(body) != 0 {
		return to[:had], fmt.Errorf("%d bytes too many: %w", len(body), errBatch)
	}
	return to, nil
}
