package storetest

import (
	"github.com/clickledger/clickledger/internal/store"
)

func keyChecks() []Check {
	return []Check{
		{"a key is new once; then it has the answer that was saved (I8)", keysOnce},
		{"a key of another call conflicts (I8)", keysConflict},
		{"a key whose transaction was undone is new again", keysUndone},
	}
}

type claim struct {
	Answer string
	Found  bool
}

func claimed(k *kit, scope, name, hash string) claim {
	k.Helper()
	var c claim
	k.update(func(tx store.Tx) error {
		answer, found, err := tx.Keys().Claim(k.ctx, scope, name, []byte(hash), at(1))
		c = claim{string(answer), found}
		return err
	})
	return c
}

func answer(k *kit, scope, name string, bytes []byte) error {
	return k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Keys().Answer(k.ctx, scope, name, bytes) })
}

func keysOnce(k *kit) {
	k.same("a new key", claimed(k, "orders", "k", "h"), claim{"", false})
	k.same("a key without an answer yet", claimed(k, "orders", "k", "h"), claim{"", true})
	k.must(answer(k, "orders", "k", []byte("a\x00\xff")))
	k.same("a key with an answer", claimed(k, "orders", "k", "h"), claim{"a\x00\xff", true})
	k.must(answer(k, "orders", "k", []byte("b")))
	k.same("the last answer", claimed(k, "orders", "k", "h"), claim{"b", true})
	for _, other := range [][2]string{{"Orders", "k"}, {"orders", "K"}, {"orders", "k "}, {"orders ", "k"}, {"", "k"}, {"orders", ""}} {
		k.is(answer(k, other[0], other[1], []byte("x")), store.ErrNotFound, "answering a key that nobody claimed")
		k.same("another key", claimed(k, other[0], other[1], "h"), claim{"", false})
	}
	k.reopen()
	k.same("a key after closing and opening", claimed(k, "orders", "k", "h"), claim{"b", true})
	k.must(answer(k, "orders", "K", []byte{}))
	k.same("an empty answer", claimed(k, "orders", "K", "h"), claim{"", true})
}

func keysConflict(k *kit) {
	claimed(k, "orders", "k", "h")
	k.must(answer(k, "orders", "k", []byte("a")))
	for _, hash := range []string{"H", "h ", "", "hh"} {
		k.is(k.store.Update(k.ctx, func(tx store.Tx) error {
			_, _, err := tx.Keys().Claim(k.ctx, "orders", "k", []byte(hash), at(1))
			return err
		}), store.ErrConflict, "another hash")
	}
	k.same("the key", claimed(k, "orders", "k", "h"), claim{"a", true})
}

func keysUndone(k *kit) {
	k.is(k.store.Update(k.ctx, func(tx store.Tx) error {
		if _, _, err := tx.Keys().Claim(k.ctx, "orders", "k", []byte("h"), at(1)); err != nil {
			return err
		}
		if err := tx.Keys().Answer(k.ctx, "orders", "k", []byte("a")); err != nil {
			return err
		}
		return errUndo
	}), errUndo, "a transaction that was undone")
	k.same("the key", claimed(k, "orders", "k", "other"), claim{"", false})
}
