package account_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"github.com/clickledger/clickledger/internal/app/people"
)

// issuer is a sign-in service: it vouches for whoever comes, as its members say.
type issuer struct {
	*httptest.Server
	key *rsa.PrivateKey
	now func() time.Time

	mu     sync.Mutex
	email  string
	claims map[string]any // in place of the right ones
	asked  url.Values     // the newest question
}

func newIssuer(t *testing.T, now func() time.Time) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, now: now, claims: map[string]any{}}
	known := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: oidc.RS256}}}
	mux := http.NewServeMux()
	mux.Handle("/", known)
	mux.HandleFunc("GET /auth", func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.asked = r.URL.Query()
		http.Redirect(w, r, i.asked.Get("redirect_uri")+"?"+url.Values{"code": {"the-code"}, "state": {i.asked.Get("state")}}.Encode(), http.StatusSeeOther)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		id, secret, _ := r.BasicAuth()
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
		if r.PostFormValue("code") != "the-code" || base64.RawURLEncoding.EncodeToString(sum[:]) != i.asked.Get("code_challenge") || id != "client" || secret != "the client's secret" {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		claims := map[string]any{
			"iss": i.URL, "aud": "client", "sub": "1", "exp": i.now().Add(time.Minute).Unix(), "iat": i.now().Unix(), "nonce": i.asked.Get("nonce"), "email": i.email, "email_verified": true,
		}
		for k, v := range i.claims {
			claims[k] = v
		}
		b, err := json.Marshal(claims)
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"access_token": "a", "token_type": "Bearer", "id_token": oidctest.SignIDToken(i.key, "k", oidc.RS256, string(b))})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	known.SetIssuer(i.URL)
	return i
}

func (i *issuer) says(email string, claims map[string]any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.email, i.claims = email, claims
}

// Somebody for whom the service vouches comes in; a token that is not for this errand, this client and this moment lets nobody in.
func TestSignInService(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	b.open("/oidc/start") // nobody answers there
	b.shows("did not work")
	i := newIssuer(t, s.now)
	s.vouchers.Issuer = i.URL
	link, err := s.people.AddOperator(t.Context(), "op@example.org", "Op", "en", people.Finance)
	if err != nil {
		t.Fatal(err)
	}
	i.says("op@example.org", nil)
	b.open("/oidc/start")
	if b.signedIn() {
		t.Fatal("an account whose address was never confirmed was opened")
	}
	b.shows("Open the link in the e-mail")
	b.open(strings.TrimPrefix(link.Reveal(), s.server.URL))
	b.send("/reset", "password", password)

	b.open("/sign-in?next=/audit")
	b.shows("Sign in with House SSO")
	b.open("/oidc/start?next=/audit")
	if b.at != "/audit" || !b.signedIn() {
		t.Fatalf("after signing in with the service: %s\n%s", b.at, s.log.b.String())
	}
	b.shows("session.began", i.URL)
	b.send("/sign-out")

	for what, claims := range map[string]map[string]any{
		"an address that is not verified": {"email_verified": false}, "another client": {"aud": "other"}, "another issuer": {"iss": "https://evil.example"},
		"another nonce": {"nonce": "x"}, "no nonce": {"nonce": ""}, "an old token": {"exp": s.now().Add(-time.Hour).Unix()}, "nobody here": {"email": "eve@example.org"},
		"no address": {"email": ""},
	} {
		i.says("op@example.org", claims)
		b := s.browser()
		b.open("/oidc/start")
		if b.signedIn() || b.status < 400 {
			t.Errorf("%s: signed in is %v, %d", what, b.signedIn(), b.status)
		}
	}
	i.says("op@example.org", nil)
	for what, path := range map[string]string{"a return without an errand": "/oidc/callback?code=the-code&state=x", "nothing at all": "/oidc/callback"} {
		b := s.browser()
		b.open(path)
		if b.signedIn() || b.status < 400 {
			t.Errorf("%s: signed in is %v, %d", what, b.signedIn(), b.status)
		}
	}
	// The errand of one browser does not fit another one's return: nobody is signed in to an account of somebody else's choice.
	victim := s.browser()
	victim.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+"/oidc/start", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := victim.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	victim.CheckRedirect = nil
	victim.open("/oidc/callback?code=the-code&state=OTHER")
	if victim.signedIn() {
		t.Error("a return with another state was taken")
	}
	if q, err := url.Parse(res.Header.Get("Location")); err != nil || q.Query().Get("code_challenge_method") != "S256" || q.Query().Get("scope") != "openid email" {
		t.Errorf("the question is %v, %v", q, err)
	}
	if strings.Contains(s.log.b.String(), "the client's secret") || strings.Contains(s.log.b.String(), "the-code") {
		t.Error("the log holds a secret")
	}
}
