#!/usr/bin/env bash
# What an Application's row says of commits and files: which of several commits is to blame, what is said of a catalyst.yaml that cannot be read, and that a
# claim which waits for its first consumer holds nobody up. Needs the environment file of ./dev up.
# Runs beside others.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
app=cause-$stamp
namespace=$app-dev
class=waits-$stamp
developer=$(sign_in ACME_ORG_DEVELOPER)
viewer=$(sign_in ACME_ORG_VIEWER)
row() { state "$viewer" "/environments/acme-dev/rows/$1"; }
row_is() { row "$1" | jq -e "$2" || { row "$1"; return 1; }; } # KEY CONDITION-OF-JQ
summary=application/_/$app
check "an Application is installed" carry_out "$developer" "$(install "$app" bp-podinfo '["acme-dev"]' '{}')"
check "it runs" within 60 row_is "$summary" '.status == "Running"'
reads() { inner acme get gitrepository "$namespace" -n flux-system -o jsonpath='{.metadata.annotations.openova\.io/reads}'; }
has_word() { grep -qE "(^| )$2( |$)" <<<"$1" || { printf '%s\n' "$1"; return 1; }; }
check "its source says that its root and this Environment's overlay are read" has_word "$(reads)" 'kustomization\.yaml'
check "as a folder where all of it is" has_word "$(reads)" 'overlays/(dev/)?'
check "and that CODEOWNERS is not" refuses has_word "$(reads)" CODEOWNERS

# --- a claim that waits ---

inner acme apply -f - >/dev/null <<YAML
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: $class}
provisioner: example.org/nobody
volumeBindingMode: WaitForFirstConsumer
YAML
clone "acme/$app" develop
cat >"$work/$app/claim.yaml" <<YAML
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: later}
spec: {accessModes: [ReadWriteOnce], storageClassName: $class, resources: {requests: {storage: 1Mi}}}
YAML
sed -i 's/^resources: \[/&claim.yaml, /; s/^resources:$/&\n- claim.yaml/' "$work/$app/kustomization.yaml"
check "somebody pushes a claim that nobody uses yet" push "$work/$app" develop "Claim a volume for later"
flux_is_ready() {
    inner acme get kustomization "$namespace" -n flux-system -o json | jq -e --arg commit "$(git -C "$work/$app" rev-parse HEAD)" \
        '(.status.lastAppliedRevision | endswith($commit)) and any(.status.conditions[]; .type == "Ready" and .status == "True")'
}
check "Flux is done with it while it waits" within 60 flux_is_ready
check "it is pending" is "$(inner acme get pvc later -n "$namespace" -o jsonpath='{.status.phase}')" Pending
check "and waits for its consumer, which is well" within 20 row_is "persistentvolumeclaim/$namespace/later" '.status == "Running" and .reason == "WaitsForConsumer"'
check "so is the Application" within 20 row_is "$summary" '.status == "Running"'

# --- which commit ---

listen live "$viewer" "$CATALYST_TEST_URL/api/state" environments=acme-dev
check "a stream begins with a snapshot that has it" within 20 knows live "$summary"
sed -i 's|podinfo:[0-9.]*|podinfo:6.9.3-broken|' "$work/$app/values.yaml"
check "somebody pushes an image that is not there" push "$work/$app" develop "Take an image that is not there"
guilty=$(git -C "$work/$app" rev-parse HEAD)
mkdir -p "$work/$app/notes" "$work/$app/overlays/prod"
printf 'a: b\n' | tee "$work/$app/notes/plan.yaml" >"$work/$app/overlays/prod/values.yaml"
check "and then files that this Environment does not read" push "$work/$app" develop "Note a plan"
check "the Application is Degraded of it" within 180 row_is "$summary" '.status == "Degraded" and .reason == "ImagePullBackOff"'
check "and the commit that changed the image is to blame" within 10 row_is "$summary" ".commit == \"$guilty\" and (.cause | contains(\"Take an image\"))"
check "no other was, at any time, and nothing else was wrong" refuses tells live "$summary" ".status == \"Degraded\" and (.commit != \"$guilty\" or (.reason | test(\"Image\") | not))"

# --- catalyst.yaml ---

git -C "$work/$app" checkout -q "$guilty~1" -- values.yaml
check "somebody mends the image" push "$work/$app" develop "Take the image that was there"
check "it runs again" within 120 row_is "$summary" '.status == "Running"'
cp "$work/$app/catalyst.yaml" "$work/good.yaml"
printf 'kind: [\n' >"$work/$app/catalyst.yaml"
check "somebody breaks catalyst.yaml" push "$work/$app" develop "Break catalyst.yaml"
check "the row says that the newest commit is not built, and why" within 60 row_is "$summary" '.status == "Degraded" and .reason == "NotBuilt" and (.message | contains("catalyst.yaml"))'
check "and names the commit" row_is "$summary" ".commit == \"$(git -C "$work/$app" rev-parse HEAD)\" and (.cause | contains(\"Break catalyst.yaml\"))"
: >"$work/$app/catalyst.yaml"
check "somebody empties it" push "$work/$app" develop "Empty catalyst.yaml"
check "the row says that it is empty, and names that commit" within 60 row_is "$summary" '(.message | contains("catalyst.yaml is empty: bring back in Git what was in it")) and (.cause | contains("Empty catalyst.yaml"))'
git -C "$work/$app" rm -q catalyst.yaml
check "somebody deletes it" push "$work/$app" develop "Delete catalyst.yaml"
check "the row says that it is not there" within 60 row_is "$summary" '.reason == "NotBuilt" and (.message | contains("catalyst.yaml is not there: bring it back in Git")) and (.cause | contains("Delete catalyst.yaml"))'
cp "$work/good.yaml" "$work/$app/catalyst.yaml"
check "somebody mends it" push "$work/$app" develop "Mend catalyst.yaml"
check "it runs again" within 120 row_is "$summary" '.status == "Running"'

carry_out "$developer" "$(uninstall "$app")" >/dev/null
inner acme delete storageclass "$class" >/dev/null
sum_up
