package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/order"
)

func raceChecks() []Check {
	return []Check{
		{"of writers that enter the same order event, one finds it fresh (O1)", raceEvents},
		{"of writers that book the same cause, one succeeds and the others conflict (I8)", raceCause},
		{"of writers that claim the same key, one finds it new (I8)", raceKey},
		{"of writers that replace the same revision of a payout run, one succeeds (M5)", raceRun},
		{"of writers that open the same payout run, one succeeds (M5)", raceNewRun},
		{"of writers that publish different texts of one version, one succeeds (P1)", raceDocument},
		{"of writers that pin facts of one order, all get those of the first", racePin},
		{"writers that decide one item number its records without gaps", raceDecisions},
		{"writers that enter the same clicks in any order enter each once", raceClicks},
		{"balances are right whoever books at the same time (I1, I7)", raceBalances},
		{"a balance cannot be spent twice by two writers (I3)", raceLimit},
		{"whoever follows the journal by its cursor misses nothing", raceJournal},
		{"a lock keeps others out until its transaction ends", raceLock},
		{"reports count everything once, whoever adds up while others write (R4)", raceSums},
	}
}

// together runs do several times at once and returns the errors.
func (k *kit) together(n int, do func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	group.Wait()
	return errs
}

// oneWins checks that of several writers one succeeded and the others got a kind of error.
func (k *kit) oneWins(errs []error, kind error) {
	k.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, kind) {
			k.Errorf("a writer that came second: the error is %v, want %v", err, kind)
		}
	}
	if won != 1 {
		k.Errorf("%d of %d writers succeeded, want 1", won, len(errs))
	}
}

const (
	rounds  = 10
	writers = 4
)

func raceEvents(k *kit) {
	for n := range rounds {
		var fresh atomic.Int64
		for _, err := range k.together(writers, func(i int) error {
			// Everybody reports the order from another event on.
			all := eventsOf(key(n))
			all = append(all[i:len(all):len(all)], all[:i]...)
			mine := 0
			err := k.store.Update(k.ctx, func(tx store.Tx) error {
				mine = 0
				flags, err := tx.Orders().InsertEvents(k.ctx, all, at(int64(i)))
				for _, f := range flags {
					if f {
						mine++
					}
				}
				return err
			})
			fresh.Add(int64(mine))
			return err
		}) {
			k.must(err)
		}
		if want := int64(len(eventsOf(key(n)))); fresh.Load() != want {
			k.Fatalf("round %d: %d events were found fresh, want %d", n, fresh.Load(), want)
		}
		got := read(k, func(tx store.Tx) ([][]order.Event, error) { return tx.Orders().Events(k.ctx, []order.Key{key(n)}) })
		k.same("the events", got[0], eventsOf(key(n)))
	}
}

func raceCause(k *kit) {
	for n := range rounds {
		k.oneWins(k.together(writers, func(i int) error {
			return k.store.Update(k.ctx, func(tx store.Tx) error {
				return tx.Ledger().Post(k.ctx, []ledger.Transaction{transaction(fmt.Sprint("cause", n), ledger.Fund, ledger.Pending, int64(i)+1)})
			})
		}), store.ErrConflict)
	}
	k.soundBooks()
}

// soundBooks checks I1 and I7.
func (k *kit) soundBooks() {
	k.Helper()
	k.view(func(tx store.Tx) error {
		book, err := tx.Ledger().Book(k.ctx)
		if err != nil {
			return err
		}
		for c, sum := range book.TrialBalance() {
			if sum != 0 {
				k.Errorf("the balances in %s add up to %d", c, sum)
			}
		}
		rebuilt, err := tx.Ledger().Rebuild(k.ctx)
		k.same("the balances and the journal added up", linesOf(book), linesOf(rebuilt))
		return err
	})
}

func raceKey(k *kit) {
	for n := range rounds {
		name := fmt.Sprint("k", n)
		var claimed atomic.Int64
		for _, err := range k.together(writers, func(i int) error {
			return k.store.Update(k.ctx, func(tx store.Tx) error {
				answer, found, err := tx.Keys().Claim(k.ctx, "orders", name, []byte("hash"), at(int64(i)))
				switch {
				case err != nil:
					return err
				case found && string(answer) != "done":
					return fmt.Errorf("a key that was claimed before has the answer %q, want that of the first", answer)
				case found:
					return nil
				}
				claimed.Add(1)
				return tx.Keys().Answer(k.ctx, "orders", name, []byte("done"))
			})
		}) {
			k.must(err)
		}
		if claimed.Load() != 1 {
			k.Fatalf("round %d: %d writers found the key new", n, claimed.Load())
		}
	}
}

func raceRun(k *kit) {
	k.update(func(tx store.Tx) error { return tx.Payouts().PutRun(k.ctx, run("r1", at(1)), 0) })
	for n := range rounds {
		k.oneWins(k.together(writers, func(i int) error {
			return k.store.Update(k.ctx, func(tx store.Tx) error {
				return tx.Payouts().PutRun(k.ctx, run("r1", at(int64(i))), n+1)
			})
		}), store.ErrConflict)
	}
	k.view(func(tx store.Tx) error {
		_, revision, err := tx.Payouts().Run(k.ctx, "r1")
		k.same("the revision", revision, rounds+1)
		return err
	})
}

func raceNewRun(k *kit) {
	for n := range rounds {
		k.oneWins(k.together(writers, func(i int) error {
			return k.store.Update(k.ctx, func(tx store.Tx) error {
				return tx.Payouts().PutRun(k.ctx, run(fmt.Sprint("r", n), at(int64(i))), 0)
			})
		}), store.ErrConflict)
	}
}

func raceDocument(k *kit) {
	for n := range rounds {
		k.oneWins(k.together(writers, func(i int) error {
			return k.store.Update(k.ctx, func(tx store.Tx) error {
				d := document(tr, n)
				d.Text = fmt.Sprint("text ", i)
				return tx.Facts().PutDocument(k.ctx, d)
			})
		}), store.ErrConflict)
	}
}

func racePin(k *kit) {
	for n := range rounds {
		got := make([]string, writers)
		for _, err := range k.together(writers, func(i int) error {
			return k.store.Update(k.ctx, func(tx store.Tx) error {
				pins, err := tx.Orders().PinFacts(k.ctx, []store.FactPin{{Key: key(n), JSON: fmt.Appendf(nil, "%d", i)}})
				if err == nil {
					got[i] = string(pins[0])
				}
				return err
			})
		}) {
			k.must(err)
		}
		pinned := read(k, func(tx store.Tx) ([][]byte, error) {
			return tx.Orders().PinFacts(k.ctx, []store.FactPin{{Key: key(n)}})
		})
		for i, g := range got {
			if g != string(pinned[0]) {
				k.Errorf("writer %d was told the facts %q, and %q are pinned", i, g, pinned[0])
			}
		}
	}
}

func raceDecisions(k *kit) {
	for n := range rounds {
		for _, err := range k.together(writers, func(i int) error {
			return k.store.Update(k.ctx, func(tx store.Tx) error {
				r := record(key(n), "1")
				r.Amount = int64(i)
				return tx.Decisions().Put(k.ctx, []store.Record{r})
			})
		}) {
			k.must(err)
		}
		history := read(k, func(tx store.Tx) ([]store.Record, error) { return tx.Decisions().History(k.ctx, key(n)) })
		var numbers []int
		for _, r := range history {
			numbers = append(numbers, r.Sequence)
		}
		k.same("the numbers of the records", numbers, []int{1, 2, 3, 4})
		newest := read(k, func(tx store.Tx) ([]store.Record, error) { return tx.Decisions().Newest(k.ctx, key(n)) })
		k.same("the newest record", newest, history[len(history)-1:])
	}
}

func raceClicks(k *kit) {
	const each = 30
	for n := range rounds {
		var fresh atomic.Int64
		for _, err := range k.together(writers, func(i int) error {
			var cs []*click.Click
			for j := range each {
				// Some go up and some down.
				id := j
				if i%2 == 1 {
					id = each - 1 - j
				}
				cs = append(cs, sampleClick(fmt.Sprintf("c%d-%d", n, id), "v1"))
			}
			mine := 0
			// One by one, so that writers meet in the middle.
			err := k.store.Update(k.ctx, func(tx store.Tx) error {
				mine = 0
				for _, c := range cs {
					f, err := tx.Clicks().Insert(k.ctx, []*click.Click{c})
					if err != nil {
						return err
					}
					mine += len(f)
				}
				return nil
			})
			fresh.Add(int64(mine))
			return err
		}) {
			k.must(err)
		}
		if fresh.Load() != each {
			k.Fatalf("round %d: %d clicks were found fresh, want %d", n, fresh.Load(), each)
		}
		count := read(k, func(tx store.Tx) (map[string]int64, error) { return tx.Clicks().Count(k.ctx, tr, at(1)) })
		k.same("the count", count, map[string]int64{"pub1": int64(each * (n + 1))})
	}
}

func raceBalances(k *kit) {
	for _, err := range k.together(writers, func(i int) error {
		for n := range rounds {
			err := k.store.Update(k.ctx, func(tx store.Tx) error {
				pend := transaction(fmt.Sprintf("pend%d-%d", i, n), ledger.Fund, ledger.Pending, 100)
				hold := transaction(fmt.Sprintf("hold%d-%d", i, n), ledger.Pending, ledger.Hold, 40)
				return tx.Ledger().Post(k.ctx, []ledger.Transaction{pend, hold})
			})
			if err != nil {
				return err
			}
		}
		return nil
	}) {
		k.must(err)
	}
	k.soundBooks()
	got := read(k, func(tx store.Tx) ([]int64, error) {
		return tx.Ledger().Balances(k.ctx, "TRY", []ledger.Account{ledger.Of(ledger.Pending, tr, "pub1"), ledger.Of(ledger.Hold, tr, "pub1")})
	})
	k.same("the balances", got, []int64{60 * writers * rounds, 40 * writers * rounds})
}

func raceLimit(k *kit) {
	for n := range rounds {
		k.update(func(tx store.Tx) error {
			return tx.Ledger().Post(k.ctx, []ledger.Transaction{transaction(fmt.Sprint("pend", n), ledger.Fund, ledger.Pending, 100)})
		})
		won := 0
		for _, err := range k.together(writers, func(i int) error {
			return k.store.Update(k.ctx, func(tx store.Tx) error {
				return tx.Ledger().Post(k.ctx, []ledger.Transaction{transaction(fmt.Sprintf("spend%d-%d", n, i), ledger.Pending, ledger.Hold, 100)})
			})
		}) {
			var limit *ledger.LimitError
			if err == nil {
				won++
			} else if !errors.As(err, &limit) {
				k.Errorf("a writer that came second: the error is %v, want a *ledger.LimitError", err)
			}
		}
		if won != 1 {
			k.Errorf("round %d: %d writers spent what was there once", n, won)
		}
	}
	k.soundBooks()
}

func raceJournal(k *kit) {
	const each = 30
	done := make(chan struct{})
	var read []string
	var readErr error
	var reader sync.WaitGroup
	reader.Go(func() {
		after, last := "", false
		for {
			select {
			case <-done:
				last = true // one more look, then it must have seen everything
			default:
			}
			for more := true; more; {
				more = false
				readErr = k.store.View(k.ctx, func(tx store.Tx) error {
					ts, next, err := tx.Ledger().Page(k.ctx, store.JournalFilter{}, after, 5)
					for _, t := range ts {
						read = append(read, t.Cause)
					}
					if next != "" {
						after, more = next, true
					} else {
						// The last page ends the list for now: what was read of it is read again.
						read = read[:len(read)-len(ts)]
						if last {
							for _, t := range ts {
								read = append(read, t.Cause)
							}
						}
					}
					return err
				})
				if readErr != nil {
					return
				}
			}
			if last {
				return
			}
		}
	})
	for _, err := range k.together(writers, func(i int) error {
		for n := range each {
			err := k.store.Update(k.ctx, func(tx store.Tx) error {
				return tx.Ledger().Post(k.ctx, []ledger.Transaction{transaction(fmt.Sprintf("a%d-%d", i, n), ledger.Fund, ledger.Pending, 1),
					transaction(fmt.Sprintf("b%d-%d", i, n), ledger.Fund, ledger.Pending, 1)})
			})
			if err != nil {
				return err
			}
		}
		return nil
	}) {
		k.must(err)
	}
	close(done)
	reader.Wait()
	k.must(readErr)
	seen := make(map[string]bool)
	for _, cause := range read {
		if seen[cause] {
			k.Errorf("%s was read twice", cause)
		}
		seen[cause] = true
	}
	if len(seen) != 2*writers*each {
		k.Errorf("%d transactions were read, and %d were booked", len(seen), 2*writers*each)
	}
}

func raceLock(k *kit) {
	var inside atomic.Int64
	for _, err := range k.together(writers, func(int) error {
		for range rounds {
			err := k.store.Update(k.ctx, func(tx store.Tx) error {
				if err := tx.Orders().Lock(k.ctx, tr); err != nil {
					return err
				}
				if n := inside.Add(1); n != 1 {
					k.Errorf("%d transactions held the lock of a program", n)
				}
				defer inside.Add(-1)
				// What the one before committed is seen.
				return bump(k, tx)
			})
			if err != nil {
				return err
			}
		}
		return nil
	}) {
		k.must(err)
	}
	k.view(func(tx store.Tx) error {
		_, revision, err := tx.Payouts().Run(k.ctx, "counter")
		k.same("how often it was counted", revision, writers*rounds)
		return err
	})
}

// bump counts one up in a run: it reads first, so it must see what was committed last.
func bump(k *kit, tx store.Tx) error {
	_, revision, err := tx.Payouts().Run(k.ctx, "counter")
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return tx.Payouts().PutRun(k.ctx, run("counter", at(1)), revision)
}

func raceSums(k *kit) {
	const each = 40
	var writing atomic.Int64
	writing.Store(writers)
	rolled := atomic.Int64{}
	for _, err := range k.together(writers+2, func(i int) error {
		h := &chronicle{Rand: rand.New(rand.NewPCG(uint64(i), 7)), k: k}
		if i >= writers { // adds up
			for writing.Load() > 0 {
				if err := h.k.store.Update(k.ctx, func(tx store.Tx) error {
					days, err := tx.Platform().Reports().Stale(k.ctx, h.when())
					if err != nil || len(days) == 0 {
						return err
					}
					rolled.Add(1)
					return tx.Platform().Reports().Roll(k.ctx, days[h.IntN(len(days))], h.when())
				}); err != nil {
					return err
				}
			}
			return nil
		}
		defer writing.Add(-1)
		for n := range each {
			if err := k.store.Update(k.ctx, func(tx store.Tx) error {
				if n%2 == 0 {
					return h.decide(tx)
				}
				c := h.click(i*each + n)
				_, err := tx.Clicks().Insert(k.ctx, []*click.Click{c})
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	}) {
		k.must(err)
	}
	for _, clicks := range []bool{true, false} {
		for _, q := range []store.Figures{
			{}, {By: []store.Dim{store.DimDay}}, {By: []store.Dim{store.DimPublisher}}, {Publisher: "pub1", By: []store.Dim{store.DimProduct}}, {By: []store.Dim{store.DimProduct, store.DimTrackingID}},
			{Basis: store.ByTransaction, By: []store.Dim{store.DimAdSpace}},
		} {
			sums := figures(k, q, clicks)
			q.Recount = true
			if rows := figures(k, q, clicks); !slices.Equal(sums, rows) {
				k.Fatalf("%+v:\n the sums are %s\nrows add up to %s", q, show(sums), show(rows))
			}
		}
	}
	if rolled.Load() == 0 {
		k.Error("nothing was added up while others wrote")
	}
}
