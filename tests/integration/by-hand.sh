#!/usr/bin/env bash
# What people do with Git alone: an Application whose repository and object were written by hand runs and is seen in REST and in the event stream; a Sovereign
# and a policy that were committed to catalyst-config become objects, and go with their files. Needs the environment file of ./dev up.
# Runs beside others.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
app=by-hand-$stamp
second=another-$stamp # sorts before the Sovereign that is there
folder=$work/$app

# write PATH, from standard input, into the Application's repository
write() {
    mkdir -p "$(dirname "$folder/$1")"
    cat >"$folder/$1"
}
# The files of the contract, with the podinfo Blueprint's manifests.
write_application() {
    local version
    version=$(sed -n 's/^  version: //p' "$root/blueprints/bp-podinfo/blueprint.yaml" | head -n 1)
    gitea POST /orgs/acme/repos "{\"name\": \"$app\", \"private\": true}" >/dev/null || return
    mkdir -p "$folder"
    cp -r "$root/blueprints/bp-podinfo/manifests" "$folder/blueprint"
    cp -r "$root/blueprints/bp-podinfo/"{bind,sizes} "$folder/blueprint/"
    printf 'resources: []\n' | write secrets/kustomization.yaml
    printf 'resources: []\n' | write secrets/bind/kustomization.yaml
    printf '* @admins\n' | write CODEOWNERS
    write kustomization.yaml <<'YAML'
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [values.yaml, blueprint, secrets]
transformers: [blueprint/bind, secrets/bind]
YAML
    write catalyst.yaml <<YAML
apiVersion: catalyst.openova.io/v1alpha1
kind: ApplicationSource
metadata: {name: $app, annotations: {config.kubernetes.io/local-config: "true"}}
spec:
  blueprint: {source: catalog, name: bp-podinfo, version: $version, digest: "$(host get blueprint "catalog.bp-podinfo.$version" -o jsonpath='{.spec.digest}')"}
  size: small
  dependencies: {}
YAML
    write values.yaml <<'YAML'
apiVersion: catalyst.openova.io/v1alpha1
kind: Values
metadata: {name: values, annotations: {config.kubernetes.io/local-config: "true"}}
spec: {message: Written by hand, color: "#34577c", logLevel: info, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}
YAML
    write overlays/dev/kustomization.yaml <<'YAML'
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
components: [../../blueprint/sizes/small]
patches: [{path: environment.yaml}, {path: values.yaml}]
YAML
    write overlays/dev/environment.yaml <<YAML
apiVersion: catalyst.openova.io/v1alpha1
kind: Values
metadata: {name: values}
environment:
  application: $app
  organization: acme
  type: dev
  name: acme-dev
  namespace: $app-dev
  domain: acme-dev.$CATALYST_TEST_DOMAIN
  host: $app.acme-dev.$CATALYST_TEST_DOMAIN
  secretPath: org/acme/env/dev/$app
YAML
    printf 'apiVersion: catalyst.openova.io/v1alpha1\nkind: Values\nmetadata: {name: values}\nspec: {color: "#aa3300"}\n' | write overlays/dev/values.yaml
    git_as_admin -C "$folder" init -q -b develop
    git_as_admin -C "$folder" remote add origin "$CATALYST_TEST_GITEA_URL/acme/$app.git"
    push "$folder" develop "Begin $app by hand"
}
want_application() {
    clone system/catalyst-config org/acme && mkdir -p "$work/catalyst-config/applications" || return
    printf 'apiVersion: catalyst.openova.io/v1alpha1\nkind: Application\nmetadata: {name: %s, namespace: acme}\nspec: {environments: [acme-dev]}\n' "$app" \
        >"$work/catalyst-config/applications/$app.yaml"
    push "$work/catalyst-config" org/acme "Install $app by hand"
}
unwant_application() {
    clone system/catalyst-config org/acme && rm "$work/catalyst-config/applications/$app.yaml" && push "$work/catalyst-config" org/acme "Take $app away"
}
row_of() { state "$viewer" "/environments/acme-dev/rows/application/_/$app"; }
is_gone() { is "$(code_of "$viewer" "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications/$app")" 404; }
knows_repository() { is "$(code_of "$viewer" "$CATALYST_TEST_PROJECTOR_1_URL/v1/environments/acme-dev/rows/repository/_/$app")" 200; }
row_is() { row_of | jq -e "$1" || { row_of; return 1; }; } # CONDITION-OF-JQ
greets() {
    is "$(inner acme get deployment "$app" -n "$app-dev" -o json |
        jq -c '[.spec.template.spec.containers[].env[] | select(.name == "PODINFO_UI_MESSAGE" or .name == "PODINFO_UI_COLOR").value]')" '["Written by hand","#aa3300"]'
}

viewer=$(sign_in ACME_ORG_VIEWER)
listen live "$viewer" "$CATALYST_TEST_URL/api/state" environments=acme-dev
check "the stream begins with a snapshot" within 20 eval '[ "$(heard live snapshot | wc -l)" = 1 ]'
check "a repository is made and filled by hand" write_application
check "its Application is committed by hand" want_application
check "it becomes an object" within 60 host get application.catalyst.openova.io "$app" -n acme
check "and runs, with the values of the repository and of the Environment" within 90 greets
check "REST shows it Running, with the commit" within 60 row_is ".status == \"Running\" and .running.commit == \"$(git_as_admin -C "$folder" rev-parse HEAD)\""
check "REST lists it with its Blueprint" within 10 eval \
    'state "$viewer" "/applications/$app" | jq -e ".blueprint | tostring | contains(\"bp-podinfo\")"'
check "the stream told that it begins" tells live "application/_/$app" '.status == "Progressing" or .status == "Missing"'
check "and that it runs" within 20 tells live "application/_/$app" '.status == "Running"'
check "and its Deployment" tells live "deployment/$app-dev/$app" '.status == "Running"'
add_second() {
    write second.yaml <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker-two}
spec:
  selector: {matchLabels: {app: worker-two}}
  template:
    metadata: {labels: {app: worker-two}}
    spec: {containers: [{name: worker, image: ghcr.io/stefanprodan/podinfo:6.9.2}]}
---
apiVersion: v1
kind: Service
metadata: {name: worker-two}
spec: {selector: {app: worker-two}, ports: [{port: 9898}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: worker-two}
spec: {defaultBackend: {service: {name: worker-two, port: {number: 9898}}}}
YAML
    sed -i 's/^resources: .*/resources: [values.yaml, blueprint, secrets, second.yaml]/' "$folder/kustomization.yaml"
    push "$folder" develop "Add a worker"
}
runs_beside() {
    is "$(inner acme get deployment,service,ingress -n "$app-dev" -o json | jq -r '[.items[] | "\(.kind)/\(.metadata.name)"] | sort | join(" ")')" \
        "Deployment/$app Deployment/worker-two Ingress/$app Ingress/worker-two Service/$app Service/worker-two"
}
check "a second Deployment, Service and Ingress are added by hand" add_second
check "they run beside the Blueprint's, each with its own name" within 90 runs_beside
check "its object is taken away by hand" unwant_application
check "it goes from the cluster" within 60 refuses host get application.catalyst.openova.io "$app" -n acme
check "the stream tells that it is gone" within 60 removes live "application/_/$app"
check "REST does not know it any more" within 30 is_gone
check "its repository's row stays, as its repository does" knows_repository
gitea DELETE "/repos/acme/$app" >/dev/null

# --- main ---

commit_objects() {
    clone system/catalyst-config main && mkdir -p "$work/catalyst-config/policies" || return
    cat >"$work/catalyst-config/$second.yaml" <<YAML
apiVersion: catalyst.openova.io/v1alpha1
kind: Sovereign
metadata: {name: $second}
spec:
  displayName: Second
  domain: $second.example.org
  keycloakTopology: per-organization
  hostClusters: [{name: hz-hel-mgt-prod, region: hel, roles: [management, workload]}]
  defaultPlacement: {mode: single-region, regions: [hel]}
YAML
    cat >"$work/catalyst-config/policies/$second-policy.yaml" <<YAML
apiVersion: catalyst.openova.io/v1alpha1
kind: EnvironmentPolicy
metadata: {name: $second, namespace: catalyst-system}
spec:
  appliesTo: {environments: [acme-uat]}
  timeZone: Asia/Muscat
  rules: [{kind: pr-required, approvers: [admins], minApprovals: 2}]
YAML
    push "$work/catalyst-config" main "Add a Sovereign and a policy by hand"
}
remove_objects() {
    clone system/catalyst-config main && rm "$work/catalyst-config/$second.yaml" "$work/catalyst-config/policies/$second-policy.yaml" &&
        push "$work/catalyst-config" main "Take them away"
}
clusters() { host get environment acme-dev -n acme -o jsonpath='{.status.vclusters[*].name} {.status.conditions[?(@.type=="Ready")].status}'; }
before=$(clusters)
check "a Sovereign and a policy are committed to catalyst-config by hand" commit_objects
check "the Sovereign is an object" within 60 eval 'is "$(host get sovereign "$second" -o jsonpath="{.spec.domain}")" "$second.example.org"'
check "the policy is one" within 20 eval 'is "$(host get environmentpolicy "$second" -n catalyst-system -o jsonpath="{.spec.rules[0].minApprovals}")" 2'
check "acme's clusters are still those of its own Sovereign" is "$(clusters)" "$before"
check "their files are removed" remove_objects
check "the Sovereign goes" within 60 refuses host get sovereign "$second"
check "the policy goes" within 20 refuses host get environmentpolicy "$second" -n catalyst-system
check "the Sovereign that was there stays" host get sovereign "$CATALYST_TEST_SOVEREIGN"

# Git tells nobody that a repository was deleted: the sweep of each minute finds it.
check "the row of the repository, which was deleted meanwhile, is seen to go" within 120 removes live "repository/_/$app"
check "and is not shown any more" is "$(code_of "$viewer" "$CATALYST_TEST_PROJECTOR_1_URL/v1/environments/acme-dev/rows/repository/_/$app")" 404

sum_up
