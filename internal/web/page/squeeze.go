package page

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Squeeze sends what next answers compressed to browsers that take it so: a page is a tenth of its size on the wire.
func Squeeze(next http.Handler) http.Handler {
	pool := &sync.Pool{New: func() any {
		z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is one that there is
		return z
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if !takesGzip(r.Header.Get("Accept-Encoding")) {
			next.ServeHTTP(w, r)
			return
		}
		s := &squeezer{ResponseWriter: w, pool: pool}
		next.ServeHTTP(s, r)
		s.end() // not after a panic: what broke off must not look whole
	})
}

func takesGzip(accepted string) bool {
	for part := range strings.SplitSeq(accepted, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

// squeezer compresses texts; what is compressed already, or has no body, goes through as it is.
type squeezer struct {
	http.ResponseWriter
	pool  *sync.Pool
	z     *gzip.Writer
	begun bool
}

func (s *squeezer) WriteHeader(status int) {
	if !s.begun && status >= 200 {
		s.begun = true
		h := s.Header()
		if compressible(h.Get("Content-Type")) && h.Get("Content-Encoding") == "" && status != http.StatusNoContent && status != http.StatusNotModified {
			h.Set("Content-Encoding", "gzip")
			h.Del("Content-Length")
			s.z, _ = s.pool.Get().(*gzip.Writer)
			s.z.Reset(s.ResponseWriter)
		}
	}
	s.ResponseWriter.WriteHeader(status)
}

func compressible(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	return strings.HasPrefix(kind, "text/") || kind == "application/json" || kind == "image/svg+xml"
}

func (s *squeezer) Write(b []byte) (int, error) {
	if !s.begun {
		if s.Header().Get("Content-Type") == "" {
			s.Header().Set("Content-Type", http.DetectContentType(b))
		}
		s.WriteHeader(http.StatusOK)
	}
	if s.z == nil {
		return s.ResponseWriter.Write(b)
	}
	return s.z.Write(b)
}

// Unwrap lets http.ResponseController reach the writer below.
func (s *squeezer) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *squeezer) end() {
	if s.z == nil {
		return
	}
	_ = s.z.Close() // the reader went away
	s.z.Reset(io.Discard)
	s.pool.Put(s.z)
}
