/* Lists in pages, each object lent as a view, so that memory stays flat however many there are. */
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "net/kube_internal.h"

/* A page takes a fraction of a second; whoever stops a watch waits for at most one. */
#define PAGE_TIMEOUT_MS 15000

typedef struct {
    cat_kube *kube;
    const cat_resource *resource;
    const char *what;
    int (*each)(void *context, cat_view object, cat_error *error);
    void *context;
} lister;

/* Items of built-in kinds come without apiVersion and kind; whoever gets an object gets a whole one. */
static int lend_completed(const lister *list, cat_view item, cat_error *error)
{
    static const cat_json_caps caps = {KUBE_OBJECT_MAX_BYTES + 512, KUBE_MAX_DEPTH};
    const cat_resource *resource = list->resource;
    bool in_group = resource->group && *resource->group;
    cat_autofree char *text = cat_view_format(item);
    if (text[0] != '{' || text[1] == '}')
        return cat_error_set(error, CAT_E_PROTOCOL, "%s: an item of the list is no object", list->what);
    cat_auto(cat_string) whole = CAT_STRING(KUBE_OBJECT_MAX_BYTES);
    cat_string_appendf(&whole, "{\"apiVersion\":\"%s%s%s\",\"kind\":\"%s\",", in_group ? resource->group : "",
                       in_group ? "/" : "", resource->version, resource->kind);
    cat_string_append(&whole, text + 1);
    if (whole.overflowed)
        return cat_error_set(error, CAT_E_TOO_LARGE, "%s: an object is larger than %zu bytes", list->what, KUBE_OBJECT_MAX_BYTES);
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    int code = cat_document_parse(whole.data, whole.length, &caps, &document, error);
    return code < 0 ? code : list->each(list->context, cat_document_root(document), error);
}

static int lend_page(const lister *list, cat_view root, cat_error *error)
{
    cat_view items = cat_view_get(root, "items"), item;
    cat_view_iterator iterator = cat_view_each(items);
    while (cat_view_next(&iterator, NULL, &item)) {
        int code =
            cat_view_member(item, "kind").value ? list->each(list->context, item, error) : lend_completed(list, item, error);
        if (code < 0)
            return code;
    }
    return 0;
}

void kube_append_selector(cat_string *url, const char *selector)
{
    static const char field[] = "field:";
    if (!selector || !*selector)
        return;
    bool by_field = cat_text_starts_with(selector, field);
    cat_string_append(url, by_field ? "&fieldSelector=" : "&labelSelector=");
    cat_percent_encode(url, by_field ? selector + sizeof field - 1 : selector);
}

static char *page_url(const char *base, const char *selector, const char *token)
{
    cat_auto(cat_string) url = CAT_STRING(32768);
    cat_string_appendf(&url, "%s?limit=%d", base, KUBE_PAGE_OBJECTS);
    kube_append_selector(&url, selector);
    if (token) {
        cat_string_append(&url, "&continue=");
        cat_percent_encode(&url, token);
    }
    return cat_string_take(&url);
}

/* One page. `*token`: in, which page; out, the next one's or NULL. */
static int page(const lister *list, const char *base, const char *selector, char **token, char version[32], cat_error *error)
{
    static const cat_json_caps caps = {KUBE_ANSWER_MAX_BYTES, KUBE_MAX_DEPTH};
    cat_autofree char *url = page_url(base, selector, *token);
    cat_auto(cat_http_answer) answer = {0};
    int code = kube_send(list->kube, &(kube_call){.method = "GET", .url = url, .what = list->what, .timeout_ms = PAGE_TIMEOUT_MS},
                         &answer, error);
    if (code < 0)
        return code;
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    code = cat_document_parse(answer.body, answer.length, &caps, &document, error);
    cat_view root = code == 0 ? cat_document_root(document) : (cat_view){0};
    const char *got = cat_view_text(root, "metadata.resourceVersion");
    if (code < 0 || !got || strlen(got) > 31)
        return cat_error_set(error, CAT_E_PROTOCOL, "%s: the API server answered no list", list->what);
    memcpy(version, got, strlen(got) + 1);
    code = lend_page(list, root, error);
    const char *next = cat_view_text(root, "metadata.continue");
    free(*token);
    *token = next && *next ? cat_strdup(next) : NULL;
    return code;
}

int cat_kube_list(cat_kube *kube, const cat_kube_selection *wanted, int (*each)(void *context, cat_view object, cat_error *error),
                  void *context, char resource_version[32], cat_error *error)
{
    cat_autofree char *base = kube_url(kube, wanted->resource, wanted->namespace, NULL, NULL);
    cat_autofree char *what = cat_printf("listing %.60s", wanted->resource->plural);
    lister list = {kube, wanted->resource, what, each, context};
    cat_autofree char *token = NULL;
    char version[32] = "";
    do {
        int code = page(&list, base, wanted->selector, &token, version, error);
        if (code < 0)
            return code;
    } while (token);
    if (resource_version)
        memcpy(resource_version, version, sizeof version);
    return 0;
}

static int collect(void *context, cat_view object, cat_error *error)
{
    (void)error;
    json_array_append_new(context, cat_view_to_json(object));
    return 0;
}

int cat_kube_list_json(cat_kube *kube, const cat_resource *resource, const char *namespace, const char *selector, json_t **items,
                       cat_error *error)
{
    cat_autojson json_t *found = json_array();
    cat_error failed = {0};
    const cat_kube_selection wanted = {resource, namespace, selector};
    int code = cat_kube_list(kube, &wanted, collect, found, NULL, &failed);
    if (code == CAT_E_GONE) { /* the pages became too old while they were read: once more from the first */
        json_array_clear(found);
        code = cat_kube_list(kube, &wanted, collect, found, NULL, &failed);
    }
    if (code < 0)
        return cat_error_copy(error, &failed);
    *items = cat_take(found);
    return 0;
}
