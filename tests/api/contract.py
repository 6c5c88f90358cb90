"""Good requests of people with different roles to every operation of every service. Each answer has to be what the service's OpenAPI document says: its
status, content type, headers and body. Each path and each 2xx (and 304) of a document has to be met at least once, and so does each type of event that the
calls lead to, valid against its schema in proto/events. Needs the environment file of ./dev up."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import uuid

import jsonschema_rs
import nats
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as described

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENV = {name.removeprefix("CATALYST_TEST_"): value for name, value in os.environ.items() if name.startswith("CATALYST_TEST_")}
ADDRESSES = {"projector": ENV["PROJECTOR_1_URL"], "catalog-svc": ENV["CATALOG_SVC_1_URL"], "provisioning": ENV["PROVISIONING_1_URL"], "billing": ENV["BILLING_1_URL"]}
CHECKS = [not_a_server_error, described.status_code_conformance, described.content_type_conformance, described.response_headers_conformance, described.response_schema_conformance]
STAMP = str(int(time.time()))[-5:]
# Whatever else an answer may be, these say that something was done or that nothing is new.
GOOD = ("200", "201", "202", "204", "304")

passed = failed = 0
met = set()


def count(sentence, holds, said=""):
    global passed, failed
    if holds:
        passed += 1
        print(f"ok     {sentence}")
    else:
        failed += 1
        print(f"FAILED {sentence}\n{str(said)[:3000]}")
    return holds


def secret(name):
    return pathlib.Path(ENV[name]).read_text().strip()


def sign_in(role):
    form = {"grant_type": "password", "client_id": ENV["CLIENT_ID"], "client_secret": secret("CLIENT_SECRET"), "username": ENV[f"USER_{role}"], "password": secret(f"PASSWORD_{role}")}
    return requests.post(ENV["TOKEN_URL"], data=form, timeout=20).json()["access_token"]


PEOPLE = {
    "admin": "ACME_ORG_ADMIN",
    "developer": "ACME_ORG_DEVELOPER",
    "viewer": "ACME_ORG_VIEWER",
    "bill": "ACME_BILLING_ADMIN",
    "officer": "ACME_SECURITY_OFFICER",
    "blue": "BLUE_ORG_ADMIN",
    "sovereign": "SYSTEM_SOVEREIGN_ADMIN",
}
tokens = {person: sign_in(role) for person, role in PEOPLE.items()}
documents = {name: schemathesis.openapi.from_path(ROOT / f"proto/openapi/{name}.yaml") for name in ADDRESSES}


def ask(service, who, method, path, status, *, at=None, query=None, body=None, headers=None):
    """One call; what was answered, whatever it is."""
    sent = dict(headers or {})
    if who:
        sent["Authorization"] = f"Bearer {tokens[who]}"
    if method in ("POST", "DELETE") and path.startswith("/v1/"):
        sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
    operation = documents[service][path][method]
    parts = {"path_parameters": at or {}, "query": query or {}, "headers": sent}
    if body is not None:
        parts |= {"body": body, "media_type": "application/json"}
    case = operation.Case(**parts)
    response = case.call(base_url=ADDRESSES[service], timeout=90)
    try:
        case.validate_response(response, checks=CHECKS)
        said = response.text
        holds = response.status_code == status
    except Exception as failure:  # schemathesis has many classes of them, and says in each what is not as described
        holds, said = False, f"{failure}"
    met.add((service, method, path, str(response.status_code)))
    where = path.format(**(at or {})) + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")
    count(f"{service}: {method} {where} by {who or 'nobody'} is {status}, as described", holds, f"status {response.status_code}\n{said}")
    return response


def twice(service, who, path, **parts):
    """A read, and again with its tag."""
    answer = ask(service, who, "GET", path, 200, **parts)
    ask(service, who, "GET", path, 304, headers={"If-None-Match": answer.headers.get("etag", ["none"])[0]}, **parts)
    return answer.json()


def finished(operation, who="developer", seconds=180):
    end = time.time() + seconds
    while True:
        answer = requests.get(f"{ADDRESSES['provisioning']}/v1/operations/{operation}", headers={"Authorization": f"Bearer {tokens[who]}"}, timeout=30).json()
        if answer.get("status") in ("Succeeded", "Failed", "Superseded") or time.time() > end:
            return answer
        time.sleep(0.5)


def gitea(method, path, body=None):
    return requests.request(method, f"{ENV['GITEA_URL']}/api/v1{path}", json=body, headers={"Authorization": f"token {secret('GITEA_ADMIN_TOKEN')}"}, timeout=30)


def plan_and_apply(wish, who="developer"):
    plan = ask("provisioning", who, "POST", "/v1/plans", 201, body=wish).json()
    return plan, ask("provisioning", who, "POST", "/v1/plans/{id}/apply", 202, at={"id": plan["id"]}, body={"hash": plan["hash"]}).json()


def install(name, **more):
    return {"kind": "install", "application": name, "blueprint": {"source": "catalog", "name": "bp-podinfo"}, "environments": ["acme-dev"], "config": {}} | more


def provisioning():
    name = f"contract-{STAMP}"
    plan, operation = plan_and_apply(install(name))
    twice("provisioning", "developer", "/v1/plans/{id}", at={"id": plan["id"]})
    ask("provisioning", "viewer", "GET", "/v1/plans/{id}", 200, at={"id": plan["id"]})
    ask("provisioning", "blue", "GET", "/v1/plans/{id}", 404, at={"id": plan["id"]})
    ended = finished(operation["operation"])
    count("the install succeeds", ended.get("status") == "Succeeded", ended)
    twice("provisioning", "developer", "/v1/operations/{id}", at={"id": operation["operation"]})
    ask("provisioning", "developer", "POST", "/v1/operations/{id}/retry", 409, at={"id": operation["operation"]})
    config = twice("provisioning", "developer", "/v1/applications/{app}/config", at={"app": name})
    ask("provisioning", "blue", "GET", "/v1/applications/{app}/config", 404, at={"app": name})
    ask("provisioning", "sovereign", "GET", "/v1/applications/{app}/config", 200, at={"app": name}, query={"organization": "acme"})
    twice("provisioning", "developer", "/v1/dependencies", query={"blueprint": "bp-podinfo", "range": "^1.0", "environments": "acme-dev"})
    ask("provisioning", "viewer", "POST", "/v1/plans", 403, body=install(f"other-{STAMP}"))
    ask("provisioning", "developer", "POST", "/v1/plans", 409, body=install(name))
    ask("provisioning", "developer", "POST", "/v1/plans", 422, body=install(f"other-{STAMP}", config={"colour": 1}))
    read_state(name, operation["operation"])
    _, operation = plan_and_apply({"kind": "configure", "application": name, "config": config["values"] | {"message": "changed"}})
    count("the change succeeds", finished(operation["operation"]).get("status") == "Succeeded", operation)
    ask("provisioning", "developer", "POST", "/v1/plans", 422, body={"kind": "uninstall", "application": name, "confirm": "not so"})
    plan, operation = plan_and_apply({"kind": "uninstall", "application": name, "confirm": name})
    count("the uninstall succeeds", finished(operation["operation"]).get("status") == "Succeeded", operation)
    retried(f"held-{STAMP}")


def retried(name):
    """Somebody else's repository comes in between plan and apply: the operation fails, and can be tried again once that is away."""
    plan = ask("provisioning", "developer", "POST", "/v1/plans", 201, body=install(name)).json()
    made = gitea("POST", "/orgs/acme/repos", {"name": name, "auto_init": True, "default_branch": "develop"})
    operation = ask("provisioning", "developer", "POST", "/v1/plans/{id}/apply", 202, at={"id": plan["id"]}, body={"hash": plan["hash"]}).json()
    ended = finished(operation["operation"])
    count("an operation whose branch holds something else fails", ended.get("status") == "Failed", f"{made.status_code} {ended}")
    gitea("DELETE", f"/repos/acme/{name}")
    gitea("POST", "/orgs/acme/repos", {"name": name, "private": True})
    ask("provisioning", "developer", "POST", "/v1/operations/{id}/retry", 202, at={"id": operation["operation"]})
    ended = finished(operation["operation"])
    count("tried again, it succeeds", ended.get("status") == "Succeeded", ended)
    plan, operation = plan_and_apply({"kind": "uninstall", "application": name, "confirm": name})
    count("and what it made is uninstalled", finished(operation["operation"]).get("status") == "Succeeded", operation)


def onboarding():
    name = f"contract{STAMP}"
    ask("provisioning", "admin", "POST", "/v1/organizations", 403, body={"name": name})
    ask("provisioning", "sovereign", "POST", "/v1/organizations", 422, body={"name": "Not a name"})
    ask("provisioning", "sovereign", "POST", "/v1/organizations", 409, body={"name": "acme"})
    ask("provisioning", "developer", "POST", "/v1/environments", 403, body={"envType": "uat"})
    ask("provisioning", "admin", "POST", "/v1/environments", 409, body={"envType": "dev"})
    made = ask("provisioning", "sovereign", "POST", "/v1/organizations", 202, body={"name": name, "displayName": "Contract", "owners": ["somebody"]}).json()
    grown = ask("provisioning", "admin", "POST", "/v1/environments", 202, body={"envType": "poc", "displayName": "Trials"}).json()
    for operation, who in ((made["operation"], "sovereign"), (grown["operation"], "admin")):
        ended = finished(operation, who)
        count("an onboarding succeeds", ended.get("status") == "Succeeded", ended)
    forget("main", f"organizations/{name}.yaml")
    forget("org/acme", "environments/acme-poc.yaml")


def forget(branch, path):
    """What the calls above wished for is taken away in Git, so that they can be made again."""
    file = f"/repos/system/catalyst-config/contents/{path}"
    found = gitea("GET", f"{file}?ref={branch}").json()
    gone = gitea("DELETE", file, {"branch": branch, "sha": found.get("sha"), "message": f"Take {path} away again"})
    count(f"{path} is taken away again", gone.status_code == 200, gone.text)


def git_tokens():
    name = f"contract-{STAMP}"
    ask("provisioning", "developer", "POST", "/v1/git-tokens", 201, body={"name": name, "access": "read"})
    ask("provisioning", "developer", "POST", "/v1/git-tokens", 409, body={"name": name})
    ask("provisioning", "viewer", "POST", "/v1/git-tokens", 403, body={"name": name, "access": "write"})
    listed = twice("provisioning", "developer", "/v1/git-tokens")
    count("the token is in the list", name in [token["name"] for token in listed["items"]], listed)
    ask("provisioning", "viewer", "DELETE", "/v1/git-tokens/{name}", 404, at={"name": "not a name"})
    ask("provisioning", "developer", "DELETE", "/v1/git-tokens/{name}", 204, at={"name": name})


def read_state(application, operation):
    rows = {"env": "acme-dev"}
    twice("projector", "developer", "/v1/applications")
    twice("projector", "viewer", "/v1/applications/{app}", at={"app": application})
    ask("projector", "blue", "GET", "/v1/applications/{app}", 404, at={"app": application})
    ask("projector", "developer", "GET", "/v1/applications", 200, query={"environment": "acme-dev,acme-stg", "status": "Running,Progressing,Degraded", "sort": "-changed", "limit": "1"})
    page = twice("projector", "developer", "/v1/environments/{env}/rows", at=rows, query={"limit": "3"})
    ask("projector", "developer", "GET", "/v1/environments/{env}/rows", 200, at=rows, query={"limit": "3", "cursor": page["next"]})
    ask("projector", "officer", "GET", "/v1/environments/{env}/rows", 403, at=rows)
    ask("projector", "viewer", "GET", "/v1/environments/{env}/rows", 200, at=rows, query={"kind": "deployment,pod", "fields": "status,reason", "sort": "-status"})
    ask("projector", "blue", "GET", "/v1/environments/{env}/rows", 404, at=rows)
    kind, namespace, name = f"application/_/{application}".split("/")
    row = rows | {"kind": kind, "namespace": namespace, "name": name}
    twice("projector", "developer", "/v1/environments/{env}/rows/{kind}/{namespace}/{name}", at=row)
    ask("projector", "developer", "GET", "/v1/environments/{env}/rows/{kind}/{namespace}/{name}", 404, at=row | {"name": "nothing"})
    twice("projector", "developer", "/v1/operations")
    ask("projector", "developer", "GET", "/v1/operations", 200, query={"application": application, "status": "Succeeded"})
    twice("projector", "developer", "/v1/operations/{id}", at={"id": operation})
    ask("projector", "blue", "GET", "/v1/operations/{id}", 404, at={"id": operation})


def reads():
    for service in ADDRESSES:
        served = ask(service, None, "GET", "/v1/openapi.json", 200).json()
        count(f"{service} serves the document of this checkout", served == json.loads(json.dumps(documents[service].raw_schema)))
    for person in PEOPLE:
        ask("projector", person, "GET", "/v1/me", 200)
    twice("projector", "admin", "/v1/me")
    ask("projector", None, "GET", "/v1/me", 401)
    twice("projector", "sovereign", "/v1/organizations")
    twice("projector", "developer", "/v1/environments")
    ask("projector", "sovereign", "GET", "/v1/environments", 200, query={"organization": "blue"})
    twice("projector", "officer", "/v1/secrets")
    ask("projector", "officer", "GET", "/v1/secrets", 200)
    ask("projector", "viewer", "GET", "/v1/secrets", 200, query={"environment": "acme-dev", "limit": "1"})
    ask("projector", "bill", "GET", "/v1/secrets", 403)
    blueprint = {"source": "catalog", "name": "bp-wordpress"}
    twice("catalog-svc", "viewer", "/v1/blueprints")
    ask("catalog-svc", "blue", "GET", "/v1/blueprints", 200, query={"q": "wordpres", "source": "catalog", "limit": "1"})
    detail = twice("catalog-svc", "viewer", "/v1/blueprints/{source}/{name}", at=blueprint)
    version = blueprint | {"version": detail["version"]}
    twice("catalog-svc", "developer", "/v1/blueprints/{source}/{name}/versions/{version}", at=version)
    twice("catalog-svc", "admin", "/v1/blueprints/{source}/{name}/versions/{version}/dependencies", at=version)
    twice("catalog-svc", "viewer", "/v1/rejections")
    ask("catalog-svc", "blue", "GET", "/v1/rejections", 200, query={"blueprint": "bp-nothing", "limit": "1"})
    ask("catalog-svc", "blue", "GET", "/v1/rejections", 404, query={"organization": "acme"})
    ask("catalog-svc", "sovereign", "GET", "/v1/rejections", 200)
    ask("catalog-svc", "viewer", "GET", "/v1/blueprints/{source}/{name}", 404, at={"source": "blue", "name": "bp-nothing"})
    # A page of usage that nothing is added to while it is read twice.
    twice("billing", "bill", "/v1/usage", query={"to": "2026-01-01T00:00:00Z"})
    ask("billing", "bill", "GET", "/v1/usage", 200)
    ask("billing", "admin", "GET", "/v1/usage", 200, query={"environment": "acme-dev", "limit": "1"})
    ask("billing", "bill", "GET", "/v1/usage", 200, query={"sum": "true"})
    ask("billing", "developer", "GET", "/v1/usage", 403)


def stream():
    """The first frames of a stream; its rows are rows."""
    answer = requests.get(f"{ADDRESSES['projector']}/v1/stream", params={"environments": "acme-dev"}, headers={"Authorization": f"Bearer {tokens['viewer']}"}, stream=True, timeout=30)
    frames = [{}]
    # Byte by byte: a larger piece would wait for the next change. The first frame says how often something is heard.
    for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
        if line:
            name, _, value = line.partition(": ")
            frames[-1][name] = value
        elif len(frames) == 2:
            break
        else:
            frames.append({})
    answer.close()
    beat, frame = frames[0], frames[-1]
    count("projector: GET /v1/stream by viewer says how often something is heard", beat.get("event") == "heartbeat" and json.loads(beat["data"])["everyMs"] > 0, beat)
    document = documents["projector"].raw_schema
    row = jsonschema_rs.Draft202012Validator({"$ref": "#/components/schemas/Row", "components": document["components"]}, validate_formats=True)
    snapshot = json.loads(frame.get("data", "{}"))
    wrong = [f"{one.get('key')}: {error.message}" for one in snapshot.get("rows", []) for error in row.iter_errors(one)]
    declared = answer.status_code == 200 and answer.headers["Content-Type"] in document["paths"]["/v1/stream"]["get"]["responses"]["200"]["content"]
    met.add(("projector", "GET", "/v1/stream", str(answer.status_code)))
    count("projector: GET /v1/stream by viewer begins with a snapshot of rows, as described", declared and frame.get("event") == "snapshot" and len(snapshot["rows"]) > 5 and not wrong, (answer.status_code, frame.get("event"), wrong[:3]))


def hooks():
    body = {"ref": "refs/heads/contract", "before": "0" * 40, "after": hashlib.sha1(STAMP.encode()).hexdigest(), "repository": {"owner": {"login": "somebody"}, "full_name": "somebody/elsewhere", "name": "elsewhere"}, "commits": [], "pusher": {"login": "nobody"}}
    text = json.dumps(body, separators=(",", ":")).encode()
    posted = {"Content-Type": "application/json", "X-Gitea-Event": "push", "X-Gitea-Signature": hmac.new(secret("GITEA_WEBHOOK_SECRET").encode(), text, hashlib.sha256).hexdigest()}
    hook("/hooks/gitea", text, posted, {}, 202)
    hook("/hooks/gitea", text, posted | {"X-Gitea-Signature": "0" * 64}, {}, 401)
    token = hmac.new(secret("FLUX_WEBHOOK_SECRET").encode(), b"acme", hashlib.sha256).hexdigest()
    notice = {"involvedObject": {"kind": "Kustomization", "namespace": "flux-system", "name": f"contract-{STAMP}-dev", "apiVersion": "kustomize.toolkit.fluxcd.io/v1"}, "severity": "info", "timestamp": "2026-01-01T00:00:00Z", "message": "told by a test", "reason": "Told", "metadata": {}, "reportingController": "kustomize-controller"}
    text = json.dumps(notice, separators=(",", ":")).encode()
    signed = {"Content-Type": "application/json", "X-Signature": "sha256=" + hmac.new(token.encode(), text, hashlib.sha256).hexdigest()}
    query = {"organization": "acme", "cluster": f"{ENV['HOST_CLUSTER']}-acme"}
    hook("/hooks/flux", text, signed, query, 202)
    hook("/hooks/flux", text, signed, query | {"organization": "blue"}, 401)


def hook(path, text, headers, query, status):
    """The signature is of the bytes, hence they are sent as they are."""
    operation = documents["projector"][path]["POST"]
    response = requests.post(ADDRESSES["projector"] + path, data=text, headers=headers, params=query, timeout=30)
    try:
        operation.validate_response(response)
        said = response.text
    except Exception as failure:
        said, status = failure, -1
    declared = str(response.status_code) in documents["projector"].raw_schema["paths"][path]["post"]["responses"]
    met.add(("projector", "POST", path, str(response.status_code)))
    count(f"projector: POST {path} is {status}, as described", declared and response.status_code == status, f"status {response.status_code}\n{said}")


def missing():
    """Documents that nobody exercises rot."""
    for service, document in documents.items():
        for path, methods in document.raw_schema["paths"].items():
            for method in methods.keys() & {"get", "post", "put", "patch", "delete"}:
                for status in methods[method]["responses"]:
                    if status in GOOD and (service, method.upper(), path, status) not in met:
                        count(f"{service}: {method.upper()} {path} was met with {status}", False, "no call above leads there: add one")


def capped():
    """What a person writes, and what stays open for him, is counted: a client has to know the answer to more than he may."""
    for service, document in documents.items():
        for path, methods in document.raw_schema["paths"].items():
            for method in methods.keys() & {"get", "post", "put", "patch", "delete"}:
                described_as = methods[method]["responses"]
                stays_open = "text/event-stream" in described_as.get("200", {}).get("content", {})
                if path.startswith("/v1/") and (method != "get" or stays_open):
                    count(f"{service}: {method.upper()} {path} is described with 429", "429" in described_as)


# --- events ---


def schema_of_events():
    found = {}
    for file in sorted((ROOT / "proto/events").glob("*.json")):
        document = json.loads(file.read_text())
        found[document["properties"]["type"]["const"]] = jsonschema_rs.Draft202012Validator(document, validate_formats=True)
    return found


def credentials_of(organization, folder):
    """Of a user who may hear all of the Organization's account, for an hour: no service's own may."""
    command = [ENV["KUBECTL"], f"--kubeconfig={ENV['KUBECONFIG']}", "get", "secret", f"organization-{organization}", "-n", "catalyst-environment-controller", "-o", "jsonpath={.data.account-seed}"]
    seed = folder / f"{organization}.seed"
    seed.touch(mode=0o600)
    seed.write_bytes(base64.b64decode(subprocess.run(command, check=True, capture_output=True, timeout=30).stdout))
    subprocess.run([f"{ENV['BIN']}/catalyst-keys", "user", folder, organization, "contract", "--everything", "--life", "3600"], check=True, capture_output=True, timeout=30)
    return folder / "contract.creds"


async def read_stream(js, name, see):
    """Every message that is in the stream now."""
    last = (await js.stream_info(name)).state.last_seq
    if last == 0:
        return
    subscription = await js.subscribe("", stream=name, ordered_consumer=True)
    try:
        while True:
            message = await subscription.next_msg(timeout=10)
            see(message.subject, message.data)
            if message.metadata.num_pending == 0 or message.metadata.sequence.stream >= last:
                return
    finally:
        await subscription.unsubscribe()


async def events():
    schemas, counts, wrong = schema_of_events(), {}, {}

    def see(subject, data):
        event = json.loads(data)
        kind = event.get("type", "none")
        counts[kind] = counts.get(kind, 0) + 1
        if kind not in schemas:
            wrong.setdefault(kind, f"{subject}: proto/events has no such type")
        elif kind not in wrong:
            for error in schemas[kind].iter_errors(event):
                wrong[kind] = f"{subject}: {'/'.join(map(str, error.instance_path))}: {error.message[:600]}"
                break

    with tempfile.TemporaryDirectory() as folder:
        for credentials, streams in (
            (ENV["SPINE_CREDENTIALS"], ("catalyst-events", "catalyst-audit", "billing-ledger")),
            (credentials_of("acme", pathlib.Path(folder)), ("ws-acme-dev", "ws-acme-stg", "ws-acme-prod")),
        ):
            client = await nats.connect(ENV["SPINE_URL"], user_credentials=str(credentials), allow_reconnect=False)
            for stream_name in streams:
                await read_stream(client.jetstream(), stream_name, see)
            await client.close()
    for kind in sorted(counts):
        count(f"each of {counts[kind]} events {kind} fits its schema", kind not in wrong, wrong.get(kind))
    # What an install, a change and an uninstall lead to; the others need things that go wrong, or an hour to end.
    for kind in ("k8s.object", "k8s.deleted", "flux.notice", "git.push", "operation.step", "organization.ready", "environment.ready", "application.changed", "blueprint.registered", "catalog.push", "audit.recorded"):
        count(f"there are events {kind}", f"io.openova.catalyst.{kind}.v1" in counts, counts)


def main():
    reads()
    hooks()
    onboarding()
    git_tokens()
    provisioning()
    stream()
    missing()
    capped()
    asyncio.run(events())
    print(f"{passed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
