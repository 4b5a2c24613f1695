#!/usr/bin/env bash
# Makes a release in dist/VERSION: a static binary for each platform, of which parts each is made (CycloneDX), their licences, SHA256SUMS, and a
# signature over it. The same sources with the same Go give the same bytes, on any machine and in any folder; --twice proves it: it builds again, from a
# copy elsewhere and with an empty cache, and compares.
#
#   scripts/release.sh VERSION [--twice] [--sign KEYFILE]
#
# KEYFILE is an ed25519 key of ssh-keygen: the private one, or the public one of a key that an agent or a token holds. docs/releases.md says how
# others check what comes out.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
root=$(cd "$here/.." && pwd)
cd "$root"

version=${1:-}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || die "release.sh: name a version such as 1.2.3 or 1.2.3-rc.1: make release VERSION=1.2.3"
shift
twice='' key=''
while [ $# -gt 0 ]; do
  case $1 in
    --twice) twice=1 ;;
    --sign) key=${2:?release.sh: --sign KEYFILE}; shift ;;
    *) die "release.sh: unknown option $1" ;;
  esac
  shift
done
[ -z "$key" ] || [ -f "$key" ] || die "release.sh: the key $key is not there"

# Tests narrow these.
package=${RELEASE_PACKAGE:-./cmd/clickledger}
platforms=${RELEASE_PLATFORMS:-linux/amd64 linux/arm64}
out=${RELEASE_DIR:-$root/dist/$version}
paths=${RELEASE_PATHS--trimpath}

[ -n "${RELEASE_DIRTY:-}" ] || [ -z "$(git status --porcelain 2>/dev/null)" ] || die "release.sh: commit or take away what is changed first: a release is made of what others can fetch"

# build FOLDER OUT builds all platforms from the sources in a folder. What of the environment could change a byte is set.
build() {
  local platform os arch
  for platform in $platforms; do
    os=${platform%/*} arch=${platform#*/}
    (cd "$1" && env CGO_ENABLED=0 GOOS="$os" GOARCH="$arch" GOAMD64=v1 GOARM64=v8.0 GOEXPERIMENT= GODEBUG= GOFLAGS= GOWORK=off \
      go build -mod=readonly -buildvcs=false $paths -ldflags "-s -w -buildid= -X main.version=$version" -o "$2/clickledger-$version-$os-$arch" "$package")
  done
}

rm -rf "$out"
mkdir -p "$out"
say "building $version for $platforms with $(go env GOVERSION)"
build "$root" "$out"

if [ -n "$twice" ]; then
  again=$(mktemp -d)
  trap 'chmod -R u+w "$again" && rm -rf "$again"' EXIT
  say "building it again, elsewhere and from nothing"
  mkdir -p "$again/another/folder" "$again/out"
  "$here/files.sh" | (cd "$root" && tar --null -T - -cf -) | tar -xf - -C "$again/another/folder"
  GOCACHE=$again/cache build "$again/another/folder" "$again/out"
  for binary in "$out"/*; do
    cmp -s "$binary" "$again/out/$(basename "$binary")" || die "release.sh: $(basename "$binary") differs when it is built again: something of this machine is in it"
  done
  say "the same bytes"
fi

(cd tools && env GOOS= GOARCH= GOFLAGS= GOWORK=off CGO_ENABLED=0 go build -buildvcs=false -o "$root/.cache/bin/sbom" ./sbom)
for binary in "$out"/clickledger-*; do
  "$root/.cache/bin/sbom" -binary "$binary" -name clickledger -version "$version" -sbom "$binary.cdx.json" -licences "$binary.licences.txt"
done

(cd "$out" && sha256sum clickledger-* >SHA256SUMS)
if [ -n "$key" ]; then
  (cd "$out" && ssh-keygen -q -Y sign -f "$key" -n clickledger-release SHA256SUMS) || die "release.sh: SHA256SUMS could not be signed"
  say "signed"
else
  say "not signed: name the key with --sign KEYFILE (make release KEY=KEYFILE) before you hand it on"
fi
say "made $out"
