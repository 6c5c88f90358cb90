#!/usr/bin/env bash
# People whom the Git server does not take: a name that it keeps, an e-mail address that somebody else has there, somebody who was renamed. Each is left out and
# named in the Organization's condition; who comes after them still gets into Git. Needs the environment file of ./dev up.
# Runs beside others, but holds: people
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

keycloak() { # METHOD PATH [JSON]: as its administrator
    local token
    token=$(curl -fsS --max-time 30 -d grant_type=password -d client_id=admin-cli -d username=admin --data-urlencode "password@$CATALYST_TEST_INSTANCE_DIR/secrets/keycloak-admin.password" \
        "$CATALYST_TEST_KEYCLOAK_URL/realms/master/protocol/openid-connect/token" | jq -r .access_token)
    signed "$token" -f -X "$1" -H 'Content-Type: application/json' ${3:+-d "$3"} "$CATALYST_TEST_KEYCLOAK_URL/admin/realms/catalyst$2"
}
user_id() { keycloak GET "/users?exact=true&username=$1" | jq -r '.[0].id'; }
kept=kept-$stamp.keys # Gitea serves keys below such a name
people=()
person() { # USER E-MAIL: an acme developer
    people+=("$1")
    keycloak POST /users "$(jq -nc --arg user "$1" --arg email "$2" '{username: $user, enabled: true, $email, emailVerified: true, firstName: "A", lastName: "B", groups: ["/acme/org-developer"]}')"
}
unmake() {
    local user id
    for user in "${people[@]}"; do
        id=$(user_id "$user")
        [ "$id" = null ] || keycloak DELETE "/users/$id"
    done
}
trap '[ "$BASHPID" = "$$" ] && unmake; leave' EXIT
condition() { host get organization.catalyst.openova.io acme -o json | jq -r '.status.conditions[] | select(.type == "PeopleReady") | "\(.status) \(.message)"'; }
says() { [[ "$(condition)" == *"$1: Git does not take the $2"* ]] || { condition; return 1; }; } # USER WORDS
in_git() { gitea GET "/users/$1" | jq -e --arg u "$1" '.login == $u'; }
in_team() { # USER: of those who develop
    local team
    team=$(gitea GET /orgs/acme/teams | jq '.[] | select(.name == "developers").id') && gitea GET "/teams/$team/members?limit=50" | jq -e --arg u "$1" 'any(.[]; .login == $u)'
}

check "somebody whose name the Git server keeps is made a developer" person "$kept" "kept-$stamp@example.org"
check "somebody with an e-mail address that another has in Git, too" eval \
    'gitea POST /admin/users "{\"username\": \"owner-$stamp\", \"email\": \"shared-$stamp@example.org\", \"password\": \"long-enough-$stamp\", \"must_change_password\": false}" && person "early-$stamp" "shared-$stamp@example.org"'
check "and somebody who comes after them" person "zoe-$stamp" "zoe-$stamp@example.org"
check "who comes after them is in Git" within 90 in_git "zoe-$stamp"
check "and in the team" within 30 in_team "zoe-$stamp"
check "the one with another's e-mail address is named" within 60 says "early-$stamp" "e-mail address"
check "and the one whose name is kept" within 60 says "$kept" "user name"
check "the Organization is ready all the same" within 30 eval '[ "$(host get organization.catalyst.openova.io acme -o json | jq -r ".status.conditions[] | select(.type == \"Ready\").status")" = True ]'
# The realm lets nobody change a user name: whoever is renamed is somebody new with the old e-mail address.
check "somebody is renamed" eval 'keycloak DELETE "/users/$(user_id "zoe-$stamp")" && person "zola-$stamp" "zoe-$stamp@example.org"'
check "the new name is left out, as the old one has the e-mail address in Git" within 90 says "zola-$stamp" "e-mail address"
check "the old one is in no team any more" within 30 refuses in_team "zoe-$stamp"

unmake
for user in "owner-$stamp" "zoe-$stamp"; do gitea DELETE "/admin/users/$user?purge=true" >/dev/null; done
check "with them gone nobody is left out" within 90 eval '[[ "$(condition)" == True* ]]'

sum_up
