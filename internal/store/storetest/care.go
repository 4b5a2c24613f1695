package storetest

import (
	"context"
	"slices"

	"github.com/clickledger/clickledger/internal/store"
)

func careChecks() []Check {
	return slices.Concat(linkAuditChecks(), targetChecks())
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
