package page

import (
	"errors"
	"net/http"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/field"
)

// Problem is what is wrong with what somebody sent, in the reader's language. The page shows it beside its field, or by the lines of the
// file. The zero Problem: nothing is.
type Problem struct {
	Field, Why string
	Lines      []field.LineError // of a file, of which nothing was taken
}

// Any is whether something is wrong.
func (p *Problem) Any() bool { return p.Why != "" || len(p.Lines) > 0 }

// Of is what is wrong with a field, if anything.
func (p *Problem) Of(name string) string {
	if p.Field == name {
		return p.Why
	}
	return ""
}

// Status is that of the page which shows it: 0, which is 200, where nothing is wrong.
func (p *Problem) Status() int {
	if p.Any() {
		return http.StatusUnprocessableEntity
	}
	return 0
}

// Problem sorts what became of an action: what somebody can put right is the page's to show; another error is the frame's, which says so
// where somebody else was first.
func (r *Request) Problem(err error) (Problem, error) {
	var wrong *field.Error
	var file *field.FileError
	switch {
	case errors.As(err, &wrong):
		return Problem{Field: wrong.Field, Why: r.T.Reason(wrong.Reason)}, nil
	case errors.As(err, &file):
		lines := make([]field.LineError, len(file.Lines))
		for i, l := range file.Lines {
			lines[i] = field.LineError{Line: l.Line, Field: l.Field, Reason: r.T.Reason(l.Reason)}
		}
		return Problem{Lines: lines}, nil
	case errors.Is(err, books.ErrConflict):
		return Problem{}, &Refused{Why: err.Error()}
	}
	return Problem{}, err
}

// NoFile is the problem of a form that came without its file.
func (r *Request) NoFile() Problem {
	return Problem{Lines: []field.LineError{{Line: 1, Field: "file", Reason: r.T.Runs.NoFile}}}
}

// Done answers an action whose form has no place for what is wrong with a field: it goes on to an address, or the frame says why not.
func (r *Request) Done(err error, then string) (Answer, error) {
	if errors.Is(err, books.ErrConflict) {
		err = &Refused{Why: err.Error()}
	}
	if err != nil {
		return Answer{}, err
	}
	return Answer{Redirect: then}, nil
}
