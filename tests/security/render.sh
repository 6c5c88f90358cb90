#!/usr/bin/env bash
# What a developer pushes, and what an author publishes, to make the builder of manifests do something else: run a command, fetch an address, read a file that
# is not theirs, or take all memory and time. Each is refused before it is built, with the file and the line, and nothing of it happens: a file that a command would
# have made is not there, and who listens on the machine is not called. Other Organizations' plans go on. Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
dana=$(sign_in ACME_ORG_DEVELOPER)
bella=$(sign_in BLUE_ORG_ADMIN)
app=render-$stamp
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
is_refused() { # FILE WORDS
    local said
    said=$(call "$dana" POST /plans "$(wish)")
    jq -e --arg file "$1" --arg words "$2" '.status == 422 and .code == "plan-invalid" and
        any(.errors[]; (.message | contains($file + ", line ")) and (.message | contains($words)))' <<<"$said" || { echo "$said"; return 1; }
    refuses grep -E 'words-from-elsewhere|catalyst-render|/dev/shm|dial tcp|lstat' <<<"$said"
}
# try SENTENCE FILE WORDS PATH TEXT: what is pushed at PATH is refused in FILE
try() {
    begin_again && write "$4" <<<"$5" && pushed "$1" || echo "push failed"
    check "$1" is_refused "$2" "$3"
}
with() { printf '%s\n%b\n' "$base" "$1"; }                         # LINES: the root's kustomization with these
overlay_with() { printf '%s\n%b\n' "$component" "$1"; }            # LINES
resources() { printf '%s\n' "${base/secrets]/secrets, $1]}"; }     # REFERENCE: one more
begin_as_dana() { git_token "$dana" dana && clone_as dana "acme/$app" develop; }

check "an Application is installed" carry_out "$dana" "$(install "$app" bp-podinfo '["acme-dev"]' '{}')"
check "a developer clones it" begin_as_dana
good=$(git -C "$folder" rev-parse HEAD)
root_file=kustomization.yaml
overlay_file=overlays/dev/kustomization.yaml

# --- a command by a Git address ---

try "a file address whose ref is an option of git is refused" $root_file "is no path in here" $root_file "$(resources "'$upload'")"
try "so is one in capitals" $root_file "is no path in here" $root_file "$(resources "'FILE${upload#file}'")"
try "and one behind git::" $root_file "is no path in here" $root_file "$(resources "'git::https://example.org/a/b?ref=--upload-pack=touch $marker'")"
try "and one as scp has it" $root_file "is no path in here" $root_file "$(resources "'git@example.org:a/b.git'")"
try "and one without any sign of an address" $root_file "would be an address" $root_file "$(resources 'github.com/a/b')"
try "in any case" $root_file "would be an address" $root_file "$(resources 'GitHub.com/a/b')"
try "the same in bases" $root_file "is no path in here" $root_file "$(with "bases: ['$upload']")"
try "the same in an Environment's overlay" $overlay_file "is no path in here" $overlay_file "$(overlay_with "resources: ['$upload']")"
try "the same in components" $root_file "is no path in here" $root_file "$(with "components: ['$upload']")"
try "the same in Components, which kustomize takes for components" $root_file 'field "Components"' $root_file "$(with "Components: ['$upload']")"
try "and in COMPONENTS" $root_file 'field "COMPONENTS"' $root_file "$(with "COMPONENTS: ['$upload']")"
try "and in a field that only Go's rules make resources" $root_file 'field "reſources"' $root_file "$(with "reſources: ['$upload']")"
try "and in a field that is there twice, once with an escape" $root_file "is there twice" $root_file "$(with "\"re\\\\u0073ources\": ['$upload']")"
try "and in JSON with two of them" $root_file "is there twice" $root_file "$(printf '{"resources": ["values.yaml", "blueprint", "secrets"], "transformers": ["blueprint/bind"], "resources": ["%s"]}' "$upload")"
try "and behind an anchor" $root_file "anchors" $root_file "$(with "x: &x ['$upload']\nvalidators: *x")"
try "and in a merge key" $root_file "merge keys" $root_file "$(with "<<: {components: ['$upload']}")"
try "the same in a folder below" secrets/kustomization.yaml "is no path in here" secrets/kustomization.yaml "$(printf 'resources: ["%s"]\n' "$upload")"
try "and in a file of another name that kustomize knows" secrets/Kustomization "is called kustomization.yaml" secrets/Kustomization "$(printf 'resources: ["%s"]\n' "$upload")"

# --- programs ---

try "a list of generators does not fetch" $root_file "is no path in here" $root_file "$(with "generators: ['$upload']")"
try "a generator that runs a program is refused in place" $root_file "is no path in here" $root_file "$(with "generators:\n- |-\n  apiVersion: builtin\n  kind: HelmChartInflationGenerator\n  metadata: {name: x}\n  releaseName: x\n  chart: x\n  helmBin: /bin/true")"
{ begin_again && with "generators: [g.yaml]" | write $root_file; } &&
    printf 'apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\nname: x\nrepo: "%s"\n' "$there" | write g.yaml && pushed "A generator in a file"
check "and in a file" is_refused g.yaml 'kind "HelmChartInflationGenerator"'
{ begin_again && with "" | sed 's|secrets/bind\]|secrets/bind, t]|' | write $root_file && printf 'resources: [x.yaml]\npatches: [{patch: "[]", target: {kind: X}, options: {allowKindChange: true}}]\n' | write t/kustomization.yaml; } &&
    printf 'apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: x}\nprefix: a\n' | write t/x.yaml && pushed "A list of transformers that changes them"
check "a list of transformers does not make another of one" is_refused t/kustomization.yaml 'field "patches"'
{ begin_again && with "" | sed 's|secrets/bind\]|secrets/bind, x.yaml]|' | write $root_file; } &&
    printf 'apiVersion: someteam.example.org/v1\nkind: Run\nmetadata: {name: x, annotations: {config.kubernetes.io/function: "exec: {path: /bin/true}"}}\n' | write x.yaml && pushed "A transformer that is a program"
check "a transformer that is a program is refused" is_refused x.yaml 'kind "Run"'
try "charts are refused" $root_file 'field "helmCharts"' $root_file "$(with "helmCharts: [{name: x, repo: '$there'}]")"
try "and in their older field" $root_file "helmChartInflationGenerator" $root_file "$(with "helmChartInflationGenerator: [{chartName: x, helmBin: /bin/true}]")"

# --- addresses and files ---

try "a ConfigMap is not made of what an address answers" $root_file "is no path in here" $root_file "$(with "configMapGenerator: [{name: x, files: ['a=$there/x']}]")"
try "nor by the older field env" $root_file "is no path in here" $root_file "$(with "configMapGenerator: [{name: x, env: '$there/x'}]")"
try "nor in capitals" $root_file "is no path in here" $root_file "$(with "configMapGenerator: [{name: x, envs: ['HTTP://127.0.0.1:$port/x']}]")"
try "nor in another case of the field" $root_file 'field "Files"' $root_file "$(with "configMapGenerator: [{name: x, Files: ['a=$there/x']}]")"
try "nor a Secret" $root_file "is no path in here" $root_file "$(with "secretGenerator: [{name: x, files: ['$there/x']}]")"
try "a Secret is not made of the machine's files" $root_file "leaves what belongs together" $root_file "$(with "secretGenerator: [{name: x, files: ['a=/etc/passwd']}]")"
try "nor a ConfigMap of the process's environment" $root_file "leaves the folder" $root_file "$(with "configMapGenerator: [{name: x, files: ['a=../../../../../proc/self/environ']}]")"
try "a patch is not fetched" $root_file "is no path in here" $root_file "$(with "patches: [{path: '$there/x'}]")"
try "nor in the older field" $root_file "is no path in here" $root_file "$(with "patchesStrategicMerge: ['$there/x']")"
try "a replacement is not fetched" $root_file "is no path in here" $root_file "$(with "replacements: [{path: '$there/x'}]")"
try "a schema is not fetched" $root_file "is no path in here" $root_file "$(with "openapi: {path: '$there/x'}")"
try "nor are definitions" $root_file "is no path in here" $root_file "$(with "crds: ['$there/x']")"
try "nor configurations" $root_file "is no path in here" $root_file "$(with "configurations: ['$there/x']")"
try "nor transformers" $overlay_file "is no path in here" $overlay_file "$(overlay_with "transformers: ['$there/x']")"
try "what Flux builds is not made another thing than what is checked" .sourceignore "Flux would build something else" .sourceignore "$(printf 'kustomization.yaml\n')"
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
try "an address that never answers is refused, not waited for" $root_file "is no path in here" $root_file "$(resources "'$there/hang'")"

flood() {
    for i in $(seq 12); do call "$dana" POST /plans "$(wish)" >"$work/flood.$i" & waits+=($!); done
}
waits=()
check "one Organization asks for many plans at once" flood
check "another's plan is made meanwhile" eval 'is "$(call "$bella" POST /plans "$(install "shop-$stamp" bp-podinfo "[\"blue-prod\"]" "{}")" | jq -r ".id | length > 0")" true'
flood_is_answered() {
    wait "${waits[@]}"
    is "$(cat "$work"/flood.* | jq -r .status | sort -u | grep -vE '^(422|429)$')" ""
}
check "and each of the many is refused, as wrong or as too many" flood_is_answered

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
author() { # SENTENCE VERSION PATH WORDS TEXT
    publish "$2" "$3" <<<"$5" || echo "push failed"
    check "$1" within 60 is_rejected "$2" "$3" "$4"
}
# The repository may be empty still.
check "a developer clones the Organization's Blueprints" git_as dana clone -q "$CATALYST_TEST_GITEA_URL/acme/shared-blueprints.git" "$work/shared-blueprints"
author "a Blueprint whose manifests name a file address is rejected" 1.0.0 manifests/kustomization.yaml "is no path in here" "$(printf "resources: ['%s']\n" "$upload")"
author "so is one whose size does, in another case" 1.0.1 sizes/small/kustomization.yaml 'field "Resources"' "$(printf "kind: Component\nResources: ['%s']\n" "$upload")"
author "and one that makes a ConfigMap of an address" 1.0.2 manifests/kustomization.yaml "is no path in here" "$(printf "configMapGenerator: [{name: x, env: '%s/x'}]\n" "$there")"
author "and one whose bindings run a program" 1.0.3 bind/values.yaml 'kind "HelmChartInflationGenerator"' "$(printf 'apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\n')"
author "and one whose list of bindings changes them" 1.0.4 bind/kustomization.yaml 'field "namePrefix"' "$(printf 'resources: [values.yaml]\nnamePrefix: x\n')"
author "and one that grows a million times" 1.0.5 manifests/service.yaml "too large when its aliases are followed" "$(bomb)"
check "none of them is registered" refuses eval 'host get blueprints -o name | grep -F "acme.$blueprint."'

# --- what happened ---

check "no command ran" refuses test -e "$marker"
check "nobody was called" refuses test -s "$called"
check "provisioning's builder is confined" grep -q '"message":"kustomize is confined","landlock":[1-9]' "$CATALYST_TEST_INSTANCE_DIR/logs/provisioning.log"
heal() { begin_again && pushed "As it was"; }
check "the developer puts everything back" heal
check "and the Application is changed as ever" carry_out "$dana" "$(configure "$app" '{"message": "Still here"}')"
check "and uninstalled" carry_out "$dana" "$(uninstall "$app")"
hang_up
sum_up
