package page

import (
	"errors"
	"fmt"
	"testing"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/web/text"
)

// I6: what is wrong with a field or with lines of a file is the page's, in the reader's language; a conflict is told as a page; anything
// else stays what it is, so that nobody reads internal text.
func TestI6_ProblemsOfAForm(t *testing.T) {
	r := &Request{T: text.Of(text.Turkish)}
	p, err := r.Problem(fmt.Errorf("entering: %w", field.Wrong("rate", "it is missing")))
	if err != nil || !p.Any() || p.Of("rate") != "eksik" || p.Of("name") != "" || p.Status() != 422 {
		t.Errorf("a field: %+v, %v", p, err)
	}
	p, err = r.Problem(&field.FileError{Lines: []field.LineError{{Line: 3, Field: "rate", Reason: "it is missing"}}})
	if err != nil || !p.Any() || len(p.Lines) != 1 || p.Lines[0].Reason != "eksik" || p.Status() != 422 {
		t.Errorf("a file: %+v, %v", p, err)
	}
	var refused *Refused
	if _, err = r.Problem(fmt.Errorf("ticket 7 asks for this traffic type already: %w", books.ErrConflict)); !errors.As(err, &refused) {
		t.Errorf("a conflict: %v", err)
	}
	broken := errors.New("the disk is full")
	if p, err := r.Problem(broken); !errors.Is(err, broken) || errors.As(err, &refused) || p.Any() || p.Status() != 0 {
		t.Errorf("another error: %+v, %v", p, err)
	}
	if a, err := r.Done(nil, "/next"); err != nil || a.Redirect != "/next" {
		t.Errorf("done: %+v, %v", a, err)
	}
	if a, err := r.Done(fmt.Errorf("link x: %w", books.ErrConflict), "/next"); !errors.As(err, &refused) || a.Redirect != "" {
		t.Errorf("somebody else was first: %+v, %v", a, err)
	}
	// What no page shows, the frame does.
	_, err = r.Done(field.Wrong("state", "it is missing"), "/next")
	if a, ok := new(Server).fail(r, err); !ok || a.Status != 422 {
		t.Errorf("in the frame: %+v, %v", a, ok)
	}
}
