// Package desk is where publishers and sellers ask the operator and read what it tells, and where the operator's people answer: tickets
// with their conversation (A6), announcements and personal managers (A10), and the welcome pack of a program (P5).
package desk

import (
	"cmp"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	desks "github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/orders"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// Pages are the pages of the desk.
type Pages struct {
	Desk     *desks.Service
	Books    *books.Service
	Programs func() []program.ID
	Names    *page.Names
}

// Routes are the pages. Publishers and sellers have the same ones, each under its own address.
func (p *Pages) Routes() []page.Route {
	routes := []page.Route{
		{Pattern: "GET /tickets", Permission: people.ManagePublishers, Handle: p.queue},
		{Pattern: "GET /tickets/{ticket}", Permission: people.ManagePublishers, Handle: p.conversation},
		{Pattern: "POST /tickets/{ticket}", Permission: people.ManagePublishers, Handle: p.answer},
		{Pattern: "POST /tickets/{ticket}/assign", Permission: people.ManagePublishers, Handle: p.assign},
		{Pattern: "GET /announcements", Permission: people.ManagePublishers, Handle: p.announcements},
		{Pattern: "POST /announcements", Permission: people.ManagePublishers, Handle: p.announce},
		{Pattern: "POST /announcements/{announcement}/withdraw", Permission: people.ManagePublishers, Handle: p.withdraw},
		{Pattern: "GET /publishers/{publisher}/manager", Permission: people.ManagePublishers, Handle: p.manager},
		{Pattern: "POST /publishers/{publisher}/manager", Permission: people.ManagePublishers, Handle: p.assignManager},
		{Pattern: "GET /publisher/programs/{program}/welcome", Permission: people.SeeReports, Handle: p.welcome},
	}
	for _, a := range []struct {
		under string
		see   people.Permission
	}{{"/publisher", people.SeeReports}, {"/seller", people.SeeStores}} {
		routes = append(routes,
			page.Route{Pattern: "GET " + a.under + "/help", Permission: a.see, Handle: p.help},
			page.Route{Pattern: "GET " + a.under + "/help/tickets/{ticket}", Permission: a.see, Handle: p.own},
			page.Route{Pattern: "GET " + a.under + "/inbox", Permission: a.see, Handle: p.inbox},
			page.Route{Pattern: "GET " + a.under + "/inbox/{announcement}", Permission: a.see, Handle: p.read},
		)
	}
	return append(routes,
		page.Route{Pattern: "POST /publisher/help/tickets", Permission: people.AskAsPublisher, Handle: p.ask},
		page.Route{Pattern: "POST /publisher/help/tickets/{ticket}", Permission: people.AskAsPublisher, Handle: p.reply},
		page.Route{Pattern: "POST /seller/help/tickets", Permission: people.AskAsSeller, Handle: p.ask},
		page.Route{Pattern: "POST /seller/help/tickets/{ticket}", Permission: people.AskAsSeller, Handle: p.reply},
	)
}

// asker is for whom the viewer asks.
func asker(v people.Viewer) desks.Asker {
	switch {
	case v.Organisation.Kind == people.Publisher:
		return desks.Asker{Publisher: v.Organisation.Publisher}
	case v.Organisation.Kind == people.Seller:
		return desks.Asker{Seller: v.Organisation.ID}
	}
	return desks.Asker{}
}

func reader(v people.Viewer) desks.Reader { return desks.Reader{Person: v.Person, Asker: asker(v)} }

func voice(v people.Viewer) desks.Voice { return desks.Voice{Person: v.Person, Name: v.Name} }

// under is where the viewer's pages are.
func under(v people.Viewer) string {
	if v.Organisation.Kind == people.Seller {
		return "seller"
	}
	return "publisher"
}

// News counts what is new for a viewer, for the navigation.
type News struct{ Desk *desks.Service }

// Answers is how many tickets of the viewer have an answer that was not read.
func (n News) Answers(r *page.Request) (int64, error) {
	w, err := n.Desk.Waiting(r.Context(), reader(r.Viewer))
	return w.Inquiries, err
}

// Announcements is how many announcements the viewer has not read.
func (n News) Announcements(r *page.Request) (int64, error) {
	w, err := n.Desk.Waiting(r.Context(), reader(r.Viewer))
	return w.Announcements, err
}

// Turn is how many tickets wait for the operator.
func (n News) Turn(r *page.Request) (int64, error) { return n.Desk.Turn(r.Context()) }

const perPage = 50

// number is what an address names.
func number(r *page.Request, name string) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil {
		return 0, page.ErrNotFound
	}
	return id, nil
}

// helpView is what publishers and sellers see of their tickets.
type helpView struct {
	under       string
	manager     *desks.Manager
	tickets     []desks.Inquiry
	first, next string
	programs    []program.ID
	kinds       []string
	form        desks.Question
	wrong       page.Problem
	may         bool
}

func (p *Pages) help(r *page.Request) (page.Answer, error) {
	q := r.URL.Query()
	form := desks.Question{Kind: q.Get("kind"), Program: program.ID(q.Get("program")), Order: q.Get("order"), AdSpace: q.Get("space"), Subject: q.Get("subject")}
	form.TrafficType, _ = program.ParseTrafficType(q.Get("traffic_type"))
	if n, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(q.Get("number")), "#"), 10, 64); err == nil {
		return page.Answer{Redirect: ui.Address([]string{under(r.Viewer), "help", "tickets", strconv.FormatInt(n, 10)})}, nil
	}
	return p.asked(r, form, page.Problem{})
}

func (p *Pages) asked(r *page.Request, form desks.Question, wrong page.Problem) (page.Answer, error) {
	a := asker(r.Viewer)
	v := &helpView{under: under(r.Viewer), kinds: desks.Kinds(a.Seller != ""), form: form, wrong: wrong, programs: p.Programs()}
	v.may = r.Viewer.Can(people.AskAsPublisher) || r.Viewer.Can(people.AskAsSeller)
	var err error
	var next string
	if a != (desks.Asker{}) {
		if v.manager, err = p.Desk.Manager(r.Context(), a); err != nil {
			return page.Answer{}, err
		}
		if v.tickets, next, err = p.Desk.OwnInquiries(r.Context(), a, r.URL.Query().Get("after"), perPage); err != nil {
			return page.Answer{}, err
		}
	}
	v.first, v.next = r.More(next)
	return page.Answer{Title: r.T.Desk.Help, Area: "/" + v.under + "/help", Status: wrong.Status(), Body: helpPage(r.T, v)}, nil
}

func (p *Pages) ask(r *page.Request) (page.Answer, error) {
	q := desks.Question{
		Kind: r.PostFormValue("kind"), Subject: r.PostFormValue("subject"), Text: r.PostFormValue("text"), Program: program.ID(r.PostFormValue("program")),
		Order: r.PostFormValue("order"), AdSpace: r.PostFormValue("space"),
	}
	q.TrafficType, _ = program.ParseTrafficType(r.PostFormValue("traffic_type")) // the service says that it is missing
	i, err := p.Desk.Ask(r.Context(), asker(r.Viewer), voice(r.Viewer), q)
	wrong, err := r.Problem(err)
	if err != nil {
		return page.Answer{}, err
	}
	if wrong.Any() {
		return p.asked(r, q, wrong)
	}
	return page.Answer{Redirect: ui.Address([]string{under(r.Viewer), "help", "tickets", strconv.FormatInt(i.ID, 10)})}, nil
}

// ticketView is a ticket with its conversation.
type ticketView struct {
	*desks.Conversation
	under      string // of whoever asked; empty: the operator looks
	order      *books.Order
	eyes       orders.Eyes // through which the order is looked at
	colleagues []desks.Colleague
	me         string
	wrong      page.Problem
	text       string
	may        bool
	asker      string // the name of whoever asked, for the operator
}

// decided is what is known of the order that a ticket names, as the viewer may know it; nil: nothing.
func (p *Pages) decided(r *page.Request, c *desks.Conversation, own bool) (*books.Order, error) {
	if c.Order == "" || c.Program == "" {
		return nil, nil
	}
	k := order.Key{Program: c.Program, Order: c.Order}
	var o *books.Order
	var err error
	if own {
		o, err = p.Books.OwnOrder(r.Context(), k, c.Publisher)
	} else {
		o, err = p.Books.Order(r.Context(), k)
	}
	if errors.Is(err, books.ErrNotFound) {
		return nil, nil
	}
	return o, err
}

func (p *Pages) own(r *page.Request) (page.Answer, error) { return p.ownTicket(r, "", page.Problem{}) }

func (p *Pages) ownTicket(r *page.Request, text string, wrong page.Problem) (page.Answer, error) {
	id, err := number(r, "ticket")
	if err != nil {
		return page.Answer{}, err
	}
	v := &ticketView{under: under(r.Viewer), wrong: wrong, text: text, may: r.Viewer.Can(people.AskAsPublisher) || r.Viewer.Can(people.AskAsSeller)}
	if v.Conversation, err = p.Desk.Own(r.Context(), asker(r.Viewer), id); err != nil {
		_, err = r.Problem(err)
		return page.Answer{}, err
	}
	if v.order, err = p.decided(r, v.Conversation, true); err != nil {
		return page.Answer{}, err
	}
	area := "/" + v.under + "/help"
	return page.Answer{Title: r.T.Desk.Number(id), Area: area, Crumbs: []ui.Crumb{{Href: area, Label: r.T.Desk.Help}}, Status: wrong.Status(), Body: ticketPage(r.T, v)}, nil
}

func (p *Pages) reply(r *page.Request) (page.Answer, error) {
	id, err := number(r, "ticket")
	if err != nil {
		return page.Answer{}, err
	}
	if r.PostFormValue("do") == "close" {
		_, err = p.Desk.CloseOwn(r.Context(), asker(r.Viewer), id)
	} else {
		_, err = p.Desk.Reply(r.Context(), asker(r.Viewer), voice(r.Viewer), id, r.PostFormValue("text"))
	}
	wrong, err := r.Problem(err)
	if err != nil {
		return page.Answer{}, err
	}
	if wrong.Any() {
		return p.ownTicket(r, r.PostFormValue("text"), wrong)
	}
	return page.Answer{Redirect: ui.Address([]string{under(r.Viewer), "help", "tickets", r.PathValue("ticket")})}, nil
}

// queueView is what the operator sees of tickets.
type queueView struct {
	tickets     []desks.Inquiry
	first, next string
	state, kind string
	mine        bool
	oldest      bool              // who waits longest comes first
	names       map[string]string // of colleagues
	askers      map[string]string // the names of publishers and of sellers' organisations
}

func (p *Pages) queue(r *page.Request) (page.Answer, error) {
	q := r.URL.Query()
	if n, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(q.Get("number")), "#"), 10, 64); err == nil {
		return page.Answer{Redirect: ui.Address([]string{"tickets", strconv.FormatInt(n, 10)})}, nil
	}
	v := &queueView{state: q.Get("state"), kind: q.Get("kind"), mine: q.Get("mine") != "", names: make(map[string]string)}
	f := desks.Filter{Kind: v.kind, Asker: desks.Asker{Publisher: q.Get("publisher")}}
	switch v.state {
	case "":
		f.Turn = true
		f.Oldest = true // who has waited longest is answered first
	case desks.Open, desks.Reopened:
		f.State, f.Oldest = v.state, true
	case "all":
	default:
		f.State = v.state
	}
	if v.mine {
		f.Assignee = r.Viewer.Person
	}
	var err error
	var next string
	if v.tickets, next, err = p.Desk.Inquiries(r.Context(), f, q.Get("after"), perPage); err != nil {
		return page.Answer{}, err
	}
	v.first, v.next = r.More(next)
	v.oldest = f.Oldest
	v.askers = p.askers(r, v.tickets...)
	colleagues, err := p.Desk.Colleagues(r.Context())
	if err != nil {
		return page.Answer{}, err
	}
	v.names[r.Viewer.Person] = r.Viewer.Name
	for _, c := range colleagues {
		v.names[c.Person] = c.Name
	}
	return page.Answer{Title: r.T.Desk.Tickets, Area: "/tickets", Body: queuePage(r.T, v)}, nil
}

// askers are the names of those who asked, by publisher or by organisation.
func (p *Pages) askers(r *page.Request, all ...desks.Inquiry) map[string]string {
	var publishers, sellers []string
	for i := range all {
		publishers, sellers = append(publishers, all[i].Publisher), append(sellers, all[i].Seller)
	}
	names := make(map[string]string)
	maps.Copy(names, p.Names.Publishers(r.Context(), publishers...))
	maps.Copy(names, p.Names.Organisations(r.Context(), sellers...))
	return names
}

func (p *Pages) conversation(r *page.Request) (page.Answer, error) {
	return p.ticket(r, "", page.Problem{})
}

func (p *Pages) ticket(r *page.Request, text string, wrong page.Problem) (page.Answer, error) {
	id, err := number(r, "ticket")
	if err != nil {
		return page.Answer{}, err
	}
	v := &ticketView{wrong: wrong, text: text, me: r.Viewer.Person, may: true}
	if v.Conversation, err = p.Desk.Conversation(r.Context(), id); err != nil {
		_, err = r.Problem(err)
		return page.Answer{}, err
	}
	if v.order, err = p.decided(r, v.Conversation, false); err != nil {
		return page.Answer{}, err
	}
	if v.order != nil {
		v.eyes = orders.Eyes{Publishers: true, Names: p.Names.Publishers(r.Context(), orders.Whose(v.order)...)}
	}
	if v.colleagues, err = p.Desk.Colleagues(r.Context()); err != nil {
		return page.Answer{}, err
	}
	v.asker = p.askers(r, v.Inquiry)[v.Publisher+v.Seller]
	return page.Answer{Title: r.T.Desk.Number(id), Area: "/tickets", Crumbs: []ui.Crumb{{Href: "/tickets", Label: r.T.Desk.Tickets}}, Status: wrong.Status(), Body: ticketPage(r.T, v)}, nil
}

func (p *Pages) answer(r *page.Request) (page.Answer, error) {
	id, err := number(r, "ticket")
	if err != nil {
		return page.Answer{}, err
	}
	a := desks.Answer{Text: r.PostFormValue("text")}
	switch r.PostFormValue("do") {
	case "note":
		a.Internal = true
	case "ask":
		a.State = desks.Asked
	case "close":
		a.State = desks.Closed
	case "agree":
		a.Verdict = desks.Agreed
	case "refuse":
		a.Verdict = desks.Refused
	}
	_, err = p.Desk.Answer(r.Context(), voice(r.Viewer), id, a)
	wrong, err := r.Problem(err)
	if err != nil {
		return page.Answer{}, err
	}
	if wrong.Any() {
		return p.ticket(r, a.Text, wrong)
	}
	return page.Answer{Redirect: ui.Address([]string{"tickets", r.PathValue("ticket")})}, nil
}

func (p *Pages) assign(r *page.Request) (page.Answer, error) {
	id, err := number(r, "ticket")
	if err != nil {
		return page.Answer{}, err
	}
	_, err = p.Desk.Assign(r.Context(), voice(r.Viewer), id, r.PostFormValue("assignee"))
	wrong, err := r.Problem(err)
	if err != nil {
		return page.Answer{}, err
	}
	if wrong.Any() {
		return p.ticket(r, "", wrong)
	}
	return page.Answer{Redirect: ui.Address([]string{"tickets", r.PathValue("ticket")})}, nil
}

func (p *Pages) inbox(r *page.Request) (page.Answer, error) {
	all, err := p.Desk.Inbox(r.Context(), reader(r.Viewer))
	if err != nil {
		return page.Answer{}, err
	}
	return page.Answer{Title: r.T.Desk.Inbox, Area: "/" + under(r.Viewer) + "/inbox", Body: inboxPage(r.T, all, under(r.Viewer))}, nil
}

func (p *Pages) read(r *page.Request) (page.Answer, error) {
	id, err := number(r, "announcement")
	if err != nil {
		return page.Answer{}, err
	}
	a, err := p.Desk.Read(r.Context(), reader(r.Viewer), id)
	if err != nil {
		_, err = r.Problem(err)
		return page.Answer{}, err
	}
	area := "/" + under(r.Viewer) + "/inbox"
	return page.Answer{Title: a.Titles.In(string(r.T.Lang)), Area: area, Crumbs: []ui.Crumb{{Href: area, Label: r.T.Desk.Inbox}}, Body: readPage(r.T, &a)}, nil
}

// boardView is what the operator sees of announcements.
type boardView struct {
	all         []desks.Announcement
	first, next string
	programs    []program.ID
	form        map[string]string
	wrong       page.Problem
	now         time.Time
	names       map[string]string // of publishers that are written to
}

func (p *Pages) announcements(r *page.Request) (page.Answer, error) {
	return p.board(r, map[string]string{"audience": r.URL.Query().Get("audience"), "publisher": r.URL.Query().Get("publisher")}, page.Problem{})
}

func (p *Pages) board(r *page.Request, form map[string]string, wrong page.Problem) (page.Answer, error) {
	v := &boardView{programs: p.Programs(), form: form, wrong: wrong, now: r.Now}
	all, next, err := p.Desk.Announcements(r.Context(), r.URL.Query().Get("after"), perPage)
	if err != nil {
		return page.Answer{}, err
	}
	v.all = all
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].Audience.Publisher
	}
	v.names = p.Names.Publishers(r.Context(), ids...)
	v.first, v.next = r.More(next)
	return page.Answer{Title: r.T.Desk.Announcements, Area: "/announcements", Status: wrong.Status(), Body: boardPage(r.T, v)}, nil
}

// day is a day that was typed in; the zero time: none was, false: it is none.
func day(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.DateOnly, s)
	return t, err == nil
}

func (p *Pages) announce(r *page.Request) (page.Answer, error) {
	form := make(map[string]string)
	for _, name := range []string{"audience", "program", "publisher", "seller", "title_en", "text_en", "title_tr", "text_tr", "from", "to", "pinned", "mail"} {
		form[name] = strings.TrimSpace(r.PostFormValue(name))
	}
	d := desks.Draft{
		Audience: desks.Audience{Kind: form["audience"], Program: program.ID(form["program"]), Asker: desks.Asker{Publisher: form["publisher"], Seller: form["seller"]}},
		Titles:   program.Text{"en": form["title_en"], "tr": form["title_tr"]}, Texts: program.Text{"en": form["text_en"], "tr": form["text_tr"]},
		Pinned: form["pinned"] != "", Mail: form["mail"] != "",
	}
	var ok bool
	if d.From, ok = day(form["from"]); !ok {
		return p.board(r, form, page.Problem{Field: "from", Why: r.T.Desk.NoDay})
	}
	if d.To, ok = day(form["to"]); !ok {
		return p.board(r, form, page.Problem{Field: "to", Why: r.T.Desk.NoDay})
	}
	if !d.To.IsZero() {
		d.To = d.To.AddDate(0, 0, 1) // the day itself is meant too
	}
	_, err := p.Desk.Announce(r.Context(), voice(r.Viewer), d)
	wrong, err := r.Problem(err)
	if err != nil {
		return page.Answer{}, err
	}
	if wrong.Any() {
		return p.board(r, form, wrong)
	}
	return page.Answer{Redirect: "/announcements"}, nil
}

func (p *Pages) withdraw(r *page.Request) (page.Answer, error) {
	id, err := number(r, "announcement")
	if err != nil {
		return page.Answer{}, err
	}
	if _, err := p.Desk.Withdraw(r.Context(), id); err != nil {
		_, err = r.Problem(err)
		return page.Answer{}, err
	}
	return page.Answer{Redirect: "/announcements"}, nil
}

// managerView is the personal manager of a publisher, to be changed.
type managerView struct {
	publisher string
	called    string // the publisher
	manager   desks.Manager
	wrong     page.Problem
}

func (p *Pages) manager(r *page.Request) (page.Answer, error) {
	v := &managerView{publisher: r.PathValue("publisher")}
	m, err := p.Desk.Manager(r.Context(), desks.Asker{Publisher: v.publisher})
	if err != nil {
		return page.Answer{}, err
	}
	if m != nil {
		v.manager = *m
	}
	return p.managed(r, v), nil
}

func (p *Pages) managed(r *page.Request, v *managerView) page.Answer {
	v.called = cmp.Or(p.Names.Publishers(r.Context(), v.publisher)[v.publisher], v.publisher)
	return page.Answer{Title: r.T.Desk.Manager, Area: "/publishers", Crumbs: []ui.Crumb{{Href: "/publishers", Label: r.T.Shell.Publishers}}, Status: v.wrong.Status(), Body: managerPage(r.T, v)}
}

func (p *Pages) assignManager(r *page.Request) (page.Answer, error) {
	v := &managerView{publisher: r.PathValue("publisher")}
	v.manager = desks.Manager{Asker: desks.Asker{Publisher: v.publisher}, Name: r.PostFormValue("name"), Email: r.PostFormValue("email"), Messenger: r.PostFormValue("messenger")}
	_, err := p.Desk.AssignManager(r.Context(), voice(r.Viewer), v.manager)
	if v.wrong, err = r.Problem(err); err != nil {
		return page.Answer{}, err
	}
	if v.wrong.Any() {
		return p.managed(r, v), nil
	}
	return page.Answer{Redirect: ui.Address([]string{"publishers", v.publisher, "manager"})}, nil
}

func (p *Pages) welcome(r *page.Request) (page.Answer, error) {
	id := r.PathValue("program")
	w, err := p.Desk.Welcome(r.Context(), program.ID(id), r.Viewer.Organisation.Publisher)
	if errors.Is(err, desks.ErrNotFound) {
		return page.Answer{
			Title: r.T.Desk.Welcome, Area: "/publisher/programs", Crumbs: []ui.Crumb{{Href: "/publisher/programs", Label: r.T.Shell.Programs}},
			Body: notJoinedPage(r.T, id),
		}, nil
	}
	if err != nil {
		return page.Answer{}, err
	}
	return page.Answer{
		Title: r.T.Desk.Welcome, Area: "/publisher/programs", Body: welcomePage(r.T, w),
		Crumbs: []ui.Crumb{{Href: "/publisher/programs", Label: r.T.Shell.Programs}, {Href: ui.Address([]string{"publisher", "programs", id}), Label: w.Terms.Page.Name.In(string(r.T.Lang))}},
	}, nil
}

// stateTone is how a ticket's state is coloured.
func stateTone(state string) string {
	switch state {
	case desks.Open, desks.Reopened:
		return "tone-warn"
	case desks.Asked:
		return "tone-info"
	case desks.Answered:
		return "tone-good"
	}
	return "tone-plain"
}

func choices(all []string, words map[string]string) []ui.Choice {
	var out []ui.Choice
	for _, k := range all {
		out = append(out, ui.Choice{Value: k, Label: text.Name(words, k)})
	}
	return out
}

// optional puts an empty choice before others.
func optional(label string, all []ui.Choice) []ui.Choice {
	return append([]ui.Choice{{Label: label}}, all...)
}

func traffic(t *text.Texts) []ui.Choice {
	var out []ui.Choice
	for _, k := range program.TrafficTypes() {
		out = append(out, ui.Choice{Value: k.String(), Label: text.Name(t.Programs.TrafficTypes, k.String())})
	}
	return out
}

func trafficValue(k program.TrafficType) string {
	if k == 0 {
		return ""
	}
	return k.String()
}

// dates are the days from which and up to which an announcement is shown, the last one included.
func until(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(-time.Microsecond)
}
