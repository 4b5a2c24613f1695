package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
)

// SMTP is how e-mail leaves.
type SMTP struct {
	Host     string
	Port     int
	User     string
	Password string
	TLS      mail.TLSPolicy // of a connection that begins in the clear
	SSL      bool           // the connection is encrypted from its beginning
	From     string
}

// ParseSMTP reads smtp://user:password@host:port or smtps://…; ?plain=1 allows a server without encryption.
func ParseSMTP(address, from string) (SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return SMTP{}, errors.New("--smtp: write smtp://user:password@host:587 or smtps://user:password@host:465") // the address may hold a password
	}
	s := SMTP{Host: u.Hostname(), Port: 587, TLS: mail.TLSMandatory, SSL: u.Scheme == "smtps", From: from}
	if s.SSL {
		s.Port = 465
	}
	if p := u.Port(); p != "" {
		if s.Port, err = strconv.Atoi(p); err != nil {
			return SMTP{}, fmt.Errorf("--smtp: the port %q is not a number", p)
		}
	}
	if u.Query().Get("plain") == "1" {
		s.TLS = mail.NoTLS
	}
	if u.User != nil {
		s.User = u.User.Username()
		s.Password, _ = u.User.Password()
	}
	if err := mail.NewMsg().From(from); err != nil {
		return SMTP{}, fmt.Errorf("--mail-from: %q is not an e-mail address", from)
	}
	return s, nil
}

// Sender sends what stands in the outbox.
type Sender struct {
	store store.Store
	box   *seal.Box
	smtp  SMTP
	now   func() time.Time
	log   *slog.Logger
}

// NewSender returns a sender.
func NewSender(s store.Store, box *seal.Box, smtp SMTP, now func() time.Time, log *slog.Logger) *Sender {
	return &Sender{s, box, smtp, now, log}
}

// waits are how long a sender waits after each failure before it tries again; after the last one it gives up. Together some three days.
func waits() []time.Duration {
	return []time.Duration{
		30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour,
	}
}

// lease is how long a sender has for an e-mail that it took before another one may take it too.
const lease = 5 * time.Minute

// batch is how many e-mails are taken at a time.
const batch = 20

// Run sends what is due, and looks again every so often, until its context ends.
func (s *Sender) Run(ctx context.Context, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		if _, err := s.Send(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("e-mail could not be taken from the outbox", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Send sends what is due and returns how many e-mails the server took.
func (s *Sender) Send(ctx context.Context) (sent int, err error) {
	for {
		taken, err := s.take(ctx)
		if err != nil || len(taken) == 0 {
			return sent, err
		}
		for _, m := range taken {
			failure := s.deliver(ctx, m)
			if ctx.Err() != nil {
				return sent, ctx.Err() // its lease runs out
			}
			if failure == nil {
				sent++
			} else {
				s.log.Warn("an e-mail was not taken", "mail", m.ID, "attempt", m.Attempts, "error", failure)
			}
			if err := s.note(ctx, m, failure); err != nil {
				return sent, err
			}
		}
	}
}

// take takes e-mails that are due, so that no other sender does for a while.
func (s *Sender) take(ctx context.Context) (taken []store.Mail, err error) {
	err = s.store.Update(ctx, func(tx store.Tx) error {
		out := tx.Platform().Accounts().Outbox()
		var err error
		if taken, err = out.Due(ctx, s.now(), batch); err != nil {
			return err
		}
		for i := range taken {
			taken[i].Attempts++
			taken[i].NextAt = s.now().Add(lease)
			if err := out.Put(ctx, taken[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return taken, err
}

func (s *Sender) deliver(ctx context.Context, m store.Mail) error {
	message, err := Read(s.box, m)
	if err != nil {
		return err
	}
	msg := mail.NewMsg()
	if err := msg.From(s.smtp.From); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	if err := msg.To(message.To); err != nil {
		return fmt.Errorf("recipient: %w", err)
	}
	msg.Subject(message.Subject)
	msg.SetDateWithValue(m.CreatedAt)
	msg.SetMessageIDWithValue(m.ID + "@" + s.smtp.Host)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, message.Text)
	options := []mail.Option{mail.WithPort(s.smtp.Port), mail.WithTimeout(30 * time.Second), mail.WithTLSPolicy(s.smtp.TLS)}
	if s.smtp.SSL {
		options = append(options, mail.WithSSL())
	}
	if s.smtp.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.smtp.User), mail.WithPassword(s.smtp.Password))
	}
	client, err := mail.NewClient(s.smtp.Host, options...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, msg)
}

// note keeps what became of an e-mail. The text of one that was sent is not kept.
func (s *Sender) note(ctx context.Context, m store.Mail, failure error) error {
	m.Failure = ""
	switch all := waits(); {
	case failure == nil:
		m.SentAt, m.NextAt, m.Body = s.now(), time.Time{}, nil
	case m.Attempts > len(all):
		s.log.Error("an e-mail was given up", "mail", m.ID, "attempts", m.Attempts)
		m.Failure, m.NextAt, m.Body = clean(failure), time.Time{}, nil
	default:
		m.Failure, m.NextAt = clean(failure), s.now().Add(all[m.Attempts-1])
	}
	return s.store.Update(ctx, func(tx store.Tx) error { return tx.Platform().Accounts().Outbox().Put(ctx, m) })
}

// clean is what a mail server said, as far as it can be kept.
func clean(err error) string {
	text := fmt.Sprintf("%.500q", err.Error())
	return text[1 : len(text)-1]
}
