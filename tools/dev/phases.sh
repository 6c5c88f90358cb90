# Phases of a start with the time that is left. To be sourced.
# shellcheck shell=bash

PHASES=() # "seconds function label"
phase() { PHASES+=("$*"); }

run_phases() {
    local entry seconds function label left=0
    for entry in "${PHASES[@]}"; do left=$((left + ${entry%% *})); done
    for entry in "${PHASES[@]}"; do
        read -r seconds function label <<<"$entry"
        step "$label (about $left s left)"
        "$function"
        left=$((left - seconds))
    done
    PHASES=()
}
