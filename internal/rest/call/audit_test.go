package call

import (
	"testing"

	"github.com/clickledger/clickledger/internal/audit"
)

// I1, I6: what is done by a call is the app's in the log, and the person's who made its key where two people are asked for.
func TestI6_CallsAreSomebodys(t *testing.T) {
	by := (&Key{ID: "key_1", App: "app_1", Organisation: "org_1", Maker: "per_1"}).by("192.0.2.7:1234")
	if by != (audit.By{Organisation: "org_1", Via: "app app_1, key key_1", Network: "192.0.2.0/24", Maker: "per_1"}) || by.Who() != "per_1" {
		t.Errorf("%+v", by)
	}
	if by := (&Key{ID: "key_2"}).by(""); by.Who() != "" || by.Via != "key key_2" {
		t.Errorf("a key of the key file: %+v", by)
	}
}
