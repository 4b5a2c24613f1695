package storetest

import (
	"errors"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

func outboxChecks() []Check {
	return []Check{
		{"e-mail is due until it is sent or given up", outboxDue},
		{"e-mail that was sent or given up is forgotten by age, and none that waits", outboxForgotten},
	}
}

func sampleMail(id string, next time.Time) store.Mail {
	return store.Mail{ID: id, To: "a@example.org", Body: []byte{1, 0, 2}, CreatedAt: at(1), NextAt: next, Attempts: 2, Failure: "later"}
}

func outboxDue(k *kit) {
	a1, a0, b, bare := sampleMail("a1", at(1)), sampleMail("a0", at(1)), sampleMail("b", at(0)), store.Mail{ID: "bare", CreatedAt: at(1)}
	sent := sampleMail("sent", time.Time{})
	sent.SentAt, sent.Body = at(3), nil
	k.accounts(func(a store.Accounts) error {
		for _, m := range []store.Mail{a1, a0, b, bare, sent, sampleMail("later", at(11))} {
			if err := a.Outbox().Put(k.ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
	k.reopen()
	due := func(limit int) []store.Mail {
		return found(k, func(a store.Accounts) ([]store.Mail, error) { return a.Outbox().Due(k.ctx, at(10), limit) })
	}
	k.same("what is due", due(9), []store.Mail{b, a0, a1})
	k.same("what is due first", due(1), []store.Mail{b})
	b.NextAt, a0.Attempts, a0.NextAt, a0.Failure = time.Time{}, 3, at(9), "again"
	k.accounts(func(a store.Accounts) error { return errors.Join(a.Outbox().Put(k.ctx, b), a.Outbox().Put(k.ctx, a0)) })
	k.same("what is due afterwards", due(9), []store.Mail{a1, a0})
	k.is(k.tried(func(a store.Accounts) error { _, err := a.Outbox().Due(k.ctx, at(1), 0); return err }), store.ErrInvalid, "a limit of 0")
}

func outboxForgotten(k *kit) {
	waits, sent, newer := sampleMail("waits", at(60)), sampleMail("sent", time.Time{}), sampleMail("newer", time.Time{})
	waits.CreatedAt, sent.CreatedAt, newer.CreatedAt = at(1), at(4), at(5)
	k.accounts(func(a store.Accounts) error {
		return errors.Join(a.Outbox().Put(k.ctx, waits), a.Outbox().Put(k.ctx, sent), a.Outbox().Put(k.ctx, newer))
	})
	var n int64
	k.accounts(func(a store.Accounts) (err error) {
		n, err = a.Outbox().Forget(k.ctx, at(5))
		return err
	})
	k.same("how many were forgotten", n, int64(1))
	k.reopen()
	var left []string
	for _, m := range found(k, func(a store.Accounts) (store.Trace, error) { return a.Traces().Of(k.ctx, "nobody", "a@example.org") }).Mail {
		left = append(left, m.ID)
	}
	k.same("what is left", left, []string{"waits", "newer"})
}
