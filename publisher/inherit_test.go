package publisher_test

import (
	"testing"
	"time"

	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// A8: a sub-publisher is under the rules of its subnetwork: its traffic type, its joining, its block.
func TestA8_SubPublishersInherit(t *testing.T) {
	day := func(n int) time.Time { return approved.AddDate(0, 0, n) }
	net := &publisher.AdSpace{ID: "net", Publisher: "ann", Program: "tr", TrafficType: program.Subnetwork, ApprovedAt: day(2), BlockedAt: day(9)}
	for _, c := range []struct {
		what string
		sub  publisher.AdSpace
		want publisher.AdSpace
	}{
		{"all of the parent's", publisher.AdSpace{Parent: "net", TrafficType: program.Content, ApprovedAt: day(1)}, publisher.AdSpace{TrafficType: program.Subnetwork, ApprovedAt: day(2), BlockedAt: day(9)}},
		{"its own, where it is stricter", publisher.AdSpace{Parent: "net", ApprovedAt: day(3), BlockedAt: day(4)}, publisher.AdSpace{TrafficType: program.Subnetwork, ApprovedAt: day(3), BlockedAt: day(4)}},
		{"the parent's block comes first", publisher.AdSpace{Parent: "net", ApprovedAt: day(3), BlockedAt: day(10)}, publisher.AdSpace{TrafficType: program.Subnetwork, ApprovedAt: day(3), BlockedAt: day(9)}},
		{"no parent", publisher.AdSpace{TrafficType: program.Content, ApprovedAt: day(1)}, publisher.AdSpace{TrafficType: program.Content, ApprovedAt: day(1)}},
		{"a parent that is not there", publisher.AdSpace{Parent: "gone", TrafficType: program.Content}, publisher.AdSpace{TrafficType: program.Content}},
	} {
		s := c.sub
		s.ID, s.Publisher, s.Program = "sub", "ann", "tr"
		was := s
		other := &publisher.AdSpace{ID: "net", Publisher: "bob", Program: "tr", TrafficType: program.Cashback} // not its parent
		got := publisher.Inherit([]*publisher.AdSpace{&s, other, net})
		if got[2] != net || got[1] != other || len(got) != 3 {
			t.Fatalf("%s: others were changed", c.what)
		}
		if got[0].TrafficType != c.want.TrafficType || !got[0].ApprovedAt.Equal(c.want.ApprovedAt) || !got[0].BlockedAt.Equal(c.want.BlockedAt) {
			t.Errorf("%s: %+v", c.what, got[0])
		}
		if s.TrafficType != was.TrafficType || s.BlockedAt != was.BlockedAt || s.ApprovedAt != was.ApprovedAt {
			t.Errorf("%s: what was given was changed", c.what)
		}
	}
}
