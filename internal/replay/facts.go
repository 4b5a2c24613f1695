package replay

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// facts are what decisions look up. They are complete before the first decision and never change afterwards.
type facts struct {
	programs  map[program.ID]*versions
	directory publisher.Directory
	products  map[string]*catalog.Product
	stores    map[string]*seller.Store
	exchange  money.Exchange
}

// versions are a program's versions with their tables.
type versions struct {
	terms  program.Versions
	tables map[*program.Terms]*commission.Table
}

func (f *facts) Table(p program.ID, at time.Time) *commission.Table {
	v := f.programs[p]
	if v == nil {
		return nil
	}
	return v.tables[v.terms.At(at)]
}

func (f *facts) Space(p program.ID, publisher, adSpace string) *publisher.AdSpace {
	return f.directory.Find(p, publisher, adSpace)
}

func (f *facts) SpaceByCoupon(p program.ID, code string) *publisher.AdSpace {
	return f.directory.ByCoupon(p, code)
}

func (f *facts) Product(id string) *catalog.Product { return f.products[id] }

func (f *facts) Store(id string) *seller.Store { return f.stores[id] }

func (f *facts) Exchange(day money.Day, from, to money.Currency) (money.Rate, money.Day, error) {
	return f.exchange.On(day, from, to)
}

// loadPrograms reads the program documents of the input directory and those named on the command line, which replace
// programs of the same name; the reference programs stand in for all others.
func (f *facts) loadPrograms(dir string, files []string) error {
	f.programs = make(map[program.ID]*versions)
	for _, id := range program.ReferenceIDs() {
		v, _ := program.Reference(id)
		f.use(id, v)
	}
	inDir, err := filepath.Glob(filepath.Join(dir, "programs", "*.y*ml"))
	if err != nil {
		return fmt.Errorf("looking for program documents: %w", err)
	}
	slices.Sort(inDir)
	for _, group := range [][]string{inDir, files} {
		var all []*program.Terms
		for _, path := range group {
			data, err := os.ReadFile(path)
			if err != nil {
				return fmt.Errorf("reading a program document: %w", err)
			}
			name := path
			if rel, err := filepath.Rel(dir, path); err == nil && !strings.HasPrefix(rel, "..") {
				name = filepath.ToSlash(rel)
			}
			terms, err := program.Parse(name, data)
			if err != nil {
				return err
			}
			all = append(all, terms...)
		}
		grouped, err := program.Group(all)
		if err != nil {
			return err
		}
		for id, v := range grouped {
			f.use(id, v)
		}
	}
	return nil
}

func (f *facts) use(id program.ID, v program.Versions) {
	tables := make(map[*program.Terms]*commission.Table, len(v))
	for _, t := range v {
		tables[t] = commission.Compile(t)
	}
	f.programs[id] = &versions{v, tables}
}

func (f *facts) knowProgram(id program.ID) error {
	if f.programs[id] != nil {
		return nil
	}
	names := make([]string, 0, len(f.programs))
	for p := range f.programs {
		names = append(names, string(p))
	}
	slices.Sort(names)
	return &wire.Error{Member: "program", Reason: fmt.Sprintf("%q is not a program; known are %s", id, strings.Join(names, ", "))}
}

// load reads the small files.
func (f *facts) load(dir string, counts *Counts, tell progress) error {
	f.products = make(map[string]*catalog.Product)
	f.stores = make(map[string]*seller.Store)
	var r wire.Reader
	seen := make(map[string]string) // lines that were repeated word for word are no conflict
	again := func(key string, line []byte, what string) (bool, error) {
		was, ok := seen[key]
		if ok && was != string(line) {
			return false, fmt.Errorf("%s stands twice, with different contents", what)
		}
		seen[key] = string(line)
		return ok, nil
	}
	var spaces []*publisher.AdSpace
	files := []struct {
		name string
		read func(line []byte) error
	}{
		{"publishers.jsonl", func(line []byte) error {
			s, err := r.AdSpace(line)
			if err != nil {
				return err
			}
			if err := f.knowProgram(s.Program); err != nil {
				return err
			}
			what := fmt.Sprintf("ad space %q of publisher %q in program %q", s.ID, s.Publisher, s.Program)
			if twice, err := again("ad space\x00"+what, line, what); twice || err != nil {
				return err
			}
			counts.AdSpaces++
			spaces = append(spaces, s)
			return f.directory.Add(s)
		}},
		{"products.jsonl", func(line []byte) error {
			p, err := r.Product(line)
			if err != nil {
				return err
			}
			if twice, err := again("product\x00"+p.ID, line, fmt.Sprintf("product %q", p.ID)); twice || err != nil {
				return err
			}
			counts.Products++
			f.products[p.ID] = p
			return nil
		}},
		{"stores.jsonl", func(line []byte) error {
			s, err := r.Store(line)
			if err != nil {
				return err
			}
			if twice, err := again("store\x00"+s.ID, line, fmt.Sprintf("store %q", s.ID)); twice || err != nil {
				return err
			}
			counts.Stores++
			f.stores[s.ID] = s
			return nil
		}},
		{"fx.jsonl", func(line []byte) error {
			q, err := r.Quote(line)
			if err != nil {
				return err
			}
			return f.exchange.Add(q.Day, q.Base, q.Quote, q.Rate)
		}},
	}
	for _, file := range files {
		s, err := find(dir, file.name)
		if err != nil || s == nil {
			if err != nil {
				return err
			}
			continue
		}
		if err := s.blocks(tell, func(b block) error { return s.eachLine(b, file.read) }); err != nil {
			return err
		}
	}
	f.directory = publisher.Directory{}
	for _, s := range publisher.Inherit(spaces) { // those of sub-publishers are under their parents' rules (A8)
		if err := f.directory.Add(s); err != nil {
			return err
		}
	}
	return nil
}
