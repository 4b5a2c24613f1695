package program

import (
	"fmt"
	"strings"
)

// TrafficType is how an ad space reaches people (A3). The zero value is no traffic type.
type TrafficType uint8

// The traffic types that a program's policy can name.
const (
	Content TrafficType = iota + 1
	Review
	Coupon
	Loyalty
	Cashback
	Extension
	Dropshipping
	Subnetwork
	PriceComparison
	Forum
	Messenger
	Social
	Video
	Mobile
	Email
	SEM
	Display
	Popup
	Adult
	Toolbar
	Incentive
	BrandBidding
	Other
	trafficTypes // how many there are, plus one
)

// TrafficTypeCount is one more than the greatest TrafficType: the length of a table that is indexed by it.
const TrafficTypeCount = int(trafficTypes)

var trafficTypeSlugs = [...]string{"", "content", "review", "coupon", "loyalty", "cashback", "extension", "dropshipping", "subnetwork",
	"price_comparison", "forum", "messenger", "social", "video", "mobile", "email", "sem", "display", "popup", "adult", "toolbar",
	"incentive", "brand_bidding", "other"}

// String is the traffic type's slug, such as "price_comparison".
func (t TrafficType) String() string { return trafficTypeSlugs[t] }

// ParseTrafficType returns the traffic type of a slug.
func ParseTrafficType(slug string) (TrafficType, error) {
	i, err := parseSlug("traffic type", slug, trafficTypeSlugs[:])
	return TrafficType(i), err
}

// MarshalText implements encoding.TextMarshaler.
func (t TrafficType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *TrafficType) UnmarshalText(b []byte) (err error) {
	*t, err = ParseTrafficType(string(b))
	return err
}

// TrafficTypes are all traffic types, in the order of the constants.
func TrafficTypes() []TrafficType {
	all := make([]TrafficType, 0, TrafficTypeCount-1)
	for t := Content; t < trafficTypes; t++ {
		all = append(all, t)
	}
	return all
}

// LinkKind is what a link points at (L1). The zero value is no kind.
type LinkKind uint8

// The kinds of link target.
const (
	LinkHome LinkKind = iota + 1
	LinkProduct
	LinkHot
	LinkStore
	LinkCategory
	LinkSearch
	LinkCampaign
	LinkCoupon
	LinkPage
)

var linkKindSlugs = [...]string{"", "home", "product", "hot", "store", "category", "search", "campaign", "coupon", "page"}

// String is the kind's slug, such as "home".
func (k LinkKind) String() string { return linkKindSlugs[k] }

// ParseLinkKind returns the link kind of a slug.
func ParseLinkKind(slug string) (LinkKind, error) {
	i, err := parseSlug("kind of link target", slug, linkKindSlugs[:])
	return LinkKind(i), err
}

// MarshalText implements encoding.TextMarshaler.
func (k LinkKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *LinkKind) UnmarshalText(b []byte) (err error) {
	*k, err = ParseLinkKind(string(b))
	return err
}

// parseSlug finds a slug in a table whose first entry means none.
func parseSlug(what, slug string, table []string) (int, error) {
	for i, s := range table[1:] {
		if s == slug {
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("%q is not a %s; it is one of %s", slug, what, strings.Join(table[1:], ", "))
}
