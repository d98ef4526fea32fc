#!/bin/sh
# The files that are made from the code: `check` compares them, `write` renews them.
#   .sqlx                     by the compiler, against a database with all migrations
#   openapi.json, domainpacks/pack.schema.json, docs/cli.md, docs/schema.md   by a Rust test (test-rust checks them)
#   ui/src/api/schema.d.ts    from openapi.json
set -eu
cd "$(dirname "$0")/.."
mode=${1:?check or write}

made=$PWD/target/tmp/generated
rm -rf "$made"
mkdir -p "$made/sqlx"

# A program of an earlier build does: it only has to start the database. A new statement would not compile yet.
[ "$mode" = write ] && [ -x target/debug/sentinai ] || cargo build --locked --quiet
export SENTINAI_HOME="$PWD/target/tmp/generated-home"
unset DATABASE_URL SENTINAI_APP_DATABASE_URL || true
db() { target/debug/sentinai db "$@"; }
db stop >/dev/null
rm -rf "$SENTINAI_HOME"
trap 'db stop >/dev/null' EXIT
db start
db psql -- -q -v ON_ERROR_STOP=1 -c 'create role sentinai_reader' -c 'create role sentinai_app' -c 'create role sentinai_worker'
for migration in crates/store/migrations/*.sql; do
    db psql -- -q -v ON_ERROR_STOP=1 -f "$migration"
done
touch crates/store/src/lib.rs
SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$made/sqlx" DATABASE_URL="$(db url)" cargo check --locked --quiet --workspace

if [ "$mode" = write ]; then
    rm -rf .sqlx
    cp -R "$made/sqlx" .sqlx
    UPDATE_GENERATED=1 env -u SENTINAI_HOME cargo test --locked --quiet --workspace --test it generated
    (cd ui && npm run --silent generate)
    exit 0
fi
diff -r .sqlx "$made/sqlx" || { echo ".sqlx is out of date: run \`make generate\`" >&2; exit 1; }
(cd ui && npx --no-install openapi-typescript ../openapi.json --output "$made/schema.d.ts" >/dev/null)
diff ui/src/api/schema.d.ts "$made/schema.d.ts" >/dev/null || { echo "ui/src/api/schema.d.ts is out of date: run \`make generate\`" >&2; exit 1; }
echo "Generated files are current."
