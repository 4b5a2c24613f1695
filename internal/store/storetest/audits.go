package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

func linkAuditChecks() []Check {
	return []Check{
		{"plans come back as they were put, and each is taken once (L6)", plansTaken},
		{"of workers that take plans, one gets each (L6)", plansRace},
		{"audits come back as they were put, the newest first (L6)", auditsRoundTrip},
	}
}

func plan(publisher, subject string, next time.Time) store.AuditPlan {
	return store.AuditPlan{Publisher: publisher, Subject: subject, Every: "daily", Next: next, ChangedAt: at(1)}
}

func putPlans(k *kit, ps ...store.AuditPlan) {
	k.Helper()
	for _, p := range ps {
		k.update(func(tx store.Tx) error { return tx.Platform().Care().Audits().PutPlan(k.ctx, p) })
	}
}

func takePlans(k *kit, when, until time.Time, limit int) (due []store.AuditPlan) {
	k.Helper()
	k.update(func(tx store.Tx) (err error) {
		due, err = tx.Platform().Care().Audits().TakePlans(k.ctx, when, until, limit)
		return err
	})
	return due
}

func plansTaken(k *kit) {
	one, two, other, never := plan("ann", "links", at(20)), plan("ann", "space/blog", at(10)), plan("", "sweep/tr", at(15)), plan("ann", "space/z", time.Time{})
	never.Every = ""
	putPlans(k, plan("ann", "links", at(1)), one, two, other, never)
	plans := func(publisher string) []store.AuditPlan {
		return read(k, func(tx store.Tx) ([]store.AuditPlan, error) {
			return tx.Platform().Care().Audits().Plans(k.ctx, publisher)
		})
	}
	k.reopen()
	k.same("a publisher's plans", plans("ann"), []store.AuditPlan{one, two, never})
	k.same("the operator's plans", plans(""), []store.AuditPlan{other})
	k.same("before any is due", len(takePlans(k, at(9), at(99), 9)), 0)
	k.same("the earliest", takePlans(k, at(20), at(50), 2), []store.AuditPlan{two, other})
	k.same("the one that is left", takePlans(k, at(20), at(50), 2), []store.AuditPlan{one})
	k.same("when all are taken", len(takePlans(k, at(20), at(50), 2)), 0)
	two.Next = at(50)
	k.same("a plan that is taken", plans("ann")[1], two)
	k.same("when whoever took them ended", len(takePlans(k, at(50), at(90), 9)), 3)
}

func plansRace(k *kit) {
	const plans, workers = 24, 4
	for i := range plans {
		putPlans(k, plan("ann", fmt.Sprintf("space/%02d", i), at(1)))
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	var got []string
	for range workers {
		wg.Go(func() {
			for range 2 * plans / workers { // more often than there are plans
				var due []store.AuditPlan
				err := k.store.Update(k.ctx, func(tx store.Tx) (err error) {
					due, err = tx.Platform().Care().Audits().TakePlans(k.ctx, at(2), at(99), 1)
					return err
				})
				if err != nil {
					k.Errorf("taking a plan: %v", err)
				}
				mu.Lock()
				for _, p := range due {
					got = append(got, p.Subject)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(got)
	k.same("how many were taken", len(got), plans)
	k.same("how many different ones", len(slices.Compact(got)), plans)
}

func sampleAudit(publisher, subject string) store.LinkAudit {
	return store.LinkAudit{
		Publisher: publisher, Subject: subject, StartedAt: at(5), EndedAt: at(9), Links: 7, Pages: 2, Notes: []string{"no_prices"}, Found: 3, New: 1, Gone: 2,
		Findings: []store.AuditFinding{{Code: "dead_target", Link: "abc", Page: "https://blog.example/<a>", Target: "https://shop.example/?a=1&b=\"2\"", Detail: "404", New: true}, {Code: "no_disclosure"}},
	}
}

func auditsRoundTrip(k *kit) {
	put := func(a store.LinkAudit) store.LinkAudit {
		k.update(func(tx store.Tx) (err error) {
			a, err = tx.Platform().Care().Audits().PutAudit(k.ctx, a)
			return err
		})
		return a
	}
	first := put(sampleAudit("ann", "links"))
	pages := put(sampleAudit("ann", "space/blog"))
	empty := sampleAudit("ann", "links")
	empty.Findings, empty.Notes = []store.AuditFinding{}, []string{}
	last := put(empty)
	other := put(sampleAudit("", "links"))
	k.reopen()
	if first.ID < 1 || pages.ID <= first.ID || last.ID <= pages.ID || other.ID <= last.ID {
		k.Errorf("ids %d %d %d %d do not rise", first.ID, pages.ID, last.ID, other.ID)
	}
	get := func(id int64) (a store.LinkAudit, err error) {
		err = k.store.View(k.ctx, func(tx store.Tx) (err error) {
			a, err = tx.Platform().Care().Audits().Audit(k.ctx, id)
			return err
		})
		return a, err
	}
	latest := func(publisher, subject string) (a store.LinkAudit, err error) {
		err = k.store.View(k.ctx, func(tx store.Tx) (err error) {
			a, err = tx.Platform().Care().Audits().Latest(k.ctx, publisher, subject)
			return err
		})
		return a, err
	}
	got, err := get(first.ID)
	k.must(err)
	k.same("an audit", got, first)
	got, err = latest("ann", "links")
	k.must(err)
	k.same("the latest", got, last)
	_, err = get(99)
	k.is(err, store.ErrNotFound, "an audit that is not there")
	_, err = latest("ben", "links")
	k.is(err, store.ErrNotFound, "the latest of nobody")
	list := func(publisher, subject string) (all []store.LinkAudit) {
		for after := ""; ; {
			var page []store.LinkAudit
			var next string
			k.view(func(tx store.Tx) (err error) {
				page, next, err = tx.Platform().Care().Audits().AuditPage(k.ctx, publisher, subject, after, 1)
				return err
			})
			all = append(all, page...)
			if after = next; next == "" {
				return all
			}
		}
	}
	bare := func(as ...store.LinkAudit) []store.LinkAudit {
		for i := range as {
			as[i].Findings = nil
		}
		return as
	}
	k.same("a publisher's audits", list("ann", ""), bare(last, pages, first))
	k.same("those of its links", list("ann", "links"), bare(last, first))
	k.same("the operator's", list("", ""), bare(other))
	bad := sampleAudit("ann", "links")
	bad.Findings[0].Detail = "\xff"
	k.is(k.store.Update(k.ctx, func(tx store.Tx) error {
		_, err := tx.Platform().Care().Audits().PutAudit(k.ctx, bad)
		return err
	}), store.ErrInvalid, "a finding that is not UTF-8")
}
