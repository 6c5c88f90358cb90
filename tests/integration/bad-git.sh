#!/usr/bin/env bash
# Wrong input in Git: Blueprint versions with broken YAML, a field that there is not and a broken expression are rejected with file, line and what is expected,
# and are not registered; values that are broken by hand show in the Application's row with their commit, and the next commit heals them. What the
# cluster could build and nobody configure (a second document), and a null that takes a value away, are told as that, in the row and by the config.
# Needs the environment file of ./dev up.
# Runs beside others, but holds: blueprints
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
dana=$(sign_in ACME_ORG_DEVELOPER)
blueprint=bp-bad-$stamp
app=bad-git-$stamp

# publish VERSION SED-PROGRAM: podinfo's Blueprint, changed, with its tag
publish() {
    local folder=$work/shared-blueprints/$blueprint
    [ -d "$work/shared-blueprints" ] || git_as_admin clone -q "$CATALYST_TEST_GITEA_URL/acme/shared-blueprints.git" "$work/shared-blueprints" || return
    rm -rf "$folder"
    mkdir -p "$folder"
    cp -r "$root/blueprints/bp-podinfo/." "$folder/"
    sed -i "s/^  name: bp-podinfo/  name: $blueprint/; s/^    title: Podinfo/    title: $blueprint/; s/^  version: .*/  version: $1/; s/^  visibility: listed/  visibility: private/; $2" "$folder/blueprint.yaml"
    git_as_admin -C "$work/shared-blueprints" add -A
    git_as_admin -C "$work/shared-blueprints" commit -q -m "$blueprint $1"
    git_as_admin -C "$work/shared-blueprints" tag "$blueprint/v$1"
    git_as_admin -C "$work/shared-blueprints" push -q origin HEAD:main "$blueprint/v$1"
}
last_event() { # of acme's Blueprints
    node "$root/tests/integration/spine.mjs" "$CATALYST_TEST_SPINE_URL" "$CATALYST_TEST_SPINE_CREDENTIALS" request "\$JS.API.STREAM.MSG.GET.catalyst-events" \
        '{"last_by_subj": "catalyst.blueprint-controller.acme.blueprint"}' | jq -r '.message.data | @base64d'
}
# rejected VERSION FILE WORDS: the file has a line, the words stand in the message
rejected() {
    last_event >"$work/event"
    jq -e --arg name "$blueprint" --arg version "$1" --arg file "$2" --arg words "$3" \
        '.type == "io.openova.catalyst.blueprint.rejected.v1" and .data.name == $name and .data.version == $version and
         any(.data.errors[]; (.file | endswith($file)) and .line > 0 and (.message | contains($words)))' "$work/event" || { cat "$work/event"; return 1; }
}
unknown() { # VERSION: neither an object nor in the catalog
    refuses host get blueprint "acme.$blueprint.$1" && is "$(code_of "$dana" "$CATALYST_TEST_CATALOG_SVC_URL/v1/blueprints/acme/$blueprint/versions/$1")" 404
}
check "a Blueprint whose YAML is broken is pushed" publish 1.0.1 '$a\    : [unclosed'
check "it is rejected, with file, line and what is wrong" within 30 rejected 1.0.1 blueprint.yaml "expected"
check "and is not registered" unknown 1.0.1
check "a Blueprint with a field that there is not is pushed" publish 1.0.2 '/^  version: /a\  colour: red'
check "it is rejected, with the fields that are known" within 30 rejected 1.0.2 blueprint.yaml "There is no field colour here; known are"
check "and is not registered" unknown 1.0.2
check "a Blueprint with a broken expression is pushed" publish 1.0.3 '/^  outputs:/a\    wrong: "{{ .application. }}"'
check "it is rejected, with the place of the expression" within 30 rejected 1.0.3 blueprint.yaml "outputs/wrong, column"
check "and is not registered" unknown 1.0.3

break_values() { clone "acme/$app" develop && printf 'spec: {message: [unclosed\n' >"$work/$app/values.yaml" && push "$work/$app" develop "Break the values"; }
mend_values() { clone "acme/$app" develop && git_as_admin -C "$work/$app" revert --no-edit HEAD >/dev/null && git_as_admin -C "$work/$app" push -q origin HEAD:develop; }
head_of() { git_as_admin -C "$work/$app" rev-parse HEAD; }
row() { state "$dana" "/environments/acme-dev/rows/application/_/$app"; }
row_is() { row | jq -e --arg commit "$(head_of)" "$1" || { row; return 1; }; }
check "an Application is installed" carry_out "$dana" "$(install "$app" bp-podinfo '["acme-dev"]' '{}')"
check "its values are broken by hand" break_values
check "its row is Degraded, names the commit and says which file is wrong" within 90 row_is '.status == "Degraded" and .wanted.commit == $commit and (.message | contains("values.yaml"))'
check "and what to do next" row_is '.next | length > 10'
# What is broken is told of the Application, not of the request, and holds up nothing but what has to read it.
unreadable() { tells_unreadable "values.yaml on branch develop of acme/$app cannot be read: line " "$@"; }
tells_unreadable() { # START-OF-THE-MESSAGE CALL…
    call "$dana" "${@:2}" >"$work/answer"
    jq -e --arg start "$1" \
        '.status == 409 and .code == "application-unreadable" and (.errors[0].message | startswith($start) and contains("Correct the file in Git"))' "$work/answer" ||
        { cat "$work/answer"; return 1; }
}
can_be_planned() { call "$dana" POST /plans "$1" | jq -e .hash >/dev/null; }
check "a change of it is refused with the file, the line and what to do" unreadable POST /plans "$(configure "$app" '{"message": "x"}')"
check "its config too" unreadable GET "/applications/$app/config"
check "its removal can be planned all the same" can_be_planned "$(uninstall "$app")"
check "the values are mended by hand" mend_values
check "its row is Running with that commit" within 90 row_is '.status == "Running" and .running.commit == $commit'
# change FILE SED-PROGRAM: pushes that
change() { clone "acme/$app" develop && sed -i "$2" "$work/$app/$1" && push "$work/$app" develop "Change $1"; }
not_built() { row_is ".status == \"Degraded\" and .wanted.commit == \$commit and (.message | contains(\"$1\"))"; }
config_is() { call "$dana" GET "/applications/$app/config" >"$work/answer"; jq -e "$1" "$work/answer" || { cat "$work/answer"; return 1; }; }
check "a null in one Environment is pushed" change overlays/dev/values.yaml 's/^spec:.*/spec:\n  color: ~/'
check "the row says the file, the line and what to do" within 90 not_built "overlays/dev/values.yaml, line 8: color is null, and a null here takes the value away: delete the line to go back to everybody's value"
check "the config has everybody's value there" config_is '.overlays.dev == {} and .problems == []'
check "the null is taken out by hand" mend_values
check "a second document is pushed" change values.yaml '$a---\nkind: ConfigMap'
check "the row says where it begins" within 90 not_built "there is more than one document"
check "its config too" unreadable GET "/applications/$app/config"
check "the document is taken out by hand" mend_values
take_away() { clone "acme/$app" develop && git_as_admin -C "$work/$app" rm -q values.yaml && push "$work/$app" develop "Remove the values"; }
empty() { clone "acme/$app" develop && : >"$work/$app/$1" && push "$work/$app" develop "Empty $1"; }
told() { # MESSAGE, by the config
    call "$dana" GET "/applications/$app/config" >"$work/answer"
    jq -e --arg says "$1" \
        '.status == 409 and .code == "application-unreadable" and (.errors[0].message | startswith($says))' "$work/answer" || { cat "$work/answer"; return 1; }
}
check "values.yaml is deleted by hand" take_away
check "the config says so, and not that there are no values" told "values.yaml is not there on branch develop of acme/$app: bring it back in Git"
check "the row too" within 90 not_built "values.yaml is not there: bring it back in Git"
check "its removal can be planned all the same" can_be_planned "$(uninstall "$app")"
check "values.yaml is brought back" mend_values
for file in values.yaml catalyst.yaml; do
    check "$file is emptied" empty "$file"
    check "the config says that it is empty" told "$file is empty on branch develop of acme/$app: bring back in Git what was in it"
    check "the row too" within 90 row_is ".status == \"Degraded\" and (.message | contains(\"$file is empty: bring back in Git what was in it\"))"
    check "what was in it is brought back" mend_values
done
check "the values of one Environment are emptied" empty overlays/dev/values.yaml
check "which is that nothing differs there" config_is '.overlays.dev == {}'
check "and runs" within 90 row_is '.status == "Running" and .running.commit == $commit'
check "they are brought back" mend_values
worker() {
    clone "acme/$app" develop
    cat >"$work/$app/worker.yaml" <<YAML
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  selector: {matchLabels: {app: worker}}
  template:
    metadata: {labels: {app: worker}}
    spec: {containers: [{name: worker, image: "example.org/worker:1", resources: {limits: {cpu: five}}}]}
YAML
    sed -i 's/^resources: \[/&worker.yaml, /; s/^resources:$/&\n- worker.yaml/' "$work/$app/kustomization.yaml"
    push "$work/$app" develop "Add a worker"
}
check "a manifest with a quantity that is none is pushed" worker
check "the row says the file, the line, the field and the value" within 90 row_is '(.message | contains("worker.yaml, line 8: spec.template.spec.containers[name=\"worker\"].resources.limits.cpu of Deployment worker is \"five\", which is no quantity")) and .commit == $commit'
check "it is taken out by hand" mend_values
# catalyst.yaml, which says what the Application is made from: each fault is told with the file, the branch and the field, by the plan and by the config.
source_is_told() { # WORDS SED-PROGRAM
    change catalyst.yaml "$2" &&
        tells_unreadable "catalyst.yaml on branch develop of acme/$app cannot be read: $1" POST /plans "$(configure "$app" '{"message": "x"}')" &&
        tells_unreadable "catalyst.yaml on branch develop of acme/$app cannot be read: $1" GET "/applications/$app/config" && can_be_planned "$(uninstall "$app")" && mend_values
}
check "a catalyst.yaml of another Application is told, by the plan and the config" source_is_told "metadata.name has to be $app, and not shop" "s/^  name: $app/  name: shop/"
check "one of another kind" source_is_told "kind has to be ApplicationSource" 's/^kind: .*/kind: Values/'
check "a version that is a number" source_is_told "spec.blueprint.version has to be a text of 1 to 63 characters: put the number in quotes" 's/^\( *version: \).*/\11.0/'
# refused_as CODE WORDS: what a change of it is answered with
refused_as() {
    call "$dana" POST /plans "$(configure "$app" '{"message": "x"}')" >"$work/answer"
    jq -e --arg code "$1" --arg words "$2" '.status == 409 and .code == $code and (.detail | contains($words))' "$work/answer" || { cat "$work/answer"; return 1; }
}
check "a version that is not registered is pushed" change catalyst.yaml 's/^\( *version: \).*/\19.9.9/'
check "it is told with name and version" refused_as blueprint-gone "version 9.9.9 of Blueprint bp-podinfo"
check "the row says so, and stays Running" within 90 row_is '.status == "Running" and .reason == "BlueprintUnknown" and (.message | contains("version 9.9.9 of Blueprint bp-podinfo (of catalog) is not registered here"))'
check "it is taken back" mend_values
check "which the row does not say any more" within 90 row_is '.status == "Running" and .reason == null'
take_source() { clone "acme/$app" develop && git_as_admin -C "$work/$app" rm -q catalyst.yaml && push "$work/$app" develop "Remove catalyst.yaml"; }
check "catalyst.yaml is deleted by hand" take_source
check "it is told as gone" refused_as application-unreadable "catalyst.yaml is not there on branch develop of acme/$app: bring it back in Git"
check "its removal can be planned all the same" can_be_planned "$(uninstall "$app")"
check "it is brought back" mend_values
# A branch of a person's own that is called like an Environment's in which the Application does not run.
stray() { clone "acme/$app" develop && printf 'bad: [\n' >"$work/$app/values.yaml" && git_as_admin -C "$work/$app" commit -qam "Notes" && git_as_admin -C "$work/$app" push -q origin HEAD:staging; }
writes_develop_alone() {
    call "$dana" POST /plans "$(configure "$app" '{"message": "after the notes"}')" >"$work/answer"
    jq -e 'any(.files[]; .path == "values.yaml") and all(.files[], .reads[]; .branch != "staging") and .environments == ["acme-dev"]' "$work/answer" || { cat "$work/answer"; return 1; }
}
check "a branch staging is pushed, which is broken" stray
check "a change writes develop alone, and is not held up by it" writes_develop_alone
check "nor is the config" config_is '.problems == []'
check "a value that the Blueprint does not take is pushed, which the cluster runs" change values.yaml 's/^  logLevel:.*/  logLevel: loud/'
check "the config says at which field" config_is '.values.logLevel == "loud" and .problems[0].pointer == "/values/logLevel" and (.problems[0].message | contains("one of"))'
check "its row is Running with that commit" within 90 row_is '.status == "Running" and .running.commit == $commit'
check "its values are broken again" break_values
check "it is uninstalled" carry_out "$dana" "$(uninstall "$app")"
sum_up
