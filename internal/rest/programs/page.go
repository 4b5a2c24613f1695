package programs

import (
	"context"
	"slices"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

type categoryRate struct {
	Category  string `json:"category" doc:"Empty: all others."`
	Returning string `json:"returning,omitempty" doc:"Percent, of orders of buyers who bought before."`
	New       string `json:"new,omitempty" doc:"Percent, of orders of new buyers."`
}

type trafficView struct {
	TrafficType string `json:"traffic_type"`
	Policy      string `json:"policy" enum:"allowed,needs_approval,forbidden"`
}

type marketView struct {
	Market    string   `json:"market"`
	Countries []string `json:"countries" nullable:"false" doc:"ISO 3166-1."`
}

type payoutMethod struct {
	Method  string   `json:"method"`
	Fee     string   `json:"fee"`
	Regions []string `json:"regions" nullable:"false" doc:"Markets; none: everywhere."`
}

type similarView struct {
	Program    string   `json:"program"`
	Score      int      `json:"score" doc:"0 to 100."`
	Everywhere bool     `json:"everywhere" doc:"One of the two is meant for everywhere."`
	Countries  []string `json:"countries" nullable:"false" doc:"For which both are meant."`
	Categories []string `json:"categories" nullable:"false" doc:"That both name in their rates."`
	NearRates  []string `json:"near_rates" nullable:"false" doc:"Of those, the ones that earn about the same."`
}

type windowView struct {
	Session   bool   `json:"session" doc:"The order must be of the click's session."`
	Length    string `json:"length,omitempty" doc:"How long a click counts, such as 72h0m0s."`
	FromFirst bool   `json:"from_first" doc:"Counted from the first click of a run of clicks, else from each click."`
	ToPayment bool   `json:"to_payment" doc:"Held against the payment, else against the order."`
}

type programPageOutput struct {
	Body struct {
		Program      string         `json:"program"`
		Version      int            `json:"version"`
		Name         string         `json:"name"`
		Advertiser   string         `json:"advertiser"`
		Site         string         `json:"site"`
		Hosts        []string       `json:"hosts" nullable:"false" doc:"That links may lead to."`
		Description  string         `json:"description"`
		Advantages   string         `json:"advantages"`
		Restrictions string         `json:"restrictions"`
		Keywords     []string       `json:"banned_keywords" nullable:"false"`
		Currency     money.Currency `json:"currency"`
		Window       windowView     `json:"window"`
		Rates        []categoryRate `json:"rates" nullable:"false" doc:"What a rate step for all delivers, before sellers' own rates and the like."`
		NewFor       []string       `json:"new_for" nullable:"false" doc:"The traffic types that rates for new buyers hold for; none: all, or there are no such rates."`
		Traffic      []trafficView  `json:"traffic" nullable:"false"`
		Markets      []marketView   `json:"markets" nullable:"false"`
		Methods      []payoutMethod `json:"payout_methods" nullable:"false"`
		RankingUpTo  int            `json:"ranking_up_to,omitempty" doc:"Ranks up to this are accepted at once."`
		Everybody    bool           `json:"accepts_everybody"`
		Declines     []string       `json:"decline_reasons" nullable:"false"`
		Rank         int            `json:"rank,omitempty" doc:"Of the caller's publisher in the ranking; none: it has none yet."`
		Similar      []similarView  `json:"similar" nullable:"false" doc:"Programs like this one, the most alike first."`
	}
}

// similarMost is how many similar programs are named.
const similarMost = 4

func (s *Area) page(ctx context.Context, in *getInput) (*programPageOutput, error) {
	t := s.Settle.Terms(program.ID(in.Program), s.Now())
	if t == nil {
		return nil, books.ErrNotFound
	}
	some := func(all []string) []string { return append([]string{}, all...) }
	out := &programPageOutput{}
	b := &out.Body
	b.Program, b.Version, b.Name, b.Advertiser, b.Site, b.Hosts = string(t.Program), t.Version, t.Page.Name.In(in.Lang), t.Page.Advertiser, t.Page.Site, some(t.Page.Hosts)
	b.Description, b.Advantages, b.Restrictions = t.Page.Description.In(in.Lang), t.Page.Advantages.In(in.Lang), t.Page.Restrictions.In(in.Lang)
	b.Keywords, b.Currency, b.Declines = some(t.Page.Keywords), t.Currency, some(t.Joining.DeclineReasons)
	w := t.Attribution.Window
	b.Window = windowView{Session: w.Session, FromFirst: w.FromFirst, ToPayment: w.ToPayment}
	if !w.Session {
		b.Window.Length = w.Length.String()
	}
	b.Everybody, b.RankingUpTo = t.Joining.Everybody, t.Joining.RankingUpTo
	b.Rates, b.NewFor = card(t)
	b.Traffic, b.Markets, b.Methods, b.Similar = []trafficView{}, []marketView{}, []payoutMethod{}, []similarView{}
	for _, k := range program.TrafficTypes() {
		b.Traffic = append(b.Traffic, trafficView{k.String(), t.Traffic.For(k).String()})
	}
	for _, m := range t.MarketNames() {
		b.Markets = append(b.Markets, marketView{m, some(t.Markets[m])})
	}
	for _, m := range t.Payout.Methods {
		b.Methods = append(b.Methods, payoutMethod{m.Method, money.New(m.Fee, t.Currency).Decimal(), some(m.Regions)})
	}
	var others []*program.Terms
	for _, id := range s.Settle.Programs() {
		if x := s.Settle.Terms(id, s.Now()); x != nil {
			others = append(others, x)
		}
	}
	alike := t.Similar(others)
	for _, l := range alike[:min(len(alike), similarMost)] {
		b.Similar = append(b.Similar, similarView{string(l.Terms.Program), l.Score, l.Everywhere, some(l.Countries), some(l.Categories), some(l.NearRates)})
	}
	if own := call.Of(ctx).Key.Publisher; own != "" {
		r, err := s.Reports.Ranking(ctx)
		if err != nil {
			return nil, err
		}
		b.Rank = r.Of(own)
	}
	return out, nil
}

// card is the rate card by category (C1, C7), and the traffic types that its rates for new buyers hold for.
func card(t *program.Terms) (rates []categoryRate, newFor []string) {
	newFor = []string{}
	usual, fresh := slices.Clone(t.Rates.Steps), []program.RateStep{}
	for i := range t.Rates.Steps {
		if s := &t.Rates.Steps[i]; s.Kind == program.StepNewBuyer {
			fresh = append(fresh, *s)
			for _, k := range s.TrafficTypes {
				newFor = append(newFor, k.String())
			}
		}
	}
	usual = slices.DeleteFunc(usual, func(s program.RateStep) bool { return s.Kind != program.StepCategory && s.Kind != program.StepDefault })
	first := func(steps []program.RateStep, category string) string {
		for i := range steps {
			if r, ok := steps[i].RateOf(category); ok {
				return r.String()
			}
		}
		return ""
	}
	for _, c := range append(t.CategoryNames(), "") {
		x := categoryRate{Category: c, Returning: first(usual, c)}
		if x.New = first(fresh, c); x.New == "" {
			x.New = x.Returning
		}
		rates = append(rates, x)
	}
	return rates, newFor
}
