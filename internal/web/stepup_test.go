package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/people/privacy"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/session"
)

// eyes is somebody who is signed in.
type eyes struct{ viewer people.Viewer }

func (e *eyes) Viewer(context.Context, string, string) (people.Viewer, error) { return e.viewer, nil }

// reached sends a request to a route of the console as somebody who proved some time ago who they are, and reports where it led and whether the route
// did anything.
func reached(t *testing.T, site *Site, r page.Route, kr people.KindRole, ago time.Duration) (status int, to string, did bool) {
	t.Helper()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	log := slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	who := &eyes{viewer: people.Viewer{Person: "per_1", Organisation: people.Organisation{ID: "org_1", Kind: kr.Kind, Publisher: "pub", Stores: []string{"s"}}, Role: kr.Role, Session: strings.Repeat("0", 64), ProvedAt: now.Add(-ago)}}
	gate := session.NewGate(who, false, func() time.Time { return now }, log)
	site.server.Gate = gate
	r.Handle = func(*page.Request) (page.Answer, error) {
		did = true
		return page.Answer{Redirect: "/done"}, nil
	}
	mux := http.NewServeMux()
	site.server.Register(mux, []page.Route{r})
	method, path, _ := strings.Cut(regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(r.Pattern, "x"), " ")
	req := httptest.NewRequest(method, path, nil)
	req.AddCookie(&http.Cookie{Name: "session", Value: "token"})
	w := httptest.NewRecorder()
	gate.Handler(mux).ServeHTTP(w, req)
	return w.Code, w.Header().Get("Location"), did
}

// Every route whose permission asks for a recent proof, as every role that has the permission: with a proof that is too old it leads to the page that asks
// for a new one, and nothing happens.
func TestStepUpCannotBeGoneAround(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	log := slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	accounts := people.New(nil, nil, "https://aff.example", now)
	site := New(Parts{Gate: session.NewGate(&eyes{}, false, now, log), Now: now, Log: log, People: accounts, AuditLog: accounts, Privacy: privacy.New(nil, now)})
	rules := make(map[people.Permission]people.Rule)
	for _, r := range people.Policy() {
		rules[r.Permission] = r
	}
	tried := make(map[people.Permission]int)
	for _, route := range site.Routes() {
		rule := rules[route.Permission]
		if !rule.StepUp {
			continue
		}
		for _, kr := range rule.Roles {
			tried[route.Permission]++
			status, to, did := reached(t, site, route, kr, people.StepUpFor+time.Second)
			if status != http.StatusSeeOther || !strings.HasPrefix(to, session.ProvePath) || did {
				t.Errorf("%s as %s %s with an old proof: %d to %q, and it was done: %v", route.Pattern, kr.Kind, kr.Role, status, to, did)
			}
			// Control: it is the proof's age that stops it.
			if _, to, did := reached(t, site, route, kr, people.StepUpFor); !did {
				t.Errorf("%s as %s %s with a recent proof leads to %q", route.Pattern, kr.Kind, kr.Role, to)
			}
			// Red control: under a permission that asks for no proof, the same call would go through, and the check above would see it.
			slack := route
			slack.Permission = people.SeeMembers
			if _, _, did := reached(t, site, slack, kr, people.StepUpFor+time.Second); !did {
				t.Errorf("%s as %s %s: the check would not see a route that forgot to ask", route.Pattern, kr.Kind, kr.Role)
			}
		}
	}
	for _, rule := range people.Policy() {
		if rule.StepUp && tried[rule.Permission] == 0 {
			t.Errorf("no route of the console asks for %s", rule.Permission)
		}
	}
}
