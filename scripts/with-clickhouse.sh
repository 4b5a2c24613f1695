#!/usr/bin/env bash
# Runs a command with a throw-away ClickHouse server beside it:
#
#   scripts/with-clickhouse.sh COMMAND [ARG...]
#
# The server listens on one loopback port and keeps its data in a temporary folder. The command finds its address in
# CLICKLEDGER_TEST_CLICKHOUSE (a clickhouse:// address of the native protocol). The exit status is the command's.
# CLICKLEDGER_CLICKHOUSE names the program, where the search should not decide: clickhouse-server, or clickhouse of newer versions.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

[ $# -gt 0 ] || die "usage: scripts/with-clickhouse.sh COMMAND [ARG...]"

server=$(find_clickhouse) || {
  "$here/setup.sh" clickhouse
  server=$(find_clickhouse)
}
run=("$server")
[ "$(basename "$server")" = clickhouse-server ] || run+=(server)

dir=$(mktemp -d "${TMPDIR:-/tmp}/clickledger-ch.XXXXXX")

# The keeper stops the server and removes the folder once the write end of this pipe is closed, whatever ends us.
mkfifo "$dir/alive"
setsid bash -c '
  cd /
  read -r _ <"$1/alive" || true
  if [ -s "$1/pid" ]; then kill -KILL "$(cat "$1/pid")" 2>/dev/null || true; fi
  for _ in 1 2 3; do rm -rf "$1" 2>/dev/null && break; sleep 1; done
' keeper "$dir" </dev/null >/dev/null 2>&1 &
exec 9>"$dir/alive"

child=
finish() {
  status=$?
  trap - EXIT INT TERM HUP
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true
  exec 9>&-
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# answers says whether somebody takes connections on a port.
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start() {
  local port=$1
  cat >"$dir/config.xml" <<XML
<?xml version="1.0"?>
<yandex>
  <logger><level>warning</level><log>$dir/server.log</log><errorlog>$dir/error.log</errorlog></logger>
  <tcp_port>$port</tcp_port>
  <listen_host>127.0.0.1</listen_host>
  <path>$dir/data/</path>
  <tmp_path>$dir/tmp/</tmp_path>
  <user_files_path>$dir/files/</user_files_path>
  <format_schema_path>$dir/schemas/</format_schema_path>
  <users_config>users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>67108864</mark_cache_size>
  <timezone>Pacific/Kiritimati</timezone>
  <max_concurrent_queries>50</max_concurrent_queries>
</yandex>
XML
  cat >"$dir/users.xml" <<XML
<?xml version="1.0"?>
<yandex>
  <profiles><default><max_memory_usage>2000000000</max_memory_usage></default></profiles>
  <users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
  <quotas><default></default></quotas>
</yandex>
XML
  mkdir -p "$dir/data" "$dir/tmp" "$dir/files" "$dir/schemas"
  (cd "$dir" && exec "${run[@]}" --config-file="$dir/config.xml" >"$dir/out.log" 2>&1 9>&-) &
  server_pid=$!
  echo "$server_pid" >"$dir/pid"
  for _ in $(seq 300); do
    kill -0 "$server_pid" 2>/dev/null || return 1
    answers "$port" && return 0
    sleep 0.1
  done
  return 1
}

started=
for _ in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 20000))
  ! answers "$port" || continue
  if start "$port"; then
    started=yes
    break
  fi
done
if [ -z "$started" ]; then
  cat "$dir/out.log" "$dir/error.log" >&2 2>/dev/null || true
  die "with-clickhouse.sh: $server did not start; its messages stand above"
fi

export CLICKLEDGER_TEST_CLICKHOUSE="clickhouse://127.0.0.1:$port/default"
"$@" 9>&- <&0 &
child=$!
set +e
wait "$child"
status=$?
child=
exit "$status"
