#!/usr/bin/env bash
# Mutation tests: changes the code in small ways and runs the package's tests; a change that no test notices is a hole.
#
#   scripts/mutate.sh [PACKAGE...]        (default: the packages that decide and book money)
#
# Works on a copy of the tree. At least THRESHOLD per cent (80) of the mutants that a test reaches must die. Conditions in
# `case` lines are listed as NOT COVERED although tests reach them: Go's coverage begins behind the colon. So the share
# that is reached is printed, and no limit is set on it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

[ $# -gt 0 ] || set -- ./money ./attribution ./commission ./ledger ./payout ./settlement ./report
threshold=${THRESHOLD:-80}
gremlins=$PWD/.cache/bin/gremlins
mkdir -p .cache/mutate
results=$(cd .cache/mutate && pwd)

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
"$here/files.sh" | xargs -0 -r cp --parents -t "$copy"
cd "$copy"

# The models of settlement play as many worlds as this: enough to notice, few enough for hundreds of mutants.
export CLICKLEDGER_SEEDS=${CLICKLEDGER_SEEDS:-200}

weak=()
for package in "$@"; do
  name=$(printf '%s' "${package#./}" | tr / -)
  say "mutants of $package"
  "$gremlins" unleash "$package" --workers "${JOBS:-2}" --timeout-coefficient "${TIMEOUT_COEFFICIENT:-10}" \
    --threshold-efficacy "$threshold" --output "$results/$name.json" | tee "$results/$name.log" ||
    weak+=("$package")
done
[ ${#weak[@]} -eq 0 ] || die "mutate.sh: fewer than $threshold % of the mutants died in: ${weak[*]}
  The survivors are the lines marked LIVED and NOT COVERED in .cache/mutate/."
