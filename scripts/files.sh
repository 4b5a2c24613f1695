#!/usr/bin/env bash
# Prints the project's files that match the patterns, each followed by a NUL: those that git tracks and the new ones that it
# does not ignore. Files that are deleted but not yet committed are left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
git -c safe.directory='*' ls-files -z --cached --others --exclude-standard --deduplicate -- "$@" |
  while IFS= read -r -d '' file; do
    [ ! -f "$file" ] || printf '%s\0' "$file"
  done
