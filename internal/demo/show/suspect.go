package show

import (
	"context"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/trust"
)

// Suspicion lets trust cases happen in the demo: one in which the publisher has just answered, one that was decided against it and is
// open to appeal, and whatever critical traffic there was the day before.
type Suspicion struct {
	Cases  *cases.Service
	Books  *books.Service
	Market *demo.Market
	Now    func() time.Time
}

// Begin opens the cases.
func (s *Suspicion) Begin(ctx context.Context) error {
	if _, err := s.Cases.Detect(ctx, s.Now().AddDate(0, 0, -1)); err != nil {
		return err
	}
	name := busiestPublisher(s.Market)
	if name == "" {
		return nil
	}
	pending, p, err := s.orders(ctx, name, "pending", "")
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		c, err := s.Cases.Open(ctx, cases.Draft{Program: p, Publisher: name, Category: "self_purchase", Items: pending[:min(3, len(pending))], Evidence: []trust.Evidence{
			{Kind: "text", Text: "The buyers of these orders share a delivery address, and one of them has the publisher's name."},
		}}, "per_ida")
		if err != nil {
			return fmt.Errorf("a case of the demo: %w", err)
		}
		if _, err := s.Cases.Hold(ctx, c.ID); err != nil {
			return fmt.Errorf("a case of the demo: %w", err)
		}
		if _, err := s.Cases.Answer(ctx, c.ID, name, "per_elif", "That is the address of our office. My colleagues buy there too, and each pays for it."); err != nil {
			return fmt.Errorf("a case of the demo: %w", err)
		}
	}
	approved, p, err := s.orders(ctx, name, "approved", p)
	if err != nil || len(approved) == 0 {
		return err
	}
	c, err := s.Cases.Open(ctx, cases.Draft{Program: p, Publisher: name, Category: "cookie_stuffing", Items: approved[:min(2, len(approved))], Evidence: []trust.Evidence{
		{Kind: "figure", Text: "Both clicks came from an image of the page, without anybody clicking."}, {Kind: "link", Text: "https://blog.example/page-with-the-image"},
	}}, "per_mehmet")
	if err != nil {
		return fmt.Errorf("a case of the demo: %w", err)
	}
	if _, err := s.Cases.Hold(ctx, c.ID); err != nil {
		return fmt.Errorf("a case of the demo: %w", err)
	}
	if _, err := s.Cases.Answer(ctx, c.ID, name, "per_elif", "An old banner. We took it down."); err != nil {
		return fmt.Errorf("a case of the demo: %w", err)
	}
	_, err = s.Cases.Decide(ctx, c.ID, trust.Ruling{
		By: "per_ida", Sanctions: []trust.Sanction{trust.Warning, trust.Deduction}, Reason: "cookie_stuffing", Note: "The banner loaded our links by itself. Thank you for taking it down; these two orders earn nothing.",
	})
	if err != nil {
		return fmt.Errorf("a case of the demo: %w", err)
	}
	return nil
}

// orders are items of a publisher in a state that earn something, of one program: the one that is given, or that of the newest.
func (s *Suspicion) orders(ctx context.Context, publisher, state string, p program.ID) ([]cases.Ref, program.ID, error) {
	records, _, err := s.Books.Orders(ctx, books.OrderFilter{Program: p, Publisher: publisher, State: state}, "", 50)
	if err != nil {
		return nil, p, err
	}
	var out []cases.Ref
	for i := range records {
		if r := &records[i]; r.Amount > 0 {
			if p == "" {
				p = r.Program
			}
			if r.Program == p {
				out = append(out, cases.Ref{Order: r.Order, Item: r.Item})
			}
		}
	}
	return out, p, nil
}
