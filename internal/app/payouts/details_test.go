package payouts_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// M3, A1: payout details are checked, everybody who should know is told, the log names no whole account, and payouts stand still for 72 hours.
func TestM3_ChangedDetailsFreezePayoutsAndTellEverybody(t *testing.T) {
	ctx := audit.With(t.Context(), audit.By{Person: "per1", Via: "session x"})
	db, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	box, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	if err := db.Update(ctx, func(tx store.Tx) error {
		a := tx.Platform().Accounts()
		errs := []error{a.Organisations().Put(ctx, store.Organisation{ID: "org1", Kind: store.KindPublisher, Name: "Kupon", Publisher: "pub1", CreatedAt: clock})}
		for i, role := range []store.Role{store.RoleOwner, store.RoleMember} {
			id := []string{"per1", "per2"}[i]
			errs = append(errs, a.People().Put(ctx, store.Person{ID: id, Email: id + "@example.org", Language: "tr", CreatedAt: clock}),
				a.Organisations().PutMember(ctx, store.Membership{Organisation: "org1", Person: id, Role: role, Since: clock}))
		}
		return errors.Join(errs...)
	}); err != nil {
		t.Fatal(err)
	}
	s := payouts.New(db, func(program.ID, time.Time) *program.Terms { return nil }, nil, payout.Party{}, func() time.Time { return clock })
	s.UseAccounts(bankfile.Check, box)
	good := payouts.Details{Method: "bank_transfer", Country: "DE", Account: payout.Party{Name: "Ada", IBAN: "de89 3704 0044 0532 0130 00", BIC: "COBADEFFXXX", Address: payout.Address{Town: "Berlin", Country: "DE"}}}
	for name, change := range map[string]func(d *payouts.Details){
		"iban":    func(d *payouts.Details) { d.Account.IBAN = "DE89370400440532013001" },
		"method":  func(d *payouts.Details) { d.Method = "" },
		"country": func(d *payouts.Details) { d.Country = "Germany" },
		"name":    func(d *payouts.Details) { d.Account.Name = "" },
	} {
		d := good
		change(&d)
		var wrong *field.Error
		if err := s.SetDetails(ctx, "pub1", d); !errors.As(err, &wrong) || wrong.Field != name {
			t.Errorf("%v, want one that names %s", err, name)
		}
	}
	mails := func() (to []string, texts string) {
		t.Helper()
		if err := db.View(ctx, func(tx store.Tx) error {
			due, err := tx.Platform().Accounts().Outbox().Due(ctx, clock, 100)
			for _, m := range due {
				to = append(to, m.To)
				read, err := notify.Read(box, m)
				if err != nil {
					return err
				}
				texts += read.Text
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		slices.Sort(to)
		return to, texts
	}
	if to, _ := mails(); len(to) != 0 {
		t.Errorf("somebody was told of what was refused: %v", to)
	}
	if err := s.SetDetails(ctx, "pub1", good); err != nil {
		t.Fatal(err)
	}
	k, err := s.Details(ctx, "pub1")
	if err != nil || k.Account.IBAN != "DE89370400440532013000" || !k.FrozenUntil.Equal(clock.Add(72*time.Hour)) {
		t.Errorf("%+v, %v", k, err)
	}
	if to, text := mails(); !slices.Equal(to, []string{"per1@example.org"}) || strings.Contains(text, "0532") || !strings.Contains(text, "…3000") {
		t.Errorf("told %v: %s", to, text)
	}
	clock = clock.Add(71 * time.Hour)
	if err := s.SetDetails(ctx, "pub1", good); err != nil { // the same again is no change
		t.Fatal(err)
	}
	if k, _ := s.Details(ctx, "pub1"); !k.FrozenUntil.Equal(clock.Add(time.Hour)) {
		t.Errorf("the same details again froze payouts anew: %v", k.FrozenUntil)
	}
	clock = clock.Add(time.Hour)
	if k, _ := s.Details(ctx, "pub1"); !k.FrozenUntil.IsZero() {
		t.Errorf("payouts are frozen after 72 hours: %v", k.FrozenUntil)
	}
	paypal := payouts.Details{Method: "paypal", Country: "DE", Account: payout.Party{Email: "old@example.org"}}
	if err := s.SetDetails(ctx, "pub1", paypal); err != nil {
		t.Fatal(err)
	}
	paypal.Account.Email = "new@example.org"
	if err := s.SetDetails(ctx, "pub1", paypal); err != nil {
		t.Fatal(err)
	}
	to, _ := mails()
	for _, want := range []string{"old@example.org", "new@example.org"} {
		if !slices.Contains(to, want) {
			t.Errorf("%s was not told: %v", want, to)
		}
	}
	if slices.Contains(to, "per2@example.org") {
		t.Error("a member who may not change it was told")
	}
	if err := db.View(ctx, func(tx store.Tx) error {
		all, err := tx.Platform().Accounts().Audit().After(ctx, 0, 10)
		if len(all) != 3 || all[0].Action != "payout_details.changed" || all[0].Person != "per1" || all[0].Object != "publisher pub1" {
			t.Errorf("%+v", all)
		}
		for _, e := range all {
			if strings.Contains(e.Detail, "DE89370400440532013000") {
				t.Error("the log holds a whole account")
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
