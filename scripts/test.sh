#!/usr/bin/env bash
# Runs the tests with everything they need beside them:
#
#   scripts/test.sh [GO TEST FLAGS] [PACKAGES]
#
# CLICKLEDGER_TEST_POSTGRES and CLICKLEDGER_TEST_CHROMIUM tell the tests where the database and the browser are; pictures of
# pages are kept in .cache/pages. The last line counts packages and says how it ended.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

CLICKLEDGER_TEST_CHROMIUM=$(find_chromium) || die "test.sh: no Chromium; run scripts/setup.sh chromium"
export CLICKLEDGER_TEST_CHROMIUM
# Pictures of the pages that the browser tests went through, to be looked at.
CLICKLEDGER_TEST_PAGES=$PWD/.cache/pages
export CLICKLEDGER_TEST_PAGES

mkdir -p .cache
log=.cache/test.log
start=$SECONDS
status=0
"$here/with-postgres.sh" "$here/with-clickhouse.sh" go test -p "${JOBS:-2}" -timeout 15m "$@" 2>&1 | tee "$log" || status=$?

passed=$(grep -c '^ok ' "$log" || true)
failed=$(grep -cE '^FAIL[[:space:]]+[^[:space:]]' "$log" || true)
if [ "$status" -eq 0 ] && [ "$passed" -eq 0 ]; then
  status=1
  echo "no package was tested"
fi
if [ "$status" -ne 0 ]; then
  grep -E '^(--- FAIL|FAIL[[:space:]]+[^[:space:]]|panic:)' "$log" || true
fi
printf 'tests: %d packages passed, %d failed, %d s: %s\n' "$passed" "$failed" $((SECONDS - start)) \
  "$([ "$status" -eq 0 ] && echo PASS || echo FAIL)"
exit "$status"
