package program

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/money"
)

// Terms differ from themselves in nothing.
func TestP1_NoDifferenceWithoutAChange(t *testing.T) {
	for _, id := range ReferenceIDs() {
		doc, _ := ReferenceDocument(id)
		again, err := Parse("again.yaml", doc)
		if err != nil {
			t.Fatal(err)
		}
		if changes := Diff(reference(t, id), again[0]); len(changes) != 0 {
			t.Errorf("%s differs from itself: %v", id, changes)
		}
	}
}

// Whatever is changed anywhere in the terms, Diff says so. Groups alone are left out: the rates they stand for are compared.
func TestP1_EveryChangeIsADifference(t *testing.T) {
	fresh := func() *Terms { return parseFile(t, "testdata/good/full.yaml") }
	paths := leaves(reflect.ValueOf(fresh()).Elem(), "")
	if len(paths) < 150 {
		t.Fatalf("only %d leaves: %v", len(paths), paths)
	}
	for i, path := range paths {
		changed := fresh()
		if !change(reflect.ValueOf(changed).Elem(), i) {
			t.Fatalf("%s was not changed", path)
		}
		if len(Diff(fresh(), changed)) == 0 {
			t.Errorf("a change of %s is no difference", path)
		}
	}
}

// leaves names all values in terms that can be changed by themselves, in the order of change.
func leaves(v reflect.Value, path string) []string {
	var names []string
	visit(v, path, func(_ reflect.Value, p string) bool { names = append(names, p); return false })
	return names
}

func change(v reflect.Value, n int) bool {
	done := false
	visit(v, "", func(leaf reflect.Value, _ string) bool {
		if n--; n >= 0 {
			return false
		}
		done = alter(leaf)
		return true
	})
	return done
}

// visit calls f for each leaf until it returns true.
func visit(v reflect.Value, path string, f func(reflect.Value, string) bool) bool {
	switch v.Interface().(type) {
	case money.Rate, time.Time, *time.Location:
		return f(v, path)
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if !v.Type().Field(i).IsExported() || path+"."+name == ".Rates.Groups" || ignored(v, name) {
				continue
			}
			if visit(v.Field(i), path+"."+name, f) {
				return true
			}
		}
		return false
	case reflect.Slice:
		for i := range v.Len() {
			if visit(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f) {
				return true
			}
		}
		return false
	case reflect.Pointer:
		return !v.IsNil() && visit(v.Elem(), path, f)
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, k := range keys {
			copied := reflect.New(v.Type().Elem()).Elem()
			copied.Set(v.MapIndex(k))
			if visit(copied, fmt.Sprintf("%s[%v]", path, k), f) {
				v.SetMapIndex(k, copied)
				return true
			}
		}
		return false
	}
	return f(v, path)
}

// ignored are members that mean nothing where they stand: those of other kinds of step, date or schedule.
func ignored(v reflect.Value, name string) bool {
	switch x := v.Interface().(type) {
	case RateStep:
		return (name == "Min" || name == "Max" || name == "Market") && x.Kind != StepMarket
	case Payout:
		return name == "Weekday" && x.Schedule != Weekly
	case Date:
		return (name == "Nth" || name == "Weekday") && x.Day > 0
	case Window:
		return name == "Length" && x.Session
	}
	return false
}

// alter changes a leaf to another value that is allowed there.
func alter(v reflect.Value) bool {
	switch x := v.Interface().(type) {
	case money.Rate:
		sum, err := x.Add(money.MustRate("0.01"))
		v.Set(reflect.ValueOf(sum))
		return err == nil
	case time.Time:
		v.Set(reflect.ValueOf(x.Add(time.Microsecond)))
		return true
	case *time.Location:
		v.Set(reflect.ValueOf(time.UTC))
		return true
	case money.Currency:
		v.Set(reflect.ValueOf(money.Currency("EUR")))
		return true
	case Policy, Schedule:
		v.SetUint(v.Uint()%3 + 1)
		return true
	case StepKind, LinkKind, TrafficType:
		v.SetUint(v.Uint()%9 + 1)
		return true
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	default:
		return false
	}
	return true
}

// A changed card reads like an announcement; the order of names that have none, and groups, are no difference.
func TestP1_DiffSpeaksOfRates(t *testing.T) {
	before, after := parseFile(t, "testdata/good/full.yaml"), parseFile(t, "testdata/good/full.yaml")
	slices.Reverse(after.Markets["cis"])
	slices.Reverse(after.Page.Keywords)
	after.Rates.Groups = nil
	if changes := Diff(before, after); len(changes) != 0 {
		t.Errorf("changes %v, want none", changes)
	}
	steps := &after.Rates.Steps
	for i := range *steps {
		if (*steps)[i].Kind == StepCategory {
			(*steps)[i].Rates[1].Percent = money.MustRate("6")
			(*steps)[i].Rates = append((*steps)[i].Rates, CategoryRate{[]string{"shoes"}, money.MustRate("4")})
		}
	}
	*steps = slices.DeleteFunc(*steps, func(s RateStep) bool { return s.Kind == StepVirtual })
	after.Settlement.Hold = 36 * time.Hour
	after.Rates.OrderCap = 0
	want := []Change{
		{"rates.category.womens_clothing", "7.20 %", "6.00 %"},
		{"rates.order_of_steps", "out_of_stock, virtual, store_list, market.cis, non_affiliate, hot, campaign, seller_rate, new_buyer, category, default",
			"out_of_stock, store_list, market.cis, non_affiliate, hot, campaign, seller_rate, new_buyer, category, default"},
		{"rates.order_cap", "38.00 USD", ""},
		{"settlement.hold", "14d", "36h0m0s"},
		{"rates.category.shoes", "", "4.00 %"},
	}
	if got := Diff(before, after); !slices.Equal(got, want) {
		t.Errorf("changes are\n%q, want\n%q", got, want)
	}
}
