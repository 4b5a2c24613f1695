// Package importer turns real data into the facts and events of the replay contract, and says by totals that nothing was
// lost on the way. docs/real-data.md says what is real and what is made up.
package importer

import (
	"cmp"
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

// Thousandths are tenths of a penny: unit prices of Online Retail have up to three decimals.
type Thousandths int64

// String prints pounds with three decimals.
func (t Thousandths) String() string { return string(money.AppendDecimal(nil, int64(t), 3)) }

// RetailReport are the totals of an Online Retail import. Sums are quantity × unit price, before rounding.
type RetailReport struct {
	Lines        int            `json:"lines"`
	Sales        Lines          `json:"sales"`
	Invoices     int            `json:"sale_invoices"`
	StockCodes   int            `json:"stock_codes"`
	Customers    int            `json:"known_customers"`
	Cancelled    Lines          `json:"cancellations"`
	CInvoices    int            `json:"cancellation_invoices"`
	Matched      string         `json:"matched"`   // of the cancellations: what earlier lines were refunded
	Unmatched    string         `json:"unmatched"` // of the cancellations: what found no line
	Adjusted     Lines          `json:"adjustments"`
	PriceZero    int            `json:"price_zero"`
	NotSold      int            `json:"quantity_not_above_zero"` // among the price-zero lines
	RoundingGain string         `json:"moved_by_rounding"`       // sum of the sale lines in pence less their exact sum
	Countries    map[string]int `json:"sale_lines_by_country"`
}

// Lines are a number of lines and their sum.
type Lines struct {
	Count int    `json:"lines"`
	Sum   string `json:"sum"`
	sum   Thousandths
}

func (l *Lines) add(t Thousandths) {
	l.Count++
	l.sum += t
	l.Sum = l.sum.String()
}

// Retail is an imported Online Retail.
type Retail struct {
	Report   RetailReport
	Products []*catalog.Product
	Stores   []*seller.Store
	Events   []order.Event // by order
}

// RetailStore is the one store of the shop.
const RetailStore = "online-retail"

// retailColumns are the columns that the file must have, in this order.
var retailColumns = []string{"InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"}

// retailLine is a line of the file.
type retailLine struct {
	invoice, code, description, customer, country string
	quantity                                      int64
	price                                         Thousandths
	at                                            time.Time
}

// retailer collects an import.
type retailer struct {
	program   program.ID
	out       *Retail
	invoices  map[string]*retailOrder
	order     []*retailOrder
	cInvoices map[string]bool
	sold      map[soldKey][]*soldLine // newest last
	codes     map[string]bool
	customers map[string]bool
	products  map[string]*catalog.Product
	refunds   map[refundKey]*order.Event
	refunded  []*order.Event
	matched   int64 // pence
	exact     Thousandths
	pence     int64
}

type soldKey struct{ customer, code string }

type soldLine struct {
	order *retailOrder
	item  string
	left  int64 // pence that were not refunded
}

type refundKey struct {
	order string
	at    time.Time
}

type retailOrder struct {
	key      order.Key
	at       time.Time
	customer string
	country  string
	items    []order.Item
}

// OnlineRetail reads the UCI data set "Online Retail" as CSV. Orders get the given program; nothing but placing and refunds is
// in the data. Times are London's.
func OnlineRetail(r io.Reader, p program.ID) (*Retail, error) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, fmt.Errorf("time zone: %w", err)
	}
	in := csv.NewReader(r)
	in.FieldsPerRecord = len(retailColumns)
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	if !slices.Equal(head, retailColumns) {
		return nil, fmt.Errorf("line 1: the columns are %s; expected %s", strings.Join(head, ","), strings.Join(retailColumns, ","))
	}
	t := &retailer{
		program: p, out: &Retail{Report: RetailReport{Countries: make(map[string]int)}}, invoices: make(map[string]*retailOrder),
		cInvoices: make(map[string]bool), sold: make(map[soldKey][]*soldLine), codes: make(map[string]bool), customers: make(map[string]bool),
		products: make(map[string]*catalog.Product), refunds: make(map[refundKey]*order.Event),
	}
	for n := 2; ; n++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		line, err := parseRetail(row, london)
		if err == nil {
			err = t.take(line)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return t.finish(), nil
}

func parseRetail(row []string, zone *time.Location) (retailLine, error) {
	l := retailLine{
		invoice: strings.Clone(row[0]), description: strings.Clone(strings.TrimSpace(row[2])),
		customer: strings.Clone(strings.TrimSuffix(row[6], ".0")), country: strings.Clone(strings.TrimSpace(row[7])),
	}
	l.code = strings.Clone(row[1])
	var err error
	if l.quantity, err = money.ParseMinor(row[3], 0); err != nil {
		return l, fmt.Errorf("column Quantity: %q is not a whole number", row[3])
	}
	price, err := money.ParseMinor(row[5], 3)
	if err != nil {
		return l, fmt.Errorf("column UnitPrice: %w", err)
	}
	l.price = Thousandths(price)
	if l.at, err = time.ParseInLocation(time.DateTime, row[4], zone); err != nil {
		return l, fmt.Errorf("column InvoiceDate: %q is not a time such as 2010-12-01 08:26:00", row[4])
	}
	l.at = l.at.UTC()
	if l.invoice == "" {
		return l, errors.New("column InvoiceNo is empty")
	}
	return l, nil
}

func (t *retailer) take(l retailLine) error {
	rep := &t.out.Report
	rep.Lines++
	sum := Thousandths(l.quantity) * l.price
	switch l.invoice[0] {
	case 'C':
		rep.Cancelled.add(sum)
		t.cInvoices[l.invoice] = true
		t.cancel(&l, -sum)
		return nil
	case 'A':
		rep.Adjusted.add(sum)
		return nil
	}
	if strings.Trim(l.invoice, "0123456789") != "" {
		return fmt.Errorf("column InvoiceNo: %q begins with no digit, C or A", l.invoice)
	}
	if l.price == 0 || l.quantity <= 0 {
		rep.PriceZero++
		if l.quantity <= 0 {
			rep.NotSold++
		}
		return nil
	}
	rep.Sales.add(sum)
	rep.Countries[l.country]++
	t.codes[l.code] = true
	if l.customer != "" {
		t.customers[l.customer] = true
	}
	t.sell(&l, sum)
	return nil
}

// pence rounds tenths of a penny half to even.
func pence(t Thousandths) int64 {
	q, r := int64(t)/10, int64(t)%10
	if r > 5 || (r == 5 && q%2 == 1) {
		q++
	}
	return q
}

func (t *retailer) sell(l *retailLine, sum Thousandths) {
	o := t.invoices[l.invoice]
	if o == nil {
		o = &retailOrder{key: order.Key{Program: t.program, Order: l.invoice}, at: l.at, customer: l.customer, country: l.country}
		t.invoices[l.invoice] = o
		t.order = append(t.order, o)
	}
	amount := pence(sum)
	t.exact += sum
	t.pence += amount
	p := t.products[l.code]
	if p == nil {
		p = &catalog.Product{ID: l.code, Store: RetailStore, Category: categoryOf(l.description), Affiliate: true}
		t.products[l.code] = p
	}
	id := fmt.Sprint(len(o.items) + 1)
	o.items = append(o.items, order.Item{
		ID: id, Product: l.code, Store: RetailStore, Category: p.Category, Quantity: l.quantity, Amount: amount, InStock: true,
	})
	if l.customer != "" {
		k := soldKey{l.customer, l.code}
		t.sold[k] = append(t.sold[k], &soldLine{o, id, amount})
	}
}

// cancel refunds earlier lines of the same customer and stock code, the newest first.
func (t *retailer) cancel(l *retailLine, sum Thousandths) {
	left := pence(sum)
	if l.customer == "" {
		return
	}
	lines := t.sold[soldKey{l.customer, l.code}]
	for i := len(lines) - 1; i >= 0 && left > 0; i-- {
		s := lines[i]
		part := min(left, s.left)
		if part == 0 {
			continue
		}
		s.left -= part
		left -= part
		t.matched += part
		t.refund(s, l.at, part)
	}
}

// refund notes a refund. All refunds of one order at one time are one event: the same event twice would count once.
func (t *retailer) refund(s *soldLine, at time.Time, part int64) {
	if at.Before(s.order.at) {
		at = s.order.at
	}
	k := refundKey{s.order.key.Order, at}
	e := t.refunds[k]
	if e == nil {
		e = &order.Event{Key: s.order.key, Kind: order.Refunded, At: at}
		t.refunds[k] = e
		t.refunded = append(t.refunded, e)
	}
	e.Refunds = append(e.Refunds, order.Refund{Item: s.item, Amount: money.New(part, "GBP").Decimal()})
}

func (t *retailer) finish() *Retail {
	rep := &t.out.Report
	rep.Invoices, rep.CInvoices, rep.StockCodes, rep.Customers = len(t.order), len(t.cInvoices), len(t.codes), len(t.customers)
	rep.Matched = (-Thousandths(t.matched * 10)).String()
	rep.Unmatched = (rep.Cancelled.sum + Thousandths(t.matched*10)).String()
	rep.RoundingGain = (Thousandths(t.pence*10) - t.exact).String()
	t.out.Stores = []*seller.Store{{ID: RetailStore, Name: "Online Retail"}}
	for _, p := range t.products {
		t.out.Products = append(t.out.Products, p)
	}
	slices.SortFunc(t.out.Products, func(a, b *catalog.Product) int { return cmp.Compare(a.ID, b.ID) })
	seen := make(map[string]bool)
	for _, o := range t.order {
		isNew := o.customer != "" && !seen[o.customer]
		seen[o.customer] = true
		buyer := cmp.Or(o.customer, "guest-"+o.key.Order)
		t.out.Events = append(t.out.Events, order.Event{Key: o.key, Kind: order.Placed, At: o.at, Placed: &order.Placement{
			Visitor: "customer-" + buyer, BuyerID: buyer, NewBuyer: isNew, ShipTo: countryOf(o.country), Currency: "GBP", Items: o.items,
		}})
	}
	for _, e := range t.refunded {
		t.out.Events = append(t.out.Events, *e)
	}
	return t.out
}

// countries are ISO 3166-1 alpha-2 codes of the names in the data. A group of countries, or none, is the United Kingdom's
// shop's own country.
var countries = map[string]string{
	"United Kingdom": "GB", "Germany": "DE", "France": "FR", "EIRE": "IE", "Spain": "ES", "Netherlands": "NL", "Belgium": "BE",
	"Switzerland": "CH", "Portugal": "PT", "Australia": "AU", "Norway": "NO", "Italy": "IT", "Channel Islands": "JE", "Finland": "FI",
	"Cyprus": "CY", "Sweden": "SE", "Austria": "AT", "Denmark": "DK", "Japan": "JP", "Poland": "PL", "Israel": "IL", "USA": "US",
	"Hong Kong": "HK", "Singapore": "SG", "Iceland": "IS", "Canada": "CA", "Greece": "GR", "Malta": "MT", "United Arab Emirates": "AE",
	"RSA": "ZA", "Lebanon": "LB", "Lithuania": "LT", "Brazil": "BR", "Czech Republic": "CZ", "Bahrain": "BH", "Saudi Arabia": "SA",
	"Unspecified": "GB", "European Community": "GB",
}

func countryOf(name string) string { return cmp.Or(countries[name], "GB") }

// keywords give a description's category; the first that fits counts.
var keywords = []struct{ word, category string }{
	{"GARDEN", "garden_supplies"}, {"PLANT", "garden_supplies"}, {"FLOWER POT", "garden_supplies"}, {"WATERING", "garden_supplies"},
	{"NECKLACE", "jewellery"}, {"BRACELET", "jewellery"}, {"EARRING", "jewellery"}, {"RING ", "jewellery"}, {"BROOCH", "jewellery"},
	{"CHILD", "toys"}, {"TOY", "toys"}, {"DOLL", "toys"}, {"PUZZLE", "toys"}, {"GAME", "toys"},
	{"HANDBAG", "womens_clothing"}, {"SCARF", "womens_clothing"}, {"APRON", "womens_clothing"},
	{"PHONE", "mobile_phone_accessories"}, {"RADIO", "home_audio_video"}, {"SPEAKER", "home_audio_video"},
	{"LANTERN", "interior_accessories"}, {"CANDLE", "interior_accessories"}, {"T-LIGHT", "interior_accessories"}, {"CUSHION", "interior_accessories"},
	{"CLOCK", "interior_accessories"}, {"FRAME", "interior_accessories"}, {"HOLDER", "interior_accessories"}, {"HANGING", "interior_accessories"},
	{"HEART", "interior_accessories"}, {"LAMP", "interior_accessories"}, {"MIRROR", "interior_accessories"}, {"SIGN", "interior_accessories"},
}

func categoryOf(description string) string {
	for _, k := range keywords {
		if strings.Contains(strings.ToUpper(description), k.word) {
			return k.category
		}
	}
	return "gifts"
}
