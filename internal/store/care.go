package store

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/program"
)

// Care is how links are looked after: audits of what publishers have (L6), and what is known of targets (L7).
type Care interface {
	Audits() Audits
	Targets() Targets
}

// AuditPlan says what is looked at and when (L6). The operator's own plans have no publisher: sweeps of a program's targets (L7).
type AuditPlan struct {
	Publisher string
	Subject   string    // what is looked at, such as "links", "space/blog" or "sweep/tr"
	Every     string    // daily, weekly, or "": when somebody asks for it
	Next      time.Time // when it is due; zero: not
	ChangedAt time.Time
}

// LinkAudit is what a look found.
type LinkAudit struct {
	ID        int64 // rises
	Publisher string
	Subject   string
	StartedAt time.Time
	EndedAt   time.Time
	Links     int      // how many were looked at
	Pages     int      // how many pages were read
	Notes     []string // stable codes of what was not looked at, and why
	Found     int      // how many findings there are, of which Findings has the first ones
	New       int      // of those, how many the audit before did not have
	Gone      int      // how many of the audit before are no more
	// Findings are returned by Audit and Latest only.
	Findings []AuditFinding
}

// AuditFinding is something that somebody should look at.
type AuditFinding struct {
	Code   string `json:"code"`             // stable
	Link   string `json:"link,omitempty"`   // the code of the link
	Page   string `json:"page,omitempty"`   // the page that it stands on
	Target string `json:"target,omitempty"` // where it leads
	Detail string `json:"detail,omitempty"` // what was seen, such as a status
	New    bool   `json:"new,omitempty"`    // the audit before did not have it
}

// Audits are looks at links and pages, and when they are taken (L6).
type Audits interface {
	// PutPlan enters a plan or replaces the one of its publisher and subject.
	PutPlan(ctx context.Context, p AuditPlan) error
	// Plans returns the plans of a publisher, by subject; those of the operator for "".
	Plans(ctx context.Context, publisher string) ([]AuditPlan, error)
	// TakePlans returns up to limit plans whose Next is at or before a time, the earliest first, and moves their Next to until: so
	// nobody else takes them meanwhile, and they come up again should whoever took them end. Of two transactions that take plans one
	// waits for the other. The plans come back as they were.
	TakePlans(ctx context.Context, at, until time.Time, limit int) ([]AuditPlan, error)
	// PutAudit enters an audit and returns it with its id.
	PutAudit(ctx context.Context, a LinkAudit) (LinkAudit, error)
	// Audit returns an audit, or ErrNotFound.
	Audit(ctx context.Context, id int64) (LinkAudit, error)
	// Latest returns the newest audit of a publisher and subject, or ErrNotFound.
	Latest(ctx context.Context, publisher, subject string) (LinkAudit, error)
	// AuditPage returns up to limit audits of a publisher ("": the operator's), without their findings, the newest first; after and
	// next as in all pages. An empty subject is all.
	AuditPage(ctx context.Context, publisher, subject, after string, limit int) (as []LinkAudit, next string, err error)
}

// Target is what is known of an address that links of a program lead to (L7).
type Target struct {
	Program   program.ID
	URL       string
	Status    int       // of the last answer; 0: there was none
	Error     string    // why there was none
	Failures  int       // definite ones in a row, at times that lie apart
	FailedAt  time.Time // of the last of those; zero: none
	CheckedAt time.Time
	Next      time.Time // when it is looked at again
}

// LinkChange is why the platform itself changed a link's state.
type LinkChange struct {
	Number     int64 // rises; PutChanges gives it
	Link       int64
	Code       string // of the link
	Program    program.ID
	At         time.Time
	From, To   string // states
	Cause      string // a stable code
	Detail     string // what was seen
	Substitute string // the address that was chosen to lead to instead; empty: none was chosen
}

// Targets are what is known of the addresses that links lead to, and what followed from it (L7).
type Targets interface {
	// Put enters targets or replaces those with the same program and address.
	Put(ctx context.Context, ts []Target) error
	// Get returns the targets of a program with the given addresses, each once, by address; unknown ones are left out.
	Get(ctx context.Context, p program.ID, urls []string) ([]Target, error)
	// PutChanges enters changes.
	PutChanges(ctx context.Context, cs []LinkChange) error
	// Changes returns the newest change of each of the given links, by link; links without one are left out.
	Changes(ctx context.Context, links []int64) ([]LinkChange, error)
	// ChangePage returns up to limit changes of links of a program (empty: all), the newest first; after and next as in all pages.
	ChangePage(ctx context.Context, p program.ID, after string, limit int) (cs []LinkChange, next string, err error)
	// Similar returns the ids of up to limit affiliate products of a category of the catalogue, those behind an id, by id.
	Similar(ctx context.Context, category, after string, limit int) ([]string, error)
}
