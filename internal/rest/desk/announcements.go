package desk

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/program"
)

type audienceView struct {
	Kind      string `json:"kind" enum:"everybody,publishers,sellers,program,publisher,seller"`
	Program   string `json:"program,omitempty" maxLength:"64" doc:"Of kind program: publishers with an ad space that joined it."`
	Publisher string `json:"publisher,omitempty" maxLength:"200"`
	Seller    string `json:"seller,omitempty" maxLength:"200" doc:"A seller's organisation."`
}

type announcementView struct {
	ID        int64             `json:"id"`
	Audience  *audienceView     `json:"audience,omitempty" doc:"Only the operator is told."`
	Titles    map[string]string `json:"titles" doc:"By language."`
	Texts     map[string]string `json:"texts" doc:"By language."`
	From      time.Time         `json:"from"`
	To        *time.Time        `json:"to,omitempty" doc:"Exclusive; none: for good."`
	Pinned    bool              `json:"pinned"`
	Withdrawn *time.Time        `json:"withdrawn_at,omitempty"`
	ReadAt    *time.Time        `json:"read_at,omitempty" doc:"When the caller read it."`
}

// text is a text by language as JSON has it.
func text(t program.Text) map[string]string {
	out := make(map[string]string, len(t))
	for l, s := range t {
		out[string(l)] = s
	}
	return out
}

func viewOfAnnouncement(a *desk.Announcement, byDesk bool) announcementView {
	v := announcementView{ID: a.ID, Titles: text(a.Titles), Texts: text(a.Texts), From: a.From, To: call.Time(a.To), Pinned: a.Pinned, Withdrawn: call.Time(a.Withdrawn)}
	if byDesk {
		v.Audience = &audienceView{a.Audience.Kind, string(a.Audience.Program), a.Audience.Publisher, a.Audience.Seller}
	}
	return v
}

type announcementsOutput struct {
	Body struct {
		Announcements []announcementView `json:"announcements" nullable:"false"`
		Next          string             `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func (s *Area) announcements(ctx context.Context, in *call.PageInput) (*announcementsOutput, error) {
	all, next, err := s.Desk.Announcements(ctx, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &announcementsOutput{}
	out.Body.Next, out.Body.Announcements = next, make([]announcementView, len(all))
	for i := range all {
		out.Body.Announcements[i] = viewOfAnnouncement(&all[i], true)
	}
	return out, nil
}

type announceInput struct {
	Body struct {
		Audience audienceView      `json:"audience"`
		Titles   map[string]string `json:"titles" doc:"By language, such as en; a language that is left out reads another one." example:"{\"en\":\"Holidays\"}"`
		Texts    map[string]string `json:"texts" doc:"By language." example:"{\"en\":\"Payouts come a day later.\"}"`
		From     time.Time         `json:"from,omitempty" doc:"Left out: at once."`
		To       time.Time         `json:"to,omitempty" doc:"Exclusive; left out: for good."`
		Pinned   bool              `json:"pinned,omitempty"`
		Mail     bool              `json:"mail,omitempty" doc:"Send it by e-mail too, when it is shown first."`
	}
}

type announcementOutput struct{ Body announcementView }

func (s *Area) announce(ctx context.Context, in *announceInput) (*announcementOutput, error) {
	v, err := voice(ctx)
	if err != nil {
		return nil, err
	}
	b := &in.Body
	d := desk.Draft{
		Audience: desk.Audience{Kind: b.Audience.Kind, Program: program.ID(b.Audience.Program), Asker: desk.Asker{Publisher: b.Audience.Publisher, Seller: b.Audience.Seller}},
		Titles:   program.Text(b.Titles), Texts: program.Text(b.Texts), From: b.From, To: b.To, Pinned: b.Pinned, Mail: b.Mail,
	}
	a, err := s.Desk.Announce(ctx, v, d)
	if err != nil {
		return nil, err
	}
	return &announcementOutput{viewOfAnnouncement(&a, true)}, nil
}

type announcementInput struct {
	Announcement int64 `path:"announcement" minimum:"1"`
}

func (s *Area) withdraw(ctx context.Context, in *announcementInput) (*announcementOutput, error) {
	a, err := s.Desk.Withdraw(ctx, in.Announcement)
	if err != nil {
		return nil, err
	}
	return &announcementOutput{viewOfAnnouncement(&a, true)}, nil
}

type inboxOutput struct {
	Body struct {
		Announcements []announcementView `json:"announcements" nullable:"false"`
	}
}

func (s *Area) inbox(ctx context.Context, in *managerInput) (*inboxOutput, error) {
	r, err := reader(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	return s.inboxOf(ctx, r)
}

func (s *Area) inboxOf(ctx context.Context, r desk.Reader) (*inboxOutput, error) {
	all, err := s.Desk.Inbox(ctx, r)
	if err != nil {
		return nil, err
	}
	out := &inboxOutput{}
	out.Body.Announcements = make([]announcementView, len(all))
	for i := range all {
		out.Body.Announcements[i] = shown(&all[i])
	}
	return out, nil
}

func shown(x *desk.Shown) announcementView {
	v := viewOfAnnouncement(&x.Announcement, false)
	v.ReadAt = call.Time(x.ReadAt)
	return v
}

type readAnnouncementInput struct {
	Publisher    string `path:"publisher" maxLength:"200"`
	Announcement int64  `path:"announcement" minimum:"1"`
}

func (s *Area) read(ctx context.Context, in *readAnnouncementInput) (*announcementOutput, error) {
	r, err := reader(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	return s.readAs(ctx, r, in.Announcement)
}

func (s *Area) readAs(ctx context.Context, r desk.Reader, id int64) (*announcementOutput, error) {
	x, err := s.Desk.Read(ctx, r, id)
	if err != nil {
		return nil, err
	}
	return &announcementOutput{shown(&x)}, nil
}

type welcomeInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
	Program   string `path:"program" maxLength:"64"`
}

type bestSellersView struct {
	Market   string           `json:"market" doc:"Empty: all deliveries."`
	Month    string           `json:"month"`
	Products []bestSellerView `json:"products" nullable:"false" doc:"The best-selling one first."`
}

type bestSellerView struct {
	Product  string `json:"product"`
	Store    string `json:"store,omitempty"`
	Category string `json:"category,omitempty"`
	Orders   int64  `json:"orders"`
}

type unpaidView struct {
	List   string            `json:"list"`
	Stores []unpaidStoreView `json:"stores" nullable:"false"`
}

type unpaidStoreView struct {
	Store string `json:"store"`
	Name  string `json:"name,omitempty"`
}

type welcomeOutput struct {
	Body struct {
		Program       string            `json:"program"`
		Version       int               `json:"version"`
		BestSellers   []bestSellersView `json:"best_sellers" nullable:"false"`
		Keywords      []string          `json:"banned_keywords" nullable:"false" doc:"That must not be bid on."`
		WithoutPay    []unpaidView      `json:"stores_without_commission" nullable:"false"`
		SentAt        *time.Time        `json:"sent_at,omitempty" doc:"When it was sent by e-mail the last time."`
		SentToPersons int               `json:"sent_to,omitempty" doc:"How many people it was sent to."`
	}
}

func (s *Area) welcome(ctx context.Context, in *welcomeInput) (*welcomeOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	w, err := s.Desk.Welcome(ctx, program.ID(in.Program), in.Publisher)
	if err != nil {
		return nil, err
	}
	out := &welcomeOutput{}
	b := &out.Body
	b.Program, b.Version, b.Keywords = in.Program, w.Terms.Version, append([]string{}, w.Keywords...)
	b.BestSellers, b.WithoutPay = make([]bestSellersView, len(w.Best)), make([]unpaidView, len(w.Unpaid))
	for i, x := range w.Best {
		b.BestSellers[i] = bestSellersView{x.Market, x.Month, make([]bestSellerView, len(x.Products))}
		for j, p := range x.Products {
			b.BestSellers[i].Products[j] = bestSellerView(p)
		}
	}
	for i, x := range w.Unpaid {
		b.WithoutPay[i] = unpaidView{x.Name, make([]unpaidStoreView, len(x.Stores))}
		for j, st := range x.Stores {
			b.WithoutPay[i].Stores[j] = unpaidStoreView{st.ID, st.Name}
		}
	}
	if w.Pack != nil {
		b.SentAt, b.SentToPersons = &w.Pack.SentAt, w.Pack.Letters
	}
	return out, nil
}
