#!/usr/bin/env bash
# The benchmarks, against the local Sovereign where they need it.
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"

[ -x "$CATALYST_ROOT/tests/bench/run" ] || fail "tests/bench has no program yet"
set -a
# shellcheck disable=SC1091
[ ! -f "$data/env" ] || . "$data/env"
set +a
exec "$CATALYST_ROOT/tests/bench/run" "$@"
