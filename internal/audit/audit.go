// Package audit writes down who did what, when, from where, from what to what, and why. It is how every use case notes in the log
// of package store what matters: money, rates, who is paid where, who is blocked, keys.
//
// Whoever lets somebody in says once who it is, in the context: the gate of the console and the guard of the API do, and the
// command line does for its commands. A use case then needs the context and its transaction only:
//
//	err := s.store.Update(ctx, func(tx store.Tx) error {
//		…                            // the effect
//		return audit.Note(ctx, tx, s.now(), audit.Act{
//			Action: "case.decided",  // kind of object, what happened to it in the past tense
//			Object: "case " + id,    // kind and id
//			Before: audit.Values{"state": "open"},
//			After:  audit.Values{"state": "deducted", "amount": "12.50 EUR"},
//			Reason: why,
//		})
//	})
//
// So the entry and the effect are committed together or not at all. Note it last in the transaction: from then on, until the
// transaction ends, others who write to the log wait. Values are for people who read the log: amounts with their currency, states,
// versions. Never put a secret there, and of bank accounts the end only: see Ending.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clickledger/clickledger/internal/store"
)

// By is who does something, and from where.
type By struct {
	Person       string // id; empty: nobody who was signed in
	Organisation string // id of the organisation for which it is done
	Via          string // the session, app or command
	Network      string // from where
	Maker        string // id of the person who made the key that an app calls with: who answers for its calls
}

// Who is the person who answers for what is done: who is signed in, or who made the key. Two-person rules go by it. Empty: nobody is
// known, as for commands.
func (b By) Who() string {
	if b.Person != "" {
		return b.Person
	}
	return b.Maker
}

// Ourselves is who does what nobody asked for: rules, schedules and jobs.
const Ourselves = "clickledger"

type key struct{}

// With returns a context in which somebody does something.
func With(ctx context.Context, by By) context.Context { return context.WithValue(ctx, key{}, by) }

// Of returns who does something in a context: clickledger itself where nobody was named.
func Of(ctx context.Context) By {
	if by, ok := ctx.Value(key{}).(By); ok {
		return by
	}
	return By{Via: Ourselves}
}

// Values are what of an object matters, as people read it.
type Values map[string]string

// Act is something that was done.
type Act struct {
	Action string // kind of object and what happened to it, such as "payout.approved"
	Object string // kind and id, such as "payout run 2026-05"
	// Before and After are what was changed, from what to what. What is the same in both is left out.
	Before, After Values
	Reason        string // why, in the words of who did it
}

// Detail is what an entry holds beside what it is found by, as it stands in store.AuditEntry.Detail.
type Detail struct {
	Before Values `json:"before,omitempty"`
	After  Values `json:"after,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// longest is how many bytes of a reason and of each value are kept.
const longest = 2000

// Note writes acts to the log, in the transaction of their effect.
func Note(ctx context.Context, tx store.Tx, at time.Time, acts ...Act) error {
	by := Of(ctx)
	entries := make([]store.AuditEntry, len(acts))
	for i, a := range acts {
		d := Detail{Before: Values{}, After: Values{}, Reason: clean(a.Reason, longest)}
		for k, v := range a.Before {
			if w, both := a.After[k]; !both || v != w {
				d.Before[k] = clean(v, longest)
			}
		}
		for k, v := range a.After {
			if w, both := a.Before[k]; !both || v != w {
				d.After[k] = clean(v, longest)
			}
		}
		detail, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("writing to the audit log: %w", err)
		}
		entries[i] = store.AuditEntry{
			At: at, Person: by.Person, Organisation: by.Organisation, Via: by.Via, Network: by.Network,
			Action: clean(a.Action, store.MaxKey), Object: clean(a.Object, store.MaxKey), Detail: string(detail),
		}
		if entries[i].Detail == "{}" {
			entries[i].Detail = ""
		}
	}
	return tx.Platform().Accounts().Audit().Append(ctx, entries)
}

// Read returns an entry's detail. Entries of accounts hold names and values; they come back as what is there afterwards.
func Read(e store.AuditEntry) Detail {
	var raw map[string]json.RawMessage
	var d Detail
	if json.Unmarshal([]byte(e.Detail), &raw) != nil {
		return d // there is none
	}
	for k, v := range raw {
		var all Values
		var one string
		switch {
		case k == "before" && json.Unmarshal(v, &all) == nil:
			d.Before = all
		case k == "after" && json.Unmarshal(v, &all) == nil:
			if d.After == nil {
				d.After = Values{}
			}
			for name, value := range all {
				d.After[name] = value
			}
		case json.Unmarshal(v, &one) != nil:
		case k == "reason":
			d.Reason = one
		default:
			if d.After == nil {
				d.After = Values{}
			}
			d.After[k] = one
		}
	}
	return d
}

// clean cuts a text to so many bytes and takes out what no database keeps.
func clean(text string, most int) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
	for len(text) > most {
		_, n := utf8.DecodeLastRuneInString(text[:most])
		text = text[:most-min(n, 3)]
	}
	return text
}

// Ending is what may be written of a bank account: its last four characters.
func Ending(account string) string {
	if len(account) <= 8 {
		return strings.Repeat("•", min(len(account), 4))
	}
	return "…" + account[len(account)-4:]
}

// Network is what is kept of a peer's address: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address.
func Network(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return ""
	}
	bits := 24
	a := at.Addr().Unmap().WithZone("")
	if a.Is6() {
		bits = 48
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}
