package account

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/ui"
)

// apps is what stands on the page of an organisation's API apps.
type apps struct {
	r      *page.Request
	o      outcome
	may    bool
	proved bool
	now    time.Time
	all    []people.App
	scopes []string             // that can be given
	made   []people.Credentials // shown this once
}

// left reports whether somebody who left knows a key that counts.
func (a apps) left() bool {
	return slices.ContainsFunc(a.all, func(x people.App) bool {
		return x.RevokedAt.IsZero() && slices.ContainsFunc(x.Keys, func(k people.AppKey) bool { return k.Left && k.Live(a.now) })
	})
}

// named is what an app is called.
func (a apps) named(id string) string {
	for _, x := range a.all {
		if x.ID == id {
			return x.Name
		}
	}
	return id
}

// field is a field of the form for a new app; after one was made the form is empty.
func (a apps) field(f ui.Field) ui.Field {
	if a.made != nil {
		return f
	}
	return a.o.field(a.r, f)
}

func (p *Pages) apps(r *page.Request) (page.Answer, error) { return p.appsPage(r, outcome{}, nil) }

func (p *Pages) appsPage(r *page.Request, o outcome, made []people.Credentials) (page.Answer, error) {
	a := apps{
		r: r, o: o, may: r.Viewer.Can(people.ManageApps), proved: !r.Viewer.MustProve(people.ManageApps, r.Now), now: r.Now,
		scopes: people.ScopesOf(r.Viewer.Organisation.Kind), made: made,
	}
	var err error
	if a.all, err = p.People.Apps(r.Context(), r.Viewer); err != nil {
		return page.Answer{}, err
	}
	return body(r, r.T.Account.Apps, o, appsPage(a)), nil
}

// appsAfter answers an action on apps; made are credentials to show.
func (p *Pages) appsAfter(r *page.Request, err error, made []people.Credentials) (page.Answer, error) {
	if errors.Is(err, people.ErrStepUp) {
		return toProve("/account/apps"), nil
	}
	o, err := judge(r.T, err)
	switch {
	case err != nil:
		return page.Answer{}, err
	case o.tone != "":
		return p.appsPage(r, o, nil)
	case made != nil:
		return p.appsPage(r, outcome{}, made)
	}
	return page.Answer{Redirect: "/account/apps"}, nil
}

func (p *Pages) makeApp(r *page.Request) (page.Answer, error) {
	_ = r.ParseForm() // PostFormValue says what can be read
	var tracking []string
	for _, line := range strings.Split(r.PostFormValue("tracking_ids"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			tracking = append(tracking, line)
		}
	}
	made, err := p.People.MakeApp(r.Context(), r.Viewer, r.PostFormValue("name"), r.PostForm["scope"], tracking)
	return p.appsAfter(r, err, []people.Credentials{made})
}

func (p *Pages) rotateKey(r *page.Request) (page.Answer, error) {
	made, err := p.People.RotateKey(r.Context(), r.Viewer, r.PostFormValue("app"))
	return p.appsAfter(r, err, []people.Credentials{made})
}

// replaceLeft gives all apps of which somebody who left knows a key another one.
func (p *Pages) replaceLeft(r *page.Request) (page.Answer, error) {
	made, err := p.People.ReplaceLeftKeys(r.Context(), r.Viewer)
	return p.appsAfter(r, err, made)
}

func (p *Pages) revokeKey(r *page.Request) (page.Answer, error) {
	return p.appsAfter(r, p.People.RevokeKey(r.Context(), r.Viewer, r.PostFormValue("key")), nil)
}

func (p *Pages) revokeApp(r *page.Request) (page.Answer, error) {
	return p.appsAfter(r, p.People.RevokeApp(r.Context(), r.Viewer, r.PostFormValue("app")), nil)
}
