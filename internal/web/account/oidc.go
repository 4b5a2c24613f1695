package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/internal/web/ui"
)

// Vouchers is a sign-in service of the operator's choice that speaks OpenID Connect and vouches for e-mail addresses.
type Vouchers struct {
	Name   string // as people know it
	Issuer string
	ID     string // of this client
	Secret string
	Site   string // address of the pages
	Now    func() time.Time
	Log    *slog.Logger

	mu       sync.Mutex
	provider *oidc.Provider // once it answered
}

const (
	vouchPath   = "/oidc/start"
	vouchedPath = "/oidc/callback"
)

// ready returns what the service says of itself. It is asked when somebody signs in first, so that the server starts without it.
func (v *Vouchers) ready(ctx context.Context) (*oidc.Provider, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.provider != nil {
		return v.provider, nil
	}
	// The provider fetches keys later on, for other calls than this one.
	p, err := oidc.NewProvider(v.client(context.WithoutCancel(ctx)), v.Issuer)
	if err != nil {
		return nil, fmt.Errorf("asking the sign-in service: %w", err)
	}
	v.provider = p
	return p, nil
}

func (v *Vouchers) client(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, &http.Client{Timeout: 10 * time.Second})
}

func (v *Vouchers) config(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: v.ID, ClientSecret: v.Secret, Endpoint: p.Endpoint(), RedirectURL: strings.TrimSuffix(v.Site, "/") + vouchedPath, Scopes: []string{oidc.ScopeOpenID, "email"},
	}
}

// errand is what a browser keeps while its person is at the sign-in service: it shows that whoever comes back is who was sent.
type errand struct {
	State, Nonce, Verifier, Next string
}

func (p *Pages) errandCookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: p.errandName(), Value: value, Path: "/oidc/", MaxAge: age, Secure: p.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func (p *Pages) errandName() string {
	if p.Secure {
		return "__Secure-errand"
	}
	return "errand"
}

// vouch sends a browser to the sign-in service.
func (p *Pages) vouch(r *page.Request) (page.Answer, error) {
	provider, err := p.Vouchers.ready(r.Context())
	if err != nil {
		return p.notVouched(r, err)
	}
	e := errand{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: session.Local(r.URL.Query().Get("next"))}
	kept, err := json.Marshal(e)
	if err != nil {
		return page.Answer{}, err
	}
	return page.Answer{
		Away:    p.Vouchers.config(provider).AuthCodeURL(e.State, oidc.Nonce(e.Nonce), oauth2.S256ChallengeOption(e.Verifier)),
		Cookies: []*http.Cookie{p.errandCookie(base64.RawURLEncoding.EncodeToString(kept), 600)},
	}, nil
}

// vouched takes a browser back from the sign-in service.
func (p *Pages) vouched(r *page.Request) (page.Answer, error) {
	e, email, err := p.returned(r)
	if err != nil {
		return p.notVouched(r, err)
	}
	in, err := p.People.SignInVouched(r.Context(), email, p.Vouchers.Issuer, from(r))
	if o, err := judge(r.T, err); err != nil || o.tone != "" {
		if err != nil {
			return page.Answer{}, err
		}
		return p.signInSheet(r, o)
	}
	gone := p.errandCookie("", -1)
	if in.Factor {
		return page.Answer{Redirect: ui.Address([]string{"second-factor"}, "next", e.Next), Cookies: []*http.Cookie{gone, p.half(in.Token.Reveal(), 600)}}, nil
	}
	return p.came(r, page.Answer{Redirect: session.Local(e.Next), Session: in.Token.Reveal(), Cookies: []*http.Cookie{gone}}, nil)
}

// returned checks what a browser brings back, and returns the e-mail address that the service vouches for.
func (p *Pages) returned(r *page.Request) (e errand, email string, err error) {
	c, err := r.Cookie(p.errandName())
	if err != nil {
		return e, "", errors.New("the browser was not sent from here, or the errand has expired")
	}
	kept, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err == nil {
		err = json.Unmarshal(kept, &e)
	}
	q := r.URL.Query()
	if err != nil || e.State == "" || subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(e.State)) != 1 {
		return e, "", errors.New("the state does not fit the errand")
	}
	provider, err := p.Vouchers.ready(r.Context())
	if err != nil {
		return e, "", err
	}
	ctx := p.Vouchers.client(r.Context())
	token, err := p.Vouchers.config(provider).Exchange(ctx, q.Get("code"), oauth2.VerifierOption(e.Verifier))
	if err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) { // its text holds the answer, which is nobody's business
			err = fmt.Errorf("the service refused the code: %q", refused.ErrorCode)
		}
		return e, "", fmt.Errorf("exchanging the code: %w", err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return e, "", errors.New("the service sent no ID token")
	}
	id, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: p.Vouchers.ID, Now: p.Vouchers.Now}).Verify(ctx, raw)
	if err != nil {
		return e, "", fmt.Errorf("checking the ID token: %w", err)
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	switch err := id.Claims(&claims); {
	case err != nil:
		return e, "", fmt.Errorf("reading the ID token: %w", err)
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(e.Nonce)) != 1:
		return e, "", errors.New("the nonce does not fit the errand")
	case !claims.Verified:
		return e, "", people.ErrWrong
	}
	return e, claims.Email, nil
}

// notVouched is the sign-in page after the service did not vouch for somebody; why is logged and not shown.
func (p *Pages) notVouched(r *page.Request, why error) (page.Answer, error) {
	if errors.Is(why, context.Canceled) {
		return page.Answer{}, why
	}
	p.Vouchers.Log.Warn("a sign-in by the sign-in service failed", "error", why)
	return p.signInSheet(r, outcome{tone: "bad", notice: r.T.Account.NotVouched, status: http.StatusForbidden})
}
