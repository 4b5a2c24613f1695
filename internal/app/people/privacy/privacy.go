// Package privacy shows people what is kept of them, and forgets who somebody was (ADR 0011). What the books and the audit log need stays,
// under an id that stands for nobody any more.
package privacy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/store"
)

// Service shows and forgets.
type Service struct {
	store store.Store
	now   func() time.Time
}

// New returns a service.
func New(s store.Store, now func() time.Time) *Service { return &Service{store: s, now: now} }

// KeptError says why somebody cannot be erased yet: an organisation would be left without the one who answers for it.
type KeptError struct {
	Organisation string // its name
	Why          Why
}

// Why is the reason of a KeptError.
type Why string

// The reasons.
const (
	LastHead  Why = "last_head"  // others act for it, and none of them is its owner, or admin
	MoneyDue  Why = "money_due"  // nobody else acts for it, and there is money that is not settled with it
	TakesPart Why = "takes_part" // nobody else acts for it, and it still takes part in programs
)

// Error says what helps.
func (e *KeptError) Error() string {
	switch e.Why {
	case LastHead:
		return fmt.Sprintf("the person is the last who answers for %s: give the role to somebody else first", e.Organisation)
	case MoneyDue:
		return fmt.Sprintf("nobody else acts for %s, and money is not settled with it: invite another owner, or pay out or write off what is due, and erase the person then", e.Organisation)
	}
	return fmt.Sprintf("nobody else acts for %s, and it takes part in programs: invite another owner, or block its ad spaces, and erase the person then", e.Organisation)
}

// hidden turns "not found" into ErrForbidden, so that nobody learns what is there.
func hidden(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return people.ErrForbidden
	}
	return err
}

// entries gives each entry of the audit log behind a sequence to do, and returns the last sequence.
func entries(ctx context.Context, log store.Audit, after int64, do func(e *store.AuditEntry)) (int64, error) {
	for {
		some, err := log.After(ctx, after, 1000)
		if err != nil || len(some) == 0 {
			return after, err
		}
		for i := range some {
			do(&some[i])
		}
		after = some[len(some)-1].Sequence
	}
}

// by is a viewer as the audit log names it.
func by(v people.Viewer) audit.By {
	return audit.By{Person: v.Person, Organisation: v.Organisation.ID, Via: "session " + v.Session[:min(12, len(v.Session))], Network: v.Network}
}

// withAddress returns the person with an e-mail address.
func (s *Service) withAddress(ctx context.Context, address string) (p store.Person, err error) {
	err = s.store.View(ctx, func(tx store.Tx) (err error) {
		p, err = tx.Platform().Accounts().People().ByEmail(ctx, strings.ToLower(strings.TrimSpace(address)))
		return err
	})
	if err != nil {
		return p, fmt.Errorf("looking %s up: %w", address, err)
	}
	return p, nil
}
