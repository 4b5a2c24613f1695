package account

import (
	"errors"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/people/privacy"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
)

// privacyRoutes are where people get what is kept of them, and are erased; none where nobody keeps that.
func (p *Pages) privacyRoutes() []page.Route {
	if p.Privacy == nil {
		return nil
	}
	return []page.Route{
		{Pattern: "POST /account/export", Permission: page.SignedIn, Handle: p.export},
		{Pattern: "POST /account/people/erase", Permission: people.ManageAccounts, Handle: p.erase},
	}
}

// export is everything that is kept of the viewer, as a file.
func (p *Pages) export(r *page.Request) (page.Answer, error) {
	data, err := p.Privacy.Export(r.Context(), r.Viewer)
	if err != nil {
		return p.after(r, err)
	}
	return page.Answer{File: &page.File{Name: "my-data-" + r.Now.Format(time.DateOnly) + ".json", Type: "application/json", Data: data}}, nil
}

func (p *Pages) erase(r *page.Request) (page.Answer, error) {
	done, err := p.Privacy.Erase(r.Context(), r.Viewer, r.PostFormValue("person"), r.PostFormValue("address"), r.PostFormValue("end_keys") != "")
	var kept *privacy.KeptError
	var input *people.InputError
	switch {
	case errors.As(err, &kept):
		return p.peoplePage(r, outcome{tone: "bad", status: 422, notice: text.Name(r.T.Privacy.Kept, string(kept.Why)) + " " + kept.Organisation}, r.PostFormValue("email"))
	case errors.As(err, &input) && input.Code == "other":
		return p.peoplePage(r, outcome{tone: "bad", status: 422, notice: r.T.Privacy.Other, wrong: map[string]string{"address": r.T.Privacy.Other}}, r.PostFormValue("email"))
	case err != nil:
		return p.peopleAfter(r, err)
	}
	notice := r.T.Privacy.Erased
	if len(done.Closed) > 0 {
		notice += " " + r.T.Privacy.Closed + " " + strings.Join(done.Closed, ", ")
	}
	return p.peoplePage(r, outcome{tone: "good", notice: notice}, "")
}
