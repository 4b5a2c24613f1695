package program

import (
	"embed"
	"slices"
	"sync"
)

// The reference programs are program documents like all others; no code knows their names.
//
//go:embed reference/*.yaml
var referenceFiles embed.FS

var references = sync.OnceValue(func() map[ID]Versions {
	entries, err := referenceFiles.ReadDir("reference")
	if err != nil {
		panic("program: reference programs: " + err.Error())
	}
	var all []*Terms
	for _, e := range entries {
		data, err := referenceFiles.ReadFile("reference/" + e.Name())
		if err != nil {
			panic("program: reference programs: " + err.Error())
		}
		terms, err := Parse(e.Name(), data)
		if err != nil {
			panic("program: reference programs: " + err.Error())
		}
		all = append(all, terms...)
	}
	grouped, err := Group(all)
	if err != nil {
		panic("program: reference programs: " + err.Error())
	}
	return grouped
})

// Reference returns all versions of a reference program, one of those that ship with the project. The terms are shared: they
// never change.
func Reference(id ID) (Versions, bool) {
	v, ok := references()[id]
	return slices.Clone(v), ok
}

// ReferenceIDs are the names of the reference programs, sorted.
func ReferenceIDs() []ID {
	ids := make([]ID, 0, len(references()))
	for id := range references() {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// ReferenceDocument returns the document of a reference program as it ships, to start one's own from.
func ReferenceDocument(id ID) ([]byte, bool) {
	data, err := referenceFiles.ReadFile("reference/" + string(id) + ".yaml")
	return data, err == nil
}
