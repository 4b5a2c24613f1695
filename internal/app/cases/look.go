package cases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/trust"
)

type adSpace = publisher.AdSpace

// short names several ids by one.
func short(ids ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(ids, "\x00")))
	return hex.EncodeToString(sum[:12])
}

// Case returns a case, or ErrNotFound.
func (v *Service) Case(ctx context.Context, id string) (c trust.Case, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		c, _, err = get(ctx, tx, id)
		return err
	})
	return c, err
}

// Own returns a case as its publisher may see it: what is kept back and why, without who works on it and without how it was noticed.
// A case of somebody else, and one that the publisher was not told of, is ErrNotFound.
func (v *Service) Own(ctx context.Context, id, publisher string) (trust.Case, error) {
	c, err := v.Case(ctx, id)
	if err != nil {
		return c, err
	}
	if publisher == "" || c.Publisher != publisher || c.ToldAt.IsZero() {
		return trust.Case{}, fmt.Errorf("case %.70q: %w", id, ErrNotFound)
	}
	return forPublisher(c), nil
}

// forPublisher is a case without the people of the operator, without a decision that does not stand yet, and with that evidence only
// which a decision rests on: until then the publisher reads the category (M4).
func forPublisher(c trust.Case) trust.Case {
	c.OpenedBy, c.TakenBy = "", ""
	c.Messages = slices.Clone(c.Messages)
	for i := range c.Messages {
		if !c.Messages[i].FromPublisher {
			c.Messages[i].By = ""
		}
	}
	if c.State == trust.Proposed {
		c.State, c.Ruling = trust.Notified, nil
		c.Items = slices.DeleteFunc(slices.Clone(c.Items), func(it trust.Item) bool { return it.Open })
	}
	stands := c.State == trust.Deducted || c.State == trust.Appealed || c.State == trust.Closed && (c.Outcome == trust.Sanctioned || c.Outcome == trust.Restored)
	if !stands {
		c.Evidence = nil
	}
	c.Evidence = slices.Clone(c.Evidence)
	for i := range c.Evidence {
		c.Evidence[i].By = ""
	}
	if c.Ruling != nil {
		r := *c.Ruling
		r.By, r.ApprovedBy = "", ""
		c.Ruling = &r
	}
	if c.Appeal != nil {
		a := *c.Appeal
		a.DecidedBy = ""
		c.Appeal = &a
	}
	return c
}

// Names are the names of the operator's people in a case, by id, as far as they have an account.
func (v *Service) Names(ctx context.Context, c *trust.Case) (map[string]string, error) {
	ids := []string{c.OpenedBy, c.TakenBy}
	for _, e := range c.Evidence {
		ids = append(ids, e.By)
	}
	if c.Ruling != nil {
		ids = append(ids, c.Ruling.By, c.Ruling.ApprovedBy)
	}
	if c.Appeal != nil {
		ids = append(ids, c.Appeal.DecidedBy)
	}
	names := make(map[string]string)
	err := v.store.View(ctx, func(tx store.Tx) error {
		for _, id := range ids {
			if id == "" || trust.IsRule(id) || names[id] != "" {
				continue
			}
			p, err := tx.Platform().Accounts().People().ByID(ctx, id)
			switch {
			case errors.Is(err, ErrNotFound):
			case err != nil:
				return fmt.Errorf("reading who worked on case %s: %w", c.ID, err)
			default:
				names[id] = p.Name
			}
		}
		return nil
	})
	return names, err
}

// List returns up to limit cases that match a filter, the one opened last first; after and next as in all pages.
func (v *Service) List(ctx context.Context, f Filter, after string, limit int) (out []trust.Case, next string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		out = nil
		var rows []store.CaseRow
		if rows, next, err = tx.Platform().Desk().Cases().Page(ctx, f, after, limit); err != nil {
			return err
		}
		for i := range rows {
			c, err := read(&rows[i])
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return nil
	})
	return out, next, err
}

// ListOwn is List for a publisher, who sees what it was told of, see Own. A page may be shorter than the limit.
func (v *Service) ListOwn(ctx context.Context, publisher, after string, limit int) ([]trust.Case, string, error) {
	if publisher == "" {
		return nil, "", ErrNotFound
	}
	all, next, err := v.List(ctx, Filter{Publisher: publisher}, after, limit)
	if err != nil {
		return nil, "", err
	}
	all = slices.DeleteFunc(all, func(c trust.Case) bool { return c.ToldAt.IsZero() })
	for i := range all {
		all[i] = forPublisher(all[i])
	}
	return all, next, nil
}

// Find looks up to limit cases up, by a part of their id or of their publisher's name in programs, the one opened last first.
func (v *Service) Find(ctx context.Context, words string, limit int) ([]trust.Case, error) {
	if words == "" {
		return nil, nil
	}
	all, _, err := v.List(ctx, Filter{Words: words}, "", limit)
	return all, err
}

// FindOwn is Find among what a publisher was told of, see Own, by a part of the id.
func (v *Service) FindOwn(ctx context.Context, publisher, words string, limit int) ([]trust.Case, error) {
	if words == "" || publisher == "" {
		return nil, nil
	}
	all, _, err := v.List(ctx, Filter{Words: words, Publisher: publisher}, "", limit)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(c trust.Case) bool {
		return c.ToldAt.IsZero() || !strings.Contains(strings.ToLower(c.ID), strings.ToLower(words))
	})
	for i := range all {
		all[i] = forPublisher(all[i])
	}
	return all, nil
}

// Statistics are what became of the cases of a program, for everybody to see. Signals that nobody made a case of do not count.
type Statistics struct {
	Cases      int // that people opened, or appeals against a marketplace's report
	Open       int
	Released   int // nothing was found
	TimedOut   int // of Released, nobody decided in time
	Sanctioned int // decided against the publisher, restored ones included
	Deducted   int // of Sanctioned, commissions were taken
	Appeals    int // decided ones
	Restored   int // of Appeals, those that the publisher won
	Taken      []trust.Stake
	Returned   []trust.Stake // of Taken, what appeals gave back
}

// Statistics adds a program's cases up; an empty program is all.
func (v *Service) Statistics(ctx context.Context, p program.ID) (Statistics, error) {
	var s Statistics
	var taken, returned []trust.Item
	for after := ""; ; {
		page, next, err := v.List(ctx, Filter{Program: p}, after, 500)
		if err != nil {
			return s, err
		}
		for i := range page {
			c := &page[i]
			if c.State == trust.Signal || c.Outcome == trust.Dismissed {
				continue
			}
			s.Cases++
			if c.State != trust.Closed && c.State != trust.Deducted {
				s.Open++
			}
			switch c.Outcome {
			case trust.Released:
				s.Released++
			case trust.TimedOut:
				s.Released++
				s.TimedOut++
			case trust.Sanctioned, trust.Restored:
				s.Sanctioned++
			}
			items := slices.DeleteFunc(slices.Clone(c.Items), func(it trust.Item) bool { return !it.Taken })
			if len(items) > 0 {
				s.Deducted++
				taken = append(taken, items...)
			}
			if c.Appeal != nil && !c.Appeal.DecidedAt.IsZero() {
				s.Appeals++
			}
			if c.Outcome == trust.Restored {
				s.Restored++
				returned = append(returned, items...)
			}
		}
		if after = next; next == "" {
			s.Taken, s.Returned = trust.Stakes(taken), trust.Stakes(returned)
			return s, nil
		}
	}
}

// Detect looks at a day's traffic for critical indicators (F2) and opens a signal for each publisher that meets one: for a person to look
// at, nothing is held. A signal or case of the same kind that is open gets the figure as evidence. Doing it again for a day changes
// nothing. It returns how many publishers met one.
func (v *Service) Detect(ctx context.Context, day time.Time) (int, error) {
	day = day.UTC().Truncate(24 * time.Hour)
	type key struct {
		program   program.ID
		publisher string
	}
	traffic := make(map[key]*trust.Traffic)
	of := func(f *store.Figure) *trust.Traffic {
		k := key{program.ID(f.Keys[0]), f.Keys[1]}
		if traffic[k] == nil {
			traffic[k] = &trust.Traffic{}
		}
		return traffic[k]
	}
	q := store.Figures{From: day, To: day.Add(24 * time.Hour), By: []store.Dim{store.DimProgram, store.DimPublisher}}
	err := v.store.View(ctx, func(tx store.Tx) error {
		clear(traffic)
		if err := tx.Platform().Reports().Clicks(ctx, q, func(f store.Figure) error { of(&f).Clicks += f.Clicks; return nil }); err != nil {
			return fmt.Errorf("adding clicks up: %w", err)
		}
		return tx.Platform().Reports().Items(ctx, q, func(f store.Figure) error { of(&f).Actions += f.Actions; return nil })
	})
	if err != nil {
		return 0, err
	}
	met := 0
	for k, t := range traffic {
		indicator, figure := trust.CriticalTraffic().Judge(*t)
		if indicator == "" || k.publisher == "" {
			continue
		}
		met++
		text := day.Format(time.DateOnly) + ": " + figure
		if err := v.signal(ctx, k.program, k.publisher, indicator, day, text); err != nil {
			return met, err
		}
	}
	return met, nil
}

// signal opens a signal of a rule, or adds its figure to what is open.
func (v *Service) signal(ctx context.Context, p program.ID, publisher, rule string, day time.Time, text string) error {
	return v.store.Update(ctx, func(tx store.Tx) error {
		rows, _, err := tx.Platform().Desk().Cases().Page(ctx, store.CaseFilter{Program: p, Publisher: publisher, Category: "critical_traffic"}, "", 50)
		if err != nil {
			return err
		}
		for i := range rows {
			c, err := read(&rows[i])
			if err != nil {
				return err
			}
			if slices.ContainsFunc(c.Evidence, func(e trust.Evidence) bool { return e.Text == text }) {
				return nil // that day was looked at
			}
			if c.State == trust.Closed || c.State == trust.Deducted || c.State == trust.Appealed {
				continue
			}
			n, err := c.Add(v.policy, "figure", text, "rule:"+rule, v.at())
			if err != nil {
				return nil // the evidence is frozen, or full: the case is there
			}
			_, revision, err := get(ctx, tx, c.ID)
			if err != nil {
				return err
			}
			return put(ctx, tx, &n, revision)
		}
		c, err := trust.New(v.policy, trust.Case{
			ID: "case_" + short(string(p), publisher, rule, day.Format(time.DateOnly)), Program: p, Publisher: publisher, Category: "critical_traffic",
			Evidence: []trust.Evidence{{Kind: "figure", Text: text}},
		}, "rule:"+rule, v.at())
		if err != nil {
			return err
		}
		if err := put(ctx, tx, &c, 0); err != nil {
			if errors.Is(err, ErrConflict) {
				return nil // it was opened and closed since
			}
			return err
		}
		return v.note(ctx, tx, "case.signalled", nil, &c, text)
	})
}

// news is something that the publisher is told by e-mail.
type news int

const (
	opened news = iota
	message
	released
	decided
	appealDecided
)

// tell writes an e-mail to the publisher's people, in the transaction of what it tells of. It names no amounts and no suspicion: mail
// is read by others.
func (v *Service) tell(what news) func(context.Context, store.Tx, *trust.Case) error {
	return func(ctx context.Context, tx store.Tx, c *trust.Case) error {
		if v.box == nil {
			return nil // no e-mail is sent here
		}
		people, err := tx.Platform().Desk().Addressees(ctx, store.Audience{Kind: "publisher", Asker: store.Asker{Publisher: c.Publisher}})
		if err != nil {
			return fmt.Errorf("looking for whom to tell: %w", err)
		}
		for _, p := range people {
			subject, text := letter(what, p.Language, c, v.site+"/publisher/cases/"+c.ID)
			if err := notify.Write(ctx, tx.Platform().Accounts().Outbox(), v.box, notify.Message{To: p.Email, Subject: subject, Text: text}, v.at()); err != nil {
				return fmt.Errorf("writing an e-mail: %w", err)
			}
		}
		return nil
	}
}

// letter is an e-mail in a language.
func letter(what news, language string, c *trust.Case, link string) (subject, text string) {
	until := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
	hello := "Hello,"
	words := map[news][2]string{
		opened: {"Some of your commissions are being looked at", "We look into some of your orders, and keep their commissions back for that time. You may answer until " + until(c.AnswerBy) +
			". If nobody decides, everything is given back by itself on " + until(c.HoldEnds) + "."},
		message:       {"News in your case", "We wrote to you about your case."},
		released:      {"Your case is closed", "Nothing was found against you. What was kept back is given back."},
		decided:       {"Your case was decided", "It was decided against you. You can read why, see the evidence, and appeal until " + until(c.AppealBy) + "."},
		appealDecided: {"Your appeal was decided", "Somebody who had no part in the case looked at it again."},
	}
	if language == "tr" {
		hello = "Merhaba,"
		words = map[news][2]string{
			opened: {"Bazı komisyonlarınız inceleniyor", "Bazı siparişlerinizi inceliyoruz ve bu süre içinde komisyonlarını tutuyoruz. " + until(c.AnswerBy) +
				" tarihine kadar yanıt verebilirsiniz. Kimse karar vermezse her şey " + until(c.HoldEnds) + " tarihinde kendiliğinden geri verilir."},
			message:       {"İncelemenizde yeni bir ileti var", "İncelemeniz hakkında size yazdık."},
			released:      {"İncelemeniz kapandı", "Aleyhinize bir şey bulunmadı. Tutulan tutar geri verildi."},
			decided:       {"İncelemenizde karar verildi", "Aleyhinize karar verildi. Nedenini okuyabilir, kanıtları görebilir ve " + until(c.AppealBy) + " tarihine kadar itiraz edebilirsiniz."},
			appealDecided: {"İtirazınız karara bağlandı", "İncelemede yer almamış biri konuya yeniden baktı."},
		}
	}
	return words[what][0], hello + "\n\n" + words[what][1] + "\n\n" + link + "\n"
}
