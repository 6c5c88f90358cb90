#!/usr/bin/env bash
# Volumes that are larger than Git says, grown by hand or kept: everything else of the Application goes on, people are told what to write into Git, and growing
# through Git works as ever. Needs the environment file of ./dev up.
# Runs beside others.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
admin=$(sign_in ACME_ORG_ADMIN)
app=grown-$stamp
namespace=$app-dev
flux() { inner acme get kustomization "$namespace" -n flux-system -o json; }
claim() { inner acme get persistentvolumeclaim "$app-data" -n "$namespace" -o json; }
size_is() { is "$(claim | jq -r .spec.resources.requests.storage)" "$1"; } # SIZE
# No storage driver is there to do it: the volume has that much before the claim asks for it. Without, Kubernetes takes the claim for one that failed to grow,
# which may be made smaller again, and Flux does so.
has_room() { inner acme patch persistentvolumeclaim "$app-data" -n "$namespace" --subresource=status --type merge -p "{\"status\": {\"capacity\": {\"storage\": \"$1\"}}}"; } # SIZE
grow() { has_room "$1" && inner acme patch persistentvolumeclaim "$app-data" -n "$namespace" --type merge -p "{\"spec\": {\"resources\": {\"requests\": {\"storage\": \"$1\"}}}}"; } # SIZE
row() { state "$admin" "/environments/acme-dev/rows/persistentvolumeclaim/$namespace/$app-data"; }
row_says() { row | jq -e --arg words "$1" '.status == "Running" and ((.message // "") | contains($words))' || { row; return 1; }; } # WORDS
row_is_quiet() { row | jq -e '.status == "Running" and (has("reason") | not) and (has("drift") | not)' || { row; return 1; }; }
runs() { state "$admin" "/applications/$app" | jq -e '.environments["acme-dev"].status == "Running"' || { state "$admin" "/applications/$app"; return 1; }; }
flux_is_well() { flux | jq -e '.status.conditions[] | select(.type == "Ready" and .status == "True")'; }
change() { carry_out "$admin" "$(configure "$app" "$(values "$admin" "$app" | jq -c "$1")")"; } # CHANGE-OF-JQ
plan() { call "$admin" POST /plans "$(configure "$app" "$(values "$admin" "$app" | jq -c "$1")")" >"$work/plan"; } # CHANGE-OF-JQ
warns() { jq -e --arg words "$1" '.warnings | any(contains($words))' "$work/plan" || { cat "$work/plan"; return 1; }; } # WORDS
warns_not() { jq -e --arg words "$1" '.id and (.warnings | any(contains($words)) | not)' "$work/plan" || { cat "$work/plan"; return 1; }; } # WORDS
memory_is() { is "$(inner acme get statefulset "$app" -n "$namespace" -o json | jq -r '.spec.template.spec.containers[].env[] | select(.name == "VALKEY_MEMORY_MB").value')" "$1"; } # MB

check "a cache with a volume of 2Gi is installed" carry_out "$admin" "$(install "$app" bp-valkey '["acme-dev"]' '{"storage": "2Gi"}')"
check "somebody grows the volume by hand" grow 5Gi
check "its row says that it is larger than Git says, and what to write there" within 30 row_says "has 5Gi, more than Git says"
check "Flux applies everything else" within 30 flux_is_well
check "the Application runs, and nothing is being put back" within 30 runs
check "the volume keeps its size" size_is 5Gi

check "a change of something else rolls out" change ".memoryMb = 300"
check "it is in what runs" memory_is 300
check "and the volume has its size" size_is 5Gi
check "the row says so still" within 30 row_says "has 5Gi, more than Git says"
plan '.storage = "3Gi"'
check "a plan that asks for less than the volume has says that it stays as it is" warns "volume $app-data has 5Gi, more than the 3Gi that this asks for"
check "and is carried out all the same" change '.storage = "3Gi"'
check "the volume has its size" size_is 5Gi
refuses_less() { jq -e --arg words "$1" '.code == "plan-invalid" and .errors[0].pointer == "/config/storage" and (.errors[0].message | contains($words))' "$work/plan" || { cat "$work/plan"; return 1; }; } # WORDS
plan '.storage = "2Gi"'
check "a plan that asks for less than Git said is refused, and says the same size" refuses_less "volume $app-data has 5Gi and would get 2Gi"
check "somebody grows it again" grow 6Gi
check "and its row says the new size" within 30 row_says "has 6Gi, more than Git says"

plan '.storage = "8Gi"'
check "a plan that asks for more does not speak of it" warns_not "more than the"
check "growing it in Git works" change '.storage = "8Gi"'
check "the volume has what Git says" within 30 size_is 8Gi
check "its driver makes it so" has_room 8Gi
check "and nobody speaks of it any more" within 30 row_is_quiet
is_fluxs() { claim | jq -e '.metadata.annotations | (has("kustomize.toolkit.fluxcd.io/reconcile") or has("openova.io/larger-than-git")) | not' && flux | jq -e '.metadata.annotations["openova.io/left-as-they-are"] // "" == ""'; }
check "the claim is Flux's again" within 30 is_fluxs

check "grown to what Git will say" grow 9Gi
check "it is told" within 30 row_says "has 9Gi, more than Git says"
check "Git catches up" change '.storage = "9Gi"'
check "and the claim is Flux's again" within 30 is_fluxs
check "its row is quiet" within 30 row_is_quiet

check "it is uninstalled, and the volume stays" eval 'carry_out "$admin" "$(uninstall "$app")" && size_is 9Gi'
check "an administrator deletes the archived repository" gitea DELETE "/repos/acme/$app"
call "$admin" POST /plans "$(install "$app" bp-valkey '["acme-dev"]' '{"storage": "2Gi"}')" >"$work/plan"
check "a new one over the kept volume that asks for less is warned of" warns "volume $app-data has 9Gi, more than the 2Gi that this asks for"
check "and is installed" carry_out "$admin" "$(install "$app" bp-valkey '["acme-dev"]' '{"storage": "2Gi"}')"
check "over the volume as it was" size_is 9Gi
check "whose row says so" within 30 row_says "has 9Gi, more than Git says"
check "it is uninstalled too, held up by nothing" carry_out "$admin" "$(uninstall "$app")"

sum_up
