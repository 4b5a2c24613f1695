package account

import (
	"slices"
	"strconv"
	"strings"

	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
)

// rejectedPath is where the rejected calls of an organisation's apps are.
const rejectedPath = "/account/apps/rejected"

// rejectedCall is a rejected call of an app.
type rejectedCall struct {
	intake.RejectedCall
	App string // its name
}

// rejected is what stands on the page of rejected calls.
type rejected struct {
	r   *page.Request
	all []rejectedCall // the newest first
}

// rejected shows the calls of the apps that the viewer may see. Those of keys that have ended and of apps that were taken away are among
// them: they say why something stopped working.
func (p *Pages) rejected(r *page.Request) (page.Answer, error) {
	apps, err := p.People.Apps(r.Context(), r.Viewer)
	if err != nil {
		return page.Answer{}, err
	}
	var all []rejectedCall
	for _, app := range apps {
		for _, k := range app.Keys {
			calls, err := p.Calls.Rejected(r.Context(), k.ID)
			if err != nil {
				return page.Answer{}, err
			}
			for _, c := range calls {
				all = append(all, rejectedCall{c, app.Name})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y rejectedCall) int { return y.At.Compare(x.At) })
	all = all[:min(len(all), intake.RejectedKept)]
	a := body(r, r.T.Account.Rejected, outcome{}, rejectedPage(rejected{r, all}))
	a.Crumbs = append(a.Crumbs, ui.Crumb{Href: "/account/apps", Label: r.T.Account.Apps})
	return a, nil
}

// answered is the answer of a call: its status, and the kind of its problem or how many events were refused.
func answered(c rejectedCall, a text.Account) string {
	said := strconv.Itoa(c.Status)
	if _, kind, ok := strings.Cut(c.Type, "#"); ok {
		said += " " + kind
	}
	if c.Refused > 0 {
		said += ", " + strconv.Itoa(c.Refused) + " " + a.EventsRefused
	}
	return said
}

// fieldOf is where something was wrong.
func fieldOf(e intake.CallError, a text.Account) string {
	switch {
	case e.Line > 0 && e.Field != "":
		return a.Line + " " + strconv.Itoa(e.Line) + ": " + e.Field
	case e.Line > 0:
		return a.Line + " " + strconv.Itoa(e.Line)
	}
	return e.Field
}
