# For the tests of the running system: counting, waiting, signing in, calling, Git, clusters, event streams. To be sourced, after the environment file of
# ./dev up was read; `sum_up` is a script's last command.
# shellcheck shell=bash disable=SC2034
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
stamp=$(date +%s | tail -c 6)
passed=0
failed=0
listeners=()

# A child that is ended before it has let go of the script's traps would clean up in the script's place.
leave() {
    [ "$BASHPID" = "$$" ] || return 0
    hang_up
    rm -rf "$work"
}
trap leave EXIT

# --- counting and waiting ---

check() { # SENTENCE COMMAND...
    local sentence=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        passed=$((passed + 1))
        printf 'ok     %s\n' "$sentence"
    else
        failed=$((failed + 1))
        printf 'FAILED %s\n' "$sentence"
        tail -n 5 "$work/output" | cut -c 1-1500
        return 1
    fi
}
sum_up() {
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
is() { [ "$1" = "$2" ] || { printf 'is       %s\nexpected %s\n' "$1" "$2"; return 1; }; }
refuses() { ! "$@"; }
within() { # SECONDS COMMAND...: until it succeeds; what it said last is shown
    local end=$((SECONDS + $1)) said
    shift
    until said=$("$@" 2>&1); do
        [ "$SECONDS" -lt "$end" ] || { printf '%s\n' "$said"; return 1; }
        sleep 0.3
    done
}

# --- people and calls ---

sign_in() { # ORGANIZATION_ROLE: the token
    local user=CATALYST_TEST_USER_$1 password=CATALYST_TEST_PASSWORD_$1
    curl -fsS --max-time 20 "$CATALYST_TEST_TOKEN_URL" -d grant_type=password -d "client_id=$CATALYST_TEST_CLIENT_ID" \
        --data-urlencode "client_secret@$CATALYST_TEST_CLIENT_SECRET" -d "username=${!user}" --data-urlencode "password@${!password}" | jq -r .access_token
}
# The token stands on no command line.
signed() { # TOKEN curl's arguments...
    local token=$1
    shift
    curl -sS --max-time 60 -H @<(printf 'Authorization: Bearer %s\n' "$token") "$@"
}
read_api() { signed "$1" "$2"; }                                # TOKEN URL
code_of() { signed "$1" -o /dev/null -w '%{http_code}' "${@:2}"; } # TOKEN URL or curl's arguments...
state() { read_api "$1" "$CATALYST_TEST_PROJECTOR_1_URL/v1$2"; } # TOKEN PATH
call() {                                                         # TOKEN METHOD PATH [BODY], of provisioning
    signed "$1" -X "$2" -H "Idempotency-Key: ${key:-$(cat /proc/sys/kernel/random/uuid)}" -H 'Content-Type: application/json' \
        ${4:+--data-binary "$4"} "$CATALYST_TEST_PROVISIONING_URL/v1$3"
}
# refused TOKEN STATUS CODE METHOD PATH [BODY]
refused() {
    local said
    said=$(call "$1" "$4" "$5" "${6:-}")
    is "$(jq -r '"\(.status) \(.code)"' <<<"$said")" "$2 $3" || { echo "$said"; return 1; }
}
install() { # NAME BLUEPRINT ENVIRONMENTS CONFIG [DEPENDENCIES]: the wish
    jq -nc --arg n "$1" --arg b "$2" --argjson e "$3" --argjson c "$4" --argjson d "${5:-null}" \
        '{kind: "install", application: $n, blueprint: {source: "catalog", name: $b}, environments: $e, config: $c} + (if $d then {dependencies: $d} else {} end)'
}
configure() { # APPLICATION CONFIG [ENVIRONMENT]: the wish
    jq -nc --arg a "$1" --argjson c "$2" --arg e "${3:-}" '{kind: "configure", application: $a, config: $c} + (if $e == "" then {} else {environment: $e} end)'
}
uninstall() { jq -nc --arg a "$1" '{kind: "uninstall", application: $a, confirm: $a}'; } # APPLICATION: the wish
values() { call "$1" GET "/applications/$2/config" | jq -c .values; }                    # TOKEN APPLICATION
# begin TOKEN WISH: plans and applies, and plans again as the plan asks for when what it rests on changed, such as a policy of the Sovereign, which other
# scripts make and take away; the operation's id is in $id
begin() {
    local again=${again:-0} busy
    # Few plans of an Organization are made at a time; whoever comes meanwhile is told to come again.
    for busy in {1..60}; do
        call "$1" POST /plans "$2" >"$work/plan"
        [ "$(jq -r '.code // ""' "$work/plan")" = rate-limited ] || break
        sleep 1
    done
    id=$(jq -r '.id // empty' "$work/plan")
    [ -n "$id" ] || { cat "$work/plan"; return 1; }
    call "$1" POST "/plans/$id/apply" "{\"hash\": $(jq .hash "$work/plan")}" >"$work/operation"
    case $(jq -r '.code // "begun"' "$work/operation") in
        begun) ;;
        plan-changed) again=$((again + 1)) && [ "$again" -le 5 ] && begin "$@" ;;
        *) cat "$work/operation"; return 1 ;;
    esac
}
# carry_out TOKEN WISH: plans, applies, waits; the operation is in $work/operation
carry_out() {
    local id end=$((SECONDS + 180))
    begin "$1" "$2" || return
    until [[ "$(jq -r .status "$work/operation")" =~ ^(Succeeded|Failed|Superseded)$ ]]; do
        [ "$SECONDS" -lt "$end" ] || { cat "$work/operation"; return 1; }
        sleep 0.5
        call "$1" GET "/operations/$id" >"$work/operation"
    done
    is "$(jq -r .status "$work/operation")" Succeeded || { cat "$work/operation"; return 1; }
}
# at_once "TOKEN'S-VARIABLE WISH"...: all are carried out together
at_once() {
    local pids=() code=0 number=0 one
    for one in "$@"; do
        number=$((number + 1))
        (token=${one%% *}; work=$work/$number; mkdir -p "$work" && carry_out "${!token}" "${one#* }") & pids+=($!)
    done
    for one in "${pids[@]}"; do wait "$one" || code=1; done
    return $code
}

# --- the services themselves ---

# in_instance COMMAND...: the ways of ./dev, so that the processes stay the instance's own.
in_instance() (
    export CATALYST_INSTANCE_DIR=$CATALYST_TEST_INSTANCE_DIR CATALYST_BIN=$CATALYST_TEST_BIN
    # shellcheck source=tools/dev/sovereign.sh
    . "$root/tools/dev/sovereign.sh"
    "$@"
)
services() { grep -oE '^[a-z-]+' "$root/services/table"; }
# restart SERVICE: all of its replicas are asked to stop, and started anew.
restart() { in_instance stop_replicas "$1" && in_instance start_replicas "$1"; }
is_ready() { in_instance replicas_ready "$1"; } # SERVICE
# of_replicas SERVICE PATH: what all of them answer at their admin addresses, one after the other.
of_replicas() {
    local name answer
    for name in $(in_instance replicas_of "$1"); do
        name=CATALYST_TEST_$(tr 'a-z-' 'A-Z_' <<<"$name")_ADMIN_URL
        answer=$(curl -fsS "${!name}$2") || return
        printf '%s\n' "$answer"
    done
}
log_of() { cat "$CATALYST_TEST_INSTANCE_DIR/logs/$1"-[0-9]*.log; } # SERVICE: of all replicas

# --- event streams ---

# listen NAME TOKEN URL QUERY: follows the stream of a projector into $work/NAME.sse until hang_up
listen() {
    curl -sSN -H @<(printf 'Authorization: Bearer %s\n' "$2") "$3/v1/stream?$4" >"$work/$1.sse" 2>&1 &
    listeners+=($!)
}
hang_up() {
    local pid
    for pid in "${listeners[@]}"; do
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    listeners=()
}
# One line a whole frame: id, event and data, with tabs between.
frames() { # NAME
    awk '
        /^id: / { id = substr($0, 5) }
        /^event: / { event = substr($0, 8) }
        /^data: / { data = substr($0, 7) }
        /^\r?$/ { if (event != "") print id "\t" event "\t" data; id = event = data = "" }
    ' "$work/$1.sse"
}
heard() { frames "$1" | awk -F'\t' -v event="$2" '$2 == event { print $3 }'; } # NAME EVENT: its data, one a line
# The stream said a row that fits, since it began (rows of the snapshot do not count).
tells() { heard "$1" row | jq -ne --arg key "$2" "[inputs | select(.key == \$key) | select($3)] | length > 0"; } # NAME KEY CONDITION-OF-JQ
latest() { heard "$1" row | jq -n --arg key "$2" 'last(inputs | select(.key == $key))'; } # NAME KEY: the newest row
last_is() { latest "$1" "$2" | jq -e "$3" || { latest "$1" "$2"; return 1; }; }                                     # NAME KEY CONDITION-OF-JQ
knows() { heard "$1" snapshot | jq -ne --arg key "$2" '[inputs | .rows[] | select(.key == $key)] | length > 0'; } # NAME KEY
removes() { heard "$1" delete | jq -ne --arg key "$2" '[inputs | select(.key == $key)] | length > 0'; }           # NAME KEY

# --- Git, as the site administrator ---

gitea() { # METHOD PATH [JSON]
    curl -fsS --max-time 30 -X "$1" -H @<(printf 'Authorization: token %s\n' "$(cat "$CATALYST_TEST_GITEA_ADMIN_TOKEN")") \
        -H 'Content-Type: application/json' ${3:+-d "$3"} "$CATALYST_TEST_GITEA_URL/api/v1$2"
}
raw() { gitea GET "/repos/$1/raw/$3?ref=$2"; } # OWNER/REPOSITORY BRANCH PATH
git_as_admin() {
    GIT_TERMINAL_PROMPT=0 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 \
        git -c credential.helper='!printf "username=%s\npassword=%s\n" "$CATALYST_TEST_GITEA_ADMIN_USER" "$(cat "$CATALYST_TEST_GITEA_ADMIN_TOKEN")"; :' \
        -c user.name=Hand -c user.email=hand@example.org -c init.defaultBranch=main -c advice.detachedHead=false "$@"
}
# clone OWNER/REPOSITORY BRANCH: into $work/REPOSITORY, anew
clone() {
    rm -rf "$work/${1##*/}"
    git_as_admin clone -q -b "$2" "$CATALYST_TEST_GITEA_URL/$1.git" "$work/${1##*/}"
}
# push FOLDER BRANCH MESSAGE: everything in it, on top of what others push meanwhile
push() {
    git_as_admin -C "$1" add -A
    git_as_admin -C "$1" commit -q -m "$3"
    git_as_admin -C "$1" push -q origin "HEAD:$2" && return
    for _ in 1 2 3 4 5; do
        git_as_admin -C "$1" pull -q --rebase origin "$2" && git_as_admin -C "$1" push -q origin "HEAD:$2" && return
    done
    return 1
}

# --- Git, as a person ---

git_token() { call "$1" POST /git-tokens "{\"name\": \"test-$2-$stamp\"}" >"$work/$2.git-token" && jq -e '.token' "$work/$2.git-token"; } # TOKEN PERSON
git_as() { # PERSON git's arguments...: signed in with what git_token made
    GIT_TERMINAL_PROMPT=0 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 FILE=$work/$1.git-token \
        git -c credential.helper='!jq -r "\"username=\\(.user)\npassword=\\(.token)\"" "$FILE"; :' -c user.name="$1" -c user.email="$1@example.org" \
        -c init.defaultBranch=main -c advice.detachedHead=false "${@:2}"
}
clone_as() { # PERSON OWNER/REPOSITORY BRANCH: into $work/REPOSITORY, anew
    rm -rf "$work/${2##*/}"
    git_as "$1" clone -q -b "$3" "$CATALYST_TEST_GITEA_URL/$2.git" "$work/${2##*/}"
}
push_as() { # PERSON FOLDER BRANCH MESSAGE: everything in it
    git_as "$1" -C "$2" add -A && git_as "$1" -C "$2" commit -q -m "$4" && git_as "$1" -C "$2" push -q origin "HEAD:$3"
}

# --- clusters ---

host() { "$CATALYST_TEST_KUBECTL" --kubeconfig="$CATALYST_TEST_KUBECONFIG" --request-timeout=30s "$@"; }
inner() { # ORGANIZATION kubectl's arguments...: its vcluster, as the administrator
    "$CATALYST_TEST_KUBECTL" --kubeconfig="$CATALYST_TEST_INSTANCE_DIR/clusters/$CATALYST_TEST_HOST_CLUSTER-$1/kc/admin.yaml" --request-timeout=30s "${@:2}"
}
# make_many ORGANIZATION NAMESPACE ENVIRONMENT COUNT: ConfigMaps c0 … in a namespace of that Environment
make_many() {
    inner "$1" create namespace "$2" >/dev/null && inner "$1" label namespace "$2" "openova.io/organization=$1" "openova.io/environment=$3" >/dev/null || return
    seq -f 'apiVersion: v1
kind: ConfigMap
metadata: {name: c%g}
data: {round: "0"}
---' 0 $(($4 - 1)) | inner "$1" create -n "$2" -f - >/dev/null
}
# change_many ORGANIZATION NAMESPACE COUNT ROUND: each of them once, through one connection
change_many() {
    local kubeconfig=$CATALYST_TEST_INSTANCE_DIR/clusters/$CATALYST_TEST_HOST_CLUSTER-$1/kc/admin.yaml
    sed -n 's/.*certificate-authority-data: *"\{0,1\}\([A-Za-z0-9+\/=]*\).*/\1/p' "$kubeconfig" | base64 -d >"$work/$1.ca"
    seq -f "next
url = \"$(sed -n 's/.*server: *"\([^"]*\)".*/\1/p' "$kubeconfig")/api/v1/namespaces/$2/configmaps/c%g\"
cacert = \"$work/$1.ca\"
header = \"Authorization: Bearer $(sed -n 's/.*token: *"\{0,1\}\([^"}]*\).*/\1/p' "$kubeconfig")\"
header = \"Content-Type: application/merge-patch+json\"
request = PATCH
data = \"{\\\"data\\\": {\\\"round\\\": \\\"$4\\\"}}\"
output = /dev/null
fail" 0 $(($3 - 1)) | sed 1d | curl -sS --no-progress-meter -K -
}
