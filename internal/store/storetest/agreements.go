package storetest

import (
	"errors"
	"fmt"

	"github.com/clickledger/clickledger/internal/store"
)

func agreementChecks() []Check {
	return []Check{
		{"the network's terms follow each other and are never changed", termsKept},
		{"that somebody agreed is kept once, with the first time", acceptancesKept},
		{"a proposal is decided once, also by two who come at once", proposalsDecided},
	}
}

func sampleTerms(version int) store.NetworkTerms {
	return store.NetworkTerms{Version: version, Texts: map[string]string{"en": "Be <honest>.", "tr": "Dürüst ol."}, PublishedAt: at(int64(version)), PublishedBy: "per1"}
}

func sampleAcceptance(person string, version int) store.Acceptance {
	return store.Acceptance{Person: person, Organisation: "org1", Document: "network", Version: version, At: at(int64(version)), Network: "192.0.2.0/24"}
}

func sampleProposal(id string) store.Proposal {
	return store.Proposal{
		ID: id, Kind: "program", Object: "tr", Text: "version: 2\n", Why: "Ayşe asked", State: store.ProposalOpen, ProposedBy: "per1", ProposedAt: at(1),
	}
}

func termsKept(k *kit) {
	put := func(n store.NetworkTerms) error {
		return k.tried(func(a store.Accounts) error { return a.Agreements().PutTerms(k.ctx, n) })
	}
	k.is(put(sampleTerms(2)), store.ErrConflict, "a version without the one before")
	k.must(put(sampleTerms(1)))
	k.must(put(sampleTerms(2)))
	changed := sampleTerms(1)
	changed.Texts = map[string]string{"en": "Something else."}
	k.is(put(changed), store.ErrConflict, "a version that is there")
	k.reopen()
	terms := func() []store.NetworkTerms {
		return found(k, func(a store.Accounts) ([]store.NetworkTerms, error) { return a.Agreements().Terms(k.ctx) })
	}
	k.same("the terms", terms(), []store.NetworkTerms{sampleTerms(2), sampleTerms(1)})
	late := 0
	for _, err := range k.atOnce(4, func(i int, a store.Accounts) error {
		n := sampleTerms(3)
		n.PublishedBy = fmt.Sprint("per", i)
		return a.Agreements().PutTerms(k.ctx, n)
	}) {
		if err != nil {
			k.is(err, store.ErrConflict, "a version that was published at once")
			late++
		}
	}
	k.same("how many came too late", late, 3)
	k.same("how many versions there are", len(terms()), 3)
}

func acceptancesKept(k *kit) {
	a, b, other := sampleAcceptance("per1", 1), sampleAcceptance("per1", 2), sampleAcceptance("per2", 1)
	other.Organisation, other.Document, other.At = "org2", "program tr", at(9)
	again := a
	again.At, again.Network = at(50), "elsewhere"
	k.accounts(func(accounts store.Accounts) error {
		g := accounts.Agreements()
		return errors.Join(g.Accept(k.ctx, a), g.Accept(k.ctx, b), g.Accept(k.ctx, other), g.Accept(k.ctx, again))
	})
	k.reopen()
	for _, c := range []struct {
		organisation, person string
		want                 []store.Acceptance
	}{
		{"", "", []store.Acceptance{other, b, a}},
		{"org1", "", []store.Acceptance{b, a}},
		{"", "per2", []store.Acceptance{other}},
		{"org2", "per1", nil},
	} {
		got := found(k, func(accounts store.Accounts) ([]store.Acceptance, error) {
			return accounts.Agreements().Accepted(k.ctx, c.organisation, c.person)
		})
		k.same(fmt.Sprintf("what %q of %q agreed to", c.person, c.organisation), got, c.want)
	}
}

func proposalsDecided(k *kit) {
	p, second, rate := sampleProposal("p1"), sampleProposal("p0"), sampleProposal("p3")
	rate.Kind, rate.ProposedAt = "rate", at(2)
	k.accounts(func(a store.Accounts) error {
		g := a.Agreements()
		return errors.Join(g.PutProposal(k.ctx, p), g.PutProposal(k.ctx, second), g.PutProposal(k.ctx, rate))
	})
	k.reopen()
	list := func(kind, state string, limit int) []store.Proposal {
		return found(k, func(a store.Accounts) ([]store.Proposal, error) {
			return a.Agreements().Proposals(k.ctx, kind, state, limit)
		})
	}
	k.same("all proposals", list("", "", 9), []store.Proposal{rate, p, second})
	k.same("those of a kind", list("program", "", 9), []store.Proposal{p, second})
	k.same("the first of those of a kind", list("program", "", 1), []store.Proposal{p})
	decided := 0
	for _, err := range k.atOnce(4, func(i int, a store.Accounts) error {
		mine := p
		mine.State, mine.DecidedBy, mine.DecidedAt, mine.Reason = store.ProposalApproved, fmt.Sprint("per", i+2), at(5), "yes"
		return a.Agreements().PutProposal(k.ctx, mine)
	}) {
		if err == nil {
			decided++
		} else {
			k.is(err, store.ErrConflict, "a proposal that somebody else decided at once")
		}
	}
	k.same("how often it was decided", decided, 1)
	got := found(k, func(a store.Accounts) (store.Proposal, error) { return a.Agreements().Proposal(k.ctx, "p1") })
	if got.State != store.ProposalApproved || !got.DecidedAt.Equal(at(5)) || got.Reason != "yes" {
		k.Errorf("a proposal that was decided: %+v", got)
	}
	k.is(k.tried(func(a store.Accounts) error { return a.Agreements().PutProposal(k.ctx, p) }), store.ErrConflict, "opening what was decided")
	k.same("those that are open", list("", store.ProposalOpen, 9), []store.Proposal{rate, second})
	k.is(k.tried(func(a store.Accounts) error { _, err := a.Agreements().Proposal(k.ctx, "p9"); return err }), store.ErrNotFound, "a proposal that is not there")
	k.is(k.tried(func(a store.Accounts) error { _, err := a.Agreements().Proposals(k.ctx, "", "", 0); return err }), store.ErrInvalid, "a limit of 0")
}
