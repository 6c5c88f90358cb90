#include "svc/config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/string.h"

enum { MAX_FILE_BYTES = 1024 * 1024, MAX_WORKERS = 256, MAX_PATH_PARTS = 8 };

#define TEXT(section, member)                                                                                                    \
    {                                                                                                                            \
        .key = #member, .data_offset = offsetof(cat_config_common, section.member) - offsetof(cat_config_common, section),       \
        .value = {                                                                                                               \
            CYAML_VALUE_STRING(CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, ((cat_config_common *)0)->section.member, 0, 4096)      \
        }                                                                                                                        \
    }

const cyaml_schema_field_t cat_config_log_fields[] = {TEXT(log, level), CYAML_FIELD_END};
const cyaml_schema_field_t cat_config_sovereign_fields[] = {TEXT(sovereign, name), TEXT(sovereign, domain),
                                                            TEXT(sovereign, public_url), CYAML_FIELD_END};
const cyaml_schema_field_t cat_config_spine_fields[] = {TEXT(spine, url), TEXT(spine, credentials), CYAML_FIELD_END};
const cyaml_schema_field_t cat_config_kubernetes_fields[] = {TEXT(kubernetes, kubeconfig), TEXT(kubernetes, namespace),
                                                             CYAML_FIELD_END};
const cyaml_schema_field_t cat_config_gitea_fields[] = {
    TEXT(gitea, url),         TEXT(gitea, user), TEXT(gitea, token), TEXT(gitea, public_url), TEXT(gitea, webhook_secret),
    TEXT(gitea, webhook_url), CYAML_FIELD_END};
const cyaml_schema_field_t cat_config_identity_fields[] = {
    TEXT(identity, issuer),    TEXT(identity, jwks_url),      TEXT(identity, audience), TEXT(identity, admin_url),
    TEXT(identity, client_id), TEXT(identity, client_secret), CYAML_FIELD_END};

/* What libcyaml says of one mistake, in several calls: the mistake, then the fields that lead to it, innermost first. */
typedef struct {
    char message[256];
    char fields[MAX_PATH_PARTS][64];
    size_t field_count;
    unsigned line;
} complaint;

static void on_complaint(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    complaint *own = context;
    char text[256];
    (void)level;
    vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = '\0';
    char *line = strstr(text, "(line: ");
    if (line && own->line == 0)
        own->line = (unsigned)atoi(line + 7);
    static const char FIELD[] = "  in mapping field '";
    if (!strncmp(text, FIELD, sizeof FIELD - 1)) {
        const char *name = text + sizeof FIELD - 1;
        if (own->field_count < MAX_PATH_PARTS)
            snprintf(own->fields[own->field_count++], sizeof own->fields[0], "%.*s", (int)strcspn(name, "'"), name);
    } else if (!own->message[0] && !strncmp(text, "Load: ", 6)) {
        snprintf(own->message, sizeof own->message, "%s", text + 6);
    }
}

static int complain(const complaint *own, const char *path, cyaml_err_t code, cat_error *error)
{
    cat_auto(cat_string) key = CAT_STRING(1024);
    for (size_t i = own->field_count; i-- > 0;)
        cat_string_appendf(&key, "%s%s", key.length ? "." : "", own->fields[i]);
    static const char UNKNOWN[] = "Unexpected key: ";
    if (!strncmp(own->message, UNKNOWN, sizeof UNKNOWN - 1)) {
        cat_string_appendf(&key, "%s%s", key.length ? "." : "", own->message + sizeof UNKNOWN - 1);
        return cat_error_set(error, CAT_E_INVALID, "%s:%u: the key %s is not known", path, own->line, cat_string_get(&key));
    }
    const char *what = own->message[0] ? own->message : cyaml_strerror(code);
    if (key.length == 0)
        return cat_error_set(error, CAT_E_INVALID, "%s:%u: %s", path, own->line, what);
    return cat_error_set(error, CAT_E_INVALID, "%s:%u: %s: %s", path, own->line, cat_string_get(&key), what);
}

static const cyaml_config_t PLAIN = {.mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR, .flags = CYAML_CFG_NO_ALIAS};

static bool has_content(const char *text)
{
    for (const char *at = text; *at; at += strcspn(at, "\n")) {
        at += strspn(at, " \t\r\n");
        if (*at && *at != '#' && strncmp(at, "---", 3) != 0)
            return true;
    }
    return false;
}

static int load_file(const char *path, const cyaml_schema_value_t *schema, void **config, cat_error *error)
{
    cat_autofree char *text = NULL;
    size_t length = 0;
    int result = cat_file_read(path, MAX_FILE_BYTES, &text, &length, error);
    if (result < 0)
        return cat_error_wrap(error, "the configuration");
    complaint own = {0};
    cyaml_config_t options = PLAIN;
    options.log_fn = on_complaint;
    options.log_ctx = &own;
    const char *yaml = has_content(text) ? text : "{}";
    cyaml_err_t code = cyaml_load_data((const uint8_t *)yaml, strlen(yaml), &options, schema, config, NULL);
    return code == CYAML_OK ? 0 : complain(&own, path, code, error);
}

static int set_number(const cyaml_schema_value_t *value, void *place, const char *name, const char *text, cat_error *error)
{
    bool is_signed = value->type == CYAML_INT;
    uint64_t largest = value->data_size >= 8 ? INT64_MAX : ((uint64_t)1 << (value->data_size * 8 - (is_signed ? 1 : 0))) - 1;
    long long number = 0;
    if (!cat_text_to_int64(text, is_signed ? -(long long)largest : 0, (long long)largest, &number))
        return cat_error_set(error, CAT_E_INVALID, "%s: %s is no %snumber", name, text, is_signed ? "" : "positive ");
    memcpy(place, &number, value->data_size); /* little-endian, as every machine that this runs on */
    return 0;
}

static int set_value(const cyaml_schema_value_t *value, void *place, const char *name, const char *text, cat_error *error)
{
    switch (value->type) {
    case CYAML_STRING:
        if (!(value->flags & CYAML_FLAG_POINTER))
            return 0;
        free(*(char **)place);
        *(char **)place = cat_strdup(text);
        return 0;
    case CYAML_INT:
    case CYAML_UINT:
        return set_number(value, place, name, text, error);
    case CYAML_BOOL: {
        bool truth = !strcmp(text, "true");
        if (!truth && strcmp(text, "false") != 0)
            return cat_error_set(error, CAT_E_INVALID, "%s: %s is neither true nor false", name, text);
        memset(place, 0, value->data_size);
        memcpy(place, &truth, sizeof truth);
        return 0;
    }
    default:
        return 0; /* lists have no form in an environment variable */
    }
}

/* CATALYST_{KEY} and CATALYST_{SECTION}_{KEY} above what the file says. */
static int override(const cyaml_schema_field_t *fields, char *base, const char *prefix, cat_error *error)
{
    for (const cyaml_schema_field_t *field = fields; field->key; field++) {
        cat_autofree char *name = cat_printf("%s_%s", prefix, field->key);
        for (char *at = name; *at; at++)
            *at = (char)toupper((unsigned char)*at);
        char *place = base + field->data_offset;
        int result = 0;
        if (field->value.type == CYAML_MAPPING && !(field->value.flags & CYAML_FLAG_POINTER))
            result = override(field->value.mapping.fields, place, name, error);
        else if (getenv(name))
            result = set_value(&field->value, place, name, getenv(name), error);
        if (result < 0)
            return result;
    }
    return 0;
}

static void set_default(char **place, const char *text)
{
    if (!*place)
        *place = cat_strdup(text);
}

static int fill_common(cat_config_common *common, const char *path, cat_error *error)
{
    char host[256] = "";
    cat_log_level level;
    gethostname(host, sizeof host - 1);
    set_default(&common->listen, "0.0.0.0:8080");
    set_default(&common->admin, "0.0.0.0:9090");
    set_default(&common->instance, *host ? host : "local");
    set_default(&common->log.level, "info");
    set_default(&common->identity.audience, "catalyst");
    /* Paths are put behind it. */
    for (char *end = common->gitea.url ? strchr(common->gitea.url, '\0') : NULL;
         end && end > common->gitea.url && end[-1] == '/';)
        *--end = '\0';
    if (common->workers == 0)
        common->workers = 4;
    if (common->workers > MAX_WORKERS)
        return cat_error_set(error, CAT_E_INVALID, "%s: workers: at most %d", path, MAX_WORKERS);
    if (!cat_log_level_parse(common->log.level, &level))
        return cat_error_set(error, CAT_E_INVALID, "%s: log.level: %s is none of debug, info, warning, error", path,
                             common->log.level);
    return 0;
}

int cat_config_load(const char *path, const cyaml_schema_value_t *schema, size_t common_offset, void **config, cat_error *error)
{
    void *loaded = NULL;
    int result = load_file(path, schema, &loaded, error);
    if (result < 0)
        return result;
    result = override(schema->mapping.fields, loaded, "CATALYST", error);
    if (result == 0)
        result = fill_common((cat_config_common *)((char *)loaded + common_offset), path, error);
    if (result < 0) {
        cat_config_free(schema, loaded);
        return result;
    }
    *config = loaded;
    return 0;
}

void cat_config_free(const cyaml_schema_value_t *schema, void *config)
{
    if (config)
        cyaml_free(&PLAIN, schema, config, 0);
}

int cat_config_require(const char *value, const char *key, cat_error *error)
{
    if (value && *value)
        return 0;
    return cat_error_set(error, CAT_E_INVALID, "%s is not set", key);
}

int cat_config_require_all(const cat_config_needed *needed, size_t count, cat_error *error)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        code = cat_config_require(needed[i].value, needed[i].key, error);
    return code;
}
