// Package cases is what people do with trust cases: open them with evidence, keep money back, hear the publisher, decide, agree, and
// look at an appeal again (M4, F5). What a case does to orders and what it is are committed together, with who did it and why.
package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/trust"
)

// Filter selects cases; zero members select all.
type Filter = store.CaseFilter

// What services return.
var (
	ErrNotFound = store.ErrNotFound
	ErrConflict = store.ErrConflict
)

// Settler settles the orders that a case told something, in the case's transaction.
type Settler interface {
	Case(ctx context.Context, tx store.Tx, events []order.Event) error
}

// Service keeps trust cases. Persons are ids; who they are and what they may is for the caller to know.
type Service struct {
	store  store.Store
	settle Settler
	box    *seal.Box
	site   string
	policy trust.Policy
	random func() string
	now    func() time.Time
}

// New returns a service. random gives texts that nobody gets twice; site is the address of the pages, to which e-mails lead.
func New(s store.Store, settle Settler, box *seal.Box, site string, p trust.Policy, random func() string, now func() time.Time) *Service {
	return &Service{store: s, settle: settle, box: box, site: strings.TrimSuffix(site, "/"), policy: p, random: random, now: now}
}

// Policy is the rules of cases.
func (v *Service) Policy() trust.Policy { return v.policy }

func (v *Service) at() time.Time { return v.now().UTC().Truncate(time.Microsecond) }

// Draft is a case as somebody opens it. Items name orders, or single items of them; an order without an item means all its items that
// the publisher won.
type Draft struct {
	Program   program.ID
	Publisher string
	Category  string
	Items     []Ref
	Evidence  []trust.Evidence
}

// Ref names an order item; an empty Item is every item of the order.
type Ref struct{ Order, Item string }

// Open opens a case. What is not as it must be is a *field.Error.
func (v *Service) Open(ctx context.Context, d Draft, by string) (trust.Case, error) {
	switch {
	case d.Program == "":
		return trust.Case{}, field.Wrong("program", "it is missing: name the program")
	case d.Publisher == "":
		return trust.Case{}, field.Wrong("publisher", "it is missing: name the publisher")
	case !slices.Contains(trust.Categories(), d.Category):
		return trust.Case{}, field.Wrong("category", "%.40q is none: one of %s", d.Category, strings.Join(trust.Categories(), ", "))
	case len(d.Evidence) == 0:
		return trust.Case{}, field.Wrong("evidence", "there is none: say at least what was seen")
	}
	var c trust.Case
	err := v.store.Update(ctx, func(tx store.Tx) error {
		items, err := resolve(ctx, tx, d.Program, d.Publisher, d.Items)
		if err != nil {
			return err
		}
		c, err = trust.New(v.policy, trust.Case{
			ID: "case_" + v.random(), Program: d.Program, Publisher: d.Publisher, Category: d.Category, Items: items, Evidence: d.Evidence,
		}, by, v.at())
		if err != nil {
			return fields("evidence", err)
		}
		if err := put(ctx, tx, &c, 0); err != nil {
			return err
		}
		return v.note(ctx, tx, "case.opened", nil, &c, d.Category)
	})
	return c, err
}

// resolve looks up the items that refs name, as they stand. A publisher's case is about the publisher's items only.
func resolve(ctx context.Context, tx store.Tx, p program.ID, publisher string, refs []Ref) ([]trust.Item, error) {
	var items []trust.Item
	for _, ref := range refs {
		records, err := tx.Decisions().Newest(ctx, order.Key{Program: p, Order: ref.Order})
		if errors.Is(err, store.ErrNotFound) {
			return nil, field.Wrong("orders", "%.80q is no order of the program", ref.Order)
		}
		if err != nil {
			return nil, fmt.Errorf("reading order %q: %w", ref.Order, err)
		}
		found := false
		for i := range records {
			r := &records[i]
			if r.Publisher != publisher || (ref.Item != "" && r.Item != ref.Item) {
				continue
			}
			found = true
			items = append(items, itemOf(r))
		}
		if !found {
			return nil, field.Wrong("orders", "order %.80q has no item that %.80q won", ref.Order, publisher)
		}
	}
	return items, nil
}

func itemOf(r *store.Record) trust.Item {
	return trust.Item{Order: r.Order, Item: r.Item, State: r.State, Amount: r.Amount, Currency: r.Currency}
}

// fields turns what the core refuses into what callers show.
func fields(name string, err error) error {
	if errors.Is(err, trust.ErrInput) {
		return field.Wrong(name, "%s", strings.TrimSuffix(err.Error(), ": "+trust.ErrInput.Error()))
	}
	return err
}

func put(ctx context.Context, tx store.Tx, c *trust.Case, revision int) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("writing case %s: %w", c.ID, err)
	}
	return tx.Platform().Desk().Cases().Put(ctx, store.CaseRow{
		ID: c.ID, Program: c.Program, Publisher: c.Publisher, State: string(c.State), Outcome: string(c.Outcome), Category: c.Category,
		OpenedAt: c.OpenedAt, Next: c.Due(), JSON: text,
	}, revision)
}

func read(row *store.CaseRow) (c trust.Case, err error) {
	if err := json.Unmarshal(row.JSON, &c); err != nil {
		return c, fmt.Errorf("reading case %s: %w", row.ID, err)
	}
	return c, nil
}

func get(ctx context.Context, tx store.Tx, id string) (trust.Case, int, error) {
	row, revision, err := tx.Platform().Desk().Cases().Get(ctx, id)
	if err != nil {
		return trust.Case{}, 0, err
	}
	c, err := read(&row)
	return c, revision, err
}

// note writes to the audit log what changed about a case.
func (v *Service) note(ctx context.Context, tx store.Tx, action string, was, is *trust.Case, why string) error {
	values := func(c *trust.Case) audit.Values {
		if c == nil {
			return nil
		}
		out := audit.Values{"state": string(c.State), "program": string(c.Program), "publisher": c.Publisher}
		if c.Outcome != "" {
			out["outcome"] = string(c.Outcome)
		}
		var at []string
		for _, s := range trust.Stakes(c.Items) {
			at = append(at, money.New(s.Minor, s.Currency).String())
		}
		if len(at) > 0 {
			out["at_stake"] = strings.Join(at, ", ")
		}
		if c.Ruling != nil {
			var s []string
			for _, x := range c.Ruling.Sanctions {
				s = append(s, string(x))
			}
			out["sanctions"] = strings.Join(s, ", ")
		}
		return out
	}
	return audit.Note(ctx, tx, v.at(), audit.Act{Action: action, Object: "case " + is.ID, Before: values(was), After: values(is), Reason: why})
}

// step is one step of a case.
type step struct {
	action, why string
	// owner is the publisher whose case it must be; "" where an operator acts.
	owner string
	do    func(ctx context.Context, tx store.Tx, c *trust.Case) (trust.Case, []order.Event, error)
	// then is done in the same transaction, with the case as it is afterwards.
	then func(ctx context.Context, tx store.Tx, c *trust.Case) error
}

// take does a step of a case: the case, what it tells its orders, the audit log and the e-mail are committed together.
func (v *Service) take(ctx context.Context, id string, s step) (trust.Case, error) {
	var n trust.Case
	err := v.store.Update(ctx, func(tx store.Tx) error {
		c, revision, err := get(ctx, tx, id)
		if err != nil {
			return err
		}
		if s.owner != "" && c.Publisher != s.owner || s.owner != "" && c.ToldAt.IsZero() {
			return fmt.Errorf("case %.70q: %w", id, ErrNotFound) // somebody else's, or nothing that the publisher knows of
		}
		var events []order.Event
		if n, events, err = s.do(ctx, tx, &c); err != nil {
			return err
		}
		if err := put(ctx, tx, &n, revision); err != nil {
			return err
		}
		if len(events) > 0 {
			if err := v.settle.Case(ctx, tx, events); err != nil {
				return fmt.Errorf("case %s: %w", id, err)
			}
		}
		if s.then != nil {
			if err := s.then(ctx, tx, &n); err != nil {
				return err
			}
		}
		return v.note(ctx, tx, s.action, &c, &n, s.why)
	})
	return n, err
}

// only makes a step of one that tells orders nothing.
func only(do func(c *trust.Case) (trust.Case, error)) func(context.Context, store.Tx, *trust.Case) (trust.Case, []order.Event, error) {
	return func(_ context.Context, _ store.Tx, c *trust.Case) (trust.Case, []order.Event, error) {
		n, err := do(c)
		return n, nil, err
	}
}

// Take makes a case of a signal.
func (v *Service) Take(ctx context.Context, id, by string) (trust.Case, error) {
	return v.take(ctx, id, step{action: "case.taken", do: only(func(c *trust.Case) (trust.Case, error) { return c.Take(by, v.at()) })})
}

// Dismiss closes a signal, or a case that nobody was told of.
func (v *Service) Dismiss(ctx context.Context, id, by, why string) (trust.Case, error) {
	return v.take(ctx, id, step{action: "case.dismissed", why: why, do: only(func(c *trust.Case) (trust.Case, error) { return c.Dismiss(by, why, v.at()) })})
}

// AddEvidence adds a piece of evidence, before the publisher is told.
func (v *Service) AddEvidence(ctx context.Context, id, by, kind, text string) (trust.Case, error) {
	return v.take(ctx, id, step{action: "case.evidence_added", why: text, do: only(func(c *trust.Case) (trust.Case, error) {
		n, err := c.Add(v.policy, kind, text, by, v.at())
		return n, fields("evidence", err)
	})})
}

// AddItems adds order items, before anything is held.
func (v *Service) AddItems(ctx context.Context, id string, refs []Ref) (trust.Case, error) {
	return v.take(ctx, id, step{action: "case.items_added", do: func(ctx context.Context, tx store.Tx, c *trust.Case) (trust.Case, []order.Event, error) {
		items, err := resolve(ctx, tx, c.Program, c.Publisher, refs)
		if err != nil {
			return trust.Case{}, nil, err
		}
		n, err := c.About(items)
		return n, nil, err
	}})
}

// Hold keeps the case's items back and tells the publisher at once. What has been paid out already is not held.
func (v *Service) Hold(ctx context.Context, id string) (trust.Case, error) {
	return v.take(ctx, id, step{
		action: "case.held", do: func(ctx context.Context, tx store.Tx, c *trust.Case) (trust.Case, []order.Event, error) {
			may, err := holdable(ctx, tx, c)
			if err != nil {
				return trust.Case{}, nil, err
			}
			n, events, err := c.Hold(v.policy, may, v.at())
			if err != nil {
				return n, nil, err
			}
			n, err = n.Notify(v.policy, v.at())
			return n, events, err
		},
		then: v.tell(opened),
	})
}

// holdable says of which items money can be kept back: those that are open, and of the approved ones as many as the balance still has.
func holdable(ctx context.Context, tx store.Tx, c *trust.Case) (func(trust.Item) bool, error) {
	if err := tx.Orders().Lock(ctx, c.Program); err != nil {
		return nil, fmt.Errorf("waiting for program %q: %w", c.Program, err)
	}
	type key struct{ order, item string }
	may := make(map[key]bool)
	left := make(map[money.Currency]int64)
	for i := range c.Items {
		it := &c.Items[i]
		records, err := tx.Decisions().Newest(ctx, order.Key{Program: c.Program, Order: it.Order})
		if err != nil {
			return nil, fmt.Errorf("reading order %q: %w", it.Order, err)
		}
		for n := range records {
			r := &records[n]
			if r.Item != it.Item || r.Publisher != c.Publisher {
				continue
			}
			switch r.State {
			case "tracked", "pending":
				may[key{it.Order, it.Item}] = true
			case "approved":
				if _, known := left[r.Currency]; !known {
					b, err := tx.Ledger().Balances(ctx, r.Currency, []ledger.Account{ledger.Of(ledger.Available, c.Program, c.Publisher)})
					if err != nil {
						return nil, fmt.Errorf("reading the balance of %q: %w", c.Publisher, err)
					}
					left[r.Currency] = b[0]
				}
				if r.Amount <= left[r.Currency] {
					left[r.Currency] -= r.Amount
					may[key{it.Order, it.Item}] = true
				}
			}
		}
	}
	return func(it trust.Item) bool { return may[key{it.Order, it.Item}] }, nil
}

// Say adds a message of the operator.
func (v *Service) Say(ctx context.Context, id, by, text string) (trust.Case, error) {
	return v.take(ctx, id, step{action: "case.message", do: only(func(c *trust.Case) (trust.Case, error) {
		n, err := c.Say(v.policy, by, false, text, v.at())
		return n, fields("text", err)
	}), then: v.tell(message)})
}

// Answer adds a message of the publisher. A case of somebody else is ErrNotFound.
func (v *Service) Answer(ctx context.Context, id, publisher, by, text string) (trust.Case, error) {
	if publisher == "" {
		return trust.Case{}, fmt.Errorf("case %.70q: %w", id, ErrNotFound)
	}
	return v.take(ctx, id, step{action: "case.answered", owner: publisher, do: only(func(c *trust.Case) (trust.Case, error) {
		n, err := c.Say(v.policy, by, true, text, v.at())
		return n, fields("text", err)
	})})
}

// Release ends a case in favour of the publisher; what is held stands where its orders' timelines say.
func (v *Service) Release(ctx context.Context, id, by, why string) (trust.Case, error) {
	return v.take(ctx, id, step{action: "case.released", why: why, do: func(_ context.Context, _ store.Tx, c *trust.Case) (trust.Case, []order.Event, error) {
		return c.Release(by, why, v.at())
	}, then: v.tell(released)})
}

// Decide decides against the publisher. Above the policy's amount the case then waits for Approve or Refuse.
func (v *Service) Decide(ctx context.Context, id string, r trust.Ruling) (trust.Case, error) {
	return v.take(ctx, id, step{action: "case.decided", why: r.Note, do: func(ctx context.Context, tx store.Tx, c *trust.Case) (trust.Case, []order.Event, error) {
		var more []trust.Item
		if slices.Contains(r.Sanctions, trust.DeclineOpen) {
			var err error
			if more, err = openItems(ctx, tx, c); err != nil {
				return trust.Case{}, nil, err
			}
		}
		n, events, err := c.Decide(v.policy, r, more, v.at())
		return n, events, fields("note", err)
	}, then: v.carriedOut})
}

// mostOpen is how many open commissions a decision declines at most.
const mostOpen = 5000

// openItems are the publisher's commissions in the program that are not approved.
func openItems(ctx context.Context, tx store.Tx, c *trust.Case) ([]trust.Item, error) {
	var items []trust.Item
	for _, state := range []string{"tracked", "pending"} {
		for after := ""; ; {
			records, next, err := tx.Decisions().Page(ctx, store.RecordFilter{Program: c.Program, Publisher: c.Publisher, State: state}, after, 1000)
			if err != nil {
				return nil, fmt.Errorf("reading open commissions: %w", err)
			}
			for i := range records {
				items = append(items, itemOf(&records[i]))
			}
			if len(items) > mostOpen {
				return nil, field.Wrong("sanctions", "the publisher has more than %d open commissions: block it first, and decline them in parts", mostOpen)
			}
			if after = next; next == "" {
				break
			}
		}
	}
	return items, nil
}

// carriedOut does what a decision does beside the orders, once it stands, and tells the publisher.
func (v *Service) carriedOut(ctx context.Context, tx store.Tx, c *trust.Case) error {
	if c.State != trust.Deducted {
		return nil // it waits for a second person
	}
	if slices.Contains(c.Ruling.Sanctions, trust.Block) {
		if err := v.block(ctx, tx, c, time.Time.IsZero, stands(c)); err != nil {
			return err
		}
	}
	return v.tell(decided)(ctx, tx, c)
}

// stands is since when a decision stands.
func stands(c *trust.Case) time.Time {
	if !c.Ruling.ApprovedAt.IsZero() {
		return c.Ruling.ApprovedAt
	}
	return c.Ruling.At
}

// block sets when the publisher's ad spaces in the program are blocked, of those that are as which says.
func (v *Service) block(ctx context.Context, tx store.Tx, c *trust.Case, which func(blockedAt time.Time) bool, at time.Time) error {
	spaces, err := tx.Facts().AdSpaces(ctx)
	if err != nil {
		return fmt.Errorf("reading ad spaces: %w", err)
	}
	spaces = slices.DeleteFunc(spaces, func(s *adSpace) bool {
		return s.Program != c.Program || s.Publisher != c.Publisher || !which(s.BlockedAt)
	})
	for i, s := range spaces {
		changed := *s
		changed.BlockedAt = at
		spaces[i] = &changed
	}
	if len(spaces) == 0 {
		return nil
	}
	if err := tx.Facts().PutAdSpaces(ctx, spaces); err != nil {
		return fmt.Errorf("blocking ad spaces: %w", err)
	}
	return nil
}

// Approve is the second person's agreement to a decision.
func (v *Service) Approve(ctx context.Context, id, by string) (trust.Case, error) {
	return v.take(ctx, id, step{action: "case.approved", do: func(_ context.Context, _ store.Tx, c *trust.Case) (trust.Case, []order.Event, error) {
		return c.Approve(v.policy, by, v.at())
	}, then: v.carriedOut})
}

// Refuse is the second person's no.
func (v *Service) Refuse(ctx context.Context, id, why string) (trust.Case, error) {
	return v.take(ctx, id, step{action: "case.refused", why: why, do: only(func(c *trust.Case) (trust.Case, error) { return c.Refuse(v.at()) })})
}

// Appeal is the publisher's appeal, with a file or without (nil). A case of somebody else is ErrNotFound.
func (v *Service) Appeal(ctx context.Context, id, publisher, by, text string, u *Upload) (trust.Case, error) {
	if publisher == "" {
		return trust.Case{}, fmt.Errorf("case %.70q: %w", id, ErrNotFound)
	}
	s := step{action: "case.appealed", owner: publisher, do: only(func(c *trust.Case) (trust.Case, error) {
		n, err := c.Object(v.policy, by, text, v.at())
		return n, fields("text", err)
	})}
	if u != nil {
		f, err := u.file()
		if err != nil {
			return trust.Case{}, err
		}
		f.By, f.FromPublisher = by, true
		s.why = whyOf(&f)
		s.do = v.with(&f, func(c *trust.Case) (trust.Case, error) {
			n, err := c.Object(v.policy, by, text, f.At)
			if err != nil {
				return n, err
			}
			return n.Enclose(f.Number), nil
		})
	}
	return v.take(ctx, id, s)
}

// AppealReport opens an appeal against a deduction that the marketplace reported without a case, with a file or without (nil). An order of
// somebody else is ErrNotFound; one that was not deducted so, or is appealed against already, is a *field.Error.
func (v *Service) AppealReport(ctx context.Context, k order.Key, item, publisher, by, text string, u *Upload) (trust.Case, error) {
	var c trust.Case
	if publisher == "" {
		return c, fmt.Errorf("order %.80q: %w", k.Order, ErrNotFound)
	}
	var f File
	if u != nil {
		var err error
		if f, err = u.file(); err != nil {
			return c, err
		}
		f.By, f.FromPublisher, f.Number = by, true, 1
	}
	err := v.store.Update(ctx, func(tx store.Tx) error {
		items, err := resolve(ctx, tx, k.Program, publisher, []Ref{{k.Order, item}})
		var wrong *field.Error
		if errors.As(err, &wrong) {
			return fmt.Errorf("order %.80q: %w", k.Order, ErrNotFound)
		}
		if err != nil {
			return err
		}
		events, err := tx.Orders().Events(ctx, []order.Key{k})
		if err != nil {
			return fmt.Errorf("reading order %q: %w", k.Order, err)
		}
		h, err := order.NewHistory(events[0])
		if err != nil {
			return err
		}
		i := slices.IndexFunc(h.Items, func(it order.Item) bool { return it.ID == item })
		if i < 0 {
			return fmt.Errorf("item %.80q: %w", item, ErrNotFound)
		}
		s, fraud := h.FraudBy(i, v.at())
		if !fraud || s.Case != "" {
			return field.Wrong("item", "no report of the marketplace took its commission")
		}
		// One appeal an item: the id follows from it.
		id := "case_report_" + short(string(k.Program), k.Order, item)
		if _, _, err := get(ctx, tx, id); err == nil {
			return field.Wrong("item", "an appeal was made already")
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		if items[0].Amount, err = takenOf(ctx, tx, k, item); err != nil {
			return err
		}
		c, err = trust.FromReport(v.policy, trust.Case{ID: id, Program: k.Program, Publisher: publisher, Items: items}, s.Evidence, by, text, s.At, v.at())
		if err != nil {
			return fields("text", err)
		}
		why := text
		if f.Number > 0 {
			c, f.Case, f.At = c.Enclose(f.Number), c.ID, v.at()
			why = text + "; " + whyOf(&f)
		}
		if err := put(ctx, tx, &c, 0); err != nil {
			return err
		}
		if f.Number > 0 {
			if err := tx.Platform().Desk().Cases().PutFile(ctx, f); err != nil {
				return err
			}
		}
		return v.note(ctx, tx, "case.appealed", nil, &c, why)
	})
	return c, err
}

// takenOf is what an antispam deduction took of an item, as it is booked.
func takenOf(ctx context.Context, tx store.Tx, k order.Key, item string) (minor int64, err error) {
	journal, err := tx.Ledger().OfOrders(ctx, []order.Key{k})
	if err != nil {
		return 0, fmt.Errorf("reading the journal of order %q: %w", k.Order, err)
	}
	for _, t := range journal[0] {
		if t.Item != item || t.Reason != ledger.ReasonAntispam {
			continue
		}
		minor = 0
		for _, m := range t.Movements {
			if m.To.Kind == ledger.Fund && m.From.Kind != ledger.Fees {
				minor += m.Amount
			}
		}
	}
	return minor, nil
}

// DecideAppeal is another person's decision about an appeal. Upheld, everything comes back: commissions and ad spaces.
func (v *Service) DecideAppeal(ctx context.Context, id, by string, upheld bool, why string) (trust.Case, error) {
	return v.take(ctx, id, step{action: "case.appeal_decided", why: why, do: func(_ context.Context, _ store.Tx, c *trust.Case) (trust.Case, []order.Event, error) {
		n, events, err := c.DecideAppeal(v.policy, upheld, by, why, v.at())
		return n, events, fields("note", err)
	}, then: func(ctx context.Context, tx store.Tx, c *trust.Case) error {
		if upheld && slices.Contains(c.Ruling.Sanctions, trust.Block) {
			if err := v.block(ctx, tx, c, stands(c).Equal, time.Time{}); err != nil {
				return err
			}
		}
		return v.tell(appealDecided)(ctx, tx, c)
	}})
}

// Elapse does what time does to cases: holds that nobody decided on run out, and decisions stand that nobody appealed against. It returns
// how many of each there were.
func (v *Service) Elapse(ctx context.Context) (ranOut, stand int, err error) {
	for {
		var due []store.CaseRow
		err := v.store.View(ctx, func(tx store.Tx) (err error) {
			due, err = tx.Platform().Desk().Cases().Due(ctx, v.at(), 100)
			return err
		})
		if err != nil || len(due) == 0 {
			return ranOut, stand, err
		}
		for i := range due {
			n, err := v.take(ctx, due[i].ID, step{action: "case.elapsed", do: func(_ context.Context, _ store.Tx, c *trust.Case) (trust.Case, []order.Event, error) {
				n, events, over := c.Elapse(v.at())
				if !over {
					return n, nil, trust.ErrState // somebody was quicker
				}
				return n, events, nil
			}, then: func(ctx context.Context, tx store.Tx, c *trust.Case) error {
				if c.Outcome != trust.TimedOut {
					return nil
				}
				return v.tell(released)(ctx, tx, c)
			}})
			switch {
			case errors.Is(err, trust.ErrState), errors.Is(err, ErrConflict):
			case err != nil:
				return ranOut, stand, err
			case n.Outcome == trust.TimedOut:
				ranOut++
			default:
				stand++
			}
		}
	}
}
