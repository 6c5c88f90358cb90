#!/usr/bin/env bash
# Pushes as people make them: twelve commits with a merge, a message of 400 KB, twelve thousand files, a branch without an Environment;
# a repository that was renamed, which holds up no other Application; an operation that waits for what is suspended, and one that a later commit overtakes.
# Needs the environment file of ./dev up.
# Runs beside others.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
app=pushes-$stamp
other=renamed-$stamp
large=large-$stamp
folder=$work/$app

developer=$(sign_in ACME_ORG_DEVELOPER)
viewer=$(sign_in ACME_ORG_VIEWER)
row() { state "$viewer" "/environments/acme-dev/rows/$1/_/$2"; }
row_is() { row "$1" "$2" | jq -e "$3" || { row "$1" "$2" | cut -c1-3000; return 1; }; } # KIND NAME CONDITION-OF-JQ
# As the bucket has it: what no Application is of is shown to nobody.
(umask 077 && host get secret nats-acme -n catalyst-environment-controller -o jsonpath='{.data.creds}' | base64 -d >"$work/acme.creds")
kept() { # NAME
    node "$root/tests/integration/spine.mjs" "$CATALYST_TEST_SPINE_URL" "$work/acme.creds" request '$JS.API.STREAM.MSG.GET.KV_ws-acme-dev-state' \
        "{\"last_by_subj\": \"\$KV.ws-acme-dev-state.repository._.$1\"}" | jq -r '.message.data | @base64d'
}
kept_is() { kept "$1" | jq -e "$2" || { kept "$1" | cut -c1-3000; return 1; }; } # NAME CONDITION-OF-JQ
head_of() { git_as_admin -C "$folder" rev-parse "${1:-HEAD}"; }
# history_is COUNT: the row has the newest COUNT commits of the branch, in Git's order, and no gap
history_is() {
    git_as_admin -C "$folder" log --topo-order --format=%H -n "$1" | sort >"$work/wanted"
    row repository "$app" >"$work/row"
    jq -r --argjson n "$1" '.commits[:$n][].id' "$work/row" | sort | cmp - "$work/wanted" || { jq -c '[.commits[] | {id, message}]' "$work/row"; return 1; }
    jq -e --arg head "$(head_of)" '(has("gap") | not) and .head == $head and .commits[0].id == $head' "$work/row"
}
# In the row, no commit stands below one of its parents.
parents_below() {
    local id parent
    row repository "$app" | jq -r '.commits | to_entries[] | "\(.value.id) \(.key)"' >"$work/places"
    while read -r id; do
        for parent in $(git_as_admin -C "$folder" rev-list --parents -n 1 "$id" | cut -d' ' -f2-); do
            awk -v a="$id" -v b="$parent" '$1 == a { x = $2 } $1 == b { y = $2; seen = 1 } END { exit seen && y <= x }' "$work/places" || { echo "$parent stands above $id"; return 1; }
        done
    done < <(cut -d' ' -f1 "$work/places")
}
check "an Application is installed" carry_out "$developer" "$(install "$app" bp-podinfo '["acme-dev"]' '{}')"
check "and another" carry_out "$developer" "$(install "$other" bp-podinfo '["acme-dev"]' '{}')"
clone "acme/$app" develop

# --- twelve commits, merges too ---

commit() { # MESSAGE [DATE]
    printf '%s\n' "$1" >>"$folder/NOTES.md"
    git_as_admin -C "$folder" add -A
    GIT_AUTHOR_DATE=${2:-} GIT_COMMITTER_DATE=${2:-} git_as_admin -C "$folder" commit -q -m "$1"
}
twelve() {
    for i in 1 2 3 4; do commit "Note $i" || return; done
    git_as_admin -C "$folder" checkout -q -b side
    for i in 1 2 3; do printf '%s\n' "$i" >"$folder/side-$i.md" && git_as_admin -C "$folder" add -A && git_as_admin -C "$folder" commit -q -m "Aside $i" || return; done
    git_as_admin -C "$folder" checkout -q develop
    # A clock that is years behind, and one that is ahead.
    commit "Late" "2020-01-01T00:00:00Z" && commit "Early" "2031-01-01T00:00:00Z" && commit "Note 5" || return
    git_as_admin -C "$folder" merge -q --no-ff -m "Take what was aside" side && commit "Note 6" || return
    git_as_admin -C "$folder" push -q origin HEAD:develop
}
check "twelve commits are pushed at once, with a merge and clocks that are wrong" twelve
check "the history has all of them" within 30 history_is 12
check "with children above their parents" parents_below

# --- what is too much to tell ---

long() {
    { printf 'Say a lot\n\n'; head -c 400000 /dev/zero | tr '\0' 'x' | fold -w 100; } >"$work/message"
    printf 'long\n' >>"$folder/NOTES.md"
    git_as_admin -C "$folder" add -A && git_as_admin -C "$folder" commit -q -F "$work/message" && git_as_admin -C "$folder" push -q origin HEAD:develop
}
check "a commit with a message of 400 KB is pushed" long
check "it is the head, with the beginning of its message, and says that it was cut" within 30 \
    row_is repository "$app" ".head == \"$(head_of)\" and (.commits[0].message | startswith(\"Say a lot\")) and .commits[0].messageCut == true"
# In a repository without an Application, so that nothing has to be built of it.
begin_many() {
    gitea POST /orgs/acme/repos "{\"name\": \"$large\", \"private\": true}" >/dev/null && mkdir -p "$work/$large" && printf 'small\n' >"$work/$large/README.md" &&
        git_as_admin -C "$work/$large" init -q -b develop && git_as_admin -C "$work/$large" remote add origin "$CATALYST_TEST_GITEA_URL/acme/$large.git" && push "$work/$large" develop "Begin"
}
many() {
    mkdir -p "$work/$large/many" && (cd "$work/$large/many" && seq -f 'a-file-with-a-name-of-some-length-%05g.txt' 1 12000 | xargs touch)
    push "$work/$large" develop "Add twelve thousand files"
}
check "a repository is begun" begin_many
check "it is seen" within 30 kept_is "$large" '.head | length == 40'
check "and shown to nobody, as no Application is of it" is "$(code_of "$viewer" "$CATALYST_TEST_PROJECTOR_1_URL/v1/environments/acme-dev/rows/repository/_/$large")" 404
check "twelve thousand files are pushed to it" many
check "they are the head, with some of the files and how many more there are" within 60 \
    kept_is "$large" ".head == \"$(git_as_admin -C "$work/$large" rev-parse HEAD)\" and (.commits[0].files | length > 10) and .commits[0].moreFiles > 11000"
gitea DELETE "/repos/acme/$large" >/dev/null

# --- a branch without an Environment ---

warnings() { { log_of projector; log_of environment-controller; } | grep -a '"warning"\|level=warning\| warning ' | grep -ac "$app" || true; }
before=$(warnings)
check "somebody pushes to a branch that is no Environment's, and to one whose Environment is not there" \
    eval 'git_as_admin -C "$folder" push -q origin HEAD:refs/heads/feature-x && git_as_admin -C "$folder" push -q origin HEAD:refs/heads/poc'
sleep 3
check "nobody is warned of it" eval 'is "$(warnings)" "$before"'

# --- a repository that was renamed ---

gitea PATCH "/repos/acme/$other" "{\"name\": \"$other-away\"}" >/dev/null
check "an Application whose repository was renamed says so itself" within 90 eval \
    'host get application.catalyst.openova.io "$other" -n acme -o json | jq -e "[.status.conditions[]?.message, .status.environments[]?.message] | any(. // \"\" | contains(\"renamed\"))"'
check "another Application of the Organization is configured all the same" carry_out "$developer" "$(configure "$app" '{"message": "Still here"}')"
planned() { call "$developer" POST /plans "$1"; }
check "its own plan says what is wrong" eval 'planned "$(configure "$other" "{\"message\": \"x\"}")" | jq -e ".status == 409 and (.detail | contains(\"renamed\"))"'
gitea PATCH "/repos/acme/$other-away" "{\"name\": \"$other\"}" >/dev/null
check "with its name back it is configured again" within 60 carry_out "$developer" "$(configure "$other" '{"message": "Back"}')"

# --- operations that wait, and that are overtaken ---

suspend() { # true or false
    clone system/catalyst-config org/acme || return
    sed -i '/^  *suspended:/d' "$work/catalyst-config/applications/$app.yaml"
    sed -i "s/^spec:\( *\){/spec:\1{suspended: $1, /; s/^spec:\$/spec:\n  suspended: $1/" "$work/catalyst-config/applications/$app.yaml"
    push "$work/catalyst-config" org/acme "Suspend $app: $1"
}
suspended() { is "$(inner acme get kustomization "$app-dev" -n flux-system -o jsonpath='{.spec.suspend}')" "$1"; }
operation_is() { call "$developer" GET "/operations/$id" >"$work/operation"; jq -e "$1" "$work/operation" || { cat "$work/operation"; return 1; }; }
check "the Application is suspended in Git" suspend true
check "and Flux with it" within 60 suspended true
check "a change is asked for meanwhile" begin "$developer" "$(configure "$app" '{"message": "While it sleeps"}')"
check "it waits, and says for what and how it goes on" within 30 operation_is '.status == "Waiting" and (.message | contains("suspended") and contains("applications/"))'
clone "acme/$app" develop
sed -i 's/message: .*/message: Later/' "$folder/values.yaml"
check "somebody pushes on top of it" push "$folder" develop "Say it otherwise"
later=$(head_of)
check "the Application goes on" suspend false
check "the operation is superseded by the later commit, and not told as done" within 90 \
    operation_is ".status == \"Superseded\" and .supersededByCommit == \"$later\" and (.message | contains(\"Say it otherwise\"))"
check "its row says so too" within 10 eval 'state "$developer" "/operations/$id" | jq -e ".status == \"Superseded\""'
check "it cannot be tried again" refused "$developer" 409 operation-not-retryable POST "/operations/$id/retry"

carry_out "$developer" "$(uninstall "$app")" >/dev/null
carry_out "$developer" "$(uninstall "$other")" >/dev/null
check "both are gone" within 60 eval 'refuses host get application.catalyst.openova.io "$app" "$other" -n acme'

sum_up
