#!/usr/bin/env bash
# What people change behind Flux's back, and what only looks like it: replicas to nothing and up, a deletion, another's annotation, a Job that goes by itself,
# a Kustomization that is suspended. Needs the environment file of ./dev up.
# Runs beside others.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
app=drift-$stamp
namespace=$app-dev
summary=application/_/$app
workload=deployment/$namespace/$app

developer=$(sign_in ACME_ORG_DEVELOPER)
viewer=$(sign_in ACME_ORG_VIEWER)
row() { state "$viewer" "/environments/acme-dev/rows/$1"; }
row_is() { row "$1" | jq -e "$2" || { row "$1"; return 1; }; } # KEY CONDITION-OF-JQ
replicas() { is "$(inner acme get deployment "$app" -n "$namespace" -o jsonpath='{.spec.replicas}')" "$1"; }
check "an Application is installed" carry_out "$developer" "$(install "$app" bp-podinfo '["acme-dev"]' '{}')"
check "it runs" within 60 row_is "$summary" '.status == "Running"'
listen live "$viewer" "$CATALYST_TEST_URL/api/state" environments=acme-dev
check "a stream begins with a snapshot that has it" within 20 knows live "$summary"

# --- replicas, both ways ---

inner acme scale deployment "$app" -n "$namespace" --replicas=0 >/dev/null
check "a Deployment that somebody scaled to nothing is put back within seconds" within 20 replicas 1
check "it was seen as changed outside Git, with who did it as far as Kubernetes says" within 10 tells live "$workload" '.drift.manager | . and length > 0'
check "the Application says that it was changed outside Git" within 10 tells live "$summary" '.reason == "ChangedOutsideGit" and (.message | contains("changed outside Git by"))'
check "and it was never called suspended" refuses tells live "$summary" '.status == "Suspended"'
check "nor was a commit to blame" refuses tells live "$summary" '.reason == "ChangedOutsideGit" and (.message | contains("It came with"))'
check "that it is back is seen" within 30 last_is live "$summary" '.status == "Running" and (.cause // "" | contains("outside Git") | not)'
inner acme scale deployment "$app" -n "$namespace" --replicas=3 >/dev/null
check "one that was scaled up is put back within seconds" within 20 replicas 1
check "it was seen as changed by kubectl" tells live "$workload" '.drift.manager == "kubectl"'
check "and is seen to run again" within 30 last_is live "$summary" '.status == "Running" and (.cause // "" | contains("outside Git") | not)'

# --- fields ---

inner acme set image deployment "$app" -n "$namespace" '*=ghcr.io/stefanprodan/podinfo:6.9.0' >/dev/null
image() { is "$(inner acme get deployment "$app" -n "$namespace" -o jsonpath='{.spec.template.spec.containers[0].image}' | sed 's/.*://')" "$1"; }
wanted=$(sed -n 's|.*podinfo:\([0-9.]*\).*|\1|p' "$root/blueprints/bp-podinfo/manifests/"*.yaml | head -n 1)
check "an image that somebody set is put back within seconds" within 20 image "$wanted"
inner acme set env deployment "$app" -n "$namespace" BY_HAND=yes >/dev/null
without_variable() { refuses grep -q BY_HAND <<<"$(inner acme get deployment "$app" -n "$namespace" -o json)"; }
check "a variable that somebody added is taken away within seconds" within 20 without_variable
check "it was seen as changed by who added it" tells live "$workload" '.drift.manager == "kubectl-set"'
inner acme label deployment "$app" -n "$namespace" openova.io/application- >/dev/null
labelled() { is "$(inner acme get deployment "$app" -n "$namespace" -o jsonpath='{.metadata.labels.openova\.io/application}')" "$app"; }
check "a label of Git's that somebody took off is put back within seconds" within 20 labelled
check "it runs" within 30 last_is live "$summary" '.status == "Running" and (.cause // "" | contains("outside Git") | not)'
inner acme annotate deployment "$app" -n "$namespace" example.org/theirs=yes --field-manager=operator-of-theirs >/dev/null
sees_annotation() { row_is "$workload" ".clusters[].generation != null and .clusters[].resourceVersion == \"$(inner acme get deployment "$app" -n "$namespace" -o jsonpath='{.metadata.resourceVersion}')\""; }
check "another's annotation that Git does not set is seen" within 20 sees_annotation
check "and is nobody's drift" row_is "$workload" 'has("drift") | not'
check "nor the Application's" row_is "$summary" '.status == "Running" and (.cause // "" | contains("outside Git") | not)'

# --- deletions ---

inner acme delete deployment "$app" -n "$namespace" --wait=false >/dev/null
check "a Deployment that somebody deleted is there again within seconds" within 20 replicas 1
check "and the Application runs again" within 60 row_is "$summary" '.status == "Running"'

clone "acme/$app" develop
cat >"$work/$app/once.yaml" <<'YAML'
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  ttlSecondsAfterFinished: 5
  template:
    spec:
      restartPolicy: Never
      containers: [{name: once, image: "ghcr.io/stefanprodan/podinfo:6.9.2", resources: {requests: {cpu: 10m, memory: 16Mi}}}]
YAML
sed -i 's/^resources: \[/&once.yaml, /; s/^resources:$/&\n- once.yaml/' "$work/$app/kustomization.yaml"
check "somebody pushes a Job that goes five seconds after its end" push "$work/$app" develop "Run once"
ran() { inner acme get events -n "$namespace" -o json | jq -e '[.items[] | select(.reason == "SuccessfulCreate" and .involvedObject.name == "once")] | length == 1'; }
no_job() { refuses inner acme get job once -n "$namespace"; }
check "it runs" within 60 ran
check "and goes when its time is over" within 60 no_job
sleep 12
check "it is not run again because it went" ran
check "and none is there" no_job

# --- an Application that is suspended: Flux puts nothing back ---

suspend() { # true or false, in the Application's object
    clone system/catalyst-config org/acme || return
    sed -i '/^  *suspended:/d' "$work/catalyst-config/applications/$app.yaml"
    sed -i "s/^spec:\( *\){/spec:\1{suspended: $1, /; s/^spec:\$/spec:\n  suspended: $1/" "$work/catalyst-config/applications/$app.yaml"
    push "$work/catalyst-config" org/acme "Suspend $app: $1"
}
suspended() { is "$(inner acme get kustomization "$namespace" -n flux-system -o jsonpath='{.spec.suspend}')" "$1"; }
check "somebody suspends the Application in Git" suspend true
check "its Kustomization is suspended" within 60 suspended true
inner acme scale deployment "$app" -n "$namespace" --replicas=0 >/dev/null
check "what was changed meanwhile says that it stays, and why" within 20 \
    row_is "$summary" '.reason == "ChangedOutsideGit" and (.message | contains("stays so while its Kustomization is suspended")) and (.next | contains("Resume"))'
check "it is resumed in Git" suspend false
check "and is put back" within 60 replicas 1
check "and runs" within 60 row_is "$summary" '.status == "Running"'

carry_out "$developer" "$(uninstall "$app")" >/dev/null
check "an uninstall is seen as the Application's end" within 60 removes live "$summary"

sum_up
