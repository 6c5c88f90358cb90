# Talking to the Sovereign under test, and striking its processes. To be sourced, after the environment file of ./dev up was read.
# shellcheck shell=bash disable=SC2154
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ -n "${CATALYST_TEST_URL:-}" ] || { echo "read the environment file of ./dev up first: set -a; . env" >&2; exit 2; }
export CATALYST_INSTANCE_DIR=$CATALYST_TEST_INSTANCE_DIR CATALYST_BIN=$CATALYST_TEST_BIN
# shellcheck source=tools/dev/sovereign.sh
. "$root/tools/dev/sovereign.sh"
set +e # a failed command is a finding here, and told where it is noticed

organization=acme
vcluster=$HOST_CLUSTER-$organization

await() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}
now_ms() { date +%s%3N; }

# --- calls, as the Organization's administrator ---

sign_in() { # unless the token is fresh
    [ -z "${signed_in_at:-}" ] || [ $((SECONDS - signed_in_at)) -ge 120 ] || return 0
    curl -fsS --max-time 30 "$CATALYST_TEST_TOKEN_URL" -d grant_type=password -d "client_id=$CATALYST_TEST_CLIENT_ID" \
        --data-urlencode "client_secret@$CATALYST_TEST_CLIENT_SECRET" -d "username=$CATALYST_TEST_USER_ACME_ORG_ADMIN" \
        --data-urlencode "password@$CATALYST_TEST_PASSWORD_ACME_ORG_ADMIN" | jq -r '"Authorization: Bearer " + .access_token' | secret_file "$work/header"
    signed_in_at=$SECONDS
}
call() { # METHOD path [body]
    curl -sS --max-time 30 -X "$1" -H "@$work/header" -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" -H 'Content-Type: application/json' \
        ${3:+--data-binary "$3"} "$CATALYST_TEST_PROVISIONING_URL/v1$2"
}
shown() { curl -fsS --max-time 20 -H "@$work/header" "$CATALYST_TEST_PROJECTOR_1_URL/v1$1"; }
vcluster_kubectl() { "$CATALYST_TEST_KUBECTL" --kubeconfig="$data/clusters/$vcluster/kc/admin.yaml" --request-timeout=20s "$@"; }

# plan WISH: the operation's id, which is the plan's, in $id, and what applies it in $hash
plan() {
    local answer
    answer=$(call POST /plans "$1")
    id=$(jq -r '.id // empty' <<<"$answer" 2>/dev/null)
    hash=$(jq -r '.hash // empty' <<<"$answer" 2>/dev/null)
    [ -n "$id" ] && [ -n "$hash" ] || { echo "no plan: ${answer:0:600}"; return 1; }
}
apply() { # id hash
    local answer
    answer=$(call POST "/plans/$1/apply" "{\"hash\": \"$2\"}")
    [ "$(jq -r '.operation | if type == "object" then .operation else . end' <<<"$answer" 2>/dev/null)" = "$1" ] || { echo "not applied: ${answer:0:600}"; return 1; }
}

# The operation as provisioning tells it, in $work/operation.ID; what it said on its way, in $work/said.ID.
has_ended() { # id
    local status message
    sign_in
    call GET "/operations/$1" >"$work/answer" 2>/dev/null
    IFS=$'\t' read -r status message < <(jq -r 'select(.steps) | [.status, .message // ""] | @tsv' "$work/answer" 2>/dev/null)
    [ -n "$status" ] || return 1
    mv "$work/answer" "$work/operation.$1"
    [ -z "$message" ] || [ "$message" = "$(tail -n 1 "$work/said.$1" 2>/dev/null)" ] || printf '%s\n' "$message" >>"$work/said.$1"
    [ "$status" = Succeeded ] || [ "$status" = Failed ] || [ "$status" = Superseded ]
}
has_succeeded() { # id
    [ "$(jq -r .status "$work/operation.$1" 2>/dev/null)" = Succeeded ] && return 0
    jq -c '["the operation is", .status, .message, (.steps[] | .name + " " + .status)]' "$work/operation.$1"
    return 1
}

# Why it waits, for who reads a failed run: what was written of it last, and whether the management cluster takes a write.
logged() { # id
    grep -hF "\"operation\":\"$1\"" "$data"/logs/provisioning-*.log | tail -n 3 | cut -c 1-600
    "$CATALYST_TEST_KUBECTL" --kubeconfig="$data/clusters/$HOST_CLUSTER/kc/admin.yaml" --request-timeout=10s create namespace fault-trial --dry-run=server 2>&1 | tail -n 2
}

# --- processes ---

is_service() { [ -f "$data/etc/$1.yaml" ]; }
answers() { curl -fsS --max-time 2 -o /dev/null "http://127.0.0.1:$(replica_admin_port "$1")/readyz" 2>/dev/null; }

# provisioning keeps the orders in $orders (services/provisioning/steps/faults.h) for as long as the tests run. A worker that is held does nothing else.
serve_with_orders() {
    local replica
    for replica in $(replicas_of provisioning); do serve_replica_with_orders "$replica"; done
}
serve_replica_with_orders() { # REPLICA
    { cat "$data/etc/$1.yaml"; printf 'workers: 64\nfaults: {folder: %s}\n' "$orders"; } | secret_file "$work/$1.yaml"
    start_service "$1" "$work/$1.yaml"
}
serve_as_usual() {
    local replica
    for replica in $(replicas_of provisioning); do start_service "$replica"; done
}

# What is struck by that name: the replicas of a service, or one process.
processes_of() { # TARGET
    if [[ " ${SERVICES[*]} " == *" $1 "* ]]; then replicas_of "$1"; else echo "$1"; fi
}
strike_all() { # TARGET SIGNAL: together, before anyone could take over
    local name code=0
    for name in $(processes_of "$1"); do strike "$name" "$2" no-wait || code=1; done
    for name in $(processes_of "$1"); do [ "$2" != KILL ] || await 20 is_struck_down "$name" || code=1; done
    return $code
}
is_struck_down() { ! process_pid "$1" >/dev/null; } # NAME
revive_all() { # TARGET
    local name code=0
    for name in $(processes_of "$1"); do revive "$name" || code=1; done
    return $code
}
all_run() { # TARGET
    local name
    for name in $(processes_of "$1"); do process_pid "$name" >/dev/null || { echo "$name"; return 1; }; done
}

# Starts what is not there as ./dev up starts it; returns when it answers.
revive() { # NAME
    (
        case $1 in
            provisioning-*) serve_replica_with_orders "$1" ;;
            nats) start_spine && spine_ready ;;
            gitea) start_gitea && gitea_ready ;;
            keycloak) start_keycloak && keycloak_ready ;;
            etcd) start_etcd && etcd_ready ;;
            front-door) start_front_door && front_door_ready ;;
            *-standin) start_standins ;;
            *.*) "$root/tools/cluster.sh" up "${1%%.*}" ;;
            *) start_service "$1" ;;
        esac
        # shellcheck disable=SC2181
        [ $? = 0 ] && { ! is_service "$1" || await 90 answers "$1"; } && renew_pods "$1"
    ) >>"$work/revived" 2>&1
}
# What stands for kubelets gives a Pod up for good whose step an API server or etcd refused as it died (KWOK 0.8.0: "failed to apply stage"); a kubelet
# tries again. Begun anew it looks at all Pods.
renew_pods() { # NAME of what was started again
    local cluster clusters=()
    case $1 in
        etcd) clusters=("$HOST_CLUSTER" "$vcluster") ;;
        *.kube-apiserver) clusters=("${1%%.*}") ;;
    esac
    for cluster in "${clusters[@]}"; do
        if process_pid "$cluster.kwok" >/dev/null; then strike "$cluster.kwok" KILL; fi
        "$root/tools/cluster.sh" up "$cluster" || return
    done
}
strike() { # NAME SIGNAL [no-wait]: all of its session; returns when a killed one is gone
    local pid
    pid=$(process_pid "$1") || { echo "$1 does not run"; return 1; }
    kill -s "$2" -- "-$pid" 2>/dev/null || kill -s "$2" "$pid"
    [ "$2" != KILL ] || [ -n "${3:-}" ] || await 20 process_is_gone "$pid"
}
# What an ended or interrupted run may have left stopped or dead.
heal() {
    local name
    for name in $(process_names); do
        if process_pid "$name" >/dev/null; then strike "$name" CONT; else revive_dead "$name"; fi
    done
}
# What ends by itself is started again, as a cluster does it, and is told: it may be why something else failed.
revive_dead() { # NAME
    echo "$1 had ended, and is started again; its log ends with:"
    tail -n 5 "$data/logs/$1.log" | cut -c 1-400
    revive "$1"
}
