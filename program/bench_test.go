package program

import "testing"

func BenchmarkParse(b *testing.B) {
	doc, _ := ReferenceDocument("tr")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("tr.yaml", doc); err != nil {
			b.Fatal(err)
		}
	}
}
