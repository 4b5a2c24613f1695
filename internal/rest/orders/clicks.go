package orders

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

type clickInput struct {
	Click   string `path:"click" maxLength:"500"`
	Program string `query:"program" required:"true" doc:"The click's program."`
	Lang    string `query:"lang" enum:"en,tr" default:"en"`
}

// clickView is a click, or another touch. What is about the visitor's browser a publisher's key is not told.
type clickView struct {
	Click      string            `json:"click"`
	Program    string            `json:"program"`
	At         time.Time         `json:"at"`
	Channel    string            `json:"channel" doc:"affiliate, or the other channel through which the visitor came."`
	Publisher  string            `json:"publisher,omitempty"`
	AdSpace    string            `json:"ad_space,omitempty"`
	TrackingID string            `json:"tracking_id,omitempty"`
	Kind       string            `json:"kind,omitempty" doc:"Of the link that was followed."`
	Product    string            `json:"product,omitempty" doc:"That the link led to."`
	Store      string            `json:"store,omitempty" doc:"That the link led to, or that sells the product."`
	Sub        map[string]string `json:"sub" nullable:"false" doc:"The sub-IDs by af, cn, cv and dp."`
	Verdict    string            `json:"verdict" enum:"valid,bot,duplicate,forbidden_traffic,cookie_stuffing,blocked,fraud" doc:"Whether it counts, and why not."`
	TokenOnly  bool              `json:"token_only,omitempty" doc:"All that is known of it is what an order's click token said."`
	Reason     string            `json:"reason,omitempty" doc:"What the verdict rests on, or why the click led elsewhere."`
	Elsewhere  bool              `json:"substituted,omitempty" doc:"It led to the link's substitute or to the program's home page."`
	Country    string            `json:"country,omitempty"`
	Device     string            `json:"device,omitempty"`
	Link       string            `json:"link,omitempty" doc:"The link's code, where it is known."`
	LeadsTo    string            `json:"leads_to,omitempty" doc:"Where the link leads."`
	Visitor    string            `json:"visitor,omitempty"`
	Agent      string            `json:"agent,omitempty"`
	OS         string            `json:"os,omitempty"`
	Referrer   string            `json:"referrer,omitempty"`
	Consent    string            `json:"consent,omitempty"`
	Orders     []consideredView  `json:"orders" nullable:"false" doc:"The items whose newest decisions considered it, the order placed last first. To a publisher's key those that the publisher earns from."`
	More       int               `json:"more_orders,omitempty" doc:"How many orders of the visitor there are beside those that were looked at."`
}

type consideredView struct {
	Order    string         `json:"order"`
	Item     string         `json:"item"`
	PlacedAt time.Time      `json:"placed_at"`
	State    string         `json:"state"`
	Amount   string         `json:"amount" doc:"What the item earns."`
	Currency money.Currency `json:"currency"`
	Fate     string         `json:"fate" doc:"How far the click came; won: it won the item."`
	Sentence string         `json:"sentence" doc:"That in words."`
	Until    string         `json:"counts_until,omitempty" doc:"Until when the click counts for the item."`
}

type clickOutput struct{ Body *clickView }

// getClick reads a click; a publisher's key its own.
func (s *Area) getClick(ctx context.Context, in *clickInput) (*clickOutput, error) {
	var c *books.Click
	var err error
	if key := call.Of(ctx).Key; key.Publisher != "" {
		c, err = s.Books.OwnClick(ctx, program.ID(in.Program), in.Click, key.Publisher)
	} else {
		c, err = s.Books.Click(ctx, program.ID(in.Program), in.Click)
	}
	if err != nil {
		return nil, err
	}
	return &clickOutput{viewOfClick(c, in.Lang)}, nil
}

func viewOfClick(c *books.Click, lang string) *clickView {
	v := &clickView{
		Click: c.ID, Program: string(c.Program), At: c.At, Channel: c.Channel, Publisher: c.Publisher, AdSpace: c.AdSpace, TrackingID: c.TrackingID,
		Product: c.Target.Product, Store: c.Target.Store, Sub: make(map[string]string), Verdict: c.Verdict.String(), TokenOnly: c.TokenOnly, Visitor: c.Visitor,
		Orders: []consideredView{}, More: c.More,
	}
	if c.Target.Kind != 0 {
		v.Kind = c.Target.Kind.String()
	}
	for name, value := range map[string]string{"af": c.Sub.AF, "cn": c.Sub.CN, "cv": c.Sub.CV, "dp": c.Sub.DP} {
		if value != "" {
			v.Sub[name] = value
		}
	}
	if s := c.Seen; s != nil {
		v.Reason, v.Elsewhere, v.Country, v.Device, v.Agent, v.OS, v.Referrer, v.Consent = s.Reason, s.Substituted, s.Country, s.Device, s.Agent, s.OS, s.Referrer, s.Consent
	}
	if l := c.Link; l != nil {
		v.Link, v.LeadsTo = l.Code, l.URL
	}
	for i := range c.Orders {
		o := &c.Orders[i]
		v.Orders = append(v.Orders, consideredView{
			o.Order, o.Item, o.PlacedAt, o.State, money.New(o.Amount, o.Currency).Decimal(), o.Currency, o.Fate, explain.Word(lang, "fate", o.Fate), o.Until,
		})
	}
	return v
}
