package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// budgets checks the sizes of packages and interfaces.
func (h House) budgets(t *Tree, report func(Violation)) {
	for dir, p := range t.Packages {
		lines := 0
		for _, f := range p.Files {
			if f.Test || strings.HasSuffix(f.Path, "_templ.go") || ast.IsGenerated(f.AST) { // a page is counted where it is written
				continue
			}
			lines += t.fset.File(f.AST.Pos()).LineCount()
			ast.Inspect(f.AST, func(n ast.Node) bool {
				spec, ok := n.(*ast.TypeSpec)
				if !ok {
					return true
				}
				i, ok := spec.Type.(*ast.InterfaceType)
				if !ok {
					return true
				}
				methods := 0
				for _, m := range i.Methods.List {
					if _, ok := m.Type.(*ast.FuncType); ok {
						methods += len(m.Names)
					}
				}
				if methods > h.MaxMethods {
					report(Violation{"budget-methods", f.Path, t.line(spec), fmt.Sprintf("interface %s has %d methods of its own; %d is the most: split it into roles", spec.Name.Name, methods, h.MaxMethods)})
				}
				return true
			})
		}
		if lines > h.MaxLines && !slices.Contains(h.Suites, dir) {
			report(Violation{"budget-lines", dir, 0, fmt.Sprintf("the package has %d lines without its tests; %d is the most: split it by meaning", lines, h.MaxLines)})
		}
	}
}

// purity checks what code calls and computes with: clocks, floats, output.
func (h House) purity(t *Tree, report func(Violation)) {
	for dir, p := range t.Packages {
		rank := h.rank(dir)
		core := rank >= 0
		noFloat := core && h.Floats[h.Core[max(rank, 0)]] == "" || within(dir, "internal/store") || within(dir, "internal/wire")
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			f.selects(func(at ast.Node, target, name string) {
				if why := readsClock(core, h.command(dir), target, name); why != "" {
					report(Violation{"clock", f.Path, t.line(at), why})
				}
				if noFloat && floatFunc(target, name) {
					report(Violation{"float", f.Path, t.line(at), fmt.Sprintf("%s.%s computes with floating point: money and rates are exact", target, name)})
				}
				if core && target == "fmt" && (strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "Scan")) {
					report(Violation{"print", f.Path, t.line(at), "fmt." + name + " does I/O: the core returns what is to be said"})
				}
			})
			ast.Inspect(f.AST, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Ident:
					if noFloat && (n.Name == "float64" || n.Name == "float32") {
						report(Violation{"float", f.Path, t.line(n), n.Name + " near money: amounts are integers, rates exact decimals"})
					}
				case *ast.BasicLit:
					if noFloat && n.Kind == token.FLOAT {
						report(Violation{"float", f.Path, t.line(n), n.Value + " is a floating point number: amounts are integers, rates exact decimals"})
					}
				case *ast.CallExpr:
					if id, ok := n.Fun.(*ast.Ident); core && ok && (id.Name == "print" || id.Name == "println") {
						report(Violation{"print", f.Path, t.line(n), id.Name + " does I/O: the core returns what is to be said"})
					}
				}
				return true
			})
		}
	}
}

// readsClock says why a use of the time package is refused. The core is told the time; machinery holds a clock, so that its
// tests can turn it; a command may look at the wall.
func readsClock(core, command bool, target, name string) string {
	if target != "time" {
		return ""
	}
	switch name {
	case "Now", "Since", "Until":
		if core {
			return "time." + name + " reads the clock: the core is told the time"
		}
		if !command {
			return "time." + name + " reads the clock: hold a clock and ask it"
		}
	case "Local":
		if core {
			return "time.Local is the machine's time zone: times are UTC, days follow the program's zone"
		}
	case "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker":
		if core {
			return "time." + name + " waits: the core is told the time"
		}
	}
	return ""
}

func floatFunc(target, name string) bool {
	switch target {
	case "math":
		// Only the limits of the integer types are exact.
		return !strings.HasPrefix(name, "MaxInt") && !strings.HasPrefix(name, "MinInt") && !strings.HasPrefix(name, "MaxUint")
	case "strconv":
		return strings.HasSuffix(name, "Float")
	case "math/big":
		return strings.Contains(name, "Float")
	}
	return false
}

// state checks that nothing happens before main and that no package keeps state of its own.
func (h House) state(t *Tree, report func(Violation)) {
	for _, p := range t.Packages {
		vars := map[string]bool{}
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			for _, d := range f.AST.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Recv == nil && d.Name.Name == "init" {
						report(Violation{"init", f.Path, t.line(d), "func init: wire by an explicit list in the command instead"})
					}
				case *ast.GenDecl:
					for _, s := range d.Specs {
						v, ok := s.(*ast.ValueSpec)
						if !ok || d.Tok != token.VAR {
							continue
						}
						for _, name := range v.Names {
							vars[name.Name] = true
						}
						if kind := sharedState(f, v); kind != "" {
							report(Violation{"global-state", f.Path, t.line(v), fmt.Sprintf("the package-level %s is state that all callers share: hold it in a value", kind)})
						}
					}
				}
			}
		}
		delete(vars, "_")
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			for _, d := range f.AST.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
					writes(fn, vars, func(at ast.Node, name string) {
						report(Violation{"global-state", f.Path, t.line(at), fmt.Sprintf("changes the package-level variable %s: hold it in a value", name)})
					})
				}
			}
		}
	}
}

// sharedState names the kind of a package-level variable whose only use is to be changed.
func sharedState(f *File, v *ast.ValueSpec) string {
	types := []ast.Expr{v.Type}
	for _, value := range v.Values {
		if u, ok := value.(*ast.UnaryExpr); ok {
			value = u.X
		}
		if c, ok := value.(*ast.CompositeLit); ok {
			types = append(types, c.Type)
		}
		if c, ok := value.(*ast.CallExpr); ok && len(c.Args) > 0 {
			if id, ok := c.Fun.(*ast.Ident); ok && id.Name == "make" {
				types = append(types, c.Args[0])
			}
		}
	}
	for _, e := range types {
		switch e := e.(type) {
		case *ast.ChanType:
			return "channel"
		case *ast.SelectorExpr:
			x, _ := e.X.(*ast.Ident)
			if x == nil {
				continue
			}
			switch target := f.imports[x.Name]; {
			case target == "sync/atomic", target == "sync" && slices.Contains([]string{"Mutex", "RWMutex", "Map", "WaitGroup"}, e.Sel.Name):
				return target + "." + e.Sel.Name
			}
		}
	}
	return ""
}

// writes calls found for each place where fn changes one of vars. A name that fn declares anywhere counts as its own, so
// a shadowed name may hide a write; it never invents one.
func writes(fn *ast.FuncDecl, vars map[string]bool, found func(at ast.Node, name string)) {
	local := map[string]bool{}
	fields := func(l *ast.FieldList) {
		if l == nil {
			return
		}
		for _, f := range l.List {
			for _, n := range f.Names {
				local[n.Name] = true
			}
		}
	}
	declare := func(exprs ...ast.Expr) {
		for _, e := range exprs {
			if id, ok := e.(*ast.Ident); ok {
				local[id.Name] = true
			}
		}
	}
	fields(fn.Recv)
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncType:
			fields(n.Params)
			fields(n.Results)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				declare(n.Lhs...)
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				declare(n.Key, n.Value)
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				local[id.Name] = true
			}
		}
		return true
	})
	check := func(e ast.Expr) {
		if id := base(e); id != nil && vars[id.Name] && !local[id.Name] {
			found(id, id.Name)
		}
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					check(e)
				}
			}
		case *ast.IncDecStmt:
			check(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				check(n.Key)
				check(n.Value)
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") && len(n.Args) > 0 {
				check(n.Args[0])
			}
		}
		return true
	})
}

// base is the variable that an assignable expression is part of.
func base(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// skips checks that no test opts out: an engine whose tests may be skipped drifts apart in silence. Inputs that a fuzz target
// throws away are not tests.
func (h House) skips(t *Tree, report func(Violation)) {
	for _, p := range t.Packages {
		for _, f := range p.Files {
			if !f.Test {
				continue
			}
			ast.Inspect(f.AST, func(n ast.Node) bool {
				c, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				s, ok := c.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if s.Sel.Name == "Fuzz" {
					return false
				}
				if s.Sel.Name != "Skip" && s.Sel.Name != "Skipf" && s.Sel.Name != "SkipNow" && s.Sel.Name != "Short" {
					return true
				}
				x, ok := s.X.(*ast.Ident)
				if ok && (isTestingParam(f, x.Name, c.Pos()) || s.Sel.Name == "Short" && f.imports[x.Name] == "testing") {
					report(Violation{"skip", f.Path, t.line(c), "a test that can be left out proves nothing: let it fail and say what is missing"})
				}
				return true
			})
		}
	}
}

// isTestingParam reports whether name is, at pos, a parameter of type *testing.T, *testing.B, *testing.F or testing.TB.
func isTestingParam(f *File, name string, pos token.Pos) bool {
	is := false
	ast.Inspect(f.AST, func(n ast.Node) bool {
		if n == nil || pos < n.Pos() || pos >= n.End() {
			return false
		}
		var ft *ast.FuncType
		switch n := n.(type) {
		case *ast.FuncDecl:
			ft = n.Type
		case *ast.FuncLit:
			ft = n.Type
		default:
			return true
		}
		for _, p := range ft.Params.List {
			for _, id := range p.Names {
				if id.Name != name {
					continue
				}
				e := p.Type
				if star, ok := e.(*ast.StarExpr); ok {
					e = star.X
				}
				s, ok := e.(*ast.SelectorExpr)
				is = false
				if ok {
					x, ok := s.X.(*ast.Ident)
					is = ok && f.imports[x.Name] == "testing"
				}
			}
		}
		return true
	})
	return is
}

// headers checks that the names of HTTP headers are plain ASCII: a look-alike hyphen in one makes it never match.
func (h House) headers(t *Tree, report func(Violation)) {
	for _, p := range t.Packages {
		for _, f := range p.Files {
			bad := func(e ast.Expr) {
				if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if s, err := strconv.Unquote(lit.Value); err == nil && !ascii(s) {
						report(Violation{"header-name", f.Path, t.line(lit), fmt.Sprintf("the header name %+q is not plain ASCII", s)})
					}
				}
			}
			ast.Inspect(f.AST, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					s, ok := n.Fun.(*ast.SelectorExpr)
					if ok && len(n.Args) > 0 && slices.Contains([]string{"Get", "Set", "Add", "Del", "Values", "Peek"}, s.Sel.Name) && headerLike(s.X) {
						bad(n.Args[0])
					}
				case *ast.ValueSpec:
					for i, name := range n.Names {
						if i < len(n.Values) && strings.Contains(strings.ToLower(name.Name), "header") {
							bad(n.Values[i])
						}
					}
				case *ast.CompositeLit:
					if n.Type != nil && headerLike(n.Type) {
						for _, e := range n.Elts {
							if kv, ok := e.(*ast.KeyValueExpr); ok {
								bad(kv.Key)
							}
						}
					}
				}
				return true
			})
		}
	}
}

// headerLike reports whether an expression's last name is header or Header: r.Header, w.Header(), http.Header, ctx.Request.Header.
func headerLike(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return strings.EqualFold(e.Name, "header") || strings.EqualFold(e.Name, "headers")
	case *ast.SelectorExpr:
		return headerLike(e.Sel)
	case *ast.CallExpr:
		return headerLike(e.Fun)
	case *ast.UnaryExpr:
		return headerLike(e.X)
	}
	return false
}
