package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

// Redacted is the action of the entries that say which details were cut, and what is left of each (ADR 0011).
const Redacted = "audit.redacted"

// mostCut is how many cut details one entry names.
const mostCut = 200

// Cut is a detail that was cut: the entry and what is left.
type Cut struct {
	Sequence int64
	Detail   string
}

// Redact cuts details, and notes it: entries that name each, with a hash of what is left, so that the log says itself where it is not
// what was written. object is on whose account it is done.
func Redact(ctx context.Context, tx store.Tx, at time.Time, object string, cuts []Cut) error {
	log := tx.Platform().Accounts().Audit()
	for len(cuts) > 0 {
		some := cuts[:min(len(cuts), mostCut)]
		cuts = cuts[len(some):]
		act := Act{Action: Redacted, Object: object, After: Values{}}
		for _, c := range some {
			if err := log.Redact(ctx, c.Sequence, c.Detail); err != nil {
				return err
			}
			act.After[strconv.FormatInt(c.Sequence, 10)] = left(c.Detail)
		}
		if err := Note(ctx, tx, at, act); err != nil {
			return err
		}
	}
	return nil
}

// left is a hash of what is left of a detail.
func left(detail string) string {
	sum := sha256.Sum256([]byte(detail))
	return hex.EncodeToString(sum[:])
}

// Verified is what Verify found.
type Verified struct {
	Entries  int64
	Redacted int64  // entries whose detail was cut, each named by a later entry
	Broken   int64  // sequence of the first entry that is not what was written, 0: none
	Newest   string // hash of the last entry in hex; kept elsewhere, it shows later that nothing was cut off
	Known    bool   // whether an entry has the hash that was asked for
}

// Verify reads the whole log and checks its chain, and whether an earlier hash stands in it. Who did what, to what, when and from where is
// part of the chain and cannot be cut; a detail that was cut holds if the newest entry that says so names what is left of it.
func Verify(ctx context.Context, log store.Audit, earlier string) (out Verified, err error) {
	var before []byte
	cut := make(map[int64]string)   // what is left of the details that are not what was written
	named := make(map[int64]string) // what entries say is left
	for {
		some, err := log.After(ctx, out.Entries, 1000)
		if err != nil {
			return out, err
		}
		if len(some) == 0 {
			break
		}
		for i := range some {
			e := &some[i]
			if e.Sequence != out.Entries+1 || !bytes.Equal(e.Hash, e.Chain(before)) || len(e.Salt) > 0 && !bytes.Equal(e.Commitment, e.Commit()) {
				out.Broken = out.Entries + 1
				return out, nil
			}
			if e.Redacted() {
				cut[e.Sequence] = left(e.Detail)
			} else if e.Action == Redacted {
				for sequence, hash := range Read(*e).After {
					if n, err := strconv.ParseInt(sequence, 10, 64); err == nil && n < e.Sequence {
						named[n] = hash
					}
				}
			}
			out.Entries, before = e.Sequence, e.Hash
			out.Known = out.Known || earlier == fmt.Sprintf("%x", e.Hash)
		}
	}
	for sequence, hash := range cut {
		if named[sequence] != hash && (out.Broken == 0 || sequence < out.Broken) {
			out.Broken = sequence
		}
		out.Redacted++
	}
	out.Newest = fmt.Sprintf("%x", before)
	return out, nil
}

// Rewritten returns an entry's detail with each of its values as rewrite makes it; the detail itself where nothing changes, or where it is
// none that can be read.
func Rewritten(detail string, rewrite func(text string) string) string {
	var all map[string]any
	if json.Unmarshal([]byte(detail), &all) != nil {
		return detail
	}
	changed := false
	var walk func(v any) any
	walk = func(v any) any {
		switch x := v.(type) {
		case string:
			y := rewrite(x)
			changed = changed || x != y
			return y
		case map[string]any:
			for k, inner := range x {
				x[k] = walk(inner)
			}
		case []any:
			for i, inner := range x {
				x[i] = walk(inner)
			}
		}
		return v
	}
	walk(all)
	if !changed {
		return detail
	}
	b, err := json.Marshal(all)
	if err != nil {
		return detail // what came out of JSON goes into it again
	}
	return string(b)
}
