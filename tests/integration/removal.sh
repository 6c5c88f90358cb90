#!/usr/bin/env bash
# What holds a removal is named on the operation, with the next step, and nothing that contradicts it; what a removed Application leaves is told before another
# takes its name. Needs the environment file of ./dev up.
# Runs beside others.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
admin=$(sign_in ACME_ORG_ADMIN)
pinned=pinned-$stamp
held=held-$stamp
cache=cache-$stamp
finalizer=example.org/pinned

check "an Application is installed to be removed" carry_out "$admin" "$(install "$pinned" bp-podinfo '["acme-dev"]' '{}')"
check "and another" carry_out "$admin" "$(install "$held" bp-podinfo '["acme-dev"]' '{}')"
pin() { inner acme patch "$1" -n "$2" --type merge -p "{\"metadata\": {\"finalizers\": [\"$finalizer\"]}}"; }         # KIND/NAME NAMESPACE
unpin() { inner acme patch "$1" -n "$2" --type merge -p '{"metadata": {"finalizers": null}}'; }                        # KIND/NAME NAMESPACE
message() { call "$admin" GET "/operations/$1" | tee "$work/operation" | jq -r .message; }                              # OPERATION
says() { message "$1" | grep -F -- "$2" || { cat "$work/operation"; return 1; }; }                                       # OPERATION WORDS
row_says() { state "$admin" "/operations/$1" | tee "$work/row" | jq -r .message | grep -F -- "$2" || { cat "$work/row"; return 1; }; } # OPERATION WORDS
succeeds() { is "$(call "$admin" GET "/operations/$1" | jq -r .status)" Succeeded; }                                    # OPERATION

# --- something of a person's in the namespace ---

inner acme create configmap notes -n "$pinned-dev" >/dev/null
pin configmap/notes "$pinned-dev" >/dev/null
begin "$admin" "$(uninstall "$pinned")"
first=$id
# --- something that Flux applied ---
pin "deployment/$held" "$held-dev" >/dev/null
begin "$admin" "$(uninstall "$held")"
second=$id

check "a removal that a ConfigMap holds names it, its finalizer, and who lets it go" within 40 says "$first" \
    "namespace $pinned-dev is being removed from $CATALYST_TEST_HOST_CLUSTER-acme, and waits for ConfigMap notes with finalizer $finalizer: whoever set the finalizer takes it off"
check "so do people's screens" within 10 row_says "$first" "ConfigMap notes with finalizer $finalizer"
check "and so does the Application's condition" eval 'host get application.catalyst.openova.io "$pinned" -n acme -o jsonpath="{.status.conditions[?(@.type==\"Ready\")].message}" | grep -F "ConfigMap notes"'
check "its name is not free meanwhile" refused "$admin" 409 name-taken POST /plans "$(install "$pinned" bp-podinfo '["acme-dev"]' '{}')"
removed() { call "$admin" "$@" | tee "$work/removed" | jq -r .detail | grep -F "'$pinned' is being removed, by operation $first" || { cat "$work/removed"; return 1; }; } # METHOD PATH [BODY]
check "and whoever wants it learns which operation removes it" removed POST /plans "$(install "$pinned" bp-podinfo '["acme-dev"]' '{}')"
check "so does who asks for its config" removed GET "/applications/$pinned/config"
check "who wants to change it" removed POST /plans "{\"kind\": \"configure\", \"application\": \"$pinned\", \"config\": {}}"
check "and who wants to remove it once more" removed POST /plans "$(uninstall "$pinned")"
check "which is a conflict, and not something that is not there" refused "$admin" 409 operation-running GET "/applications/$pinned/config"
check "one that something holds which Flux applied names that" within 60 says "$second" "Flux is removing what $held-dev has in $CATALYST_TEST_HOST_CLUSTER-acme, and waits for Deployment $held with finalizer $finalizer"
not_both() { ! grep -E 'every Environment runs|has no finalizer' "$work/operation"; }
check "neither says that it runs" not_both
unpin configmap/notes "$pinned-dev" >/dev/null
unpin "deployment/$held" "$held-dev" >/dev/null
check "once the finalizer is off, the first is removed" within 90 succeeds "$first"
check "and the second" within 90 succeeds "$second"

# --- what is left, and who takes it over ---

plan_of() { call "$admin" POST /plans "$(install "$@")" >"$work/plan"; } # NAME BLUEPRINT ENVIRONMENTS CONFIG
warns() { jq -e --arg words "$1" '.warnings | any(contains($words))' "$work/plan" || { cat "$work/plan"; return 1; }; } # WORDS
warns_not() { jq -e --arg words "$1" '.id and (.warnings | any(contains($words)) | not)' "$work/plan" || { cat "$work/plan"; return 1; }; } # WORDS
check "a cache with a volume and a secret is installed" carry_out "$admin" "$(install "$cache" bp-valkey '["acme-dev"]' '{}')"
check "its uninstall says what is kept and who frees it" eval 'call "$admin" POST /plans "$(uninstall "$cache")" >"$work/plan" && warns "Kept: volume $cache-data in acme-dev, secret org/acme/env/dev/$cache/" && warns "The repository is archived, and the name stays taken"'
check "it is uninstalled" carry_out "$admin" "$(uninstall "$cache")"
check "its volume stays" inner acme get persistentvolumeclaim "$cache-data" -n "$cache-dev"
check "a plan for its name knows of the archived repository" refused "$admin" 409 name-taken POST /plans "$(install "$cache" bp-valkey '["acme-dev"]' '{}')"
check "and says who can free it, without an inner address" eval 'call "$admin" POST /plans "$(install "$cache" bp-valkey "[\"acme-dev\"]" "{}")" | tee "$work/refusal" | grep -F "administrators delete them when they are asked to" && ! grep -E "127\.0\.0\.1|localhost|http://" "$work/refusal"'
check "an administrator deletes the archived repository" gitea DELETE "/repos/acme/$cache"
plan_of "$cache" bp-valkey '["acme-dev"]' '{}'
check "then a plan for the name warns of the kept volume" warns "$cache in acme-dev: volume $cache-data is kept of an earlier Application of that name and is taken over with what is on it"
check "and of the kept secret" warns "the secret org/acme/env/dev/$cache/"
plan_of "$cache" bp-postgres '["acme-dev"]' '{}'
check "another Blueprint over the kept volume is warned of, with both names" warns "volume $cache-data is kept of an earlier Application of that name, made from bp-valkey: bp-postgres would start on what that one wrote"
plan_of "fresh-$stamp" bp-valkey '["acme-dev"]' '{}'
check "a name that nobody had is not warned of" warns_not "is kept of an earlier Application"

sum_up
