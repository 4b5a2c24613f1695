package joining

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/clickledger/clickledger/internal/field"
)

// Prover looks at what is public of an ad space.
type Prover struct {
	// Page fetches a page and returns its bytes and the host that it came from, after redirects. It must not be led into private networks.
	Page func(ctx context.Context, address string) (body []byte, host string, err error)
	// TXT looks the TXT records of a name up.
	TXT func(ctx context.Context, name string) ([]string, error)
}

// The methods of verification (A1).
const (
	Meta = "meta"
	File = "file"
	DNS  = "dns"
)

// MetaName is the name of the meta tag, and the prefix of the TXT record.
const MetaName = "clickledger-verification"

// An Instruction says what a publisher does to show that an ad space is his.
type Instruction struct {
	Method string
	Where  string // a page, an address or a name
	What   string // what is to stand there
}

// Instructions are the ways to verify an ad space; any one of them is enough.
func Instructions(p *Place) []Instruction {
	u, err := url.Parse(p.URL)
	if err != nil {
		return nil
	}
	return []Instruction{
		{Meta, p.URL, fmt.Sprintf(`<meta name="%s" content="%s">`, MetaName, p.Proof)},
		{File, filePath(u), p.Proof},
		{DNS, u.Hostname(), MetaName + "=" + p.Proof},
	}
}

func filePath(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/" + MetaName + ".txt"}).String()
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// prove looks for the proof of an ad space.
func (v Prover) prove(ctx context.Context, p *Place, method string) error {
	u, err := url.Parse(p.URL)
	if err != nil {
		return field.Wrong("url", "it cannot be read")
	}
	switch method {
	case Meta:
		body, err := v.page(ctx, u, p.URL)
		if err != nil {
			return err
		}
		if !hasMeta(body, p.Proof) {
			return field.Wrong("method", "the page %s has no tag <meta name=%q content=%q> in its head", p.URL, MetaName, p.Proof)
		}
	case File:
		address := filePath(u)
		body, err := v.page(ctx, u, address)
		if err != nil {
			return err
		}
		if !same(strings.TrimSpace(string(body)), p.Proof) {
			return field.Wrong("method", "the file %s does not hold %s and nothing else", address, p.Proof)
		}
	case DNS:
		records, err := v.TXT(ctx, u.Hostname())
		if err != nil {
			return field.Wrong("method", "the TXT records of %s cannot be looked up: %v", u.Hostname(), err)
		}
		if !slices.ContainsFunc(records, func(r string) bool { return same(strings.TrimSpace(r), MetaName+"="+p.Proof) }) {
			return field.Wrong("method", "%s has no TXT record %s=%s; a new record may take an hour to be seen", u.Hostname(), MetaName, p.Proof)
		}
	default:
		return field.Wrong("method", "%.20q is none: write meta, file or dns", method)
	}
	return nil
}

// page fetches a page of the ad space. Redirects may lead to www and back, and nowhere else: whoever controls another host proves nothing.
func (v Prover) page(ctx context.Context, u *url.URL, address string) ([]byte, error) {
	body, host, err := v.Page(ctx, address)
	if err != nil {
		return nil, field.Wrong("url", "%s cannot be fetched: %v", address, err)
	}
	bare := func(h string) string { return strings.TrimPrefix(strings.ToLower(h), "www.") }
	if bare(host) != bare(u.Hostname()) {
		return nil, field.Wrong("url", "%s leads to the host %s: describe the ad space by the address that it has there", address, host)
	}
	return body, nil
}

// hasMeta looks for the tag in a page's head: what visitors can write stands in its body.
func hasMeta(page []byte, proof string) bool {
	z := html.NewTokenizer(strings.NewReader(string(page)))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data == "body" {
				return false
			}
			if t.Data != "meta" {
				continue
			}
			var name, content string
			for _, a := range t.Attr {
				switch a.Key {
				case "name":
					name = a.Val
				case "content":
					content = a.Val
				}
			}
			if name == MetaName && same(content, proof) {
				return true
			}
		case html.EndTagToken:
			if z.Token().Data == "head" {
				return false
			}
		}
	}
}
