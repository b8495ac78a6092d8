#!/usr/bin/env bash
# `make demo`: the commands a person would type, one after the other, on a virtual bench of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
mkdir -p out
rm -f out/results.sqlite  # of the last demo: its reader was another one
folder=$(mktemp -d)
export CTC_BENCH_DIR="$folder" CTC_RESULTS="$PWD/out/results.sqlite" CTC_READER=demo

show() { printf '\n\033[1m$ %s\033[0m\n' "$*" && "$@"; }
finish() { host bench down --name demo >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap finish EXIT

show host bench up --name demo --detach --idle-timeout 300
show host flash
show host bench specimen --simulate 7 --ctc 20 --her2 0.4 --fields 2 --name demo
show host run --sample DEMO-1 --kind simulated --fields 2
show host screen -o out/screen.png
show host results list
printf '\nThe reader'\''s display is in out/screen.png, the result with every cell in out/results.sqlite (host results show).\n'
