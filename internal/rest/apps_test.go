package rest

import (
	"errors"
	"slices"
	"strings"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/store"
)

// Organisations with people and apps, as the console makes them. An app is called "app-", its organisation and its person's role; each may
// whatever apps of its kind can be given.
const (
	orgAnn, orgBob, orgShop, orgOther, orgDesk = "org-ann", "org-bob", "org-shop", "org-other", "org-desk"
)

// people are the accounts.
func (c *client) people() *people.Service {
	return people.New(c.db, c.box(), "https://aff.example", c.clock)
}

// accounts enters the organisations: publishers ann and bob, sellers of the stores s and t, and the operator, with somebody in every role.
func (c *client) accounts() {
	c.t.Helper()
	box := c.box()
	if err := c.db.Update(c.t.Context(), func(tx store.Tx) (err error) {
		a := tx.Platform().Accounts()
		for _, o := range []store.Organisation{
			{ID: orgAnn, Kind: people.Publisher, Name: "Ann's", Publisher: "ann"}, {ID: orgBob, Kind: people.Publisher, Name: "Other's", Publisher: "bob"},
			{ID: orgShop, Kind: people.Seller, Name: "The shop", Stores: []string{"s"}}, {ID: orgOther, Kind: people.Seller, Name: "Another shop", Stores: []string{"t"}},
			{ID: orgDesk, Kind: people.Operator, Name: "Operator"},
		} {
			o.CreatedAt = c.now
			err = errors.Join(err, a.Organisations().Put(c.t.Context(), o))
			for _, role := range people.RolesOf(o.Kind) {
				name := strings.TrimPrefix(o.ID, "org-") + "-" + string(role)
				p := store.Person{ID: "per-" + name, Email: name + "@example.org", Name: strings.ToUpper(name), Language: "en", CheckedAt: c.now, CreatedAt: c.now}
				app := store.App{ID: "id-" + name, Organisation: o.ID, Name: name, Scopes: people.ScopesOf(o.Kind), CreatedAt: c.now, CreatedBy: p.ID}
				key := store.AppKey{ID: "app-" + name, App: app.ID, Secret: box.Seal([]byte(secret), "app key app-"+name), CreatedAt: c.now, CreatedBy: p.ID}
				err = errors.Join(err, a.People().Put(c.t.Context(), p),
					a.Organisations().PutMember(c.t.Context(), store.Membership{Organisation: o.ID, Person: p.ID, Role: role, Since: c.now}),
					a.Apps().Put(c.t.Context(), app), a.Apps().PutKey(c.t.Context(), key))
			}
		}
		return err
	}); err != nil {
		c.t.Fatal(err)
	}
}

// invitation is one that is open in ann's organisation, or in another one.
func (c *client) invitation(organisation string) string {
	c.t.Helper()
	var open []store.Ticket
	if err := c.db.View(c.t.Context(), func(tx store.Tx) (err error) {
		open, err = tx.Platform().Accounts().Tickets().Open(c.t.Context(), "invite", organisation, c.now)
		return err
	}); err != nil {
		c.t.Fatal(err)
	}
	if len(open) == 0 {
		return "none"
	}
	return open[len(open)-1].Hash
}

// change changes the app of a key: what it may, and what its links may carry.
func (c *client) change(app string, scopes, trackingIDs []string) {
	c.t.Helper()
	if err := c.db.Update(c.t.Context(), func(tx store.Tx) error {
		a, err := tx.Platform().Accounts().Apps().ByID(c.t.Context(), app)
		if err != nil {
			return err
		}
		a.Scopes, a.TrackingIDs = slices.Clone(scopes), trackingIDs
		return tx.Platform().Accounts().Apps().Put(c.t.Context(), a)
	}); err != nil {
		c.t.Fatal(err)
	}
}

// message is the newest message of a publisher's endpoint hook, "" where there is none.
func (c *client) message(publisher string) string {
	c.t.Helper()
	all, _, err := c.postbacks(c.clock).Deliveries(c.t.Context(), publisher, "hook", "", 1)
	if err != nil || len(all) == 0 {
		return ""
	}
	return all[0].Message
}
