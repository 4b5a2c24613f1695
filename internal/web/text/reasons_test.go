package text

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// said are the reasons that the use cases give for refusing what somebody entered, as formats, each with the place where it stands. What is
// no format there is an expression whose texts come from elsewhere: it is returned with the place.
func said(t *testing.T, dir string) (formats map[string]string, elsewhere []string) {
	t.Helper()
	formats = make(map[string]string)
	set := token.NewFileSet()
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		take := func(e ast.Expr) {
			if call, ok := e.(*ast.CallExpr); ok && len(call.Args) > 0 && named(call.Fun) == "Sprintf" {
				e = call.Args[0]
			}
			where := set.Position(e.Pos()).String()
			if s, ok := literal(e); ok {
				formats[s] = where
				return
			}
			elsewhere = append(elsewhere, where)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return n.Name.Name != "wrong" // it only passes reasons on
			case *ast.CallExpr:
				if !slices.Contains([]string{"Wrong", "wrong"}, named(n.Fun)) || len(n.Args) == 0 {
					break
				}
				reason := n.Args[0]
				if len(n.Args) > 1 {
					if _, ok := literal(n.Args[1]); ok {
						reason = n.Args[1]
					}
				}
				if len(n.Args) > 1 && named(n.Args[1]) == "reason" {
					break // it only passes reasons on
				}
				if s, _ := literal(reason); s == "%s" {
					elsewhere = append(elsewhere, set.Position(reason.Pos()).String())
					break
				}
				take(reason)
			case *ast.CompositeLit:
				if !slices.Contains([]string{"QueryError", "Error"}, named(n.Type)) {
					break
				}
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok && named(kv.Key) == "Reason" {
						take(kv.Value)
					}
				}
			}
			return true
		})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return formats, elsewhere
}

// sentences are the texts in some functions of a file, in calls of some functions, and in values of some types.
func sentences(t *testing.T, path string, in []string) (map[string]string, int) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	texts := func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok {
			if s, ok := literal(l); ok && strings.Contains(s, " ") && strings.ContainsFunc(s, unicode.IsLetter) {
				found[s] = set.Position(l.Pos()).String()
			}
		}
		return true
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if slices.Contains(in, n.Name.Name) {
				ast.Inspect(n, texts)
			}
		case *ast.CallExpr:
			if slices.Contains(in, named(n.Fun)) {
				ast.Inspect(n, texts)
			}
		case *ast.CompositeLit:
			if n.Type != nil && slices.Contains(in, named(n.Type)) {
				ast.Inspect(n, texts)
			}
		}
		return true
	})
	return found, len(found)
}

func named(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// I6: every reason that a use case gives for refusing what somebody entered has words in Turkish, which name every value that the English
// ones name.
func TestI6_EveryReasonHasTurkishWords(t *testing.T) {
	formats, elsewhere := said(t, filepath.Join("..", "..", "app"))
	if len(formats) < 100 {
		t.Fatalf("the test finds only %d reasons", len(formats))
	}
	tables, more := said(t, filepath.Join("..", "..", "table"))
	maps.Copy(formats, tables)
	elsewhere = append(elsewhere, more...)
	// Reasons that the core gives: each file, and the functions in which sentences stand.
	for file, in := range map[string][]string{
		"link/reason.go": {"Error", "hostText"}, "link/target.go": {"Target", "nameFault"}, "seller/offer.go": {"RuleError"}, "seller/store.go": {"Join", "Leave", "CheckRate"},
		"postback/postback.go": {"bad"}, "internal/bankfile/check.go": {"checkName", "checkAccount", "plain", "checkAddress", "checkEmail"}, "internal/bankfile/account.go": {"CheckIBAN", "CheckBIC"}, "internal/app/links/links.go": {"joined"},
		"internal/deeplink/deeplink.go": {"Check", "Target"},
	} {
		core, n := sentences(t, filepath.Join("..", "..", "..", file), in)
		if n == 0 {
			t.Errorf("%s: the test finds no reason in %v", file, in)
		}
		maps.Copy(formats, core)
	}
	words := reasonsTurkish()
	for f, where := range formats {
		if words[f] == "" {
			t.Errorf("%s: %q has no Turkish words", where, f)
		}
	}
	// What comes from elsewhere is what is listed here, and the list above has its texts.
	slices.Sort(elsewhere)
	for i, e := range elsewhere {
		e, _, _ = strings.Cut(strings.TrimPrefix(filepath.ToSlash(e), "../../app/"), ":")
		elsewhere[i] = e
	}
	if want := []string{
		"cases/cases.go", "joining/profile.go", "links/links.go", "links/links.go", "links/links.go", "links/lists.go", "payouts/details.go", "postbacks/manage.go", "postbacks/postbacks.go",
		"reports/reports.go", "sellers/sellers.go", "sellers/sellers.go",
	}; !slices.Equal(elsewhere, want) {
		t.Errorf("reasons come from elsewhere in %q, want %q: list where their texts stand", elsewhere, want)
	}
	verb, place := regexp.MustCompile(verbs), regexp.MustCompile(`\{(\d)\}`)
	for english, turkish := range words {
		verbs := len(verb.FindAllString(strings.ReplaceAll(english, "%%", ""), -1))
		for _, m := range place.FindAllStringSubmatch(turkish, -1) {
			if n, _ := strconv.Atoi(m[1]); n < 1 || n > verbs {
				t.Errorf("%q has %d values, and its Turkish words name {%d}", english, verbs, n)
			}
		}
	}
}

// I6: a reason with its values is said in Turkish with the same values; one that nobody knows stays as it is.
func TestI6_ReasonsKeepTheirValues(t *testing.T) {
	tr := Of(Turkish)
	for english, want := range map[string]string{
		"it is missing": "eksik",
		`"a \"b\" c" is no country code of ISO 3166-1, such as TR`:                                                             `"a \"b\" c" ISO 3166-1 ülke kodu değil; örneğin TR`,
		"it has 12 characters, and 5 are the most":                                                                             "12 karakter var, en çok 5 olabilir",
		"a rate of 7.5 % is outside the range of program tr: 1 % to 5 %":                                                       "%7.5 oranı tr programının aralığı dışında: %1 – %5",
		`its landing site cannot be linked to: the address "ftp://x" is refused: it does not begin with https:// or http://`:   `sitesine bağlantı verilemiyor: "ftp://x" adresi kabul edilmedi: https:// ya da http:// ile başlamıyor`,
		"name: it is empty: enter the account holder's name\naccount: enter an IBAN, or the account number and the bank's BIC": "ad: boş: hesap sahibinin adını girin\nhesap: bir IBAN ya da hesap numarasını ve bankanın BIC kodunu girin",
		"ticket 7 asks for this traffic type already: conflict":                                                                "7 numaralı talep bu trafik türünü zaten istiyor",
		"limit is below 0":                          "limit: 0'dan küçük",
		"percent: it is missing":                    "percent: eksik",
		"there is no macro {x}: there are {a}, {b}": "{x} makrosu yok; olanlar: {a}, {b}",
		"something else":                            "something else",
		"":                                          "",
	} {
		if got := tr.Reason(english); got != want {
			t.Errorf("%q is %q, want %q", english, got, want)
		}
	}
	if got := Of(English).Reason("ticket 7 asks for this traffic type already: conflict"); got != "ticket 7 asks for this traffic type already" {
		t.Errorf("in English it is %q", got)
	}
}
