#!/usr/bin/env bash
# Whose secrets an Application gets: its own and those of its dependencies, whatever its ExternalSecrets ask for and whatever stores people bring. The same
# attacks, on acme's vcluster, against the stand-in and against External Secrets itself, which takes its place meanwhile. Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
site=guarded-$stamp     # with a database of its own, in dev and prod
other=foreign-$stamp    # a database of somebody else in the same Environments
namespace=$site-dev
path=org.acme.env.dev
neighbour=              # blue's Application
operator=               # pid of External Secrets

# What belongs to the instance is done in a shell of its own, as its names are its own.
instance() {
    (
        export CATALYST_INSTANCE_DIR=$CATALYST_TEST_INSTANCE_DIR CATALYST_BIN=$CATALYST_TEST_BIN
        # shellcheck source=tools/dev/sovereign.sh
        . "$root/tools/dev/sovereign.sh"
        set +e
        "$@"
    )
}
installer=(apply --server-side --force-conflicts --field-manager=catalyst-installer)
more_definitions=(external-secrets.io_pushsecrets generators.external-secrets.io_passwords generators.external-secrets.io_generatorstates)
# External Secrets' own form of what is there, and what of the rest stays within a namespace.
own_definitions() {
    local kind
    for kind in external-secrets.io_externalsecrets external-secrets.io_secretstores "${more_definitions[@]}"; do
        inner acme "${installer[@]}" -f "$crds/$kind.yaml" || return
    done
    within 20 inner acme get pushsecrets -A
}
usual_definitions() {
    local kind
    for kind in "${more_definitions[@]}"; do inner acme delete --ignore-not-found --timeout=30s -f "$crds/$kind.yaml"; done
    inner acme "${installer[@]}" -f "$root/tools/crds"
}
start_operator() {
    KUBECONFIG=$CATALYST_TEST_INSTANCE_DIR/clusters/$CATALYST_TEST_HOST_CLUSTER-acme/kc/admin.yaml \
        "$program" --metrics-addr="127.0.0.1:$(instance pick_port)" --enable-leader-election=false --concurrent=4 --store-requeue-interval=10s \
        --enable-cluster-store-reconciler=false --enable-cluster-external-secret-reconciler=false --enable-cluster-push-secret-reconciler=false \
        >"$work/operator.log" 2>&1 &
    operator=$!
}
stop_operator() {
    [ -n "$operator" ] || return 0
    kill "$operator"
    wait "$operator"
    operator=
} 2>/dev/null
put_back() {
    stop_operator
    restore_guards
    if [ -n "${crds:-}" ]; then usual_definitions; fi
    instance start_standins
} >/dev/null 2>&1
trap 'put_back; leave' EXIT

# --- what is where ---

stored() { host get secret "$2" -n "catalyst-secrets-$1" -o json | jq -cS .data; } # ORGANIZATION NAME
held() { inner acme get secret "$1" -n "$namespace" -o json | jq -cS .data; }       # NAME, by the Application
synced() { # EXTERNAL-SECRET STORED-NAME
    is "$(held "$1")" "$(stored acme "$2")"
}
# Every value that is not the Application's, one a line in base64.
foreign_values() {
    {
        host get secrets -n catalyst-secrets-acme -o json
        host get secrets -n catalyst-secrets-blue -o json
    } | jq -r --arg own "$path.$site." --arg database "$path.$site-postgres.db" \
        '.items[] | select((.metadata.name | startswith($own)) or .metadata.name == $database | not) | .data // {} | .[] | @base64d'
}
# None of them is in any Secret of the Application's namespace, as it is or inside something else.
got_nothing() {
    foreign_values | sort -u >"$work/foreign"
    [ "$(wc -l <"$work/foreign")" -ge 3 ] || { echo "there is nothing foreign to look for"; return 1; }
    inner acme get secrets -n "$namespace" -o json | jq -r '.items[] | .data // {} | .[] | @base64d' >"$work/held"
    ! grep -qFf "$work/foreign" "$work/held" || { inner acme get secrets -n "$namespace"; return 1; }
}
refused_by_server() { # EXTERNAL-SECRET: it says that it did not get it, and there is no Secret
    is "$(inner acme get externalsecret "$1" -n "$namespace" -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}')" False &&
        refuses inner acme get secret "$1" -n "$namespace"
}
is_plain() { # EXTERNAL-SECRET: what it says names no peer, account or address
    local said
    said=$(inner acme get externalsecret "$1" -n "$namespace" -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}')
    [ -n "$said" ] && ! grep -qE 'system:serviceaccount|127\.0\.0\.1|https?://' <<<"$said" || { echo "$said"; return 1; }
}

# --- ExternalSecrets that ask for what is not theirs ---

external_of() { # NAME SPEC
    jq -nc --arg name "$1" --arg namespace "$namespace" --argjson spec "$2" \
        '{apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", metadata: {name: $name, namespace: $namespace},
            spec: ({refreshInterval: "1h", secretStoreRef: {kind: "SecretStore", name: "catalyst"}} * $spec)}'
}
external() { external_of "$@" | inner acme apply -f -; } # NAME SPEC
whole() { jq -nc --arg key "$1" '{dataFrom: [{extract: {key: $key}}]}'; } # KEY
# One line each: a name, what it is in words, the spec.
attacks() {
    local foreign=$path.$other.db own=$path.$site.salts
    cat <<LINES
neighbour|a foreign Application's secret of the same Environment|$(whole "$foreign")
property|one value of it|{"data": [{"secretKey": "a", "remoteRef": {"key": "$foreign", "property": "password"}}]}
document|all of it as one value|{"data": [{"secretKey": "a", "remoteRef": {"key": "$foreign"}}]}
metadata|what is written beside it|{"dataFrom": [{"extract": {"key": "$foreign", "metadataPolicy": "Fetch"}}]}
prod|its own secret of another Environment|$(whole "org.acme.env.prod.$site.salts")
database|its dependency's secret of another Environment|$(whole "org.acme.env.prod.$site-postgres.db")
blue|another Organization's secret|$(whole "org.blue.env.prod.$neighbour.auth")
everything|whatever has a name|{"dataFrom": [{"find": {"name": {"regexp": ".*"}}}]}
tagged|whatever has a label|{"dataFrom": [{"find": {"tags": {"openova.io/organization": "acme"}}}]}
below|whatever is below a path|{"dataFrom": [{"find": {"path": "$path.$other", "name": {"regexp": ""}}}]}
upper|the path in capitals|$(whole "${foreign^^}")
slashes|the path with slashes|$(whole "${foreign//.//}")
dots|the path from its own|$(whole "$own/../$foreign")
parent|a path out of the namespace|$(whole "../../catalyst-secrets-blue/secrets/org.blue.env.prod.$neighbour.auth")
encoded|the path in an URL's encoding|$(whole "$own%2f..%2f$foreign")
percent|the path with encoded dots|$(whole "${foreign//./%2e}")
space|the path with a space behind it|$(whole "$foreign ")
query|the path with a query behind it|$(whole "$foreign?pretty=true")
star|any name|$(whole "*")
inside|a value of its own by the path of another|{"data": [{"secretKey": "a", "remoteRef": {"key": "$own", "property": "../$foreign"}}]}
target|a target in another namespace|$(jq -c --arg n "$other-dev/taken" '. + {target: {name: $n}}' <<<"$(whole "$foreign")")
merge|a Secret that is there already|$(jq -c '. + {target: {name: "catalyst-secrets", creationPolicy: "Merge"}}' <<<"$(whole "$foreign")")
template|a template that reads for itself|$(jq -c --arg n "$other-db" '. + {target: {template: {templateFrom: [{secret: {name: $n, items: [{key: "password"}]}}], data: {a: "{{ .password }}"}}}}' <<<"$(whole "$own")")
mixed|its own together with a foreign one|{"dataFrom": [{"extract": {"key": "$own"}}, {"extract": {"key": "$foreign"}}]}
cluster|a store of all namespaces|$(jq -c '. + {secretStoreRef: {kind: "ClusterSecretStore", name: "catalyst"}}' <<<"$(whole "$foreign")")
aside|a store of all namespaces, for one part|{"dataFrom": [{"extract": {"key": "$foreign"}, "sourceRef": {"storeRef": {"kind": "ClusterSecretStore", "name": "catalyst"}}}]}
away|a store that brings its own rights, of another namespace|$(jq -c '. + {secretStoreRef: {kind: "SecretStore", name: "away"}}' <<<"$(whole "org.blue.env.prod.$neighbour.auth")")
control|a store of the control plane's own namespace|$(jq -c '. + {secretStoreRef: {kind: "SecretStore", name: "control"}}' <<<"$(whole "organization-acme")")
nowhere|a store without a namespace|$(jq -c '. + {secretStoreRef: {kind: "SecretStore", name: "nowhere"}}' <<<"$(whole "$foreign")")
account|a store that signs in with an account of the Application|$(jq -c '. + {secretStoreRef: {kind: "SecretStore", name: "account"}}' <<<"$(whole "$foreign")")
borrowed|a store that takes a credential from another namespace|$(jq -c '. + {secretStoreRef: {kind: "SecretStore", name: "borrowed"}}' <<<"$(whole "$foreign")")
brought|a store with a kubeconfig of its own|$(jq -c '. + {secretStoreRef: {kind: "SecretStore", name: "brought"}}' <<<"$(whole "$foreign")")
inward|a store on the vcluster's own API server|$(jq -c '. + {secretStoreRef: {kind: "SecretStore", name: "inward"}}' <<<"$(whole "catalyst-secrets")")
LINES
}
# Stores that people cannot bring; here they are there all the same.
foreign_stores() {
    local server authority inner_server inner_authority token kubeconfig=$CATALYST_TEST_INSTANCE_DIR/clusters/$CATALYST_TEST_HOST_CLUSTER-acme/kc/admin.yaml
    server=$(inner acme get secretstore catalyst -n "$namespace" -o jsonpath='{.spec.provider.kubernetes.server.url}')
    authority=$(inner acme get secretstore catalyst -n "$namespace" -o jsonpath='{.spec.provider.kubernetes.server.caBundle}')
    inner_server=$(sed -n 's/.*server: *"\([^"]*\)".*/\1/p' "$kubeconfig")
    inner_authority=$(sed -n 's/.*certificate-authority-data: *"\{0,1\}\([A-Za-z0-9+\/=]*\).*/\1/p' "$kubeconfig")
    token=$(inner acme create token default -n "$namespace")
    inner acme create secret generic brought -n "$namespace" --dry-run=client -o json --from-literal=config="$(jq -nc --arg s "$server" --arg a "$authority" --arg t "$token" \
        '{apiVersion: "v1", kind: "Config", "current-context": "c", clusters: [{name: "c", cluster: {server: $s, "certificate-authority-data": $a}}],
            users: [{name: "c", user: {token: $t}}], contexts: [{name: "c", context: {cluster: "c", user: "c"}}]}')" | inner acme apply -f - || return
    cat <<YAML | inner acme apply -n "$namespace" -f -
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: away}
spec: {provider: {kubernetes: {remoteNamespace: catalyst-secrets-blue, server: {url: "$server", caBundle: "$authority"}, auth: {token: {bearerToken: {name: catalyst-secrets, key: token}}}}}}
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: control}
spec: {provider: {kubernetes: {remoteNamespace: catalyst-environment-controller, server: {url: "$server", caBundle: "$authority"}, auth: {token: {bearerToken: {name: catalyst-secrets, key: token}}}}}}
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: nowhere}
spec: {provider: {kubernetes: {server: {url: "$server", caBundle: "$authority"}, auth: {token: {bearerToken: {name: catalyst-secrets, key: token}}}}}}
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: account}
spec: {provider: {kubernetes: {remoteNamespace: catalyst-secrets-acme, server: {url: "$server", caBundle: "$authority"}, auth: {serviceAccount: {name: default}}}}}
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: borrowed}
spec: {provider: {kubernetes: {remoteNamespace: catalyst-secrets-acme, server: {url: "$server", caBundle: "$authority"}, auth: {token: {bearerToken: {name: catalyst-secrets, namespace: $other-dev, key: token}}}}}}
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: brought}
spec: {provider: {kubernetes: {remoteNamespace: catalyst-secrets-acme, authRef: {name: brought, key: config}}}}
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: inward}
spec: {provider: {kubernetes: {remoteNamespace: $other-dev, server: {url: "$inner_server", caBundle: "$inner_authority"}, auth: {token: {bearerToken: {name: catalyst-secrets, key: token}}}}}}
YAML
}
# The vcluster's admission keeps people from bringing such stores, and is lifted while they are made: what reads secrets has to hold without it.
lift_guards() {
    inner acme get validatingadmissionpolicybindings -o json |
        jq 'del(.items[].metadata | .uid, .resourceVersion, .creationTimestamp, .generation, .managedFields)' >"$work/guards" &&
        inner acme delete validatingadmissionpolicybindings --all --timeout=20s
}
restore_guards() {
    [ -s "$work/guards" ] || return 0
    if [ "$(jq '.items | length' "$work/guards")" != 0 ]; then inner acme apply --server-side --force-conflicts --field-manager=catalyst-environment-controller -f "$work/guards"; fi
    rm -f "$work/guards"
}
bring_stores() {
    lift_guards && within 30 foreign_stores
    local code=$?
    restore_guards
    return $code
}

# --- what both have to do ---

ask() { # WHO: makes every ExternalSecret that attacks
    local name words spec
    while IFS='|' read -r name words spec; do external_of "$name-$1" "$spec"; done <"$work/attacks" | inner acme apply -f -
    inner acme get externalsecrets -n "$namespace" -o name | sed 's|.*/||' >"$work/made-$1"
}
push_secret() { # WHO: writing instead of reading
    jq -nc --arg who "$1" --arg namespace "$namespace" --arg key "$path.$other.db" --arg own "$path.$site.salts" \
        '{apiVersion: "external-secrets.io/v1alpha1", kind: "PushSecret", metadata: {name: "push-\($who)", namespace: $namespace},
            spec: {refreshInterval: "5s", secretStoreRefs: [{kind: "SecretStore", name: "catalyst"}], selector: {secret: {name: "own-\($who)"}},
                data: [$key, $own, "org.acme.env.dev.made.up" | {match: {secretKey: "auth-key", remoteRef: {remoteKey: ., property: "password"}}}]}}' | inner acme apply -f -
}
generate() { # WHO: values out of nothing
    jq -nc --arg who "$1" --arg namespace "$namespace" \
        '{apiVersion: "generators.external-secrets.io/v1alpha1", kind: "Password", metadata: {name: "made-\($who)", namespace: $namespace}, spec: {length: 20, noUpper: false, allowRepeat: true}}' | inner acme apply -f - &&
        external "generated-$1" "{\"secretStoreRef\": null, \"dataFrom\": [{\"sourceRef\": {\"generatorRef\": {\"apiVersion\": \"generators.external-secrets.io/v1alpha1\", \"kind\": \"Password\", \"name\": \"made-$1\"}}}]}"
}
holds() { # WHO
    local name words spec before
    before=$(host get secrets -n catalyst-secrets-acme -o json | jq -cS '[.items[] | [.metadata.name, .data]]' | sha256sum)
    check "$1: its own secret is asked for" external "own-$1" "$(whole "$path.$site.salts")"
    check "$1: and one value of its database's" external "dependency-$1" \
        "{\"data\": [{\"secretKey\": \"password\", \"remoteRef\": {\"key\": \"$path.$site-postgres.db\", \"property\": \"password\"}}]}"
    check "$1: it gets its own" within 60 synced "own-$1" "$path.$site.salts"
    check "$1: it gets its dependency's" within 30 synced "dependency-$1" "$path.$site-postgres.db"
    inner acme delete secret "own-$1" -n "$namespace" >/dev/null
    ask "$1" >/dev/null 2>&1
    push_secret "$1" >/dev/null 2>&1
    generate "$1" >/dev/null 2>&1
    while IFS='|' read -r name words spec; do
        if ! grep -qx "$name-$1" "$work/made-$1"; then
            check "$1: refused when it is made: $words" refuses inner acme get externalsecret "$name-$1" -n "$namespace"
        elif [ "$name-$1" = cluster-operator ] || [ "$name-$1" = aside-operator ]; then
            # It is told not to look at such stores, and the vcluster does not know their kind: it says nothing on the object.
            check "$1: not served: $words" refuses inner acme get secret "$name-$1" -n "$namespace"
        else
            check "$1: refused: $words" within 60 refused_by_server "$name-$1"
        fi
    done <"$work/attacks"
    check "$1: a Secret that was deleted comes back" within 60 synced "own-$1" "$path.$site.salts"
    sleep 3
    check "$1: nothing of others is in the Application's namespace" got_nothing
    check "$1: nothing was written into the store" is \
        "$(host get secrets -n catalyst-secrets-acme -o json | jq -cS '[.items[] | [.metadata.name, .data]]' | sha256sum)" "$before"
    check "$1: nothing came into another namespace" refuses inner acme get secret taken -n "$other-dev"
    check "$1: what the Application asked for is still right" synced "own-$1" "$path.$site.salts"
    check "$1: and what it came with" synced "$site-salts" "$path.$site.salts"
    inner acme delete externalsecrets -n "$namespace" -l '!openova.io/application' --timeout=30s >/dev/null
    inner acme delete pushsecrets.external-secrets.io --all -n "$namespace" --timeout=30s >/dev/null 2>&1
}

# --- the run ---

admin=$(sign_in ACME_ORG_ADMIN)
bella=$(sign_in BLUE_ORG_ADMIN)
developer=$(sign_in ACME_ORG_DEVELOPER)
neighbour=guest-$stamp
check "acme installs an Application with a database, and another database, in dev and prod, and blue has a secret too" at_once \
    "admin $(install "$site" bp-wordpress '["acme-dev","acme-prod"]' '{"title": "Guarded", "database": "postgres"}')" \
    "admin $(install "$other" bp-postgres '["acme-dev","acme-prod"]' '{}')" "bella $(install "$neighbour" bp-valkey '["blue-prod"]' '{}')"
attacks >"$work/attacks"
check "the Application runs with its own secret and its database's" eval \
    'within 30 synced "$site-salts" "$path.$site.salts" && within 30 synced "$site-db" "$path.$site-postgres.db"'
check "it says that it may read them" within 20 eval \
    'is "$(host get application.catalyst.openova.io "$site" -n acme -o jsonpath="{.status.conditions[?(@.type==\"SecretsReady\")].status}")" True'

# --- the identity ---

account=system:serviceaccount:catalyst-secrets-acme:$namespace
may() { is "$(host auth can-i "$1" "$2" -n "${3:-catalyst-secrets-acme}" --as="$account" --as-group=system:serviceaccounts --as-group=system:authenticated 2>/dev/null)" "${4:-no}"; }
check "its store's identity may get its own secret" may get "secrets/$path.$site.salts" catalyst-secrets-acme yes
check "and its database's" may get "secrets/$path.$site-postgres.db" catalyst-secrets-acme yes
check "not another Application's" may get "secrets/$path.$other.db"
check "not its own of prod" may get "secrets/org.acme.env.prod.$site.salts"
check "not all of them" may get secrets
check "it may not list" may list secrets
check "nor watch" may watch secrets
check "nor change what it may get" may update "secrets/$path.$site.salts"
check "nor make one" may create secrets
check "nor make tokens" may create serviceaccounts/token
check "nor read another Organization's" may get "secrets/org.blue.env.prod.$neighbour.auth" catalyst-secrets-blue
check "nor the control plane's" may get secrets/organization-acme catalyst-environment-controller
claims() { inner acme get secret catalyst-secrets -n "$namespace" -o jsonpath='{.data.token}' | base64 -d | jq -R 'split(".")[1] | gsub("-"; "+") | gsub("_"; "/") | . + "===" | @base64d | fromjson'; }
check "its token is that identity's" is "$(claims | jq -r .sub)" "$account"
check "and ends within a day" eval 'claims | jq -e ".exp - now > 43200 and .exp - now <= 86400"'
check "environment-controller makes tokens for stores alone" refuses host create token default -n kube-system \
    --as=system:serviceaccount:catalyst-environment-controller:environment-controller

# --- a commit is no grant ---

declares() { # DEPENDENCIES: as catalyst.yaml's, pushed by a developer
    clone_as adam "acme/$site" develop || return
    awk -v new="$1" '/^  dependencies:/ { print "  dependencies: " new; skips = 1; next } skips && /^    / { next } { skips = 0; print }' \
        "$work/$site/catalyst.yaml" >"$work/catalyst.yaml" && mv "$work/catalyst.yaml" "$work/$site/catalyst.yaml" &&
        push_as adam "$work/$site" develop "Depend on others"
}
git_token "$developer" adam >/dev/null
granted() { host get role "$namespace" -n catalyst-secrets-acme -o json | jq -r '.rules[].resourceNames[]'; }
has_grants() { is "$(granted | sort | tr '\n' ' ')" "$(printf '%s\n' "$path.$site" "$path.$site.salts" "$@" | sort | tr '\n' ' ')"; }
check "it may read three names, and no rule is without names" has_grants "$path.$site-postgres.db"
names_other_in_environment() {
    clone_as adam "acme/$site" develop && sed -i "s/org\.acme\.env\.dev\.$site-postgres\.db/$path.$other.db/; s/org\.acme\.env\.dev\.$site\.salts/org.acme.env.prod.$site.salts/" \
        "$work/$site/overlays/dev/environment.yaml" && push_as adam "$work/$site" develop "Ask for more"
}
check "a developer writes others' paths into environment.yaml" names_other_in_environment
asks_for() { is "$(inner acme get externalsecret "$1" -n "$namespace" -o jsonpath='{.spec.dataFrom[0].extract.key}')" "$2"; }
check "Flux applies it" within 60 asks_for "$site-db" "$path.$other.db"
check "the grants stay" has_grants "$path.$site-postgres.db"
check "it says that it did not get it" within 30 eval \
    'is "$(inner acme get externalsecret "$site-db" -n "$namespace" -o jsonpath="{.status.conditions[?(@.type==\"Ready\")].status}")" False'
check "in words" is_plain "$site-db"
check "nothing of others came" got_nothing
check "a developer names somebody else's database under an alias that the Blueprint does not have" declares "{db: {application: $site-postgres}, more: {application: $other}}"
check "which grants nothing, and is said" within 60 eval \
    'host get application.catalyst.openova.io "$site" -n acme -o jsonpath="{.status.conditions[?(@.type==\"SecretsReady\")].message}" | grep -F "does not depend on"'
check "the grants are as before" has_grants "$path.$site-postgres.db"
check "the repository is put right" eval 'git_as adam -C "$work/$site" revert --no-edit HEAD HEAD~1 && git_as adam -C "$work/$site" push -q origin HEAD:develop'
check "and its secrets come again" within 60 eval 'synced "$site-db" "$path.$site-postgres.db" && asks_for "$site-db" "$path.$site-postgres.db"'

# --- both ---

check "External Secrets is built" "$root/tools/dev/peers.sh" external-secrets
program=$(instance peer external-secrets)
crds=$(instance external_secrets_definitions)
check "its own definitions take the place of what is there" own_definitions
check "stores that people cannot bring are there all the same" bring_stores
holds stand-in
check "the stand-in stops" instance stop_process secrets-standin
check "External Secrets takes its place" start_operator
holds operator
check "External Secrets did not end" kill -0 "$operator"

# --- it goes ---

stop_operator
instance start_standins
check "the Application leaves prod and dev" at_once "admin $(uninstall "$site")" "bella $(uninstall "$neighbour")"
check "its identities are gone" within 60 eval '[ -z "$(host get serviceaccounts,roles,rolebindings -n catalyst-secrets-acme -l "openova.io/application=$site" -o name)" ]'
at_once "admin $(uninstall "$other")" "admin $(uninstall "$site-postgres")" >/dev/null
sum_up
