package payouts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// ErrNotFound says that what was asked for is not there.
var ErrNotFound = store.ErrNotFound

// AccountCheck reports what keeps an account from being paid by a method in a currency: each fault with what helps, joined.
type AccountCheck func(account payout.Party, method string, c money.Currency) error

// UseAccounts checks accounts before they are kept, and tells people by e-mail, sealed with the box, that they were changed. It is called
// before the service is used.
func (s *Service) UseAccounts(check AccountCheck, box *seal.Box) { s.check, s.box = check, box }

// Known is how a publisher is paid, and since when.
type Known struct {
	Details
	ChangedAt time.Time // zero: nothing was entered yet
	// FrozenUntil is when payouts go on after the change; zero: they go on already.
	FrozenUntil time.Time
}

// Details returns how a publisher is paid.
func (s *Service) Details(ctx context.Context, publisher string) (k Known, err error) {
	err = s.store.View(ctx, func(tx store.Tx) (err error) {
		k, err = known(ctx, tx, publisher)
		return err
	})
	if until := k.ChangedAt.Add(payout.DetailsFreeze); err == nil && !k.ChangedAt.IsZero() && s.now().Before(until) {
		k.FrozenUntil = until
	}
	return k, err
}

func known(ctx context.Context, tx store.Tx, publisher string) (k Known, err error) {
	all, err := tx.Payouts().Details(ctx)
	if err != nil {
		return k, fmt.Errorf("reading payout details: %w", err)
	}
	kept, ok := all[publisher]
	if !ok {
		return k, nil
	}
	if err := json.Unmarshal(kept.JSON, &k.Details); err != nil {
		return k, fmt.Errorf("payout details of %q: %w", publisher, err)
	}
	k.ChangedAt = kept.ChangedAt
	return k, nil
}

// Method is a way to be paid that programs offer, and in which programs.
type Method struct {
	Name     string
	Programs []program.ID
}

// Methods are the ways to be paid that the given programs offer now, by name.
func (s *Service) Methods(programs []program.ID) []Method {
	var all []Method
	for _, id := range programs {
		terms := s.terms(id, s.now())
		if terms == nil {
			continue
		}
		for _, m := range terms.Payout.Methods {
			i := slices.IndexFunc(all, func(x Method) bool { return x.Name == m.Method })
			if i < 0 {
				all = append(all, Method{Name: m.Method})
				i = len(all) - 1
			}
			if !slices.Contains(all[i].Programs, id) {
				all[i].Programs = append(all[i].Programs, id)
			}
		}
	}
	slices.SortFunc(all, func(a, b Method) int { return strings.Compare(a.Name, b.Name) })
	return all
}

var country = regexp.MustCompile(`^[A-Z]{2}$`)

// SetDetails keeps how a publisher is paid. Nothing is paid for payout.DetailsFreeze after a change (M3): payout.Eligible sees to it,
// whichever way a payout begins. Everybody who owns the publisher's account is told by e-mail, and so are the address that payouts went to
// until now and the one that they go to from now on. The same details again change nothing.
func (s *Service) SetDetails(ctx context.Context, publisher string, d Details) error {
	if err := s.judge(&d); err != nil {
		return err
	}
	b, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("payout details of %q: %w", publisher, err)
	}
	return s.store.Update(ctx, func(tx store.Tx) error {
		before, err := known(ctx, tx, publisher)
		if err != nil {
			return err
		}
		if !before.ChangedAt.IsZero() && before.Details == d {
			return nil
		}
		if err := tx.Payouts().PutDetails(ctx, publisher, b, s.now()); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, publisher, &before.Details, &d); err != nil {
			return err
		}
		act := audit.Act{Action: "payout_details.changed", Object: "publisher " + publisher, After: shown(&d)}
		if !before.ChangedAt.IsZero() {
			act.Before = shown(&before.Details)
		}
		return audit.Note(ctx, tx, s.now(), act)
	})
}

// judge cleans details and says what is wrong with them.
func (s *Service) judge(d *Details) error {
	a := &d.Account
	for _, t := range []*string{
		&d.Method, &d.Country, &a.Name, &a.Email, &a.BIC, &a.Address.Street, &a.Address.Building, &a.Address.PostCode, &a.Address.Town, &a.Address.Country,
	} {
		*t = strings.TrimSpace(*t)
	}
	a.IBAN = strings.ToUpper(strings.ReplaceAll(a.IBAN, " ", ""))
	if s.check == nil {
		return nil
	}
	if d.Method == "" {
		return &field.Error{Field: "method", Reason: "choose how you want to be paid"}
	}
	if !country.MatchString(d.Country) {
		return field.Wrong("country", "%.10q is no country code of ISO 3166-1, such as TR", d.Country)
	}
	// What an account must have does not depend on the currency but for a few; US dollars ask for no more than the others.
	if err := s.check(*a, d.Method, "USD"); err != nil {
		first := err
		var joined interface{ Unwrap() []error }
		if errors.As(err, &joined) {
			first = joined.Unwrap()[0]
		}
		name := "account"
		for field, word := range map[string]string{"iban": "IBAN", "bic": "BIC", "name": "name", "email": "mail"} {
			if strings.Contains(first.Error(), word) {
				name = field
			}
		}
		return &field.Error{Field: name, Reason: err.Error()}
	}
	return nil
}

// shown is what may be read of details in the log and in e-mail: of accounts the end only.
func shown(d *Details) audit.Values {
	v := audit.Values{"method": d.Method, "country": d.Country, "name": d.Account.Name}
	for name, account := range map[string]string{"iban": d.Account.IBAN, "account": d.Account.Account} {
		if account != "" {
			v[name] = audit.Ending(account)
		}
	}
	if d.Account.Email != "" {
		v["email"] = d.Account.Email
	}
	return v
}

// tell writes to everybody who should know that payouts go elsewhere.
func (s *Service) tell(ctx context.Context, tx store.Tx, publisher string, before, after *Details) error {
	if s.box == nil {
		return nil
	}
	a := tx.Platform().Accounts()
	languages := map[string]string{} // by address
	all, err := a.Organisations().OfKind(ctx, store.KindPublisher)
	if err != nil {
		return err
	}
	language := "en"
	for _, o := range all {
		if o.Publisher != publisher {
			continue
		}
		members, err := a.Organisations().Members(ctx, o.ID)
		if err != nil {
			return err
		}
		for _, m := range members {
			if m.Role != store.RoleOwner {
				continue
			}
			p, err := a.People().ByID(ctx, m.Person)
			if err != nil {
				return err
			}
			languages[p.Email], language = p.Language, p.Language
		}
	}
	for _, d := range []*Details{before, after} {
		if to := d.Account.Email; to != "" && languages[to] == "" {
			languages[to] = language
		}
	}
	for to, language := range languages {
		subject, text := letter(language, after, s.now().Add(payout.DetailsFreeze))
		if err := notify.Write(ctx, a.Outbox(), s.box, notify.Message{To: to, Subject: subject, Text: text}, s.now()); err != nil {
			return err
		}
	}
	return nil
}

// letter is the e-mail about a change.
func letter(language string, d *Details, until time.Time) (subject, text string) {
	where := d.Account.Name
	for _, end := range []string{d.Account.IBAN, d.Account.Account} {
		if end != "" {
			where += " " + audit.Ending(end)
		}
	}
	when := until.UTC().Format("2006-01-02 15:04 UTC")
	if language == "tr" {
		return "Ödeme bilgileriniz değiştirildi", "Merhaba,\n\nHesabınızın ödeme bilgileri değiştirildi. Ödemeler bundan sonra şuraya yapılacak: " + where +
			".\n\nGüvenliğiniz için " + when + " zamanına kadar ödeme yapılmaz. Bu değişikliği siz yapmadıysanız hemen parolanızı değiştirin ve bize haber verin.\n"
	}
	return "Your payout details were changed", "Hello,\n\nThe payout details of your account were changed. Payouts go to: " + where +
		" from now on.\n\nFor your safety nothing is paid before " + when + ". If this was not you, change your password at once and tell us.\n"
}
