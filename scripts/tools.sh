#!/usr/bin/env bash
# Builds the development tools that tools/go.mod pins into .cache/bin, where they are missing or of another version:
#
#   scripts/tools.sh TOOL...        (staticcheck, templ, gremlins, govulncheck)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/../tools"

bin=$here/../.cache/bin
mkdir -p "$bin"
bin=$(cd "$bin" && pwd)

for tool in "$@"; do
  package=$(sed -nE "s#^[[:space:]]*([^ ]+/$tool)\$#\1#p" go.mod | head -1)
  [ -n "$package" ] || die "tools.sh: tools/go.mod pins no tool \"$tool\""
  stamp=$bin/.$tool.stamp
  want=$({ go version && cat go.mod go.sum; } | sha256sum)
  if [ ! -x "$bin/$tool" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$want" ]; then
    say "building $tool (once per machine)"
    CGO_ENABLED=0 GOFLAGS='-mod=readonly -buildvcs=false' GOBIN=$bin go install "$package"
    printf '%s\n' "$want" >"$stamp"
  fi
done
