#!/usr/bin/env bash
# What an Application may bring, tried by somebody who may push: rights, Flux objects, namespaces, quotas, policies, stores, tokens, labels and names that are
# Catalyst's, ways out of the namespace; through Flux, through a leftover of rights, through plans, through Blueprints. Needs the environment file of ./dev up.
# Runs beside others, but holds: blueprints
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
app=home-$stamp
home=$app-dev
other=other-$stamp
blueprint=bp-home-$stamp

# --- what the cluster says, object by object, as it is in home.json ---

# each_case ACCOUNT FILTER: all are judged as they should be
each_case() { is "$(sed "s/blog-dev/$home/g" "$root/tests/security/home.json" | python3 "$root/tests/security/judge.py" "$CATALYST_TEST_INSTANCE_DIR/clusters/$CATALYST_TEST_HOST_CLUSTER-acme/kc/admin.yaml" "$home" "$1" "$2" 2>&1)" ""; }
forbidden() { ! "$@" >"$work/said" 2>&1 && grep -qiE 'forbidden|denied' "$work/said" || { cat "$work/said"; return 1; }; }
as_flux() { inner acme --as "system:serviceaccount:flux-system:$home" "$@"; }
as_pod() { inner acme --as "system:serviceaccount:$home:default" "$@"; }

# --- through a push, as somebody who may push develop ---

# attack < manifest: into the Application's root, with everything that was there but the attack before it
attack() {
    cat >"$work/$app/attack.yaml"
    grep -q attack.yaml "$work/$app/kustomization.yaml" ||
        sed -i "s/^resources: *\[/resources: [attack.yaml, /; t; s/^resources:\$/resources:\n- attack.yaml/" "$work/$app/kustomization.yaml"
    grep -q attack.yaml "$work/$app/kustomization.yaml" && push_as dev "$work/$app" develop "Attack"
}
take_back() { git -C "$work/$app" rm -rqf . && git -C "$work/$app" checkout -q "$good" -- . && push_as dev "$work/$app" develop "As it was"; }
row_of() { state "$viewer" "/environments/acme-dev/rows/application/_/$app"; }
row_says() { row_of | jq -e --arg text "$1" '(.status == "Degraded") and (.message | contains($text))' || { row_of | jq '{status, message, next}'; return 1; }; }
runs_again() { row_of | jq -e '.status == "Running"' || { row_of | jq '{status, message}'; return 1; }; }

admin=$(sign_in ACME_ORG_ADMIN)
developer=$(sign_in ACME_ORG_DEVELOPER)
viewer=$(sign_in ACME_ORG_VIEWER)
# both KIND-OF-WISH ARGUMENTS...: for both Applications at once
both() {
    local pids=() code=0 name pid
    for name in "$app" "$other"; do
        (work=$work/$name.operation && mkdir -p "$work" && carry_out "$admin" "$("$1" "$name" "${@:2}")") & pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || code=1; done
    return $code
}
check "two Applications of one Organization run" both install bp-podinfo '["acme-dev"]' '{}'
check "a developer has a token for Git" git_token "$developer" dev
check "and clones one" clone_as dev "acme/$app" develop
good=$(git -C "$work/$app" rev-parse HEAD)

check "Flux applies it as an account of its own" is "$(inner acme get kustomization "$home" -n flux-system -o jsonpath='{.spec.serviceAccountName}')" "$home"
check "the cluster takes and refuses what Flux brings as the rule says it" each_case "system:serviceaccount:flux-system:$home" all
check "Flux's account reads no Secret of another Application" forbidden as_flux get secrets -n "$other-dev"
check "nor any of flux-system" forbidden as_flux get secrets -n flux-system
check "it makes no token of a ServiceAccount" forbidden as_flux create token default -n "$home"
check "it does not touch its own account" forbidden as_flux delete serviceaccount "$home" -n flux-system
check "it lifts no policy" forbidden as_flux delete validatingadmissionpolicybinding catalyst-home
check "nor its namespace" forbidden as_flux label namespace "$home" openova.io/environment=acme-prod --overwrite
check "nor its quota" forbidden as_flux delete resourcequota organization -n "$home"
check "nor its default-deny" forbidden as_flux delete networkpolicy default-deny -n "$home"
check "nor its store" forbidden as_flux delete secretstore catalyst -n "$home"
check "nor its Role, also not with all others" forbidden as_flux delete roles --all -n "$home"

# --- rights that somebody left behind, or gave by mistake ---

inner acme create clusterrolebinding "left-$stamp" --clusterrole=cluster-admin --serviceaccount="$home:default" --serviceaccount="flux-system:$home" >/dev/null
check "which count" within 20 as_pod auth can-i create validatingwebhookconfigurations
# Kubernetes holds no admission policy to admission policies: over these RBAC alone decides.
check "with the rights of an administrator a pod still brings only what the rule allows" each_case "system:serviceaccount:$home:default" beyond
check "and so does Flux" each_case "system:serviceaccount:flux-system:$home" refused
check "it writes in no other namespace" forbidden as_pod create configmap "left-$stamp" -n "$other-dev"
check "nor in flux-system" forbidden as_pod create configmap "left-$stamp" -n flux-system
check "it removes nothing there" forbidden as_pod delete deployment "$other" -n "$other-dev"
check "it opens no program there" forbidden as_pod exec -n "$other-dev" "deploy/$other" -- true
check "it calls itself no ServiceAccount that is not its own" forbidden as_pod create token default -n "$other-dev"
check "it deletes no namespace, not even its own" forbidden as_pod delete namespace "$home" --wait=false
check "it does not take default-deny away" forbidden as_pod delete networkpolicy default-deny -n "$home"
check "it makes no account in flux-system" forbidden as_pod create serviceaccount "left-$stamp-dev" -n flux-system
inner acme delete clusterrolebinding "left-$stamp" >/dev/null

# --- through Flux, from a repository ---

check "rights and a Kustomization of one's own are pushed" attack <<YAML
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: attack-$stamp}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: default, namespace: $home}]
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: attack-$stamp}
spec: {interval: 1m, path: ./, prune: false, targetNamespace: flux-system, sourceRef: {kind: GitRepository, name: $home, namespace: flux-system}}
YAML
check "the row says which object, and why, in our words" within 120 row_says "an Application may not bring a ClusterRoleBinding"
check "nobody has the rights" refuses inner acme get clusterrolebinding "attack-$stamp"
check "and no Kustomization is there" is "$(inner acme get kustomizations -A -o name | grep -c "attack-$stamp")" 0

check "a Kustomization alone, in a List, is pushed" attack <<YAML
apiVersion: v1
kind: List
items:
- {apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: attack-$stamp}, spec: {interval: 1m, path: ./, prune: false, serviceAccountName: $other-dev, sourceRef: {kind: GitRepository, name: $home}}}
YAML
check "the row names it" within 120 row_says "an Application may not bring a Kustomization"

check "a Namespace that would be its own is pushed, with a ConfigMap for flux-system" attack <<YAML
apiVersion: v1
kind: Namespace
metadata: {name: anything, labels: {pod-security.kubernetes.io/enforce: privileged}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: attack-$stamp, namespace: flux-system}
YAML
check "the row names it" within 120 row_says "an Application may not bring a Namespace"
check "its namespace is as it was" is "$(inner acme get namespace "$home" -o jsonpath='{.metadata.labels.pod-security\.kubernetes\.io/enforce}')" baseline
check "the namespace is still there, and not Flux's" is "$(inner acme get namespace "$home" -o json | jq -r '[.status.phase, .metadata.labels["kustomize.toolkit.fluxcd.io/name"] // "nobody"] | join(" ")')" "Active nobody"
check "nothing came to flux-system" refuses inner acme get configmap "attack-$stamp" -n flux-system

check "administrator's rights in its own namespace are pushed" attack <<YAML
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: attack-$stamp}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: default}]
YAML
check "the row names the binding" within 120 row_says "RoleBinding attack-$stamp"
check "nobody has them" refuses inner acme get rolebinding "attack-$stamp" -n "$home"

# No Deployment: the Blueprint binds all of these.
check "pods that say that they are prod's are pushed" attack <<YAML
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: attack, labels: {openova.io/environment: acme-prod, openova.io/application: $other}}
spec:
  serviceName: attack
  selector: {matchLabels: {app: attack}}
  template:
    metadata: {labels: {app: attack, openova.io/environment: acme-prod, openova.io/application: $other}}
    spec: {containers: [{name: a, image: example.org/a, resources: {requests: {cpu: 1m, memory: 1Mi}}}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: attack}
spec:
  template:
    metadata: {labels: {openova.io/environment: acme-prod, openova.io/application: $other}}
    spec: {restartPolicy: Never, containers: [{name: a, image: example.org/a, resources: {requests: {cpu: 1m, memory: 1Mi}}}]}
YAML
label_of() { inner acme get statefulset attack -n "$home" -o jsonpath='{.metadata.labels.openova\.io/environment}'; }
is_dev() { is "$(label_of)" acme-dev; }
check "the StatefulSet is dev's" within 60 is_dev
refused_pods() { inner acme get events -n "$home" --field-selector involvedObject.name=attack,reason=FailedCreate -o json | jq -e '[.items[].message | contains("labels of openova.io")] | any'; }
check "their pods are refused" within 60 refused_pods
check "no pod is made that says otherwise" is "$(inner acme get pods -n "$home" -l openova.io/environment=acme-prod -o name)" ""
dev_has() { state "$viewer" "/environments/acme-dev/rows/statefulset/$home/attack" | jq -e ".application == \"$app\""; }
check "its row is dev's, and this Application's" within 60 dev_has
check "prod has none" is "$(code_of "$admin" "$CATALYST_TEST_PROJECTOR_1_URL/v1/environments/acme-prod/rows/statefulset/$home/attack")" 404
check "it is taken back" take_back
check "and all is well again" within 120 runs_again

# --- labels, by somebody whom no policy holds ---

inner acme create configmap "forged-$stamp" -n "$home" >/dev/null
inner acme label configmap "forged-$stamp" -n "$home" openova.io/environment=acme-prod "openova.io/application=$other" >/dev/null
whose() { state "$viewer" "/environments/acme-dev/rows/configmap/$home/forged-$stamp" | jq -e ".application == \"$app\""; }
check "an object belongs to its namespace's Environment and Application, whatever it says of itself" within 90 whose
check "and to no other" is "$(code_of "$admin" "$CATALYST_TEST_PROJECTOR_1_URL/v1/environments/acme-prod/rows/configmap/$home/forged-$stamp")" 404

# --- Flux itself ---

inner acme apply -f - >/dev/null <<YAML
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: nobody-$stamp, namespace: flux-system}
spec: {interval: 10m, path: ./, prune: false, targetNamespace: $other-dev, components: [overlays/dev], sourceRef: {kind: GitRepository, name: $home}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: across-$stamp, namespace: $other-dev}
spec: {interval: 10m, path: ./, prune: false, serviceAccountName: default, components: [overlays/dev], sourceRef: {kind: GitRepository, name: $home, namespace: flux-system}}
YAML
not_ready() { inner acme get kustomization "$1" -n "$2" -o json | jq -e --arg text "$3" '[.status.conditions[]? | select(.type == "Ready" and .status == "False") | .message | contains($text)] | any'; }
check "a Kustomization that names no account has no rights" within 120 not_ready "nobody-$stamp" flux-system catalyst-without-rights
check "and one of another namespace reads no source of ours" within 120 not_ready "across-$stamp" "$other-dev" "cross-namespace"
inner acme delete kustomization "nobody-$stamp" -n flux-system --timeout=30s >/dev/null
inner acme delete kustomization "across-$stamp" -n "$other-dev" --timeout=30s >/dev/null
# The host's own: rights that stand in system/catalyst-config are nobody's.
host_attack() {
    clone system/catalyst-config main && cat >"$work/catalyst-config/attack.yaml" && push "$work/catalyst-config" main "Bring rights"
}
host_refuses() { host get kustomization catalyst-config -n flux-system -o json | jq -e '[.status.conditions[] | select(.type == "Ready" and .status == "False") | .message | contains("forbidden")] | any'; }
host_well() { host get kustomization catalyst-config -n flux-system -o json | jq -e '[.status.conditions[] | select(.type == "Ready") | .status == "True"] | all'; }
ask_host() { host annotate gitrepository catalyst-config -n flux-system --overwrite "reconcile.fluxcd.io/requestedAt=$(date +%s.%N)" >/dev/null; }
check "rights are committed to system/catalyst-config" host_attack <<YAML
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: attack-$stamp}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: default, namespace: default}]
YAML
ask_host
check "the host's Flux may not make them" within 120 host_refuses
git_as_admin -C "$work/catalyst-config" rm -q attack.yaml && push "$work/catalyst-config" main "Take them away" 2>/dev/null && ask_host
check "and goes on without them" within 120 host_well
check "nobody has them" refuses host get clusterrolebinding "attack-$stamp"

# --- told before: at registration and in plans ---

# publish VERSION < an extra manifest; its Service's type is bound to the greeting
publish() {
    local folder=$work/shared-blueprints/$blueprint
    # It may be empty still.
    rm -rf "$work/shared-blueprints"
    git_as_admin clone -q "$CATALYST_TEST_GITEA_URL/acme/shared-blueprints.git" "$work/shared-blueprints" || return
    mkdir -p "$folder" && cp -r "$root/blueprints/bp-podinfo/." "$folder/"
    sed -i "s/^  name: bp-podinfo/  name: $blueprint/; s/^    title: Podinfo/    title: $blueprint/; s/^  version: .*/  version: $1/; s/^  visibility: listed/  visibility: private/" "$folder/blueprint.yaml"
    cat >>"$folder/bind/values.yaml" <<'YAML'
  - source: {kind: Values, fieldPath: spec.message}
    targets: [{select: {kind: Service}, fieldPaths: [spec.type], options: {create: true}}]
YAML
    cat >"$folder/manifests/extra.yaml"
    git_as_admin -C "$work/shared-blueprints" add -A && git_as_admin -C "$work/shared-blueprints" commit -q -m "$blueprint $1" &&
        git_as_admin -C "$work/shared-blueprints" tag -f "$blueprint/v$1" >/dev/null && git_as_admin -C "$work/shared-blueprints" push -q -f origin HEAD:main "$blueprint/v$1"
}
rejected() { # VERSION FILE LINE WORDS
    read_api "$developer" "$CATALYST_TEST_URL/api/catalog/v1/rejections?blueprint=$blueprint" | tee "$work/said" |
        jq -e --arg v "$1" --arg f "$2" --argjson l "$3" --arg w "$4" '.items[] | select(.version == $v) | .errors[] | select(.file == $f and .line == $l and (.message | contains($w)))' || { cat "$work/said"; return 1; }
}
wish() { jq -nc --arg n "$1" --arg b "$blueprint" --arg m "$2" '{kind: "install", application: $n, blueprint: {source: "acme", name: $b}, environments: ["acme-dev"], config: {message: $m}}'; }
plan_refused() { # NAME GREETING WORDS
    call "$admin" POST /plans "$(wish "$1" "$2")" >"$work/said"
    jq -e --arg w "$3" '.code == "plan-invalid" and ([.errors[].message | contains($w)] | any)' "$work/said" || { cat "$work/said"; return 1; }
}
plan_taken() { call "$admin" POST /plans "$(wish "$1" "$2")" >"$work/said" && jq -e '.hash' "$work/said" || { cat "$work/said"; return 1; }; }
check "a Blueprint that would have rights of the cluster is published" publish 0.1.0 <<'YAML'
apiVersion: v1
kind: ConfigMap
metadata: {name: extra}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: extra}
YAML
check "it is not registered, and its author is told file, line and reason" within 120 rejected 0.1.0 manifests/extra.yaml 6 "an Application may not bring a ClusterRole"
check "one that only its values could make bad is published" publish 0.2.0 <<'YAML'
apiVersion: v1
kind: ConfigMap
metadata: {name: extra}
YAML
check "and registered" within 120 host get blueprint "acme.$blueprint.0.2.0"
check "a plan with good values is made" within 90 plan_taken "planned-$stamp" ClusterIP
check "one that would open an address of its own is refused, with file, object and reason" plan_refused "planned-$stamp" LoadBalancer \
    "blueprint/service.yaml: Service planned-$stamp: a Service is of type ClusterIP, not LoadBalancer"
check "so is one that would be a name of somebody else's" plan_refused "planned-$stamp" ExternalName "not ExternalName"
check "who changes an Application with something pushed that is refused is warned" attack <<YAML
apiVersion: v1
kind: LimitRange
metadata: {name: attack}
YAML
warned() { call "$developer" POST /plans "$(configure "$app" '{"message": "Hello"}')" | jq -e '.warnings | map(contains("attack.yaml: LimitRange attack: an Application may not bring a LimitRange")) | any'; }
check "in the plan" within 60 warned
check "it is taken back" take_back

# --- and away ---

gone() { ! inner acme get namespace "$home" >/dev/null 2>&1 && ! inner acme get serviceaccount "$home" -n flux-system >/dev/null 2>&1; }
check "it is uninstalled, with everything that Flux applied" carry_out "$admin" "$(uninstall "$app")"
check "its namespace and its account go" within 120 gone
check "the other Application never noticed" is "$(state "$viewer" "/environments/acme-dev/rows/application/_/$other" | jq -r .status)" Running
carry_out "$admin" "$(uninstall "$other")" >/dev/null
sum_up
