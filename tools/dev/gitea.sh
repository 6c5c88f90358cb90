# The Git server. It refuses to run as root, so root gives it a user id and a folder of its own. To be sourced.
# shellcheck shell=bash disable=SC2154

GITEA_UID=64071 # nobody's: no account on this machine has it, and none is made

gitea_url() { echo "http://127.0.0.1:$(port GITEA)"; }
gitea_public_url() { echo "$(public_url)/git"; }

# Root's own folders are closed to other users, therefore root keeps Gitea's data and program beside them.
gitea_home() {
    if [ "$(id -u)" = 0 ]; then echo "/var/lib/catalyst-gitea/$(cksum <<<"$data" | cut -d' ' -f1)"; else echo "$data/gitea"; fi
}
gitea_program() { if [ "$(id -u)" = 0 ]; then echo "$(gitea_home)/program/gitea"; else peer gitea; fi; }

# The name that Gitea sees; a user id without an account has the one that the environment says.
gitea_run_user() { [ "$(id -u)" != 0 ] && id -un 2>/dev/null | grep -vx "$(id -u)" || echo git; }

as_gitea() {
    local home user
    home=$(gitea_home)
    user=$(gitea_run_user)
    local environment=(env -C "$home" "HOME=$home" "USER=$user" "LOGNAME=$user" "GITEA_WORK_DIR=$home" "TMPDIR=$home/tmp")
    if [ "$(id -u)" = 0 ]; then
        "${1:-}" setpriv --reuid=$GITEA_UID --regid=$GITEA_UID --clear-groups "${environment[@]}" "${@:2}"
    else
        "${1:-}" "${environment[@]}" "${@:2}"
    fi
}
run() { "$@"; }
gitea() { (umask 077 && as_gitea run "$(gitea_program)" --config "$(gitea_home)/app.ini" "$@" </dev/null); }

make_gitea_home() {
    local home share version=$PIN_GITEA
    home=$(gitea_home)
    share=$peers/gitea-$version
    mkdir -p "$home"/{tmp,repositories,data,log}
    if [ "$(id -u)" = 0 ]; then
        chmod 755 "${home%/*}"
        ln -sfn "$home" "$data/gitea"
        if [ "$(cat "$home/program/version" 2>/dev/null)" != "$version" ]; then
            rm -rf "$home/program"
            mkdir -p "$home/program"
            cp --reflink=auto "$share/gitea" "$home/program/"
            cp -r --reflink=auto "$share/share" "$home/program/"
            echo "$version" >"$home/program/version"
        fi
        chown $GITEA_UID:$GITEA_UID "$home" "$home"/{tmp,repositories,data,log}
    fi
    # Repositories, tokens' hashes and keys are in it: nobody else on this machine reads them.
    chmod 700 "$home" "$home"/{tmp,repositories,data,log}
}

gitea_secret() { # name: made once, by Gitea's own generator
    local file=$data/secrets/gitea-$1
    [ -s "$file" ] || as_gitea run "$(gitea_program)" generate secret "$1" </dev/null | secret_file "$file"
    cat "$file"
}

# What people could make of their own: docs/security.md, "The Git server". Administrators, who are services alone, are not bound by the first two.
gitea_closed_repository() {
    cat <<INI
MAX_CREATION_LIMIT = 0
ALLOW_FORK_WITHOUT_MAXIMUM_LIMIT = false
DISABLE_MIGRATIONS = true
DISABLE_STARS = true
DISABLE_DOWNLOAD_SOURCE_ARCHIVES = true
ENABLE_PUSH_CREATE_USER = false
ENABLE_PUSH_CREATE_ORG = false
ALLOW_ADOPTION_OF_UNADOPTED_REPOSITORIES = false
ALLOW_DELETION_OF_UNADOPTED_REPOSITORIES = false
DISABLED_REPO_UNITS = repo.issues, repo.ext_issues, repo.wiki, repo.ext_wiki, repo.projects, repo.packages, repo.actions, repo.releases
[repository.upload]
ENABLED = false
[attachment]
ENABLED = false
[mirror]
ENABLED = false
[migrations]
ALLOW_LOCALNETWORKS = false
BLOCKED_DOMAINS = *
[actions]
ENABLED = false
[packages]
ENABLED = false
[federation]
ENABLED = false
INI
}
# Nobody has a password: people and services come with access tokens, and nothing is shown to whoever has none.
gitea_closed_service() {
    cat <<INI
[service]
DISABLE_REGISTRATION = true
REQUIRE_SIGNIN_VIEW = true
ENABLE_PASSWORD_SIGNIN_FORM = false
ENABLE_PASSKEY_AUTHENTICATION = false
ENABLE_BASIC_AUTHENTICATION = false
ENABLE_REVERSE_PROXY_AUTHENTICATION = false
DEFAULT_ALLOW_CREATE_ORGANIZATION = false
DEFAULT_KEEP_EMAIL_PRIVATE = true
DEFAULT_USER_VISIBILITY = private
DEFAULT_ORG_VISIBILITY = private
ALLOWED_USER_VISIBILITY_MODES = private
ALLOW_CROSS_REPOSITORY_DEPENDENCIES = false
ENABLE_USER_HEATMAP = false
ENABLE_TIMETRACKING = false
[service.explore]
REQUIRE_SIGNIN_VIEW = true
DISABLE_USERS_PAGE = true
DISABLE_ORGANIZATIONS_PAGE = true
DISABLE_CODE_PAGE = true
[admin]
DISABLE_REGULAR_ORG_CREATION = true
USER_DISABLED_FEATURES = deletion,manage_ssh_keys,manage_gpg_keys,manage_mfa,manage_credentials,change_username,change_full_name
INI
}
# Gitea's own list knows hosts and no ports: whatever address a hook names, the delivery goes to the front door, which has one path for it.
gitea_closed_webhooks() {
    cat <<INI
[webhook]
ALLOWED_HOST_LIST = 127.0.0.1/32
PROXY_URL = http://127.0.0.1:$(port FRONT_DOOR 8080)
PROXY_HOSTS = *
DELIVER_TIMEOUT = 10
INI
}

write_gitea_config() {
    local home share
    home=$(gitea_home)
    share=$peers/gitea-$PIN_GITEA/share
    [ "$(id -u)" != 0 ] || share=$home/program/share
    secret_file "$home/app.ini" <<INI
APP_NAME = Catalyst
RUN_USER = $(gitea_run_user)
RUN_MODE = prod
WORK_PATH = $home
[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = $(port GITEA)
ROOT_URL = $(gitea_public_url)/
LOCAL_ROOT_URL = $(gitea_url)/
STATIC_ROOT_PATH = $share
APP_DATA_PATH = $home/data
LANDING_PAGE = login
DISABLE_SSH = true
OFFLINE_MODE = true
LFS_START_SERVER = false
[database]
DB_TYPE = sqlite3
PATH = $home/data/gitea.db
SQLITE_JOURNAL_MODE = WAL
[repository]
ROOT = $home/repositories
DEFAULT_BRANCH = main
DEFAULT_PRIVATE = private
FORCE_PRIVATE = true
DISABLE_HTTP_GIT = false
$(gitea_closed_repository)
[git]
PULL_REQUEST_PUSH_MESSAGE = false
[security]
INSTALL_LOCK = true
INTERNAL_TOKEN = $(gitea_secret INTERNAL_TOKEN)
SECRET_KEY = $(gitea_secret SECRET_KEY)
PASSWORD_HASH_ALGO = pbkdf2\$1000\$50
DISABLE_GIT_HOOKS = true
IMPORT_LOCAL_PATHS = false
[oauth2]
ENABLED = false
JWT_SECRET = $(gitea_secret JWT_SECRET)
$(gitea_closed_service)
[openid]
ENABLE_OPENID_SIGNIN = false
ENABLE_OPENID_SIGNUP = false
$(gitea_closed_webhooks)
[queue]
TYPE = channel
[indexer]
ISSUE_INDEXER_TYPE = db
[api]
ENABLE_SWAGGER = false
MAX_RESPONSE_ITEMS = 100
DEFAULT_PAGING_NUM = 50
[log]
MODE = console
LEVEL = Warn
# Who asked for what, by which account (docs/least-privilege.md).
ENABLE_ACCESS_LOG = true
logger.access.MODE = access
ROOT_PATH = $home/log
[log.access]
MODE = file
FILE_NAME = access.log
LEVEL = Info
[cron.update_checker]
ENABLED = false
[other]
SHOW_FOOTER_VERSION = false
INI
    [ "$(id -u)" != 0 ] || chown $GITEA_UID:$GITEA_UID "$home/app.ini"
}

start_gitea() {
    make_gitea_home
    write_gitea_config
    start_gitea_as() { FINGERPRINT_FILES=$(gitea_home)/app.ini start_process gitea "$@"; }
    (umask 077 && as_gitea start_gitea_as "$(gitea_program)" --config "$(gitea_home)/app.ini" web)
}

gitea_ready() { process_ready gitea 90 http_ok "$(gitea_url)/api/healthz"; }

# What each account's token is for, and no more (docs/least-privilege.md): services/table for the services, here for those of no service. A site
# administrator's token without `admin` cannot do what only the site's administration does.
gitea_scopes_of() {
    case $1 in
        flux-system) echo read:repository ;;
        catalyst-merge) echo write:repository ;;
        *) [ -n "${GIT_SCOPES[$1]:-}" ] || fail "nobody said what Gitea's account $1 may"; echo "${GIT_SCOPES[$1]#site-admin,}" ;;
    esac
}
# The environment-controller's, which makes what others stand in, comes first in the table.
service_accounts() {
    local service account
    for service in "${SERVICES[@]}"; do
        account=${GIT_ACCOUNTS[$service]:-}
        [ -n "$account" ] || continue
        if [[ "${GIT_SCOPES[$account]}" == site-admin,* ]]; then gitea_account "$account" --admin; else gitea_account "$account"; fi
    done
}

# gitea_account NAME [--admin]: the account and its access token, secrets/gitea-{name}.token; made anew when its scopes are others than before.
gitea_account() {
    local name=$1 file=$data/secrets/gitea-$1.token scopes token
    scopes=$(gitea_scopes_of "$name")
    token=catalyst-$(cksum <<<"$scopes" | cut -d' ' -f1)
    [ -s "$file" ] && [ "$(cat "$data/secrets/gitea-$name.scopes" 2>/dev/null)" = "$scopes" ] && return
    gitea admin user list 2>/dev/null | awk '{print $2}' | grep -qx "$name" ||
        gitea admin user create --username "$name" --email "$name@$SOVEREIGN_DOMAIN" --random-password --must-change-password=false "${@:2}" >/dev/null ||
        fail "Gitea's account $name cannot be made"
    gitea admin user generate-access-token --username "$name" --token-name "$token-$(date +%s)" --scopes "$scopes" --raw | tail -n 1 | secret_file "$file"
    [ -s "$file" ] || fail "Gitea gave no token for $name"
    forget_older_tokens "$name" "$(tail -c 9 "$file" | tr -d '\n')"
    echo "$scopes" | secret_file "$data/secrets/gitea-$name.scopes"
}

# An account's tokens from before, which may have had more scopes. Gitea wants a password for that, and takes the token for one.
forget_older_tokens() { # account last eight characters of the one that stays
    local header=$data/tmp/gitea-basic.header id
    [ -s "$data/secrets/gitea-catalyst-environment.token" ] || return 0
    printf 'Authorization: Basic %s\n' "$(printf 'catalyst-environment:%s' "$(cat "$data/secrets/gitea-catalyst-environment.token")" | base64 -w0)" | secret_file "$header"
    for id in $(curl_with_header_file "$header" -f "$(gitea_url)/api/v1/users/$1/tokens?limit=50" | jq -r --arg kept "$2" '.[] | select(.token_last_eight != $kept) | .id'); do
        curl_with_header_file "$header" -f -X DELETE "$(gitea_url)/api/v1/users/$1/tokens/$id" >/dev/null
    done
    rm -f "$header" "$data/secrets/gitea-admin.header"
}

# gitea_api METHOD PATH [JSON]: as the site administrator of the environment-controller; prints the answer, fails above 399.
gitea_api() {
    local method=$1 path=$2 header=$data/secrets/gitea-admin.header
    [ -s "$header" ] || printf 'Authorization: token %s\n' "$(cat "$data/secrets/gitea-catalyst-environment.token")" | secret_file "$header"
    if [ $# -gt 2 ]; then
        curl_with_header_file "$header" -f -X "$method" -H 'Content-Type: application/json' --data-binary @- "$(gitea_url)/api/v1$path" <<<"$3"
    else
        curl_with_header_file "$header" -f -X "$method" "$(gitea_url)/api/v1$path"
    fi
}
gitea_has() { gitea_api GET "$1" >/dev/null 2>&1; }

gitea_organization() { # name description
    gitea_has "/orgs/$1" || gitea_api POST /orgs "$(jq -nc --arg n "$1" --arg d "$2" '{username: $n, description: $d, visibility: "private", repo_admin_change_team_access: false}')" >/dev/null
}

gitea_repository() { # organization name description
    gitea_has "/repos/$1/$2" ||
        gitea_api POST "/orgs/$1/repos" "$(jq -nc --arg n "$2" --arg d "$3" '{name: $n, description: $d, private: true, auto_init: true, default_branch: "main"}')" >/dev/null
}

gitea_readers() { # organization users...: a team that reads every repository
    local organization=$1 team user
    shift
    team=$(gitea_api GET "/orgs/$organization/teams?limit=50" | jq -r '.[] | select(.name == "readers") | .id')
    [ -n "$team" ] || team=$(gitea_api POST "/orgs/$organization/teams" \
        '{"name": "readers", "permission": "read", "includes_all_repositories": true, "units": ["repo.code", "repo.pulls", "repo.releases"]}' | jq -r .id)
    for user in "$@"; do gitea_has "/teams/$team/members/$user" || gitea_api PUT "/teams/$team/members/$user" >/dev/null; done
}

gitea_collaborator() { # repository user permission
    gitea_has "/repos/$1/collaborators/$2" || gitea_api PUT "/repos/$1/collaborators/$2" "{\"permission\": \"$3\"}" >/dev/null
}

# Accounts, organizations and repositories of docs/seams.md.
prepare_gitea() {
    local name
    service_accounts
    for name in catalyst-merge flux-system; do gitea_account "$name"; done
    gitea_organization system "What the Sovereign itself is made of"
    gitea_organization catalog "Public Blueprints"
    gitea_organization catalog-sovereign "Blueprints of this Sovereign's owner"
    gitea_repository system catalyst-config "Wanted: the Sovereign, Organizations, policies, Blueprints; a branch for each Organization"
    gitea_repository system policy-bundle "Policies that rendered manifests have to keep"
    gitea_repository system runbooks "What is done when an alert fires"
    gitea_readers catalog catalyst-blueprints catalyst-projector
    gitea_readers catalog-sovereign catalyst-blueprints catalyst-projector
    gitea_readers system catalyst-projector
    gitea_collaborator system/catalyst-config catalyst-blueprints write
    gitea_collaborator system/catalyst-config flux-system read
}
