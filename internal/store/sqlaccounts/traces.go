package sqlaccounts

import (
	"context"
	"fmt"
	"strings"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

type traces struct{ *sqltx.Tx }

// Of implements store.Traces.
func (t traces) Of(ctx context.Context, person, email string) (out store.Trace, err error) {
	const doing = "reading what is kept of a person"
	mail := sqltx.Statement{
		SQL: `-- traces.Mail
SELECT ` + mailColumns + ` FROM outbox WHERE recipient = $1 ORDER BY created_at, id`,
		Args: []any{email},
	}
	if out.Mail, err = all(ctx, t.Tx, mail, scanMail); err != nil {
		return out, wrap(err, doing)
	}
	for i := range out.Mail {
		out.Mail[i].Body = nil
	}
	tickets := sqltx.Statement{
		SQL: `-- traces.Tickets
SELECT ` + ticketColumns + ` FROM tickets WHERE person = $1 OR email = $2 ORDER BY created_at, hash`,
		Args: []any{person, email},
	}
	if out.Tickets, err = all(ctx, t.Tx, tickets, scanTicket); err != nil {
		return out, wrap(err, doing)
	}
	for i := range out.Tickets {
		out.Tickets[i].Hash = ""
	}
	by := func(sql string) sqltx.Statement { return sqltx.Statement{SQL: sql, Args: []any{person}} }
	if out.Apps, err = all(ctx, t.Tx, by(`-- traces.Apps
SELECT `+appColumns+` FROM apps WHERE created_by = $1 ORDER BY created_at, id`), scanApp); err != nil {
		return out, wrap(err, doing)
	}
	if out.Keys, err = all(ctx, t.Tx, by(`-- traces.Keys
SELECT k.id, k.app, k.secret, k.created_at, k.expires_at, k.created_by FROM app_keys k JOIN apps a ON a.id = k.app
WHERE k.created_by = $1 OR k.created_by = '' AND a.created_by = $1 ORDER BY k.created_at, k.id`), scanKey); err != nil {
		return out, wrap(err, doing)
	}
	for i := range out.Keys {
		out.Keys[i].Secret = nil
	}
	if out.Messages, err = all(ctx, t.Tx, by(`-- traces.Messages
SELECT inquiry, number, at, person, name, from_desk, internal, body FROM inquiry_messages WHERE person = $1 ORDER BY inquiry, number`),
		func(scan func(...any) error) (m store.InquiryMessage, err error) {
			var at int64
			err = scan(&m.Inquiry, &m.Number, &at, &m.Person, &m.Name, &m.FromDesk, &m.Internal, &m.Text)
			m.At = sqltx.Instant(at)
			return m, err
		}); err != nil {
		return out, wrap(err, doing)
	}
	if out.Read, err = all(ctx, t.Tx, by(`-- traces.Read
SELECT announcement, read_at FROM announcement_reads WHERE person = $1 ORDER BY announcement`),
		func(scan func(...any) error) (m store.ReadMark, err error) {
			var at int64
			err = scan(&m.Announcement, &at)
			m.At = sqltx.Instant(at)
			return m, err
		}); err != nil {
		return out, wrap(err, doing)
	}
	if out.Files, err = all(ctx, t.Tx, by(`-- traces.Files
SELECT case_id, number, name, type, size, sha256, put_by, from_publisher, at FROM case_files WHERE put_by = $1 ORDER BY case_id, number`),
		func(scan func(...any) error) (f store.CaseFile, err error) {
			var at int64
			err = scan(&f.Case, &f.Number, &f.Name, &f.Type, &f.Size, &f.SHA256, &f.By, &f.FromPublisher, &at)
			f.At = sqltx.Instant(at)
			return f, err
		}); err != nil {
		return out, wrap(err, doing)
	}
	if out.Proposed, err = all(ctx, t.Tx, by(`-- traces.Proposed
SELECT `+proposalColumns+` FROM proposals WHERE proposed_by = $1 OR decided_by = $1 ORDER BY proposed_at, id`), scanProposal); err != nil {
		return out, wrap(err, doing)
	}
	var w sqltx.Where
	w.Holds(`"`+person+`"`, "body")
	out.Cases, err = all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- traces.Cases
SELECT id, program, publisher, state, outcome, category, opened_at, next_at, body FROM trust_cases ` + w.String() + ` ORDER BY id`,
		Args: w.Args,
	}, func(scan func(...any) error) (c store.CaseRow, err error) {
		var opened int64
		var next *int64
		err = scan(&c.ID, &c.Program, &c.Publisher, &c.State, &c.Outcome, &c.Category, &opened, &next, &c.JSON)
		c.OpenedAt, c.Next = sqltx.Instant(opened), sqltx.Optional(next)
		return c, err
	})
	return out, wrap(err, doing)
}

// Forget implements store.Traces.
func (t traces) Forget(ctx context.Context, person, email string) (rows int64, err error) {
	for _, s := range []sqltx.Statement{
		{SQL: `-- traces.Forget
DELETE FROM sessions WHERE person = $1`, Args: []any{person}},
		{SQL: `-- traces.Forget
DELETE FROM tickets WHERE person = $1 OR email = $2`, Args: []any{person, email}},
		{SQL: `-- traces.Forget
DELETE FROM outbox WHERE recipient = $1`, Args: []any{email}},
		{SQL: `-- traces.Forget
DELETE FROM announcement_reads WHERE person = $1`, Args: []any{person}},
		{SQL: `-- traces.Forget
DELETE FROM managers WHERE email = $1`, Args: []any{email}},
		{SQL: `-- traces.Forget
UPDATE acceptances SET network = '' WHERE person = $1 AND network <> ''`, Args: []any{person}},
	} {
		n, err := t.Exec(ctx, s)
		if err != nil {
			return rows, wrap(err, "forgetting a person")
		}
		rows += n
	}
	return rows, nil
}

// WrittenText is a column that holds words that people wrote, or their names.
type WrittenText struct {
	Table, Column string
	keys          []string
	also          string // what else is set when it is changed
}

// WrittenTexts are all such columns that Rewrite goes through. A new column that people write into, or that holds their names, belongs
// here; the engines' tests know all columns, and fail for one that nobody has thought about.
func WrittenTexts() []WrittenText {
	of := func(table string, keys []string, columns ...string) (all []WrittenText) {
		for _, c := range columns {
			all = append(all, WrittenText{Table: table, Column: c, keys: keys})
		}
		return all
	}
	id := []string{"id"}
	var out []WrittenText
	for _, some := range [][]WrittenText{
		of("announcements", id, "titles", "texts", "created_by"),
		of("applications", id, "note", "changed_by"),
		of("apps", id, "name"),
		of("case_files", []string{"case_id", "number"}, "name", "put_by"),
		of("inquiries", id, "subject", "verdict_by"),
		of("inquiry_messages", []string{"inquiry", "number"}, "name", "body"),
		of("link_changes", []string{"number"}, "detail"),
		of("managers", []string{"publisher", "seller"}, "name", "email", "messenger", "assigned_by"),
		of("organisations", id, "profile"),
		of("places", []string{"publisher", "id"}, "name", "description", "verified_by"),
		of("proposals", id, "why", "reason", "proposed_by", "decided_by"),
		of("rejected_calls", []string{"number"}, "path", "errors"),
		of("seller_changes", id, "by_whom"),
		of("seller_offers", []string{"store", "product", "campaign", "from_at"}, "entered_by"),
		of("sub_publishers", []string{"publisher", "id"}, "name", "note", "blocked_by", "reason"),
		// Whoever read a case before, and writes it after, is told that it has changed meanwhile.
		{{Table: "trust_cases", Column: "body", keys: id, also: ", revision = revision + 1"}},
	} {
		out = append(out, some...)
	}
	return out
}

// Rewrite implements store.Traces.
func (t traces) Rewrite(ctx context.Context, words []string, rewrite func(text string) string) (int64, error) {
	const doing = "taking a name out of what people wrote"
	var texts int64
	for _, c := range WrittenTexts() {
		var w sqltx.Where
		for _, word := range words {
			w.Holds(word, c.Column)
		}
		if len(w.Conditions) == 0 {
			return 0, nil
		}
		type row struct {
			keys []any
			text string
		}
		found, err := all(ctx, t.Tx, sqltx.Statement{
			SQL: `-- traces.Rewrite
SELECT ` + strings.Join(c.keys, ", ") + `, ` + c.Column + ` FROM ` + c.Table + ` WHERE ` + strings.Join(w.Conditions, " OR "),
			Args: w.Args,
		}, func(scan func(...any) error) (r row, err error) {
			r.keys = make([]any, len(c.keys))
			into := []any{}
			for i := range r.keys {
				into = append(into, &r.keys[i])
			}
			return r, scan(append(into, &r.text)...)
		})
		if err != nil {
			return texts, wrap(err, doing)
		}
		for _, r := range found {
			changed := rewrite(r.text)
			if changed == r.text {
				continue
			}
			var where sqltx.Where
			set := where.Arg(changed)
			for i, k := range c.keys {
				where.Conditions = append(where.Conditions, k+" = "+where.Arg(r.keys[i]))
			}
			n, err := t.Exec(ctx, sqltx.Statement{
				SQL: `-- traces.Rewrite
UPDATE ` + c.Table + ` SET ` + c.Column + ` = ` + set + c.also + ` ` + where.String(),
				Args: where.Args,
			})
			if err != nil {
				return texts, wrap(err, doing)
			}
			texts += n
		}
	}
	n, err := t.rewriteAnswers(ctx, rewrite)
	return texts + n, wrap(err, doing)
}

// rewriteAnswers goes through the saved answers of calls. They are bytes, which the engines search in different ways, so they are read; those
// of the calls that come in great numbers hold no words of people and are left out.
func (t traces) rewriteAnswers(ctx context.Context, rewrite func(text string) string) (answers int64, err error) {
	var w sqltx.Where
	for _, operation := range []string{"report-orders", "report-order-event", "import-clicks", "import-ad-spaces", "import-products", "import-stores", "import-fx", "make-links"} {
		w.Conditions = append(w.Conditions, "scope NOT LIKE "+w.Arg("% "+operation))
	}
	var found [][3]any // scope, key and the answer as it becomes
	if err := t.Query(ctx, sqltx.Statement{
		SQL: `-- traces.answers
SELECT scope, key, answer FROM idempotency_keys ` + w.String() + ` AND answer IS NOT NULL`,
		Args: w.Args,
	}, func(scan func(...any) error) error {
		var scope, key string
		var answer []byte
		err := scan(&scope, &key, &answer)
		if changed := rewrite(string(answer)); err == nil && changed != string(answer) {
			found = append(found, [3]any{scope, key, []byte(changed)})
		}
		return err
	}); err != nil {
		return 0, fmt.Errorf("reading saved answers: %w", err)
	}
	for _, s := range found {
		n, err := t.Exec(ctx, sqltx.Statement{
			SQL: `-- traces.answers
UPDATE idempotency_keys SET answer = $3 WHERE scope = $1 AND key = $2`,
			Args: s[:],
		})
		if err != nil {
			return answers, err
		}
		answers += n
	}
	return answers, nil
}

// ClosePublisher implements store.Traces.
func (t traces) ClosePublisher(ctx context.Context, publisher string) error {
	for _, table := range []string{"deliveries", "endpoints", "payout_details"} {
		if _, err := t.Exec(ctx, sqltx.Statement{
			SQL: `-- traces.ClosePublisher
DELETE FROM ` + table + ` WHERE publisher = $1`,
			Args: []any{publisher},
		}); err != nil {
			return wrap(err, "closing a publisher")
		}
	}
	return nil
}
