package show

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/web/lookas"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// Talk is what a demo's people have said to each other before anybody looks: tickets at every stage, announcements, a personal manager,
// ad spaces as their publishers describe them, and applications that wait.
type Talk struct {
	Store   store.Store
	Desk    *desk.Service
	Joining *joining.Service
	Market  *demo.Market
	People  *lookas.People
	Now     func() time.Time
}

// Begin enters it.
func (x *Talk) Begin(ctx context.Context) error {
	for _, do := range []func(context.Context) error{x.enter, x.Desk.Monthly, x.spaces, x.tickets, x.tell} {
		if err := do(ctx); err != nil {
			return fmt.Errorf("what the demo's people said: %w", err)
		}
	}
	return nil
}

// enter makes the people real: e-mails to them wait in the outbox.
func (x *Talk) enter(ctx context.Context) error {
	return x.Store.Update(ctx, func(tx store.Tx) error {
		a := tx.Platform().Accounts()
		for _, p := range x.People.All {
			o := p.Viewer.Organisation
			o.CreatedAt = x.Now()
			if o.Kind == store.KindPublisher {
				o.Profile = store.Profile{
					Audience: "People between 20 and 40 who shop abroad, most of them in Turkey.", Sources: "Search engines, a newsletter twice a week, and readers who come back.", Methods: []string{"coupons", "newsletter", "reviews"},
					Languages: []string{"en", "tr"}, Countries: []string{"DE", "TR"}, Website: "https://" + o.Publisher + ".example/", Contact: "editors@" + o.Publisher + ".example",
				}
			}
			if err := a.Organisations().Put(ctx, o); err != nil {
				return err
			}
			person := store.Person{
				ID: p.Viewer.Person, Email: strings.TrimPrefix(p.Viewer.Person, "per_") + "@demo.example", Name: p.Viewer.Name, Language: "en", CheckedAt: x.Now(), CreatedAt: x.Now(),
			}
			if err := a.People().Put(ctx, person); err != nil {
				return err
			}
			if err := a.Organisations().PutMember(ctx, store.Membership{Organisation: o.ID, Person: person.ID, Role: p.Viewer.Role, Since: x.Now()}); err != nil {
				return err
			}
		}
		return x.others(ctx, a)
	})
}

// others enters the organisations of publishers through whose eyes nobody looks, so that they are known by a name.
func (x *Talk) others(ctx context.Context, a store.Accounts) error {
	known := make(map[string]bool)
	for _, p := range x.People.All {
		known[p.Viewer.Organisation.Publisher] = true
	}
	for _, s := range x.Market.Spaces {
		if name := called(s.Publisher); !known[s.Publisher] && name != s.Publisher {
			known[s.Publisher] = true
			if err := a.Organisations().Put(ctx, store.Organisation{ID: "org_" + s.Publisher, Kind: store.KindPublisher, Name: name, Publisher: s.Publisher, CreatedAt: x.Now()}); err != nil {
				return err
			}
		}
	}
	return nil
}

// viewer is the demo's person with an id; the zero Viewer where there is none.
func (x *Talk) viewer(id string) people.Viewer {
	for _, p := range x.People.All {
		if p.Viewer.Person == id {
			return p.Viewer
		}
	}
	return people.Viewer{}
}

func voice(v people.Viewer) desk.Voice { return desk.Voice{Person: v.Person, Name: v.Name} }

// described is an ad space as its publisher would describe it.
func (x *Talk) described(s *publisher.AdSpace) store.Place {
	return store.Place{
		Publisher: s.Publisher, ID: s.ID, Kind: "website", Name: "Site of " + s.Publisher + " for " + string(s.Program), URL: "https://" + s.Publisher + ".example/", TrafficType: s.TrafficType, Languages: []string{"en", "tr"},
		Countries: []string{"TR"}, Description: "Reviews and offers for people who shop abroad.", TrackingIDs: s.TrackingIDs, Proof: "demo", VerifiedAt: s.ApprovedAt, VerifiedBy: joining.DNS, CreatedAt: s.ApprovedAt,
	}
}

// spaces describes the ad spaces of the market, and lets some publishers apply with one more.
func (x *Talk) spaces(ctx context.Context) error {
	places := make(map[[2]string]bool)
	var order []*publisher.AdSpace
	for _, s := range x.Market.Spaces {
		if k := [2]string{s.Publisher, s.ID}; !places[k] && s.ID != "" {
			places[k] = true
			order = append(order, s)
		}
	}
	if err := x.Store.Update(ctx, func(tx store.Tx) error {
		for _, s := range order {
			if err := tx.Platform().Joining().PutPlace(ctx, x.described(s)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	// Some publishers want to join with one more ad space of the same kind of traffic; the first program reads such applications.
	const most = 5
	for done, next := map[string]bool{}, 0; next < len(order) && len(done) < most; next++ {
		s := *order[next]
		if done[s.Publisher] {
			continue
		}
		done[s.Publisher] = true
		s.ID = "second-" + s.Publisher
		more := x.described(&s)
		more.Kind, more.Name, more.URL = "blog", "Second site of "+s.Publisher, "https://blog."+s.Publisher+".example/"
		if err := x.Store.Update(ctx, func(tx store.Tx) error { return tx.Platform().Joining().PutPlace(ctx, more) }); err != nil {
			return err
		}
		var wrong *field.Error
		if _, err := x.Joining.Apply(ctx, "tr", s.Publisher, s.ID); err != nil && !errors.As(err, &wrong) {
			return err
		}
	}
	return nil
}

// tickets are a publisher's and a seller's questions.
func (x *Talk) tickets(ctx context.Context) error {
	elif, ida, kemal := x.viewer("per_elif"), x.viewer("per_ida"), x.viewer("per_kemal")
	if elif.Person != "" {
		ann := desk.Asker{Publisher: elif.Organisation.Publisher}
		p, foreign := x.foreign(ctx, ann.Publisher)
		questions := []desk.Question{
			{Kind: desk.Payment, Subject: "When is January paid?", Text: "The balance page says that part of it becomes payable next week. Does the January run take it already?"},
			{Kind: desk.TrafficTypes, Subject: "A cashback site beside the blog", Text: "We would like to open a cashback site under the same login. The audience is the same.", TrafficType: program.Cashback},
			{Kind: desk.TrafficCheck, Subject: "How long does the traffic check take?", Text: "Our newest ad space was accepted this week."},
		}
		if foreign != "" {
			questions = append(questions, desk.Question{Kind: desk.MissingOrder, Program: p, Order: foreign, Subject: "This order should be ours", Text: "A reader says that she bought through our link. We do not see the order in our report."})
		}
		for _, q := range questions {
			i, err := x.Desk.Ask(ctx, ann, voice(elif), q)
			if err != nil {
				return err
			}
			switch q.Kind {
			case desk.Payment:
				_, err = x.Desk.Answer(ctx, voice(ida), i.ID, desk.Answer{Text: "Yes: everything that is available on the day of the run is in it. You can also ask for a withdrawal yourself at any time."})
			case desk.TrafficCheck:
				_, err = x.Desk.Answer(ctx, voice(ida), i.ID, desk.Answer{Text: "Looks like a normal blog; the check can run out by itself.", Internal: true})
				if err == nil {
					_, err = x.Desk.Assign(ctx, voice(ida), i.ID, ida.Person)
				}
			}
			if err != nil {
				return err
			}
		}
		if _, err := x.Desk.AssignManager(ctx, voice(ida), desk.Manager{Asker: ann, Name: "Ida", Email: "ida@demo.example", Messenger: "@ida"}); err != nil {
			return err
		}
	}
	if kemal.Person == "" {
		return nil
	}
	_, err := x.Desk.Ask(ctx, desk.Asker{Seller: kemal.Organisation.ID}, voice(kemal), desk.Question{Kind: desk.Other, Subject: "A rate for the spring campaign", Text: "What do stores like ours usually offer?"})
	return err
}

// foreign is an order that somebody else earned from.
func (x *Talk) foreign(ctx context.Context, but string) (p program.ID, id string) {
	_ = x.Store.View(ctx, func(tx store.Tx) error { // without one the demo has a ticket less
		all, _, err := tx.Decisions().Page(ctx, store.RecordFilter{}, "", 500)
		for _, r := range all {
			if id == "" && r.Publisher != "" && r.Publisher != but {
				p, id = r.Program, r.Order
			}
		}
		return err
	})
	return p, id
}

// tell publishes announcements.
func (x *Talk) tell(ctx context.Context) error {
	ada := voice(x.viewer("per_ada"))
	for _, d := range []desk.Draft{
		{
			Audience: desk.Audience{Kind: "publishers"}, Pinned: true, Mail: true,
			Titles: program.Text{"en": "Orders now explain themselves", "tr": "Siparişler artık kendini açıklıyor"},
			Texts: program.Text{
				"en": "Open any order in your report: its page says which clicks were considered, which rule gave the rate, and what its state waits for.\n\nIf something looks wrong, open a ticket with the order's number, and we look at the same record together.",
				"tr": "Raporunuzdan bir sipariş açın: sayfası hangi tıklamalara bakıldığını, oranı hangi kuralın verdiğini ve durumun neyi beklediğini söyler.\n\nBir şey yanlış görünüyorsa sipariş numarasıyla talep açın, aynı kayda birlikte bakalım.",
			},
		},
		{
			Audience: desk.Audience{Kind: "everybody"},
			Titles:   program.Text{"en": "Support over the holidays", "tr": "Tatilde destek"},
			Texts:    program.Text{"en": "Tickets are answered every day; payouts run as always.", "tr": "Talepler her gün yanıtlanır; ödemeler her zamanki gibi yapılır."},
		},
	} {
		if _, err := x.Desk.Announce(ctx, ada, d); err != nil {
			return err
		}
	}
	_, err := x.Desk.SendDue(ctx)
	return err
}
