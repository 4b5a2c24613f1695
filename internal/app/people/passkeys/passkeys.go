// Package passkeys asks browsers for passkeys and checks what they answer (WebAuthn, level 3). It keeps nothing: who asks keeps the
// challenge, sees to it that it is answered once and in time, and keeps the passkeys.
package passkeys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/clickledger/clickledger/internal/store"
)

// ErrCounter says that a passkey's counter of signatures did not rise: it is a copy's, or the original's after a copy was used.
var ErrCounter = errors.New("the counter of signatures did not rise; the passkey may have been copied")

// Keys are the passkeys of one site.
type Keys struct{ party *webauthn.WebAuthn }

// New returns the passkeys of a site with an address such as https://aff.example.com. Browsers know passkeys by the site's name and use them over
// HTTPS only (and at localhost), so an address by number, or without encryption, is an error that says so.
func New(site string) (*Keys, error) {
	u, err := url.Parse(site)
	if err != nil {
		return nil, fmt.Errorf("the address of the pages: %w", err)
	}
	host := strings.ToLower(u.Hostname())
	if near := host == "localhost" || strings.HasSuffix(host, ".localhost"); u.Scheme != "https" && !(u.Scheme == "http" && near) {
		return nil, fmt.Errorf("the address of the pages is %q: passkeys need https, or http://localhost", site)
	}
	if err := protocol.ValidateRPID(host); err != nil {
		return nil, fmt.Errorf("the address of the pages is %q: passkeys belong to a name such as aff.example.com: %w", site, err)
	}
	party, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "Clickledger", RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference:  protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationPreferred},
		// Some password managers tell more than they were asked.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("setting up passkeys: %w", err)
	}
	return &Keys{party}, nil
}

// user is a person as the library asks for one.
type user struct{ p store.Person }

func (u user) WebAuthnID() []byte          { return []byte(u.p.ID) }
func (u user) WebAuthnName() string        { return u.p.Email }
func (u user) WebAuthnDisplayName() string { return u.p.Name }

func (u user) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(u.p.Passkeys))
	for i, k := range u.p.Passkeys {
		all[i] = webauthn.Credential{
			ID: k.ID, PublicKey: k.PublicKey, Flags: webauthn.CredentialFlags{UserPresent: true, BackupEligible: k.Synced, BackupState: k.BackedUp},
			Authenticator: webauthn.Authenticator{AAGUID: k.Model, SignCount: k.Counter},
		}
	}
	return all
}

// A Question is what a browser is asked: the options of WebAuthn as JSON, and the challenge in them.
type Question struct{ Challenge, Options string }

// AskNew asks for a new passkey of a person; what holds one of the person's passkeys already does not make a second one.
func (k *Keys) AskNew(p store.Person) (Question, error) {
	creation, _, err := k.party.BeginRegistration(user{p}, webauthn.WithExclusions(webauthn.Credentials(user{p}.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return Question{}, fmt.Errorf("asking for a new passkey: %w", err)
	}
	return question(creation.Response.Challenge, creation.Response)
}

// AskAnybody asks for a passkey of whoever sits there: the browser offers those that it knows.
func (k *Keys) AskAnybody() (Question, error) {
	assertion, _, err := k.party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationPreferred))
	if err != nil {
		return Question{}, fmt.Errorf("asking for a passkey: %w", err)
	}
	return question(assertion.Response.Challenge, assertion.Response)
}

// Ask asks for one of a person's passkeys. With verify, the device must check that it is the person: by a PIN, a finger or a face.
func (k *Keys) Ask(p store.Person, verify bool) (Question, error) {
	assertion, _, err := k.party.BeginLogin(user{p}, webauthn.WithUserVerification(verification(verify)))
	if err != nil {
		return Question{}, fmt.Errorf("asking for a passkey: %w", err)
	}
	return question(assertion.Response.Challenge, assertion.Response)
}

func verification(must bool) protocol.UserVerificationRequirement {
	if must {
		return protocol.VerificationRequired
	}
	return protocol.VerificationPreferred
}

func question(challenge protocol.URLEncodedBase64, options any) (Question, error) {
	b, err := json.Marshal(options)
	if err != nil {
		return Question{}, fmt.Errorf("writing what a browser is asked: %w", err)
	}
	return Question{challenge.String(), string(b)}, nil
}

// Claim is what an answer says of itself before anything of it is checked: which challenge it answers, and whose the passkey is.
func Claim(answer string) (challenge, person string, err error) {
	var a struct {
		Response struct {
			ClientData protocol.URLEncodedBase64 `json:"clientDataJSON"`
			UserHandle protocol.URLEncodedBase64 `json:"userHandle"`
		} `json:"response"`
	}
	var data struct {
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal([]byte(answer), &a); err != nil {
		return "", "", fmt.Errorf("reading an answer: %w", err)
	}
	if err := json.Unmarshal(a.Response.ClientData, &data); err != nil {
		return "", "", fmt.Errorf("reading an answer: %w", err)
	}
	return data.Challenge, string(a.Response.UserHandle), nil
}

// session is what the library wants to know of the question. Whether it is answered in time is the caller's to see.
func (k *Keys) session(p store.Person, challenge string, verify bool) webauthn.SessionData {
	return webauthn.SessionData{
		Challenge: challenge, RelyingPartyID: k.party.Config.RPID, UserID: []byte(p.ID), UserVerification: verification(verify),
		CredParams: webauthn.CredentialParametersDefault(),
	}
}

// Made checks the answer to AskNew and returns the passkey.
func (k *Keys) Made(p store.Person, challenge, answer, name string, now time.Time) (store.Passkey, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return store.Passkey{}, because(err)
	}
	c, err := k.party.CreateCredential(user{p}, k.session(p, challenge, false), parsed)
	if err != nil {
		return store.Passkey{}, because(err)
	}
	return store.Passkey{
		ID: c.ID, Name: name, PublicKey: c.PublicKey, Counter: c.Authenticator.SignCount, Synced: c.Flags.BackupEligible, BackedUp: c.Flags.BackupState,
		Model: c.Authenticator.AAGUID, CreatedAt: now,
	}, nil
}

// Used checks the answer to AskAnybody or Ask for a person, and writes the use into the passkey, which is one of the person's. verified says that the
// device checked that it is the person; with verify, an answer without that is refused.
func (k *Keys) Used(p *store.Person, challenge, answer string, verify bool, now time.Time) (verified bool, err error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return false, because(err)
	}
	c, err := k.party.ValidateLogin(user{*p}, k.session(*p, challenge, verify), parsed)
	if err != nil {
		return false, because(err)
	}
	if c.Authenticator.CloneWarning {
		return false, ErrCounter
	}
	p.Passkeys = slices.Clone(p.Passkeys)
	i := slices.IndexFunc(p.Passkeys, func(x store.Passkey) bool { return bytes.Equal(x.ID, c.ID) })
	if i < 0 {
		return false, errors.New("the passkey is not one of the person's")
	}
	x := &p.Passkeys[i]
	x.Counter, x.BackedUp, x.UsedAt = c.Authenticator.SignCount, c.Flags.BackupState, now
	return parsed.Response.AuthenticatorData.Flags.HasUserVerified(), nil
}

// because adds what the library knows of a refusal; it names no secret.
func because(err error) error {
	var e *protocol.Error
	if errors.As(err, &e) && e.DevInfo != "" {
		return fmt.Errorf("%w: %s", err, e.DevInfo)
	}
	return err
}
