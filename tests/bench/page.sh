#!/usr/bin/env bash
# JavaScript of the first view: what index.html asks for, gzipped, in kB of 1000 bytes.
set -euo pipefail
cd "$(dirname "$0")/../.."
json=""
[ "${1:-}" = --json ] && json=$2
./dev build dev >/dev/null
page=build/dev/web/page
bytes=0
while read -r script; do
  bytes=$((bytes + $(gzip -9nc "$page$script" | wc -c)))
done < <(grep -oE '(src|href)="/assets/[^"]+\.js"' "$page/index.html" | sed -E 's/^[a-z]+="([^"]+)"$/\1/' | sort -u)
[ "$bytes" -gt 0 ] || { echo "page: index.html asks for no JavaScript" >&2; exit 2; }
kb=$(awk "BEGIN {printf \"%.1f\", $bytes / 1000}")
printf 'page: JavaScript of the first view, gzip: %s kB (at most 60)\n' "$kb"
[ -z "$json" ] || printf '{"bench": "page", "figures": {"first view JavaScript gzip": {"value": %s, "unit": "kB", "at_most": 60}}}\n' "$kb" >"$json"
[ "$bytes" -le 60000 ]
