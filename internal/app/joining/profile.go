package joining

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
)

// Profile is what a publisher says of itself (A1).
type Profile = store.Profile

// Promotions are the codes of the ways in which publishers promote.
func Promotions() []string {
	return []string{"reviews", "price_comparison", "coupons", "cashback", "social_posts", "messenger_channel", "video", "newsletter", "search_ads", "display_ads", "app", "other"}
}

// Told reports whether a profile says what reviewers look for: whom the publisher reaches, with what, how, and in which languages.
func Told(p Profile) bool {
	return p.Audience != "" && p.Sources != "" && len(p.Methods) > 0 && len(p.Languages) > 0
}

// organisation is the one that stands for a publisher, or ErrNotFound.
func organisation(ctx context.Context, tx store.Tx, publisher string) (store.Organisation, error) {
	all, err := tx.Platform().Accounts().Organisations().OfKind(ctx, store.KindPublisher)
	if err != nil {
		return store.Organisation{}, err
	}
	i := slices.IndexFunc(all, func(o store.Organisation) bool { return o.Publisher == publisher && publisher != "" })
	if i < 0 {
		return store.Organisation{}, fmt.Errorf("organisation of publisher %.70q: %w", publisher, ErrNotFound)
	}
	return all[i], nil
}

// Names are what the organisations of publishers are called, by publisher. Publishers that nobody signed up for have none.
func (v *Service) Names(ctx context.Context) (names map[string]string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		names = make(map[string]string)
		all, err := tx.Platform().Accounts().Organisations().OfKind(ctx, store.KindPublisher)
		for _, o := range all {
			if o.Publisher != "" {
				names[o.Publisher] = o.Name
			}
		}
		return err
	})
	return names, err
}

// Profile returns what a publisher's organisation is called and says of itself, or ErrNotFound where no organisation stands for it.
func (v *Service) Profile(ctx context.Context, publisher string) (name string, p Profile, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		o, err := organisation(ctx, tx, publisher)
		name, p = o.Name, o.Profile
		return err
	})
	return name, p, err
}

// SetProfile keeps what a publisher says of itself, as cleaned. What is wrong with it is a *field.Error; a publisher that no
// organisation stands for is ErrNotFound.
func (v *Service) SetProfile(ctx context.Context, publisher string, p Profile) (Profile, error) {
	if err := checkProfile(&p); err != nil {
		return p, err
	}
	return p, v.store.Update(ctx, func(tx store.Tx) error {
		o, err := organisation(ctx, tx, publisher)
		if err != nil {
			return err
		}
		before := o.Profile
		o.Profile = p
		if err := tx.Platform().Accounts().Organisations().Put(ctx, o); err != nil {
			return err
		}
		return audit.Note(ctx, tx, v.at(), audit.Act{Action: "profile.changed", Object: "publisher " + publisher, Before: said(before), After: said(p)})
	})
}

func said(p Profile) audit.Values {
	return audit.Values{
		"audience": p.Audience, "sources": p.Sources, "methods": strings.Join(p.Methods, ", "), "languages": strings.Join(p.Languages, ", "),
		"countries": strings.Join(p.Countries, ", "), "website": p.Website, "contact": p.Contact,
	}
}

// checkProfile says what is wrong with a profile, and writes it in one way.
func checkProfile(p *Profile) error {
	for _, f := range []struct {
		name string
		text *string
		most int
		must string // what to write where it may not be empty
	}{
		{"audience", &p.Audience, 2000, "say whom you reach, such as: students in Turkey who look for phones"},
		{"sources", &p.Sources, 2000, "say where your visitors come from, such as: search engines and a newsletter"},
		{"website", &p.Website, 500, ""},
		{"contact", &p.Contact, 300, ""},
	} {
		*f.text = strings.TrimSpace(*f.text)
		switch {
		case *f.text == "" && f.must != "":
			return field.Wrong(f.name, "%s", f.must)
		case utf8.RuneCountInString(*f.text) > f.most:
			return field.Wrong(f.name, "it has %d characters, and %d are the most", utf8.RuneCountInString(*f.text), f.most)
		case !utf8.ValidString(*f.text) || strings.Contains(*f.text, "\x00"):
			return field.Wrong(f.name, "it has characters that cannot be kept: write it anew")
		}
	}
	if len(p.Methods) == 0 {
		return field.Wrong("methods", "name one at least: %s", strings.Join(Promotions(), ", "))
	}
	for _, m := range p.Methods {
		if !slices.Contains(Promotions(), m) {
			return field.Wrong("methods", "%.40q is none: one of %s", m, strings.Join(Promotions(), ", "))
		}
	}
	if len(p.Languages) == 0 {
		return field.Wrong("languages", "name one at least, such as en")
	}
	for i, l := range p.Languages {
		if p.Languages[i] = strings.ToLower(l); !languagePattern.MatchString(p.Languages[i]) {
			return field.Wrong("languages", "%.10q is no language code of ISO 639-1, such as tr", l)
		}
	}
	for i, c := range p.Countries {
		if p.Countries[i] = strings.ToUpper(c); !countryPattern.MatchString(p.Countries[i]) {
			return field.Wrong("countries", "%.10q is no country code of ISO 3166-1, such as TR", c)
		}
	}
	for _, list := range []*[]string{&p.Methods, &p.Languages, &p.Countries} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	if p.Website != "" {
		if u, err := url.Parse(p.Website); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
			return field.Wrong("website", "%.80q is no public address: it begins with https:// and a host, such as https://blog.example/", p.Website)
		}
	}
	return nil
}

// Begun is how far a publisher came on its way to the first click.
type Begun struct {
	Profile  bool // it says what reviewers look for
	Space    bool // it entered an ad space
	Verified bool // of which one is verified
	Applied  bool // and one applied to a program or joined one
}

// Begun returns how far a publisher came. Whoever joined a program has an ad space that was verified, even where nobody describes it here.
func (v *Service) Begun(ctx context.Context, publisher string) (b Begun, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		b = Begun{}
		switch o, err := organisation(ctx, tx, publisher); {
		case err == nil:
			b.Profile = Told(o.Profile)
		case !errors.Is(err, ErrNotFound):
			return err
		}
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		if len(members(f, publisher, "", v.now())) > 0 {
			b.Space, b.Verified, b.Applied = true, true, true
			return nil
		}
		places, err := tx.Platform().Joining().Places(ctx, publisher)
		if err != nil {
			return err
		}
		b.Space = len(places) > 0
		b.Verified = slices.ContainsFunc(places, func(p Place) bool { return !p.VerifiedAt.IsZero() })
		as, _, err := tx.Platform().Joining().Applications(ctx, Filter{Publisher: publisher}, "", 1)
		b.Applied = len(as) > 0
		return err
	})
	return b, err
}
