package store

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/program"
)

// Place is an ad space as its publisher describes it (A1): where clicks are to come from. It is nobody's fact before it joins a
// program; then an ad space of the facts stands for it.
type Place struct {
	Publisher   string
	ID          string // what programs call the ad space; of one publisher
	Kind        string // website, blog, social, messenger, app, extension, cashback, dropshipping, subnetwork, video, email or other
	Name        string
	URL         string
	TrafficType program.TrafficType
	Languages   []string // ISO 639-1
	Countries   []string // ISO 3166-1 alpha-2
	Description string
	TrackingIDs []string
	Proof       string    // the secret text that shows who owns the URL
	VerifiedAt  time.Time // zero: not yet
	VerifiedBy  string    // meta, file or dns
	CreatedAt   time.Time
}

// Application is an ad space's wish to join a program (A2), newest state.
type Application struct {
	ID        int64
	Program   program.ID
	Publisher string
	Place     string
	State     string // pending, question, approved or declined
	Reason    string // code of the program's list, of a declined one
	Note      string // what the reviewer wrote, or why it was decided by rule
	CreatedAt time.Time
	ChangedAt time.Time
	ChangedBy string // who decided; "rule" where the program's rules did
}

// ApplicationFilter selects applications; zero members select all.
type ApplicationFilter struct {
	Program   program.ID
	Publisher string
	State     string
	Oldest    bool // the oldest first
}

// SubPublisher is a publisher under a subnetwork (A8), as the subnetwork describes it. In the programs that its parent joined, an ad
// space of the subnetwork stands for it, under its id.
type SubPublisher struct {
	Publisher   string // the subnetwork
	ID          string
	Parent      string // the subnetwork's ad space that it works under
	Name        string
	Site        string
	TrafficType program.TrafficType // its own; programs treat it as the subnetwork's
	Note        string
	CreatedAt   time.Time
	BlockedAt   time.Time // zero: not blocked
	BlockedBy   string
	Reason      string // of the block
}

// Joining are ad spaces as publishers describe them, and their applications (A1, A2).
type Joining interface {
	// PutPlace enters a place or replaces the one with its publisher and id.
	PutPlace(ctx context.Context, p Place) error
	// Places returns the places of a publisher, by id.
	Places(ctx context.Context, publisher string) ([]Place, error)
	// PutApplication enters an application with id 0, or replaces one; it returns it with its id. A second one that is open
	// (pending, question or approved) for the same program and place is ErrConflict.
	PutApplication(ctx context.Context, a Application) (Application, error)
	// Application returns an application, or ErrNotFound.
	Application(ctx context.Context, id int64) (Application, error)
	// Applications returns up to limit applications that match a filter, the newest first, or the oldest where the filter says so; after
	// and next as in all pages, of the same filter.
	Applications(ctx context.Context, f ApplicationFilter, after string, limit int) (as []Application, next string, err error)
	// PutSubPublishers enters sub-publishers or replaces those with the same publisher and id; of several in one call the last counts.
	PutSubPublishers(ctx context.Context, subs []SubPublisher) error
	// SubPublishers returns the sub-publishers of a subnetwork, by id.
	SubPublishers(ctx context.Context, publisher string) ([]SubPublisher, error)
}
