package page

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func squeezed(t *testing.T, accept string, answer http.HandlerFunc) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", accept)
	w := httptest.NewRecorder()
	Squeeze(answer).ServeHTTP(w, r)
	return w.Result()
}

func TestSqueezeSendsTextsCompressed(t *testing.T) {
	page := strings.Repeat("<p>the same again</p>", 1000)
	html := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", "21000")
		_, _ = io.WriteString(w, page)
	}
	res := squeezed(t, "br, gzip;q=0.8", html)
	sent, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.Header.Get("Content-Encoding") != "gzip" || res.Header.Get("Content-Length") != "" || len(sent) > len(page)/10 {
		t.Fatalf("%d bytes of %d with %v", len(sent), len(page), res.Header)
	}
	z, err := gzip.NewReader(bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(z); err != nil || string(plain) != page {
		t.Fatalf("%d bytes came out: %v", len(plain), err)
	}
	for name, res := range map[string]*http.Response{
		"nobody takes gzip": squeezed(t, "br", html),
		"gzip is refused":   squeezed(t, "gzip;q=0", html),
		"no text": squeezed(t, "gzip", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write([]byte("x"))
		}),
		"nothing was changed": squeezed(t, "gzip", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }),
	} {
		if got := res.Header.Get("Content-Encoding"); got != "" || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v", name, res.Header)
		}
	}
}

// A file that breaks off must not end as if it were whole.
func TestSqueezeLeavesBrokenFilesBroken(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	func() {
		defer func() { _ = recover() }() // as net/http does
		Squeeze(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/csv")
			_, _ = io.WriteString(w, strings.Repeat("half of it\n", 10_000))
			panic(http.ErrAbortHandler)
		})).ServeHTTP(w, r)
	}()
	z, err := gzip.NewReader(w.Body)
	if err == nil {
		_, err = io.ReadAll(z)
	}
	if err == nil {
		t.Error("half a file looks whole")
	}
}
