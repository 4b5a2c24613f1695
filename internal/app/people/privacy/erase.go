package privacy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/payout"
)

// Erased is what was done to forget somebody.
type Erased struct {
	Person    string   // id, which stays
	Pseudonym string   // what the person is called from now on
	Rows      int64    // that were taken out
	Texts     int64    // in which the name or the address was replaced
	Entries   int      // of the audit log whose details were cut
	Keys      int      // that were ended
	Closed    []string // names of organisations for which nobody acts any more
}

// Erase forgets who a person was: name, e-mail address, password, second factor, passkeys, sessions, links that were sent, e-mail that waits.
// What the person did stays under its id. With endKeys the API keys that the person knows end at once. The address must be given again, so that
// nobody is erased by a slip.
func (s *Service) Erase(ctx context.Context, v people.Viewer, person, address string, endKeys bool) (Erased, error) {
	switch {
	case v.App != "": // whoever has a stolen key must not shut people out
		return Erased{}, people.ErrForbidden
	case person == v.Person:
		return Erased{}, &people.InputError{Field: "person", Code: "self"}
	}
	if err := v.Check(people.ManageAccounts, s.now()); err != nil {
		return Erased{}, err
	}
	return s.erase(audit.With(ctx, by(v)), person, func(p *store.Person) error {
		if !strings.EqualFold(strings.TrimSpace(address), p.Email) {
			return &people.InputError{Field: "address", Code: "other"}
		}
		return nil
	}, endKeys)
}

// EraseByCommand is Erase from the command line of the machine, by the e-mail address.
func (s *Service) EraseByCommand(ctx context.Context, address string, endKeys bool) (Erased, error) {
	p, err := s.withAddress(ctx, address)
	if err != nil {
		return Erased{}, err
	}
	return s.erase(audit.With(ctx, audit.By{Via: "command line"}), p.ID, func(*store.Person) error { return nil }, endKeys)
}

func (s *Service) erase(ctx context.Context, id string, agrees func(*store.Person) error, endKeys bool) (out Erased, err error) {
	var p store.Person
	var n *naming
	before := make(map[int64]string) // details to cut, found while others still write
	var read int64
	if err := s.store.View(ctx, func(tx store.Tx) error {
		a := tx.Platform().Accounts()
		if p, err = a.People().ByID(ctx, id); err != nil {
			return hidden(err)
		}
		if !p.ErasedAt.IsZero() {
			return people.ErrForbidden
		}
		n = namingOf(&p)
		read, err = entries(ctx, a.Audit(), 0, func(e *store.AuditEntry) { n.cut(e, before) })
		return err
	}); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx store.Tx) error {
		cuts := maps.Clone(before) // the transaction may run again
		out = Erased{Person: id, Pseudonym: n.pseudonym}
		a := tx.Platform().Accounts()
		if err := a.People().Hold(ctx, id); err != nil {
			return err
		}
		kept, err := a.People().ByID(ctx, id)
		if err != nil {
			return hidden(err)
		}
		if kept.Email != p.Email || kept.Name != p.Name || !kept.ErasedAt.IsZero() {
			return fmt.Errorf("the person was changed meanwhile: %w", store.ErrConflict)
		}
		if err := agrees(&kept); err != nil {
			return err
		}
		if out.Closed, err = s.leave(ctx, tx, id, n); err != nil {
			return err
		}
		if endKeys {
			if out.Keys, err = s.endKeys(ctx, a, id); err != nil {
				return err
			}
		}
		if out.Rows, err = a.Traces().Forget(ctx, id, p.Email); err != nil {
			return err
		}
		if out.Texts, err = a.Traces().Rewrite(ctx, n.words(), n.rewrite); err != nil {
			return err
		}
		now := s.now()
		gone := store.Person{ID: id, Email: id + "@erased.invalid", Name: n.pseudonym, Language: p.Language, CreatedAt: p.CreatedAt, LockedAt: now, ErasedAt: now}
		if err := a.People().Put(ctx, gone); err != nil {
			return err
		}
		// From the first entry that is written on others wait with theirs, so whatever they wrote is seen.
		act := audit.Act{Action: "person.erased", Object: "person " + id, After: audit.Values{
			"rows": strconv.FormatInt(out.Rows, 10), "texts": strconv.FormatInt(out.Texts, 10), "keys_ended": strconv.Itoa(out.Keys),
		}}
		if err := audit.Note(ctx, tx, now, act); err != nil {
			return err
		}
		if _, err := entries(ctx, a.Audit(), read, func(e *store.AuditEntry) { n.cut(e, cuts) }); err != nil {
			return err
		}
		var all []audit.Cut
		for _, sequence := range slices.Sorted(maps.Keys(cuts)) {
			all = append(all, audit.Cut{Sequence: sequence, Detail: cuts[sequence]})
		}
		out.Entries = len(all)
		return audit.Redact(ctx, tx, now, "person "+id, all)
	})
	if err != nil {
		return Erased{}, err
	}
	if err := s.store.Scrub(ctx); err != nil {
		return out, fmt.Errorf("the person is erased, and what was deleted may still be in the files of the database: %w", err)
	}
	return out, nil
}

// leave ends the memberships of a person and returns the names of the organisations for which nobody acts any more: they are closed.
func (s *Service) leave(ctx context.Context, tx store.Tx, person string, n *naming) (closed []string, err error) {
	a := tx.Platform().Accounts()
	of, err := a.Organisations().Of(ctx, person)
	if err != nil {
		return nil, err
	}
	for _, m := range of {
		if err := a.People().Hold(ctx, "members of "+m.Organisation); err != nil {
			return nil, err
		}
		o, err := a.Organisations().ByID(ctx, m.Organisation)
		if err != nil {
			return nil, err
		}
		members, err := a.Organisations().Members(ctx, o.ID)
		if err != nil {
			return nil, err
		}
		head := people.RolesOf(o.Kind)[0]
		others := slices.DeleteFunc(members, func(x store.Membership) bool { return x.Person == person })
		heads := slices.ContainsFunc(others, func(x store.Membership) bool { return x.Role == head })
		if m.Role == head && !heads && (len(others) > 0 || o.Kind == store.KindOperator) {
			return nil, &KeptError{o.Name, LastHead}
		}
		if err := a.Organisations().RemoveMember(ctx, o.ID, person); err != nil {
			return nil, err
		}
		if len(others) > 0 || o.Kind == store.KindOperator {
			continue
		}
		if err := s.close(ctx, tx, o, n); err != nil {
			return nil, err
		}
		closed = append(closed, o.Name)
	}
	return closed, nil
}

// close ends what an organisation has open for which nobody acts any more.
func (s *Service) close(ctx context.Context, tx store.Tx, o store.Organisation, n *naming) error {
	a := tx.Platform().Accounts()
	if o.Kind == store.KindPublisher {
		why, err := open(ctx, tx, o.Publisher)
		if err != nil {
			return err
		}
		if why != "" {
			return &KeptError{o.Name, why}
		}
		if err := a.Traces().ClosePublisher(ctx, o.Publisher); err != nil {
			return err
		}
	}
	apps, err := a.Apps().Of(ctx, o.ID)
	if err != nil {
		return err
	}
	for _, app := range apps {
		if app.RevokedAt.IsZero() {
			app.RevokedAt = s.now()
			if err := a.Apps().Put(ctx, app); err != nil {
				return err
			}
		}
	}
	invited, err := a.Tickets().Open(ctx, people.ToInvite, o.ID, s.now())
	if err != nil {
		return err
	}
	for _, t := range invited {
		if err := a.Tickets().Use(ctx, t.Hash, s.now()); err != nil {
			return err
		}
	}
	o.Name, o.Profile = n.rewrite(o.Name), store.Profile{}
	if err := a.Organisations().Put(ctx, o); err != nil {
		return err
	}
	return audit.Note(ctx, tx, s.now(), audit.Act{Action: "organisation.closed", Object: "organisation " + o.ID})
}

// open says what keeps a publisher from being closed: money that is on its way in either direction, or ad spaces that still earn.
func open(ctx context.Context, tx store.Tx, publisher string) (Why, error) {
	book, err := tx.Ledger().Book(ctx)
	if err != nil {
		return "", fmt.Errorf("reading the balances of %q: %w", publisher, err)
	}
	for _, l := range book.Lines() {
		if k := l.Account.Kind; !k.OfPublisher() || k == ledger.Paid { // what was paid is not due
			continue
		}
		if l.Account.Owner == publisher && book.Balance(l.Account, l.Currency) != 0 {
			return MoneyDue, nil
		}
	}
	payouts, err := tx.Payouts().Of(ctx, store.PayoutFilter{Publisher: publisher})
	if err != nil {
		return "", fmt.Errorf("reading the payouts of %q: %w", publisher, err)
	}
	for i := range payouts {
		if x := payouts[i].Status; x == payout.Sent || x == payout.Unknown {
			return MoneyDue, nil
		}
	}
	spaces, err := tx.Facts().AdSpaces(ctx)
	if err != nil {
		return "", fmt.Errorf("reading the ad spaces of %q: %w", publisher, err)
	}
	for _, x := range spaces {
		if x.Publisher == publisher && !x.ApprovedAt.IsZero() && x.BlockedAt.IsZero() {
			return TakesPart, nil
		}
	}
	return "", nil
}

// endKeys ends the API keys that a person was shown, at once.
func (s *Service) endKeys(ctx context.Context, a store.Accounts, person string) (ended int, err error) {
	trace, err := a.Traces().Of(ctx, person, "")
	if err != nil {
		return 0, err
	}
	for _, known := range trace.Keys {
		k, err := a.Apps().Key(ctx, known.ID)
		if err != nil {
			return ended, err
		}
		if k.EndBy(s.now()) {
			if err := a.Apps().PutKey(ctx, k); err != nil {
				return ended, err
			}
			ended++
		}
	}
	return ended, nil
}
