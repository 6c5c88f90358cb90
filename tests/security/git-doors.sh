#!/usr/bin/env bash
# The Git server's own doors: what a person with a token, or somebody on the same machine, could make of it besides pushing to the Organization's repositories; accounts that are called
# as services; tokens at their end; and deliveries of webhooks that somebody kept. Needs the environment file of ./dev up.
# Runs beside others, but holds: people
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
dana=$(sign_in ACME_ORG_DEVELOPER)
adam=$(sign_in ACME_ORG_ADMIN)
vera=$(sign_in ACME_ORG_VIEWER)
repository=/repos/acme/shared-blueprints
app=doors-$stamp
mine=mine-$stamp

# --- with a token of one's own ---

header_of() { printf 'Authorization: token %s\n' "$(jq -r .token "$work/$1.git-token")"; }
as_person() { # PERSON METHOD PATH [JSON]: the status; the answer is in $work/said
    curl -sS --max-time 30 -o "$work/said" -w '%{http_code}' -X "$2" -H @<(header_of "$1") -H 'Content-Type: application/json' ${4:+-d "$4"} "$CATALYST_TEST_GITEA_URL/api/v1$3"
}
as_basic() { # PERSON METHOD PATH [JSON]: the same, with the token as a password
    curl -sS --max-time 30 -o "$work/said" -w '%{http_code}' -X "$2" -K <(jq -r '"user = \"\(.user):\(.token)\""' "$work/$1.git-token") -H 'Content-Type: application/json' ${4:+-d "$4"} "$CATALYST_TEST_GITEA_URL/api/v1$3"
}
refused_status() { [[ $1 =~ ^(401|403|404|405|409|422)$ ]] || { echo "the status is $1"; head -c 300 "$work/said"; return 1; }; }
closed() { local person=$1; shift; refused_status "$(as_person "$person" "$@")"; }
tells_nobody() { [[ "$(as_person "$@")" == 200 ]] && is "$(jq -c . "$work/said")" "[]" || refused_status "$(as_person "$@")"; } # Gitea answers some lists with nothing
closed_basic() { local person=$1; shift; refused_status "$(as_basic "$person" "$@")"; }

# A token with every scope, as none is made for people: then Gitea's own settings are what holds.
wide_token() { # PERSON LOGIN
    curl -fsS --max-time 30 -X POST -K <(printf 'user = "%s:%s"\n' "$CATALYST_TEST_GITEA_ADMIN_USER" "$(cat "$CATALYST_TEST_GITEA_ADMIN_TOKEN")") -H 'Content-Type: application/json' \
        -d "{\"name\": \"wide-$stamp\", \"scopes\": [\"all\"]}" "$CATALYST_TEST_GITEA_URL/api/v1/users/$2/tokens" | jq -c --arg user "$2" '{$user, token: .sha1, id}' >"$work/$1.git-token" &&
        jq -e .token "$work/$1.git-token"
}
check "a developer has a token" git_token "$dana" dana
check "an administrator too" git_token "$adam" adam
check "a viewer too" git_token "$vera" vera
check "and there is one with every scope" wide_token wide "$CATALYST_TEST_USER_ACME_ORG_ADMIN"

for person in dana adam wide; do
    check "$person: no personal repository" closed $person POST /user/repos "{\"name\": \"$mine\"}"
    check "$person: none in the Organization beside provisioning's" closed $person POST /orgs/acme/repos "{\"name\": \"$mine\"}"
    check "$person: no fork of one's own" closed $person POST $repository/forks '{}'
    check "$person: none under another name" closed $person POST $repository/forks "{\"name\": \"$mine\"}"
    check "$person: none inside the Organization" closed $person POST $repository/forks "{\"organization\": \"acme\", \"name\": \"$mine\"}"
    check "$person: none made from it as a template" closed $person POST $repository/generate "{\"owner\": \"$(jq -r .user "$work/$person.git-token")\", \"name\": \"$mine\", \"git_content\": true}"
    check "$person: no repository is fetched from elsewhere" closed $person POST /repos/migrate "{\"clone_addr\": \"$CATALYST_TEST_GITEA_URL/acme/shared-blueprints.git\", \"repo_name\": \"$mine\"}"
    check "$person: nor mirrored" closed $person POST /repos/migrate "{\"clone_addr\": \"https://example.org/x.git\", \"repo_name\": \"$mine\", \"mirror\": true}"
    check "$person: nor from a folder of the server" closed $person POST /repos/migrate "{\"clone_addr\": \"/etc\", \"repo_name\": \"$mine\"}"
    check "$person: nothing is mirrored out" closed $person POST $repository/push_mirrors '{"remote_address": "https://example.org/x.git", "interval": "8h0m0s"}'
    check "$person: no Organization of one's own" closed $person POST /orgs "{\"username\": \"$mine\"}"
    check "$person: no webhook on a repository" closed $person POST $repository/hooks '{"type": "gitea", "config": {"url": "http://127.0.0.1:1/", "content_type": "json"}, "events": ["push"], "active": true}'
    check "$person: none on the Organization" closed $person POST /orgs/acme/hooks '{"type": "slack", "config": {"url": "http://127.0.0.1:1/", "content_type": "json", "channel": "x"}, "events": ["push"], "active": true}'
    check "$person: no hook of Git itself" closed $person PATCH $repository/hooks/git/pre-receive '{"content": "#!/bin/sh\nid"}'
    check "$person: no runner" closed $person GET $repository/actions/runners/registration-token
    check "$person: no secret for Actions" closed $person PUT $repository/actions/secrets/X '{"data": "x"}'
    check "$person: no wiki, which is a repository too" closed $person POST $repository/wiki/new '{"title": "x", "content_base64": "eA=="}'
    check "$person: no issues" closed $person POST $repository/issues '{"title": "x"}'
    check "$person: no releases with files" closed $person POST $repository/releases "{\"tag_name\": \"$mine\"}"
    check "$person: no key for the repository" closed $person POST $repository/keys '{"title": "x", "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJxc2RmcXNkZnFzZGZxc2RmcXNkZnFzZGZxc2RmcXM x"}'
    check "$person: no key of one's own" closed $person POST /user/keys '{"title": "x", "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJxc2RmcXNkZnFzZGZxc2RmcXNkZnFzZGZxc2RmcXM x"}'
    check "$person: nobody is let in beside the teams" closed $person PUT "$repository/collaborators/$CATALYST_TEST_USER_BLUE_ORG_ADMIN" '{"permission": "admin"}'
    check "$person: the repository changes no owner" closed $person POST $repository/transfer '{"new_owner": "blue"}'
    check "$person: and is not opened to all" closed $person PATCH $repository '{"private": false}'
    check "$person: people are not listed" closed $person GET '/users/search?q=a&limit=50'
    check "$person: nor those of another Organization" tells_nobody $person GET /orgs/blue/members
    check "$person: nor is one of them shown" closed $person GET "/users/$CATALYST_TEST_USER_BLUE_ORG_ADMIN"
    check "$person: nor the account list" closed $person GET /admin/users
done
names_no_other() { # PERSON: what a search finds
    as_person "$1" GET '/repos/search?limit=50&private=true' >/dev/null
    is "$(jq -r '[.data[]?.owner.login] | unique - ["acme"] | join(" ")' "$work/said")" ""
}
for person in dana wide; do check "$person: a search finds acme's repositories alone" names_no_other $person; done
for person in vera dana adam; do
    check "$person: a token makes no other token" closed_basic $person POST "/users/$(jq -r .user "$work/$person.git-token")/tokens" '{"name": "more", "scopes": ["all"]}'
    check "$person: nor one of a service" closed_basic $person POST /users/catalyst-environment/tokens '{"name": "more", "scopes": ["all"]}'
    check "$person: nor does it act for somebody else" refused_status "$(curl -sS --max-time 30 -o "$work/said" -w '%{http_code}' -H @<(header_of $person) -H 'Sudo: catalyst-environment' "$CATALYST_TEST_GITEA_URL/api/v1/user")"
    check "$person: nor as a parameter" closed $person GET '/user?sudo=catalyst-environment'
    check "$person: no hook of one's own" closed $person POST /user/hooks '{"type": "gitea", "config": {"url": "http://127.0.0.1:1/", "content_type": "json"}, "events": ["push"], "active": true}'
    check "$person: no other address in Git" closed $person POST /user/emails '{"emails": ["catalyst@example.org"]}'
done
pushes_new() { # OWNER: a repository that is made by pushing to it
    rm -rf "$work/new" && git_as dana init -q "$work/new" && git_as dana -C "$work/new" commit -q --allow-empty -m x || return
    ! git_as dana -C "$work/new" push -q "$CATALYST_TEST_GITEA_URL/$1/$mine.git" HEAD:main
}
check "a push makes no repository" pushes_new "$CATALYST_TEST_USER_ACME_ORG_DEVELOPER"
check "nor one in the Organization" pushes_new acme
check "nor in the system's" pushes_new system
check "nor a wiki" refuses git_as dana clone -q "$CATALYST_TEST_GITEA_URL/acme/shared-blueprints.wiki.git" "$work/wiki"
upload() { curl -sS --max-time 30 -o "$work/said" -w '%{http_code}' -X PUT -K <(jq -r '"user = \"\(.user):\(.token)\""' "$work/$1.git-token") --data-binary x "$CATALYST_TEST_GITEA_URL/api/packages/$2/generic/x/1.0.0/x"; }
check "no package is uploaded" refused_status "$(upload wide "$CATALYST_TEST_USER_ACME_ORG_ADMIN")"
check "nor into the Organization" refused_status "$(upload dana acme)"
sign_in_page() { curl -sS --max-time 30 -o "$work/said" -w '%{http_code}' "$@" "$CATALYST_TEST_GITEA_URL/user/login"; }
check "nobody signs in with a password on a page of Gitea's" refused_status "$(sign_in_page -d 'user_name=catalyst-environment&password=x')"
with_password() { # the administrator gives somebody a password: it opens nothing
    local user=$CATALYST_TEST_USER_ACME_ORG_VIEWER password=Very-long-$stamp
    gitea PATCH "/admin/users/$user" "{\"source_id\": 0, \"login_name\": \"$user\", \"password\": \"$password\", \"must_change_password\": false}" >/dev/null || return
    refused_status "$(curl -sS --max-time 30 -o "$work/said" -w '%{http_code}' -K <(printf 'user = "%s:%s"\n' "$user" "$password") "$CATALYST_TEST_GITEA_URL/api/v1/user")" &&
        refused_status "$(sign_in_page -d "user_name=$user&password=$password")" &&
        ! git clone -q "http://$user:$password@${CATALYST_TEST_GITEA_URL#http://}/acme/shared-blueprints.git" "$work/by-password" 2>/dev/null
}
check "nor anywhere with one that is right" with_password
is_clean() { is "$(gitea GET "/repos/search?q=$mine&limit=50" | jq -r '[.data[].full_name] | join(" ")')" ""; }
check "nothing of all this was made" is_clean

# --- where a webhook's delivery goes ---

hear() { # a server that is none of ours: whatever it is told goes to $work/heard
    python3 - "$work/heard" "$work/heard.port" <<'PY' &
import http.server, sys
class Listener(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        open(sys.argv[1], "a").write(self.path + "\n")
        self.send_response(200)
        self.end_headers()
    do_GET = do_POST
    def log_message(self, *arguments): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
open(sys.argv[2], "w").write(str(server.server_port))
server.serve_forever()
PY
    listeners+=($!)
    within 60 test -s "$work/heard.port"
}
check "somebody listens on the same machine" hear
: >"$work/heard"
deliver_to() { # URL: a hook that only an administrator could make, and a delivery
    local id
    id=$(gitea POST $repository/hooks "{\"type\": \"gitea\", \"config\": {\"url\": \"$1\", \"content_type\": \"json\"}, \"events\": [\"push\"], \"active\": true}" | jq -r .id) || return
    gitea POST "$repository/hooks/$id/tests" || true
    sleep 3
    gitea DELETE "$repository/hooks/$id"
    is "$(cat "$work/heard")" ""
}
check "a hook to another port of the machine reaches nobody there" deliver_to "http://127.0.0.1:$(cat "$work/heard.port")/hooks/gitea"
check "nor under another name of it" deliver_to "http://localhost:$(cat "$work/heard.port")/"
check "nor under another number" deliver_to "http://127.0.0.2:$(cat "$work/heard.port")/"

# --- accounts that are called as services ---

keycloak() { # METHOD PATH [JSON]: as its administrator, who is not behind the front door
    local token
    token=$(curl -fsS --max-time 30 -d grant_type=password -d client_id=admin-cli -d username=admin --data-urlencode "password@$CATALYST_TEST_INSTANCE_DIR/secrets/keycloak-admin.password" \
        "$CATALYST_TEST_KEYCLOAK_URL/realms/master/protocol/openid-connect/token" | jq -r .access_token)
    signed "$token" -f -X "$1" -H 'Content-Type: application/json' ${3:+-d "$3"} "$CATALYST_TEST_KEYCLOAK_URL/admin/realms/catalyst$2"
}
people=()
make_person() { # USER GROUP: with the password $stamp-long-enough
    keycloak POST /users "$(jq -nc --arg user "$1" --arg group "$2" --arg password "$stamp-long-enough" --arg email "door-$stamp-$RANDOM@example.org" \
        '{username: $user, enabled: true, $email, emailVerified: true, firstName: "A", lastName: "B", groups: [$group], credentials: [{type: "password", value: $password, temporary: false}]}')" || return
    people+=("$1")
}
sign_in_as() { # USER: the token
    curl -fsS --max-time 20 "$CATALYST_TEST_TOKEN_URL" -d grant_type=password -d "client_id=$CATALYST_TEST_CLIENT_ID" --data-urlencode "client_secret@$CATALYST_TEST_CLIENT_SECRET" \
        --data-urlencode "username=$1" --data-urlencode "password=$stamp-long-enough" | jq -r .access_token
}
unmake_people() {
    local user id
    for user in "${people[@]}"; do
        id=$(keycloak GET "/users?exact=true&username=$(jq -rn --arg user "$user" '$user | @uri')" | jq -r '.[0].id')
        keycloak DELETE "/users/$id"
    done
}
tokens_of() { # LOGIN: their names, as Gitea has them
    curl -fsS --max-time 30 -K <(printf 'user = "%s:%s"\n' "$CATALYST_TEST_GITEA_ADMIN_USER" "$(cat "$CATALYST_TEST_GITEA_ADMIN_TOKEN")") "$CATALYST_TEST_GITEA_URL/api/v1/users/$1/tokens?limit=100" | jq -c '[.[].name] | sort'
}
for login in catalyst-merge flux-acme blue; do
    before=$(tokens_of $login)
    check "somebody in the identity provider is called $login" make_person $login /acme/org-developer
    token=$(sign_in_as $login)
    check "$login: is given no token for Git" refused "$token" 403 forbidden POST /git-tokens '{"name": "door"}'
    check "$login: is shown none" refused "$token" 403 forbidden GET /git-tokens
    check "$login: takes none away" refused "$token" 403 forbidden DELETE /git-tokens/door
    check "$login: has no other tokens than before" is "$(tokens_of $login)" "$before"
done
check "somebody is called Catalyst-Environment, in another case" make_person Catalyst-Environment /acme/org-admin
check "and is given no token for Git" refused "$(sign_in_as Catalyst-Environment)" 403 forbidden POST /git-tokens '{"name": "door"}'
people_ready() { host get organization acme -o json | jq -e '.status.conditions[] | select(.type == "PeopleReady") | .status == "False" and (.message | contains("kept for services"))'; }
check "the Organization says who cannot use Git" within 150 people_ready
organization_ready() { host get organization acme -o json | jq -e '.status.conditions[] | select(.type == "Ready") | .status == "True"'; }
check "and is ready all the same" within 90 organization_ready
no_member() { is "$(for team in $(gitea GET '/orgs/acme/teams?limit=50' | jq -r '.[] | select(.name != "services" and .name != "Owners") | .id'); do gitea GET "/teams/$team/members?limit=100" | jq -r '.[].login'; done | grep -iE '^(catalyst|flux|blue)' | sort -u)" ""; }
check "none of them is in a team of people" no_member
check "they are gone again" unmake_people

# --- the end of a token ---

last_day() { date -u -d "$1" +%F; }
wrong_day() { # DAY
    call "$dana" POST /git-tokens "{\"name\": \"day-$stamp\", \"expiresOn\": \"$1\"}" >"$work/said"
    is "$(jq -r '"\(.status) \(.code) \(.errors[0].pointer)"' "$work/said")" "422 schema-invalid /expiresOn" || { cat "$work/said"; return 1; }
}
check "a token that ended yesterday is refused" wrong_day "$(last_day yesterday)"
check "one for longer than a year too" wrong_day "$(last_day '+370 days')"
check "one until a day that there is not too" wrong_day 2027-02-30
check "one for ever too" wrong_day never
ends_on() { # NAME DAY
    is "$(call "$dana" GET /git-tokens?limit=200 | jq -r --arg name "$1" '.items[] | select(.name == $name) | .expiresOn')" "$2"
}
key='' check "a token is made with a date" call "$dana" POST /git-tokens "{\"name\": \"day-$stamp\", \"access\": \"read\", \"expiresOn\": \"$(last_day '+30 days')\"}"
check "and shown with it" ends_on "day-$stamp" "$(last_day '+30 days')"
check "its name is taken, whatever the date" refused "$dana" 409 name-taken POST /git-tokens "{\"name\": \"day-$stamp\", \"expiresOn\": \"$(last_day '+31 days')\"}"
check "one without a date lasts 90 days" ends_on "test-dana-$stamp" "$(last_day '+90 days')"
make_by_hand() { # NAME
    curl -fsS --max-time 30 -X POST -K <(printf 'user = "%s:%s"\n' "$CATALYST_TEST_GITEA_ADMIN_USER" "$(cat "$CATALYST_TEST_GITEA_ADMIN_TOKEN")") -H 'Content-Type: application/json' \
        -d "{\"name\": \"$1\", \"scopes\": [\"read:repository\"]}" "$CATALYST_TEST_GITEA_URL/api/v1/users/${2:-$CATALYST_TEST_USER_ACME_ORG_DEVELOPER}/tokens" | jq -r .sha1
}
opens() { # TOKEN
    is "$(curl -sS --max-time 30 -o /dev/null -w '%{http_code}' -H @<(printf 'Authorization: token %s\n' "$1") "$CATALYST_TEST_GITEA_URL/api/v1$repository")" 200
}
by_hand=$(make_by_hand "hand-$stamp")
for_ever=$(make_by_hand "ever-$stamp until 9999-12-31")
# Both for the same look of provisioning at all tokens.
gitea POST /admin/users "{\"username\": \"nobodys-$stamp\", \"email\": \"nobodys-$stamp@example.org\", \"password\": \"Very-long-$stamp\", \"must_change_password\": false}" >/dev/null
left=$(make_by_hand left "nobodys-$stamp")
ended=$(make_by_hand "ended-$stamp until $(last_day yesterday)")
check "one that was made in Gitea has an end too" ends_on "hand-$stamp" "$(last_day '+90 days')"
check "and is not believed to last for ever" ends_on "ever-$stamp" "$(last_day '+366 days')"
check "one at its end opens nothing any more, though nobody came back" within 60 refuses opens "$ended"
check "while the others still do" opens "$by_hand"
check "somebody who belongs to no Organization was given one" eval '[[ $left =~ ^[0-9a-f]{40}$ ]]'
has_none() { is "$(tokens_of "nobodys-$stamp")" "[]"; }
check "who belongs to no Organization keeps no token" within 90 has_none
gitea DELETE "/admin/users/nobodys-$stamp" >/dev/null
for name in "day-$stamp" "hand-$stamp" "ever-$stamp" "test-dana-$stamp"; do key='' call "$dana" DELETE "/git-tokens/$name" >/dev/null; done
check "a token that was made in Gitea is withdrawn as any other" refuses opens "$by_hand"
check "and one that was to last for ever" refuses opens "$for_ever"

# --- deliveries that somebody kept ---

head_now() { gitea GET "/repos/acme/$app/git/refs/heads/develop" | jq -r '.[] | select(.ref == "refs/heads/develop") | .object.sha'; }
row_head() { state "$dana" "/environments/acme-dev/rows/repository/_/$app" | jq -r '.head // "none"'; }
head_is_shown() { is "$(row_head)" "$(head_now)"; }
change() { gitea POST "/repos/acme/$app/contents/notes-$1.txt" '{"branch": "develop", "message": "A note", "content": "eA=="}' >/dev/null; }
check "an Application is installed" carry_out "$dana" "$(install "$app" bp-podinfo '["acme-dev"]' '{}')"
old=$(head_now)
check "its branch moves on" change one
check "the new head is shown" within 60 head_is_shown
push_body() { # BEFORE AFTER FORCED
    jq -nc --arg before "$1" --arg after "$2" --argjson forced "$3" --arg app "$app" '{ref: "refs/heads/develop", $before, $after, forced: $forced, commits: [], repository: {name: $app, owner: {login: "acme"}}, pusher: {login: "dana"}}'
}
again() { # BODY EVENT: signed as Gitea signs it, with an id of delivery that nobody has seen; the status
    curl -sS --max-time 30 -o "$work/said" -w '%{http_code}' -H 'Content-Type: application/json' -H "X-Gitea-Event: ${2:-push}" -H "X-Gitea-Delivery: $(cat /proc/sys/kernel/random/uuid)" \
        -H "X-Gitea-Signature: $(printf '%s' "$1" | openssl dgst -sha256 -mac HMAC -macopt "key:$(cat "$CATALYST_TEST_GITEA_WEBHOOK_SECRET")" -r | cut -d' ' -f1)" --data-binary "$1" "$CATALYST_TEST_URL/hooks/gitea"
}
zero=0000000000000000000000000000000000000000
listen heads "$dana" "$CATALYST_TEST_PROJECTOR_1_URL" "environments=acme-dev"
check "somebody follows the Application" within 20 knows heads "repository/_/$app"
check "an old push comes again" is "$(again "$(push_body "$zero" "$old" false)")" 202
check "an old forced push" is "$(again "$(push_body "$(head_now)" "$old" true)")" 202
check "a deletion of the branch from before" is "$(again "$(push_body "$old" "$zero" false)")" 202
check "a push to a commit that is nowhere" is "$(again "$(push_body "$old" "$(printf '%s' "$stamp" | sha1sum | cut -d' ' -f1)" true)")" 202
expected="$(head_now)"
check "the branch moves on once more" change two
check "and this head is shown" within 60 head_is_shown
never_back() { is "$( (heard heads row; heard heads delete) | jq -r --arg key "repository/_/$app" --arg one "$expected" --arg two "$(head_now)" 'select(.key == $key) | .head // "gone" | select(. != $one and . != $two)')" ""; }
check "none of it was ever shown as the head" never_back
hang_up
digits() { printf %s "$1" | tr -dc 0-9; }
note() { # SEVERITY TIMESTAMP: Flux's notice about the Application, signed; the status
    local body token
    body=$(jq -nc --arg name "$app-dev" --arg severity "$1" --arg at "$2" '{involvedObject: {kind: "Kustomization", namespace: "flux-system", name: $name}, severity: $severity, timestamp: $at, message: "told by a test", reason: ("Told" + ($at | gsub("[^0-9]"; ""))), metadata: {}}')
    token=$(printf acme | openssl dgst -sha256 -mac HMAC -macopt "key:$(cat "$CATALYST_TEST_FLUX_WEBHOOK_SECRET")" -r | cut -d' ' -f1)
    curl -sS --max-time 30 -o "$work/said" -w '%{http_code}' -H 'Content-Type: application/json' -H "X-Signature: sha256=$(printf '%s' "$body" | openssl dgst -sha256 -mac HMAC -macopt "key:$token" -r | cut -d' ' -f1)" \
        --data-binary "$body" "$CATALYST_TEST_URL/hooks/flux?organization=acme&cluster=$CATALYST_TEST_HOST_CLUSTER-acme"
}
noticed() { state "$dana" "/environments/acme-dev/rows/kustomization_kustomize_toolkit_fluxcd_io/flux-system/$app-dev" | jq -e --arg reason "Told$(digits "$1")" --arg cluster "$CATALYST_TEST_HOST_CLUSTER-acme" '.notices[$cluster] | .reason == $reason and (has("message") | not)'; }
now() { date -u -d "${1:-now}" +%FT%TZ; }
first=$(now) older=$(now '-1 hour')
check "Flux tells of something" is "$(note info "$first")" 202
check "it is shown" within 20 noticed "$first"
check "an older notice comes again" is "$(note error "$older")" 202
check "and one without a time is none" is "$(note error '')" 400
sleep 1 # timestamps are of whole seconds
second=$(now)
check "one that comes after both is folded" is "$(note info "$second")" 202
check "as the order of their times says" within 20 noticed "$second"
check "the older one changed nothing before" is "$(note error "$older")" 202
check "nor after" noticed "$second"
check "one that is ahead of the clock counts as of now" is "$(note info 2100-01-01T00:00:00Z)" 202
check "and is shown" within 20 noticed 2100-01-01T00:00:00Z
observed() { state "$dana" "/environments/acme-dev/rows/kustomization_kustomize_toolkit_fluxcd_io/flux-system/$app-dev" | jq -r .observedAt; }
check "so that no time of grace has passed by it" test "$(observed)" "<" "$(now '+1 minute')"
check "it is uninstalled" carry_out "$dana" "$(uninstall "$app")"

# --- somebody else on the same machine ---

home=$(readlink -f "$CATALYST_TEST_INSTANCE_DIR/gitea")
check "the Git server's folder is its own" is "$(find "$home" -maxdepth 0 -perm /077)" ""
check "so is what lies in it: repositories, database, configuration" is "$(find "$home" -maxdepth 1 \( -name app.ini -o -type d ! -name program \) -perm /077)" ""
check "the instance's folder is its owner's" is "$(find "$CATALYST_TEST_INSTANCE_DIR" -maxdepth 0 -perm /077)" ""
new_files() { find "$home/data" "$home/repositories" -newer "$work/dana.git-token" -type f -perm /077 | head -n 3; }
check "what the Git server writes is nobody else's to read" is "$(new_files)" ""
stranger() { # as a user that nothing on this machine belongs to
    setpriv --reuid=64072 --regid=64072 --clear-groups "$@" 2>/dev/null
}
for_all() { # find's arguments...: what a stranger can read in folders for all, and was not there before the instance
    stranger find /tmp /dev/shm /var/tmp -mindepth 1 -newermt "$(stat -c %y "$CATALYST_TEST_INSTANCE_DIR/secrets/keycloak-admin.password")" "$@" -readable ! -path "$work*" | head -n 5000
}
with_secrets() { # but people's passwords, which ./dev up prints
    find "$CATALYST_TEST_INSTANCE_DIR/secrets" -type f ! -name 'user-*' ! -name '*.scopes' ! -name '*.pub' ! -name '*.jwt' -exec grep -hE '^([A-Za-z0-9+/=_.-]{30,})$' {} + |
        grep -vE '^(eyJ|---)' >"$work/secrets"
    [ "$(wc -l <"$work/secrets")" -ge 20 ] || echo "no secrets to look for"
    for_all -type f -size -8M | tr '\n' '\0' | xargs -0 -r grep -lFf "$work/secrets" 2>/dev/null | head -n 3
}
if [ "$(id -u)" = 0 ]; then
    check "a stranger finds nothing to read of the Git server" is "$(stranger find "$home" -mindepth 1 | head -n 3)" ""
    check "nor of the instance" is "$(stranger find "$CATALYST_TEST_INSTANCE_DIR" -mindepth 1 | head -n 3)" ""
    check "nor its database by name" refuses stranger cat "$home/data/gitea.db"
    check "nor its configuration" refuses stranger cat "$home/app.ini"
    # Of ours: what the Git server's user owns, and what is called so; further down, people work with checkouts of their own.
    check "the Git server has a user of its own" test "$(stat -c %u "$home")" != 0
    check "nor anything of ours in folders for all" is "$(for_all '(' -uid "$(stat -c %u "$home")" -o -regex '\(/tmp\|/dev/shm\|/var/tmp\)/[^/]*\(catalyst\|gitea\)[^/]*' ')' | head -n 3; stranger find /var/lib/catalyst-gitea -mindepth 2 -readable | head -n 3)" ""
    check "nor a secret of the instance, whatever the file is called" is "$(with_secrets)" ""
fi
for person in vera adam; do key='' call "${!person}" DELETE "/git-tokens/test-$person-$stamp" >/dev/null; done
key='' call "$adam" DELETE "/git-tokens/wide-$stamp" >/dev/null
sum_up
