# Counts what tests say: their last line is "N passed, N failed". To be sourced.
# shellcheck shell=bash

passed=0
failed=0
failures='' # what failed, a line each: a long log shows them once more at its end

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

# note_failures NAME TEXT: what a text says of tests that failed, with the reason: scripts tell it below the sentence, C programs above
# it. Without any the name alone.
FAILURES_SHOWN=40 # lines of one program
note_failures() {
    local lines
    lines=$(awk '
        /^(FAIL|FAILED) / { print; after = 2; next }
        /^  in row: / || /^  [^ ]+:[0-9]+: / || (after > 0 && /^ /) { print; after--; next }
        { after = 0 }
    ' <<<"$2" | cut -c 1-400 | head -n $FAILURES_SHOWN || true)
    failures+="$1${lines:+:$'\n'$lines}"$'\n'
}

# run_program NAME COMMAND...: shows what it says, then counts.
run_program() {
    local name=$1 log
    shift
    log=$(mktemp)
    { if "$@" 2>&1 </dev/null; then echo 0 >"$log.code"; else echo $? >"$log.code"; fi; } | tee "$log" | without_sums
    count_program "$name" "$log"
    rm -f "$log" "$log.code"
}
# show_program NAME LOG: the same for what has ended; its exit code is in LOG.code, unless it was killed.
show_program() {
    without_sums <"$2"
    [ -s "$2.code" ] || echo 1 >"$2.code"
    count_program "$1" "$2"
}
without_sums() { grep --line-buffered -vE '^[0-9]+ passed, [0-9]+ failed$' || true; }
count_program() { # NAME LOG
    local code
    code=$(cat "$2.code")
    add "$(cat "$2")" "$code"
    [ "$code" != 0 ] || return 0
    step "$1 FAILED (exit $code)"
    note_failures "$1" "$(cat "$2")"
}

# run_ctest FOLDER ARGUMENTS...: ctest shows progress; what each test counted is in its report.
run_ctest() {
    local folder=$1 report name text code
    shift
    report=$folder/Testing/report.xml
    rm -f "$report"
    ctest --test-dir "$folder" -j "$(nproc)" --output-on-failure --no-tests=ignore --output-junit "$report" \
        --test-output-size-passed 1000000 --test-output-size-failed 1000000 "$@" </dev/null 2>&1 |
        grep --line-buffered -vE '^[0-9]+ passed, [0-9]+ failed$|^Looked in the following|^[a-z/].*/bin/' || true
    [ -f "$report" ] || { failed=$((failed + 1)); step "ctest wrote no report"; return 0; }
    while IFS=$'\t' read -r name code text; do
        [ "$code" = skipped ] && { step "$name was skipped"; continue; }
        add "$text" "$code"
        if [ "$code" != 0 ]; then
            step "$name FAILED"
            note_failures "$name" "$(ctest_output "$report" "$name")"
        fi
    done < <(ctest_results "$report")
}

# One line a test: name, 0, 1 or skipped, its last sum. A program that is not there is a failure, not a skip.
ctest_results() {
    awk '
        /<testcase / {
            name = $0; sub(/.*<testcase name="/, "", name); sub(/".*/, "", name)
            code = /status="run"/ ? "0" : "1"; sum = "-"
        }
        /<skipped message="SKIP/ { code = "skipped" }
        /[0-9]+ passed, [0-9]+ failed(<|$)/ { sum = $0; sub(/^.*<system-out>/, "", sum); sub(/<.*/, "", sum) }
        /<\/testcase>/ { print name "\t" code "\t" sum }
    ' "$1"
}

# ctest_output REPORT NAME: what one test said.
ctest_output() {
    awk -v name="name=\"$2\"" '
        /<testcase / { inside = index($0, name) > 0 }
        inside { gsub(/<\/?system-out>/, ""); gsub(/&lt;/, "<"); gsub(/&gt;/, ">"); gsub(/&quot;/, "\""); gsub(/&apos;/, "\047"); gsub(/&amp;/, "\\&"); print }
    ' "$1"
}
