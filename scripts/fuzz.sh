#!/bin/sh
# Every fuzz target with libFuzzer, for so many seconds each. The stable toolchain does: coverage comes from a pass of the
# compiler, libFuzzer from the package registry, and neither needs clang. What it finds lies in target/fuzz/found.
#
#   scripts/fuzz.sh [SECONDS] [TARGET…]
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-30}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- envelope lines cloud_event rule
host=$(rustc -vV | sed -n 's/^host: //p')
# As cargo-fuzz sets them. With --target they apply to the program only, not to build scripts.
flags='--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters'
flags="$flags -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
RUSTFLAGS=$flags cargo build --locked --release --manifest-path fuzz/Cargo.toml --target "$host" --target-dir target/fuzz
for target in "$@"; do
    echo "$target:"
    mkdir -p "target/fuzz/corpus/$target" target/fuzz/found
    log=target/fuzz/$target.log
    "target/fuzz/$host/release/$target" -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="target/fuzz/found/$target-" "target/fuzz/corpus/$target" "fuzz/corpus/$target" >"$log" 2>&1 ||
        { tail -40 "$log"; exit 1; }
    grep -E 'DONE|number_of_executed_units' "$log" || tail -3 "$log"
done
