package stream

import (
	"context"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/clickload"
	"github.com/clickledger/clickledger/internal/store/postgres"
)

// BenchmarkStore is the worker's end: batches of 20,000 clicks that were never seen go into the real store on PostgreSQL, with all that is
// added up from them, and are committed. Run it with scripts/with-postgres.sh --durable.
func BenchmarkStore(b *testing.B) {
	const n = 20_000
	_, network, target, through := database(b)
	way := newProxy(b)
	way.to(network, target)
	db, err := postgres.Open(b.Context(), through(way.addr()))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	service, err := settle.New(b.Context(), db, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	settling := make(chan error, 1)
	go func() { settling <- service.Run(ctx) }()
	sink := clickload.Sink{Settle: service}
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		var records [][]byte
		for _, r := range clicks(b, n) {
			records = append(records, r.Payload)
		}
		b.StartTimer()
		if err := sink.Store(b.Context(), records); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "clicks/s")
	stop()
	if err := <-settling; err != nil {
		b.Error(err)
	}
}
