package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Accounts are people, the organisations that they act for, and what is kept of their coming and going.
type Accounts interface {
	People() People
	Organisations() Organisations
	Sessions() Sessions
	Tickets() Tickets
	Callers
	Audit() Audit
	Outbox() Outbox
	Agreements() Agreements
	Traces() Traces
}

// Callers are the roles of those who call the API: the apps, and what of their calls was rejected.
type Callers interface {
	Apps() Apps
	Rejected() RejectedCalls
}

// Kind is what an organisation is in the business.
type Kind string

// The kinds of organisations.
const (
	KindPublisher Kind = "publisher"
	KindSeller    Kind = "seller"
	KindOperator  Kind = "operator"
)

// Role is what a person is in an organisation.
type Role string

// The roles: the first three of publishers and sellers, the others of operators.
const (
	RoleOwner    Role = "owner"
	RoleMember   Role = "member"
	RoleReader   Role = "reader"
	RoleReviewer Role = "reviewer"
	RoleFinance  Role = "finance"
	RoleAdmin    Role = "admin"
)

// Person is somebody who can sign in.
type Person struct {
	ID        string
	Email     string // as it is compared: lower case
	Name      string
	Language  string    // of pages and e-mails, as package explain names it
	Password  string    // argon2id in the PHC format; empty: none was set yet
	CheckedAt time.Time // when the person proved to read the e-mails; zero: not yet
	LockedAt  time.Time // when an operator locked the person out; zero: not locked
	CreatedAt time.Time
	ErasedAt  time.Time // when who it is was forgotten; zero: it was not
	// The second factor.
	TOTPSecret []byte    // sealed; empty: none
	TOTPSince  time.Time // from when on it is asked for; zero: it is being set up
	TOTPStep   int64     // the newest time step whose code was used, so that none is taken twice
	Recovery   []string  // hashes of the recovery codes that are left
	Passkeys   []Passkey // in the order in which they were made
}

// Passkey is a key pair of which a device, or a password manager, keeps the private half (WebAuthn).
type Passkey struct {
	ID        []byte    `json:"id"` // as the authenticator names it
	Name      string    `json:"name"`
	PublicKey []byte    `json:"public_key"` // COSE
	Counter   uint32    `json:"counter"`    // of signatures; one that does not rise is a copy's
	Synced    bool      `json:"synced"`     // it may live on several devices
	BackedUp  bool      `json:"backed_up"`
	Model     []byte    `json:"model,omitempty"` // AAGUID
	CreatedAt time.Time `json:"created_at"`
	UsedAt    time.Time `json:"used_at,omitzero"` // zero: not yet
}

// People are those who can sign in.
type People interface {
	// Hold makes this transaction the only one that changes the person with an id until it ends.
	Hold(ctx context.Context, id string) error
	// Put enters a person or replaces the one with the same id. An e-mail address that somebody else has is ErrConflict.
	Put(ctx context.Context, p Person) error
	// ByID returns the person with an id, or ErrNotFound.
	ByID(ctx context.Context, id string) (Person, error)
	// ByEmail returns the person with an e-mail address, or ErrNotFound.
	ByEmail(ctx context.Context, email string) (Person, error)
}

// Organisation is whom people act for: a publisher, a seller or the operator.
type Organisation struct {
	ID        string
	Kind      Kind
	Name      string
	Publisher string   // of a publisher: its id in programs, links and books
	Stores    []string // of a seller: the ids of its stores
	CreatedAt time.Time
	Profile   Profile // of a publisher, as it describes itself
}

// Profile is what a publisher says of itself (A1).
type Profile struct {
	Audience  string   `json:"audience,omitempty"` // whom it reaches
	Sources   string   `json:"sources,omitempty"`  // where its traffic comes from
	Methods   []string `json:"methods,omitempty"`  // how it promotes
	Languages []string `json:"languages,omitempty"`
	Countries []string `json:"countries,omitempty"` // its markets, ISO 3166-1
	Website   string   `json:"website,omitempty"`
	Contact   string   `json:"contact,omitempty"` // whom to write to
}

// OrganisationFilter selects organisations; zero members select all.
type OrganisationFilter struct {
	Kind       Kind
	IDs        []string // those with one of these ids
	Publishers []string // those that stand for one of these publishers
	Words      string   // those whose name holds it; letters A to Z match a to z, all others only themselves
}

// Membership says that a person acts for an organisation, and as what.
type Membership struct {
	Organisation string
	Person       string
	Role         Role
	Since        time.Time
}

// Organisations are whom people act for.
type Organisations interface {
	// Put enters an organisation or replaces the one with the same id. A publisher that another organisation stands for is ErrConflict.
	Put(ctx context.Context, o Organisation) error
	// ByID returns the organisation with an id, or ErrNotFound.
	ByID(ctx context.Context, id string) (Organisation, error)
	// Find returns up to limit organisations that match a filter, by id.
	Find(ctx context.Context, f OrganisationFilter, limit int) ([]Organisation, error)
	// OfKind returns all organisations of a kind, by id.
	OfKind(ctx context.Context, k Kind) ([]Organisation, error)
	// PutMember enters a membership or replaces the one of the same person and organisation; both must be there (ErrNotFound).
	PutMember(ctx context.Context, m Membership) error
	// RemoveMember ends a membership; one that is not there is ErrNotFound.
	RemoveMember(ctx context.Context, organisation, person string) error
	// Members returns the memberships of an organisation, by person.
	Members(ctx context.Context, organisation string) ([]Membership, error)
	// Of returns the memberships of a person, by the time they began, then by organisation.
	Of(ctx context.Context, person string) ([]Membership, error)
}

// Session is a person who signed in at a browser. Only a hash of what the browser shows is kept.
type Session struct {
	ID           string // hash of the token, in hex
	Person       string
	Organisation string    // for which the person acts; empty: for none yet
	CreatedAt    time.Time // when it began: its absolute limit counts from here
	SeenAt       time.Time // when it was used last: its idle limit counts from here
	ProvedAt     time.Time // when the person last proved who it is; zero: the second factor is still to come
	Network      string    // where it began
	Agent        string    // the browser
}

// Sessions are who is signed in.
type Sessions interface {
	// Put enters a session or replaces the one with the same id.
	Put(ctx context.Context, s Session) error
	// Get returns a session, or ErrNotFound.
	Get(ctx context.Context, id string) (Session, error)
	// Of returns the sessions of a person, the one used last first, then by id.
	Of(ctx context.Context, person string) ([]Session, error)
	// Remove ends a session and reports whether it was there.
	Remove(ctx context.Context, id string) (bool, error)
	// RemoveOf ends all sessions of a person but one (empty: all).
	RemoveOf(ctx context.Context, person, but string) error
	// RemoveBefore ends the sessions that began before a time, and those that were used last before another one.
	RemoveBefore(ctx context.Context, created, seen time.Time) error
}

// Ticket is a right that was sent to somebody as a link and can be used once. Only a hash of it is kept.
type Ticket struct {
	Hash         string // in hex
	Purpose      string
	Person       string // whose it is; empty: of whoever has it
	Email        string // to which it was sent
	Organisation string // of an invitation
	Role         Role   // of an invitation
	By           string // who made it
	CreatedAt    time.Time
	ExpiresAt    time.Time
	UsedAt       time.Time // zero: not yet
}

// Tickets are rights that can be used once.
type Tickets interface {
	// Put enters a ticket. A hash that is there already is ErrConflict.
	Put(ctx context.Context, t Ticket) error
	// Get returns a ticket, used or not, or ErrNotFound.
	Get(ctx context.Context, hash string) (Ticket, error)
	// Use marks a ticket used. One that is not there, is used already or has expired at that time is ErrNotFound; of two transactions
	// that use it at once, one only succeeds.
	Use(ctx context.Context, hash string, at time.Time) error
	// Open returns the tickets of a purpose for an organisation that are neither used nor expired at a time, by creation, then by hash.
	Open(ctx context.Context, purpose, organisation string, at time.Time) ([]Ticket, error)
	// Void ends all open tickets of a purpose for a person.
	Void(ctx context.Context, purpose, person string, at time.Time) error
	// Forget takes out the tickets that expired before a time, used or not, and returns how many there were.
	Forget(ctx context.Context, before time.Time) (int64, error)
}

// App is a program of an organisation that calls the API (A7).
type App struct {
	ID           string
	Organisation string
	Name         string
	Scopes       []string
	TrackingIDs  []string // those that its links may carry; none: any
	CreatedAt    time.Time
	CreatedBy    string
	RevokedAt    time.Time // zero: it may call
}

// AppKey is what an app signs with. An app may have several, so that one can follow another.
type AppKey struct {
	ID        string
	App       string
	Secret    []byte // sealed
	CreatedAt time.Time
	CreatedBy string    // who was shown the secret; empty: not known
	ExpiresAt time.Time // zero: never
}

// EndBy makes the key end at a time, where it would count longer, and reports whether it did.
func (k *AppKey) EndBy(at time.Time) bool {
	later := k.ExpiresAt.IsZero() || k.ExpiresAt.After(at)
	if later {
		k.ExpiresAt = at
	}
	return later
}

// Apps are the programs that call the API.
type Apps interface {
	// Put enters an app or replaces the one with the same id. An app never changes its organisation: that is ErrConflict.
	Put(ctx context.Context, a App) error
	// ByID returns an app, or ErrNotFound.
	ByID(ctx context.Context, id string) (App, error)
	// Of returns the apps of an organisation, by creation, then by id.
	Of(ctx context.Context, organisation string) ([]App, error)
	// PutKey enters a key or replaces the one with the same id; its app must be there (ErrNotFound).
	PutKey(ctx context.Context, k AppKey) error
	// Key returns a key, or ErrNotFound.
	Key(ctx context.Context, id string) (AppKey, error)
	// Keys returns the keys of an app, by creation, then by id.
	Keys(ctx context.Context, app string) ([]AppKey, error)
}

// RejectedCall is a call of the API that was not done, or not in full (I1). It has nothing of the call's body but what the answer said.
type RejectedCall struct {
	Key       string // id of the key that the call named
	At        time.Time
	Operation string
	Path      string // without the query
	Status    int    // of the answer
	Type      string // of the problem document; empty: single events were refused
	Refused   int    // how many events of the call were refused
	Errors    []CallError
}

// CallError is one thing that was wrong with a call.
type CallError struct {
	Line   int    `json:"line,omitempty"` // from 1; 0: no line
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason"`
	Fix    string `json:"fix"`
}

// RejectedCalls are the newest rejected calls of each key, for whoever builds against the API. The books need none of them.
type RejectedCalls interface {
	// Add enters calls in their order, and forgets of each key among them all but the newest.
	Add(ctx context.Context, calls []RejectedCall, keep int) error
	// Of returns up to limit calls of a key, the one entered last first.
	Of(ctx context.Context, key string, limit int) ([]RejectedCall, error)
	// Forget takes out the calls before a time and returns how many there were.
	Forget(ctx context.Context, before time.Time) (int64, error)
}

// AuditEntry is something that somebody did. Entries form a chain: each holds the hash of the one before.
type AuditEntry struct {
	Sequence     int64 // from 1, without gaps; Append gives it
	At           time.Time
	Person       string // who did it; empty: nobody who was signed in
	Organisation string // for whom
	Via          string // the session, app or command
	Network      string // from where
	Action       string // what, such as "password.changed"
	Object       string // to what, as kind and id
	Detail       string // more of it, as JSON; never a secret
	// Salt and Commitment keep the chain whole when what the detail says of a person is forgotten (ADR 0011): the chain runs over the
	// commitment, SHA-256 of salt and detail. Append gives both. A redacted entry has no salt, so nobody can try what its detail was.
	Salt, Commitment []byte
	Hash             []byte // SHA-256 of the entry and the hash before; Append gives it
}

// Commit returns the commitment to an entry's detail under its salt.
func (e *AuditEntry) Commit() []byte {
	sum := sha256.Sum256(append(append([]byte("clickledger audit detail\x00"), e.Salt...), e.Detail...))
	return sum[:]
}

// Redacted reports whether the detail is not what was written first.
func (e *AuditEntry) Redacted() bool { return len(e.Commitment) > 0 && len(e.Salt) == 0 }

// Chain returns the hash of an entry that follows one with a hash (none: it is the first). It is taken over all members but the salt, the
// detail and Hash, each text with its length in front, in the order in which they stand, and the hash before. Entries from before there
// were commitments have their detail in its place.
func (e *AuditEntry) Chain(before []byte) []byte {
	h := sha256.New()
	var number [8]byte
	write := func(n int64) {
		binary.BigEndian.PutUint64(number[:], uint64(n))
		h.Write(number[:])
	}
	text := func(s string) {
		write(int64(len(s)))
		h.Write([]byte(s))
	}
	version, last := "clickledger audit entry 2", string(e.Commitment)
	if len(e.Commitment) == 0 {
		version, last = "clickledger audit entry 1", e.Detail
	}
	text(version)
	text(string(before))
	write(e.Sequence)
	write(e.At.UnixMicro())
	for _, s := range [...]string{e.Person, e.Organisation, e.Via, e.Network, e.Action, e.Object, last} {
		text(s)
	}
	return h.Sum(nil)
}

// Audit is the log of what people did.
type Audit interface {
	// Append adds entries to the end of the chain and gives each its Sequence, Salt, Commitment and Hash.
	Append(ctx context.Context, entries []AuditEntry) error
	// Redact replaces the detail of an entry and forgets its salt. Commitment and hash stay. An entry that is not there is ErrNotFound, one
	// without a commitment ErrInvalid.
	Redact(ctx context.Context, sequence int64, detail string) error
	// After returns up to limit entries behind a sequence, in their order.
	After(ctx context.Context, sequence int64, limit int) ([]AuditEntry, error)
	// Page returns up to limit entries that match a filter, the newest first; after is the cursor that the page before returned, ""
	// for the first page; next is "" on the last one.
	Page(ctx context.Context, f AuditFilter, after string, limit int) (entries []AuditEntry, next string, err error)
}

// AuditFilter selects entries; zero members select all.
type AuditFilter struct {
	Person       string
	Organisation string
	Action       string // one that ends in "." selects all that begin so, such as "payout."
	Object       string
	From, Before time.Time // when it was done: from then on, and before then
}

// Mail is an e-mail on its way.
type Mail struct {
	ID        string // its Message-ID without the host, by which a second copy is known
	To        string
	Body      []byte // sealed: it may hold a link that opens an account. Empty once it is sent
	CreatedAt time.Time
	NextAt    time.Time // when it is to be sent; zero: it is sent or given up
	Attempts  int
	SentAt    time.Time // zero: not yet
	Failure   string    // of the newest attempt
}

// Outbox is the e-mail that is to be sent. It is written in the transaction of what it tells of, so both are or neither is.
type Outbox interface {
	// Put enters a mail or replaces the one with the same id.
	Put(ctx context.Context, m Mail) error
	// Due returns up to limit mails that are to be sent at or before a time, the earliest first, then by id.
	Due(ctx context.Context, at time.Time, limit int) ([]Mail, error)
	// Forget takes out the mails from before a time that are sent or given up, and returns how many there were.
	Forget(ctx context.Context, before time.Time) (int64, error)
}
