#!/usr/bin/env bash
# HTTP: requests that two servers read in two ways, addresses that only a server in front may tell, what the front door leads to and what not, and what shares the console's origin.
# Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
dana=$(sign_in ACME_ORG_DEVELOPER)

# --- requests that can be read in two ways, at every port of every service ---

cat >"$work/raw.py" <<'PY'
"""raw.py URL < cases: one a line, a name and Python's escapes. Prints what is not refused, or answered more than once."""
import socket, sys
from urllib.parse import urlsplit
address = urlsplit(sys.argv[1])
for line in sys.stdin:
    name, escaped = line.rstrip("\n").split("\t")
    request = escaped.encode().decode("unicode_escape").encode("latin-1")
    with socket.create_connection((address.hostname, address.port), timeout=20) as link:
        link.sendall(request + b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        try:
            while piece := link.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass
    if not answer.startswith(b"HTTP/1.1 400") or answer.count(b"HTTP/1.1 ") != 1:
        print(f"{name}: {answer[:80]!r} and {answer.count(b'HTTP/1.1 ') - 1} more")
PY
cat >"$work/cases" <<'CASES'
both lengths	POST /v1/plans HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
both, the other way round	POST /v1/plans HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n
both, in other cases	POST /v1/plans HTTP/1.1\r\nHost: x\r\ntransfer-ENCODING: CHUNKED\r\ncontent-LENGTH: 5\r\n\r\n0\r\n\r\n
both, with GET	GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
two lengths	POST /v1/plans HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n
the same length twice	POST /v1/plans HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n
lengths in one field	POST /v1/plans HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 44\r\n\r\n
a length with a sign	POST /v1/plans HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n
a length in another base	POST /v1/plans HTTP/1.1\r\nHost: x\r\nContent-Length: 0x0\r\n\r\n
two encodings	POST /v1/plans HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n
another encoding	POST /v1/plans HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n
an encoding in a list	POST /v1/plans HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n
an encoding behind a tab of its own kind	POST /v1/plans HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n
a space before the colon	POST /v1/plans HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n
a folded field	POST /v1/plans HTTP/1.1\r\nHost: x\r\nX: a\r\n Transfer-Encoding: chunked\r\n\r\n
a bare line feed at the end of the request line	GET /healthz HTTP/1.1\nHost: x\r\n\r\n
bare line feeds everywhere	GET /healthz HTTP/1.1\nHost: x\n\n
a bare line feed in the fields	GET /healthz HTTP/1.1\r\nHost: x\nX: a\r\n\r\n
a bare line feed at the end of the head	GET /healthz HTTP/1.1\r\nHost: x\r\n\n
a carriage return in a value	GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\rContent-Length: 44\r\n\r\n
a zero byte in a value	GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n
a zero byte in a name	GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length\x00: 44\r\n\r\n
a field without a colon	GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length 44\r\n\r\n
no Host	GET /healthz HTTP/1.1\r\n\r\n
two Hosts	GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n
a space in the address	GET /healthz /x HTTP/1.1\r\nHost: x\r\n\r\n
chunks in an old version	POST /v1/plans HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
another version	GET /healthz HTTP/1.9\r\nHost: x\r\n\r\n
CASES
refuses_all() { is "$(python3 "$work/raw.py" "$1" <"$work/cases" 2>&1)" ""; }
for variable in $(compgen -v CATALYST_TEST_ | grep -E '((SVC|PROVISIONING|PROJECTOR|BILLING)_[0-9]+(_ADMIN)?|CONTROLLER_[0-9]+_ADMIN)_URL$'); do
    name=${variable#CATALYST_TEST_}
    check "$(tr 'A-Z_' 'a-z-' <<<"${name%_URL}"): what can be read in two ways is refused, and its connection ends" refuses_all "${!variable}"
done
behind_chunks() { # what stands behind a body in chunks, whose framing is read leniently
    is "$(printf 'POST /hooks/gitea HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;\nab\r\n0\r\n\r\nGET /v1/openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' |
        timeout 20 python3 -c '
import socket, sys
from urllib.parse import urlsplit
address = urlsplit(sys.argv[1])
link = socket.create_connection((address.hostname, address.port), timeout=20)
link.sendall(sys.stdin.buffer.read())
answer = b""
while piece := link.recv(65536): answer += piece
print(answer.count(b"HTTP/1.1 "))' "$CATALYST_TEST_PROJECTOR_1_URL")" 1
}
check "nothing behind a body in chunks is read" behind_chunks
long() { is "$(curl -sS -o /dev/null -w '%{http_code}' "$1/v1/$(head -c 9000 /dev/zero | tr '\0' a)")" 400; }
check "an address of 9 KB is refused" long "$CATALYST_TEST_PROVISIONING_1_URL"

# --- for whom a request is ---

last_audit() {
    node "$root/tests/integration/spine.mjs" "$CATALYST_TEST_SPINE_URL" "$CATALYST_TEST_SPINE_CREDENTIALS" request "\$JS.API.STREAM.MSG.GET.catalyst-audit" \
        '{"last_by_subj": "catalyst.audit.acme.provisioning"}' | jq -r '.message.data | @base64d | fromjson | .data | "\(.what) \(.from)"'
}
spoofed() { # curl's arguments...: a write that says whom it is for
    signed "$dana" -o /dev/null -X DELETE -H "Idempotency-Key: $stamp-$RANDOM" "$@" "$CATALYST_TEST_URL/api/provisioning/v1/git-tokens/none-$stamp"
    is "$(last_audit)" "delete-git-token 127.0.0.1"
}
check "who asks through the front door cannot say from where" spoofed -H 'X-Forwarded-For: 6.6.6.6'
check "nor with several fields" spoofed -H 'X-Forwarded-For: 6.6.6.6' -H 'x-forwarded-for: 7.7.7.7'
check "nor in another way" spoofed -H 'Forwarded: for=6.6.6.6' -H 'X-Real-IP: 6.6.6.6'

# --- what the front door leads to ---

status() { curl -sS --path-as-is --max-time 30 -o "$work/said" -D "$work/head" -w '%{http_code}' "$@"; }
# Nothing, or the console's own page.
is_closed() {
    { [[ "$(status "$CATALYST_TEST_URL$1")" =~ ^(400|404)$ ]] || grep -q 'id="app"' "$work/said"; } && ! grep -qiE 'keycloak|gitea|realm' "$work/said"
}
for path in /auth/ /auth/admin /auth/admin/ /auth/admin/master/console/ /auth/admin/realms /auth/admin/realms/catalyst/users /auth/realms/master /auth/realms/master/ \
    /auth/realms/master/.well-known/openid-configuration /auth/realms/master/protocol/openid-connect/token /auth/realms/catalyst /auth/realms/catalyst/clients-registrations/default \
    /auth/realms/catalyst/broker/x/endpoint /auth/metrics /auth/health /auth/health/ready /auth/management /auth/q/health /auth/%61dmin/ /auth/%61dmin/realms /auth/ADMIN/ /auth//admin/ //auth/admin/ /auth/./admin/ \
    /auth/resources/../admin/ /auth/resources/%2e%2e/admin/ /auth/resources/..%2fadmin/ '/auth/resources/..;/admin/' '/auth/;/admin/' '/auth/admin;x=1/' '/auth;/admin/' '/auth/realms/catalyst/..;/master/' \
    /auth/realms/catalyst/../master/ /auth/realms/catalyst/%2e%2e/master/.well-known/openid-configuration /auth/realms/%6daster/ /auth/realms/catalyst/protocol/openid-connect/../../../master/ \
    /auth/realms/catalyst/login-actions/../../../admin/ /auth/realms/catalyst/account/..%2f..%2f../admin/ '/auth/realms/catalyst/account/\..\..\admin/' /auth/realms/catalyst%2f..%2fmaster/; do
    check "the front door does not lead to $path" is_closed "$path"
done
check "it leads to what signing in needs" is "$(status "$CATALYST_TEST_URL/auth/realms/catalyst/.well-known/openid-configuration")" 200
sign_in_page="/auth/realms/catalyst/protocol/openid-connect/auth?client_id=catalyst-console&response_type=code&scope=openid&code_challenge=$(head -c 43 /dev/zero | tr '\0' a)&code_challenge_method=S256&redirect_uri=$(jq -rn --arg u "$CATALYST_TEST_URL/" '$u | @uri')"
check "and to its page" is "$(status "$CATALYST_TEST_URL$sign_in_page")" 200
pieces() { # of the page: styles and scripts
    local path
    grep -oE '(href|src)="/auth/resources/[^"]+"' "$work/said" | cut -d'"' -f2 >"$work/pieces"
    [ -s "$work/pieces" ] || return 1
    while read -r path; do is "$path $(status "$CATALYST_TEST_URL$path")" "$path 200" || return; done <"$work/pieces"
}
check "with all that the page is made of" pieces

# --- what shares the console's origin ---

evil='<html><script>new SharedWorker("/assets/session.worker.js")</script></html>'
put_evil() { # as somebody who may push: pages with scripts, in a repository
    rm -rf "$work/shared-blueprints"
    git_token "$dana" dana && git_as dana clone -q "$CATALYST_TEST_GITEA_URL/acme/shared-blueprints.git" "$work/shared-blueprints" || return # it may be empty still
    mkdir -p "$work/shared-blueprints/pages-$stamp" && cd "$work/shared-blueprints/pages-$stamp" || return
    printf '%s' "$evil" >evil.html
    printf '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>' >evil.svg
    printf '%s' "$evil" >README.md
    cd "$root" && push_as dana "$work/shared-blueprints" main "Pages that would take tokens"
}
check "somebody pushes pages with scripts" put_evil
is_shown_nowhere() { # PATH: neither the page, nor anything that a browser takes for one
    [[ "$(status "$CATALYST_TEST_URL$1" "${@:2}")" =~ ^(400|401|404)$ ]] || { cat "$work/head"; return 1; }
    ! grep -qi '<script' "$work/said" || { head -c 300 "$work/said"; return 1; }
    ! grep -qi '^set-cookie' "$work/head"
}
with_token() { jq -r '"user = \"\(.user):\(.token)\""' "$work/dana.git-token"; }
folder=acme/shared-blueprints
for path in /git/$folder/raw/branch/main/pages-$stamp/evil.html /git/$folder/raw/branch/main/pages-$stamp/evil.svg /git/$folder/src/branch/main/pages-$stamp /git/$folder/media/branch/main/pages-$stamp/evil.html \
    /git/$folder/render/branch/main/pages-$stamp/evil.html /git/api/v1/repos/$folder/raw/pages-$stamp/evil.html /git/api/v1/repos/$folder/media/pages-$stamp/evil.svg /git/$folder/archive/main.zip \
    /git/$folder.git/HEAD /git/$folder.git/objects/info/packs /git/user/login /git/ /git/explore/users /git/api/swagger /git/api/v1/version /git/assets/js/index.js /git/$folder/%72aw/branch/main/pages-$stamp/evil.html \
    //git/$folder/raw/branch/main/pages-$stamp/evil.html /git//$folder/raw/branch/main/pages-$stamp/evil.html "/git/$folder/info/refs?service=git-upload-pack&x=/../../raw" /git/$folder/info/refs/../../raw/branch/main/pages-$stamp/evil.html \
    /git/$folder/git-upload-pack/..%2f..%2f/shared-blueprints/raw/branch/main/pages-$stamp/evil.html /api/../git/$folder/raw/branch/main/pages-$stamp/evil.html /git/$folder/info/lfs/objects/batch; do
    check "the console's origin does not show $path" is_shown_nowhere "$path"
    check "nor to somebody with a token" is_shown_nowhere "$path" -K <(with_token)
done
header() { tr -d '\r' <"$work/head" | sed -n "s/^$1: //pI"; }
sandboxed() { # PATH
    status "$CATALYST_TEST_URL$1" >/dev/null
    [[ "$(header content-security-policy)" == *"default-src 'none'; sandbox"* ]] || { cat "$work/head"; return 1; }
    [[ "$(header x-content-type-options)" == *nosniff* ]] || { cat "$work/head"; return 1; }
}
check "whatever the Git server answers has no origin and runs nothing" sandboxed "/git/$folder/info/refs?service=git-upload-pack"
check "nor does what is refused there" sandboxed /git/$folder/raw/branch/main/evil.html
check "nor what a service answers" sandboxed /api/state/v1/me
check "nor what the hooks answer" sandboxed /hooks/gitea
console_headers() {
    status "$CATALYST_TEST_URL/" >/dev/null
    is "$(header cross-origin-opener-policy)" same-origin && [[ "$(header content-security-policy)" == *"script-src 'self'"* ]]
}
check "the console is alone among the windows of a browser" console_headers
worker_policy() { # a script that runs as a worker has the policy that it came with
    local script
    script=$(curl -fsS "$CATALYST_TEST_URL/" | grep -oE '/assets/[^"]+\.js' | head -n 1)
    status "$CATALYST_TEST_URL$script" >/dev/null
    [[ "$(header content-security-policy)" == *"connect-src 'self'"* ]]
}
check "so are its scripts' workers bound by its policy" worker_policy
check "the console's own screen of Git is the console" is "$(status "$CATALYST_TEST_URL/git") $(grep -c 'id="app"' "$work/said")" "200 1"
through_front_door() {
    rm -rf "$work/cloned"
    git_as dana clone -q "$CATALYST_TEST_URL/git/acme/shared-blueprints.git" "$work/cloned" && test -s "$work/cloned/pages-$stamp/evil.html" || return
    rm -rf "$work/cloned/pages-$stamp"
    push_as dana "$work/cloned" main "Take the pages away"
}
check "Git itself works through the front door, both ways" through_front_door
key='' call "$dana" DELETE "/git-tokens/test-dana-$stamp" >/dev/null
sum_up
