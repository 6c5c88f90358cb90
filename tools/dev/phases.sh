# Phases of a start with the time that is left. To be sourced.
# shellcheck shell=bash

PHASES=() # "seconds function label"
phase() { PHASES+=("$*"); }

# run_phases KEY: what starts from nothing takes longer than what runs already, so each kind of start is remembered by a key of its own.
run_phases() {
    local entry seconds function label left=0
    for entry in "${PHASES[@]}"; do
        read -r seconds function label <<<"$entry"
        left=$((left + $(expected_s "$1.$function" "$seconds")))
    done
    for entry in "${PHASES[@]}"; do
        read -r seconds function label <<<"$entry"
        step "$label (about $left s left)"
        left=$((left - $(expected_s "$1.$function" "$seconds")))
        timed "$1.$function" "$seconds" "$label" "$function"
    done
    PHASES=()
}
