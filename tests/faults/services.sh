#!/usr/bin/env bash
# Every process killed or stopped for a while in the middle of an install: the operation ends well by itself, and leaves the same files, commits and objects
# as an install that nothing disturbed. Needs the environment file of ./dev up; works on processes of that instance. services.sh [NAME...]: only those.
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
vcluster=$HOST_CLUSTER-acme
api=$CATALYST_TEST_PROVISIONING_URL/v1
stopped=''
killed=''

finish() {
    trap - EXIT
    [ -z "$stopped" ] || signal_process "$stopped" CONT
    [ -z "$killed" ] || revive "$killed"
    rm -rf "$work"
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
trap finish EXIT
trap 'exit 130' INT TERM

wait_until() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.2
    done
}
sign_in() {
    access=$(curl -fsS --max-time 20 "$CATALYST_TEST_TOKEN_URL" -d grant_type=password -d "client_id=$CATALYST_TEST_CLIENT_ID" \
        --data-urlencode "client_secret@$CATALYST_TEST_CLIENT_SECRET" -d "username=$CATALYST_TEST_USER_ACME_ORG_DEVELOPER" \
        --data-urlencode "password@$CATALYST_TEST_PASSWORD_ACME_ORG_DEVELOPER" | jq -r .access_token)
}
call() { # METHOD path [body]
    curl -sS --max-time 20 -X "$1" -H "Authorization: Bearer $access" -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" -H 'Content-Type: application/json' \
        ${3:+--data-binary "$3"} "$api$2"
}
gitea() { curl -fsS --max-time 20 -H "Authorization: token $CATALYST_TEST_GITEA_TOKEN" "$CATALYST_TEST_GITEA_URL/api/v1$1"; }

begin() { # WISH: plans and applies; the operation's id is in $id
    local plan
    plan=$(call POST /plans "$1")
    id=$(jq -r '.id // empty' <<<"$plan")
    [ -n "$id" ] || { echo "no plan: $plan"; return 1; }
    call POST "/plans/$id/apply" "{\"hash\": $(jq .hash <<<"$plan")}" >"$work/applied"
}
state() { call GET "/operations/$id" 2>/dev/null | jq -r .status 2>/dev/null; }
under_way() { [[ "$(state)" =~ ^(Running|Waiting)$ ]]; }
ended() { [[ "$(state)" =~ ^(Succeeded|Failed)$ ]]; }
succeeds() { wait_until 150 ended && [ "$(state)" = Succeeded ] || { call GET "/operations/$id" | jq -c '[.status, .message]'; return 1; }; }

# As ./dev up starts it.
revive() {
    local service=${1%-[12]}
    FINGERPRINT_FILES=$data/etc/$1.yaml CATALYST_INSTANCE=$1 start_process "$1" "$CATALYST_BIN/$service" --config "$data/etc/$1.yaml"
}
strike() { # NAME: kills a service, which starts again at once; stops a peer for some seconds
    if [ -f "$data/etc/$1.yaml" ] && [ -x "$CATALYST_BIN/${1%-[12]}" ]; then
        killed=$1
        signal_process "$1" KILL
        sleep 1
        revive "$1"
        killed=''
    else
        stopped=$1
        signal_process "$1" STOP
        sleep 5
        signal_process "$1" CONT
        stopped=''
    fi
}

# What an install left: each branch's files and number of commits, and the objects in the vcluster; without what differs between any two installs.
left() { # APPLICATION
    local branch type
    for branch in main develop staging; do
        echo "$branch has $(gitea "/repos/acme/$1/commits?sha=$branch&stat=false&verification=false&files=false&limit=50" | jq length) commits"
        rm -rf "$work/files"
        mkdir "$work/files"
        curl -fsS --max-time 20 -H "Authorization: token $CATALYST_TEST_GITEA_TOKEN" "$CATALYST_TEST_GITEA_URL/api/v1/repos/acme/$1/archive/$branch.tar.gz" |
            tar -xz -C "$work/files" --strip-components=1
        (cd "$work/files" && find . -type f | LC_ALL=C sort | xargs -r tail -n +1)
    done
    for type in dev stg; do
        "$CATALYST_TEST_KUBECTL" --kubeconfig="$data/clusters/$vcluster/kc/admin.yaml" -n "$1-$type" get -o json \
            deployments,services,configmaps,networkpolicies,resourcequotas,externalsecrets,secretstores |
            jq -cS '.items[] | [.kind, .metadata.name, .metadata.labels, .data, (.spec | del(.clusterIP, .clusterIPs))]' | LC_ALL=C sort
    done
}
masked() { left "$1" | sed "s/$1/APPLICATION/g"; }

install() { jq -nc --arg n "$1" '{kind: "install", application: $n, blueprint: {name: "bp-podinfo"}, environments: ["acme-dev", "acme-stg"], config: {}}'; }
remove() { begin "$(jq -nc --arg n "$1" '{kind: "uninstall", application: $n, confirm: $n}')" && succeeds; }

disturbed() { # NAME APPLICATION
    process_pid "$1" >/dev/null || { echo "$1 does not run"; return 1; }
    begin "$(install "$2")" || return
    # The blow falls inside of the operation, or nothing was tried.
    wait_until 20 under_way || { echo "not under way before the blow: $(state)"; return 1; }
    strike "$1"
    succeeds || return
    masked "$2" >"$work/is"
    diff "$work/expected" "$work/is"
}

targets=("$@")
[ "$#" -gt 0 ] || targets=(provisioning environment-controller projector-1 projector-2 blueprint-controller catalog-svc billing
    nats gitea "$HOST_CLUSTER.kube-apiserver" "$vcluster.kube-apiserver" "$HOST_CLUSTER.source-controller" "$vcluster.source-controller"
    "$vcluster.kustomize-controller")
stamp=$(date +%s | tail -c 5)
sign_in
if begin "$(install "hit-$stamp-00")" && succeeds; then
    masked "hit-$stamp-00" >"$work/expected"
    grep -q '"Deployment"' "$work/expected" || { echo "FAILED the undisturbed install left no Deployment"; failed=1; exit 1; }
    remove "hit-$stamp-00"
else
    echo "FAILED an install that nothing disturbs"
    failed=1
    exit 1
fi
number=1
for target in "${targets[@]}"; do
    sign_in
    name=hit-$stamp-$(printf %02d "$number")
    if disturbed "$target" "$name" >"$work/said" 2>&1; then
        passed=$((passed + 1))
        echo "ok     an install goes on and leaves the same when $target is struck meanwhile"
    else
        failed=$((failed + 1))
        echo "FAILED an install goes on and leaves the same when $target is struck meanwhile"
        head -n 12 "$work/said" | cut -c 1-600
    fi
    remove "$name" >"$work/said" 2>&1 || { failed=$((failed + 1)); echo "FAILED $name is removed after that: $(head -c 500 "$work/said")"; }
    number=$((number + 1))
done
