#!/bin/sh
# Takes a picture of every page of the desk into docs/screens, in an installation of its own whose data follow from a fixed number.
set -eu
cd "$(dirname "$0")/.."
cargo build --locked --quiet
home=$PWD/target/tmp/screens-home
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
export SENTINAI_HOME="$home" SENTINAI_LISTEN="127.0.0.1:$port"
unset DATABASE_URL SENTINAI_APP_DATABASE_URL || true
stop() { target/debug/sentinai demo --stop >/dev/null 2>&1 || true; }
trap stop EXIT INT TERM
stop
rm -rf "$home"
DEMO_DETACH=1 target/debug/sentinai demo --no-seed >/dev/null
target/debug/sentinai seed --api-url "http://localhost:$port" --tenant-id TENANT_FINANCE_001 --count 80 --seed 20261123 ${AS_OF:+--as-of "$AS_OF"}
(cd ui && SENTINAI_URL="http://localhost:$port" SENTINAI_CREDENTIALS="$home/credentials.json" npx --no-install playwright test -c playwright.screens.config.ts)
