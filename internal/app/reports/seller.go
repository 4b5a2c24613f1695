package reports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/report"
	"github.com/clickledger/clickledger/seller"
	"github.com/clickledger/clickledger/settlement"
)

// Seller is the report of what stores sold through publishers, what that cost, and what came back for it (S3, R3). It stands on the
// same records as the books: what it says is commission and fee is what was taken from the advertiser's fund for the items (R4).
const Seller Kind = "stores"

// What the report of stores can be broken down by, beside dimensions of items.
const (
	// ByCampaign is the seller's campaign that ran when the item was ordered.
	ByCampaign Dim = "campaign"
	// BySource is the publisher, under a number. Sellers do not learn who their publishers are: the number is the place of the
	// publisher among all who ever sold for the store, by the first order.
	BySource Dim = "source"
	// ByItem is each item, the latest first.
	ByItem Dim = "item"
)

// SellerDims are what a seller can break the report down by; the operator can break it down by publisher and store as well.
func SellerDims() []Dim {
	return []Dim{store.DimDay, store.DimProduct, ByCampaign, BySource, store.DimCategory, store.DimCountry, ByItem}
}

// OperatorDims are what the operator can break it down by.
func OperatorDims() []Dim {
	return []Dim{store.DimDay, store.DimProgram, store.DimPublisher, store.DimStore, store.DimProduct, store.DimCategory}
}

// OfStore answers the report of one store, in the words of its seller. Its query may have one dimension of SellerDims, a program, times
// and an order.
func (v *Service) OfStore(ctx context.Context, id string, q Query, to Sink) error {
	if id == "" || !plain(id) {
		return &QueryError{Field: "store", Reason: "it is missing"}
	}
	return v.seller(ctx, id, q, SellerDims(), to)
}

// AcrossStores answers the report of all stores for the operator: cost of sale by program, top publishers, stores (R3). Its query may
// have one dimension of OperatorDims. What no store is known of counts too.
func (v *Service) AcrossStores(ctx context.Context, q Query, to Sink) error {
	return v.seller(ctx, "", q, OperatorDims(), to)
}

func (v *Service) seller(ctx context.Context, id string, q Query, dims []Dim, to Sink) error {
	q.Kind = Seller
	switch {
	case len(q.By) > 1:
		return &QueryError{Field: "by", Reason: "has one dimension at the most"}
	case len(q.By) == 1 && !slices.Contains(dims, q.By[0]):
		return &QueryError{Field: "by", Reason: fmt.Sprintf("%q is not a dimension of this report%s", q.By[0], orList(dims))}
	case len(q.Where) > 0 || q.Publisher != "":
		return &QueryError{Field: "filters", Reason: "this report has none"}
	}
	shape := q
	shape.Kind, shape.By = Orders, nil // the rest is as in reports of orders
	if err := shape.check(); err != nil {
		return err
	}
	err := v.store.View(ctx, func(tx store.Tx) error {
		now := v.now().UTC().Truncate(time.Microsecond)
		c, err := tx.Platform().Reports().Complete(ctx, now)
		if err != nil {
			return err
		}
		h := &Head{Query: q, Complete: Complete{AsOf: now, OrdersTo: c.Orders, LastClick: c.Clicks, Logs: c.Logs}}
		s := &sold{tx: tx, store: id, q: &h.Query}
		if len(q.By) == 1 && q.By[0] == ByItem {
			return s.items(ctx, h, to)
		}
		return s.run(ctx, h, to)
	})
	if errors.Is(err, store.ErrInvalid) {
		return ErrCursor
	}
	if err != nil {
		return fmt.Errorf("report of stores: %w", err)
	}
	return nil
}

// sold is a report of stores at work.
type sold struct {
	tx    store.Tx
	store string // empty: all
	q     *Query
}

func (s *sold) figures(by ...Dim) store.Figures {
	f := store.Figures{Program: s.q.Program, From: s.q.From, To: s.q.To, Basis: s.q.Basis, By: by}
	if s.store != "" {
		f.Where = []Match{{Dim: store.DimStore, Value: s.store}}
	}
	return f
}

// cost is a row: what was sold, by state, and what it costs.
type cost struct {
	counts             map[string]int64
	sold, open, closed int64 // open and closed are the commission of tracked and pending, and of approved items
	fee                int64
}

func (c *cost) add(s *store.Figure) error {
	if c.counts == nil {
		c.counts = make(map[string]int64)
	}
	c.counts[s.State] += s.Items
	var err error
	plus := func(to *int64, by int64) {
		if err == nil {
			*to, err = money.Add(*to, by)
		}
	}
	switch s.State {
	case settlement.Approved.String():
		plus(&c.sold, s.Value)
		plus(&c.closed, s.Amount)
	case settlement.Tracked.String(), settlement.Pending.String():
		plus(&c.sold, s.Value)
		plus(&c.open, s.Amount)
	}
	plus(&c.fee, s.Fee)
	return err
}

var sellerColumns = []Column{
	{"currency", Text}, {"items", Count}, {"sold", Amount}, {"cost", Amount}, {"cost_of_sale", Percent}, {"return_on_cost", Amount},
	{"commission_open", Amount}, {"commission_approved", Amount}, {"network_fee", Amount}, {"tracked", Count}, {"pending", Count}, {"approved", Count}, {"declined", Count},
}

func (c *cost) cells(dst []string, cur money.Currency) ([]string, error) {
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	amount := func(minor int64) string { return money.New(minor, cur).Decimal() }
	all, err := money.Add(c.open, c.closed)
	if err == nil {
		all, err = money.Add(all, c.fee)
	}
	if err != nil {
		return nil, err
	}
	items := int64(0)
	for _, n := range c.counts {
		items += n
	}
	dst = append(dst, string(cur), count(items), amount(c.sold), amount(all), report.CostOfSale(all, c.sold), report.ReturnOnCost(c.sold, all),
		amount(c.open), amount(c.closed), amount(c.fee))
	for _, s := range [...]settlement.State{settlement.Tracked, settlement.Pending, settlement.Approved, settlement.Declined} {
		dst = append(dst, count(c.counts[s.String()]))
	}
	return dst, nil
}

// run adds the items of a breakdown up. Figures of different programs are never added up.
func (s *sold) run(ctx context.Context, h *Head, to Sink) error {
	by := []Dim{store.DimProgram}
	rows, totals := make(map[place]*cost), make(map[place]*cost)
	enter := func(p place, f *store.Figure) error {
		if f.State == settlement.Unattributed.String() {
			return nil // nobody sent the buyer, and nobody is paid
		}
		for _, x := range [...]struct {
			in map[place]*cost
			p  place
		}{{rows, p}, {totals, place{[store.MaxDims]string{p.keys[0]}, p.currency}}} {
			if x.in[x.p] == nil {
				x.in[x.p] = &cost{}
			}
			if err := x.in[x.p].add(f); err != nil {
				return err
			}
		}
		return nil
	}
	figure := func(f store.Figure) error { return enter(place{f.Keys, f.Currency}, &f) }
	role := s.tx.Platform().Reports()
	var err error
	switch dim := s.dim(); dim {
	case "", store.DimProgram:
		err = role.Items(ctx, s.figures(by...), figure)
	case ByCampaign:
		by = append(by, dim)
		err = s.campaigns(ctx, enter)
	case BySource:
		by = append(by, dim)
		var numbers map[string]int
		if numbers, err = s.sources(ctx); err == nil {
			err = role.Items(ctx, s.figures(store.DimProgram, store.DimPublisher), func(f store.Figure) error {
				f.Keys[1] = sourceName(numbers, f.Keys[1])
				return figure(f)
			})
		}
	default:
		by = append(by, dim)
		err = role.Items(ctx, s.figures(by...), figure)
	}
	if err != nil {
		return err
	}
	t := newTable(s.q, by, sellerColumns, rows, totals, func(p place, c *cost) ([]string, error) {
		return c.cells(slices.Clone(p.keys[:len(by)]), p.currency)
	})
	return t.send(h, to)
}

func (s *sold) dim() Dim {
	if len(s.q.By) == 0 {
		return ""
	}
	return s.q.By[0]
}

// sources numbers the publishers who ever sold for the store by their first order, from 1.
func (s *sold) sources(ctx context.Context) (map[string]int, error) {
	q := s.figures()
	q.Program, q.From, q.To, q.Basis = "", time.Time{}, time.Time{}, ""
	var latest []string // the first order of each comes last
	_, err := s.tx.Platform().Reports().List(ctx, q, "", 0, func(r *store.ItemRow) error {
		if r.Publisher != "" {
			latest = append(latest, r.Publisher)
		}
		return nil
	})
	numbers := make(map[string]int)
	for _, p := range slices.Backward(latest) {
		if numbers[p] == 0 {
			numbers[p] = len(numbers) + 1
		}
	}
	return numbers, err
}

func sourceName(numbers map[string]int, publisher string) string {
	if numbers[publisher] == 0 {
		return ""
	}
	return fmt.Sprintf("%04d", numbers[publisher])
}

// campaigns adds up by the campaign that ran for the product when the item was ordered; "" is none. Campaigns are never changed once
// they began, but for their end, so what ran then is found again.
func (s *sold) campaigns(ctx context.Context, enter func(place, *store.Figure) error) error {
	var offers []store.StoreOffer
	for after := ""; ; {
		page, next, err := s.tx.Platform().Sellers().Offers(ctx, store.OfferFilter{Store: s.store, Campaigns: true}, after, 1000)
		if err != nil {
			return err
		}
		offers = append(offers, page...)
		if after = next; after == "" {
			break
		}
	}
	byProduct := make(map[string][]seller.Offer)
	for _, o := range offers {
		byProduct[o.Product] = append(byProduct[o.Product], o.Offer)
	}
	_, err := s.tx.Platform().Reports().List(ctx, s.figures(), "", 0, func(r *store.ItemRow) error {
		name := ""
		for _, product := range [...]string{r.Product, ""} {
			if c := seller.CampaignOf(byProduct[product], r.PlacedAt); c != nil && name == "" {
				name = c.Campaign
			}
		}
		f := store.Figure{State: r.State, Items: 1, Value: r.Value, Amount: r.Amount, Fee: r.Fee}
		return enter(place{[store.MaxDims]string{string(r.Program), name}, r.Currency}, &f)
	})
	return err
}

var itemColumns = []Column{
	{"ordered_at", Time}, {"program", Text}, {"order", Text}, {"item", Text}, {"product", Text}, {"category", Text}, {"country", Text}, {"state", Text},
	{"reason", Text}, {"currency", Text}, {"sold", Amount}, {"commission", Amount}, {"network_fee", Amount}, {"rule", Text},
}

// items hands the items of a store on, as they are read.
func (s *sold) items(ctx context.Context, h *Head, to Sink) error {
	if s.q.Sort != "" {
		return &QueryError{Field: "sort", Reason: "is not for items: the latest come first"}
	}
	h.Columns = itemColumns
	begun := false
	begin := func() error {
		if begun {
			return nil
		}
		begun = true
		return to.Begin(h)
	}
	cells := make([]string, 0, len(itemColumns))
	next, err := s.tx.Platform().Reports().List(ctx, s.figures(), s.q.After, s.q.Limit, func(r *store.ItemRow) error {
		if err := begin(); err != nil { // not before: a cursor may be refused
			return err
		}
		if r.State == settlement.Unattributed.String() {
			return nil // what buyers bought by themselves is no affair of the program
		}
		cells = append(cells[:0], timeCell(r.PlacedAt), string(r.Program), r.Order, r.Item, r.Product, r.Category, r.Country, r.State, r.Reason,
			string(r.Currency), money.New(r.Value, r.Currency).Decimal(), money.New(r.Amount, r.Currency).Decimal(), money.New(r.Fee, r.Currency).Decimal(), r.Rule)
		return to.Row(cells)
	})
	if err != nil {
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	return to.End(next)
}
