#!/usr/bin/env bash
# Fails when generated code is not what its sources generate. The fresh code is left in place, ready to be committed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

sums() { "$here/files.sh" | xargs -0 -r sha256sum; }

before=$(sums)
make -s generate
after=$(sums)
if [ "$before" != "$after" ]; then
  { diff <(printf '%s\n' "$before") <(printf '%s\n' "$after") || true; } | awk '/^[<>]/ { print $3 }' | sort -u >&2
  die "The generated files above were out of date; they are fresh now. Commit them."
fi
