package notify_test

import (
	"bytes"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/notify/mailbox"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

// office is an outbox, its sender and a mail server.
type office struct {
	*testing.T
	*mailbox.Box
	sender *notify.Sender
	store  store.Store
	box    *seal.Box
	clock  time.Time
	log    bytes.Buffer
}

func newOffice(t *testing.T) *office {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	box, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{T: t, Box: mailbox.Open(t), store: db, box: box, clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	config, err := notify.ParseSMTP(o.URL, "Clickledger <no-reply@aff.example>")
	if err != nil {
		t.Fatal(err)
	}
	o.sender = notify.NewSender(db, box, config, func() time.Time { return o.clock }, slog.New(slog.NewTextHandler(&o.log, nil)))
	return o
}

func (o *office) write(m notify.Message, failure error) {
	o.Helper()
	err := o.store.Update(o.Context(), func(tx store.Tx) error {
		if err := notify.Write(o.Context(), tx.Platform().Accounts().Outbox(), o.box, m, o.clock); err != nil {
			return err
		}
		return failure
	})
	if !errors.Is(err, failure) {
		o.Fatal(err)
	}
}

func (o *office) send() int {
	o.Helper()
	n, err := o.sender.Send(o.Context())
	if err != nil {
		o.Fatal(err)
	}
	return n
}

var letter = notify.Message{To: "ayse@example.org", Subject: "Parolanız değiştirildi", Text: "Merhaba,\n\nBağlantı: https://aff.example/reset?token=" + strings.Repeat("t", 60) + "\n"}

// What was committed is sent, once, with its text as it was written; what was undone is not.
func TestSent(t *testing.T) {
	o := newOffice(t)
	o.write(letter, errors.New("undone"))
	o.write(letter, nil)
	if n := o.send(); n != 1 {
		t.Fatalf("%d were sent, want 1", n)
	}
	if n := o.send(); n != 0 {
		t.Errorf("%d were sent again", n)
	}
	all := o.Caught()
	if len(all) != 1 || all[0].To != letter.To {
		t.Fatalf("%d were caught: %v", len(all), all)
	}
	m := all[0]
	if m.Subject != letter.Subject {
		t.Errorf("the subject is %q", m.Subject)
	}
	if !strings.Contains(m.Header.Get("From"), "no-reply@aff.example") || m.Header.Get("Auto-Submitted") != "auto-generated" ||
		!strings.HasPrefix(m.Header.Get("Message-ID"), "<mail_") || m.Header.Get("Date") == "" {
		t.Errorf("the header is %v", m.Header)
	}
	if m.Text != letter.Text {
		t.Errorf("the text is %q", m.Text)
	}
}

// A mail server that fails is tried again, later each time, with the same Message-ID, until it takes the e-mail or three days are over.
func TestRetried(t *testing.T) {
	o := newOffice(t)
	o.Answer(&smtp.SMTPError{Code: 451, Message: "later, please"})
	o.write(letter, nil)
	if n := o.send(); n != 0 {
		t.Fatalf("%d were sent", n)
	}
	o.clock = o.clock.Add(29 * time.Second)
	o.send()
	if n := len(o.Caught()); n != 1 {
		t.Errorf("tried %d times within half a minute, want once", n)
	}
	o.clock = o.clock.Add(time.Second)
	o.Answer(nil)
	if n := o.send(); n != 1 {
		t.Errorf("%d were sent when the server was well again", n)
	}
	all := o.Caught()
	if len(all) != 2 || all[0].Header.Get("Message-ID") != all[1].Header.Get("Message-ID") {
		t.Error("a second copy has another Message-ID")
	}

	o.Answer(&smtp.SMTPError{Code: 550, Message: "nobody here"})
	o.write(letter, nil)
	begun := o.clock
	tries := 0
	for step := 0; step < 24*4; step++ {
		before := len(o.Caught())
		o.send()
		tries += len(o.Caught()) - before
		o.clock = o.clock.Add(time.Hour)
	}
	if tries != 11 {
		t.Errorf("tried %d times in four days since %v, want 11", tries, begun)
	}
	if !strings.Contains(o.log.String(), "given up") {
		t.Error("nobody is told of an e-mail that was given up")
	}
	for _, secret := range []string{"ttttt", letter.Subject} {
		if strings.Contains(o.log.String(), secret) {
			t.Error("the log holds what was written")
		}
	}
}

// Two senders of one outbox do not send an e-mail twice, and one that broke off is followed by another when its lease is over.
func TestLease(t *testing.T) {
	o := newOffice(t)
	o.write(letter, nil)
	// A sender that took it and broke off.
	if err := o.store.Update(t.Context(), func(tx store.Tx) error {
		out := tx.Platform().Accounts().Outbox()
		due, err := out.Due(t.Context(), o.clock, 1)
		if err != nil {
			return err
		}
		due[0].Attempts++
		due[0].NextAt = o.clock.Add(5 * time.Minute)
		return out.Put(t.Context(), due[0])
	}); err != nil {
		t.Fatal(err)
	}
	if n := o.send(); n != 0 {
		t.Errorf("%d were sent while another sender has it", n)
	}
	o.clock = o.clock.Add(5 * time.Minute)
	if n := o.send(); n != 1 {
		t.Errorf("%d were sent after the lease, want 1", n)
	}
}

func TestParseSMTP(t *testing.T) {
	s, err := notify.ParseSMTP("smtps://user:p%40ss@mail.example", "a@example.org")
	if err != nil || !s.SSL || s.Port != 465 || s.Host != "mail.example" || s.User != "user" || s.Password != "p@ss" {
		t.Errorf("read: %v", err)
	}
	for _, bad := range [][2]string{{"mail.example", "a@example.org"}, {"http://user:p4ss@mail.example", "a@example.org"}, {"smtp://u:p4ss@mail.example:x", "a@example.org"}, {"smtp://mail.example", "nobody"}} {
		if _, err := notify.ParseSMTP(bad[0], bad[1]); err == nil || strings.Contains(err.Error(), "p4ss") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
