package edgenode

import (
	"os"
	"sync/atomic"
	"time"
)

// watched is a value that was read from files which are replaced now and then while a node runs. They are looked at once a minute, by
// whoever needs the value then. What cannot be read, or is half written, does not take the place of what works.
type watched[T any] struct {
	files   []string
	read    func() (*T, error)
	told    func(err error) // hears of a new value, or why there is none
	now     func() time.Time
	current atomic.Pointer[T]
	changed atomic.Int64 // when the files were changed that the value is from
	look    atomic.Int64 // when they are to be looked at again
}

// lookEvery is how long a replaced file may go unnoticed.
const lookEvery = time.Minute

// start reads the value for the first time.
func (w *watched[T]) start() error {
	w.look.Store(w.now().Add(lookEvery).UnixNano())
	_, err := w.again()
	return err
}

// get is the value.
func (w *watched[T]) get() *T {
	if now, look := w.now().UnixNano(), w.look.Load(); now >= look && w.look.CompareAndSwap(look, now+int64(lookEvery)) {
		if fresh, err := w.again(); fresh || err != nil {
			w.told(err)
		}
	}
	return w.current.Load()
}

// again reads the value if the files were changed.
func (w *watched[T]) again() (fresh bool, err error) {
	var last int64
	for _, name := range w.files {
		info, err := os.Stat(name)
		if err != nil {
			return false, err
		}
		last = max(last, info.ModTime().UnixNano())
	}
	if last == w.changed.Load() {
		return false, nil
	}
	v, err := w.read()
	if err != nil {
		return false, err
	}
	w.current.Store(v)
	w.changed.Store(last)
	return true, nil
}
