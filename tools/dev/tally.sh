# Counts what tests say: their last line is "N passed, N failed". To be sourced.
# shellcheck shell=bash

passed=0
failed=0

# add TEXT EXIT-CODE: the last sum in the text; a failure without a sum that admits it is one failure.
add() {
    local sum good=0 bad=0
    sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' <<<"$1" | tail -n 1 || true)
    if [ -n "$sum" ]; then
        good=${sum%% *}
        bad=$(cut -d' ' -f3 <<<"$sum")
    elif [ "$2" = 0 ]; then
        good=1
    fi
    if [ "$2" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
    passed=$((passed + good))
    failed=$((failed + bad))
}

# run_program NAME COMMAND...: shows what it says, then counts.
run_program() {
    local name=$1 log code=0
    shift
    log=$(mktemp)
    { if "$@" 2>&1 </dev/null; then echo 0 >"$log.code"; else echo $? >"$log.code"; fi; } | tee "$log" | grep -vE '^[0-9]+ passed, [0-9]+ failed$' || true
    code=$(cat "$log.code")
    add "$(cat "$log")" "$code"
    [ "$code" = 0 ] || step "$name FAILED (exit $code)"
    rm -f "$log" "$log.code"
}

# run_ctest FOLDER ARGUMENTS...: ctest shows progress; what each test counted is in its log.
run_ctest() {
    local folder=$1 log name text code
    shift
    log=$folder/Testing/Temporary/LastTest.log
    rm -f "$log"
    ctest --test-dir "$folder" -j "$(nproc)" --output-on-failure --no-tests=ignore "$@" </dev/null | grep -vE '^[0-9]+ passed, [0-9]+ failed$' || true
    [ -f "$log" ] || return 0
    while IFS=$'\t' read -r name code text; do
        add "$text" "$code"
        [ "$code" = 0 ] || step "$name FAILED"
    done < <(ctest_results "$log")
}

# One line a test: name, 0 or 1, its last sum.
ctest_results() {
    awk '
        /^[0-9]+\/[0-9]+ Testing: / { name = $3; sum = "" }
        /^[0-9]+ passed, [0-9]+ failed$/ { sum = $0 }
        /^Test Passed\.$/ { print name "\t0\t" sum }
        /^Test (Failed|time out|not run)/ || /^Unable to find executable/ { if (name != "") print name "\t1\t" sum; name = "" }
    ' "$1"
}
