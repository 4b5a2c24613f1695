package link

import "fmt"

// Reason is why an address is refused as a target (L1): a stable code for programs.
type Reason string

// The reasons.
const (
	Empty          Reason = "empty"
	TooLong        Reason = "too_long"
	WhiteSpace     Reason = "white_space"
	Backslash      Reason = "backslash"
	NotUTF8        Reason = "not_utf8"
	BadScheme      Reason = "scheme"
	BadSlashes     Reason = "slashes"
	UserInfo       Reason = "user_info"
	NoHost         Reason = "no_host"
	BadHost        Reason = "host"
	ForeignLetters Reason = "foreign_letters"
	IPAddress      Reason = "ip_address"
	BadPort        Reason = "port"
	ForeignHost    Reason = "foreign_host"
	BadEscape      Reason = "escape"
	DotSegment     Reason = "dot_segment"
	TokenParam     Reason = "token_parameter"
)

// AddressError says why an address is refused and what to write instead.
type AddressError struct {
	Reason Reason
	Raw    string // the address as it was given
	hosts  string
}

// Error is the reason and the way out.
func (e *AddressError) Error() string {
	raw := e.Raw
	if len(raw) > 80 {
		raw = raw[:80]
	}
	if e.Reason == ForeignHost {
		return fmt.Sprintf("the address %q leads to a host that is not the program's; its hosts are %s", raw, e.hosts)
	}
	return fmt.Sprintf("the address %q is refused: %s", raw, hostText(e.Reason))
}

// hostText is a reason in words, with the way out where there is one.
func hostText(r Reason) string {
	switch r {
	case Empty:
		return "it is empty; give the full address of a page, such as https://shop.example/item/1"
	case TooLong:
		return fmt.Sprintf("it is longer than %d bytes; leave out parameters that the page does not need", MaxAddress)
	case WhiteSpace:
		return "it holds white space or a control character; remove it, or write a space as %20"
	case Backslash:
		return "it holds a backslash; write / in the path and %5C elsewhere"
	case NotUTF8:
		return "it is not valid UTF-8; escape such bytes with %"
	case BadScheme:
		return "it does not begin with https:// or http://"
	case BadSlashes:
		return "the scheme must be followed by exactly two slashes and the host"
	case UserInfo:
		return "it has a user name or an @ before the path; remove it"
	case NoHost:
		return "there is no host"
	case BadHost:
		return "the host is not a name of letters, digits and hyphens"
	case ForeignLetters:
		return "the host has letters that are not ASCII; write it in its xn-- form"
	case IPAddress:
		return "the host is an IP address; use the site's name"
	case BadPort:
		return "it names a port; only the scheme's own port is allowed, and need not be written"
	case ForeignHost:
		return "the host is not the program's"
	case BadEscape:
		return "a % is not followed by two hexadecimal digits; write a plain % as %25"
	case DotSegment:
		return "the path has a . or .. segment; write the path that it leads to"
	case TokenParam:
		return "its query has the parameter that carries the click token; remove it"
	}
	return "it cannot be used"
}
