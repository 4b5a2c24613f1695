package store

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Endpoint is where a publisher's messages go (L9).
type Endpoint struct {
	Publisher string
	ID        string
	Kind      string   // postback: a GET of an address with macros; webhook: a signed POST
	Address   string   // of a postback with its macros
	Events    []string // those that it gets; empty: all
	Secrets   [][]byte // sealed, the newest first; of webhooks
	State     string   // on, off, or gone: it answered that it wants no more
	CreatedAt time.Time
	ChangedAt time.Time
}

// Delivery is a message on its way to an endpoint.
type Delivery struct {
	Publisher string
	Endpoint  string
	Message   string // its id
	JSON      []byte // what is told
	State     string // waiting, delivered or failed
	Attempts  int
	Next      time.Time // of a waiting one, when it is tried
	Status    int       // of the last answer; 0: there was none
	Error     string    // why the last attempt failed
	CreatedAt time.Time
	ChangedAt time.Time
}

// DeliveryFilter says which deliveries are meant. Publisher and Endpoint are always asked for; the others where they are given.
type DeliveryFilter struct {
	Publisher, Endpoint string
	Message             string // its id
	State               string
}

// ItemChange is a decision record together with what the one before said.
type ItemChange struct {
	Number    int64 // rises within a program
	Record    Record
	Before    bool // there was a record before
	Publisher string
	State     string
	Amount    int64
	Currency  money.Currency
}

// Postbacks are messages to publishers' own systems (L9).
type Postbacks interface {
	// PutEndpoint enters an endpoint or replaces the one with its publisher and id.
	PutEndpoint(ctx context.Context, e Endpoint) error
	// Endpoints returns the endpoints of a publisher, or all of them for "", by publisher and id.
	Endpoints(ctx context.Context, publisher string) ([]Endpoint, error)
	// Changes returns up to limit decision records of a program behind a number, in the order in which they were put, each with
	// the one of its item before it. Numbers become visible in their order.
	Changes(ctx context.Context, p program.ID, after int64, limit int) ([]ItemChange, error)
	// Cursor returns the number up to which a program's changes were turned into messages, 0 at first, and makes this transaction the
	// only one to have it until it ends; SetCursor stores it. It writes, so no view has it.
	Cursor(ctx context.Context, p program.ID) (int64, error)
	SetCursor(ctx context.Context, p program.ID, number int64) error
	// PutDeliveries enters deliveries or replaces those of the same endpoint and message.
	PutDeliveries(ctx context.Context, ds []Delivery) error
	// DueDeliveries returns up to limit waiting deliveries whose time has come, the earliest first.
	DueDeliveries(ctx context.Context, at time.Time, limit int) ([]Delivery, error)
	// DeliveryPage returns up to limit deliveries of a publisher to an endpoint that pass the filter, the newest first; after and next as
	// in all pages.
	DeliveryPage(ctx context.Context, f DeliveryFilter, after string, limit int) (ds []Delivery, next string, err error)
}
