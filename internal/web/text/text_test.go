package text

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
)

// missing returns the paths of texts that are empty, and of maps' words that other languages have.
func missing(path string, v, other reflect.Value) (out []string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			out = append(out, missing(path+"."+v.Type().Field(i).Name, v.Field(i), other.Field(i))...)
		}
	case reflect.Array:
		for i := range v.Len() {
			out = append(out, missing(fmt.Sprintf("%s[%d]", path, i), v.Index(i), other.Index(i))...)
		}
	case reflect.Map:
		for _, k := range other.MapKeys() {
			if w := v.MapIndex(k); !w.IsValid() || w.String() == "" {
				out = append(out, fmt.Sprintf("%s[%s]", path, k))
			}
		}
		if v.Len() == 0 {
			out = append(out, path)
		}
	default:
		if v.IsZero() {
			out = append(out, path)
		}
	}
	return out
}

// I6: the console is there in English and in Turkish, every text of it.
func TestEveryTextInEveryLanguage(t *testing.T) {
	for _, a := range Languages() {
		for _, b := range Languages() {
			for _, m := range missing(string(a), reflect.ValueOf(Of(a)).Elem(), reflect.ValueOf(Of(b)).Elem()) {
				t.Errorf("%s has no text", m)
			}
		}
		if Of(a).Lang != a {
			t.Errorf("the texts of %q say that they are in %q", a, Of(a).Lang)
		}
	}
	// A red control: a text that is taken away is missed.
	broken := english()
	broken.Shell.Skip, broken.Overview.Steps[2], broken.Words.AsOf = "", "", nil
	delete(broken.States, "pending")
	got := missing("en", reflect.ValueOf(broken).Elem(), reflect.ValueOf(turkish()).Elem())
	for _, want := range []string{"en.Shell.Skip", "en.Overview.Steps[2]", "en.Words.AsOf", "en.States[pending]"} {
		if !slices.Contains(got, want) {
			t.Errorf("the check does not miss %s; it says %v", want, got)
		}
	}
}

// Amounts are written from integers, to the last minor unit, as the language writes them.
func TestFigures(t *testing.T) {
	at := time.Date(2026, 3, 9, 7, 5, 59, 0, time.FixedZone("", 3600))
	en, tr := Of(English), Of(Turkish)
	for _, c := range []struct{ got, want string }{
		{en.Money(123456789, "USD"), "1,234,567.89\u00a0USD"},
		{tr.Money(123456789, "USD"), "1.234.567,89\u00a0USD"},
		{en.Money(-5, "EUR"), "−0.05\u00a0EUR"},
		{tr.Money(1200, "JPY"), "1.200\u00a0JPY"},
		{en.Money(9223372036854775807, "USD"), "92,233,720,368,547,758.07\u00a0USD"},
		{en.Number(-1000), "−1,000"},
		{en.Percent("3.50"), "3.50%"},
		{tr.Percent("3.50"), "%3,50"},
		{en.Percent(""), "–"},
		{en.Time(at), "9\u00a0Mar\u00a02026 06:05"},
		{tr.Time(at), "9\u00a0Mar\u00a02026 06:05"},
		{tr.Date(time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)), "1\u00a0Ağu\u00a02026"},
		{en.Date(time.Time{}), "–"},
		{tr.Times("a 2026-02-27T12:08:41.951075Z b"), "a 27\u00a0Şub\u00a02026 12:08:41 b"},
		{en.Span(30 * 24 * time.Hour), "30 days"},
		{en.Span(time.Hour), "1 hour"},
		{tr.Span(72 * time.Hour), "3 gün"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestPreferred(t *testing.T) {
	for header, want := range map[string]Lang{
		"": English, "tr-TR,tr;q=0.9,en;q=0.8": Turkish, "de, tr;q=0.5": Turkish, "en-GB": English, "fr": English, "TR": Turkish,
	} {
		if got := Preferred(header); got != want {
			t.Errorf("%q asks for %q, got %q", header, want, got)
		}
	}
}
