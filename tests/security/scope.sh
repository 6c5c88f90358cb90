#!/usr/bin/env bash
# What a Blueprint needs outside its Application's namespace: shown in the plan, granted by an org-admin and nobody else, and then these objects alone, whatever is
# pushed afterwards. Needs the environment file of ./dev up.
# Runs beside others, but holds: blueprints
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
app=scope-$stamp
home=$app-dev
other=other-$stamp
blueprint=bp-scope-$stamp
group=w$stamp.example.org

# publish VERSION CLUSTER-SCOPE < its extra manifest
publish() {
    local folder=$work/shared-blueprints/$blueprint
    [ -d "$work/shared-blueprints" ] || git_as_admin clone -q "$CATALYST_TEST_GITEA_URL/acme/shared-blueprints.git" "$work/shared-blueprints" || return
    mkdir -p "$folder" && cp -r "$root/blueprints/bp-podinfo/." "$folder/"
    sed -i "s/^  name: bp-podinfo/  name: $blueprint/; s/^    title: Podinfo/    title: $blueprint/; s/^  version: .*/  version: $1/; s/^  visibility: listed/  visibility: private\n  clusterScope: $2/" "$folder/blueprint.yaml"
    cat >"$folder/manifests/extra.yaml" && grep -q extra "$folder/manifests/kustomization.yaml" || echo "  - extra.yaml" >>"$folder/manifests/kustomization.yaml"
    git_as_admin -C "$work/shared-blueprints" add -A && git_as_admin -C "$work/shared-blueprints" commit -q -m "$blueprint $1" &&
        git_as_admin -C "$work/shared-blueprints" tag -f "$blueprint/v$1" >/dev/null && git_as_admin -C "$work/shared-blueprints" push -q -f origin HEAD:main "$blueprint/v$1"
}
rejected() { # VERSION WORDS
    read_api "$developer" "$CATALYST_TEST_URL/api/catalog/v1/rejections?blueprint=$blueprint" >"$work/said"
    jq -e --arg v "$1" --arg w "$2" '.items[] | select(.version == $v) | .errors[] | select(.message | contains($w))' "$work/said" || { cat "$work/said"; return 1; }
}
wish() { jq -nc --arg n "$1" --arg b "$blueprint" --argjson e "${2:-[\"acme-dev\"]}" '{kind: "install", application: $n, blueprint: {source: "acme", name: $b, version: "0.2.0"}, environments: $e}'; }
plan_of() { call "$1" POST /plans "$2" >"$work/plan" && jq -e .hash "$work/plan" >/dev/null || { cat "$work/plan"; return 1; }; }
plan_says() { # POINTER WORDS
    call "$admin" POST /plans "$1" >"$work/said"
    jq -e --arg p "$2" --arg w "$3" '[.errors[]? | select(.pointer == $p and (.message | contains($w)))] | length > 0' "$work/said" || { cat "$work/said"; return 1; }
}
# apply TOKEN BODY: the plan last made; the answer in $work/applied
apply() { call "$1" POST "/plans/$(jq -r .id "$work/plan")/apply" "$(jq -c --argjson more "$2" '{hash} + $more' "$work/plan")" >"$work/applied"; }
apply_refused() { # TOKEN BODY CODE WORDS
    apply "$1" "$2"
    jq -e --arg c "$3" --arg w "$4" '.code == $c and (.detail | contains($w))' "$work/applied" || { cat "$work/applied"; return 1; }
}
ended() { call "$admin" GET "/operations/$(jq -r .operation "$work/applied")" | jq -e '.status == "Succeeded"' || { cat "$work/applied"; return 1; }; }

bring() { # FILE < manifest: into the Application's root, with everything that was there
    clone_as dev "acme/$app" develop || return
    cat >"$work/$app/$1"
    sed -i "s/^resources: *\[/resources: [$1, /; t; s/^resources:\$/resources:\n- $1/" "$work/$app/kustomization.yaml"
    grep -q "$1" "$work/$app/kustomization.yaml" && push_as dev "$work/$app" develop "Bring $1"
}
change_extra() { # SED: what the Blueprint's own file says, changed in the repository
    clone_as dev "acme/$app" develop && sed -i "$1" "$work/$app/blueprint/extra.yaml" && push_as dev "$work/$app" develop "Change it"
}
take_back() { clone_as dev "acme/$app" develop && git_as dev -C "$work/$app" revert --no-edit HEAD >/dev/null && git_as dev -C "$work/$app" push -q origin HEAD:develop; }
row_of() { state "$viewer" "/environments/acme-dev/rows/application/_/$app"; }
row_says() { row_of | jq -e --arg text "$1" '(.status == "Degraded") and (.message | contains($text))' || { row_of | jq '{status, message, next}'; return 1; }; }
runs() { row_of | jq -e '.status == "Running"' || { row_of | jq '{status, message}'; return 1; }; }
forbidden() { ! "$@" >"$work/said" 2>&1 && grep -qiE 'forbidden|denied' "$work/said" || { cat "$work/said"; return 1; }; }
as_flux() { inner acme --as "system:serviceaccount:flux-system:$home" "$@"; }
bring_as_flux() { as_flux apply --server-side --force-conflicts --dry-run=server --validate=false --field-manager=scope-test -f -; }
refuses_to_bring() { ! bring_as_flux >"$work/said" 2>&1 && grep -qiE 'forbidden|denied' "$work/said" || { cat "$work/said"; return 1; }; }

admin=$(sign_in ACME_ORG_ADMIN)
developer=$(sign_in ACME_ORG_DEVELOPER)
viewer=$(sign_in ACME_ORG_VIEWER)
check "a developer has a token for Git" git_token "$developer" dev

# --- what can be asked for ---

check "a Blueprint that wants what nobody can grant is published" publish 0.1.0 "[{kind: MutatingWebhookConfiguration, names: [all]}, {kind: ClusterRole, names: [cluster-admin]}]" <<'YAML'
apiVersion: v1
kind: ConfigMap
metadata: {name: extra}
YAML
check "it is not registered, and its author is told which can be" within 120 rejected 0.1.0 "cannot be granted"
check "nor may it name what is Kubernetes' own" rejected 0.1.0 "is Kubernetes' own"
check "one that needs four objects is published" publish 0.2.0 \
    "[{kind: CustomResourceDefinition, names: [widgets.$group]}, {kind: ClusterRole, names: [watch-$stamp]}, {kind: ClusterRoleBinding, names: [watch-$stamp]}, {kind: PriorityClass, names: [low-$stamp]}]" <<YAML
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.$group}
spec:
  group: $group
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
---
apiVersion: $group/v1
kind: Widget
metadata: {name: first}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: watch-$stamp}
rules: [{apiGroups: [$group], resources: [widgets], verbs: [get, list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: watch-$stamp}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: watch-$stamp}
subjects: [{kind: ServiceAccount, name: default, namespace: $home}]
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: low-$stamp}
value: 10
preemptionPolicy: Never
YAML
check "and registered" within 120 host get blueprint "acme.$blueprint.0.2.0"

# --- shown, and granted by who may ---

check "it cannot run in two Environments" within 60 plan_says "$(wish "$app" '["acme-dev", "acme-stg"]')" /environments "runs in one Environment"
check "a developer's plan is made" plan_of "$developer" "$(wish "$app")"
check "and shows what it needs" jq -e --arg d "widgets.$group" '.applications[0].clusterScope | length == 4 and .[0] == {environment: "acme-dev", kind: "CustomResourceDefinition", names: [$d]}' "$work/plan"
check "the developer does not grant it" apply_refused "$developer" '{"grantClusterScope": true}' forbidden "an org-admin grants it"
check "nor without saying so" apply_refused "$developer" '{}' forbidden "an org-admin grants it"
check "the org-admin does not grant it unseen" apply_refused "$admin" '{}' grant-missing "CustomResourceDefinition widgets.$group"
check "what is no true is no grant" apply_refused "$admin" '{"grantClusterScope": "true"}' schema-invalid "has to be true or false"
check "nothing was made of it" refuses host get application "$app" -n acme
check "the org-admin grants it" apply "$admin" '{"grantClusterScope": true}'
check "and it is installed" within 180 ended
check "it runs, with its definition, its Widget, its ClusterRole" within 60 runs
check "all are there" inner acme get "crd/widgets.$group" "clusterrole/watch-$stamp" "clusterrolebinding/watch-$stamp" "priorityclass/low-$stamp" -o name
check "and its Widget is in its namespace" inner acme get "widgets.$group/first" -n "$home" -o name
check "the Application says what it was granted" is "$(host get application "$app" -n acme -o json | jq -c '[.spec.clusterScope[].kind] | sort')" '["ClusterRole","ClusterRoleBinding","CustomResourceDefinition","PriorityClass"]'
check "a second one cannot have the same objects" plan_says "$(wish "$other")" /blueprint "Application $app has it"

# --- these objects alone ---

check "another ClusterRole is not brought by Flux" refuses_to_bring <<YAML
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: watch-$stamp-2}, rules: []}
YAML
check "nor another's definition changed" refuses_to_bring <<YAML
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: externalsecrets.external-secrets.io, labels: {a: b}}}
YAML
check "nor a Namespace" refuses_to_bring <<YAML
{apiVersion: v1, kind: Namespace, metadata: {name: watch-$stamp}}
YAML
check "nor more rights in its own ClusterRole than it has" refuses_to_bring <<YAML
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: watch-$stamp}, rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list]}]}
YAML
check "nor its rights given to everybody" refuses_to_bring <<YAML
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: watch-$stamp}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: watch-$stamp}, subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:authenticated"}]}
YAML
check "nor to another's account" refuses_to_bring <<YAML
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: watch-$stamp}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: watch-$stamp}, subjects: [{kind: ServiceAccount, name: default, namespace: flux-system}]}
YAML
check "nor its PriorityClass made everybody's" refuses_to_bring <<YAML
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: low-$stamp}, value: 10, preemptionPolicy: Never, globalDefault: true}
YAML
check "nor a definition that the API server asks an address for" refuses_to_bring <<YAML
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: widgets.$group}, spec: {conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {url: "https://127.0.0.1:1/"}}}}}
YAML
check "its Widgets are not written in another's namespace" refuses_to_bring <<YAML
{apiVersion: $group/v1, kind: Widget, metadata: {name: second, namespace: flux-system}}
YAML
check "the names are not deleted all at once" forbidden as_flux delete clusterroles --all
check "what was granted is not widened" forbidden as_flux patch clusterrole "catalyst-scope-$home" --type=json -p '[{"op": "add", "path": "/rules/-", "value": {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}}]'
# Rights that somebody gave by mistake do not widen it either: what was granted is asked of an account that nobody has.
inner acme create clusterrolebinding "left-$stamp" --clusterrole=cluster-admin --serviceaccount="flux-system:$home" --serviceaccount="$home:default" >/dev/null
check "with the rights of an administrator it brings no other ClusterRole" refuses_to_bring <<YAML
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: watch-$stamp-2}, rules: []}
YAML
check "and gives its own to nobody else" refuses_to_bring <<YAML
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: watch-$stamp}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: watch-$stamp}, subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:authenticated"}]}
YAML
check "and makes no such account" forbidden inner acme --as "system:serviceaccount:$home:default" create clusterrolebinding "more-$stamp" --clusterrole=cluster-admin --serviceaccount="catalyst-granted:$home"
inner acme delete clusterrolebinding "left-$stamp" >/dev/null

# --- pushed afterwards ---

check "more rights in the granted ClusterRole are pushed" change_extra 's/verbs: \[get, list, watch\]/verbs: ["*"]/; s/resources: \[widgets\]/resources: ["*"]/'
check "the row says so" within 120 row_says "ClusterRole watch-$stamp"
check "nobody has them" is "$(inner acme get clusterrole "watch-$stamp" -o json | jq -c '.rules[0].resources')" '["widgets"]'
check "it is taken back" take_back
check "and all is well again" within 120 runs
check "another ClusterRole is pushed" bring attack.yaml <<YAML
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: attack-$stamp}, rules: []}
YAML
check "the row names it" within 120 row_says "ClusterRole attack-$stamp"
warned() { call "$developer" POST /plans "$(configure "$app" '{"message": "Hello"}')" | jq -e '(.warnings | map(contains("ClusterRole attack-")) | any) and (.warnings | map(contains("watch-")) | any | not)'; }
check "a plan warns of it, and of nothing that was granted" within 60 warned
check "it is taken back" take_back
check "and all is well again" within 120 runs

# --- and away ---

gone() { is "$(inner acme get "$@" --ignore-not-found -o name 2>&1)" ""; }
check "it is uninstalled" carry_out "$admin" "$(uninstall "$app")"
check "with its definition" within 120 gone "crd/widgets.$group"
check "its ClusterRole" gone "clusterrole/watch-$stamp"
check "its PriorityClass" gone "priorityclass/low-$stamp"
check "and what it was granted" within 60 gone "clusterrole/catalyst-scope-$home"
check "whoever it was granted to" gone "clusterrolebinding/catalyst-scope-$home"
sum_up
