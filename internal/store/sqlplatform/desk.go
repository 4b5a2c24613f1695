package sqlplatform

import (
	"context"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

// Desk implements store.Platform.
func (p platform) Desk() store.Desk { return desk(p) }

type desk struct{ *sqltx.Tx }

func (t desk) Inquiries() store.Inquiries         { return inquiries(t) }
func (t desk) Announcements() store.Announcements { return announcements(t) }
func (t desk) Packs() store.Packs                 { return packs(t) }
func (t desk) Cases() store.Cases                 { return cases(t) }

// The makers of columns of one row.
func keyed(name, of string) sqltx.Column {
	return sqltx.Key(name, 1, func(int) string { return of })
}

func given(name, of string) sqltx.Column {
	return sqltx.TextOf(name, 1, func(int) string { return of })
}

func numbered[N ~int | ~int64](name string, of N) sqltx.Column {
	return sqltx.Number(name, 1, func(int) N { return of })
}

func when(name string, of time.Time) sqltx.Column {
	return sqltx.When(name, 1, func(int) time.Time { return of })
}

func maybe(name string, of time.Time) sqltx.Column {
	return sqltx.Maybe(name, 1, func(int) time.Time { return of })
}

func flag(name string, of bool) sqltx.Column {
	return sqltx.Flag(name, 1, func(int) bool { return of })
}

// reachable are the conditions for a person p to be written to.
const reachable = `p.checked_at IS NOT NULL AND p.locked_at IS NULL`

// Addressees implements store.Desk.
func (t desk) Addressees(ctx context.Context, a store.Audience) ([]store.Addressee, error) {
	const members = `-- desk.Addressees
SELECT DISTINCT p.id, p.name, p.email, p.language FROM organisations o JOIN memberships m ON m.organisation = o.id JOIN people p ON p.id = m.person
WHERE ` + reachable + ` AND `
	var s sqltx.Statement
	switch a.Kind {
	case "everybody":
		s = sqltx.Statement{SQL: members + `o.kind IN ($1, $2)`, Args: []any{string(store.KindPublisher), string(store.KindSeller)}}
	case "publishers":
		s = sqltx.Statement{SQL: members + `o.kind = $1`, Args: []any{string(store.KindPublisher)}}
	case "sellers":
		s = sqltx.Statement{SQL: members + `o.kind = $1`, Args: []any{string(store.KindSeller)}}
	case "operators":
		s = sqltx.Statement{SQL: members + `o.kind = $1`, Args: []any{string(store.KindOperator)}}
	case "program":
		s = sqltx.Statement{SQL: members + `o.kind = $1 AND EXISTS (
	SELECT 1 FROM ad_spaces s WHERE s.program = $2 AND s.publisher = o.publisher AND s.blocked_at IS NULL)`,
			Args: []any{string(store.KindPublisher), string(a.Program)}}
	case "publisher":
		s = sqltx.Statement{SQL: members + `o.publisher = $1 AND o.publisher <> ''`, Args: []any{a.Publisher}}
	case "seller":
		s = sqltx.Statement{SQL: members + `o.id = $1`, Args: []any{a.Seller}}
	case "person":
		s = sqltx.Statement{SQL: `-- desk.Addressees
SELECT p.id, p.name, p.email, p.language FROM people p WHERE ` + reachable + ` AND p.id = $1`, Args: []any{a.Person}}
	default:
		return nil, fmt.Errorf("an audience of kind %.40q: %w", a.Kind, store.ErrInvalid)
	}
	s.SQL += ` ORDER BY p.id`
	var all []store.Addressee
	err := t.Query(ctx, s, func(scan func(...any) error) error {
		var x store.Addressee
		err := scan(&x.Person, &x.Name, &x.Email, &x.Language)
		all = append(all, x)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading who is written to: %w", err)
	}
	return all, nil
}

// PutManager implements store.Desk.
func (t desk) PutManager(ctx context.Context, m store.Manager) error {
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- desk.PutManager
WITH r AS ({rows})
INSERT INTO managers (publisher, seller, name, email, messenger, assigned_by, assigned_at)
SELECT publisher, seller, name, email, messenger, assigned_by, assigned_at FROM r WHERE true
ON CONFLICT (publisher, seller) DO UPDATE SET name = excluded.name, email = excluded.email, messenger = excluded.messenger,
	assigned_by = excluded.assigned_by, assigned_at = excluded.assigned_at`,
		Rows: []sqltx.Column{
			keyed("publisher", m.Publisher), keyed("seller", m.Seller), given("name", m.Name), given("email", m.Email), given("messenger", m.Messenger),
			given("assigned_by", m.AssignedBy), when("assigned_at", m.AssignedAt),
		},
	})
	if err != nil {
		return fmt.Errorf("keeping a personal manager: %w", err)
	}
	return nil
}

// Manager implements store.Desk.
func (t desk) Manager(ctx context.Context, a store.Asker) (store.Manager, error) {
	m := store.Manager{Asker: a}
	var assigned int64
	found, err := t.One(ctx, sqltx.Statement{
		SQL: `-- desk.Manager
SELECT name, email, messenger, assigned_by, assigned_at FROM managers WHERE publisher = $1 AND seller = $2`,
		Args: []any{a.Publisher, a.Seller},
	}, &m.Name, &m.Email, &m.Messenger, &m.AssignedBy, &assigned)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Manager{}, fmt.Errorf("reading a personal manager: %w", err)
	}
	m.AssignedAt = sqltx.Instant(assigned)
	return m, nil
}

type inquiries struct{ *sqltx.Tx }

// Put implements store.Inquiries.
func (t inquiries) Put(ctx context.Context, i store.Inquiry) (store.Inquiry, error) {
	if i.ID == 0 {
		before, err := take(ctx, t.Tx, "inquiry", 1)
		if err != nil {
			return i, fmt.Errorf("numbering an inquiry: %w", err)
		}
		i.ID = before + 1
	}
	traffic := ""
	if i.TrafficType != 0 {
		traffic = i.TrafficType.String()
	}
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- inquiries.Put
WITH r AS ({rows})
INSERT INTO inquiries (id, publisher, seller, kind, subject, program, order_id, ad_space, traffic_type, state, verdict, verdict_by, assignee, messages,
	asked_last, answered_last, seen_by_asker, seen_by_desk, created_at, changed_at, created_by)
SELECT id, publisher, seller, kind, subject, program, order_id, ad_space, traffic_type, state, verdict, verdict_by, assignee, messages,
	asked_last, answered_last, seen_by_asker, seen_by_desk, created_at, changed_at, created_by FROM r WHERE true
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, subject = excluded.subject, program = excluded.program, order_id = excluded.order_id,
	ad_space = excluded.ad_space, traffic_type = excluded.traffic_type, state = excluded.state, verdict = excluded.verdict,
	verdict_by = excluded.verdict_by, assignee = excluded.assignee, messages = excluded.messages, asked_last = excluded.asked_last,
	answered_last = excluded.answered_last, seen_by_asker = excluded.seen_by_asker, seen_by_desk = excluded.seen_by_desk, changed_at = excluded.changed_at`,
		Rows: []sqltx.Column{
			numbered("id", i.ID), keyed("publisher", i.Publisher), keyed("seller", i.Seller), given("kind", i.Kind), given("subject", i.Subject),
			given("program", string(i.Program)), given("order_id", i.Order), given("ad_space", i.AdSpace), given("traffic_type", traffic),
			keyed("state", i.State), given("verdict", i.Verdict), given("verdict_by", i.VerdictBy), given("assignee", i.Assignee),
			numbered("messages", i.Messages), numbered("asked_last", i.AskedLast), numbered("answered_last", i.AnsweredLast),
			numbered("seen_by_asker", i.SeenByAsker), numbered("seen_by_desk", i.SeenByDesk),
			when("created_at", i.CreatedAt), when("changed_at", i.ChangedAt), given("created_by", i.CreatedBy),
		},
	})
	if err != nil {
		return i, fmt.Errorf("keeping an inquiry: %w", err)
	}
	return i, nil
}

const inquiryColumns = `id, publisher, seller, kind, subject, program, order_id, ad_space, traffic_type, state, verdict, verdict_by, assignee, messages,
	asked_last, answered_last, seen_by_asker, seen_by_desk, created_at, changed_at, created_by`

func scanInquiry(scan func(...any) error) (i store.Inquiry, err error) {
	var traffic string
	var created, changed int64
	err = scan(&i.ID, &i.Publisher, &i.Seller, &i.Kind, &i.Subject, &i.Program, &i.Order, &i.AdSpace, &traffic, &i.State, &i.Verdict, &i.VerdictBy, &i.Assignee,
		&i.Messages, &i.AskedLast, &i.AnsweredLast, &i.SeenByAsker, &i.SeenByDesk, &created, &changed, &i.CreatedBy)
	if err == nil && traffic != "" {
		i.TrafficType, err = program.ParseTrafficType(traffic)
	}
	i.CreatedAt, i.ChangedAt = sqltx.Instant(created), sqltx.Instant(changed)
	return i, err
}

// Get implements store.Inquiries.
func (t inquiries) Get(ctx context.Context, id int64) (i store.Inquiry, err error) {
	found := false
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- inquiries.Get
SELECT ` + inquiryColumns + ` FROM inquiries WHERE id = $1`,
		Args: []any{id},
	}, func(scan func(...any) error) (err error) {
		found = true
		i, err = scanInquiry(scan)
		return err
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Inquiry{}, fmt.Errorf("reading inquiry %d: %w", id, err)
	}
	return i, nil
}

// Hold implements store.Inquiries.
func (t inquiries) Hold(ctx context.Context, id int64) (store.Inquiry, error) {
	if err := t.LockName(ctx, "inquiries"); err != nil {
		return store.Inquiry{}, fmt.Errorf("waiting for inquiry %d: %w", id, err)
	}
	return t.Get(ctx, id)
}

// turn are the states in which an inquiry waits for the operator.
const turn = `state IN ('open', 'reopened')`

// Page implements store.Inquiries.
func (t inquiries) Page(ctx context.Context, f store.InquiryFilter, after string, limit int) ([]store.Inquiry, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	var w sqltx.Where
	if f.Asker != (store.Asker{}) {
		w.Conditions = append(w.Conditions, "publisher = "+w.Arg(f.Publisher), "seller = "+w.Arg(f.Seller))
	}
	w.Equal("state", f.State)
	w.Equal("kind", f.Kind)
	w.Equal("assignee", f.Assignee)
	w.Equal("verdict", f.Verdict)
	if f.Turn {
		w.Conditions = append(w.Conditions, turn)
	}
	w.Holds(f.Words, "subject")
	order, err := way(&w, "id", after, f.Oldest)
	if err != nil {
		return nil, "", err
	}
	var found []store.Inquiry
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- inquiries.Page
SELECT ` + inquiryColumns + ` FROM inquiries i ` + w.String() + order + ` LIMIT ` + w.Arg(int64(limit)+1),
		Args: w.Args,
	}, func(scan func(...any) error) error {
		i, err := scanInquiry(scan)
		found = append(found, i)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("listing inquiries: %w", err)
	}
	return sqltx.Cut(found, limit, func(x *store.Inquiry) any { return x.ID })
}

// Waiting implements store.Inquiries.
func (t inquiries) Waiting(ctx context.Context, a store.Asker) (n int64, err error) {
	s := sqltx.Statement{SQL: `-- inquiries.Waiting
SELECT count(*) FROM inquiries WHERE ` + turn}
	if a != (store.Asker{}) {
		s = sqltx.Statement{SQL: `-- inquiries.Waiting
SELECT count(*) FROM inquiries WHERE publisher = $1 AND seller = $2 AND answered_last > seen_by_asker`, Args: []any{a.Publisher, a.Seller}}
	}
	if _, err = t.One(ctx, s, &n); err != nil {
		return 0, fmt.Errorf("counting inquiries: %w", err)
	}
	return n, nil
}

// Say implements store.Inquiries.
func (t inquiries) Say(ctx context.Context, m store.InquiryMessage) error {
	n, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- inquiries.Say
WITH r AS ({rows})
INSERT INTO inquiry_messages (inquiry, number, at, person, name, from_desk, internal, body)
SELECT inquiry, number, at, person, name, from_desk, internal, body FROM r WHERE true ON CONFLICT (inquiry, number) DO NOTHING`,
		Rows: []sqltx.Column{
			numbered("inquiry", m.Inquiry), numbered("number", m.Number), when("at", m.At), given("person", m.Person), given("name", m.Name),
			flag("from_desk", m.FromDesk), flag("internal", m.Internal), given("body", m.Text),
		},
	})
	if err == nil && n == 0 {
		err = fmt.Errorf("message %d of inquiry %d is there: %w", m.Number, m.Inquiry, store.ErrConflict)
	}
	if err != nil {
		return fmt.Errorf("keeping a message: %w", err)
	}
	return nil
}

// Messages implements store.Inquiries.
func (t inquiries) Messages(ctx context.Context, inquiry int64) ([]store.InquiryMessage, error) {
	var all []store.InquiryMessage
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- inquiries.Messages
SELECT number, at, person, name, from_desk, internal, body FROM inquiry_messages WHERE inquiry = $1 ORDER BY number`,
		Args: []any{inquiry},
	}, func(scan func(...any) error) error {
		m := store.InquiryMessage{Inquiry: inquiry}
		var at int64
		err := scan(&m.Number, &at, &m.Person, &m.Name, &m.FromDesk, &m.Internal, &m.Text)
		m.At = sqltx.Instant(at)
		all = append(all, m)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the messages of inquiry %d: %w", inquiry, err)
	}
	return all, nil
}
