// Package lookas lets visitors of the demo look at the console through the eyes of one of its people, without a password. Nothing
// but the demo uses it: on a server, people sign in.
package lookas

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/session"
)

// Person is somebody of the demo.
type Person struct {
	Viewer people.Viewer
	Token  string // of the session, random
	Story  string // who that is, in a sentence
}

// People are the people of a demo; they say whose session a token stands for.
type People struct {
	All []Person
	Now func() time.Time
}

// Viewer implements session.Resolver. A person of the demo has always just proved who it is: there is nothing to prove it with.
func (p *People) Viewer(_ context.Context, token, network string) (people.Viewer, error) {
	i := slices.IndexFunc(p.All, func(x Person) bool { return x.Token == token })
	if i < 0 {
		return people.Viewer{}, nil
	}
	v := p.All[i].Viewer
	v.Network, v.ProvedAt = network, p.Now()
	return v, nil
}

// Pages is the choice of a person.
type Pages struct {
	People *People
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET " + session.SignInPath, Permission: page.Anyone, Handle: p.show},
		{Pattern: "POST " + session.SignInPath, Permission: page.Anyone, Handle: p.pick},
	}
}

func (p *Pages) show(r *page.Request) (page.Answer, error) {
	return page.Answer{Title: r.T.SignIn.Title, Body: choice(r.T, p.People.All, session.Local(r.URL.Query().Get("next")))}, nil
}

func (p *Pages) pick(r *page.Request) (page.Answer, error) {
	name := r.PostFormValue("person")
	i := slices.IndexFunc(p.People.All, func(x Person) bool { return x.Viewer.Person == name })
	if i < 0 {
		return page.Answer{}, page.ErrNotFound
	}
	return page.Answer{
		Redirect: cmp.Or(session.Local(r.PostFormValue("next")), "/"),
		Session:  p.People.All[i].Token,
	}, nil
}
