package account

import (
	"errors"
	"net/http"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/internal/web/ui"
)

func (p *Pages) signUp(r *page.Request) (page.Answer, error) { return p.signUpSheet(r, outcome{}) }

func (p *Pages) signUpSheet(r *page.Request, o outcome) (page.Answer, error) {
	a := r.T.Account
	return sheet{
		title: a.SignUp, lead: a.SignUpLead, outcome: o, action: "/sign-up", button: a.SignUp,
		fields: []ui.Field{
			o.field(r, ui.Field{Name: "organisation", Label: a.Organisation, Hint: a.OrganisationHint, Required: true, Complete: "organization"}),
			o.field(r, ui.Field{Name: "name", Label: a.Name, Required: true, Complete: "name"}),
			o.field(r, ui.Field{Name: "email", Label: a.Email, Type: "email", Required: true, Complete: "username"}),
			o.field(r, ui.Field{Name: "password", Label: a.Password, Hint: a.PasswordHint, Type: "password", Required: true, Complete: "new-password"}),
		},
		links: []ui.Link{{Href: "/terms", Label: r.T.Agreements.BySigningUp}, {Href: session.SignInPath, Label: a.HaveAccount}},
	}.answer(), nil
}

func (p *Pages) doSignUp(r *page.Request) (page.Answer, error) {
	err := p.People.SignUp(r.Context(), people.SignUpForm{
		Organisation: r.PostFormValue("organisation"), Name: r.PostFormValue("name"), Email: r.PostFormValue("email"), Password: r.PostFormValue("password"),
		Language: string(r.T.Lang),
	}, from(r))
	if o, err := judge(r.T, err); err != nil || o.tone != "" {
		if err != nil {
			return page.Answer{}, err
		}
		return p.signUpSheet(r, o)
	}
	return told(r.T.Account.LookInMail, r.T.Account.LookInMailLead), nil
}

// checkEmail asks for a click: programs that look through e-mail open links by themselves.
func (p *Pages) checkEmail(r *page.Request) (page.Answer, error) {
	a := r.T.Account
	return sheet{title: a.CheckEmail, lead: a.CheckEmailLead, action: "/check-email", button: a.CheckEmail, hidden: token(r)}.answer(), nil
}

// token hands the token of a link on to the form.
func token(r *page.Request) map[string]string {
	return map[string]string{"token": r.FormValue("token")}
}

func (p *Pages) doCheckEmail(r *page.Request) (page.Answer, error) {
	o, err := judge(r.T, p.People.CheckEmail(r.Context(), r.PostFormValue("token"), from(r)))
	if err != nil {
		return page.Answer{}, err
	}
	a := r.T.Account
	if o.tone != "" {
		return sheet{title: a.CheckEmail, outcome: o, links: []ui.Link{{Href: session.SignInPath, Label: a.SignIn}}}.answer(), nil
	}
	return told(a.CheckEmail, a.CheckEmailDone, ui.Link{Href: session.SignInPath, Label: a.SignIn}), nil
}

func (p *Pages) signIn(r *page.Request) (page.Answer, error) { return p.signInSheet(r, outcome{}) }

func (p *Pages) signInSheet(r *page.Request, o outcome) (page.Answer, error) {
	a := r.T.Account
	links := []ui.Link{{Href: "/forgot", Label: a.Forgot}, {Href: "/sign-up", Label: a.NoAccount}}
	if p.Vouchers != nil {
		way := ui.Address([]string{"oidc", "start"}, "next", session.Local(r.FormValue("next")))
		links = append([]ui.Link{{Href: way, Label: a.Vouched + " " + p.Vouchers.Name}}, links...)
	}
	var ways []way
	if p.People.OffersPasskeys() {
		ways = []way{passkeyWay(r, passkeySignIn, r.T.Passkeys.SignIn)}
	}
	return sheet{
		ways: ways, title: a.SignIn, lead: a.SignInLead, outcome: o, action: session.SignInPath, button: a.SignIn,
		hidden: map[string]string{"next": session.Local(r.FormValue("next"))},
		fields: []ui.Field{
			o.field(r, ui.Field{Name: "email", Label: a.Email, Type: "email", Required: true, Complete: "username"}),
			o.field(r, ui.Field{Name: "password", Label: a.Password, Type: "password", Required: true, Complete: "current-password"}),
		},
		links: links,
	}.answer(), nil
}

func (p *Pages) doSignIn(r *page.Request) (page.Answer, error) {
	in, err := p.People.SignIn(r.Context(), r.PostFormValue("email"), r.PostFormValue("password"), from(r))
	if o, err := judge(r.T, err); err != nil || o.tone != "" {
		if err != nil {
			return page.Answer{}, err
		}
		return p.signInSheet(r, o)
	}
	next := session.Local(r.PostFormValue("next"))
	if in.Factor {
		return page.Answer{Redirect: ui.Address([]string{"second-factor"}, "next", next), Cookies: []*http.Cookie{p.half(in.Token.Reveal(), 600)}}, nil
	}
	next, err = p.onward(r, in.Token, next)
	return p.came(r, page.Answer{Redirect: next, Session: in.Token.Reveal()}, err)
}

// came ends the session that the browser showed until somebody signed in at it: whoever knows its token has nothing of the new one.
func (p *Pages) came(r *page.Request, a page.Answer, err error) (page.Answer, error) {
	if err != nil || r.Viewer.Person == "" {
		return a, err
	}
	if err := p.People.SignOut(r.Context(), r.Viewer); err != nil && !errors.Is(err, people.ErrForbidden) { // it ended meanwhile
		return page.Answer{}, err
	}
	return a, nil
}

const factorPath = "/second-factor"

// half is the cookie of a sign-in whose second factor is to come. It is sent to that page only.
func (p *Pages) half(token string, age int) *http.Cookie {
	return &http.Cookie{Name: p.halfName(), Value: token, Path: factorPath, MaxAge: age, Secure: p.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func (p *Pages) halfName() string {
	if p.Secure {
		return "__Secure-half"
	}
	return "half"
}

func (p *Pages) factor(r *page.Request) (page.Answer, error) { return p.factorSheet(r, outcome{}) }

func (p *Pages) factorSheet(r *page.Request, o outcome) (page.Answer, error) {
	c, err := r.Cookie(p.halfName())
	if err != nil {
		return page.Answer{Redirect: session.SignInPath}, nil
	}
	a := r.T.Account
	var ways []way
	if p.People.FactorByPasskey(r.Context(), c.Value) {
		ways = []way{passkeyWay(r, passkeyFactor, r.T.Passkeys.Factor)}
	}
	return sheet{
		ways: ways, title: a.Factor, lead: a.FactorLead, outcome: o, action: factorPath, button: a.Continue,
		hidden: map[string]string{"next": session.Local(r.FormValue("next"))},
		fields: []ui.Field{o.field(r, ui.Field{Name: "code", Label: a.Code, Hint: a.CodeHint, Required: true, Complete: "one-time-code"})},
	}.answer(), nil
}

func (p *Pages) doFactor(r *page.Request) (page.Answer, error) {
	c, err := r.Cookie(p.halfName())
	if err != nil {
		return page.Answer{Redirect: session.SignInPath}, nil
	}
	token, err := p.People.SecondFactor(r.Context(), c.Value, r.PostFormValue("code"), from(r))
	if o, err := judge(r.T, err); err != nil || o.tone != "" {
		if err != nil {
			return page.Answer{}, err
		}
		return p.factorSheet(r, o)
	}
	next, err := p.onward(r, token, session.Local(r.PostFormValue("next")))
	return p.came(r, page.Answer{Redirect: next, Session: token.Reveal(), Cookies: []*http.Cookie{p.half("", -1)}}, err)
}

func (p *Pages) forgot(r *page.Request) (page.Answer, error) { return p.forgotSheet(r, outcome{}) }

func (p *Pages) forgotSheet(r *page.Request, o outcome) (page.Answer, error) {
	a := r.T.Account
	return sheet{
		title: a.ForgotTitle, lead: a.ForgotLead, outcome: o, action: "/forgot", button: a.Send,
		fields: []ui.Field{o.field(r, ui.Field{Name: "email", Label: a.Email, Type: "email", Required: true, Complete: "username"})},
	}.answer(), nil
}

func (p *Pages) doForgot(r *page.Request) (page.Answer, error) {
	o, err := judge(r.T, p.People.Forgot(r.Context(), r.PostFormValue("email"), from(r)))
	switch {
	case err != nil:
		return page.Answer{}, err
	case o.tone != "":
		return p.forgotSheet(r, o)
	}
	return told(r.T.Account.LookInMail, r.T.Account.LookInMailLead), nil
}

func (p *Pages) reset(r *page.Request) (page.Answer, error) { return p.resetSheet(r, outcome{}) }

func (p *Pages) resetSheet(r *page.Request, o outcome) (page.Answer, error) {
	a := r.T.Account
	return sheet{
		title: a.ResetTitle, outcome: o, action: "/reset", button: a.Save, hidden: token(r),
		fields: []ui.Field{o.field(r, ui.Field{Name: "password", Label: a.NewPassword, Hint: a.PasswordHint, Type: "password", Required: true, Complete: "new-password"})},
		links:  []ui.Link{{Href: "/forgot", Label: a.Forgot}},
	}.answer(), nil
}

func (p *Pages) doReset(r *page.Request) (page.Answer, error) {
	o, err := judge(r.T, p.People.Reset(r.Context(), r.PostFormValue("token"), r.PostFormValue("password"), from(r)))
	switch {
	case err != nil:
		return page.Answer{}, err
	case o.tone != "":
		return p.resetSheet(r, o)
	}
	return told(r.T.Account.ResetTitle, r.T.Account.ResetDone, ui.Link{Href: session.SignInPath, Label: r.T.Account.SignIn}), nil
}

func (p *Pages) invitation(r *page.Request) (page.Answer, error) {
	return p.invitationSheet(r, outcome{})
}

func (p *Pages) invitationSheet(r *page.Request, o outcome) (page.Answer, error) {
	a := r.T.Account
	i, err := p.People.Invitation(r.Context(), r.FormValue("token"))
	if err != nil {
		o, err := judge(r.T, err)
		return sheet{title: a.Invitation, outcome: o}.answer(), err
	}
	s := sheet{
		title: a.Invitation, lead: a.InvitationLead + " " + i.Organisation, outcome: o, action: "/invitation", button: a.Accept, hidden: token(r),
	}
	switch {
	case !i.Known:
		s.fields = []ui.Field{
			{Name: "email", Label: a.Email, Value: i.Email, Type: "email", Complete: "username"},
			o.field(r, ui.Field{Name: "name", Label: a.Name, Required: true, Complete: "name"}),
			o.field(r, ui.Field{Name: "password", Label: a.Password, Hint: a.PasswordHint, Type: "password", Required: true, Complete: "new-password"}),
		}
	case r.Viewer.Email != i.Email:
		s.button, s.lead = "", a.InvitationOther+" "+i.Email
		s.links = []ui.Link{{Href: ui.Address([]string{"sign-in"}, "next", r.URL.RequestURI()), Label: a.SignIn}}
	}
	return s.answer(), nil
}

func (p *Pages) doInvitation(r *page.Request) (page.Answer, error) {
	err := p.People.Accept(r.Context(), r.Viewer, r.PostFormValue("token"), r.PostFormValue("name"), r.PostFormValue("password"), string(r.T.Lang), from(r))
	o, err := judge(r.T, err)
	switch {
	case err != nil:
		return page.Answer{}, err
	case o.tone != "":
		return p.invitationSheet(r, o)
	case r.Viewer.Person != "":
		return page.Answer{Redirect: "/account"}, nil
	}
	return told(r.T.Account.Invitation, r.T.Account.Joined, ui.Link{Href: session.SignInPath, Label: r.T.Account.SignIn}), nil
}

func (p *Pages) leave(r *page.Request) (page.Answer, error) {
	// The gate takes the cookie of a session that has ended from the browser with the next request.
	return page.Answer{Redirect: session.SignInPath}, p.People.SignOut(r.Context(), r.Viewer)
}

func (p *Pages) prove(r *page.Request) (page.Answer, error) { return p.proveSheet(r, outcome{}) }

func (p *Pages) proveSheet(r *page.Request, o outcome) (page.Answer, error) {
	a := r.T.Account
	s := sheet{
		title: a.Confirm, lead: a.ConfirmLead, outcome: o, action: session.ProvePath, button: a.Continue,
		hidden: map[string]string{"next": session.Local(r.FormValue("next"))},
		fields: []ui.Field{o.field(r, ui.Field{Name: "answer", Label: a.Password, Type: "password", Required: true, Complete: "current-password"})},
	}
	if r.Viewer.SecondFactor {
		s.lead = a.ConfirmFactor
		s.fields = []ui.Field{o.field(r, ui.Field{Name: "answer", Label: a.Code, Hint: a.CodeHint, Required: true, Complete: "one-time-code"})}
	}
	if r.Viewer.HasPasskey {
		s.ways = []way{passkeyWay(r, passkeyProve, r.T.Passkeys.Prove)}
	}
	return s.answer(), nil
}

func (p *Pages) doProve(r *page.Request) (page.Answer, error) {
	token, err := p.People.Prove(r.Context(), r.Viewer, r.PostFormValue("answer"))
	if o, err := judge(r.T, err); err != nil || o.tone != "" {
		if err != nil {
			return page.Answer{}, err
		}
		return p.proveSheet(r, o)
	}
	return page.Answer{Redirect: session.Local(r.PostFormValue("next")), Session: token.Reveal()}, nil
}
