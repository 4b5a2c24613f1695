// Package web serves the pages of the demo: what happened, what it came to, and why, down to any order's decision record.
package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
)

//go:embed pages/*.html pages/*.css
var files embed.FS

// Site serves the pages.
type Site struct {
	books *books.Service
	about About
	log   *slog.Logger
	pages map[string]*template.Template
	style []byte
}

// About is what the overview says of the data.
type About struct {
	Title string
	Lines []string // sentences: what is real and what is simulated
}

// New returns the site over the books.
func New(b *books.Service, about About, log *slog.Logger) (*Site, error) {
	s := &Site{books: b, about: about, log: log, pages: make(map[string]*template.Template)}
	for _, name := range []string{"overview", "orders", "order", "publisher", "error"} {
		t, err := template.New("layout.html").Funcs(functions).ParseFS(files, "pages/layout.html", "pages/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("reading page %s: %w", name, err)
		}
		s.pages[name] = t
	}
	var err error
	if s.style, err = files.ReadFile("pages/style.css"); err != nil {
		return nil, fmt.Errorf("reading the style sheet: %w", err)
	}
	return s, nil
}

// Routes are all pages.
func (s *Site) Routes() []Route {
	return []Route{
		{"GET /{$}", s.overview},
		{"GET /orders", s.orders},
		{"GET /orders/{program}/{order}", s.order},
		{"GET /publishers/{program}/{publisher}", s.publisher},
	}
}

// Route is a page and where it stands.
type Route struct {
	Pattern string
	// Decide reads what the page shows.
	Decide func(r *http.Request) (page, error)
}

// page is what a handler decided: which page with which data.
type page struct {
	name string
	Lang string
	Path string // for the language switch
	Data any
}

// Register puts the pages on a mux.
func (s *Site) Register(mux *http.ServeMux) {
	for _, r := range s.Routes() {
		mux.HandleFunc(r.Pattern, func(w http.ResponseWriter, req *http.Request) {
			p, err := r.Decide(req)
			if err != nil {
				s.fail(w, req, err)
				return
			}
			s.render(w, req, http.StatusOK, p)
		})
	}
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "max-age=3600")
		_, _ = w.Write(s.style) // the reader went away
	})
}

// fail turns an error into a page; what went wrong inside is logged and not shown.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, text := http.StatusInternalServerError, "Something went wrong here. It was noted."
	switch {
	case errors.Is(err, books.ErrNotFound):
		status, text = http.StatusNotFound, "There is nothing under this name."
	case errors.Is(err, errBadRequest):
		status, text = http.StatusBadRequest, err.Error()
	case errors.Is(err, context.Canceled):
		return
	default:
		s.log.Error("page failed", "path", r.URL.Path, "error", err)
	}
	s.render(w, r, status, page{name: "error", Data: text})
}

var errBadRequest = errors.New("the address is not understood")

func (s *Site) render(w http.ResponseWriter, r *http.Request, status int, p page) {
	p.Lang = language(r)
	q := r.URL.Query()
	q.Del("lang")
	p.Path = r.URL.Path + "?" + q.Encode()
	var b bytes.Buffer
	if err := s.pages[p.name].Execute(&b, p); err != nil {
		s.log.Error("page cannot be drawn", "page", p.name, "error", err)
		http.Error(w, "Something went wrong here. It was noted.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader went away
}

// language is the language that the address asks for, else the browser, else English.
func language(r *http.Request) string {
	if l := r.URL.Query().Get("lang"); l == "tr" || l == "en" {
		return l
	}
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "tr") {
		return "tr"
	}
	return "en"
}

var functions = template.FuncMap{
	"money": func(minor int64, c money.Currency) string { return grouped(money.New(minor, c).Decimal()) },
	"time":  func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") },
	"seg":   url.PathEscape,
	"kind":  func(k ledger.Kind) string { return k.String() },
	"n":     func(n int64) string { return grouped(fmt.Sprint(n)) },
	"dash": func(s string) string {
		if s == "" {
			return "–"
		}
		return s
	},
	"check": func(c payout.Check) string {
		if text, ok := checks[c]; ok {
			return text
		}
		return string(c)
	},
}

// checks are the comparisons of the daily proof in words.
var checks = map[payout.Check]string{
	payout.OrdersPostings:   "What was decided is what was posted",
	payout.PostingsBalances: "Balances equal the sum of their postings",
	payout.ZeroSum:          "All accounts add up to zero",
	payout.Limits:           "No account is past zero that must not be",
	payout.RunsPostings:     "Each payout is booked as far as it has come",
	payout.RunsBalances:     "Reserved, clearing, paid and fees hold what the runs say",
	payout.RunsFiles:        "The bank files hold the payouts of their runs",
	payout.ClearingAge:      "Nothing waits too long for the bank",
}

// grouped puts thin gaps between groups of three digits.
func grouped(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	whole, frac, dot := strings.Cut(s, ".")
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString("\u202f")
		}
		b.WriteRune(d)
	}
	if dot {
		b.WriteString("." + frac)
	}
	return sign + b.String()
}
