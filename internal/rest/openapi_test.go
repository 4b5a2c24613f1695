package rest

import (
	"flag"
	"log/slog"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/rest/call"
)

var write = flag.Bool("write", false, "write docs/openapi.yaml anew")

// The committed API description is the one that the server's own types make: run `go test ./internal/rest -write` after a change.
func TestOpenAPIIsUpToDate(t *testing.T) {
	api := New(Services{}, call.NewGuard(nil, time.Now), slog.New(slog.DiscardHandler), time.Now).Register(http.NewServeMux(), prometheus.NewRegistry())
	got, err := api.OpenAPI().YAML()
	if err != nil {
		t.Fatal(err)
	}
	const file = "../../docs/openapi.yaml"
	if *write {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("docs/openapi.yaml is not what the server's types say; run go test ./internal/rest -run OpenAPI -write")
	}
}
