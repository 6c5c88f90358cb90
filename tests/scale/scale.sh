#!/usr/bin/env bash
# Applications are installed, changed and removed while each service goes from one replica to three and back to one; in the end there is what is there when one
# replica did it all. Needs the environment file of ./dev up; CATALYST_TEST_APPLICATIONS (20) says how many.
# Subjects of the spine begin with a dollar.
# shellcheck disable=SC2016
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
count=${CATALYST_TEST_APPLICATIONS:-20}
SCALED=(environment-controller provisioning blueprint-controller billing catalog-svc)

scale() { "$root/dev" scale "$@"; } # SERVICE N
export CATALYST_INSTANCE=$CATALYST_TEST_INSTANCE
CATALYST_DATA=$(dirname "$CATALYST_TEST_INSTANCE_DIR")
export CATALYST_DATA CATALYST_BIN=$CATALYST_TEST_BIN
scale_all() { # N
    local service
    for service in "${SCALED[@]}"; do scale "$service" "$1" || return; done
}
usual=2
clean_up() {
    scale_all $usual >/dev/null 2>&1
    # What is still there goes.
    for name in $(host get applications.catalyst.openova.io -n acme -o name | sed 's|.*/||' | grep -E "^scale-(one|many)-$stamp"); do carry_out "$admin" "$(uninstall "$name")"; done >/dev/null 2>&1
    leave
}
trap clean_up EXIT
admin=$(sign_in ACME_ORG_ADMIN)
names() { seq -f "scale-$1-$stamp-%.0f" 1 "$count"; } # RUN

# all RUN WISH-OF NAMES...: carried out together
all() {
    local wish=$1 name pids=() code=0
    shift
    for name in "$@"; do
        (work=$work/$name && mkdir -p "$work" && carry_out "$admin" "$($wish "$name")") >"$work/said-$name" 2>&1 & pids+=($!)
    done
    for name in "${pids[@]}"; do wait "$name" || code=1; done
    [ $code = 0 ] || { for name in "$@"; do tail -n 2 "$work/said-$name" | cut -c 1-600; done; }
    return $code
}
wish_install() { install "$1" bp-podinfo '["acme-dev", "acme-stg"]' '{"message": "As installed"}'; }
wish_change() { configure "$1" '{"message": "Changed"}'; }
half() { names "$1" | awk 'NR % 2'; }       # RUN: those that are removed
other_half() { names "$1" | awk '!(NR % 2)'; } # RUN

# What a run leaves, one thing a line, without the run's name, numbers of versions, and times.
left_by() { # RUN
    local prefix=scale-$1-$stamp
    {
        echo "repositories"
        gitea GET "/repos/search?q=$prefix&limit=50" | jq -r '.data[] | "\(.full_name) \(.archived) \(.default_branch)"'
        echo "files of the Organization"
        clone system/catalyst-config org/acme && (cd "$work/catalyst-config" && grep -l . applications/"$prefix"* 2>/dev/null; cat applications/"$prefix"* 2>/dev/null)
        echo "branches"
        local name
        for name in $(other_half "$1"); do
            gitea GET "/repos/acme/$name/branches" | jq -r --arg n "$name" '.[].name | "\($n) \(.)"'
            clone "acme/$name" develop && (cd "$work/$name" && git ls-files | sed "s|^|$name |" && cat values.yaml)
            gitea GET "/repos/acme/$name/branch_protections" | jq -r --arg n "$name" '.[].rule_name | "\($n) protects \(.)"'
        done
        echo "objects"
        inner acme get deployments,services,configmaps,networkpolicies,resourcequotas,serviceaccounts,kustomizations.kustomize.toolkit.fluxcd.io,gitrepositories.source.toolkit.fluxcd.io -A -o json |
            jq -r --arg p "$prefix" '.items[] | select((.metadata.namespace | startswith($p)) or (.metadata.name | startswith($p))) | "\(.kind) \(.metadata.namespace) \(.metadata.name) \(.spec.replicas // "")"'
        echo "statuses"
        host get applications.catalyst.openova.io -n acme -o json | jq -r --arg p "$prefix" '.items[] | select(.metadata.name | startswith($p)) | .metadata.name as $n | .status.conditions[] | "\($n) \(.type) \(.status) \(.reason)"'
        echo "rows"
        for name in acme-dev acme-stg; do
            read_api "$admin" "$CATALYST_TEST_PROJECTOR_1_URL/v1/environments/$name/rows?limit=200&kind=application" | jq -r --arg p "$prefix" '.items[] | select(.key | contains($p)) | "\(.key) \(.status) \(.message // "")"'
        done
    } | sed -E "s/$prefix/scale/g; s/[0-9a-f]{40}/COMMIT/g; s/[0-9a-f]{8}\b/COMMIT/g" | sort
}
settled() { # RUN: twice the same
    left_by "$1" >"$work/left-$1" && sleep 2 && left_by "$1" | diff - "$work/left-$1"
}

check "each service goes down to one replica" scale_all 1
mapfile -t one < <(names one)
check "$count Applications are installed by one replica of each" all wish_install "${one[@]}"
check "changed" all wish_change "${one[@]}"
mapfile -t removed < <(half one)
check "and half of them removed" all uninstall "${removed[@]}"
check "what is left is at rest" within 60 settled one

# --- by one, three, one ---

versions() { # KIND of acme: [kind/name, version, conditions] a line, each time that one is written, until it is ended
    "$CATALYST_TEST_KUBECTL" --kubeconfig="$CATALYST_TEST_KUBECONFIG" get "$1.catalyst.openova.io" -n acme -o json --watch |
        jq -c --unbuffered '[.kind + "/" + .metadata.name, .metadata.resourceVersion, ([.status.conditions[]? | {type, status, reason}] | sort_by(.type))]'
}
versions applications >"$work/versions.applications" 2>/dev/null &
watchers=($!)
versions environments >"$work/versions.environments" 2>/dev/null &
watchers+=($!)
meanwhile() { # SERVICES-TO WISH NAMES...: carried out while the services are scaled
    local to=$1 code=0
    shift
    all "$@" >"$work/all" 2>&1 & local work_pid=$!
    scale_all "$to" || code=1
    wait "$work_pid" || { cat "$work/all"; code=1; }
    return $code
}
mapfile -t many < <(names many)
mapfile -t removed < <(half many)
check "as many are installed while each service goes from one to three" meanwhile 3 wish_install "${many[@]}"
check "changed by three" all wish_change "${many[@]}"
check "and half of them removed while each goes back to one" meanwhile 1 uninstall "${removed[@]}"
check "what is left is at rest" within 60 settled many
check "it is what one replica left" diff "$work/left-one" "$work/left-many"
for watcher in "${watchers[@]}"; do pkill -P "$watcher"; done
kill "${watchers[@]}" 2>/dev/null
cat "$work"/versions.* >"$work/versions"
# A condition that is one thing, another, the first and the other again has two writers, or one that cannot make up its mind.
does_not_alternate() {
    jq -sc '[.[] | .[0] as $object | .[2][] | {object: $object, type, is: "\(.status) \(.reason)"}] | group_by([.object, .type])[] |
        {what: (.[0].object + " " + .[0].type), was: ([.[].is] | reduce .[] as $one ([]; if .[-1] == $one then . else . + [$one] end))} |
        select(.was as $w | any(range(0; ($w | length) - 3); $w[.] == $w[. + 2] and $w[. + 1] == $w[. + 3]))' "$work/versions" >"$work/alternating" && test -s "$work/versions" && ! grep . "$work/alternating"
}
check "no condition went to and fro" does_not_alternate
echo "status writes: $(jq -r '.[0]' "$work/versions" | grep -c "scale-many") of $count Applications"
check "each service has as many replicas as before" scale_all $usual
sum_up
