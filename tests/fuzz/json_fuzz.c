/* Any bytes: what is read can be written and read again as the same, and views and documents agree. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "wire/json.h"

static const cat_json_caps caps = {.max_bytes = 65536, .max_depth = 32};

static void check_document(const char *text, size_t size)
{
    cat_autojson json_t *json = NULL, *again = NULL;
    cat_error error = {0};
    if (cat_json_parse(text, size, &caps, &json, &error) < 0) {
        CLAIM(error.message[0] && json == NULL);
        return;
    }
    cat_autofree char *compact = cat_json_format(json), *pretty = cat_json_format_pretty(json);
    CLAIM(cat_json_parse(pretty, strlen(pretty), &(cat_json_caps){1 << 24, 32}, &again, NULL) == 0);
    CLAIM(json_equal(json, again));
    cat_autofree char *compact_again = cat_json_format(again);
    CLAIM(strcmp(compact, compact_again) == 0);
    cat_autofree char *canonical = cat_json_canonical(json), *canonical_again = cat_json_canonical(again);
    CLAIM(strcmp(canonical, canonical_again) == 0);
    /* What jansson takes, yyjson takes, and means the same. */
    cat_autoptr(cat_document) document = NULL;
    CLAIM(cat_document_parse(text, size, &caps, &document, NULL) == 0);
    cat_autojson json_t *copy = cat_view_to_json(cat_document_root(document));
    CLAIM(json_equal(json, copy));
}

static void check_view(const char *text, size_t size)
{
    cat_autoptr(cat_document) document = NULL;
    cat_autoptr(cat_document) again = NULL;
    if (cat_document_parse(text, size, &caps, &document, NULL) < 0)
        return;
    cat_view root = cat_document_root(document);
    cat_view_text(root, "a.b.0");
    cat_autofree char *formatted = cat_view_format(root);
    CLAIM(cat_document_parse(formatted, strlen(formatted), &(cat_json_caps){1 << 24, 32}, &again, NULL) == 0);
}

static void check_patches(const char *text, size_t size)
{
    cat_autojson json_t *json = NULL;
    if (cat_json_parse(text, size, &caps, &json, NULL) < 0)
        return;
    const char *pointer = cat_json_text(json, "0");
    if (pointer)
        cat_json_pointer(json, pointer);
    cat_autojson json_t *document = json_deep_copy(json_array_get(json, 1));
    if (document)
        cat_json_patch(document, json_array_get(json, 2), NULL);
    if (json_array_size(json) > 3) {
        cat_autojson json_t *merged = cat_json_merge_patch(document, json_array_get(json, 3));
        cat_autojson json_t *twice = cat_json_merge_patch(merged, json_array_get(json, 3));
        CLAIM(json_equal(merged, twice));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_document((const char *)data, size);
    check_view((const char *)data, size);
    check_patches((const char *)data, size);
    return 0;
}
