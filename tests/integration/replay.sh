#!/usr/bin/env bash
# State is what the log says: after an Environment's rows were deleted the same rows come back, and a projector that is killed while it folds, ten times,
# leaves the rows that the cluster has, on both replicas. Needs the environment file of ./dev up.
# Subjects of the spine begin with a dollar.
# shellcheck disable=SC2016
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
namespace=replay-$stamp
count=20
kills=10

stop_both() { in_instance stop_replicas projector; }
start_both() { in_instance start_replicas projector; }
ready() { # REPLICA
    local url=CATALYST_TEST_PROJECTOR_$1_ADMIN_URL
    curl -fsS -o /dev/null "${!url}/readyz"
}
(umask 077 && host get secret nats-acme -n catalyst-environment-controller -o jsonpath='{.data.creds}' | base64 -d >"$work/acme.creds")
spine() { node "$root/tests/integration/spine.mjs" "$CATALYST_TEST_SPINE_URL" "$work/acme.creds" request "$@"; }
fold() { # the row `_fold` of acme-dev
    spine '$JS.API.STREAM.MSG.GET.KV_ws-acme-dev-state' '{"last_by_subj": "$KV.ws-acme-dev-state._fold"}' | jq -r '.message.data | @base64d'
}

# Every row of acme-dev that a replica shows, one a line, without what counts the writes of the bucket.
rows() { # REPLICA
    local url=CATALYST_TEST_PROJECTOR_$1_URL cursor='' page
    while
        page=$(read_api "$viewer" "${!url}/v1/environments/acme-dev/rows?limit=200${cursor:+&cursor=$cursor}") && jq -e .items <<<"$page" >/dev/null || return
        jq -c '.items[] | del(.revision, .foldedAt)' <<<"$page"
        cursor=$(jq -r '.next // empty' <<<"$page")
        [ -n "$cursor" ]
    do :; done
}
quiet() { # twice the same on both, a second apart: into $work/before
    rows 1 >"$work/before" && sleep 1 && rows 2 >"$work/after" && [ -s "$work/before" ] && cmp "$work/before" "$work/after"
}
same_again() { # REPLICA
    rows "$1" >"$work/after" && diff "$work/before" "$work/after"
}

viewer=$(sign_in ACME_ORG_VIEWER)
make_many acme "$namespace" acme-dev $count
change_many acme "$namespace" $count 1
inner acme delete configmap c0 -n "$namespace" >/dev/null
check "acme-dev has rows, on both replicas the same" within 60 quiet
has_workloads() { is "$(jq -r .kind "$work/before" | grep -cE '^(application|deployment|pod|repository)$' | sed 's/^[1-9].*/some/')" some; }
check "of Applications, workloads and repositories, too" has_workloads
epoch=$(fold | jq .epoch)
check "both projectors stop" stop_both
check "the bucket of its rows is deleted" eval "spine '\$JS.API.STREAM.DELETE.KV_ws-acme-dev-state' | jq -e .success"
check "both projectors start again" start_both
check "they are ready" within 60 eval 'ready 1 && ready 2'
check "the same rows come back on projector-1" within 90 same_again 1
check "and on projector-2" within 30 same_again 2
check "folded from the beginning of the log" test "$(fold | jq .epoch)" -le "$epoch"

# --- a holder that is killed ---

holder() { fold | jq -r '.holder | split("/")[0]'; }
kill_holder() {
    local name before
    before=$(fold | jq .epoch)
    name=$(holder)
    kill -KILL "$(cut -d' ' -f1 "$CATALYST_TEST_INSTANCE_DIR/run/$name.pid")" || return
    in_instance start_service "$name"
    within 40 eval "[ \"\$(fold | jq .epoch)\" -gt $before ]"
}
change_on() { # until told to stop
    local round=2
    until [ -e "$work/enough" ]; do
        change_many acme "$namespace" $((count - 1)) $((round++)) || return
        sleep 0.2
    done
}
kill_often() {
    local time
    for time in $(seq $kills); do kill_holder || { echo "after $time"; return 1; }; done
}
inner acme create configmap c0 -n "$namespace" >/dev/null
change_on >"$work/changing" 2>&1 &
changing=$!
check "the projector that folds is killed ten times while changes run, and each time somebody goes on" kill_often
touch "$work/enough"
check "the changes went on" wait $changing

versions_of_cluster() { inner acme get configmaps -n "$namespace" -o json | jq -r '.items[].metadata | select(.name | test("^c[0-9]+$")) | "\(.name) \(.resourceVersion)"' | sort; }
versions_of_rows() { # REPLICA
    rows "$1" | jq -r --arg namespace "$namespace" 'select(.kind == "configmap" and .namespace == $namespace) | "\(.name) \([.clusters[]][0].resourceVersion)"' | sort
}
equal_the_cluster() {
    versions_of_cluster >"$work/cluster"
    [ "$(wc -l <"$work/cluster")" = $count ] && diff <(versions_of_rows "$1") "$work/cluster"
}
check "projector-1 shows what the cluster has" within 60 equal_the_cluster 1
check "projector-2 shows what the cluster has" within 60 equal_the_cluster 2
check "and all their rows are the same" within 60 quiet
inner acme delete namespace "$namespace" --wait=false >/dev/null

sum_up
