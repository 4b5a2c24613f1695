package balance

import (
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/payout"
)

func (p *Pages) details(r *page.Request) (page.Answer, error) {
	k, err := p.Payouts.Details(r.Context(), r.Viewer.Organisation.Publisher)
	return p.detailsAnswer(r, 0, page.Answer{Body: detailsPage(r.T, &k, r.Viewer.Can(people.EditPayoutDetails))}), err
}

func (p *Pages) detailsAnswer(r *page.Request, status int, a page.Answer) page.Answer {
	a.Title, a.Area, a.Status = r.T.Agreements.Details, "/publisher/balance", status
	a.Crumbs = []ui.Crumb{{Href: "/publisher/balance", Label: r.T.Balance.Title}}
	return a
}

// editDetails asks for everything anew: what is kept is never shown as a whole.
func (p *Pages) editDetails(r *page.Request) (page.Answer, error) {
	return p.detailsSheet(r, 0, "", ""), nil
}

func (p *Pages) detailsSheet(r *page.Request, status int, wrong, note string) page.Answer {
	a := r.T.Agreements
	method := ui.Field{Name: "method", Label: a.Method, Required: true}
	for _, m := range p.Payouts.Methods(p.Terms.Programs()) {
		method.Choices = append(method.Choices, ui.Choice{Value: m.Name, Label: text.Name(r.T.Balance.Methods, m.Name)})
	}
	fields := []ui.Field{
		method,
		{Name: "country", Label: a.Country, Hint: a.CountryHint, Required: true, Complete: "country"},
		{Name: "name", Label: a.Holder, Complete: "name"},
		{Name: "iban", Label: a.IBAN},
		{Name: "bic", Label: a.BIC},
		{Name: "email", Label: a.PayEmail, Type: "email", Complete: "email"},
		{Name: "street", Label: a.Street, Complete: "street-address"},
		{Name: "post_code", Label: a.PostCode, Complete: "postal-code"},
		{Name: "town", Label: a.Town, Complete: "address-level2"},
	}
	for i := range fields {
		fields[i].Value = r.PostFormValue(fields[i].Name)
		if fields[i].Name == wrong {
			fields[i].Error, note = note, ""
		}
	}
	return p.detailsAnswer(r, status, page.Answer{Body: detailsForm(r.T, note, fields)})
}

func (p *Pages) setDetails(r *page.Request) (page.Answer, error) {
	in := r.PostFormValue
	d := payouts.Details{Method: in("method"), Country: in("country"), Account: payout.Party{Name: in("name"), IBAN: in("iban"), BIC: in("bic"), Email: in("email")}}
	if street, town := in("street"), in("town"); street != "" || town != "" {
		d.Account.Address = payout.Address{Street: street, PostCode: in("post_code"), Town: town, Country: in("country")}
	}
	mine := r.Viewer.Organisation.Publisher
	if mine == "" {
		return page.Answer{}, page.ErrNotFound
	}
	wrong, err := r.Problem(p.Payouts.SetDetails(r.Context(), mine, d))
	if err != nil {
		return page.Answer{}, err
	}
	if wrong.Any() {
		return p.detailsSheet(r, wrong.Status(), wrong.Field, wrong.Why), nil
	}
	return page.Answer{Redirect: "/publisher/payout-details"}, nil
}
