"""judge.py KUBECONFIG NAMESPACE ACCOUNT FILTER < cases: each object of home.json applied as that account, as Flux would and without keeping it; prints every case that the cluster does not
judge as the case says. FILTER is `all`, `beyond` (but admission's own kinds) or `refused` (of those what is to be refused). One process, as kubectl takes a second for each object."""
import base64, http.client, json, re, ssl, sys, urllib.parse

kubeconfig, namespace, account, wanted = open(sys.argv[1]).read(), *sys.argv[2:5]


def of(pattern):
    return re.search(pattern, kubeconfig).group(1)


address = urllib.parse.urlsplit(of(r'server: "?([^",}\s]+)'))
authority = base64.b64decode(of(r'certificate-authority-data: "?([A-Za-z0-9+/=]+)')).decode()
link = http.client.HTTPSConnection(address.hostname, address.port, timeout=30, context=ssl.create_default_context(cadata=authority))
token = of(r'token: "?([^"}\s]+)')


def ask(method, path, body=None, **more):
    link.request(method, path, body, {"Authorization": "Bearer " + token, **more})
    answer = link.getresponse()
    return answer.status, json.loads(answer.read())


def kinds_of(version):
    """{kind: (plural, whether namespaced)}, as served"""
    if version not in kinds:
        status, listed = ask("GET", ("/api/" if "/" not in version else "/apis/") + version)
        kinds[version] = {one["kind"]: (one["name"], one["namespaced"]) for one in listed.get("resources", []) if "/" not in one["name"]} if status == 200 else {}
    return kinds[version]


def apply(thing):
    version, kind, metadata = thing["apiVersion"], thing["kind"], thing["metadata"]
    if kind not in kinds_of(version):
        return "refused", "no matches for kind"
    plural, namespaced = kinds_of(version)[kind]
    place = ("/api/" if "/" not in version else "/apis/") + version
    if namespaced:
        metadata.setdefault("namespace", namespace)
        place += "/namespaces/" + metadata["namespace"]
    status, said = ask("PATCH", f"{place}/{plural}/{metadata['name']}?dryRun=All&fieldManager=home-test&force=true&fieldValidation=Ignore", json.dumps(thing),
                       **{"Content-Type": "application/apply-patch+yaml", "Impersonate-User": account})
    if status < 300:
        return "taken", ""
    message = said.get("message", "")
    # Refused for what it is, not for a slip of the test.
    return "refused" if re.search("forbidden|denied|not declared in schema", message, re.I) else f"answered with {status}", message


kinds = {}
count = 0
for case in json.load(sys.stdin):
    if wanted != "all" and case["object"]["apiVersion"].startswith("admissionregistration") or wanted == "refused" and case["verdict"] != "refused":
        continue
    count += 1
    verdict, message = apply(case["object"])
    if verdict != case["verdict"]:
        print(f"{case['says']}: {verdict}, expected {case['verdict']}; {message[:300]}")
if not count:
    print("no case was tried")
