#!/usr/bin/env bash
# What a person sees live, on the event stream of the front door: a Pod that goes and is replaced, a change behind Flux's back, a plain push, an image that
# cannot be pulled. Needs the environment file of ./dev up.
# Runs beside others.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
app=live-$stamp
namespace=$app-dev
summary=application/_/$app
workload=deployment/$namespace/$app

developer=$(sign_in ACME_ORG_DEVELOPER)
viewer=$(sign_in ACME_ORG_VIEWER)
check "an Application is installed" carry_out "$developer" "$(install "$app" bp-podinfo '["acme-dev"]' '{}')"
running() { state "$viewer" "/environments/acme-dev/rows/$summary" | jq -e '.status == "Running"'; }
check "it runs" within 60 running
listen live "$viewer" "$CATALYST_TEST_URL/api/state" environments=acme-dev
check "a viewer's stream begins with a snapshot that has it" within 20 knows live "$summary"

# --- a Pod ---

pods() { inner acme get pods -n "$namespace" -o json | jq -r '.items[] | select(.metadata.deletionTimestamp | not).metadata.name'; }
old=$(pods)
inner acme delete pod "$old" -n "$namespace" --wait=false >/dev/null
check "a Pod that was deleted is seen to go" within 30 removes live "pod/$namespace/$old"
new_one() { heard live row | jq -ne --arg old "pod/$namespace/$old" --arg its "pod/$namespace/$app-" '[inputs | select((.key | startswith($its)) and .key != $old and .status == "Running")] | length > 0'; }
check "and a new one to run" within 30 new_one
check "and the Application to run on" within 30 running

# --- drift ---

inner acme scale deployment "$app" -n "$namespace" --replicas=3 >/dev/null
check "a Deployment that was scaled behind Flux is seen with who did it" within 30 tells live "$workload" '.drift.manager | . and startswith("kubectl")'
check "its cause says so in words" tells live "$workload" '.cause | . and contains("changed outside Git by kubectl")'
check "the Application's row says so too" within 10 tells live "$summary" '.cause | . and contains("changed outside Git by kubectl")'
check "it is put back" within 30 eval 'is "$(inner acme get deployment "$app" -n "$namespace" -o jsonpath="{.spec.replicas}")" 1'
check "and that is seen" within 30 last_is live "$workload" '(has("drift") | not) and .status == "Running" and ([.clusters[].replicas.wanted] | all(. == 1))'
check "on the Application's row too" within 30 last_is live "$summary" '.status == "Running" and (.cause // "" | contains("outside Git") | not)'

# --- a push ---

clone "acme/$app" develop
sed -i 's/message: .*/message: Pushed by hand/' "$work/$app/values.yaml"
check "somebody pushes a change with Git" push "$work/$app" develop "Greet otherwise"
pushed=$(git_as_admin -C "$work/$app" rev-parse HEAD)
check "the commit is seen at once, with who made it" within 30 tells live "$summary" \
    ".wanted.commit == \"$pushed\" and (.wanted.message | startswith(\"Greet otherwise\")) and (.wanted.author | tostring | contains(\"Hand\"))"
check "while it rolls out, the row's commit and words are those of the push" within 60 tells live "$summary" \
    ".status == \"Progressing\" and .commit == \"$pushed\" and (.message | contains(\"${pushed:0:8}\") and contains(\"Greet otherwise\"))"
check "and the Application runs it" within 60 last_is live "$summary" ".status == \"Running\" and .running.commit == \"$pushed\""

# --- a broken image ---

sed -i 's|image: .*|image: ghcr.io/stefanprodan/podinfo:6.9.3-broken|' "$work/$app/values.yaml"
check "somebody pushes an image that cannot be pulled" push "$work/$app" develop "Take the next image"
broken=$(git_as_admin -C "$work/$app" rev-parse HEAD)
check "the Application is seen not to be well" within 60 last_is live "$summary" '.status == "Degraded" or .status == "Progressing"'
check "its reason is the image" within 60 last_is live "$summary" '.reason | . and test("Image")'
check "its message names image and commit" last_is live "$summary" "(.message | contains(\"6.9.3-broken\") and contains(\"${broken:0:8}\") and contains(\"Take the next image\"))"
check "its cause is the commit" last_is live "$summary" ".commit == \"$broken\" and (.cause | contains(\"${broken:0:8}\"))"
check "and it says what to do next" last_is live "$summary" '.next | length > 10'
check "the Pod's row says it too" eval 'heard live row | jq -ne "[inputs | select(.kind == \"pod\" and (.reason // \"\" | test(\"Image\")) and (.next | length > 10))] | length > 0"'
git_as_admin -C "$work/$app" revert --no-edit HEAD >/dev/null
git_as_admin -C "$work/$app" push -q origin HEAD:develop 2>/dev/null
check "after the commit was reverted it is seen to run again" within 90 last_is live "$summary" '.status == "Running" and (has("reason") | not)'

carry_out "$developer" "$(uninstall "$app")" >/dev/null
check "an uninstall is seen as the Application's end" within 60 removes live "$summary"

sum_up
