// Package deeplink checks the addresses that links are made for, once more and with other eyes: as browsers read them.
package deeplink

import (
	"fmt"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"github.com/clickledger/clickledger/link"
)

// Check is link.Site.Check, and a browser's parser must read the result in the same way: the same host, and the same text to the last
// byte. It is for where links are made, where a microsecond more does not matter; the redirect relies on what was checked here.
// What the browser would read in another way is refused as an AddressError of the reason link.BadHost.
func Check(site *link.Site, raw string) (string, error) {
	address, err := site.Check(raw)
	if err != nil {
		return "", err
	}
	u, err := whatwg.Parse(address)
	if err != nil {
		return "", fmt.Errorf("browsers cannot read it: %w", &link.AddressError{Reason: link.BadHost, Raw: raw})
	}
	if !site.Has([]byte(u.Hostname())) || u.Port() != "" || u.Username() != "" || u.Password() != "" || u.Href(false) != address {
		return "", fmt.Errorf("browsers would go to %q: %w", u.Href(false), &link.AddressError{Reason: link.BadHost, Raw: raw})
	}
	return address, nil
}

// Target is link.Site.Target with Check for its address.
func Target(site *link.Site, t link.Target) (link.Target, error) {
	t, err := site.Target(t)
	if err != nil {
		return link.Target{}, err
	}
	if t.URL, err = Check(site, t.URL); err != nil {
		return link.Target{}, fmt.Errorf("target.url: %w", err)
	}
	return t, nil
}
