package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// world is a desk over a database, with the people of publisher ann, publisher ben, a seller and the operator.
type world struct {
	*Service
	t     *testing.T
	db    store.Store
	box   *seal.Box
	clock time.Time
}

var (
	ann     = Asker{Publisher: "ann"}
	ben     = Asker{Publisher: "ben"}
	shop    = Asker{Seller: "org_shop"}
	elif    = Voice{"per_elif", "Elif"}
	ida     = Voice{"per_ida", "Ida"}
	readers = map[string]Reader{"elif": {Person: "per_elif", Asker: ann}, "ben": {Person: "per_ben", Asker: ben}, "kemal": {Person: "per_kemal", Asker: shop}}
)

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) // the test is over
	box, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, box: box, clock: time.Date(2026, 5, 10, 12, 0, 0, 0, time.UTC)}
	w.Service = New(db, box, "https://console.example/", func() time.Time { return w.clock })
	w.update(func(tx store.Tx) error {
		a := tx.Platform().Accounts()
		for _, o := range []store.Organisation{
			{ID: "org_ann", Kind: store.KindPublisher, Publisher: "ann"}, {ID: "org_ben", Kind: store.KindPublisher, Publisher: "ben"}, {ID: "org_shop", Kind: store.KindSeller}, {ID: "org_op", Kind: store.KindOperator},
		} {
			o.Name, o.CreatedAt = o.ID, w.clock
			if err := a.Organisations().Put(t.Context(), o); err != nil {
				return err
			}
		}
		for _, p := range []struct{ id, language, organisation string }{
			{"per_elif", "tr", "org_ann"}, {"per_anna", "en", "org_ann"}, {"per_ben", "en", "org_ben"}, {"per_kemal", "tr", "org_shop"}, {"per_ida", "en", "org_op"}, {"per_ada", "en", "org_op"},
		} {
			person := store.Person{ID: p.id, Email: p.id + "@example.org", Name: p.id, Language: p.language, CheckedAt: w.clock, CreatedAt: w.clock}
			if err := a.People().Put(t.Context(), person); err != nil {
				return err
			}
			if err := a.Organisations().PutMember(t.Context(), store.Membership{Organisation: p.organisation, Person: p.id, Role: store.RoleOwner, Since: w.clock}); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

func (w *world) update(do func(tx store.Tx) error) {
	w.t.Helper()
	if err := w.db.Update(w.t.Context(), do); err != nil {
		w.t.Fatal(err)
	}
}

// mails takes everything out of the outbox: to whom, the subject and the text.
func (w *world) mails() (all []notify.Message) {
	w.t.Helper()
	w.update(func(tx store.Tx) error {
		all = nil
		out := tx.Platform().Accounts().Outbox()
		due, err := out.Due(w.t.Context(), w.clock.Add(time.Hour), 1000)
		if err != nil {
			return err
		}
		for _, m := range due {
			message, err := notify.Read(w.box, m)
			if err != nil {
				return err
			}
			all = append(all, message)
			m.NextAt, m.SentAt = time.Time{}, w.clock
			if err := out.Put(w.t.Context(), m); err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortFunc(all, func(a, b notify.Message) int { return strings.Compare(a.To, b.To) })
	return all
}

func to(all []notify.Message) (out []string) {
	for _, m := range all {
		out = append(out, strings.TrimSuffix(m.To, "@example.org"))
	}
	return out
}

func fieldOf(err error) string {
	var f *field.Error
	if errors.As(err, &f) && f.Reason != "" {
		return f.Field
	}
	return fmt.Sprint(err)
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// A6: a ticket with its conversation: states, who sees what as new, and an e-mail in each person's language for each answer.
func TestA6_Conversation(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	ok := must[Inquiry](t)
	asked := ok(w.Ask(ctx, ann, elif, Question{Kind: Payment, Subject: "Where is\nmy money?", Text: "I wait since May."}))
	if asked.ID != 1 || asked.State != Open || asked.Subject != "Where is my money?" || len(w.mails()) != 0 {
		t.Errorf("%+v", asked)
	}
	is := func(what string, a Asker, want ...any) {
		t.Helper()
		i := must[*Conversation](t)(w.Conversation(ctx, 1))
		wait := must[Waiting](t)(w.Waiting(ctx, Reader{Person: elif.Person, Asker: a}))
		turn := must[int64](t)(w.Turn(ctx))
		if got := []any{i.State, wait.Inquiries, turn}; !slices.Equal(got, want) {
			t.Errorf("%s: state, new for the publisher, waiting for the operator: %v, want %v", what, got, want)
		}
	}
	is("asked", ann, Open, int64(0), int64(1))
	ok(w.Answer(ctx, ida, 1, Answer{Text: "It is on its way.\nPatience."}))
	is("answered", ann, Answered, int64(1), int64(0))
	mails := w.mails()
	if got := to(mails); !slices.Equal(got, []string{"per_anna", "per_elif"}) {
		t.Fatalf("written to %v", got)
	}
	for i, want := range [][]string{{"Ticket 1: Where is my money?", "was answered", "It is on its way.\nPatience.", "https://console.example/publisher/help/tickets/1"}, {"Talep 1: Where is my money?", "yanıtlandı", "It is on its way."}} {
		for _, part := range want {
			if !strings.Contains(mails[i].Subject+"\n"+mails[i].Text, part) {
				t.Errorf("the e-mail to %s lacks %q:\n%s\n%s", mails[i].To, part, mails[i].Subject, mails[i].Text)
			}
		}
	}
	if c := must[*Conversation](t)(w.Own(ctx, ann, 1)); len(c.Said) != 2 || c.New != 1 || c.Said[1].Name != "Ida" || !c.Said[1].FromDesk {
		t.Errorf("%+v", c)
	}
	is("read", ann, Answered, int64(0), int64(0))
	ok(w.Answer(ctx, ida, 1, Answer{Text: "Which bank?", State: Asked}))
	is("asked back", ann, Asked, int64(1), int64(0))
	ok(w.Reply(ctx, ann, elif, 1, "The blue one."))
	is("replied", ann, Open, int64(0), int64(1))
	w.mails()
	ok(w.Answer(ctx, ida, 1, Answer{State: Closed}))
	is("closed", ann, Closed, int64(0), int64(0))
	if mails := w.mails(); len(mails) != 2 || !strings.Contains(mails[0].Text, "was closed") {
		t.Errorf("closing is told by %v", mails)
	}
	ok(w.Reply(ctx, ann, elif, 1, "It is still not there."))
	is("reopened", ann, Reopened, int64(0), int64(1))
	ok(w.CloseOwn(ctx, ann, 1))
	is("closed by its publisher", ann, Closed, int64(0), int64(0))

	// What is another's is not there, whatever is done with it; a seller and a publisher of the same name are two.
	for _, a := range []Asker{ben, shop, {}, {Seller: "ann"}} {
		_, err := w.Own(ctx, a, 1)
		_, reply := w.Reply(ctx, a, elif, 1, "x")
		_, closing := w.CloseOwn(ctx, a, 1)
		for _, err := range []error{err, reply, closing} {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("ticket 1 as %+v: %v", a, err)
			}
		}
		if own, _, err := w.OwnInquiries(ctx, a, "", 10); err != nil || len(own) != 0 {
			t.Errorf("%+v sees %v, %v", a, own, err)
		}
	}
}

// A6: what is wrong with a question is said, with its field.
func TestA6_WhatIsWrongIsSaid(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	good := Question{Kind: MissingOrder, Subject: "s", Text: "t", Program: "tr", Order: "o-1"}
	for name, c := range map[string]struct {
		change func(q *Question)
		want   string
	}{
		"kind":         {func(q *Question) { q.Kind = "x" }, "kind"},
		"subject":      {func(q *Question) { q.Subject = " \n" }, "subject"},
		"long subject": {func(q *Question) { q.Subject = strings.Repeat("ü", 201) }, "subject"},
		"text":         {func(q *Question) { q.Text = "" }, "text"},
		"control":      {func(q *Question) { q.Text = "a\x00b" }, "text"},
		"direction":    {func(q *Question) { q.Text = "a\u202eb" }, "text"},
		"order":        {func(q *Question) { q.Order = " " }, "order"},
		"long order":   {func(q *Question) { q.Order = strings.Repeat("x", 501) }, "order"},
		"program":      {func(q *Question) { q.Program = "nowhere" }, "program"},
		"type":         {func(q *Question) { q.Kind = TrafficTypes }, "traffic_type"},
		"good":         {func(*Question) {}, "<nil>"},
	} {
		q := good
		c.change(&q)
		if _, err := w.Ask(ctx, ann, elif, q); fieldOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := w.Ask(ctx, shop, elif, good); fieldOf(err) != "kind" {
		t.Errorf("a seller misses an order: %v", err)
	}
	if _, err := w.Ask(ctx, Asker{}, elif, good); fieldOf(err) != "publisher" {
		t.Errorf("nobody asks: %v", err)
	}
	for name, a := range map[string]Answer{
		"text": {}, "state": {Text: "x", State: Open}, "verdict": {Verdict: "maybe"},
	} {
		if _, err := w.Answer(ctx, ida, 1, a); fieldOf(err) != name {
			t.Errorf("answer %+v: %v, want %s", a, err, name)
		}
	}
	if _, err := w.Answer(ctx, ida, 1, Answer{Text: "x", Verdict: Agreed}); fieldOf(err) != "verdict" {
		t.Errorf("a verdict on a missing order: %v", err)
	}
	if _, err := w.Answer(ctx, ida, 1, Answer{Text: "x", Internal: true, Verdict: Agreed}); fieldOf(err) != "verdict" {
		t.Errorf("a hidden verdict: %v", err)
	}
	if _, err := w.Answer(ctx, ida, 9, Answer{Text: "x"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("answering nothing: %v", err)
	}
	if len(w.mails()) != 0 {
		t.Error("what was refused was told")
	}
}

// leaks reports where a text of the operator's stands in what a publisher gets: the conversation, the lists and the e-mails.
func leaks(w *world, a Asker, id int64, text string, mails []notify.Message) (out []string) {
	c, err := w.Own(w.t.Context(), a, id)
	if err != nil {
		w.t.Fatal(err)
	}
	list, _, err := w.OwnInquiries(w.t.Context(), a, "", 10)
	if err != nil {
		w.t.Fatal(err)
	}
	for what, v := range map[string]any{"conversation": c, "list": list} {
		if strings.Contains(fmt.Sprintf("%+v", v), text) {
			out = append(out, what)
		}
	}
	for _, m := range mails {
		if strings.Contains(m.Subject+m.Text, text) {
			out = append(out, "e-mail to "+m.To)
		}
	}
	return out
}

// A6: internal notes and who works on a ticket stay among the operator's people.
func TestA6_NotesStayInside(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	ok := must[Inquiry](t)
	ok(w.Ask(ctx, ann, elif, Question{Kind: Other, Subject: "s", Text: "t"}))
	ok(w.Answer(ctx, ida, 1, Answer{Text: "SECRET note", Internal: true}))
	ok(w.Assign(ctx, ida, 1, "per_ada"))
	if mails := w.mails(); !slices.Equal(to(mails), []string{"per_ada"}) || !strings.Contains(mails[0].Text, "Ida assigned ticket 1") {
		t.Errorf("%v", mails)
	}
	if got := must[*Conversation](t)(w.Conversation(ctx, 1)); len(got.Said) != 2 || !got.Said[1].Internal || got.State != Open || got.Assignee != "per_ada" {
		t.Errorf("the operator sees %+v", got)
	}
	if got := append(leaks(w, ann, 1, "SECRET", w.mails()), leaks(w, ann, 1, "per_ada", nil)...); len(got) > 0 {
		t.Errorf("the publisher reads it in %v", got)
	}
	if n := must[Waiting](t)(w.Waiting(ctx, readers["elif"])); n.Inquiries != 0 {
		t.Error("a note is marked as new for the publisher")
	}
	// The assignee is told what the publisher writes, and nobody else is.
	ok(w.Reply(ctx, ann, elif, 1, "And?"))
	if mails := w.mails(); !slices.Equal(to(mails), []string{"per_ada"}) || strings.Contains(mails[0].Text, "And?") {
		t.Errorf("%v", mails)
	}
	if _, err := w.Assign(ctx, ida, 1, "per_elif"); fieldOf(err) != "assignee" {
		t.Errorf("a publisher works on tickets: %v", err)
	}
	if i := ok(w.Assign(ctx, ida, 1, "")); i.Assignee != "" {
		t.Error("nobody has it, and somebody does")
	}
	// Red control: the same note, taken for a message, is seen everywhere.
	ok(w.Answer(ctx, ida, 1, Answer{Text: "SECRET note"}))
	if got := leaks(w, ann, 1, "SECRET", w.mails()); len(got) != 3 {
		t.Errorf("the check sees an open text only in %v", got)
	}
}

// A6: support's verdict on a further traffic type; one open ticket for each type.
func TestA6_VerdictOnTrafficTypes(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	ok := must[Inquiry](t)
	q := Question{Kind: TrafficTypes, Subject: "Cashback too", Text: "We have a second site.", TrafficType: program.Cashback, AdSpace: "cash"}
	ok(w.Ask(ctx, ann, elif, q))
	if _, err := w.Ask(ctx, ann, elif, q); !errors.Is(err, ErrConflict) {
		t.Errorf("asked twice: %v", err)
	}
	ok(w.Ask(ctx, ben, elif, q))
	i := ok(w.Answer(ctx, ida, 1, Answer{Verdict: Agreed, Text: "Fine."}))
	if i.Verdict != Agreed || i.VerdictBy != "Ida" || i.State != Closed {
		t.Errorf("%+v", i)
	}
	if mails := w.mails(); len(mails) != 2 || !strings.Contains(mails[0].Text, "We agree") || !strings.Contains(mails[0].Text, "Fine.") {
		t.Errorf("%v", mails)
	}
	i = ok(w.Answer(ctx, ida, 2, Answer{Verdict: Refused}))
	if mails := w.mails(); i.Verdict != Refused || len(mails) != 1 || !strings.Contains(mails[0].Text, "do not agree") {
		t.Errorf("%+v, %v", i, mails)
	}
	ok(w.Ask(ctx, ben, elif, q)) // once it was decided, one may ask again
}

// A10: announcements reach their audience in its languages, in the inbox and by e-mail, once; reading takes the mark away.
func TestA10_Announcements(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.update(func(tx store.Tx) error {
		return tx.Facts().PutAdSpaces(ctx, []*publisher.AdSpace{{ID: "blog", Publisher: "ann", Program: "tr", TrafficType: program.Content, ApprovedAt: w.clock}})
	})
	ok := must[Announcement](t)
	both := program.Text{"en": "Sale", "tr": "İndirim"}
	texts := program.Text{"en": "It begins.", "tr": "Başlıyor."}
	all := ok(w.Announce(ctx, ida, Draft{Audience: Audience{Kind: "everybody"}, Titles: both, Texts: texts, Mail: true}))
	ok(w.Announce(ctx, ida, Draft{Audience: Audience{Kind: "program", Program: "tr", Asker: ben}, Titles: both, Texts: texts, Pinned: true}))
	ok(w.Announce(ctx, ida, Draft{Audience: Audience{Kind: "publisher", Asker: ben}, Titles: program.Text{"tr": "Selam"}, Texts: program.Text{"tr": "Merhaba."}, Mail: true, From: w.clock.Add(24 * time.Hour)}))
	inbox := func(who string) (ids []int64) {
		for _, s := range must[[]Shown](t)(w.Inbox(ctx, readers[who])) {
			ids = append(ids, s.ID)
		}
		return ids
	}
	for who, want := range map[string][]int64{"elif": {2, 1}, "ben": {1}, "kemal": {1}} {
		if got := inbox(who); !slices.Equal(got, want) {
			t.Errorf("%s sees %v, want %v", who, got, want)
		}
	}
	for range 2 {
		if _, err := w.SendDue(ctx); err != nil {
			t.Fatal(err)
		}
	}
	mails := w.mails()
	if got := to(mails); !slices.Equal(got, []string{"per_anna", "per_ben", "per_elif", "per_kemal"}) {
		t.Errorf("sent to %v", got)
	}
	if mails[0].Subject != "Sale" || mails[2].Subject != "İndirim" || !strings.Contains(mails[2].Text, "Başlıyor.") || !strings.Contains(mails[0].Text, "https://console.example/\n") {
		t.Errorf("%v", mails)
	}
	news := func(who string) int64 { return must[Waiting](t)(w.Waiting(ctx, readers[who])).Announcements }
	if news("elif") != 2 || news("ben") != 1 {
		t.Errorf("new: %d and %d", news("elif"), news("ben"))
	}
	must[Shown](t)(w.Read(ctx, readers["elif"], 2))
	if _, err := w.Read(ctx, readers["ben"], 2); !errors.Is(err, ErrNotFound) {
		t.Errorf("ben reads what is not for him: %v", err)
	}
	if news("elif") != 1 || news("ben") != 1 {
		t.Errorf("new after reading: %d and %d", news("elif"), news("ben"))
	}
	ok(w.Withdraw(ctx, all.ID))
	w.clock = w.clock.Add(25 * time.Hour)
	if sent := must[int](t)(w.SendDue(ctx)); sent != 1 || !slices.Equal(to(w.mails()), []string{"per_ben"}) {
		t.Errorf("%d sent", sent)
	}
	if got := inbox("ben"); !slices.Equal(got, []int64{3}) {
		t.Errorf("ben sees %v", got)
	}
	for name, d := range map[string]Draft{
		"audience":  {Titles: both, Texts: texts},
		"title_en":  {Audience: Audience{Kind: "everybody"}},
		"text_tr":   {Audience: Audience{Kind: "everybody"}, Titles: both, Texts: program.Text{"en": "x"}},
		"program":   {Audience: Audience{Kind: "program", Program: "x"}, Titles: both, Texts: texts},
		"publisher": {Audience: Audience{Kind: "publisher", Asker: Asker{Publisher: "zoe"}}, Titles: both, Texts: texts},
		"seller":    {Audience: Audience{Kind: "seller", Asker: Asker{Seller: "org_ann"}}, Titles: both, Texts: texts},
		"to":        {Audience: Audience{Kind: "everybody"}, Titles: both, Texts: texts, To: w.clock.Add(-time.Hour)},
	} {
		if _, err := w.Announce(ctx, ida, d); fieldOf(err) != name {
			t.Errorf("%+v: %v, want %s", d, err, name)
		}
	}
}

// A10: the personal manager is shown and told, once for each change.
func TestA10_PersonalManager(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	if m := must[*Manager](t)(w.Manager(ctx, ann)); m != nil {
		t.Errorf("%+v", m)
	}
	m := Manager{Asker: ann, Name: " Ida  K ", Email: "Ida@Example.org", Messenger: "@ida"}
	for range 2 {
		must[Manager](t)(w.AssignManager(ctx, ida, m))
	}
	if mails := w.mails(); len(mails) != 2 || !strings.Contains(mails[0].Text, "Ida K: ida@example.org, @ida") {
		t.Errorf("%v", mails)
	}
	got := must[*Manager](t)(w.Manager(ctx, ann))
	if got.Name != "Ida K" || got.Email != "ida@example.org" || got.AssignedBy != "Ida" {
		t.Errorf("%+v", got)
	}
	for name, bad := range map[string]Manager{"name": {Asker: ann, Email: "a@b.example"}, "email": {Asker: ann, Name: "x", Email: "x <a@b.example>"}, "publisher": {Name: "x", Email: "a@b.example"}} {
		if _, err := w.AssignManager(ctx, ida, bad); fieldOf(err) != name {
			t.Errorf("%+v: %v, want %s", bad, err, name)
		}
	}
}

// sell enters an order of a program that was placed some days ago.
func (w *world) sell(id, product, country string, days int, state string) {
	w.t.Helper()
	at := w.clock.AddDate(0, 0, -days)
	k := order.Key{Program: "global-eu", Order: id}
	w.update(func(tx store.Tx) error {
		events := []order.Event{{Key: k, Kind: order.Placed, At: at, Placed: &order.Placement{ShipTo: country, Currency: "USD", Items: []order.Item{{ID: "1", Product: product, Amount: 100}}}}}
		if _, err := tx.Orders().InsertEvents(w.t.Context(), events, at); err != nil {
			return err
		}
		return tx.Decisions().Put(w.t.Context(), []store.Record{{Key: k, Item: "1", State: state, Currency: "USD", PlacedAt: at, DecidedAt: at, JSON: []byte(`{}`), Origin: store.Origin{Product: product}}})
	})
}

// K5, P5: best sellers of each market: of 30 days, or of 90 where those sold too little; what earns nothing is left out.
func TestK5_BestSellers(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.update(func(tx store.Tx) error {
		return tx.Facts().PutCatalog(ctx, []*catalog.Product{
			{ID: "phone", Store: "s1", Category: "mobile_phones", Affiliate: true}, {ID: "gift", Store: "s1", Affiliate: true, Virtual: true}, {ID: "lonely", Store: "s1"},
		}, []*seller.Store{{ID: "s1", Name: "One"}})
	})
	w.sell("o1", "phone", "RU", 1, "pending")
	w.sell("o2", "phone", "DE", 2, "pending")
	w.sell("o3", "lamp", "RU", 40, "approved")
	w.sell("o4", "lamp", "RU", 41, "approved")
	w.sell("o5", "gift", "RU", 1, "pending")
	w.sell("o6", "lonely", "RU", 1, "pending")
	w.sell("o7", "phone", "RU", 3, "declined")
	w.sell("o8", "old", "RU", 91, "approved")
	if err := w.Monthly(ctx); err != nil {
		t.Fatal(err)
	}
	best := func() map[string]string {
		out := make(map[string]string)
		w.update(func(tx store.Tx) error {
			all, err := tx.Platform().Desk().Packs().BestSellers(ctx, "global-eu")
			for _, b := range all {
				for _, p := range b.Products {
					out[b.Market] += fmt.Sprintf("%s %s %d;", p.Product, p.Category, p.Orders)
				}
			}
			return err
		})
		return out
	}
	got := best()
	for market, want := range map[string]string{"": "lamp  2;phone mobile_phones 2;", "cis": "lamp  2;phone mobile_phones 1;"} {
		if got[market] != want {
			t.Errorf("market %q: %q, want %q", market, got[market], want)
		}
	}
	// Ten products in 30 days are enough: what sold before does not count any more.
	for i := range 10 {
		w.sell(fmt.Sprint("n", i), fmt.Sprint("new", i), "RU", 1, "pending")
	}
	if err := w.Monthly(ctx); err != nil || strings.Contains(best()["cis"], "new") {
		t.Errorf("found anew within the month: %v, %v", best(), err)
	}
	w.clock = w.clock.AddDate(0, 0, 22) // 1 June
	if err := w.Monthly(ctx); err != nil || strings.Contains(best()["cis"], "lamp") || strings.Count(best()["cis"], "new") != 10 {
		t.Errorf("the next month: %v, %v", best(), err)
	}
}

// P5: the welcome pack is sent once for an acceptance, with best sellers, banned keywords and stores that pay nothing; declines and
// questions are told with their reason (A2).
func TestP5_WelcomePack(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	zero := zeroLists(program1(t, "global-eu"))
	if len(zero) == 0 {
		t.Fatal("the program pays for every store, so nothing is proved")
	}
	w.update(func(tx store.Tx) error {
		return tx.Facts().PutCatalog(ctx, nil, []*seller.Store{{ID: "s9", Name: "Gadget Shop", Lists: zero[:1]}, {ID: "s1", Name: "Paying Shop"}})
	})
	w.sell("o1", "phone", "RU", 1, "pending")
	if err := w.Monthly(ctx); err != nil {
		t.Fatal(err)
	}
	a := store.Application{ID: 1, Program: "global-eu", Publisher: "ann", Place: "blog", State: "approved", Note: "Welcome, Ann.", ChangedBy: "Ida", CreatedAt: w.clock, ChangedAt: w.clock}
	tell := func(a store.Application) []notify.Message {
		w.update(func(tx store.Tx) error { return w.Tell(ctx, tx, a) })
		return w.mails()
	}
	mails := tell(a)
	if !slices.Equal(to(mails), []string{"per_anna", "per_elif"}) {
		t.Fatalf("sent to %v", to(mails))
	}
	for _, part := range []string{"Welcome, Ann.", "phone, orders: 1", "Gadget Shop", program1(t, "global-eu").Page.Keywords[0], "https://console.example/publisher/programs/global-eu/welcome"} {
		if !strings.Contains(mails[0].Text, part) {
			t.Errorf("the pack lacks %q:\n%s", part, mails[0].Text)
		}
	}
	if strings.Contains(mails[0].Text, "Paying Shop") || !strings.Contains(mails[1].Text, "hoş") && !strings.Contains(mails[1].Subject, "hoş geldiniz") {
		t.Errorf("%s\n%s", mails[0].Text, mails[1].Subject)
	}
	if again := tell(a); len(again) != 0 {
		t.Errorf("sent again: %v", again)
	}
	if _, err := w.Welcome(ctx, "global-eu", "ann"); !errors.Is(err, ErrNotFound) {
		t.Errorf("read without an ad space in the program: %v", err)
	}
	w.update(func(tx store.Tx) error {
		return tx.Facts().PutAdSpaces(ctx, []*publisher.AdSpace{{ID: "blog", Publisher: "ann", Program: "global-eu", TrafficType: program.Content, ApprovedAt: w.clock}})
	})
	if got := must[*Welcome](t)(w.Welcome(ctx, "global-eu", "ann")); got.Pack == nil || got.Pack.Letters != 2 || len(got.Unpaid) == 0 || len(got.Best) == 0 {
		t.Errorf("%+v", got)
	}
	if _, err := w.Welcome(ctx, "global-eu", "ben"); !errors.Is(err, ErrNotFound) {
		t.Errorf("read by another publisher: %v", err)
	}
	a.ID, a.State, a.Reason, a.Note = 2, "declined", "low_quality_content", "Too few pages."
	if mails := tell(a); len(mails) != 2 || !strings.Contains(mails[0].Text, "The reason: low quality content") || !strings.Contains(mails[0].Text, "Too few pages.") {
		t.Errorf("%v", mails)
	}
	a.State, a.Reason, a.Note = "question", "", "Who reads it?"
	if mails := tell(a); len(mails) != 2 || !strings.Contains(mails[0].Text, "Who reads it?") {
		t.Errorf("%v", mails)
	}
	a.State = "pending"
	if mails := tell(a); len(mails) != 0 {
		t.Errorf("%v", mails)
	}
}

func program1(t *testing.T, id program.ID) *program.Terms {
	t.Helper()
	v, ok := program.Reference(id)
	if !ok {
		t.Fatal("no program", id)
	}
	return v[0]
}

// Run does what is due and ends with its context.
func TestRunEnds(t *testing.T) {
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	w.Run(ctx, time.Hour, nil)
}
