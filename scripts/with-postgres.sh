#!/usr/bin/env bash
# Runs a command with a throw-away PostgreSQL cluster beside it:
#
#   scripts/with-postgres.sh [--durable] COMMAND [ARG...]
#
# The cluster listens on a Unix socket in a temporary folder and nowhere else. The command finds its address in
# CLICKLEDGER_TEST_POSTGRES (a postgres:// address) and in PGHOST, PGPORT, PGUSER and PGDATABASE, so plain `psql` works.
# The exit status is the command's.
#
#   --durable     fsync on, as in production: for benchmarks. Tests run without it; a cluster that is thrown away has no
#                 power cut to survive.
#
# Text is ordered by language rules (ICU, en-US), as on many an operator's machine, and unlike SQLite: a query that
# forgets to say COLLATE "C" where bytes should decide fails here and not at the operator's. For the same reason the server
# lives in a time zone 14 hours ahead of UTC.
# CLICKLEDGER_PG_BIN names PostgreSQL's folder, where the search should not decide.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

durable=off
if [ "${1:-}" = --durable ]; then
  durable=on
  shift
fi
[ $# -gt 0 ] || die "usage: scripts/with-postgres.sh [--durable] COMMAND [ARG...]"

bin=$(find_postgres) || {
  "$here/setup.sh" postgres
  bin=$(find_postgres)
}

# PostgreSQL refuses to run as root: the package's own user takes over, or nobody where PostgreSQL was built by hand.
as_owner=()
owner=$(id -un)
if [ "$(id -u)" -eq 0 ]; then
  owner=postgres
  id "$owner" >/dev/null 2>&1 || owner=nobody
  command -v runuser >/dev/null || die "with-postgres.sh: PostgreSQL does not run as root, and runuser (package util-linux) is missing"
  as_owner=(runuser -u "$owner" --)
fi

# A socket's path may have 107 bytes at most: a deep TMPDIR is passed over.
base=${TMPDIR:-/tmp}
[ ${#base} -le 70 ] || base=/tmp
dir=$(mktemp -d "$base/clickledger-pg.XXXXXX")
[ "$(id -u)" -ne 0 ] || chown "$owner" "$dir"

# The keeper stops the cluster and removes the folder once the write end of this pipe is closed: by us at the end, or by the
# kernel, whatever ends us, kill -9 included. It has a session of its own, so a signal to our group does not reach it.
mkfifo "$dir/alive"
[ "$(id -u)" -ne 0 ] || chown "$owner" "$dir/alive"
setsid "${as_owner[@]}" bash -c '
  cd /
  read -r _ <"$1/alive" || true
  if [ -s "$1/data/postmaster.pid" ]; then "$2/pg_ctl" -D "$1/data" -m immediate -w -s stop; fi
  rm -rf "$1" 2>/dev/null || rm -rf "$1"/* 2>/dev/null || true
' keeper "$dir" "$bin" </dev/null >/dev/null 2>&1 &
keeper=$!
exec 9>"$dir/alive"

# end_tree ends a process and all that it started: `go test` would leave its test programs running.
end_tree() {
  local pid
  for pid in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
    end_tree "$pid"
  done
  kill -TERM "$1" 2>/dev/null || true
}

child=
finish() {
  status=$?
  trap - EXIT INT TERM HUP
  if [ -n "$child" ]; then
    end_tree "$child"
    wait "$child" 2>/dev/null || true
  fi
  exec 9>&-
  wait "$keeper" 2>/dev/null || true
  rm -rf "$dir"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

in_cluster() { (cd "$dir" && "${as_owner[@]}" "$@" 9>&-); }

started() {
  in_cluster "$bin/initdb" -D "$dir/data" -U clickledger -A trust -E UTF8 --locale=C.UTF-8 \
    --locale-provider=icu --icu-locale=en-US --no-sync >"$dir/log" 2>&1 || return 1
  in_cluster "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 -s \
    -o "-c listen_addresses= -c unix_socket_directories='$dir' -c fsync=$durable -c full_page_writes=$durable \
        -c max_connections=200 -c shared_buffers=128MB -c timezone=Pacific/Kiritimati -c log_min_messages=warning" start >>"$dir/log" 2>&1
}
if ! started; then
  cat "$dir/log" "$dir/server.log" >&2 2>/dev/null || true
  die "with-postgres.sh: PostgreSQL from $bin did not start; its messages stand above"
fi

export PGHOST=$dir PGPORT=5432 PGUSER=clickledger PGDATABASE=postgres
unset PGPASSWORD PGSERVICE PGOPTIONS
export CLICKLEDGER_TEST_POSTGRES="postgres://clickledger@/postgres?host=$dir&port=5432&sslmode=disable"

# In the background, so that a signal to us is handled at once and not after the command's end.
"$@" 9>&- <&0 &
child=$!
set +e
wait "$child"
status=$?
child=
exit "$status"
