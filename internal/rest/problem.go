package rest

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

// problemType is the last part of a problem's type. docs/api.md describes each under a heading of this name.
type problemType string

// The types of problems.
const (
	invalidInput     problemType = "invalid-input"
	invalidParameter problemType = "invalid-parameter"
	invalidDocument  problemType = "invalid-document"
	badFraming       problemType = "bad-framing"
	wrongMedia       problemType = "unsupported-media-type"
	conflict         problemType = "conflict"
	keyReused        problemType = "idempotency-key-reused"
	notFound         problemType = "not-found"
	wrongMethod      problemType = "method-not-allowed"
	notSigned        problemType = "not-signed"
	notAllowed       problemType = "not-allowed"
	tooLarge         problemType = "too-large"
	tooManyCalls     problemType = "too-many-calls"
	unavailable      problemType = "unavailable"
	internalError    problemType = "internal"
)

// ProblemBase stands before the name of each problem's type.
const ProblemBase = "https://github.com/clickledger/clickledger/blob/main/docs/api.md#"

// about is the status and the title of a type.
func (t problemType) about() (int, string) {
	switch t {
	case invalidInput:
		return http.StatusBadRequest, "The input is not valid"
	case invalidParameter:
		return http.StatusUnprocessableEntity, "A parameter is not valid"
	case invalidDocument:
		return http.StatusUnprocessableEntity, "The program document cannot be published"
	case badFraming:
		return http.StatusBadRequest, "It is not clear where the body ends"
	case wrongMedia:
		return http.StatusUnsupportedMediaType, "The body has a content type that is not read here"
	case conflict:
		return http.StatusConflict, "It contradicts what is known"
	case keyReused:
		return http.StatusConflict, "The idempotency key belongs to another call"
	case notFound:
		return http.StatusNotFound, "There is nothing under this name"
	case wrongMethod:
		return http.StatusMethodNotAllowed, "The address has no such method"
	case notSigned:
		return http.StatusUnauthorized, "The call is not let in"
	case notAllowed:
		return http.StatusForbidden, "The key may not do this"
	case tooLarge:
		return http.StatusRequestEntityTooLarge, "The call is too large"
	case tooManyCalls:
		return http.StatusTooManyRequests, "Too many calls"
	case unavailable:
		return http.StatusServiceUnavailable, "The call was given up"
	}
	return http.StatusInternalServerError, "Something went wrong here"
}

// newProblem is a problem of a type.
func newProblem(t problemType, errs ...ProblemError) *Problem {
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
	fixLine      = "correct it and send the whole call again: nothing of it was kept"
	fixName      = "check the name and the program; a publisher's key finds only what is that publisher's"
	fixCall      = "send the call again"
	fixParameter = "correct it; docs/openapi.yaml says what it may be"
)

// fail turns an error into a problem. What is nobody's business is logged and not told.
func (s *Server) fail(err error) error {
	var p *Problem
	var fault *wire.Fault
	var bad *wire.Error
	var docs program.Errors
	var clash *order.ConflictError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &fault):
		t := invalidInput
		if fault.Conflict {
			t = conflict
		}
		return newProblem(t, ProblemError{fault.Line, fault.Member, fault.Reason, fault.Fix})
	case errors.As(err, &bad):
		return newProblem(invalidInput, ProblemError{Field: bad.Member, Reason: bad.Reason, Fix: fixLine})
	case errors.As(err, &docs):
		return newProblem(invalidDocument, ofDocument(docs)...)
	case errors.As(err, &clash):
		return newProblem(conflict, ProblemError{Field: "order", Reason: clash.Reason, Fix: fixLine})
	case errors.Is(err, books.ErrNotFound):
		return newProblem(notFound, ProblemError{Reason: "there is nothing under this name", Fix: fixName})
	case errors.Is(err, intake.ErrConflict):
		return newProblem(conflict, ProblemError{Reason: "something else stands under the same name already", Fix: fixLine})
	case errors.Is(err, books.ErrInvalid):
		return newProblem(invalidParameter, ProblemError{Reason: "a name, a time or a cursor is none that can be kept", Fix: "send UTF-8 without the character 0, names of at most 500 bytes, and cursors as they were answered"})
	case errors.Is(err, intake.ErrRefused):
		return newProblem(invalidDocument, ProblemError{Field: "document", Reason: err.Error(), Fix: "correct the document; clickledger program check says more"})
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return newProblem(unavailable, ProblemError{Reason: "the call was given up before it was answered", Fix: fixCall})
	}
	s.log.Error("call failed", "error", err)
	return newProblem(internalError, ProblemError{Reason: "something went wrong here; it was noted", Fix: fixCall})
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
func (s *Server) problems(c huma.Context, _ string, v any) (any, error) {
	p, ok := v.(*Problem)
	if model, is := v.(*huma.ErrorModel); is {
		p, ok = ofLibrary(model), true
	}
	if !ok {
		return v, nil
	}
	if call, ok := c.Context().Value(callOf{}).(*call); ok {
		call.problem = p
	}
	return p, nil
}

// ofLibrary turns an error of the library into a problem.
func ofLibrary(m *huma.ErrorModel) *Problem {
	t := invalidParameter
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		t = tooLarge
	case http.StatusBadRequest:
		t = invalidInput
	case http.StatusUnsupportedMediaType:
		return newProblem(wrongMedia, ProblemError{Field: "Content-Type", Reason: "is not one that the call takes", Fix: "send the one that docs/openapi.yaml says"})
	case http.StatusNotFound:
		t = notFound
	case http.StatusForbidden:
		t = notAllowed
	case http.StatusInternalServerError:
		return newProblem(internalError, ProblemError{Reason: "something went wrong here; it was noted", Fix: fixCall})
	}
	var errs []ProblemError
	for _, e := range m.Errors {
		_, field, _ := strings.Cut(e.Location, ".")
		errs = append(errs, ProblemError{Field: field, Reason: e.Message, Fix: fixParameter})
	}
	if len(errs) == 0 {
		errs = []ProblemError{{Reason: m.Detail, Fix: fixParameter}}
	}
	p := newProblem(t, errs...)
	p.Status = m.Status
	return p
}

// describe puts the problems that an operation may be answered with into its description.
func describe(api huma.API, op *huma.Operation, types ...problemType) {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	op.Responses = map[string]*huma.Response{}
	for _, t := range types {
		status, title := t.about()
		code := fmt.Sprint(status)
		example := &huma.Example{Summary: title, Value: newProblem(t, ProblemError{Reason: "what is wrong", Fix: "what to do about it"})}
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
