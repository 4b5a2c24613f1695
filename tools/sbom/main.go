// Command sbom writes down of what a binary is made: a CycloneDX document with every module that is linked into it, and the licences of
// those modules, as their texts ask for. It reads the binary itself, so nothing stands there that is not in it. The same binary gives the
// same bytes.
//
//	sbom -binary FILE -name NAME -version VERSION -sbom FILE -licences FILE
//
// It is to be run where the modules are: in the module that the binary was built from.
package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "", "the binary")
	flag.StringVar(&o.name, "name", "", "what it is called")
	flag.StringVar(&o.version, "version", "", "its version")
	flag.StringVar(&o.sbom, "sbom", "", "where the CycloneDX document goes")
	flag.StringVar(&o.licences, "licences", "", "where the licences go")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

type options struct{ binary, name, version, sbom, licences string }

func run(o options) error {
	info, err := buildinfo.ReadFile(o.binary)
	if err != nil {
		return fmt.Errorf("reading what %s is made of: %w", o.binary, err)
	}
	data, err := os.ReadFile(o.binary)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	parts := linked(info)
	if err := write(o.sbom, func(w io.Writer) error { return document(w, o, info, parts, sum[:]) }); err != nil {
		return err
	}
	dirs, err := folders()
	if err != nil {
		return err
	}
	return write(o.licences, func(w io.Writer) error { return texts(w, o, parts, dirs) })
}

// linked are the modules that are linked in, by path; a replaced one is the one in its place.
func linked(info *debug.BuildInfo) (all []debug.Module) {
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		all = append(all, *m)
	}
	slices.SortFunc(all, func(a, b debug.Module) int { return strings.Compare(a.Path, b.Path) })
	return all
}

func purl(m *debug.Module) string {
	return "pkg:golang/" + m.Path + "@" + m.Version + "?type=module"
}

func setting(info *debug.BuildInfo, name string) string {
	for _, s := range info.Settings {
		if s.Key == name {
			return s.Value
		}
	}
	return ""
}

// document writes the CycloneDX document. It has no time and a serial number that follows from the binary, so that it is the same each time.
func document(w io.Writer, o options, info *debug.BuildInfo, parts []debug.Module, sum []byte) error {
	bom := cdx.NewBOM()
	serial := hex.EncodeToString(sum[:16])
	bom.SerialNumber = fmt.Sprintf("urn:uuid:%s-%s-5%s-a%s-%s", serial[:8], serial[8:12], serial[13:16], serial[17:20], serial[20:32])
	self := cdx.Component{
		BOMRef: "pkg:golang/" + info.Main.Path + "@" + o.version, Type: cdx.ComponentTypeApplication, Name: o.name, Version: o.version, PackageURL: "pkg:golang/" + info.Main.Path + "@" + o.version,
		Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum)}},
		Properties: &[]cdx.Property{
			{Name: "go:os", Value: setting(info, "GOOS")}, {Name: "go:arch", Value: setting(info, "GOARCH")}, {Name: "go:cgo", Value: setting(info, "CGO_ENABLED")},
		},
	}
	bom.Metadata = &cdx.Metadata{Component: &self}
	std := cdx.Component{
		BOMRef: "pkg:golang/std@" + info.GoVersion, Type: cdx.ComponentTypeLibrary, Name: "std", Version: info.GoVersion, PackageURL: "pkg:golang/std@" + info.GoVersion,
		Description: "Go's standard library",
	}
	components, needs := []cdx.Component{std}, []string{std.BOMRef}
	for i := range parts {
		m := &parts[i]
		c := cdx.Component{BOMRef: purl(m), Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version, PackageURL: purl(m), Scope: cdx.ScopeRequired}
		if m.Sum != "" {
			c.Properties = &[]cdx.Property{{Name: "go:sum", Value: m.Sum}}
		}
		components, needs = append(components, c), append(needs, c.BOMRef)
	}
	bom.Components = &components
	bom.Dependencies = &[]cdx.Dependency{{Ref: self.BOMRef, Dependencies: &needs}}
	e := cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON)
	e.SetPretty(true)
	return e.EncodeVersion(bom, cdx.SpecVersion1_6) // what the tools that read it know
}

// folders are where the modules of the build are.
func folders() (map[string]string, error) {
	list := exec.Command("go", "list", "-m", "-json", "all")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("listing the modules: %w", err)
	}
	dirs := make(map[string]string)
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var m struct {
			Path, Version, Dir string
			Replace            *struct{ Path, Version, Dir string }
		}
		switch err := d.Decode(&m); {
		case errors.Is(err, io.EOF):
			return dirs, nil
		case err != nil:
			return nil, fmt.Errorf("listing the modules: %w", err)
		}
		if r := m.Replace; r != nil {
			m.Path, m.Version, m.Dir = r.Path, r.Version, r.Dir
		}
		dirs[m.Path+"@"+m.Version] = m.Dir
	}
}

// texts writes the licences and notices of the parts, each text once with all parts that have it.
func texts(w io.Writer, o options, parts []debug.Module, dirs map[string]string) error {
	of := make(map[string][]string) // the parts, by the text
	var order []string
	for _, m := range parts {
		dir := dirs[m.Path+"@"+m.Version]
		if dir == "" {
			return fmt.Errorf("the module %s %s is linked and not to be found: run it in the module that the binary was built from", m.Path, m.Version)
		}
		found, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			return err
		}
		n := 0
		for _, path := range found {
			name := strings.ToUpper(filepath.Base(path))
			if !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") && !strings.HasPrefix(name, "NOTICE") && !strings.HasPrefix(name, "UNLICENSE") {
				continue
			}
			if info, err := os.Stat(path); err != nil || info.IsDir() {
				continue
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text := strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n"))
			if of[text] == nil {
				order = append(order, text)
			}
			of[text] = append(of[text], m.Path+" "+m.Version)
			n++
		}
		if n == 0 {
			return fmt.Errorf("the module %s %s is linked and has no licence: look at it before you hand the binary on", m.Path, m.Version)
		}
	}
	fmt.Fprintf(w, "%s %s is made with the following modules, under the licences below, and with Go's standard library (BSD-3-Clause).\n", o.name, o.version)
	for _, text := range order {
		fmt.Fprintf(w, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(of[text], "\n"), text)
	}
	return nil
}

// write writes a file as a whole.
func write(path string, do func(io.Writer) error) error {
	var b bytes.Buffer
	if err := do(&b); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
