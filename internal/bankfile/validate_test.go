package bankfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/clickledger/clickledger/money"
)

// validator checks a tree of elements against a table of sequences and facets.
type validator struct {
	schema map[string]string
	facets map[string]string
	faults []string
}

func (v *validator) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

func (v *validator) element(n *node, parent string) {
	name := n.XMLName.Local
	key := name
	if name == "Id" && (parent == "DbtrAcct" || parent == "CdtrAcct") {
		key = "Acct.Id"
	}
	for _, a := range n.Attrs {
		if a.Name.Local == "Ccy" && name == "InstdAmt" {
			if !regexp.MustCompile(`^[A-Z]{3}$`).MatchString(a.Value) {
				v.fault("<InstdAmt> is in the currency %q", a.Value)
			}
			continue
		}
		if a.Name.Local != "xmlns" {
			v.fault("<%s> has the attribute %s", name, a.Name.Local)
		}
	}
	sequence, ok := v.schema[key]
	if !ok {
		v.leaf(n)
		return
	}
	if strings.TrimSpace(n.Text) != "" {
		v.fault("<%s> has a text beside its elements", name)
	}
	if strings.Contains(sequence, "|") {
		v.choice(n, strings.Split(sequence, "|"))
	} else {
		v.sequence(n, sequence)
	}
	for i := range n.Nodes {
		v.element(&n.Nodes[i], name)
	}
}

func (v *validator) leaf(n *node) {
	name := n.XMLName.Local
	facet, ok := v.facets[name]
	if !ok {
		v.fault("<%s> is not an element of the schema's part that is used", name)
		return
	}
	if len(n.Nodes) > 0 {
		v.fault("<%s> has elements in it", name)
	}
	if !regexp.MustCompile(`^(` + facet + `)$`).MatchString(n.Text) {
		v.fault("<%s> is %q", name, n.Text)
	}
	if strings.Contains(n.Text, "//") {
		v.fault("<%s> has two slashes: %q", name, n.Text)
	}
}

func (v *validator) choice(n *node, names []string) {
	if len(n.Nodes) != 1 {
		v.fault("<%s> has %d elements, and is a choice", n.XMLName.Local, len(n.Nodes))
		return
	}
	for _, name := range names {
		if n.Nodes[0].XMLName.Local == name {
			return
		}
	}
	v.fault("<%s> cannot hold <%s>", n.XMLName.Local, n.Nodes[0].XMLName.Local)
}

// sequence checks that children come in the schema's order, as often as they may.
func (v *validator) sequence(n *node, sequence string) {
	var places []child
	for _, f := range strings.Fields(sequence) {
		name := strings.TrimLeft(f, "?+")
		marks := strings.TrimSuffix(f, name)
		places = append(places, child{name, !strings.Contains(marks, "?"), strings.Contains(marks, "+")})
	}
	i := 0
	for _, p := range places {
		count := 0
		for i < len(n.Nodes) && n.Nodes[i].XMLName.Local == p.name {
			i++
			count++
		}
		if count == 0 && p.required {
			v.fault("<%s> has no <%s> in its place", n.XMLName.Local, p.name)
		}
		if count > 1 && !p.many {
			v.fault("<%s> has %d <%s>", n.XMLName.Local, count, p.name)
		}
	}
	if i < len(n.Nodes) {
		v.fault("<%s> has <%s> in a place where it may not stand", n.XMLName.Local, n.Nodes[i].XMLName.Local)
	}
}

// sums checks that counts and sums are those of the payments below.
func (v *validator) sums(root *node) {
	check := func(where string, n *node, payments []*node) {
		var total int64
		for _, p := range payments {
			minor, err := money.ParseMinor(p.Text, 2)
			if err != nil {
				v.fault("%v", err)
			}
			total += minor
		}
		count, sum := n.all("NbOfTxs"), n.all("CtrlSum")
		if len(count) == 0 || len(sum) == 0 || count[0].Text != strconv.Itoa(len(payments)) || sum[0].Text != money.New(total, "EUR").Decimal() {
			v.fault("%s does not count and add up its payments", where)
		}
	}
	for _, h := range root.all("GrpHdr") {
		check("the header", h, root.all("InstdAmt"))
	}
	for _, b := range root.all("PmtInf") {
		check("a batch", b, b.all("InstdAmt"))
	}
}
