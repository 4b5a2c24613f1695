package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/trust"
)

// Data is everything that is kept of a person, as the person gets it. Nothing in it opens an account: no password, key, secret or link,
// nor a hash of one.
type Data struct {
	Format        string       `json:"format"` // names the form; a change of it that others must know of gets another name
	MadeAt        time.Time    `json:"made_at"`
	Person        Profile      `json:"person"`
	Memberships   []membership `json:"memberships"`
	Sessions      []session    `json:"sessions"`
	Agreements    []agreement  `json:"agreements"`
	Links         []sentLink   `json:"links_sent"`
	Mail          []mail       `json:"e_mail"`
	Apps          []app        `json:"api_apps_made"`
	Keys          []key        `json:"api_keys_shown"`
	Messages      []message    `json:"ticket_messages"`
	Announcements []mark       `json:"announcements_read"`
	Cases         []word       `json:"written_in_cases"`
	Files         []file       `json:"files_in_cases"`
	Proposals     []proposal   `json:"proposals"`
	Audit         []entry      `json:"audit_log"`
}

// Profile is who the person is.
type Profile struct {
	ID             string     `json:"id"`
	Email          string     `json:"email"`
	Name           string     `json:"name"`
	Language       string     `json:"language"`
	CreatedAt      time.Time  `json:"created_at"`
	EmailCheckedAt *time.Time `json:"email_checked_at,omitempty"`
	LockedAt       *time.Time `json:"locked_at,omitempty"`
	Password       bool       `json:"has_password"`
	SecondFactorOn *time.Time `json:"second_factor_since,omitempty"`
	RecoveryCodes  int        `json:"recovery_codes_left"`
	Passkeys       []passkey  `json:"passkeys"`
}

type passkey struct {
	Name      string     `json:"name"`
	CreatedAt time.Time  `json:"created_at"`
	UsedAt    *time.Time `json:"used_at,omitempty"`
	Synced    bool       `json:"synced"`
}

type membership struct {
	Organisation string    `json:"organisation"`
	Name         string    `json:"name"`
	Kind         string    `json:"kind"`
	Role         string    `json:"role"`
	Since        time.Time `json:"since"`
}

type session struct {
	BeganAt time.Time `json:"began_at"`
	SeenAt  time.Time `json:"last_used_at"`
	Network string    `json:"network"`
	Browser string    `json:"browser"`
}

type agreement struct {
	Organisation string    `json:"organisation"`
	Document     string    `json:"document"`
	Version      int       `json:"version"`
	At           time.Time `json:"at"`
	Network      string    `json:"network,omitempty"`
}

type sentLink struct {
	Purpose      string     `json:"purpose"`
	Email        string     `json:"email,omitempty"`
	Organisation string     `json:"organisation,omitempty"`
	Role         string     `json:"role,omitempty"`
	CreatedAt    time.Time  `json:"created_at"`
	ExpiresAt    time.Time  `json:"expires_at"`
	UsedAt       *time.Time `json:"used_at,omitempty"`
}

type mail struct {
	To        string     `json:"to"`
	CreatedAt time.Time  `json:"created_at"`
	SentAt    *time.Time `json:"sent_at,omitempty"`
	Failure   string     `json:"failure,omitempty"`
}

type app struct {
	ID           string    `json:"id"`
	Organisation string    `json:"organisation"`
	Name         string    `json:"name"`
	CreatedAt    time.Time `json:"created_at"`
}

type key struct {
	ID        string     `json:"id"`
	App       string     `json:"app"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

type message struct {
	Ticket   int64     `json:"ticket"`
	Number   int       `json:"number"`
	At       time.Time `json:"at"`
	Internal bool      `json:"internal,omitempty"`
	Text     string    `json:"text"`
}

type mark struct {
	Announcement int64     `json:"announcement"`
	At           time.Time `json:"at"`
}

type word struct {
	Case string    `json:"case"`
	What string    `json:"what"` // evidence, message, decision, appeal
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

type file struct {
	Case   string    `json:"case"`
	Number int       `json:"number"`
	Name   string    `json:"name"`
	Type   string    `json:"type"`
	Size   int64     `json:"size"`
	At     time.Time `json:"at"`
}

type proposal struct {
	ID     string    `json:"id"`
	What   string    `json:"what"`
	Did    string    `json:"did"` // proposed or decided
	At     time.Time `json:"at"`
	State  string    `json:"state"`
	Reason string    `json:"reason,omitempty"`
}

type entry struct {
	Entry   int64             `json:"entry"`
	At      time.Time         `json:"at"`
	ByYou   bool              `json:"by_you"`
	Via     string            `json:"via,omitempty"`     // of what you did
	Network string            `json:"network,omitempty"` // of what you did
	Action  string            `json:"action"`
	Object  string            `json:"object"`
	Before  map[string]string `json:"before,omitempty"`
	After   map[string]string `json:"after,omitempty"`
	Reason  string            `json:"reason,omitempty"`
}

func when(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// Export returns everything that is kept of the viewer, as JSON. It asks for a recent proof of who it is, and not for an app: whoever has a
// stolen session or key should not take a life along.
func (s *Service) Export(ctx context.Context, v people.Viewer) ([]byte, error) {
	switch {
	case v.Person == "" || v.App != "":
		return nil, people.ErrForbidden
	case !v.Proved(s.now()):
		return nil, people.ErrStepUp
	}
	return s.export(audit.With(ctx, by(v)), v.Person)
}

// ExportByCommand is Export from the command line of the machine, by the e-mail address.
func (s *Service) ExportByCommand(ctx context.Context, address string) ([]byte, error) {
	p, err := s.withAddress(ctx, address)
	if err != nil {
		return nil, err
	}
	return s.export(audit.With(ctx, audit.By{Via: "command line"}), p.ID)
}

func (s *Service) export(ctx context.Context, person string) ([]byte, error) {
	var out Data
	err := s.store.Update(ctx, func(tx store.Tx) (err error) {
		out = Data{Format: "clickledger person 1", MadeAt: s.now().UTC()}
		if err := audit.Note(ctx, tx, s.now(), audit.Act{Action: "person.exported", Object: "person " + person}); err != nil {
			return err
		}
		return out.read(ctx, tx.Platform().Accounts(), person)
	})
	if err != nil {
		return nil, fmt.Errorf("putting together what is kept of a person: %w", hidden(err))
	}
	b, err := json.MarshalIndent(&out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("putting together what is kept of a person: %w", err)
	}
	return append(b, '\n'), nil
}

// read fills in what is kept of a person. Lists are there when they are empty.
func (d *Data) read(ctx context.Context, a store.Accounts, id string) error {
	p, err := a.People().ByID(ctx, id)
	if err != nil {
		return err
	}
	d.Person = Profile{
		ID: p.ID, Email: p.Email, Name: p.Name, Language: p.Language, CreatedAt: p.CreatedAt, EmailCheckedAt: when(p.CheckedAt), LockedAt: when(p.LockedAt),
		Password: p.Password != "", SecondFactorOn: when(p.TOTPSince), RecoveryCodes: len(p.Recovery), Passkeys: []passkey{},
	}
	for _, k := range p.Passkeys {
		d.Person.Passkeys = append(d.Person.Passkeys, passkey{k.Name, k.CreatedAt, when(k.UsedAt), k.Synced})
	}
	d.Memberships, d.Sessions, d.Agreements = []membership{}, []session{}, []agreement{}
	members, err := a.Organisations().Of(ctx, id)
	if err != nil {
		return err
	}
	for _, m := range members {
		o, err := a.Organisations().ByID(ctx, m.Organisation)
		if err != nil {
			return err
		}
		d.Memberships = append(d.Memberships, membership{o.ID, o.Name, string(o.Kind), string(m.Role), m.Since})
	}
	sessions, err := a.Sessions().Of(ctx, id)
	if err != nil {
		return err
	}
	for _, x := range sessions {
		d.Sessions = append(d.Sessions, session{x.CreatedAt, x.SeenAt, x.Network, x.Agent})
	}
	agreed, err := a.Agreements().Accepted(ctx, "", id)
	if err != nil {
		return err
	}
	for _, x := range agreed {
		d.Agreements = append(d.Agreements, agreement{x.Organisation, x.Document, x.Version, x.At, x.Network})
	}
	trace, err := a.Traces().Of(ctx, id, p.Email)
	if err != nil {
		return err
	}
	if err := d.trace(&trace, id); err != nil {
		return err
	}
	return d.log(ctx, a.Audit(), id)
}

// trace fills in what is kept beside the account.
func (d *Data) trace(t *store.Trace, id string) error {
	d.Links, d.Mail, d.Apps, d.Keys, d.Messages = []sentLink{}, []mail{}, []app{}, []key{}, []message{}
	d.Announcements, d.Cases, d.Files, d.Proposals = []mark{}, []word{}, []file{}, []proposal{}
	for _, x := range t.Tickets {
		d.Links = append(d.Links, sentLink{x.Purpose, x.Email, x.Organisation, string(x.Role), x.CreatedAt, x.ExpiresAt, when(x.UsedAt)})
	}
	for _, x := range t.Mail {
		d.Mail = append(d.Mail, mail{x.To, x.CreatedAt, when(x.SentAt), x.Failure})
	}
	for _, x := range t.Apps {
		d.Apps = append(d.Apps, app{x.ID, x.Organisation, x.Name, x.CreatedAt})
	}
	for _, x := range t.Keys {
		d.Keys = append(d.Keys, key{x.ID, x.App, x.CreatedAt, when(x.ExpiresAt)})
	}
	for _, x := range t.Messages {
		d.Messages = append(d.Messages, message{x.Inquiry, x.Number, x.At, x.Internal, x.Text})
	}
	for _, x := range t.Read {
		d.Announcements = append(d.Announcements, mark{x.Announcement, x.At})
	}
	for _, x := range t.Files {
		d.Files = append(d.Files, file{x.Case, x.Number, x.Name, x.Type, x.Size, x.At})
	}
	for _, x := range t.Proposed {
		if x.ProposedBy == id {
			d.Proposals = append(d.Proposals, proposal{x.ID, x.Kind + " " + x.Object, "proposed", x.ProposedAt, x.State, x.Why})
		}
		if x.DecidedBy == id {
			d.Proposals = append(d.Proposals, proposal{x.ID, x.Kind + " " + x.Object, "decided", x.DecidedAt, x.State, x.Reason})
		}
	}
	for _, row := range t.Cases {
		var c trust.Case
		if err := json.Unmarshal(row.JSON, &c); err != nil {
			return fmt.Errorf("reading case %s: %w", row.ID, err)
		}
		d.Cases = append(d.Cases, words(&c, id)...)
	}
	return nil
}

// words are what a person wrote in a case. What others wrote there about the person is not among them: it is theirs, and may be about a suspicion
// that is still looked into.
func words(c *trust.Case, id string) (all []word) {
	for _, e := range c.Evidence {
		if e.By == id {
			all = append(all, word{c.ID, "evidence", e.At, e.Text})
		}
	}
	for _, m := range c.Messages {
		if m.By == id {
			all = append(all, word{c.ID, "message", m.At, m.Text})
		}
	}
	if r := c.Ruling; r != nil && r.By == id {
		all = append(all, word{c.ID, "decision", r.At, r.Note})
	}
	if x := c.Appeal; x != nil {
		if x.By == id {
			all = append(all, word{c.ID, "appeal", x.At, x.Text})
		}
		if x.DecidedBy == id {
			all = append(all, word{c.ID, "decision", x.DecidedAt, x.Note})
		}
	}
	return all
}

// log fills in what the person did, and what was done to the account. Who else did it, and from where, is not the person's.
func (d *Data) log(ctx context.Context, log store.Audit, id string) error {
	d.Audit = []entry{}
	for _, f := range []store.AuditFilter{{Person: id}, {Object: "person " + id}} {
		for after := ""; ; {
			some, next, err := log.Page(ctx, f, after, 1000)
			if err != nil {
				return err
			}
			for _, e := range some {
				detail := audit.Read(e)
				x := entry{e.Sequence, e.At, e.Person == id, e.Via, e.Network, e.Action, e.Object, detail.Before, detail.After, detail.Reason}
				if !x.ByYou {
					x.Via, x.Network = "", ""
				} else if f.Person == "" {
					continue // it came with the first filter
				}
				d.Audit = append(d.Audit, x)
			}
			if after = next; next == "" {
				break
			}
		}
	}
	slices.SortFunc(d.Audit, func(a, b entry) int { return int(a.Entry - b.Entry) })
	return nil
}
