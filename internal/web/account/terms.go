package account

import (
	"strconv"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/internal/web/ui"
)

// termsView is the page of the network's terms: the newest version, what was agreed to, and for the operator the next version.
type termsView struct {
	r      *page.Request
	o      outcome
	newest people.NetworkTerms
	agreed people.Agreed
	next   string
}

func (p *Pages) terms(r *page.Request) (page.Answer, error) { return p.termsAnswer(r, outcome{}) }

func (p *Pages) termsAnswer(r *page.Request, o outcome) (page.Answer, error) {
	v := &termsView{r: r, o: o, next: session.Local(r.FormValue("next"))}
	all, err := p.People.Terms(r.Context())
	if err != nil {
		return page.Answer{}, err
	}
	v.newest = all[0]
	if r.Viewer.Person != "" {
		if v.agreed, err = p.People.Agreed(r.Context(), r.Viewer); err != nil {
			return page.Answer{}, err
		}
	}
	return body(r, r.T.Agreements.Terms, o, termsPage(v)), nil
}

func (p *Pages) acceptTerms(r *page.Request) (page.Answer, error) {
	version, _ := strconv.Atoi(r.PostFormValue("version")) // none is version 0, which is refused
	o, err := judge(r.T, p.People.AcceptTerms(r.Context(), r.Viewer, version))
	if err != nil || o.tone != "" {
		if err != nil {
			return page.Answer{}, err
		}
		return p.termsAnswer(r, o)
	}
	return page.Answer{Redirect: session.Local(r.PostFormValue("next"))}, nil
}

func (p *Pages) publishTerms(r *page.Request) (page.Answer, error) {
	_, err := p.People.PublishTerms(r.Context(), r.Viewer, map[string]string{"en": r.PostFormValue("text_en"), "tr": r.PostFormValue("text_tr")})
	o, err := judge(r.T, err)
	if err != nil || o.tone != "" {
		if err != nil {
			return page.Answer{}, err
		}
		return p.termsAnswer(r, o)
	}
	return page.Answer{Redirect: "/account/terms"}, nil
}

// onward is where somebody goes who has just signed in: first to terms that wait for an answer, then where they wanted to go.
func (p *Pages) onward(r *page.Request, token people.Secret, next string) (string, error) {
	v, err := p.People.Viewer(r.Context(), token.Reveal(), session.Network(r.Request))
	if err != nil || v.Person == "" {
		return next, err
	}
	agreed, err := p.People.Agreed(r.Context(), v)
	if err != nil || !agreed.Asks {
		return next, err
	}
	return ui.Address([]string{"account", "terms"}, "next", next), nil
}
