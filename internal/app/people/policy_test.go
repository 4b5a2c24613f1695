package people

import (
	"slices"
	"testing"
	"time"
)

func viewer(k Kind, r Role) Viewer {
	return Viewer{Person: "per_1", Organisation: Organisation{ID: "org_1", Kind: k}, Role: r}
}

// The table, written down a second time by role: a change of one without the other is a mistake.
func TestPolicyByRole(t *testing.T) {
	want := map[KindRole][]Permission{
		{Publisher, Owner}:   {SeeReports, SeeBalance, MakeLinks, ManageSpaces, AskAsPublisher, AnswerCases, UseEndpoints, ManageEndpoints, RequestWithdrawal, EditPayoutDetails, SeeMembers, ManageMembers, SeeApps, ManageApps},
		{Publisher, Member}:  {SeeReports, SeeBalance, MakeLinks, ManageSpaces, AskAsPublisher, AnswerCases, UseEndpoints, SeeMembers, SeeApps},
		{Publisher, Reader}:  {SeeReports, SeeBalance, SeeMembers},
		{Seller, Owner}:      {SeeStores, EditStores, AskAsSeller, SeeMembers, ManageMembers, SeeApps, ManageApps},
		{Seller, Member}:     {SeeStores, EditStores, AskAsSeller, SeeMembers, SeeApps},
		{Seller, Reader}:     {SeeStores, SeeMembers},
		{Operator, Reviewer}: {SeeMembers, SeeEverything, ReviewApplications, ManagePublishers, ManageSellers, DecideCases},
		{Operator, Finance}:  {SeeMembers, SeeEverything, DecideCases, SeePayouts, BuildPayouts, ApprovePayouts, SeeAudit},
		{Operator, Admin}: {SeeMembers, ManageMembers, SeeApps, ManageApps, SeeEverything, ReviewApplications, ManagePublishers, ManageSellers, DecideCases, EditPrograms,
			SeePayouts, ApprovePayouts, ManageAccounts, SeeAudit},
	}
	for _, k := range []Kind{Publisher, Seller, Operator, "other", ""} {
		for _, r := range []Role{Owner, Member, Reader, Reviewer, Finance, Admin, "other", ""} {
			for _, rule := range Policy() {
				may := slices.Contains(want[KindRole{k, r}], rule.Permission)
				if got := viewer(k, r).Can(rule.Permission); got != may {
					t.Errorf("%s %s: %s is %v, want %v", k, r, rule.Permission, got, may)
				}
			}
		}
	}
}

func TestPolicyIsSound(t *testing.T) {
	seen := map[Permission]bool{}
	for _, r := range Policy() {
		if seen[r.Permission] {
			t.Errorf("%s stands in the table twice", r.Permission)
		}
		seen[r.Permission] = true
		if len(r.Roles) == 0 {
			t.Errorf("nobody has %s", r.Permission)
		}
		for _, kr := range r.Roles {
			if !slices.Contains(RolesOf(kr.Kind), kr.Role) {
				t.Errorf("%s: an organisation of kind %q has no role %q", r.Permission, kr.Kind, kr.Role)
			}
		}
	}
	if viewer(Operator, Admin).Can("anything") || !viewer(Operator, Admin).MustProve("anything", time.Time{}) {
		t.Error("a permission that is not in the table is given")
	}
	nobody := Viewer{Organisation: Organisation{ID: "org_1", Kind: Operator}, Role: Admin}
	homeless := Viewer{Person: "per_1", Organisation: Organisation{Kind: Operator}, Role: Admin}
	if nobody.Can(SeeAudit) || homeless.Can(SeeAudit) || (Viewer{}).Can(SeeAudit) {
		t.Error("somebody who has not signed in, or acts for nobody, has a permission")
	}
}

// Money and keys ask for a recent proof of who the person is.
func TestPolicyStepUp(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	v := viewer(Publisher, Owner)
	for _, c := range []struct {
		p      Permission
		proved time.Time
		want   error
	}{
		{RequestWithdrawal, now, nil},
		{RequestWithdrawal, now.Add(-StepUpFor), nil},
		{RequestWithdrawal, now.Add(-StepUpFor - 1), ErrStepUp},
		{RequestWithdrawal, time.Time{}, ErrStepUp},
		{EditPayoutDetails, time.Time{}, ErrStepUp},
		{ManageApps, time.Time{}, ErrStepUp},
		{ManageMembers, time.Time{}, ErrStepUp},
		{SeeReports, time.Time{}, nil},
		{BuildPayouts, now, ErrForbidden},
	} {
		v.ProvedAt = c.proved
		if got := v.Check(c.p, now); got != c.want {
			t.Errorf("%s, proved at %v: %v, want %v", c.p, c.proved, got, c.want)
		}
	}
	operator := viewer(Operator, Finance)
	for _, p := range []Permission{BuildPayouts, ApprovePayouts} {
		if got := operator.Check(p, now); got != ErrStepUp {
			t.Errorf("%s without a proof: %v", p, got)
		}
	}
}
