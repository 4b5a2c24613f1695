package trust

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clickledger/clickledger/order"
)

// The kinds of refusal.
var (
	// ErrState says that a case is not in a state in which this can be done.
	ErrState = errors.New("the case is not in a state in which this can be done")
	// ErrSamePerson says that somebody else must do it.
	ErrSamePerson = errors.New("somebody else must do this")
	// ErrTooEarly says that the publisher's time to answer is not over.
	ErrTooEarly = errors.New("the publisher may still answer")
	// ErrTooLate says that the time for it is over.
	ErrTooLate = errors.New("the time for this is over")
	// ErrInput says that something is missing or too much.
	ErrInput = errors.New("this cannot be taken")
)

// IsRule reports whether who opened a case is a rule.
func IsRule(by string) bool { return strings.HasPrefix(by, "rule:") }

// New is a case as somebody opens it: a person, or a rule, whose case is a signal.
func New(p Policy, c Case, by string, at time.Time) (Case, error) {
	if c.ID == "" || c.Program == "" || c.Publisher == "" || by == "" || !slices.Contains(Categories(), c.Category) {
		return Case{}, fmt.Errorf("a case needs an id, a program, a publisher, somebody who opens it and a category: %w", ErrInput)
	}
	n := Case{ID: c.ID, Program: c.Program, Publisher: c.Publisher, Category: c.Category, State: Open, OpenedBy: by, OpenedAt: at}
	if IsRule(by) {
		n.State = Signal
	}
	var err error
	for _, e := range c.Evidence {
		if n, err = n.Add(p, e.Kind, e.Text, by, at); err != nil {
			return Case{}, err
		}
	}
	return n.About(c.Items)
}

// Take makes a case of a signal.
func (c *Case) Take(by string, at time.Time) (Case, error) {
	if c.State != Signal {
		return Case{}, ErrState
	}
	n := c.copied()
	n.State, n.TakenBy = Open, by
	return n, nil
}

// Dismiss closes a signal, or a case of which nobody was told and for which nothing is held.
func (c *Case) Dismiss(by, note string, at time.Time) (Case, error) {
	if c.State != Signal && c.State != Open {
		return Case{}, ErrState
	}
	n := c.copied()
	n.Ruling = &Ruling{By: by, At: at, Reason: c.Category, Note: note}
	n.State, n.Outcome, n.ClosedAt = Closed, Dismissed, at
	return n, nil
}

// Add adds a piece of evidence. It is frozen when the publisher has been told.
func (c *Case) Add(p Policy, kind, text, by string, at time.Time) (Case, error) {
	switch {
	case c.State != Signal && c.State != Open && c.State != Held:
		return Case{}, fmt.Errorf("the evidence is what the publisher was told: %w", ErrState)
	case !slices.Contains([]string{"text", "link", "order", "click", "figure"}, kind):
		return Case{}, fmt.Errorf("evidence of kind %q: %w", kind, ErrInput)
	case len(c.Evidence) >= p.MaxEvidence:
		return Case{}, fmt.Errorf("a case has at most %d pieces of evidence: %w", p.MaxEvidence, ErrInput)
	}
	if err := plain(p, text); err != nil {
		return Case{}, err
	}
	n := c.copied()
	n.Evidence = append(n.Evidence, Evidence{Kind: kind, Text: text, By: by, At: at})
	return n, nil
}

// Attach adds a file as a piece of evidence, by its name and its number in the case. It is frozen as other evidence is.
func (c *Case) Attach(p Policy, name string, number int, by string, at time.Time) (Case, error) {
	n, err := c.Add(p, "text", name, by, at)
	if err == nil {
		e := &n.Evidence[len(n.Evidence)-1]
		e.Kind, e.File = "file", number
	}
	return n, err
}

// Send adds a message that a file comes with.
func (c *Case) Send(p Policy, by string, fromPublisher bool, text string, number int, at time.Time) (Case, error) {
	n, err := c.Say(p, by, fromPublisher, text, at)
	if err == nil {
		n.Messages[len(n.Messages)-1].File = number
	}
	return n, err
}

func plain(p Policy, text string) error {
	if strings.TrimSpace(text) == "" || len(text) > p.MaxText {
		return fmt.Errorf("write something, %d bytes at most: %w", p.MaxText, ErrInput)
	}
	return kept(text)
}

// kept says what no store keeps, and no order's evidence can hold.
func kept(text string) error {
	if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
		return fmt.Errorf("write UTF-8 without the character 0: %w", ErrInput)
	}
	return nil
}

// About adds items that the case is about. Nothing is kept back of them before Hold.
func (c *Case) About(items []Item) (Case, error) {
	if c.State != Signal && c.State != Open {
		return Case{}, ErrState
	}
	n := c.copied()
	for _, it := range items {
		if !slices.ContainsFunc(n.Items, func(o Item) bool { return o.Order == it.Order && o.Item == it.Item }) {
			it.Held, it.Taken, it.Open = false, false, false
			n.Items = append(n.Items, it)
		}
	}
	return n, nil
}

// Hold keeps back those items of the case that may says: what was paid out already is not, so that a suspicion makes no debt.
func (c *Case) Hold(p Policy, may func(Item) bool, at time.Time) (Case, []order.Event, error) {
	if c.State != Open {
		return Case{}, nil, ErrState
	}
	n := c.copied()
	var held []Item
	for i := range n.Items {
		if may(n.Items[i]) {
			n.Items[i].Held = true
			held = append(held, n.Items[i])
		}
	}
	n.State, n.HeldAt, n.HoldEnds = Held, at, at.Add(p.HoldFor)
	events := n.events(order.Held, n.Category, held, at)
	return n, events, nil
}

// Notify tells the publisher, who has time to answer from then on.
func (c *Case) Notify(p Policy, at time.Time) (Case, error) {
	if c.State != Held {
		return Case{}, ErrState
	}
	n := c.copied()
	n.State, n.ToldAt, n.AnswerBy = Notified, at, at.Add(p.AnswerWithin)
	return n, nil
}

// Say adds a message to the conversation, which is open from the notice to the end.
func (c *Case) Say(p Policy, by string, fromPublisher bool, text string, at time.Time) (Case, error) {
	if c.State != Notified && c.State != Proposed && c.State != Appealed {
		return Case{}, ErrState
	}
	if err := plain(p, text); err != nil {
		return Case{}, err
	}
	sent := 0
	for _, m := range c.Messages {
		if m.FromPublisher == fromPublisher {
			sent++
		}
	}
	if sent >= p.MaxEvidence {
		return Case{}, fmt.Errorf("each side writes at most %d messages: %w", p.MaxEvidence, ErrInput)
	}
	n := c.copied()
	n.Messages = append(n.Messages, Message{By: by, FromPublisher: fromPublisher, Text: text, At: at})
	return n, nil
}

// Release ends the case in favour of the publisher. Whoever opened it may do so too: nobody loses anything.
func (c *Case) Release(by, note string, at time.Time) (Case, []order.Event, error) {
	if c.State != Held && c.State != Notified && c.State != Proposed {
		return Case{}, nil, ErrState
	}
	n := c.copied()
	n.Ruling = &Ruling{By: by, At: at, Reason: c.Category, Note: note}
	events := n.clear(Released, at)
	return n, events, nil
}

// clear gives back what is held and closes the case.
func (c *Case) clear(o Outcome, at time.Time) []order.Event {
	c.State, c.Outcome, c.ClosedAt = Closed, o, at
	return c.events(order.Cleared, "", c.held(), at)
}

func (c *Case) held() []Item {
	return slices.DeleteFunc(slices.Clone(c.Items), func(it Item) bool { return !it.Held })
}

// Decide decides against the publisher. Whoever opened the case may not; before the time to answer is over, the publisher must have
// answered. More lists what decline_open adds to the items. Above the policy's amount it is a proposal until a second person agrees.
func (c *Case) Decide(p Policy, r Ruling, more []Item, at time.Time) (Case, []order.Event, error) {
	switch {
	case c.State != Notified:
		return Case{}, nil, ErrState
	case r.By == "" || r.By == c.Opener():
		return Case{}, nil, fmt.Errorf("whoever opened a case does not decide against the publisher: %w", ErrSamePerson)
	case at.Before(c.AnswerBy) && !c.Answered():
		return Case{}, nil, ErrTooEarly
	case len(r.Sanctions) == 0 || slices.ContainsFunc(r.Sanctions, func(s Sanction) bool { return !slices.Contains(Sanctions(), s) }):
		return Case{}, nil, fmt.Errorf("name the sanctions, or release: %w", ErrInput)
	case !slices.Contains(Categories(), r.Reason):
		return Case{}, nil, fmt.Errorf("give a reason of the list: %w", ErrInput)
	}
	if err := plain(p, r.Note); err != nil {
		return Case{}, nil, fmt.Errorf("say why: %w", err)
	}
	n := c.copied()
	r.At, r.ApprovedBy, r.ApprovedAt = at, "", time.Time{}
	n.Ruling = &r
	if slices.Contains(r.Sanctions, DeclineOpen) {
		for _, it := range more {
			if !slices.ContainsFunc(n.Items, func(o Item) bool { return o.Order == it.Order && o.Item == it.Item }) {
				it.Open = true
				n.Items = append(n.Items, it)
			}
		}
	}
	if n.needsSecond(p) {
		n.State = Proposed
		return n, nil, nil
	}
	events := n.carryOut(p, at)
	return n, events, nil
}

// takes reports whether the ruling takes an item's commission.
func (c *Case) takes(it Item) bool {
	return it.Open || slices.Contains(c.Ruling.Sanctions, Deduction)
}

// needsSecond reports whether so much is at stake that a second person must agree.
func (c *Case) needsSecond(p Policy) bool {
	taken := slices.DeleteFunc(slices.Clone(c.Items), func(it Item) bool { return !c.takes(it) })
	return slices.ContainsFunc(Stakes(taken), func(s Stake) bool {
		limit := p.SecondAbove
		for range s.Currency.Exponent() {
			limit *= 10
		}
		return s.Minor > limit
	})
}

// carryOut does what was decided: what is not taken is given back.
func (c *Case) carryOut(p Policy, at time.Time) []order.Event {
	c.State, c.Outcome, c.AppealBy = Deducted, Sanctioned, at.Add(p.AppealWithin)
	var taken, back []Item
	for i := range c.Items {
		switch it := &c.Items[i]; {
		case c.takes(*it):
			it.Taken = true
			taken = append(taken, *it)
		case it.Held:
			back = append(back, *it)
		}
	}
	events := c.events(order.Deducted, c.Ruling.Reason+": "+c.Ruling.Note, taken, at)
	return append(events, c.events(order.Cleared, "", back, at)...)
}

// Approve is the second person's agreement.
func (c *Case) Approve(p Policy, by string, at time.Time) (Case, []order.Event, error) {
	switch {
	case c.State != Proposed:
		return Case{}, nil, ErrState
	case by == "" || by == c.Ruling.By || by == c.Opener():
		return Case{}, nil, fmt.Errorf("a second person agrees to a deduction: %w", ErrSamePerson)
	}
	n := c.copied()
	n.Ruling.ApprovedBy, n.Ruling.ApprovedAt = by, at
	events := n.carryOut(p, at)
	return n, events, nil
}

// Refuse is the second person's no: the case is as it was before the proposal.
func (c *Case) Refuse(at time.Time) (Case, error) {
	if c.State != Proposed {
		return Case{}, ErrState
	}
	n := c.copied()
	n.State, n.Ruling = Notified, nil
	n.Items = slices.DeleteFunc(n.Items, func(it Item) bool { return it.Open })
	return n, nil
}

// Object is the publisher's appeal, once and in time.
func (c *Case) Object(p Policy, by, text string, at time.Time) (Case, error) {
	switch {
	case c.State != Deducted || c.Appeal != nil:
		return Case{}, ErrState
	case at.After(c.AppealBy):
		return Case{}, ErrTooLate
	}
	if err := plain(p, text); err != nil {
		return Case{}, err
	}
	n := c.copied()
	n.State, n.Appeal = Appealed, &Appeal{By: by, At: at, Text: text}
	return n, nil
}

// Enclose notes the number of the file that came with an appeal.
func (c *Case) Enclose(number int) Case {
	n := c.copied()
	n.Appeal.File = number
	return n
}

// DecideAppeal is another person's decision about an appeal. Upheld, everything that was taken is restored.
func (c *Case) DecideAppeal(p Policy, upheld bool, by, note string, at time.Time) (Case, []order.Event, error) {
	switch {
	case c.State != Appealed:
		return Case{}, nil, ErrState
	case by == "" || by == c.Opener() || by == c.Ruling.By || by == c.Ruling.ApprovedBy:
		return Case{}, nil, fmt.Errorf("an appeal is decided by somebody who had no part in the case: %w", ErrSamePerson)
	}
	if err := plain(p, note); err != nil {
		return Case{}, nil, fmt.Errorf("say why: %w", err)
	}
	n := c.copied()
	n.Appeal.DecidedBy, n.Appeal.DecidedAt, n.Appeal.Upheld, n.Appeal.Note = by, at, upheld, note
	n.State, n.ClosedAt = Closed, at
	if !upheld {
		return n, nil, nil
	}
	n.Outcome = Restored
	taken := slices.DeleteFunc(slices.Clone(n.Items), func(it Item) bool { return !it.Taken })
	events := n.events(order.Restored, "", taken, at)
	return n, events, nil
}

// Elapse does what time does: a hold that nobody decided on in time is given back, and a decision that nobody appealed against stands.
// Nothing else changes a case that is not due.
func (c *Case) Elapse(at time.Time) (Case, []order.Event, bool) {
	due := c.Due()
	if due.IsZero() || at.Before(due) {
		return *c, nil, false
	}
	n := c.copied()
	if c.State == Deducted {
		n.State, n.ClosedAt = Closed, at
		return n, nil, true
	}
	n.Ruling = nil
	n.Items = slices.DeleteFunc(n.Items, func(it Item) bool { return it.Open })
	events := n.clear(TimedOut, at)
	return n, events, true
}

// FromReport is the case of a publisher who appeals against a deduction that the marketplace reported by itself: there was no case
// before, and what was reported is its evidence.
func FromReport(p Policy, c Case, reason, by, text string, decidedAt, at time.Time) (Case, error) {
	n, err := New(p, Case{ID: c.ID, Program: c.Program, Publisher: c.Publisher, Category: "other", Items: c.Items}, "rule:marketplace", decidedAt)
	if err != nil {
		return Case{}, err
	}
	if reason != "" {
		n.Evidence = append(n.Evidence, Evidence{Kind: "text", Text: reason, By: "rule:marketplace", At: decidedAt})
	}
	for i := range n.Items {
		n.Items[i].Taken = true
	}
	n.Ruling = &Ruling{By: "rule:marketplace", At: decidedAt, Sanctions: []Sanction{Deduction}, Reason: "other", Note: reason}
	n.State, n.Outcome, n.AppealBy, n.ToldAt = Deducted, Sanctioned, decidedAt.Add(p.AppealWithin), decidedAt
	return n.Object(p, by, text, at)
}
