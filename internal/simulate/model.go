// Package simulate is a seeded source of traffic: shoppers who click, come back and buy, and those who only seem to. It sends what it
// makes up to a running server over HTTP and counts what was acknowledged (the tool for load, soak and demo).
package simulate

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

// Behaviour is what is behind a click.
type Behaviour int

// The behaviours.
const (
	Shopper   Behaviour = iota // a person who goes somewhere
	Returning                  // a person who clicked before
	Crawler                    // a bot that says so
	Library                    // a program without a browser's form
	Nameless                   // no user agent at all
	Checker                    // a HEAD request
	Prefetch                   // a browser that fetches ahead of its user
	Stuffer                    // a page that loads the link in a frame, an image or a script
	Flooder                    // one visitor who clicks one link over and over
	behaviours
)

var behaviourNames = [...]string{"shopper", "returning shopper", "crawler", "library", "nameless program", "link checker", "prefetch", "cookie stuffer", "flooder"}

// String is the behaviour's name.
func (b Behaviour) String() string { return behaviourNames[b] }

// Visit is a click that is made.
type Visit struct {
	Due     time.Duration // after the beginning
	Link    int           // which of the links
	As      Behaviour
	Method  string
	Query   string
	Address netip.Addr
	Header  [][2]string
	Want    string // the verdict that an edge should give
	Flood   int    // a flooder's clicks on this link so far, this one included
}

// Shape is how much traffic there is and of what kind.
type Shape struct {
	Seed    uint64
	Links   int           // how many links there are
	Rate    float64       // clicks a second on average; 0: as fast as they are taken
	Length  time.Duration // how long; the day's curve and the sale's peak are laid over it
	Bad     float64       // share of clicks that must not count; default 0.15
	Flooded int           // clicks of one visitor on one link that still count; default 10, as the edge's
}

// Source makes visits, one after the other. The same shape makes the same visits.
type Source struct {
	shape    Shape
	r        *rand.Rand
	popular  *rand.Zipf
	at       time.Duration
	visitors []visitor // those who may come back
	flooders []flooder
}

type visitor struct {
	address netip.Addr
	agent   string
}

type flooder struct {
	visitor
	link, clicks int
	since        time.Duration
}

// floodsEnd is when a flooder gives up: before the edge forgets its first click after an hour, and clicks would count again.
const floodsEnd = 50 * time.Minute

// New returns a source.
func New(s Shape) *Source {
	if s.Bad == 0 {
		s.Bad = 0.15
	}
	if s.Flooded == 0 {
		s.Flooded = 10
	}
	r := rand.New(rand.NewPCG(s.Seed, 0x5eed))
	// A few links have most of the clicks.
	return &Source{shape: s, r: r, popular: rand.NewZipf(r, 1.2, 4, uint64(max(1, s.Links)-1))}
}

// curve is how busy a moment is, 1 on average: two waves over the length, and a sale in the last quarter that doubles the traffic.
func curve(share float64) float64 {
	wave := 0.75 + 0.5*triangle(share*2)
	if share > 0.75 && share < 0.85 {
		wave *= 2
	}
	return wave / 1.1
}

// triangle goes from 0 to 1 and back in each whole.
func triangle(x float64) float64 {
	x -= float64(int(x))
	if x > 0.5 {
		x = 1 - x
	}
	return 2 * x
}

// Next makes the next visit; ok is false when the time is over.
func (s *Source) Next() (v Visit, ok bool) {
	if s.shape.Rate > 0 {
		share := float64(s.at) / float64(max(1, s.shape.Length))
		s.at += time.Duration(s.r.ExpFloat64() / (s.shape.Rate * curve(share)) * float64(time.Second))
		if s.at >= s.shape.Length {
			return v, false
		}
	}
	v = Visit{Due: s.at, Link: int(s.popular.Uint64()), Method: "GET", Want: "valid"}
	v.Query = s.subIDs()
	if s.r.Float64() < s.shape.Bad {
		s.pretend(&v)
		return v, true
	}
	who := s.newVisitor()
	if n := len(s.visitors); n > 0 && s.r.IntN(4) == 0 {
		v.As, who = Returning, s.visitors[s.r.IntN(n)]
		v.Link = s.r.IntN(s.shape.Links) // another link; the same visitor seldom clicks one often
	} else if n < 10_000 {
		s.visitors = append(s.visitors, who)
	} else {
		s.visitors[s.r.IntN(n)] = who
	}
	s.browse(&v, who, "document", "navigate")
	return v, true
}

func (s *Source) newVisitor() visitor {
	// Addresses of the public internet; nobody is asked there.
	a := [4]byte{byte(20 + s.r.IntN(60)), byte(s.r.IntN(256)), byte(s.r.IntN(256)), byte(1 + s.r.IntN(254))}
	return visitor{netip.AddrFrom4(a), browser(s.r)}
}

// browser is a browser's user agent.
func browser(r *rand.Rand) string {
	chrome := 130 + r.IntN(16)
	switch r.IntN(6) {
	case 0:
		return fmt.Sprintf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36", chrome)
	case 1:
		return fmt.Sprintf("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:%d.0) Gecko/20100101 Firefox/%d.0", chrome, chrome)
	case 2:
		return fmt.Sprintf("Mozilla/5.0 (iPhone; CPU iPhone OS %d_%d like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%d.0 Mobile/15E148 Safari/604.1", 16+r.IntN(3), r.IntN(6), 16+r.IntN(3))
	case 3:
		return fmt.Sprintf("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36", chrome)
	}
	return fmt.Sprintf("Mozilla/5.0 (Linux; Android %d; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Mobile Safari/537.36", 11+r.IntN(5), chrome)
}

// browse fills a browser's request in.
func (s *Source) browse(v *Visit, who visitor, dest, mode string) {
	v.Address = who.address
	v.Header = append(v.Header, [2]string{"User-Agent", who.agent}, [2]string{"Sec-Fetch-Dest", dest}, [2]string{"Sec-Fetch-Mode", mode},
		[2]string{"Sec-Fetch-Site", "cross-site"}, [2]string{"Referer", fmt.Sprintf("https://blog%d.example/post/%d", s.r.IntN(500), s.r.IntN(50))})
}

// subIDs are custom tracking strings, any of them in any order (L2).
func (s *Source) subIDs() string {
	q := ""
	for _, name := range [...]string{"af", "dp", "cn", "cv"} {
		if s.r.IntN(3) == 0 {
			q += fmt.Sprintf("&%s=%s-%d", name, name, s.r.IntN(40))
		}
	}
	if q == "" {
		return ""
	}
	return "?" + q[1:]
}

// pretend makes a click that must not count.
func (s *Source) pretend(v *Visit) {
	v.As = Crawler + Behaviour(s.r.IntN(int(behaviours-Crawler)))
	who := s.newVisitor()
	plain := func(agent string) {
		v.Address = who.address
		if agent != "" {
			v.Header = [][2]string{{"User-Agent", agent}}
		}
	}
	v.Want = "bot"
	switch v.As {
	case Crawler:
		plain([]string{
			"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
			"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
		}[s.r.IntN(4)])
	case Library:
		plain([]string{"curl/8.5.0", "python-requests/2.32.3", "Go-http-client/1.1", "okhttp/4.12.0"}[s.r.IntN(4)])
	case Nameless:
		plain("")
	case Checker:
		v.Method = "HEAD"
		s.browse(v, who, "document", "navigate")
	case Prefetch:
		s.browse(v, who, "document", "navigate")
		v.Header = append(v.Header, [2]string{"Sec-Purpose", "prefetch"})
	case Stuffer:
		v.Want = "cookie_stuffing"
		s.browse(v, who, []string{"iframe", "image", "script"}[s.r.IntN(3)], "no-cors")
	case Flooder:
		s.flood(v, who)
	}
}

// flood makes one visitor click one link over and over: the first clicks count, the others are duplicates.
func (s *Source) flood(v *Visit, who visitor) {
	if len(s.flooders) == 0 || s.r.IntN(40) == 0 {
		s.flooders = append(s.flooders, flooder{who, s.r.IntN(s.shape.Links), 0, s.at})
	}
	f := &s.flooders[s.r.IntN(len(s.flooders))]
	if s.at-f.since > floodsEnd {
		*f = flooder{who, s.r.IntN(s.shape.Links), 0, s.at}
	}
	f.clicks++
	v.Link, v.Flood, v.Want = f.link, f.clicks, "duplicate"
	if f.clicks <= s.shape.Flooded {
		v.Want = "valid"
	}
	s.browse(v, f.visitor, "document", "navigate")
}
