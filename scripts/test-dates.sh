#!/bin/sh
# All Rust tests as if it were another day: New Year, a change to summer time, a leap day, a Sunday. By hand; a run takes some minutes a day.
# Arguments go to nextest: `scripts/test-dates.sh -E 'test(clock)'`.
set -eu
cd "$(dirname "$0")/.."
command -v faketime >/dev/null || { echo "faketime is missing: apt-get install faketime" >&2; exit 1; }
host=$(rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
# Durations, timeouts and the times of files stay real.
export TZ=UTC FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1
for moment in '2026-12-31 23:50:00' '2027-03-28 00:55:00' '2028-02-29 12:00:00' '2026-11-29 09:00:00'; do
    echo "As on $moment UTC"
    ahead=$(($(date -d "$moment" +%s) - $(date +%s)))
    # The tests alone: the compiler does not run under faketime.
    env "CARGO_TARGET_${host}_RUNNER=faketime -f +${ahead}s" cargo nextest run --workspace --locked "$@"
done
