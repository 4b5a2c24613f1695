package program

import (
	"bytes"
	_ "embed" // the schema and the reference programs are part of the binary
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v4"
)

//go:embed schema.json
var schemaJSON []byte

// Schema is the JSON Schema (2020-12) of program documents, for editors and for the API.
func Schema() []byte { return bytes.Clone(schemaJSON) }

// schema is the compiled schema beside its JSON, whose descriptions word the errors.
type schema struct {
	compiled *jsonschema.Schema
	raw      any
}

// compiledSchema compiles the embedded schema once; it is a constant in all but form.
var compiledSchema = sync.OnceValue(func() *schema {
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		panic("program: schema.json: " + err.Error())
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{}) // it refers to nothing outside itself
	const url = "program:schema.json"
	if err := c.AddResource(url, raw); err != nil {
		panic("program: schema.json: " + err.Error())
	}
	compiled, err := c.Compile(url)
	if err != nil {
		panic("program: schema.json: " + err.Error())
	}
	return &schema{compiled, raw}
})

// at is the part of the schema that a URL points to, references followed.
func (s *schema) at(url string) map[string]any {
	_, pointer, _ := strings.Cut(url, "#")
	for range 8 { // no reference of the schema is that long a way
		v := s.raw
		for _, token := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
			token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
			switch x := v.(type) {
			case map[string]any:
				if token != "" {
					v = x[token]
				}
			case []any:
				i, _ := strconv.Atoi(token)
				v = x[i]
			}
		}
		m, _ := v.(map[string]any)
		ref, isRef := m["$ref"].(string)
		if !isRef {
			return m
		}
		_, pointer, _ = strings.Cut(ref, "#")
	}
	return nil
}

func describes(part map[string]any) string {
	text, _ := part["description"].(string)
	return text
}

// example is the fix by example, where the schema has one.
func example(part map[string]any) string {
	if all, _ := part["examples"].([]any); len(all) > 0 {
		if text, ok := all[0].(string); ok {
			return "write, for example, " + strconv.Quote(text)
		}
		return fmt.Sprintf("write, for example, %v", all[0])
	}
	return ""
}

// members are the names of the members that a part of the schema knows.
func members(part map[string]any) []string {
	properties, _ := part["properties"].(map[string]any)
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// validate holds the document against the schema.
func (d *document) validate() {
	s := compiledSchema()
	err := s.compiled.Validate(d.value)
	var invalid *jsonschema.ValidationError
	if errors.As(err, &invalid) {
		d.translate(s, invalid)
	}
}

// translate words the leaves of a validation error as a person would.
func (d *document) translate(s *schema, e *jsonschema.ValidationError) {
	// The causes of a bad name lie inside the name, which has no place of its own in the document.
	if k, ok := e.ErrorKind.(*kind.PropertyNames); ok {
		d.badName(s.at(e.SchemaURL), e.InstanceLocation, k.Property)
		return
	}
	for _, cause := range e.Causes {
		d.translate(s, cause)
	}
	if len(e.Causes) > 0 {
		return
	}
	n := d.node(e.InstanceLocation)
	if d.bad[n] {
		return
	}
	part := s.at(e.SchemaURL)
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			d.fail(n, fmt.Sprintf("%q is missing", name), d.whatIs(s, part, name), fmt.Sprintf("add %q", name+":"))
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			d.unknown(n, name, members(part))
		}
	case *kind.UniqueItems:
		d.duplicates(n)
	case *kind.Type:
		d.wrongType(n, part)
	case *kind.Enum:
		known := make([]string, len(k.Want))
		for i, w := range k.Want {
			known[i] = fmt.Sprint(w)
		}
		d.refuse(n, "found "+describe(n), describes(part)+": one of "+strings.Join(known, ", "), meant(n.Value, known, "write one of these"))
	case *kind.Not:
		d.refuse(n, "found "+describe(n), describes(part), "remove the member")
	case *kind.MinItems, *kind.MinProperties:
		d.refuse(n, "found nothing in it", describes(part)+" with at least one entry", "fill it in, or remove the member")
	case *kind.MaxItems:
		d.refuse(n, fmt.Sprintf("found %d entries", k.Got), fmt.Sprintf("%s of at most %d", describes(part), k.Want), "shorten the list")
	case *kind.MaxProperties:
		d.refuse(n, fmt.Sprintf("found %d members", k.Got), fmt.Sprintf("%s of at most %d", describes(part), k.Want), "shorten it")
	default: // pattern, const, minimum, maximum, lengths
		d.refuse(n, "found "+describe(n), describes(part), example(part))
	}
}

// whatIs describes a member that is missing.
func (d *document) whatIs(s *schema, part map[string]any, name string) string {
	if properties, _ := part["properties"].(map[string]any); properties != nil {
		if p, _ := properties[name].(map[string]any); p != nil {
			if ref, ok := p["$ref"].(string); ok {
				p = s.at(ref)
			}
			return describes(p)
		}
	}
	if name == "en" {
		return "a text in English"
	}
	return "it, given the other members"
}

func (d *document) wrongType(n *yaml.Node, part map[string]any) {
	fix := example(part)
	switch want := part["type"]; {
	case n.Tag == "!!null" && n.Kind == yaml.ScalarNode:
		fix = strings.TrimPrefix(fix+", or remove the member", ", ")
	case want == "string" && (n.Tag == "!!int" || n.Tag == "!!float" || n.Tag == "!!bool"):
		fix = "put it in quotes: " + strconv.Quote(n.Value)
	case want == "integer" && (n.Tag == "!!int" || n.Tag == "!!float" || n.Tag == "!!str"):
		fix += ", without quotes and without decimals"
	case want == "array" && n.Kind == yaml.ScalarNode:
		fix = "put it in brackets: [" + n.Value + "]"
	case want == "object" && n.Kind == yaml.SequenceNode:
		fix = "remove the dashes"
	}
	d.refuse(n, "found "+describe(n), describes(part), fix)
}

// unknown refuses a member that the schema does not have.
func (d *document) unknown(n *yaml.Node, name string, known []string) {
	k := d.key(n, name)
	fix := "remove it; the members here are " + strings.Join(known, ", ")
	if c := closest(name, known); c != "" {
		fix = fmt.Sprintf("did you mean %q?", c)
	}
	d.fail(k, fmt.Sprintf("no member %s is known here", quoted(name)), "", fix)
}

// badName refuses the name of a member where names are free, such as a market's.
func (d *document) badName(part map[string]any, location []string, name string) {
	n := d.node(location)
	k := d.key(n, name)
	if known, ok := part["enum"].([]any); ok {
		var names []string
		for _, v := range known {
			names = append(names, fmt.Sprint(v))
		}
		d.fail(k, "found the name "+quoted(name), describes(part)+": one of "+strings.Join(names, ", "),
			meant(name, names, "write one of these"))
		return
	}
	d.fail(k, "found the name "+quoted(name), describes(part), "rename it")
}

// duplicates refuses each entry of a list that stands in it before.
func (d *document) duplicates(n *yaml.Node) {
	first := make(map[string]int)
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode || d.bad[c] {
			continue
		}
		if line, ok := first[c.Value]; ok {
			d.refuse(c, fmt.Sprintf("%s stands twice; the first is in line %d", quoted(c.Value), line), "", "remove one of the two")
			continue
		}
		first[c.Value] = c.Line
	}
}

// node finds the node of a place in the JSON value.
func (d *document) node(location []string) *yaml.Node {
	n := d.root
	for _, token := range location {
		switch n.Kind {
		case yaml.SequenceNode:
			i, _ := strconv.Atoi(token)
			n = n.Content[i]
		case yaml.MappingNode:
			n = d.member(n, token)
		}
	}
	return n
}

// key finds the node of a member's name.
func (d *document) key(n *yaml.Node, name string) *yaml.Node {
	if i, ok := d.index[n][name]; ok {
		return n.Content[i]
	}
	return n
}

// member is the value of a mapping's member, or nil. Of members of the same name it is the first.
func (d *document) member(n *yaml.Node, name string) *yaml.Node {
	if i, ok := d.index[n][name]; ok {
		return n.Content[i+1]
	}
	return nil
}
