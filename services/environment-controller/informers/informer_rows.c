/* The rows as they are: what they hold is not told again, and what they hold of kinds that are not there any more is told as
 * deleted. On a reconciler's worker. */
#include <string.h>

#include "base/memory.h"
#include "domain/fold_mark.h"
#include "informers/informer_internal.h"
#include "net/kv.h"

/* How long a fold that lags is waited for: rows behind the log would miss what was deleted meanwhile. */
#define FOLD_WAIT_MS 5000

typedef struct {
    ec_informer *informer;
    unsigned index;
    size_t rows;
    json_t *orphans; /* [{token, namespace, name, uid}] */
} seeding;

static void seed(seeding *to, ec_kind_watch *kind, const char *namespace, const char *name, cat_view copy)
{
    cat_autofree char *key = cat_printf("%s/%s", strcmp(namespace, "_") == 0 ? "" : namespace, name);
    const char *uid = cat_view_text_or(copy, "uid", "");
    uint64_t mark = ec_informer_mark(cat_view_int_or(copy, "epoch", 0), uid, cat_view_text_or(copy, "resourceVersion", ""));
    ec_entry *entry = cat_map_get(kind->entries, key);
    if (!entry) {
        entry = cat_calloc(1, sizeof *entry);
        entry->mark = mark;
        entry->applied = ec_fields_kept(cat_view_text(copy, "flux.at"), cat_view_text(copy, "flux.digest"));
        cat_map_set(kind->entries, key, entry);
    }
    /* One of several Environments is behind: all are told again. */
    if (entry->mark != mark)
        entry->mark = 0;
    /* Told by one who did not remember what Flux applied. */
    if (cat_view_member(copy, "drift").value && !entry->applied)
        entry->mark = 0;
    entry->environments |= (uint16_t)(1u << to->index);
    snprintf(entry->uid, sizeof entry->uid, "%s", uid);
    to->rows++;
}

/* Nobody watches its kind: its definition may have gone while nobody looked. */
static void note_orphan(seeding *to, const cat_key *key, cat_view copy)
{
    json_array_append_new(to->orphans,
                          json_pack("{s:s, s:s, s:s, s:s}", "token", key->kind, "namespace", key->namespace ? key->namespace : "",
                                    "name", key->name, "uid", cat_view_text_or(copy, "uid", "")));
}

static bool each_row(void *context, const cat_kv_entry *row)
{
    seeding *to = context;
    cat_key key;
    if (!row->value || cat_key_parse(row->key, &key, NULL) < 0)
        return true;
    ec_kind_watch *kind = ec_informer_kind_of(to->informer, key.kind);
    if (!kind && !strchr(key.kind, '_'))
        return true;
    cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
    if (cat_document_parse(row->value, row->length, &CAT_JSON_CAPS, &document, NULL) < 0)
        return true;
    cat_view root = cat_document_root(document);
    cat_view copy = cat_view_member(cat_view_get(root, "clusters"), to->informer->cluster);
    if (cat_view_is_object(copy) && !cat_view_bool_or(root, "deleted", false))
        kind ? seed(to, kind, key.namespace, key.name, copy) : note_orphan(to, &key, copy);
    return true;
}

/* Has the fold taken in all that the stream holds? True also when nobody folds yet. */
static bool is_folded(cat_spine *spine, const char *bucket, const char *stream)
{
    cat_stream_info info = {0};
    cat_auto(cat_kv_entry) entry = {0};
    cat_auto(cat_fold_mark) mark = {0};
    if (cat_kv_get(spine, bucket, CAT_FOLD_MARK, &entry, NULL) < 0 || cat_stream_get_info(spine, stream, &info, NULL) < 0 ||
        cat_fold_mark_parse(entry.value, entry.length, &mark, NULL) < 0)
        return true;
    return mark.cursor >= info.last_sequence;
}

static int each_definition(void *context, cat_view definition, cat_error *error)
{
    (void)error;
    char token[CAT_KEY_MAX];
    cat_kind_token(cat_view_text_or(definition, "spec.names.kind", ""), cat_view_text_or(definition, "spec.group", ""), token,
                   sizeof token);
    cat_strings_add(context, token);
    return 0;
}

/* Objects of kinds that no definition defines are gone. */
static int tell_orphans(ec_informer *informer, unsigned index, const json_t *orphans, cat_error *error)
{
    if (!json_array_size(orphans) || informer->is_management)
        return 0;
    cat_auto(cat_strings) defined = {0};
    int code = cat_kube_list(informer->kube, &(cat_kube_selection){ec_resource("CustomResourceDefinition")}, each_definition,
                             &defined, NULL, error);
    size_t at;
    json_t *orphan;
    json_array_foreach(orphans, at, orphan)
    {
        const char *token = cat_json_text_or(orphan, "token", "");
        if (code < 0 || cat_strings_has(&defined, token))
            continue;
        /* The token is what is left of kind and group, and stands for both. */
        ec_kind_watch kind = {.informer = informer, .resource = {"", "", token, "", true}};
        const ec_identity_of of = {cat_json_text_or(orphan, "namespace", ""), cat_json_text_or(orphan, "name", ""),
                                   cat_json_text_or(orphan, "uid", ""), informer->resource_version};
        ec_informer_tell_deleted(&kind, &of, (uint16_t)(1u << index));
    }
    return code;
}

static int read_rows(ec_informer *informer, unsigned index, const char *token, cat_error *error)
{
    char bucket[CAT_KEY_MAX], stream[CAT_KEY_MAX];
    cat_bucket_of_environment(informer->environments[index], bucket, sizeof bucket);
    cat_stream_of_environment(informer->environments[index], stream, sizeof stream);
    const cat_clock *clock = cat_clock_system();
    int64_t until = clock->monotonic_ms(clock) + FOLD_WAIT_MS;
    while (!is_folded(informer->spine, bucket, stream) && clock->monotonic_ms(clock) < until)
        clock->sleep_ms(clock, 100);
    cat_autojson json_t *orphans = json_array();
    seeding to = {informer, index, 0, orphans};
    cat_autofree char *filter = token ? cat_printf("%s.>", token) : NULL;
    cat_error failed = {0};
    int code = cat_kv_each(informer->spine, bucket, filter, each_row, &to, &failed);
    /* One Environment's bucket that is gone is made anew, and holds up no other Environment: its rows are none. */
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    if (code == 0)
        code = tell_orphans(informer, index, orphans, error);
    if (code == 0 && !token)
        cat_log_info("rows read before informing", CAT_FIELD("cluster", informer->cluster),
                     CAT_FIELD("environment", informer->environments[index]), CAT_FIELD_INT("rows", to.rows),
                     CAT_FIELD_INT("epoch", informer->epoch));
    return code == CAT_E_NOT_FOUND ? 0 : code;
}

int ec_informer_read_rows(ec_informer *informer, const char *token, cat_error *error)
{
    int code = 0;
    for (unsigned i = 0; i < informer->environment_count && code == 0; i++)
        code = read_rows(informer, i, token, error);
    return code;
}
