package main

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/clickledger/clickledger/internal/browser"
	"github.com/clickledger/clickledger/internal/notify/mailbox"
)

// withDevice gives a window an authenticator that checks who uses it and says yes at once.
func withDevice(t *testing.T, p *browser.Page) {
	t.Helper()
	err := chromedp.Do(p.Context(), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// comesTo waits until a window says something. The script of the page leads it there, so it may be between two pages when it is asked.
func comesTo(t *testing.T, p *browser.Page, what, says string) {
	t.Helper()
	until(t, what, func() bool {
		text, err := chromedp.Run(p.Context(), chromedp.Evaluate[string](`document.readyState === "complete" ? document.body.innerText : ""`))
		return err == nil && strings.Contains(text, says)
	})
}

// free is an address that nobody listens on: a public address with its port must be known before the server starts.
func free(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A passkey in a real browser: registered, used to sign in and to prove who one is, removed. Browsers know no passkeys for addresses by number, so the
// pages stand under localhost.
func TestI6_APasskeyFromRegistrationToRemoval(t *testing.T) {
	w := &town{t: t, data: t.TempDir(), mail: mailbox.Open(t), late: &atomic.Int64{}, read: make(map[string]int)}
	at := free(t)
	public := "http://localhost" + at[strings.LastIndexByte(at, ':'):]
	e := &env{now: w.clock, near: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	w.served = serveWith(t, e, w.data, "--listen", at, "--public-url", public, "--data", w.data, "--smtp", w.mail.URL, "--payer-name", "Marketplace", "--payer-iban", "DE89370400440532013000", "--payer-bic", "COBADEFFXXX")
	w.api, w.web = public, browser.New(t)

	p := w.employee("ada@market.example", "admin")
	withDevice(t, p)
	p.Open(w.api + "/account")
	p.See("Passkeys", "You have none yet")
	p.Fill("Name of the passkey", "Work laptop")
	p.Press("Add a passkey")
	comesTo(t, p, "the passkey is added", "The passkey is added")
	p.See("Work laptop")
	p.Shot("passkeys-settings")
	w.letter("ada@market.example", "Work laptop")
	p.Press("Sign out")

	p.Open(w.api + "/sign-in?next=%2Faccount")
	p.Shot("passkeys-sign-in")
	p.Press("Sign in with a passkey")
	comesTo(t, p, "the passkey signs in", "Where you are signed in")
	p.See("Work laptop")

	// The proof grows old; removing asks for a new one, which the passkey gives.
	w.pass(15 * time.Minute)
	p.Open(w.api + "/account")
	p.Press("Remove")
	p.See("Confirm that it is you")
	p.Shot("passkeys-prove")
	p.Press("Confirm with a passkey")
	comesTo(t, p, "the proof counts", "Work laptop")
	p.Press("Remove")
	p.See("The passkey is removed", "You have none yet")
	w.letter("ada@market.example", "was removed")
	p.Press("Sign out")

	// The browser still has it; the site does not take it any more.
	p.Open(w.api + "/sign-in")
	p.Press("Sign in with a passkey")
	comesTo(t, p, "the removed passkey is refused", "The passkey was not accepted")
}
