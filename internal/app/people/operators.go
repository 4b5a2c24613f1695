package people

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/store"
)

// AddOperator enters a person of the operator, from the command line of the machine, and returns the link to set a password. The operator's
// organisation is made with its first person. Somebody who is there already gets the role.
func (s *Service) AddOperator(ctx context.Context, address, name, language string, role Role) (link Secret, err error) {
	email, err := cleanEmail(address)
	if err != nil {
		return "", err
	}
	if name, err = cleanName("name", name); err != nil {
		return "", err
	}
	if !slices.Contains(RolesOf(Operator), role) {
		return "", &InputError{"role", "unknown"}
	}
	err = s.update(ctx, func(a store.Accounts) error {
		if err := a.People().Hold(ctx, "operators"); err != nil {
			return err
		}
		o, err := s.operator(ctx, a)
		if err != nil {
			return err
		}
		p, err := a.People().ByEmail(ctx, email)
		if errors.Is(err, store.ErrNotFound) {
			p = store.Person{ID: newID("per"), Email: email, Name: name, Language: cleanLanguage(language), CreatedAt: s.now()}
			err = a.People().Put(ctx, p)
		}
		if err != nil {
			return err
		}
		if err := a.Organisations().PutMember(ctx, Membership{Organisation: o.ID, Person: p.ID, Role: role, Since: s.now()}); err != nil {
			return err
		}
		token, err := s.resetTicket(ctx, a, p)
		if err != nil {
			return err
		}
		link = Secret(s.site + "/reset?token=" + token.Reveal())
		return s.note(ctx, a, act{by: Viewer{Organisation: o}, via: "command line", action: "operator.added", object: "person " + p.ID, detail: map[string]string{"email": email, "role": string(role)}})
	})
	if err != nil {
		return "", err
	}
	return link, nil
}

// operator returns the operator's organisation, and makes it where there is none.
func (s *Service) operator(ctx context.Context, a store.Accounts) (Organisation, error) {
	all, err := a.Organisations().OfKind(ctx, Operator)
	if err != nil {
		return Organisation{}, err
	}
	if len(all) > 0 {
		return all[0], nil
	}
	o := Organisation{ID: newID("org"), Kind: Operator, Name: "Operator", CreatedAt: s.now()}
	return o, a.Organisations().Put(ctx, o)
}

// AddOrganisation enters a seller with its stores, or a publisher that has an id in the books already, and invites its owner.
func (s *Service) AddOrganisation(ctx context.Context, v Viewer, o Organisation, owner string) (id string, err error) {
	email, err := cleanEmail(owner)
	if err != nil {
		return "", err
	}
	if o.Name, err = cleanName("name", o.Name); err != nil {
		return "", err
	}
	switch {
	case o.Kind == Seller && (len(o.Stores) == 0 || slices.Contains(o.Stores, "")):
		return "", &InputError{"stores", "empty"}
	case o.Kind == Publisher && o.Publisher == "":
		return "", &InputError{"publisher", "empty"}
	case o.Kind == Seller:
		o.Publisher = ""
	case o.Kind == Publisher:
		o.Stores = nil
	default: // the operator is one, and is made with its first person
		return "", &InputError{"kind", "unknown"}
	}
	o.ID, o.CreatedAt = newID("org"), s.now()
	err = s.allowed(ctx, v, ManageAccounts, func(a store.Accounts) error {
		if err := a.Organisations().Put(ctx, o); err != nil {
			if errors.Is(err, store.ErrConflict) {
				err = &InputError{"publisher", "taken"}
			}
			return err
		}
		if err := s.note(ctx, a, act{by: v, action: "organisation.made", object: "organisation " + o.ID, detail: map[string]string{"kind": string(o.Kind), "name": o.Name}}); err != nil {
			return err
		}
		return s.invite(ctx, a, v, o, email, Owner)
	})
	return o.ID, err
}

// Found is a person as an operator sees it.
type Found struct {
	Person, Name, Email string
	LockedAt            time.Time // zero: not kept out
	SecondFactor        bool
	Roles               []RoleAt
}

// RoleAt is a role in an organisation.
type RoleAt struct {
	Organisation string // name
	Kind         Kind
	Role         Role
}

// Find returns who has an e-mail address; ok is false where nobody has it.
func (s *Service) Find(ctx context.Context, v Viewer, address string) (f Found, ok bool, err error) {
	email, err := cleanEmail(address)
	if err != nil {
		return f, false, err
	}
	err = s.seen(ctx, v, ManageAccounts, func(a store.Accounts) error {
		p, err := a.People().ByEmail(ctx, email)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		f, ok = Found{Person: p.ID, Name: p.Name, Email: p.Email, LockedAt: p.LockedAt, SecondFactor: !p.TOTPSince.IsZero()}, true
		members, err := a.Organisations().Of(ctx, p.ID)
		if err != nil {
			return err
		}
		for _, m := range members {
			o, err := a.Organisations().ByID(ctx, m.Organisation)
			if err != nil {
				return err
			}
			f.Roles = append(f.Roles, RoleAt{o.Name, o.Kind, m.Role})
		}
		return nil
	})
	return f, ok, err
}

// Lock keeps a person out, and ends what it has open; Unlock lets it in again.
func (s *Service) Lock(ctx context.Context, v Viewer, person string) error {
	if person == v.Person {
		return &InputError{"person", "self"}
	}
	return s.allowed(ctx, v, ManageAccounts, func(a store.Accounts) error {
		return hidden(s.change(ctx, a, person, func(p *store.Person) error {
			p.LockedAt = s.now()
			if err := a.Sessions().RemoveOf(ctx, p.ID, ""); err != nil {
				return err
			}
			if err := a.Tickets().Void(ctx, toReset, p.ID, s.now()); err != nil {
				return err
			}
			return s.note(ctx, a, act{by: v, action: "person.locked", object: "person " + p.ID})
		}))
	})
}

// Unlock lets a person in again whom Lock kept out.
func (s *Service) Unlock(ctx context.Context, v Viewer, person string) error {
	return s.allowed(ctx, v, ManageAccounts, func(a store.Accounts) error {
		return hidden(s.change(ctx, a, person, func(p *store.Person) error {
			if !p.ErasedAt.IsZero() {
				return ErrForbidden // there is nobody to let in
			}
			p.LockedAt = time.Time{}
			return s.note(ctx, a, act{by: v, action: "person.unlocked", object: "person " + p.ID})
		}))
	})
}

// AuditEntry is an entry of the audit log, and AuditFilter selects some.
type (
	AuditEntry  = store.AuditEntry
	AuditFilter = store.AuditFilter
)

// Audit returns a page of the audit log, the newest entries first; after is the cursor that the page before returned.
func (s *Service) Audit(ctx context.Context, v Viewer, f AuditFilter, after string) (all []AuditEntry, next string, err error) {
	err = s.seen(ctx, v, SeeAudit, func(a store.Accounts) error {
		all, next, err = a.Audit().Page(ctx, f, after, 50)
		if errors.Is(err, store.ErrInvalid) {
			err = &InputError{"after", "cursor"}
		}
		return err
	})
	return all, next, err
}

// VerifyAudit reads the whole audit log and checks its chain, and whether an earlier hash stands in it.
func (s *Service) VerifyAudit(ctx context.Context, earlier string) (out audit.Verified, err error) {
	err = s.view(ctx, func(a store.Accounts) error {
		out, err = audit.Verify(ctx, a.Audit(), earlier)
		return err
	})
	return out, err
}
