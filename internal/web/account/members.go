package account

import (
	"errors"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
)

// members is what stands on the page of an organisation's members.
type members struct {
	r       *page.Request
	o       outcome
	may     bool // change something, once it is proved
	proved  bool
	all     []people.Colleague
	invited []people.Invitation
}

// roles are the roles that can be given.
func (m members) roles() (all []ui.Choice) {
	for _, r := range people.RolesOf(m.r.Viewer.Organisation.Kind) {
		all = append(all, ui.Choice{Value: string(r), Label: text.Name(m.r.T.Roles, string(r))})
	}
	return all
}

// least is the role with the fewest rights: what somebody is invited as unless another one is chosen.
func (m members) least() string {
	if chosen := m.r.PostFormValue("role"); chosen != "" {
		return chosen
	}
	all := m.roles()
	return all[len(all)-1].Value
}

func (p *Pages) members(r *page.Request) (page.Answer, error) { return p.membersPage(r, outcome{}) }

func (p *Pages) membersPage(r *page.Request, o outcome) (page.Answer, error) {
	m := members{r: r, o: o, may: r.Viewer.Can(people.ManageMembers), proved: !r.Viewer.MustProve(people.ManageMembers, r.Now)}
	var err error
	if m.all, m.invited, err = p.People.Members(r.Context(), r.Viewer); err != nil {
		return page.Answer{}, err
	}
	return body(r, r.T.Account.Members, o, membersPage(m)), nil
}

// membersAfter answers an action on members.
func (p *Pages) membersAfter(r *page.Request, err error, notice string) (page.Answer, error) {
	if errors.Is(err, people.ErrStepUp) {
		return toProve("/account/members"), nil
	}
	o, err := judge(r.T, err)
	switch {
	case err != nil:
		return page.Answer{}, err
	case o.tone != "":
		return p.membersPage(r, o)
	case notice != "":
		return p.membersPage(r, done(notice))
	}
	return page.Answer{Redirect: "/account/members"}, nil
}

func (p *Pages) invite(r *page.Request) (page.Answer, error) {
	err := p.People.Invite(r.Context(), r.Viewer, r.PostFormValue("email"), people.Role(r.PostFormValue("role")))
	return p.membersAfter(r, err, r.T.Account.Invited)
}

func (p *Pages) withdraw(r *page.Request) (page.Answer, error) {
	return p.membersAfter(r, p.People.Withdraw(r.Context(), r.Viewer, r.PostFormValue("invitation")), "")
}

func (p *Pages) setRole(r *page.Request) (page.Answer, error) {
	return p.membersAfter(r, p.People.SetRole(r.Context(), r.Viewer, r.PostFormValue("person"), people.Role(r.PostFormValue("role"))), "")
}

func (p *Pages) removeMember(r *page.Request) (page.Answer, error) {
	return p.membersAfter(r, p.People.RemoveMember(r.Context(), r.Viewer, r.PostFormValue("person"), r.PostFormValue("keys") != "keep" || r.PostFormValue("end_keys") != ""), "")
}
