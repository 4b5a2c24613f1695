// Package joining leads ad spaces into programs: what publishers say of them, the proof that they are theirs, applications, and the
// decisions about those (A1-A4).
package joining

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// Place is an ad space as its publisher describes it.
type Place = store.Place

// Application is an ad space's wish to join a program.
type Application = store.Application

// Filter selects applications; zero members select all.
type Filter = store.ApplicationFilter

// What services return.
var (
	ErrNotFound = store.ErrNotFound
	ErrConflict = store.ErrConflict
)

// The states of an application.
const (
	Pending  = "pending"  // in the review queue
	Question = "question" // the reviewer asked for more
	Approved = "approved"
	Declined = "declined"
)

// ByRule is who decided where the program's rules did.
const ByRule = "rule"

// Kinds are the kinds of ad space.
func Kinds() []string {
	return []string{"website", "blog", "social", "messenger", "app", "extension", "cashback", "dropshipping", "subnetwork", "video", "email", "other"}
}

// Service leads ad spaces into programs.
type Service struct {
	store  store.Store
	prover Prover
	rank   Ranking
	random func() string
	now    func() time.Time
	facts  facts.Cache
	tell   Teller
}

// Teller is told of an application whose state changed, in the transaction in which it did: what it writes is kept with the decision.
type Teller func(ctx context.Context, tx store.Tx, a Application) error

// UseTeller makes a teller be told of every change from now on.
func (v *Service) UseTeller(t Teller) { v.tell = t }

func (v *Service) told(ctx context.Context, tx store.Tx, a Application) error {
	if v.tell == nil {
		return nil
	}
	if err := v.tell(ctx, tx, a); err != nil {
		return fmt.Errorf("telling of application %d: %w", a.ID, err)
	}
	return nil
}

// Ranking returns a publisher's place in the affiliate ranking of a program (A9), 0 where it has none yet.
type Ranking func(ctx context.Context, p program.ID, publisher string) (int, error)

// New returns a service. random gives texts that nobody can guess.
func New(s store.Store, prover Prover, rank Ranking, random func() string, now func() time.Time) *Service {
	return &Service{store: s, prover: prover, rank: rank, random: random, now: now}
}

var (
	idPattern       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	languagePattern = regexp.MustCompile(`^[a-z]{2}$`)
	countryPattern  = regexp.MustCompile(`^[A-Z]{2}$`)
)

// Describe keeps what a publisher says of an ad space. A new URL must be proved anew.
func (v *Service) Describe(ctx context.Context, p Place) (Place, error) {
	if err := check(&p); err != nil {
		return p, err
	}
	err := v.store.Update(ctx, func(tx store.Tx) error {
		act := audit.Act{Action: "ad_space.changed", Object: spaceName(&p)}
		known, err := find(ctx, tx, p.Publisher, p.ID)
		switch {
		case errors.Is(err, ErrNotFound):
			act.Action = "ad_space.entered"
			p.CreatedAt, p.Proof = v.at(), v.random()
			p.VerifiedAt, p.VerifiedBy = time.Time{}, ""
		case err != nil:
			return err
		default:
			act.Before = told(&known)
			p.CreatedAt, p.Proof, p.VerifiedAt, p.VerifiedBy = known.CreatedAt, known.Proof, known.VerifiedAt, known.VerifiedBy
			if p.URL != known.URL {
				p.Proof, p.VerifiedAt, p.VerifiedBy = v.random(), time.Time{}, ""
			}
		}
		if err := tx.Platform().Joining().PutPlace(ctx, p); err != nil {
			return err
		}
		act.After = told(&p)
		return audit.Note(ctx, tx, v.at(), act)
	})
	return p, err
}

// spaceName is an ad space as the audit log names it.
func spaceName(p *Place) string { return "ad space " + p.Publisher + " " + p.ID }

// told is what of an ad space stands in the audit log.
func told(p *Place) audit.Values {
	v := audit.Values{"name": p.Name, "url": p.URL, "kind": p.Kind, "traffic_type": p.TrafficType.String()}
	if p.VerifiedBy != "" {
		v["verified_by"] = p.VerifiedBy
	}
	return v
}

func (v *Service) at() time.Time { return v.now().UTC().Truncate(time.Microsecond) }

// check says what is wrong with a description, and writes its URL in one way.
func check(p *Place) error {
	if p.Publisher == "" {
		return field.Wrong("publisher", "it is missing")
	}
	if !idPattern.MatchString(p.ID) {
		return field.Wrong("id", "%.70q is none: use up to 64 letters, digits, dots, hyphens and underscores, such as my-blog", p.ID)
	}
	if !slices.Contains(Kinds(), p.Kind) {
		return field.Wrong("kind", "%.40q is none: one of %s", p.Kind, strings.Join(Kinds(), ", "))
	}
	if p.Name = strings.TrimSpace(p.Name); p.Name == "" || len(p.Name) > 200 {
		return field.Wrong("name", "give a name of up to 200 characters that reviewers know the ad space by")
	}
	u, err := url.Parse(strings.TrimSpace(p.URL))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		return field.Wrong("url", "%.80q is no public address: it begins with https:// and a host, such as https://blog.example/", p.URL)
	}
	u.Fragment, u.Host = "", strings.ToLower(u.Host)
	p.URL = cmp.Or(u.String(), p.URL)
	if p.TrafficType == 0 {
		return field.Wrong("traffic_type", "it is missing: say how the ad space brings visitors")
	}
	if len(p.Languages) == 0 {
		return field.Wrong("languages", "name one at least, such as en")
	}
	for _, l := range p.Languages {
		if !languagePattern.MatchString(l) {
			return field.Wrong("languages", "%.10q is no language code of ISO 639-1, such as tr", l)
		}
	}
	for _, c := range p.Countries {
		if !countryPattern.MatchString(c) {
			return field.Wrong("countries", "%.10q is no country code of ISO 3166-1, such as TR", c)
		}
	}
	if len(p.Description) > 5000 {
		return field.Wrong("description", "it has %d characters, and 5,000 are the most", len(p.Description))
	}
	for _, id := range p.TrackingIDs {
		if !idPattern.MatchString(id) {
			return field.Wrong("tracking_ids", "%.70q is none: use up to 64 letters, digits, dots, hyphens and underscores", id)
		}
	}
	return nil
}

func find(ctx context.Context, tx store.Tx, publisher, id string) (Place, error) {
	all, err := tx.Platform().Joining().Places(ctx, publisher)
	if err != nil {
		return Place{}, err
	}
	for _, p := range all {
		if p.ID == id {
			return p, nil
		}
	}
	return Place{}, fmt.Errorf("ad space %.70q: %w", id, ErrNotFound)
}

// Places are a publisher's ad spaces.
func (v *Service) Places(ctx context.Context, publisher string) (all []Place, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		all, err = tx.Platform().Joining().Places(ctx, publisher)
		return err
	})
	return all, err
}

// Verify looks for the proof that the ad space is the publisher's (A1). What is missing is a *field.Error that says where to put it.
func (v *Service) Verify(ctx context.Context, publisher, id, method string) (Place, error) {
	var p Place
	err := v.store.View(ctx, func(tx store.Tx) (err error) {
		p, err = find(ctx, tx, publisher, id)
		return err
	})
	if err != nil {
		return p, err
	}
	if err := v.prover.prove(ctx, &p, method); err != nil {
		return p, err
	}
	proved := p.Proof
	err = v.store.Update(ctx, func(tx store.Tx) (err error) {
		if p, err = find(ctx, tx, publisher, id); err != nil {
			return err
		}
		if p.Proof != proved { // the URL was changed meanwhile
			return field.Wrong("url", "it was changed while it was verified: try again")
		}
		before := told(&p)
		p.VerifiedAt, p.VerifiedBy = v.at(), method
		if err := tx.Platform().Joining().PutPlace(ctx, p); err != nil {
			return err
		}
		return audit.Note(ctx, tx, p.VerifiedAt, audit.Act{Action: "ad_space.verified", Object: spaceName(&p), Before: before, After: told(&p)})
	})
	return p, err
}

// Apply asks for an ad space to join a program. The program's rules may decide at once (A2, A3); else it waits for review.
func (v *Service) Apply(ctx context.Context, id program.ID, publisherID, place string) (Application, error) {
	rank, err := v.rank(ctx, id, publisherID)
	if err != nil {
		return Application{}, fmt.Errorf("asking for the ranking of %q: %w", publisherID, err)
	}
	var a Application
	err = v.store.Update(ctx, func(tx store.Tx) error {
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		terms := f.Terms(id, v.now())
		if terms == nil {
			return fmt.Errorf("program %q: %w", id, ErrNotFound)
		}
		p, err := find(ctx, tx, publisherID, place)
		if err != nil {
			return err
		}
		if p.VerifiedAt.IsZero() {
			return field.Wrong("ad_space", "it is not verified yet: show first that %s is yours", p.URL)
		}
		now := v.at()
		a = Application{Program: id, Publisher: publisherID, Place: place, State: Pending, CreatedAt: now, ChangedAt: now}
		decide(&a, terms, &p, rank)
		if a, err = tx.Platform().Joining().PutApplication(ctx, a); err != nil {
			return err
		}
		if by := audit.Of(ctx); by.Who() != "" && by.Organisation != "" { // whoever applies agrees to the program's terms of the day
			if err := tx.Platform().Accounts().Agreements().Accept(ctx, store.Acceptance{
				Person: by.Who(), Organisation: by.Organisation, Document: "program " + string(id), Version: terms.Version, At: now, Network: by.Network,
			}); err != nil {
				return err
			}
		}
		if a.State != Declined {
			if err := v.oneType(ctx, tx, f, &p, a.ID); err != nil {
				return err
			}
		}
		if a.State == Approved {
			if err := enter(ctx, tx, &p, a); err != nil {
				return err
			}
		}
		if err := v.told(ctx, tx, a); err != nil {
			return err
		}
		act := audit.Act{
			Action: "application.made", Object: fmt.Sprint("application ", a.ID), Reason: a.Note,
			After: audit.Values{"state": a.State, "of": a.Publisher + " " + a.Place, "program": string(a.Program)},
		}
		acts := []audit.Act{act}
		if a.ChangedBy == ByRule { // nobody decided it: the entry says that the program's rules did, and by which version
			act.Action, act.Before = "application."+a.State, audit.Values{"state": Pending}
			act.After["reason"], act.After["by"] = a.Reason, ByRule
			act.After["document"] = fmt.Sprint(terms.Version)
			acts[0].After, acts[0].Reason = audit.Values{"state": Pending, "of": act.After["of"], "program": act.After["program"]}, ""
			acts = append(acts, act)
		}
		return audit.Note(ctx, tx, now, acts...)
	})
	return a, err
}

// A SecondTypeError says that support must agree before a publisher joins with a further traffic type: one login may hold several only
// then (A6). It is a field.Error too.
type SecondTypeError struct {
	wrong  *field.Error
	Wanted program.TrafficType
	Held   []program.TrafficType // those that the publisher joined or applied with
}

// Unwrap returns the field.Error.
func (e *SecondTypeError) Unwrap() error { return e.wrong }

func (e *SecondTypeError) Error() string { return e.wrong.Error() }

// oneType refuses an ad space with another traffic type than those that its publisher joined or applied with, unless support agreed
// to it in a ticket (A6).
func (v *Service) oneType(ctx context.Context, tx store.Tx, f *facts.Facts, p *Place, application int64) error {
	var held []program.TrafficType
	hold := func(t program.TrafficType) {
		if !slices.Contains(held, t) {
			held = append(held, t)
		}
	}
	for _, s := range f.AdSpaces {
		if s.Publisher == p.Publisher && s.JoinedAt(v.now()) {
			hold(s.TrafficType)
		}
	}
	places, err := tx.Platform().Joining().Places(ctx, p.Publisher)
	if err != nil {
		return err
	}
	for _, state := range []string{Pending, Question} {
		for after, more := "", true; more; {
			as, next, err := tx.Platform().Joining().Applications(ctx, Filter{Publisher: p.Publisher, State: state}, after, 100)
			if err != nil {
				return err
			}
			for _, a := range as {
				if i := slices.IndexFunc(places, func(o Place) bool { return o.ID == a.Place }); i >= 0 && a.ID != application {
					hold(places[i].TrafficType)
				}
			}
			after, more = next, next != ""
		}
	}
	if len(held) == 0 || slices.Contains(held, p.TrafficType) {
		return nil
	}
	agreed, _, err := tx.Platform().Desk().Inquiries().Page(ctx, store.InquiryFilter{
		Asker: store.Asker{Publisher: p.Publisher}, Kind: "traffic_types", Verdict: "agreed",
	}, "", 1000)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(agreed, func(i store.Inquiry) bool { return i.TrafficType == p.TrafficType }) {
		return nil
	}
	slices.Sort(held)
	names := make([]string, len(held))
	for i, t := range held {
		names[i] = t.String()
	}
	return &SecondTypeError{field.Wrong("traffic_type", "you work with the traffic type %s, and one login may have %s beside it only after support agrees: open a ticket of kind traffic_types for it",
		strings.Join(names, ", "), p.TrafficType), p.TrafficType, held}
}

// decide decides what the program's rules can: a forbidden traffic type is declined, an allowed one is accepted where everybody is, or
// whoever ranks high enough.
func decide(a *Application, terms *program.Terms, p *Place, rank int) {
	switch terms.Traffic.For(p.TrafficType) {
	case program.Forbidden:
		a.State, a.Reason, a.ChangedBy = Declined, "forbidden_traffic", ByRule
		a.Note = fmt.Sprintf("the program forbids the traffic type %s", p.TrafficType)
	case program.Allowed:
		switch {
		case terms.Joining.Everybody:
			a.State, a.ChangedBy, a.Note = Approved, ByRule, "the program accepts everybody"
		case terms.Joining.RankingUpTo > 0 && rank > 0 && rank <= terms.Joining.RankingUpTo:
			a.State, a.ChangedBy = Approved, ByRule
			a.Note = fmt.Sprintf("affiliate ranking %d; the program accepts up to %d at once", rank, terms.Joining.RankingUpTo)
		}
	}
}

// enter makes the ad space a fact of the program: links and clicks count from now on (A4).
func enter(ctx context.Context, tx store.Tx, p *Place, a Application) error {
	f, err := facts.Load(ctx, tx)
	if err != nil {
		return err
	}
	s := publisher.AdSpace{ID: p.ID, Publisher: p.Publisher, Program: a.Program, TrafficType: p.TrafficType, TrackingIDs: p.TrackingIDs, ApprovedAt: a.ChangedAt}
	if known := f.Space(a.Program, p.Publisher, p.ID); known != nil { // it comes back; its past stays
		s.ApprovedAt, s.Coupons, s.Parent = known.ApprovedAt, known.Coupons, known.Parent
	}
	spaces := []*publisher.AdSpace{&s}
	subs, err := tx.Platform().Joining().SubPublishers(ctx, p.Publisher)
	if err != nil {
		return err
	}
	for _, sub := range subs { // publishers under a subnetwork come along (A8)
		if sub.Parent != p.ID {
			continue
		}
		one := publisher.AdSpace{ID: sub.ID, Publisher: p.Publisher, Program: a.Program, TrafficType: p.TrafficType, ApprovedAt: a.ChangedAt, BlockedAt: sub.BlockedAt, Parent: p.ID}
		if known := f.Space(a.Program, p.Publisher, sub.ID); known != nil {
			one.ApprovedAt, one.TrackingIDs = known.ApprovedAt, known.TrackingIDs
		}
		spaces = append(spaces, &one)
	}
	return tx.Facts().PutAdSpaces(ctx, spaces)
}

// Decision is what a reviewer decides.
type Decision struct {
	State  string // approved, declined or question
	Reason string // of a declined application, a code of the program's list
	Note   string // for the publisher
	By     string // the reviewer
}

// Decide decides an application that waits for review. A declined one may apply again.
func (v *Service) Decide(ctx context.Context, id int64, d Decision) (Application, error) {
	var a Application
	err := v.store.Update(ctx, func(tx store.Tx) (err error) {
		if a, err = tx.Platform().Joining().Application(ctx, id); err != nil {
			return err
		}
		if a.State != Pending && a.State != Question {
			return fmt.Errorf("application %d is %s and waits for nobody: %w", id, a.State, ErrConflict)
		}
		before := a.State
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		terms := f.Terms(a.Program, v.now())
		if terms == nil {
			return fmt.Errorf("program %q: %w", a.Program, ErrNotFound)
		}
		switch d.State {
		case Approved:
		case Declined:
			if !slices.Contains(terms.Joining.DeclineReasons, d.Reason) {
				return field.Wrong("reason", "%.40q is none of the program's: one of %s", d.Reason, strings.Join(terms.Joining.DeclineReasons, ", "))
			}
		case Question:
			if strings.TrimSpace(d.Note) == "" {
				return field.Wrong("note", "ask the publisher something")
			}
		default:
			return field.Wrong("state", "%.20q is none: write approved, declined or question", d.State)
		}
		if d.By == "" {
			return field.Wrong("by", "it is missing: decisions have a name")
		}
		a.State, a.Reason, a.Note, a.ChangedBy, a.ChangedAt = d.State, "", strings.TrimSpace(d.Note), d.By, v.at()
		if d.State == Declined {
			a.Reason = d.Reason
		}
		if a, err = tx.Platform().Joining().PutApplication(ctx, a); err != nil {
			return err
		}
		note := func() error {
			return audit.Note(ctx, tx, a.ChangedAt, audit.Act{
				Action: "application." + a.State, Object: fmt.Sprint("application ", a.ID), Before: audit.Values{"state": before},
				After: audit.Values{"state": a.State, "reason": a.Reason, "of": a.Publisher + " " + a.Place, "program": string(a.Program)}, Reason: a.Note,
			})
		}
		if a.State != Approved {
			if err := v.told(ctx, tx, a); err != nil {
				return err
			}
			return note()
		}
		p, err := find(ctx, tx, a.Publisher, a.Place)
		if err != nil {
			return err
		}
		if terms.Traffic.For(p.TrafficType) == program.Forbidden {
			return field.Wrong("state", "the program forbids the ad space's traffic type %s", p.TrafficType)
		}
		if err := v.oneType(ctx, tx, f, &p, a.ID); err != nil {
			return err
		}
		if err := enter(ctx, tx, &p, a); err != nil {
			return err
		}
		if err := v.told(ctx, tx, a); err != nil {
			return err
		}
		return note()
	})
	return a, err
}

// Answer is the publisher's answer to a reviewer's question; the application waits for review again.
func (v *Service) Answer(ctx context.Context, id int64, publisherID, text string) (Application, error) {
	var a Application
	err := v.store.Update(ctx, func(tx store.Tx) (err error) {
		if a, err = tx.Platform().Joining().Application(ctx, id); err != nil {
			return err
		}
		if a.Publisher != publisherID {
			return fmt.Errorf("application %d: %w", id, ErrNotFound)
		}
		if a.State != Question {
			return fmt.Errorf("application %d is %s, and nothing was asked: %w", id, a.State, ErrConflict)
		}
		if strings.TrimSpace(text) == "" || len(text) > 5000 {
			return field.Wrong("note", "answer with up to 5,000 characters")
		}
		a.State, a.Note, a.ChangedAt, a.ChangedBy = Pending, a.Note+"\n— "+strings.TrimSpace(text), v.at(), publisherID
		if a, err = tx.Platform().Joining().PutApplication(ctx, a); err != nil {
			return err
		}
		return audit.Note(ctx, tx, a.ChangedAt, audit.Act{
			Action: "application.answered", Object: fmt.Sprint("application ", a.ID), Before: audit.Values{"state": Question}, After: audit.Values{"state": a.State}, Reason: strings.TrimSpace(text),
		})
	})
	return a, err
}

// Applications returns a page of applications, the newest first, or the oldest where the filter says so.
func (v *Service) Applications(ctx context.Context, f Filter, after string, limit int) (as []Application, next string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		as, next, err = tx.Platform().Joining().Applications(ctx, f, after, limit)
		return err
	})
	return as, next, err
}
