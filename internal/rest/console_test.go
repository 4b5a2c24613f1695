package rest

import (
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/people/privacy"
	"github.com/clickledger/clickledger/internal/web"
	"github.com/clickledger/clickledger/internal/web/session"
)

// byCall are the console's actions, each with the operations that do the same.
func byCall() map[string]string {
	return map[string]string{
		"POST /account/members/invite": "invite-member", "POST /account/members/withdraw": "withdraw-invitation", "POST /account/members/role": "set-member-role",
		"POST /account/members/remove": "remove-member", "POST /account/apps/make": "make-app", "POST /account/apps/rotate": "rotate-app-key", "POST /account/apps/replace-left": "replace-left-keys",
		"POST /account/apps/revoke-key": "revoke-app-key", "POST /account/apps/revoke": "revoke-app", "POST /audit/verify": "verify-audit-log", "POST /proof": "get-proof",

		"POST /programs/{program}/edit": "review-program publish-program",

		"POST /publisher/spaces": "put-ad-space", "POST /publisher/profile": "put-profile", "POST /publisher/spaces/{space}/verify": "verify-ad-space", "POST /publisher/spaces/{space}/apply": "apply",
		"POST /publisher/applications/{application}": "answer-application", "POST /applications/{application}": "decide-application",
		"POST /publisher/links": "make-links", "POST /publisher/links/{code}": "set-link-state", "POST /publisher/check": "check-links", "POST /publisher/audits": "plan-audit",
		"POST /publisher/keywords": "check-keywords", "POST /publisher/balance/{program}": "withdraw",
		"POST /publisher/endpoints": "put-endpoint", "POST /publisher/endpoints/{endpoint}": "put-endpoint", "POST /publisher/endpoints/{endpoint}/secret": "rotate-endpoint-secret",
		"POST /publisher/endpoints/{endpoint}/remove": "remove-endpoint", "POST /publisher/endpoints/{endpoint}/state": "set-endpoint-state", "POST /publisher/endpoints/{endpoint}/test": "test-endpoint",
		"POST /publisher/endpoints/{endpoint}/again": "send-again", "POST /publisher/endpoints/{endpoint}/replay": "replay-deliveries",
		"POST /publisher/subs": "put-sub-publisher", "POST /publisher/subs/upload": "import-sub-publishers", "POST /publishers/{publisher}/subs/block": "block-sub-publisher unblock-sub-publisher",

		"POST /seller/stores/{store}/part": "set-participation", "POST /seller/stores/{store}/rate": "set-store-rate", "POST /seller/stores/{store}/campaign": "plan-campaign",
		"POST /seller/stores/{store}/end": "end-campaign", "POST /seller/stores/{store}/upload": "import-store-rates",
		"POST /sellers/{store}/part": "set-participation", "POST /sellers/{store}/rate": "set-store-rate", "POST /sellers/{store}/campaign": "plan-campaign",
		"POST /sellers/{store}/end": "end-campaign", "POST /sellers/{store}/upload": "import-store-rates",

		"POST /tickets/{ticket}": "answer-ticket decide-ticket", "POST /tickets/{ticket}/assign": "assign-ticket", "POST /announcements": "announce",
		"POST /announcements/{announcement}/withdraw": "withdraw-announcement", "POST /publishers/{publisher}/manager": "put-manager",
		"POST /publisher/help/tickets": "open-ticket", "POST /publisher/help/tickets/{ticket}": "reply-to-ticket close-ticket",
		"POST /seller/help/tickets": "open-seller-ticket", "POST /seller/help/tickets/{ticket}": "reply-to-seller-ticket close-seller-ticket",

		"POST /cases": "open-case", "POST /cases/{case}/evidence": "add-case-evidence add-case-items", "POST /cases/{case}/file": "send-case-file", "POST /cases/{case}/message": "write-in-case", "POST /cases/{case}/step": "step-case",
		"POST /cases/{case}/decision": "decide-case", "POST /publisher/cases/{case}/answer": "write-in-case", "POST /publisher/cases/{case}/appeal": "appeal-case",
		"POST /publisher/orders/{program}/{order}/appeal": "appeal-order",

		"POST /payouts": "start-payout-run", "POST /payouts/answers": "take-payout-answers", "POST /payouts/{run}/approve": "approve-payout-run", "POST /payouts/{run}/build": "build-payout-run",
		"POST /payouts/{run}/release": "release-payout-run", "POST /payouts/{run}/cancel": "cancel-payout-run", "POST /payouts/{run}/close": "close-payout-run",
	}
}

// readByCall are the console's pages, each with the operations that read what stands there.
func readByCall() map[string]string {
	return map[string]string{
		"/terms": "list-terms", "/account/terms": "list-terms list-agreements", "/account/members": "list-members", "/account/apps": "list-apps", "/account/apps/rejected": "list-app-rejected-calls",
		"/audit": "list-audit-log verify-audit-log", "/audit/{format}": "export-audit-log", "/overview": "get-report get-statistics list-publishers get-proof", "/proof": "get-proof",
		"/orders": "list-orders", "/orders/{program}/{order}": "get-order", "/publisher/orders": "list-orders", "/publisher/orders/{program}/{order}": "get-order",
		"/clicks/{program}/{click}": "get-click", "/publisher/clicks/{program}/{click}": "get-click",
		"/publishers": "list-publishers", "/publishers/{program}/{publisher}": "get-balance list-journal get-profile list-memberships",
		"/programs": "list-programs", "/programs/{program}": "get-program get-program-page get-statistics get-case-statistics list-program-versions", "/programs/{program}/edit": "list-program-versions",
		"/proposals": "list-proposals", "/proposals/{proposal}": "get-proposal review-program", "/publisher/programs": "list-programs", "/publisher/programs/{program}": "get-program-page get-statistics get-ranking",
		"/publisher/programs/{program}/welcome": "get-welcome", "/publisher/links": "list-links", "/publisher/links/{code}": "get-link get-link-aids check-links get-report",
		"/links/{code}": "get-link check-links get-report", "/publisher/links/{code}/qr.png": "get-link-qr", "/publisher/links/{code}/qr.svg": "get-link-qr", "/publisher/check": "check-links",
		"/publisher/audits": "list-audits", "/publisher/audits/{audit}": "get-audit", "/publisher/audits/{audit}/csv": "get-audit", "/link-changes": "list-link-changes",
		"/publisher/endpoints": "list-endpoints", "/publisher/endpoints/{endpoint}": "get-endpoint list-deliveries", "/publisher/keywords": "list-keywords", "/publisher/keywords/{program}/{format}": "list-keywords",
		"/tickets": "list-tickets list-ticket-assignees", "/tickets/{ticket}": "get-ticket", "/announcements": "list-announcements", "/publishers/{publisher}/manager": "get-manager",
		"/publisher/help": "list-own-tickets get-manager", "/publisher/help/tickets/{ticket}": "get-own-ticket", "/publisher/inbox": "list-inbox", "/publisher/inbox/{announcement}": "list-inbox read-announcement",
		"/seller/help": "list-seller-tickets", "/seller/help/tickets/{ticket}": "get-seller-ticket", "/seller/inbox": "list-seller-inbox", "/seller/inbox/{announcement}": "list-seller-inbox read-seller-announcement",
		"/publisher/spaces": "list-ad-spaces", "/publisher/profile": "get-profile", "/publisher/spaces/{space}": "list-ad-spaces list-memberships list-applications",
		"/applications": "list-applications", "/applications/{application}": "get-application", "/cases": "list-cases", "/cases/{case}": "get-case", "/cases/{case}/files/{file}": "get-case-file",
		"/publisher/cases": "list-cases", "/publisher/cases/{case}": "get-case", "/publisher/cases/{case}/files/{file}": "get-case-file",
		"/search": "search", "/publisher/search": "search", "/seller/search": "search",
		"/publisher/subs": "list-sub-publishers", "/publisher/subs/payouts.csv": "list-payout-parts", "/publishers/{publisher}/subs": "list-sub-publishers", "/publishers/{publisher}/subs/payouts.csv": "list-payout-parts",
		"/seller": "list-stores get-store-report", "/sellers": "list-stores get-cost-of-sale", "/publisher/offers": "list-promotions",
		"/seller/stores/{store}": "get-store list-store-offers list-store-changes list-store-products", "/seller/stores/{store}/report": "get-store-report", "/seller/stores/{store}/orders/{program}/{order}": "get-store-order", "/sellers/{store}/orders/{program}/{order}": "get-store-order", "/seller/stores/{store}/rates.csv": "get-store-rates",
		"/seller/stores/{store}/part": "get-store", "/sellers/{store}": "get-store list-store-offers list-store-changes list-store-products", "/sellers/{store}/report": "get-store-report",
		"/sellers/{store}/rates.csv": "get-store-rates", "/sellers/{store}/part": "get-store",
		"/payouts": "list-payout-runs", "/payouts/{run}": "get-payout-run", "/payouts/{run}/files/{name}": "get-payout-file",
		"/publisher": "get-checklist get-report get-outlook list-payouts", "/publisher/balance": "get-balance list-payouts", "/publisher/balance/{program}": "get-balance get-outlook get-withdrawal list-payouts",
		"/publisher/payout-details": "get-payout-details", "/publisher/reports": "get-report list-live-orders", "/reports": "get-report list-live-orders", "/publisher/transactions": "list-journal",
		"/publisher/statements": "get-statement", "/publisher/statements/{program}/{month}/{format}": "get-statement",
	}
}

// forms are pages that show nothing but a form, or the way to other pages.
func forms() []string {
	return []string{
		"/{$}", "/account", "/account/confirm", "/account/people", "/cases/open", "/check-email", "/forgot", "/invitation", "/publisher/payout-details/edit", "/reset", "/second-factor", "/sign-in", "/sign-up",
	}
}

// onlyConsole are the console's actions that no call does. docs/api.md gives the reason of each under "Only in the console".
func onlyConsole() []string {
	return []string{
		"/sign-up", "/check-email", "/sign-in", "/second-factor", "/forgot", "/reset", "/invitation", "/sign-out", "/account/confirm", "/appearance", "/account/password", "/account/factor",
		"/account/sessions", "/account/organisation", "/account/terms", "/account/people", "/account/passkeys", "/account/export", "/proposals/{proposal}", "/publisher/payout-details/edit",
	}
}

// I1: everything that the console can do a call does too, or stands in a short list with its reason, and what it shows a call reads. An
// action or a page that is new in the console fails here until it has a call.
func TestI1_EverythingOfTheConsoleHasACall(t *testing.T) {
	p := people.New(nil, nil, "https://aff.example", time.Now)
	log := slog.New(slog.DiscardHandler)
	site := web.New(web.Parts{People: p, AuditLog: p, Privacy: privacy.New(nil, time.Now), Gate: session.NewGate(p, true, time.Now, log), Now: time.Now, Log: log})
	known := make(map[string]bool)
	operations(func(op *huma.Operation) { known[op.OperationID] = true })
	table, guide := byCall(), ""
	if page, err := os.ReadFile("../../docs/api.md"); err != nil {
		t.Fatal(err)
	} else if _, after, ok := strings.Cut(string(page), "\n## Only in the console\n"); ok {
		guide, _, _ = strings.Cut(after, "\n## ")
	}
	used := make(map[string]bool)
	actions, pages := 0, make(map[string]bool)
	for _, r := range site.Routes() {
		method, path, _ := strings.Cut(r.Pattern, " ")
		if method == "GET" {
			for id := range strings.FieldsSeq(readByCall()[path]) {
				if !known[id] {
					t.Errorf("%s is to be read by %s, which is no operation", path, id)
				}
			}
			if readByCall()[path] == "" && !slices.Contains(forms(), path) {
				t.Errorf("what stands on the page %s no call reads: give it one", path)
			}
			pages[path] = true
			continue
		}
		actions++
		if ops := table[r.Pattern]; ops != "" {
			used[r.Pattern] = true
			for id := range strings.FieldsSeq(ops) {
				if !known[id] {
					t.Errorf("%s is to be done by %s, which is no operation", r.Pattern, id)
				}
			}
			continue
		}
		i := slices.IndexFunc(onlyConsole(), func(prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") })
		if i < 0 {
			t.Errorf("%s has no call: give it one, or say in docs/api.md why only the console does it", r.Pattern)
			continue
		}
		used[onlyConsole()[i]] = true
		if !strings.Contains(guide, "`"+onlyConsole()[i]) {
			t.Errorf("docs/api.md does not say why only the console does %s", onlyConsole()[i])
		}
	}
	for _, x := range append(slices.Collect(maps.Keys(table)), onlyConsole()...) {
		if !used[x] {
			t.Errorf("%s is no action of the console", x)
		}
	}
	for _, x := range append(slices.Collect(maps.Keys(readByCall())), forms()...) {
		if !pages[x] {
			t.Errorf("%s is no page of the console", x)
		}
	}
	if actions < 80 {
		t.Errorf("there are %d actions only: the table tries nothing", actions)
	}
}
