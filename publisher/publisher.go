// Package publisher holds publishers' ad spaces and their joining of programs (A1-A5).
package publisher

import (
	"fmt"
	"time"

	"github.com/clickledger/clickledger/program"
)

// AdSpace is an ad space that joined a program: a site, channel or app through which a publisher sends clicks.
type AdSpace struct {
	ID          string
	Publisher   string
	Program     program.ID
	TrafficType program.TrafficType
	ApprovedAt  time.Time // UTC; clicks count from then on (A4)
	BlockedAt   time.Time // UTC; zero: not blocked. Clicks stop counting then (F5)
	Parent      string    // of one that stands for a sub-publisher: the subnetwork's ad space that it works under; or "" (A8)
	TrackingIDs []string
	Coupons     []string // coupon codes tied to the ad space
}

// JoinedAt reports whether the ad space belonged to the program and was not blocked at a time.
func (s *AdSpace) JoinedAt(t time.Time) bool {
	return !t.Before(s.ApprovedAt) && !s.BlockedBy(t)
}

// BlockedBy reports whether the ad space was blocked at a time.
func (s *AdSpace) BlockedBy(t time.Time) bool {
	return !s.BlockedAt.IsZero() && !t.Before(s.BlockedAt)
}

// InTrafficCheck reports whether the traffic check of a program was still running at a time: it lasts for the given time
// after the ad space's approval (A5).
func (s *AdSpace) InTrafficCheck(t time.Time, check time.Duration) bool {
	return check > 0 && t.Before(s.ApprovedAt.Add(check))
}

// Directory finds ad spaces. The zero value is empty.
type Directory struct {
	spaces  map[spaceKey]*AdSpace
	sole    map[publisherKey]*AdSpace // nil entry: the publisher has several
	coupons map[couponKey]*AdSpace
}

type spaceKey struct {
	program       program.ID
	publisher, id string
}

type publisherKey struct {
	program   program.ID
	publisher string
}

type couponKey struct {
	program program.ID
	code    string
}

// Add enters an ad space. An ad space that is there already, and a coupon code that is tied to another one, are errors.
func (d *Directory) Add(s *AdSpace) error {
	if d.spaces == nil {
		d.spaces = make(map[spaceKey]*AdSpace)
		d.sole = make(map[publisherKey]*AdSpace)
		d.coupons = make(map[couponKey]*AdSpace)
	}
	k := spaceKey{s.Program, s.Publisher, s.ID}
	if _, ok := d.spaces[k]; ok {
		return fmt.Errorf("ad space %q of publisher %q joined program %q twice", s.ID, s.Publisher, s.Program)
	}
	for _, code := range s.Coupons {
		if o, ok := d.coupons[couponKey{s.Program, code}]; ok && o != s {
			return fmt.Errorf("coupon code %q of program %q is tied to ad space %q and to ad space %q", code, s.Program, o.ID, s.ID)
		}
	}
	for _, code := range s.Coupons {
		d.coupons[couponKey{s.Program, code}] = s
	}
	d.spaces[k] = s
	pk := publisherKey{s.Program, s.Publisher}
	if _, ok := d.sole[pk]; ok {
		d.sole[pk] = nil
	} else {
		d.sole[pk] = s
	}
	return nil
}

// Find returns a publisher's ad space in a program, or nil. A click that names no ad space is the publisher's only one's.
func (d *Directory) Find(p program.ID, publisher, adSpace string) *AdSpace {
	if adSpace == "" {
		return d.sole[publisherKey{p, publisher}]
	}
	return d.spaces[spaceKey{p, publisher, adSpace}]
}

// ByCoupon returns the ad space that a coupon code is tied to in a program, or nil.
func (d *Directory) ByCoupon(p program.ID, code string) *AdSpace {
	return d.coupons[couponKey{p, code}]
}

// All calls yield for each ad space, in no order.
func (d *Directory) All(yield func(*AdSpace) bool) {
	for _, s := range d.spaces {
		if !yield(s) {
			return
		}
	}
}
