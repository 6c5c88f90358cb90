#!/usr/bin/env bash
# What each service of Catalyst is granted and what it uses are the same: measured by the peers' own records while people install, change and remove an
# Application and every service starts anew. Writes the table to docs/least-privilege.md when CATALYST_TEST_WRITE_DOCS is set, else compares what is granted with it.
# Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
instance=$CATALYST_TEST_INSTANCE_DIR
keys=$instance/secrets/nats
app=least-$stamp
date +%s >"$work/began"

# --- who hears everything ---

mkdir -m 700 "$work/keys"
cp "$keys"/{CATALYST,SYS}.{seed,pub} "$work/keys/"
secret_of() { host get secret organization-acme -n catalyst-environment-controller -o json | jq -r ".data[\"$1\"] | @base64d"; }
(umask 077 && secret_of account-seed >"$work/keys/acme.seed")
overhear() { # ACCOUNT NAME
    "$CATALYST_TEST_BIN/catalyst-keys" user "$work/keys" "$1" "watcher-$1" --everything --life 7200 &&
        node "$root/tests/security/overhear.mjs" "$CATALYST_TEST_SPINE_URL" "$work/keys/watcher-$1.creds" "$2" >"$work/overheard-$1" 2>"$work/error-$1" &
    listeners+=($!)
}
overhear CATALYST CATALYST
overhear SYS SYS
overhear acme '{org}'
sleep 2
check "somebody listens in each kind of account" test ! -s "$work/error-CATALYST" -a ! -s "$work/error-SYS" -a ! -s "$work/error-acme"

# --- a day ---

every_service() { # DOES: as ./dev up does it
    local service
    for service in "${SERVICES[@]}"; do "$1" "$service"; done
}
check "every service stops" in_instance every_service stop_replicas
check "and starts anew" in_instance every_service start_replicas
check "and is ready" in_instance services_ready
admin=$(sign_in ACME_ORG_ADMIN)
check "an Application is installed" within 60 carry_out "$admin" "$(install "$app" bp-wordpress '["acme-dev"]' '{"title": "Least"}' '{"db": {"use": "new"}}')"
check "changed" carry_out "$admin" "$(configure "$app" '{"title": "Changed"}')"
token() { call "$admin" POST /git-tokens "{\"name\": \"least-$stamp\"}" | jq -e .token && call "$admin" GET /git-tokens | jq -e .items && call "$admin" DELETE "/git-tokens/least-$stamp"; }
check "a token for Git is made and removed" token
check "somebody pushes" eval 'clone "acme/$app" develop && echo "a: b" >"$work/$app/note.yaml" && git_as_admin -C "$work/$app" add -A && git_as_admin -C "$work/$app" commit -qm Note && git_as_admin -C "$work/$app" push -q origin develop'
listen day "$admin" "$CATALYST_TEST_PROJECTOR_1_URL" environments=acme-dev
refused_write() { call "$admin" POST /plans '{}' | jq -e '.status >= 400'; }
check "a write is refused" refused_write
check "removed" carry_out "$admin" "$(uninstall "$app")"
pod_changes() { inner acme get pods -A -o name >"$work/pods" && test -s "$work/pods"; }
check "there are pods to meter" pod_changes

# --- the peers' records ---

records() {
    cat "$work"/overheard-* >"$work/overheard"
    "$CATALYST_TEST_BIN/catalyst-keys" rights >"$work/rights"
    host get clusterroles,clusterrolebindings,roles,rolebindings -A -o json >"$work/roles"
    cat "$instance"/clusters/"$CATALYST_TEST_HOST_CLUSTER"/audit*.log >"$work/audit"
    local file name
    for file in "$instance"/secrets/gitea-*.scopes; do
        name=${file##*/gitea-}
        echo "${name%.scopes} $(cat "$file")"
    done >"$work/scopes"
    cat "$instance"/gitea/log/access.log* >"$work/access" 2>/dev/null
    test -s "$work/audit" -a -s "$work/access"
}
compare() { node "$root/tests/security/least-privilege.mjs" "$work" "$work/table.md"; }
measured() { records && compare; }
check "the API server and Gitea kept who asked for what" records
# What is used once in a minute comes with the sweeps of projector and billing and the informers' checks. The table that people read says all of it.
[ -z "${CATALYST_TEST_WRITE_DOCS:-}" ] || sleep 70
check "what is granted and what is used are the same" within 90 measured
hang_up
compare | tail -n 40
granted() { grep '^| ' "$1" | cut -d'|' -f2,3 | sort; }
if [ -n "${CATALYST_TEST_WRITE_DOCS:-}" ]; then cp "$work/table.md" "$root/docs/least-privilege.md"; fi
check "docs/least-privilege.md says what is granted" is "$(granted "$work/table.md")" "$(granted "$root/docs/least-privilege.md")"
sum_up
