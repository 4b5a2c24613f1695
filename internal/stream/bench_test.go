package stream

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/vfs"
)

// BenchmarkShip is a log full of clicks on its way into NATS: on one server, and on three of which two at least have synced before
// the acknowledgement. Each iteration is a million clicks. All of it, servers included, shares the machine.
func BenchmarkShip(b *testing.B) {
	const n = 1_000_000
	for _, servers := range []int{1, 3} {
		b.Run(fmt.Sprintf("replicas=%d", servers), func(b *testing.B) {
			p := newPlant(b, servers, 0, 0, 4, true)
			for _, c := range p.nats {
				if servers == 1 {
					c.Routes = nil
				}
				p.begin(c)
			}
			var urls string
			for i, c := range p.nats {
				if i > 0 {
					urls += ","
				}
				urls += "nats://" + c.ports.Client
			}
			nc, err := Connect(Server{URL: urls, Name: "bench"})
			if err != nil {
				b.Fatal(err)
			}
			defer nc.Close()
			dir := b.TempDir()
			log, err := clicklog.Open(vfs.OS{}, filepath.Join(dir, "log"), clicklog.Options{Mode: clicklog.Fast, LossRecords: 1 << 14, LossTime: time.Second, StallLimit: time.Minute, Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			defer log.Close()
			some := clicks(b, 50_000)
			var raw, bytes float64
			for i := range n {
				if err := log.Append(some[i%len(some)].Payload); err != nil {
					b.Fatal(err)
				}
				raw += float64(len(some[i%len(some)].Payload))
			}
			p.until("the log's end on disk", func() bool { return log.Stats().Synced.Seq == n+1 })
			var taken time.Duration
			b.ResetTimer()
			for i := range b.N {
				b.StopTimer() // streams of their own, to which no message is a repetition
				o := Options{Name: fmt.Sprint("clicks", i), Shards: 4, Replicas: servers}
				if err := o.complete(); err != nil {
					b.Fatal(err)
				}
				p.until("the streams", func() bool { return o.setUp(b.Context(), p.js) == nil })
				before := processor(b, p.nats)
				b.StartTimer()
				reg := prometheus.NewRegistry()
				s, err := NewShipper(nc, ShipperOptions{Options: o, Metrics: reg, Log: log, Cursor: clicklog.NewCursor(vfs.OS{}, filepath.Join(dir, fmt.Sprint("cursor", i)))})
				if err != nil {
					b.Fatal(err)
				}
				stop := start(b, s.Run)
				p.until("the end", func() bool { return s.Stats().Behind == 0 })
				stop()
				taken += processor(b, p.nats) - before
				if again := metric(b, reg, "clickledger_ship_duplicates_total"); again > 0 {
					b.Fatalf("%v messages were known already", again)
				}
				bytes += metric(b, reg, "clickledger_ship_bytes_total")
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "clicks/s")
			b.ReportMetric(float64(taken.Nanoseconds())/float64(n)/float64(b.N), "servers-ns/click")
			b.ReportMetric(raw/n, "log-B/click")
			b.ReportMetric(bytes/float64(b.N)/n, "wire-B/click")
		})
	}
}

// processor returns the processor time that the servers have taken, of all their cores together.
func processor(b *testing.B, servers []*child) (all time.Duration) {
	b.Helper()
	for _, c := range servers {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
		if err != nil {
			b.Fatalf("processor time is read from /proc, which Linux has: %v", err)
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')'):]))
		for _, ticks := range fields[12:14] { // utime and stime, in hundredths of a second
			n, err := strconv.Atoi(ticks)
			if err != nil {
				b.Fatal(err)
			}
			all += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return all
}

// BenchmarkCut is the edge's processor time for a click that is shipped: it is read, spread over the shards and compressed.
func BenchmarkCut(b *testing.B) {
	records := clicks(b, 10_000)
	s := &Shipper{o: ShipperOptions{Log: openLog(b, vfs.NewMem(), "log"), Options: Options{Shards: 4, Name: "clicks"}}}
	var err error
	if s.enc, err = newEncoder(); err != nil {
		b.Fatal(err)
	}
	if s.metrics, err = newShipperMetrics(nil, s); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		s.messages(records)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(records)), "ns/click")
}

// BenchmarkRead is the worker's processor time for a click before the store has it.
func BenchmarkRead(b *testing.B) {
	enc, dec := codecs(b)
	var m batch
	records := clicks(b, 2500)
	for _, r := range records {
		m.add(r)
	}
	msg := m.encode(enc, clicklog.ID{})
	for b.Loop() {
		if _, err := decode(dec, msg, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(records)), "ns/click")
	b.ReportMetric(float64(len(msg))/float64(len(records)), "wire-B/click")
}
