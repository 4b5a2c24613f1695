package program

import (
	"bytes"
	_ "embed" // the schema and the reference programs are part of the binary
	"errors"
	"fmt"
	"net/url"
	"regexp"
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
	const name = "program:schema.json"
	if err := c.AddResource(name, raw); err != nil {
		panic("program: schema.json: " + err.Error())
	}
	compiled, err := c.Compile(name)
	if err != nil {
		panic("program: schema.json: " + err.Error())
	}
	return &schema{compiled, raw}
})

// at is the part of the schema that a URL points to, references followed.
func (s *schema) at(location string) map[string]any {
	_, pointer, _ := strings.Cut(location, "#")
	for range 8 { // no reference of the schema is that long a way
		v := s.raw
		for _, token := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
			if plain, err := url.PathUnescape(token); err == nil {
				token = strings.NewReplacer("~1", "/", "~0", "~").Replace(plain)
			}
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
			d.fail(n, fmt.Sprintf("%q is missing", name), s.member(e.SchemaURL, name), fmt.Sprintf("add %q", name+":"))
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			d.unknown(n, name, part)
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
	case *kind.Const:
		d.refuse(n, "found "+describe(n), describes(part), fmt.Sprintf("write %v", k.Want))
	case *kind.MinLength:
		d.refuse(n, "found an empty text", describes(part), "write the text, or remove the member")
	case *kind.MaxLength:
		d.refuse(n, fmt.Sprintf("found %d characters", k.Got), fmt.Sprintf("%s, of at most %d characters", describes(part), k.Want), "shorten it")
	default: // pattern, minimum, maximum, lengths
		d.refuse(n, "found "+describe(n), describes(part), example(part))
	}
}

// member describes a member of a part of the schema. Where the part only says that the member is needed, an enclosing part
// says what it is.
func (s *schema) member(location, name string) string {
	for {
		properties, _ := s.at(location)["properties"].(map[string]any)
		if _, ok := properties[name].(map[string]any); ok {
			return describes(s.at(location + "/properties/" + name))
		}
		i := strings.LastIndex(location, "/")
		if i < 0 {
			return "a text in English" // the one member that is needed where names are free
		}
		location = location[:i]
	}
}

func (d *document) wrongType(n *yaml.Node, part map[string]any) {
	fix := example(part)
	switch want := part["type"]; {
	case n == d.root && n.Tag == "!!null":
		fix = "write the document, or remove the line of dashes before it"
	case n.Tag == "!!null" && n.Kind == yaml.ScalarNode && fix == "":
		fix = "fill it in, or remove the member"
	case n.Tag == "!!null" && n.Kind == yaml.ScalarNode:
		fix += ", or remove the member"
	case want == "string" && n.Kind == yaml.ScalarNode && n.Tag != "!!str" && fits(part, n.Value):
		fix = "put it in quotes: " + strconv.Quote(n.Value)
	case want == "integer" && n.Kind == yaml.ScalarNode:
		fix += ", without quotes and without decimals"
	case want == "boolean":
		fix = "write true or false, without quotes"
	case want == "array" && n.Kind == yaml.ScalarNode && len(n.Value) <= maxName:
		fix = "put it in brackets: [" + n.Value + "]"
	case want == "array" && n.Kind == yaml.ScalarNode:
		fix = "put it in brackets"
	case want == "array":
		fix = "put a dash and a blank before each entry"
	case want == "object" && n.Kind == yaml.SequenceNode:
		fix = "remove the dashes"
	case want == "object":
		fix = "write it as {member: value}, or its members in lines of their own"
	case n.Kind != yaml.ScalarNode && fix == "":
		fix = "write one value in its place"
	}
	d.refuse(n, "found "+describe(n), describes(part), fix)
}

// fits reports whether a value in quotes would be what the schema wants.
func fits(part map[string]any, text string) bool {
	pattern, ok := part["pattern"].(string)
	if !ok {
		return true
	}
	matched, err := regexp.MatchString(pattern, text)
	return err == nil && matched
}

// unknown refuses a member that the schema does not have, or a name that is none where names are free.
func (d *document) unknown(n *yaml.Node, name string, part map[string]any) {
	k := d.key(n, name)
	if names, ok := part["x-names"].(string); ok {
		d.fail(k, "found the name "+quoted(name), names, "rename it")
		return
	}
	known := members(part)
	d.fail(k, fmt.Sprintf("no member %s is known here", quoted(name)), "one of "+strings.Join(known, ", "), meant(name, known, "remove it"))
}

// duplicates refuses each entry of a list that stands in it before.
func (d *document) duplicates(n *yaml.Node) {
	first := make(map[string]int)
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode || d.bad[c] {
			continue
		}
		if line, ok := first[c.Value]; ok {
			d.refuse(c, fmt.Sprintf("%s stands twice; the first is in line %d", quoted(c.Value), line), "each entry once", "remove one of the two")
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
