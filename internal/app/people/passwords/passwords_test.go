package passwords_test

import (
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/people/passwords"
)

const goodPassword = "correct horse battery staple"

func TestPasswordHash(t *testing.T) {
	h := passwords.New(passwords.Strong())
	hash := h.Hash(goodPassword)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the hash is %s", hash)
	}
	if !h.Fits(goodPassword, hash) || h.Fits(goodPassword+" ", hash) || h.Fits("", hash) {
		t.Error("the hash fits other passwords, or not its own")
	}
	if hash == h.Hash(goodPassword) {
		t.Error("the same password has the same hash twice")
	}
	// A hash of another cost goes on counting after the cost was changed.
	if !passwords.New(passwords.Cost{Memory: 64, Time: 1, Threads: 1}).Fits(goodPassword, hash) {
		t.Error("a hash of another cost does not fit")
	}
	for _, none := range []string{"", "$", "$argon2i$v=19$m=64,t=1,p=1$YQ$YQ", "$argon2id$v=19$m=64$YQ$YQ", "$argon2id$v=19$m=64,t=1,p=1$!$YQ"} {
		if h.Fits("", none) || h.Fits(goodPassword, none) {
			t.Errorf("the hash %q fits", none)
		}
	}
}
