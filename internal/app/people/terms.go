package people

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clickledger/clickledger/internal/store"
)

// NetworkTerms is a version of what publishers agree to with the operator, and Acceptance is that somebody agreed.
type (
	NetworkTerms = store.NetworkTerms
	Acceptance   = store.Acceptance
)

// ofNetwork is the document of acceptances of the network's terms.
const ofNetwork = "network"

// firstTerms is version 1, which holds until the operator publishes another.
func firstTerms() NetworkTerms {
	return NetworkTerms{Version: 1, Texts: map[string]string{
		"en": "1. You send visitors by fair means: you do not mislead them, buy from yourself, set cookies without a click, or bid on keywords that a program forbids.\n" +
			"2. Each program's own terms hold beside these: its document says what it pays, when, and what it does not pay for.\n" +
			"3. You see why each order earned what it did, and may object to each decision within 30 days.\n" +
			"4. Money that was earned against these terms can be held and taken back, with the evidence shown to you.\n" +
			"5. You keep your access to yourself and tell us at once when somebody else has it.\n" +
			"6. You may leave at any time; what you earned is paid. We tell you of new terms before they hold.",
		"tr": "1. Ziyaretçileri dürüst yollarla gönderirsiniz: onları yanıltmaz, kendinizden alışveriş yapmaz, tıklama olmadan çerez bırakmaz, programın yasakladığı anahtar kelimelere reklam vermezsiniz.\n" +
			"2. Bunların yanında her programın kendi koşulları geçerlidir: belgesi neyi, ne zaman ödediğini ve neyi ödemediğini söyler.\n" +
			"3. Her siparişin neden o kadar kazandırdığını görür, her karara 30 gün içinde itiraz edebilirsiniz.\n" +
			"4. Bu koşullara aykırı kazanılan para, kanıtı size gösterilerek tutulabilir ve geri alınabilir.\n" +
			"5. Erişiminizi kimseyle paylaşmaz, başkası erişirse hemen haber verirsiniz.\n" +
			"6. İstediğiniz zaman ayrılabilirsiniz; kazandığınız ödenir. Yeni koşulları geçerli olmadan size bildiririz.",
	}}
}

// Terms returns all versions of the network's terms, the newest first.
func (s *Service) Terms(ctx context.Context) (all []NetworkTerms, err error) {
	err = s.view(ctx, func(a store.Accounts) (err error) {
		all, err = termsOf(ctx, a)
		return err
	})
	return all, err
}

func termsOf(ctx context.Context, a store.Accounts) ([]NetworkTerms, error) {
	all, err := a.Agreements().Terms(ctx)
	if err == nil && len(all) == 0 {
		all = []NetworkTerms{firstTerms()}
	}
	return all, err
}

// PublishTerms publishes a new version of the network's terms, in each language of the console. Publishers are asked at their next sign-in.
func (s *Service) PublishTerms(ctx context.Context, v Viewer, texts map[string]string) (n NetworkTerms, err error) {
	clean := map[string]string{}
	for _, language := range []string{"en", "tr"} {
		text := strings.TrimSpace(strings.ReplaceAll(texts[language], "\r\n", "\n"))
		switch {
		case text == "":
			return n, &InputError{"text_" + language, "empty"}
		case len(text) > 100_000:
			return n, &InputError{"text_" + language, "long"}
		case !utf8.ValidString(text) || strings.Contains(text, "\x00"):
			return n, &InputError{"text_" + language, "characters"}
		}
		clean[language] = text
	}
	err = s.allowed(ctx, v, EditPrograms, func(a store.Accounts) error {
		kept, err := a.Agreements().Terms(ctx)
		if err != nil {
			return err
		}
		if len(kept) == 0 { // what was agreed to until now stays what it was
			first := firstTerms()
			first.PublishedAt = s.now()
			if err := a.Agreements().PutTerms(ctx, first); err != nil {
				return err
			}
			kept = []NetworkTerms{first}
		}
		n = NetworkTerms{Version: kept[0].Version + 1, Texts: clean, PublishedAt: s.now(), PublishedBy: v.Person}
		if err := a.Agreements().PutTerms(ctx, n); err != nil {
			return err
		}
		return s.note(ctx, a, act{by: v, action: "terms.published", object: "network terms", detail: map[string]string{"version": strconv.Itoa(n.Version)}})
	})
	return n, err
}

// accept keeps that somebody agreed to the newest version of the network's terms, and returns which that is.
func (s *Service) accept(ctx context.Context, a store.Accounts, v Viewer, network string) (version string, err error) {
	all, err := termsOf(ctx, a)
	if err != nil {
		return "", err
	}
	return strconv.Itoa(all[0].Version), a.Agreements().Accept(ctx, Acceptance{
		Person: v.Person, Organisation: v.Organisation.ID, Document: ofNetwork, Version: all[0].Version, At: s.now(), Network: network,
	})
}

// AcceptTerms keeps that the viewer agreed, for its publisher, to a version of the network's terms: the newest one, which it has just read.
func (s *Service) AcceptTerms(ctx context.Context, v Viewer, version int) error {
	if v.Person == "" || v.Organisation.Kind != Publisher {
		return ErrForbidden
	}
	return s.update(ctx, func(a store.Accounts) error {
		all, err := termsOf(ctx, a)
		if err != nil {
			return err
		}
		if all[0].Version != version {
			return &InputError{"version", "unknown"}
		}
		accepted, err := s.accept(ctx, a, v, v.Network)
		if err != nil {
			return err
		}
		return s.note(ctx, a, act{by: v, action: "terms.accepted", object: "organisation " + v.Organisation.ID, detail: map[string]string{"version": accepted}})
	})
}

// Agreed is what a viewer's organisation agreed to, and whether the viewer is still to be asked.
type Agreed struct {
	All  []AgreedTo
	Asks bool // the newest version of the network's terms waits for the viewer
}

// AgreedTo is a version that somebody agreed to.
type AgreedTo struct {
	Name     string // of the person
	Document string
	Version  int
	At       time.Time
}

// Agreed returns what the viewer's organisation agreed to, the newest first.
func (s *Service) Agreed(ctx context.Context, v Viewer) (out Agreed, err error) {
	if v.Person == "" {
		return out, ErrForbidden
	}
	err = s.view(ctx, func(a store.Accounts) error {
		terms, err := termsOf(ctx, a)
		if err != nil {
			return err
		}
		all, err := a.Agreements().Accepted(ctx, v.Organisation.ID, "")
		if err != nil || v.Organisation.ID == "" {
			return err
		}
		for _, x := range all {
			p, err := a.People().ByID(ctx, x.Person)
			if err != nil {
				return fmt.Errorf("who agreed: %w", err)
			}
			out.All = append(out.All, AgreedTo{p.Name, x.Document, x.Version, x.At})
		}
		out.Asks = v.Organisation.Kind == Publisher && !slices.ContainsFunc(all, func(x Acceptance) bool {
			return x.Person == v.Person && x.Document == ofNetwork && x.Version == terms[0].Version
		})
		return nil
	})
	return out, err
}
