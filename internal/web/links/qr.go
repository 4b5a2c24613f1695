package links

import (
	"fmt"
	"net/url"

	"github.com/clickledger/clickledger/internal/qr"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/link"
)

// subs are the sub-IDs that are asked for, in their order.
func subs(q url.Values) (all [4]string) {
	for i := range all {
		all[i] = q.Get(link.SubName(i))
	}
	return all
}

// qr sends a link's QR code, with the sub-IDs that are asked for.
func (p *Pages) qr(r *page.Request, format string) (page.Answer, error) {
	l, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	code, err := qr.Of(link.WithSubs(p.Links.URL(l.Code), subs(r.URL.Query())))
	if err != nil {
		return page.Answer{}, &page.Refused{Why: err.Error()} // the sub-IDs are longer than a code can hold
	}
	f := &page.File{Name: "link-" + l.Code + "." + format, Type: "image/svg+xml"}
	if format == "svg" {
		f.Data = code.SVG()
		return page.Answer{File: f}, nil
	}
	f.Type = "image/png"
	if f.Data, err = code.PNG(); err != nil {
		return page.Answer{}, fmt.Errorf("drawing the QR code of link %s: %w", l.Code, err)
	}
	return page.Answer{File: f}, nil
}
