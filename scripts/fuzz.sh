#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME each, then every property test with CHECKS cases:
#
#   scripts/fuzz.sh [PACKAGES]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

fuzztime=${FUZZTIME:-30s}
checks=${CHECKS:-20000}
mapfile -t folders < <(go list -f '{{.Dir}}' "${@:-./...}")

targets=0
for dir in "${folders[@]}"; do
  for target in $(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$dir"/*_test.go 2>/dev/null); do
    say "$target in ${dir#"$PWD"/} for $fuzztime"
    # Minimising may take longer than finding: a second is enough to see what is wrong.
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" -fuzzminimizetime 1s "$dir"
    targets=$((targets + 1))
  done
done

properties=()
for dir in "${folders[@]}"; do
  ! grep -qls '"pgregory.net/rapid"' "$dir"/*_test.go || properties+=("$dir")
done
if [ ${#properties[@]} -gt 0 ]; then
  say "properties of ${#properties[@]} packages, $checks cases each"
  "$here/with-postgres.sh" go test -count=1 -p "${JOBS:-2}" -timeout 120m "${properties[@]}" -rapid.checks="$checks"
fi
[ $((targets + ${#properties[@]})) -gt 0 ] || die "fuzz.sh: no fuzz target and no property test in ${*:-./...}"
say "$targets fuzz targets and the properties of ${#properties[@]} packages: no failure"
