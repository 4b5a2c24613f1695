package account

import (
	"errors"
	"net/http"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/internal/web/ui"
)

// The places that ask for a passkey; what the browser answers goes to the same place with /answer behind it.
const (
	passkeySignIn = session.SignInPath + "/passkey"
	passkeyFactor = factorPath + "/passkey"
	passkeyProve  = session.ProvePath + "/passkey"
	passkeyAdd    = "/account/passkeys"
	answerPath    = "/answer"
)

func (p *Pages) passkeyRoutes() []page.Route {
	return []page.Route{
		{Pattern: "POST " + passkeySignIn, Permission: page.Anyone, Handle: p.askPasskey},
		{Pattern: "POST " + passkeySignIn + answerPath, Permission: page.Anyone, Handle: p.signInWithPasskey},
		{Pattern: "POST " + passkeyFactor, Permission: page.Anyone, Handle: p.askFactor},
		{Pattern: "POST " + passkeyFactor + answerPath, Permission: page.Anyone, Handle: p.factorWithPasskey},
		{Pattern: "POST " + passkeyProve, Permission: page.SignedIn, Handle: p.askProof},
		{Pattern: "POST " + passkeyProve + answerPath, Permission: page.SignedIn, Handle: p.proveWithPasskey},
		{Pattern: "POST " + passkeyAdd, Permission: page.SignedIn, Handle: p.startPasskey},
		{Pattern: "POST " + passkeyAdd + answerPath, Permission: page.SignedIn, Handle: p.addPasskey},
		{Pattern: "POST " + passkeyAdd + "/remove", Permission: page.SignedIn, Handle: p.removePasskey},
	}
}

// ceremony is a page that asks the browser for a passkey.
type ceremony struct {
	title, lead, action, question string
	create                        bool
	hidden                        map[string]string
}

func (c ceremony) answer(r *page.Request) page.Answer {
	return page.Answer{Title: c.title, Body: ceremonyPage(r, c), Passkey: true}
}

func (c ceremony) kind() string {
	if c.create {
		return "create"
	}
	return "get"
}

// judgePasskey is judge in the words of passkeys.
func judgePasskey(r *page.Request, err error) (outcome, error) {
	switch {
	case errors.Is(err, people.ErrUnverified):
		return outcome{tone: "bad", notice: r.T.Passkeys.Unverified, status: http.StatusUnprocessableEntity}, nil
	case errors.Is(err, people.ErrWrong):
		return outcome{tone: "bad", notice: r.T.Passkeys.Wrong, status: http.StatusUnprocessableEntity}, nil
	}
	return judge(r.T, err)
}

// next is where somebody goes on to afterwards.
func next(r *page.Request) map[string]string {
	return map[string]string{"next": session.Local(r.PostFormValue("next"))}
}

// passkeyWay is the button that leads to the page that asks for a passkey.
func passkeyWay(r *page.Request, action, label string) way {
	return way{action, label, map[string]string{"next": session.Local(r.FormValue("next"))}}
}

func (p *Pages) askPasskey(r *page.Request) (page.Answer, error) {
	question, err := p.People.AskPasskey(r.Context(), from(r))
	if o, err := judgePasskey(r, err); err != nil || o.tone != "" {
		if err != nil {
			return page.Answer{}, err
		}
		return p.signInSheet(r, o)
	}
	t := r.T.Passkeys
	return ceremony{title: t.SignIn, lead: t.SignInLead, action: passkeySignIn + answerPath, question: question, hidden: next(r)}.answer(r), nil
}

func (p *Pages) signInWithPasskey(r *page.Request) (page.Answer, error) {
	in, err := p.People.SignInWithPasskey(r.Context(), r.PostFormValue("answer"), from(r))
	if o, err := judgePasskey(r, err); err != nil || o.tone != "" {
		if err != nil {
			return page.Answer{}, err
		}
		return p.signInSheet(r, o)
	}
	to, err := p.onward(r, in.Token, session.Local(r.PostFormValue("next")))
	return p.came(r, page.Answer{Redirect: to, Session: in.Token.Reveal()}, err)
}

func (p *Pages) askFactor(r *page.Request) (page.Answer, error) {
	c, err := r.Cookie(p.halfName())
	if err != nil {
		return page.Answer{Redirect: session.SignInPath}, nil
	}
	question, err := p.People.AskFactor(r.Context(), c.Value)
	if err != nil {
		return page.Answer{}, err
	}
	t := r.T.Passkeys
	return ceremony{title: r.T.Account.Factor, lead: t.FactorLead, action: passkeyFactor + answerPath, question: question, hidden: next(r)}.answer(r), nil
}

func (p *Pages) factorWithPasskey(r *page.Request) (page.Answer, error) {
	c, err := r.Cookie(p.halfName())
	if err != nil {
		return page.Answer{Redirect: session.SignInPath}, nil
	}
	token, err := p.People.SecondFactorWithPasskey(r.Context(), c.Value, r.PostFormValue("answer"), from(r))
	if o, err := judgePasskey(r, err); err != nil || o.tone != "" {
		if err != nil {
			return page.Answer{}, err
		}
		return p.factorSheet(r, o)
	}
	to, err := p.onward(r, token, session.Local(r.PostFormValue("next")))
	return p.came(r, page.Answer{Redirect: to, Session: token.Reveal(), Cookies: []*http.Cookie{p.half("", -1)}}, err)
}

func (p *Pages) askProof(r *page.Request) (page.Answer, error) {
	question, err := p.People.AskProof(r.Context(), r.Viewer)
	if err != nil {
		return page.Answer{}, err
	}
	t := r.T.Passkeys
	return ceremony{title: r.T.Account.Confirm, lead: t.ProveLead, action: passkeyProve + answerPath, question: question, hidden: next(r)}.answer(r), nil
}

func (p *Pages) proveWithPasskey(r *page.Request) (page.Answer, error) {
	token, err := p.People.ProveWithPasskey(r.Context(), r.Viewer, r.PostFormValue("answer"))
	if o, err := judgePasskey(r, err); err != nil || o.tone != "" {
		if err != nil {
			return page.Answer{}, err
		}
		return p.proveSheet(r, o)
	}
	return page.Answer{Redirect: session.Local(r.PostFormValue("next")), Session: token.Reveal()}, nil
}

func (p *Pages) startPasskey(r *page.Request) (page.Answer, error) {
	name := r.PostFormValue("passkey")
	question, err := p.People.StartPasskey(r.Context(), r.Viewer, name)
	if err != nil {
		return p.after(r, err)
	}
	t := r.T.Passkeys
	a := ceremony{title: t.Add, lead: t.AddLead, action: passkeyAdd + answerPath, question: question, create: true, hidden: map[string]string{"passkey": name}}.answer(r)
	a.Area, a.Crumbs = "/account", []ui.Crumb{{Href: "/account", Label: r.T.Account.Settings}}
	return a, nil
}

func (p *Pages) addPasskey(r *page.Request) (page.Answer, error) {
	err := p.People.AddPasskey(r.Context(), r.Viewer, r.PostFormValue("passkey"), r.PostFormValue("answer"))
	return p.afterPasskey(r, err, r.T.Passkeys.Added)
}

func (p *Pages) removePasskey(r *page.Request) (page.Answer, error) {
	return p.afterPasskey(r, p.People.RemovePasskey(r.Context(), r.Viewer, r.PostFormValue("id")), r.T.Passkeys.Removed)
}

func (p *Pages) afterPasskey(r *page.Request, err error, said string) (page.Answer, error) {
	if errors.Is(err, people.ErrStepUp) {
		return toProve("/account"), nil
	}
	o, err := judgePasskey(r, err)
	if err != nil {
		return page.Answer{}, err
	}
	if o.tone == "" {
		o = done(said)
		r.PostForm.Del("passkey") // the form is for the next one
	}
	return p.settingsPage(r, settings{o: o})
}
