#!/usr/bin/env bash
# A push that nobody was told of: the next one shows that there is a hole, and it is filled. Turns the Organization's webhook off meanwhile.
# Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
app=untold-$stamp
folder=$work/$app

developer=$(sign_in ACME_ORG_DEVELOPER)
viewer=$(sign_in ACME_ORG_VIEWER)
commit() { # MESSAGE: pushed
    printf '%s\n' "$1" >>"$folder/NOTES.md"
    push "$folder" develop "$1"
}
# history_is COUNT: the row has the newest COUNT commits of the branch, in Git's order, and no gap
history_is() {
    git_as_admin -C "$folder" log --format=%H -n "$1" >"$work/wanted"
    state "$viewer" "/environments/acme-dev/rows/repository/_/$app" >"$work/row"
    jq -r --argjson n "$1" '.commits[:$n][].id' "$work/row" | cmp - "$work/wanted" || { jq -c '[.commits[] | {id, message}]' "$work/row"; return 1; }
    jq -e --arg head "$(git_as_admin -C "$folder" rev-parse HEAD)" '(has("gap") | not) and .head == $head and .commits[0].id == $head' "$work/row"
}
check "an Application is installed" carry_out "$developer" "$(install "$app" bp-podinfo '["acme-dev"]' '{}')"
clone "acme/$app" develop
tell_two() { commit "Told" && commit "Told again"; }
check "two commits are pushed" tell_two
check "the history has both" within 30 history_is 2

hook=$(gitea GET /orgs/acme/hooks | jq -r '[.[] | select(.active)][0].id')
turn_hook() { gitea PATCH "/orgs/acme/hooks/$hook" "{\"active\": $1}" >/dev/null; } # true or false
trap '[ "$BASHPID" = "$$" ] && turn_hook true; leave' EXIT
without_hook() {
    turn_hook false && commit "Nobody tells of it" || return
    sleep 2
    turn_hook true
}
check "a push is made while the webhook is off" without_hook
check "and another when it is on again" commit "Everybody hears of it"
check "the hole between is filled" within 120 history_is 4

carry_out "$developer" "$(uninstall "$app")" >/dev/null
sum_up
