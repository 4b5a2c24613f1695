package storetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
)

func transactionChecks() []Check {
	return []Check{
		{"Update keeps everything that was written, also after closing and opening", updateKeeps},
		{"Update undoes everything when its function fails", updateUndoes},
		{"Update undoes everything when its function panics, and passes the panic on", updatePanics},
		{"Update undoes everything when its context ends", updateContext},
		{"Update commits nothing after an error that was kept from it", updateHidden},
		{"a method that fails with a kind of error changes nothing, and the transaction goes on", kindsOfError},
		{"View does not write", viewDoesNotWrite},
		{"View sees one state, whatever is committed meanwhile", viewIsOneState},
		{"a transaction cannot be used after its end", endedTransaction},
		{"after Close everything fails", closed},
		{"Close waits for transactions that run", closeWaits},
		{"Ping answers", func(k *kit) { k.must(k.store.Ping(k.ctx)) }},
	}
}

// writeAll does all writes in one transaction.
func writeAll(ctx context.Context, tx store.Tx) error {
	for _, w := range writes() {
		if err := w.do(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func updateKeeps(k *kit) {
	empty := look(k)
	k.update(func(tx store.Tx) error { return writeAll(k.ctx, tx) })
	written := look(k)
	for _, name := range slices.Sorted(maps.Keys(written)) {
		if show(written[name]) == show(empty[name]) {
			k.Errorf("%s shows nothing of what was written: %s", name, show(written[name]))
		}
	}
	k.reopen()
	k.sameState("after closing and opening", look(k), written)
}

func (k *kit) sameState(when string, got, want everything) {
	k.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		k.same(when+", "+name, got[name], want[name])
	}
}

func updateUndoes(k *kit) {
	empty := look(k)
	err := k.store.Update(k.ctx, func(tx store.Tx) error {
		if err := writeAll(k.ctx, tx); err != nil {
			return err
		}
		return errUndo
	})
	k.is(err, errUndo, "a transaction whose function failed")
	k.sameState("after undoing", look(k), empty)
	k.reopen()
	k.sameState("after undoing, closing and opening", look(k), empty)
	// What was undone can be done.
	k.update(func(tx store.Tx) error { return writeAll(k.ctx, tx) })
}

func updatePanics(k *kit) {
	empty := look(k)
	func() {
		defer func() { k.same("the panic", recover(), "a bug") }()
		_ = k.store.Update(k.ctx, func(tx store.Tx) error {
			k.must(writeAll(k.ctx, tx))
			panic("a bug")
		})
	}()
	k.sameState("after a panic", look(k), empty)
	k.update(func(tx store.Tx) error { return writeAll(k.ctx, tx) })
}

func updateContext(k *kit) {
	empty := look(k)
	ctx, cancel := context.WithCancel(k.ctx)
	err := k.store.Update(ctx, func(tx store.Tx) error {
		if err := writeAll(ctx, tx); err != nil {
			return err
		}
		cancel()
		return nil
	})
	k.is(err, context.Canceled, "a transaction whose context ended before it was committed")
	err = k.store.Update(ctx, func(store.Tx) error {
		k.Errorf("a transaction ran though its context had ended before")
		return nil
	})
	k.is(err, context.Canceled, "a transaction whose context had ended")
	k.is(k.store.View(ctx, func(store.Tx) error { return nil }), context.Canceled, "a view whose context had ended")
	k.sameState("after the context ended", look(k), empty)
	k.update(func(tx store.Tx) error { return writeAll(k.ctx, tx) })
}

func updateHidden(k *kit) {
	empty := look(k)
	over, cancel := context.WithCancel(k.ctx)
	cancel()
	for _, w := range writes() {
		err := k.store.Update(k.ctx, func(tx store.Tx) error {
			if err := writeAll(k.ctx, tx); err != nil {
				return err
			}
			if _, err := tx.Clicks().Insert(over, []*click.Click{sampleClick("c2", "v1")}); err == nil {
				k.Errorf("a method worked though its context had ended")
			}
			return nil // the error is kept from the store
		})
		if err == nil {
			k.Errorf("%s: half a transaction was committed", w.name)
		}
	}
	k.sameState("after a hidden error", look(k), empty)
}

func kindsOfError(k *kit) {
	k.update(func(tx store.Tx) error { return writeAll(k.ctx, tx) })
	before := look(k)
	conflicting := sampleClick("c1", "v1")
	conflicting.Session = "another"
	bad := "not UTF-8: \xff"
	fails := []struct {
		name string
		kind error
		do   func(tx store.Tx) error
	}{
		{"PutDocument", store.ErrConflict, func(tx store.Tx) error {
			d := document(tr, 1)
			d.Text += "# changed"
			return tx.Facts().PutDocument(k.ctx, d)
		}},
		{"PutQuotes", store.ErrConflict, func(tx store.Tx) error {
			return tx.Facts().PutQuotes(k.ctx, []store.Quote{quote("2026-03-02", "1.00"), quote("2026-03-01", "1.00")})
		}},
		{"Insert", store.ErrConflict, func(tx store.Tx) error {
			_, err := tx.Clicks().Insert(k.ctx, []*click.Click{sampleClick("c2", "v1"), conflicting})
			return err
		}},
		{"Insert, text", store.ErrInvalid, func(tx store.Tx) error {
			_, err := tx.Clicks().Insert(k.ctx, []*click.Click{sampleClick("c2", "v1"), sampleClick("c3", bad)})
			return err
		}},
		{"Newest", store.ErrNotFound, func(tx store.Tx) error {
			_, err := tx.Decisions().Newest(k.ctx, key(404))
			return err
		}},
		{"Put, text", store.ErrInvalid, func(tx store.Tx) error {
			r := record(key(2), "2")
			r.Rule = bad
			return tx.Decisions().Put(k.ctx, []store.Record{record(key(2), "1"), r})
		}},
		{"Post, a known cause", store.ErrConflict, func(tx store.Tx) error {
			return tx.Ledger().Post(k.ctx, []ledger.Transaction{transaction("e3", ledger.Fund, ledger.Pending, 1), transaction("e1", ledger.Fund, ledger.Pending, 1)})
		}},
		{"Post, text", store.ErrInvalid, func(tx store.Tx) error {
			t := transaction("e4", ledger.Fund, ledger.Pending, 1)
			t.Item = bad
			return tx.Ledger().Post(k.ctx, []ledger.Transaction{transaction("e3", ledger.Fund, ledger.Pending, 1), t})
		}},
		{"ByCause", store.ErrNotFound, func(tx store.Tx) error {
			_, err := tx.Ledger().ByCause(k.ctx, "e404")
			return err
		}},
		{"PutRun", store.ErrConflict, func(tx store.Tx) error { return tx.Payouts().PutRun(k.ctx, run("r1", at(2)), 7) }},
		{"PutFile", store.ErrConflict, func(tx store.Tx) error { return tx.Payouts().PutFile(k.ctx, "r1", "a.xml", []byte("<b/>")) }},
		{"PutFile, no run", store.ErrNotFound, func(tx store.Tx) error { return tx.Payouts().PutFile(k.ctx, "r404", "a.xml", []byte("<b/>")) }},
		{"Run", store.ErrNotFound, func(tx store.Tx) error {
			_, _, err := tx.Payouts().Run(k.ctx, "r404")
			return err
		}},
		{"File", store.ErrNotFound, func(tx store.Tx) error {
			_, err := tx.Payouts().File(k.ctx, "r1", "b.xml")
			return err
		}},
		{"Claim", store.ErrConflict, func(tx store.Tx) error {
			_, _, err := tx.Keys().Claim(k.ctx, "orders", "k1", []byte("another"), at(2))
			return err
		}},
		{"Answer", store.ErrNotFound, func(tx store.Tx) error { return tx.Keys().Answer(k.ctx, "orders", "k404", []byte("b")) }},
	}
	k.update(func(tx store.Tx) error {
		for _, f := range fails {
			k.is(f.do(tx), f.kind, f.name)
		}
		limit := tx.Ledger().Post(k.ctx, []ledger.Transaction{transaction("e3", ledger.Fund, ledger.Pending, 1), transaction("e4", ledger.Pending, ledger.Fund, 1000)})
		var l *ledger.LimitError
		if !errors.As(limit, &l) {
			k.Errorf("Post past a limit: the error is %v, want a *ledger.LimitError", limit)
		}
		return nil
	})
	k.sameState("after errors", look(k), before)
	// The transaction that went on is committed.
	k.update(func(tx store.Tx) error {
		k.is(fails[0].do(tx), fails[0].kind, fails[0].name)
		_, err := tx.Clicks().Insert(k.ctx, []*click.Click{sampleClick("c2", "v1")})
		return err
	})
	if n := len(read(k, func(tx store.Tx) ([][]*click.Click, error) {
		return tx.Clicks().ForOrders(k.ctx, []store.TouchWish{{Program: tr, Click: "c2"}})
	})[0]); n != 1 {
		k.Errorf("what a transaction wrote after an error was not kept")
	}
}

func viewDoesNotWrite(k *kit) {
	empty := look(k)
	for _, w := range writes() {
		if w.name == "Keys.Answer" || w.name == "Payouts.PutFile" || w.name == "Traces.Rewrite" {
			continue // they find nothing to write to
		}
		if err := k.store.View(k.ctx, func(tx store.Tx) error { return w.do(k.ctx, tx) }); err == nil {
			k.Errorf("%s wrote in a view", w.name)
		}
	}
	k.sameState("after views that wrote", look(k), empty)
}

func viewIsOneState(k *kit) {
	k.update(func(tx store.Tx) error { return writes()[4].do(k.ctx, tx) })
	wish := []store.TouchWish{{Program: tr, Visitor: "v1"}}
	k.view(func(tx store.Tx) error {
		before, err := tx.Clicks().ForOrders(k.ctx, wish)
		if err != nil {
			return err
		}
		for _, err := range k.together(1, func(int) error {
			return k.store.Update(k.ctx, func(tx store.Tx) error {
				if _, err := tx.Clicks().Insert(k.ctx, []*click.Click{sampleClick("c2", "v1")}); err != nil {
					return err
				}
				return tx.Ledger().Post(k.ctx, []ledger.Transaction{transaction("e1", ledger.Fund, ledger.Pending, 100)})
			})
		}) {
			k.must(err)
		}
		after, err := tx.Clicks().ForOrders(k.ctx, wish)
		k.same("the clicks of a view", after, before)
		book, err2 := tx.Ledger().Book(k.ctx)
		k.same("the balances of a view that began before", linesOf(book), []line(nil))
		return errors.Join(err, err2)
	})
	if n := len(read(k, func(tx store.Tx) ([][]*click.Click, error) { return tx.Clicks().ForOrders(k.ctx, wish) })[0]); n != 2 {
		k.Errorf("a view that begins after an update sees %d of its 2 clicks", n)
	}
}

func endedTransaction(k *kit) {
	var kept store.Tx
	k.update(func(tx store.Tx) error {
		kept = tx
		return nil
	})
	for _, w := range writes() {
		if w.name == "Payouts.PutFile" || w.name == "Keys.Answer" {
			continue
		}
		if err := w.do(k.ctx, kept); err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
			k.Errorf("%s in a transaction that has ended: %v", w.name, err)
		}
	}
	k.view(func(tx store.Tx) error {
		kept = tx
		return nil
	})
	if _, err := kept.Ledger().Book(k.ctx); err == nil {
		k.Errorf("a view that has ended could be read")
	}
	if err := kept.Orders().Lock(k.ctx, tr); err == nil {
		k.Errorf("a transaction that has ended took a lock")
	}
}

func closed(k *kit) {
	k.must(k.store.Close())
	nothing := func(store.Tx) error {
		k.Errorf("a transaction ran in a closed store")
		return nil
	}
	if k.store.Update(k.ctx, nothing) == nil || k.store.View(k.ctx, nothing) == nil || k.store.Ping(k.ctx) == nil {
		k.Errorf("a closed store works")
	}
	k.must(k.store.Close()) // again
}

func closeWaits(k *kit) {
	running, end := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	var err error
	group.Go(func() {
		err = k.store.Update(k.ctx, func(tx store.Tx) error {
			close(running)
			<-end
			return writeAll(k.ctx, tx)
		})
	})
	<-running
	closing := make(chan error)
	go func() { closing <- k.store.Close() }()
	select {
	case <-closing:
		k.Errorf("Close did not wait for a transaction")
		close(end)
	case <-time.After(50 * time.Millisecond):
		close(end)
		k.must(<-closing)
	}
	group.Wait()
	k.must(err)
	k.store = nil
	k.store = k.opened()
	if show(look(k)["Book"]) == show([]line(nil)) {
		k.Errorf("what was written while the store was closed is lost")
	}
}
