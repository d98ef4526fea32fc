#!/bin/sh
# The files that are made from the code: `check` compares them, `write` renews them.
#   openapi.json, domainpacks/pack.schema.json, docs/cli.md, docs/schema.md   by a Rust test (part of `check` in test-rust)
#   .sqlx                                                                     by the compiler, against a migrated database
#   ui/src/api/schema.d.ts                                                    from openapi.json
set -eu
cd "$(dirname "$0")/.."
mode=${1:?check or write}

made=$PWD/target/tmp/generated
rm -rf "$made"
mkdir -p "$made/sqlx"

if [ "$mode" = write ]; then
    UPDATE_GENERATED=1 cargo test --locked --quiet -p server --test it generated
fi

cargo build --locked --quiet
export SENTINAI_HOME="$PWD/target/tmp/generated-home"
unset DATABASE_URL SENTINAI_APP_DATABASE_URL || true
target/debug/sentinai db stop >/dev/null
rm -rf "$SENTINAI_HOME"
trap 'env -u DATABASE_URL target/debug/sentinai db stop >/dev/null' EXIT
target/debug/sentinai db start
target/debug/sentinai migrate
touch crates/store/src/lib.rs
SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$made/sqlx" DATABASE_URL="$(target/debug/sentinai db url)" cargo check --locked --quiet -p store

(cd ui && npx --no-install openapi-typescript ../openapi.json --output "$made/schema.d.ts" >/dev/null)

if [ "$mode" = write ]; then
    rm -rf .sqlx
    cp -R "$made/sqlx" .sqlx
    cp "$made/schema.d.ts" ui/src/api/schema.d.ts
    exit 0
fi
diff -r .sqlx "$made/sqlx" || { echo ".sqlx is out of date: run \`make generate\`" >&2; exit 1; }
diff ui/src/api/schema.d.ts "$made/schema.d.ts" >/dev/null || { echo "ui/src/api/schema.d.ts is out of date: run \`make generate\`" >&2; exit 1; }
echo "Generated files are current."
