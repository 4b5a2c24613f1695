// Package sellers is the API of what sellers decide about their stores: taking part, rates and campaigns (S1, S2); and of what publishers
// see of it; and of single orders of a store (S3). A seller's key reaches its own stores and no others.
package sellers

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Area is what the operations lead to.
type Area struct {
	Sellers *sellers.Service
	Now     func() time.Time
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	sees := call.Policy{Scope: call.ScopeRead, Sellers: true, Needs: []people.Permission{people.SeeStores, people.SeeEverything}}
	edits := call.Policy{Scope: call.ScopeStores, Sellers: true, Writes: true, Needs: []people.Permission{people.EditStores, people.ManageSellers}}
	offers := call.Policy{Scope: call.ScopeRead, Publishers: true, Needs: []people.Permission{people.SeeReports, people.SeeEverything}}
	const at = "/v1/stores/{store}"
	call.Handle(a, "GET /v1/stores", "list-stores", "Stores and what would happen when; to a seller its own", sees, s.list)
	call.Handle(a, "GET "+at, "get-store", "A store, whether it takes part, and when what may change", sees, s.get)
	call.Handle(a, "POST "+at+"/participation", "set-participation", "Let a store take part, or give notice that it stops", edits, s.part)
	call.Handle(a, "GET "+at+"/products", "list-store-products", "A store's products with the rates of their own, by id", sees, s.products)
	call.Handle(a, "GET "+at+"/offers", "list-store-offers", "A store's rates and campaigns, the one that begins last first", sees, s.offers)
	call.Handle(a, "GET "+at+"/changes", "list-store-changes", "What was changed of a store and by whom, the newest first", sees, s.changes)
	call.Handle(a, "GET "+at+"/orders/{order}", "get-store-order", "What a store sold of an order through publishers, and what it costs", sees, s.order)
	call.Handle(a, "POST "+at+"/rates", "set-store-rate", "Set the rate of a store or of a product, or take it away", edits, s.rate)
	call.Handle(a, "GET "+at+"/rates", "get-store-rates", "A store's products with their rates as a file that import-store-rates takes", sees, s.template, func(op *huma.Operation) {
		op.Responses["200"] = &huma.Response{Description: "CSV with the columns product, rate, from, to and campaign.", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}}}
	})
	call.Handle(a, "POST "+at+"/rates:import", "import-store-rates", "Set the rates of many products from a file, all or none", edits, s.load)
	call.Handle(a, "POST "+at+"/campaigns", "plan-campaign", "Plan a campaign of a store or of some of its products", edits, s.campaign)
	call.Handle(a, "POST "+at+"/campaigns:end", "end-campaign", "End a campaign: what is planned is taken away, what runs ends after its notice", edits, s.end)
	call.Handle(a, "GET /v1/programs/{program}/offers", "list-promotions", "What sellers offer publishers in a program: campaigns, or featured products", offers, s.promotions)
}

// refused says what a call contradicts.
func refused(err error) error {
	if errors.Is(err, sellers.ErrConflict) {
		return call.NewProblem(call.Conflict, call.ProblemError{Field: "takes_part", Reason: err.Error(), Fix: "read the store: may_join, join_from, may_leave and leaves_at say what can be done when"})
	}
	return err
}

type storeView struct {
	Store     string      `json:"store"`
	Name      string      `json:"name,omitempty"`
	TakesPart bool        `json:"takes_part"`
	Known     bool        `json:"takes_part_known" doc:"False: whether it takes part is said product by product."`
	EndsAt    *time.Time  `json:"ends_at,omitempty" doc:"When it stops; none: no notice was given."`
	MayJoin   bool        `json:"may_join"`
	JoinFrom  *time.Time  `json:"join_from,omitempty" doc:"Of one that left: when it may join again."`
	MayLeave  bool        `json:"may_leave"`
	LeavesAt  *time.Time  `json:"leaves_at,omitempty" doc:"When it would stop if it gave notice now."`
	NextDay   time.Time   `json:"next_day" doc:"When a higher rate or a campaign may take effect at the earliest."`
	LowerFrom time.Time   `json:"lower_from" doc:"When a lower rate may take effect at the earliest."`
	Rate      string      `json:"rate,omitempty" doc:"The standing rate of the whole store, percent; none: there is none."`
	Campaign  string      `json:"campaign,omitempty" doc:"Of the whole store, in force."`
	Ranges    []rangeView `json:"ranges" nullable:"false" doc:"What programs allow sellers to set."`
}

type rangeView struct {
	Program string `json:"program"`
	Min     string `json:"min" doc:"Percent."`
	Max     string `json:"max" doc:"Percent."`
}

// percent is a rate as text, empty where there is none.
func percent(r *money.Rate) string {
	if r == nil {
		return ""
	}
	return r.String()
}

func viewOf(o *sellers.Outlook) *storeView {
	v := &storeView{
		Store: o.Store.ID, Name: o.Store.Name, TakesPart: o.TakesPart, Known: o.Known, EndsAt: call.Time(o.EndsAt), MayJoin: o.MayJoin, JoinFrom: call.Time(o.JoinFrom),
		MayLeave: o.MayLeave, LeavesAt: call.Time(o.LeavesAt), NextDay: o.NextDay, LowerFrom: o.LowerFrom, Rate: percent(o.Rate), Ranges: []rangeView{},
	}
	if o.Campaign != nil {
		v.Campaign = o.Campaign.Campaign
	}
	for _, r := range o.Ranges {
		v.Ranges = append(v.Ranges, rangeView{string(r.Program), r.Min.String(), r.Max.String()})
	}
	return v
}

type storesOutput struct {
	Body struct {
		Stores []*storeView `json:"stores" nullable:"false"`
		Next   string       `json:"next,omitempty" doc:"The cursor of the next page; none on the last one. A seller gets all of its own at once."`
	}
}

type storesInput struct {
	Q string `query:"q" maxLength:"200" doc:"Of the marketplace's keys: only stores whose id or name holds these words."`
	call.PageInput
}

func (s *Area) list(ctx context.Context, in *storesInput) (*storesOutput, error) {
	out := &storesOutput{}
	var all []sellers.Outlook
	var err error
	if key := call.Of(ctx).Key; key.Seller != "" {
		all, err = s.Sellers.Stores(ctx, key.Stores)
	} else {
		all, out.Body.Next, err = s.Sellers.All(ctx, in.Q, in.After, in.Limit)
	}
	if err != nil {
		return nil, err
	}
	out.Body.Stores = make([]*storeView, len(all))
	for i := range all {
		out.Body.Stores[i] = viewOf(&all[i])
	}
	return out, nil
}

type storeInput struct {
	Store string `path:"store" maxLength:"500"`
}

type storeOutput struct{ Body *storeView }

func (s *Area) get(ctx context.Context, in *storeInput) (*storeOutput, error) {
	return s.changed(ctx, in.Store, call.Store(ctx, in.Store))
}

// changed answers with a store, after it was changed.
func (s *Area) changed(ctx context.Context, id string, err error) (*storeOutput, error) {
	if err != nil {
		return nil, refused(err)
	}
	o, err := s.Sellers.Store(ctx, id)
	if err != nil {
		return nil, err
	}
	return &storeOutput{viewOf(&o)}, nil
}

// editor is who is kept with a change of a store that the caller may change.
func editor(ctx context.Context, store string) (string, error) {
	if err := call.Store(ctx, store); err != nil {
		return "", err
	}
	return call.Name(ctx)
}

type participationInput struct {
	Store string `path:"store" maxLength:"500"`
	Body  struct {
		TakesPart bool `json:"takes_part" doc:"true: from now on; false: it stops at the end of the day, after its notice."`
	}
}

func (s *Area) part(ctx context.Context, in *participationInput) (*storeOutput, error) {
	by, err := editor(ctx, in.Store)
	if err != nil {
		return nil, err
	}
	do := s.Sellers.Leave
	if in.Body.TakesPart {
		do = s.Sellers.Join
	}
	_, err = do(ctx, in.Store, by)
	return s.changed(ctx, in.Store, err)
}

type storePage struct {
	Store string `path:"store" maxLength:"500"`
	call.PageInput
}

type productView struct {
	Product  string `json:"product"`
	Category string `json:"category"`
	Rate     string `json:"rate,omitempty" doc:"Its own standing rate, percent; none: that of the store."`
}

type storeProductsOutput struct {
	Body struct {
		Products []productView `json:"products" nullable:"false"`
		Next     string        `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func (s *Area) products(ctx context.Context, in *storePage) (*storeProductsOutput, error) {
	if _, err := s.get(ctx, &storeInput{in.Store}); err != nil {
		return nil, err
	}
	all, next, err := s.Sellers.Products(ctx, in.Store, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &storeProductsOutput{}
	out.Body.Products, out.Body.Next = make([]productView, len(all)), next
	for i, p := range all {
		out.Body.Products[i] = productView{p.ID, p.Category, percent(p.RateAt(nil, s.Now()))}
	}
	return out, nil
}

type offerView struct {
	Product  string     `json:"product,omitempty" doc:"Left out: the whole store."`
	Campaign string     `json:"campaign,omitempty" doc:"Left out: a standing rate."`
	Rate     string     `json:"rate" doc:"Percent."`
	From     time.Time  `json:"from"`
	To       *time.Time `json:"to,omitempty" doc:"Exclusive; none: until another rate takes its place."`
	State    string     `json:"state" enum:"upcoming,running,over"`
}

type storeOffersOutput struct {
	Body struct {
		Offers []offerView `json:"offers" nullable:"false"`
		Next   string      `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func (s *Area) offers(ctx context.Context, in *storePage) (*storeOffersOutput, error) {
	if _, err := s.get(ctx, &storeInput{in.Store}); err != nil {
		return nil, err
	}
	all, next, err := s.Sellers.Offers(ctx, in.Store, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &storeOffersOutput{}
	out.Body.Offers, out.Body.Next = make([]offerView, len(all)), next
	for i := range all {
		o := &all[i]
		out.Body.Offers[i] = offerView{o.Product, o.Campaign, o.Rate.String(), o.From, call.Time(o.To), o.State(s.Now())}
	}
	return out, nil
}

type storeChangeView struct {
	At       time.Time  `json:"at"`
	By       string     `json:"by" doc:"The name of who did it."`
	What     string     `json:"what" enum:"join,leave,rate,campaign,end"`
	Product  string     `json:"product,omitempty"`
	Campaign string     `json:"campaign,omitempty"`
	Rate     string     `json:"rate,omitempty"`
	From     *time.Time `json:"from,omitempty"`
	To       *time.Time `json:"to,omitempty"`
}

type storeChangesOutput struct {
	Body struct {
		Changes []storeChangeView `json:"changes" nullable:"false"`
		Next    string            `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func (s *Area) changes(ctx context.Context, in *storePage) (*storeChangesOutput, error) {
	if _, err := s.get(ctx, &storeInput{in.Store}); err != nil {
		return nil, err
	}
	all, next, err := s.Sellers.Changes(ctx, in.Store, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &storeChangesOutput{}
	out.Body.Changes, out.Body.Next = make([]storeChangeView, len(all)), next
	for i, c := range all {
		out.Body.Changes[i] = storeChangeView{c.At, c.By, c.What, c.Product, c.Campaign, c.Rate, call.Time(c.From), call.Time(c.To)}
	}
	return out, nil
}

type storeRateInput struct {
	Store string `path:"store" maxLength:"500"`
	Body  struct {
		Product string `json:"product,omitempty" maxLength:"500" doc:"Left out: the whole store."`
		Rate    string `json:"rate,omitempty" maxLength:"40" doc:"Percent, such as 7.5; left out: the rate is taken away."`
		From    string `json:"from,omitempty" maxLength:"10" doc:"The day, such as 2026-03-10; left out: as soon as the rules allow."`
	}
}

type storeRateOutput struct {
	Body struct {
		EffectiveAt time.Time `json:"effective_at"`
	}
}

func (s *Area) rate(ctx context.Context, in *storeRateInput) (*storeRateOutput, error) {
	by, err := editor(ctx, in.Store)
	if err != nil {
		return nil, err
	}
	w := sellers.Rate{Store: in.Store, Product: in.Body.Product, By: by}
	if w.Percent, err = sellers.ParsePercent("rate", in.Body.Rate); err != nil {
		return nil, err
	}
	if w.From, err = sellers.ParseDay("from", in.Body.From); err != nil {
		return nil, err
	}
	out := &storeRateOutput{}
	if out.Body.EffectiveAt, err = s.Sellers.SetRate(ctx, w); err != nil {
		return nil, refused(err)
	}
	return out, nil
}

// template sends the rates that stand as a file to fill in.
func (s *Area) template(ctx context.Context, in *storeInput) (*huma.StreamResponse, error) {
	if _, err := s.get(ctx, in); err != nil {
		return nil, err
	}
	var b bytes.Buffer // it has sellers.MaxProducts lines at the most
	if err := s.Sellers.WriteRates(ctx, in.Store, &b); err != nil {
		return nil, err
	}
	return call.File("text/csv", "rates.csv", b.Bytes()), nil
}

type loadInput struct {
	Store   string `path:"store" maxLength:"500"`
	RawBody []byte `contentType:"text/csv" doc:"CSV with the columns product and rate, and if wanted from, to and campaign. A line without a campaign sets the standing rate, or takes it away where the rate is empty."`
}

type loadedRatesOutput struct {
	Body struct {
		Received int `json:"received"`
	}
}

func (s *Area) load(ctx context.Context, in *loadInput) (*loadedRatesOutput, error) {
	by, err := editor(ctx, in.Store)
	if err != nil {
		return nil, err
	}
	out := &loadedRatesOutput{}
	if out.Body.Received, err = s.Sellers.Import(ctx, in.Store, bytes.NewReader(in.RawBody), by); err != nil {
		return nil, refused(err)
	}
	return out, nil
}

type planCampaignInput struct {
	Store string `path:"store" maxLength:"500"`
	Body  struct {
		Campaign string   `json:"campaign" minLength:"1" maxLength:"200" doc:"Its name, which publishers see."`
		Products []string `json:"products,omitempty" maxItems:"10000" doc:"Left out: the whole store."`
		Rate     string   `json:"rate" maxLength:"40" doc:"Percent."`
		From     string   `json:"from" maxLength:"10" doc:"The first day."`
		To       string   `json:"to" maxLength:"10" doc:"The last day, on which it still runs."`
	}
}

func (s *Area) campaign(ctx context.Context, in *planCampaignInput) (*storeOutput, error) {
	by, err := editor(ctx, in.Store)
	if err != nil {
		return nil, err
	}
	w := sellers.Wish{Store: in.Store, Name: in.Body.Campaign, Products: in.Body.Products, By: by}
	if w.Percent, err = sellers.ParsePercent("rate", in.Body.Rate); err != nil {
		return nil, err
	}
	if w.From, err = sellers.ParseDay("from", in.Body.From); err != nil {
		return nil, err
	}
	if w.To, err = sellers.ParseDay("to", in.Body.To); err != nil {
		return nil, err
	}
	return s.changed(ctx, in.Store, s.Sellers.SetCampaign(ctx, w))
}

type endCampaignInput struct {
	Store string `path:"store" maxLength:"500"`
	Body  struct {
		Campaign string `json:"campaign" minLength:"1" maxLength:"200"`
	}
}

func (s *Area) end(ctx context.Context, in *endCampaignInput) (*storeOutput, error) {
	by, err := editor(ctx, in.Store)
	if err != nil {
		return nil, err
	}
	return s.changed(ctx, in.Store, s.Sellers.EndCampaign(ctx, in.Store, in.Body.Campaign, by))
}

type promotionsInput struct {
	Program  string `path:"program" maxLength:"64"`
	Featured bool   `query:"featured" doc:"Products with a standing rate of their own, in place of campaigns."`
	call.PageInput
}

type promotionView struct {
	Store    string     `json:"store"`
	Name     string     `json:"name,omitempty" doc:"Of the store."`
	Product  string     `json:"product,omitempty" doc:"Left out: all of the store."`
	Category string     `json:"category,omitempty" doc:"Of the product."`
	Campaign string     `json:"campaign,omitempty"`
	Percent  string     `json:"percent" doc:"What the program pays of the seller's rate."`
	From     time.Time  `json:"from"`
	To       *time.Time `json:"to,omitempty" doc:"Exclusive."`
	Running  bool       `json:"running" doc:"False: it is announced."`
	Address  string     `json:"address,omitempty" doc:"Of the page that a link may lead to."`
}

type promotionsOutput struct {
	Body struct {
		Offers []promotionView `json:"offers" nullable:"false"`
		Next   string          `json:"next,omitempty" doc:"The cursor of the next page; none on the last one. A page may be shorter than its limit."`
	}
}

func (s *Area) promotions(ctx context.Context, in *promotionsInput) (*promotionsOutput, error) {
	all, next, err := s.Sellers.Promotions(ctx, program.ID(in.Program), in.Featured, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &promotionsOutput{}
	out.Body.Offers, out.Body.Next = make([]promotionView, len(all)), next
	for i := range all {
		p := &all[i]
		out.Body.Offers[i] = promotionView{p.Store, p.Name, p.Product, p.Category, p.Campaign, p.Percent.String(), p.From, call.Time(p.To), p.Running, p.Address}
	}
	return out, nil
}
