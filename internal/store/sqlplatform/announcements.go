package sqlplatform

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

type announcements struct{ *sqltx.Tx }

// addressee is an audience in one word, by which its readers find what is for them. A seller and a publisher of the same name are two.
func addressee(a store.Audience) (string, error) {
	switch a.Kind {
	case "everybody", "publishers", "sellers":
		return a.Kind, nil
	case "program":
		return "program/" + string(a.Program), nil
	case "publisher":
		return "publisher/" + a.Publisher, nil
	case "seller":
		return "seller/" + a.Seller, nil
	}
	return "", fmt.Errorf("an announcement to %.40q: %w", a.Kind, store.ErrInvalid)
}

// textsOf is a column of a text in several languages.
func textsOf(name string, t program.Text) (sqltx.Column, error) {
	for l, s := range t {
		if err := sqltx.CheckText(name+" "+l, s); err != nil { // JSON would silently replace what is not UTF-8
			return sqltx.Column{}, err
		}
	}
	b, err := json.Marshal(t)
	return given(name, string(b)), err
}

// Put implements store.Announcements.
func (t announcements) Put(ctx context.Context, a store.Announcement) (store.Announcement, error) {
	to, err := addressee(a.Audience)
	if err != nil {
		return a, err
	}
	titles, err := textsOf("titles", a.Titles)
	if err != nil {
		return a, err
	}
	texts, err := textsOf("texts", a.Texts)
	if err != nil {
		return a, err
	}
	if a.ID == 0 {
		before, err := take(ctx, t.Tx, "announcement", 1)
		if err != nil {
			return a, fmt.Errorf("numbering an announcement: %w", err)
		}
		a.ID = before + 1
	}
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL: `-- announcements.Put
WITH r AS ({rows})
INSERT INTO announcements (id, addressee, audience, program, publisher, seller, titles, texts, from_at, to_at, pinned, mail_at, withdrawn_at, created_at,
	created_by)
SELECT id, addressee, audience, program, publisher, seller, titles, texts, from_at, to_at, pinned, mail_at, withdrawn_at, created_at, created_by
FROM r WHERE true
ON CONFLICT (id) DO UPDATE SET addressee = excluded.addressee, audience = excluded.audience, program = excluded.program, publisher = excluded.publisher,
	seller = excluded.seller, titles = excluded.titles, texts = excluded.texts, from_at = excluded.from_at, to_at = excluded.to_at,
	pinned = excluded.pinned, mail_at = excluded.mail_at, withdrawn_at = excluded.withdrawn_at`,
		Rows: []sqltx.Column{
			numbered("id", a.ID), keyed("addressee", to), given("audience", a.Audience.Kind), given("program", string(a.Audience.Program)),
			given("publisher", a.Audience.Publisher), given("seller", a.Audience.Seller), titles, texts, when("from_at", a.From), maybe("to_at", a.To),
			flag("pinned", a.Pinned), maybe("mail_at", a.MailAt), maybe("withdrawn_at", a.Withdrawn), when("created_at", a.CreatedAt),
			given("created_by", a.CreatedBy),
		},
	})
	if err != nil {
		return a, fmt.Errorf("keeping an announcement: %w", err)
	}
	return a, nil
}

const announcementColumns = `a.id, a.audience, a.program, a.publisher, a.seller, a.titles, a.texts, a.from_at, a.to_at, a.pinned, a.mail_at, a.withdrawn_at,
	a.created_at, a.created_by`

func scanAnnouncement(scan func(...any) error, more ...any) (a store.Announcement, err error) {
	var titles, texts []byte
	var from, created int64
	var to, mail, withdrawn *int64
	err = scan(append([]any{&a.ID, &a.Audience.Kind, &a.Audience.Program, &a.Audience.Publisher, &a.Audience.Seller, &titles, &texts, &from, &to, &a.Pinned, &mail,
		&withdrawn, &created, &a.CreatedBy}, more...)...)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(titles, &a.Titles); err != nil {
		return a, fmt.Errorf("reading titles: %w", err)
	}
	if err := json.Unmarshal(texts, &a.Texts); err != nil {
		return a, fmt.Errorf("reading texts: %w", err)
	}
	a.From, a.CreatedAt = sqltx.Instant(from), sqltx.Instant(created)
	a.To, a.MailAt, a.Withdrawn = sqltx.Optional(to), sqltx.Optional(mail), sqltx.Optional(withdrawn)
	return a, nil
}

// list reads announcements.
func (t announcements) list(ctx context.Context, s sqltx.Statement) ([]store.Announcement, error) {
	var all []store.Announcement
	err := t.Query(ctx, s, func(scan func(...any) error) error {
		a, err := scanAnnouncement(scan)
		all = append(all, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading announcements: %w", err)
	}
	return all, nil
}

// Get implements store.Announcements.
func (t announcements) Get(ctx context.Context, id int64) (store.Announcement, error) {
	all, err := t.list(ctx, sqltx.Statement{
		SQL: `-- announcements.Get
SELECT ` + announcementColumns + ` FROM announcements a WHERE a.id = $1`,
		Args: []any{id},
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("announcement %d: %w", id, store.ErrNotFound)
	}
	if err != nil {
		return store.Announcement{}, err
	}
	return all[0], nil
}

// Page implements store.Announcements.
func (t announcements) Page(ctx context.Context, after string, limit int) ([]store.Announcement, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	var w sqltx.Where
	if err := behind(&w, "a.id", after); err != nil {
		return nil, "", err
	}
	found, err := t.list(ctx, sqltx.Statement{
		SQL: `-- announcements.Page
SELECT ` + announcementColumns + ` FROM announcements a ` + w.String() + ` ORDER BY a.id DESC LIMIT ` + w.Arg(int64(limit)+1),
		Args: w.Args,
	})
	if err != nil {
		return nil, "", err
	}
	return sqltx.Cut(found, limit, func(x *store.Announcement) any { return x.ID })
}

// words are all that somebody is addressed by.
func (t announcements) words(ctx context.Context, r store.Reader) ([]string, error) {
	if r.Publisher == "" {
		return []string{"everybody", "sellers", "seller/" + r.Seller}, nil
	}
	all := []string{"everybody", "publishers", "publisher/" + r.Publisher}
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- announcements.words
SELECT DISTINCT program FROM ad_spaces WHERE publisher = $1 AND blocked_at IS NULL ORDER BY program`,
		Args: []any{r.Publisher},
	}, func(scan func(...any) error) error {
		var p string
		err := scan(&p)
		all = append(all, "program/"+p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the programs of %q: %w", r.Publisher, err)
	}
	return all, nil
}

// shown are the conditions for an announcement to be shown at a time.
const shown = `a.from_at <= $1 AND (a.to_at IS NULL OR a.to_at > $1) AND a.withdrawn_at IS NULL`

// For implements store.Announcements. Each word is asked for by itself: a reader has few, and a batch may come in several runs.
func (t announcements) For(ctx context.Context, r store.Reader, at time.Time, limit int) ([]store.Shown, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	us, err := sqltx.Micros("time", at)
	if err != nil {
		return nil, err
	}
	words, err := t.words(ctx, r)
	if err != nil {
		return nil, err
	}
	var all []store.Shown
	for _, w := range words {
		err := t.Query(ctx, sqltx.Statement{
			SQL: `-- announcements.For
SELECT ` + announcementColumns + `, d.read_at FROM announcements a LEFT JOIN announcement_reads d ON d.announcement = a.id AND d.person = $2
WHERE ` + shown + ` AND a.addressee = $3 ORDER BY a.pinned DESC, a.from_at DESC, a.id DESC LIMIT $4`,
			Args: []any{us, r.Person, w, int64(limit)},
		}, func(scan func(...any) error) error {
			var read *int64
			a, err := scanAnnouncement(scan, &read)
			all = append(all, store.Shown{Announcement: a, ReadAt: sqltx.Optional(read)})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("reading announcements: %w", err)
		}
	}
	slices.SortFunc(all, func(a, b store.Shown) int {
		pinned := 0
		if a.Pinned != b.Pinned {
			pinned = 1
			if a.Pinned {
				pinned = -1
			}
		}
		return cmp.Or(pinned, b.From.Compare(a.From), cmp.Compare(b.ID, a.ID))
	})
	return all[:min(len(all), limit)], nil
}

// Unread implements store.Announcements.
func (t announcements) Unread(ctx context.Context, r store.Reader, at time.Time) (total int64, err error) {
	us, err := sqltx.Micros("time", at)
	if err != nil {
		return 0, err
	}
	words, err := t.words(ctx, r)
	if err != nil {
		return 0, err
	}
	for _, w := range words {
		var n int64
		_, err := t.One(ctx, sqltx.Statement{
			SQL: `-- announcements.Unread
SELECT count(*) FROM announcements a WHERE ` + shown + ` AND a.addressee = $3
	AND NOT EXISTS (SELECT 1 FROM announcement_reads d WHERE d.announcement = a.id AND d.person = $2)`,
			Args: []any{us, r.Person, w},
		}, &n)
		if err != nil {
			return 0, fmt.Errorf("counting announcements: %w", err)
		}
		total += n
	}
	return total, nil
}

// MarkRead implements store.Announcements.
func (t announcements) MarkRead(ctx context.Context, id int64, person string, at time.Time) error {
	if _, err := t.Get(ctx, id); err != nil {
		return err
	}
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- announcements.MarkRead
WITH r AS ({rows})
INSERT INTO announcement_reads (announcement, person, read_at) SELECT announcement, person, read_at FROM r WHERE true
ON CONFLICT (announcement, person) DO NOTHING`,
		Rows: []sqltx.Column{numbered("announcement", id), keyed("person", person), when("read_at", at)},
	})
	if err != nil {
		return fmt.Errorf("noting that announcement %d was read: %w", id, err)
	}
	return nil
}

// DueMail implements store.Announcements.
func (t announcements) DueMail(ctx context.Context, at time.Time, limit int) ([]store.Announcement, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	us, err := sqltx.Micros("time", at)
	if err != nil {
		return nil, err
	}
	if err := t.LockName(ctx, "announcements"); err != nil {
		return nil, fmt.Errorf("waiting for announcements: %w", err)
	}
	return t.list(ctx, sqltx.Statement{
		SQL: `-- announcements.DueMail
SELECT ` + announcementColumns + ` FROM announcements a WHERE a.mail_at IS NOT NULL AND a.mail_at <= $1 AND a.withdrawn_at IS NULL
ORDER BY a.mail_at, a.id LIMIT $2`,
		Args: []any{us, int64(limit)},
	})
}
