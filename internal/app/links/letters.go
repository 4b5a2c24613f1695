package links

import (
	"context"
	"fmt"
	"strings"

	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/store"
)

// tell writes an e-mail about an audit to everybody who acts for its publisher and may change links. It is in the outbox together with
// the audit, or neither is.
func (c *Care) tell(ctx context.Context, tx store.Tx, a *Audit) error {
	if c.box == nil {
		return nil
	}
	accounts := tx.Platform().Accounts()
	all, err := accounts.Organisations().OfKind(ctx, store.KindPublisher)
	if err != nil {
		return fmt.Errorf("looking for whom to tell of an audit: %w", err)
	}
	for _, o := range all {
		if o.Publisher != a.Publisher {
			continue
		}
		members, err := accounts.Organisations().Members(ctx, o.ID)
		if err != nil {
			return fmt.Errorf("looking for whom to tell of an audit: %w", err)
		}
		for _, m := range members {
			if m.Role == store.RoleReader {
				continue
			}
			p, err := accounts.People().ByID(ctx, m.Person)
			if err != nil {
				return fmt.Errorf("looking for whom to tell of an audit: %w", err)
			}
			if p.CheckedAt.IsZero() || !p.LockedAt.IsZero() {
				continue
			}
			subject, text := auditLetter(p.Language, a, fmt.Sprintf("%s/publisher/audits/%d", c.site, a.ID))
			if err := notify.Write(ctx, accounts.Outbox(), c.box, notify.Message{To: p.Email, Subject: subject, Text: text}, c.at()); err != nil {
				return err
			}
		}
	}
	return nil
}

// auditLetter is the e-mail about an audit in a language: how much is new, the first of it, and where all of it stands.
func auditLetter(language string, a *Audit, address string) (subject, text string) {
	const first = 10
	var lines []string
	for i := range a.Findings {
		if f := &a.Findings[i]; f.New && len(lines) < first {
			lines = append(lines, "- "+strings.Join(strings.Fields(f.Code+" "+f.Link+" "+f.Page+" "+clip(f.Target, 120)), " "))
		}
	}
	what, in := strings.CutPrefix(a.Subject, subjectSpace)
	if language == "tr" {
		if !in {
			what = "bağlantılarınız"
		}
		return fmt.Sprintf("Bağlantı denetimi: %d yeni bulgu", a.New), fmt.Sprintf("Merhaba,\n\nSon denetimde (%s) %d yeni bulgu var, toplam %d. İlkleri:\n\n%s\n\nHepsi burada:\n\n%s\n", what, a.New, a.Found, strings.Join(lines, "\n"), address)
	}
	if !in {
		what = "your links"
	}
	return fmt.Sprintf("Link audit: %d new", a.New), fmt.Sprintf("Hello,\n\nThe last audit (%s) found %d that are new, of %d in all. The first of them:\n\n%s\n\nAll of it stands here:\n\n%s\n", what, a.New, a.Found, strings.Join(lines, "\n"), address)
}
