#!/bin/sh
# The desk in a real browser, against a real server with seeded data, in an installation of its own.
set -eu
cd "$(dirname "$0")/.."
cargo build --locked --quiet
home=$PWD/target/tmp/desk-home
port=${DESK_TEST_PORT:-18473}
export SENTINAI_HOME="$home" SENTINAI_LISTEN="127.0.0.1:$port"
unset DATABASE_URL SENTINAI_APP_DATABASE_URL || true
stop() { target/debug/sentinai demo --stop >/dev/null 2>&1 || true; }
trap stop EXIT INT TERM
stop
DEMO_DETACH=1 target/debug/sentinai demo
cd ui
SENTINAI_URL="http://localhost:$port" SENTINAI_CREDENTIALS="$home/credentials.json" npm run e2e
