# What somebody typed and is not there: says what was wrong, and what is near. To be sourced after lib.sh.
# shellcheck shell=bash

NEAR_AT_MOST=3   # as many proposals as one reads
WORD_AT_MOST=100 # longer ones are compared by their beginning

# nearest WORD CANDIDATES...: those that hold the word, are in it, or are a few keystrokes away (one left out, added, changed, or two exchanged), best first.
nearest() {
    local word=${1,,}
    shift
    [ -n "$word" ] && [ "$#" -gt 0 ] || return 0
    printf '%s\n' "$@" | WORD=${word:0:WORD_AT_MOST} awk '
        function least(a, b) { return a < b ? a : b }
        function keystrokes(a, b,    i, j, d, changed) {
            for (i = 0; i <= length(a); i++) d[i, 0] = i
            for (j = 0; j <= length(b); j++) d[0, j] = j
            for (i = 1; i <= length(a); i++)
                for (j = 1; j <= length(b); j++) {
                    changed = substr(a, i, 1) == substr(b, j, 1) ? 0 : 1
                    d[i, j] = least(least(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + changed)
                    if (i > 1 && j > 1 && substr(a, i, 1) == substr(b, j - 1, 1) && substr(a, i - 1, 1) == substr(b, j, 1))
                        d[i, j] = least(d[i, j], d[i - 2, j - 2] + 1)
                }
            return d[length(a), length(b)]
        }
        BEGIN { word = ENVIRON["WORD"]; few = length(word) < 4 ? 1 : length(word) < 8 ? 2 : 3 }
        {
            count = keystrokes(word, tolower($0))
            if (index(tolower($0), word) == 1 || (length(word) > 2 && index(tolower($0), word)) || (length($0) > 2 && index(word, tolower($0)))) count = least(count, 1)
            if (count <= few) print count, $0
        }' | sort -s -k1,1n | awk -v most="$NEAR_AT_MOST" 'NR <= most { print $2 }'
}

# misuse SENTENCE [LINE...]: the command was written in a way that it does not know; exit code 2.
misuse() {
    printf 'error: %s\n' "$1" >&2
    shift
    [ "$#" = 0 ] || printf '%s\n' "$@" >&2
    exit 2
}

# unknown KIND WORD NAMES...: there is no such thing; what is near, and all that there are.
unknown() {
    local kind=$1 word=$2 near proposal=''
    shift 2
    mapfile -t near < <(nearest "$word" "$@")
    case ${#near[@]} in
        0) ;;
        1) proposal=" Did you mean \"${near[0]}\"?" ;;
        *) proposal=" Did you mean one of $(quoted "${near[@]}")?" ;;
    esac
    misuse "there is no $kind \"$word\".$proposal" "There are: $(listed "$@")"
}
quoted() {
    local text
    text=$(printf '"%s", ' "$@")
    echo "${text%, }"
}
listed() {
    local text
    text=$(printf '%s, ' "$@")
    echo "${text%, }"
}

# no_arguments COMMAND "$@": for a command that takes none.
no_arguments() {
    [ "$#" -le 1 ] || misuse "./dev $1 takes nothing more, and \"$2\" was given." "./dev $1 --help says what it does."
}
