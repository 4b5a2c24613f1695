package people

import (
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

// Permission is something that a role may do or see.
type Permission string

// The permissions. Those of money and keys ask for a recent proof of who the person is: see Rule.
const (
	// Of publishers.
	SeeReports        Permission = "see_reports" // orders, clicks, income of one's own organisation
	SeeBalance        Permission = "see_balance"
	MakeLinks         Permission = "make_links"
	ManageSpaces      Permission = "manage_spaces" // enter ad spaces and apply to programs
	RequestWithdrawal Permission = "request_withdrawal"
	EditPayoutDetails Permission = "edit_payout_details"
	AskAsPublisher    Permission = "ask_as_publisher" // open tickets and write in them
	UseEndpoints      Permission = "use_endpoints"    // see where messages go, try it, send again, turn on and off
	ManageEndpoints   Permission = "manage_endpoints" // decide where messages go, and make their secrets
	AnswerCases       Permission = "answer_cases"     // answer in trust cases and appeal
	// Of sellers.
	AskAsSeller Permission = "ask_as_seller"
	SeeStores   Permission = "see_stores" // taking part, rates, orders and cost of one's own stores
	EditStores  Permission = "edit_stores"
	// Of every organisation.
	SeeMembers    Permission = "see_members"
	ManageMembers Permission = "manage_members"
	SeeApps       Permission = "see_apps"
	ManageApps    Permission = "manage_apps"
	// Of operators.
	SeeEverything      Permission = "see_everything" // programs, publishers, sellers, orders, decisions and statistics of all
	ReviewApplications Permission = "review_applications"
	ManagePublishers   Permission = "manage_publishers" // block, unblock, answer tickets, announce
	ManageSellers      Permission = "manage_sellers"    // let stores take part and set rates for their sellers
	DecideCases        Permission = "decide_cases"      // trust cases: hold, release, deduct
	EditPrograms       Permission = "edit_programs"     // check, diff, what-if and publish
	SeePayouts         Permission = "see_payouts"
	BuildPayouts       Permission = "build_payouts"
	ApprovePayouts     Permission = "approve_payouts"
	ManageAccounts     Permission = "manage_accounts" // lock people, make organisations
	SeeAudit           Permission = "see_audit"
)

// A Rule says which roles of which kind of organisation have a permission.
type Rule struct {
	Permission Permission
	// StepUp says that whoever uses it must have proved who they are within StepUpFor.
	StepUp bool
	Roles  []KindRole
}

// KindRole is a role in a kind of organisation.
type KindRole struct {
	Kind Kind
	Role Role
}

// The kinds and roles of the store, under the names that fronts use.
type (
	Kind         = store.Kind
	Role         = store.Role
	Organisation = store.Organisation
	Membership   = store.Membership
)

// The kinds of organisations.
const (
	Publisher = store.KindPublisher
	Seller    = store.KindSeller
	Operator  = store.KindOperator
)

// The roles.
const (
	Owner    = store.RoleOwner
	Member   = store.RoleMember
	Reader   = store.RoleReader
	Reviewer = store.RoleReviewer
	Finance  = store.RoleFinance
	Admin    = store.RoleAdmin
)

// Policy is who may do what: the one table that everything is decided by. What does not stand here nobody may.
func Policy() []Rule {
	const stepUp, free = true, false
	all := func(k Kind) []KindRole {
		var out []KindRole
		for _, r := range RolesOf(k) {
			out = append(out, KindRole{k, r})
		}
		return out
	}
	only := func(k Kind, roles ...Role) []KindRole {
		var out []KindRole
		for _, r := range roles {
			out = append(out, KindRole{k, r})
		}
		return out
	}
	everybody := slices.Concat(all(Publisher), all(Seller), all(Operator))
	heads := slices.Concat(only(Publisher, Owner), only(Seller, Owner), only(Operator, Admin))
	return []Rule{
		{SeeReports, free, all(Publisher)},
		{SeeBalance, free, all(Publisher)},
		{MakeLinks, free, only(Publisher, Owner, Member)},
		{ManageSpaces, free, only(Publisher, Owner, Member)},
		{AskAsPublisher, free, only(Publisher, Owner, Member)},
		{RequestWithdrawal, stepUp, only(Publisher, Owner)},
		{EditPayoutDetails, stepUp, only(Publisher, Owner)},
		{UseEndpoints, free, only(Publisher, Owner, Member)},
		{ManageEndpoints, stepUp, only(Publisher, Owner)},
		{AnswerCases, free, only(Publisher, Owner, Member)},

		{SeeStores, free, all(Seller)},
		{AskAsSeller, free, only(Seller, Owner, Member)},
		{EditStores, free, only(Seller, Owner, Member)},

		{SeeMembers, free, everybody},
		{ManageMembers, stepUp, heads},
		{SeeApps, free, slices.Concat(only(Publisher, Owner, Member), only(Seller, Owner, Member), only(Operator, Admin))},
		{ManageApps, stepUp, heads},

		{SeeEverything, free, all(Operator)},
		{ReviewApplications, free, only(Operator, Reviewer, Admin)},
		{ManagePublishers, free, only(Operator, Reviewer, Admin)},
		{ManageSellers, free, only(Operator, Reviewer, Admin)},
		{DecideCases, free, only(Operator, Reviewer, Finance, Admin)},
		{EditPrograms, stepUp, only(Operator, Admin)},
		{SeePayouts, free, only(Operator, Finance, Admin)},
		{BuildPayouts, stepUp, only(Operator, Finance)},
		{ApprovePayouts, stepUp, only(Operator, Finance, Admin)},
		{ManageAccounts, stepUp, only(Operator, Admin)},
		{SeeAudit, free, only(Operator, Finance, Admin)},
	}
}

// RolesOf returns the roles in a kind of organisation, the one with the most rights first.
func RolesOf(k Kind) []Role {
	switch k {
	case Publisher, Seller:
		return []Role{Owner, Member, Reader}
	case Operator:
		return []Role{Admin, Finance, Reviewer}
	}
	return nil
}

// StepUpFor is how long a proof of who somebody is counts for what asks for a recent one.
const StepUpFor = 10 * time.Minute

// Viewer is who looks at a page or calls a use case: a person who has signed in with everything that was asked for, acting for one
// organisation. The zero Viewer may do nothing.
type Viewer struct {
	Person       string // id
	Name         string
	Email        string
	Language     string // of pages, as package explain names it
	Organisation Organisation
	Role         Role
	Session      string    // id of the session
	ProvedAt     time.Time // when the person last proved who it is
	Network      string    // from where this call comes, for the audit log
	SecondFactor bool      // whether the person has a second factor
	HasPasskey   bool      // whether the person has a passkey that works here

	// App is the app by which the person acts, and Scopes and TrackingIDs are what that may; empty: a session of the person's own. An app
	// gives nobody more than it has: see gives and heads.
	App         string
	Scopes      []string
	TrackingIDs []string
}

// gives refuses what an app would give away and does not have itself: the secret of another app is all that this one may.
func (v Viewer) gives(scopes, trackingIDs []string) error {
	if v.App == "" {
		return nil
	}
	if slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(v.Scopes, s) }) {
		return &InputError{"scopes", "beyond"}
	}
	if len(v.TrackingIDs) > 0 && (len(trackingIDs) == 0 || slices.ContainsFunc(trackingIDs, func(t string) bool { return !slices.Contains(v.TrackingIDs, t) })) {
		return &InputError{"tracking_ids", "beyond"}
	}
	return nil
}

// heads refuses, to an app, what concerns a role that may do something for which people must prove who they are. Whoever has a stolen key
// would otherwise invite itself to where money and keys are changed, or shut out who could stop it.
func (v Viewer) heads(r Role) error {
	if v.App != "" && slices.ContainsFunc(Policy(), func(x Rule) bool { return x.StepUp && slices.Contains(x.Roles, KindRole{v.Organisation.Kind, r}) }) {
		return &InputError{"role", "proved"}
	}
	return nil
}

// Can reports whether the viewer's role has a permission.
func (v Viewer) Can(p Permission) bool {
	if v.Person == "" || v.Organisation.ID == "" {
		return false
	}
	r, ok := rule(p)
	return ok && slices.Contains(r.Roles, KindRole{v.Organisation.Kind, v.Role})
}

// MustProve reports whether the viewer must prove again who it is before using a permission.
func (v Viewer) MustProve(p Permission, now time.Time) bool {
	r, ok := rule(p)
	return !ok || r.StepUp && !v.Proved(now)
}

// Proved reports whether the viewer proved recently who it is.
func (v Viewer) Proved(now time.Time) bool {
	return !v.ProvedAt.IsZero() && now.Sub(v.ProvedAt) <= StepUpFor
}

// Check returns nil where the viewer may use a permission now, ErrForbidden where its role may not, and ErrStepUp where it must prove
// again who it is.
func (v Viewer) Check(p Permission, now time.Time) error {
	switch {
	case !v.Can(p):
		return ErrForbidden
	case v.MustProve(p, now):
		return ErrStepUp
	}
	return nil
}

func rule(p Permission) (Rule, bool) {
	all := Policy()
	i := slices.IndexFunc(all, func(r Rule) bool { return r.Permission == p })
	if i < 0 {
		return Rule{}, false
	}
	return all[i], true
}
