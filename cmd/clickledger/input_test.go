package main

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Bad input ends a command with exit code 2 and a message that names the flag or the file, what is wrong and the way out; nothing is left
// behind that was not there.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"folder", "store"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write("empty", "")
	write("garbage", "\xff\x00\x9d\"\n\xff")
	write("text", "not json\n")
	write("object", "{\"a\":1}\n")
	command := func(args ...string) (code int, out, says string) {
		var stdout, stderr bytes.Buffer
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		code = run(ctx, args, &stdout, &stderr, time.Now)
		return code, stdout.String(), strings.TrimSpace(stderr.String())
	}
	if code, out, says := command("program", "show", "tr"); code != 0 {
		t.Fatal(says)
	} else {
		write("tr.yaml", out)
	}
	// A database that is there, with nothing in it, and its keys.
	if code, _, says := command("people", "add", "--operator", "--email", "ada@example.org", "--data", "store"); code != 0 {
		t.Fatal(says)
	}
	if code, _, says := command("edge", "keys", "--file", "store/edge-keys.json"); code != 0 {
		t.Fatal(says)
	}
	left := func() map[string]bool {
		names := make(map[string]bool)
		if err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if !strings.HasSuffix(path, "-wal") && !strings.HasSuffix(path, "-shm") { // the engine's own
				names[path] = true
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return names
	}
	before := left()
	const store = "--data=store"
	for _, c := range []struct{ line, says string }{
		{"", "expected one of"},
		{"bogus", "unexpected argument bogus"},
		{"replay", "missing flags: --in=DIR, --out=DIR"},
		{"replay --bogus", "unknown flag --bogus"},
		{"replay --in nope --out new", "--in: stat "},
		{"replay --in empty --out new", "not a directory"},
		{"replay --in folder --out new", "holds no replay input: it has orders.jsonl"},
		{"whatif --in folder --program tr.yaml", "holds no replay input"},
		{"whatif --in folder --program nope", "--program: stat "},
		{"whatif --in folder --program empty", "the file has no document; expected a program document; fix: "},
		{"whatif --in folder --program garbage", "is not UTF-8"},
		{"whatif --in folder --program folder", "is a directory"},
		{"program check", `expected "<files> ..."`},
		{"program check nope", "no such file"},
		{"program check empty", "the file has no document"},
		{"program check folder", "is a directory"},
		{"program check text", "expected a program document"},
		{"program show nope", `"nope" is not a reference program: there are global-eu, portals, portals-session, tr`},
		{"import online-retail --out empty/new", "empty is a file: name a folder"},
		{"import online-retail --in folder --out new", "is a directory"},
		{"import olist --in folder --out new", "olist_orders_dataset.csv is not there, nor as .gz or .zst"},
		{"import rates --in nope --out new", "no such file"},
		{"import ad-spaces nope " + store, "no such file"},
		{"import ad-spaces empty " + store, "holds no ad spaces: write one a line"},
		{"import ad-spaces text " + store, "text:1: an object was expected"},
		{"import ad-spaces garbage " + store, "garbage:1: the line is not valid UTF-8"},
		{"import ad-spaces folder " + store, "is a directory"},
		{"import ad-spaces text", `text:1: `},
		{"links import nope --out new " + store, "nope is no file: name one with a wish a line, or - for standard input"},
		{"links import folder --out new " + store, "folder is no file"},
		{"links import object --out new", "name the database: --data DIR for SQLite, or --postgres DSN"},
		{"edge doctor nope", "no such file"},
		{"edge doctor empty", "not a directory"},
		{"edge doctor folder", "holds no click log: name its folder, which is edge/log in the data folder"},
		{"stream parked", "say where NATS is: --nats URL"},
		{"stream requeue --nats nats://127.0.0.1:1", `name the numbers that "clickledger stream parked" lists, or say --all`},
		{"simulate run --links empty", "say when to stop: --clicks N or --duration D"},
		{"simulate run --links empty --clicks 1", "empty holds no links: write one a line"},
		{"simulate run --links garbage --clicks 1", "garbage is no list of links, one a line: "},
		{"simulate check --program tr --acks empty " + store, "empty: the file holds no tokens"},
		{"simulate check --program tr --acks text " + store, `text:1: "not json": `},
		{"keys create", "missing flags: --data=DIR"},
		{"keys create --data empty", "empty is a file: name a folder"},
		{"keys list --data garbage", "garbage is a file: name a folder"},
		{"people add --operator --email nobody " + store, `--email: "nobody" is no e-mail address, such as you@example.com`},
		{"people export --email ada@example.org --data folder", "there is no database "},
		{"people export --email eve@example.org " + store, "nobody has the address eve@example.org"},
		{"people erase --email eve@example.org " + store, "nobody has the address eve@example.org"},
		{"audit verify --data folder", "there is no database "},
		{"audit verify --data nope", "there is no database "},
		{"audit verify", "name the database"},
		{"payout details ann --method bank_transfer --country DE --name Ada --iban DE00 --bic COBADEFFXXX --town Berlin " + store, `payout details of "ann": IBAN `},
		{"payout list --data folder", "there is no database "},
		{"payout start nope --by ada --payer-name A --payer-iban DE89370400440532013000 --manual " + store, "there is no such run or program"},
		{"payout build r9 --by ada --out new " + store, "clickledger payout list has the runs"},
		{"payout approve r9 --by ada --payments 1 --total 1.00 " + store, "clickledger payout list has the runs"},
		{"payout release r9 --by ada " + store, "clickledger payout list has the runs"},
		{"payout close r9 --by ada " + store, "clickledger payout list has the runs"},
		{"payout cancel r9 --by ada --why because " + store, "clickledger payout list has the runs"},
		{"payout answers nope --by ada " + store, "no such file"},
		{"payout answers empty --by ada " + store, "empty: "},
		{"payout answers garbage --by ada " + store, "garbage: "},
		{"proof --data folder", "there is no database "},
		{"proof --data empty", "there is no database "},
		{"statement nope ann --from 2026-03-01 --to 2026-04-01 --out new " + store, `program "nope" is not known`},
		{"serve", "name the database"},
		{"serve --data empty", "empty is a file: name a folder"},
		{"serve --data empty/new", "empty is a file: name a folder"},
		{"serve --listen nonsense " + store, `--listen: "nonsense" is no address to listen at, such as 127.0.0.1:8080`},
		{"serve --postgres bogus", "--postgres: it is no address of a database, such as postgres://user@host/database"},
		{"demo --data empty", "empty is a file: name a folder"},
		{"demo --data store", "is not empty: remove it, or name another folder"},
	} {
		code, _, says := command(strings.Fields(c.line)...)
		if code != 2 || !strings.Contains(says, c.says) || !strings.HasPrefix(says, "clickledger: ") || strings.Count(says, "\n") > 0 {
			t.Errorf("clickledger %s: %d, %q, want 2 with %q", c.line, code, says, c.says)
		}
	}
	if after := left(); !maps.Equal(before, after) {
		t.Errorf("left behind: %q", slices.DeleteFunc(slices.Sorted(maps.Keys(after)), func(name string) bool { return before[name] }))
	}
	// What is not the caller's doing is a failure.
	for _, c := range []struct{ line, says string }{
		{"stream parked --nats nats://127.0.0.1:1", "--nats: nats://127.0.0.1:1 does not answer: look whether NATS runs there"},
		{"links import text --out new " + store, "line 1: it is no wish, such as "},
	} {
		if code, _, says := command(strings.Fields(c.line)...); code != 1 || !strings.Contains(says, c.says) {
			t.Errorf("clickledger %s: %d, %q, want 1 with %q", c.line, code, says, c.says)
		}
	}
}
