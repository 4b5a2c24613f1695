// Package people is who may come in and what they may do there: people, the organisations that they act for, sessions, second
// factors, invitations, and the apps that call the API. Each use case checks the permission of who asks, and writes to the audit
// log in the transaction in which it does what was asked.
package people

import "errors"

// The kinds of refusal. None tells whether something that the viewer may not see is there.
var (
	// ErrForbidden says that the viewer's role may not do this, or that the thing belongs to somebody else or is not there.
	ErrForbidden = errors.New("this is not allowed")
	// ErrStepUp says that the viewer must prove again who it is: money and keys ask for a recent proof.
	ErrStepUp = errors.New("confirm that it is you first")
)
