package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/store"
)

func careChecks() []Check {
	return []Check{
		{"plans come back as they were put, and each is taken once (L6)", plansTaken},
		{"of workers that take plans, one gets each (L6)", plansRace},
		{"audits come back as they were put, the newest first (L6)", auditsRoundTrip},
		{"targets come back as they were put (L7)", targetsRoundTrip},
		{"the newest change of a link is known, and all can be listed (L7)", linkChanges},
		{"similar products are affiliate products of the category (L7)", similarProducts},
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

func sampleTarget(url string) store.Target {
	return store.Target{Program: tr, URL: url, Status: 404, Error: "no", Failures: 2, FailedAt: at(7), CheckedAt: at(8), Next: at(9)}
}

func targetsRoundTrip(k *kit) {
	long := "https://shop.example/" + fmt.Sprintf("%02000d", 1)
	one, two, fine := sampleTarget("https://shop.example/b"), sampleTarget(long), sampleTarget("https://shop.example/a")
	fine.Status, fine.Error, fine.Failures, fine.FailedAt = 200, "", 0, time.Time{}
	elsewhere := one
	elsewhere.Program, elsewhere.Status = ro, 200
	put := func(ts ...store.Target) {
		k.update(func(tx store.Tx) error { return tx.Platform().Care().Targets().Put(k.ctx, ts) })
	}
	put(one, two, fine, elsewhere)
	one.Failures, one.Next = 3, at(90)
	put(one)
	k.reopen()
	got := read(k, func(tx store.Tx) ([]store.Target, error) {
		return tx.Platform().Care().Targets().Get(k.ctx, tr, []string{one.URL, long, fine.URL, one.URL, "https://shop.example/A"})
	})
	k.same("the targets", got, []store.Target{two, fine, one})
}

func linkChange(link int64, to string) store.LinkChange {
	return store.LinkChange{Link: link, Code: fmt.Sprint("c", link), Program: tr, At: at(3), From: "live", To: to, Cause: "gone", Detail: "404", Substitute: "https://shop.example/x"}
}

func linkChanges(k *kit) {
	elsewhere := linkChange(3, "dead")
	elsewhere.Program = ro
	for _, cs := range [][]store.LinkChange{{linkChange(1, "dead"), linkChange(2, "dead")}, {linkChange(1, "live")}, {elsewhere}} {
		k.update(func(tx store.Tx) error { return tx.Platform().Care().Targets().PutChanges(k.ctx, cs) })
	}
	k.reopen()
	short := func(cs []store.LinkChange) (out []string) {
		for _, c := range cs {
			out = append(out, fmt.Sprint(c.Link, " ", c.To))
		}
		return out
	}
	newest := read(k, func(tx store.Tx) ([]store.LinkChange, error) {
		return tx.Platform().Care().Targets().Changes(k.ctx, []int64{2, 1, 9, 1})
	})
	k.same("the newest of each", short(newest), []string{"1 live", "2 dead"})
	want := linkChange(1, "live")
	want.Number = newest[0].Number
	k.same("a change", newest[0], want)
	var all []store.LinkChange
	for after := ""; ; {
		var page []store.LinkChange
		var next string
		k.view(func(tx store.Tx) (err error) {
			page, next, err = tx.Platform().Care().Targets().ChangePage(k.ctx, tr, after, 2)
			return err
		})
		all = append(all, page...)
		if after = next; next == "" {
			break
		}
	}
	k.same("those of a program", short(all), []string{"1 live", "2 dead", "1 dead"})
}

func similarProducts(k *kit) {
	products := []*catalog.Product{product("p3", "s1"), product("p1", "s1"), product("p2", "s1"), product("x", "s1")}
	products[2].Affiliate = false
	products[3].Category = "phones"
	k.update(func(tx store.Tx) error { return tx.Facts().PutCatalog(k.ctx, products, nil) })
	similar := func(after string, limit int) []string {
		return read(k, func(tx store.Tx) ([]string, error) {
			return tx.Platform().Care().Targets().Similar(k.ctx, "shoes", after, limit)
		})
	}
	k.same("similar products", similar("", 9), []string{"p1", "p3"})
	k.same("the first", similar("", 1), []string{"p1"})
	k.same("those behind one", similar("p1", 9), []string{"p3"})
}

// careWrites are the methods that change something.
func careWrites() []write {
	return []write{
		{"Audits.PutPlan", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Care().Audits().PutPlan(ctx, plan("ann", "links", at(3)))
		}},
		{"Audits.TakePlans", func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Platform().Care().Audits().TakePlans(ctx, at(4), at(50), 1)
			return err
		}},
		{"Audits.PutAudit", func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Platform().Care().Audits().PutAudit(ctx, sampleAudit("ann", "links"))
			return err
		}},
		{"Targets.Put", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Care().Targets().Put(ctx, []store.Target{sampleTarget("https://shop.example/a")})
		}},
		{"Targets.PutChanges", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Care().Targets().PutChanges(ctx, []store.LinkChange{linkChange(1, "dead")})
		}},
	}
}

// lookAtCare reads everything of the role.
func lookAtCare(ctx context.Context, tx store.Tx, note func(string, any, error)) {
	audits, targets := tx.Platform().Care().Audits(), tx.Platform().Care().Targets()
	plans, err := audits.Plans(ctx, "ann")
	note("Plans", plans, err)
	latest, err := audits.Latest(ctx, "ann", "links")
	note("Latest", latest, err)
	page, next, err := audits.AuditPage(ctx, "ann", "", "", 9)
	note("AuditPage", []any{page, next}, err)
	known, err := targets.Get(ctx, tr, []string{"https://shop.example/a"})
	note("Targets", known, err)
	changes, err := targets.Changes(ctx, []int64{1})
	note("LinkChanges", changes, err)
	all, next, err := targets.ChangePage(ctx, "", "", 9)
	note("ChangePage", []any{all, next}, err)
	similar, err := targets.Similar(ctx, "shoes", "", 9)
	note("Similar", similar, err)
}
