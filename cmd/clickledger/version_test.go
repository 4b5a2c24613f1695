package main

import (
	"strings"
	"testing"
)

// A build that is no release says so, and names its parts.
func TestVersion(t *testing.T) {
	out, code := command(t, "version", "--parts")
	if code != 0 || !strings.HasPrefix(out, "clickledger development go1.") {
		t.Errorf("%d %s", code, out)
	}
}
