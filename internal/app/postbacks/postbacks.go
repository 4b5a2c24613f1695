// Package postbacks tells publishers' own systems what happens to their orders: postbacks with macros and signed webhooks, retried for
// days, with a log, and sent again on demand (L9).
package postbacks

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/postback"
	"github.com/clickledger/clickledger/program"
)

// ErrNotFound says that there is no such endpoint.
var ErrNotFound = store.ErrNotFound

// The kinds of endpoint, its states, and those of deliveries.
const (
	Postback = "postback" // a GET of an address with macros
	Webhook  = "webhook"  // a signed POST

	On   = "on"
	Off  = "off"
	Gone = "gone" // it answered 410: it wants no more
	// Removed endpoints are in no list and get nothing. Their name can be used again; their log comes with it.
	Removed = "removed"

	Waiting   = "waiting"
	Delivered = "delivered"
	Failed    = "failed" // all attempts failed
)

// Endpoint is where a publisher's messages go.
type Endpoint = store.Endpoint

// Delivery is a message on its way.
type Delivery = store.Delivery

// Call is a request to an endpoint.
type Call struct {
	Method, URL string
	Header      map[string]string
	Body        []byte
}

// Answer is what an endpoint answered.
type Answer struct {
	Status int
	Text   string // the beginning of its body
}

// Caller makes a call and returns the answer. It follows no redirect and reaches no private network. Its errors name the host at most:
// they are shown in the log.
type Caller func(ctx context.Context, c Call) (Answer, error)

// Service keeps endpoints, makes messages and sends them.
type Service struct {
	store store.Store
	box   *seal.Box
	call  Caller
	log   *slog.Logger
	now   func() time.Time
	facts facts.Cache

	mu   sync.Mutex
	seen map[program.ID]int64 // how far changes were collected, as far as this process knows
}

// New returns a service.
func New(s store.Store, box *seal.Box, call Caller, log *slog.Logger, now func() time.Time) *Service {
	return &Service{store: s, box: box, call: call, log: log, now: now, seen: make(map[program.ID]int64)}
}

var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// Put enters an endpoint or changes it. A new webhook's secret is returned, once; it is "" otherwise.
func (v *Service) Put(ctx context.Context, e Endpoint) (Endpoint, string, error) {
	return v.put(ctx, e, false)
}

// Enter is Put for an endpoint that must be new.
func (v *Service) Enter(ctx context.Context, e Endpoint) (Endpoint, string, error) {
	return v.put(ctx, e, true)
}

func (v *Service) put(ctx context.Context, e Endpoint, fresh bool) (Endpoint, string, error) {
	if err := check(&e); err != nil {
		return e, "", err
	}
	secret := ""
	err := v.store.Update(ctx, func(tx store.Tx) error {
		secret = ""
		known, err := find(ctx, tx, e.Publisher, e.ID)
		now := v.at()
		switch {
		case errors.Is(err, ErrNotFound):
			e.CreatedAt, e.Secrets = now, nil
		case err != nil:
			return err
		case fresh:
			return &field.Error{Field: "id", Reason: "there is an endpoint of this name already: use another one"}
		default:
			e.CreatedAt, e.Secrets = known.CreatedAt, known.Secrets
		}
		e.ChangedAt = now
		if e.Kind == Webhook && len(e.Secrets) == 0 {
			if secret, err = v.addSecret(&e); err != nil {
				return err
			}
		}
		if err := tx.Platform().Postbacks().PutEndpoint(ctx, e); err != nil {
			return err
		}
		act := audit.Act{Action: "postback.changed", Object: "postback " + e.Publisher + "/" + e.ID, After: described(&e)}
		if known.ID == "" {
			act.Action = "postback.entered"
		} else {
			act.Before = described(&known)
		}
		return audit.Note(ctx, tx, now, act)
	})
	return e, secret, err
}

// described is what of an endpoint people look for in the audit log. Addresses may carry a secret in their query, so that is left out.
func described(e *Endpoint) audit.Values {
	address, _, _ := strings.Cut(e.Address, "?")
	return audit.Values{"kind": e.Kind, "address": address, "events": strings.Join(e.Events, " "), "state": e.State}
}

func check(e *Endpoint) error {
	if e.Publisher == "" {
		return &field.Error{Field: "publisher", Reason: "it is missing"}
	}
	if !idPattern.MatchString(e.ID) {
		return field.Wrong("id", "%.70q is none: use up to 64 small letters, digits and hyphens, such as tracker", e.ID)
	}
	switch e.Kind {
	case Postback:
		if _, err := postback.ParseTemplate(e.Address); err != nil {
			return &field.Error{Field: "address", Reason: err.Error()}
		}
	case Webhook:
		u, err := url.Parse(e.Address)
		if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(e.Address) > 2000 {
			return &field.Error{Field: "address", Reason: "it must be an https address with a host and without a user"}
		}
	default:
		return field.Wrong("kind", "%.20q is none: write postback or webhook", e.Kind)
	}
	for _, name := range e.Events {
		if !slices.Contains(postback.Events(), postback.Event(name)) {
			return field.Wrong("events", "%.40q is none: one of %v", name, postback.Events())
		}
	}
	if e.State == "" {
		e.State = On
	}
	if e.State != On && e.State != Off {
		return field.Wrong("state", "%.20q is none: write on or off", e.State)
	}
	return nil
}

func (v *Service) at() time.Time { return v.now().UTC().Truncate(time.Microsecond) }

func place(e *Endpoint) string { return "endpoint/" + e.Publisher + "/" + e.ID }

// addSecret gives a webhook a new secret, which signs from now on beside the one before it.
func (v *Service) addSecret(e *Endpoint) (string, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	s, err := postback.NewSecret(key)
	if err != nil {
		return "", err
	}
	e.Secrets = append([][]byte{v.box.Seal(key, place(e))}, e.Secrets...)
	e.Secrets = e.Secrets[:min(len(e.Secrets), 2)]
	return s.Text(), nil
}

// Rotate gives a webhook a new secret and returns it, once. Messages are signed with both until the next rotation.
func (v *Service) Rotate(ctx context.Context, publisher, id string) (secret string, err error) {
	err = v.store.Update(ctx, func(tx store.Tx) error {
		e, err := find(ctx, tx, publisher, id)
		if err != nil {
			return err
		}
		if e.Kind != Webhook {
			return &field.Error{Field: "kind", Reason: "a postback has no secret"}
		}
		if secret, err = v.addSecret(&e); err != nil {
			return err
		}
		e.ChangedAt = v.at()
		if err := tx.Platform().Postbacks().PutEndpoint(ctx, e); err != nil {
			return err
		}
		return audit.Note(ctx, tx, e.ChangedAt, audit.Act{Action: "postback.secret_rotated", Object: "postback " + publisher + "/" + id})
	})
	return secret, err
}

func find(ctx context.Context, tx store.Tx, publisher, id string) (Endpoint, error) {
	all, err := tx.Platform().Postbacks().Endpoints(ctx, publisher)
	if err != nil {
		return Endpoint{}, err
	}
	for _, e := range all {
		if e.ID == id && e.Publisher == publisher && e.State != Removed {
			return e, nil
		}
	}
	return Endpoint{}, fmt.Errorf("endpoint %.70q: %w", id, ErrNotFound)
}

// List returns a publisher's endpoints.
func (v *Service) List(ctx context.Context, publisher string) (all []Endpoint, err error) {
	if publisher == "" {
		return nil, &field.Error{Field: "publisher", Reason: "it is missing"}
	}
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		all, err = tx.Platform().Postbacks().Endpoints(ctx, publisher)
		return err
	})
	return slices.DeleteFunc(all, func(e Endpoint) bool { return e.State == Removed }), err
}

// One returns an endpoint, with the newest of its deliveries where there is any.
func (v *Service) One(ctx context.Context, publisher, id string) (e Endpoint, last *Delivery, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		if e, err = find(ctx, tx, publisher, id); err != nil {
			return err
		}
		ds, _, err := tx.Platform().Postbacks().DeliveryPage(ctx, store.DeliveryFilter{Publisher: publisher, Endpoint: id}, "", 1)
		if len(ds) > 0 {
			last = &ds[0]
		}
		return err
	})
	return e, last, err
}

// Deliveries returns a page of an endpoint's log, the newest first.
func (v *Service) Deliveries(ctx context.Context, publisher, id, after string, limit int) (ds []Delivery, next string, err error) {
	return v.DeliveriesIn(ctx, publisher, id, "", after, limit)
}

// DeliveriesIn returns a page of those deliveries of an endpoint that are in a state, the newest first; "" is every state.
func (v *Service) DeliveriesIn(ctx context.Context, publisher, id, state, after string, limit int) (ds []Delivery, next string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		if _, err := find(ctx, tx, publisher, id); err != nil {
			return err
		}
		ds, next, err = tx.Platform().Postbacks().DeliveryPage(ctx, store.DeliveryFilter{Publisher: publisher, Endpoint: id, State: state}, after, limit)
		return err
	})
	return ds, next, err
}

// From says where a replay begins: at a time, or behind the last message that the other side still has.
type From struct {
	Since time.Time
	After string // the id of a message; empty: the time counts
}

// Replay sends everything again that an endpoint was to get from somewhere on, under the same ids, and returns how much it is (L9).
func (v *Service) Replay(ctx context.Context, publisher, id string, from From) (n int, err error) {
	if (from.After == "") == from.Since.IsZero() {
		return 0, &field.Error{Field: "since", Reason: "name a time, or in after the last message that you have, and not both"}
	}
	err = v.store.Update(ctx, func(tx store.Tx) error {
		n = 0
		e, err := find(ctx, tx, publisher, id)
		if err != nil {
			return err
		}
		if err := open(&e); err != nil {
			return err
		}
		wanted := func(d *Delivery) bool { return !d.CreatedAt.Before(from.Since) }
		about := audit.Values{"since": from.Since.UTC().Format(time.RFC3339)}
		if from.After != "" {
			last, _, err := tx.Platform().Postbacks().DeliveryPage(ctx, store.DeliveryFilter{Publisher: publisher, Endpoint: id, Message: from.After}, "", 1)
			if err != nil {
				return err
			}
			if len(last) == 0 {
				return &field.Error{Field: "after", Reason: "no message of this endpoint has this id; deliveries lists them"}
			}
			wanted = func(d *Delivery) bool {
				return cmp.Or(d.CreatedAt.Compare(last[0].CreatedAt), cmp.Compare(d.Message, last[0].Message)) > 0
			}
			about = audit.Values{"after": from.After}
		}
		now := v.at()
		for after := ""; ; {
			page, next, err := tx.Platform().Postbacks().DeliveryPage(ctx, store.DeliveryFilter{Publisher: publisher, Endpoint: id}, after, 1000)
			if err != nil {
				return err
			}
			again := page[:0]
			for _, d := range page {
				if wanted(&d) {
					d.State, d.Attempts, d.Next, d.ChangedAt = Waiting, 0, now, now
					again = append(again, d)
				}
			}
			n += len(again)
			if err := tx.Platform().Postbacks().PutDeliveries(ctx, again); err != nil {
				return err
			}
			if after = next; next == "" || len(again) < len(page) {
				about["messages"] = strconv.Itoa(n)
				return note(ctx, tx, now, &e, "postback.replayed", about)
			}
		}
	})
	return n, err
}

// batch is how many changes are turned into messages, and how many messages are sent, at a time.
const batch = 500

// Collect turns what was decided since the last time into messages for the endpoints that want them, each once, and returns how many.
func (v *Service) Collect(ctx context.Context) (made int, err error) {
	var programs []program.ID
	err = v.store.View(ctx, func(tx store.Tx) error {
		f, err := v.facts.Current(ctx, tx)
		if err == nil {
			programs = f.Programs()
		}
		return err
	})
	for _, p := range programs {
		for more := true; more && err == nil; {
			var n int
			n, more, err = v.collect(ctx, p)
			made += n
		}
	}
	return made, err
}

// news reports whether there are changes of a program that this process has not seen. Looking costs no write.
func (v *Service) news(ctx context.Context, p program.ID) (bool, error) {
	v.mu.Lock()
	after := v.seen[p]
	v.mu.Unlock()
	var changes []store.ItemChange
	err := v.store.View(ctx, func(tx store.Tx) (err error) {
		changes, err = tx.Platform().Postbacks().Changes(ctx, p, after, 1)
		return err
	})
	return len(changes) > 0, err
}

func (v *Service) collect(ctx context.Context, p program.ID) (made int, more bool, err error) {
	if fresh, err := v.news(ctx, p); err != nil || !fresh {
		return 0, false, err
	}
	seen := int64(0)
	err = v.store.Update(ctx, func(tx store.Tx) error {
		role := tx.Platform().Postbacks()
		after, err := role.Cursor(ctx, p)
		if err != nil {
			return err
		}
		seen = after
		changes, err := role.Changes(ctx, p, after, batch)
		if err != nil || len(changes) == 0 {
			more = false
			return err
		}
		seen = changes[len(changes)-1].Number
		more = len(changes) == batch
		endpoints, err := role.Endpoints(ctx, "")
		if err != nil {
			return err
		}
		var ds []Delivery
		for i := range changes {
			m, err := v.messages(&changes[i])
			if err != nil {
				return err
			}
			ds = append(ds, route(m, endpoints, v.at())...)
		}
		made = len(ds)
		if err := role.PutDeliveries(ctx, ds); err != nil {
			return err
		}
		return role.SetCursor(ctx, p, seen)
	})
	if err == nil {
		v.mu.Lock()
		v.seen[p] = seen
		v.mu.Unlock()
	}
	return made, more, err
}

// told is where it is noted which payouts of a run were told of, beside the positions of logs.
func told(run string) string { return "messages of payout run " + run }

// CollectPayouts makes a message of each payout that the bank confirmed, refused or sent back, once.
func (v *Service) CollectPayouts(ctx context.Context) (made int, err error) {
	err = v.store.Update(ctx, func(tx store.Tx) error {
		made = 0
		runs, err := tx.Payouts().Runs(ctx)
		if err != nil {
			return fmt.Errorf("reading payout runs: %w", err)
		}
		var endpoints []Endpoint
		for i := range runs {
			r := &runs[i]
			known, err := tx.Platform().Visits().Position(ctx, told(r.ID))
			if err != nil {
				return err
			}
			all := payoutMessages(r, v.at())
			fresh := slices.DeleteFunc(slices.Clone(all), func(m postback.Message) bool { return strings.Contains(known, m.ID) })
			if len(fresh) == 0 {
				continue
			}
			if endpoints == nil {
				if endpoints, err = tx.Platform().Postbacks().Endpoints(ctx, ""); err != nil {
					return err
				}
			}
			ds := route(fresh, endpoints, v.at())
			made += len(ds)
			if err := tx.Platform().Postbacks().PutDeliveries(ctx, ds); err != nil {
				return err
			}
			ids := make([]string, len(all))
			for j := range all {
				ids[j] = all[j].ID
			}
			if err := tx.Platform().Visits().SetPosition(ctx, told(r.ID), strings.Join(ids, " ")); err != nil {
				return err
			}
		}
		return nil
	})
	return made, err
}

// payoutMessages are all messages about the payouts of a run.
func payoutMessages(r *payout.Run, now time.Time) []postback.Message {
	var ms []postback.Message
	for i := range r.Payouts {
		p := &r.Payouts[i]
		for j, a := range p.Answers {
			m := postback.Message{
				Event: postback.PayoutBack, Program: string(r.Program), Publisher: p.Publisher, Payout: p.ID, State: string(a.Status), Currency: string(r.Currency),
				Amount: money.New(p.Net, r.Currency).Decimal(), At: a.At,
			}
			switch a.Status {
			case payout.Paid:
				m.Event = postback.PayoutPaid
			case payout.Rejected, payout.Returned:
			default:
				continue // the bank does not know yet
			}
			if m.At.IsZero() { // the bank did not say
				m.At = now
			}
			m.ID = eventID(fmt.Sprintf("%q %q %d %q", r.ID, p.ID, j, a.Status))
			ms = append(ms, m)
		}
	}
	return ms
}

// messages are what a change makes due.
func (v *Service) messages(c *store.ItemChange) ([]postback.Message, error) {
	r := &c.Record
	var before *postback.Item
	if c.Before {
		before = &postback.Item{Publisher: c.Publisher, State: c.State, Amount: c.Amount}
	}
	due := postback.Between(before, postback.Item{Publisher: r.Publisher, State: r.State, Amount: r.Amount})
	if len(due) == 0 {
		return nil, nil
	}
	var from struct {
		TrackingID string `json:"tracking_id"`
		Click      string `json:"click"`
		Sub        struct{ AF, CN, CV, DP string }
	}
	if err := json.Unmarshal(r.JSON, &from); err != nil {
		return nil, fmt.Errorf("reading the decision record of order %q: %w", r.Order, err)
	}
	ms := make([]postback.Message, len(due))
	for i, d := range due {
		m := postback.Message{
			Event: d.Event, At: r.DecidedAt, Program: string(r.Program), Publisher: d.Publisher, Order: r.Order, Item: r.Item, Version: r.Sequence,
			ID: messageID(r, d),
		}
		if c.Before && c.Publisher == d.Publisher {
			m.Before = money.New(c.Amount, c.Currency).Decimal()
		}
		m.Currency = string(r.Currency)
		if d.Publisher == r.Publisher {
			m.State, m.Amount, m.AdSpace = r.State, money.New(r.Amount, r.Currency).Decimal(), r.AdSpace
			m.TrackingID, m.Click, m.AF, m.CN, m.CV, m.DP = from.TrackingID, from.Click, from.Sub.AF, from.Sub.CN, from.Sub.CV, from.Sub.DP
		} else {
			m.State, m.Amount = "declined", money.New(0, r.Currency).Decimal() // who earns it now is nobody else's business
		}
		ms[i] = m
	}
	return ms, nil
}

// messageID is the same however often a message is made.
func messageID(r *store.Record, d postback.Due) string {
	return eventID(fmt.Sprintf("%q %q %q %d %q %q", r.Program, r.Order, r.Item, r.Sequence, d.Publisher, d.Event))
}

func eventID(of string) string {
	sum := sha256.Sum256([]byte(of))
	return "evt_" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// route makes a delivery of each message to each endpoint that wants it.
func route(ms []postback.Message, endpoints []Endpoint, now time.Time) []Delivery {
	var ds []Delivery
	for i := range ms {
		for j := range endpoints {
			e := &endpoints[j]
			if e.Publisher != ms[i].Publisher || e.State != On || (len(e.Events) > 0 && !slices.Contains(e.Events, string(ms[i].Event))) {
				continue
			}
			body, err := json.Marshal(&ms[i])
			if err != nil {
				panic(err) // texts and numbers always have JSON
			}
			ds = append(ds, Delivery{Publisher: e.Publisher, Endpoint: e.ID, Message: ms[i].ID, JSON: body, State: Waiting, Next: now, CreatedAt: now, ChangedAt: now})
		}
	}
	return ds
}

// senders is how many calls are made at the same time.
const senders = 16

// claimed is how long a delivery that somebody is at work on is nobody else's. It is longer than a call may take.
const claimed = time.Minute

// Send makes the calls that are due, and returns how many. A call that fails is made again later (postback.Wait); one that was made
// and not noted, because the process ended, is made again: an endpoint knows it by its id.
func (v *Service) Send(ctx context.Context) (int, error) {
	var due []Delivery
	err := v.store.View(ctx, func(tx store.Tx) (err error) { // looking costs no write
		due, err = tx.Platform().Postbacks().DueDeliveries(ctx, v.now(), 1)
		return err
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	byKey := make(map[[2]string]Endpoint)
	err = v.store.Update(ctx, func(tx store.Tx) error {
		role := tx.Platform().Postbacks()
		// Several workers may look for what is due: one at a time, and each takes what the others have not.
		if _, err := role.Cursor(ctx, "sending"); err != nil {
			return err
		}
		all, err := role.Endpoints(ctx, "")
		if err != nil {
			return err
		}
		clear(byKey)
		for _, e := range all {
			byKey[[2]string{e.Publisher, e.ID}] = e
		}
		if due, err = role.DueDeliveries(ctx, v.now(), batch); err != nil {
			return err
		}
		taken := slices.Clone(due)
		for i := range taken {
			taken[i].Next = v.at().Add(claimed)
		}
		return role.PutDeliveries(ctx, taken)
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, senders)
	gone := make([]bool, len(due))
	for i := range due {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			e := byKey[[2]string{due[i].Publisher, due[i].Endpoint}]
			gone[i] = v.send(ctx, &e, &due[i])
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return 0, ctx.Err() // what was sent is sent again
	}
	err = v.store.Update(ctx, func(tx store.Tx) error {
		for i := range due {
			if !gone[i] {
				continue
			}
			e, err := find(ctx, tx, due[i].Publisher, due[i].Endpoint)
			if errors.Is(err, ErrNotFound) {
				continue // it was removed in the meantime
			}
			if err != nil {
				return err
			}
			e.State, e.ChangedAt = Gone, v.at()
			if err := tx.Platform().Postbacks().PutEndpoint(ctx, e); err != nil {
				return err
			}
		}
		return tx.Platform().Postbacks().PutDeliveries(ctx, due)
	})
	return len(due), err
}

// statusGone is the answer of an endpoint that wants no more.
const statusGone = 410

// send makes one attempt and notes what came of it. It reports whether the endpoint wants no more.
func (v *Service) send(ctx context.Context, e *Endpoint, d *Delivery) (gone bool) {
	d.ChangedAt = v.at()
	if e.State != On {
		d.State, d.Next, d.Error = Failed, time.Time{}, "the endpoint is "+e.State
		return false
	}
	d.Attempts++
	c, err := v.request(e, d)
	var a Answer
	if err == nil {
		a, err = v.call(ctx, c)
		d.Status = a.Status
	}
	switch {
	case err == nil && d.Status >= 200 && d.Status < 300:
		d.State, d.Next, d.Error = Delivered, time.Time{}, ""
		return false
	case err != nil:
		d.Status, d.Error = 0, err.Error()
	default:
		d.Error = refusal(e, a)
	}
	wait, again := postback.Wait(d.Attempts)
	if d.Status == statusGone || !again {
		d.State, d.Next = Failed, time.Time{}
		return d.Status == statusGone
	}
	d.State, d.Next = Waiting, d.ChangedAt.Add(wait)
	return false
}

// request is the call of a delivery.
func (v *Service) request(e *Endpoint, d *Delivery) (Call, error) {
	if e.Kind == Postback {
		t, err := postback.ParseTemplate(e.Address)
		if err != nil {
			return Call{}, err
		}
		var m postback.Message
		if err := json.Unmarshal(d.JSON, &m); err != nil {
			return Call{}, fmt.Errorf("reading the message: %w", err)
		}
		return Call{Method: "GET", URL: t.Expand(&m)}, nil
	}
	secrets := make([]postback.Secret, len(e.Secrets))
	for i, sealed := range e.Secrets {
		key, err := v.box.Open(sealed, place(e))
		if err == nil {
			secrets[i], err = postback.NewSecret(key)
		}
		if err != nil {
			return Call{}, fmt.Errorf("opening the endpoint's secret: %w", err)
		}
	}
	at := v.now()
	return Call{Method: "POST", URL: e.Address, Body: d.JSON, Header: map[string]string{
		"Content-Type": "application/json", "Webhook-Id": d.Message, "Webhook-Timestamp": fmt.Sprint(at.Unix()),
		"Webhook-Signature": postback.Sign(d.Message, at, d.JSON, secrets...),
	}}, nil
}

// every is how often Run looks for decisions; payouts are looked at a good deal less often, as each time reads all runs.
const (
	every       = time.Second
	payoutEvery = 60
)

// Run makes messages and sends them until the context ends.
func (v *Service) Run(ctx context.Context) {
	t := time.NewTicker(every)
	defer t.Stop()
	for round := 0; ; round++ {
		_, err := v.Collect(ctx)
		if err == nil && round%payoutEvery == 0 {
			_, err = v.CollectPayouts(ctx)
		}
		for n := batch; err == nil && n == batch; {
			n, err = v.Send(ctx)
		}
		if err != nil && ctx.Err() == nil {
			v.log.Error("messages to publishers' systems wait", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
