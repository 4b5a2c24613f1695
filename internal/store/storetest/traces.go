package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/clickledger/clickledger/internal/store"
)

func traceChecks() []Check {
	return []Check{
		{"a cut entry of the audit log says what is left, and the chain holds", auditCut},
		{"what is kept of a person is found, and forgotten, with nothing of others", tracesOfOne},
		{"a name is taken out of what people wrote, and nothing else is changed", namesTakenOut},
		{"a publisher that is closed has no account to be paid to and no endpoints", publisherClosed},
		{"scrubbing changes nothing that is kept", scrubKeeps},
	}
}

func auditCut(k *kit) {
	k.accounts(func(a store.Accounts) error {
		return a.Audit().Append(k.ctx, []store.AuditEntry{sampleEntry("a"), sampleEntry("b"), sampleEntry("c")})
	})
	before := entries(k)
	cut := func(sequence int64, detail string) error {
		return k.tried(func(a store.Accounts) error { return a.Audit().Redact(k.ctx, sequence, detail) })
	}
	k.must(cut(2, `{"email": "erased"}`))
	k.is(cut(9, ""), store.ErrNotFound, "an entry that is not there")
	k.is(cut(1, "\x00"), store.ErrInvalid, "a detail that cannot be kept")
	k.reopen()
	after := entries(k) // the chain holds
	want := before[1]
	want.Detail, want.Salt = `{"email": "erased"}`, nil
	k.same("the entry that was cut", after[1], want)
	k.same("the others", []store.AuditEntry{after[0], after[2]}, []store.AuditEntry{before[0], before[2]})
	if !after[1].Redacted() || bytes.Equal(after[1].Commit(), after[1].Commitment) {
		k.Errorf("what was cut looks as if it had been written so")
	}
	k.must(cut(2, ""))
	k.same("an entry that was cut twice", entries(k)[1].Detail, "")
	k.accounts(func(a store.Accounts) error { return a.Audit().Append(k.ctx, []store.AuditEntry{sampleEntry("d")}) })
	k.same("how many entries there are", len(entries(k)), 4)
}

// enterTraces enters what is kept of two people, per1 and per2, the same of each; the words that they wrote name them.
func enterTraces(k *kit) {
	k.Helper()
	enterAccounts(k)
	k.accounts(func(a store.Accounts) error {
		errs := []error{putMembers(k.ctx, a, "per1", "per2")}
		for i := 1; i <= 2; i++ {
			n, person, email := int64(i), fmt.Sprint("per", i), fmt.Sprintf("per%d@example.org", i)
			mail, sent := sampleMail("mail"+person, at(n)), sampleMail("sent"+person, at(n))
			mail.To, sent.To, sent.Body, sent.SentAt = email, email, nil, at(n)
			ticket, invited := sampleTicket("tic"+person), sampleTicket("inv"+person)
			ticket.Person, ticket.Email, invited.Person, invited.Email, invited.By = person, "", "", email, "perx"
			app, key := sampleApp("app"+person, "org1"), sampleAppKey("key"+person, "app"+person)
			app.CreatedBy, app.Name, key.CreatedBy = person, "The app of "+person, person
			silent := sampleAppKey("old"+person, "app"+person)
			silent.CreatedBy = ""
			proposal := sampleProposal("pro" + person)
			proposal.ProposedBy, proposal.Why = person, person+" asked"
			errs = append(errs, a.Outbox().Put(k.ctx, mail), a.Outbox().Put(k.ctx, sent), a.Tickets().Put(k.ctx, ticket), a.Tickets().Put(k.ctx, invited),
				a.Sessions().Put(k.ctx, sampleSession("ses"+person, person)), a.Apps().Put(k.ctx, app), a.Apps().PutKey(k.ctx, key), a.Apps().PutKey(k.ctx, silent),
				a.Agreements().PutProposal(k.ctx, proposal), a.Agreements().Accept(k.ctx, sampleAcceptance(person, 1)))
		}
		return errors.Join(errs...)
	})
	k.update(func(tx store.Tx) error {
		d := tx.Platform().Desk()
		var errs []error
		for i := 1; i <= 2; i++ {
			person := fmt.Sprint("per", i)
			inquiry := sampleInquiry("ann")
			inquiry.Subject = "From " + person
			inquiry, err := d.Inquiries().Put(k.ctx, inquiry)
			message := sampleMessage(inquiry.ID, 1)
			message.Person, message.Name, message.Text = person, person, "Yours, "+strings.ToUpper(person)+"."
			announcement, err2 := d.Announcements().Put(k.ctx, sampleAnnouncement("publishers"))
			c := sampleCase("case"+person, at(int64(i)))
			c.JSON = []byte(`{"messages":[{"by":"` + person + `","text":"I am ` + person + `"}]}`)
			file := store.CaseFile{Case: c.ID, Number: 1, Name: person + ".pdf", Type: "application/pdf", Size: 1, SHA256: "00", By: person, FromPublisher: true, At: at(3), Data: []byte{1}}
			manager := store.Manager{Asker: store.Asker{Publisher: "pub-" + person}, Name: person, Email: person + "@example.org", AssignedAt: at(1)}
			errs = append(errs, err, err2, d.Inquiries().Say(k.ctx, message), d.Announcements().MarkRead(k.ctx, announcement.ID, person, at(7)), d.Cases().Put(k.ctx, c, 0),
				d.Cases().PutFile(k.ctx, file), d.PutManager(k.ctx, manager))
		}
		for _, scope := range []string{"key1 invite-member", "key1 report-orders"} {
			_, _, err := tx.Keys().Claim(k.ctx, scope, "k", []byte("hash"), at(1))
			errs = append(errs, err, tx.Keys().Answer(k.ctx, scope, "k", []byte(`{"email":"per1"}`)))
		}
		return errors.Join(errs...)
	})
}

func traceOf(k *kit, person string) store.Trace {
	k.Helper()
	return found(k, func(a store.Accounts) (store.Trace, error) {
		return a.Traces().Of(k.ctx, person, person+"@example.org")
	})
}

func tracesOfOne(k *kit) {
	enterTraces(k)
	k.reopen()
	one, two := traceOf(k, "per1"), traceOf(k, "per2")
	k.same("how much of each there is", []int{len(one.Mail), len(one.Tickets), len(one.Apps), len(one.Keys), len(one.Messages), len(one.Read), len(one.Files), len(one.Cases), len(one.Proposed)},
		[]int{2, 2, 1, 2, 1, 1, 1, 1, 1})
	for _, m := range one.Mail {
		k.same("to whom the e-mail is", m.To, "per1@example.org")
		k.same("what was written", len(m.Body), 0)
	}
	k.same("tickets", []string{one.Tickets[0].Email + one.Tickets[0].Person, one.Tickets[1].Email + one.Tickets[1].Person, one.Tickets[0].Hash}, []string{"per1@example.org", "per1", ""})
	k.same("secrets of keys", len(one.Keys[0].Secret)+len(one.Keys[1].Secret), 0)
	k.same("what else there is", []string{one.Apps[0].ID, one.Messages[0].Person, one.Files[0].Case, one.Cases[0].ID, one.Proposed[0].ID}, []string{"appper1", "per1", "caseper1", "caseper1", "proper1"})
	k.same("when it was read", one.Read[0].At, at(7))
	sessions := func(person string) int {
		return len(found(k, func(a store.Accounts) ([]store.Session, error) { return a.Sessions().Of(k.ctx, person) }))
	}
	k.same("sessions", sessions("per1"), 1)

	var forgotten int64
	k.accounts(func(a store.Accounts) (err error) {
		forgotten, err = a.Traces().Forget(k.ctx, "per1", "per1@example.org")
		return err
	})
	k.same("how many rows were forgotten", forgotten, int64(1+2+2+1+1+1)) // session, tickets, e-mail, read mark, manager, network
	k.reopen()
	left := traceOf(k, "per1")
	k.same("what was for the person", len(left.Mail)+len(left.Tickets)+len(left.Read), 0)
	k.same("what the person did", []int{len(left.Apps), len(left.Keys), len(left.Messages), len(left.Files), len(left.Cases), len(left.Proposed)}, []int{1, 2, 1, 1, 1, 1})
	k.same("sessions", sessions("per1"), 0)
	k.same("what is kept of somebody else", traceOf(k, "per2"), two)
	k.same("sessions of somebody else", sessions("per2"), 1)
	accepted := found(k, func(a store.Accounts) ([]store.Acceptance, error) { return a.Agreements().Accepted(k.ctx, "", "") })
	networks := map[string]string{}
	for _, x := range accepted {
		networks[x.Person] = x.Network
	}
	k.same("from where they agreed", networks, map[string]string{"per1": "", "per2": "192.0.2.0/24"})
	k.view(func(tx store.Tx) error {
		_, err := tx.Platform().Desk().Manager(k.ctx, store.Asker{Publisher: "pub-per1"})
		k.is(err, store.ErrNotFound, "a manager who was forgotten")
		_, err = tx.Platform().Desk().Manager(k.ctx, store.Asker{Publisher: "pub-per2"})
		return err
	})
}

func namesTakenOut(k *kit) {
	enterTraces(k)
	k.update(func(tx store.Tx) error {
		place := samplePlace("ann", "blog")
		place.Description, place.URL = "per1 writes here", "https://per1.example/"
		return errors.Join(
			tx.Platform().Joining().PutPlace(k.ctx, place),
			tx.Platform().Sellers().PutOffers(k.ctx, []store.StoreOffer{func() store.StoreOffer { o := sampleOffer("s1", "", "", 1); o.EnteredBy = "per1"; return o }()}),
			tx.Facts().PutDocument(k.ctx, store.Document{Program: tr, Version: 1, EffectiveFrom: at(1), Text: "# per1", PublishedAt: at(1)}),
			tx.Payouts().PutDetails(k.ctx, "ann", []byte(`{"name": "per1"}`), at(1)),
			tx.Platform().Accounts().Audit().Append(k.ctx, []store.AuditEntry{{At: at(1), Action: "a", Object: "person per1", Detail: `{"a":"per1"}`}}),
		)
	})
	before := traceOf(k, "per2")
	var texts int64
	seen := 0
	k.accounts(func(a store.Accounts) (err error) {
		texts, err = a.Traces().Rewrite(k.ctx, []string{"per1", "nobody"}, func(text string) string {
			seen++
			if !strings.Contains(strings.ToLower(text), "per1") && !strings.Contains(text, "email") {
				k.Errorf("a text was shown that does not hold the word: %q", text)
			}
			return strings.NewReplacer("per1", "gone", "PER1", "gone").Replace(text)
		})
		return err
	})
	k.reopen()
	// Of the person's: the app, the name and the words of the message, the subject, the file and who put it, the case, why of the proposal and
	// who made it, the manager's name and address; the place; the offer; the saved answer.
	k.same("how many texts were changed", texts, int64(14))
	one := traceOf(k, "gone")
	k.same("an app", found(k, func(a store.Accounts) (string, error) { x, err := a.Apps().ByID(k.ctx, "appper1"); return x.Name, err }), "The app of gone")
	k.same("a message", found(k, func(a store.Accounts) (string, error) {
		t, err := a.Traces().Of(k.ctx, "per1", "")
		if err != nil || len(t.Messages) == 0 {
			return "", err
		}
		return t.Messages[0].Name + ": " + t.Messages[0].Text, nil
	}), "gone: Yours, gone.")
	k.same("a file", one.Files[0].Name, "gone.pdf")
	k.same("a case", string(one.Cases[0].JSON), `{"messages":[{"by":"gone","text":"I am gone"}]}`)
	k.same("somebody else", traceOf(k, "per2"), before)
	k.view(func(tx store.Tx) error {
		d := tx.Platform().Desk()
		c, revision, err := d.Cases().Get(k.ctx, "caseper1")
		k.same("the revision of the case", revision, 2)
		k.same("what else a case has", c.Publisher, "ann")
		_, other, err2 := d.Cases().Get(k.ctx, "caseper2")
		k.same("the revision of another case", other, 1)
		m, err3 := d.Manager(k.ctx, store.Asker{Publisher: "pub-per1"})
		k.same("a manager", m.Name+m.Email, "gonegone@example.org")
		places, err4 := tx.Platform().Joining().Places(k.ctx, "ann")
		k.same("a place", places[0].Description+" "+places[0].URL, "gone writes here https://per1.example/")
		documents, err5 := tx.Facts().Documents(k.ctx)
		k.same("a program document", documents[0].Text, "# per1")
		details, err6 := tx.Payouts().Details(k.ctx)
		k.same("payout details", string(details["ann"].JSON), `{"name": "per1"}`)
		log, err7 := tx.Platform().Accounts().Audit().After(k.ctx, 0, 10)
		k.same("the audit log", log[0].Detail, `{"a":"per1"}`)
		return errors.Join(err, err2, err3, err4, err5, err6, err7)
	})
	k.update(func(tx store.Tx) error {
		for scope, want := range map[string]string{"key1 invite-member": `{"email":"gone"}`, "key1 report-orders": `{"email":"per1"}`} {
			answer, _, err := tx.Keys().Claim(k.ctx, scope, "k", []byte("hash"), at(1))
			k.must(err)
			k.same("the saved answer of "+scope, string(answer), want)
		}
		return nil
	})
	k.accounts(func(a store.Accounts) error {
		n, err := a.Traces().Rewrite(k.ctx, nil, func(text string) string { return "" })
		k.same("texts that hold one of no words", n, int64(0))
		return err
	})
}

func publisherClosed(k *kit) {
	k.update(func(tx store.Tx) error {
		p := tx.Platform().Postbacks()
		other := sampleDelivery("b", "m", at(1))
		other.Publisher = "ben"
		return errors.Join(p.PutEndpoint(k.ctx, sampleEndpoint("ann", "b")), p.PutEndpoint(k.ctx, sampleEndpoint("ben", "b")),
			p.PutDeliveries(k.ctx, []store.Delivery{sampleDelivery("b", "m", at(1)), other}),
			tx.Payouts().PutDetails(k.ctx, "ann", []byte(`{}`), at(1)), tx.Payouts().PutDetails(k.ctx, "ben", []byte(`{}`), at(1)))
	})
	k.accounts(func(a store.Accounts) error { return a.Traces().ClosePublisher(k.ctx, "ann") })
	k.reopen()
	k.view(func(tx store.Tx) error {
		details, err := tx.Payouts().Details(k.ctx)
		_, paid := details["ann"]
		k.same("how it is paid", paid, false)
		k.same("how another one is paid", len(details), 1)
		due, err2 := tx.Platform().Postbacks().DueDeliveries(k.ctx, at(9), 10)
		k.same("messages that wait", len(due), 1)
		k.same("whose", due[0].Publisher, "ben")
		ann, err3 := tx.Platform().Postbacks().Endpoints(k.ctx, "ann")
		ben, err4 := tx.Platform().Postbacks().Endpoints(k.ctx, "ben")
		k.same("endpoints", []int{len(ann), len(ben)}, []int{0, 1})
		return errors.Join(err, err2, err3, err4)
	})
}

func scrubKeeps(k *kit) {
	k.update(func(tx store.Tx) error { return writeAll(k.ctx, tx) })
	before := look(k)
	k.must(k.store.Scrub(k.ctx))
	k.sameState("after scrubbing", look(k), before)
	k.must(k.store.Scrub(k.ctx))
	k.reopen()
	k.sameState("after scrubbing twice", look(k), before)
}
