#!/usr/bin/env bash
# bench.sh [NAME...]: builds and runs the benchmarks of tests/bench, each a program {name}_bench that prints a table. Those that
# need the local Sovereign find its addresses in the environment.
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"

names=("$@")
if [ "${#names[@]}" = 0 ]; then
    for file in "$CATALYST_ROOT"/tests/bench/*_bench.c; do
        if [ -e "$file" ]; then names+=("$(basename "$file" _bench.c)"); fi
    done
fi
[ "${#names[@]}" -gt 0 ] || fail "tests/bench has no program yet"
bash "$CATALYST_ROOT/tools/dev/programs.sh"
configure release
with_progress "building the benchmarks" 20 cmake --build "$CATALYST_ROOT/build/release" -j "$(nproc)" --target "${names[@]/%/_bench}"
set -a
# shellcheck disable=SC1091
[ ! -f "$data/env" ] || . "$data/env"
set +a
for name in "${names[@]}"; do
    step "$name"
    "$CATALYST_ROOT/build/release/bin/${name}_bench"
done
