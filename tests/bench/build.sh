#!/usr/bin/env bash
# A clean build of everything, without the compiler's cache, in a folder of its own.
set -euo pipefail
cd "$(dirname "$0")/../.."
json=""
[ "${1:-}" = --json ] && json=$2
folder=build/bench-build
rm -rf "$folder"
trap 'rm -rf "$folder"' EXIT
begin=$(date +%s)
cmake --preset dev -B "$folder" >/dev/null
CCACHE_DISABLE=1 cmake --build "$folder" -j "$(nproc)" >/dev/null
seconds=$(($(date +%s) - begin))
printf 'build: clean, %s cores: %s s (at most 360)\n' "$(nproc)" "$seconds"
[ -z "$json" ] || printf '{"bench": "build", "figures": {"clean build": {"value": %s, "unit": "s", "at_most": 360}}}\n' "$seconds" >"$json"
[ "$seconds" -le 360 ]
