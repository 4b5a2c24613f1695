package people

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

// App is a program of an organisation that calls the API (A7).
type App struct {
	ID, Name    string
	Scopes      []string
	TrackingIDs []string
	CreatedAt   time.Time
	RevokedAt   time.Time // zero: it may call
	Keys        []AppKey
}

// AppKey is a key of an app, without its secret.
type AppKey struct {
	ID        string
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	KnownTo   string    // id of who was shown its secret; empty: not known
	Name      string    // of that person
	// Left says that who knows the secret acts for the organisation no more, or is kept out: the key reads on until it is ended.
	Left bool
}

// Live reports whether the key may be used at a time.
func (k AppKey) Live(at time.Time) bool { return k.ExpiresAt.IsZero() || at.Before(k.ExpiresAt) }

// Credentials are what an app signs its calls with. The secret is shown once.
type Credentials struct {
	App, Key string
	Secret   Secret
}

// ScopesOf returns what the apps of a kind of organisation may be allowed.
func ScopesOf(k Kind) []string {
	switch k {
	case Publisher:
		return []string{"read", "links:write", "payouts:write", "cases:write", "accounts:write"}
	case Seller:
		return []string{"read", "stores:write", "accounts:write"}
	case Operator:
		return []string{"read", "orders:write", "clicks:write", "facts:write", "links:write", "stores:write", "payouts:write", "cases:write", "accounts:write"}
	}
	return nil
}

// The limits of apps.
const (
	mostApps     = 20
	mostTracking = 100
	// Overlap is how long the old key of an app counts beside the new one.
	Overlap = 7 * 24 * time.Hour
	// LeftOverlap is how long it counts where somebody knows it who left.
	LeftOverlap = 24 * time.Hour
)

// Apps returns the apps of the viewer's organisation.
func (s *Service) Apps(ctx context.Context, v Viewer) (all []App, err error) {
	err = s.seen(ctx, v, SeeApps, func(a store.Accounts) error {
		apps, err := a.Apps().Of(ctx, v.Organisation.ID)
		for _, x := range apps {
			keys, err := a.Apps().Keys(ctx, x.ID)
			if err != nil {
				return err
			}
			app := App{ID: x.ID, Name: x.Name, Scopes: x.Scopes, TrackingIDs: x.TrackingIDs, CreatedAt: x.CreatedAt, RevokedAt: x.RevokedAt}
			for _, k := range keys {
				shown, err := s.shown(ctx, a, &x, &k)
				if err != nil {
					return err
				}
				app.Keys = append(app.Keys, shown)
			}
			all = append(all, app)
		}
		return err
	})
	return all, err
}

// MakeApp enters an app with its first key.
func (s *Service) MakeApp(ctx context.Context, v Viewer, name string, scopes, trackingIDs []string) (out Credentials, err error) {
	if name, err = cleanName("name", name); err != nil {
		return out, err
	}
	known := ScopesOf(v.Organisation.Kind)
	if len(scopes) == 0 || slices.ContainsFunc(scopes, func(x string) bool { return !slices.Contains(known, x) }) {
		return out, &InputError{"scopes", "unknown"}
	}
	if len(trackingIDs) > mostTracking {
		return out, &InputError{"tracking_ids", "many"}
	}
	for _, id := range trackingIDs {
		if id == "" || len(id) > 64 || cleanText(id) != id {
			return out, &InputError{"tracking_ids", "characters"}
		}
	}
	if err := v.gives(scopes, trackingIDs); err != nil {
		return out, err
	}
	err = s.allowed(ctx, v, ManageApps, func(a store.Accounts) error {
		apps, err := a.Apps().Of(ctx, v.Organisation.ID)
		if err != nil {
			return err
		}
		if live := slices.DeleteFunc(apps, func(x store.App) bool { return !x.RevokedAt.IsZero() }); len(live) >= mostApps {
			return &InputError{"name", "many"}
		}
		app := store.App{ID: newID("app"), Organisation: v.Organisation.ID, Name: name, Scopes: scopes, TrackingIDs: trackingIDs, CreatedAt: s.now(), CreatedBy: v.Person}
		if err := a.Apps().Put(ctx, app); err != nil {
			return err
		}
		if out, err = s.makeKey(ctx, a, v, app.ID); err != nil {
			return err
		}
		return s.note(ctx, a, act{by: v, action: "app.made", object: "app " + app.ID, detail: map[string]string{"name": name, "key": out.Key}})
	})
	if err != nil {
		return Credentials{}, err
	}
	return out, nil
}

func (s *Service) makeKey(ctx context.Context, a store.Accounts, v Viewer, app string) (Credentials, error) {
	c := Credentials{App: app, Key: newID("key"), Secret: newToken()}
	return c, a.Apps().PutKey(ctx, store.AppKey{ID: c.Key, App: app, Secret: s.box.Seal([]byte(c.Secret.Reveal()), "app key "+c.Key), CreatedAt: s.now(), CreatedBy: v.Person})
}

// own returns an app of the viewer's organisation that was not revoked.
func own(ctx context.Context, a store.Accounts, v Viewer, id string) (store.App, error) {
	app, err := a.Apps().ByID(ctx, id)
	if err != nil {
		return app, hidden(err)
	}
	if app.Organisation != v.Organisation.ID || !app.RevokedAt.IsZero() {
		return app, ErrForbidden
	}
	return app, nil
}

// RotateKey gives an app another key. The keys before it count for Overlap, so that the app can be changed meanwhile.
func (s *Service) RotateKey(ctx context.Context, v Viewer, id string) (out Credentials, err error) {
	err = s.allowed(ctx, v, ManageApps, func(a store.Accounts) error {
		app, err := own(ctx, a, v, id)
		if err != nil {
			return err
		}
		if err := v.gives(app.Scopes, app.TrackingIDs); err != nil {
			return err
		}
		keys, err := a.Apps().Keys(ctx, app.ID)
		if err != nil {
			return err
		}
		until := s.now().Add(Overlap)
		for _, k := range keys {
			if k.EndBy(until) {
				if err := a.Apps().PutKey(ctx, k); err != nil {
					return err
				}
			}
		}
		if out, err = s.makeKey(ctx, a, v, app.ID); err != nil {
			return err
		}
		return s.note(ctx, a, act{by: v, action: "app.key_rotated", object: "app " + app.ID, detail: map[string]string{"key": out.Key}})
	})
	if err != nil {
		return Credentials{}, err
	}
	return out, nil
}

// shown is a key as its organisation sees it.
func (s *Service) shown(ctx context.Context, a store.Accounts, app *store.App, k *store.AppKey) (AppKey, error) {
	c := Caller{MadeBy: cmp.Or(k.CreatedBy, app.CreatedBy)}
	if err := answers(ctx, a, *app, &c); err != nil {
		return AppKey{}, err
	}
	out := AppKey{ID: k.ID, CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, KnownTo: c.MadeBy, Name: c.Name, Left: c.MadeBy != "" && c.Person == ""}
	if out.Left {
		p, err := a.People().ByID(ctx, c.MadeBy)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return out, err
		}
		out.Name = cmp.Or(p.Name, c.MadeBy)
	}
	return out, nil
}

// known does something with each key of an organisation's apps that counts now and whose secret somebody knows, or (nobody) anybody.
func (s *Service) known(ctx context.Context, a store.Accounts, organisation, person string, do func(app *store.App, k *store.AppKey) error) error {
	apps, err := a.Apps().Of(ctx, organisation)
	if err != nil {
		return err
	}
	for i := range apps {
		if !apps[i].RevokedAt.IsZero() {
			continue
		}
		keys, err := a.Apps().Keys(ctx, apps[i].ID)
		if err != nil {
			return err
		}
		for j := range keys {
			if k := &keys[j]; (person == "" || cmp.Or(k.CreatedBy, apps[i].CreatedBy) == person) && (AppKey{ExpiresAt: k.ExpiresAt}).Live(s.now()) {
				if err := do(&apps[i], k); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// ReplaceLeftKeys gives each app of which somebody who left knows a key another one, in one step. The keys that are known so count for LeftOverlap
// more, so that the apps can be changed meanwhile; RevokeKey ends one at once.
func (s *Service) ReplaceLeftKeys(ctx context.Context, v Viewer) (all []Credentials, err error) {
	err = s.allowed(ctx, v, ManageApps, func(a store.Accounts) error {
		all = nil
		until := s.now().Add(LeftOverlap)
		var apps []store.App
		if err := s.known(ctx, a, v.Organisation.ID, "", func(app *store.App, k *store.AppKey) error {
			shown, err := s.shown(ctx, a, app, k)
			if err != nil || !shown.Left {
				return err
			}
			if len(apps) == 0 || apps[len(apps)-1].ID != app.ID {
				apps = append(apps, *app)
			}
			if k.EndBy(until) {
				return a.Apps().PutKey(ctx, *k)
			}
			return nil
		}); err != nil {
			return err
		}
		for _, app := range apps {
			if err := v.gives(app.Scopes, app.TrackingIDs); err != nil {
				return err
			}
			fresh, err := s.makeKey(ctx, a, v, app.ID)
			if err != nil {
				return err
			}
			all = append(all, fresh)
			if err := s.note(ctx, a, act{by: v, action: "app.key_replaced", object: "app " + app.ID, detail: map[string]string{"key": fresh.Key, "why": "known to somebody who left"}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// RevokeKey ends a key of an app at once.
func (s *Service) RevokeKey(ctx context.Context, v Viewer, key string) error {
	return s.allowed(ctx, v, ManageApps, func(a store.Accounts) error {
		k, err := a.Apps().Key(ctx, key)
		if err != nil {
			return hidden(err)
		}
		if _, err := own(ctx, a, v, k.App); err != nil {
			return err
		}
		k.ExpiresAt = s.now()
		if err := a.Apps().PutKey(ctx, k); err != nil {
			return err
		}
		return s.note(ctx, a, act{by: v, action: "app.key_revoked", object: "app " + k.App, detail: map[string]string{"key": k.ID}})
	})
}

// RevokeApp ends an app with all its keys at once.
func (s *Service) RevokeApp(ctx context.Context, v Viewer, id string) error {
	return s.allowed(ctx, v, ManageApps, func(a store.Accounts) error {
		app, err := own(ctx, a, v, id)
		if err != nil {
			return err
		}
		app.RevokedAt = s.now()
		if err := a.Apps().Put(ctx, app); err != nil {
			return err
		}
		return s.note(ctx, a, act{by: v, action: "app.revoked", object: "app " + app.ID})
	})
}

// Caller is an app that calls the API, as the one who checks its signature needs it.
type Caller struct {
	App, Key     string
	Organisation Organisation
	// Person was shown the secret and answers for what it does, with the role that the person has now; both are empty where the person is no
	// member any more, or locked.
	Person      string
	Name        string // of the person
	Role        Role
	Scopes      []string
	TrackingIDs []string
	Secret      Secret
	MadeAt      time.Time
	MadeBy      string // id of who was shown the secret
}

// answers fills in who answers for an app.
func answers(ctx context.Context, a store.Accounts, app store.App, c *Caller) error {
	p, err := a.People().ByID(ctx, c.MadeBy)
	if errors.Is(err, store.ErrNotFound) || err == nil && !p.LockedAt.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	members, err := a.Organisations().Of(ctx, p.ID)
	for _, m := range members {
		if m.Organisation == app.Organisation {
			c.Person, c.Name, c.Role = m.Person, p.Name, m.Role
		}
	}
	return err
}

// Caller returns the app that a key belongs to; ok is false where the key may not be used. It is asked at each call, so that what is
// revoked ends at once.
func (s *Service) Caller(ctx context.Context, key string) (c Caller, ok bool, err error) {
	err = s.view(ctx, func(a store.Accounts) error {
		k, err := a.Apps().Key(ctx, key)
		if err != nil {
			return err
		}
		app, err := a.Apps().ByID(ctx, k.App)
		if err != nil {
			return err
		}
		if ok = app.RevokedAt.IsZero() && (AppKey{ExpiresAt: k.ExpiresAt}).Live(s.now()); !ok {
			return nil
		}
		secret, err := s.box.Open(k.Secret, "app key "+k.ID)
		if err != nil {
			return err
		}
		c = Caller{App: app.ID, Key: k.ID, Scopes: app.Scopes, TrackingIDs: app.TrackingIDs, Secret: Secret(secret), MadeAt: k.CreatedAt, MadeBy: cmp.Or(k.CreatedBy, app.CreatedBy)}
		if c.Organisation, err = a.Organisations().ByID(ctx, app.Organisation); err != nil {
			return err
		}
		return answers(ctx, a, app, &c)
	})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return Caller{}, false, nil
	}
	return c, ok && err == nil, err
}
