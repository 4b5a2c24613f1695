package publisher_test

import (
	"slices"
	"testing"
	"time"

	"github.com/clickledger/clickledger/publisher"
)

const instant = time.Microsecond

var approved = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// A4, F5: clicks count from the approval on and until the block, the instant of the block not included.
func TestA4_JoinedAndBlocked(t *testing.T) {
	blocked := approved.Add(time.Hour)
	s := &publisher.AdSpace{ApprovedAt: approved, BlockedAt: blocked}
	for _, c := range []struct {
		when            time.Time
		joined, blocked bool
	}{
		{approved.Add(-instant), false, false}, {approved, true, false}, {blocked.Add(-instant), true, false}, {blocked, false, true}, {blocked.Add(time.Hour), false, true},
	} {
		if s.JoinedAt(c.when) != c.joined || s.BlockedBy(c.when) != c.blocked {
			t.Errorf("at %v: joined %v, blocked %v", c.when, s.JoinedAt(c.when), s.BlockedBy(c.when))
		}
	}
	open := &publisher.AdSpace{ApprovedAt: approved}
	if !open.JoinedAt(approved.AddDate(100, 0, 0)) || open.BlockedBy(approved.AddDate(100, 0, 0)) {
		t.Error("an ad space that was never blocked is")
	}
}

// A5: the traffic check runs for its days after the approval, the last instant not included; a program may have none.
func TestA5_TrafficCheck(t *testing.T) {
	const days = 5 * 24 * time.Hour
	s := &publisher.AdSpace{ApprovedAt: approved}
	for _, c := range []struct {
		when  time.Time
		check time.Duration
		want  bool
	}{
		{approved, days, true}, {approved.Add(days - instant), days, true}, {approved.Add(days), days, false}, {approved.Add(2 * days), days, false},
		{approved, 0, false}, {approved.Add(-time.Hour), 0, false}, {approved, instant, true}, {approved.Add(instant), instant, false},
	} {
		if got := s.InTrafficCheck(c.when, c.check); got != c.want {
			t.Errorf("%v after the approval, a check of %v: %v", c.when.Sub(approved), c.check, got)
		}
	}
}

// A1, T1: ad spaces are found by program, publisher and id; coupon codes belong to one ad space of a program.
func TestA1_Directory(t *testing.T) {
	var d publisher.Directory
	if d.Find("tr", "ann", "blog") != nil || d.Find("tr", "ann", "") != nil || d.ByCoupon("tr", "ANN") != nil {
		t.Error("an empty directory found something")
	}
	blog := &publisher.AdSpace{ID: "blog", Publisher: "ann", Program: "tr", Coupons: []string{"ANN", "ANN10"}}
	same := &publisher.AdSpace{ID: "blog", Publisher: "bob", Program: "tr"} // ids are the publisher's own
	abroad := &publisher.AdSpace{ID: "blog", Publisher: "ann", Program: "portals", Coupons: []string{"ANN"}}
	for _, s := range []*publisher.AdSpace{blog, same, abroad} {
		if err := d.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	if d.Find("tr", "ann", "blog") != blog || d.Find("tr", "bob", "blog") != same || d.Find("portals", "ann", "blog") != abroad || d.Find("tr", "ann", "shop") != nil {
		t.Error("an ad space is not found where it is")
	}
	if d.ByCoupon("tr", "ANN") != blog || d.ByCoupon("tr", "ANN10") != blog || d.ByCoupon("portals", "ANN") != abroad || d.ByCoupon("portals", "ANN10") != nil || d.ByCoupon("tr", "") != nil {
		t.Error("a coupon code is not found where it is tied to")
	}
	// A click that names no ad space is the publisher's only one's; of two it is nobody's.
	if d.Find("tr", "ann", "") != blog || d.Find("tr", "eve", "") != nil {
		t.Error("the only ad space is not found")
	}
	shop := &publisher.AdSpace{ID: "shop", Publisher: "ann", Program: "tr"}
	if err := d.Add(shop); err != nil {
		t.Fatal(err)
	}
	third := &publisher.AdSpace{ID: "app", Publisher: "ann", Program: "tr"}
	for range 2 {
		if d.Find("tr", "ann", "") != nil || d.Find("tr", "bob", "") != same || d.Find("portals", "ann", "") != abroad {
			t.Error("of several ad spaces one was taken")
		}
		_ = d.Add(third) // the second time it is refused; either way ann has several
	}
	if err := d.Add(&publisher.AdSpace{ID: "blog", Publisher: "ann", Program: "tr"}); err == nil {
		t.Error("an ad space joined twice")
	}
	if err := d.Add(&publisher.AdSpace{ID: "x", Publisher: "bob", Program: "tr", Coupons: []string{"BOB", "ANN10"}}); err == nil {
		t.Error("a coupon code is tied to two ad spaces")
	}
	if d.ByCoupon("tr", "BOB") != nil || d.Find("tr", "bob", "x") != nil || d.Find("tr", "bob", "") != same {
		t.Error("an ad space that was refused left traces")
	}
	var ids []string
	for s := range d.All {
		ids = append(ids, string(s.Program)+"/"+s.Publisher+"/"+s.ID)
	}
	slices.Sort(ids)
	if want := []string{"portals/ann/blog", "tr/ann/app", "tr/ann/blog", "tr/ann/shop", "tr/bob/blog"}; !slices.Equal(ids, want) {
		t.Errorf("all are %q, want %q", ids, want)
	}
	for range d.All {
		break // a caller may stop
	}
}
