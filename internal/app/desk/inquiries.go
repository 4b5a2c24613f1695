package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

// The states of an inquiry.
const (
	Open     = "open"     // it waits for the operator
	Asked    = "waiting"  // the operator asked something: it waits for whoever asked
	Answered = "answered" // nothing is expected
	Closed   = "closed"
	Reopened = "reopened" // it was closed, and whoever asked wrote again
)

// States are the states of an inquiry.
func States() []string { return []string{Open, Reopened, Asked, Answered, Closed} }

// The kinds of inquiries.
const (
	TrafficTypes = "traffic_types" // several traffic types under one login (A6)
	TrafficCheck = "traffic_check" // (A5)
	MissingOrder = "missing_order" // an order that should have been the publisher's
	Payment      = "payment"
	Technical    = "technical"
	Other        = "other"
)

// Kinds are the kinds of inquiries that publishers, or sellers, can make.
func Kinds(seller bool) []string {
	if seller {
		return []string{Payment, Technical, Other}
	}
	return []string{MissingOrder, Payment, TrafficTypes, TrafficCheck, Technical, Other}
}

// The verdicts on an inquiry about several traffic types.
const (
	Agreed  = "agreed"
	Refused = "refused"
)

// Question is what somebody asks.
type Question struct {
	Kind        string
	Subject     string
	Text        string
	Program     program.ID          // may be empty
	Order       string              // may be empty, but not of kind missing_order
	AdSpace     string              // may be empty
	TrafficType program.TrafficType // of kind traffic_types: the one that is wanted
}

// The longest texts, in characters.
const (
	maxSubject = 200
	maxText    = 10_000
)

// Ask opens an inquiry (A6).
func (v *Service) Ask(ctx context.Context, a Asker, by Voice, q Question) (Inquiry, error) {
	if (a.Publisher == "") == (a.Seller == "") {
		return Inquiry{}, field.Wrong("publisher", "an inquiry is a publisher's or a seller's")
	}
	if err := known("kind", Kinds(a.Seller != ""), q.Kind); err != nil {
		return Inquiry{}, err
	}
	var err error
	if q.Subject, err = line("subject", q.Subject, maxSubject); err != nil {
		return Inquiry{}, err
	}
	if q.Text, err = clean("text", q.Text, maxText); err != nil {
		return Inquiry{}, err
	}
	if q.Order = strings.TrimSpace(q.Order); len(q.Order) > store.MaxKey {
		return Inquiry{}, field.Wrong("order", "it is too long for an order's number")
	}
	switch {
	case q.Kind == MissingOrder && (q.Order == "" || q.Program == ""):
		return Inquiry{}, field.Wrong("order", "name the order and its program, so that somebody can look why it was decided as it was")
	case q.Kind == TrafficTypes && q.TrafficType == 0:
		return Inquiry{}, field.Wrong("traffic_type", "name the traffic type that you want to have beside your present one")
	case q.Kind != TrafficTypes:
		q.TrafficType = 0
	}
	i := Inquiry{
		Asker: a, Kind: q.Kind, Subject: q.Subject, Program: q.Program, Order: q.Order, AdSpace: q.AdSpace, TrafficType: q.TrafficType, State: Open,
		Messages: 1, AskedLast: 1, SeenByAsker: 1, CreatedAt: v.at(), ChangedAt: v.at(), CreatedBy: by.Person,
	}
	err = v.store.Update(ctx, func(tx store.Tx) error {
		if q.Program != "" {
			f, err := v.facts.Current(ctx, tx)
			if err != nil {
				return err
			}
			if !f.Knows(q.Program) {
				return field.Wrong("program", "there is no program %.70q", q.Program)
			}
		}
		role := tx.Platform().Desk().Inquiries()
		if q.Kind == TrafficTypes { // one click is one ticket, however often it is clicked
			open, _, err := role.Page(ctx, Filter{Asker: a, Kind: TrafficTypes}, "", 100)
			if err != nil {
				return err
			}
			for _, o := range open {
				if o.TrafficType == q.TrafficType && o.Verdict == "" && o.State != Closed {
					return fmt.Errorf("ticket %d asks for this traffic type already: %w", o.ID, ErrConflict)
				}
			}
		}
		if i, err = role.Put(ctx, i); err != nil {
			return err
		}
		return role.Say(ctx, Message{Inquiry: i.ID, Number: 1, At: i.CreatedAt, Person: by.Person, Name: by.Name, Text: q.Text})
	})
	return i, err
}

// change runs do on an inquiry that nobody else changes meanwhile, and keeps it.
func (v *Service) change(ctx context.Context, id int64, do func(tx store.Tx, i *Inquiry) error) (Inquiry, error) {
	var i Inquiry
	err := v.store.Update(ctx, func(tx store.Tx) (err error) {
		role := tx.Platform().Desk().Inquiries()
		if i, err = role.Hold(ctx, id); err != nil {
			return err
		}
		if err := do(tx, &i); err != nil {
			return err
		}
		i, err = role.Put(ctx, i)
		return err
	})
	return i, err
}

// owned says that an inquiry is there, where it is the asker's: others' are not.
func owned(i *Inquiry, a Asker) error {
	if i.Asker != a || a == (Asker{}) {
		return fmt.Errorf("ticket %d: %w", i.ID, ErrNotFound)
	}
	return nil
}

// say adds a message to an inquiry.
func (v *Service) say(ctx context.Context, tx store.Tx, i *Inquiry, m Message) error {
	i.Messages++
	i.ChangedAt = v.at()
	m.Inquiry, m.Number, m.At = i.ID, i.Messages, i.ChangedAt
	return tx.Platform().Desk().Inquiries().Say(ctx, m)
}

// Reply adds what whoever asked writes; the inquiry waits for the operator again.
func (v *Service) Reply(ctx context.Context, a Asker, by Voice, id int64, text string) (Inquiry, error) {
	text, err := clean("text", text, maxText)
	if err != nil {
		return Inquiry{}, err
	}
	i, err := v.change(ctx, id, func(tx store.Tx, i *Inquiry) error {
		if err := owned(i, a); err != nil {
			return err
		}
		if err := v.say(ctx, tx, i, Message{Person: by.Person, Name: by.Name, Text: text}); err != nil {
			return err
		}
		i.AskedLast, i.SeenByAsker = i.Messages, i.Messages
		switch i.State {
		case Closed:
			i.State = Reopened
		case Asked, Answered:
			i.State = Open
		}
		if i.Assignee == "" {
			return nil
		}
		to, err := tx.Platform().Desk().Addressees(ctx, Audience{Kind: "person", Person: i.Assignee})
		if err != nil {
			return err
		}
		return v.post(ctx, tx, to, letter{what: "reply", path: fmt.Sprintf("/tickets/%d", i.ID), about: []string{fmt.Sprint(i.ID), i.Subject}})
	})
	return shownTo(i), err
}

// Answer is what the operator does with an inquiry.
type Answer struct {
	Text     string // may be empty where something else is done
	Internal bool   // a note among the operator's people
	State    string // answered, waiting or closed; empty: answered where there is a text
	Verdict  string // of kind traffic_types: agreed or refused; empty: none
}

// Answer answers an inquiry, notes something about it, or decides it. Whoever asked is told by e-mail, unless it is a note.
func (v *Service) Answer(ctx context.Context, by Voice, id int64, a Answer) (Inquiry, error) {
	var err error
	if a.Text != "" || a.Internal || a.Verdict == "" && a.State != Closed {
		if a.Text, err = clean("text", a.Text, maxText); err != nil {
			return Inquiry{}, err
		}
	}
	if a.Verdict != "" {
		if err := known("verdict", []string{Agreed, Refused}, a.Verdict); err != nil {
			return Inquiry{}, err
		}
	}
	if a.State == "" {
		a.State = Answered
		if a.Verdict != "" {
			a.State = Closed
		}
	}
	if err := known("state", []string{Answered, Asked, Closed}, a.State); err != nil {
		return Inquiry{}, err
	}
	if a.Internal && a.Verdict != "" {
		return Inquiry{}, field.Wrong("verdict", "whoever asked must read it: do not make it a note")
	}
	return v.change(ctx, id, func(tx store.Tx, i *Inquiry) error {
		if a.Text != "" {
			if err := v.say(ctx, tx, i, Message{Person: by.Person, Name: by.Name, FromDesk: true, Internal: a.Internal, Text: a.Text}); err != nil {
				return err
			}
			i.SeenByDesk = i.Messages
		}
		if a.Internal {
			return nil
		}
		i.ChangedAt, i.State = v.at(), a.State
		if a.Text != "" {
			i.AnsweredLast = i.Messages
		}
		what := "answer"
		if a.Verdict != "" {
			if i.Kind != TrafficTypes {
				return field.Wrong("verdict", "ticket %d is not about traffic types", i.ID)
			}
			i.Verdict, i.VerdictBy, what = a.Verdict, by.Name, a.Verdict
		} else if a.Text == "" {
			what = "closed"
		}
		to, err := people(ctx, tx, i.Asker)
		if err != nil {
			return err
		}
		if err := v.post(ctx, tx, to, letter{what: what, path: under(i.Asker) + fmt.Sprintf("/help/tickets/%d", i.ID), about: []string{fmt.Sprint(i.ID), i.Subject}, below: a.Text}); err != nil || a.Verdict == "" {
			return err
		}
		return audit.Note(ctx, tx, v.at(), audit.Act{
			Action: "ticket.decided", Object: fmt.Sprint("ticket ", i.ID), After: audit.Values{"verdict": a.Verdict, "traffic_type": i.TrafficType.String(), "of": named(i.Asker)}, Reason: a.Text,
		})
	})
}

// Assign gives an inquiry to one of the operator's people, or to nobody. Whoever gets it from somebody else is told by e-mail.
func (v *Service) Assign(ctx context.Context, by Voice, id int64, person string) (Inquiry, error) {
	return v.change(ctx, id, func(tx store.Tx, i *Inquiry) error {
		if person != "" && person != by.Person {
			all, err := tx.Platform().Desk().Addressees(ctx, Audience{Kind: "operators"})
			if err != nil {
				return err
			}
			to := all[:0]
			for _, c := range all {
				if c.Person == person {
					to = append(to, c)
				}
			}
			if len(to) == 0 {
				return field.Wrong("assignee", "%.70q is none of the operator's people", person)
			}
			if person != i.Assignee {
				if err := v.post(ctx, tx, to, letter{what: "assigned", path: fmt.Sprintf("/tickets/%d", i.ID), about: []string{by.Name, fmt.Sprint(i.ID), i.Subject}}); err != nil {
					return err
				}
			}
		}
		i.Assignee = person
		return nil
	})
}

// CloseOwn closes an inquiry of an asker, who needs no more.
func (v *Service) CloseOwn(ctx context.Context, a Asker, id int64) (Inquiry, error) {
	i, err := v.change(ctx, id, func(_ store.Tx, i *Inquiry) error {
		if err := owned(i, a); err != nil {
			return err
		}
		i.State, i.ChangedAt = Closed, v.at()
		return nil
	})
	return shownTo(i), err
}

// A Conversation is an inquiry with its messages.
type Conversation struct {
	Inquiry
	Said []Message
	New  int // the number of the newest message that had been seen before; those behind it are new
}

// shownTo is an inquiry as whoever asked may see it: without what the operator's people keep among themselves.
func shownTo(i Inquiry) Inquiry {
	i.Assignee, i.SeenByDesk, i.Messages = "", 0, 0
	return i
}

// Own reads an inquiry of an asker without the operator's notes, and notes that it was seen.
func (v *Service) Own(ctx context.Context, a Asker, id int64) (*Conversation, error) {
	return v.read(ctx, id, func(i *Inquiry) error {
		if err := owned(i, a); err != nil {
			return err
		}
		return nil
	}, true)
}

// Conversation reads an inquiry with everything, for the operator, and notes that it was seen.
func (v *Service) Conversation(ctx context.Context, id int64) (*Conversation, error) {
	return v.read(ctx, id, func(*Inquiry) error { return nil }, false)
}

func (v *Service) read(ctx context.Context, id int64, may func(*Inquiry) error, asker bool) (*Conversation, error) {
	c := &Conversation{}
	err := v.store.View(ctx, func(tx store.Tx) (err error) {
		role := tx.Platform().Desk().Inquiries()
		if c.Inquiry, err = role.Get(ctx, id); err != nil {
			return err
		}
		if err := may(&c.Inquiry); err != nil {
			return err
		}
		all, err := role.Messages(ctx, id)
		c.Said = all[:0]
		for _, m := range all {
			if !asker || !m.Internal {
				c.Said = append(c.Said, m)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	seen, last := c.SeenByDesk, c.AskedLast
	if asker {
		seen, last = c.SeenByAsker, c.AnsweredLast
	}
	c.New = seen
	if last > seen {
		if _, err := v.change(ctx, id, func(_ store.Tx, i *Inquiry) error {
			if asker {
				i.SeenByAsker = max(i.SeenByAsker, last)
			} else {
				i.SeenByDesk = max(i.SeenByDesk, last)
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	if asker {
		c.Inquiry = shownTo(c.Inquiry)
	}
	return c, nil
}

// Inquiries returns a page of inquiries for the operator, the newest first, or the oldest where the filter says so.
func (v *Service) Inquiries(ctx context.Context, f Filter, after string, limit int) (is []Inquiry, next string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		is, next, err = tx.Platform().Desk().Inquiries().Page(ctx, f, after, limit)
		return err
	})
	return is, next, err
}

// Find looks up to limit inquiries up, by their number or by words of the subject, the newest first: an asker's own, or for nobody all.
func (v *Service) Find(ctx context.Context, a Asker, words string, limit int) ([]Inquiry, error) {
	words = strings.TrimSpace(words)
	if words == "" || limit < 1 {
		return nil, nil
	}
	var found []Inquiry
	err := v.store.View(ctx, func(tx store.Tx) (err error) {
		role := tx.Platform().Desk().Inquiries()
		if found, _, err = role.Page(ctx, Filter{Asker: a, Words: words}, "", limit); err != nil {
			return err
		}
		number, err := strconv.ParseInt(strings.TrimPrefix(words, "#"), 10, 64)
		if err != nil || slices.ContainsFunc(found, func(i Inquiry) bool { return i.ID == number }) {
			return nil
		}
		i, err := role.Get(ctx, number)
		if errors.Is(err, ErrNotFound) || err == nil && a != (Asker{}) && i.Asker != a {
			return nil
		}
		found = append([]Inquiry{i}, found...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for tickets: %w", err)
	}
	if a != (Asker{}) {
		for n := range found {
			found[n] = shownTo(found[n])
		}
	}
	return found, nil
}

// OwnInquiries returns a page of an asker's inquiries, the newest first.
func (v *Service) OwnInquiries(ctx context.Context, a Asker, after string, limit int) ([]Inquiry, string, error) {
	if a == (Asker{}) {
		return nil, "", nil
	}
	is, next, err := v.Inquiries(ctx, Filter{Asker: a}, after, limit)
	for n := range is {
		is[n] = shownTo(is[n])
	}
	return is, next, err
}
