#include "core/plan_pull.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "core/plan_confinement.h"

const ec_pull_caps EC_PULL_CAPS = {(size_t)64 * 1024, 64};
/* Of our own: two of the above, and what was kept while one was broken. */
static const ec_pull_caps GIVEN_CAPS = {(size_t)256 * 1024, 256};
#define MAX_REGISTRIES 128
#define MAX_DEPTH 8

/* The docker config's text, the caller's secret. */
static int read_text(const json_t *secret, const ec_pull_caps *caps, char **text, size_t *length, cat_error *error)
{
    const char *type = cat_json_text_or(secret, "type", "Opaque");
    if (strcmp(type, EC_PULL_TYPE) != 0)
        return cat_error_set(error, CAT_E_INVALID, "it is of type %.80s, not " EC_PULL_TYPE, type);
    const char *encoded = json_string_value(json_object_get(json_object_get(secret, "data"), EC_PULL_KEY));
    if (!encoded)
        return cat_error_set(error, CAT_E_INVALID, "it has no key " EC_PULL_KEY);
    if (strlen(encoded) / 4 * 3 > caps->bytes + 2)
        return cat_error_set(error, CAT_E_TOO_LARGE, "its docker config has more than %zu KiB", caps->bytes / 1024);
    *text = (char *)cat_base64_decode(encoded, strlen(encoded), length);
    return *text ? 0 : cat_error_set(error, CAT_E_INVALID, "its key " EC_PULL_KEY " is not base64");
}

/* A parser's own sentence may repeat what it stumbled over. */
static int parse_text(const char *text, size_t length, const ec_pull_caps *caps, json_t **config, cat_error *error)
{
    cat_error failed = {0};
    int line = 0, column = 0, code = cat_json_parse(text, length, &(cat_json_caps){caps->bytes, MAX_DEPTH}, config, &failed);
    if (code == CAT_E_TOO_LARGE)
        return cat_error_copy(error, &failed);
    if (code < 0 && sscanf(failed.message, "line %d, column %d", &line, &column) == 2)
        return cat_error_set(error, CAT_E_INVALID, "its docker config is not JSON: line %d, column %d", line, column);
    return code < 0 ? cat_error_set(error, CAT_E_INVALID, "its docker config is not JSON") : 0;
}

/* base64 of user:password, padded or not. */
static bool is_pair(const char *auth)
{
    static const char padding[] = "===";
    size_t length = strlen(auth), missing = (4 - length % 4) % 4, decoded_length = 0;
    cat_autosecret char *padded = cat_printf("%s%.*s", auth, (int)missing, padding);
    cat_autosecret char *decoded = (char *)cat_base64_decode(padded, strlen(padded), &decoded_length);
    const char *colon = decoded ? strchr(decoded, ':') : NULL;
    return colon && colon > decoded;
}

/* What kubelets read of an entry. `number` counts from 1: a name might be a slip of the pen too, and is not repeated. */
static int read_entry(const json_t *entry, size_t number, json_t **kept, cat_error *error)
{
    static const char *const fields[] = {"auth", "username", "password", "email"};
    if (!json_is_object(entry))
        return cat_error_set(error, CAT_E_INVALID, "its registry number %zu is not an object", number);
    cat_autojson json_t *made = json_object();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        json_t *value = json_object_get(entry, fields[i]);
        if (value && !json_is_string(value))
            return cat_error_set(error, CAT_E_INVALID, "%s of its registry number %zu is not a text", fields[i], number);
        if (json_string_length(value))
            json_object_set(made, fields[i], value);
    }
    const char *auth = cat_json_text(made, "auth");
    if (auth && !is_pair(auth))
        return cat_error_set(error, CAT_E_INVALID, "auth of its registry number %zu is not base64 of user:password", number);
    if (!auth && !(cat_json_text(made, "username") && cat_json_text(made, "password")))
        return cat_error_set(error, CAT_E_INVALID, "its registry number %zu has neither auth nor username and password", number);
    *kept = json_incref(made);
    return 0;
}

static bool is_registry(const char *name)
{
    size_t length = strlen(name);
    for (const char *at = name; *at; at++)
        if (!isgraph((unsigned char)*at))
            return false;
    return length > 0 && length <= 512;
}

int ec_pull_parse(const json_t *secret, const ec_pull_caps *caps, json_t **registries, cat_error *error)
{
    cat_autosecret char *text = NULL;
    size_t length = 0, number = 0;
    cat_autojson json_t *config = NULL, *made = json_object();
    int code = read_text(secret, caps, &text, &length, error);
    if (code == 0)
        code = parse_text(text, length, caps, &config, error);
    if (code < 0)
        return code;
    json_t *auths = json_object_get(config, "auths"), *entry, *kept = NULL;
    if (!json_is_object(auths))
        return cat_error_set(error, CAT_E_INVALID, "its docker config has no object auths");
    if (json_object_size(auths) > caps->registries)
        return cat_error_set(error, CAT_E_TOO_LARGE, "it names %zu registries, at most %zu are allowed", json_object_size(auths),
                             caps->registries);
    const char *name;
    json_object_foreach(auths, name, entry)
    {
        number++;
        if (!is_registry(name))
            return cat_error_set(error, CAT_E_INVALID, "its registry number %zu has a name that no registry has", number);
        code = read_entry(entry, number, &kept, error);
        if (code < 0)
            return code;
        json_object_set_new(made, name, kept);
    }
    *registries = json_incref(made);
    return 0;
}

/* One spelling of those that mean the same to kubelets. The caller's. */
static char *spelled_plainly(const char *name)
{
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < 2; i++)
        if (cat_text_starts_with(name, schemes[i])) {
            name += strlen(schemes[i]);
            break;
        }
    size_t host_length = strcspn(name, "/");
    const char *path = name + host_length;
    if (cat_text_starts_with(path, "/v1/") || cat_text_starts_with(path, "/v2/"))
        path += 3;
    size_t path_length = strlen(path);
    while (path_length && path[path_length - 1] == '/')
        path_length--;
    cat_autofree char *host = cat_strndup(name, host_length);
    for (char *at = host; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return cat_printf("%s%.*s", strcmp(host, "index.docker.io") == 0 ? "docker.io" : host, (int)path_length, path);
}

void ec_pull_add(json_t *registries, const json_t *more)
{
    cat_autojson json_t *named = json_object();
    const char *name;
    json_t *entry;
    json_object_foreach(registries, name, entry)
    {
        cat_autofree char *plain = spelled_plainly(name);
        json_object_set_new(named, plain, json_true());
    }
    json_object_foreach((json_t *)more, name, entry)
    {
        cat_autofree char *plain = spelled_plainly(name);
        if (!json_object_get(named, plain) && json_object_size(registries) < MAX_REGISTRIES)
            json_object_set(registries, name, entry);
    }
}

char *ec_pull_format(const json_t *registries)
{
    cat_autojson json_t *config = json_object();
    json_object_set_new(config, "auths", json_incref((json_t *)registries));
    cat_autosecret char *text = cat_json_canonical(config);
    return cat_base64_encode(text, strlen(text));
}

/* What a Secret of the management cluster says. */
typedef struct {
    const char *namespace, *name;
    json_t *registries; /* NULL: none */
    bool expected;      /* somebody named it */
    bool missing;
    cat_error problem; /* code 0: none */
} source;

static void read_source(const ec_observed *observed, ec_plan *plan, source *of)
{
    const json_t *secret = ec_look(plan, observed, EC_MANAGEMENT, "Secret", of->namespace, of->name);
    of->missing = !secret;
    if (secret)
        ec_pull_parse(secret, &EC_PULL_CAPS, &of->registries, &of->problem);
}

/* What wins comes first. */
typedef struct {
    source items[2];
    size_t count;
} sources;

static void sources_cleanup(sources *all)
{
    for (size_t i = 0; i < all->count; i++)
        json_decref(all->items[i].registries);
}

static void read_sources(const ec_settings *settings, const char *organization, const ec_observed *observed, ec_plan *plan,
                         sources *all)
{
    all->items[all->count++] = (source){.namespace = organization, .name = EC_PULL_OWN};
    if (settings->pull_secret)
        all->items[all->count++] = (source){.namespace = settings->namespace, .name = settings->pull_secret, .expected = true};
    for (size_t i = 0; i < all->count; i++)
        read_source(observed, plan, &all->items[i]);
}

void ec_pull_tell(const ec_settings *settings, const char *organization, const ec_observed *observed, ec_plan *plan)
{
    cat_auto(sources) all = {0};
    read_sources(settings, organization, observed, plan, &all);
    for (size_t i = 0; i < all.count; i++) {
        const source *of = &all.items[i];
        if (of->problem.code < 0)
            ec_refuse(plan, EC_PULL, "Secret %s/%s: %s", of->namespace, of->name, of->problem.message);
        else if (of->missing && of->expected)
            ec_wait(plan, EC_PULL, "Secret %s/%s is not there", of->namespace, of->name);
    }
}

static json_t *merge(const sources *all, const json_t *have)
{
    cat_autojson json_t *present = NULL;
    json_t *registries = json_object();
    bool broken = false;
    for (size_t i = 0; i < all->count; i++) {
        ec_pull_add(registries, all->items[i].registries);
        broken = broken || all->items[i].problem.code < 0;
    }
    if (broken && have && ec_pull_parse(have, &GIVEN_CAPS, &present, NULL) == 0)
        ec_pull_add(registries, present);
    return registries;
}

/* The list without our entry, which may come last. The list is one value to the API server, whoever applies it: others' entries
 * are kept by changing just what was seen. */
static json_t *secrets_of(const json_t *account, bool *given)
{
    json_t *list = json_array(), *entry;
    size_t index;
    *given = false;
    json_array_foreach(json_object_get(account, "imagePullSecrets"), index, entry)
    {
        if (cat_text_equal(cat_json_text(entry, "name"), EC_PULL_SECRET))
            *given = true;
        else
            json_array_append(list, entry);
    }
    return list;
}

static void change_account(ec_plan *plan, ec_section section, const char *cluster, const json_t *account, json_t *list_taken)
{
    json_t *patch = ec_object("v1", "ServiceAccount", cat_object_namespace(account), EC_PULL_ACCOUNT, NULL);
    cat_json_set_text(patch, "metadata.resourceVersion", cat_object_resource_version(account));
    json_object_set_new(patch, "imagePullSecrets", list_taken);
    ec_patch(plan, section, cluster, patch);
}

static void let_account_give(const ec_observed *observed, ec_plan *plan, const char *cluster, const char *namespace)
{
    const json_t *account = ec_look(plan, observed, cluster, "ServiceAccount", namespace, EC_PULL_ACCOUNT);
    if (!account) {
        /* Kubernetes makes it some time after the namespace, and takes ours as well. */
        json_t *made = ec_object("v1", "ServiceAccount", namespace, EC_PULL_ACCOUNT, NULL);
        json_object_set_new(made, "imagePullSecrets", json_pack("[{s:s}]", "name", EC_PULL_SECRET));
        ec_want(plan, observed, EC_FLUX, cluster, made);
        return;
    }
    bool given;
    cat_autojson json_t *list = secrets_of(account, &given);
    if (given)
        return;
    json_array_append_new(list, json_pack("{s:s}", "name", EC_PULL_SECRET));
    change_account(plan, EC_FLUX, cluster, account, json_incref(list));
}

bool ec_pull_give(const ec_settings *settings, const char *organization, const ec_observed *observed, ec_plan *plan,
                  const char *cluster, const char *namespace, json_t *labels)
{
    cat_autojson json_t *own_labels = labels;
    cat_auto(sources) all = {0};
    read_sources(settings, organization, observed, plan, &all);
    const json_t *have = ec_look(plan, observed, cluster, "Secret", namespace, EC_PULL_SECRET);
    cat_autojson json_t *registries = merge(&all, have);
    if (!json_object_size(registries)) {
        ec_pull_take(observed, plan, EC_FLUX, cluster, namespace);
        return false;
    }
    cat_autosecret char *value = ec_pull_format(registries);
    json_t *secret = ec_object("v1", "Secret", namespace, EC_PULL_SECRET, json_incref(own_labels));
    json_object_set_new(secret, "type", json_string(EC_PULL_TYPE));
    json_object_set_new(secret, "data", json_pack("{s:s}", EC_PULL_KEY, value));
    ec_want(plan, observed, EC_FLUX, cluster, ec_keep_from_flux(secret));
    let_account_give(observed, plan, cluster, namespace);
    return true;
}

/* Pods get what their ServiceAccount gives when they are made, and Flux makes both in one go: an entry that came later would come
 * too late. `add` writes over a list that is there, so who brings one says so. */
json_t *ec_pull_patches(bool given)
{
    static const char patch[] = "- op: add\n  path: /imagePullSecrets\n  value: [{name: " EC_PULL_SECRET "}]\n";
    if (!given)
        return json_array();
    return json_pack("[{s:{s:s, s:s}, s:s}]", "target", "kind", "ServiceAccount", "annotationSelector",
                     EC_ANNOTATION_PULL "!=own", "patch", patch);
}

void ec_pull_take(const ec_observed *observed, ec_plan *plan, ec_section section, const char *cluster, const char *namespace)
{
    if (!ec_look(plan, observed, cluster, "Secret", namespace, EC_PULL_SECRET))
        return;
    const json_t *account = ec_look(plan, observed, cluster, "ServiceAccount", namespace, EC_PULL_ACCOUNT);
    bool given;
    cat_autojson json_t *list = secrets_of(account, &given);
    if (given)
        change_account(plan, section, cluster, account, json_incref(list));
    ec_delete(plan, section, cluster, "Secret", namespace, EC_PULL_SECRET);
}
