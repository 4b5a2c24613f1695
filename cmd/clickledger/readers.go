package main

import (
	"context"
	"net/http"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/session"
)

// nobody knows no session.
type nobody struct{}

// Viewer implements session.Resolver.
func (nobody) Viewer(context.Context, string, string) (people.Viewer, error) {
	return people.Viewer{}, nil
}

// readers lets whoever reaches the pages read them as somebody of the operator who may not touch money: the server listens on this
// machine unless it is told otherwise, and whoever can reach it is trusted with what it shows.
func readers(next http.Handler) http.Handler {
	v := people.Viewer{Person: "reader", Organisation: people.Organisation{ID: "operator", Kind: people.Operator}, Role: people.Reviewer}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(session.With(r.Context(), v)))
	})
}
