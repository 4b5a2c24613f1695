package store

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

// Desk is how the operator and those who work with it speak with each other (A6, A10, P5).
type Desk interface {
	Inquiries() Inquiries
	Announcements() Announcements
	Packs() Packs
	Cases() Cases
	// Addressees returns the people of an audience who can be written to, by id: those who proved to read their e-mail and are not
	// locked out. Somebody who acts for several of its organisations is returned once.
	Addressees(ctx context.Context, a Audience) ([]Addressee, error)
	// PutManager names the personal manager of a publisher, or of a seller's organisation, in the place of the one before.
	PutManager(ctx context.Context, m Manager) error
	// Manager returns the personal manager of a publisher or a seller's organisation, or ErrNotFound.
	Manager(ctx context.Context, asker Asker) (Manager, error)
}

// Asker is who asks the operator: a publisher, or a seller's organisation. One of the two is given.
type Asker struct {
	Publisher string // its id in programs
	Seller    string // the id of the seller's organisation
}

// Inquiry is a question to the operator with its conversation (A6). People call it a ticket, and its id is its number.
type Inquiry struct {
	ID int64
	Asker
	Kind        string // traffic_types, traffic_check, missing_order, payment, technical or other
	Subject     string
	Program     program.ID          // or empty
	Order       string              // or empty
	AdSpace     string              // or empty
	TrafficType program.TrafficType // of kind traffic_types: the one that is asked for
	State       string              // open, waiting (for the asker), answered, closed or reopened
	Verdict     string              // of kind traffic_types: agreed or refused; empty: not yet
	VerdictBy   string
	Assignee    string // the id of the person whose it is; empty: nobody's
	// The newest message of each side, and the newest one of the other that each has seen; messages count from 1, 0 is none.
	Messages                int // how many there are, notes included
	AskedLast, AnsweredLast int
	SeenByAsker, SeenByDesk int
	CreatedAt, ChangedAt    time.Time
	CreatedBy               string // the id of the person
}

// InquiryMessage is a message of an inquiry. Internal ones are notes among the operator's people.
type InquiryMessage struct {
	Inquiry  int64
	Number   int // from 1
	At       time.Time
	Person   string // id
	Name     string // as it was then
	FromDesk bool   // the operator wrote it
	Internal bool
	Text     string
}

// InquiryFilter selects inquiries; zero members select all.
type InquiryFilter struct {
	Asker
	State    string
	Turn     bool // those that wait for the operator: open and reopened
	Kind     string
	Assignee string
	Verdict  string
	Words    string // the subject holds it; letters A to Z match a to z, all others only themselves
	Oldest   bool   // the oldest first
}

// Inquiries are questions to the operator (A6).
type Inquiries interface {
	// Put enters an inquiry with id 0, or replaces one; it returns it with its id. Ids count from 1.
	Put(ctx context.Context, i Inquiry) (Inquiry, error)
	// Get returns an inquiry, or ErrNotFound. Hold does too, and makes this transaction the only one that changes inquiries until it ends.
	Get(ctx context.Context, id int64) (Inquiry, error)
	Hold(ctx context.Context, id int64) (Inquiry, error)
	// Page returns up to limit inquiries that match a filter, the newest first, or the oldest where the filter says so; after and
	// next as in all pages, of the same filter.
	Page(ctx context.Context, f InquiryFilter, after string, limit int) (is []Inquiry, next string, err error)
	// Waiting returns how many inquiries of an asker have an answer that was not seen; for nobody, how many wait for the operator.
	Waiting(ctx context.Context, a Asker) (int64, error)
	// Say adds a message. A number that the inquiry has already is ErrConflict.
	Say(ctx context.Context, m InquiryMessage) error
	// Messages returns all messages of an inquiry, by number; of one that is not there, none.
	Messages(ctx context.Context, inquiry int64) ([]InquiryMessage, error)
}

// Audience is to whom something is said.
type Audience struct {
	Kind    string     // everybody, publishers, sellers, operators, program, publisher, seller or person
	Program program.ID // of kind program: publishers with an ad space that joined it
	Asker              // of kinds publisher and seller
	Person  string     // of kind person: the id
}

// Addressee is somebody who can be written to.
type Addressee struct{ Person, Name, Email, Language string }

// Announcement is something that the operator tells many, or one (A10).
type Announcement struct {
	ID        int64
	Audience  Audience // not operators, not a person
	Titles    program.Text
	Texts     program.Text
	From, To  time.Time // when it is shown; To exclusive, zero: for good
	Pinned    bool
	MailAt    time.Time // when it is to be sent by e-mail; zero: it is not, or it was
	Withdrawn time.Time // zero: it was not
	CreatedAt time.Time
	CreatedBy string // the name of who wrote it
}

// Shown is an announcement as a person sees it.
type Shown struct {
	Announcement
	ReadAt time.Time // zero: not yet
}

// Reader is who reads announcements: a person who acts for an asker.
type Reader struct {
	Person string
	Asker
}

// Announcements are what the operator tells (A10).
type Announcements interface {
	// Put enters an announcement with id 0, or replaces one; it returns it with its id.
	Put(ctx context.Context, a Announcement) (Announcement, error)
	// Get returns an announcement, or ErrNotFound.
	Get(ctx context.Context, id int64) (Announcement, error)
	// Page returns up to limit announcements, the newest first; after and next as in all pages.
	Page(ctx context.Context, after string, limit int) (as []Announcement, next string, err error)
	// For returns up to limit announcements that a reader is to see at a time: pinned ones first, then the latest by From, then by id.
	For(ctx context.Context, r Reader, at time.Time, limit int) ([]Shown, error)
	// Unread returns how many of those the person has not read.
	Unread(ctx context.Context, r Reader, at time.Time) (int64, error)
	// MarkRead notes that a person read an announcement; the first time stays. One that is not there is ErrNotFound.
	MarkRead(ctx context.Context, id int64, person string, at time.Time) error
	// DueMail returns up to limit announcements whose MailAt has come and that were not withdrawn, the earliest first, then by id, and
	// makes this transaction the only one to have them until it ends. It writes, so no view has it.
	DueMail(ctx context.Context, at time.Time, limit int) ([]Announcement, error)
}

// Manager is the personal contact of a publisher or a seller (A10).
type Manager struct {
	Asker
	Name       string
	Email      string
	Messenger  string // how else the manager is reached; empty: not at all
	AssignedBy string
	AssignedAt time.Time
}

// BestSellers are the products that sold most for a market of a program (K5, P5).
type BestSellers struct {
	Program  program.ID
	Market   string    // a market of the program, or "" for all deliveries
	Month    string    // YYYY-MM: when they were computed for
	From, To time.Time // the orders that count; To exclusive
	Products []BestSeller
	MadeAt   time.Time
}

// BestSeller is a product that sold well.
type BestSeller struct {
	Product  string `json:"product"`
	Store    string `json:"store,omitempty"`
	Category string `json:"category,omitempty"`
	Orders   int64  `json:"orders"` // that have it and were not declined
}

// Pack is the welcome pack that was sent for an application that was accepted (P5).
type Pack struct {
	Application int64
	Program     program.ID
	Publisher   string
	AdSpace     string
	SentAt      time.Time
	Letters     int // how many people it was sent to
}

// Packs are what publishers are sent after they were accepted (P5).
type Packs interface {
	// PutBestSellers keeps the best-selling products of a market for a month, in the place of those before.
	PutBestSellers(ctx context.Context, b BestSellers) error
	// BestSellers returns those of a program's newest month, by market; none before the first month.
	BestSellers(ctx context.Context, p program.ID) ([]BestSellers, error)
	// Put notes that a pack was sent. A second one for the same application is ErrConflict.
	Put(ctx context.Context, p Pack) error
	// Of returns the packs of a publisher, the newest first.
	Of(ctx context.Context, publisher string) ([]Pack, error)
	// ListedStores returns all stores that are on a list, by id: their ids, names and lists.
	ListedStores(ctx context.Context) ([]*seller.Store, error)
}
