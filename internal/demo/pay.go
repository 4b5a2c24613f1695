package demo

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/big"
	"time"

	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// Bank pays publishers as finance people do: runs are opened when they are due, built, approved by a second person,
// released, and the bank answers on the next day.
type Bank struct {
	Settle  *settle.Service
	Payouts *payouts.Service
	Clock   *Clock

	waiting []payout.Run // released, not answered
	Paid    int          // payouts that arrived
	Failed  int          // payouts that the bank refused or sent back
}

// The people of the demo.
const (
	maker   = "per_mehmet"
	checker = "per_ada"
)

// Details gives each publisher a bank account.
func (b *Bank) Details(ctx context.Context, m *Market) error {
	seen := make(map[string]bool)
	for _, s := range m.Spaces {
		if seen[s.Publisher] {
			continue
		}
		seen[s.Publisher] = true
		method := "bank_transfer"
		if terms := b.Settle.Terms(s.Program, b.Clock.Now()); terms != nil && len(terms.Payout.Methods) > 0 {
			method = terms.Payout.Methods[0].Method
		}
		err := b.Payouts.SetDetails(ctx, s.Publisher, payouts.Details{
			Method: method, Country: "DE",
			Account: payout.Party{
				Name: "Publisher " + s.Publisher, IBAN: iban(s.Publisher), BIC: "COBADEFFXXX",
				Address: payout.Address{Street: "Marktplatz", Building: "1", PostCode: "10115", Town: "Berlin", Country: "DE"},
			},
		})
		if err != nil {
			return fmt.Errorf("payout details of %q: %w", s.Publisher, err)
		}
	}
	return nil
}

// iban is a German account number with right check digits, made from a name.
func iban(name string) string {
	h := fnv.New64a()
	h.Write([]byte(name))
	account := fmt.Sprintf("%018d", h.Sum64()%1_000_000_000_000_000_000)
	n, _ := new(big.Int).SetString(account+"131400", 10) // D = 13, E = 14, and the check digits as zeros
	check := 98 - new(big.Int).Mod(n, big.NewInt(97)).Int64()
	return fmt.Sprintf("DE%02d%s", check, account)
}

// Day does the finance people's work of a day.
func (b *Bank) Day(ctx context.Context, end time.Time) error {
	if err := b.answer(ctx); err != nil {
		return err
	}
	for _, p := range b.Settle.Programs() {
		if _, err := b.Settle.Bonuses(ctx, p); err != nil {
			return err
		}
		if err := b.pay(ctx, p, end); err != nil {
			return err
		}
	}
	return nil
}

// pay leads the run that is due today through to the bank.
func (b *Bank) pay(ctx context.Context, p program.ID, end time.Time) error {
	r, due, err := b.Payouts.Due(ctx, p, maker)
	if err != nil {
		return err
	}
	if terms := b.Settle.Terms(p, end); !due && terms.Payout.Schedule == program.OnRequest && end.Weekday() == time.Friday {
		// Publishers who may withdraw ask on Fridays.
		if r, err = b.Payouts.Start(ctx, p, payout.Requested, nil, maker); err != nil {
			return err
		}
		due = true
	}
	if !due || r.State != payout.Frozen {
		return nil
	}
	if r, err = b.Payouts.Build(ctx, r.ID, maker); err != nil {
		return err
	}
	t := r.Totals()
	if r, err = b.Payouts.Approve(ctx, r.ID, payout.Approval{By: checker, Payments: t.Payments, Total: money.New(t.Net, r.Currency).Decimal()}); err != nil {
		return err
	}
	if r, err = b.Payouts.Release(ctx, r.ID, maker); err != nil {
		return err
	}
	b.waiting = append(b.waiting, r)
	return nil
}

// answer lets the bank answer what it was sent: of 40 payouts one is refused and one comes back.
func (b *Bank) answer(ctx context.Context) error {
	for _, r := range b.waiting {
		var answers []payout.Answer
		for _, p := range r.Payouts {
			if p.Status != payout.Sent {
				continue
			}
			a := payout.Answer{Payout: p.ID, Status: payout.Paid, Amount: money.New(p.Net, r.Currency), Ref: "stmt/" + p.ID, At: b.Clock.Now()}
			h := fnv.New32a()
			h.Write([]byte(p.ID))
			switch h.Sum32() % 40 {
			case 0:
				a.Status, a.Reason, a.Text = payout.Rejected, "AC04", "the account is closed"
			case 1:
				a.Status, a.Reason, a.Text = payout.Returned, "AC01", "the account number is wrong"
			}
			if a.Status == payout.Paid {
				b.Paid++
			} else {
				b.Failed++
			}
			answers = append(answers, a)
		}
		got, err := b.Payouts.Answers(ctx, answers, "bank")
		if err != nil {
			return err
		}
		if len(got.Strange) > 0 {
			return fmt.Errorf("payout run %s: %w", r.ID, got.Strange[0].Err)
		}
		if _, err := b.Payouts.Close(ctx, r.ID, maker); err != nil {
			return err
		}
	}
	b.waiting = nil
	return nil
}
