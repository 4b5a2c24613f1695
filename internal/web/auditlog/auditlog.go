// Package auditlog shows what people did: the audit log with filters, as a file, and whether its chain holds (I6).
package auditlog

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/export"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/ui"
)

// Pages are the pages of the audit log.
type Pages struct {
	Log   *people.Service
	Names *page.Names

	mu    sync.Mutex
	found audit.Verified
	at    time.Time // when the chain was read from end to end last
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /audit", Permission: people.SeeAudit, Handle: p.show},
		{Pattern: "GET /audit/{format}", Permission: people.SeeAudit, Handle: p.file},
		{Pattern: "POST /audit/verify", Permission: people.SeeAudit, Handle: p.again},
	}
}

// verifyEvery is how long a look at the whole chain counts for those who open the page.
const verifyEvery = 10 * time.Minute

// verified reads the chain from end to end, where that was not done lately.
func (p *Pages) verified(r *page.Request, anew bool) (audit.Verified, time.Time, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if anew || p.at.IsZero() || r.Now.Sub(p.at) > verifyEvery {
		found, err := p.Log.VerifyAudit(r.Context(), "")
		if err != nil {
			return found, p.at, err
		}
		p.found, p.at = found, r.Now
	}
	return p.found, p.at, nil
}

// line is an entry as it is shown.
type line struct {
	people.AuditEntry
	who           string
	object        string // what the object is called, where it has a name
	before, after []string
	reason        string
}

// view is the page.
type view struct {
	r           *page.Request
	filter      filter
	lines       []line
	first, next string
	chain       audit.Verified
	checkedAt   time.Time
	csv         string
}

// filter is what was asked for, as it was entered.
type filter struct{ person, action, object, from, to string }

func (p *Pages) asked(r *page.Request) (filter, people.AuditFilter, error) {
	q := r.URL.Query()
	f := filter{q.Get("person"), strings.TrimSpace(q.Get("action")), strings.TrimSpace(q.Get("object")), q.Get("from"), q.Get("to")}
	out := people.AuditFilter{Person: strings.TrimSpace(f.person), Action: f.action, Object: f.object}
	for _, d := range []struct {
		text string
		into *time.Time
		add  int
	}{{f.from, &out.From, 0}, {f.to, &out.Before, 1}} {
		if d.text == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, d.text)
		if err != nil {
			return f, out, &page.Refused{Why: d.text}
		}
		*d.into = day.AddDate(0, 0, d.add)
	}
	return f, out, nil
}

func (p *Pages) show(r *page.Request) (page.Answer, error) {
	v := view{r: r}
	asked, f, err := p.asked(r)
	if err != nil {
		return page.Answer{}, err
	}
	v.filter = asked
	if v.chain, v.checkedAt, err = p.verified(r, false); err != nil {
		return page.Answer{}, err
	}
	all, next, err := p.Log.Audit(r.Context(), r.Viewer, f, r.URL.Query().Get("after"))
	var input *people.InputError
	switch {
	case errors.As(err, &input):
		return page.Answer{}, page.ErrNotFound
	case err != nil:
		return page.Answer{}, err
	}
	names := map[string]string{}
	for _, e := range all {
		v.lines = append(v.lines, p.line(r.Context(), e, names))
	}
	p.objects(r.Context(), v.lines)
	v.first, v.next = r.More(next)
	v.csv = ui.Address([]string{"audit", "csv"}, "person", asked.person, "action", asked.action, "object", asked.object, "from", asked.from, "to", asked.to)
	return page.Answer{Title: r.T.Agreements.Log, Area: "/audit", Body: logPage(&v)}, nil
}

func (p *Pages) line(ctx context.Context, e people.AuditEntry, names map[string]string) line {
	d := audit.Read(e)
	l := line{AuditEntry: e, before: export.Pairs(d.Before), after: export.Pairs(d.After), reason: d.Reason}
	if e.Person != "" {
		if names[e.Person] == "" {
			names[e.Person] = p.Names.Person(ctx, e.Person)
		}
		l.who = names[e.Person]
	}
	return l
}

// objects gives each line the name of what it is about: a person, a publisher or an organisation. The others have names of their own.
func (p *Pages) objects(ctx context.Context, lines []line) {
	ids := make(map[string][]string)
	for i := range lines {
		kind, id, _ := strings.Cut(lines[i].Object, " ")
		ids[kind] = append(ids[kind], id)
	}
	names := map[string]map[string]string{
		"publisher": p.Names.Publishers(ctx, ids["publisher"]...), "organisation": p.Names.Organisations(ctx, ids["organisation"]...), "person": {},
	}
	for _, id := range ids["person"] {
		if names["person"][id] == "" {
			names["person"][id] = p.Names.Person(ctx, id)
		}
	}
	for i := range lines {
		kind, id, _ := strings.Cut(lines[i].Object, " ")
		lines[i].object = names[kind][id]
	}
}

// again reads the whole chain now.
func (p *Pages) again(r *page.Request) (page.Answer, error) {
	_, _, err := p.verified(r, true)
	return page.Answer{Redirect: "/audit"}, err
}

// file is the entries that match as CSV, of any number, safe to open as a sheet.
func (p *Pages) file(r *page.Request) (page.Answer, error) {
	_, f, err := p.asked(r)
	if err != nil {
		return page.Answer{}, err
	}
	if r.PathValue("format") != "csv" {
		return page.Answer{}, page.ErrNotFound
	}
	return page.Answer{File: &page.File{Name: "audit-" + r.Now.Format(time.DateOnly) + ".csv", Type: export.CSV.MediaType(), Write: func(w io.Writer) error {
		return export.AuditLog(w, func(after string) ([]people.AuditEntry, string, error) {
			return p.Log.Audit(r.Context(), r.Viewer, f, after)
		}, func(person string) string { return p.Names.Person(r.Context(), person) })
	}}}, nil
}

func (v *view) fields() []ui.Field {
	a := v.r.T.Account
	g := v.r.T.Agreements
	return []ui.Field{
		{Name: "person", Label: a.Who, Value: v.filter.person}, {Name: "action", Label: a.Action, Hint: g.ActionHint, Value: v.filter.action},
		{Name: "object", Label: a.Object, Value: v.filter.object}, {Name: "from", Label: g.From, Type: "date", Value: v.filter.from},
		{Name: "to", Label: g.To, Type: "date", Value: v.filter.to},
	}
}
