package edge

import (
	"encoding/binary"
	"sync/atomic"
	"time"
)

// flood counts clicks by visitor and link. It has a fixed number of places, four for each key; when all are taken, the key with the
// fewest clicks is forgotten. So a flood of strangers costs no memory, and at worst lets a repeated click pass.
//
// A place is 32 bits of the key's hash, 16 bits of the minute of the first click, and 16 bits of the number of clicks.
type flood struct {
	places []atomic.Uint64
	window uint16 // minutes
}

const (
	ways      = 4
	maxRepeat = 1<<16 - 1
)

func newFlood(f Flood) *flood {
	return &flood{places: make([]atomic.Uint64, max(ways, 1<<f.Log)), window: uint16(f.Window / time.Minute)}
}

// flooding is the key of a visitor's clicks on a link. The visitor's hash is random already.
func flooding(hash [8]byte, link uint64) uint64 {
	h := (binary.LittleEndian.Uint64(hash[:]) ^ link) * 0x9E3779B97F4A7C15
	return h ^ h>>29
}

// count counts a click and returns how many there were in the window, this one included.
func (f *flood) count(key uint64, micro int64) uint16 {
	tag := key >> 32
	minute := uint16(micro / time.Minute.Microseconds())
	set := f.places[int(key)&(len(f.places)-1)&^(ways-1):][:ways]
	for {
		victim, least := 0, uint64(1<<63)
		for i := range set {
			p := set[i].Load()
			n, age := p&maxRepeat, minute-uint16(p>>16)
			if n == 0 || age >= f.window {
				n = 0 // empty, or over
			} else if p>>32 == tag {
				if n == maxRepeat || set[i].CompareAndSwap(p, p+1) {
					return uint16(min(n+1, maxRepeat))
				}
				victim = -1
				break // somebody else counted here: look again
			}
			if n < least {
				victim, least = i, n
			}
		}
		if victim < 0 {
			continue
		}
		old := set[victim].Load()
		if old>>32 == tag && old&maxRepeat != 0 && minute-uint16(old>>16) < f.window {
			continue // the same key came there meanwhile
		}
		if set[victim].CompareAndSwap(old, tag<<32|uint64(minute)<<16|1) {
			return 1
		}
	}
}
