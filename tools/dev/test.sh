#!/usr/bin/env bash
# Runs the tests: test.sh [unit|integration|security|e2e|faults|scale|fuzz]... Without a part: all but scale and fuzz, with an instance of the local
# Sovereign of their own. The last line is the sum: N passed, N failed.
# The instance is deleted before and after: never the one that somebody works with.
unset CATALYST_INSTANCE_DIR
export CATALYST_INSTANCE=${CATALYST_TEST_INSTANCE:-test}
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"
. "$CATALYST_ROOT/tools/dev/tally.sh"
. "$CATALYST_ROOT/tools/dev/lanes.sh"
. "$CATALYST_ROOT/tools/dev/test_instance.sh"

PARTS=(unit integration security e2e faults scale fuzz)
parts=("$@")
[ "${#parts[@]}" -gt 0 ] || parts=(unit integration security e2e faults)
for part in "${parts[@]}"; do [[ " ${PARTS[*]} " == *" $part "* ]] || unknown "part of the tests" "$part" "${PARTS[@]}"; done
wants() { [[ " ${parts[*]} " == *" $1 "* ]]; }
wants_instance() { wants integration || wants security || wants e2e || wants faults || wants scale; }
instance_started=''

finish() {
    local code=$?
    trap - EXIT
    end_lanes
    if [ -n "$instance_started" ]; then
        if [ "$code" != 0 ] || [ "$failed" != 0 ]; then
            rm -rf "$CATALYST_ROOT/build/test-logs"
            mkdir -p "$CATALYST_ROOT/build"
            cp -r "$data/logs" "$CATALYST_ROOT/build/test-logs"
            step "logs of the instance: build/test-logs"
        fi
        bash "$CATALYST_ROOT/tools/dev/clean.sh" || warn "the test instance could not be cleaned up"
    fi
    # Ended before the end: that is a failure, whatever was counted.
    if [ -z "${complete:-}" ] && [ "$failed" = 0 ]; then failed=1; fi
    [ -z "$failures" ] || say "what failed, once more:"$'\n'"${failures%$'\n'}"
    say "$passed passed, $failed failed"
    [ "$failed" = 0 ] && exit 0
    exit 1
}
trap finish EXIT
trap 'exit 130' INT TERM

prepare() {
    bash "$CATALYST_ROOT/tools/dev/packages.sh" install
    bash "$CATALYST_ROOT/tools/dev/programs.sh"
}

build_tests() {
    configure asan
    build_preset asan "building the tests"
}

unit() {
    run_ctest "$CATALYST_ROOT/build/asan" --label-exclude integration
}

start_instance() {
    choose_instance
    # What an interrupted run left behind.
    if [ -d "$data/run" ]; then bash "$CATALYST_ROOT/tools/dev/clean.sh"; fi
    instance_started=yes
    make_folders
    touch "$data/made-by-test"
    bash "$CATALYST_ROOT/tools/dev/up.sh"
    set -a
    # shellcheck disable=SC1091
    . "$data/env"
    set +a
}

integration() {
    # They wait for servers of their own most of the time.
    run_ctest "$CATALYST_ROOT/build/asan" --label-regex integration --parallel $((2 * $(nproc)))
    run_scripts "$CATALYST_ROOT/tests/integration"
}

security() {
    # Compiled for that script alone.
    [ ! -x "$CATALYST_ROOT/tests/security/secrets.sh" ] || bash "$CATALYST_ROOT/tools/dev/peers.sh" external-secrets
    run_scripts "$CATALYST_ROOT/tests/security"
}

console() {
    step "the console's own tests"
    run_program console env -C "$CATALYST_ROOT/services/console" npm test --silent
}

e2e() {
    console
    local folder=$CATALYST_ROOT/tests/e2e
    [ -d "$folder/node_modules" ] || with_progress "fetching the end-to-end tests' libraries" 20 env -C "$folder" npm ci --no-audit --no-fund
    run_program e2e env -C "$folder" npm test --silent
}

# Asked for by name: the whole matrix. Else what of it there is time for in four minutes.
faults() {
    local arguments=(--seconds 240)
    [ "${parts[*]}" != faults ] || arguments=()
    run_program faults "$CATALYST_ROOT/tests/faults/run" "${arguments[@]}"
}

# Services go from one replica to three and back under 20 Applications, and the checkout is extended in a copy.
scale() {
    run_program scale "$CATALYST_ROOT/tests/scale/scale.sh"
    run_program organizations "$CATALYST_ROOT/tests/scale/organizations.sh"
    run_program extension "$CATALYST_ROOT/tests/scale/extension.sh"
}

fuzz() {
    configure fuzz
    build_preset fuzz "building the fuzzers"
    run_program fuzz "$CATALYST_ROOT/tests/fuzz/run" 30
}

# part NAME SECONDS LABEL: all of it and a part of it take different times.
part() {
    local key=test.$1
    [ "$1" != faults ] || [ "${parts[*]}" != faults ] || key=test.faults.whole
    step "$3 (about $(expected_s "$key" "$2") s)"
    timed "$key" "$2" "$3" "$1"
}

lock_build test "./dev test"
prepare
if wants unit || wants integration; then build_tests; fi
if wants unit; then part unit 60 "unit tests"; fi
if wants_instance; then start_instance; fi
if wants integration; then part integration 900 "integration tests"; fi
if wants security; then part security 900 "attacks"; fi
if wants e2e; then part e2e 300 "end-to-end tests"; fi
if wants faults; then part faults 600 "crash matrix"; fi
if wants scale; then part scale 900 "scaling and extending"; fi
if wants fuzz; then part fuzz 900 "fuzzers"; fi
complete=yes
