# Shared by the scripts beside it; sourced, never run.
# shellcheck shell=bash

# pg_oldest is the oldest PostgreSQL that the project supports.
pg_oldest=15

say() { printf '== %s\n' "$*" >&2; }

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# find_postgres prints the folder with initdb, pg_ctl and postgres: the one that CLICKLEDGER_PG_BIN names, else Debian's
# version 15 (what CI runs), else the newest of Debian's, else what PATH has.
find_postgres() {
  local dir major found
  local -a folders
  if [ -n "${CLICKLEDGER_PG_BIN:-}" ]; then
    folders=("$CLICKLEDGER_PG_BIN")
  else
    mapfile -t folders < <(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5,5nr)
    folders=(/usr/lib/postgresql/15/bin "${folders[@]}")
    found=$(command -v initdb || true)
    [ -z "$found" ] || folders+=("$(dirname "$found")")
  fi
  for dir in "${folders[@]}"; do
    [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && [ -x "$dir/postgres" ] || continue
    major=$("$dir/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    [ "$major" -ge "$pg_oldest" ] || continue
    printf '%s\n' "$dir"
    return 0
  done
  return 1
}

# find_chromium prints the path of the browser that the page tests drive.
find_chromium() {
  local name
  for name in ${CLICKLEDGER_CHROMIUM:+"$CLICKLEDGER_CHROMIUM"} chromium chromium-browser google-chrome; do
    command -v "$name" 2>/dev/null && return 0
  done
  return 1
}

# find_clickhouse prints the path of the server that the analytics tests run against.
find_clickhouse() {
  local name
  for name in ${CLICKLEDGER_CLICKHOUSE:+"$CLICKLEDGER_CLICKHOUSE"} clickhouse-server /usr/sbin/clickhouse-server clickhouse; do
    command -v "$name" 2>/dev/null && return 0
  done
  return 1
}
