// Package web is the console: pages for publishers, sellers and the operator, each behind the permission that its route names. The
// pages lie in folders of their own; here they are put together.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/keywords"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/people/privacy"
	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/app/reports"
	finder "github.com/clickledger/clickledger/internal/app/search"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/web/account"
	"github.com/clickledger/clickledger/internal/web/auditlog"
	"github.com/clickledger/clickledger/internal/web/audits"
	"github.com/clickledger/clickledger/internal/web/balance"
	webcases "github.com/clickledger/clickledger/internal/web/cases"
	"github.com/clickledger/clickledger/internal/web/clicks"
	"github.com/clickledger/clickledger/internal/web/dashboard"
	webdesk "github.com/clickledger/clickledger/internal/web/desk"
	"github.com/clickledger/clickledger/internal/web/endpoints"
	webkeywords "github.com/clickledger/clickledger/internal/web/keywords"
	weblinks "github.com/clickledger/clickledger/internal/web/links"
	"github.com/clickledger/clickledger/internal/web/lookas"
	"github.com/clickledger/clickledger/internal/web/orders"
	"github.com/clickledger/clickledger/internal/web/overview"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/payoutruns"
	"github.com/clickledger/clickledger/internal/web/programs"
	"github.com/clickledger/clickledger/internal/web/proof"
	"github.com/clickledger/clickledger/internal/web/publishers"
	"github.com/clickledger/clickledger/internal/web/reporting"
	"github.com/clickledger/clickledger/internal/web/search"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/internal/web/spaces"
	"github.com/clickledger/clickledger/internal/web/statements"
	"github.com/clickledger/clickledger/internal/web/stores"
	"github.com/clickledger/clickledger/internal/web/subs"
	"github.com/clickledger/clickledger/internal/web/transactions"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/program"
)

//go:generate templ generate -include-version=false

// Parts are what the console stands on.
type Parts struct {
	Books   *books.Service
	Payouts *payouts.Service
	Desk    *desk.Service
	Settle  *settle.Service
	Intake  *intake.Service
	Links   *links.Service
	Reports *reports.Service
	Joining *joining.Service
	Sellers *sellers.Service
	Subs    *subnetworks.Service
	Cases   *cases.Service
	// Postbacks tells publishers' own systems what happens.
	Postbacks *postbacks.Service
	Care      *links.Care
	// Keywords tells of the keywords that programs forbid.
	Keywords *keywords.Service
	// ReadAnswers reads the bank's files.
	ReadAnswers payoutruns.AnswerReader
	About       overview.About
	Gate        *session.Gate
	Now         func() time.Time
	Log         *slog.Logger
	LookAs      *lookas.People    // of the demo; nil: people sign in
	People      *people.Service   // who signs in; nil: nobody does
	Privacy     *privacy.Service  // what is kept of people; nil: it is neither shown nor forgotten here
	Vouchers    *account.Vouchers // a sign-in service beside passwords; nil: there is none
	Secure      bool              // browsers reach the server by HTTPS
	AuditLog    *people.Service   // whose audit log is shown; nil: none is
}

// Site is the console.
type Site struct {
	parts  Parts
	server *page.Server
	keeper *proof.Keeper
}

// New returns the console over its parts.
func New(p Parts) *Site {
	s := &Site{parts: p, keeper: proof.NewKeeper(p.Books.Proof, p.Now), server: &page.Server{Gate: p.Gate, Nav: navigation(p.People != nil, p.AuditLog != nil, webdesk.News{Desk: p.Desk}), Searches: []page.Entry{
		{Href: search.All, Permission: people.SeeEverything}, {Href: search.Own, Permission: people.SeeReports}, {Href: search.Stores, Permission: people.SeeStores},
	}, Now: p.Now, Log: p.Log, Secure: p.Secure}}
	if p.LookAs != nil {
		s.server.LookAs = session.SignInPath
	}
	if p.People != nil {
		s.server.Leave = account.LeavePath
	}
	p.Gate.Deny(s.server.Deny)
	return s
}

// Routes are all pages and actions, each with who may use it.
func (s *Site) Routes() []page.Route {
	p := s.parts
	keeper := s.keeper
	names := &page.Names{Person: p.name, Desk: p.Desk}
	routes := []page.Route{
		{Pattern: "GET /{$}", Permission: page.Anyone, Handle: s.server.Home},
		{Pattern: "POST /appearance", Permission: page.Anyone, Handle: s.server.Appearance},
	}
	if p.LookAs != nil {
		routes = append(routes, (&lookas.Pages{People: p.LookAs}).Routes()...)
	}
	if p.People != nil {
		routes = append(routes, (&account.Pages{People: p.People, Secure: p.Secure, Vouchers: p.Vouchers, Calls: p.Intake, Privacy: p.Privacy}).Routes()...)
	}
	if p.AuditLog != nil {
		routes = append(routes, (&auditlog.Pages{Log: p.AuditLog, Names: names}).Routes()...)
	}
	for _, area := range []interface{ Routes() []page.Route }{
		&overview.Pages{Books: p.Books, Reports: p.Reports, Proof: keeper, About: p.About, Names: names},
		&orders.Pages{Books: p.Books, Names: names},
		&clicks.Pages{Books: p.Books, Names: names},
		&publishers.Pages{Books: p.Books, Joining: p.Joining},
		&proof.Pages{Keeper: keeper},
		&programs.Pages{Joining: p.Joining, Settle: p.Settle, Intake: p.Intake, Reports: p.Reports, Name: p.name, Names: names, Cases: p.Cases},
		&weblinks.Pages{Links: p.Links, Reports: p.Reports, Programs: p.Settle.Programs, Names: names},
		&audits.Pages{Care: p.Care, Programs: p.Settle.Programs},
		&endpoints.Pages{Postbacks: p.Postbacks},
		&webkeywords.Pages{Keywords: p.Keywords},
		&webdesk.Pages{Desk: p.Desk, Books: p.Books, Programs: p.Settle.Programs, Names: names},
		&spaces.Pages{Joining: p.Joining, Terms: p.Settle, Reasons: p.reasons, Names: names},
		&webcases.Pages{Cases: p.Cases, Programs: p.Settle.Programs, Names: names},
		&search.Pages{Search: finder.New(finder.Parts{Books: p.Books, Links: p.Links, Desk: p.Desk, Cases: p.Cases, Sellers: p.Sellers, Terms: p.Settle, Now: p.Now}), Names: names},
		&subs.Pages{Subs: p.Subs, Reports: p.Reports, Refresh: p.Settle.Refresh, Names: names},
		&stores.Pages{Sellers: p.Sellers, Reports: p.Reports, Programs: p.Settle.Programs, Names: names},
		&payoutruns.Pages{Payouts: p.Payouts, Programs: p.Settle.Programs, Read: p.ReadAnswers, Names: names},
		&dashboard.Pages{Desk: p.Desk, Books: p.Books, Reports: p.Reports, Terms: p.Settle, Joining: p.Joining, Links: p.Links, Payouts: p.Payouts},
		&balance.Pages{Books: p.Books, Payouts: p.Payouts, Terms: p.Settle},
		&reporting.Pages{Reports: p.Reports, Programs: p.Settle.Programs, Names: names},
		&transactions.Pages{Books: p.Books, Programs: p.Settle.Programs},
		&statements.Pages{Books: p.Books, Terms: p.Settle},
	} {
		routes = append(routes, area.Routes()...)
	}
	return routes
}

// name is what somebody is called, or the id where nobody is known by it.
func (p *Parts) name(ctx context.Context, id string) string {
	if p.LookAs != nil {
		for _, x := range p.LookAs.All {
			if x.Viewer.Person == id {
				return x.Viewer.Name
			}
		}
	}
	if p.People != nil {
		return p.People.NameOf(ctx, id)
	}
	return id
}

// reasons are the codes that a program declines applications with.
func (p *Parts) reasons(id program.ID) []string {
	if t := p.Settle.Terms(id, p.Now()); t != nil {
		return t.Joining.DeclineReasons
	}
	return nil
}

// Renew computes what pages show and what takes too long for somebody who waits: the daily proof. It is called now and then.
func (s *Site) Renew(ctx context.Context) error { return s.keeper.Renew(ctx) }

// Register puts the console on a mux. The gate's handler must stand in front of it.
func (s *Site) Register(mux *http.ServeMux) {
	assets := http.NewServeMux()
	ui.Assets(assets)
	mux.Handle("GET /assets/", page.Squeeze(assets))
	s.server.Register(mux, s.Routes())
	mux.HandleFunc("GET /", s.server.Missing)
}
