package store

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// Partners are the roles of those who take part in programs: publishers' ad spaces and sellers' stores.
type Partners interface {
	Joining() Joining
	Sellers() Sellers
}

// Linked are the roles of links: the links, and how they are looked after.
type Linked interface {
	Links() Links
	Care() Care
}

// Platform are the roles around the road of the money: what people make, see and manage.
type Platform interface {
	Linked
	Visits() Visits
	Reports() Reports
	Partners
	Postbacks() Postbacks
	Accounts() Accounts
	Desk() Desk
	// FactsVersion is a number that rises with every change of documents, ad spaces and exchange rates: whoever keeps them in memory
	// asks it whether they are still true.
	FactsVersion(ctx context.Context) (int64, error)
}

// Link is an affiliate link as it is kept (L1). Only its state, its substitute and its target change.
type Link struct {
	ID         int64 // 1 to link.MaxID
	Code       string
	Program    program.ID
	Publisher  string
	AdSpace    string
	TrackingID string
	Target     link.Target
	Substitute link.Target // where a dead, revoked or blocked link leads (L7); zero: the program's home page
	State      string      // live, dead, revoked or blocked
	CreatedAt  time.Time
	ChangedAt  time.Time
	// Change numbers the changes of all links, from 1: the link's newest one. The store gives it.
	Change int64
}

// Links are the affiliate links (L1).
type Links interface {
	// Reserve takes n ids that nobody else gets and returns the first of them; the others follow it.
	Reserve(ctx context.Context, n int) (first int64, err error)
	// Put enters links or replaces those with the same id, all of them or none, and gives each a Change that is greater than all
	// before. Changes become visible in their order, so whoever reads on from one misses none. A code that another link has is
	// ErrConflict.
	Put(ctx context.Context, links []Link) error
	// ByID returns the links with the given ids, by id; unknown ids are left out.
	ByID(ctx context.Context, ids []int64) ([]Link, error)
	// Changes returns up to limit links whose Change is greater than after, by Change: what an edge has not seen yet.
	Changes(ctx context.Context, after int64, limit int) ([]Link, error)
	// Page returns up to limit links that match a filter, the newest first; after is the cursor that the page before returned, ""
	// for the first page; next is "" on the last one.
	Page(ctx context.Context, f LinkFilter, after string, limit int) (links []Link, next string, err error)
}

// LinkFilter selects links; zero members select all.
type LinkFilter struct {
	Program    program.ID
	Publisher  string
	AdSpace    string
	TrackingID string
	State      string
}

// Visit is what an edge saw of a click beside what attribution looks at (L3).
type Visit struct {
	Program   program.ID
	Click     string // its id
	At        time.Time
	Publisher string
	Link      int64
	Reason    string // what the verdict rests on, or why the click led elsewhere; empty: nothing to say
	Flags     int    // further facts, bit by bit, as internal/edge/record numbers them
	Repeat    int    // how many clicks of this visitor on this link there were in the hour
	Consent   string // unknown, granted or denied
	Country   string // ISO 3166-1 alpha-2, empty: not known
	Device    string
	Agent     string // family of the browser or bot
	OS        string
	UserAgent string // the whole text, of clicks that were judged invalid only
	Referrer  string // host and path
	Network   string // the first 24 bits of an IPv4 address, the first 48 of an IPv6 address
}

// Visits are what edges saw of clicks, and how far their logs were read (L3).
type Visits interface {
	// Put keeps visits. One whose click is known is left as it is. Put them before their clicks and in one transaction with them: so
	// figures count each click once, by all that is known of it.
	Put(ctx context.Context, visits []Visit) error
	// Get returns the visit of a click, or ErrNotFound.
	Get(ctx context.Context, p program.ID, click string) (Visit, error)
	// Position returns the position that was stored for a log last; "" where there is none.
	Position(ctx context.Context, log string) (string, error)
	// SetPosition stores the position up to which a log was read: together with what was read, in one transaction.
	SetPosition(ctx context.Context, log, position string) error
}
