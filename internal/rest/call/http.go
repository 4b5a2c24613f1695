package call

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// The limits of a connection.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 30 * time.Second
	writeTimeout   = time.Minute
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 16 << 10
)

// NewHTTPServer returns a server with limits on what a caller may send and how long it may take.
func NewHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: framed(h), ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
	}
}

// framed refuses calls whose body's end is told by anything but Content-Length, and ends their connection. The library takes
// Transfer-Encoding and Content-Length together and drops the length; a proxy in front may do the opposite, and what one holds for a
// body the other holds for the next call. A caller knows the length: the signature covers the body.
func framed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
			writeProblem(w, NewProblem(badFraming, ProblemError{
				Field: "Transfer-Encoding", Reason: "bodies are taken with Content-Length only", Fix: "send Content-Length and no Transfer-Encoding",
			}))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// writeProblem answers with a problem outside of the library.
func writeProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller went away
}

// Refuse answers a call whose key nobody knows.
func Refuse(w http.ResponseWriter) {
	var bad *signatureError
	if errors.As(errUnknownKey(), &bad) {
		writeProblem(w, NewProblem(notSigned, ProblemError{Field: bad.header, Reason: bad.reason, Fix: bad.fix}))
	}
}

// NoSandbox answers a seller, who has no sandbox.
func NoSandbox(w http.ResponseWriter) {
	writeProblem(w, NewProblem(NotAllowed, ProblemError{Field: HeaderKey, Reason: "sellers have no sandbox", Fix: "use a key of the marketplace or of a publisher"}))
}

// Unavailable answers a call that cannot be answered now.
func Unavailable(w http.ResponseWriter) {
	writeProblem(w, NewProblem(unavailable, ProblemError{Reason: "there is no room for it now; it was noted", Fix: fixCall}))
}

// Unknown answers what no operation answers under /v1.
func Unknown(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
			other := r.Clone(r.Context())
			other.Method = m
			if _, pattern := mux.Handler(other); strings.HasPrefix(pattern, m+" ") && pattern != m+" /v1/" {
				allowed = append(allowed, m)
			}
		}
		if len(allowed) == 0 {
			writeProblem(w, NewProblem(NotFound, ProblemError{Field: "path", Reason: "there is no such address", Fix: "docs/openapi.yaml has all of them"}))
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeProblem(w, NewProblem(wrongMethod, ProblemError{Field: "method", Reason: "is not among those of this address", Fix: "use " + strings.Join(allowed, " or ")}))
	}
}

// fileWithin is how long a file takes at the most that is written while it is read.
const fileWithin = 15 * time.Minute

// Stream answers with a file that write writes while it reads it. An error before its first byte is a problem; after that the connection
// ends, so that nobody takes a part for the whole.
func (a *API) Stream(kind, name string, write func(ctx context.Context, to io.Writer) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		_, raw := humago.Unwrap(c)
		//arch:allow clock a deadline of a connection is a time of the machine
		_ = http.NewResponseController(raw).SetWriteDeadline(time.Now().Add(fileWithin)) // without it there is less time
		to := &begins{c: c, kind: kind, name: name}
		err := write(c.Context(), to)
		switch {
		case err == nil:
		case !to.begun:
			a.Broken(c, err)
		default:
			a.log.Error("a file broke off", "file", name, "error", err)
			panic(http.ErrAbortHandler)
		}
	}}
}

// begins writes the head of an answer before the first byte of a file.
type begins struct {
	c          huma.Context
	kind, name string
	begun      bool
}

func (b *begins) Write(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		head(b.c, b.kind, b.name)
	}
	return b.c.BodyWriter().Write(p)
}

func head(c huma.Context, kind, name string) {
	c.SetHeader("Content-Type", kind)
	c.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	c.SetHeader("X-Content-Type-Options", "nosniff")
	c.SetStatus(http.StatusOK)
}

// File answers with a file.
func File(kind, name string, data []byte) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		head(c, kind, name)
		_, _ = c.BodyWriter().Write(data) // the caller went away
	}}
}
