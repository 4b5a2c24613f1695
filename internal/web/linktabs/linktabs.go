// Package linktabs leads from one page around links to the others.
package linktabs

// Addresses of the pages.
const (
	Links    = "/publisher/links"
	Check    = "/publisher/check"
	Audits   = "/publisher/audits"
	Keywords = "/publisher/keywords"
)
