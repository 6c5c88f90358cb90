#!/usr/bin/env bash
# bench.sh [NAME...]: builds and runs the benchmarks of tests/bench, each a program {name}_bench that prints a table. Those that
# need the local Sovereign find its addresses in the environment. What they print stands at the end of docs/benchmarks.md afterwards, a block
# a program, with when and on what; what it means is said above by people.
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"

all=()
for file in "$CATALYST_ROOT"/tests/bench/*_bench.c; do all+=("$(basename "$file" _bench.c)"); done
names=("$@")
[ "${#names[@]}" -gt 0 ] || names=("${all[@]}")
for name in "${names[@]}"; do
    [[ " ${all[*]} " == *" $name "* ]] || unknown benchmark "$name" "${all[@]}"
done
# Two at once would measure each other.
lock_build bench "./dev bench"
bash "$CATALYST_ROOT/tools/dev/programs.sh"
lock_build release "./dev bench"
configure release
build_preset release "building the benchmarks" "${names[@]/%/_bench}"
lock_release "$(build_lock release)"
set -a
# shellcheck disable=SC1091
[ ! -f "$data/env" ] || . "$data/env"
set +a

document=$CATALYST_ROOT/docs/benchmarks.md
machine() {
    printf '%s, %s cores (%s), %s GB, Linux %s, load %s at the start, commit %s' "$(date -u '+%Y-%m-%d %H:%M UTC')" "$(nproc)" \
        "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)" "$(awk '/^MemTotal/ {print int($2 / 1048576)}' /proc/meminfo)" \
        "$(uname -r | cut -d- -f1)" "$(cut -d' ' -f1 /proc/loadavg)" "$(git -C "$CATALYST_ROOT" rev-parse --short HEAD 2>/dev/null || echo unknown)"
}
# record NAME WHERE OUTPUT: puts the block where the last one of this name stood, or at the end.
record() {
    local block=$work/block
    printf '<!-- %s -->\n### `./dev bench %s`\n\n%s\n\n```\n%s\n```\n<!-- end of %s -->\n' "$1" "$1" "$2" "$(cat "$3")" "$1" >"$block"
    if ! grep -qFx "<!-- $1 -->" "$document"; then { echo; cat "$block"; } >>"$document"; return; fi
    awk -v first="<!-- $1 -->" -v last="<!-- end of $1 -->" -v block="$block" '
        $0 == first { while ((getline line < block) > 0) print line; skipped = 1 }
        !skipped { print }
        $0 == last { skipped = 0 }' "$document" >"$work/document"
    cat "$work/document" >"$document"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in "${names[@]}"; do
    step "$name"
    where=$(machine)
    "$CATALYST_ROOT/build/release/bin/${name}_bench" | tee "$work/output"
    record "$name" "$where" "$work/output"
done
step "written to docs/benchmarks.md"
