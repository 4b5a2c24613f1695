package call

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

// A7: an app that was made in the console is let in with what it may do, for its publisher only, until its key is taken away.
func TestA7_AppsAreLetIn(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	box, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	service := people.New(db, box, "https://aff.example", clock)
	link, err := service.AddOperator(t.Context(), "op@example.org", "Op", "en", people.Admin)
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(link.Reveal(), "token=")
	const password = "correct horse battery staple"
	if err := service.Reset(t.Context(), token, password, people.From{}); err != nil {
		t.Fatal(err)
	}
	in, err := service.SignIn(t.Context(), "op@example.org", password, people.From{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := service.Viewer(t.Context(), in.Token.Reveal(), "")
	if err != nil {
		t.Fatal(err)
	}
	app, err := service.MakeApp(t.Context(), v, "Shop", []string{"read", "orders:write"}, []string{"t1"})
	if err != nil {
		t.Fatal(err)
	}

	g := NewGuard([]Key{{ID: "file", Secret: "s", Scopes: []Scope{ScopeRead}}}, clock)
	g.UseApps(service)
	nonce := 0
	check := func(key, secret string) (*Key, error) {
		nonce++
		r := httptest.NewRequest("GET", "/v1/proof", nil)
		n := "nonce-nonce-" + strconv.Itoa(1000+nonce)
		r.Header.Set(HeaderKey, key)
		r.Header.Set(HeaderTime, strconv.FormatInt(now.Unix(), 10))
		r.Header.Set(HeaderNonce, n)
		r.Header.Set(HeaderSignature, Sign(secret, "GET", "/v1/proof", nil, now.Unix(), n, nil))
		return g.Check(r, nil)
	}
	k, err := check(app.Key, app.Secret.Reveal())
	if err != nil || !k.May(ScopeOrders) || k.May(ScopeFacts) || k.Publisher != "" || k.Carries("t2") == nil || k.Carries("t1") != nil {
		t.Errorf("the app's key is %+v, %v", k, err)
	}
	if k, err := check("file", "s"); err != nil || k.ID != "file" || k.Carries("any") != nil {
		t.Errorf("a key of the file beside apps: %v", err)
	}
	refused := func(what, key, secret string) {
		t.Helper()
		if _, err := check(key, secret); err == nil || err.Error() != errUnknownKey().Error() {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("another secret", app.Key, app.Secret.Reveal()+"x")
	refused("no secret", app.Key, "")
	refused("a key that nobody has", "key_none", "")
	refused("a key that no database can look up", "key\xff", "")
	next, err := service.RotateKey(t.Context(), v, app.App)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []people.Credentials{app, next} {
		if _, err := check(c.Key, c.Secret.Reveal()); err != nil {
			t.Errorf("while one key follows the other: %v", err)
		}
	}
	now = now.Add(people.Overlap)
	refused("the old key after the overlap", app.Key, app.Secret.Reveal())
	if _, err := check(next.Key, next.Secret.Reveal()); err != nil {
		t.Errorf("the new key after the overlap: %v", err)
	}
	if in, err = service.SignIn(t.Context(), "op@example.org", password, people.From{}); err != nil {
		t.Fatal(err)
	}
	if v, err = service.Viewer(t.Context(), in.Token.Reveal(), ""); err != nil {
		t.Fatal(err)
	}
	if err := service.RevokeApp(t.Context(), v, app.App); err != nil {
		t.Fatal(err)
	}
	refused("a key of an app that was taken away", next.Key, next.Secret.Reveal())
}

// callers are apps of organisations that the console does not let make any, or that are not whole.
type callers map[string]people.Caller

func (c callers) Caller(_ context.Context, key string) (people.Caller, bool, error) {
	if key == "broken" {
		return people.Caller{}, false, errors.New("the disk at /dev/sda is gone")
	}
	found, ok := c[key]
	return found, ok, nil
}

// A key without a publisher is the marketplace's: no other organisation than the operator gets one.
func TestA7_AppsNeverBecomeTheMarketplace(t *testing.T) {
	g := NewGuard(nil, time.Now)
	g.UseApps(callers{
		"seller":    {Key: "seller", Organisation: people.Organisation{Kind: people.Seller}},
		"publisher": {Key: "publisher", Organisation: people.Organisation{Kind: people.Publisher}},
		"none":      {Key: "none"},
		"whole":     {Key: "whole", Organisation: people.Organisation{Kind: people.Publisher, Publisher: "ann"}},
	})
	for _, id := range []string{"seller", "publisher", "none"} {
		if k, ok, err := g.find(t.Context(), id); ok || err != nil {
			t.Errorf("an app of %s is let in as %+v, %v", id, k, err)
		}
	}
	if k, ok, err := g.find(t.Context(), "whole"); !ok || err != nil || k.Publisher != "ann" {
		t.Errorf("a publisher's app: %+v, %v, %v", k, ok, err)
	}
	if _, _, err := g.find(t.Context(), "broken"); err == nil {
		t.Error("a failure of the database is taken for a key that is not there")
	}
}
