package importer

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/order"
)

// olistSample opens the Olist sample in the folder that CLICKLEDGER_DATA names, or, since its licence keeps it from being
// shipped, a sample of our own in the same form. The report says what to expect of it.
func olistSample(t *testing.T) (OlistFiles, OlistReport) {
	t.Helper()
	if dir := os.Getenv("CLICKLEDGER_DATA"); dir != "" {
		open := func(name string) io.Reader {
			f, err := os.Open(filepath.Join(dir, "olist-sample", "olist_"+name+"_dataset.csv.gz"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = f.Close() }) // it was only read
			z, err := gzip.NewReader(f)
			if err != nil {
				t.Fatal(err)
			}
			return z
		}
		return OlistFiles{open("orders"), open("order_items"), open("products"), open("customers")}, OlistReport{
			Orders: 8000, Items: 9116, Prices: "1089660.09", Freight: "182201.39",
			Statuses: map[string]int{"delivered": 7773, "shipped": 80, "canceled": 60, "unavailable": 47, "invoiced": 25, "processing": 15},
		}
	}
	return OlistFiles{
			strings.NewReader("order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date\n" +
				"o1,c1,delivered,2018-06-12 20:07:44,2018-06-12 20:44:26,2018-06-13 13:09:00,2018-06-19 12:44:08,2018-07-17 00:00:00\n" +
				"o2,c2,canceled,2018-06-14 20:07:44,2018-06-14 20:00:00,,,2018-07-17 00:00:00\n" +
				"o3,c3,unavailable,2018-06-15 20:07:44,,,,2018-07-17 00:00:00\n"),
			strings.NewReader("order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\no1,1,p1,s1,2018-06-20 10:00:00,35.9,15.2\no1,2,p2,s2,2018-06-20 10:00:00,19.99,14.1\no2,1,p1,s1,2018-06-20 10:00:00,35.9,15\n"),
			strings.NewReader("\"product_id\",\"product_category_name\"\n\"p1\",\"audio\"\n\"p2\",\"perfumaria\"\n"),
			strings.NewReader("customer_id,customer_unique_id\nc1,u1\nc2,u1\nc3,u3\n"),
		}, OlistReport{
			Orders: 3, Items: 3, Prices: "91.79", Freight: "44.30", Statuses: map[string]int{"delivered": 1, "canceled": 1, "unavailable": 1},
		}
}

// The totals of the Olist sample are reached exactly, and its orders contradict nothing.
func TestOlistTotals(t *testing.T) {
	files, want := olistSample(t)
	got, err := ReadOlist(files, "portals")
	if err != nil {
		t.Fatal(err)
	}
	rep := got.Report
	if rep.Orders != want.Orders || rep.Items != want.Items || rep.Prices != want.Prices || rep.Freight != want.Freight || !reflect.DeepEqual(rep.Statuses, want.Statuses) {
		t.Errorf("%+v, want %+v", rep, want)
	}
	byOrder := make(map[order.Key][]order.Event)
	for _, e := range got.Events {
		byOrder[e.Key] = append(byOrder[e.Key], e)
	}
	if len(byOrder) != rep.WithItems {
		t.Errorf("%d orders came out, %d have items", len(byOrder), rep.WithItems)
	}
	for k, events := range byOrder {
		if _, err := order.NewHistory(events); err != nil {
			t.Errorf("order %v: %v", k, err)
		}
	}
}
