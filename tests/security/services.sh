#!/usr/bin/env bash
# A service of Catalyst that was taken over gets its own duty's rights and no other's: on the spine with its own credentials, on the management cluster
# with its own ServiceAccount, in Git with its own token; and what it could forge in another's store is not carried out. Needs the environment file of ./dev up.
# Subjects of the spine begin with a dollar.
# shellcheck disable=SC2016
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
keys=$CATALYST_TEST_INSTANCE_DIR/secrets/nats
app=sealed-$stamp

spine() { node "$root/tests/integration/spine.mjs" "$CATALYST_TEST_SPINE_URL" "$@"; } # CREDENTIALS request|listen …
own() { echo "$keys/$1.creds"; }
of_organization() { # SERVICE ORGANIZATION: a file with its credentials
    local file=$work/$1-$2.creds
    [ -s "$file" ] || (umask 077 && host get secret "nats-$2" -n "catalyst-$1" -o jsonpath='{.data.creds}' | base64 -d >"$file")
    echo "$file"
}
permitted() { spine "$1" request "$2" "${3:-}" | grep -v "Permissions Violation"; }
violates() { spine "$1" may-not-publish "${@:2}"; } # CREDENTIALS SUBJECTS...: the server permits none of them
deaf() { spine "$1" may-not-hear "${@:2}"; }        # CREDENTIALS SUBJECTS...: nor to listen to any of these

admin=$(sign_in ACME_ORG_ADMIN)

# --- the spine, account CATALYST ---

check "a service still may what its duty asks" permitted "$(own provisioning)" '$JS.API.STREAM.INFO.KV_catalyst-plans'
check "billing cannot write plans, operations or work" violates "$(own billing)" '$KV.catalyst-plans.work.x' '$KV.catalyst-plans.operation.x' '$KV.catalyst-plans.x'
check "nor give provisioning a command, under any name" violates "$(own billing)" catalyst.command.provisioning.carry-out catalyst.command.provisioning.x catalyst.command.environment-controller.x
check "nor audit anything, as itself or as another" violates "$(own billing)" catalyst.audit.acme.billing catalyst.audit._.provisioning
check "nor speak for another service" violates "$(own billing)" catalyst.provisioning.acme.operation catalyst.environment-controller.acme.organization catalyst.projector.acme.push
check "nor write rows, Blueprints, the catalog, epochs or who belongs where" violates "$(own billing)" '$KV.catalyst-state.organization._.acme' \
    '$KV.catalyst-blueprints.catalog.bp-x.1' '$KV.catalyst-catalog.x' '$KV.catalyst-informers.x' '$KV.catalyst-people.x'
check "nor take another's lease" violates "$(own billing)" '$KV.catalyst-leases.projector.key.acme'
reads=('$JS.API.STREAM.MSG.GET.KV_catalyst-plans' '$JS.API.DIRECT.GET.KV_catalyst-plans' '$JS.API.DIRECT.GET.KV_catalyst-plans.$KV.catalyst-plans.x'
    '$JS.API.CONSUMER.CREATE.KV_catalyst-plans' '$JS.API.CONSUMER.CREATE.KV_catalyst-plans.c' '$JS.API.CONSUMER.CREATE.KV_catalyst-plans.c.$KV.catalyst-plans.>'
    '$JS.API.CONSUMER.DURABLE.CREATE.KV_catalyst-plans.c' '$JS.API.STREAM.SNAPSHOT.KV_catalyst-plans' '$JS.API.STREAM.INFO.KV_catalyst-plans')
for one in $(services | grep -vxE "environment-controller|provisioning"); do
    check "$one cannot read plans, by any call" violates "$(own $one)" "${reads[@]}"
    check "nor take operations from provisioning's queue" violates "$(own $one)" '$JS.API.CONSUMER.MSG.NEXT.provisioning-work.workers' \
        '$JS.API.CONSUMER.CREATE.provisioning-work.workers' '$JS.ACK.provisioning-work.workers.1.1.1.1.1' '$JS.API.CONSUMER.DELETE.provisioning-work.workers'
    check "nor read the audit" violates "$(own $one)" '$JS.API.STREAM.MSG.GET.catalyst-audit' '$JS.API.CONSUMER.CREATE.catalyst-audit.c'
done
for one in $(services | grep -vx environment-controller); do
    check "$one cannot make, change, empty or delete a stream" violates "$(own $one)" '$JS.API.STREAM.CREATE.mine' '$JS.API.STREAM.UPDATE.catalyst-audit' \
        '$JS.API.STREAM.PURGE.KV_catalyst-state' '$JS.API.STREAM.DELETE.billing-ledger' '$JS.API.STREAM.MSG.DELETE.catalyst-audit' '$JS.API.STREAM.RESTORE.mine'
    check "nor list streams or consumers, whose names are nobody's to know" violates "$(own $one)" '$JS.API.STREAM.NAMES' '$JS.API.STREAM.LIST' \
        '$JS.API.CONSUMER.NAMES.catalyst-events' '$JS.API.CONSUMER.LIST.KV_catalyst-blueprints'
    check "nor hear anything but answers to itself" deaf "$(own $one)" '>' '_INBOX.>' '_INBOX.environment-controller.>' 'catalyst.>' '$KV.>' '$JS.>'
    check "nor ask the server about accounts" violates "$(own $one)" '$SYS.REQ.CLAIMS.UPDATE' '$SYS.REQ.SERVER.PING'
done
check "even who makes streams cannot empty or delete one of the control plane" violates "$(own environment-controller)" '$JS.API.STREAM.PURGE.catalyst-audit' \
    '$JS.API.STREAM.DELETE.catalyst-audit' '$JS.API.STREAM.MSG.DELETE.catalyst-audit'
check "the user of the system's account may look up and change accounts" permitted "$keys/system.creds" \
    "\$SYS.REQ.ACCOUNT.$(cat "$keys/CATALYST.pub").CLAIMS.LOOKUP"
check "and cannot list, delete or stop anything there" violates "$keys/system.creds" '$SYS.REQ.CLAIMS.DELETE' '$SYS.REQ.CLAIMS.LIST' '$SYS.REQ.SERVER.PING.CONNZ' '$SYS.REQ.SERVER.PING'

# --- the spine, an Organization's account ---

check "billing cannot write an event into an Environment, whichever kind" violates "$(of_organization billing acme)" ws.acme-dev.k8s.pod.x.y ws.acme-dev.git.x \
    ws.acme-dev.flux.x ws.acme-dev.operation.x ws.acme-dev.sync.x dead-letter.acme-dev
check "nor a row" violates "$(of_organization billing acme)" '$KV.ws-acme-dev-state.pod.x.y' '$KV.ws-acme-dev-state._fold'
check "provisioning tells of operations and of nothing else" violates "$(of_organization provisioning acme)" ws.acme-dev.k8s.pod.x.y ws.acme-dev.git.x ws.acme-dev.sync.x \
    '$KV.ws-acme-dev-state.application._.x'
check "projector cannot say what an informer says" violates "$(of_organization projector acme)" ws.acme-dev.k8s.pod.x.y ws.acme-dev.operation.x ws.acme-dev.crossplane.x.y.z
for one in billing provisioning projector; do
    check "$one cannot make or remove an Environment's streams" violates "$(of_organization $one acme)" '$JS.API.STREAM.CREATE.ws-acme-x' '$JS.API.STREAM.DELETE.ws-acme-dev' \
        '$JS.API.STREAM.PURGE.ws-acme-dev' '$JS.API.STREAM.UPDATE.KV_ws-acme-dev-state'
    check "nor hear what is not an answer to it" deaf "$(of_organization $one acme)" '>' 'ws.>' '_INBOX.>' '_INBOX.environment-controller.>'
done

# --- users end ---

claims() { awk '/BEGIN NATS USER JWT/ {getline; print}' "$1" | cut -d. -f2 | tr '_-' '/+' | awk '{ while (length($0) % 4) $0 = $0 "="; print }' | base64 -d; }
ends() { claims "$1" | jq -e '(.exp - now) > 0 and (.exp - .iat) <= 90 * 86400'; } # CREDENTIALS
for one in $(services); do
    check "$one's user ends, and is renewed long before" ends "$(own $one)"
done
for one in environment-controller projector provisioning billing; do check "so does $one's in an Organization's account" ends "$(of_organization $one acme)"; done
brief() { # a user of billing that lives for eight seconds
    mkdir -p "$work/keys" && cp "$keys"/CATALYST.{seed,pub} "$work/keys/" && "$CATALYST_TEST_BIN/catalyst-keys" user "$work/keys" CATALYST billing --life 8
}
check "a user that lives for eight seconds" eval 'brief && permitted "$work/keys/billing.creds" "\$JS.API.STREAM.INFO.billing-ledger"'
renewed() { # environment-controller makes the Secret anew when its time is over
    local before
    before=$(host get secret nats-blue -n catalyst-billing -o jsonpath='{.data.creds}')
    host annotate secret nats-blue -n catalyst-billing --overwrite openova.io/nats-renew-at=2020-01-01T00:00:00Z >/dev/null
    host annotate organization.catalyst.openova.io blue --overwrite "example.org/look=$stamp" >/dev/null
    within 60 changed "$before"
}
changed() { [ "$(host get secret nats-blue -n catalyst-billing -o jsonpath='{.data.creds}')" != "$1" ]; }
check "an Organization's credentials are renewed when their time is over" renewed
of_another() {
    host annotate secret nats-blue -n catalyst-billing --overwrite openova.io/nats-account=AAAA >/dev/null
    host annotate organization.catalyst.openova.io blue --overwrite "example.org/look=again-$stamp" >/dev/null
    within 60 of_its_own
}
of_its_own() { [ "$(host get secret nats-blue -n catalyst-billing -o jsonpath='{.metadata.annotations.openova\.io/nats-account}')" != AAAA ]; }
check "and a set of another account is replaced" of_another
check "the user of eight seconds is refused after them" within 20 refuses permitted "$work/keys/billing.creds" '$JS.API.STREAM.INFO.billing-ledger'

# --- what is carried out is what was signed ---

everything() { spine "$keys/test.creds" request "$@"; } # as whoever could write there: what the store says is not believed alone
stored() { everything '$JS.API.STREAM.MSG.GET.KV_catalyst-plans' "{\"last_by_subj\": \"\$KV.catalyst-plans.$1\"}" | jq -r '.message.data' | base64 -d; } # KEY
operation_says() { call "$admin" GET "/operations/$id" | jq -e "$1"; }
# A plan that was made and applied, then changed in the store before its work is done: the queue is told of it again by its ticket.
forge() { # KEY JQ-EXPRESSION
    stored "$1" | jq -c "$2" >"$work/forged" && everything "\$KV.catalyst-plans.$1" "$(cat "$work/forged")" | jq -e .seq
}
requeue() { everything "catalyst.command.provisioning.$1" "{\"operation\": \"$1\", \"ticket\": $2}" | jq -e .seq; }
audited() { # OPERATION
    everything '$JS.API.STREAM.MSG.GET.catalyst-audit' '{"last_by_subj": "catalyst.audit.acme.provisioning"}' | jq -r '.message.data' | base64 -d |
        jq -e --arg o "$1" '.data.what == "operation.forged" and .data.operation == $o'
}
check "acme has an Application" carry_out "$admin" "$(install "$app" bp-podinfo '["acme-dev"]' '{}')"
first=$(jq -r .id "$work/plan")
check "what is stored of it bears a seal" eval 'stored "work.$first" | jq -e ".seal and .plan.signature"'
never=$(printf '01forged%018d' "$stamp")
copied() { # another operation, made up from a real one
    stored "operation.$first" | jq -c --arg id "$never" '.operation = $id | .status = "Pending" | .steps[].status = "Pending" | .organization = "blue"' >"$work/made-up"
    everything "\$KV.catalyst-plans.operation.$never" "$(cat "$work/made-up")" | jq -e .seq
    everything "\$KV.catalyst-plans.work.$never" "$(stored "work.$first")" | jq -e .seq && requeue "$never" 1
}
refused_somewhere() { # the log of provisioning says it
    log_of provisioning | grep "$1" >/dev/null
}
check "an operation that somebody made up in the store" copied
check "is refused, and audited" within 30 refused_somewhere "operation\.$never is not what Catalyst wrote there"
check "and nothing of it appears in the other Organization" refuses gitea GET "/repos/blue/$app"
kept=$(raw "acme/$app" develop values.yaml)
rewound() { # a finished operation whose work was changed, put back to its beginning
    forge "operation.$first" '.status = "Pending" | .steps[].status = "Pending"' && requeue "$first" "$(stored "operation.$first" | jq .ticket)"
}
check "an operation that was put back to its beginning" rewound
check "is refused too" within 30 refused_somewhere "operation\.$first is not what Catalyst wrote there"
check "and its repository is untouched" is "$(raw "acme/$app" develop values.yaml)" "$kept"
# The worker may be faster than the forger: then it is the finished operation's work that is changed, and nothing happens.
held() { begin "$admin" "$(configure "$app" "{\"message\": \"held-$RANDOM\"}")" && forge "work.$id" '.principal.user = "bella" | .plan.files[0].path = "../../x"'; }
held_at_last() {
    for _ in 1 2 3 4 5; do held && return; done
    return 1
}
check "work that is changed while it waits" held_at_last
ended() { call "$admin" GET "/operations/$id" | jq -e '.status == "Succeeded" or (.status == "Failed" and (.message | test("not what Catalyst wrote|not the one that was signed")))'; }
check "is not done as it was changed: it was done before, or fails and says why" within 60 ended
check "no commit of it names the other person" refuses eval 'gitea GET "/repos/acme/$app/commits?sha=develop&limit=10" | jq -r ".[].commit.message" | grep -q "Requested-by: bella"'
key_moved() { everything "\$KV.catalyst-plans.$id" "$(stored "$first")" | jq -e .seq; }
check "a plan that was put in another's place" eval 'call "$admin" POST /plans "$(configure "$app" "{\"message\": \"moved\"}")" >"$work/plan" && id=$(jq -r .id "$work/plan") && key_moved'
check "cannot be applied" eval 'said=$(call "$admin" POST "/plans/$id/apply" "{\"hash\": $(stored "$first" | jq .hash)}") && [ "$(jq -r .status <<<"$said")" -ge 400 ]'

# --- the management cluster ---

as() { # SERVICE kubectl's arguments...
    "$CATALYST_TEST_KUBECTL" --kubeconfig="$CATALYST_TEST_INSTANCE_DIR/kubeconfigs/$1.yaml" --request-timeout=20s "${@:2}"
}
may() { [ "$(as "$1" auth can-i "${@:2}" 2>/dev/null)" = yes ]; }
for one in $(services | grep -vx environment-controller); do
    check "$one cannot read environment-controller's Secrets" refuses as $one get secret nats-operator -n catalyst-environment-controller
    check "nor an Organization's keys" refuses as $one get secret organization-acme -n catalyst-environment-controller
    check "nor list Secrets anywhere, not even at home" refuses eval "may $one list secrets -A || may $one list secrets -n catalyst-$one || may $one watch secrets -A"
    check "nor read the administrator's kubeconfig of a vcluster" refuses as $one get secret "vc-$CATALYST_TEST_HOST_CLUSTER-acme" -n acme
    check "nor make namespaces, roles, accounts, tokens or webhooks" refuses eval "may $one create namespaces || may $one create clusterrolebindings || may $one create rolebindings -n acme ||
        may $one create serviceaccounts --subresource=token -n flux-system || may $one create validatingwebhookconfigurations || may $one impersonate users"
    check "nor change another service's Secrets" refuses eval "may $one patch secrets -n catalyst-environment-controller || may $one create secrets -n flux-system || may $one patch secrets -n acme"
done
check "provisioning makes secret values of an Organization" may provisioning create secrets -n catalyst-secrets-acme
check "and cannot list or delete them" refuses eval 'may provisioning list secrets -n catalyst-secrets-acme || may provisioning delete secrets -n catalyst-secrets-acme'
check "nor make any elsewhere" refuses eval 'may provisioning create secrets -n acme || may provisioning create secrets -n default || may provisioning create secrets -n kube-system'
check "catalog-svc may read nothing at all" refuses eval 'may catalog-svc get blueprints.catalyst.openova.io || may catalog-svc get secrets -n catalyst-catalog-svc'
check "projector asks the host's Flux to look at catalyst-config" may projector patch gitrepositories.source.toolkit.fluxcd.io/catalyst-config -n flux-system
check "and at nothing else" refuses may projector patch gitrepositories.source.toolkit.fluxcd.io/another -n flux-system

# What projector holds of a vcluster.
vcluster() { # kubectl's arguments...
    "$CATALYST_TEST_KUBECTL" --kubeconfig="$work/asker.yaml" --request-timeout=20s "$@"
}
asker() { (umask 077 && as projector get secret "vc-$CATALYST_TEST_HOST_CLUSTER-acme" -n catalyst-projector -o jsonpath='{.data.config}' | base64 -d >"$work/asker.yaml") && [ -s "$work/asker.yaml" ]; }
check "projector has a kubeconfig of its own for a vcluster" asker
# kubectl reads what it changes; projector does not, and may not.
changes() { # PATH: the status
    jq -r '.clusters[0].cluster["certificate-authority-data"]' "$work/asker.yaml" | base64 -d >"$work/asker.ca"
    curl -sS -o /dev/null -w '%{http_code}' --cacert "$work/asker.ca" -X PATCH -H @<(printf 'Authorization: Bearer %s\n' "$(jq -r '.users[0].user.token' "$work/asker.yaml")") \
        -H 'Content-Type: application/merge-patch+json' -d "{\"metadata\": {\"annotations\": {\"reconcile.fluxcd.io/requestedAt\": \"$(date +%s)\"}}}" \
        "$(jq -r '.clusters[0].cluster.server' "$work/asker.yaml")$1"
}
check "with which it asks Flux there to look" is "$(changes "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/$app-dev")" 200
check "and may not ask another namespace's, or touch what Flux applies" is "$(changes "/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories/x") $(changes "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/$app-dev") $(changes "/apis/apps/v1/namespaces/$app-dev/deployments/$app")" "403 403 403"
check "and reads nothing, not even that" refuses eval 'vcluster get secrets -A || vcluster get gitrepository -n flux-system || vcluster get pods -A || vcluster get secret gitea-read -n flux-system'
check "changes nothing else" refuses eval 'vcluster create namespace x || vcluster annotate kustomization "$app-dev" -n flux-system a=b || vcluster annotate deployment "$app" -n "$app-dev" a=b'
check "and its token ends" eval 'jq -r ".users[0].user.token" "$work/asker.yaml" | cut -d. -f2 | tr "_-" "/+" | awk "{ while (length(\$0) % 4) \$0 = \$0 \"=\"; print }" | base64 -d | jq -e ".exp - now < 90000"'

# --- Git ---

git_code() { # ACCOUNT METHOD PATH [JSON]
    curl -sS -o /dev/null -w '%{http_code}' -X "$2" -H @<(printf 'Authorization: token %s\n' "$(cat "$CATALYST_TEST_INSTANCE_DIR/secrets/gitea-$1.token")") \
        -H 'Content-Type: application/json' ${4:+-d "$4"} "$CATALYST_TEST_GITEA_URL/api/v1$3"
}
forbidden() { [[ "$(git_code "$@")" =~ ^40[134]$ ]]; }
for one in catalyst-projector catalyst-blueprints catalyst-merge flux-system; do
    check "$one's token does not administer the Git server" eval "forbidden $one GET /admin/users && forbidden $one POST /admin/users '{\"username\": \"x\", \"email\": \"x@example.org\"}' && forbidden $one GET /admin/orgs"
done
check "catalyst-provisioning's reads who there is, to end tokens, and administrates nothing" eval "forbidden catalyst-provisioning POST /admin/users '{\"username\": \"x\", \"email\": \"x@example.org\"}' && forbidden catalyst-provisioning DELETE /admin/users/flux-system"
for one in catalyst-projector catalyst-blueprints catalyst-merge flux-system; do
    check "$one's makes no tokens, keys, hooks or organizations" eval "forbidden $one POST /users/$one/tokens '{\"name\": \"x\", \"scopes\": [\"all\"]}' && forbidden $one POST /user/keys '{\"title\": \"x\", \"key\": \"x\"}' &&
        forbidden $one POST /orgs '{\"username\": \"x\"}' && forbidden $one POST /orgs/acme/hooks '{\"type\": \"gitea\", \"config\": {\"url\": \"http://localhost\", \"content_type\": \"json\"}}'"
done
for one in catalyst-projector flux-system; do
    check "$one's writes to no repository" eval "forbidden $one POST /repos/system/catalyst-config/contents/x '{\"content\": \"eA==\", \"message\": \"x\"}' && forbidden $one DELETE /repos/acme/$app"
done
check "projector's reads what it folds" is "$(git_code catalyst-projector GET "/repos/acme/$app/commits?limit=1")" 200
check "flux-system's reads no Organization's repository" forbidden flux-system GET "/repos/acme/$app"

carry_out "$admin" "$(uninstall "$app")" >/dev/null
sum_up
