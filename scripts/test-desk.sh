#!/bin/sh
# The desk in a real browser, against a real server with seeded data, in a new installation of its own.
set -eu
cd "$(dirname "$0")/.."
cargo build --locked --quiet
home=$PWD/target/tmp/desk-home
# A port that is free now: several checkouts may test at the same time.
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
export SENTINAI_HOME="$home" SENTINAI_LISTEN="127.0.0.1:$port"
unset DATABASE_URL SENTINAI_APP_DATABASE_URL || true
stop() { target/debug/sentinai demo --stop >/dev/null 2>&1 || true; }
trap stop EXIT INT TERM
stop
rm -rf "$home"
DEMO_DETACH=1 target/debug/sentinai demo
(cd ui && SENTINAI_URL="http://localhost:$port" SENTINAI_CREDENTIALS="$home/credentials.json" npm run e2e -- $*)
