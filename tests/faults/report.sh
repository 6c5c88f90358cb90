# What came of each case: a line on the terminal for each blow and each operation, the proof in build/crash-matrix.log, a cell in build/crash-matrix.md.
# To be sourced.
# shellcheck shell=bash disable=SC2154
passed=0
failed=0
log=$root/build/crash-matrix.log
table=$root/build/crash-matrix.md

report_begin() {
    mkdir -p "$root/build"
    : >"$log"
    : >"$work/results"
}
succeeded() { passed=$((passed + 1)); }
has_failed() { # sentence why
    failed=$((failed + 1))
    echo "FAILED $1"
    head -n 14 <<<"$2"
    printf 'FAILED %s\n%s\n' "$1" "$2" >>"$log"
}
utc() { date -u -d "@$(($1 / 1000)).$(printf %03d $(($1 % 1000)))" +%FT%T.%3NZ; }

# keep_case KIND VARIANT OPERATION TARGET HOW WHEN STEP STRUCK SECONDS WHY: one blow upon one operation; WHY is empty when it went well
keep_case() {
    local result=ok sentence="$1 ($2) goes on when it is $6 $7 and $4 is $(if [ "$5" = kill ]; then echo killed; else echo stopped; fi)"
    if [ -z "${10}" ]; then succeeded; else result=failed && has_failed "$sentence" "${10}"; fi
    echo "$1 $4 $5 $6 $7 $9 $result" >>"$work/results"
    jq -c --arg step "$7" --arg at "$(utc "$8")" --arg what "$result: $sentence, $9 s" \
        '{what: $what, operation, blow: $at, step: (.steps[] | select(.name == $step) | {startedAt, finishedAt}), begun: .startedAt, ended: .finishedAt}' "$work/operation.$3" >>"$log" 2>/dev/null
}

# Seconds from the blow to the next point; before / after the step.
write_table() {
    local kind
    for kind in install configure uninstall; do
        grep -q "^$kind " "$work/results" || continue
        printf '\n### %s\n\n| struck | how |' "$kind"
        # shellcheck disable=SC2046
        printf ' %s |' $(steps_of "$kind")
        printf '\n| --- | --- |'
        # shellcheck disable=SC2046
        printf ' %.3s |' $(steps_of "$kind" | sed 's/[a-z]*/---/g')
        echo
        LC_ALL=C sort -k2,3 -s "$work/results" | awk -v kind="$kind" -v steps="$(steps_of "$kind")" '
            $1 == kind {
                target = $2 " | " ($3 == "kill" ? "killed" : "stopped")
                if (!(target in known)) { known[target]; names[++count] = target }
                if ($7 != "ok") cell[target, $5, $4] = "**failed**"
                else if (cell[target, $5, $4] == "" || (cell[target, $5, $4] ~ /^[0-9]+$/ && cell[target, $5, $4] + 0 < $6)) cell[target, $5, $4] = $6
            }
            function shown(text) { return text == "" ? "–" : text }
            END {
                number = split(steps, step, " ")
                for (i = 1; i <= count; i++) {
                    line = "| " names[i] " |"
                    for (j = 1; j <= number; j++) line = line " " shown(cell[names[i], step[j], "before"]) " / " shown(cell[names[i], step[j], "after"]) " |"
                    print line
                }
            }'
    done
}
report_end() {
    local summary="crash matrix: seed $seed, ${stages_done:-0} blows, $(cut -d' ' -f1-5 "$work/results" 2>/dev/null | sort -u | wc -l) of ${all_cases:-0} cases in $((SECONDS - started)) s"
    if [ -s "$work/results" ]; then { echo "$summary, $(date -u +%F): $passed passed, $failed failed."; write_table; } >"$table"; fi
    rm -rf "$work"
    echo "$summary"
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
