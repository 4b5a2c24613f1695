package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is written by the linker where a release is made: see scripts/release.sh.
var version string

type versionCmd struct {
	Parts bool `help:"Name every module that is linked in, with its version and its hash."`
}

// Run says which version this is.
func (c *versionCmd) Run(e *env) error {
	fmt.Fprintf(e.stdout, "clickledger %s %s %s/%s\n", cmp.Or(version, "development"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if info, ok := debug.ReadBuildInfo(); ok && c.Parts {
		for _, m := range info.Deps {
			if m.Replace != nil {
				m = m.Replace
			}
			fmt.Fprintln(e.stdout, m.Path, m.Version, m.Sum)
		}
	}
	return nil
}
