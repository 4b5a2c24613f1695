// Package agent tells browsers from machines, and phones from desktops, by the user agent that a request names.
package agent

import (
	"hash/maphash"
	"strings"
	"sync/atomic"

	"github.com/mileusna/useragent"

	"github.com/clickledger/clickledger/internal/edge/record"
)

// Agent is what a user agent says. It never changes.
type Agent struct {
	Reason record.Reason // None: a browser, as far as it tells; else KnownBot, HTTPClient or NoAgent
	Device record.Device
	Name   []byte // family, such as "Chrome"
	OS     []byte // family, such as "Android"
	Hash   uint64 // of the whole text, the same in every process (FNV-1a)

	text string // the user agent, cut
	full int    // its length before
}

// maxText is how much of a user agent is looked at. Browsers stay below; whoever sends more is judged by the beginning.
const maxText = 512

// maxName is the greatest length of a family.
const maxName = 32

// Parse looks at a user agent.
func Parse(text string) *Agent {
	a := &Agent{Hash: 14695981039346656037, text: text[:min(len(text), maxText)], full: len(text)}
	for i := range len(text) {
		a.Hash = (a.Hash ^ uint64(text[i])) * 1099511628211
	}
	ua := useragent.Parse(a.text)
	a.Name, a.OS = name(ua.Name), name(ua.OS)
	low := strings.ToLower(a.text)
	switch {
	case strings.TrimSpace(a.text) == "":
		a.Reason = record.NoAgent
	case ua.Bot && !phone(low) || machine(low):
		a.Reason = record.KnownBot
	case !browser(low):
		a.Reason = record.HTTPClient
	}
	switch {
	case a.Reason != record.None:
		a.Device = record.Robot
	case ua.Tablet:
		a.Device = record.Tablet
	case ua.Mobile:
		a.Device = record.Mobile
	case ua.Desktop:
		a.Device = record.Desktop
	}
	return a
}

func name(s string) []byte {
	b := []byte(s[:min(len(s), maxName)])
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return b
}

// browser reports whether a user agent, in lower case, has the shape that browsers give theirs. Everything else is a tool, a library,
// or an app that fetches for a preview.
func browser(low string) bool {
	for _, p := range [...]string{"mozilla/", "opera/", "ucweb/", "blackberry", "nokia", "samsung-", "sonyericsson", "lg-", "mot-", "docomo/", "kddi-", "htc_", "zte-",
		"links (", "elinks", "w3m/", "dillo/", "midori/", "opera "} {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return false
}

// phone reports whether the "bot" in a user agent is the brand of a phone.
func phone(low string) bool {
	return strings.Contains(low, "cubot") && !strings.Contains(strings.ReplaceAll(low, "cubot", ""), "bot")
}

// machine reports whether a user agent, in lower case, says that nobody sits in front of it.
func machine(low string) bool {
	// Old Internet Explorer and Konqueror called themselves compatible; since then only robots do.
	if strings.Contains(low, "compatible") && !strings.Contains(low, "msie") && !strings.Contains(low, "konqueror") {
		return true
	}
	if strings.Contains(low, "bot") && !phone(low) {
		return true
	}
	for _, t := range machines {
		if strings.Contains(low, t) {
			return true
		}
	}
	return false
}

// machines are words that no browser's user agent has, nor those of the apps whose pages people click in. A person who is taken for a
// machine costs a publisher money, and a machine that passes is found by its behaviour later: when in doubt, a word is left out. The
// first group is generic, the second names what looks like a browser otherwise: monitors, testers, renderers, previews.
var machines = [...]string{
	"crawl", "spider", "slurp", "scraper", "archiver", "fetch", "monitor", "preview", "validator", "checker", "linkcheck", "http:", "https:", "www.", "@", "[at]", "(at)", ".com/", ".com)", ".com ", ".io/",
	"headless", "phantomjs", "selenium", "webdriver", "playwright", "puppeteer", "slimerjs", "python", "java/", "perl", "ruby/", "php/", "curl", "wget", "libwww",
	"httpclient", "http client", "okhttp", "axios", "node-fetch", "webcapture", "webcopier", "sitesucker", "zgrab", "proxy", "optimizer", "synthetic", "favicon", "screenshot", "sitemap",

	"lighthouse", "pagespeed", "gtmetrix", "ptst/", "pingdom", "dareboost", "appinsights", "datanyze", "netcraft", "nikto", "openvas", "sqwatch", "masscan", "nmap", "hardenize",
	"securityheaders", "silktide", "siteimprove", "thousandeyes", "ruxit", "ghost inspector", "rigor)", " ylt ", "linktiger", "marketgoo", "readable/", "ips-agent", "builderhttpagent",
	"testlocally", "collapsify", "cookiehub", "playstore-google", "google-ads", "google-safety", "google-read-aloud", "google web", "mediapartners", "inspectiontool", "googleother",
	"google-agent", "googleagent", "externalhit", "facebookcatalog", "meta-external", "outbrain", "foregenix", "newsnow", "newsai", "sindup", "manus-user", "hotjar", " splash ", "watchtowr", "httrack", "indy library",
	"dlc/", "ps_daily", "productfinder", "tsm-turing", "firefox mutant", "feeder.co", "webmeup", "java)",
}

// Cache remembers user agents, as the same few make up most clicks. It holds a fixed number; a newer one pushes out whoever had its place.
// The zero value is not ready; use NewCache.
type Cache struct {
	seed  maphash.Seed
	slots []atomic.Pointer[Agent]
}

// NewCache returns a cache of 2^log user agents.
func NewCache(log int) *Cache {
	return &Cache{maphash.MakeSeed(), make([]atomic.Pointer[Agent], 1<<log)}
}

// Get looks at a user agent. What is known takes no memory. Of two that differ behind their first 512 bytes only, one may be taken
// for the other.
func (c *Cache) Get(text []byte) *Agent {
	slot := &c.slots[maphash.Bytes(c.seed, text)&uint64(len(c.slots)-1)]
	if a := slot.Load(); a != nil && a.full == len(text) && a.text == string(text[:len(a.text)]) {
		return a
	}
	a := Parse(string(text))
	slot.Store(a)
	return a
}
