package program

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// Limits of one file. The longest reference program has some 15 kB, 900 nodes and 6 levels.
const (
	maxBytes = 1 << 20
	maxNodes = 50_000
	maxDepth = 16
	maxName  = 64 // bytes of a member's name
)

// Position is a place in a program document's text, counting from 1; columns count characters.
type Position struct{ Line, Column int }

// source remembers where in a document terms were read from.
type source struct {
	file      string
	positions map[string]Position
}

// File is the name that Parse was given for the document of these terms, or "" for terms made otherwise.
func (t *Terms) File() string {
	if t.source == nil {
		return ""
	}
	return t.source.file
}

// Position is where a member of the document stands, by its path, such as "rates.steps[3]". It is false for terms that were
// not made by Parse and for members that the document leaves out.
func (t *Terms) Position(path string) (Position, bool) {
	if t.source == nil {
		return Position{}, false
	}
	p, ok := t.source.positions[path]
	return p, ok
}

// StepLine is the line of a rate step in the document, or 0 where it is not known (C11).
func (t *Terms) StepLine(step int) int {
	p, _ := t.Position(StepPath(step))
	return p.Line
}

// StepPath is the path of a rate step in the document, such as "rates.steps[3]".
func StepPath(i int) string { return "rates.steps[" + strconv.Itoa(i) + "]" }

// Parse reads the program documents of a file: YAML, separated by "---" lines, each one version of one program (P1). It
// validates structure (by the schema) and meaning. If anything is wrong, it returns no terms and an Errors that has all of
// it; file only names the file in errors.
func Parse(file string, data []byte) ([]*Terms, error) {
	nodes, errs := load(file, data)
	var all []*Terms
	for _, n := range nodes {
		d := newDocument(file, n)
		d.validate()
		terms := d.decode()
		errs = append(errs, d.errs...)
		all = append(all, terms)
	}
	errs = append(errs, rising(all)...)
	if len(errs) > 0 {
		return nil, errs.sorted()
	}
	return all, nil
}

// load splits a file into the root nodes of its documents.
func load(file string, data []byte) ([]*yaml.Node, Errors) {
	refuse := func(at Position, problem, expected, fix string) Errors {
		return Errors{{File: file, Line: at.Line, Column: at.Column, Problem: problem, Expected: expected, Fix: fix}}
	}
	if len(data) > maxBytes {
		return nil, refuse(Position{1, 1}, fmt.Sprintf("the file has %d bytes", len(data)), fmt.Sprintf("at most %d", maxBytes),
			"split it: each version of a program may have a file of its own")
	}
	if at, problem := unreadable(data); problem != "" {
		return nil, refuse(at, problem, "text in UTF-8", "save the file as UTF-8 and remove the character")
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithUniqueKeys(false),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		return nil, refuse(syntaxError(err))
	}
	var roots []*yaml.Node
	budget := maxNodes
	for {
		var n yaml.Node
		err := loader.Load(&n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return roots, refuse(syntaxError(err))
		}
		if budget -= count(&n, budget); budget < 0 {
			return nil, refuse(Position{1, 1}, fmt.Sprintf("the file has more than %d values", maxNodes), "a program document",
				"split it: each version of a program may have a file of its own")
		}
		root := &n
		if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
			root = n.Content[0]
		}
		roots = append(roots, root)
	}
	if len(roots) == 0 {
		return nil, refuse(Position{1, 1}, "the file has no document", "a program document", "begin with `program:` and the program's name")
	}
	return roots, nil
}

// unreadable finds the first character that no program document may have.
func unreadable(data []byte) (Position, string) {
	at := Position{1, 1}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return at, fmt.Sprintf("the byte %#02x is not UTF-8", data[i])
		}
		if (r < ' ' && r != '\n' && r != '\r' && r != '\t') || r == 0x7f {
			return at, fmt.Sprintf("found the control character U+%04X", r)
		}
		i += size
		if at.Column++; r == '\n' {
			at = Position{at.Line + 1, 1}
		}
	}
	return Position{}, ""
}

// syntaxError words what the YAML parser found. The parser cannot go on after it.
func syntaxError(err error) (at Position, problem, expected, fix string) {
	at = Position{1, 1}
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return at, "not YAML: " + err.Error(), "YAML", "correct the line"
	}
	if load.Mark.Line > 0 {
		at = Position{load.Mark.Line, max(1, load.Mark.Column)}
	}
	problem, expected = "not YAML: "+load.Message, "YAML"
	if load.ContextMsg != "" && load.ContextMark.Line > 0 {
		problem += fmt.Sprintf(" (%s that began in line %d)", load.ContextMsg, load.ContextMark.Line)
	}
	switch {
	case strings.Contains(load.Message, "max depth"):
		return at, fmt.Sprintf("nested more than %d levels deep", maxDepth), "a program document", "remove brackets or indentation that are too many"
	case strings.Contains(load.Message, "mapping values are not allowed"):
		fix = "put the text in quotes, or check the indentation of this line and the one before"
	case strings.Contains(load.Message, "cannot start any token"):
		fix = "indent with spaces, not with tabs, and put texts that begin with a special character in quotes"
	case strings.Contains(load.Message, "unknown anchor"):
		fix = "write the value out: a program document has no aliases"
	default:
		fix = "check quotes, brackets and indentation of this line and the one before"
	}
	return at, problem, expected, fix
}

// count counts nodes, up to a little more than limit.
func count(n *yaml.Node, limit int) int {
	sum := 1
	for _, c := range n.Content {
		if sum > limit {
			break
		}
		sum += count(c, limit-sum)
	}
	return sum
}

// document is one YAML document on its way to Terms.
type document struct {
	file  string
	root  *yaml.Node
	value any // as JSON has it, for the schema
	paths map[*yaml.Node]string
	index map[*yaml.Node]map[string]int // of a mapping: where in its content a member's name stands
	bad   map[*yaml.Node]bool           // values that are wrong already, so that nothing more is said of them
	errs  Errors
}

func newDocument(file string, root *yaml.Node) *document {
	d := &document{file: file, root: root, paths: make(map[*yaml.Node]string),
		index: make(map[*yaml.Node]map[string]int), bad: make(map[*yaml.Node]bool)}
	d.value = d.walk(root, "")
	return d
}

// fail notes an error at a node.
func (d *document) fail(n *yaml.Node, problem, expected, fix string) {
	if len(d.errs) >= maxFaults {
		return
	}
	d.errs = append(d.errs, &Error{
		File: d.file, Line: n.Line, Column: n.Column, Path: d.paths[n], Problem: problem, Expected: expected, Fix: fix,
	})
}

// refuse notes an error at a node whose value is then not looked at again.
func (d *document) refuse(n *yaml.Node, problem, expected, fix string) {
	d.bad[n] = true
	d.fail(n, problem, expected, fix)
}

// walk names the path of each node and turns the node into what JSON has for it. It refuses what YAML has beyond that.
func (d *document) walk(n *yaml.Node, path string) any {
	d.paths[n] = path
	switch {
	case n.Kind == yaml.AliasNode:
		d.refuse(n, "found an alias (*"+n.Value+")", "the value itself", "write it out: a program document is read as it stands, without aliases")
		return nil
	case n.Anchor != "":
		d.fail(n, "found an anchor (&"+n.Anchor+")", "the value itself", "remove the anchor: a program document is read as it stands, without aliases")
	case n.Style&yaml.TaggedStyle != 0:
		d.fail(n, "found a YAML tag ("+n.Tag+")", "a plain value", "remove the tag; text that looks like a number goes in quotes")
	}
	switch n.Kind {
	case yaml.MappingNode:
		return d.walkMapping(n, path)
	case yaml.SequenceNode:
		items := make([]any, len(n.Content))
		for i, c := range n.Content {
			items[i] = d.walk(c, path+"["+strconv.Itoa(i)+"]")
		}
		return items
	}
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return n.Value == "true"
	case "!!int":
		// YAML also has 0x10, 0o17 and 1_000; JSON, and an operator, have not. Those stay text, which no integer may be.
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && strconv.FormatInt(i, 10) == n.Value {
			return json.Number(n.Value)
		}
		return n.Value
	case "!!float":
		return json.Number("0.5") // whatever its value, nothing in a program document may be one
	}
	return n.Value
}

func (d *document) walkMapping(n *yaml.Node, path string) any {
	if path != "" {
		path += "."
	}
	members := make(map[string]any, len(n.Content)/2)
	first := make(map[string]int, len(n.Content)/2)
	d.index[n] = first
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode || (k.Tag != "!!str" && k.Tag != "!!merge") {
			d.paths[k] = strings.TrimSuffix(path, ".")
			d.fail(k, "found "+describe(k)+" as the name of a member", "a name", "write the name as plain text before the colon")
			d.walk(v, path+"?")
			d.bad[v] = true
			continue
		}
		if len(k.Value) > maxName {
			d.paths[k] = strings.TrimSuffix(path, ".")
			d.fail(k, fmt.Sprintf("found a name of %d bytes", len(k.Value)), fmt.Sprintf("at most %d", maxName), "shorten the name")
			d.walk(v, path+"?")
			d.bad[v] = true
			continue
		}
		d.paths[k] = path + k.Value
		value := d.walk(v, path+k.Value)
		was, twice := first[k.Value]
		switch {
		case k.Tag == "!!merge":
			d.fail(k, "found a merge key (<<)", "the members themselves", "write the members out: a program document is read as it stands, without aliases")
		case twice:
			d.fail(k, fmt.Sprintf("%s stands twice; the first is in line %d", quoted(k.Value), n.Content[was].Line), "each member once", "remove one of the two")
			d.bad[v] = true
		default:
			first[k.Value] = i
			members[k.Value] = value
		}
	}
	return members
}

// describe says what a node is, for "... instead of ...".
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch n.Tag {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "the word " + n.Value + " without quotes"
	case "!!int", "!!float":
		return "the number " + n.Value
	}
	return "the text " + quoted(n.Value)
}

// quoted is a text in quotes, cut off where it is long.
func quoted(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return strconv.Quote(s)
}
