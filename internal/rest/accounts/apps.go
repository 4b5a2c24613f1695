package accounts

import (
	"context"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/rest/call"
)

type appKeyView struct {
	Key       string     `json:"key"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"None: never."`
	Live      bool       `json:"live"`
	KnownTo   string     `json:"known_to,omitempty" doc:"The id of who was shown the secret."`
	Name      string     `json:"name,omitempty" doc:"Of that person."`
	Left      bool       `json:"left" doc:"Who knows the secret has left, or is kept out: while the key is live it should be replaced."`
}

type appView struct {
	App         string       `json:"app"`
	Name        string       `json:"name"`
	Scopes      []string     `json:"scopes" nullable:"false"`
	TrackingIDs []string     `json:"tracking_ids" nullable:"false" doc:"Those that its links may carry; none: any."`
	CreatedAt   time.Time    `json:"created_at"`
	RevokedAt   *time.Time   `json:"revoked_at,omitempty"`
	Keys        []appKeyView `json:"keys" nullable:"false"`
}

type appsOutput struct {
	Body struct {
		Apps   []appView `json:"apps" nullable:"false"`
		Scopes []string  `json:"scopes" nullable:"false" doc:"Those that apps of the organisation can be given."`
	}
}

func (s *Area) apps(ctx context.Context, _ *struct{}) (*appsOutput, error) {
	v, err := s.viewer(ctx)
	return s.areApps(ctx, v, err)
}

// areApps answers with the apps, after something was done about them.
func (s *Area) areApps(ctx context.Context, v people.Viewer, err error) (*appsOutput, error) {
	if err != nil {
		return nil, refused(err)
	}
	all, err := s.People.Apps(ctx, v)
	if err != nil {
		return nil, refused(err)
	}
	out := &appsOutput{}
	out.Body.Apps, out.Body.Scopes = []appView{}, append([]string{}, people.ScopesOf(v.Organisation.Kind)...)
	for _, x := range all {
		w := appView{x.ID, x.Name, append([]string{}, x.Scopes...), append([]string{}, x.TrackingIDs...), x.CreatedAt, call.Time(x.RevokedAt), []appKeyView{}}
		for _, k := range x.Keys {
			w.Keys = append(w.Keys, appKeyView{k.ID, k.CreatedAt, call.Time(k.ExpiresAt), x.RevokedAt.IsZero() && k.Live(s.api.Now()), k.KnownTo, k.Name, k.Left})
		}
		out.Body.Apps = append(out.Body.Apps, w)
	}
	return out, nil
}

type appInput struct {
	App string `path:"app" maxLength:"100"`
}

type appRejectedOutput struct {
	Body struct {
		Calls []call.Rejected `json:"calls" nullable:"false" doc:"The newest first."`
	}
}

// rejected are the calls of all keys of an app of the caller's organisation.
func (s *Area) rejected(ctx context.Context, in *appInput) (*appRejectedOutput, error) {
	v, err := s.viewer(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.People.Apps(ctx, v)
	if err != nil {
		return nil, refused(err)
	}
	i := slices.IndexFunc(all, func(x people.App) bool { return x.ID == in.App })
	if i < 0 {
		return nil, refused(people.ErrForbidden)
	}
	out := &appRejectedOutput{}
	out.Body.Calls = []call.Rejected{}
	for _, k := range all[i].Keys {
		calls, err := s.api.Rejected(ctx, k.ID)
		if err != nil {
			return nil, err
		}
		out.Body.Calls = append(out.Body.Calls, calls...)
	}
	slices.SortStableFunc(out.Body.Calls, func(a, b call.Rejected) int { return b.At.Compare(a.At) })
	return out, nil
}

type makeAppInput struct {
	Body struct {
		Name        string   `json:"name" minLength:"1" maxLength:"200"`
		Scopes      []string `json:"scopes" minItems:"1" maxItems:"20" doc:"As list-apps says."`
		TrackingIDs []string `json:"tracking_ids,omitempty" maxItems:"100" doc:"Those that its links may carry; left out: any."`
	}
}

type credentialsOutput struct {
	Body struct {
		App    string `json:"app"`
		Key    string `json:"key"`
		Secret string `json:"secret" doc:"Shown once: it is kept nowhere in the clear. The key acts for the person of the calling key."`
	}
}

func shown(c people.Credentials, err error) (*credentialsOutput, error) {
	if err != nil {
		return nil, refused(err)
	}
	out := &credentialsOutput{}
	out.Body.App, out.Body.Key, out.Body.Secret = c.App, c.Key, c.Secret.Reveal()
	return out, nil
}

func (s *Area) makeApp(ctx context.Context, in *makeAppInput) (*credentialsOutput, error) {
	v, err := s.viewer(ctx)
	if err != nil {
		return nil, err
	}
	return shown(s.People.MakeApp(ctx, v, in.Body.Name, in.Body.Scopes, in.Body.TrackingIDs))
}

func (s *Area) rotate(ctx context.Context, in *appInput) (*credentialsOutput, error) {
	v, err := s.viewer(ctx)
	if err != nil {
		return nil, err
	}
	return shown(s.People.RotateKey(ctx, v, in.App))
}

type replacedOutput struct {
	Body struct {
		Keys []replacedKey `json:"keys" nullable:"false"`
	}
}

type replacedKey struct {
	App    string `json:"app"`
	Key    string `json:"key"`
	Secret string `json:"secret" doc:"Shown once: it is kept nowhere in the clear. The key acts for the person of the calling key."`
}

func (s *Area) replace(ctx context.Context, _ *struct{}) (*replacedOutput, error) {
	v, err := s.viewer(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.People.ReplaceLeftKeys(ctx, v)
	if err != nil {
		return nil, refused(err)
	}
	out := &replacedOutput{}
	out.Body.Keys = []replacedKey{}
	for _, c := range all {
		out.Body.Keys = append(out.Body.Keys, replacedKey{c.App, c.Key, c.Secret.Reveal()})
	}
	return out, nil
}

type keyInput struct {
	Key string `path:"key" maxLength:"100"`
}

func (s *Area) revokeKey(ctx context.Context, in *keyInput) (*appsOutput, error) {
	v, err := s.viewer(ctx)
	if err == nil {
		err = s.People.RevokeKey(ctx, v, in.Key)
	}
	return s.areApps(ctx, v, err)
}

func (s *Area) revokeApp(ctx context.Context, in *appInput) (*appsOutput, error) {
	v, err := s.viewer(ctx)
	if err == nil {
		err = s.People.RevokeApp(ctx, v, in.App)
	}
	return s.areApps(ctx, v, err)
}
