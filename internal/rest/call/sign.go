package call

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/field"
)

// The headers of a signed call.
const (
	HeaderKey       = "Clickledger-Key"
	HeaderTime      = "Clickledger-Time"      // seconds since 1970
	HeaderNonce     = "Clickledger-Nonce"     // 16 to 64 characters, never used again
	HeaderSignature = "Clickledger-Signature" // hex
)

// Skew is how far a call's time may be from the server's.
const Skew = 5 * time.Minute

// Scope is what a key may do.
type Scope string

// The scopes.
const (
	ScopeOrders Scope = "orders:write"
	ScopeClicks Scope = "clicks:write"
	ScopeFacts  Scope = "facts:write"
	ScopeLinks  Scope = "links:write"
	ScopeRead   Scope = "read"
	// ScopePayouts moves money: payout runs, and withdrawals of a publisher.
	ScopePayouts Scope = "payouts:write"
	// ScopeCases works on trust cases; of a publisher it answers and appeals.
	ScopeCases Scope = "cases:write"
	// ScopeStores changes what sellers decide about stores: taking part, rates and campaigns; of a seller it also asks the operator.
	ScopeStores Scope = "stores:write"
	// ScopeAccounts changes who acts for the organisation: members and apps.
	ScopeAccounts Scope = "accounts:write"
)

// Key is an API key. A key with a publisher reads that publisher's money only.
type Key struct {
	ID        string  `json:"id"`
	Secret    string  `json:"secret"`
	Scopes    []Scope `json:"scopes"`
	Publisher string  `json:"publisher,omitempty"`
	// Seller is the seller's organisation that the key is of, and Stores are its stores: it sees and changes those and nothing else.
	Seller string    `json:"-"`
	Stores []string  `json:"-"`
	Made   time.Time `json:"made"`
	// CallsPerMinute is the key's quota; 0: DefaultCalls.
	CallsPerMinute int `json:"calls_per_minute,omitempty"`
	// TrackingIDs are those that links made with the key may carry; none: any.
	TrackingIDs []string `json:"tracking_ids,omitempty"`
	// App, Organisation and Maker are whose key it is, where it was made in the console.
	App          string `json:"-"`
	Organisation string `json:"-"`
	Maker        string `json:"-"` // id of the person who made it
	// Person answers for what is done with the key; "": nobody does, and it moves no money. Of an app it is who made it.
	Person string `json:"person,omitempty"`

	viewer people.Viewer // of an app: its person as the console knows it
}

// String hides the secret.
func (k Key) String() string {
	if k.App != "" {
		return "app " + k.App + ", key " + k.ID
	}
	return "key " + k.ID
}

// GoString hides the secret.
func (k Key) GoString() string { return k.String() }

// May reports whether the key has a scope.
func (k *Key) May(s Scope) bool { return slices.Contains(k.Scopes, s) }

// Carries says whether links made with the key may carry a tracking ID.
func (k *Key) Carries(trackingID string) error {
	if len(k.TrackingIDs) == 0 || slices.Contains(k.TrackingIDs, trackingID) {
		return nil
	}
	return &field.Error{Field: "tracking_id", Reason: "is not one of those that the app may use"}
}

// Sign is the signature of a call: HMAC-SHA256 over its parts, one on each line, in hex.
func Sign(secret, method, path string, query url.Values, at int64, nonce string, body []byte) string {
	digest := sha256.Sum256(body)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s\n%s\n%s\n%d\n%s\n%x", method, path, query.Encode(), at, nonce, digest)
	return hex.EncodeToString(mac.Sum(nil))
}

// signatureError says why a call is not let in.
type signatureError struct{ header, reason, fix string }

func (e *signatureError) Error() string { return e.reason + "; " + e.fix }

func errNotSigned() error {
	return &signatureError{HeaderSignature, "the call is not signed", "send the headers Clickledger-Key, -Time, -Nonce and -Signature"}
}

func errUnknownKey() error {
	return &signatureError{HeaderSignature, "the key is not known, or the signature does not fit the call", "sign method, path, query, time, nonce and body as docs/api.md says, with the key's secret"}
}

func errTime() error {
	return &signatureError{HeaderTime, "is not within 5 minutes of the server's time", "set the clock, and send seconds since 1970"}
}

func errNonce() error {
	return &signatureError{HeaderNonce, "has 16 to 64 characters and is used once only", "choose a new one for each call"}
}

// Apps are the callers whose keys are made in the console; ok is false for a key that may not be used.
type Apps interface {
	Caller(ctx context.Context, key string) (c people.Caller, ok bool, err error)
}

// Guard checks signatures.
type Guard struct {
	keys map[string]Key
	apps Apps // nil: there are none
	// prefix stands before the path that is signed: a call that is signed for one place is no call at another.
	prefix string
	now    func() time.Time

	mu     sync.Mutex
	nonces map[string]time.Time // used, with when they may be forgotten
	swept  time.Time
}

// NewGuard returns a guard that knows the given keys.
func NewGuard(keys []Key, now func() time.Time) *Guard {
	g := &Guard{keys: make(map[string]Key, len(keys)), now: now, nonces: make(map[string]time.Time)}
	for _, k := range keys {
		g.keys[k.ID] = k
	}
	return g
}

// Under returns a guard of the same keys for calls whose handler does not see the beginning of their path.
func (g *Guard) Under(prefix string) *Guard {
	return &Guard{keys: g.keys, apps: g.apps, now: g.now, prefix: prefix, nonces: make(map[string]time.Time)}
}

// Named returns the key that a call names, before it is known whether the call was signed with it.
func (g *Guard) Named(r *http.Request) (Key, bool, error) {
	return g.find(r.Context(), r.Header.Get(HeaderKey))
}

// UseApps lets apps in whose keys were made in the console, beside the keys that the guard began with.
func (g *Guard) UseApps(a Apps) { g.apps = a }

// find returns the key with an id, if it may be used.
func (g *Guard) find(ctx context.Context, id string) (Key, bool, error) {
	if key, ok := g.keys[id]; ok || g.apps == nil {
		return key, ok, nil
	}
	c, ok, err := g.apps.Caller(ctx, id)
	if err != nil || !ok {
		return Key{}, false, err
	}
	key := Key{ID: c.Key, Secret: c.Secret.Reveal(), Made: c.MadeAt, TrackingIDs: c.TrackingIDs, App: c.App, Organisation: c.Organisation.ID, Maker: c.MadeBy, Person: c.Person}
	key.viewer = people.Viewer{Person: c.Person, Name: c.Name, Organisation: c.Organisation, Role: c.Role, Session: "app " + c.App, App: c.App, Scopes: c.Scopes, TrackingIDs: c.TrackingIDs}
	for _, s := range c.Scopes {
		key.Scopes = append(key.Scopes, Scope(s))
	}
	switch o := c.Organisation; {
	case o.Kind == people.Operator:
	case o.Kind == people.Publisher && o.Publisher != "":
		key.Publisher = o.Publisher
	case o.Kind == people.Seller && o.ID != "" && len(o.Stores) > 0:
		key.Seller, key.Stores = o.ID, o.Stores
	default: // a key of nobody's would be the marketplace's
		return Key{}, false, nil
	}
	return key, true, nil
}

// timely refuses what cannot be a signed call before its body is read.
func (g *Guard) timely(r *http.Request) error {
	if r.Header.Get(HeaderKey) == "" || r.Header.Get(HeaderNonce) == "" || r.Header.Get(HeaderSignature) == "" || r.Header.Get(HeaderTime) == "" {
		return errNotSigned()
	}
	at, err := strconv.ParseInt(r.Header.Get(HeaderTime), 10, 64)
	if err != nil {
		return errTime()
	}
	if d := g.now().Sub(time.Unix(at, 0)); d > Skew || d < -Skew {
		return errTime()
	}
	return nil
}

// Check returns the key that signed a call. With an error it returns the key that the call names, if that is known.
func (g *Guard) Check(r *http.Request, body []byte) (*Key, error) {
	if err := g.timely(r); err != nil {
		return nil, err
	}
	id, nonce, sig := r.Header.Get(HeaderKey), r.Header.Get(HeaderNonce), r.Header.Get(HeaderSignature)
	at, err := strconv.ParseInt(r.Header.Get(HeaderTime), 10, 64)
	if err != nil {
		return nil, errTime()
	}
	key, known, err := g.find(r.Context(), id)
	if err != nil {
		return nil, fmt.Errorf("looking up the key %q: %w", id, err)
	}
	want := Sign(key.Secret, r.Method, g.prefix+r.URL.EscapedPath(), r.URL.Query(), at, nonce, body)
	// The comparison is made for unknown keys too, so that both take the same time.
	if fits := hmac.Equal([]byte(want), []byte(strings.ToLower(sig))); !fits || !known {
		if known {
			return &key, errUnknownKey()
		}
		return nil, errUnknownKey()
	}
	if len(nonce) < 16 || len(nonce) > 64 || !g.fresh(id+" "+nonce, g.now()) {
		return &key, errNonce()
	}
	return &key, nil
}

// fresh notes a nonce and reports whether it was not used before. One is remembered for as long as its call could be sent
// again.
func (g *Guard) fresh(nonce string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Sub(g.swept) > Skew {
		for n, until := range g.nonces {
			if now.After(until) {
				delete(g.nonces, n)
			}
		}
		g.swept = now
	}
	if _, used := g.nonces[nonce]; used {
		return false
	}
	g.nonces[nonce] = now.Add(2 * Skew)
	return true
}
