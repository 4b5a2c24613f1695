package web

import (
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/audits"
	webdesk "github.com/clickledger/clickledger/internal/web/desk"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
)

// navigation is every entry of the navigation, group by group; each viewer sees those that its role may open. The first one that a
// viewer sees is where it comes in.
func navigation(accounts, log bool, news webdesk.News) []page.Entry {
	all := []page.Entry{
		// Operators.
		{Href: "/overview", Icon: "overview", Permission: people.SeeEverything, Label: func(t *text.Texts) string { return t.Shell.Overview }},
		{Group: "work", Href: "/applications", Icon: "links", Permission: people.ReviewApplications, Label: func(t *text.Texts) string { return t.Spaces.Queue }},
		{Group: "work", Href: "/tickets", Icon: "help", Permission: people.ManagePublishers, Label: func(t *text.Texts) string { return t.Desk.Tickets }, Count: news.Turn},
		{Group: "work", Href: "/cases", Icon: "proof", Permission: people.SeeEverything, Label: func(t *text.Texts) string { return t.Cases.Title }},
		{Group: "work", Href: audits.Changes, Icon: "links", Permission: people.SeeEverything, Label: func(t *text.Texts) string { return t.Tools.Audits.Changes }},
		{Group: "work", Href: "/announcements", Icon: "inbox", Permission: people.ManagePublishers, Label: func(t *text.Texts) string { return t.Desk.Announcements }},
		{Group: "partners", Href: "/programs", Icon: "programs", Permission: people.SeeEverything, Label: func(t *text.Texts) string { return t.Shell.Programs }},
		{Group: "partners", Href: "/publishers", Icon: "publishers", Permission: people.SeeEverything, Label: func(t *text.Texts) string { return t.Shell.Publishers }},
		{Group: "partners", Href: "/sellers", Icon: "stores", Permission: people.SeeEverything, Label: func(t *text.Texts) string { return t.Sellers.All }},
		{Group: "results", Href: "/orders", Icon: "orders", Permission: people.SeeEverything, Label: func(t *text.Texts) string { return t.Shell.Orders }},
		{Group: "results", Href: "/reports", Icon: "overview", Permission: people.SeeEverything, Label: func(t *text.Texts) string { return t.Reports.Title }},
		{Group: "money", Href: "/payouts", Icon: "payouts", Permission: people.SeePayouts, Label: func(t *text.Texts) string { return t.Shell.Payouts }},
		{Group: "money", Href: "/proof", Icon: "proof", Permission: people.SeePayouts, Label: func(t *text.Texts) string { return t.Shell.Proof }},
		// Publishers.
		{Href: "/publisher", Icon: "overview", Permission: people.SeeReports, Label: func(t *text.Texts) string { return t.Shell.Dashboard }},
		{Group: "earn", Href: "/publisher/programs", Icon: "programs", Permission: people.SeeReports, Label: func(t *text.Texts) string { return t.Shell.Programs }},
		{Group: "earn", Href: "/publisher/offers", Icon: "stores", Permission: people.SeeReports, Label: func(t *text.Texts) string { return t.Sellers.Promotions }},
		{Group: "earn", Href: "/publisher/spaces", Icon: "publishers", Permission: people.SeeReports, Label: func(t *text.Texts) string { return t.Spaces.Title }},
		{Group: "earn", Href: "/publisher/subs", Icon: "publishers", Permission: people.SeeReports, Label: func(t *text.Texts) string { return t.Subs.Title }},
		{Group: "earn", Href: "/publisher/links", Icon: "links", Permission: people.SeeReports, Label: func(t *text.Texts) string { return t.Shell.Links }},
		{Group: "results", Href: "/publisher/orders", Icon: "orders", Permission: people.SeeReports, Label: func(t *text.Texts) string { return t.Shell.Orders }},
		{Group: "results", Href: "/publisher/reports", Icon: "overview", Permission: people.SeeReports, Label: func(t *text.Texts) string { return t.Reports.Title }},
		{Group: "results", Href: "/publisher/endpoints", Icon: "links", Permission: people.UseEndpoints, Label: func(t *text.Texts) string { return t.Endpoints.Title }},
		{Group: "money", Href: "/publisher/balance", Icon: "balance", Permission: people.SeeBalance, Label: func(t *text.Texts) string { return t.Shell.Balance }},
		{Group: "money", Href: "/publisher/transactions", Icon: "transactions", Permission: people.SeeBalance, Label: func(t *text.Texts) string { return t.Shell.Transactions }},
		{Group: "money", Href: "/publisher/statements", Icon: "statement", Permission: people.SeeBalance, Label: func(t *text.Texts) string { return t.Shell.Statements }},
		{Group: "money", Href: "/publisher/cases", Icon: "proof", Permission: people.SeeBalance, Label: func(t *text.Texts) string { return t.Cases.OwnTitle }},
		{Group: "help", Href: "/publisher/inbox", Icon: "inbox", Permission: people.SeeReports, Label: inbox, Count: news.Announcements},
		{Group: "help", Href: "/publisher/help", Icon: "help", Permission: people.SeeReports, Label: help, Count: news.Answers},
		// Sellers.
		{Href: "/seller", Icon: "stores", Permission: people.SeeStores, Label: func(t *text.Texts) string { return t.Shell.Stores }},
		{Group: "help", Href: "/seller/inbox", Icon: "inbox", Permission: people.SeeStores, Label: inbox, Count: news.Announcements},
		{Group: "help", Href: "/seller/help", Icon: "help", Permission: people.SeeStores, Label: help, Count: news.Answers},
	}
	if log {
		all = append(all, page.Entry{Group: "installation", Href: "/audit", Icon: "proof", Permission: people.SeeAudit, Label: func(t *text.Texts) string { return t.Agreements.Log }})
	}
	if accounts {
		all = append(all, page.Entry{Group: "help", Href: "/account", Icon: "settings", Permission: people.SeeMembers, Label: func(t *text.Texts) string { return t.Account.Settings }})
	}
	return all
}

func inbox(t *text.Texts) string { return t.Desk.Inbox }

func help(t *text.Texts) string { return t.Desk.Help }
