#!/usr/bin/env bash
# Stops the instance and deletes its data. --all: every build and everything fetched or compiled, too.
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"

[ "${1:-}" = '' ] || [ "$1" = --all ] || fail "usage: ./dev clean [--all]"
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
    rm -rf "$CATALYST_CACHE/peers" "$CATALYST_SYSROOT" "$CATALYST_CACHE/apt" "$CATALYST_CACHE/logs"
    step "deleted what was built and fetched"
fi
