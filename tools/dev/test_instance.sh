# Which instance a run of the tests has. To be sourced after sovereign.sh.
# shellcheck shell=bash disable=SC2154

# An instance that ./dev test made has this file, and only such a one is ever deleted.
made_by_test() { [ ! -d "$data/run" ] || [ -e "$data/made-by-test" ]; }
INSTANCES_AT_MOST=9
# Another worktree's tests may run, or somebody may have made an instance of this name to work with: then the next name.
choose_instance() {
    local name=$CATALYST_INSTANCE number
    for ((number = 1; number <= INSTANCES_AT_MOST; number++)); do
        if [ "$number" -gt 1 ]; then use_instance "$CATALYST_DATA/$name-$number"; fi
        if ! lock_try "$data.lock" "./dev test"; then
            step "$(lock_words "$data.lock") uses the instance \"$CATALYST_INSTANCE\""
        elif ! made_by_test; then
            lock_release "$data.lock"
            step "the instance \"$CATALYST_INSTANCE\" was not made by ./dev test: it is left alone"
        else
            step "these tests use the instance \"$CATALYST_INSTANCE\""
            return
        fi
        [ -z "${CATALYST_TEST_INSTANCE:-}" ] || fail "CATALYST_TEST_INSTANCE names the instance \"$name\", which cannot be used (above): name another one, or none"
    done
    fail "$INSTANCES_AT_MOST instances of tests are in use"
}
