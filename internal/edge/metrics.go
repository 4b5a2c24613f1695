package edge

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/edge/links"
	"github.com/clickledger/clickledger/internal/edge/record"
)

// metrics are handles that were looked up beforehand: counting a click looks nothing up.
type metrics struct {
	clicks     [click.Fraud + 1]prometheus.Counter
	reasons    [record.Reasons]prometheus.Counter
	unknown    prometheus.Counter
	unlogged   prometheus.Counter
	unsigned   prometheus.Counter
	shedClicks prometheus.Counter
	shedConns  prometheus.Counter
	clockSteps prometheus.Counter
	seconds    prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer, e *Edge) (*metrics, error) {
	var all []prometheus.Collector
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "clickledger", Name: name, Help: help})
		all = append(all, c)
		return c
	}
	gauge := func(name, help string, value func(links.Stats) float64) {
		all = append(all, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "clickledger", Name: name, Help: help}, func() float64 { return value(e.c.Table.Stats()) }))
	}
	m := &metrics{
		unknown:    counter("edge_unknown_links_total", "Requests for codes that are no link."),
		unlogged:   counter("clicks_unlogged_total", "Clicks that were answered although the log could not take them. Any is an alarm."),
		unsigned:   counter("edge_unsigned_total", "Clicks that got no token because no key was valid. Any is an alarm."),
		clockSteps: counter("edge_clock_steps_total", "Times the clock was set back by more than ten seconds."),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "clickledger", Name: "edge_answer_seconds", Help: "From a click's time to its answer, the log included; one click in eight.",
			Buckets: []float64{.00005, .0001, .0002, .0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5}}),
	}
	clicks := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "clickledger", Name: "edge_clicks_total", Help: "Clicks by verdict."}, []string{"verdict"})
	for v := range m.clicks {
		m.clicks[v] = clicks.WithLabelValues(click.Verdict(v).String())
	}
	reasons := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "clickledger", Name: "edge_click_reasons_total", Help: "Clicks that were judged invalid or led elsewhere, by reason."}, []string{"reason"})
	for r := 1; r < record.Reasons; r++ {
		m.reasons[r] = reasons.WithLabelValues(record.Reason(r).String())
	}
	shed := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "clickledger", Name: "edge_shed_total",
		Help: "What was turned away: clicks, answered 503 because too many waited for the log, and connections beyond the limit, answered 503 or, with TLS, closed."}, []string{"what"})
	m.shedClicks, m.shedConns = shed.WithLabelValues("click"), shed.WithLabelValues("connection")
	all = append(all, m.seconds, clicks, reasons, shed,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "clickledger", Name: "edge_in_flight", Help: "Clicks that are being answered."}, func() float64 { return float64(e.inFlight.Load()) }))
	gauge("edge_links", "Links in memory.", func(s links.Stats) float64 { return float64(s.Links) })
	gauge("edge_links_bytes", "Memory of links, outside the garbage collector's heap.", func(s links.Stats) float64 { return float64(s.Mapped) })
	if reg == nil {
		return m, nil
	}
	var errs []error
	for _, c := range all {
		errs = append(errs, reg.Register(c))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	return m, nil
}
