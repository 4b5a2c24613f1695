package storetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

type careFaults struct {
	store.Care
	audits  func(store.Audits) store.Audits
	targets func(store.Targets) store.Targets
}

func (c careFaults) Audits() store.Audits {
	if c.audits != nil {
		return c.audits(c.Care.Audits())
	}
	return c.Care.Audits()
}

func (c careFaults) Targets() store.Targets {
	if c.targets != nil {
		return c.targets(c.Care.Targets())
	}
	return c.Care.Targets()
}

// keepsPlans takes plans without moving them on.
type keepsPlans struct{ store.Audits }

func (a keepsPlans) TakePlans(ctx context.Context, at, _ time.Time, limit int) ([]store.AuditPlan, error) {
	return a.Audits.TakePlans(ctx, at, at, limit)
}

// oldestAudits lists the oldest first.
type oldestAudits struct{ store.Audits }

func (a oldestAudits) AuditPage(ctx context.Context, publisher, subject, after string, limit int) ([]store.LinkAudit, string, error) {
	as, _, err := a.Audits.AuditPage(ctx, publisher, subject, after, 100)
	slices.Reverse(as)
	return as, "", err
}

// healthyTargets forgets failures, firstChanges the newest change, and anyCategory what was asked for.
type (
	healthyTargets struct{ store.Targets }
	firstChanges   struct{ store.Targets }
	anyCategory    struct{ store.Targets }
)

func (t healthyTargets) Get(ctx context.Context, p program.ID, urls []string) ([]store.Target, error) {
	ts, err := t.Targets.Get(ctx, p, urls)
	for i := range ts {
		ts[i].Failures = 0
	}
	return ts, err
}

func (t firstChanges) Changes(ctx context.Context, links []int64) ([]store.LinkChange, error) {
	cs, err := t.Targets.Changes(ctx, links)
	for i := range cs {
		cs[i].To = "dead"
	}
	return cs, err
}

func (t anyCategory) Similar(ctx context.Context, category, after string, limit int) ([]string, error) {
	ids, err := t.Targets.Similar(ctx, category, after, limit)
	return append(ids, "x"), err
}

func inCare(f careFaults) func(store.Store) *broken {
	return inPlatform(platformFaults{care: func(s store.Care) store.Care { f := f; f.Care = s; return f }})
}

func (p *platformFaults) Care() store.Care {
	if p.care != nil {
		return p.care(p.Platform.Care())
	}
	return p.Platform.Care()
}

func careFaultList() []fault {
	return []fault{
		{name: "lets a plan be taken twice", caught: []string{"plans come back", "of workers that take plans"}, break_: inCare(careFaults{audits: func(s store.Audits) store.Audits { return keepsPlans{s} }})},
		{name: "lists the oldest audit first", caught: []string{"audits come back"}, break_: inCare(careFaults{audits: func(s store.Audits) store.Audits { return oldestAudits{s} }})},
		{name: "forgets that a target failed", caught: []string{"targets come back"}, break_: inCare(careFaults{targets: func(s store.Targets) store.Targets { return healthyTargets{s} }})},
		{name: "takes every link for dead", caught: []string{"the newest change of a link"}, break_: inCare(careFaults{targets: func(s store.Targets) store.Targets { return firstChanges{s} }})},
		{name: "takes another category for similar", caught: []string{"similar products"}, break_: inCare(careFaults{targets: func(s store.Targets) store.Targets { return anyCategory{s} }})},
	}
}
