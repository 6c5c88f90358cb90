#!/usr/bin/env bash
# Runs the tests: test.sh [unit|integration|security|e2e|faults|fuzz]... Without a part: all but fuzz, with an instance of the local
# Sovereign of their own. The last line is the sum: N passed, N failed.
export CATALYST_INSTANCE=${CATALYST_TEST_INSTANCE:-test}
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"
. "$CATALYST_ROOT/tools/dev/tally.sh"

parts=("$@")
[ "${#parts[@]}" -gt 0 ] || parts=(unit integration security e2e faults)
for part in "${parts[@]}"; do
    case $part in unit | integration | security | e2e | faults | fuzz) ;; *) fail "usage: ./dev test [unit|integration|security|e2e|faults|fuzz]..." ;; esac
done
wants() { [[ " ${parts[*]} " == *" $1 "* ]]; }
wants_instance() { wants integration || wants security || wants e2e || wants faults; }
instance_started=''

finish() {
    local code=$?
    trap - EXIT
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
    with_progress "building the tests" 150 cmake --build "$CATALYST_ROOT/build/asan" -j "$(nproc)"
}

unit() {
    step "unit tests"
    run_ctest "$CATALYST_ROOT/build/asan" --label-exclude integration
}

start_instance() {
    # What an interrupted run left behind.
    if [ -d "$data/run" ]; then bash "$CATALYST_ROOT/tools/dev/clean.sh"; fi
    instance_started=yes
    bash "$CATALYST_ROOT/tools/dev/up.sh"
    set -a
    # shellcheck disable=SC1091
    . "$data/env"
    set +a
}

run_scripts() { # FOLDER of tests/
    local script
    for script in "$CATALYST_ROOT/tests/$1"/*.sh; do
        if [ -x "$script" ]; then run_program "$(basename "$script")" "$script"; fi
    done
}

integration() {
    step "integration tests"
    run_ctest "$CATALYST_ROOT/build/asan" --label-regex integration
    run_scripts integration
}

security() {
    # Compiled for that script alone.
    [ ! -x "$CATALYST_ROOT/tests/security/secrets.sh" ] || bash "$CATALYST_ROOT/tools/dev/peers.sh" external-secrets
    step "attacks"
    run_scripts security
}

console() {
    step "the console's own tests"
    run_program console env -C "$CATALYST_ROOT/services/console" npm test --silent
}

e2e() {
    console
    local folder=$CATALYST_ROOT/tests/e2e
    step "end-to-end tests"
    [ -d "$folder/node_modules" ] || with_progress "fetching the end-to-end tests' libraries" 20 env -C "$folder" npm ci --no-audit --no-fund
    run_program e2e env -C "$folder" npm test --silent
}

# Asked for by name: the whole matrix. Else what of it there is time for in five minutes.
faults() {
    local arguments=(--seconds 300)
    [ "${parts[*]}" != faults ] || arguments=()
    step "crash matrix"
    run_program faults "$CATALYST_ROOT/tests/faults/run" "${arguments[@]}"
}

fuzz() {
    configure fuzz
    with_progress "building the fuzzers" 120 cmake --build "$CATALYST_ROOT/build/fuzz" -j "$(nproc)"
    step "fuzzers"
    run_program fuzz "$CATALYST_ROOT/tests/fuzz/run" 30
}

prepare
if wants unit || wants integration; then build_tests; fi
if wants unit; then unit; fi
if wants_instance; then start_instance; fi
for part in integration security e2e faults fuzz; do if wants $part; then $part; fi; done
complete=yes
