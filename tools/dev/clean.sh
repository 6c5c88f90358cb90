#!/usr/bin/env bash
# Stops the instance and deletes its data. --all: every build and everything fetched or compiled, too.
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"

case ${1:-} in
    '' | --all) ;;
    -*) unknown option "$1" --all ;;
    *) misuse "./dev clean takes --all or nothing, and \"$1\" was given." "Another instance is named in the environment: CATALYST_INSTANCE=$1 ./dev clean" ;;
esac
[ "$#" -le 1 ] || misuse "./dev clean takes --all or nothing more."

# Other instances that run, by name: what was fetched and built is theirs too.
others_that_run() {
    local folder name
    for folder in "$CATALYST_DATA"/*/; do
        [ "$folder" != "$data/" ] && [ -d "$folder/run" ] || continue
        for name in $(data=${folder%/} process_names); do
            if data=${folder%/} process_pid "$name" >/dev/null; then basename "$folder"; break; fi
        done
    done
}
lock_instance "./dev clean"
if [ "${1:-}" = --all ]; then
    mapfile -t running < <(others_that_run)
    [ "${#running[@]}" = 0 ] || fail "$(quoted "${running[@]}") runs with what --all deletes: CATALYST_INSTANCE=${running[0]} ./dev clean first"
    for build in test release console bench; do lock_build $build "./dev clean"; done
fi
if [ -d "$data" ]; then
    bash "$CATALYST_ROOT/tools/dev/down.sh"
    # The folder is ours when it looks like an instance; nothing else is ever deleted.
    [ -d "$data/run" ] && [ -d "$data/etc" ] || fail "$data does not look like an instance"
    home=$(gitea_home)
    rm -rf "$data" "$home"
    step "deleted $data"
fi
if [ "${1:-}" = --all ]; then
    rm -rf "$CATALYST_ROOT/build" "$CATALYST_ROOT/services/console/node_modules" "$CATALYST_ROOT/services/console/dist"
    rm -rf "$CATALYST_CACHE/peers" "$CATALYST_SYSROOT" "$CATALYST_CACHE/apt" "$CATALYST_CACHE/logs" "$CATALYST_CACHE/durations"
    step "deleted what was built and fetched"
fi
