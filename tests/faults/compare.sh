# What operations left, as text that is the same for any two that nothing disturbed. To be sourced after lib.sh.
# shellcheck shell=bash disable=SC2154

KINDS=namespaces,deployments,statefulsets,replicasets,pods,jobs,services,configmaps,secrets,serviceaccounts,ingresses,networkpolicies,resourcequotas
KINDS+=,persistentvolumeclaims,externalsecrets,secretstores,gitrepositories,kustomizations
EMPTY_TREE=4b825dc642cb6eb9a060e54bf8d69288fbee4904

# --- Git ---

git_signed_in() {
    GIT_TERMINAL_PROMPT=0 GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraHeader GIT_CONFIG_VALUE_0="Authorization: token $CATALYST_TEST_GITEA_TOKEN" git "$@"
}
copy_of() { echo "$work/git/$1.git"; }
fetch() { # repository: a whole copy as it is now
    local copy
    copy=$(copy_of "$1")
    if [ -d "$copy" ]; then
        git_signed_in -C "$copy" fetch -q --prune origin '+refs/*:refs/*'
    else
        git_signed_in clone -q --mirror "$CATALYST_TEST_GITEA_URL/$1.git" "$copy"
    fi
}
branches() { git -C "$(copy_of "$1")" for-each-ref --format='%(refname:short)' refs/heads; }
# Every line of a branch's files after the file's name; blob ids differ with names.
files() { # repository branch [paths...]
    git -C "$(copy_of "$1")" diff --no-color --no-renames "$EMPTY_TREE" "$2" -- "${@:3}" | grep -vE '^(index|---|new file) '
}

# A repository that the Application has for itself: files and commits of each branch, settings, protection.
own_repository() { # repository
    local branch
    fetch "$1" || return
    for branch in $(branches "$1"); do
        echo "$1 $branch: $(git -C "$(copy_of "$1")" rev-list --count "$branch") commits"
        git -C "$(copy_of "$1")" log --topo-order --format='%s, by %an, %cn' "$branch"
        files "$1" "$branch"
    done
    gitea_api GET "/repos/$1" | jq -c '[.full_name, .archived, .private, .default_branch]'
    gitea_api GET "/repos/$1/branch_protections" | jq -cS '[.[] | del(.created_at, .updated_at)] | sort_by(.rule_name) | .[]'
}
# One that others write to as well: commits of the operation, files and lines of the Application.
shared_repository() { # repository operation application
    local branch
    for branch in $(branches "$1"); do
        echo "$1 $branch: $(git -C "$(copy_of "$1")" rev-list --count --grep="^Operation: $2\$" "$branch") commits of the operation"
        files "$1" "$branch" ":(glob)**/$3*.yaml"
        git -C "$(copy_of "$1")" grep --no-color -F "$3" "$branch" --
    done
}

# --- clusters ---

# Without identity, times, addresses and words that tell times.
MASK='def masked: walk(if type == "object" then
        del(.uid, .resourceVersion, .creationTimestamp, .generation, .clusterIP, .clusterIPs, .podIP, .podIPs, .hostIP, .hostIPs, .startTime, .completionTime, .containerID,
            .volumeName, .lastTransitionTime, .lastUpdateTime, .lastProbeTime, .refreshTime, .syncedResourceVersion, .artifact, .history, .inventory, .lastHandledReconcileAt,
            ."reconcile.fluxcd.io/requestedAt", ."batch.kubernetes.io/controller-uid", ."controller-uid") |
        if has("observedGeneration") then .observedGeneration = "seen" else . end |
        if has("type") and has("status") and has("message") then del(.message) else . end |
        if .annotations == {} then del(.annotations) else . end
    else . end);
    def brief: if .kind == "Pod" then {kind, metadata: {name: .metadata.generateName, namespace: .metadata.namespace, labels: .metadata.labels},
            phase: .status.phase, images: [.spec.containers[].image]} else . end;'

# One look at everything, for all Applications that are compared now.
look() {
    rm -rf "$work/look"
    mkdir -p "$work/look"
    fetch system/catalyst-config && fetch "$organization/$BASE" &&
        vcluster_kubectl get "$KINDS" -A -o json >"$work/look/vcluster" &&
        host_kubectl get applications.catalyst.openova.io -n "$organization" -o json >"$work/look/host" &&
        host_kubectl get secrets -n "catalyst-secrets-$organization" -o json | jq '.items | map({name: .metadata.name, data: (.data // {})})' >"$work/look/stored"
}
# Of a stored value only its length is told; a Secret in the vcluster says whether what it holds is that very value.
objects() { # application
    jq -r --arg name "$1" '.[] | select(.name | test("\\.\($name)(-[a-z]+)?\\.")) | .name as $path | .data | to_entries[] |
        "stored \($path) \(.key): \(.value | @base64d | length) characters"' "$work/look/stored"
    jq -cS --arg name "$1" "$MASK"' .items[] | select(.metadata.name | startswith($name)) | masked' "$work/look/host"
    jq -cS --arg name "$1" --slurpfile stored "$work/look/stored" "$MASK"' [$stored[0][].data[]] as $values |
        .items[] | select((.metadata.namespace // "" | startswith($name)) or (.metadata.name | startswith($name))) | masked | brief |
        if .kind == "Secret" then .data |= ((. // {}) | map_values(if IN($values[]) then "as stored" else "not as stored" end)) else . end' "$work/look/vcluster"
}
# What every screen shows of it.
rows() { # application types...
    local type name
    for type in "${@:2}"; do
        for name in "$1" "$1-postgres"; do
            shown "/environments/$organization-$type/rows?limit=200&application=$name" |
                jq -cS '.items[]? | select(.kind != "operation" and .kind != "event") | [.kind, .namespace, .name, .environment, .application, .blueprint, .status, .reason, .resources]'
        done
    done
}

# left APPLICATION OPERATION TYPES...: everything, masked. After look.
left() {
    local name=$1 operation=$2 repository
    shift 2
    {
        for repository in $(gitea_api GET "/repos/search?q=$name&limit=50" | jq -r '.data[].full_name' | sort); do own_repository "$repository"; done
        shared_repository system/catalyst-config "$operation" "$name"
        shared_repository "$organization/$BASE" "$operation" "$name"
    } 2>&1 | mask "$name" "$operation"
    { objects "$name"; rows "$name" "$@"; } 2>&1 | mask "$name" "$operation" | LC_ALL=C sort
}
# Kubernetes writes the hash of a pod's template with ten letters, and as short as it is.
mask() { # application operation
    sed -E "s/$1/APPLICATION/g; s/$2/OPERATION/g; s/\b[0-9a-f]{40}\b/COMMIT/g; s/-[4-9bcdf]{5,10}-[a-z0-9]{5}\b/-POD/g; s/-databases-[a-z0-9]{5}\b/-databases-POD/g;
        s/(APPLICATION(-[a-z]+)*)-[4-9bcdf]{5,10}\b/\1-HASH/g; s/(\"pod-template-hash\":)\"[4-9bcdf]+\"/\1\"HASH\"/g"
}
