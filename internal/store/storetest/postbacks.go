package storetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

func postbackChecks() []Check {
	return []Check{
		{"endpoints come back as they were put (L9)", endpointsRoundTrip},
		{"whoever follows the decisions of a program sees each with the one before it (L9)", itemChanges},
		{"of writers that have the cursor of a program, one is at work (L9)", cursorRace},
		{"deliveries are due at their time, the earliest first (L9)", deliveriesDue},
		{"Postbacks.DeliveryPage returns the newest first (L9)", deliveryPages},
	}
}

func sampleEndpoint(publisher, id string) store.Endpoint {
	return store.Endpoint{
		Publisher: publisher, ID: id, Kind: "webhook", Address: "https://hook.example/{order}", Events: []string{"action.created"}, Secrets: [][]byte{{0, 1, 255}, {2}},
		State: "on", CreatedAt: at(1), ChangedAt: at(2),
	}
}

func endpointsRoundTrip(k *kit) {
	one, two, other := sampleEndpoint("ann", "b"), sampleEndpoint("ann", "a"), sampleEndpoint("ben", "b")
	two.Events, two.Secrets, two.Kind = []string{}, [][]byte{}, "postback"
	for _, e := range []store.Endpoint{one, two, other} {
		k.update(func(tx store.Tx) error { return tx.Platform().Postbacks().PutEndpoint(k.ctx, e) })
	}
	one.State, one.Secrets, one.ChangedAt = "gone", [][]byte{{9}}, at(7)
	k.update(func(tx store.Tx) error { return tx.Platform().Postbacks().PutEndpoint(k.ctx, one) })
	k.reopen()
	endpoints := func(publisher string) []store.Endpoint {
		return read(k, func(tx store.Tx) ([]store.Endpoint, error) {
			return tx.Platform().Postbacks().Endpoints(k.ctx, publisher)
		})
	}
	k.same("a publisher's endpoints", endpoints("ann"), []store.Endpoint{two, one})
	k.same("all endpoints", endpoints(""), []store.Endpoint{two, one, other})
	k.same("those of nobody", len(endpoints("Ann")), 0)
}

func itemChanges(k *kit) {
	put := func(keyOf order.Key, publisher, state string, amount int64) {
		k.update(func(tx store.Tx) error {
			r := record(keyOf, "1")
			r.Publisher, r.State, r.Amount = publisher, state, amount
			return tx.Decisions().Put(k.ctx, []store.Record{r})
		})
	}
	put(key(1), "ann", "tracked", 100)
	put(key(2), "", "declined", 0)
	elsewhere := key(1)
	elsewhere.Program = ro
	put(elsewhere, "ann", "tracked", 5)
	put(key(1), "ann", "approved", 80)
	put(key(1), "ann", "approved", 80) // no news
	put(key(1), "ben", "approved", 70)
	var seen []string
	after := int64(0)
	for {
		page := read(k, func(tx store.Tx) ([]store.ItemChange, error) {
			return tx.Platform().Postbacks().Changes(k.ctx, tr, after, 2)
		})
		for _, c := range page {
			if c.Number <= after {
				k.Errorf("change %d comes after %d", c.Number, after)
			}
			after = c.Number
			seen = append(seen, fmt.Sprint(c.Record.Order, " ", c.Record.Sequence, " ", c.Record.Publisher, " ", c.Record.State, " ", c.Record.Amount, " was ", c.Before, " ", c.Publisher, " ", c.State, " ", c.Amount))
		}
		if len(page) == 0 {
			break
		}
	}
	k.same("what a follower sees", seen, []string{
		"o1 1 ann tracked 100 was false   0", "o2 1  declined 0 was false   0", "o1 2 ann approved 80 was true ann tracked 100", "o1 3 ben approved 70 was true ann approved 80",
	})
	cursor := func(p program.ID) (number int64) {
		k.update(func(tx store.Tx) (err error) {
			number, err = tx.Platform().Postbacks().Cursor(k.ctx, p)
			return err
		})
		return number
	}
	k.same("a cursor that was never set", cursor(tr), int64(0))
	k.update(func(tx store.Tx) error { return tx.Platform().Postbacks().SetCursor(k.ctx, tr, after) })
	k.update(func(tx store.Tx) error { return tx.Platform().Postbacks().SetCursor(k.ctx, ro, 1) })
	k.same("the cursors", []int64{cursor(tr), cursor(ro)}, []int64{after, 1})
}

// Several writers count up from the cursor: none counts what another one counted.
func cursorRace(k *kit) {
	const writers, each = 4, 8
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				err := k.store.Update(k.ctx, func(tx store.Tx) error {
					n, err := tx.Platform().Postbacks().Cursor(k.ctx, tr)
					if err != nil {
						return err
					}
					return tx.Platform().Postbacks().SetCursor(k.ctx, tr, n+1)
				})
				if err != nil {
					k.Errorf("counting: %v", err)
				}
			}
		})
	}
	wg.Wait()
	k.update(func(tx store.Tx) error {
		n, err := tx.Platform().Postbacks().Cursor(k.ctx, tr)
		k.same("the cursor", n, int64(writers*each))
		return err
	})
}

func sampleDelivery(endpoint, message string, next time.Time) store.Delivery {
	return store.Delivery{Publisher: "ann", Endpoint: endpoint, Message: message, JSON: []byte(`{"a": 1}`), State: "waiting", Attempts: 1, Next: next, Status: 500, Error: "no", CreatedAt: at(1), ChangedAt: at(2)}
}

func putDeliveries(k *kit, ds ...store.Delivery) {
	k.Helper()
	k.update(func(tx store.Tx) error { return tx.Platform().Postbacks().PutDeliveries(k.ctx, ds) })
}

func deliveriesDue(k *kit) {
	due := func(when time.Time, limit int) []store.Delivery {
		return read(k, func(tx store.Tx) ([]store.Delivery, error) {
			return tx.Platform().Postbacks().DueDeliveries(k.ctx, when, limit)
		})
	}
	one, two, three := sampleDelivery("a", "m1", at(30)), sampleDelivery("a", "m2", at(10)), sampleDelivery("b", "m1", at(20))
	putDeliveries(k, one, two, three)
	k.same("before any is due", len(due(at(9), 10)), 0)
	k.same("the two that are due", due(at(20), 10), []store.Delivery{two, three})
	k.same("the first of them", due(at(99), 1), []store.Delivery{two})
	two.State, two.Next, two.Attempts, two.Status, two.Error, two.ChangedAt = "delivered", time.Time{}, 2, 200, "", at(11)
	three.Next = at(90)
	putDeliveries(k, two, three)
	k.same("after one was delivered and one failed again", due(at(50), 10), []store.Delivery{one})
}

func deliveryPages(k *kit) {
	var want []store.Delivery
	for i := range 5 {
		d := sampleDelivery("a", fmt.Sprint("m", i), at(9))
		d.CreatedAt = at(int64(10 - i/2))
		want = append(want, d)
	}
	putDeliveries(k, want...)
	putDeliveries(k, sampleDelivery("b", "m1", at(9)))
	want[0], want[1], want[2], want[3] = want[1], want[0], want[3], want[2] // of one time, the greater id first
	var got []store.Delivery
	for after := ""; ; {
		var page []store.Delivery
		var next string
		k.view(func(tx store.Tx) (err error) {
			page, next, err = tx.Platform().Postbacks().DeliveryPage(k.ctx, store.DeliveryFilter{Publisher: "ann", Endpoint: "a"}, after, 2)
			return err
		})
		got = append(got, page...)
		if after = next; next == "" {
			break
		}
	}
	k.same("the deliveries", got, want)
	failed := want[3]
	failed.State = "failed"
	putDeliveries(k, failed)
	of := func(f store.DeliveryFilter) []store.Delivery {
		return read(k, func(tx store.Tx) ([]store.Delivery, error) {
			page, _, err := tx.Platform().Postbacks().DeliveryPage(k.ctx, f, "", 10)
			return page, err
		})
	}
	k.same("one message", of(store.DeliveryFilter{Publisher: "ann", Endpoint: "a", Message: want[1].Message}), want[1:2])
	k.same("those that failed", of(store.DeliveryFilter{Publisher: "ann", Endpoint: "a", State: "failed"}), []store.Delivery{failed})
	k.same("a message of another endpoint", len(of(store.DeliveryFilter{Publisher: "ann", Endpoint: "b", Message: "m2"})), 0)
	k.same("a message of another publisher", len(of(store.DeliveryFilter{Publisher: "ben", Endpoint: "a", Message: "m1"})), 0)
}

// postbackWrites are the methods that change something.
func postbackWrites() []write {
	return []write{
		{"Postbacks.PutEndpoint", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Postbacks().PutEndpoint(ctx, sampleEndpoint("ann", "a"))
		}},
		{"Postbacks.PutDeliveries", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Postbacks().PutDeliveries(ctx, []store.Delivery{sampleDelivery("a", "m1", at(3))})
		}},
		{"Postbacks.SetCursor", func(ctx context.Context, tx store.Tx) error { return tx.Platform().Postbacks().SetCursor(ctx, tr, 7) }},
	}
}

// lookAtPostbacks reads everything of the role.
func lookAtPostbacks(ctx context.Context, tx store.Tx, note func(string, any, error)) {
	endpoints, err := tx.Platform().Postbacks().Endpoints(ctx, "ann")
	note("Endpoints", endpoints, err)
	changes, err := tx.Platform().Postbacks().Changes(ctx, tr, 0, 10)
	note("Changes", changes, err)
	cursor, err := tx.Platform().Postbacks().Cursor(ctx, tr)
	note("Cursor", cursor, err)
	due, err := tx.Platform().Postbacks().DueDeliveries(ctx, at(99), 10)
	note("DueDeliveries", due, err)
	page, next, err := tx.Platform().Postbacks().DeliveryPage(ctx, store.DeliveryFilter{Publisher: "ann", Endpoint: "a"}, "", 1)
	note("DeliveryPage", []any{page, next}, err)
}
