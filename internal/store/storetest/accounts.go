package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/clickledger/clickledger/internal/store"
)

func accountChecks() []Check {
	return slices.Concat(peopleChecks(), organisationChecks(), sessionChecks(), ticketChecks(), appChecks(), rejectedChecks(), auditChecks(), outboxChecks(), agreementChecks(), traceChecks(), []Check{
		{"values of accounts that one engine cannot keep, none keeps", accountsInvalid},
	})
}

// accounts calls do with the accounts of a transaction that must succeed.
func (k *kit) accounts(do func(a store.Accounts) error) {
	k.Helper()
	k.update(func(tx store.Tx) error { return do(tx.Platform().Accounts()) })
}

// tried calls do with the accounts of a transaction and returns what became of it.
func (k *kit) tried(do func(a store.Accounts) error) error {
	return k.store.Update(k.ctx, func(tx store.Tx) error { return do(tx.Platform().Accounts()) })
}

// found reads something of the accounts.
func found[T any](k *kit, do func(a store.Accounts) (T, error)) T {
	k.Helper()
	return read(k, func(tx store.Tx) (T, error) { return do(tx.Platform().Accounts()) })
}

// enterAccounts enters two people and two organisations.
func enterAccounts(k *kit) {
	k.Helper()
	k.accounts(func(a store.Accounts) error {
		var errs []error
		for i := 1; i <= 2; i++ {
			errs = append(errs, a.People().Put(k.ctx, samplePerson(fmt.Sprint("per", i))), a.Organisations().Put(k.ctx, sampleOrganisation(fmt.Sprint("org", i))))
		}
		return errors.Join(errs...)
	})
}

// atOnce runs do in transactions that go on at the same time.
func (k *kit) atOnce(n int, do func(i int, a store.Accounts) error) []error {
	results := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { results[i] = k.tried(func(a store.Accounts) error { return do(i, a) }) })
	}
	wg.Wait()
	return results
}

func accountsInvalid(k *kit) {
	enterAccounts(k)
	long := strings.Repeat("x", store.MaxKey+1)
	for _, bad := range []string{"a\x00b", "\xff"} {
		for what, err := range map[string]error{
			"a person's name":   k.tried(func(a store.Accounts) error { p := samplePerson("p"); p.Name = bad; return a.People().Put(k.ctx, p) }),
			"a person's e-mail": k.tried(func(a store.Accounts) error { p := samplePerson("p"); p.Email = bad; return a.People().Put(k.ctx, p) }),
			"a passkey's name": k.tried(func(a store.Accounts) error {
				p := samplePerson("p")
				p.Passkeys[0].Name = bad
				return a.People().Put(k.ctx, p)
			}),
			"a profile": k.tried(func(a store.Accounts) error {
				o := sampleOrganisation("o")
				o.Profile.Methods = []string{bad}
				return a.Organisations().Put(k.ctx, o)
			}),
			"the network's terms": k.tried(func(a store.Accounts) error {
				t := sampleTerms(1)
				t.Texts["en"] = bad
				return a.Agreements().PutTerms(k.ctx, t)
			}),
			"a proposal": k.tried(func(a store.Accounts) error {
				p := sampleProposal("p")
				p.Why = bad
				return a.Agreements().PutProposal(k.ctx, p)
			}),
			"a recovery code": k.tried(func(a store.Accounts) error {
				p := samplePerson("p")
				p.Recovery = []string{bad}
				return a.People().Put(k.ctx, p)
			}),
			"an organisation's name": k.tried(func(a store.Accounts) error {
				o := sampleOrganisation("o")
				o.Name = bad
				return a.Organisations().Put(k.ctx, o)
			}),
			"an organisation's store": k.tried(func(a store.Accounts) error {
				o := sampleOrganisation("o")
				o.Stores = []string{bad}
				return a.Organisations().Put(k.ctx, o)
			}),
			"a session's agent": k.tried(func(a store.Accounts) error {
				s := sampleSession("s", "per1")
				s.Agent = bad
				return a.Sessions().Put(k.ctx, s)
			}),
			"a ticket's e-mail": k.tried(func(a store.Accounts) error { t := sampleTicket("t"); t.Email = bad; return a.Tickets().Put(k.ctx, t) }),
			"an app's name":     k.tried(func(a store.Accounts) error { p := sampleApp("a", "org1"); p.Name = bad; return a.Apps().Put(k.ctx, p) }),
			"a rejected call's path": k.tried(func(a store.Accounts) error {
				c := sampleRejected("k", 1)
				c.Path = bad
				return a.Rejected().Add(k.ctx, []store.RejectedCall{c}, 1)
			}),
			"the reason of a rejected call": k.tried(func(a store.Accounts) error {
				c := sampleRejected("k", 1)
				c.Errors[0].Reason = bad
				return a.Rejected().Add(k.ctx, []store.RejectedCall{c}, 1)
			}),
			"an entry's detail": k.tried(func(a store.Accounts) error {
				e := sampleEntry("a")
				e.Detail = bad
				return a.Audit().Append(k.ctx, []store.AuditEntry{e})
			}),
			"a failure of a mail": k.tried(func(a store.Accounts) error {
				m := sampleMail("m", at(1))
				m.Failure = bad
				return a.Outbox().Put(k.ctx, m)
			}),
		} {
			k.is(err, store.ErrInvalid, fmt.Sprintf("%s %q", what, bad))
		}
	}
	for what, err := range map[string]error{
		"a person's e-mail": k.tried(func(a store.Accounts) error { p := samplePerson("p"); p.Email = long; return a.People().Put(k.ctx, p) }),
		"an entry's object": k.tried(func(a store.Accounts) error {
			e := sampleEntry("a")
			e.Object = long
			return a.Audit().Append(k.ctx, []store.AuditEntry{e})
		}),
		"a time": k.tried(func(a store.Accounts) error {
			p := samplePerson("p")
			p.CreatedAt = day0.AddDate(9000, 0, 0)
			return a.People().Put(k.ctx, p)
		}),
	} {
		k.is(err, store.ErrInvalid, what)
	}
	for _, s := range slices.Backward(awkward()) { // what looks alike is not the same
		if s != "per1" {
			k.accounts(func(a store.Accounts) error {
				p := samplePerson(s)
				p.Email = s
				return errors.Join(a.People().Put(k.ctx, p), a.Sessions().Put(k.ctx, sampleSession(s, s)))
			})
		}
	}
	for _, s := range awkward() {
		k.same("who has an e-mail address", found(k, func(a store.Accounts) (store.Person, error) { return a.People().ByEmail(k.ctx, s) }).ID, s)
		k.same("whose session it is", found(k, func(a store.Accounts) (store.Session, error) { return a.Sessions().Get(k.ctx, s) }).Person, s)
	}
}

// accountWrites are all methods of accounts that change something.
func accountWrites() []write {
	with := func(name string, do func(ctx context.Context, a store.Accounts) error) write {
		return write{name, func(ctx context.Context, tx store.Tx) error { return do(ctx, tx.Platform().Accounts()) }}
	}
	return []write{
		with("People.Put", func(ctx context.Context, a store.Accounts) error {
			return errors.Join(a.People().Hold(ctx, "per1"), a.People().Put(ctx, samplePerson("per1")))
		}),
		with("Organisations.Put", func(ctx context.Context, a store.Accounts) error {
			return a.Organisations().Put(ctx, sampleOrganisation("org1"))
		}),
		with("People.Put", func(ctx context.Context, a store.Accounts) error { return a.People().Put(ctx, samplePerson("per2")) }),
		with("Organisations.PutMember", func(ctx context.Context, a store.Accounts) error { return putMembers(ctx, a, "per1", "per2") }),
		with("Organisations.RemoveMember", func(ctx context.Context, a store.Accounts) error {
			return a.Organisations().RemoveMember(ctx, "org1", "per2")
		}),
		with("Sessions.Put", func(ctx context.Context, a store.Accounts) error {
			ended := sampleSession("ended", "per1")
			ended.CreatedAt = at(0)
			return errors.Join(a.Sessions().Put(ctx, ended), a.Sessions().Put(ctx, sampleSession("ses1", "per1")), a.Sessions().Put(ctx, sampleSession("ses2", "per1")),
				a.Sessions().Put(ctx, sampleSession("ses3", "per2")))
		}),
		with("Sessions.RemoveBefore", func(ctx context.Context, a store.Accounts) error { return a.Sessions().RemoveBefore(ctx, at(1), at(1)) }),
		with("Sessions.Remove", func(ctx context.Context, a store.Accounts) error {
			_, err := a.Sessions().Remove(ctx, "ses2")
			return err
		}),
		with("Sessions.RemoveOf", func(ctx context.Context, a store.Accounts) error { return a.Sessions().RemoveOf(ctx, "per2", "") }),
		with("Tickets.Put", func(ctx context.Context, a store.Accounts) error {
			other := sampleTicket("tic3")
			other.Person = "per2"
			return errors.Join(a.Tickets().Put(ctx, sampleTicket("tic1")), a.Tickets().Put(ctx, sampleTicket("tic2")), a.Tickets().Put(ctx, other))
		}),
		with("Tickets.Use", func(ctx context.Context, a store.Accounts) error { return a.Tickets().Use(ctx, "tic1", at(2)) }),
		with("Tickets.Forget", func(ctx context.Context, a store.Accounts) error {
			_, err := a.Tickets().Forget(ctx, at(50))
			return err
		}),
		with("Tickets.Void", func(ctx context.Context, a store.Accounts) error {
			return a.Tickets().Void(ctx, "invite", "per1", at(3))
		}),
		with("Apps.Put", func(ctx context.Context, a store.Accounts) error { return a.Apps().Put(ctx, sampleApp("app1", "org1")) }),
		with("Apps.PutKey", func(ctx context.Context, a store.Accounts) error {
			return a.Apps().PutKey(ctx, sampleAppKey("key1", "app1"))
		}),
		with("Rejected.Add", func(ctx context.Context, a store.Accounts) error {
			return a.Rejected().Add(ctx, []store.RejectedCall{sampleRejected("key1", 1), sampleRejected("key1", 2), sampleRejected("key2", 3)}, 100)
		}),
		with("Rejected.Forget", func(ctx context.Context, a store.Accounts) error {
			_, err := a.Rejected().Forget(ctx, at(2))
			return err
		}),
		with("Audit.Append", func(ctx context.Context, a store.Accounts) error {
			return a.Audit().Append(ctx, []store.AuditEntry{sampleEntry("a")})
		}),
		with("Audit.Redact", func(ctx context.Context, a store.Accounts) error { return a.Audit().Redact(ctx, 1, `{"a": 2}`) }),
		with("Traces.Forget", func(ctx context.Context, a store.Accounts) error {
			m := sampleMail("mail2", at(1))
			m.To = "guest@example.org"
			if err := a.Outbox().Put(ctx, m); err != nil {
				return err
			}
			_, err := a.Traces().Forget(ctx, "nobody", "guest@example.org")
			return err
		}),
		with("Traces.Rewrite", func(ctx context.Context, a store.Accounts) error {
			_, err := a.Traces().Rewrite(ctx, []string{"shop"}, strings.ToUpper)
			return err
		}),
		with("Traces.ClosePublisher", func(ctx context.Context, a store.Accounts) error { return a.Traces().ClosePublisher(ctx, "nobody") }),
		with("Agreements.PutTerms", func(ctx context.Context, a store.Accounts) error { return a.Agreements().PutTerms(ctx, sampleTerms(1)) }),
		with("Agreements.Accept", func(ctx context.Context, a store.Accounts) error {
			return a.Agreements().Accept(ctx, sampleAcceptance("per1", 1))
		}),
		with("Agreements.PutProposal", func(ctx context.Context, a store.Accounts) error {
			return a.Agreements().PutProposal(ctx, sampleProposal("pro1"))
		}),
		with("Outbox.Forget", func(ctx context.Context, a store.Accounts) error {
			_, err := a.Outbox().Forget(ctx, at(0))
			return err
		}),
		with("Outbox.Put", func(ctx context.Context, a store.Accounts) error {
			return a.Outbox().Put(ctx, sampleMail("mail1", at(1)))
		}),
	}
}

// lookAtAccounts notes all that accounts show of the checks' data.
func lookAtAccounts(ctx context.Context, a store.Accounts, note func(name string, v any, err error)) {
	person, err := a.People().ByID(ctx, "per1")
	note("People.ByID", person, err)
	person, err = a.People().ByEmail(ctx, "per1@example.org")
	note("People.ByEmail", person, err)
	organisation, err := a.Organisations().ByID(ctx, "org1")
	note("Organisations.ByID", organisation, err)
	kind, err := a.Organisations().OfKind(ctx, store.KindPublisher)
	note("Organisations.OfKind", kind, err)
	like, err := a.Organisations().Find(ctx, store.OrganisationFilter{Words: "kupon", Publishers: []string{"pub-org1"}}, 10)
	note("Organisations.Find", like, err)
	members, err := a.Organisations().Members(ctx, "org1")
	note("Organisations.Members", members, err)
	members, err = a.Organisations().Of(ctx, "per1")
	note("Organisations.Of", members, err)
	session, err := a.Sessions().Get(ctx, "ses1")
	note("Sessions.Get", session, err)
	of, err := a.Sessions().Of(ctx, "per1")
	note("Sessions.Of", of, err)
	for _, hash := range []string{"tic1", "tic2"} {
		t, err := a.Tickets().Get(ctx, hash)
		note("Tickets.Get "+hash, t, err)
	}
	open, err := a.Tickets().Open(ctx, "invite", "org1", at(5))
	note("Tickets.Open", open, err)
	app, err := a.Apps().ByID(ctx, "app1")
	note("Apps.ByID", app, err)
	apps, err := a.Apps().Of(ctx, "org1")
	note("Apps.Of", apps, err)
	key, err := a.Apps().Key(ctx, "key1")
	note("Apps.Key", key, err)
	keys, err := a.Apps().Keys(ctx, "app1")
	note("Apps.Keys", keys, err)
	rejected, err := a.Rejected().Of(ctx, "key1", 10)
	note("Rejected.Of", rejected, err)
	log, err := a.Audit().After(ctx, 0, 10)
	note("Audit.After", log, err)
	for i := range log {
		log[i].Salt, log[i].Commitment, log[i].Hash = nil, nil, nil // they are others each time
	}
	trace, err := a.Traces().Of(ctx, "per1", "per1@example.org")
	note("Traces.Of", trace, err)
	due, err := a.Outbox().Due(ctx, at(50), 10)
	note("Outbox.Due", due, err)
	terms, err := a.Agreements().Terms(ctx)
	note("Agreements.Terms", terms, err)
	accepted, err := a.Agreements().Accepted(ctx, "", "per1")
	note("Agreements.Accepted", accepted, err)
	proposal, err := a.Agreements().Proposal(ctx, "pro1")
	note("Agreements.Proposal", proposal, err)
	proposals, err := a.Agreements().Proposals(ctx, "", "", 10)
	note("Agreements.Proposals", proposals, err)
}
