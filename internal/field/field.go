// Package field says what is wrong with something that somebody entered.
package field

import "fmt"

// Error is a field that cannot be taken as it is. Fronts show it beside the field, the API names it in a problem document.
type Error struct {
	Field  string // as the API names it, such as "traffic_type"
	Reason string // what is wrong and how it is put right
}

func (e *Error) Error() string { return e.Field + ": " + e.Reason }

// Wrong is an Error with its reason from a format. The words that it has in other languages are found by the format.
func Wrong(name, reason string, args ...any) *Error {
	return &Error{Field: name, Reason: fmt.Sprintf(reason, args...)}
}
