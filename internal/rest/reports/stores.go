package reports

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/program"
)

// registerStores registers the reports of what stores sold through publishers, what it cost and what came back (S3).
func (s *Area) registerStores(a *call.API, answer func(*huma.Operation)) {
	sees := call.Policy{Scope: call.ScopeRead, Sellers: true, Needs: []people.Permission{people.SeeStores, people.SeeEverything}}
	all := call.Policy{Scope: call.ScopeRead, Needs: []people.Permission{people.SeeEverything}}
	call.Handle(a, "GET /v1/stores/{store}/report", "get-store-report", "What a store sold through publishers, what it cost, and what came back for it", sees, func(ctx context.Context, in *storeReportInput) (*huma.StreamResponse, error) {
		if err := call.Store(ctx, in.Store); err != nil {
			return nil, err
		}
		return s.sold(ctx, a, &in.SoldQuery, in.By, func(ctx context.Context, q reports.Query, to reports.Sink) error {
			return s.Reports.OfStore(ctx, in.Store, q, to)
		})
	}, answer)
	call.Handle(a, "GET /v1/cost-of-sale", "get-cost-of-sale", "What all stores sold and what it cost, by program, publisher, store and more", all, func(ctx context.Context, in *costInput) (*huma.StreamResponse, error) {
		return s.sold(ctx, a, &in.SoldQuery, in.By, s.Reports.AcrossStores)
	}, answer)
}

// SoldQuery is what reports of stores can be asked for. It is exported because a request is read into its members.
type SoldQuery struct {
	Program string `query:"program" maxLength:"500"`
	From    string `query:"from" format:"date" doc:"The first day (UTC)."`
	To      string `query:"to" format:"date" doc:"The last day (UTC)."`
	Date    string `query:"date" enum:"order,transaction" default:"order" doc:"The day that counts: that of the order, or that of the transaction."`
	Sort    string `query:"sort" maxLength:"40" doc:"A column, with - in front for the greatest first. Items have no order but the latest first."`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Of JSON. Files have all rows."`
	After   string `query:"after" maxLength:"4000" doc:"The cursor that the page before returned as next."`
	Format  string `query:"format" enum:"json,csv,xlsx" default:"json"`
}

type storeReportInput struct {
	Store string `path:"store" maxLength:"500"`
	By    string `query:"by" enum:"day,product,campaign,source,category,country,item" doc:"source is a publisher under a number: sellers do not learn who their publishers are."`
	SoldQuery
}

type costInput struct {
	By string `query:"by" enum:"day,program,publisher,store,product,category"`
	SoldQuery
}

// sold answers a report of stores.
func (s *Area) sold(ctx context.Context, a *call.API, in *SoldQuery, by string, run func(context.Context, reports.Query, reports.Sink) error) (*huma.StreamResponse, error) {
	q := reports.Query{Program: program.ID(in.Program), Basis: reports.Basis(in.Date), Sort: in.Sort, Limit: in.Limit, After: in.After}
	if by != "" {
		q.By = []reports.Dim{reports.Dim(by)}
	}
	if err := bound(&q, in.From, in.To, in.Format); err != nil {
		return nil, err
	}
	return s.stream(ctx, a, reports.Seller, in.Format, func(ctx context.Context, to reports.Sink) error { return run(ctx, q, to) }), nil
}
