package call

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// Problem is a problem document (RFC 9457): what went wrong, where, and what to do about it.
type Problem struct {
	Type   string         `json:"type" format:"uri" doc:"The kind of problem; it leads to its description."`
	Title  string         `json:"title" doc:"The kind of problem in words; always the same for a type."`
	Status int            `json:"status" doc:"The HTTP status."`
	Detail string         `json:"detail" doc:"This problem in a sentence."`
	Errors []ProblemError `json:"errors" minItems:"1" nullable:"false" doc:"Each thing that is wrong."`
}

// ProblemError is one thing that is wrong.
type ProblemError struct {
	Line   int    `json:"line,omitempty" doc:"Line of the body, or element of its array, from 1."`
	Field  string `json:"field,omitempty" doc:"The member, parameter or header that is wrong."`
	Reason string `json:"reason"`
	Fix    string `json:"fix" doc:"What to do."`
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problem documents.
func (p *Problem) ContentType(string) string { return problemMedia }

const problemMedia = "application/problem+json"

// A Type is the last part of a problem's type. docs/api.md describes each under a heading of this name.
type Type string

// The types of problems.
const (
	invalidInput     Type = "invalid-input"
	InvalidParameter Type = "invalid-parameter"
	invalidDocument  Type = "invalid-document"
	badFraming       Type = "bad-framing"
	wrongMedia       Type = "unsupported-media-type"
	Conflict         Type = "conflict"
	keyReused        Type = "idempotency-key-reused"
	NotFound         Type = "not-found"
	wrongMethod      Type = "method-not-allowed"
	notSigned        Type = "not-signed"
	NotAllowed       Type = "not-allowed"
	TooLarge         Type = "too-large"
	TooManyCalls     Type = "too-many-calls"
	unavailable      Type = "unavailable"
	internalError    Type = "internal"
)

// ProblemBase stands before the name of each problem's type.
const ProblemBase = "https://github.com/clickledger/clickledger/blob/main/docs/api.md#"

// about is the status and the title of a type.
func (t Type) about() (int, string) {
	switch t {
	case invalidInput:
		return http.StatusBadRequest, "The input is not valid"
	case InvalidParameter:
		return http.StatusUnprocessableEntity, "A parameter is not valid"
	case invalidDocument:
		return http.StatusUnprocessableEntity, "The program document cannot be published"
	case badFraming:
		return http.StatusBadRequest, "It is not clear where the body ends"
	case wrongMedia:
		return http.StatusUnsupportedMediaType, "The body has a content type that is not read here"
	case Conflict:
		return http.StatusConflict, "It contradicts what is known"
	case keyReused:
		return http.StatusConflict, "The idempotency key belongs to another call"
	case NotFound:
		return http.StatusNotFound, "There is nothing under this name"
	case wrongMethod:
		return http.StatusMethodNotAllowed, "The address has no such method"
	case notSigned:
		return http.StatusUnauthorized, "The call is not let in"
	case NotAllowed:
		return http.StatusForbidden, "The key may not do this"
	case TooLarge:
		return http.StatusRequestEntityTooLarge, "The call is too large"
	case TooManyCalls:
		return http.StatusTooManyRequests, "Too many calls"
	case unavailable:
		return http.StatusServiceUnavailable, "The call was given up"
	}
	return http.StatusInternalServerError, "Something went wrong here"
}

// NewProblem is a problem of a type.
func NewProblem(t Type, errs ...ProblemError) *Problem {
	status, title := t.about()
	p := &Problem{Type: ProblemBase + string(t), Title: title, Status: status, Errors: errs}
	says := make([]string, len(errs))
	for i, e := range errs {
		says[i] = (&wire.Fault{Line: e.Line, Member: e.Field, Reason: e.Reason, Fix: e.Fix}).Error()
	}
	p.Detail = strings.Join(says, ". ")
	return p
}

const (
	// FixLine is what to do about a line that is wrong.
	FixLine = "correct it and send the whole call again: nothing of it was kept"
	fixName = "check the name and the program; a publisher's key finds only what is that publisher's"
	fixCall = "send the call again"
	// FixParameter is what to do about a parameter that is wrong.
	FixParameter = "correct it; docs/openapi.yaml says what it may be"
)

// Problem turns an error into a problem. What is nobody's business is logged and not told.
func (a *API) Problem(err error) *Problem {
	var p *Problem
	var fault *wire.Fault
	var bad *wire.Error
	var docs program.Errors
	var clash *order.ConflictError
	var wrong *field.Error
	var file *field.FileError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &fault):
		t := invalidInput
		if fault.Conflict {
			t = Conflict
		}
		return NewProblem(t, ProblemError{fault.Line, fault.Member, fault.Reason, fault.Fix})
	case errors.As(err, &bad):
		return NewProblem(invalidInput, ProblemError{Field: bad.Member, Reason: bad.Reason, Fix: FixLine})
	case errors.As(err, &wrong):
		return NewProblem(InvalidParameter, ProblemError{Field: wrong.Field, Reason: wrong.Reason, Fix: FixParameter})
	case errors.As(err, &file):
		errs := make([]ProblemError, len(file.Lines))
		for i, l := range file.Lines {
			errs[i] = ProblemError{Line: l.Line, Field: l.Field, Reason: l.Reason, Fix: FixLine}
		}
		return NewProblem(invalidInput, errs...)
	case errors.As(err, &docs):
		return NewProblem(invalidDocument, ofDocument(docs)...)
	case errors.As(err, &clash):
		return NewProblem(Conflict, ProblemError{Field: "order", Reason: clash.Reason, Fix: FixLine})
	case errors.Is(err, books.ErrNotFound):
		return NewProblem(NotFound, ProblemError{Reason: "there is nothing under this name", Fix: fixName})
	case errors.Is(err, intake.ErrConflict):
		return NewProblem(Conflict, ProblemError{Reason: "something else stands under the same name already", Fix: FixLine})
	case errors.Is(err, books.ErrInvalid):
		return NewProblem(InvalidParameter, ProblemError{Reason: "a name, a time or a cursor is none that can be kept", Fix: "send UTF-8 without the character 0, names of at most 500 bytes, and cursors as they were answered"})
	case errors.Is(err, intake.ErrRefused):
		return NewProblem(invalidDocument, ProblemError{Field: "document", Reason: err.Error(), Fix: "correct the document; clickledger program check says more"})
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return NewProblem(unavailable, ProblemError{Reason: "the call was given up before it was answered", Fix: fixCall})
	}
	a.log.Error("call failed", "error", err)
	return NewProblem(internalError, ProblemError{Reason: "something went wrong here; it was noted", Fix: fixCall})
}

// Broken answers with the problem of an answer that was to be written piece by piece and was not begun.
func (a *API) Broken(c huma.Context, err error) {
	p := a.Problem(err)
	Of(c.Context()).problem = p
	c.SetHeader("Content-Type", p.ContentType(""))
	c.SetStatus(p.Status)
	_ = a.huma.Marshal(c.BodyWriter(), p.ContentType(""), p) // the caller went away
}

// ofDocument are the errors of a program document.
func ofDocument(docs program.Errors) []ProblemError {
	out := make([]ProblemError, 0, len(docs))
	for _, e := range docs {
		reason := e.Problem
		if e.Expected != "" {
			reason += "; expected " + e.Expected
		}
		out = append(out, ProblemError{Line: e.Line, Field: e.Path, Reason: reason, Fix: cmp.Or(e.Fix, "correct the document and send it again")})
	}
	return out
}

// problems makes problem documents of the errors that the library finds, and notes each for the log of rejected calls.
func (a *API) problems(c huma.Context, _ string, v any) (any, error) {
	p, ok := v.(*Problem)
	if model, is := v.(*huma.ErrorModel); is {
		p, ok = ofLibrary(model), true
	}
	if !ok {
		return v, nil
	}
	if call, ok := c.Context().Value(callOf{}).(*Call); ok {
		call.problem = p
	}
	return p, nil
}

// ofLibrary turns an error of the library into a problem.
func ofLibrary(m *huma.ErrorModel) *Problem {
	t := InvalidParameter
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		t = TooLarge
	case http.StatusBadRequest:
		t = invalidInput
	case http.StatusUnsupportedMediaType:
		return NewProblem(wrongMedia, ProblemError{Field: "Content-Type", Reason: "is not one that the call takes", Fix: "send the one that docs/openapi.yaml says"})
	case http.StatusNotFound:
		t = NotFound
	case http.StatusForbidden:
		t = NotAllowed
	case http.StatusInternalServerError:
		return NewProblem(internalError, ProblemError{Reason: "something went wrong here; it was noted", Fix: fixCall})
	}
	var errs []ProblemError
	for _, e := range m.Errors {
		_, field, _ := strings.Cut(e.Location, ".")
		errs = append(errs, ProblemError{Field: field, Reason: e.Message, Fix: FixParameter})
	}
	if len(errs) == 0 {
		errs = []ProblemError{{Reason: m.Detail, Fix: FixParameter}}
	}
	p := NewProblem(t, errs...)
	p.Status = m.Status
	return p
}

// describe puts the problems that an operation may be answered with into its description.
func describe(api huma.API, op *huma.Operation, types ...Type) {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	op.Responses = map[string]*huma.Response{}
	for _, t := range types {
		status, title := t.about()
		code := fmt.Sprint(status)
		example := &huma.Example{Summary: title, Value: NewProblem(t, ProblemError{Reason: "what is wrong", Fix: "what to do about it"})}
		if r := op.Responses[code]; r != nil {
			r.Description += ", or " + strings.ToLower(title[:1]) + title[1:]
			r.Content[problemMedia].Examples[string(t)] = example
			continue
		}
		op.Responses[code] = &huma.Response{Description: title, Content: map[string]*huma.MediaType{
			problemMedia: {Schema: schema, Examples: map[string]*huma.Example{string(t): example}},
		}}
	}
}
