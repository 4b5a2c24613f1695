package program

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/clickledger/clickledger/money"
)

// decode makes Terms of the document and checks what the schema cannot: what names refer to, what values mean together.
// It passes over what the schema has refused, so that each fault is reported once.
func (d *document) decode() *Terms {
	root := value{d, d.root}
	t := &Terms{
		Program:    ID(root.get("program").text()),
		Version:    root.get("version").integer(),
		Currency:   root.get("currency").currency(),
		TimeZone:   root.get("time_zone").zone(),
		Markets:    root.get("markets").markets(),
		StoreLists: root.get("store_lists").storeLists(),
		source:     &source{file: d.file, positions: make(map[string]Position, len(d.paths))},
	}
	t.EffectiveFrom = root.get("effective_from").time()
	for n, path := range d.paths {
		// A member's path is that of its name and of its value; the name stands first.
		if was, ok := t.source.positions[path]; !ok || n.Line < was.Line || (n.Line == was.Line && n.Column < was.Column) {
			t.source.positions[path] = Position{n.Line, n.Column}
		}
	}
	t.Page = root.get("page").page(t)
	t.Attribution = root.get("attribution").attribution()
	t.Rates = root.get("rates").rates(t)
	t.SaleEvents = root.get("sale_events").saleEvents()
	t.Settlement = root.get("settlement").settlement()
	t.Statistics = root.get("statistics").statistics()
	t.Payout = root.get("payout").payout(t)
	t.Bonuses = root.get("bonuses").bonuses(t)
	t.Joining = root.get("joining").joining()
	t.Traffic = root.get("traffic").traffic()
	t.Tracking = root.get("tracking").tracking(&t.Page)
	return t
}

// value is a node on its way to a Go value. Its methods return the zero value for a member that is left out or refused.
type value struct {
	d *document
	n *yaml.Node // nil: left out
}

func (v value) given() bool { return v.n != nil }

// usable reports whether there is a value that nothing has been found wrong with.
func (v value) usable() bool { return v.n != nil && !v.d.bad[v.n] }

func (v value) get(name string) value {
	if v.n == nil || v.d.bad[v.n] {
		return value{v.d, nil}
	}
	return value{v.d, v.d.member(v.n, name)}
}

func (v value) items() []value {
	if !v.usable() || v.n.Kind != yaml.SequenceNode {
		return nil
	}
	items := make([]value, len(v.n.Content))
	for i, c := range v.n.Content {
		items[i] = value{v.d, c}
	}
	return items
}

// entry is a member of a mapping whose names are free.
type entry struct {
	name string
	key  value
	value
}

func (v value) entries() []entry {
	if !v.usable() || v.n.Kind != yaml.MappingNode {
		return nil
	}
	var all []entry
	for i := 0; i+1 < len(v.n.Content); i += 2 {
		k := v.n.Content[i]
		if at, ok := v.d.index[v.n][k.Value]; ok && at == i {
			all = append(all, entry{k.Value, value{v.d, k}, value{v.d, v.n.Content[i+1]}})
		}
	}
	return all
}

func (v value) fail(problem, expected, fix string) { v.d.fail(v.n, problem, expected, fix) }

// text is a scalar's text, whatever its type: the schema has refused the wrong ones.
func (v value) text() string {
	if !v.usable() || v.n.Kind != yaml.ScalarNode {
		return ""
	}
	return v.n.Value
}

func (v value) texts() []string {
	var all []string
	for _, item := range v.items() {
		if s := item.text(); s != "" {
			all = append(all, s)
		}
	}
	return all
}

func (v value) integer() int {
	i, _ := strconv.Atoi(v.text())
	return i
}

func (v value) boolean() bool { return v.text() == "true" }

func (v value) percent() money.Rate {
	r, _ := money.ParseRate(v.text()) // the schema has refused what is none
	return r
}

// money is an amount in minor units. Without a currency nothing is said: the currency is wrong then, and reported.
func (v value) money(c money.Currency) int64 {
	if s := v.text(); s != "" && c != "" {
		minor, err := money.ParseMinor(s, c.Exponent())
		if err != nil {
			v.fail("found the amount "+quoted(s), fmt.Sprintf("at most %d decimals, as %s has", c.Exponent(), c), "round the amount")
		}
		return minor
	}
	return 0
}

// limit is an amount of money that, if given, says something.
func (v value) limit(c money.Currency) int64 {
	minor := v.money(c)
	if v.usable() && c != "" && strings.Trim(v.text(), "0.") == "" {
		v.fail("found a limit of 0, under which nobody would earn anything", "an amount above 0", "remove the member: without it there is no limit")
	}
	return minor
}

// maxDuration bounds all durations of a document.
const maxDuration = 3660 * 24 * time.Hour

func (v value) duration() time.Duration {
	s := v.text()
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s[:len(s)-1], 10, 64)
	if err != nil {
		return 0 // "none", "session", or refused by the schema
	}
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	unit := units[s[len(s)-1]]
	if unit > 0 && n > int64(maxDuration/unit) {
		v.fail("found the duration "+s, "at most ten years (3660d)", "shorten it")
		return 0
	}
	return time.Duration(n) * unit
}

func (v value) time() time.Time {
	s := v.text()
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		v.fail("found "+quoted(s)+", which is no day or time of the calendar", "a time with zone (RFC 3339), such as 2024-01-01T00:00:00Z", "correct it")
		return time.Time{}
	}
	return t.UTC()
}

func (v value) currency() money.Currency {
	s := v.text()
	if s == "" {
		return ""
	}
	c, err := money.ParseCurrency(s)
	if err != nil {
		v.fail("found "+quoted(s), "an ISO 4217 currency that money is paid in, such as USD", "write the currency's three letters")
		return ""
	}
	return c
}

func (v value) zone() *time.Location {
	s := v.text()
	if s == "" {
		return time.UTC
	}
	zone, err := time.LoadLocation(s)
	if err != nil || s == "Local" {
		v.fail("found "+quoted(s), "a time zone of the IANA database", "write it as Area/City, such as Europe/Istanbul, or UTC")
		return time.UTC
	}
	return zone
}

// words is a text in several languages.
func (v value) words() Text {
	var t Text
	for _, e := range v.entries() {
		if t == nil {
			t = make(Text)
		}
		e.key.language(e.name)
		t[e.name] = e.text()
		if e.usable() && strings.TrimSpace(e.text()) == "" {
			e.fail("found a text of blanks only", "a text", "write the text or remove the language")
		}
	}
	return t
}

func (v value) language(code string) {
	v.code(code, languageCodes, "a language code of ISO 639-1")
}

func (v value) code(code, codes, what string) {
	if len(code) != 2 || hasCode(codes, code) || !v.usable() {
		return
	}
	fix := "look the code up in the standard's list"
	if other := otherCode(code); other != "" {
		fix = "write " + other
	}
	v.fail("found "+quoted(code), what, fix)
}

func (v value) markets() map[string][]string {
	var markets map[string][]string
	for _, e := range v.entries() {
		if markets == nil {
			markets = make(map[string][]string)
		}
		for _, c := range e.items() {
			c.code(c.text(), countryCodes, "a country code of ISO 3166-1 alpha-2")
		}
		markets[e.name] = e.texts()
	}
	return markets
}

func (v value) storeLists() []StoreList {
	var lists []StoreList
	for _, item := range v.items() {
		l := StoreList{item.get("name").text(), item.get("description").words()}
		if i := slices.IndexFunc(lists, func(o StoreList) bool { return o.Name == l.Name }); i >= 0 && l.Name != "" {
			item.get("name").fail(fmt.Sprintf("the store list %q stands twice", l.Name), "each list once", "remove one of the two or rename it")
		}
		lists = append(lists, l)
	}
	return lists
}

// known refuses a name that is not among those the document defines elsewhere.
func (v value) known(names []string, what, where string) string {
	s := v.text()
	if s != "" && !slices.Contains(names, s) {
		v.fail(fmt.Sprintf("%q is not %s", s, what), "a name that the document defines in "+where+": "+list(names), meant(s, names, "define it there, or correct the name"))
	}
	return s
}

func (v value) allKnown(names []string, what, where string) []string {
	for _, item := range v.items() {
		item.known(names, what, where)
	}
	return v.texts()
}

func (v value) page(t *Terms) Page {
	p := Page{
		Name: v.get("name").words(), Advertiser: v.get("advertiser").text(), Site: v.get("site").text(), Hosts: v.get("hosts").texts(),
		Languages: v.get("languages").texts(), Countries: v.get("countries").allKnown(t.MarketNames(), "a market", "markets"),
		Description: v.get("description").words(), Advantages: v.get("advantages").words(), Restrictions: v.get("restrictions").words(),
		Keywords: v.get("keywords").texts(),
	}
	for _, l := range v.get("languages").items() {
		l.language(l.text())
	}
	folded := make(map[string]int)
	for _, k := range v.get("keywords").items() {
		word := strings.ToLower(strings.Join(strings.Fields(k.text()), " "))
		if !k.usable() {
			continue
		}
		if line, twice := folded[word]; twice || word == "" {
			problem := fmt.Sprintf("%s stands twice, capitals aside; the first is in line %d", quoted(k.text()), line)
			if word == "" {
				problem = "found a keyword of blanks only"
			}
			k.fail(problem, "each keyword once, with letters in it", "remove it")
		}
		folded[word] = k.n.Line
	}
	if site := v.get("site"); site.usable() && v.get("hosts").usable() {
		site.landing(p)
	}
	return p
}

// landing checks that the landing site is a URL that the program's own links may lead to.
func (v value) landing(p Page) {
	u, err := url.Parse(p.Site)
	if err != nil || u.Hostname() == "" || u.User != nil {
		v.fail("found "+quoted(p.Site), "an https URL with a host and without a user name", "write, for example, \"https://www.example.com/\"")
		return
	}
	if !p.Owns(u.Hostname()) {
		v.fail(fmt.Sprintf("the host %q is not among page.hosts", u.Hostname()), "a page that links may lead to", "add the host to page.hosts, or correct the URL")
	}
}

// Owns reports whether links of the program may lead to a host: it is among Hosts, or below one that begins with "*." (L1).
// The host is compared as it stands: in small letters, without port and without a dot at its end.
func (p *Page) Owns(host string) bool {
	for _, h := range p.Hosts {
		if below, ok := strings.CutPrefix(h, "*"); (ok && strings.HasSuffix(host, below) && len(host) > len(below)) || h == host {
			return true
		}
	}
	return false
}

func (v value) trafficTypes() []TrafficType {
	var types []TrafficType
	for _, s := range v.texts() {
		if t, err := ParseTrafficType(s); err == nil {
			types = append(types, t)
		}
	}
	return types
}

func (v value) attribution() Attribution {
	w := v.get("window")
	a := Attribution{
		Window: Window{
			Session: w.get("length").text() == "session", FromFirst: w.get("from").text() == "first_click",
			ToPayment: w.get("until").text() == "payment",
		},
		ClockSkew: v.get("clock_skew").duration(), CouponWins: v.get("coupon_wins").boolean(),
	}
	if !a.Window.Session {
		a.Window.Length = w.get("length").duration()
	}
	if a.ClockSkew > maxSkew {
		v.get("clock_skew").fail("found "+v.get("clock_skew").text(), "at most 5m, since later clicks had no part in the order", "write, for example, 5s")
	}
	for _, e := range v.get("channels").entries() {
		if e.name == "affiliate" {
			e.key.fail("affiliate clicks are no other channel", "a channel that the marketplace reports besides", "remove the member")
		}
		if a.Channels == nil {
			a.Channels = make(map[string]bool)
		}
		a.Channels[e.name] = e.text() == "paid"
	}
	for _, item := range v.get("precedence").items() {
		p := Precedence{SameProduct: item.get("same_product").boolean(), NotFor: item.get("not_for").trafficTypes(), Rank: item.get("rank").integer()}
		for _, s := range item.get("kinds").texts() {
			if k, err := ParseLinkKind(s); err == nil {
				p.Kinds = append(p.Kinds, k)
			}
		}
		a.Precedence = append(a.Precedence, p)
	}
	for _, item := range v.get("restrictions").items() {
		a.Restriction = append(a.Restriction, Restriction{item.get("traffic_types").trafficTypes(), item.get("same_store").boolean()})
	}
	return a
}

const maxSkew = 5 * time.Minute

func (v value) settlement() Settlement {
	return Settlement{
		CompletionLimit: v.get("completion_limit").duration(), Hold: v.get("hold").duration(), TrafficCheck: v.get("traffic_check").duration(),
		Prefunded: v.get("funding").text() == "prefunded", NetworkFee: v.get("network_fee").percent(),
	}
}

func (v value) statistics() Statistics {
	s := Statistics{HiddenNonAffiliate: v.get("hidden_non_affiliate").trafficTypes()}
	for _, item := range v.get("critical").items() {
		s.Critical = append(s.Critical, CriticalTraffic{item.get("clicks").integer(), item.get("min_cr").percent()})
	}
	return s
}

func (v value) payout(t *Terms) Payout {
	p := Payout{Day: v.get("day").integer(), Minimum: v.get("minimum").money(t.Currency), MustExceed: v.get("must_exceed").boolean()}
	p.Schedule, _ = ParseSchedule(v.get("schedule").text())
	p.Weekday = v.get("weekday").weekday()
	for _, item := range v.get("methods").items() {
		p.Methods = append(p.Methods, PayoutMethod{
			item.get("method").text(), item.get("regions").allKnown(t.MarketNames(), "a market", "markets"), item.get("fee").money(t.Currency),
		})
	}
	return p
}

func (v value) weekday() time.Weekday {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.ToLower(d.String()) == v.text() {
			return d
		}
	}
	return time.Sunday
}

func (v value) bonuses(t *Terms) []Bonus {
	var bonuses []Bonus
	for _, item := range v.items() {
		b := Bonus{FirstSale: item.get("first_sale").limit(t.Currency)}
		for i, tier := range item.get("tiers").items() {
			b.Tiers = append(b.Tiers, Tier{tier.get("from").money(t.Currency), tier.get("percent").percent()})
			if from := tier.get("from"); i > 0 && from.usable() && b.Tiers[i].From <= b.Tiers[i-1].From && t.Currency != "" {
				from.fail("the tier begins at "+from.text()+", not above the one before", "tiers from the lowest to the highest", "put them in order, each begin once")
			}
		}
		bonuses = append(bonuses, b)
	}
	return bonuses
}

func (v value) joining() Joining {
	return Joining{
		Everybody: v.get("accept").text() == "everybody", RankingUpTo: v.get("ranking_up_to").integer(),
		DeclineReasons: v.get("decline_reasons").texts(),
	}
}

func (v value) traffic() TrafficPolicy {
	var p TrafficPolicy
	p.Default, _ = ParsePolicy(v.get("default").text())
	for _, e := range v.get("by_type").entries() {
		t, err := ParseTrafficType(e.name)
		if err != nil {
			continue
		}
		if p.ByType == nil {
			p.ByType = make(map[TrafficType]Policy)
		}
		p.ByType[t], _ = ParsePolicy(e.text())
	}
	return p
}

// tracking is the section with its defaults where it is left out.
func (v value) tracking(p *Page) Tracking {
	t := Tracking{TokenParameter: v.get("token_parameter").text(), Consent: cmp.Or(v.get("consent").text(), "cookies_only"), StrictIn: v.get("strict_in").texts()}
	if k := v.get("visitor_key"); k.usable() {
		t.VisitorKey = &VisitorKey{Cookie: k.get("cookie").text(), Domain: k.get("domain").text(), MaxAge: k.get("keep").duration()}
	}
	for _, e := range v.get("targets").entries() {
		kind, err := ParseLinkKind(e.name)
		if err != nil || !e.usable() {
			continue
		}
		u, err := url.Parse(strings.Replace(e.text(), "{id}", "x", 1))
		if err != nil || !p.Owns(u.Hostname()) {
			e.fail("found "+quoted(e.text()), "an address on a host that is among page.hosts", "add the host to page.hosts, or correct the address")
			continue
		}
		if t.Targets == nil {
			t.Targets = make(map[LinkKind]string)
		}
		t.Targets[kind] = e.text()
	}
	return t
}
