package postgres

import (
	"testing"

	"github.com/clickledger/clickledger/internal/store/storetest"
)

func BenchmarkStore(b *testing.B) { storetest.Benchmark(b, new(schemas).fresh(b)) }
