// Package postback makes the messages that publishers' own systems get when something happens to their orders (L9): addresses with
// macros, signed bodies, and when they are tried again.
package postback

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Event is what happened, as a stable code.
type Event string

// The events.
const (
	Created    Event = "action.created"  // an order item was attributed to the publisher
	Changed    Event = "action.changed"  // its amount changed, or it may earn again
	Pending    Event = "action.pending"  // it was completed: its commission waits for the approval
	Approved   Event = "action.approved" // its commission was approved
	Declined   Event = "action.declined" // it earns nothing any more before it was approved
	Reversed   Event = "action.reversed" // an approved commission was taken back, as a whole or in part
	Lost       Event = "action.lost"     // a later touch or fact gave the item to somebody else
	PayoutPaid Event = "payout.paid"
	PayoutBack Event = "payout.returned" // the bank sent it back
	Test       Event = "test"            // nothing happened: somebody tries whether messages arrive
)

// Events are all events that an endpoint can choose. A test is sent on demand, whatever it chose.
func Events() []Event {
	return []Event{Created, Changed, Pending, Approved, Declined, Reversed, Lost, PayoutPaid, PayoutBack}
}

// Message is an event with what is told of it. Amounts are decimals of the currency.
type Message struct {
	ID         string    `json:"id"` // the same however often it is sent
	Event      Event     `json:"event"`
	At         time.Time `json:"at"`
	Program    string    `json:"program"`
	Publisher  string    `json:"publisher"`
	Order      string    `json:"order,omitempty"`
	Item       string    `json:"item,omitempty"`
	Version    int       `json:"version,omitempty"` // counts the decisions about the item: of two messages the greater one is newer
	State      string    `json:"state,omitempty"`
	Amount     string    `json:"amount,omitempty"`
	Before     string    `json:"amount_before,omitempty"`
	Currency   string    `json:"currency,omitempty"`
	AdSpace    string    `json:"ad_space,omitempty"`
	TrackingID string    `json:"tracking_id,omitempty"`
	Click      string    `json:"click,omitempty"`
	AF         string    `json:"af,omitempty"`
	CN         string    `json:"cn,omitempty"`
	CV         string    `json:"cv,omitempty"`
	DP         string    `json:"dp,omitempty"`
	Payout     string    `json:"payout,omitempty"`
}

// Trial is the message that tries an endpoint. It earns nothing and says of itself in every member that it is none, for receivers that do
// not look at the event.
func Trial(id, publisher string, at time.Time) Message {
	return Message{
		ID: id, Event: Test, At: at, Program: "test", Publisher: publisher, Order: "test-order", Item: "1", Version: 1, State: "tracked", Amount: "0.00", Currency: "USD", AdSpace: "test",
		TrackingID: "test", Click: "test", AF: "test", CN: "test", CV: "test", DP: "test",
	}
}

// Example is a message with something in the place of every macro but that of payouts, to show what an address becomes.
func Example() Message {
	return Message{
		ID: "evt_0q1a2b3c4d5e6f7g8h9i0j1k2l", Event: Approved, At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Program: "global-eu", Publisher: "your-id", Order: "8190214455", Item: "1", Version: 3,
		State: "approved", Amount: "1.25", Before: "1.30", Currency: "USD", AdSpace: "blog", TrackingID: "spring", Click: "clk_7h2k", AF: "newsletter 12", CN: "shoes", CV: "a", DP: "42",
	}
}

// Value is what stands in the place of a macro, before it is escaped.
func (m *Message) Value(macro string) string { return m.values()[macro] }

// values are the macros and what stands in their place.
func (m *Message) values() map[string]string {
	return map[string]string{
		"id": m.ID, "event": string(m.Event), "time": strconv.FormatInt(m.At.Unix(), 10), "program": m.Program, "publisher": m.Publisher, "order": m.Order, "item": m.Item,
		"version": strconv.Itoa(m.Version), "state": m.State, "amount": m.Amount, "amount_before": m.Before, "currency": m.Currency, "ad_space": m.AdSpace,
		"tracking_id": m.TrackingID, "click": m.Click, "af": m.AF, "cn": m.CN, "cv": m.CV, "dp": m.DP, "payout": m.Payout,
	}
}

// Macros are the names that may stand in braces in the address of a postback.
func Macros() []string {
	var m Message
	names := make([]string, 0, 24)
	for name := range m.values() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// A TemplateError says what is wrong with the address of a postback.
type TemplateError struct{ Reason string }

// Error is the reason.
func (e *TemplateError) Error() string { return e.Reason }

func bad(format string, args ...any) error { return &TemplateError{fmt.Sprintf(format, args...)} }

// Template is the address of a postback, read.
type Template struct {
	texts  []string // one more than macros
	macros []string
}

// ParseTemplate reads an address with macros: https, and no macro before the path, so that nothing an order holds decides whom we call.
func ParseTemplate(text string) (*Template, error) {
	if len(text) > 2000 {
		return nil, bad("it has %d characters, and 2,000 are the most", len(text))
	}
	if !strings.HasPrefix(text, "https://") {
		return nil, bad("it must begin with https://")
	}
	t := &Template{}
	known := Macros()
	rest := text
	for {
		before, after, found := strings.Cut(rest, "{")
		if strings.Contains(before, "}") {
			return nil, bad("a } has no { before it; write %%7D for a brace")
		}
		t.texts = append(t.texts, before)
		if !found {
			break
		}
		name, behind, closed := strings.Cut(after, "}")
		if !closed {
			return nil, bad("a { has no } behind it; write %%7B for a brace")
		}
		if !slices.Contains(known, name) {
			return nil, bad("there is no macro {%.40s}: there are {%s}", name, strings.Join(known, "}, {"))
		}
		t.macros = append(t.macros, name)
		rest = behind
	}
	head := strings.TrimPrefix(t.texts[0], "https://")
	if len(t.macros) > 0 && !strings.Contains(head, "/") {
		return nil, bad("macros may stand behind the host only: write https://host/ first")
	}
	u, err := url.Parse(strings.Join(t.texts, "x"))
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return nil, bad("it is no address: https://, a host, a path, no user and no fragment")
	}
	return t, nil
}

// Expand is the address for a message: what a macro stands for is escaped, so that it stays one value wherever it stands.
func (t *Template) Expand(m *Message) string {
	values := m.values()
	var b strings.Builder
	for i, text := range t.texts {
		b.WriteString(text)
		if i < len(t.macros) {
			b.WriteString(escape(values[t.macros[i]]))
		}
	}
	return b.String()
}

// escape leaves unreserved characters and writes all others as escapes, which is right in a path and in a query.
func escape(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
	return b.String()
}

// Prefix stands before the text of a webhook's secret.
const Prefix = "whsec_"

// Secret signs webhooks. It never prints.
type Secret struct{ key []byte }

// NewSecret returns the secret of 24 to 64 random bytes.
func NewSecret(key []byte) (Secret, error) {
	if len(key) < 24 || len(key) > 64 {
		return Secret{}, fmt.Errorf("a webhook's secret has 24 to 64 bytes, not %d", len(key))
	}
	return Secret{slices.Clone(key)}, nil
}

// Text is the secret as its owner gets it, once.
func (s Secret) Text() string { return Prefix + base64.StdEncoding.EncodeToString(s.key) }

// String hides the secret.
func (Secret) String() string { return "***" }

// GoString hides the secret.
func (Secret) GoString() string { return "***" }

// Sign is the signature of a webhook after the Standard Webhooks specification: HMAC-SHA256 over id, time and body, for each secret
// that is in force, the newest first.
func Sign(id string, at time.Time, body []byte, secrets ...Secret) string {
	signatures := make([]string, len(secrets))
	for i, s := range secrets {
		mac := hmac.New(sha256.New, s.key)
		fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
		mac.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signatures, " ")
}

// Attempts is how often a message is tried.
const Attempts = 10

// Wait is how long after a failed attempt, counted from 1, the next one is made; ok is false after the last one. From the first
// to the last attempt it is 75 hours and 35 minutes.
func Wait(attempt int) (wait time.Duration, ok bool) {
	waits := [...]time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
	if attempt < 1 || attempt > len(waits) {
		return 0, false
	}
	return waits[attempt-1], true
}

// Item is what a decision says of an item, as far as messages tell of it.
type Item struct {
	Publisher string
	State     string // tracked, pending, approved or declined
	Amount    int64  // minor units
}

// Between are the messages that a new decision about an item makes due: whom they are for and what happened. before is nil for the
// first one.
func Between(before *Item, now Item) []Due {
	var due []Due
	if before != nil && before.Publisher != "" && before.Publisher != now.Publisher {
		due = append(due, Due{before.Publisher, Lost})
	}
	if now.Publisher == "" {
		return due
	}
	if before == nil || before.Publisher != now.Publisher {
		due = append(due, Due{now.Publisher, Created})
		if now.State == "approved" || now.State == "declined" {
			due = append(due, Due{now.Publisher, ending(now.State)})
		}
		return due
	}
	approved := before.State == "approved"
	switch {
	case approved && (now.State != "approved" || now.Amount < before.Amount):
		due = append(due, Due{now.Publisher, Reversed})
	case now.State != before.State && (now.State == "approved" || now.State == "declined"):
		due = append(due, Due{now.Publisher, ending(now.State)})
	default:
		moved := now.State != before.State
		if moved && now.State == "pending" {
			due = append(due, Due{now.Publisher, Pending})
		}
		if now.Amount != before.Amount || moved && now.State != "pending" {
			due = append(due, Due{now.Publisher, Changed})
		}
	}
	return due
}

func ending(state string) Event {
	if state == "approved" {
		return Approved
	}
	return Declined
}

// Due is a message that is to be sent.
type Due struct {
	Publisher string
	Event     Event
}
