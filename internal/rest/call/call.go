// Package call is the machinery that every call of the API goes through: who signed it, how many it may make, what it may do, whether it
// was made before, and what is said when it is not done. The operations themselves are the packages beside it, one for each area.
package call

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/wire"
)

// API takes operations in and answers their calls.
type API struct {
	huma  huma.API
	guard *Guard
	saved Answers
	log   *slog.Logger
	now   func() time.Time
	calls *prometheus.CounterVec

	limits   limiter
	rejected rejections
}

// Answers are the saved answers of calls that carry an idempotency key.
type Answers interface {
	// Claim takes a key for a call, known by its hash; it returns the answer that was saved before. Another call's key is ErrConflict.
	Claim(ctx context.Context, scope, key string, hash []byte) (saved []byte, found bool, err error)
	// Answer saves the answer.
	Answer(ctx context.Context, scope, key string, answer []byte) error
}

// Kept is what is kept of calls.
type Kept interface {
	Answers
	RejectedCalls
}

// MaxBody bounds the body of a call.
const MaxBody = 32 << 20

// New returns an API whose operations are served by a mux.
func New(mux *http.ServeMux, config huma.Config, g *Guard, kept Kept, log *slog.Logger, now func() time.Time) *API {
	a := &API{
		guard: g, saved: kept, log: log, now: now, rejected: rejections{kept: kept, log: log},
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "clickledger_api_calls_total", Help: "API calls by operation and status."}, []string{"operation", "status"}),
	}
	config.Transformers = []huma.Transformer{a.problems}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"signature": {Type: "apiKey", In: "header", Name: HeaderSignature, Description: "HMAC-SHA256 over method, path, sorted query, time, nonce and the body's SHA-256."},
	}
	config.Security = []map[string][]string{{"signature": {}}}
	a.huma = humago.New(mux, config)
	a.huma.UseMiddleware(a.signed)
	return a
}

// Huma is the library's side of the API, with the description.
func (a *API) Huma() huma.API { return a.huma }

// Log is where handlers write what nobody outside is told.
func (a *API) Log() *slog.Logger { return a.log }

// Now is the time.
func (a *API) Now() time.Time { return a.now() }

// Collect are the metrics of calls.
func (a *API) Collect() prometheus.Collector { return a.calls }

// Call is a signed call while it is answered.
type Call struct {
	Key *Key
	// Refused are events of the call that were refused by themselves, for the log of rejected calls.
	Refused []ProblemError

	operation string
	network   string // from where it comes
	once      string // its idempotency key
	hash      []byte // what makes two calls the same: address and body
	problem   *Problem
}

type callOf struct{}

// Of is the call that a handler answers.
func Of(ctx context.Context) *Call { return ctx.Value(callOf{}).(*Call) }

// signed lets only signed calls pass whose key has the operation's scope and calls left.
func (a *API) signed(c huma.Context, next func(huma.Context)) {
	op := c.Operation()
	r, w := humago.Unwrap(c)
	in := &Call{operation: op.OperationID, network: audit.Network(r.RemoteAddr), Key: &Key{}}
	if p := a.admit(w, r, op, in); p != nil {
		in.problem = p
		writeProblem(w, p)
		a.finish(r, in, p.Status)
		return
	}
	by := in.Key.by(r.RemoteAddr)
	next(huma.WithContext(c, audit.With(context.WithValue(c.Context(), callOf{}, in), by)))
	a.finish(r, in, c.Status())
}

// admit reads a call and decides whether it is let in.
func (a *API) admit(w http.ResponseWriter, r *http.Request, op *huma.Operation, in *Call) *Problem {
	if err := a.guard.timely(r); err != nil {
		return a.unsigned(err)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		return NewProblem(TooLarge, ProblemError{Reason: fmt.Sprintf("the body is longer than %d bytes, or broke off", MaxBody), Fix: "send it in several calls"})
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	key, err := a.guard.Check(r, body)
	if key != nil {
		in.Key = key
	}
	if err != nil {
		return a.unsigned(err)
	}
	left := a.limits.take(key.ID, quota(key), a.now())
	left.tell(w.Header())
	if left.wait > 0 {
		return NewProblem(TooManyCalls, ProblemError{
			Reason: fmt.Sprintf("the key may make %d calls a minute", left.quota), Fix: "wait as long as Retry-After says; send several events in a call",
		})
	}
	p := op.Metadata[policyOf].(Policy)
	if !key.May(p.Scope) {
		return NewProblem(NotAllowed, ProblemError{Field: HeaderKey, Reason: fmt.Sprintf("the key has no scope %q", p.Scope), Fix: "use a key that has it"})
	}
	if key.Publisher != "" && !p.Publishers {
		return NewProblem(NotAllowed, ProblemError{Field: HeaderKey, Reason: "a publisher's key reads that publisher's money and orders only", Fix: "use a key of the marketplace"})
	}
	if key.Seller != "" && !p.Sellers {
		return NewProblem(NotAllowed, ProblemError{Field: HeaderKey, Reason: "a seller's key is for that seller's stores only", Fix: "use a key of the marketplace"})
	}
	if v := key.viewer; len(p.Needs) > 0 && v.Organisation.ID != "" && !slices.ContainsFunc(p.Needs, v.Can) {
		return NewProblem(NotAllowed, ProblemError{
			Field: HeaderKey, Reason: "the role of the person who answers for the app may not do this in the console either", Fix: "use an app of somebody whose role may",
		})
	}
	if p.Writes && !p.Secret {
		in.once, in.hash = r.Header.Get(headerOnce), hashOf(r, body)
	}
	return readable(r, op)
}

// by is who calls with a key from a peer, as the audit log names it.
func (k *Key) by(remote string) audit.By {
	return audit.By{Organisation: k.Organisation, Via: k.String(), Network: audit.Network(remote), Maker: cmp.Or(k.Maker, k.Person)}
}

// quota is how many calls a key may make in a minute.
func quota(k *Key) int { return min(max(1, cmp.Or(k.CallsPerMinute, DefaultCalls)), 1_000_000) }

// CursorParameter is the name of the parameter that a list goes on from.
const CursorParameter = "after"

// readable refuses addresses that no database could look anything up with.
func readable(r *http.Request, op *huma.Operation) *Problem {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return NewProblem(InvalidParameter, ProblemError{Field: "query", Reason: "is not well formed", Fix: "write it as name=value pairs with & between them, escaped"})
	}
	var bad *wire.Fault
	for _, p := range op.Parameters {
		switch {
		case p.In == "path":
			err = wire.CheckID(p.Name, r.PathValue(p.Name))
		case p.In == "query" && p.Name != CursorParameter: // a cursor is as long as it is
			err = wire.CheckID(p.Name, values.Get(p.Name))
		case p.In == "query" && strings.ContainsFunc(values.Get(p.Name), func(c rune) bool { return c > unicode.MaxASCII || c < ' ' }):
			err = &wire.Fault{Member: p.Name, Reason: "is not a cursor", Fix: "take the one that the page before answered"}
		}
		if errors.As(err, &bad) {
			return NewProblem(InvalidParameter, ProblemError{Field: bad.Member, Reason: bad.Reason, Fix: bad.Fix})
		}
	}
	return nil
}

// unsigned is the problem of a call whose signature does not hold, or could not be checked.
func (a *API) unsigned(err error) *Problem {
	var bad *signatureError
	if !errors.As(err, &bad) {
		a.log.Error("a signature could not be checked", "error", err)
		return NewProblem(internalError, ProblemError{Reason: "something went wrong here; it was noted", Fix: fixCall})
	}
	return NewProblem(notSigned, ProblemError{Field: bad.header, Reason: bad.reason, Fix: bad.fix})
}

// finish counts a call, and notes what of it was rejected.
func (a *API) finish(r *http.Request, in *Call, status int) {
	a.calls.WithLabelValues(in.operation, fmt.Sprint(status)).Inc()
	note := Rejected{At: a.now().UTC(), Operation: in.operation, Path: r.URL.EscapedPath(), Status: status, Errors: in.Refused, Refused: len(in.Refused)}
	if in.problem != nil {
		note.Type, note.Errors = in.problem.Type, in.problem.Errors
	}
	if in.Key.ID != "" && len(note.Errors) > 0 {
		a.rejected.note(in.Key.ID, note)
	}
}

// Policy says who may call an operation.
type Policy struct {
	Scope      Scope
	Publishers bool // keys of publishers too
	Sellers    bool // keys of sellers too
	Writes     bool
	Secret     bool // the answer holds a secret, which is kept nowhere: there is no saved answer to answer with again
	// Needs are permissions of the console of which an app's person must have one; none: the scope is enough. Keys of the command line
	// have no role.
	Needs []people.Permission
}

// callers are whose keys may call, in words for the description.
func (p *Policy) callers() []string {
	all := []string{"marketplace"}
	if p.Publishers {
		all = append(all, "publisher")
	}
	if p.Sellers {
		all = append(all, "seller")
	}
	return all
}

// policyOf is the name under which an operation carries its policy.
const policyOf = "policy"

// PolicyOf is who may call an operation.
func PolicyOf(op *huma.Operation) Policy { return op.Metadata[policyOf].(Policy) }

// Handle takes an operation in. The address is "METHOD /path"; what do returns as an error becomes a problem document, and a call that
// writes is done once under its idempotency key. more changes the description.
func Handle[I, O any](a *API, address, id, summary string, p Policy, do func(context.Context, *I) (*O, error), more ...func(*huma.Operation)) {
	method, path, _ := strings.Cut(address, " ")
	op := huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, MaxBodyBytes: MaxBody, DefaultStatus: http.StatusOK, Metadata: map[string]any{policyOf: p},
	}
	types := []Type{notSigned, NotAllowed, NotFound, InvalidParameter, TooLarge, TooManyCalls, internalError, unavailable}
	if p.Writes {
		types = append(types, invalidInput, invalidDocument, badFraming, wrongMedia, Conflict)
	}
	if p.Writes && !p.Secret {
		types = append(types, keyReused)
		most := 255
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: headerOnce, In: "header", Description: "The same key with the same call is answered as the first time.", Schema: &huma.Schema{Type: "string", MaxLength: &most},
		})
	}
	tag, _, _ := strings.Cut(strings.TrimPrefix(path, "/v1/"), "/")
	tag, _, _ = strings.Cut(tag, ":")
	op.Tags = []string{tag}
	op.Extensions = map[string]any{"x-scope": string(p.Scope), "x-callers": p.callers()}
	if len(p.Needs) > 0 {
		op.Extensions["x-permissions"] = p.Needs
	}
	describe(a.huma, &op, types...)
	for _, m := range more {
		m(&op)
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := once(ctx, a, func() (*O, error) { return do(ctx, in) })
		if err != nil {
			return nil, a.Problem(err)
		}
		return out, nil
	})
}

// Own is the publisher that the key is limited to, "" where there is none; wanted must be that one, or nobody.
func Own(ctx context.Context, wanted string) (string, error) {
	key := Of(ctx).Key
	if key.Seller != "" {
		return "", NewProblem(NotAllowed, ProblemError{Field: "publisher", Reason: "a seller's key reads nothing of publishers", Fix: "use a key of the marketplace"})
	}
	if key.Publisher == "" || wanted == "" || wanted == key.Publisher {
		return key.Publisher, nil
	}
	return "", NewProblem(NotAllowed, ProblemError{Field: "publisher", Reason: "the key is for another publisher", Fix: "leave it out, or use a key of the marketplace"})
}

// Person is who answers for the call. Money is moved by people only: a key that belongs to nobody is refused.
func Person(ctx context.Context) (string, error) {
	if p := Of(ctx).Key.Person; p != "" {
		return p, nil
	}
	return "", NewProblem(NotAllowed, ProblemError{
		Field: HeaderKey, Reason: "the key belongs to no person, and somebody must answer for this",
		Fix: "use an app that a person made in the console, or a key that was made with --person",
	})
}

// Acts is who answers for the call, as Person, and has a permission in the console where the call is an app's: what somebody's role may not
// there, the app may not here. A key of the command line may what its scopes say.
func Acts(ctx context.Context, p people.Permission) (string, error) {
	if !Can(ctx, p) {
		return "", NewProblem(NotAllowed, ProblemError{Field: HeaderKey, Reason: "the role of the app's person does not allow this", Fix: "use an app of somebody whose role does"})
	}
	return Person(ctx)
}

// Can reports whether a call may what a permission of the console says: of an app its person must have it, keys of the command line have
// no role.
func Can(ctx context.Context, p people.Permission) bool {
	key := Of(ctx).Key
	return key.App == "" || key.viewer.Can(p)
}

// Viewer is the caller's person as the console knows it: what the person's role may not there, the app may not here. Making the app took
// a proof of who the person is.
func (a *API) Viewer(ctx context.Context) (people.Viewer, error) {
	c := Of(ctx)
	v := c.Key.viewer
	if v.Person == "" {
		return v, NewProblem(NotAllowed, ProblemError{
			Field: HeaderKey, Reason: "the key is of no app of an organisation, or of one whose person has left", Fix: "use an app that a person made in the console",
		})
	}
	v.ProvedAt, v.Network = a.now(), c.network
	return v, nil
}

// Only lets a publisher's key ask for that publisher only; of others it says what it says of nobody.
func Only(ctx context.Context, publisher string) error {
	if key := Of(ctx).Key; key.Seller != "" || key.Publisher != "" && key.Publisher != publisher {
		return books.ErrNotFound
	}
	return nil
}

// Store lets a seller's key ask for that seller's stores only; of others it says what it says of stores that are not there.
func Store(ctx context.Context, id string) error {
	if key := Of(ctx).Key; key.Publisher != "" || key.Seller != "" && !slices.Contains(key.Stores, id) {
		return books.ErrNotFound
	}
	return nil
}

// Name is the name of the person who answers for the call, as others read it.
func Name(ctx context.Context) (string, error) {
	id, err := Person(ctx)
	return cmp.Or(Of(ctx).Key.viewer.Name, id), err
}

// PageInput asks for a page of a list.
type PageInput struct {
	After string `query:"after" maxLength:"8000" doc:"The next of the page before; none for the first page."`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// Time is a time, or nil where it is none.
func Time(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
