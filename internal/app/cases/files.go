package cases

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/trust"
)

// File is a file of a case.
type File = store.CaseFile

// The limits of files: the most bytes of one, and the most files that each side puts to a case.
const (
	MaxFile  = 5 << 20
	MaxFiles = 20
)

// Upload is a file as somebody sends it. What it is, its bytes say; what its name claims does not count.
type Upload struct {
	Name string
	Data []byte
}

// kinds are the media types that files may have, by what they begin with.
func kinds() []struct{ begins, kind string } {
	return []struct{ begins, kind string }{
		{"%PDF-", "application/pdf"}, {"\x89PNG\r\n\x1a\n", "image/png"}, {"\xff\xd8\xff", "image/jpeg"},
	}
}

// file checks what was sent. A *field.Error says what is wrong with it.
func (u *Upload) file() (File, error) {
	f := File{Name: fileName(u.Name), Size: int64(len(u.Data)), Data: u.Data}
	switch {
	case len(u.Data) == 0:
		return f, field.Wrong("file", "it is empty: choose another file")
	case len(u.Data) > MaxFile:
		return f, field.Wrong("file", "it has %d bytes, and %d are the most", len(u.Data), MaxFile)
	}
	for _, k := range kinds() {
		if bytes.HasPrefix(u.Data, []byte(k.begins)) {
			f.Type = k.kind
		}
	}
	if f.Type == "" && utf8.Valid(u.Data) && !bytes.ContainsFunc(u.Data, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' }) {
		f.Type = "text/plain; charset=utf-8"
	}
	if f.Type == "" {
		return f, field.Wrong("file", "it is neither PDF, PNG, JPEG nor plain text: send one of these")
	}
	sum := sha256.Sum256(u.Data)
	f.SHA256 = hex.EncodeToString(sum[:])
	return f, nil
}

// fileName is the last part of a name, without what cannot be seen.
func fileName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 100 {
		name = string(r[:100])
	}
	if name = strings.TrimSpace(name); name == "" {
		return "file"
	}
	return name
}

// whyOf is what the audit log says of a file.
func whyOf(f *File) string { return f.Name + " (SHA-256 " + f.SHA256 + ")" }

// Attach adds a file to the evidence, before the publisher is told. What cannot be taken is a *field.Error.
func (v *Service) Attach(ctx context.Context, id, by string, u Upload) (trust.Case, error) {
	f, err := u.file()
	if err != nil {
		return trust.Case{}, err
	}
	f.By = by
	return v.take(ctx, id, step{action: "case.file_added", why: whyOf(&f), do: v.with(&f, func(c *trust.Case) (trust.Case, error) {
		return c.Attach(v.policy, f.Name, f.Number, by, f.At)
	})})
}

// AnswerWith is Answer with a file; without words, its name stands for them.
func (v *Service) AnswerWith(ctx context.Context, id, publisher, by, text string, u Upload) (trust.Case, error) {
	if publisher == "" {
		return trust.Case{}, fmt.Errorf("case %.70q: %w", id, ErrNotFound)
	}
	return v.send(ctx, id, publisher, by, text, u, step{action: "case.answered", owner: publisher})
}

// SayWith is Say with a file; without words, its name stands for them.
func (v *Service) SayWith(ctx context.Context, id, by, text string, u Upload) (trust.Case, error) {
	return v.send(ctx, id, "", by, text, u, step{action: "case.message", then: v.tell(message)})
}

func (v *Service) send(ctx context.Context, id, publisher, by, text string, u Upload, s step) (trust.Case, error) {
	f, err := u.file()
	if err != nil {
		return trust.Case{}, err
	}
	if strings.TrimSpace(text) == "" {
		text = f.Name
	}
	f.By, f.FromPublisher = by, publisher != ""
	s.why = whyOf(&f)
	s.do = v.with(&f, func(c *trust.Case) (trust.Case, error) {
		return c.Send(v.policy, by, f.FromPublisher, text, f.Number, f.At)
	})
	return v.take(ctx, id, s)
}

// with puts a file to a case in the step that tells of it, and numbers it.
func (v *Service) with(f *File, do func(c *trust.Case) (trust.Case, error)) func(context.Context, store.Tx, *trust.Case) (trust.Case, []order.Event, error) {
	return func(ctx context.Context, tx store.Tx, c *trust.Case) (trust.Case, []order.Event, error) {
		role := tx.Platform().Desk().Cases()
		files, err := role.Files(ctx, c.ID)
		if err != nil {
			return trust.Case{}, nil, err
		}
		mine := slices.DeleteFunc(slices.Clone(files), func(x File) bool { return x.FromPublisher != f.FromPublisher })
		if len(mine) >= MaxFiles {
			return trust.Case{}, nil, field.Wrong("file", "each side puts at most %d files to a case", MaxFiles)
		}
		f.Case, f.Number, f.At = c.ID, len(files)+1, v.at()
		n, err := do(c)
		if err != nil {
			return n, nil, fields("text", err)
		}
		return n, nil, role.PutFile(ctx, *f)
	}
}

// Files returns the files of a case in their order, without their data, for the operator; of a case that is not there ErrNotFound.
func (v *Service) Files(ctx context.Context, id string) (files []File, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		if _, _, err := get(ctx, tx, id); err != nil {
			return err
		}
		files, err = tx.Platform().Desk().Cases().Files(ctx, id)
		return err
	})
	return files, err
}

// OwnFiles is Files for a publisher: the files that OwnFile returns.
func (v *Service) OwnFiles(ctx context.Context, id, publisher string) ([]File, error) {
	c, err := v.Own(ctx, id, publisher)
	if err != nil {
		return nil, err
	}
	files, err := v.Files(ctx, id)
	files = slices.DeleteFunc(files, func(f File) bool { return !seen(&c, f.Number) })
	for i := range files {
		forOwner(&files[i])
	}
	return files, err
}

// seen is whether a case, as its reader has it, names a file.
func seen(c *trust.Case, number int) bool {
	return number > 0 && (slices.ContainsFunc(c.Evidence, func(e trust.Evidence) bool { return e.File == number }) ||
		slices.ContainsFunc(c.Messages, func(m trust.Message) bool { return m.File == number }) || c.Appeal != nil && c.Appeal.File == number)
}

// forOwner takes the operator's people out.
func forOwner(f *File) {
	if !f.FromPublisher {
		f.By = ""
	}
}

// File returns a file of a case with its data, for the operator, or ErrNotFound.
func (v *Service) File(ctx context.Context, id string, number int) (f File, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		f, err = tx.Platform().Desk().Cases().File(ctx, id, number)
		return err
	})
	return f, err
}

// OwnFile is File for a publisher: of a case that it was told of, what came with the conversation, and of the evidence what a decision
// rests on, see Own. Everything else is ErrNotFound.
func (v *Service) OwnFile(ctx context.Context, id, publisher string, number int) (File, error) {
	c, err := v.Own(ctx, id, publisher)
	if err != nil {
		return File{}, err
	}
	if !seen(&c, number) {
		return File{}, fmt.Errorf("file %d of case %.70q: %w", number, id, ErrNotFound)
	}
	f, err := v.File(ctx, id, number)
	forOwner(&f)
	return f, err
}
