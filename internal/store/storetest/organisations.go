package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/clickledger/clickledger/internal/store"
)

func organisationChecks() []Check {
	return []Check{
		{"an organisation comes back as it was kept last; one stands for a publisher", organisationsKept},
		{"a membership joins those who are there, and ends", membersKept},
	}
}

func sampleOrganisation(id string) store.Organisation {
	return store.Organisation{ID: id, Kind: store.KindPublisher, Name: "Kupon & Co", Publisher: "pub-" + id, Stores: []string{"s1", "s2"}, CreatedAt: at(1), Profile: store.Profile{
		Audience: "Ayşe & others", Sources: "search", Methods: []string{"reviews"}, Languages: []string{"tr", "en"}, Countries: []string{"TR"}, Website: "https://kupon.example/", Contact: "Ayşe, ayse@kupon.example",
	}}
}

func organisationsKept(k *kit) {
	full, bare := sampleOrganisation("org1"), store.Organisation{ID: "org2", Kind: store.KindOperator, CreatedAt: at(1)}
	k.accounts(func(a store.Accounts) error {
		return errors.Join(a.Organisations().Put(k.ctx, full), a.Organisations().Put(k.ctx, bare),
			a.Organisations().Put(k.ctx, store.Organisation{ID: "org3", Kind: store.KindOperator, CreatedAt: at(1)}))
	})
	k.reopen()
	get := func(id string) store.Organisation {
		return found(k, func(a store.Accounts) (store.Organisation, error) { return a.Organisations().ByID(k.ctx, id) })
	}
	k.same("an organisation with everything", get("org1"), full)
	k.same("an organisation with nothing", get("org2"), bare)
	second := sampleOrganisation("org4")
	second.Publisher = full.Publisher
	k.is(k.tried(func(a store.Accounts) error { return a.Organisations().Put(k.ctx, second) }), store.ErrConflict, "a publisher that has an organisation")
	full.Name, full.Stores, full.Publisher = "New", nil, "other"
	k.accounts(func(a store.Accounts) error { return a.Organisations().Put(k.ctx, full) })
	k.same("an organisation that was replaced", get("org1"), full)
	k.is(k.tried(func(a store.Accounts) error { _, err := a.Organisations().ByID(k.ctx, "org9"); return err }), store.ErrNotFound, "an organisation that is not there")
	var ids []string
	for _, o := range found(k, func(a store.Accounts) ([]store.Organisation, error) {
		return a.Organisations().OfKind(k.ctx, store.KindOperator)
	}) {
		ids = append(ids, o.ID)
	}
	k.same("those of a kind", ids, []string{"org2", "org3"})
	third := store.Organisation{ID: "org5", Kind: store.KindPublisher, Name: "İyi %50_Kupon", Publisher: "pub5", CreatedAt: at(1)}
	k.accounts(func(a store.Accounts) error { return a.Organisations().Put(k.ctx, third) })
	for _, c := range []struct {
		f    store.OrganisationFilter
		want []string
	}{
		{store.OrganisationFilter{}, []string{"org1", "org2", "org3", "org5"}},
		{store.OrganisationFilter{Kind: store.KindPublisher}, []string{"org1", "org5"}},
		{store.OrganisationFilter{IDs: []string{"org3", "org9", "org1"}}, []string{"org1", "org3"}},
		{store.OrganisationFilter{Publishers: []string{"pub5", "Other", "other"}}, []string{"org1", "org5"}},
		{store.OrganisationFilter{Words: "KUPON"}, []string{"org5"}},
		{store.OrganisationFilter{Words: "new", Kind: store.KindPublisher}, []string{"org1"}},
		{store.OrganisationFilter{Words: "%50_k"}, []string{"org5"}},
		{store.OrganisationFilter{Words: "_____"}, nil}, // what means any letter in SQL means itself
		{store.OrganisationFilter{Words: "%"}, []string{"org5"}},
		{store.OrganisationFilter{Words: "İyi"}, []string{"org5"}},
		{store.OrganisationFilter{Words: "i\u0307yi"}, nil},
		{store.OrganisationFilter{Words: "a\x00b"}, nil},
	} {
		var got []string
		for _, o := range found(k, func(a store.Accounts) ([]store.Organisation, error) { return a.Organisations().Find(k.ctx, c.f, 9) }) {
			got = append(got, o.ID)
		}
		k.same(fmt.Sprintf("organisations that match %+v", c.f), got, c.want)
	}
	k.same("the first two of all", len(found(k, func(a store.Accounts) ([]store.Organisation, error) {
		return a.Organisations().Find(k.ctx, store.OrganisationFilter{}, 2)
	})), 2)
	failed := 0
	for _, err := range k.atOnce(4, func(i int, a store.Accounts) error {
		o := sampleOrganisation(fmt.Sprint("at once ", i))
		o.Publisher = "wanted"
		return a.Organisations().Put(k.ctx, o)
	}) {
		if err != nil {
			k.is(err, store.ErrConflict, "a publisher that is entered at once")
			failed++
		}
	}
	k.same("how many came too late", failed, 3)
}

func membersKept(k *kit) {
	enterAccounts(k)
	m := func(organisation, person string, role store.Role, since int64) store.Membership {
		return store.Membership{Organisation: organisation, Person: person, Role: role, Since: at(since)}
	}
	k.accounts(func(a store.Accounts) error {
		return errors.Join(
			a.Organisations().PutMember(k.ctx, m("org1", "per2", store.RoleMember, 2)), a.Organisations().PutMember(k.ctx, m("org1", "per1", store.RoleOwner, 3)),
			a.Organisations().PutMember(k.ctx, m("org2", "per1", store.RoleReader, 1)))
	})
	members := func() []store.Membership {
		return found(k, func(a store.Accounts) ([]store.Membership, error) { return a.Organisations().Members(k.ctx, "org1") })
	}
	k.same("members", members(), []store.Membership{m("org1", "per1", store.RoleOwner, 3), m("org1", "per2", store.RoleMember, 2)})
	k.same("memberships", found(k, func(a store.Accounts) ([]store.Membership, error) { return a.Organisations().Of(k.ctx, "per1") }),
		[]store.Membership{m("org2", "per1", store.RoleReader, 1), m("org1", "per1", store.RoleOwner, 3)})
	for _, bad := range []store.Membership{m("org9", "per1", store.RoleOwner, 1), m("org1", "per9", store.RoleOwner, 1), m("per1", "org1", store.RoleOwner, 1)} {
		k.accounts(func(a store.Accounts) error {
			k.is(a.Organisations().PutMember(k.ctx, bad), store.ErrNotFound, "a membership of what is not there")
			return nil
		})
	}
	k.accounts(func(a store.Accounts) error {
		return a.Organisations().PutMember(k.ctx, m("org1", "per2", store.RoleReader, 4))
	})
	k.accounts(func(a store.Accounts) error { return a.Organisations().RemoveMember(k.ctx, "org1", "per1") })
	k.same("after changes", members(), []store.Membership{m("org1", "per2", store.RoleReader, 4)})
	k.is(k.tried(func(a store.Accounts) error { return a.Organisations().RemoveMember(k.ctx, "org1", "per1") }), store.ErrNotFound, "a membership that has ended")
}

// putMembers makes people members of an organisation.
func putMembers(ctx context.Context, a store.Accounts, people ...string) error {
	for _, p := range people {
		if err := a.Organisations().PutMember(ctx, store.Membership{Organisation: "org1", Person: p, Role: store.RoleOwner, Since: at(1)}); err != nil {
			return err
		}
	}
	return nil
}
