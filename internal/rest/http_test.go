package rest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/rest/call"
)

// raw sends bytes over a connection of its own and returns what comes back until the server closes it.
func raw(t *testing.T, srv *httptest.Server, text string) string {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil && len(answer) == 0 {
		t.Fatal(err)
	}
	return string(answer)
}

// A body whose end could be read in two ways is refused, and the connection ends with it: what follows is not taken for a call.
func TestRequestSmuggling(t *testing.T) {
	served := 0
	echo := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body) // whatever it is
		served++
	})
	next := "GET /v1/smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	attacks := map[string]string{
		"both lengths":           "POST /v1/orders:batch HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next,
		"both, the other first":  "POST /v1/orders:batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + next,
		"two lengths":            "POST /v1/orders:batch HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\n" + next,
		"chunked":                "POST /v1/orders:batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next,
		"an unknown coding":      "POST /v1/orders:batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n" + next,
		"codings twice":          "POST /v1/orders:batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\n" + next,
		"a space in the name":    "POST /v1/orders:batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n" + next,
		"a length with a sign":   "POST /v1/orders:batch HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n" + next,
		"a health check as well": "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next,
	}
	guarded := httptest.NewUnstartedServer(nil)
	guarded.Config = call.NewHTTPServer(echo)
	guarded.Start()
	defer guarded.Close()
	for name, text := range attacks {
		served = 0
		answer := raw(t, guarded, text)
		if !strings.HasPrefix(answer, "HTTP/1.1 400 ") && !strings.HasPrefix(answer, "HTTP/1.1 501 ") || strings.Count(answer, "HTTP/1.1 ") != 1 || served != 0 {
			t.Errorf("%s: %d calls served, answered with %q", name, served, answer)
		}
	}
	if answer := raw(t, guarded, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok"+next); strings.Count(answer, "HTTP/1.1 200") != 2 {
		t.Errorf("two good calls are answered with %q", answer)
	}
	// Red control: the library alone takes both lengths and goes on with what follows.
	bare := httptest.NewServer(echo)
	defer bare.Close()
	served = 0
	if answer := raw(t, bare, attacks["both lengths"]); served != 2 {
		t.Errorf("the library refuses it by itself now: %q", answer)
	}
}

// A server has limits on headers, bodies and patience.
func TestLimitsOfAConnection(t *testing.T) {
	c := newCounted(t)
	long := "GET /v1/proof HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 64<<10) + "\r\n\r\n"
	if answer := raw(t, c.srv, long); !strings.HasPrefix(answer, "HTTP/1.1 431 ") {
		t.Errorf("long headers are answered with %.200q", answer)
	}
	// A call that is not signed is answered before its body is read.
	if answer := raw(t, c.srv, "POST /v1/orders:batch HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(answer, "HTTP/1.1 401 ") {
		t.Errorf("an unsigned call is answered with %.200q", answer)
	}
	c.refused(413, "POST", "/v1/clicks:import", strings.Repeat(" ", call.MaxBody+1), "too-large", "several calls")
	c.refused(413, "POST", "/v1/clicks:import", strings.Repeat("{}\n", call.MaxLines+1), "too-large", fmt.Sprint(call.MaxLines))
	srv := call.NewHTTPServer(http.NotFoundHandler())
	if srv.ReadHeaderTimeout <= 0 || srv.ReadTimeout <= 0 || srv.WriteTimeout <= 0 || srv.IdleTimeout <= 0 || srv.MaxHeaderBytes <= 0 {
		t.Errorf("a limit is missing: %+v", srv)
	}
	// Whoever sends headers byte by byte is left after the time for headers, not kept.
	slow := httptest.NewUnstartedServer(nil)
	slow.Config = call.NewHTTPServer(http.NotFoundHandler())
	slow.Config.ReadHeaderTimeout = time.Millisecond
	slow.Start()
	defer slow.Close()
	if answer := raw(t, slow, "GET / HTTP/1.1\r\nHost: x\r\n"); strings.Contains(answer, "HTTP/1.1 404") {
		t.Errorf("half a call is answered with %q", answer)
	}
}

// What is not there is a problem document too, and says what is.
func TestUnknownAddresses(t *testing.T) {
	c := newCounted(t)
	c.refused(404, "GET", "/v1/nothing", "", "not-found", "openapi")
	c.refused(405, "DELETE", "/v1/orders/o1", "", "method-not-allowed", "use GET")
	c.refused(405, "GET", "/v1/orders:batch", "", "use POST")
}
