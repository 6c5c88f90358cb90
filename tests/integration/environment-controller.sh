#!/usr/bin/env bash
# environment-controller against the real peers: an Organization that became ready, Applications committed by hand that run, drift that is
# put back, a restart that says nothing twice, and removal that leaves nothing but volumes. Needs the environment file of ./dev up.
set -uo pipefail
passed=0
failed=0
work=$(mktemp -d)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
namespace=acme
vcluster=$CATALYST_TEST_HOST_CLUSTER-acme

host() { "$CATALYST_TEST_KUBECTL" --kubeconfig="$CATALYST_TEST_KUBECONFIG" --request-timeout=30s "$@"; }
inner() { "$CATALYST_TEST_KUBECTL" --kubeconfig="$work/vcluster.yaml" --request-timeout=30s "$@"; }
gitea() { # METHOD PATH [JSON]
    curl -fsS --max-time 30 -X "$1" -H "Authorization: token $(cat "$CATALYST_TEST_GITEA_ADMIN_TOKEN")" -H 'Content-Type: application/json' \
        ${3:+-d "$3"} "$CATALYST_TEST_GITEA_URL/api/v1$2"
}
git_as_admin() {
    GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 git \
        -c credential.helper="!printf 'username=$CATALYST_TEST_GITEA_ADMIN_USER\npassword='; cat '$CATALYST_TEST_GITEA_ADMIN_TOKEN'; :" \
        -c user.name=Test -c user.email=test@example.org -c init.defaultBranch=main "$@"
}

# check SENTENCE SECONDS COMMAND...: asks until it holds.
check() {
    local sentence=$1 end=$((SECONDS + $2))
    shift 2
    until "$@" >"$work/output" 2>&1; do
        if [ "$SECONDS" -ge "$end" ]; then
            failed=$((failed + 1))
            printf 'FAILED %s\n' "$sentence"
            tail -n 5 "$work/output"
            return 1
        fi
        sleep 0.3
    done
    passed=$((passed + 1))
    printf 'ok     %s\n' "$sentence"
}

is() { # WANTED COMMAND...
    local wanted=$1 have
    shift
    have=$("$@") && [ "$have" = "$wanted" ] || { printf 'is %s, not %s\n' "${have:-nothing}" "$wanted"; return 1; }
}
condition() { # KIND NAME TYPE
    host get "$1.catalyst.openova.io" "$2" -n $namespace -o jsonpath="{.status.conditions[?(@.type==\"$3\")].status}"
}
field() { # KIND NAME PATH in the vcluster's flux-system
    inner get "$1" "$2" -n flux-system -o jsonpath="$3"
}
gone() { ! "$@"; }
one_of() { # WANTED COMMAND...: a line of its output
    local wanted=$1
    shift
    "$@" | grep -qxF -- "$wanted"
}
members() { gitea GET "/teams/$(gitea GET "/orgs/$namespace/teams" | jq -r ".[] | select(.name == \"$1\") | .id")/members" | jq -r '.[].login'; }
rules() { gitea GET "/repos/$namespace/$1/branch_protections" | jq -r '.[].rule_name' | sort | tr '\n' ' '; }
messages() { # in the stream of an Environment
    curl -fsS "$CATALYST_TEST_SPINE_MONITOR_URL/jsz?accounts=1&streams=1" |
        jq -r "[.account_details[].stream_detail[]? | select(.name == \"ws-$1\") | .state.messages] | add"
}

# application NAME DEPENDENCY: a repository with one Deployment and a volume that stays.
application() {
    local folder=$work/$1 dependencies='{}'
    [ -z "${2:-}" ] || dependencies="{base: {application: $2}}"
    gitea POST "/orgs/$namespace/repos" "{\"name\": \"$1\", \"private\": true}" >/dev/null
    mkdir -p "$folder/overlays/dev"
    printf 'resources: [web.yaml]\n' >"$folder/kustomization.yaml"
    printf 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: []\n' >"$folder/overlays/dev/kustomization.yaml"
    cat >"$folder/catalyst.yaml" <<YAML
apiVersion: catalyst.openova.io/v1alpha1
kind: ApplicationSource
metadata: {name: $1, annotations: {config.kubernetes.io/local-config: "true"}}
spec:
  blueprint: {source: catalog, name: bp-test, version: 1.0.0, digest: "git-tree:0"}
  dependencies: $dependencies
YAML
    cat >"$folder/web.yaml" <<YAML
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: example.org/web:1}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
YAML
    [ "$1" = ec-base ] || sed -i '/^---$/,$d' "$folder/web.yaml"
    git_as_admin -C "$folder" init -q -b develop
    git_as_admin -C "$folder" add -A
    git_as_admin -C "$folder" commit -q -m "Begin"
    git_as_admin -C "$folder" push -q "$CATALYST_TEST_GITEA_URL/$namespace/$1.git" develop 2>/dev/null
}

clone_config() {
    rm -rf "$work/config"
    git_as_admin clone -q -b org/$namespace "$CATALYST_TEST_GITEA_URL/system/catalyst-config.git" "$work/config"
    mkdir -p "$work/config/applications"
}
push_config() {
    git_as_admin -C "$work/config" add -A
    git_as_admin -C "$work/config" commit -q -m "$1"
    git_as_admin -C "$work/config" push -q origin org/$namespace 2>/dev/null
    host annotate gitrepository catalyst-config -n $namespace --overwrite "reconcile.fluxcd.io/requestedAt=$(date +%s.%N)" >/dev/null
}
want_applications() {
    local name
    clone_config
    for name in ec-base ec-top; do
        printf 'apiVersion: catalyst.openova.io/v1alpha1\nkind: Application\nmetadata: {name: %s}\nspec: {environments: [acme-dev]}\n' "$name" \
            >"$work/config/applications/$name.yaml"
    done
    push_config "Install two Applications"
}
unwant_applications() {
    clone_config
    rm -f "$work/config/applications/"ec-*.yaml
    push_config "Take the two Applications away"
}
clean_up() {
    unwant_applications >/dev/null 2>&1
    inner delete namespace ec-base-dev ec-top-dev --wait=false >/dev/null 2>&1
    gitea DELETE "/repos/$namespace/ec-base" >/dev/null 2>&1
    gitea DELETE "/repos/$namespace/ec-top" >/dev/null 2>&1
    rm -rf "$work"
}
trap clean_up EXIT

# The way ./dev does it, so that the process stays the instance's own.
restart_controller() (
    export CATALYST_INSTANCE_DIR=$CATALYST_TEST_INSTANCE_DIR CATALYST_BIN=$CATALYST_TEST_BIN
    # shellcheck disable=SC1091
    . "$root/tools/dev/sovereign.sh"
    stop_process environment-controller
    FINGERPRINT_FILES="$data/etc/environment-controller.yaml" start_process environment-controller "$CATALYST_BIN/environment-controller" \
        --config "$data/etc/environment-controller.yaml"
)

check "the Organization is ready" 120 is True condition organization acme Ready
check "its Environment is ready" 60 is True condition environment acme-dev Ready
host get secret "vc-$vcluster" -n $namespace -o jsonpath='{.data.config}' | base64 -d >"$work/vcluster.yaml"
check "a developer is mirrored from Keycloak into the team" 30 one_of "$CATALYST_TEST_USER_ACME_ORG_DEVELOPER" members developers
check "Flux has a reader's account" 10 one_of flux-acme members services
check "Flux in the vcluster can sign in" 30 inner get secret gitea-read -n flux-system
check "projector has credentials" 5 host get secret nats-acme -n catalyst-projector

application ec-base
application ec-top ec-base
want_applications
check "an Application that was committed is protected" 60 is True condition application ec-base Protected
check "it runs" 90 is True condition application ec-base Ready
check "one that depends on it runs too" 60 is True condition application ec-top Ready
check "the dependency is Flux's too" 5 is ec-base-dev field kustomization ec-top-dev '{.spec.dependsOn[0].name}'
check "its namespace says whose it is" 5 is acme-dev inner get namespace ec-base-dev -o jsonpath='{.metadata.labels.openova\.io/environment}'
check "its objects carry the labels of the contract" 5 is bp-test inner get deployment web -n ec-base-dev -o jsonpath='{.metadata.labels.openova\.io/blueprint}'
check "nobody from outside the Organization reaches it" 5 inner get networkpolicy default-deny -n ec-base-dev
check "its branches are protected" 5 is "catalyst/** develop main poc staging uat " rules ec-base
check "its status says which commit runs" 30 is "$(git_as_admin -C "$work/ec-base" rev-parse HEAD)" \
    host get application.catalyst.openova.io ec-base -n $namespace -o jsonpath='{.status.environments[0].running.commit}'

git_as_admin -C "$work/ec-base" commit -q --amend -m "Rewrite history"
check "a force-push is refused" 1 gone git_as_admin -C "$work/ec-base" push -q --force "$CATALYST_TEST_GITEA_URL/$namespace/ec-base.git" develop

inner scale deployment web -n ec-base-dev --replicas=3 >/dev/null
check "a change by hand is put back" 20 is 1 inner get deployment web -n ec-base-dev -o jsonpath='{.spec.replicas}'

sleep 3
before=$(messages acme-dev)
check "the controller stops when asked and starts again" 1 restart_controller
check "it is ready" 30 curl -fsS "$CATALYST_TEST_ENVIRONMENT_CONTROLLER_ADMIN_URL/readyz"
watches_pods() { curl -fsS "$CATALYST_TEST_ENVIRONMENT_CONTROLLER_ADMIN_URL/metrics" | grep -q "^catalyst_informer_objects.*$vcluster.*\"pod\""; }
check "and watches again" 30 watches_pods
sleep 3
check "after a restart only differences are told" 1 test "$(messages acme-dev)" -le $((before + 10))

unwant_applications
check "an Application that was removed goes" 90 gone host get application.catalyst.openova.io ec-top -n $namespace
check "with all of its Flux objects" 5 gone inner get kustomization ec-top-dev -n flux-system
check "and its namespace" 5 gone inner get namespace ec-top-dev
check "one with a volume goes too" 90 gone host get application.catalyst.openova.io ec-base -n $namespace
check "but the volume stays" 1 inner get persistentvolumeclaim data -n ec-base-dev

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
