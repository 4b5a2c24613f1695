package books

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// Click is all that is known of a touch, and the orders that considered it (L3, T6, T7).
type Click struct {
	click.Click
	// Seen is what an edge saw; nil: the click came without it, or what was seen is not kept any more.
	Seen *Seen
	// Link is the link that was followed; nil: it is not known.
	Link *ClickedLink
	// Orders are the items whose decisions considered the click, those of the order placed last first.
	Orders []Considered
	// More is how many orders of the visitor there are beside those that were looked at.
	More int
}

// Seen is what an edge saw of a click.
type Seen struct {
	Reason      string // what the verdict rests on, or why the click led elsewhere; empty: nothing to say
	Substituted bool   // it led to the link's substitute or to the program's home page (L7)
	Repeat      int    // how many clicks of the visitor on the link there were in the hour, this one included; 0: they were not counted
	Consent     string // unknown, granted or denied
	Country     string // ISO 3166-1 alpha-2; empty: not known
	Device      string
	Agent, OS   string // families
	Referrer    string // host and path
}

// ClickedLink is the link of a click, as it is now.
type ClickedLink struct {
	Code, State, URL string
}

// Considered is an item whose newest decision considered a click.
type Considered struct {
	order.Key
	Item     string
	PlacedAt time.Time
	State    string
	Currency money.Currency
	Amount   int64  // what the item earns
	Fate     string // how far the click came, a code of the explanation
	Until    string // until when it counts, as the explanation has it; empty: it says nothing of it
}

// Won reports whether the click won the item.
func (c *Considered) Won() bool { return c.Fate == "won" }

// substituted is the flag of visits that edges set when the target was another one.
const substituted = 1

// mostOrders is how many orders of a click's visitor are looked at: an ordinary visitor has a few.
const mostOrders = 50

// Click reads a touch of a program, or ErrNotFound.
func (v *Service) Click(ctx context.Context, p program.ID, id string) (*Click, error) {
	return view(ctx, v, func(tx store.Tx) (*Click, error) { return readClick(ctx, tx, p, id, "") })
}

// OwnClick reads what a publisher may know of its click: nothing of the visitor's browser and where it came from, and of orders only the
// items that the publisher earns from, with nothing of who competed (T7). Another one's click is ErrNotFound.
func (v *Service) OwnClick(ctx context.Context, p program.ID, id, publisher string) (*Click, error) {
	if publisher == "" {
		return nil, ErrNotFound
	}
	return view(ctx, v, func(tx store.Tx) (*Click, error) {
		c, err := readClick(ctx, tx, p, id, publisher)
		if err != nil {
			return nil, err
		}
		c.Visitor, c.Session, c.More = "", "", 0
		if s := c.Seen; s != nil {
			c.Seen = &Seen{Reason: s.Reason, Substituted: s.Substituted, Country: s.Country, Device: s.Device}
		}
		return c, nil
	})
}

// readClick reads a click; with a publisher it must be that one's, and so must the items.
func readClick(ctx context.Context, tx store.Tx, p program.ID, id, publisher string) (*Click, error) {
	touches, err := tx.Clicks().ForOrders(ctx, []store.TouchWish{{Program: p, Click: id}})
	if err != nil {
		return nil, fmt.Errorf("reading click %q: %w", id, err)
	}
	if len(touches[0]) == 0 || publisher != "" && touches[0][0].Publisher != publisher {
		return nil, fmt.Errorf("click %q of program %q: %w", id, p, ErrNotFound)
	}
	c := &Click{Click: *touches[0][0]}
	seen, err := tx.Platform().Visits().Get(ctx, p, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return nil, fmt.Errorf("reading what was seen of click %q: %w", id, err)
	default:
		c.Seen = &Seen{
			Reason: seen.Reason, Substituted: seen.Flags&substituted != 0, Repeat: seen.Repeat, Consent: seen.Consent, Country: seen.Country, Device: seen.Device,
			Agent: seen.Agent, OS: seen.OS, Referrer: seen.Referrer,
		}
		links, err := tx.Platform().Links().ByID(ctx, []int64{seen.Link})
		if err != nil {
			return nil, fmt.Errorf("reading the link of click %q: %w", id, err)
		}
		if len(links) == 1 {
			c.Link = &ClickedLink{links[0].Code, links[0].State, links[0].Target.URL}
		}
	}
	return c, c.readOrders(ctx, tx, publisher)
}

// readOrders reads how the click came out in the orders of its visitor and in those that name it.
func (c *Click) readOrders(ctx context.Context, tx store.Tx, publisher string) error {
	keys, err := tx.Orders().Touched(ctx, []*click.Click{&c.Click})
	if err != nil {
		return fmt.Errorf("reading the orders of click %q: %w", c.ID, err)
	}
	if len(keys) > mostOrders {
		keys, c.More = keys[:mostOrders], len(keys)-mostOrders
	}
	for _, k := range keys {
		records, err := tx.Decisions().Newest(ctx, k)
		if errors.Is(err, store.ErrNotFound) { // reported, and not decided yet
			continue
		}
		if err != nil {
			return err
		}
		for i := range records {
			if err := c.consider(&records[i], publisher); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(c.Orders, func(a, b Considered) int {
		return cmp.Or(b.PlacedAt.Compare(a.PlacedAt), cmp.Compare(a.Order, b.Order))
	})
	return nil
}

// consider enters an item if its decision looked at the click; a publisher's only if it earns from the item, as in Order.For.
func (c *Click) consider(r *store.Record, publisher string) error {
	if publisher != "" && r.Publisher != publisher {
		return nil
	}
	all, _, err := steps(r)
	if err != nil {
		return err
	}
	if publisher != "" {
		all = explain.ForPublisher(all, publisher)
	}
	for _, s := range all {
		if (s.Code == "candidate" || s.Code == "other_channel") && s.Get("click") == c.ID {
			c.Orders = append(c.Orders, Considered{r.Key, r.Item, r.PlacedAt, r.State, r.Currency, r.Amount, s.Get("fate"), s.Get("window_until")})
			return nil
		}
	}
	return nil
}

// Marks are the sub-IDs as they stood in the link, such as af=review.
func (c *Click) Marks() []string {
	return (&Source{Sub: map[string]string{"af": c.Sub.AF, "cn": c.Sub.CN, "cv": c.Sub.CV, "dp": c.Sub.DP}}).Marks()
}
