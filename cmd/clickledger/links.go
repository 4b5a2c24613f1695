package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

type linksCmd struct {
	Import linksImportCmd `cmd:"" help:"Make links from a file of JSON Lines, as many as there are."`
}

type linksImportCmd struct {
	databaseFlags
	edgeFlags `embed:""`
	File      string `arg:"" help:"JSON Lines, one wish a line: program, publisher, ad_space, tracking_id, kind, id, url; - for standard input."`
	Out       string `type:"path" required:"" help:"CSV of the links that were made: line, code, link." placeholder:"FILE"`
}

// wishLine is a line of the file.
type wishLine struct {
	Program    string `json:"program"`
	Publisher  string `json:"publisher"`
	AdSpace    string `json:"ad_space"`
	TrackingID string `json:"tracking_id"`
	Kind       string `json:"kind"`
	ID         string `json:"id"`
	URL        string `json:"url"`
}

func (w *wishLine) wish() (links.Wish, error) {
	kind, err := program.ParseLinkKind(w.Kind)
	if err != nil {
		return links.Wish{}, &field.Error{Field: "kind", Reason: err.Error()}
	}
	return links.Wish{Program: program.ID(w.Program), Publisher: w.Publisher, AdSpace: w.AdSpace, TrackingID: w.TrackingID, Target: link.NewTarget(kind, w.ID, w.URL)}, nil
}

// unreadable says why a line is no wish.
func unreadable(err error) error {
	var wrong *field.Error
	if errors.As(err, &wrong) {
		return err
	}
	return fmt.Errorf("it is no wish, such as {\"program\":\"tr\",\"publisher\":\"ann\",\"ad_space\":\"blog\",\"kind\":\"home\"}: %w", err)
}

// errRefusedLinks says that some lines were refused; the others have links.
var errRefusedLinks = errors.New("some links were not made")

// Run makes the links in batches. A line that is refused is named, and the others get their links.
func (c *linksImportCmd) Run(e *env) error {
	in := io.NopCloser(os.Stdin)
	if c.File != "-" {
		info, err := os.Stat(c.File)
		if err != nil || info.IsDir() {
			return files.Bad("%s is no file: name one with a wish a line, or - for standard input", c.File)
		}
		if in, err = os.Open(c.File); err != nil {
			return fmt.Errorf("reading the wishes: %w", err)
		}
	}
	defer in.Close()
	db, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	keys, err := c.edgeKeys(e, c.Data)
	if err != nil {
		return err
	}
	out, err := os.Create(filepath.Clean(c.Out))
	if err != nil {
		return fmt.Errorf("writing the links: %w", err)
	}
	defer out.Close()
	service := links.New(db, keys.Code, c.url(), e.now)
	made, refused := 0, 0
	w := csv.NewWriter(out)
	_ = w.Write([]string{"line", "code", "link"}) // a failure is kept, and told by Error below
	var wishes []links.Wish
	var numbers []int
	refuse := func(line int, err error) {
		refused++
		fmt.Fprintf(e.stderr, "line %d: %v\n", line, err)
	}
	flush := func() error {
		all, err := service.Make(e.ctx, wishes)
		if err != nil {
			return fmt.Errorf("making links: %w", err)
		}
		for i := range all {
			if all[i].Err != nil {
				refuse(numbers[i], all[i].Err)
				continue
			}
			made++
			_ = w.Write([]string{fmt.Sprint(numbers[i]), all[i].Link.Code, service.URL(all[i].Link.Code)}) // as above
		}
		wishes, numbers = wishes[:0], numbers[:0]
		w.Flush()
		return w.Error()
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<16)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var l wishLine
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.DisallowUnknownFields()
		err := d.Decode(&l)
		var wish links.Wish
		if err == nil {
			wish, err = l.wish()
		}
		if err != nil {
			refuse(n, unreadable(err))
			continue
		}
		wishes, numbers = append(wishes, wish), append(numbers, n)
		if len(wishes) == links.MaxBulk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading the wishes: %w", err)
	}
	if err := flush(); err != nil {
		return err
	}
	if made+refused == 0 {
		return files.Bad("%s holds no wishes: write one a line", c.File)
	}
	fmt.Fprintf(e.stdout, "%d links made, %d refused\n", made, refused)
	if err := out.Close(); err != nil {
		return fmt.Errorf("writing the links: %w", err)
	}
	if refused > 0 {
		return errRefusedLinks
	}
	return nil
}
