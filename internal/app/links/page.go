package links

import (
	"bytes"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"github.com/clickledger/clickledger/program/keyword"
)

// document is what an audit reads of a page.
type document struct {
	links []*url.URL // of anchors, http and https, as browsers resolve them
	text  string     // what visitors can read
}

// maxPageLinks is how many links of a page are looked at.
const maxPageLinks = 5000

// readPage reads a page.
func readPage(body []byte, at *url.URL) document {
	var d document
	var text strings.Builder
	base := at
	z := html.NewTokenizer(bytes.NewReader(body))
	// What is inside an element that visitors do not see does not count: its depth, by elements of the same name.
	hidden, depth := "", 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			d.text = strings.ToValidUTF8(text.String(), "\ufffd")
			return d
		case html.TextToken:
			if depth == 0 {
				text.Write(z.Text())
				text.WriteByte(' ')
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			attr := make(map[string]string, len(t.Attr))
			for _, x := range t.Attr {
				attr[x.Key] = x.Val
			}
			if depth > 0 {
				if t.Data == hidden && t.Type == html.StartTagToken {
					depth++
				}
			} else if t.Type == html.StartTagToken && unseen(t.Data, attr) {
				hidden, depth = t.Data, 1
			}
			switch t.Data {
			case "base":
				if u, err := at.Parse(strings.TrimSpace(attr["href"])); err == nil && attr["href"] != "" {
					base = u
				}
			case "a", "area":
				href := strings.TrimSpace(attr["href"])
				if href == "" || len(d.links) >= maxPageLinks {
					continue
				}
				if u, err := base.Parse(href); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
					d.links = append(d.links, u)
				}
			}
		case html.EndTagToken:
			if depth > 0 {
				if name, _ := z.TagName(); string(name) == hidden {
					depth--
				}
			}
		}
	}
}

// unseen reports whether an element shows nothing, as far as its tag tells.
func unseen(name string, attr map[string]string) bool {
	switch name {
	case "script", "style", "template", "noscript", "head", "iframe", "textarea", "select":
		return true
	case "br", "img", "hr", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr", "html", "body":
		return false
	}
	if _, ok := attr["hidden"]; ok {
		return true
	}
	style := strings.ReplaceAll(strings.ToLower(attr["style"]), " ", "")
	return strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}

// disclosures are words by which a page says that it earns from its links. They are looked for as whole words, with any endings that
// Turkish puts behind them.
func disclosures() []string {
	return []string{
		"affiliate", "affiliates", "affiliate link", "affiliate links", "earn a commission", "earns a commission", "earn commission", "receive a commission", "paid link", "paid links", "sponsored", "advertisement", "advertising", "#advert",
		"reklam", "reklamdır", "iş birliği", "işbirliği", "satış ortaklığı", "ortaklık bağlantısı", "komisyon kazan", "komisyon kazanabilirim", "komisyon alabilirim", "sponsorlu",
		"Werbung", "Anzeige", "Werbelink", "Partnerlink", "Affiliate-Link", "Provision", "publicité", "sponsorisé", "affilié", "affiliés", "publicidad", "afiliado", "afiliados", "patrocinado",
		"pubblicità", "affiliato", "affiliati", "reklama", "afiliacyjny", "afiliacyjne", "afiliat", "afiliere", "publicitate", "реклама", "партнёрская", "партнёрские", "спонсировано",
	}
}

// disclosed reports whether a text says that its links earn something (F4). It is a help, no judgement: that the words are there does not
// mean that they stand where they should.
func disclosed(text string) bool {
	if len(keyword.New(disclosures()).Find(text)) > 0 {
		return true
	}
	for _, word := range strings.Fields(strings.ToLower(text)) { // too short to be looked for in every word
		switch strings.Trim(word, ".,;:!?()[]") {
		case "#ad", "#ads", "#ad:", "#anzeige", "#pub":
			return true
		}
	}
	return false
}
