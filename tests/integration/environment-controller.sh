#!/usr/bin/env bash
# environment-controller against the real peers: an Organization that became ready, Applications committed by hand that run, drift that is
# put back, a restart that says nothing twice, and removal that leaves nothing but volumes. Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
namespace=acme
vcluster=$CATALYST_TEST_HOST_CLUSTER-acme
definitions=$root/tests/integration/definitions

says() { # WANTED COMMAND...
    local wanted=$1
    shift
    is "$("$@")" "$wanted"
}
condition() { # KIND NAME TYPE
    host get "$1.catalyst.openova.io" "$2" -n $namespace -o jsonpath="{.status.conditions[?(@.type==\"$3\")].status}"
}
field() { # KIND NAME PATH in the vcluster's flux-system
    inner acme get "$1" "$2" -n flux-system -o jsonpath="$3"
}
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
spine() { # SIGNAL
    local pid
    read -r pid _ <"$CATALYST_TEST_INSTANCE_DIR/run/nats.pid" && kill "-$1" "$pid"
}
topology() { host patch sovereign "$CATALYST_TEST_SOVEREIGN" --type=merge -p "{\"spec\": {\"keycloakTopology\": \"$1\"}}" >/dev/null; }
clean_up() {
    spine CONT
    topology shared-sovereign
    host annotate organization acme ec-look- >/dev/null 2>&1
    unwant_applications >/dev/null 2>&1
    inner acme delete namespace ec-base-dev ec-top-dev --wait=false >/dev/null 2>&1
    host delete environment.catalyst.openova.io/ec-ghost-dev application.catalyst.openova.io/ec-lost -n ec-ghost --wait=false >/dev/null 2>&1
    host delete namespace ec-ghost --wait=false >/dev/null 2>&1
    inner acme delete -f "$definitions/claims.yaml" -f "$definitions/crossplane.yaml" -f "$definitions/notifications.yaml" --wait=false >/dev/null 2>&1
    gitea DELETE "/repos/$namespace/ec-base" >/dev/null 2>&1
    gitea DELETE "/repos/$namespace/ec-top" >/dev/null 2>&1
    leave
}
trap clean_up EXIT

check "the Organization is ready" within 120 says True condition organization acme Ready
check "its Environment is ready" within 60 says True condition environment acme-dev Ready
check "a developer is mirrored from Keycloak into the team" within 30 one_of "$CATALYST_TEST_USER_ACME_ORG_DEVELOPER" members developers
check "Flux has a reader's account" within 10 one_of flux-acme members services
check "Flux in the vcluster can sign in" within 30 inner acme get secret gitea-read -n flux-system
check "projector has credentials" within 5 host get secret nats-acme -n catalyst-projector

# A spine that does not answer.
spine STOP
host annotate organization acme ec-look=now --overwrite >/dev/null
check "while the spine does not answer, the event account is unknown" within 60 says Unknown condition organization acme AccountReady
check "but Git is as it was" says True condition organization acme GitReady
check "and so is what runs on it" says True condition environment acme-dev Ready
spine CONT
check "all is well again when it answers" within 60 says True condition organization acme Ready

# What Catalyst cannot do yet.
reason() { host get "$1.catalyst.openova.io" "$2" -o jsonpath="{.status.conditions[?(@.type==\"$3\")].reason}"; }
topology per-organization
check "a Keycloak for each Organization is refused" within 30 says Refused reason organization acme IdentityReady
check "also where it was asked for" within 30 says Refused reason sovereign "$CATALYST_TEST_SOVEREIGN" Ready
topology shared-sovereign
check "one for all is not" within 60 says True condition organization acme Ready

# An Environment and an Application whose Organization is not there.
message() { host get "$1.catalyst.openova.io" "$2" -n ec-ghost -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}'; }
host create namespace ec-ghost >/dev/null
host apply -f - >/dev/null <<'YAML'
apiVersion: catalyst.openova.io/v1alpha1
kind: Environment
metadata: {name: ec-ghost-dev, namespace: ec-ghost}
spec: {envType: dev}
---
apiVersion: catalyst.openova.io/v1alpha1
kind: Application
metadata: {name: ec-lost, namespace: ec-ghost}
spec: {environments: [ec-ghost-dev]}
YAML
check "an Environment without an Organization says so" within 20 says "Organization ec-ghost is not there" message environment ec-ghost-dev
check "so does an Application" within 20 says "Organization ec-ghost is not there" message application ec-lost
check "both can be deleted" host delete environment.catalyst.openova.io/ec-ghost-dev application.catalyst.openova.io/ec-lost -n ec-ghost --timeout=20s
host delete namespace ec-ghost --wait=false >/dev/null

# Flux's notifications, where somebody could send them.
provider() { field providers.notification.toolkit.fluxcd.io catalyst-notifications "$1"; }
notice() { # ORGANIZATION KUSTOMIZATION: Flux's event, signed as its Provider signs it; the answer's status
    local body key
    body=$(jq -nc --arg name "$2" '{involvedObject: {apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", namespace: "flux-system", name: $name},
        severity: "info", timestamp: (now | todate), message: "Reconciliation finished in 1s, next run in 30m0s", reason: "ReconciliationSucceeded",
        metadata: {revision: "develop@sha1:0a"}, reportingController: "kustomize-controller"}')
    key=$(inner acme get secret catalyst-notifications -n flux-system -o jsonpath='{.data.token}' | base64 -d)
    printf '%s' "$body" | curl -sS --max-time 20 -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' --data-binary @- \
        -H "X-Signature: sha256=$(printf '%s' "$body" | openssl dgst -sha256 -hmac "$key" -r | cut -d' ' -f1)" "$(provider '{.spec.address}' | sed "s/organization=acme/organization=$1/")"
}
check "Flux is not asked for notifications that nobody would send" refuses provider '{.spec.address}'
inner acme apply --server-side -f "$definitions/notifications.yaml" >/dev/null
check "it is once their definitions are served" within 60 says "$CATALYST_TEST_URL/hooks/flux?organization=acme&cluster=$vcluster" provider '{.spec.address}'
check "of every Kustomization" within 10 says 'Kustomization *' field alerts.notification.toolkit.fluxcd.io catalyst-notifications \
    '{.spec.eventSources[0].kind} {.spec.eventSources[0].name}'
check "what it signs is taken" within 10 says 202 notice acme ec-base-dev
check "but not for another Organization" says 401 notice globex ec-base-dev
check "the Environment stays ready" says True condition environment acme-dev Ready

application ec-base
application ec-top ec-base
want_applications
check "an Application that was committed is protected" within 60 says True condition application ec-base Protected
check "it runs" within 90 says True condition application ec-base Ready
check "one that depends on it runs too" within 60 says True condition application ec-top Ready
check "the dependency is Flux's too" within 5 says ec-base-dev field kustomization ec-top-dev '{.spec.dependsOn[0].name}'
check "its namespace says whose it is" within 5 says acme-dev inner acme get namespace ec-base-dev -o jsonpath='{.metadata.labels.openova\.io/environment}'
check "its objects carry the labels of the contract" within 5 says bp-test inner acme get deployment web -n ec-base-dev -o jsonpath='{.metadata.labels.openova\.io/blueprint}'
check "nobody from outside the Organization reaches it" within 5 inner acme get networkpolicy default-deny -n ec-base-dev
check "its branches are protected" within 5 says "catalyst/** develop main poc staging uat {catalyst,{main,staging,develop,uat,poc}/**} " rules ec-base
check "its status says which commit runs" within 30 says "$(git_as_admin -C "$work/ec-base" rev-parse HEAD)" \
    host get application.catalyst.openova.io ec-base -n $namespace -o jsonpath='{.status.environments[0].running.commit}'

# Claims of Crossplane, in each row that projector keeps.
viewer=$(sign_in ACME_ORG_VIEWER)
claim() { state "$viewer" "/environments/acme-dev/rows/store_storage_example_org/ec-base-dev/media" | jq -er "$1"; }
informs_stores() { of_replicas environment-controller /metrics | grep "^catalyst_informer_objects.*$vcluster.*store_storage_example_org" | grep " $1\$" >/dev/null; }
inner acme apply --server-side -f "$definitions/crossplane.yaml" >/dev/null
inner acme wait --for=condition=Established crd/compositeresourcedefinitions.apiextensions.crossplane.io --timeout=20s >/dev/null
inner acme apply --server-side -f "$definitions/claims.yaml" >/dev/null
inner acme wait --for=condition=Established crd/stores.storage.example.org --timeout=20s >/dev/null
printf 'apiVersion: storage.example.org/v1alpha1\nkind: Store\nmetadata: {name: media, namespace: ec-base-dev}\nspec: {size: 1}\n' | inner acme apply -f - >/dev/null
check "a claim is told of when its XRD came" within 60 says ec-base claim .application
inner acme patch stores.storage.example.org media -n ec-base-dev --subresource=status --type=merge \
    -p '{"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "Creating", "message": "the provider has no credentials"}]}}' >/dev/null
check "what its provider says reaches people" within 20 says "Store media is not ready yet: the provider has no credentials" claim '.clusters[].message'

git_as_admin -C "$work/ec-base" commit -q --amend -m "Rewrite history"
check "a force-push is refused" refuses git_as_admin -C "$work/ec-base" push -q --force "$CATALYST_TEST_GITEA_URL/$namespace/ec-base.git" develop

inner acme scale deployment web -n ec-base-dev --replicas=3 >/dev/null
check "a change by hand is put back" within 20 says 1 inner acme get deployment web -n ec-base-dev -o jsonpath='{.spec.replicas}'

sleep 3
before=$(messages acme-dev)
check "the controller stops when asked and starts again" restart environment-controller
check "it is ready" is_ready environment-controller
watches_pods() { of_replicas environment-controller /metrics | grep "^catalyst_informer_objects.*$vcluster.*\"pod\"" >/dev/null; }
check "and watches again" within 30 watches_pods
sleep 3
check "after a restart only differences are told" test "$(messages acme-dev)" -le $((before + 20))

check "claims are watched again, too" within 60 informs_stores 1
inner acme delete crd stores.storage.example.org --timeout=30s >/dev/null
inner acme delete -f "$definitions/crossplane.yaml" --timeout=30s >/dev/null
check "a claim goes with its definition" within 60 refuses claim .name
check "and nothing of its kind is left" within 10 informs_stores 0

unwant_applications
check "an Application that was removed goes" within 90 refuses host get application.catalyst.openova.io ec-top -n $namespace
check "with all of its Flux objects" within 5 refuses inner acme get kustomization ec-top-dev -n flux-system
check "and its namespace" within 5 refuses inner acme get namespace ec-top-dev
check "one with a volume goes too" within 90 refuses host get application.catalyst.openova.io ec-base -n $namespace
check "but the volume stays" inner acme get persistentvolumeclaim data -n ec-base-dev

sum_up
