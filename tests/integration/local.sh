#!/usr/bin/env bash
# The local Sovereign itself: sign-in, the front door, and that ./dev up can be repeated and heals.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

variable() { local name=CATALYST_TEST_$1; echo "${!name}"; }

claims_of() { # ORGANIZATION_ROLE, as in the names of the variables
    curl -fsS --max-time 20 "$CATALYST_TEST_TOKEN_URL" -d grant_type=password -d "client_id=$CATALYST_TEST_CLIENT_ID" -d scope=openid \
        --data-urlencode "client_secret@$CATALYST_TEST_CLIENT_SECRET" -d "username=$(variable "USER_$1")" \
        --data-urlencode "password@$(variable "PASSWORD_$1")" | jq -r '.access_token | split(".")[1] | gsub("-"; "+") | gsub("_"; "/") | @base64d'
}

signs_in() { # ORGANIZATION_ROLE group...
    local claims
    claims=$(claims_of "$1") || return
    is "$(jq -c '[(.groups | sort), .aud, .iss, .exp - .iat]' <<<"$claims")" \
        "$(jq -nc --arg i "$CATALYST_TEST_ISSUER" '[($ARGS.positional | sort), "catalyst", $i, 900]' --args "${@:2}")"
}

header() { # path name
    curl -fsS --max-time 10 -o /dev/null -D - "$CATALYST_TEST_URL$1" | tr -d '\r' | sed -n "s/^$2: //Ip"
}
status() { curl -sS --max-time 10 -o /dev/null -w '%{http_code}' "$@"; }

policy_is_strict() {
    local policy
    policy=$(header / content-security-policy) || return
    if [[ "$policy" == *"default-src 'none'"* && "$policy" == *"script-src 'self'"* && "$policy" != *unsafe* ]]; then return; fi
    echo "$policy"
    return 1
}

pids() { (cd "$CATALYST_TEST_INSTANCE_DIR/run" && grep -H . ./*.pid); }
heads() { git_heads system/catalyst-config && git_heads catalog/bp-podinfo; }
git_heads() {
    curl -fsS --max-time 10 -H "Authorization: token $CATALYST_TEST_GITEA_TOKEN" "$CATALYST_TEST_GITEA_URL/api/v1/repos/$1/branches" |
        jq -c '[.[] | {name, id: .commit.id}] | sort'
}
# raw LINE...: what the front door answers to these lines as they are, which a client would not send.
front_door=${CATALYST_TEST_URL#http://localhost:}
raw() {
    exec 4<>"/dev/tcp/127.0.0.1/$front_door"
    { printf '%s\r\n' "$@" && printf '\r\n'; } >&4 2>/dev/null
    timeout 10 cat <&4
    exec 4>&-
}
# refuses_with "STATUS TYPE TEXT" LINE...: so does the front door itself, without a word of nginx's own.
refuses_with() {
    local wanted=$1 status type text said
    read -r status type text <<<"$wanted"
    said=$(raw "${@:2}")
    [[ "$said" == "HTTP/1.1 $status "* ]] && grep -qi "^content-type: $type" <<<"$said" && [[ "$said" == *"$text"* ]] && [[ "$said" != *"<center>"* ]] ||
        { printf '%s\n' "$said" | cut -c1-300; return 1; }
}
long=$(printf 'a%.0s' {1..9000})
front_door_speaks_to() { # STATUS TEXT-FOR-PROBLEMS LINE-WITH-PATH MORE-LINES...: under /api, under /hooks, under /git and elsewhere
    local status=$1 code=$2 line=$3 more=("${@:4}")
    refuses_with "$status application/problem+json \"code\":\"$code\"" "${line/@//api/nowhere}" "${more[@]}" &&
        refuses_with "$status application/problem+json \"code\":\"$code\"" "${line/@//hooks/nowhere}" "${more[@]}" &&
        refuses_with "$status text/plain " "${line/@//git/acme/nowhere}" "${more[@]}" &&
        refuses_with "$status text/html <a href=\"/\">To Catalyst</a>" "${line/@//assets/nowhere}" "${more[@]}"
}
names_lead_here() {
    local said code
    said=$(curl -fsS "http://blog.acme-dev.$CATALYST_TEST_DOMAIN:$front_door/some/page.js") || return
    [[ "$said" == *"<b>blog</b> in the Environment <b>acme-dev</b>"*"Pods are simulated"*"$CATALYST_TEST_URL/applications/blog"* ]] || { echo "$said"; return 1; }
    # Nothing else of a name is shown, and no other name shows the console.
    for code in 'x"y.acme-dev' 'a<b>.acme-dev' 'blog.acme-dev.evil' 'some'; do
        said=$(curl -sS -H "Host: $code.$CATALYST_TEST_DOMAIN" "$CATALYST_TEST_URL/")
        [[ "$said" != *"$code"* ]] && [[ "$said" != *"<script"* ]] || { echo "$said"; return 1; }
    done
}
platform_is_told() { is "$(curl -fsS "$CATALYST_TEST_URL/platform.json" | jq -r '"\(.pods) \(.applications.domain) \(.applications.port)"')" "simulated $CATALYST_TEST_DOMAIN $front_door"; }

up() { "$root/dev" up </dev/null; }

again_changes_nothing() {
    local processes branches
    processes=$(pids)
    branches=$(heads)
    up || return
    is "$(pids)" "$processes" && is "$(heads)" "$branches"
}

kill_hard() { kill -KILL "$(cut -d' ' -f1 "$CATALYST_TEST_INSTANCE_DIR/run/$1.pid")"; }
heals() {
    kill_hard nats
    kill_hard gitea
    kill_hard "$CATALYST_TEST_HOST_CLUSTER.kube-apiserver"
    up || return
    is "$(status "$CATALYST_TEST_GITEA_URL/api/healthz")" 200 && is "$(status "$CATALYST_TEST_SPINE_MONITOR_URL/healthz")" 200 && host get --raw /readyz
}

in_a_shell() { ("$@"); } # what it reads changes nothing here
# One that has much memory to give back is on its way out for a while.
starts_what_was_just_killed() {
    local data=$work/processes before after
    mkdir -p "$data"/{run,logs}
    # shellcheck source=/dev/null
    . "$root/tools/dev/lib.sh" && . "$root/tools/dev/process.sh"
    set +e
    eater() { start_process eater python3 -c "import sys, time; held = bytearray(b'x') * (500 << 20); open(sys.argv[1], 'w'); time.sleep(600)" "$data/ready"; }
    eater
    before=$(process_pid eater)
    within 30 test -e "$data/ready" || return
    kill -KILL "$before"
    eater
    sleep 1
    after=$(process_pid eater)
    stop_process eater
    [ -n "$after" ] && [ "$after" != "$before" ]
}

secrets_are_closed() {
    is "$(find "$CATALYST_TEST_INSTANCE_DIR"/{secrets,env,kubeconfigs,etc} -type f -perm /077)" ""
}
no_secret_on_command_lines() {
    local file secret
    for file in "$CATALYST_TEST_INSTANCE_DIR"/secrets/{*.token,*.password,*.secret}; do
        secret=$(cat "$file")
        # Bash compares by itself: a program would have the secret on its own command line.
        if [[ "$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ')" == *"$secret"* ]]; then echo "$file"; return 1; fi
        if [[ "$(cat "$CATALYST_TEST_INSTANCE_DIR"/logs/*.log | tr '\0' ' ')" == *"$secret"* ]]; then echo "$file is in a log"; return 1; fi
    done
}

check "a viewer's token says the group, audience and lives 15 minutes" signs_in ACME_ORG_VIEWER /acme/org-viewer
check "a developer signs in" signs_in ACME_ORG_DEVELOPER /acme/org-developer
check "an administrator signs in" signs_in ACME_ORG_ADMIN /acme/org-admin
check "a security officer signs in" signs_in ACME_SECURITY_OFFICER /acme/security-officer
check "a billing administrator signs in" signs_in ACME_BILLING_ADMIN /acme/billing-admin
check "a developer of one type of Environment signs in" signs_in ACME_ORG_DEVELOPER_DEV /acme/org-developer/dev
check "somebody in two Organizations signs in" signs_in BLUE_ORG_VIEWER /blue/org-viewer /acme/billing-admin /acme/org-viewer
check "another Organization's administrator signs in" signs_in BLUE_ORG_ADMIN /blue/org-admin
check "the Sovereign's administrator signs in" signs_in SYSTEM_SOVEREIGN_ADMIN /system/sovereign-admin
check "the console's pages have a strict content security policy" policy_is_strict
check "a path of the console is the console" is "$(status "$CATALYST_TEST_URL/applications/blog")" 200
check "the front door leads to Keycloak, which calls itself by the front door's address" \
    is "$(curl -fsS "$CATALYST_TEST_URL/auth/realms/catalyst/.well-known/openid-configuration" | jq -r .issuer)" "$CATALYST_TEST_ISSUER"
check "the front door leads to Gitea" is "$(status "$CATALYST_TEST_URL/git/api/healthz")" 200
check "Git asks who one is" is "$(status "$CATALYST_TEST_URL/git/system/catalyst-config.git/info/refs?service=git-upload-pack")" 401
for api in catalog/v1/blueprints provisioning/v1/dependencies state/v1/environments billing/v1/usage; do
    check "/api/$api asks for a token" is "$(status "$CATALYST_TEST_URL/api/$api")" 401
done
close="Connection: close"
check "what is not there is told to each kind of caller" front_door_speaks_to 404 not-found "GET @ HTTP/1.1" "Host: localhost" "$close"
check "an address that is too long is told to each kind of caller" front_door_speaks_to 414 address-too-long "GET @?$long HTTP/1.1" "Host: localhost" "$close"
check "headers that are too large are told to each kind of caller" front_door_speaks_to 431 headers-too-large "GET @ HTTP/1.1" "Host: localhost" "X: $long" "$close"
check "a request without a host is told to each kind of caller" front_door_speaks_to 400 invalid "GET @ HTTP/1.1" "$close"
check "a method that is not taken is told to each kind of caller" front_door_speaks_to 405 method-not-allowed "TRACE @ HTTP/1.1" "Host: localhost" "$close"
check "an encoding that is not supported is told to each kind of caller" front_door_speaks_to 501 unsupported "POST @ HTTP/1.1" "Host: localhost" "Transfer-Encoding: odd" "$close"
check "what is no HTTP is told on a page" refuses_with "400 text/html The request is wrong" "NONSENSE"
check "a body above the limit is told, with the limit" refuses_with '413 application/problem+json at most 20 MB' "POST /api/provisioning/v1/plans HTTP/1.1" "Host: localhost" \
    "Content-Length: 30000000" "$close"
check "an Application's address leads to a page that says what is simulated" names_lead_here
check "the front door says where this runs" platform_is_told
check "the host's Flux has applied catalyst-config" host wait --for=condition=Ready --timeout=20s -n flux-system kustomization/catalyst-config
check "secrets are files of their owner" secrets_are_closed
check "no secret stands on a command line or in a log" no_secret_on_command_lines
check "./dev up again changes nothing" again_changes_nothing
check "what was killed a moment ago is started again" in_a_shell starts_what_was_just_killed
# As an earlier version would have made it.
granted_yesterday() {
    host create role granted-yesterday -n catalyst-billing --verb=get --resource=pods --dry-run=client -o yaml |
        host apply --server-side --field-manager=catalyst-installer -f -
}
check "an earlier version granted something" granted_yesterday
check "./dev up heals what was killed" heals
check "./dev up takes back what this version does not grant" refuses host get role granted-yesterday -n catalyst-billing
check "and nothing that others granted" host get clusterrole system:node
sum_up
