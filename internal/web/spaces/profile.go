package spaces

import (
	"errors"
	"slices"

	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
)

// told is the form by which a publisher describes itself.
type told struct {
	joining.Profile
	name       string
	wrong      page.Problem
	known      bool // an organisation stands for the publisher
	saved, may bool
}

func (v *told) promotes(method string) bool { return slices.Contains(v.Methods, method) }

func (p *Pages) profile(r *page.Request) (page.Answer, error) {
	id, err := r.Publisher()
	if err != nil {
		return page.Answer{}, err
	}
	v := &told{known: true, saved: r.URL.Query().Get("saved") != ""}
	v.name, v.Profile, err = p.Joining.Profile(r.Context(), id)
	if errors.Is(err, joining.ErrNotFound) {
		v.known, err = false, nil
	}
	if err != nil {
		return page.Answer{}, err
	}
	return p.describeSelf(r, v, 0)
}

func (p *Pages) describeSelf(r *page.Request, v *told, status int) (page.Answer, error) {
	v.may = r.Viewer.Can(people.ManageSpaces)
	return page.Answer{Title: r.T.Profile.Title, Area: "/publisher/spaces", Status: status, Body: profilePage(r.T, v)}, nil
}

func (p *Pages) setProfile(r *page.Request) (page.Answer, error) {
	id, err := r.Publisher()
	if err != nil {
		return page.Answer{}, err
	}
	given := joining.Profile{
		Audience: r.PostFormValue("audience"), Sources: r.PostFormValue("sources"), Methods: r.PostForm["methods"], Languages: commas(r.PostFormValue("languages")),
		Countries: commas(r.PostFormValue("countries")), Website: r.PostFormValue("website"), Contact: r.PostFormValue("contact"),
	}
	_, err = p.Joining.SetProfile(r.Context(), id, given)
	wrong, err := r.Problem(err)
	if err != nil {
		return page.Answer{}, err
	}
	if wrong.Any() {
		return p.describeSelf(r, &told{Profile: given, known: true, wrong: wrong}, wrong.Status())
	}
	return page.Answer{Redirect: "/publisher/profile?saved=1"}, nil
}
