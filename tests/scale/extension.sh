#!/usr/bin/env bash
# What an extension takes, shown by doing it in a copy of the checkout: a Kubernetes kind is a row, an event type a row and its schema, a kind of plan a file and a
# row, a service a folder and a row. The copy builds, and the tests that hold the tables to everything else pass. Needs what ./dev up built; takes a minute or two.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git -C "$root" ls-files -z | (cd "$root" && xargs -0 cp --parents -t "$copy" 2>/dev/null) || true
cd "$copy"
git init -q . && git add -A && git -c user.name=x -c user.email=x@example.org commit -qm before
row_after() { sed -i "0,/$2/{/$2/a\\
$3
}" "$1"; } # FILE PATTERN ROW

# A Kubernetes kind.
row_after libcommon/domain/kinds.h 'KIND(NODE,' '    KIND(LEASE, "lease_coordination_k8s_io", "coordination.k8s.io", "v1", "Lease", "leases", true, NEVER, NEVER, conditions, PLAIN, CONTENT) \\\\'

# An event type.
row_after libcommon/domain/events.h 'EVENT(FLUX_NOTICE,' '    EVENT(GREETING, "greeting.said", NOT, "greeter", "catalyst.greeter.{organization}.greeting") \\\\'
sed 's/catalog\.push/greeting.said/g' proto/events/catalog.push.json >proto/events/greeting.said.json
python3 - <<'PY'
path = 'proto/asyncapi.yaml'
text = open(path).read()
text = text.replace('  relists:\n', "  greetings:\n    address: 'catalyst.greeter.{organization}.greeting'\n    parameters:\n      organization: {}\n    messages:\n      greeting-said: {$ref: '#/components/messages/greeting-said'}\n  relists:\n", 1)
text = text.replace('    relist-wanted:\n      name', "    greeting-said:\n      name: io.openova.catalyst.greeting.said.v1\n      title: Hello\n      contentType: application/cloudevents+json\n      payload: {$ref: 'events/greeting.said.json'}\n    relist-wanted:\n      name", 1)
open(path, 'w').write(text)
PY

# A kind of plan.
cat >services/provisioning/kinds/plan_touch.c <<'C'
/* Plans nothing: an Application is left as it is. */
#include "core/plan_parts.h"
#include "kinds/kinds.h"

int prv_plan_touch(struct prv_draft *draft, cat_error *error)
{
    (void)draft;
    (void)error;
    return 0;
}
C
row_after services/provisioning/kinds/kinds.c '^static const prv_kind KINDS' '    {.name = "touch", .plan = prv_plan_touch, .facts = PRV_FACTS_OWN, .steps = CONFIGURE, .right = PRV_RIGHT_CHANGE, .verb = "Touch"},'
row_after services/provisioning/kinds/kinds.h '^int prv_plan_uninstall' 'int prv_plan_touch(struct prv_draft *draft, cat_error *error);'

# A service.
mkdir -p services/greeter/core
cat >services/greeter/main.c <<'C'
/* greeter: does nothing yet. */
#include "svc/service.h"

int main(int argc, char **argv)
{
    static const cat_service_definition DEFINITION = {.name = "greeter"};
    return cat_service_main(argc, argv, &DEFINITION);
}
C
printf '/* Pure. */\nint gre_nothing(void);\nint gre_nothing(void)\n{\n    return 0;\n}\n' >services/greeter/core/nothing.c
cp services/greeter/core/nothing.c services/greeter/nothing.c && sed -i 's/gre_nothing/gre_something/; s/gre_nothing/gre_something/' services/greeter/nothing.c
printf '{OF, C, SEND, "catalyst.greeter.>", .why = "greets"},\n' >services/greeter/spine_rights.inc
sed 's/billing/greeter/g' services/billing/rbac.yaml >services/greeter/rbac.yaml
echo 'greeter                 greeter       catalyst-events  -                     -                     kubernetes,identity' >>services/table

echo "what it took:" && git add -A && git diff --cached --stat | cat
cmake --preset release >configured.log 2>&1 || { tail -n 20 configured.log; exit 1; }
cmake --build --preset release -j"$(nproc)" >built.log 2>&1 || { grep -E 'error|FAILED' built.log | head -n 20; exit 1; }
ctest --test-dir build/release -LE integration -R 'domain_|svc_spine_layout|provisioning_kinds|provisioning_plan|no_circle|check' --output-on-failure -j"$(nproc)" >tested.log 2>&1 || { tail -n 40 tested.log; exit 1; }
tail -n 3 tested.log
bash -c '. tools/dev/lib.sh; . tools/dev/service_table.sh; echo "${SERVICES[@]}"' | grep greeter
