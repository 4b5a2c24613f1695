package account

import (
	"errors"
	"strings"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
)

// accounts is what stands on the operator's page of people and organisations.
type accounts struct {
	r     *page.Request
	o     outcome
	asked string // e-mail address
	found *people.Found
	erase bool // people can be erased here
}

// kinds are the kinds of organisations that can be entered.
func (a accounts) kinds() (all []ui.Choice) {
	for _, k := range []people.Kind{people.Seller, people.Publisher} {
		all = append(all, ui.Choice{Value: string(k), Label: text.Name(a.r.T.Kinds, string(k))})
	}
	return all
}

// field is a field of the form for a new organisation; after one was entered the form is empty.
func (a accounts) field(f ui.Field) ui.Field {
	if a.o.tone == "good" {
		return f
	}
	return a.o.field(a.r, f)
}

func (p *Pages) people(r *page.Request) (page.Answer, error) {
	return p.peoplePage(r, outcome{}, r.URL.Query().Get("email"))
}

func (p *Pages) peoplePage(r *page.Request, o outcome, email string) (page.Answer, error) {
	a := accounts{r: r, o: o, asked: email, erase: p.Privacy != nil}
	if email != "" {
		found, ok, err := p.People.Find(r.Context(), r.Viewer, email)
		wrong, err := judge(r.T, err)
		switch {
		case err != nil:
			return page.Answer{}, err
		case wrong.tone != "":
			a.o = wrong
		case ok:
			a.found = &found
		}
	}
	return body(r, r.T.Account.People, a.o, peoplePage(a)), nil
}

// peopleAfter answers an action on somebody's account.
func (p *Pages) peopleAfter(r *page.Request, err error) (page.Answer, error) {
	email := r.PostFormValue("email")
	if errors.Is(err, people.ErrStepUp) {
		return toProve("/account/people"), nil
	}
	o, err := judge(r.T, err)
	switch {
	case err != nil:
		return page.Answer{}, err
	case o.tone != "":
		return p.peoplePage(r, o, email)
	}
	return page.Answer{Redirect: ui.Address([]string{"account", "people"}, "email", email)}, nil
}

func (p *Pages) lock(r *page.Request) (page.Answer, error) {
	return p.peopleAfter(r, p.People.Lock(r.Context(), r.Viewer, r.PostFormValue("person")))
}

func (p *Pages) unlock(r *page.Request) (page.Answer, error) {
	return p.peopleAfter(r, p.People.Unlock(r.Context(), r.Viewer, r.PostFormValue("person")))
}

func (p *Pages) addOrganisation(r *page.Request) (page.Answer, error) {
	o := people.Organisation{
		Kind: people.Kind(r.PostFormValue("kind")), Name: r.PostFormValue("name"), Publisher: strings.TrimSpace(r.PostFormValue("publisher")),
		Stores: strings.Fields(r.PostFormValue("stores")),
	}
	if _, err := p.People.AddOrganisation(r.Context(), r.Viewer, o, r.PostFormValue("owner")); err != nil {
		var input *people.InputError
		if errors.As(err, &input) && input.Field == "email" { // the form calls it otherwise: there is another address on the page
			err = &people.InputError{Field: "owner", Code: input.Code}
		}
		return p.peopleAfter(r, err)
	}
	return p.peoplePage(r, done(r.T.Account.Entered), "")
}
