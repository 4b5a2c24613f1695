package postbacks

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/postback"
)

// Kept is how many characters of a refusal's text stay in the log.
const Kept = 300

// refusal is what the log says of an answer that was no success, with the beginning of its text: who reads it wrote the receiver and looks for
// what it minds. What stands in the address by itself, a password perhaps, is taken out should the receiver repeat it.
func refusal(e *Endpoint, a Answer) string {
	said := fmt.Sprintf("it answered %d", a.Status)
	if a.Status >= 300 && a.Status < 400 {
		said += "; redirects count as failures"
	}
	text := strings.ToValidUTF8(a.Text, "\uFFFD")
	for _, s := range fixed(e.Address) {
		text = strings.ReplaceAll(text, s, "***")
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if r := []rune(text); len(r) > Kept {
		text = string(r[:Kept]) + "…"
	}
	if text != "" {
		said += ": " + text
	}
	return said
}

// fixed are the values in the query of an address that are no macros, as they stand there and as they are meant.
func fixed(address string) (all []string) {
	const short = 6 // shorter ones are words such as on and 1
	_, query, _ := strings.Cut(address, "?")
	for pair := range strings.SplitSeq(query, "&") {
		_, value, _ := strings.Cut(pair, "=")
		if len(value) < short || strings.Contains(value, "{") {
			continue
		}
		all = append(all, value)
		if meant, err := url.QueryUnescape(value); err == nil && meant != value && len(meant) >= short {
			all = append(all, meant)
		}
	}
	return all
}

// open returns an error that says why an endpoint gets nothing, or nil.
func open(e *Endpoint) error {
	if e.State != On {
		return &field.Error{Field: "state", Reason: "the endpoint is " + e.State + ": turn it on first"}
	}
	return nil
}

func note(ctx context.Context, tx store.Tx, at time.Time, e *Endpoint, action string, after audit.Values) error {
	return audit.Note(ctx, tx, at, audit.Act{Action: action, Object: "postback " + e.Publisher + "/" + e.ID, After: after})
}

// change changes an endpoint that is there.
func (v *Service) change(ctx context.Context, publisher, id string, do func(tx store.Tx, e *Endpoint, now time.Time) error) error {
	return v.store.Update(ctx, func(tx store.Tx) error {
		e, err := find(ctx, tx, publisher, id)
		if err != nil {
			return err
		}
		return do(tx, &e, v.at())
	})
}

// Switch turns an endpoint on, also one that is gone, or off. While it is off it gets nothing: what waits for it is given up, and can be
// sent again afterwards; what happens meanwhile is not kept for it.
func (v *Service) Switch(ctx context.Context, publisher, id string, on bool) error {
	return v.change(ctx, publisher, id, func(tx store.Tx, e *Endpoint, now time.Time) error {
		before := described(e)
		e.State, e.ChangedAt = Off, now
		if on {
			e.State = On
		}
		if err := tx.Platform().Postbacks().PutEndpoint(ctx, *e); err != nil {
			return err
		}
		return audit.Note(ctx, tx, now, audit.Act{Action: "postback.changed", Object: "postback " + publisher + "/" + id, Before: before, After: described(e)})
	})
}

// Remove takes an endpoint away, and its secrets. What waits for it is given up.
func (v *Service) Remove(ctx context.Context, publisher, id string) error {
	return v.change(ctx, publisher, id, func(tx store.Tx, e *Endpoint, now time.Time) error {
		before := described(e)
		e.State, e.Secrets, e.ChangedAt = Removed, nil, now
		if err := tx.Platform().Postbacks().PutEndpoint(ctx, *e); err != nil {
			return err
		}
		return audit.Note(ctx, tx, now, audit.Act{Action: "postback.removed", Object: "postback " + publisher + "/" + id, Before: before})
	})
}

// testEvery is how often an endpoint is tried at most: tests that are asked for within it are one message, sent again.
const testEvery = 10 * time.Second

// Test sends an endpoint a message of the event test, whatever events it chose, and returns the message's id. It is sent like all others: at once, and
// again where it is refused.
func (v *Service) Test(ctx context.Context, publisher, id string) (message string, err error) {
	err = v.change(ctx, publisher, id, func(tx store.Tx, e *Endpoint, now time.Time) error {
		if err := open(e); err != nil {
			return err
		}
		at := now.Truncate(testEvery)
		m := postback.Trial(eventID(fmt.Sprintf("test %q %q %d", publisher, id, at.Unix())), publisher, at)
		message = m.ID
		body, err := json.Marshal(&m)
		if err != nil {
			return fmt.Errorf("writing a test: %w", err)
		}
		d := Delivery{Publisher: publisher, Endpoint: id, Message: m.ID, JSON: body, State: Waiting, Next: now, CreatedAt: now, ChangedAt: now}
		if err := tx.Platform().Postbacks().PutDeliveries(ctx, []Delivery{d}); err != nil {
			return err
		}
		return note(ctx, tx, now, e, "postback.tested", audit.Values{"message": m.ID})
	})
	return message, err
}

// SendAgain sends one message of an endpoint's log again, under the same id, with all its attempts before it.
func (v *Service) SendAgain(ctx context.Context, publisher, id, message string) error {
	return v.change(ctx, publisher, id, func(tx store.Tx, e *Endpoint, now time.Time) error {
		if err := open(e); err != nil {
			return err
		}
		if message == "" {
			return fmt.Errorf("no message: %w", ErrNotFound)
		}
		role := tx.Platform().Postbacks()
		ds, _, err := role.DeliveryPage(ctx, store.DeliveryFilter{Publisher: publisher, Endpoint: id, Message: message}, "", 1)
		if err != nil {
			return err
		}
		if len(ds) == 0 {
			return fmt.Errorf("message %.70q: %w", message, ErrNotFound)
		}
		ds[0].State, ds[0].Attempts, ds[0].Next, ds[0].ChangedAt = Waiting, 0, now, now
		if err := role.PutDeliveries(ctx, ds); err != nil {
			return err
		}
		return note(ctx, tx, now, e, "postback.sent_again", audit.Values{"message": message})
	})
}
