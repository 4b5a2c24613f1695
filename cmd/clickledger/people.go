package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/mail"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/people/privacy"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/web/account"
)

// accountFlags say where people reach the pages, and where secrets are kept.
type accountFlags struct {
	PublicURL string `name:"public-url" help:"Address of the pages as people reach them, such as https://aff.example.com; the links in e-mails begin with it. Default: where the server listens." placeholder:"URL"`
	Secrets   string `type:"path" help:"File with the key that secrets in the database are sealed with; default: secrets.key in the data folder, made at the first start. A backup of the database is of little use without it." placeholder:"FILE"`
}

// secretsFile is the key file in a data folder.
const secretsFile = "secrets.key"

// box returns what secrets in the database are sealed with.
func (f *accountFlags) box(data string) (*seal.Box, error) {
	path := f.Secrets
	if path == "" {
		if data == "" {
			return nil, errors.New("name the file with the key that secrets are sealed with: --secrets FILE; it is made where there is none")
		}
		path = filepath.Join(data, secretsFile)
	}
	return seal.Load(path)
}

// site is the address that links in e-mails begin with.
func (f *accountFlags) site(listen string) string {
	if f.PublicURL != "" {
		return f.PublicURL
	}
	return "http://" + listen
}

// mailFlags say how e-mail leaves.
type mailFlags struct {
	SMTP     string `name:"smtp" env:"CLICKLEDGER_SMTP" help:"Mail server: smtp://user:password@host:587 (STARTTLS) or smtps://…:465; ?plain=1 allows one without encryption. Without it e-mail waits in the outbox." placeholder:"URL"`
	MailFrom string `name:"mail-from" default:"Clickledger <no-reply@localhost>" help:"Sender of e-mails." placeholder:"ADDRESS"`
}

// sender returns what empties the outbox, or nil where no mail server is named.
func (f *mailFlags) sender(p *platform, box *seal.Box) (*notify.Sender, error) {
	if f.SMTP == "" {
		p.log.Warn("e-mail waits in the outbox until a mail server is named with --smtp")
		return nil, nil
	}
	server, err := notify.ParseSMTP(f.SMTP, f.MailFrom)
	if err != nil {
		return nil, err
	}
	return notify.NewSender(p.db, box, server, p.now, p.log), nil
}

// voucherFlags name a sign-in service.
type voucherFlags struct {
	Issuer string `help:"Sign-in service that speaks OpenID Connect, beside passwords: its address. It must vouch for e-mail addresses (email_verified)." placeholder:"URL"`
	ID     string `name:"client-id" help:"The client's id there; its redirect address is PUBLIC-URL/oidc/callback." placeholder:"ID"`
	Secret string `name:"client-secret" env:"CLICKLEDGER_OIDC_CLIENT_SECRET" help:"The client's secret there." placeholder:"SECRET"`
	Name   string `default:"OpenID Connect" help:"What people call it." placeholder:"NAME"`
}

// vouchers is the sign-in service, or nil where none is named.
func (f *voucherFlags) vouchers(site string, e *env, log *slog.Logger) *account.Vouchers {
	if f.Issuer == "" {
		return nil
	}
	return &account.Vouchers{Name: f.Name, Issuer: f.Issuer, ID: f.ID, Secret: f.Secret, Site: site, Now: e.now, Log: log}
}

// behind takes a visitor's address from X-Forwarded-For where a trusted proxy calls: the last one in it that is no such proxy.
func behind(proxies []netip.Prefix, next http.Handler) http.Handler {
	trusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !trusted(peer.Addr()) {
			next.ServeHTTP(w, r)
			return
		}
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for _, hop := range slices.Backward(hops) {
			a, err := netip.ParseAddr(strings.TrimSpace(hop))
			if err != nil {
				break
			}
			r.RemoteAddr = netip.AddrPortFrom(a, 0).String()
			if !trusted(a) {
				break
			}
		}
		next.ServeHTTP(w, r)
	})
}

// mailEvery is how often the outbox is looked at.
const mailEvery = 2 * time.Second

type peopleCmd struct {
	Add    peopleAddCmd    `cmd:"" help:"Add a person of the operator; the link to set the password is shown once."`
	Export peopleExportCmd `cmd:"" help:"Write everything that is kept of a person, as JSON, for that person."`
	Erase  peopleEraseCmd  `cmd:"" help:"Forget who a person was: name, address, what signs in, and the name wherever it was written. What the person did stays under an id. It cannot be undone."`
}

type peopleExportCmd struct {
	databaseFlags
	Email string `required:"" help:"E-mail address." placeholder:"ADDRESS"`
}

// Run writes what is kept of a person.
func (c *peopleExportCmd) Run(e *env) error {
	db, err := c.existing(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	data, err := privacy.New(db, e.now).ExportByCommand(e.ctx, c.Email)
	if errors.Is(err, store.ErrNotFound) {
		return files.Bad("--email: nobody has the address %s", c.Email)
	}
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(data)
	return err
}

type peopleEraseCmd struct {
	databaseFlags
	Email    string `required:"" help:"E-mail address." placeholder:"ADDRESS"`
	KeepKeys bool   `name:"keep-keys" help:"Leave the API keys that the person knows as they are. Without it they end at once."`
}

// Run erases a person.
func (c *peopleEraseCmd) Run(e *env) error {
	db, err := c.existing(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	done, err := privacy.New(db, e.now).EraseByCommand(e.ctx, c.Email, !c.KeepKeys)
	if errors.Is(err, store.ErrNotFound) {
		return files.Bad("--email: nobody has the address %s", c.Email)
	}
	if err != nil {
		return fmt.Errorf("erasing a person: %w", err)
	}
	fmt.Fprintf(e.stdout, "erased; what the person did stays under %s\n%d rows deleted, the name taken out of %d texts and %d entries of the audit log, %d API keys ended\n", done.Person, done.Rows, done.Texts, done.Entries, done.Keys)
	for _, name := range done.Closed {
		fmt.Fprintf(e.stdout, "nobody acts any more for %s\n", name)
	}
	fmt.Fprintln(e.stdout, "Backups, and what PostgreSQL has archived or sent to standbys, still hold the person until they are thrown away.")
	return nil
}

type peopleAddCmd struct {
	databaseFlags
	accountFlags
	Operator bool   `required:"" help:"The person acts for the operator. Publishers sign up themselves; sellers are invited."`
	Email    string `required:"" help:"E-mail address." placeholder:"ADDRESS"`
	Name     string `help:"Name; default: the e-mail address." placeholder:"NAME"`
	Role     string `enum:"reviewer,finance,admin" default:"admin" help:"reviewer, finance or admin."`
	Language string `enum:"en,tr" default:"en" help:"en or tr."`
}

// Run adds a person.
func (c *peopleAddCmd) Run(e *env) error {
	if c.Data != "" {
		if err := files.Folder("--data", c.Data, 0o755); err != nil {
			return err
		}
	}
	db, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	box, err := c.box(c.Data)
	if err != nil {
		return err
	}
	name := c.Name
	if name == "" {
		name = c.Email
	}
	if _, err := mail.ParseAddress(c.Email); err != nil {
		return files.Bad("--email: %q is no e-mail address, such as you@example.com", c.Email)
	}
	link, err := people.New(db, box, c.site("127.0.0.1:8080"), e.now).AddOperator(e.ctx, c.Email, name, c.Language, people.Role(c.Role))
	if err != nil {
		return fmt.Errorf("adding a person: %w", err)
	}
	fmt.Fprintf(e.stdout, "%s sets the password here, within one hour:\n%s\n", c.Email, link.Reveal())
	return nil
}

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that no entry of the audit log was altered, taken out or put in between."`
}

type auditVerifyCmd struct {
	databaseFlags
	Newest string `help:"Hash that an earlier run printed last: it must still stand in the log, so that nothing was cut off." placeholder:"HASH"`
}

// Run checks the audit log. It names the first entry that is broken.
func (c *auditVerifyCmd) Run(e *env) error {
	db, err := c.existing(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	found, err := people.New(db, nil, "", e.now).VerifyAudit(e.ctx, c.Newest)
	switch {
	case err != nil:
		return fmt.Errorf("reading the audit log: %w", err)
	case found.Broken > 0:
		return fmt.Errorf("the audit log is broken at entry %d: it, or the one before, is not what was written; the %d entries before it are sound", found.Broken, found.Broken-1)
	case c.Newest != "" && !found.Known:
		return fmt.Errorf("the audit log is whole in itself and does not hold the hash %s: entries were cut off, or it is another log", c.Newest)
	}
	none := "none altered"
	if found.Redacted > 0 {
		none = fmt.Sprintf("none altered; the details of %d were cut when somebody was erased, and later entries (%s) name each", found.Redacted, audit.Redacted)
	}
	fmt.Fprintf(e.stdout, "%d entries, %s\nnewest: %s\nKeep the last line elsewhere; --newest shows later that nothing was cut off.\n", found.Entries, none, found.Newest)
	return nil
}
