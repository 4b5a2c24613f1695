package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

// OlistFiles are the files of a sample of the Brazilian marketplace Olist, as CSV.
type OlistFiles struct {
	Orders, Items, Products, Customers io.Reader
}

// OlistReport are the totals of an Olist import, in reais.
type OlistReport struct {
	Orders    int            `json:"orders"`
	Statuses  map[string]int `json:"statuses"`
	Items     int            `json:"items"`
	Prices    string         `json:"prices"`
	Freight   string         `json:"freight"` // it earns no commission
	Sellers   int            `json:"sellers"`
	WithItems int            `json:"orders_with_items"`
}

// Olist is an imported Olist sample.
type Olist struct {
	Report   OlistReport
	Products []*catalog.Product
	Stores   []*seller.Store
	Events   []order.Event
}

// table reads a CSV file with a header and calls row with a lookup by column name.
func table(name string, in io.Reader, columns []string, row func(get func(string) string) error) error {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: reading the header: %w", name, err)
	}
	at := make(map[string]int, len(head))
	for i, h := range head {
		at[strings.Clone(h)] = i
	}
	for _, c := range columns {
		if _, ok := at[c]; !ok {
			return fmt.Errorf("%s: line 1: there is no column %s", name, c)
		}
	}
	for n := 2; ; n++ {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = row(func(c string) string { return strings.Clone(rec[at[c]]) })
		}
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", name, n, err)
		}
	}
}

// ReadOlist reads an Olist sample. Purchase, payment approval, delivery to the customer and cancellation are in the data;
// orders without items become no order. Times are São Paulo's.
func ReadOlist(f OlistFiles, p program.ID) (*Olist, error) {
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		return nil, fmt.Errorf("time zone: %w", err)
	}
	out := &Olist{Report: OlistReport{Statuses: make(map[string]int)}}
	categories := make(map[string]string)
	err = table("products", f.Products, []string{"product_id", "product_category_name"}, func(get func(string) string) error {
		categories[get("product_id")] = olistCategory(get("product_category_name"))
		return nil
	})
	if err != nil {
		return nil, err
	}
	people := make(map[string]string)
	err = table("customers", f.Customers, []string{"customer_id", "customer_unique_id"}, func(get func(string) string) error {
		people[get("customer_id")] = get("customer_unique_id")
		return nil
	})
	if err != nil {
		return nil, err
	}
	items, err := out.items(f.Items, categories)
	if err != nil {
		return nil, err
	}
	columns := []string{"order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at", "order_delivered_customer_date"}
	err = table("orders", f.Orders, columns, func(get func(string) string) error { return out.order(get, p, zone, people, items) })
	if err != nil {
		return nil, err
	}
	buyers(out.Events)
	return out, nil
}

// items reads the order items: those of each order.
func (o *Olist) items(in io.Reader, categories map[string]string) (map[string][]order.Item, error) {
	items := make(map[string][]order.Item)
	known, stores := make(map[string]bool), make(map[string]bool)
	var prices, freight int64
	columns := []string{"order_id", "order_item_id", "product_id", "seller_id", "price", "freight_value"}
	err := table("order_items", in, columns, func(get func(string) string) error {
		price, err := money.ParseMinor(get("price"), 2)
		if err != nil {
			return fmt.Errorf("column price: %w", err)
		}
		ship, err := money.ParseMinor(get("freight_value"), 2)
		if err != nil {
			return fmt.Errorf("column freight_value: %w", err)
		}
		prices, freight = prices+price, freight+ship
		o.Report.Items++
		product, store := get("product_id"), get("seller_id")
		category := categories[product]
		if category == "" {
			category = "other"
		}
		if !known[product] {
			known[product] = true
			o.Products = append(o.Products, &catalog.Product{ID: product, Store: store, Category: category, Affiliate: true})
		}
		if !stores[store] {
			stores[store] = true
			o.Stores = append(o.Stores, &seller.Store{ID: store})
		}
		id := get("order_id")
		items[id] = append(items[id], order.Item{
			ID: get("order_item_id"), Product: product, Store: store, Category: category, Quantity: 1, Amount: price, InStock: true,
		})
		return nil
	})
	o.Report.Prices, o.Report.Freight = money.New(prices, "BRL").Decimal(), money.New(freight, "BRL").Decimal()
	o.Report.Sellers = len(stores)
	return items, err
}

func (o *Olist) order(get func(string) string, p program.ID, zone *time.Location, people map[string]string, items map[string][]order.Item) error {
	status, id := get("order_status"), get("order_id")
	o.Report.Orders++
	o.Report.Statuses[status]++
	when := func(column string) (time.Time, error) {
		if get(column) == "" {
			return time.Time{}, nil
		}
		t, err := time.ParseInLocation(time.DateTime, get(column), zone)
		if err != nil {
			return t, fmt.Errorf("column %s: %q is not a time", column, get(column))
		}
		return t.UTC(), nil
	}
	placed, err := when("order_purchase_timestamp")
	if err != nil {
		return err
	}
	paid, err := when("order_approved_at")
	if err != nil {
		return err
	}
	delivered, err := when("order_delivered_customer_date")
	if err != nil {
		return err
	}
	if placed.IsZero() {
		return errors.New("column order_purchase_timestamp is empty")
	}
	if len(items[id]) == 0 {
		return nil
	}
	o.Report.WithItems++
	buyer := people[get("customer_id")]
	k := order.Key{Program: p, Order: id}
	add := func(kind order.EventKind, at time.Time) {
		if !at.IsZero() {
			o.Events = append(o.Events, order.Event{Key: k, Kind: kind, At: later(at, placed)})
		}
	}
	o.Events = append(o.Events, order.Event{Key: k, Kind: order.Placed, At: placed, Placed: &order.Placement{
		Visitor: "customer-" + buyer, BuyerID: buyer, ShipTo: "BR", Currency: "BRL", Items: items[id],
	}})
	add(order.Paid, paid)
	switch status {
	case "delivered":
		add(order.Completed, delivered)
	case "canceled", "unavailable":
		add(order.Cancelled, later(paid, placed))
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// buyers marks the first order of each buyer as a new buyer's.
func buyers(events []order.Event) {
	var placed []*order.Event
	for i := range events {
		if events[i].Placed != nil {
			placed = append(placed, &events[i])
		}
	}
	slices.SortStableFunc(placed, func(a, b *order.Event) int { return a.At.Compare(b.At) })
	seen := make(map[string]bool)
	for _, e := range placed {
		e.Placed.NewBuyer = e.Placed.BuyerID != "" && !seen[e.Placed.BuyerID]
		seen[e.Placed.BuyerID] = true
	}
}

// olistCategory gives an Olist category the slug that program documents know it by.
func olistCategory(name string) string {
	switch name {
	case "telefonia":
		return "mobile_phone_accessories"
	case "informatica_acessorios":
		return "computer_peripherals"
	case "pcs", "pc_gamer":
		return "desktops"
	case "tablets_impressao_imagem":
		return "tablets"
	case "audio", "cine_foto":
		return "home_audio_video"
	case "ferramentas_jardim", "flores":
		return "garden_supplies"
	case "moveis_decoracao", "cama_mesa_banho", "utilidades_domesticas", "casa_conforto", "casa_conforto_2":
		return "interior_accessories"
	case "fashion_roupa_feminina":
		return "womens_clothing"
	case "fashion_roupa_masculina":
		return "mens_clothing"
	case "fashion_roupa_infanto_juvenil":
		return "childrens_clothing"
	case "relogios_presentes":
		return "jewellery"
	case "":
		return "other"
	}
	return name
}
