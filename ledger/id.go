package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// EntryID is the id of the transaction with a cause: "ent_" and 128 bits that sort by effective time. It follows from the
// two, so the same transaction has the same id wherever it is booked.
func EntryID(effectiveAt time.Time, cause string) string {
	sum := sha256.Sum256([]byte(cause))
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(effectiveAt.UnixMilli())<<16)
	copy(id[6:], sum[:])
	var out [36]byte
	copy(out[:], "ent_")
	hex.Encode(out[4:], id[:])
	return string(out[:])
}
