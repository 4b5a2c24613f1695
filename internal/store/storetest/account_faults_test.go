package storetest_test

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

// platformWith is the platform's roles with other accounts.
type platformWith struct {
	store.Platform
	accounts store.Accounts
}

func (p *platformWith) Accounts() store.Accounts { return p.accounts }

// accountFaults are the roles of accounts with their faults. It embeds the sound ones.
type accountFaults struct {
	store.Accounts
	people        func(store.People) store.People
	organisations func(store.Organisations) store.Organisations
	sessions      func(store.Sessions) store.Sessions
	tickets       func(store.Tickets) store.Tickets
	apps          func(store.Apps) store.Apps
	rejected      func(store.RejectedCalls) store.RejectedCalls
	audit         func(store.Audit) store.Audit
	outbox        func(store.Outbox) store.Outbox
	agreements    func(store.Agreements) store.Agreements
	traces        func(store.Traces) store.Traces
}

func (a *accountFaults) People() store.People { return through(a.people, a.Accounts.People()) }
func (a *accountFaults) Organisations() store.Organisations {
	return through(a.organisations, a.Accounts.Organisations())
}
func (a *accountFaults) Sessions() store.Sessions { return through(a.sessions, a.Accounts.Sessions()) }
func (a *accountFaults) Tickets() store.Tickets   { return through(a.tickets, a.Accounts.Tickets()) }
func (a *accountFaults) Apps() store.Apps         { return through(a.apps, a.Accounts.Apps()) }
func (a *accountFaults) Rejected() store.RejectedCalls {
	return through(a.rejected, a.Accounts.Rejected())
}
func (a *accountFaults) Audit() store.Audit   { return through(a.audit, a.Accounts.Audit()) }
func (a *accountFaults) Outbox() store.Outbox { return through(a.outbox, a.Accounts.Outbox()) }

func (a *accountFaults) Agreements() store.Agreements {
	return through(a.agreements, a.Accounts.Agreements())
}

func (a *accountFaults) Traces() store.Traces { return through(a.traces, a.Accounts.Traces()) }

func inAccounts(f accountFaults) func(store.Store) *broken {
	return role(func(_ store.Store, tx *brokenTx) {
		f := f
		sound := tx.Tx.Platform()
		f.Accounts = sound.Accounts()
		tx.platform = &platformWith{sound, &f}
	})
}

// The faults, each a role of which one method is wrong.

type cutsNothing struct{ store.Audit }

func (cutsNothing) Redact(context.Context, int64, string) error { return nil }

type showsAll struct{ store.Traces }

func (t showsAll) Of(ctx context.Context, person, email string) (store.Trace, error) {
	one, err := t.Traces.Of(ctx, person, email)
	other, err2 := t.Traces.Of(ctx, "per2", "per2@example.org")
	one.Messages = append(one.Messages, other.Messages...)
	return one, errors.Join(err, err2)
}

type forgetsEverybody struct{ store.Traces }

func (t forgetsEverybody) Forget(ctx context.Context, person, email string) (int64, error) {
	n, err := t.Traces.Forget(ctx, person, email)
	_, err2 := t.Traces.Forget(ctx, "per2", "per2@example.org")
	return n, errors.Join(err, err2)
}

type forgetsNobody struct{ store.Traces }

func (forgetsNobody) Forget(context.Context, string, string) (int64, error) { return 8, nil }

type rewritesNothing struct{ store.Traces }

func (rewritesNothing) Rewrite(context.Context, []string, func(string) string) (int64, error) {
	return 14, nil
}

type closesNothing struct{ store.Traces }

func (closesNothing) ClosePublisher(context.Context, string) error { return nil }

type foldsEmails struct{ store.People }

func (p foldsEmails) ByEmail(ctx context.Context, email string) (store.Person, error) {
	return p.People.ByEmail(ctx, fold(email))
}

type holdsNobody struct{ store.People }

func (holdsNobody) Hold(context.Context, string) error { return nil }

func (p holdsNobody) ByID(ctx context.Context, id string) (store.Person, error) {
	found, err := p.People.ByID(ctx, id)
	found.TOTPStep = 58_000_000 // as if all had read before the first one wrote
	return found, err
}

type givesEmailsAway struct{ store.People }

func (p givesEmailsAway) Put(ctx context.Context, person store.Person) error {
	if other, err := p.People.ByEmail(ctx, person.Email); err == nil && other.ID != person.ID {
		other.Email += " (old)"
		return errors.Join(p.People.Put(ctx, other), p.People.Put(ctx, person))
	}
	return p.People.Put(ctx, person)
}

type cleansTexts struct{ store.People }

func (p cleansTexts) Put(ctx context.Context, person store.Person) error {
	person.Name = strings.ToValidUTF8(strings.ReplaceAll(person.Name, "\x00", ""), "")
	return p.People.Put(ctx, person)
}

type sharesPublishers struct{ store.Organisations }

func (o sharesPublishers) Put(ctx context.Context, v store.Organisation) error {
	return swallow(o.Organisations.Put(ctx, v), store.ErrConflict)
}

type takesStrangers struct{ store.Organisations }

func (o takesStrangers) PutMember(ctx context.Context, m store.Membership) error {
	return swallow(o.Organisations.PutMember(ctx, m), store.ErrNotFound)
}

type endsAll struct{ store.Sessions }

func (s endsAll) RemoveOf(ctx context.Context, person, _ string) error {
	return s.Sessions.RemoveOf(ctx, person, "")
}

type usesAgain struct{ store.Tickets }

func (t usesAgain) Use(ctx context.Context, hash string, at time.Time) error {
	return swallow(t.Tickets.Use(ctx, hash, at), store.ErrNotFound)
}

type voidsNothing struct{ store.Tickets }

func (voidsNothing) Void(context.Context, string, string, time.Time) error { return nil }

type findsAll struct{ store.Organisations }

func (o findsAll) Find(ctx context.Context, f store.OrganisationFilter, limit int) ([]store.Organisation, error) {
	f.Words = ""
	return o.Organisations.Find(ctx, f, limit)
}

type forgetsOpen struct{ store.Tickets }

func (t forgetsOpen) Forget(ctx context.Context, before time.Time) (int64, error) {
	return t.Tickets.Forget(ctx, before.Add(time.Hour))
}

type sellsApps struct{ store.Apps }

func (a sellsApps) Put(ctx context.Context, v store.App) error {
	return swallow(a.Apps.Put(ctx, v), store.ErrConflict)
}

type keepsAllCalls struct{ store.RejectedCalls }

func (c keepsAllCalls) Add(ctx context.Context, calls []store.RejectedCall, _ int) error {
	return c.RejectedCalls.Add(ctx, calls, 1_000_000)
}

type keepsOneCall struct{ store.RejectedCalls }

func (c keepsOneCall) Add(ctx context.Context, calls []store.RejectedCall, keep int) error {
	return c.RejectedCalls.Add(ctx, calls[:min(1, len(calls))], keep)
}

// liesOfOne returns an entry with another detail than it was written with.
type liesOfOne struct{ store.Audit }

func (a liesOfOne) After(ctx context.Context, sequence int64, limit int) ([]store.AuditEntry, error) {
	es, err := a.Audit.After(ctx, sequence, limit)
	if len(es) > 1 {
		es[1].Detail = "{}"
	}
	return es, err
}

type pagesWithoutEnd struct{ store.Audit }

func (a pagesWithoutEnd) Page(ctx context.Context, f store.AuditFilter, _ string, limit int) ([]store.AuditEntry, string, error) {
	f.Action = ""
	es, _, err := a.Audit.Page(ctx, f, "", limit)
	return es, "", err
}

type forgetsWaiting struct{ store.Outbox }

func (o forgetsWaiting) Forget(ctx context.Context, before time.Time) (int64, error) {
	due, err := o.Due(ctx, before.AddDate(1, 0, 0), 100)
	for _, m := range due {
		m.NextAt = time.Time{}
		err = errors.Join(err, o.Put(ctx, m))
	}
	n, err2 := o.Outbox.Forget(ctx, before)
	return n, errors.Join(err, err2)
}

type sendsAgain struct{ store.Outbox }

func (o sendsAgain) Put(ctx context.Context, m store.Mail) error {
	if m.NextAt.IsZero() {
		m.NextAt = m.CreatedAt
	}
	return o.Outbox.Put(ctx, m)
}

// changesTerms says that another text was published under a version that is there.
type changesTerms struct{ store.Agreements }

func (g changesTerms) PutTerms(ctx context.Context, t store.NetworkTerms) error {
	return swallow(g.Agreements.PutTerms(ctx, t), store.ErrConflict)
}

// agreesAgain shows the time of today with what was agreed to long ago.
type agreesAgain struct{ store.Agreements }

func (g agreesAgain) Accepted(ctx context.Context, organisation, person string) ([]store.Acceptance, error) {
	all, err := g.Agreements.Accepted(ctx, organisation, person)
	for i := range all {
		all[i].At = all[0].At
	}
	return all, err
}

type decidesAgain struct{ store.Agreements }

func (g decidesAgain) PutProposal(ctx context.Context, p store.Proposal) error {
	return swallow(g.Agreements.PutProposal(ctx, p), store.ErrConflict)
}

func accountFaultList() []fault {
	people := func(p func(store.People) store.People) func(store.Store) *broken {
		return inAccounts(accountFaults{people: p})
	}
	return []fault{
		{name: "compares e-mail addresses without their case", caught: []string{"a person comes back"},
			break_: people(func(p store.People) store.People { return foldsEmails{p} })},
		{name: "gives an e-mail address to whoever asks last", caught: []string{"no two people have one e-mail address"},
			break_: people(func(p store.People) store.People { return givesEmailsAway{p} })},
		{name: "holds nobody", caught: []string{"Hold makes others wait"}, break_: people(func(p store.People) store.People { return holdsNobody{p} })},
		{name: "keeps what is left of bad text", caught: []string{"values of accounts that one engine cannot keep"},
			break_: people(func(p store.People) store.People { return cleansTexts{p} })},
		{name: "lets two organisations stand for a publisher", caught: []string{"an organisation comes back"},
			break_: inAccounts(accountFaults{organisations: func(o store.Organisations) store.Organisations { return sharesPublishers{o} }})},
		{name: "takes members who are not there", caught: []string{"a membership joins those who are there"},
			break_: inAccounts(accountFaults{organisations: func(o store.Organisations) store.Organisations { return takesStrangers{o} }})},
		{name: "ends the session that was to stay", caught: []string{"sessions are kept, listed and ended"},
			break_: inAccounts(accountFaults{sessions: func(s store.Sessions) store.Sessions { return endsAll{s} }})},
		{name: "lets a ticket be used again", caught: []string{"a ticket is used once"},
			break_: inAccounts(accountFaults{tickets: func(t store.Tickets) store.Tickets { return usesAgain{t} }})},
		{name: "finds organisations by any name", caught: []string{"an organisation comes back"},
			break_: inAccounts(accountFaults{organisations: func(o store.Organisations) store.Organisations { return findsAll{o} }})},
		{name: "forgets tickets that are open", caught: []string{"a ticket is used once"},
			break_: inAccounts(accountFaults{tickets: func(t store.Tickets) store.Tickets { return forgetsOpen{t} }})},
		{name: "voids no ticket", caught: []string{"tickets are listed and voided"},
			break_: inAccounts(accountFaults{tickets: func(t store.Tickets) store.Tickets { return voidsNothing{t} }})},
		{name: "says that an app changed hands", caught: []string{"apps and their keys are kept"},
			break_: inAccounts(accountFaults{apps: func(a store.Apps) store.Apps { return sellsApps{a} }})},
		{name: "keeps rejected calls for ever", caught: []string{"rejected calls are kept of each key"},
			break_: inAccounts(accountFaults{rejected: func(c store.RejectedCalls) store.RejectedCalls { return keepsAllCalls{c} }})},
		{name: "keeps the first rejected call of those that come together", caught: []string{"rejected calls are kept of each key", "rejected calls of two that come at once"},
			break_: inAccounts(accountFaults{rejected: func(c store.RejectedCalls) store.RejectedCalls { return keepsOneCall{c} }})},
		{name: "changes an entry of the audit log", caught: []string{"the audit log is a chain"},
			break_: inAccounts(accountFaults{audit: func(a store.Audit) store.Audit { return liesOfOne{a} }})},
		{name: "cuts no entry of the audit log", caught: []string{"a cut entry of the audit log"},
			break_: inAccounts(accountFaults{audit: func(a store.Audit) store.Audit { return cutsNothing{a} }})},
		{name: "shows what others wrote", caught: []string{"what is kept of a person is found"},
			break_: inAccounts(accountFaults{traces: func(t store.Traces) store.Traces { return showsAll{t} }})},
		{name: "forgets others too", caught: []string{"what is kept of a person is found"},
			break_: inAccounts(accountFaults{traces: func(t store.Traces) store.Traces { return forgetsEverybody{t} }})},
		{name: "forgets nobody", caught: []string{"what is kept of a person is found"},
			break_: inAccounts(accountFaults{traces: func(t store.Traces) store.Traces { return forgetsNobody{t} }})},
		{name: "leaves a name in what people wrote", caught: []string{"a name is taken out"},
			break_: inAccounts(accountFaults{traces: func(t store.Traces) store.Traces { return rewritesNothing{t} }})},
		{name: "leaves the endpoints of a publisher that is closed", caught: []string{"a publisher that is closed"},
			break_: inAccounts(accountFaults{traces: func(t store.Traces) store.Traces { return closesNothing{t} }})},
		{name: "scrubs too much", caught: []string{"scrubbing changes nothing"}, break_: func(store.Store) *broken {
			return &broken{scrub: func(ctx context.Context, s store.Store) error {
				return s.Update(ctx, func(tx store.Tx) error { return tx.Platform().Accounts().Sessions().RemoveOf(ctx, "per1", "") })
			}}
		}},
		{name: "has one page of the audit log", caught: []string{"the audit log is read on and in pages"},
			break_: inAccounts(accountFaults{audit: func(a store.Audit) store.Audit { return pagesWithoutEnd{a} }})},
		{name: "changes terms that were agreed to", caught: []string{"the network's terms follow each other"},
			break_: inAccounts(accountFaults{agreements: func(g store.Agreements) store.Agreements { return changesTerms{g} }})},
		{name: "forgets when somebody agreed", caught: []string{"that somebody agreed is kept once"},
			break_: inAccounts(accountFaults{agreements: func(g store.Agreements) store.Agreements { return agreesAgain{g} }})},
		{name: "lets two decide a proposal", caught: []string{"a proposal is decided once"},
			break_: inAccounts(accountFaults{agreements: func(g store.Agreements) store.Agreements { return decidesAgain{g} }})},
		{name: "forgets e-mail that waits", caught: []string{"e-mail that was sent or given up is forgotten"},
			break_: inAccounts(accountFaults{outbox: func(o store.Outbox) store.Outbox { return forgetsWaiting{o} }})},
		{name: "sends what was sent", caught: []string{"e-mail is due until"},
			break_: inAccounts(accountFaults{outbox: func(o store.Outbox) store.Outbox { return sendsAgain{o} }})},
	}
}
