// Package trust is the life of a trust case: from a signal over a hold and the publisher's answer to a decision, an appeal and its
// end (M4, F5). It says what may be done, by whom and until when, and what the case tells the orders; it moves no money.
package trust

import (
	"slices"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// State is how far a case has come.
type State string

// The states, in their order.
const (
	Signal   State = "signal"   // a rule saw something; nobody has looked at it
	Open     State = "open"     // a person looks into it
	Held     State = "held"     // money is kept back; the publisher does not know yet
	Notified State = "notified" // the publisher knows, and may answer
	Proposed State = "proposed" // a deduction waits for a second person
	Deducted State = "deducted" // decided against the publisher, who may appeal
	Appealed State = "appealed" // another person looks at it again
	Closed   State = "closed"   // over, see Outcome
)

// States are all states, in their order.
func States() []State {
	return []State{Signal, Open, Held, Notified, Proposed, Deducted, Appealed, Closed}
}

// Outcome is what became of a case.
type Outcome string

// The outcomes.
const (
	Undecided  Outcome = ""
	Dismissed  Outcome = "dismissed" // nothing was in the signal
	Released   Outcome = "released"  // nothing was found
	TimedOut   Outcome = "timed_out" // nobody decided in time, so what was held was given back
	Sanctioned Outcome = "sanctioned"
	Restored   Outcome = "restored" // an appeal undid the sanctions
)

// Sanction is what a decision does to the publisher (F5).
type Sanction string

// The sanctions.
const (
	Warning     Sanction = "warning"
	Block       Sanction = "block"        // its ad spaces are blocked from the program
	DeclineOpen Sanction = "decline_open" // commissions of the program that are not approved are declined
	Deduction   Sanction = "deduction"    // the case's items: the antispam deduction (M4)
)

// Sanctions are all sanctions, the mildest first.
func Sanctions() []Sanction { return []Sanction{Warning, Block, DeclineOpen, Deduction} }

// Categories are the kinds of thing a case looks into (F1). The publisher reads the category, never a threshold.
func Categories() []string {
	return []string{"cookie_stuffing", "bots", "self_purchase", "incentive", "brand_bidding", "misleading", "hijacking", "critical_traffic", "account", "other"}
}

// Policy is the rules of cases, as data.
type Policy struct {
	HoldFor      time.Duration // from the hold to the decision; then what is held is given back by itself
	AnswerWithin time.Duration // from the notice; before it is over only a publisher who answered may lose money
	AppealWithin time.Duration // from the decision
	SecondAbove  int64         // what is at stake in a currency, in whole units, from which a second person must agree
	MaxEvidence  int           // pieces of evidence, and messages of each side
	MaxText      int           // bytes of a text
}

// Defaults are the rules where an operator sets no others.
func Defaults() Policy {
	const day = 24 * time.Hour
	return Policy{HoldFor: 30 * day, AnswerWithin: 14 * day, AppealWithin: 30 * day, SecondAbove: 500, MaxEvidence: 50, MaxText: 4000}
}

// Item is an order item that a case is about, as it stood when it was added.
type Item struct {
	Order    string         `json:"order"`
	Item     string         `json:"item"`
	State    string         `json:"state"`
	Amount   int64          `json:"minor"`
	Currency money.Currency `json:"currency"`
	Held     bool           `json:"held,omitempty"` // the case keeps it back, or kept
	Taken    bool           `json:"taken,omitempty"`
	// Open says that it was added by the sanction decline_open.
	Open bool `json:"open,omitempty"`
}

// Evidence is something that speaks for the suspicion. It is never changed.
type Evidence struct {
	Kind string    `json:"kind"` // text, link, order, click, figure or file
	Text string    `json:"text"` // of a file its name
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	File int       `json:"file,omitempty"` // of a file: its number in the case, from 1
}

// Message is a part of the conversation between the operator and the publisher.
type Message struct {
	By            string    `json:"by"`
	FromPublisher bool      `json:"from_publisher,omitempty"`
	Text          string    `json:"text"`
	At            time.Time `json:"at"`
	File          int       `json:"file,omitempty"` // the number of the file that came with it, from 1; 0: none did
}

// Ruling is a decision.
type Ruling struct {
	By        string     `json:"by"`
	At        time.Time  `json:"at"`
	Sanctions []Sanction `json:"sanctions,omitempty"` // none: released
	Reason    string     `json:"reason"`              // a category
	Note      string     `json:"note"`
	// ApprovedBy is the second person, where one had to agree.
	ApprovedBy string    `json:"approved_by,omitempty"`
	ApprovedAt time.Time `json:"approved_at,omitzero"`
}

// Appeal is the publisher's appeal and what became of it.
type Appeal struct {
	By        string    `json:"by"`
	At        time.Time `json:"at"`
	Text      string    `json:"text"`
	File      int       `json:"file,omitempty"` // the number of the file that came with it, from 1; 0: none did
	DecidedBy string    `json:"decided_by,omitempty"`
	DecidedAt time.Time `json:"decided_at,omitzero"`
	Upheld    bool      `json:"upheld,omitempty"`
	Note      string    `json:"note,omitempty"`
}

// Case is a trust case. Its methods return the case as it is afterwards; what they return with an error is to be dropped.
type Case struct {
	ID        string     `json:"id"`
	Program   program.ID `json:"program"`
	Publisher string     `json:"publisher"`
	Category  string     `json:"category"`
	State     State      `json:"state"`
	Outcome   Outcome    `json:"outcome,omitempty"`
	// OpenedBy is a person, or "rule:" and a rule's name; TakenBy is the person who made a case of a signal.
	OpenedBy string    `json:"opened_by"`
	OpenedAt time.Time `json:"opened_at"`
	TakenBy  string    `json:"taken_by,omitempty"`
	HeldAt   time.Time `json:"held_at,omitzero"`
	HoldEnds time.Time `json:"hold_ends,omitzero"` // then what is held is given back
	ToldAt   time.Time `json:"told_at,omitzero"`
	AnswerBy time.Time `json:"answer_by,omitzero"`
	AppealBy time.Time `json:"appeal_by,omitzero"`
	ClosedAt time.Time `json:"closed_at,omitzero"`

	Items    []Item     `json:"items,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
	Messages []Message  `json:"messages,omitempty"`
	Ruling   *Ruling    `json:"ruling,omitempty"`
	Appeal   *Appeal    `json:"appeal,omitempty"`
	// Told is the time of the last thing that the case told its orders: the next one is later, however the clock stands.
	Told time.Time `json:"told,omitzero"`
}

// Stake is an amount in a currency.
type Stake struct {
	Currency money.Currency
	Minor    int64
}

// Stakes are the amounts that items come to, by currency.
func Stakes(items []Item) []Stake {
	var all []Stake
	for _, it := range items {
		i := slices.IndexFunc(all, func(s Stake) bool { return s.Currency == it.Currency })
		if i < 0 {
			all = append(all, Stake{Currency: it.Currency})
			i = len(all) - 1
		}
		all[i].Minor += it.Amount
	}
	slices.SortFunc(all, func(a, b Stake) int {
		if a.Currency < b.Currency {
			return -1
		}
		return 1
	})
	return all
}

// Due is when the case goes on by itself: a hold runs out, or the time to appeal. Zero: it does not.
func (c *Case) Due() time.Time {
	switch c.State {
	case Held, Notified, Proposed:
		return c.HoldEnds
	case Deducted:
		return c.AppealBy
	}
	return time.Time{}
}

// Answered reports whether the publisher answered since it was told.
func (c *Case) Answered() bool {
	return slices.ContainsFunc(c.Messages, func(m Message) bool { return m.FromPublisher && !m.At.Before(c.ToldAt) })
}

// Opener is the person who opened the case, "" where a rule did and nobody took it.
func (c *Case) Opener() string {
	if c.TakenBy != "" {
		return c.TakenBy
	}
	if IsRule(c.OpenedBy) {
		return ""
	}
	return c.OpenedBy
}

// events are what the case tells the orders of some items, one event an order, and the time that they bear.
func (c *Case) events(kind order.EventKind, evidence string, items []Item, at time.Time) []order.Event {
	if !at.After(c.Told) {
		at = c.Told.Add(time.Microsecond)
	}
	var all []order.Event
	for _, it := range items {
		i := slices.IndexFunc(all, func(e order.Event) bool { return e.Order == it.Order })
		if i < 0 {
			all = append(all, order.Event{Key: order.Key{Program: c.Program, Order: it.Order}, Kind: kind, At: at, Case: c.ID, Evidence: evidence})
			i = len(all) - 1
		}
		all[i].Items = append(all[i].Items, it.Item)
	}
	if len(all) > 0 {
		c.Told = at
	}
	return all
}

// copied is the case with lists of its own.
func (c *Case) copied() Case {
	n := *c
	n.Items, n.Evidence, n.Messages = slices.Clone(c.Items), slices.Clone(c.Evidence), slices.Clone(c.Messages)
	if c.Ruling != nil {
		r := *c.Ruling
		n.Ruling = &r
	}
	if c.Appeal != nil {
		a := *c.Appeal
		n.Appeal = &a
	}
	return n
}
