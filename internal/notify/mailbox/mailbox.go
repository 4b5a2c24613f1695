// Package mailbox is a mail server for tests: it keeps what it is given, and hands it out.
package mailbox

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// Box is a mail server.
type Box struct {
	URL string // as --smtp takes it

	mu     sync.Mutex
	mails  []*Mail
	refuse error
}

// Mail is an e-mail that was delivered, or tried to be.
type Mail struct {
	To, Subject, Text string
	Header            mail.Header
}

// Open starts a mail server that ends with the test.
func Open(t testing.TB) *Box {
	t.Helper()
	b := &Box{}
	server := smtp.NewServer(b)
	server.Domain = "localhost"
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(ln) }() // it ends with Close
	t.Cleanup(func() { server.Close() })
	b.URL = "smtp://" + ln.Addr().String() + "?plain=1"
	return b
}

// Answer is what deliveries are answered with from now on; nil takes them.
func (b *Box) Answer(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = err
}

// Caught are all deliveries so far, also those that were refused.
func (b *Box) Caught() []*Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*Mail(nil), b.mails...)
}

// To are the deliveries to an address.
func (b *Box) To(address string) (all []*Mail) {
	for _, m := range b.Caught() {
		if m.To == address {
			all = append(all, m)
		}
	}
	return all
}

// NewSession begins a connection.
func (b *Box) NewSession(*smtp.Conn) (smtp.Session, error) { return &delivery{box: b}, nil }

type delivery struct {
	box *Box
	to  string
}

func (d *delivery) Mail(string, *smtp.MailOptions) error { return nil }

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = to
	return nil
}

func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := read(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, Message: "this is no e-mail: " + err.Error()}
	}
	m.To = d.to
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	d.box.mails = append(d.box.mails, m)
	return d.box.refuse
}

func (d *delivery) Reset()        {}
func (d *delivery) Logout() error { return nil }

// read reads an e-mail; of several parts the plain text counts.
func read(raw []byte) (*Mail, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return nil, err
	}
	out := &Mail{Subject: subject, Header: m.Header}
	body, encoding := m.Body, m.Header.Get("Content-Transfer-Encoding")
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err == nil && strings.HasPrefix(kind, "multipart/") {
		part, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
		if err != nil {
			return nil, err
		}
		body, encoding = part, part.Header.Get("Content-Transfer-Encoding")
	}
	if strings.EqualFold(encoding, "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	out.Text = strings.ReplaceAll(string(text), "\r\n", "\n")
	return out, err
}
