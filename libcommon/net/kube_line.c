/* One line of a watch: {"type": …, "object": …}. Pure. */
#include <string.h>

#include "net/kube_internal.h"

static int error_of(cat_view object, cat_error *error)
{
    int64_t code = cat_view_int_or(object, "code", 500);
    const char *message = cat_view_text_or(object, "message", "no message");
    if (code == 410)
        return cat_error_set(error, CAT_E_GONE, "watching: %s", message);
    return cat_error_set_peer(error, CAT_PEER_CLUSTER,
                              code == 401   ? CAT_E_UNAUTHORIZED
                              : code == 403 ? CAT_E_FORBIDDEN
                                            : CAT_E_UNAVAILABLE,
                              "watching: %s", message);
}

static int decode(cat_view root, kube_line *line, cat_error *error)
{
    static const char *const types[] = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK"};
    const char *type = cat_view_text(root, "type");
    cat_view object = cat_view_get(root, "object");
    if (!type || !cat_view_is_object(object))
        return cat_error_set(error, CAT_E_PROTOCOL, "watching: a line has no type or object");
    if (strcmp(type, "ERROR") == 0)
        return error_of(object, error);
    const char *version = cat_view_text(object, "metadata.resourceVersion");
    if (!version || !*version || strlen(version) > 31)
        return cat_error_set(error, CAT_E_PROTOCOL, "watching: a line's object has no resourceVersion");
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(type, types[i]) != 0)
            continue;
        *line = (kube_line){.type = i, .object = object};
        memcpy(line->resource_version, version, strlen(version) + 1);
        return 0;
    }
    return cat_error_set(error, CAT_E_PROTOCOL, "watching: a line has the unknown type %.40s", type);
}

int kube_line_decode(const char *text, size_t length, cat_document **document, kube_line *line, cat_error *error)
{
    static const cat_json_caps caps = {KUBE_OBJECT_MAX_BYTES, KUBE_MAX_DEPTH};
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *parsed = NULL;
    int code = cat_document_parse(text, length, &caps, &parsed, error);
    if (code < 0) {
        cat_error_wrap(error, "watching: a line that is no JSON");
        return code;
    }
    code = decode(cat_document_root(parsed), line, error);
    if (code == 0)
        *document = cat_take(parsed);
    return code;
}
