// Package accounts is the API of who acts for an organisation: members and API apps (A7), what was agreed to, and the audit log (I6). What
// is done here is done in the name of the person who answers for the app, with the role that the person has now, and an app gives nobody
// more than it has: see docs/api.md.
package accounts

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/export"
	"github.com/clickledger/clickledger/internal/rest/call"
)

// Area is what the operations lead to.
type Area struct {
	People *people.Service // nil: this is a sandbox, which has no accounts

	api *call.API
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	s.api = a
	policy := func(scope call.Scope, writes bool, needs ...people.Permission) call.Policy {
		return call.Policy{Scope: scope, Publishers: true, Sellers: true, Writes: writes, Needs: needs}
	}
	reads := policy(call.ScopeRead, false)
	members, apps := policy(call.ScopeRead, false, people.SeeMembers), policy(call.ScopeRead, false, people.SeeApps)
	invites, keys := policy(call.ScopeAccounts, true, people.ManageMembers), policy(call.ScopeAccounts, true, people.ManageApps)
	secret := keys
	secret.Secret = true
	log := call.Policy{Scope: call.ScopeRead, Needs: []people.Permission{people.SeeAudit}}
	call.Handle(a, "GET /v1/caller", "get-caller", "Whose key this is, and what it may do", reads, s.caller)
	call.Handle(a, "GET /v1/members", "list-members", "Who acts for the caller's organisation, and who is invited to", members, s.members)
	call.Handle(a, "POST /v1/invitations", "invite-member", "Invite somebody to act for the caller's organisation", invites, s.invite, described(headsOnly))
	call.Handle(a, "POST /v1/invitations/{invitation}/withdraw", "withdraw-invitation", "Take an invitation back", invites, s.uninvite)
	call.Handle(a, "PUT /v1/members/{person}/role", "set-member-role", "Give a member another role", invites, s.setRole, described(headsOnly))
	call.Handle(a, "POST /v1/members/{person}/remove", "remove-member", "Take a member out of the caller's organisation", invites, s.remove, described(headsOnly))
	call.Handle(a, "GET /v1/apps", "list-apps", "The API apps of the caller's organisation, without secrets", apps, s.apps)
	call.Handle(a, "GET /v1/apps/{app}/rejected-calls", "list-app-rejected-calls", "Calls of an app that were rejected, of each key the newest hundred", apps, s.rejected)
	call.Handle(a, "POST /v1/apps", "make-app", "Make an API app; its secret is shown once", secret, s.makeApp, described(noMore))
	call.Handle(a, "POST /v1/apps/{app}/keys", "rotate-app-key", "Give an app another key; those before it count for seven days more", secret, s.rotate, described(noMore))
	call.Handle(a, "POST /v1/apps:replace-keys", "replace-left-keys", "Give each app of which somebody who left knows a key another one; those that are known count for 24 hours more", secret, s.replace, described(noMore))
	call.Handle(a, "POST /v1/app-keys/{key}/revoke", "revoke-app-key", "End a key of an app at once", keys, s.revokeKey)
	call.Handle(a, "POST /v1/apps/{app}/revoke", "revoke-app", "End an app with all its keys at once", keys, s.revokeApp)
	call.Handle(a, "GET /v1/terms", "list-terms", "The versions of the network's terms, the newest first", reads, s.terms)
	call.Handle(a, "GET /v1/agreements", "list-agreements", "What the caller's organisation agreed to: who, which version, when", members, s.agreements)
	call.Handle(a, "GET /v1/audit-log", "list-audit-log", "What people and programs did, the newest first", log, s.log)
	call.Handle(a, "GET /v1/audit-log/csv", "export-audit-log", "What people and programs did, the newest first, as CSV of any length", log, s.logFile, func(op *huma.Operation) {
		op.Responses["200"] = &huma.Response{
			Description: "A line of names and a line for each entry. A cell that a spreadsheet would take for a formula has an apostrophe in front.",
			Content:     map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}},
		}
	})
	call.Handle(a, "GET /v1/audit-log/verification", "verify-audit-log", "Read the whole audit log, and say whether its chain holds", log, s.verify)
}

const (
	headsOnly = "A key does not invite, promote, demote or remove those whose role asks for a proof of who they are (owners; of the operator also admin and finance): whoever has a stolen key could give itself away to them, or shut them out. That is done in the console."
	noMore    = "An app gives no more than it has: neither a scope that it lacks nor, where its own tracking IDs are limited, others."
)

// described puts a description on an operation.
func described(text string) func(*huma.Operation) {
	return func(op *huma.Operation) { op.Description = text }
}

// viewer is the person who answers for the call.
func (s *Area) viewer(ctx context.Context) (people.Viewer, error) {
	if s.People == nil {
		return people.Viewer{}, call.NewProblem(call.NotFound, call.ProblemError{Reason: "a sandbox has no accounts", Fix: "make the call without /sandbox"})
	}
	return s.api.Viewer(ctx)
}

// refused is an error of the accounts as callers read it.
func refused(err error) error {
	var input *people.InputError
	switch {
	case errors.As(err, &input):
		t, e := call.InvalidParameter, call.ProblemError{Field: input.Field, Reason: "it is not valid: " + input.Code, Fix: call.FixParameter}
		switch input.Code {
		case "beyond":
			t, e.Reason, e.Fix = call.NotAllowed, "an app gives no more than it has itself", "ask for fewer, or use the console"
		case "proved":
			t, e.Reason, e.Fix = call.NotAllowed, "people with this role are managed by somebody who has just proved who they are", "do it in the console"
		case "last":
			t, e.Reason, e.Fix = call.Conflict, "somebody who can manage members must be left", "give another member the role first"
		case "member":
			t, e.Reason, e.Fix = call.Conflict, "this person is a member already", "read the members"
		case "many":
			t, e.Reason, e.Fix = call.Conflict, "there are as many as there may be", "take one away first"
		case "often":
			t, e.Reason, e.Fix = call.TooManyCalls, "there were e-mails to this address just now", "wait, and send the call again"
		case "unknown":
			e.Reason = "it is none that there is for this kind of organisation"
		case "email":
			e.Reason = "it is no e-mail address"
		case "empty":
			e.Reason = "something must stand here"
		case "long":
			e.Reason = "it is too long"
		case "characters":
			e.Reason = "it has characters that cannot be kept"
		}
		return call.NewProblem(t, e)
	case errors.Is(err, people.ErrForbidden):
		return call.NewProblem(call.NotFound, call.ProblemError{Reason: "the caller's organisation has nothing under this name, or the role of the app's person may not do this", Fix: "read the list first"})
	}
	return err
}

type callerOutput struct {
	Body struct {
		Key          string     `json:"key"`
		App          string     `json:"app,omitempty"`
		Scopes       []string   `json:"scopes" nullable:"false"`
		TrackingIDs  []string   `json:"tracking_ids" nullable:"false" doc:"Those that links may carry; none: any."`
		Organisation string     `json:"organisation,omitempty"`
		Name         string     `json:"name,omitempty" doc:"Of the organisation."`
		Kind         string     `json:"kind" enum:"publisher,seller,operator"`
		Publisher    string     `json:"publisher,omitempty"`
		Stores       []string   `json:"stores" nullable:"false" doc:"Of a seller."`
		Person       string     `json:"person,omitempty" doc:"Who answers for what is done with the key; none: nobody, and it moves no money."`
		Role         string     `json:"role,omitempty" doc:"Of that person, now."`
		Made         *time.Time `json:"made,omitempty"`
	}
}

func (s *Area) caller(ctx context.Context, _ *struct{}) (*callerOutput, error) {
	key := call.Of(ctx).Key
	out := &callerOutput{}
	b := &out.Body
	b.Key, b.App, b.TrackingIDs, b.Scopes = key.ID, key.App, append([]string{}, key.TrackingIDs...), []string{}
	for _, x := range key.Scopes {
		b.Scopes = append(b.Scopes, string(x))
	}
	b.Organisation, b.Publisher, b.Stores, b.Person, b.Made = key.Organisation, key.Publisher, append([]string{}, key.Stores...), key.Person, call.Time(key.Made)
	switch {
	case key.Publisher != "":
		b.Kind = string(people.Publisher)
	case key.Seller != "":
		b.Kind = string(people.Seller)
	default:
		b.Kind = string(people.Operator)
	}
	if v, err := s.api.Viewer(ctx); err == nil {
		b.Name, b.Role = v.Organisation.Name, string(v.Role)
	}
	return out, nil
}

type memberView struct {
	Person       string    `json:"person"`
	Name         string    `json:"name"`
	Email        string    `json:"email"`
	Role         string    `json:"role" enum:"owner,member,reader,reviewer,finance,admin"`
	Since        time.Time `json:"since"`
	SecondFactor bool      `json:"second_factor"`
	Keys         int       `json:"keys" doc:"Live API keys of the organisation whose secret the person was shown; 0 for who may not manage members."`
}

type invitationView struct {
	Invitation string    `json:"invitation"`
	Email      string    `json:"email"`
	Role       string    `json:"role" enum:"owner,member,reader,reviewer,finance,admin"`
	ExpiresAt  time.Time `json:"expires_at"`
}

type membersOutput struct {
	Body struct {
		Members     []memberView     `json:"members" nullable:"false"`
		Invitations []invitationView `json:"invitations" nullable:"false" doc:"Those that are open."`
	}
}

func (s *Area) members(ctx context.Context, _ *struct{}) (*membersOutput, error) {
	v, err := s.viewer(ctx)
	return s.are(ctx, v, err)
}

// are answers with the members, after something was done about them.
func (s *Area) are(ctx context.Context, v people.Viewer, err error) (*membersOutput, error) {
	if err != nil {
		return nil, refused(err)
	}
	all, invited, err := s.People.Members(ctx, v)
	if err != nil {
		return nil, refused(err)
	}
	out := &membersOutput{}
	out.Body.Members, out.Body.Invitations = []memberView{}, []invitationView{}
	for _, m := range all {
		out.Body.Members = append(out.Body.Members, memberView{m.Person, m.Name, m.Email, string(m.Role), m.Since, m.SecondFactor, m.Keys})
	}
	for _, i := range invited {
		out.Body.Invitations = append(out.Body.Invitations, invitationView{i.ID, i.Email, string(i.Role), i.ExpiresAt})
	}
	return out, nil
}

type inviteMemberInput struct {
	Body struct {
		Email string `json:"email" maxLength:"254"`
		Role  string `json:"role" enum:"owner,member,reader,reviewer,finance,admin" doc:"Of publishers and sellers owner, member, reader; of the operator admin, finance, reviewer."`
	}
}

func (s *Area) invite(ctx context.Context, in *inviteMemberInput) (*membersOutput, error) {
	v, err := s.viewer(ctx)
	if err == nil {
		err = s.People.Invite(ctx, v, in.Body.Email, people.Role(in.Body.Role))
	}
	return s.are(ctx, v, err)
}

type invitationInput struct {
	Invitation string `path:"invitation" maxLength:"100"`
}

func (s *Area) uninvite(ctx context.Context, in *invitationInput) (*membersOutput, error) {
	v, err := s.viewer(ctx)
	if err == nil {
		err = s.People.Withdraw(ctx, v, in.Invitation)
	}
	return s.are(ctx, v, err)
}

type memberRoleInput struct {
	Person string `path:"person" maxLength:"100"`
	Body   struct {
		Role string `json:"role" enum:"owner,member,reader,reviewer,finance,admin"`
	}
}

func (s *Area) setRole(ctx context.Context, in *memberRoleInput) (*membersOutput, error) {
	v, err := s.viewer(ctx)
	if err == nil {
		err = s.People.SetRole(ctx, v, in.Person, people.Role(in.Body.Role))
	}
	return s.are(ctx, v, err)
}

type removeInput struct {
	Person string `path:"person" maxLength:"100"`
	Keys   string `query:"keys" enum:"end,keep" default:"end" doc:"What becomes of the API keys that the person knows: they end at once, or are kept and listed as known to somebody who left."`
}

func (s *Area) remove(ctx context.Context, in *removeInput) (*membersOutput, error) {
	v, err := s.viewer(ctx)
	if err == nil {
		err = s.People.RemoveMember(ctx, v, in.Person, in.Keys != "keep")
	}
	return s.are(ctx, v, err)
}

type termsView struct {
	Version     int               `json:"version"`
	Texts       map[string]string `json:"texts" doc:"By language."`
	PublishedAt *time.Time        `json:"published_at,omitempty" doc:"None: the terms that hold until the operator publishes others."`
}

type termsOutput struct {
	Body struct {
		Terms []termsView `json:"terms" nullable:"false"`
	}
}

func (s *Area) terms(ctx context.Context, _ *struct{}) (*termsOutput, error) {
	out := &termsOutput{}
	out.Body.Terms = []termsView{}
	if s.People == nil {
		return out, nil
	}
	all, err := s.People.Terms(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		out.Body.Terms = append(out.Body.Terms, termsView{t.Version, t.Texts, call.Time(t.PublishedAt)})
	}
	return out, nil
}

type agreementView struct {
	Name     string    `json:"name" doc:"Of the person who agreed."`
	Document string    `json:"document" doc:"network, or a program."`
	Version  int       `json:"version"`
	At       time.Time `json:"at"`
}

type agreementsOutput struct {
	Body struct {
		Agreements []agreementView `json:"agreements" nullable:"false" doc:"The newest first."`
		Asks       bool            `json:"asks" doc:"The newest version of the network's terms waits for the app's person, who agrees in the console."`
	}
}

func (s *Area) agreements(ctx context.Context, _ *struct{}) (*agreementsOutput, error) {
	v, err := s.viewer(ctx)
	if err != nil {
		return nil, err
	}
	agreed, err := s.People.Agreed(ctx, v)
	if err != nil {
		return nil, refused(err)
	}
	out := &agreementsOutput{}
	out.Body.Agreements, out.Body.Asks = []agreementView{}, agreed.Asks
	for _, x := range agreed.All {
		out.Body.Agreements = append(out.Body.Agreements, agreementView(x))
	}
	return out, nil
}

// LogFilter selects entries of the audit log.
type LogFilter struct {
	Person string    `query:"person" maxLength:"100" doc:"The id of who did it."`
	Action string    `query:"action" maxLength:"100" doc:"Such as payout.approved; one that ends in a point selects all that begin so."`
	Object string    `query:"object" maxLength:"500" doc:"Kind and id, such as publisher ann."`
	From   time.Time `query:"from"`
	Before time.Time `query:"before" doc:"Exclusive."`
}

func (f *LogFilter) filter() people.AuditFilter {
	return people.AuditFilter{Person: f.Person, Action: f.Action, Object: f.Object, From: f.From, Before: f.Before}
}

type logInput struct {
	LogFilter
	After string `query:"after" maxLength:"8000" doc:"The next of the page before; none for the first page."`
}

type auditLogEntry struct {
	Entry        int64             `json:"entry" doc:"From 1, without gaps."`
	At           time.Time         `json:"at"`
	Person       string            `json:"person,omitempty"`
	Name         string            `json:"name,omitempty" doc:"Of the person."`
	Organisation string            `json:"organisation,omitempty"`
	Via          string            `json:"via" doc:"The session, app or command."`
	Network      string            `json:"network,omitempty"`
	Action       string            `json:"action"`
	Object       string            `json:"object"`
	Before       map[string]string `json:"before" doc:"What was changed, from what …"`
	Now          map[string]string `json:"after" doc:"… to what."`
	Reason       string            `json:"reason,omitempty"`
	Hash         []byte            `json:"hash" doc:"Of the entry and the one before it, SHA-256."`
}

type auditLogOutput struct {
	Body struct {
		Entries []auditLogEntry `json:"entries" nullable:"false"`
		Next    string          `json:"next,omitempty" doc:"The cursor of the next page; none on the last one. A page has fifty entries."`
	}
}

func (s *Area) log(ctx context.Context, in *logInput) (*auditLogOutput, error) {
	v, err := s.viewer(ctx)
	if err != nil {
		return nil, err
	}
	all, next, err := s.People.Audit(ctx, v, in.filter(), in.After)
	if err != nil {
		return nil, refused(err)
	}
	out := &auditLogOutput{}
	out.Body.Entries, out.Body.Next = []auditLogEntry{}, next
	names := make(map[string]string)
	for _, e := range all {
		if names[e.Person] == "" && e.Person != "" {
			names[e.Person] = s.People.NameOf(ctx, e.Person)
		}
		d := audit.Read(e)
		if d.Before == nil {
			d.Before = audit.Values{}
		}
		if d.After == nil {
			d.After = audit.Values{}
		}
		out.Body.Entries = append(out.Body.Entries, auditLogEntry{
			e.Sequence, e.At, e.Person, names[e.Person], e.Organisation, e.Via, e.Network, e.Action, e.Object, d.Before, d.After, d.Reason, e.Hash,
		})
	}
	return out, nil
}

// logFile is the log as a file: the rows that the console's file has.
func (s *Area) logFile(ctx context.Context, in *LogFilter) (*huma.StreamResponse, error) {
	v, err := s.viewer(ctx)
	if err != nil {
		return nil, err
	}
	return s.api.Stream(export.CSV.MediaType(), "audit-log.csv", func(ctx context.Context, to io.Writer) error {
		return export.AuditLog(to, func(after string) ([]people.AuditEntry, string, error) {
			all, next, err := s.People.Audit(ctx, v, in.filter(), after)
			return all, next, refused(err)
		}, func(person string) string { return s.People.NameOf(ctx, person) })
	}), nil
}

type verifyInput struct {
	Earlier string `query:"earlier" pattern:"^[0-9a-f]{64}$" maxLength:"64" doc:"The newest hash of an earlier answer, kept elsewhere: known says whether it still stands in the log."`
}

type auditVerificationOutput struct {
	Body struct {
		Holds   bool   `json:"holds"`
		Entries int64  `json:"entries"`
		Broken  int64  `json:"broken,omitempty" doc:"The first entry that is not what was written."`
		Newest  string `json:"newest" doc:"The hash of the last entry. Kept elsewhere, it shows later that nothing was cut off."`
		Known   bool   `json:"known" doc:"The earlier hash stands in the log."`
	}
}

func (s *Area) verify(ctx context.Context, in *verifyInput) (*auditVerificationOutput, error) {
	if _, err := s.viewer(ctx); err != nil {
		return nil, err
	}
	f, err := s.People.VerifyAudit(ctx, in.Earlier)
	if err != nil {
		return nil, err
	}
	out := &auditVerificationOutput{}
	b := &out.Body
	b.Holds, b.Entries, b.Broken, b.Newest, b.Known = f.Broken == 0, f.Entries, f.Broken, f.Newest, f.Known
	return out, nil
}
