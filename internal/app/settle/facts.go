package settle

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// snapshot is what all orders look up: programs, ad spaces and exchange rates. A change makes a new one.
type snapshot struct {
	version   int64 // of the facts, see store.Platform
	programs  map[program.ID]programTables
	directory publisher.Directory
	exchange  money.Exchange
}

type programTables struct {
	versions program.Versions
	tables   map[*program.Terms]*commission.Table
}

// load reads the facts of a database. Reference programs stand in for programs that were not published.
func load(ctx context.Context, tx store.Tx) (*snapshot, error) {
	s := &snapshot{programs: make(map[program.ID]programTables)}
	var err error
	if s.version, err = tx.Platform().FactsVersion(ctx); err != nil {
		return nil, err
	}
	for _, id := range program.ReferenceIDs() {
		v, _ := program.Reference(id)
		s.use(id, v)
	}
	docs, err := tx.Facts().Documents(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading program documents: %w", err)
	}
	var all []*program.Terms
	for _, d := range docs {
		terms, err := program.Parse(fmt.Sprintf("%s version %d", d.Program, d.Version), []byte(d.Text))
		if err != nil {
			return nil, err
		}
		all = append(all, terms...)
	}
	grouped, err := program.Group(all)
	if err != nil {
		return nil, err
	}
	for id, v := range grouped {
		s.use(id, v)
	}
	spaces, err := tx.Facts().AdSpaces(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading ad spaces: %w", err)
	}
	for _, a := range spaces {
		if err := s.directory.Add(a); err != nil {
			return nil, err
		}
	}
	quotes, err := tx.Facts().Quotes(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading exchange rates: %w", err)
	}
	for _, q := range quotes {
		if err := s.exchange.Add(q.Day, q.Base, q.Quoted, q.Rate); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *snapshot) use(id program.ID, v program.Versions) {
	p := programTables{v, make(map[*program.Terms]*commission.Table, len(v))}
	for _, t := range v {
		p.tables[t] = commission.Compile(t)
	}
	s.programs[id] = p
}

// pinned are the catalogue facts that an order was first decided with: what the catalogue says later does not change it.
type pinned struct {
	Products []*catalog.Product `json:"products,omitempty"`
	Stores   []*seller.Store    `json:"stores,omitempty"`
}

// orderFacts are the facts for one order.
type orderFacts struct {
	*snapshot
	pin pinned
}

func (f *orderFacts) Table(p program.ID, at time.Time) *commission.Table {
	v, ok := f.programs[p]
	if !ok {
		return nil
	}
	return v.tables[v.versions.At(at)]
}

func (f *orderFacts) Space(p program.ID, publisher, adSpace string) *publisher.AdSpace {
	return f.directory.Find(p, publisher, adSpace)
}

func (f *orderFacts) SpaceByCoupon(p program.ID, code string) *publisher.AdSpace {
	return f.directory.ByCoupon(p, code)
}

func (f *orderFacts) Product(id string) *catalog.Product {
	for _, p := range f.pin.Products {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (f *orderFacts) Store(id string) *seller.Store {
	for _, s := range f.pin.Stores {
		if s.ID == id {
			return s
		}
	}
	return nil
}

func (f *orderFacts) Exchange(day money.Day, from, to money.Currency) (money.Rate, money.Day, error) {
	return f.exchange.On(day, from, to)
}

// pin gives each order its catalogue facts: those that it was first decided with, or the catalogue's of now.
func pin(ctx context.Context, tx store.Tx, histories []*order.History, touches [][]*click.Click) ([]pinned, error) {
	asks := make([]store.FactPin, len(histories))
	for i, h := range histories {
		asks[i].Key = h.Key
	}
	known, err := tx.Orders().PinFacts(ctx, asks)
	if err != nil {
		return nil, fmt.Errorf("reading pinned facts: %w", err)
	}
	pins := make([]pinned, len(histories))
	wanted := make([]bool, len(histories))
	var products, stores []string
	for i, h := range histories {
		if len(known[i]) > 0 {
			if err := json.Unmarshal(known[i], &pins[i]); err != nil {
				return nil, fmt.Errorf("pinned facts of order %q: %w", h.Order, err)
			}
			continue
		}
		wanted[i] = true
		p, s := needs(h, touches[i])
		products, stores = append(products, p...), append(stores, s...)
	}
	if !slices.Contains(wanted, true) {
		return pins, nil
	}
	ps, ss, err := tx.Facts().Catalog(ctx, unique(products), unique(stores))
	if err != nil {
		return nil, fmt.Errorf("reading the catalogue: %w", err)
	}
	byProduct, byStore := make(map[string]*catalog.Product, len(ps)), make(map[string]*seller.Store, len(ss))
	for _, p := range ps {
		byProduct[p.ID] = p
	}
	for _, s := range ss {
		byStore[s.ID] = s
	}
	var fresh []store.FactPin
	for i, h := range histories {
		if !wanted[i] {
			continue
		}
		p, s := needs(h, touches[i])
		for _, id := range unique(p) {
			if x := byProduct[id]; x != nil {
				pins[i].Products = append(pins[i].Products, x)
				s = append(s, x.Store)
			}
		}
		for _, id := range unique(s) {
			if x := byStore[id]; x != nil {
				pins[i].Stores = append(pins[i].Stores, x)
			}
		}
		b, err := json.Marshal(pins[i])
		if err != nil {
			return nil, fmt.Errorf("pinning facts of order %q: %w", h.Order, err)
		}
		fresh = append(fresh, store.FactPin{Key: h.Key, JSON: b})
	}
	if _, err := tx.Orders().PinFacts(ctx, fresh); err != nil {
		return nil, fmt.Errorf("pinning facts: %w", err)
	}
	return pins, nil
}

// needs are the products and stores that an order's decision looks up.
func needs(h *order.History, touches []*click.Click) (products, stores []string) {
	for i := range h.Items {
		products = append(products, h.Items[i].Product)
		stores = append(stores, h.Items[i].Store)
	}
	for _, c := range touches {
		if c.Target.Product != "" {
			products = append(products, c.Target.Product)
		}
	}
	return products, stores
}

func unique(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
