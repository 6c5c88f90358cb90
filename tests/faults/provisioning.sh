#!/usr/bin/env bash
# provisioning killed before and after every step of an install that reuses a database, a change, and an uninstall: each time the operation goes on by
# itself after the start, and what it did is there once. Needs the environment file of ./dev up; works on processes of that instance.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export CATALYST_INSTANCE_DIR=$CATALYST_TEST_INSTANCE_DIR CATALYST_BIN=$CATALYST_TEST_BIN
# shellcheck source=tools/dev/instance.sh source=tools/dev/process.sh
. "$root/tools/dev/instance.sh"
. "$root/tools/dev/process.sh"
set +e
passed=0
failed=0
work=$(mktemp -d)
config=$data/etc/provisioning.yaml
{ cat "$config"; echo 'faults: true'; } >"$work/faults.yaml"
organization=acme
api=$CATALYST_TEST_PROVISIONING_URL/v1

finish() {
    trap - EXIT
    [ -z "${faulty:-}" ] || kill -KILL "$faulty" 2>/dev/null
    stop_process provisioning
    serve
    rm -rf "$work"
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
trap finish EXIT

ready() { curl -fsS --max-time 2 -o /dev/null "$CATALYST_TEST_PROVISIONING_ADMIN_URL/readyz" 2>/dev/null; }
wait_until() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.2
    done
}
# As ./dev up starts it.
serve() {
    FINGERPRINT_FILES=$config start_process provisioning "$CATALYST_BIN/provisioning" --config "$config"
    wait_until 30 ready
}
serve_faulty() { # BEFORE|AFTER step
    stop_process provisioning
    env "CATALYST_FAULT_$1=$2" setsid "$CATALYST_BIN/provisioning" --config "$work/faults.yaml" >>"$data/logs/provisioning.log" 2>&1 </dev/null &
    faulty=$!
    disown "$faulty"
    wait_until 30 ready
}

token() {
    [ -n "${access:-}" ] && [ "$((SECONDS - access_at))" -lt 300 ] || {
        access=$(curl -fsS --max-time 20 "$CATALYST_TEST_TOKEN_URL" -d grant_type=password -d "client_id=$CATALYST_TEST_CLIENT_ID" \
            --data-urlencode "client_secret@$CATALYST_TEST_CLIENT_SECRET" -d "username=$CATALYST_TEST_USER_ACME_ORG_DEVELOPER" \
            --data-urlencode "password@$CATALYST_TEST_PASSWORD_ACME_ORG_DEVELOPER" | jq -r .access_token)
        access_at=$SECONDS
    }
}
call() { # METHOD path [body]
    curl -sS --max-time 60 -X "$1" -H "Authorization: Bearer $access" -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" -H 'Content-Type: application/json' \
        ${3:+--data-binary "$3"} "$api$2"
}
gitea() { curl -fsS --max-time 20 -H "Authorization: token $CATALYST_TEST_GITEA_TOKEN" "$CATALYST_TEST_GITEA_URL/api/v1$1"; }

# begin WISH: plans and applies; the operation's id, and its state when it was begun.
begin() {
    local plan
    plan=$(call POST /plans "$1")
    id=$(jq -r '.id // empty' <<<"$plan")
    [ -n "$id" ] || { echo "no plan: $plan"; return 1; }
    call POST "/plans/$id/apply" "{\"hash\": $(jq .hash <<<"$plan")}" >"$work/applied" 2>&1
}
operation() { call GET "/operations/$id" 2>/dev/null; }
ended() { [[ "$(operation | jq -r .status 2>/dev/null)" =~ ^(Succeeded|Failed)$ ]]; }
dead() { ! kill -0 "$faulty" 2>/dev/null; }
# Done once: so many commits of the operation on each branch that it changed. A branch that is carried from another holds the other's too.
once() { # repository branch=commits...
    local repository=$1 wanted branch count
    shift
    for wanted in "$@"; do
        branch=${wanted%=*}
        count=$(gitea "/repos/$repository/commits?sha=$branch&stat=false&verification=false&files=false&limit=50" |
            jq "[.[] | select(.commit.message | contains(\"Operation: $id\")) | select(.commit.message | startswith(\"Begin\") | not)] | length")
        [ "$count" = "${wanted#*=}" ] || { echo "$count commits of the operation on $branch of $repository"; return 1; }
    done
}

# crash WHEN step WISH CHECK...: the process dies there, and after its next start the operation ends well.
crash() {
    local when=$1 step=$2 wish=$3 sentence
    shift 3
    sentence="$(jq -r .kind <<<"$wish") goes on after a death ${when,,} $step"
    token
    if serve_faulty "$when" "$step" && begin "$wish" && wait_until 120 dead && serve && wait_until 180 ended &&
        [ "$(operation | jq -r .status)" = Succeeded ] && "$@"; then
        passed=$((passed + 1))
        echo "ok     $sentence"
    else
        failed=$((failed + 1))
        echo "FAILED $sentence: $(operation | jq -c '[.status, .message, [.steps[] | .name + " " + .status]]') $(cat "$work/applied")"
        kill -KILL "$faulty" 2>/dev/null
        serve
    fi
}

install() { jq -nc --arg n "$1" '{kind: "install", application: $n, blueprint: {name: "bp-wordpress"}, environments: ["acme-dev", "acme-stg"], config: {title: $n},
    dependencies: {db: {use: "existing", application: "crash-base"}}}'; }
configure() { jq -nc --arg n "$1" --arg t "$2" '{kind: "configure", application: $n, config: {title: $t, database: "postgres", replicas: 1, storage: "10Gi",
    image: "docker.io/library/wordpress:6.8.3-php8.3-apache", tablePrefix: "wp_", debug: false}}'; }
uninstall() { jq -nc --arg n "$1" '{kind: "uninstall", application: $n, confirm: $n}'; }
installed() { once "$organization/$1" develop=1 staging=2 && once "$organization/crash-base" develop=1 staging=1 && once system/catalyst-config "org/$organization=1"; }
configured() { once "$organization/$1" develop=1 staging=2; }
uninstalled() {
    once "$organization/crash-base" develop=1 staging=1 && once system/catalyst-config "org/$organization=1" &&
        [ "$(gitea "/repos/$organization/$1" | jq .archived)" = true ]
}

serve
token
[ "$(call GET /applications/crash-base/config | jq -r .blueprint)" = bp-postgres ] || begin "$(jq -nc '{kind: "install", application: "crash-base", blueprint: {name: "bp-postgres"}, environments: ["acme-dev", "acme-stg"],
    config: {databases: ["base"]}}')"
[ -z "${id:-}" ] || wait_until 180 ended || { echo "FAILED the database is not there: $(operation)"; failed=1; exit 1; }

number=0
stamp=$(date +%s | tail -c 6)
# One Application for each death in an install; its change and uninstall take deaths too, until each has had its own.
changes=("BEFORE commit" "AFTER commit" "BEFORE running" "AFTER running")
removals=("BEFORE links" "AFTER links" "BEFORE objects" "AFTER objects" "BEFORE reconcile" "AFTER reconcile" "BEFORE gone" "AFTER gone" "BEFORE archive" "AFTER archive")
for step in secrets repositories branches links objects reconcile protected running; do
    for when in BEFORE AFTER; do
        name=crash-$stamp-$number
        crash "$when" "$step" "$(install "$name")" installed "$name"
        read -r when step2 <<<"${changes[$number]:-}"
        [ -z "$when" ] || crash "$when" "$step2" "$(configure "$name" "Changed $number")" configured "$name"
        read -r when step2 <<<"${removals[$number]:-}"
        [ -z "$when" ] || crash "$when" "$step2" "$(uninstall "$name")" uninstalled "$name"
        number=$((number + 1))
    done
done
