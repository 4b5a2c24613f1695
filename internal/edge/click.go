package edge

import (
	"bytes"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/edge/links"
	"github.com/clickledger/clickledger/internal/edge/record"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// Click answers a request for a link without logging it: the hot path. It reads no more than the request and the table, and needs no
// memory of its own. What is to be logged is in resp.Record.
func (e *Edge) Click(req *Request, resp *Response) {
	resp.reset()
	path, query := split(req.Target)
	if len(path) < len(Path) || string(path[:len(Path)]) != Path {
		resp.Status, resp.Body = 404, notFound
		return
	}
	e.click(req, path[len(Path):], query, resp)
}

func (e *Edge) click(req *Request, text, query []byte, resp *Response) {
	head := string(req.Method) == "HEAD"
	if !head && string(req.Method) != "GET" {
		resp.Status, resp.Allow, resp.Body = 405, true, noMethod
		return
	}
	v := &resp.view
	code, ok := link.ParseCode(text)
	if !ok || !e.c.Table.Get(code, v) || v.Program == nil {
		e.metrics.unknown.Inc()
		if e.c.Fallback == "" {
			resp.Status, resp.Body = 404, notFound
			return
		}
		resp.Status = 302
		resp.Location = append(resp.Location, e.c.Fallback...)
		return
	}

	r := &resp.Click
	micro := e.stamp()
	*r = record.Record{
		Click: token.IDAt(micro, resp.nonce()), Link: v.ID,
		Program: v.Program.Name(), Publisher: v.Space.Publisher, AdSpace: v.Space.AdSpace, TrackingID: v.TrackingID,
	}
	resp.scratch = r.Sub.Parse(query, resp.scratch)

	e.visitor(req, query, micro, resp)
	place := e.judge(req, head, micro, resp)
	r.Kind, r.Product, r.Store = place.Kind, place.Product, place.Store
	if r.Verdict != click.Valid {
		r.UserAgent = resp.keep(req.UserAgent, visible)
	}
	e.remember(req, resp)

	resp.Status = 302
	e.location(place, resp)
	if !e.c.HideVerdict {
		resp.Verdict = e.verdicts[r.Verdict][r.Reason]
	}
	resp.Record = r.Append(resp.Record)
}

// location writes where the shopper goes, with the token.
func (e *Edge) location(place *links.Place, resp *Response) {
	r, p := &resp.Click, resp.view.Program
	out := append(resp.Location, place.URL[:place.Cut]...)
	bare := len(out)
	if r.Flags&record.TokenWithheld == 0 {
		if place.Before != 0 {
			out = append(out, place.Before)
		}
		out = append(out, p.Param()...)
		resp.claims = token.Claims{Click: r.Click, Link: r.Link, Sub: token.DigestOf(&r.Sub), Verdict: r.Verdict}
		signed, err := e.keys.Load().Append(out, &resp.claims)
		if err != nil { // no key is valid now; the row must do what the token cannot
			e.metrics.unsigned.Inc()
			r.Flags |= record.TokenWithheld
			signed = out[:bare]
		}
		out = signed
	}
	resp.Location = append(out, place.URL[place.Cut:]...)
}

// judge says whether the click counts, and where it leads.
func (e *Edge) judge(req *Request, head bool, micro int64, resp *Response) *links.Place {
	r, v := &resp.Click, &resp.view
	place := &v.Target
	state := func(reason record.Reason) {
		r.Reason = reason
		r.Flags |= record.Substituted
		place = &v.Substitute
	}
	switch v.State {
	case links.Dead: // nobody's fault: the click counts, as one on what it led to
		state(record.TargetDead)
	case links.Revoked:
		r.Verdict = click.Blocked
		state(record.LinkRevoked)
	case links.Blocked:
		r.Verdict = click.Blocked
		state(record.LinkBlocked)
	}
	if v.Program.Closed {
		r.Verdict = click.Blocked
		state(record.ProgramClosed)
		place = v.Program.Home()
	}
	// Hosts may have been taken from the program after the link was made.
	if len(place.URL) == 0 {
		place = v.Program.Home()
	} else if !v.Program.Site.Has(place.Host()) {
		if r.Reason == record.None {
			r.Reason = record.HostRemoved
		}
		r.Flags |= record.Substituted
		place = v.Program.Home()
	}
	if r.Verdict != click.Valid || e.credulous {
		return place
	}
	if verdict, reason := e.invalid(req, head, micro, resp); verdict != click.Valid {
		r.Verdict, r.Reason = verdict, reason
	}
	return place
}

// invalid finds the first reason why a click cannot win (T6, F1). What is certain stands before what is likely.
func (e *Edge) invalid(req *Request, head bool, micro int64, resp *Response) (click.Verdict, record.Reason) {
	r, s := &resp.Click, resp.view.Space
	switch {
	case s.BlockedAt(micro):
		return click.Blocked, record.SpaceBlocked
	case !s.JoinedAt(micro):
		return click.Blocked, record.NotJoined
	case s.Known && resp.view.Program.Traffic.For(s.TrafficType) == program.Forbidden:
		return click.ForbiddenTraffic, record.TrafficType
	case head:
		return click.Bot, record.Head
	case prefetch(req):
		return click.Bot, record.Prefetch
	}
	if reason := embedded(req); reason != record.None {
		return click.CookieStuffing, reason
	}
	if reason := resp.agent.Reason; reason != record.None {
		return click.Bot, reason
	}
	r.Repeat = e.flood.count(flooding(r.Hash, r.Link), micro)
	if int(r.Repeat) > e.c.Flood.Limit {
		return click.Duplicate, record.Flood
	}
	return click.Valid, record.None
}

// prefetch reports whether the browser fetches ahead of the user.
func prefetch(req *Request) bool {
	return bytes.Contains(req.SecPurpose, []byte("prefetch")) || bytes.Contains(req.SecPurpose, []byte("prerender")) ||
		string(req.Purpose) == "prefetch" || string(req.Purpose) == "preview"
}

// embedded says how a page loaded the link without a person going anywhere. A browser that does not tell is not suspected.
func embedded(req *Request) record.Reason {
	switch string(req.FetchDest) {
	case "", "document":
		// A page cannot ask for a document but by going there.
		if m := string(req.FetchMode); m == "" || m == "navigate" {
			return record.None
		}
		return record.Fetch
	case "iframe", "frame", "embed", "object", "fencedframe":
		return record.Frame
	case "image":
		return record.Image
	case "empty":
		return record.Fetch
	}
	return record.Script
}
