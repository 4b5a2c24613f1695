package account

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/ui"
)

// settings is what stands on the page of one's own account.
type settings struct {
	r             *page.Request
	o             outcome
	proved        bool
	sessions      []people.Session
	organisations []people.Organisation
	enrolment     *people.Enrolment // being set up
	picture       string            // of it, as a data: address
	recovery      []people.Secret   // shown this once
	passkeys      []people.Passkey
	passkeysWork  bool
	exports       bool // what is kept can be downloaded
}

func (p *Pages) settings(r *page.Request) (page.Answer, error) {
	return p.settingsPage(r, settings{})
}

func (p *Pages) settingsPage(r *page.Request, s settings) (page.Answer, error) {
	s.r, s.proved, s.exports = r, r.Viewer.Proved(r.Now), p.Privacy != nil
	var err error
	if s.sessions, err = p.People.Sessions(r.Context(), r.Viewer); err != nil {
		return page.Answer{}, err
	}
	if s.organisations, err = p.People.Organisations(r.Context(), r.Viewer); err != nil {
		return page.Answer{}, err
	}
	if s.passkeysWork = p.People.OffersPasskeys(); s.passkeysWork {
		if s.passkeys, err = p.People.Passkeys(r.Context(), r.Viewer); err != nil {
			return page.Answer{}, err
		}
	}
	return body(r, r.T.Account.Settings, s.o, settingsPage(s)), nil
}

// after answers an action of the settings: back to them, to the proof that is asked for, or with what is wrong.
func (p *Pages) after(r *page.Request, err error) (page.Answer, error) {
	if errors.Is(err, people.ErrStepUp) {
		return toProve("/account"), nil
	}
	o, err := judge(r.T, err)
	switch {
	case err != nil:
		return page.Answer{}, err
	case o.tone != "":
		return p.settingsPage(r, settings{o: o})
	}
	return page.Answer{Redirect: "/account"}, nil
}

func (p *Pages) changePassword(r *page.Request) (page.Answer, error) {
	if err := p.People.ChangePassword(r.Context(), r.Viewer, r.PostFormValue("old"), r.PostFormValue("password")); err != nil {
		return p.after(r, err)
	}
	return p.settingsPage(r, settings{o: done(r.T.Account.PasswordDone)})
}

func (p *Pages) startFactor(r *page.Request) (page.Answer, error) {
	e, err := p.People.StartFactor(r.Context(), r.Viewer)
	if err != nil {
		return p.after(r, err)
	}
	picture, err := qrCode(e.URL.Reveal())
	if err != nil {
		return page.Answer{}, err
	}
	return p.settingsPage(r, settings{enrolment: &e, picture: picture})
}

// qrCode draws a text as a data: address, so that the secret in it is in no other request.
func qrCode(text string) (string, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err == nil {
		code, err = barcode.Scale(code, 232, 232)
	}
	if err != nil {
		return "", fmt.Errorf("drawing a QR code: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, code); err != nil {
		return "", fmt.Errorf("drawing a QR code: %w", err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

func (p *Pages) confirmFactor(r *page.Request) (page.Answer, error) {
	codes, err := p.People.ConfirmFactor(r.Context(), r.Viewer, r.PostFormValue("code"))
	if err != nil {
		return p.after(r, err)
	}
	r.Viewer.SecondFactor = true
	return p.settingsPage(r, settings{recovery: codes})
}

func (p *Pages) newRecovery(r *page.Request) (page.Answer, error) {
	codes, err := p.People.NewRecovery(r.Context(), r.Viewer)
	if err != nil {
		return p.after(r, err)
	}
	return p.settingsPage(r, settings{recovery: codes})
}

func (p *Pages) removeFactor(r *page.Request) (page.Answer, error) {
	return p.after(r, p.People.RemoveFactor(r.Context(), r.Viewer))
}

func (p *Pages) endSession(r *page.Request) (page.Answer, error) {
	return p.after(r, p.People.EndSession(r.Context(), r.Viewer, r.PostFormValue("session")))
}

func (p *Pages) endOthers(r *page.Request) (page.Answer, error) {
	return p.after(r, p.People.EndOtherSessions(r.Context(), r.Viewer))
}

func (p *Pages) actFor(r *page.Request) (page.Answer, error) {
	token, err := p.People.ActFor(r.Context(), r.Viewer, r.PostFormValue("organisation"))
	if err != nil {
		return p.after(r, err)
	}
	return page.Answer{Redirect: "/", Session: token.Reveal()}, nil
}

// links leads to the other pages of the settings that the viewer may see.
func links(r *page.Request) []ui.Link {
	var all []ui.Link
	for _, l := range []struct {
		p           people.Permission
		href, label string
	}{
		{people.SeeMembers, "/account/members", r.T.Account.Members}, {people.SeeApps, "/account/apps", r.T.Account.Apps}, {people.SeeMembers, "/account/terms", r.T.Agreements.Terms}, {people.ManageAccounts, "/account/people", r.T.Account.People}, {people.SeeAudit, "/audit", r.T.Account.Audit},
	} {
		if r.Viewer.Can(l.p) {
			all = append(all, ui.Link{Href: l.href, Label: l.label})
		}
	}
	return all
}
