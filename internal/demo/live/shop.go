package live

import (
	"context"
	"fmt"
	"hash/fnv"
	"html"
	"strings"

	"github.com/clickledger/clickledger/internal/app/links"
)

// lost is one in how many product pages of the simulated shop that is gone.
const lost = 9

// shop answers for the shop of the simulated marketplace, which is nowhere: the demo calls nobody. Most pages are there, some are gone,
// and some cannot be seen now.
func shop(_ context.Context, address string) (links.Fetched, error) {
	got := links.Fetched{Status: 200, URL: address, Type: "text/html"}
	if strings.Contains(address, "/item/") {
		h := fnv.New32a()
		_, _ = h.Write([]byte(address)) // it never fails
		switch h.Sum32() % lost {
		case 0:
			got.Status = 404
		case 1:
			got.Status = 503
		}
	}
	return got, nil
}

// blog answers for the pages of ad spaces: some links, one of them without tracking, and no word that they are affiliate links.
func (l *Live) blog(ctx context.Context, address string) (links.Fetched, error) {
	var b strings.Builder
	b.WriteString("<!doctype html><title>Best of the week</title><h1>Best of the week</h1>")
	all, _, err := l.Links.List(ctx, links.Filter{State: links.Live}, "", 3)
	if err != nil {
		return links.Fetched{}, err
	}
	for i := range all {
		fmt.Fprintf(&b, `<p><a href="%s">Look</a></p>`, html.EscapeString(l.Links.URL(all[i].Code)))
		if i == 0 {
			fmt.Fprintf(&b, `<p><a href="%s">And this</a></p>`, html.EscapeString(all[i].Target.URL))
		}
	}
	return links.Fetched{Status: 200, URL: address, Type: "text/html", Body: []byte(b.String())}, nil
}

// plan has the links of everybody who has some looked at once a day, beginning now.
func (l *Live) plan(ctx context.Context) error {
	done := make(map[string]bool)
	for _, s := range l.o.Market.Spaces {
		if len(done) >= spaces || done[s.Publisher] {
			continue
		}
		done[s.Publisher] = true
		if _, err := l.Care.SetPlan(ctx, s.Publisher, links.SubjectLinks, links.Daily, true); err != nil {
			return err
		}
	}
	return nil
}
