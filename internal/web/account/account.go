// Package account is the pages by which people come in and look after their accounts: sign-up, sign-in, second step, passwords,
// sessions, members and API apps.
package account

import (
	"errors"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/people/privacy"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
)

// Pages are the account pages.
type Pages struct {
	People *people.Service
	Secure bool // browsers reach the server by HTTPS
	// Vouchers is a sign-in service beside passwords; nil: there is none.
	Vouchers *Vouchers
	Calls    *intake.Service  // what of the apps' calls was rejected
	Privacy  *privacy.Service // what is kept of people; nil: it is neither shown nor forgotten here
}

// LeavePath is where a sign-out is posted to.
const LeavePath = "/sign-out"

// Routes are the pages and actions.
func (p *Pages) Routes() []page.Route {
	var vouching []page.Route
	if p.Vouchers != nil {
		vouching = []page.Route{
			{Pattern: "GET " + vouchPath, Permission: page.Anyone, Handle: p.vouch},
			{Pattern: "GET " + vouchedPath, Permission: page.Anyone, Handle: p.vouched},
		}
	}
	return append(slices.Concat(vouching, p.passkeyRoutes(), p.privacyRoutes()), []page.Route{
		{Pattern: "GET /sign-up", Permission: page.Anyone, Handle: p.signUp},
		{Pattern: "POST /sign-up", Permission: page.Anyone, Handle: p.doSignUp},
		{Pattern: "GET /check-email", Permission: page.Anyone, Handle: p.checkEmail},
		{Pattern: "POST /check-email", Permission: page.Anyone, Handle: p.doCheckEmail},
		{Pattern: "GET " + session.SignInPath, Permission: page.Anyone, Handle: p.signIn},
		{Pattern: "POST " + session.SignInPath, Permission: page.Anyone, Handle: p.doSignIn},
		{Pattern: "GET " + factorPath, Permission: page.Anyone, Handle: p.factor},
		{Pattern: "POST " + factorPath, Permission: page.Anyone, Handle: p.doFactor},
		{Pattern: "GET /forgot", Permission: page.Anyone, Handle: p.forgot},
		{Pattern: "POST /forgot", Permission: page.Anyone, Handle: p.doForgot},
		{Pattern: "GET /reset", Permission: page.Anyone, Handle: p.reset},
		{Pattern: "POST /reset", Permission: page.Anyone, Handle: p.doReset},
		{Pattern: "GET /invitation", Permission: page.Anyone, Handle: p.invitation},
		{Pattern: "POST /invitation", Permission: page.Anyone, Handle: p.doInvitation},

		{Pattern: "POST " + LeavePath, Permission: page.SignedIn, Handle: p.leave},
		{Pattern: "GET " + session.ProvePath, Permission: page.SignedIn, Handle: p.prove},
		{Pattern: "POST " + session.ProvePath, Permission: page.SignedIn, Handle: p.doProve},
		{Pattern: "GET /account", Permission: page.SignedIn, Handle: p.settings},
		{Pattern: "GET /terms", Permission: page.Anyone, Handle: p.terms},
		{Pattern: "GET /account/terms", Permission: page.SignedIn, Handle: p.terms},
		{Pattern: "POST /account/terms", Permission: page.SignedIn, Handle: p.acceptTerms},
		{Pattern: "POST /account/terms/publish", Permission: people.EditPrograms, Handle: p.publishTerms},
		{Pattern: "POST /account/password", Permission: page.SignedIn, Handle: p.changePassword},
		{Pattern: "POST /account/factor", Permission: page.SignedIn, Handle: p.startFactor},
		{Pattern: "POST /account/factor/on", Permission: page.SignedIn, Handle: p.confirmFactor},
		{Pattern: "POST /account/factor/off", Permission: page.SignedIn, Handle: p.removeFactor},
		{Pattern: "POST /account/factor/recovery", Permission: page.SignedIn, Handle: p.newRecovery},
		{Pattern: "POST /account/sessions/end", Permission: page.SignedIn, Handle: p.endSession},
		{Pattern: "POST /account/sessions/end-others", Permission: page.SignedIn, Handle: p.endOthers},
		{Pattern: "POST /account/organisation", Permission: page.SignedIn, Handle: p.actFor},

		{Pattern: "GET /account/members", Permission: people.SeeMembers, Handle: p.members},
		{Pattern: "POST /account/members/invite", Permission: people.ManageMembers, Handle: p.invite},
		{Pattern: "POST /account/members/withdraw", Permission: people.ManageMembers, Handle: p.withdraw},
		{Pattern: "POST /account/members/role", Permission: people.ManageMembers, Handle: p.setRole},
		{Pattern: "POST /account/members/remove", Permission: people.ManageMembers, Handle: p.removeMember},
		{Pattern: "GET /account/apps", Permission: people.SeeApps, Handle: p.apps},
		{Pattern: "GET " + rejectedPath, Permission: people.SeeApps, Handle: p.rejected},
		{Pattern: "POST /account/apps/make", Permission: people.ManageApps, Handle: p.makeApp},
		{Pattern: "POST /account/apps/rotate", Permission: people.ManageApps, Handle: p.rotateKey},
		{Pattern: "POST /account/apps/replace-left", Permission: people.ManageApps, Handle: p.replaceLeft},
		{Pattern: "POST /account/apps/revoke-key", Permission: people.ManageApps, Handle: p.revokeKey},
		{Pattern: "POST /account/apps/revoke", Permission: people.ManageApps, Handle: p.revokeApp},
		{Pattern: "GET /account/people", Permission: people.ManageAccounts, Handle: p.people},
		{Pattern: "POST /account/people/lock", Permission: people.ManageAccounts, Handle: p.lock},
		{Pattern: "POST /account/people/unlock", Permission: people.ManageAccounts, Handle: p.unlock},
		{Pattern: "POST /account/people/organisation", Permission: people.ManageAccounts, Handle: p.addOrganisation},
	}...)
}

// from is where a request comes from.
func from(r *page.Request) people.From {
	return people.From{Network: session.Network(r.Request), Agent: r.UserAgent()}
}

// outcome is what became of a form: what is said above it, and what is wrong with its fields.
type outcome struct {
	tone, notice string
	wrong        map[string]string // by field
	status       int
}

func done(notice string) outcome { return outcome{tone: "good", notice: notice} }

// judge turns an error of a use case into words for the form, or returns what is not for whoever filled it in.
func judge(t *text.Texts, err error) (outcome, error) {
	var input *people.InputError
	var limit *people.LimitError
	o := outcome{tone: "bad", status: http.StatusUnprocessableEntity}
	switch {
	case err == nil:
		return outcome{}, nil
	case errors.As(err, &input):
		o.wrong = map[string]string{input.Field: text.Name(t.Account.Problems, input.Code)}
		o.notice = o.wrong[input.Field]
	case errors.As(err, &limit):
		o.notice, o.status = t.Account.Limited, http.StatusTooManyRequests
	case errors.Is(err, people.ErrWrong):
		o.notice = t.Account.Wrong
	case errors.Is(err, people.ErrUnchecked):
		o.notice = t.Account.Unchecked
	case errors.Is(err, people.ErrTicket):
		o.notice = t.Account.Ticket
	default:
		return outcome{}, err
	}
	return o, nil
}

// field is a form field with what was entered; passwords and codes are entered anew.
func (o outcome) field(r *page.Request, f ui.Field) ui.Field {
	f.Error = o.wrong[f.Name]
	if f.Type != "password" && f.Complete != "one-time-code" && f.Value == "" {
		f.Value = r.PostFormValue(f.Name)
	}
	return f
}

// A sheet is a page with one form.
type sheet struct {
	title, lead string
	outcome     outcome
	action      string
	hidden      map[string]string
	fields      []ui.Field
	button      string // empty: there is no form
	ways        []way
	links       []ui.Link
}

// way is another way to what a sheet is for: a form of one button.
type way struct {
	action, label string
	hidden        map[string]string
}

func (s sheet) answer() page.Answer {
	return page.Answer{Title: s.title, Status: s.outcome.status, Body: sheetPage(s)}
}

// told is a page that says what was done.
func told(title, notice string, links ...ui.Link) page.Answer {
	return sheet{title: title, outcome: done(notice), links: links}.answer()
}

// toProve sends a viewer to prove who it is, and back.
func toProve(next string) page.Answer {
	return page.Answer{Redirect: ui.Address([]string{"account", "confirm"}, "next", next)}
}

// body makes an answer of a page in the settings.
func body(r *page.Request, title string, o outcome, c templ.Component) page.Answer {
	a := page.Answer{Title: title, Area: "/account", Status: o.status, Body: c}
	if title != r.T.Account.Settings {
		a.Crumbs = []ui.Crumb{{Href: "/account", Label: r.T.Account.Settings}}
	}
	return a
}
