#!/bin/sh
# All Rust tests, on a real PostgreSQL that they start themselves. With nextest where it is installed.
set -eu
cd "$(dirname "$0")/.."
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --locked
    cargo test --workspace --doc --locked --quiet
else
    cargo test --workspace --locked
fi
RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked --quiet --document-private-items
