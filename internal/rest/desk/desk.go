// Package desk is the API of how the operator speaks with publishers: tickets (A6), announcements and personal managers (A10), and welcome
// packs (P5).
package desk

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/program"
)

// Area is what the operations lead to.
type Area struct{ Desk *desk.Service }

// Register registers the operations. Those of the operator's tickets show notes that no publisher is to see, so they are not for
// publishers' keys at all.
func (s *Area) Register(a *call.API) {
	reads := call.Policy{Scope: call.ScopeRead, Publishers: true}
	talks := reads
	talks.Needs = []people.Permission{people.SeeReports, people.ManagePublishers}
	asks := call.Policy{Scope: call.ScopeLinks, Publishers: true, Writes: true, Needs: []people.Permission{people.AskAsPublisher}}
	marks := call.Policy{Scope: call.ScopeRead, Publishers: true, Writes: true}
	sees := call.Policy{Scope: call.ScopeRead, Needs: []people.Permission{people.ManagePublishers}}
	answers := call.Policy{Scope: call.ScopeFacts, Writes: true, Needs: []people.Permission{people.ManagePublishers}}
	s.registerSellers(a)
	const own = "/v1/publishers/{publisher}"
	call.Handle(a, "POST "+own+"/tickets", "open-ticket", "Ask the operator something", asks, s.ask)
	call.Handle(a, "GET "+own+"/tickets", "list-own-tickets", "A publisher's tickets, the newest first", talks, s.listOwn)
	call.Handle(a, "GET "+own+"/tickets/{ticket}", "get-own-ticket", "A publisher's ticket with its conversation", talks, s.getOwn)
	call.Handle(a, "POST "+own+"/tickets/{ticket}/replies", "reply-to-ticket", "Write something in one's own ticket", asks, s.reply)
	call.Handle(a, "POST "+own+"/tickets/{ticket}/close", "close-ticket", "Close one's own ticket", asks, s.closeOwn)
	call.Handle(a, "GET /v1/tickets", "list-tickets", "All tickets, the newest first", sees, s.list)
	call.Handle(a, "GET /v1/tickets/{ticket}", "get-ticket", "A ticket with its conversation and the notes", sees, s.get)
	call.Handle(a, "GET /v1/ticket-assignees", "list-ticket-assignees", "The people to whom tickets can be assigned", sees, s.assignees)
	call.Handle(a, "POST /v1/tickets/{ticket}/answers", "answer-ticket", "Answer a ticket, or note something about it", answers, s.answer)
	call.Handle(a, "POST /v1/tickets/{ticket}/assignee", "assign-ticket", "Give a ticket to somebody, or to nobody", answers, s.assign)
	call.Handle(a, "POST /v1/tickets/{ticket}/verdict", "decide-ticket", "Agree to a traffic type that a ticket asks for, or refuse it", answers, s.decide)
	call.Handle(a, "GET /v1/announcements", "list-announcements", "All announcements, the newest first", sees, s.announcements)
	call.Handle(a, "POST /v1/announcements", "announce", "Publish an announcement", answers, s.announce)
	call.Handle(a, "POST /v1/announcements/{announcement}/withdraw", "withdraw-announcement", "Take an announcement away from its readers", answers, s.withdraw)
	call.Handle(a, "GET "+own+"/inbox", "list-inbox", "What the operator announces to a publisher, pinned first, then the latest", reads, s.inbox)
	call.Handle(a, "POST "+own+"/inbox/{announcement}/read", "read-announcement", "Mark an announcement as read", marks, s.read)
	call.Handle(a, "GET "+own+"/manager", "get-manager", "A publisher's personal manager", reads, s.getManager)
	call.Handle(a, "PUT "+own+"/manager", "put-manager", "Name a publisher's personal manager", answers, s.putManager)
	call.Handle(a, "GET "+own+"/programs/{program}/welcome", "get-welcome", "What a publisher that joined a program is told", reads, s.welcome)
}

// asker is the publisher that a call is about.
func asker(ctx context.Context, publisher string) (desk.Asker, error) {
	_, err := call.Own(ctx, publisher)
	return desk.Asker{Publisher: publisher}, err
}

// own is the publisher that a call speaks for: the marketplace does not speak in a publisher's name.
func own(ctx context.Context, publisher string) (desk.Asker, desk.Voice, error) {
	a, err := asker(ctx, publisher)
	if err != nil {
		return a, desk.Voice{}, err
	}
	v, err := ownVoice(ctx)
	return a, v, err
}

// ownVoice is the person who speaks for a publisher or a seller: with a key of theirs.
func ownVoice(ctx context.Context) (desk.Voice, error) {
	if key := call.Of(ctx).Key; key.Publisher == "" && key.Seller == "" {
		return desk.Voice{}, call.NewProblem(call.NotAllowed, call.ProblemError{
			Field: call.HeaderKey, Reason: "nobody writes in the name of a publisher or a seller", Fix: "use their key; the operator answers under /v1/tickets",
		})
	}
	return voice(ctx)
}

// voice is the person who speaks.
func voice(ctx context.Context) (desk.Voice, error) {
	id, err := call.Person(ctx)
	if err != nil {
		return desk.Voice{}, err
	}
	name, err := call.Name(ctx)
	return desk.Voice{Person: id, Name: name}, err
}

// refused says what a call contradicts.
func refused(err error) error {
	if errors.Is(err, desk.ErrConflict) {
		return call.NewProblem(call.Conflict, call.ProblemError{Field: "traffic_type", Reason: "a ticket that is open asks for it already", Fix: "write in that ticket"})
	}
	return err
}

type ticketView struct {
	ID          int64     `json:"id"`
	Publisher   string    `json:"publisher,omitempty"`
	Seller      string    `json:"seller,omitempty" doc:"The organisation of the seller who asked."`
	Kind        string    `json:"kind" enum:"traffic_types,traffic_check,missing_order,payment,technical,other"`
	Subject     string    `json:"subject"`
	Program     string    `json:"program,omitempty"`
	Order       string    `json:"order,omitempty"`
	AdSpace     string    `json:"ad_space,omitempty"`
	TrafficType string    `json:"traffic_type,omitempty" doc:"The one that is asked for."`
	State       string    `json:"state" enum:"open,waiting,answered,closed,reopened" doc:"open and reopened wait for the operator, waiting for whoever asked."`
	Verdict     string    `json:"verdict,omitempty" enum:"agreed,refused"`
	Assignee    string    `json:"assignee,omitempty" doc:"Whose it is; only the operator is told."`
	New         bool      `json:"new" doc:"It has something that the caller's side has not seen."`
	CreatedAt   time.Time `json:"created_at"`
	ChangedAt   time.Time `json:"changed_at"`
}

// viewOf is a ticket as the publisher sees it, or the desk.
func viewOf(i *desk.Inquiry, byDesk bool) ticketView {
	v := ticketView{
		ID: i.ID, Publisher: i.Publisher, Seller: i.Seller, Kind: i.Kind, Subject: i.Subject, Program: string(i.Program), Order: i.Order, AdSpace: i.AdSpace, State: i.State,
		Verdict: i.Verdict, New: i.AnsweredLast > i.SeenByAsker, CreatedAt: i.CreatedAt, ChangedAt: i.ChangedAt,
	}
	if i.TrafficType != 0 {
		v.TrafficType = i.TrafficType.String()
	}
	if byDesk {
		v.Assignee, v.New = i.Assignee, i.AskedLast > i.SeenByDesk
	}
	return v
}

type ticketOutput struct{ Body ticketView }

// answered answers with a ticket.
func answered(i *desk.Inquiry, byDesk bool, err error) (*ticketOutput, error) {
	if err != nil {
		return nil, refused(err)
	}
	return &ticketOutput{viewOf(i, byDesk)}, nil
}

type ticketMessageView struct {
	Number   int       `json:"number"`
	At       time.Time `json:"at"`
	Name     string    `json:"name" doc:"Of who wrote it."`
	FromDesk bool      `json:"from_desk" doc:"The operator wrote it."`
	Internal bool      `json:"internal,omitempty" doc:"A note among the operator's people."`
	Text     string    `json:"text"`
}

type ticketConversationOutput struct {
	Body struct {
		Ticket   ticketView          `json:"ticket"`
		Messages []ticketMessageView `json:"messages" nullable:"false"`
	}
}

func conversation(c *desk.Conversation, byDesk bool) *ticketConversationOutput {
	out := &ticketConversationOutput{}
	out.Body.Ticket = viewOf(&c.Inquiry, byDesk)
	out.Body.Messages = make([]ticketMessageView, 0, len(c.Said))
	for i := range c.Said {
		m := &c.Said[i]
		if m.Internal && !byDesk {
			continue
		}
		out.Body.Messages = append(out.Body.Messages, ticketMessageView{m.Number, m.At, m.Name, m.FromDesk, m.Internal, m.Text})
	}
	return out
}

type newTicket struct {
	Kind        string `json:"kind" enum:"traffic_types,traffic_check,missing_order,payment,technical,other"`
	Subject     string `json:"subject" minLength:"1" maxLength:"200"`
	Text        string `json:"text" minLength:"1" maxLength:"10000"`
	Program     string `json:"program,omitempty" maxLength:"64" doc:"Of kind missing_order it must be there, and so must the order."`
	Order       string `json:"order,omitempty" maxLength:"500"`
	AdSpace     string `json:"ad_space,omitempty" maxLength:"64"`
	TrafficType string `json:"traffic_type,omitempty" doc:"Of kind traffic_types: the one that is wanted beside the present ones."`
}

type openTicketInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
	Body      newTicket
}

func (s *Area) ask(ctx context.Context, in *openTicketInput) (*ticketOutput, error) {
	a, v, err := own(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, a, v, &in.Body)
}

func (s *Area) open(ctx context.Context, a desk.Asker, v desk.Voice, b *newTicket) (*ticketOutput, error) {
	q := desk.Question{Kind: b.Kind, Subject: b.Subject, Text: b.Text, Program: program.ID(b.Program), Order: b.Order, AdSpace: b.AdSpace}
	if b.TrafficType != "" {
		var err error
		if q.TrafficType, err = program.ParseTrafficType(b.TrafficType); err != nil {
			return nil, &field.Error{Field: "traffic_type", Reason: err.Error()}
		}
	}
	i, err := s.Desk.Ask(ctx, a, v, q)
	return answered(&i, false, err)
}

type ownInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
	call.PageInput
}

type ticketsOutput struct {
	Body struct {
		Tickets []ticketView `json:"tickets" nullable:"false"`
		Next    string       `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func listed(all []desk.Inquiry, next string, byDesk bool, err error) (*ticketsOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &ticketsOutput{}
	out.Body.Next, out.Body.Tickets = next, make([]ticketView, len(all))
	for i := range all {
		out.Body.Tickets[i] = viewOf(&all[i], byDesk)
	}
	return out, nil
}

func (s *Area) listOwn(ctx context.Context, in *ownInput) (*ticketsOutput, error) {
	a, err := asker(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	all, next, err := s.Desk.OwnInquiries(ctx, a, in.After, in.Limit)
	return listed(all, next, false, err)
}

type ownTicketInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
	Ticket    int64  `path:"ticket" minimum:"1"`
}

func (s *Area) getOwn(ctx context.Context, in *ownTicketInput) (*ticketConversationOutput, error) {
	a, err := asker(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	return s.readOwn(ctx, a, in.Ticket)
}

// readOwn answers with a ticket of who asked.
func (s *Area) readOwn(ctx context.Context, a desk.Asker, ticket int64) (*ticketConversationOutput, error) {
	if key := call.Of(ctx).Key; key.Publisher != "" || key.Seller != "" {
		c, err := s.Desk.Own(ctx, a, ticket)
		if err != nil {
			return nil, err
		}
		return conversation(c, false), nil
	}
	// What the marketplace reads here its asker has not seen for that.
	c, err := s.Desk.Conversation(ctx, ticket)
	if err == nil && c.Asker != a {
		err = books.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return conversation(c, false), nil
}

type replyTicketInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
	Ticket    int64  `path:"ticket" minimum:"1"`
	Body      struct {
		Text string `json:"text" minLength:"1" maxLength:"10000"`
	}
}

func (s *Area) reply(ctx context.Context, in *replyTicketInput) (*ticketOutput, error) {
	a, v, err := own(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	i, err := s.Desk.Reply(ctx, a, v, in.Ticket, in.Body.Text)
	return answered(&i, false, err)
}

func (s *Area) closeOwn(ctx context.Context, in *ownTicketInput) (*ticketOutput, error) {
	a, _, err := own(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	i, err := s.Desk.CloseOwn(ctx, a, in.Ticket)
	return answered(&i, false, err)
}

type ticketsInput struct {
	Publisher string `query:"publisher" maxLength:"200"`
	Seller    string `query:"seller" maxLength:"200" doc:"A seller's organisation."`
	State     string `query:"state" enum:"open,waiting,answered,closed,reopened"`
	Turn      bool   `query:"turn" doc:"Only those that wait for the operator."`
	Kind      string `query:"kind" enum:"traffic_types,traffic_check,missing_order,payment,technical,other"`
	Assignee  string `query:"assignee" maxLength:"200"`
	Verdict   string `query:"verdict" enum:"agreed,refused"`
	call.PageInput
}

func (s *Area) list(ctx context.Context, in *ticketsInput) (*ticketsOutput, error) {
	f := desk.Filter{Asker: desk.Asker{Publisher: in.Publisher, Seller: in.Seller}, State: in.State, Turn: in.Turn, Kind: in.Kind, Assignee: in.Assignee, Verdict: in.Verdict}
	all, next, err := s.Desk.Inquiries(ctx, f, in.After, in.Limit)
	return listed(all, next, true, err)
}

type ticketInput struct {
	Ticket int64 `path:"ticket" minimum:"1"`
}

func (s *Area) get(ctx context.Context, in *ticketInput) (*ticketConversationOutput, error) {
	c, err := s.Desk.Conversation(ctx, in.Ticket)
	if err != nil {
		return nil, err
	}
	return conversation(c, true), nil
}

type assigneesOutput struct {
	Body struct {
		People []assigneeView `json:"people" nullable:"false"`
	}
}

type assigneeView struct {
	Person string `json:"person"`
	Name   string `json:"name"`
}

func (s *Area) assignees(ctx context.Context, _ *struct{}) (*assigneesOutput, error) {
	all, err := s.Desk.Colleagues(ctx)
	if err != nil {
		return nil, err
	}
	out := &assigneesOutput{}
	out.Body.People = make([]assigneeView, len(all))
	for i, c := range all {
		out.Body.People[i] = assigneeView{c.Person, c.Name}
	}
	return out, nil
}

type answerTicketInput struct {
	Ticket int64 `path:"ticket" minimum:"1"`
	Body   struct {
		Text     string `json:"text,omitempty" maxLength:"10000" doc:"May be left out where the ticket is closed."`
		Internal bool   `json:"internal,omitempty" doc:"It is a note among the operator's people: whoever asked is not told of it and never sees it."`
		State    string `json:"state,omitempty" enum:"answered,waiting,closed" doc:"Left out: answered."`
	}
}

func (s *Area) answer(ctx context.Context, in *answerTicketInput) (*ticketOutput, error) {
	v, err := voice(ctx)
	if err != nil {
		return nil, err
	}
	i, err := s.Desk.Answer(ctx, v, in.Ticket, desk.Answer{Text: in.Body.Text, Internal: in.Body.Internal, State: in.Body.State})
	return answered(&i, true, err)
}

type assignTicketInput struct {
	Ticket int64 `path:"ticket" minimum:"1"`
	Body   struct {
		Person string `json:"person" maxLength:"200" doc:"The id of one of the operator's people, or of the caller's person; empty: nobody."`
	}
}

func (s *Area) assign(ctx context.Context, in *assignTicketInput) (*ticketOutput, error) {
	v, err := voice(ctx)
	if err != nil {
		return nil, err
	}
	i, err := s.Desk.Assign(ctx, v, in.Ticket, in.Body.Person)
	return answered(&i, true, err)
}

type decideTicketInput struct {
	Ticket int64 `path:"ticket" minimum:"1"`
	Body   struct {
		Verdict string `json:"verdict" enum:"agreed,refused"`
		Text    string `json:"text,omitempty" maxLength:"10000" doc:"Whoever asked reads it."`
	}
}

func (s *Area) decide(ctx context.Context, in *decideTicketInput) (*ticketOutput, error) {
	v, err := voice(ctx)
	if err != nil {
		return nil, err
	}
	i, err := s.Desk.Answer(ctx, v, in.Ticket, desk.Answer{Text: in.Body.Text, Verdict: in.Body.Verdict})
	return answered(&i, true, err)
}

type managerView struct {
	Publisher  string    `json:"publisher"`
	Name       string    `json:"name"`
	Email      string    `json:"email"`
	Messenger  string    `json:"messenger,omitempty"`
	AssignedAt time.Time `json:"assigned_at"`
}

type managerInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
}

type managerOutput struct{ Body managerView }

func (s *Area) getManager(ctx context.Context, in *managerInput) (*managerOutput, error) {
	a, err := asker(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	m, err := s.Desk.Manager(ctx, a)
	if err == nil && m == nil {
		err = books.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return &managerOutput{managerView{m.Publisher, m.Name, m.Email, m.Messenger, m.AssignedAt}}, nil
}

type putManagerInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
	Body      struct {
		Name      string `json:"name" minLength:"1" maxLength:"100"`
		Email     string `json:"email" maxLength:"254"`
		Messenger string `json:"messenger,omitempty" maxLength:"100" doc:"How else the manager is reached."`
	}
}

func (s *Area) putManager(ctx context.Context, in *putManagerInput) (*managerOutput, error) {
	v, err := voice(ctx)
	if err != nil {
		return nil, err
	}
	m, err := s.Desk.AssignManager(ctx, v, desk.Manager{Asker: desk.Asker{Publisher: in.Publisher}, Name: in.Body.Name, Email: in.Body.Email, Messenger: in.Body.Messenger})
	if err != nil {
		return nil, err
	}
	return &managerOutput{managerView{m.Publisher, m.Name, m.Email, m.Messenger, m.AssignedAt}}, nil
}

// reader is who reads the announcements of a publisher: the person of the key, or the key itself.
func reader(ctx context.Context, publisher string) (desk.Reader, error) {
	a, err := asker(ctx, publisher)
	return readerOf(ctx, a), err
}

func readerOf(ctx context.Context, a desk.Asker) desk.Reader {
	key := call.Of(ctx).Key
	return desk.Reader{Person: cmp.Or(key.Person, "key "+key.ID), Asker: a}
}
