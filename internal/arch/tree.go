// Package arch enforces the house rules of docs/architecture.md: who may import whom, budgets for packages and interfaces, and
// what the core may not touch. It reads the sources with go/parser; asking the go command would let a cached answer pass.
package arch

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
)

// A Tree is the project's sources.
type Tree struct {
	Module   string              // the module path, as go.mod names it
	Packages map[string]*Package // by folder, such as "internal/store/sqlite"; the root is "."
	Texts    []Text              // every file that people write by hand, Go files too
	fset     *token.FileSet
}

// A Package is the Go files of a folder, tests of both kinds among them.
type Package struct {
	Dir   string
	Files []*File
}

// A File is one parsed Go file.
type File struct {
	Path    string
	Test    bool // its name ends in _test.go
	AST     *ast.File
	imports map[string]string // local name -> import path
}

// A Text is one file as lines.
type Text struct {
	Path  string
	Lines []string
}

// handWritten are the endings of the files that the rules about text read. Test data is not among them: it is other people's.
func handWritten(name string) bool {
	if strings.HasPrefix(name, "Makefile") || name == ".ci/run" {
		return true
	}
	switch path.Ext(name) {
	case ".go", ".templ", ".sh", ".sql", ".md", ".yaml", ".yml", ".toml", ".mod", ".css", ".js", ".html", ".conf", ".service":
		return true
	}
	return false
}

// skipped are folders that hold nothing of ours.
func skipped(dir string) bool {
	switch path.Base(dir) {
	case ".git", ".cache", "node_modules", "testdata", "bin", "demo-data", "third_party", "vendor":
		return true
	}
	return dir == "tools"
}

// Load reads the tree below root.
func Load(root fs.FS) (*Tree, error) {
	t := &Tree{Packages: map[string]*Package{}, fset: token.NewFileSet()}
	mod, err := fs.ReadFile(root, "go.mod")
	if err != nil {
		return nil, fmt.Errorf("reading the module: %w", err)
	}
	for line := range strings.Lines(string(mod)) {
		if rest, ok := strings.CutPrefix(line, "module "); ok {
			t.Module = strings.TrimSpace(rest)
		}
	}
	if t.Module == "" {
		return nil, fmt.Errorf("go.mod names no module")
	}
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if name != "." && skipped(name) {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular() || !handWritten(name):
			return nil
		}
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		t.Texts = append(t.Texts, Text{name, strings.Split(string(src), "\n")})
		if path.Ext(name) == ".go" {
			return t.addGo(name, src)
		}
		return nil
	})
	return t, err
}

func (t *Tree) addGo(name string, src []byte) error {
	parsed, err := parser.ParseFile(t.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parsing: %w", err)
	}
	f := &File{Path: name, Test: strings.HasSuffix(name, "_test.go"), AST: parsed, imports: map[string]string{}}
	for _, spec := range parsed.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		local := path.Base(target)
		if spec.Name != nil {
			local = spec.Name.Name
		} else if strings.HasPrefix(local, "v") && len(local) < 4 && path.Dir(target) != "." {
			local = path.Base(path.Dir(target)) // .../decimal/v2
		}
		f.imports[local] = target
	}
	dir := path.Dir(name)
	if t.Packages[dir] == nil {
		t.Packages[dir] = &Package{Dir: dir}
	}
	t.Packages[dir].Files = append(t.Packages[dir].Files, f)
	return nil
}

// Dirs are the folders with Go code that is not a test, sorted.
func (t *Tree) Dirs() []string {
	var dirs []string
	for dir, p := range t.Packages {
		for _, f := range p.Files {
			if !f.Test {
				dirs = append(dirs, dir)
				break
			}
		}
	}
	sort.Strings(dirs)
	return dirs
}

func (t *Tree) line(n ast.Node) int { return t.fset.Position(n.Pos()).Line }

// selects calls found for each use of a name of an imported package, such as time.Now, with the import path and the name.
func (f *File) selects(found func(at ast.Node, target, name string)) {
	ast.Inspect(f.AST, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				if target, ok := f.imports[x.Name]; ok {
					found(s, target, s.Sel.Name)
				}
			}
		}
		return true
	})
}

func ascii(s string) bool {
	return bytes.IndexFunc([]byte(s), func(r rune) bool { return r > 126 }) < 0
}
