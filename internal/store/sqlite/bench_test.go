package sqlite

import (
	"testing"

	"github.com/clickledger/clickledger/internal/store/storetest"
)

func BenchmarkStore(b *testing.B) { storetest.Benchmark(b, fresh(b)) }
