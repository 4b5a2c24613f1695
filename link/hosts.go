package link

import (
	"fmt"
	"slices"
	"strings"
)

// Hosts are the hosts that a program's links may lead to (L1). The zero value has none.
type Hosts struct {
	exact    []string
	suffixes []string // ".example.com" for "*.example.com"
}

// ParseHosts reads a program's hosts: names such as "shop.example", and "*.shop.example" for every host below shop.example, that
// host itself not among them. Names are ASCII (write an international name in its xn-- form), without port, and no IP addresses.
func ParseHosts(list []string) (Hosts, error) {
	var h Hosts
	if len(list) == 0 {
		return h, fmt.Errorf("hosts: there are none; name the hosts of the program's own site")
	}
	for _, entry := range list {
		name, below := strings.CutPrefix(lower(entry), "*.")
		if reason := hostFault(name); reason != "" {
			return Hosts{}, fmt.Errorf("hosts: %q: %s; write a name such as shop.example or *.shop.example", entry, hostText(reason))
		}
		if !below {
			h.exact = append(h.exact, name)
			continue
		}
		if !strings.Contains(name, ".") {
			return Hosts{}, fmt.Errorf("hosts: %q stands for a whole top-level domain; name the domain that the program owns", entry)
		}
		h.suffixes = append(h.suffixes, "."+name)
	}
	slices.Sort(h.exact)
	slices.Sort(h.suffixes)
	h.exact, h.suffixes = slices.Compact(h.exact), slices.Compact(h.suffixes)
	return h, nil
}

// Has reports whether a host, in lower case as Check leaves it, is one of the program's.
func (h *Hosts) Has(host []byte) bool {
	for _, e := range h.exact {
		if string(host) == e {
			return true
		}
	}
	for _, s := range h.suffixes {
		if len(host) > len(s) && string(host[len(host)-len(s):]) == s {
			return true
		}
	}
	return false
}

// String lists the hosts.
func (h *Hosts) String() string {
	all := slices.Clone(h.exact)
	for _, s := range h.suffixes {
		all = append(all, "*"+s)
	}
	return strings.Join(all, ", ")
}

// lower turns ASCII letters to lower case, and no others: the standard library would make a k of the sign for kelvin.
func lower(s string) string {
	for i := range len(s) {
		if s[i]-'A' < 26 {
			b := []byte(s)
			for j := i; j < len(b); j++ {
				if b[j]-'A' < 26 {
					b[j] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// hostFault says what is wrong with a host name in lower case, or "". Names are letters, digits and inner hyphens in labels of up
// to 63 characters. A last label that begins with a digit is refused: browsers read it as an IPv4 address, in more notations than one.
func hostFault(name string) Reason {
	switch {
	case name == "":
		return NoHost
	case len(name) > 253:
		return BadHost
	}
	for i := range len(name) {
		if name[i] >= 0x80 {
			return ForeignLetters
		}
	}
	if name[0] == '[' {
		return IPAddress
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return BadHost
		}
		for i := range len(label) {
			if c := label[i]; c-'a' >= 26 && c-'0' >= 10 && c != '-' {
				return BadHost
			}
		}
	}
	if last := name[strings.LastIndexByte(name, '.')+1:]; last[0]-'0' < 10 {
		return IPAddress
	}
	return ""
}
