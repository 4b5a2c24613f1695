package edgenode

import (
	"crypto/rand"
	"encoding/binary"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/clicklog"
)

// seed is for the table's index: strangers must not be able to choose codes that collide.
func seed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return binary.LittleEndian.Uint64(b[:])
}

// collector exports the state of the click log and its loader, read when it is asked for.
type collector struct{ n *Node }

func metric(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("clickledger_clicklog_"+name, help, nil, nil)
}

// Describe implements prometheus.Collector: nothing is promised beforehand.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	s := c.n.log.Stats()
	put := func(kind prometheus.ValueType, name, help string, v float64) {
		ch <- prometheus.MustNewConstMetric(metric(name, help), kind, v)
	}
	running := 0.0
	if s.State == clicklog.Running {
		running = 1
	}
	put(prometheus.GaugeValue, "running", "1 while clicks are logged, 0 while the disk refuses them.", running)
	put(prometheus.CounterValue, "records_total", "Clicks that are on disk.", float64(s.Records))
	put(prometheus.CounterValue, "bytes_total", "Bytes that are on disk.", float64(s.Bytes))
	put(prometheus.CounterValue, "syncs_total", "Commits.", float64(s.Syncs))
	put(prometheus.CounterValue, "sync_seconds_total", "Time that commits took.", s.SyncTime.Seconds())
	put(prometheus.CounterValue, "unlogged_total", "Clicks that were refused, or not on disk when they were answered.", float64(s.Unlogged))
	put(prometheus.CounterValue, "faults_total", "Errors of the file system.", float64(s.Faults))
	put(prometheus.CounterValue, "stalls_total", "Times that the disk did not answer in time.", float64(s.Stalls))
	put(prometheus.GaugeValue, "queue_records", "Clicks that wait for the next commit.", float64(s.Queue))
	put(prometheus.GaugeValue, "loss_window_records", "How many acknowledged clicks a power cut can take at most (fast mode).", float64(s.LossRecords))
	put(prometheus.GaugeValue, "loss_window_seconds", "How old an acknowledged click may be that a power cut takes (fast mode).", s.LossTime.Seconds())
	put(prometheus.GaugeValue, "segments", "Segments on disk.", float64(s.Segments))
	c.n.mu.Lock()
	loader := c.n.loader
	c.n.mu.Unlock()
	if loader == nil {
		return
	}
	l := loader.Stats()
	put(prometheus.CounterValue, "loaded_total", "Clicks that were moved on.", float64(l.Loaded))
	put(prometheus.GaugeValue, "behind_records", "Clicks that are on disk and not moved on.", float64(l.Behind))
	put(prometheus.CounterValue, "load_failures_total", "Batches that could not be moved on and were tried again.", float64(l.Failures))
	put(prometheus.CounterValue, "skipped_total", "Clicks missing where an operator gave up damaged bytes.", float64(l.Skipped))
}
