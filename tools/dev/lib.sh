# Shared by every script of ./dev: where things are, how they speak, small helpers. To be sourced.
# shellcheck shell=bash
set -euo pipefail

CATALYST_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CATALYST_CACHE=${CATALYST_CACHE:-$HOME/.cache/catalyst}
CATALYST_SYSROOT=${CATALYST_SYSROOT:-$CATALYST_CACHE/sysroot}
CATALYST_DATA=${CATALYST_DATA:-${XDG_STATE_HOME:-$HOME/.local/state}/catalyst}
export CATALYST_ROOT CATALYST_CACHE CATALYST_SYSROOT CATALYST_DATA
# Where https://go.dev/doc/install puts Go; its last step, PATH, is easily missed.
command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin

say() { printf '%s\n' "$*"; }
step() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# version_at_least HAVE WANT
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# version_fits HAVE PIN: the same major and minor, the patch not older.
version_fits() {
    [ "$(cut -d. -f1,2 <<<"$1")" = "$(cut -d. -f1,2 <<<"$2")" ] && version_at_least "$1" "$2"
}

# first_version TEXT: the first thing in it that looks like 1.2 or 1.2.3.
first_version() { grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' <<<"$1" | head -n 1; }

# secret_file PATH: reads standard input into a file that only we can read.
secret_file() { (umask 077; cat >"$1.new"; mv "$1.new" "$1"); }

# alone_in_cache PART: several instances may start at once, and share what is fetched and built there. Until this script ends.
alone_in_cache() {
    mkdir -p "$CATALYST_CACHE"
    exec 6>"$CATALYST_CACHE/$1.lock"
    flock -n 6 || { step "another ./dev gets the $1: waiting for it"; flock 6; }
}

random_text() { openssl rand -hex "${1:-16}"; }

# wait_until WHAT SECONDS COMMAND...: asks ten times a second; names what did not come.
wait_until() {
    local what=$1 end=$((SECONDS + $2))
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || fail "$what did not become ready in time"
        sleep 0.1
    done
}

. "$CATALYST_ROOT/tools/dev/estimate.sh"
. "$CATALYST_ROOT/tools/dev/words.sh"
