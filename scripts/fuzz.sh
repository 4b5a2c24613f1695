#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (30s) each, then every property test with CHECKS (20000) cases and every model of
# settlement with SEEDS (50000) worlds and MARKETS (40) marketplaces on servers, and says how many inputs were tried and how many
# events were played:
#
#   scripts/fuzz.sh [PACKAGES]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

fuzztime=${FUZZTIME:-30s}
checks=${CHECKS:-20000}
export CLICKLEDGER_SEEDS=${SEEDS:-50000} CLICKLEDGER_MARKETS=${MARKETS:-40}
mapfile -t folders < <(go list -f '{{.Dir}}' "${@:-./...}")
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# fuzz runs one target. Go's coordinator may report the end of the time itself as a failure, without an input that fails
# (go.dev/issue/75804, until Go 1.27): then all inputs that were found are run once more, and decide.
fuzz() {
  local target=$1 dir=$2
  # Minimising may take longer than finding: a second is enough to see what is wrong.
  go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" -fuzzminimizetime 1s "$dir" 2>&1 | tee "$log" && return
  grep -qxE ' +context deadline exceeded' "$log" && ! grep -q 'Failing input' "$log" || return 1
  say "$target: the end of its time was taken for a failure; its inputs once more"
  go test -count=1 -run "^$target\$" -fuzz "^$target\$" -fuzztime 1000x "$dir"
}

targets=0 inputs=0
for dir in "${folders[@]}"; do
  for target in $(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$dir"/*_test.go 2>/dev/null); do
    say "$target in ${dir#"$PWD"/} for $fuzztime"
    fuzz "$target" "$dir"
    targets=$((targets + 1))
    inputs=$((inputs + $(sed -nE 's/^fuzz: .* execs: ([0-9]+) .*/\1/p' "$log" | tail -n 1)))
  done
done

properties=() models=()
for dir in "${folders[@]}"; do
  if grep -qsE '^[[:space:]]*"pgregory.net/rapid"' "$dir"/*_test.go; then
    properties+=("$dir")
  elif grep -qsE 'CLICKLEDGER_(SEEDS|MARKETS)"' "$dir"/*_test.go; then
    models+=("$dir")
  fi
done

# play runs tests and adds up the events that they say they played ("events: 123" in a test's log).
events=0
play() {
  local status=0
  "$here/with-postgres.sh" go test -count=1 -v -run '^Test' -p "${JOBS:-2}" -timeout 120m "$@" >"$log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || { grep -vE '^ *(=== |--- (PASS|SKIP))' "$log"; return "$status"; }
  awk '/^=== RUN/ {test = $3} /^--- PASS/ {test = $3} / events: [0-9]+$/ {printf "%12d events in %s\n", $NF, test} /^ok / {print}' "$log"
  events=$((events + $(awk '/ events: [0-9]+$/ {n += $NF} END {print n + 0}' "$log")))
}
if [ ${#properties[@]} -gt 0 ]; then
  say "properties of ${#properties[@]} packages, $checks cases each"
  play "${properties[@]}" -rapid.checks="$checks"
fi
if [ ${#models[@]} -gt 0 ]; then
  say "models of ${#models[@]} packages, $CLICKLEDGER_SEEDS worlds, $CLICKLEDGER_MARKETS marketplaces"
  play "${models[@]}"
fi
[ $((targets + ${#properties[@]} + ${#models[@]})) -gt 0 ] || die "fuzz.sh: no fuzz target and no property test in ${*:-./...}"
say "$targets fuzz targets tried $inputs inputs; the properties and models of $((${#properties[@]} + ${#models[@]})) packages played $events events: no failure"
