package client_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/client"
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/keywords"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/rest"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/trust"
)

// town is a whole server with a publisher, a seller and an operator, each with an app of somebody who may everything there.
type town struct {
	t   *testing.T
	url string
	now time.Time
	cut atomic.Bool // the next call is done, and its caller never hears of it
	got atomic.Int64
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{t: t, now: time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "clickledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := settle.New(t.Context(), db, clock)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	box, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	codes, err := link.NewCodes(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	w.settle(db, box)
	const site = "https://aff.example"
	log := slog.New(slog.DiscardHandler)
	made := links.New(db, codes, "https://s.example", clock)
	services := rest.Services{
		Settle: s, Books: books.New(db, nil, clock), Intake: intake.New(db, clock), Links: made, Care: links.NewCare(made, links.CareParts{Log: log}), Reports: reports.New(db, clock),
		Cases: cases.New(db, s, box, site, trust.Defaults(), rand.Text, clock), Desk: desk.New(db, box, site, clock), Keywords: keywords.New(db, clock), People: people.New(db, box, site, clock),
		Joining: joining.New(db, joining.Prover{}, func(context.Context, program.ID, string) (int, error) { return 0, nil }, rand.Text, clock), Sellers: sellers.New(db, clock), Subs: subnetworks.New(db, clock),
		Payouts: payouts.New(db, s.Terms, nil, payout.Party{}, clock),
		Postbacks: postbacks.New(db, box, func(context.Context, postbacks.Call) (postbacks.Answer, error) {
			return postbacks.Answer{Status: 200}, nil
		}, log, clock),
	}
	guard := call.NewGuard([]call.Key{{ID: "feed", Secret: "secret", Scopes: []call.Scope{call.ScopeOrders, call.ScopeClicks, call.ScopeFacts}}}, clock)
	guard.UseApps(services.People)
	mux := http.NewServeMux()
	api := rest.New(services, guard, log, clock)
	api.Register(mux, prometheus.NewRegistry())
	srv := httptest.NewUnstartedServer(nil)
	srv.Config = call.NewHTTPServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.got.Add(1)
		if w.cut.CompareAndSwap(true, false) {
			mux.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		mux.ServeHTTP(rw, r)
	}))
	srv.Start()
	w.url = srv.URL
	t.Cleanup(func() {
		srv.Close()
		api.Close()
		cancel()
		if err := errors.Join(<-done, db.Close()); err != nil {
			t.Error(err)
		}
	})
	return w
}

// settle enters the organisations, with a person and an app in each.
func (w *town) settle(db store.Store, box *seal.Box) {
	w.t.Helper()
	if err := db.Update(w.t.Context(), func(tx store.Tx) (err error) {
		a := tx.Platform().Accounts()
		for _, o := range []store.Organisation{
			{ID: "ann", Kind: people.Publisher, Name: "Ann's blog", Publisher: "ann"}, {ID: "shop", Kind: people.Seller, Name: "The shop", Stores: []string{"s"}}, {ID: "desk", Kind: people.Operator, Name: "Operator"},
		} {
			err = errors.Join(err, a.Organisations().Put(w.t.Context(), o), a.People().Put(w.t.Context(), store.Person{ID: "per-" + o.ID, Email: o.ID + "@example.org", Name: o.Name, Language: "en"}),
				a.Organisations().PutMember(w.t.Context(), store.Membership{Organisation: o.ID, Person: "per-" + o.ID, Role: people.RolesOf(o.Kind)[0]}),
				a.Apps().Put(w.t.Context(), store.App{ID: "app-" + o.ID, Organisation: o.ID, Name: "All", Scopes: people.ScopesOf(o.Kind), CreatedBy: "per-" + o.ID}),
				a.Apps().PutKey(w.t.Context(), store.AppKey{ID: o.ID, App: "app-" + o.ID, Secret: box.Seal([]byte("secret"), "app key "+o.ID), CreatedBy: "per-" + o.ID}))
		}
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
}

// as is the client of somebody's app.
func (w *town) as(key string) *client.Client {
	w.t.Helper()
	c, err := client.New(w.url, key, "secret", client.WithClock(func() time.Time { return w.now }), client.WithWait(func(context.Context, time.Duration) error { return nil }))
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// must is what a call answered.
func must[T any](t *testing.T) func(T, error) T {
	return func(out T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// refused is the problem that a call was answered with.
func refused(t *testing.T, err error, kind, field string) {
	t.Helper()
	var p *client.Problem
	if !errors.As(err, &p) || p.Kind() != kind || len(p.Errors) == 0 || p.Errors[0].Field != field || p.Errors[0].Fix == "" {
		t.Errorf("%v is no problem %s of %s", err, kind, field)
	}
}

// I1, S2: a seller's program leads its store with the client: rates, campaigns, and what was sold.
func TestI1_ASellersProgram(t *testing.T) {
	w := newTown(t)
	ctx := t.Context()
	feed, c := w.as("feed"), w.as("shop")
	must[client.Taken](t)(feed.Import(ctx, client.Stores, map[string]any{"store": "s", "name": "The shop"}, map[string]any{"store": "t"}))
	must[client.Taken](t)(feed.Import(ctx, client.Products, map[string]any{"product": "p", "store": "s", "category": "toys", "affiliate": true}))
	if me := must[client.CallerAnswer](t)(c.GetCaller(ctx)); me.Kind != "seller" || me.Organisation != "shop" || len(me.Stores) != 1 || me.Role != "owner" {
		t.Errorf("%+v", me)
	}
	stores := must[client.StoresAnswer](t)(c.ListStores(ctx, client.ListStoresInput{}))
	if len(stores.Stores) != 1 || stores.Stores[0].Store != "s" || !stores.Stores[0].MayLeave || stores.Stores[0].LeavesAt.IsZero() {
		t.Errorf("%+v", stores)
	}
	rate := client.SetStoreRateInput{Store: "s", Body: client.StoreRateBody{Product: "p", Rate: "7.5"}}
	once := client.WithIdempotencyKey(ctx, "rate of today")
	first := must[client.StoreRateAnswer](t)(c.SetStoreRate(once, rate))
	if again := must[client.StoreRateAnswer](t)(c.SetStoreRate(once, rate)); again != first || !first.EffectiveAt.After(w.now) {
		t.Errorf("%v, then %v", first, again)
	}
	rate.Body.Rate = "8"
	_, err := c.SetStoreRate(once, rate)
	refused(t, err, "idempotency-key-reused", "Idempotency-Key")
	rate.Body.Rate = "80"
	_, err = c.SetStoreRate(ctx, rate)
	refused(t, err, "invalid-parameter", "rate")
	_, err = c.GetStore(ctx, client.GetStoreInput{Store: "t"})
	refused(t, err, "not-found", "")
	_, err = c.GetBalance(ctx, client.GetBalanceInput{Publisher: "ann", Program: "tr"})
	refused(t, err, "not-allowed", "Clickledger-Key")
	must[client.Store](t)(c.PlanCampaign(ctx, client.PlanCampaignInput{Store: "s", Body: client.PlanCampaignBody{Campaign: "Spring", Rate: "12", From: "2026-03-20", To: "2026-03-25"}}))
	var names []string
	for o, err := range c.AllStoreOffers(ctx, client.ListStoreOffersInput{Store: "s", Limit: 1}) { // over its cursor
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, o.Campaign+" "+o.State)
	}
	if len(names) != 2 || names[0] != "Spring upcoming" || names[1] != " upcoming" {
		t.Errorf("%q", names)
	}
	file := must[[]byte](t)(c.GetStoreRates(ctx, client.GetStoreRatesInput{Store: "s"}))
	if _, err := c.ImportStoreRates(ctx, client.ImportStoreRatesInput{Store: "s", Body: bytes.Replace(file, []byte("p,,"), []byte("p,9,"), 1)}); err != nil || !bytes.HasPrefix(file, []byte("product,rate")) {
		t.Errorf("%s: %v", file, err)
	}
	_, err = c.ImportStoreRates(ctx, client.ImportStoreRatesInput{Store: "s", Body: []byte("product,rate\nq,9\n")})
	refused(t, err, "invalid-input", "product")
	if r := must[client.ReportDocument](t)(c.GetStoreReport(ctx, client.GetStoreReportInput{Store: "s", By: "day"})); r.Report != "stores" || r.Complete.AsOf.IsZero() || len(r.Rows) != 0 {
		t.Errorf("%+v", r)
	}
	if csv := must[[]byte](t)(c.GetStoreReportFile(ctx, client.GetStoreReportInput{Store: "s", By: "campaign"}, "csv")); !bytes.Contains(csv, []byte("campaign")) {
		t.Errorf("%s", csv)
	}
	must[client.Store](t)(c.EndCampaign(ctx, client.EndCampaignInput{Store: "s", Body: client.EndCampaignBody{Campaign: "Spring"}}))
	ticket := must[client.Ticket](t)(c.OpenSellerTicket(ctx, client.OpenSellerTicketInput{Seller: "shop", Body: client.NewTicket{Kind: "other", Subject: "Rates", Text: "How?"}}))
	must[client.Ticket](t)(w.as("desk").AnswerTicket(ctx, client.AnswerTicketInput{Ticket: ticket.ID, Body: client.AnswerTicketBody{Text: "So."}}))
	if talk := must[client.TicketConversationAnswer](t)(c.GetSellerTicket(ctx, client.GetSellerTicketInput{Seller: "shop", Ticket: ticket.ID})); len(talk.Messages) != 2 || !talk.Messages[1].FromDesk {
		t.Errorf("%+v", talk)
	}
}

// I1, A1, L1: a publisher's program describes itself, makes links and reads what they bring.
func TestI1_APublishersProgram(t *testing.T) {
	w := newTown(t)
	ctx := t.Context()
	feed, c := w.as("feed"), w.as("ann")
	profile := client.ProfileFields{Audience: "students", Methods: []string{"reviews"}, Languages: []string{"en"}}
	_, err := c.PutProfile(ctx, client.PutProfileInput{Publisher: "ann", Body: profile})
	refused(t, err, "invalid-parameter", "sources")
	profile.Sources = "search"
	if p := must[client.ProfileAnswer](t)(c.PutProfile(ctx, client.PutProfileInput{Publisher: "ann", Body: profile})); !p.Whole || p.Name != "Ann's blog" {
		t.Errorf("%+v", p)
	}
	if done := must[client.ChecklistAnswer](t)(c.GetChecklist(ctx, client.GetChecklistInput{Publisher: "ann"})); !done.Profile || done.AdSpace {
		t.Errorf("%+v", done)
	}
	must[client.Taken](t)(feed.Import(ctx, client.AdSpaces, map[string]any{"publisher": "ann", "ad_space": "blog", "program": "tr", "traffic_type": "content", "approved_at": "2026-01-01T00:00:00Z"}))
	page := must[client.ProgramPageAnswer](t)(c.GetProgramPage(ctx, client.GetProgramPageInput{Program: "tr", Lang: "en"}))
	if page.Currency != "USD" && page.Currency != "TRY" || len(page.Rates) == 0 || len(page.Traffic) == 0 || len(page.Similar) == 0 {
		t.Errorf("%+v", page)
	}
	made := must[client.MakeLinksAnswer](t)(c.MakeLinks(ctx, client.MakeLinksInput{Body: client.MakeLinksBody{Links: []client.LinkWish{
		{Program: "tr", AdSpace: "blog", Target: client.LinkTarget{Kind: "home"}}, {Program: "tr", AdSpace: "none", Target: client.LinkTarget{Kind: "home"}},
	}}}))
	if made.Made != 1 || made.Refused != 1 || made.Links[1].Member != "ad_space" {
		t.Fatalf("%+v", made)
	}
	code := made.Links[0].Link.Code
	if picture := must[[]byte](t)(c.GetLinkQR(ctx, client.GetLinkQRInput{Code: code, AF: "shelf", Format: "png"})); !bytes.HasPrefix(picture, []byte("\x89PNG")) {
		t.Errorf("%.20q is no picture", picture)
	}
	if aids := must[client.LinkAidsAnswer](t)(c.GetLinkAids(ctx)); len(aids.Disclosures) < 2 || strings.Join(aids.SubIDs, " ") != "af cn cv dp" {
		t.Errorf("%+v", aids)
	}
	if found := must[client.SearchAnswer](t)(c.Search(ctx, client.SearchInput{Q: made.Links[0].Link.URL})); len(found.Found) != 1 || found.Found[0].Kind != "link" {
		t.Errorf("%+v", found)
	}
	if report := must[client.ReportDocument](t)(c.GetReport(ctx, client.GetReportInput{Kind: "orders", By: "day"})); report.Report != "orders" {
		t.Errorf("%+v", report)
	}
	hook := must[client.Endpoint](t)(c.PutEndpoint(ctx, client.PutEndpointInput{Publisher: "ann", Endpoint: "hook", Body: client.EndpointBody{Kind: "webhook", Address: "https://ann.example/in"}}))
	message := must[client.MessageAnswer](t)(c.TestEndpoint(ctx, client.TestEndpointInput{Publisher: "ann", Endpoint: "hook"}))
	if hook.Secret == "" || message.Message == "" {
		t.Errorf("%+v %+v", hook, message)
	}
	for d, err := range c.AllDeliveries(ctx, client.ListDeliveriesInput{Publisher: "ann", Endpoint: "hook"}) {
		if err != nil || d.Message != message.Message {
			t.Errorf("%+v %v", d, err)
		}
	}
	if details := must[client.PayoutDetailsAnswer](t)(c.GetPayoutDetails(ctx, client.GetPayoutDetailsInput{Publisher: "ann"})); details.Method != "" || len(details.Methods) == 0 {
		t.Errorf("%+v", details)
	}
	_, err = c.Withdraw(ctx, client.WithdrawInput{Publisher: "ann", Body: client.WithdrawBody{Program: "portals-session", Amount: "50.00"}})
	refused(t, err, "conflict", "")
	_, err = c.GetProfile(ctx, client.GetProfileInput{Publisher: "bob"})
	refused(t, err, "not-allowed", "publisher")
}

// I1, A7: an operator's program makes another app, whose secret is answered once: a call whose answer was lost is not made again by
// itself. It reads what was done in the audit log.
func TestI1_AnOperatorsProgram(t *testing.T) {
	w := newTown(t)
	ctx := t.Context()
	c := w.as("desk")
	app := client.MakeAppInput{Body: client.MakeAppBody{Name: "Reports", Scopes: []string{"read"}}}
	made := must[client.CredentialsAnswer](t)(c.MakeApp(ctx, app))
	other, err := client.New(w.url, made.Key, made.Secret, client.WithClock(func() time.Time { return w.now }))
	if err != nil {
		t.Fatal(err)
	}
	if proof := must[client.ProofAnswer](t)(other.GetProof(ctx)); !proof.Holds {
		t.Errorf("%+v", proof)
	}
	_, err = other.ImportStores(ctx, client.ImportStoresInput{Body: []byte(`{"store":"s"}`)})
	refused(t, err, "not-allowed", "Clickledger-Key")
	before := w.got.Load()
	w.cut.Store(true)
	if _, err := c.MakeApp(ctx, app); err == nil || w.got.Load() != before+1 {
		t.Errorf("a secret that nobody saw: %v after %d calls", err, w.got.Load()-before)
	}
	w.cut.Store(true) // and one without a secret is made again
	must[client.AppsAnswer](t)(c.RevokeAppKey(ctx, client.RevokeAppKeyInput{Key: made.Key}))
	if apps := must[client.AppsAnswer](t)(c.ListApps(ctx)); len(apps.Apps) != 3 || apps.Apps[1].Keys[0].Live && apps.Apps[2].Keys[0].Live {
		t.Errorf("%+v", apps)
	}
	_, err = other.GetProof(ctx)
	refused(t, err, "not-signed", "Clickledger-Signature")
	review := must[client.ReviewAnswer](t)(c.ReviewProgram(ctx, client.ReviewProgramInput{Program: "tr", Body: []byte("version: none")}))
	if review.Publishable || len(review.Errors) == 0 {
		t.Errorf("%+v", review)
	}
	note := must[client.Announcement](t)(c.Announce(ctx, client.AnnounceInput{Body: client.AnnounceBody{
		Audience: client.Audience{Kind: "publishers"}, Titles: map[string]string{"en": "News"}, Texts: map[string]string{"en": "For all."},
	}}))
	if inbox := must[client.InboxAnswer](t)(w.as("ann").ListInbox(ctx, client.ListInboxInput{Publisher: "ann"})); len(inbox.Announcements) != 1 || inbox.Announcements[0].ID != note.ID {
		t.Errorf("%+v", inbox)
	}
	var acts []string
	for e, err := range c.AllAuditLog(ctx, client.ListAuditLogInput{Action: "app."}) {
		if err != nil {
			t.Fatal(err)
		}
		acts = append(acts, e.Action)
	}
	if strings.Join(acts, " ") != "app.key_revoked app.made app.made" {
		t.Errorf("%q", acts)
	}
	if chain := must[client.AuditVerificationAnswer](t)(c.VerifyAuditLog(ctx, client.VerifyAuditLogInput{})); !chain.Holds || len(chain.Newest) != 64 {
		t.Errorf("%+v", chain)
	}
	if cost := must[client.ReportDocument](t)(c.GetCostOfSale(ctx, client.GetCostOfSaleInput{By: "store"})); cost.Report != "stores" {
		t.Errorf("%+v", cost)
	}
	_, err = c.StartPayoutRun(ctx, client.StartPayoutRunInput{Body: client.StartRunBody{Program: "tr", Way: "manual"}})
	refused(t, err, "not-allowed", "Clickledger-Key") // an admin agrees to runs, and does not build them
}

// I1, M4, A8, L6: the areas that are left: a trust case with an answer and an appeal, sub-publishers, audits, keywords, money and what was
// rejected.
func TestI1_TheOtherAreas(t *testing.T) {
	w := newTown(t)
	ctx := t.Context()
	feed, ann, desk := w.as("feed"), w.as("ann"), w.as("desk")
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	must[client.Taken](t)(feed.Import(ctx, client.AdSpaces,
		map[string]any{"publisher": "ann", "ad_space": "blog", "program": "global-eu", "traffic_type": "content", "approved_at": "2026-01-01T00:00:00Z"},
		map[string]any{"publisher": "ann", "ad_space": "net", "program": "global-eu", "traffic_type": "subnetwork", "approved_at": "2026-01-01T00:00:00Z"}))
	must[client.Taken](t)(feed.ImportClicks(ctx, client.Touch{Click: "c", At: at, Program: "global-eu", Visitor: "v", Channel: "affiliate", Publisher: "ann", AdSpace: "blog", Target: &client.Target{Kind: "home"}}))
	out := must[client.Outcomes](t)(feed.ReportOrders(ctx, client.Event{
		Order: "o1", Event: "placed", At: at.Add(time.Hour), Program: "global-eu", Visitor: "v", Buyer: &client.Buyer{ID: "b"}, ShipTo: "RO", Currency: "USD",
		Items: []any{client.Item{Item: "1", Product: "p", Store: "s", Category: "toys", Amount: "100.00"}},
	}, client.Event{Order: "o1", Event: "paid", At: at.Add(2 * time.Hour), Program: "global-eu"}))
	if out.Accepted != 2 {
		t.Fatalf("%+v", out)
	}
	record := must[client.OrderAnswer](t)(ann.GetOrder(ctx, client.GetOrderInput{Order: "o1", Program: "global-eu", Lang: "tr"}))
	outlook := must[client.OutlookAnswer](t)(ann.GetOutlook(ctx, client.GetOutlookInput{Publisher: "ann", Program: "global-eu"}))
	if len(record.Items) != 1 || outlook.NotReceivedItems != 1 || outlook.NotReceived == "0.00" || outlook.Currency != "USD" {
		t.Errorf("%+v %+v", record, outlook)
	}
	for e, err := range ann.Journal(ctx, "global-eu", "ann") {
		if err != nil || len(e.Postings) == 0 {
			t.Errorf("%+v %v", e, err)
		}
	}
	if pdf := must[[]byte](t)(ann.GetStatement(ctx, client.GetStatementInput{Publisher: "ann", Program: "global-eu", Month: "2026-03", Format: "pdf"})); !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Errorf("%.20q is no statement", pdf)
	}
	if live := must[client.ReportDocument](t)(ann.ListLiveOrders(ctx, client.ListLiveOrdersInput{})); len(live.Rows) != 1 || live.Rows[0]["order"] != "o1" {
		t.Errorf("%+v", live)
	}

	opened := must[client.Case](t)(desk.OpenCase(ctx, client.OpenCaseInput{Body: client.OpenCaseBody{
		Program: "global-eu", Publisher: "ann", Category: "bots", Items: []client.CaseRef{{Order: "o1"}}, Evidence: []client.NewEvidence{{Kind: "text", Text: "clicks at night"}},
	}}))
	_, err := ann.GetCase(ctx, client.GetCaseInput{Case: opened.Case}) // it was not told yet
	refused(t, err, "not-found", "")
	_, err = ann.StepCase(ctx, client.StepCaseInput{Case: opened.Case, Body: client.StepCaseBody{Step: "release", Note: "mine"}})
	refused(t, err, "not-allowed", "Clickledger-Key")
	held := must[client.Case](t)(desk.StepCase(ctx, client.StepCaseInput{Case: opened.Case, Body: client.StepCaseBody{Step: "hold"}}))
	if held.State != "notified" && held.State != "held" || held.HoldEnds.IsZero() {
		t.Errorf("%+v", held)
	}
	said := must[client.Case](t)(ann.WriteInCase(ctx, client.WriteInCaseInput{Case: opened.Case, Body: client.CaseTextBody{Text: "these were readers"}}))
	if len(said.Messages) == 0 || said.OpenedBy != "" {
		t.Errorf("%+v", said)
	}
	_, err = desk.StepCase(ctx, client.StepCaseInput{Case: opened.Case, Body: client.StepCaseBody{Step: "uphold", Note: "there is no appeal"}})
	refused(t, err, "conflict", "case")
	var cases int
	for c, err := range ann.AllCases(ctx, client.ListCasesInput{}) {
		if err != nil || c.Case != opened.Case {
			t.Errorf("%+v %v", c, err)
		}
		cases++
	}
	if cases != 1 {
		t.Errorf("%d cases", cases)
	}

	sub := client.PutSubPublisherInput{Publisher: "ann", SubPublisher: "site-1", Body: client.PutSubBody{Parent: "net", Name: "Site", Site: "https://site.example/", TrafficType: "content"}}
	if put := must[client.SubView](t)(ann.PutSubPublisher(ctx, sub)); put.SubPublisher != "site-1" || !put.BlockedAt.IsZero() {
		t.Errorf("%+v", put)
	}
	if blocked := must[client.SubView](t)(desk.BlockSubPublisher(ctx, client.BlockSubPublisherInput{Publisher: "ann", SubPublisher: "site-1", Body: client.BlockSubBody{Reason: "bots"}})); blocked.BlockedAt.IsZero() {
		t.Errorf("%+v", blocked)
	}
	plan := must[client.AuditPlan](t)(ann.PlanAudit(ctx, client.PlanAuditInput{Publisher: "ann", Body: client.PlanAuditBody{Subject: "links", Every: "daily"}}))
	words := must[client.CheckKeywordsAnswer](t)(ann.CheckKeywords(ctx, client.CheckKeywordsInput{Program: "tr", Body: client.CheckKeywordsBody{Text: "shoes", List: true}}))
	if plan.Every != "daily" || plan.Next.IsZero() || len(words.Lines) != 1 {
		t.Errorf("%+v %+v", plan, words)
	}
	if joined := must[client.MembershipsAnswer](t)(desk.ListMemberships(ctx, client.ListMembershipsInput{Publisher: "ann"})); len(joined.Memberships) != 3 { // the sub-publisher works under the ad space net
		t.Errorf("%+v", joined)
	}
	rejected := must[client.RejectedAnswer](t)(ann.ListRejectedCalls(ctx))
	if len(rejected.Calls) != 2 || rejected.Calls[0].Operation != "step-case" || rejected.Calls[1].Operation != "get-case" {
		t.Errorf("%+v", rejected)
	}
}
