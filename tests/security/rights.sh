#!/usr/bin/env bash
# Rights by Organization and Environment: who is in which group of the identity provider, against every route, every stream and every branch. Makes people and
# groups of its own, and takes them away again. Needs the environment file of ./dev up.
# Runs beside others.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
app=rights-$stamp
passphrase=$(head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n')
made_people=()
made_groups=()

# --- the identity provider, as its administrator ---

keycloak_header() {
    curl -fsS --max-time 30 -d grant_type=password -d client_id=admin-cli -d username=admin \
        --data-urlencode "password@$CATALYST_TEST_INSTANCE_DIR/secrets/keycloak-admin.password" \
        "$CATALYST_TEST_KEYCLOAK_URL/realms/master/protocol/openid-connect/token" | jq -r '"Authorization: Bearer " + .access_token' >"$work/keycloak"
}
keycloak() { # METHOD PATH [JSON]
    [ -n "$(find "$work/keycloak" -newermt '-40 seconds' 2>/dev/null)" ] || keycloak_header || return
    curl -fsS --max-time 30 -X "$1" -H "@$work/keycloak" ${3:+-H 'Content-Type: application/json' -d "$3"} "$CATALYST_TEST_KEYCLOAK_URL/admin/realms/catalyst$2"
}
group_id() { keycloak GET "/group-by-path$1" | jq -r .id; } # PATH
user_id() { keycloak GET "/users?exact=true&username=$1" | jq -r '.[0].id'; }
# person NAME GROUP...: makes somebody who is in these groups
person() {
    made_people+=("$1-$stamp")
    keycloak POST /users "$(jq -nc --arg u "$1-$stamp" --arg p "$passphrase" '{username: $u, enabled: true, email: "\($u)@example.org", emailVerified: true, firstName: $u, lastName: "Test",
        groups: $ARGS.positional, credentials: [{type: "password", value: $p, temporary: false}]}' --args "${@:2}")"
}
join() { keycloak PUT "/users/$(user_id "$1-$stamp")/groups/$(group_id "$2")"; }
leave_group() { keycloak DELETE "/users/$(user_id "$1-$stamp")/groups/$(group_id "$2")"; }
# make_group NAME [PARENT'S ID]: the id of a group that is made, or is there
make_group() {
    local id
    keycloak POST "/groups${2:+/$2/children}" "$(jq -nc --arg n "$1" '{name: $n}')" >"$work/group" 2>/dev/null || true
    id=$(if [ -n "${2:-}" ]; then keycloak GET "/groups/$2/children?max=200"; else keycloak GET "/groups?max=200"; fi | jq -r --arg n "$1" '[.[] | select(.name == $n)][0].id // empty')
    echo "$id"
}
token_of() { # NAME
    curl -fsS --max-time 20 "$CATALYST_TEST_TOKEN_URL" -d grant_type=password -d "client_id=$CATALYST_TEST_CLIENT_ID" \
        --data-urlencode "client_secret@$CATALYST_TEST_CLIENT_SECRET" -d "username=$1-$stamp" --data-urlencode "password=$passphrase" | jq -r .access_token
}
url_of() { # SERVICE
    case $1 in
        projector) echo "$CATALYST_TEST_PROJECTOR_1_URL" ;;
        *) local name=CATALYST_TEST_$(tr 'a-z-' 'A-Z_' <<<"$1")_URL && echo "${!name}" ;;
    esac
}
clean_up() {
    local one
    for one in "${made_people[@]}"; do keycloak DELETE "/users/$(user_id "$one")"; done
    for one in "${made_groups[@]}"; do keycloak DELETE "/groups/$one"; done
} 2>/dev/null

# --- people, and an Application to look at ---

admin=$(sign_in ACME_ORG_ADMIN)
COLUMNS_OF=(viewer developer admin security billing devdev prodadmin cross stranger sovereign nobody)
declare -A groups=([viewer]=/acme/org-viewer [developer]=/acme/org-developer [admin]=/acme/org-admin [security]=/acme/security-officer [billing]=/acme/billing-admin
    [devdev]=/acme/org-developer/dev [prodadmin]=/acme/org-admin/prod [cross]="/blue/billing-admin /acme/org-admin" [stranger]=/blue/org-admin [nobody]=""
    [uatadmin]=/acme/org-admin/uat [leaver]="/acme/org-viewer /acme/org-admin" [leaver2]=/acme/org-developer)
declare -A tokens=()
# A role's group for one type of Environment is made when it is first needed.
make_typed() { # ROLE ENV-TYPE, of acme
    local id
    id=$(keycloak GET "/group-by-path/acme/$1/$2" 2>/dev/null | jq -r '.id // empty')
    [ -n "$id" ] || made_groups+=("$(make_group "$2" "$(group_id "/acme/$1")")")
}
make_people() {
    local one
    make_typed org-developer dev
    make_typed org-admin prod
    make_typed org-admin uat
    for one in "${!groups[@]}"; do
        # shellcheck disable=SC2086 # a word a group
        person "$one" ${groups[$one]} || return
    done
}
check "people of every kind of membership are made" make_people
# Tokens live for 15 minutes: on a slow machine not as long as all this.
signed_at=-1000
fresh() {
    local one
    [ $((SECONDS - signed_at)) -gt 500 ] || return 0
    signed_at=$SECONDS
    for one in "${!groups[@]}"; do tokens[$one]=$(token_of "$one"); done
    tokens[sovereign]=$(sign_in SYSTEM_SOVEREIGN_ADMIN)
    admin=$(sign_in ACME_ORG_ADMIN)
}
fresh
check "an Application is installed in all of acme's Environments" carry_out "$admin" "$(install "$app" bp-podinfo '["acme-dev","acme-stg","acme-prod"]' '{}')"
operation=$(jq -r .operation "$work/operation")
version=$(read_api "$admin" "$CATALYST_TEST_CATALOG_SVC_URL/v1/blueprints/catalog/bp-podinfo" | jq -r .version)
there() { state "$admin" "/environments/acme-prod/rows/application/_/$app" | jq -e .key; }
check "and shown" within 60 there

# --- what a token says ---

says() { is "$(state "${tokens[$1]}" "/me$2" | jq -c "$3")" "$4"; } # PERSON QUERY FILTER EXPECTED
check "somebody of two Organizations is told which they are" says cross "" '[.organization, [.memberships[].organization]]' '[null,["acme","blue"]]'
check "in one of them only the role counts that was given there" says cross "?organization=blue" '[.organization, .roles, (.may._ | sort)]' '["blue",["billing-admin"],["read-money"]]'
check "in the other the other" says cross "?organization=acme" '[.organization, .roles]' '["acme",["org-admin"]]'
check "a call that names none of several is told to name one" is "$(state "${tokens[cross]}" /applications | jq -r '"\(.status) \(.code) \(.detail | test("acme and blue"))"')" "400 invalid true"
check "naming one twice, the second does not count for the right" is "$(code_of "${tokens[cross]}" "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications?organization=blue&organization=acme")" \
    "$(code_of "${tokens[cross]}" "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications?organization=blue&organization=blue")"
for asked in ACME acme%20 acme%00 acme/ %61cme/x system "" BLUE; do
    check "nobody gets in by asking for the Organization \"$asked\"" refuses grep -qE '^2' <<<"$(code_of "${tokens[stranger]}" "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications?organization=$asked")"
done
check "a role for one type of Environment says so" says devdev "" '[.roles, .environments, .may._]' '[["org-developer/dev"],["acme-dev"],["read"]]'
check "its list of Applications has that Environment alone" is "$(state "${tokens[devdev]}" "/applications/$app" | jq -c '.environments | keys')" '["acme-dev"]'
check "its list of Environments too" is "$(state "${tokens[devdev]}" /environments | jq -c '[.items[].name]')" '["acme-dev"]'
check "the config that a role for one type of Environment is shown names that Environment alone, and says that there are others" \
    is "$(read_api "${tokens[devdev]}" "$CATALYST_TEST_PROVISIONING_URL/v1/applications/$app/config" | jq -c '[.environments, .elsewhere, (tostring | test("acme-(stg|prod)"))]')" '[["acme-dev"],true,false]'
check "a plan of a change there is about that Environment, and nothing is left out of it" \
    is "$(call "${tokens[devdev]}" POST /plans "$(jq -nc --arg a "$app" '{kind: "configure", application: $a, environment: "acme-dev", config: {message: "Hello"}}')" | jq -c '[.applications[0].environments, .elsewhere, (tostring | test("acme-(stg|prod)"))]')" '[["acme-dev"],false,false]'
check "and the plan of somebody else that it was installed with" \
    is "$(read_api "${tokens[devdev]}" "$CATALYST_TEST_PROVISIONING_URL/v1/plans/$operation" | jq -c '[.environments, .elsewhere, (tostring | test("acme-(stg|prod)"))]')" '[["acme-dev"],true,false]'
own_operation() { jq -c '[.environments, .elsewhere, (tostring | test("acme-(stg|prod)|staging|\"main\""))]'; }
check "the operation itself, asked of provisioning" \
    is "$(read_api "${tokens[devdev]}" "$CATALYST_TEST_PROVISIONING_URL/v1/operations/$operation" | own_operation)" '[["acme-dev"],2,false]'
check "and of projector" is "$(state "${tokens[devdev]}" "/operations/$operation" | own_operation)" '[["acme-dev"],2,false]'
check "and as a row of that Environment" is "$(state "${tokens[devdev]}" "/environments/acme-dev/rows/operation/_/$operation" | own_operation)" '[["acme-dev"],2,false]'
check "the list of operations names no other Environment" is "$(state "${tokens[devdev]}" "/operations?limit=200" | jq -c 'tostring | test("acme-(stg|prod)")')" false
check "who sees all of them has the operation as one" is "$(state "$admin" "/operations/$operation" | jq -c '[(.environments | sort), .elsewhere]')" '[["acme-dev","acme-prod","acme-stg"],0]'
listen devdev "${tokens[devdev]}" "$CATALYST_TEST_PROJECTOR_1_URL" ""
heard_both() { [ "$(heard devdev snapshot | wc -l)" = 2 ]; }
check "its stream begins" within 20 heard_both
check "and tells how that Environment is" knows devdev environment/_/acme-dev
operation_names_others() { heard devdev snapshot | jq -c '.rows[] | select(.kind == "operation")' | grep -E 'acme-(stg|prod)'; }
check "and no operation of it names another" refuses operation_names_others
check "but not how others are" refuses knows devdev environment/_/acme-prod
hang_up

# --- who belongs to none ---

for service in catalog-svc projector provisioning billing; do
    path=$(awk -F'\t' -v s="$service" '$1 == s && $4 != "open" && $2 == "get" { print $5; exit }' "$root/tests/security/routes.tsv" | sed 's/ORG/acme/')
    check "who belongs to no Organization is told so by $service, and not to sign in again" is "$(signed "${tokens[nobody]}" "$(url_of "$service")$path" | jq -r '"\(.status) \(.code) \(.detail | test("belongs to no Organization"))"')" "403 no-organization true"
done
# Groups that look like a membership and are none. Each is given to somebody who has nothing else.
lookalikes() {
    local acme admin_of_acme prod x made_groups=()
    acme=$(group_id /acme) admin_of_acme=$(group_id /acme/org-admin) prod=$(group_id /acme/org-admin/prod)
    x=$(make_group "x$stamp")
    made_groups+=("$x" "$(make_group x "$prod")" "$(make_group ACME)" "$(make_group 'org-admin ' "$acme")" "$(make_group org-admins "$acme")" "$(make_group sovereign-admin "$acme")" "$(make_group PROD "$admin_of_acme")"
        "$(make_group org-admin "$(group_id /system)")" "$(make_group acme/org-admin)" "$(make_group "${app}/../acme")")
    made_groups+=("$(make_group org-admin "${made_groups[2]}")" "$(make_group acme "$x")")
    made_groups+=("$(make_group org-admin "${made_groups[11]}")")
    printf '%s\n' "${made_groups[@]}" >"$work/groups"
}
check "groups are made that look like memberships" lookalikes
mapfile -t alike <"$work/groups"
made_groups+=("${alike[@]}")
named=(x x ACME "org-admin " org-admins sovereign-admin PROD system/org-admin acme/org-admin ../acme ACME/org-admin x/acme x/acme/org-admin)
nothing_by() { # NUMBER NAME: somebody in that group
    local who=like$1 token
    person "$who" && keycloak PUT "/users/$(user_id "$who-$stamp")/groups/${alike[$1]}" && token=$(token_of "$who") || return
    is "$(code_of "$token" "$CATALYST_TEST_PROJECTOR_1_URL/v1/me") $(code_of "$token" "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications?organization=acme")" "403 403"
}
for number in "${!named[@]}"; do
    [ -n "${alike[number]:-}" ] || continue # the identity provider itself does not take such a name
    check "the group \"${named[number]}\" gives nothing" nothing_by "$number"
done

# --- every route, every kind of membership ---

described() { # what the running services say that they have
    local service
    for service in catalog-svc projector provisioning billing; do
        curl -fsS --max-time 20 "$(url_of "$service")/v1/openapi.json" | jq -r --arg s "$service" '.paths | to_entries[] | .key as $p | .value | keys[] | select(IN("get", "post", "put", "patch", "delete")) | [$s, ., $p] | @tsv'
    done | sort -u
}
written() { awk -F'\t' '!/^#/ && $1 != "class" { print $1 "\t" $2 "\t" $3 }' "$root/tests/security/routes.tsv" | sort -u; }
check "every route that a service has stands in the table" is "$(written)" "$(described)"
mirrored() { gitea GET "/users/$1-$stamp"; }
for one in viewer developer admin devdev prodadmin cross stranger uatadmin leaver2; do check "$one is known to the Git server" within 90 mirrored "$one"; done
ask() { # PERSON METHOD URL [BODY]: the status
    signed "${tokens[$1]}" --max-time "${patience:-60}" -o "$work/said" -w '%{http_code}' -X "${2^^}" -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" \
        ${4:+-H 'Content-Type: application/json' --data-binary "$4"} "$3" 2>/dev/null
}
row_holds() { # SERVICE METHOD PATH CLASS EXAMPLE BODY
    local expected got=() one organization at body
    read -ra expected < <(awk -F'\t' -v c="$4" '$1 == "class" && $2 == c { print $3 }' "$root/tests/security/routes.tsv")
    [ "${#expected[@]}" = "${#COLUMNS_OF[@]}" ] || { echo "the class $4 has ${#expected[@]} statuses"; return 1; }
    for one in "${COLUMNS_OF[@]}"; do
        organization=acme
        [ "$one" != cross ] || organization=blue
        at=${5//ORG/$organization} at=${at//APP/$app} at=${at//OPERATION/$operation} at=${at//PLAN/$operation} at=${at//VERSION/$version}
        body=${6//APP/$app}
        got+=("$(patience=$([[ "$3" == /v1/stream ]] && echo 3) ask "$one" "$2" "$(url_of "$1")$at" "$body")")
    done
    is "${got[*]}" "${expected[*]}" || { echo "${COLUMNS_OF[*]}"; head -c 600 "$work/said"; return 1; }
}
while IFS=$'\t' read -r service method path class example body; do
    [[ "$service" == \#* || "$service" == class || "$class" == open ]] || fresh
    [[ "$service" == \#* || "$service" == class || "$class" == open ]] || check "${method^^} $path of $service (${example#*[?]}) is answered as the table says" row_holds "$service" "$method" "$path" "$class" "$example" "$body" </dev/null
done <"$root/tests/security/routes.tsv"
said_why() { is "$(state "${tokens[cross]}" "/applications?organization=blue" | jq -r .detail)" "reading blue needs the role org-viewer or org-developer or org-admin or sovereign-admin; cross-$stamp has billing-admin"; }
check "a refusal names the roles that count there, and no others" said_why
check "the other Organization's administrator makes no plan there" refused "${tokens[cross]}" 403 forbidden POST "/plans?organization=blue" "$(install "bad-$stamp" bp-podinfo '["blue-prod"]' '{}')"
check "nor with the Environment of the one in the name of the other" refuses grep -qE '"hash"' <<<"$(call "${tokens[cross]}" POST "/plans?organization=acme" "$(install "bad-$stamp" bp-podinfo '["blue-prod"]' '{}')")"

# --- branches ---

fresh
branch_people=(viewer developer admin devdev prodadmin uatadmin cross stranger billing)
for one in viewer developer admin devdev prodadmin uatadmin cross stranger; do check "$one makes a token for Git" git_token "${tokens[$one]}" "$one"; done
printf '{"user": "billing-%s", "token": "none"}' "$stamp" >"$work/billing.git-token"
clone "acme/$app" develop
# pushes PERSON BRANCH: a commit on top of the branch, or of develop where there is none
pushes() {
    local folder=$work/$app base
    git_as_admin -C "$folder" fetch -q --prune origin || return
    base=$(git_as_admin -C "$folder" rev-parse -q --verify "refs/remotes/origin/$2" || git_as_admin -C "$folder" rev-parse refs/remotes/origin/develop) || return
    base=$(git_as "$1" -C "$folder" commit-tree -p "$base" -m "Try $2 as $1" "$base^{tree}") || return
    git_as "$1" -C "$folder" push -q "$CATALYST_TEST_GITEA_URL/acme/$app.git" "$base:refs/heads/$2"
}
branch_row() { # BRANCH EXPECTED (a letter a person)
    local got="" one
    for one in "${branch_people[@]}"; do
        if pushes "$one" "${1/WHO/$one}" >>"$work/pushes" 2>&1; then got+=Y; else got+=n; fi
    done
    is "$got" "$2" || { echo "${branch_people[*]}"; tail -n 5 "$work/pushes"; return 1; }
}
#                                        viewer developer admin devdev prodadmin uatadmin cross stranger billing
check "develop takes pushes of who may write dev" branch_row develop nYYYnnYnn
check "staging of who may write stg" branch_row staging nYYnnnYnn
check "main of who may write prod" branch_row main nnYnYnYnn
check "uat of who may write uat, from its first push on" branch_row uat nnYnnYYnn
check "poc of who may write poc" branch_row poc nnYnnnYnn
check "a branch of one's own is for who may propose" branch_row "try/WHO" nYYYYYYnn
for one in catalyst/promote/prod catalyst uat/x main/x develop/x/y; do check "nobody pushes $one" branch_row "$one" nnnnnnnnn; done
deletes() { git_as "$1" -C "$work/$app" push -q "$CATALYST_TEST_GITEA_URL/acme/$app.git" ":refs/heads/$2"; }
forces() { git_as "$1" -C "$work/$app" push -q --force "$CATALYST_TEST_GITEA_URL/acme/$app.git" "$(git_as_admin -C "$work/$app" rev-parse origin/develop):refs/heads/$2"; }
check "nobody deletes main, an administrator not either" refuses deletes admin main
check "nor forces it" refuses forces admin main
check "a developer does not force it either" refuses forces developer main
as_person() { # PERSON METHOD PATH [JSON]: Git's API with that person's token
    curl -sS --max-time 30 -o "$work/git-said" -w '%{http_code}' -X "$2" -H @<(printf 'Authorization: token %s\n' "$(jq -r .token "$work/$1.git-token")") -H 'Content-Type: application/json' ${4:+-d "$4"} "$CATALYST_TEST_GITEA_URL/api/v1$3"
}
head_of() { gitea GET "/repos/acme/$app/git/refs/heads/$1" | jq -r '.[0].object.sha // .object.sha'; }
before=$(head_of main)
file='{"branch": "main", "content": "eA==", "message": "Try"}'
check "Git's API writes no file into main for a developer" refuses grep -q '^2' <<<"$(as_person developer POST "/repos/acme/$app/contents/try.txt" "$file")"
check "but into a branch of his own" is "$(as_person developer POST "/repos/acme/$app/contents/try.txt" '{"branch": "try/developer", "content": "eA==", "message": "Try"}')" 201
check "nor by way of a new branch called main's" refuses grep -q '^2' <<<"$(as_person developer POST "/repos/acme/$app/contents/try.txt" '{"branch": "develop", "new_branch": "main/try", "content": "eA==", "message": "Try"}')"
check "nor a patch" refuses grep -q '^2' <<<"$(as_person developer POST "/repos/acme/$app/diffpatch" '{"branch": "main", "content": "diff --git a/t b/t\nnew file mode 100644\n--- /dev/null\n+++ b/t\n@@ -0,0 +1 @@\n+x\n", "message": "Try"}')"
check "a developer asks for a change of main" is "$(as_person developer POST "/repos/acme/$app/pulls" '{"title": "Try", "head": "try/developer", "base": "main"}')" 201
number=$(jq -r .number "$work/git-said")
for how in merge rebase squash fast-forward-only manually-merged; do
    check "and cannot merge it himself ($how)" refuses grep -q '^2' <<<"$(as_person developer POST "/repos/acme/$app/pulls/$number/merge" "{\"Do\": \"$how\", \"force_merge\": true, \"MergeCommitID\": \"$before\"}")"
done
check "nor by a change of the branch that it goes to" refuses grep -q '^2' <<<"$(as_person devdev POST "/repos/acme/$app/pulls/$number/merge" '{"Do": "merge"}')"
agit() { git_as "$1" -C "$work/$app" push -q "$CATALYST_TEST_GITEA_URL/acme/$app.git" "HEAD:refs/for/main/by-$1"; }
agit developer >/dev/null 2>&1
agit viewer >/dev/null 2>&1
check "a viewer asks for no change by way of refs/for" is "$(gitea GET "/repos/acme/$app/pulls?state=all" | jq -c --arg u "viewer-$stamp" '[.[] | select(.user.login == $u)]')" '[]'
check "none of that moved main" is "$(head_of main)" "$before"
for one in "DELETE /branch_protections/main" "PATCH /branch_protections/main {\"enable_push_whitelist\":false}" "POST /branch_protections {\"rule_name\":\"x\"}" "PATCH / {\"private\":false}" "DELETE /" "PUT /collaborators/viewer-$stamp {\"permission\":\"admin\"}" \
    "POST /keys {\"title\":\"x\",\"key\":\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\"}" "POST /transfer {\"new_owner\":\"admin-$stamp\"}" "PUT /teams/developers" "POST /hooks {\"type\":\"gitea\",\"config\":{\"url\":\"http://127.0.0.1:1\",\"content_type\":\"json\"},\"events\":[\"push\"]}"; do
    read -r method where json <<<"$one"
    check "an administrator of the Organization does not $method ${where#/} of its repository" refuses grep -q '^2' <<<"$(as_person admin "$method" "/repos/acme/$app${where%/}" "$json")"
done
team() { gitea GET /orgs/acme/teams | jq -r ".[] | select(.name == \"$1\") | .id"; }
check "nor puts anybody into a team" refuses grep -q '^2' <<<"$(as_person admin PUT "/teams/$(team writers-prod)/members/devdev-$stamp")"
shared=$CATALYST_TEST_GITEA_URL/acme/shared-blueprints.git
publishes() { # PERSON REF
    rm -rf "$work/publish" && git_as "$1" clone -q "$shared" "$work/publish" 2>/dev/null
    [ -d "$work/publish/.git" ] || git_as "$1" init -q "$work/publish" || return
    git_as "$1" -C "$work/publish" commit -q --allow-empty -m "Try" && git_as "$1" -C "$work/publish" push -q "$shared" "HEAD:$2"
}
for one in viewer devdev prodadmin stranger; do
    check "$one publishes no Blueprint, by its tag" refuses publishes "$one" "refs/tags/bp-none/v0.0.$stamp"
    check "nor on main" refuses publishes "$one" refs/heads/main
done
check "a developer of the whole Organization does" publishes developer "refs/tags/try-$stamp"
gitea DELETE "/repos/acme/shared-blueprints/tags/try-$stamp" >/dev/null 2>&1

# --- what is taken away ---

signed_at=-1000
fresh
listen leaver "${tokens[leaver]}" "$CATALYST_TEST_PROJECTOR_1_URL" ""
began() { [ -n "$(heard leaver snapshot)" ]; }
check "somebody who is a viewer and an administrator listens" within 20 began
clone_as_leaver() { git_as leaver2 ls-remote "$CATALYST_TEST_GITEA_URL/acme/$app.git"; }
check "somebody who is a developer has a token for Git" git_token "${tokens[leaver2]}" leaver2
check "and reads with it" clone_as_leaver
leave_group leaver /acme/org-admin
leave_group leaver2 /acme/org-developer
is_code() { is "$(code_of "${tokens[$1]}" "$2")" "$3"; }
managing() { is "$(ask leaver post "$CATALYST_TEST_PROVISIONING_URL/v1/environments" '{"envType": "dev"}')" "$1"; }
check "within a minute the role that was taken away is gone, though the token lives on" within 60 managing 403
check "and the one that was left still counts" is_code leaver "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications" 200
ended() { heard leaver end | jq -e '.reason == "rights-changed"'; }
check "the stream that was opened with both has ended" within 20 ended
hang_up
for where in "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications" "$CATALYST_TEST_CATALOG_SVC_URL/v1/blueprints" "$CATALYST_TEST_PROVISIONING_URL/v1/git-tokens" "$CATALYST_TEST_BILLING_URL/v1/usage"; do
    check "who lost the only membership gets nothing of ${where#http*//*/}" within 60 is_code leaver2 "$where" 403
done
check "no stream either" is_code leaver2 "$CATALYST_TEST_PROJECTOR_1_URL/v1/stream" 403
check "and Git lets that person no longer in" within 60 refuses clone_as_leaver
join leaver2 /acme/org-developer
check "given back, it counts within a minute, with the token of before" within 60 is_code leaver2 "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications" 200
keycloak PUT "/users/$(user_id "leaver2-$stamp")" '{"enabled": false}'
check "who is disabled has nothing within a minute" within 60 is_code leaver2 "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications" 403
keycloak DELETE "/users/$(user_id "viewer-$stamp")"
check "who is deleted neither" within 60 is_code viewer "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications" 403

# --- machines ---

machine_token() {
    curl -fsS --max-time 20 "$CATALYST_TEST_TOKEN_URL" -d grant_type=client_credentials -d "client_id=$CATALYST_TEST_CLIENT_ID" --data-urlencode "client_secret@$CATALYST_TEST_CLIENT_SECRET" | jq -r .access_token
}
account=$(keycloak GET "/clients/$(keycloak GET "/clients?clientId=$CATALYST_TEST_CLIENT_ID" | jq -r '.[0].id')/service-account-user" | jq -r .id)
tokens[machine]=$(machine_token)
check "a machine client in no group gets nothing" is_code machine "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications" 403
keycloak PUT "/users/$account/groups/$(group_id /acme/org-viewer)"
sleep 1
tokens[machine]=$(machine_token)
check "one in a group gets what it is for" is_code machine "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications" 200
sleep 30
check "still so when the mirror has been read since" is_code machine "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications" 200
keycloak DELETE "/users/$account/groups/$(group_id /acme/org-viewer)"
check "taken out of it, nothing within a minute" within 60 is_code machine "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications" 403

carry_out "$admin" "$(uninstall "$app")" >/dev/null 2>&1
clean_up
sum_up
