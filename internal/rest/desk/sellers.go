package desk

import (
	"context"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/rest/call"
)

// registerSellers registers what sellers ask and read. A seller is named by its organisation.
func (s *Area) registerSellers(a *call.API) {
	reads := call.Policy{Scope: call.ScopeRead, Sellers: true, Needs: []people.Permission{people.SeeStores, people.ManagePublishers}}
	marks := reads
	marks.Writes = true
	asks := call.Policy{Scope: call.ScopeStores, Sellers: true, Writes: true, Needs: []people.Permission{people.AskAsSeller}}
	const own = "/v1/sellers/{seller}"
	call.Handle(a, "POST "+own+"/tickets", "open-seller-ticket", "Ask the operator something, as a seller", asks, func(ctx context.Context, in *openSellerTicketInput) (*ticketOutput, error) {
		x, v, err := sellerVoice(ctx, in.Seller)
		if err != nil {
			return nil, err
		}
		return s.open(ctx, x, v, &in.Body)
	})
	call.Handle(a, "GET "+own+"/tickets", "list-seller-tickets", "A seller's tickets, the newest first", reads, func(ctx context.Context, in *sellerPageInput) (*ticketsOutput, error) {
		x, err := ofSeller(ctx, in.Seller)
		if err != nil {
			return nil, err
		}
		all, next, err := s.Desk.OwnInquiries(ctx, x, in.After, in.Limit)
		return listed(all, next, false, err)
	})
	call.Handle(a, "GET "+own+"/tickets/{ticket}", "get-seller-ticket", "A seller's ticket with its conversation", reads, func(ctx context.Context, in *sellerTicketInput) (*ticketConversationOutput, error) {
		x, err := ofSeller(ctx, in.Seller)
		if err != nil {
			return nil, err
		}
		return s.readOwn(ctx, x, in.Ticket)
	})
	call.Handle(a, "POST "+own+"/tickets/{ticket}/replies", "reply-to-seller-ticket", "Write something in one's own ticket, as a seller", asks, func(ctx context.Context, in *replySellerTicketInput) (*ticketOutput, error) {
		x, v, err := sellerVoice(ctx, in.Seller)
		if err != nil {
			return nil, err
		}
		i, err := s.Desk.Reply(ctx, x, v, in.Ticket, in.Body.Text)
		return answered(&i, false, err)
	})
	call.Handle(a, "POST "+own+"/tickets/{ticket}/close", "close-seller-ticket", "Close one's own ticket, as a seller", asks, func(ctx context.Context, in *sellerTicketInput) (*ticketOutput, error) {
		x, _, err := sellerVoice(ctx, in.Seller)
		if err != nil {
			return nil, err
		}
		i, err := s.Desk.CloseOwn(ctx, x, in.Ticket)
		return answered(&i, false, err)
	})
	call.Handle(a, "GET "+own+"/inbox", "list-seller-inbox", "What the operator announces to a seller, pinned first, then the latest", reads, func(ctx context.Context, in *sellerInput) (*inboxOutput, error) {
		x, err := ofSeller(ctx, in.Seller)
		if err != nil {
			return nil, err
		}
		return s.inboxOf(ctx, readerOf(ctx, x))
	})
	call.Handle(a, "POST "+own+"/inbox/{announcement}/read", "read-seller-announcement", "Mark an announcement as read, as a seller", marks, func(ctx context.Context, in *readSellerAnnouncementInput) (*announcementOutput, error) {
		x, err := ofSeller(ctx, in.Seller)
		if err != nil {
			return nil, err
		}
		return s.readAs(ctx, readerOf(ctx, x), in.Announcement)
	})
}

// ofSeller is the seller that a call is about: a seller's key reaches its own organisation only.
func ofSeller(ctx context.Context, seller string) (desk.Asker, error) {
	if key := call.Of(ctx).Key; key.Publisher != "" || key.Seller != "" && key.Seller != seller {
		return desk.Asker{}, books.ErrNotFound
	}
	return desk.Asker{Seller: seller}, nil
}

// sellerVoice is the seller for which a call speaks, and the person who does.
func sellerVoice(ctx context.Context, seller string) (desk.Asker, desk.Voice, error) {
	a, err := ofSeller(ctx, seller)
	if err != nil {
		return a, desk.Voice{}, err
	}
	v, err := ownVoice(ctx)
	return a, v, err
}

type sellerInput struct {
	Seller string `path:"seller" maxLength:"200" doc:"The seller's organisation, as get-caller names it."`
}

type sellerPageInput struct {
	Seller string `path:"seller" maxLength:"200"`
	call.PageInput
}

type sellerTicketInput struct {
	Seller string `path:"seller" maxLength:"200"`
	Ticket int64  `path:"ticket" minimum:"1"`
}

type openSellerTicketInput struct {
	Seller string `path:"seller" maxLength:"200"`
	Body   newTicket
}

type replySellerTicketInput struct {
	Seller string `path:"seller" maxLength:"200"`
	Ticket int64  `path:"ticket" minimum:"1"`
	Body   struct {
		Text string `json:"text" minLength:"1" maxLength:"10000"`
	}
}

type readSellerAnnouncementInput struct {
	Seller       string `path:"seller" maxLength:"200"`
	Announcement int64  `path:"announcement" minimum:"1"`
}
