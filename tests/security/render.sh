#!/usr/bin/env bash
# What a developer pushes, and what an author publishes, to make the builder of manifests do something else: run a command, fetch an address, read a file that
# is not theirs, or take all memory and time. Each is refused before it is built, with the file and the line, and nothing of it happens: a file that a command would
# have made is not there, and who listens on the machine is not called. Other Organizations' plans go on. Needs the environment file of ./dev up.
# Runs beside others, but holds: blueprints
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
dana=$(sign_in ACME_ORG_DEVELOPER)
bella=$(sign_in BLUE_ORG_ADMIN)
app=render-$stamp
calm=calm-$stamp # of the same Organization
shop=shop-$stamp # of another one
blueprint=bp-render-$stamp
marker=$work/a-command-ran
called=$work/called

# --- somebody who listens, and answers with a secret or never ---

python3 - "$work/port" "$called" <<'PYTHON' &
import socket, sys, threading
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(64)
open(sys.argv[1] + ".new", "w").write(str(listener.getsockname()[1]))
import os
os.rename(sys.argv[1] + ".new", sys.argv[1])
def answer(one):
    asked = one.recv(4096)
    open(sys.argv[2], "a").write(asked.decode("latin-1").split("\r\n")[0] + "\n")
    if b"hang" not in asked:
        one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nwords-from-elsewhere")
        one.close()
while True:
    one, _ = listener.accept()
    threading.Thread(target=answer, args=(one,), daemon=True).start()
PYTHON
listeners+=($!)
within 10 test -s "$work/port" || exit 1
port=$(cat "$work/port")
there=http://127.0.0.1:$port

# --- trees ---

base='apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [values.yaml, blueprint, secrets]
transformers: [blueprint/bind, secrets/bind]'
component='apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
components: [../../blueprint/sizes/small]
patches: [{path: environment.yaml}, {path: values.yaml}]'
upload="file://$work/x.git?ref=--upload-pack=touch $marker;"
bomb() {
    printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\ndata:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n'
    for i in 1 2 3 4 5 6 7 8; do printf '  a%s: &a%s [*a%s, *a%s, *a%s, *a%s, *a%s, *a%s, *a%s, *a%s, *a%s, *a%s]\n' "$i" "$i" $((i - 1)){,,,,,,,,,}; done
}
folder=$work/$app
write() { # PATH, from standard input
    mkdir -p "$(dirname "$folder/$1")"
    cat >"$folder/$1"
}
begin_again() { git -C "$folder" rm -rqf . && git -C "$folder" checkout -q "$good" -- .; }
pushed() { git_as dana -C "$folder" add -A && git_as dana -C "$folder" commit -q --allow-empty -m "$1" && git_as dana -C "$folder" push -q origin HEAD:develop 2>"$work/pushed"; }
wish() { configure "$app" "{\"message\": \"Hello $RANDOM\"}"; }
# The answer to a plan over what was pushed: refused with file, line and words, and without anything of what kustomize could have read or of where it ran.
says_refused() { # FILE WORDS
    jq -e --arg file "$1" --arg words "$2" '.status == 409 and .code == "application-unreadable" and
        any(.errors[]; (.message | contains($file + ", line ") or contains($file + " is ")) and (.message | contains($words)))' "$work/plan" || { cat "$work/plan"; return 1; }
    refuses grep -E 'words-from-elsewhere|catalyst-render|/dev/shm|dial tcp|lstat' "$work/plan"
}
is_refused() { call "$dana" POST /plans "$(wish)" >"$work/plan" && says_refused "$@"; } # FILE WORDS
# try SENTENCE FILE WORDS PATH TEXT: what is pushed at PATH is refused in FILE
try() {
    begin_again && write "$4" <<<"$5" && pushed "$1" || echo "push failed"
    check "$1" is_refused "$2" "$3"
}
with() { printf '%s\n%b\n' "$base" "$1"; }                         # LINES: the root's kustomization with these
# aside SENTENCE WORDS LINES: a kustomization in a folder of its own, of which the root names many; `together` pushes them and looks at each
asides=()
aside() { asides+=("$1" "$2" "$3"); }
together() {
    local i names=a0
    for ((i = 3; i < ${#asides[@]}; i += 3)); do names+=", a$((i / 3))"; done
    begin_again && resources "$names" | write "$root_file"
    for ((i = 0; i < ${#asides[@]}; i += 3)); do printf 'kind: Kustomization\n%b\n' "${asides[i + 2]}" | write "a$((i / 3))/kustomization.yaml"; done
    pushed "Many at once" && call "$dana" POST /plans "$(wish)" >"$work/plan" || echo "push failed"
    for ((i = 0; i < ${#asides[@]}; i += 3)); do check "${asides[i]}" says_refused "a$((i / 3))/kustomization.yaml" "${asides[i + 1]}"; done
    asides=()
}
overlay_with() { printf '%s\n%b\n' "$component" "$1"; }            # LINES
resources() { printf '%s\n' "${base/secrets]/secrets, $1]}"; }     # REFERENCE: one more
begin_as_dana() { git_token "$dana" dana && clone_as dana "acme/$app" develop; }

check "an Application is installed, beside another one, and one of another Organization" at_once "dana $(install "$app" bp-podinfo '["acme-dev"]' '{}')" \
    "dana $(install "$calm" bp-podinfo '["acme-dev"]' '{}')" "bella $(install "$shop" bp-podinfo '["blue-prod"]' '{}')"
check "a developer clones it" begin_as_dana
good=$(git -C "$folder" rev-parse HEAD)
root_file=kustomization.yaml
overlay_file=overlays/dev/kustomization.yaml

# --- a command by a Git address ---

try "a file address whose ref is an option of git is refused" $root_file "would be an address" $root_file "$(resources "'$upload'")"
aside "so is one in capitals" "would be an address" "resources: ['FILE${upload#file}']"
aside "and one behind git::" "would be an address" "resources: ['git::https://example.org/a/b?ref=--upload-pack=touch $marker']"
aside "and one as scp has it" "would be an address" "resources: ['git@example.org:a/b.git']"
aside "and one without any sign of an address" "would be an address" "resources: [github.com/a/b]"
aside "in any case" "would be an address" "resources: [GitHub.com/a/b]"
aside "the same in bases" "would be an address" "bases: ['$upload']"
aside "the same in Components, which kustomize takes for components" 'field "Components"' "Components: ['$upload']"
aside "and in COMPONENTS" 'field "COMPONENTS"' "COMPONENTS: ['$upload']"
aside "and in a field that only Go's rules make resources" 'field "reſources"' "reſources: ['$upload']"
aside "and in a field that is there twice, once with an escape" "is there twice" "resources: []\n\"re\\\\u0073ources\": ['$upload']"
aside "and behind an anchor" "anchors" "x: &x ['$upload']\nvalidators: *x"
aside "and in a merge key" "merge keys" "<<: {components: ['$upload']}"
together
try "the same in an Environment's overlay" $overlay_file "would be an address" $overlay_file "$(overlay_with "resources: ['$upload']")"
try "the same in components" $root_file "would be an address" $root_file "$(with "components: ['$upload']")"
try "and in JSON with two fields of one name" $root_file "is there twice" $root_file "$(printf '{"resources": ["values.yaml", "blueprint", "secrets"], "transformers": ["blueprint/bind"], "resources": ["%s"]}' "$upload")"
try "the same in a folder that was there" secrets/kustomization.yaml "would be an address" secrets/kustomization.yaml "$(printf 'resources: ["%s"]\n' "$upload")"
try "and in a file of another name that kustomize knows" secrets/Kustomization "is called kustomization.yaml" secrets/Kustomization "$(printf 'resources: ["%s"]\n' "$upload")"

# --- programs ---

aside "a list of generators does not fetch" "would be an address" "generators: ['$upload']"
aside "a generator that runs a program is refused in place" "is written in place" "generators:\n- |-\n  apiVersion: builtin\n  kind: HelmChartInflationGenerator\n  metadata: {name: x}\n  releaseName: x\n  chart: x\n  helmBin: /bin/true"
aside "charts are refused" 'field "helmCharts"' "helmCharts: [{name: x, repo: '$there'}]"
aside "and in their older field" "helmChartInflationGenerator" "helmChartInflationGenerator: [{chartName: x, helmBin: /bin/true}]"
together
{ begin_again && with "generators: [g.yaml]" | write $root_file; } &&
    printf 'apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\nname: x\nrepo: "%s"\n' "$there" | write g.yaml && pushed "A generator in a file"
check "a generator that runs a program is refused in a file, too" is_refused g.yaml 'kind "HelmChartInflationGenerator"'
{ begin_again && with "" | sed 's|secrets/bind\]|secrets/bind, t]|' | write $root_file && printf 'resources: [x.yaml]\npatches: [{patch: "[]", target: {kind: X}, options: {allowKindChange: true}}]\n' | write t/kustomization.yaml; } &&
    printf 'apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: x}\nprefix: a\n' | write t/x.yaml && pushed "A list of transformers that changes them"
check "a list of transformers does not make another of one" is_refused t/kustomization.yaml 'field "patches"'
{ begin_again && with "" | sed 's|secrets/bind\]|secrets/bind, x.yaml]|' | write $root_file; } &&
    printf 'apiVersion: someteam.example.org/v1\nkind: Run\nmetadata: {name: x, annotations: {config.kubernetes.io/function: "exec: {path: /bin/true}"}}\n' | write x.yaml && pushed "A transformer that is a program"
check "a transformer that is a program is refused" is_refused x.yaml 'kind "Run"'

# --- addresses and files ---

aside "a ConfigMap is not made of what an address answers" "would be an address" "configMapGenerator: [{name: x, files: ['a=$there/x']}]"
aside "nor by the older field env" "would be an address" "configMapGenerator: [{name: x, env: '$there/x'}]"
aside "nor in capitals" "would be an address" "configMapGenerator: [{name: x, envs: ['HTTP://127.0.0.1:$port/x']}]"
aside "nor in another case of the field" 'field "Files"' "configMapGenerator: [{name: x, Files: ['a=$there/x']}]"
aside "nor a Secret" "would be an address" "secretGenerator: [{name: x, files: ['$there/x']}]"
aside "a Secret is not made of the machine's files" "leaves what belongs together" "secretGenerator: [{name: x, files: ['a=/etc/passwd']}]"
aside "nor a ConfigMap of the process's environment" "leaves the folder" "configMapGenerator: [{name: x, files: ['a=../../../../../proc/self/environ']}]"
aside "a patch is not fetched" "would be an address" "patches: [{path: '$there/x'}]"
aside "nor in the older field" "would be an address" "patchesStrategicMerge: ['$there/x']"
aside "a replacement is not fetched" "would be an address" "replacements: [{path: '$there/x'}]"
aside "a schema is not fetched" "would be an address" "openapi: {path: '$there/x'}"
aside "nor are definitions" "would be an address" "crds: ['$there/x']"
aside "nor configurations" "would be an address" "configurations: ['$there/x']"
together
try "nor are transformers of an overlay" $overlay_file "would be an address" $overlay_file "$(overlay_with "transformers: ['$there/x']")"
try "what Flux builds is not made another thing than what is checked" $root_file "left out of what the cluster gets" .sourceignore "$(printf 'kustomization.yaml\n')"
link_out() { begin_again && ln -s /etc/passwd "$folder/link.yaml" && resources link.yaml | write $root_file && pushed "A link"; }
link_is_refused() { call "$dana" POST /plans "$(wish)" | jq -e '.status >= 400 and .status < 500 and (.detail | contains("link"))'; }
check "a link out of the repository is pushed" link_out
check "and is not followed" link_is_refused

# --- memory and time ---

{ begin_again && resources bomb.yaml | write $root_file && bomb | write bomb.yaml && pushed "A bomb of aliases"; }
check "a file that grows a million times when it is read is refused" is_refused bomb.yaml "too large when its aliases are followed"
{ begin_again && with "patches: [{path: bomb.yaml}]" | write $root_file && bomb | write bomb.yaml && pushed "A bomb in a patch"; }
check "so is one in a patch" is_refused bomb.yaml "too large when its aliases are followed"
wide() {
    begin_again && resources l0 | write $root_file || return
    for i in 0 1 2 3 4 5 6; do printf 'resources: [../l%s, ../l%s, ../l%s, ../l%s]\n' $((i + 1)){,,,} | write "l$i/kustomization.yaml"; done
    printf 'resources: []\n' | write l7/kustomization.yaml && pushed "Folders that name each other"
}
check "folders that name each other many times are pushed" wide
check "and are refused" is_refused kustomization.yaml "more than 256 kustomizations"
try "an address that never answers is refused, not waited for" $root_file "would be an address" $root_file "$(resources "'$there/hang'")"

flood() {
    for i in $(seq 12); do call "$dana" POST /plans "$(wish)" >"$work/flood.$i" & waits+=($!); done
}
waits=()
check "one Organization asks for many plans at once" flood
check "another's plan is made meanwhile" eval 'is "$(call "$bella" POST /plans "$(install "more-$stamp" bp-podinfo "[\"blue-prod\"]" "{}")" | jq -r ".id | length > 0")" true'
flood_is_answered() {
    wait "${waits[@]}"
    is "$(cat "$work"/flood.* | jq -r .status | sort -u | grep -vE '^(409|429)$')" ""
}
check "and each of the many is refused, as wrong or as too many" flood_is_answered

# --- Flux builds without limits what it is given: it is given what has passed ---

flux_of() { cut -d' ' -f1 "$CATALYST_TEST_INSTANCE_DIR/run/$CATALYST_TEST_HOST_CLUSTER-$1.kustomize-controller.pid"; } # ORGANIZATION: the process
# Kilobytes that Flux has held at most, whichever process it was.
watch_flux() {
    local held most=0
    while sleep 0.1; do
        held=$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$(flux_of acme)/status")
        if [ "${held:-0}" -gt "$most" ]; then most=$held && echo "$most" >"$work/flux.kb"; fi
    done 2>/dev/null
}
watch_flux & watcher=$!
row_is() { state "$dana" "/environments/acme-dev/rows/application/_/$app" | tee "$work/row" | jq -e "$1" || { jq '{status, reason, message, next}' "$work/row"; return 1; }; }
flux_has() { [[ "$(inner acme get gitrepository "$app-dev" -n flux-system -o jsonpath='{.status.artifact.revision}')" == *"$1" ]]; } # COMMIT
# Each attack begins at an Application that runs, as Flux looks at a push in the same moment as everybody else.
well_again() { begin_again && pushed "All is well" && sane=$(git -C "$folder" rev-parse HEAD) && within 60 flux_has "$sane" && within 60 row_is '.status == "Running"'; }
# kept_from_flux SENTENCE FILE WORDS: what was just pushed
kept_from_flux() {
    check "$1: the row says so, with file and reason" within 60 row_is ".status == \"Degraded\" and (.message | (contains(\"$2, line \") or contains(\"$2 is \")) and contains(\"$3\"))"
    sleep 3
    check "and Flux has what it had" flux_has "$sane"
}
check "an Application runs again once what was pushed is right" well_again
flux=$(flux_of acme)
{ begin_again && resources "'$there/a.yaml'" | write $root_file && printf "configMapGenerator: [{name: leak, files: ['a=%s/b']}]\nopenapi: {path: '%s/c'}\ncrds: ['%s/d']\n" "$there" "$there" "$there" >>"$folder/$root_file" && pushed "Addresses for Flux"; }
kept_from_flux "addresses are not fetched by Flux" $root_file "would be an address"
check "nobody was called by anybody" refuses test -s "$called"
check "all is well again" well_again
{ begin_again && resources bomb.yaml | write $root_file && bomb | write bomb.yaml && pushed "A bomb for Flux"; }
kept_from_flux "a bomb does not reach Flux" bomb.yaml "too large when its aliases are followed"
check "another Application of the Organization is changed meanwhile, and one of another" at_once "dana $(configure "$calm" '{"message": "All the same"}')" "bella $(configure "$shop" '{"message": "All the same"}')"
check "all is well again" well_again
{ begin_again && resources round.yaml | write $root_file && printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: &m\n  name: round\n  annotations: *m\n' | write round.yaml && pushed "A circle for Flux"; }
kept_from_flux "a file that holds itself does not reach Flux" round.yaml ""
check "all is well again" well_again
{ begin_again && with 'patches:\n- patch: |-\n    apiVersion: v1\n    kind: Service\n    metadata: &m\n      name: x\n      annotations: *m' | write $root_file && pushed "A circle in a patch"; }
kept_from_flux "nor does one in a patch" $root_file ""
check "all is well again" well_again
link_overlay() {
    begin_again && git -C "$folder" rm -rq overlays/dev && mkdir -p "$folder/overlays" && ln -s ../x "$folder/overlays/dev" &&
        printf 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [round.yaml]\n' | write x/kustomization.yaml && printf 'metadata: &m {annotations: *m}\n' | write x/round.yaml && pushed "An overlay by a link"
}
check "an overlay by a link is pushed" link_overlay
kept_from_flux "nor does what a link leads to" overlays/dev/kustomization.yaml "is behind a link"
check "what is right is applied again" well_again
check "Flux was never started again" is "$(flux_of acme)" "$flux"
kill "$watcher"
wait "$watcher" 2>/dev/null
held_little() { [ "$(cat "$work/flux.kb")" -lt $((500 * 1024)) ] || { cat "$work/flux.kb"; return 1; }; }
check "and took no more memory than it takes" held_little

# --- through a Blueprint ---

# publish VERSION PATH, from standard input: podinfo's Blueprint with this file, by the developer
publish() {
    local place=$work/shared-blueprints/$blueprint
    rm -rf "$place"
    mkdir -p "$place"
    cp -r "$root/blueprints/bp-podinfo/." "$place/"
    sed -i "s/^  name: bp-podinfo/  name: $blueprint/; s/^    title: Podinfo/    title: $blueprint/; s/^  version: .*/  version: $1/; s/^  visibility: listed/  visibility: private/" "$place/blueprint.yaml"
    mkdir -p "$(dirname "$place/$2")"
    cat >"$place/$2"
    git_as dana -C "$work/shared-blueprints" add -A && git_as dana -C "$work/shared-blueprints" commit -q -m "$blueprint $1" &&
        git_as dana -C "$work/shared-blueprints" tag "$blueprint/v$1" && git_as dana -C "$work/shared-blueprints" push -q origin HEAD:main "$blueprint/v$1" 2>"$work/pushed"
}
is_rejected() { # VERSION FILE WORDS
    read_api "$dana" "$CATALYST_TEST_URL/api/catalog/v1/rejections?blueprint=$blueprint" |
        jq -e --arg v "$1" --arg file "$2" --arg words "$3" 'any(.items[]; .version == $v and any(.errors[]; .file == $file and .line >= 1 and (.message | contains($words))))' ||
        { read_api "$dana" "$CATALYST_TEST_URL/api/catalog/v1/rejections?blueprint=$blueprint"; return 1; }
}
# author SENTENCE VERSION PATH WORDS TEXT: publishes it; `judge_authors` looks at each
authored=()
author() {
    publish "$2" "$3" <<<"$5" || echo "push failed"
    authored+=("$1" "$2" "$3" "$4")
}
judge_authors() {
    local i
    for ((i = 0; i < ${#authored[@]}; i += 4)); do check "${authored[i]}" within 60 is_rejected "${authored[@]:i+1:3}"; done
}
# The repository may be empty still.
check "a developer clones the Organization's Blueprints" git_as dana clone -q "$CATALYST_TEST_GITEA_URL/acme/shared-blueprints.git" "$work/shared-blueprints"
author "a Blueprint whose manifests name a file address is rejected" 1.0.0 manifests/kustomization.yaml "would be an address" "$(printf "resources: ['%s']\n" "$upload")"
author "so is one whose size does, in another case" 1.0.1 sizes/small/kustomization.yaml 'field "Resources"' "$(printf "kind: Component\nResources: ['%s']\n" "$upload")"
author "and one that makes a ConfigMap of an address" 1.0.2 manifests/kustomization.yaml "would be an address" "$(printf "configMapGenerator: [{name: x, env: '%s/x'}]\n" "$there")"
author "and one whose bindings run a program" 1.0.3 bind/values.yaml 'kind "HelmChartInflationGenerator"' "$(printf 'apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\n')"
author "and one whose list of bindings changes them" 1.0.4 bind/kustomization.yaml 'field "namePrefix"' "$(printf 'resources: [values.yaml]\nnamePrefix: x\n')"
author "and one that grows a million times" 1.0.5 manifests/service.yaml "too large when its aliases are followed" "$(bomb)"
judge_authors
check "none of them is registered" refuses eval 'host get blueprints -o name | grep -F "acme.$blueprint."'

# --- what happened ---

check "no command ran" refuses test -e "$marker"
check "nobody was called" refuses test -s "$called"
is_confined() { log_of provisioning | grep '"message":"kustomize is confined","landlock":[1-9]'; }
check "provisioning's builder is confined" is_confined
heal() { begin_again && pushed "As it was"; }
check "the developer puts everything back" heal
check "and the Application is changed as ever" carry_out "$dana" "$(configure "$app" '{"message": "Still here"}')"
check "and uninstalled" at_once "dana $(uninstall "$app")" "dana $(uninstall "$calm")" "bella $(uninstall "$shop")"
hang_up
sum_up
