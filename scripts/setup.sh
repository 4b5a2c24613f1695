#!/usr/bin/env bash
# Installs what the tests need from Debian's own packages, where it is missing:
#
#   scripts/setup.sh [postgres] [chromium] [clickhouse] [edge]        (default: all but edge)
#
# edge is nginx and wrk, which the redirect is measured against and with.
#
# Does nothing, and needs no rights, when everything is there. Otherwise it needs root or sudo.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

[ $# -gt 0 ] || set -- postgres chromium clickhouse

missing=()
for part in "$@"; do
  case $part in
    postgres) find_postgres >/dev/null || missing+=(postgres) ;;
    chromium) find_chromium >/dev/null || missing+=(chromium) ;;
    clickhouse) find_clickhouse >/dev/null || missing+=(clickhouse) ;;
    edge) { command -v nginx && command -v wrk; } >/dev/null || missing+=(edge) ;;
    *) die "setup.sh: unknown part \"$part\"; it knows: postgres chromium clickhouse edge" ;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || die "setup.sh: ${missing[*]} missing, and this is not a Debian system (no apt-get).
  Install by hand: PostgreSQL $pg_oldest or later (initdb, pg_ctl, postgres), Chromium, ClickHouse.
  CLICKLEDGER_PG_BIN may name the folder of PostgreSQL's programs, CLICKLEDGER_CHROMIUM the browser, CLICKLEDGER_CLICKHOUSE the server program."

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || die "setup.sh: ${missing[*]} missing, and installing needs root; sudo is not here.
  Run as root:  $here/setup.sh ${missing[*]}"
  sudo -n true 2>/dev/null || [ -t 0 ] || die "setup.sh: ${missing[*]} missing, and sudo asks for a password that nobody can type here.
  Run as root:  $here/setup.sh ${missing[*]}"
  as_root=(sudo)
fi
as_root+=(env DEBIAN_FRONTEND=noninteractive)

apt() {
  "${as_root[@]}" apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
}

# Two checkouts on one machine must not install at the same time: apt does not wait for its list lock by itself.
lock="${TMPDIR:-/tmp}/clickledger-setup-$(id -u).lock"
exec 8>"$lock"
if command -v flock >/dev/null; then
  flock 8
fi

say "installing ${missing[*]} (Debian packages)"
for attempt in 1 2 3; do
  apt update && break
  [ "$attempt" -lt 3 ] || die "setup.sh: apt-get update failed three times; see its messages above"
  say "apt-get update failed, trying again"
done

for part in "${missing[@]}"; do
  case $part in
    postgres)
      # The server package would make and start a cluster of its own on port 5432. Tests bring their own: switch that off.
      if ! dpkg -s postgresql-common >/dev/null 2>&1; then
        apt install --no-install-recommends postgresql-common
        "${as_root[@]}" sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
      fi
      package=postgresql-15
      [[ $(apt-cache policy "$package" 2>/dev/null) == *"Candidate: "[0-9]* ]] || package=postgresql
      apt install --no-install-recommends "$package"
      find_postgres >/dev/null || die "setup.sh: $package is installed, but no PostgreSQL $pg_oldest or later was found"
      ;;
    chromium)
      apt install --no-install-recommends chromium
      find_chromium >/dev/null || die "setup.sh: chromium is installed, but was not found"
      ;;
    clickhouse)
      # The package starts nothing by itself where there is no init system; where there is one, tests bring their own server all the same.
      apt install --no-install-recommends clickhouse-server
      find_clickhouse >/dev/null || die "setup.sh: clickhouse-server is installed, but was not found"
      ;;
    edge)
      apt install --no-install-recommends nginx-light wrk
      # The package starts a server of its own on port 80; measurements bring theirs.
      "${as_root[@]}" service nginx stop >/dev/null 2>&1 || true
      "${as_root[@]}" update-rc.d nginx disable >/dev/null 2>&1 || true
      ;;
  esac
done
