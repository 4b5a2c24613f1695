package stream

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

type collectors []prometheus.Collector

func (all *collectors) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "clickledger", Name: name, Help: help})
	*all = append(*all, c)
	return c
}

func (all *collectors) gauge(name, help string, value func() float64) {
	*all = append(*all, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "clickledger", Name: name, Help: help}, value))
}

func (all *collectors) register(reg prometheus.Registerer) error {
	if reg == nil {
		return nil
	}
	var errs []error
	for _, c := range *all {
		errs = append(errs, reg.Register(c))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

type shipperMetrics struct {
	records, messages, bytes, duplicates, failures prometheus.Counter
}

func newShipperMetrics(reg prometheus.Registerer, s *Shipper) (*shipperMetrics, error) {
	var all collectors
	m := &shipperMetrics{
		records:    all.counter("ship_records_total", "Clicks that NATS acknowledged, and all before them."),
		messages:   all.counter("ship_messages_total", "Messages that NATS acknowledged."),
		bytes:      all.counter("ship_bytes_total", "Bytes of messages, compressed, each message once."),
		duplicates: all.counter("ship_duplicates_total", "Messages that NATS had already, of an attempt whose acknowledgement was lost."),
		failures:   all.counter("ship_failures_total", "Messages that were not acknowledged, and sent again."),
	}
	all.gauge("ship_behind_records", "Clicks that are in the log and not acknowledged by NATS.", func() float64 { return float64(s.Stats().Behind) })
	all.gauge("ship_failing", "1 while the last attempt to ship has failed.", func() float64 { return failing(s.Stats().Err) })
	return m, all.register(reg)
}

type consumerMetrics struct {
	records, redelivered, parked, expired, failures prometheus.Counter
	delay                                           prometheus.Histogram
	pending                                         *prometheus.GaugeVec
}

func newConsumerMetrics(reg prometheus.Registerer, c *Consumer) (*consumerMetrics, error) {
	var all collectors
	m := &consumerMetrics{
		records:     all.counter("consume_records_total", "Clicks that the store took, with those that it had before."),
		redelivered: all.counter("consume_redelivered_total", "Messages that came again."),
		parked:      all.counter("consume_parked_total", "Clicks and messages that cannot be stored and were parked. Any is an alarm."),
		expired:     all.counter("consume_expired_messages_total", "Messages that went by age before they were known to be stored. Any is an alarm."),
		failures:    all.counter("consume_failures_total", "Attempts to fetch or store that failed."),
		delay: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "clickledger", Name: "consume_delay_seconds", Help: "From the publishing of a batch's oldest message to its commit.",
			Buckets: []float64{.01, .05, .1, .5, 1, 5, 30, 60, 300, 3600, 86400}}),
		pending: prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "clickledger", Name: "consume_pending_messages", Help: "Messages that are not stored, by shard."}, []string{"shard"}),
	}
	all = append(all, m.delay, m.pending)
	all.gauge("consume_failing", "1 while the last attempt to fetch or store has failed.", func() float64 { return failing(c.Stats().Err) })
	return m, all.register(reg)
}

func failing(err error) float64 {
	if err != nil {
		return 1
	}
	return 0
}
