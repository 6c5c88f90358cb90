/* Any bytes: a line of a watch, and the Status of a refusal. */
#include "fuzz.h"
#include "net/kube_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    kube_line line = {0};
    cat_error error = {0};
    int code = kube_line_decode((const char *)data, size, &document, &line, &error);
    if (code < 0) {
        CLAIM(error.code == code && error.message[0] && !document);
    } else {
        CLAIM(document && cat_view_is_object(line.object) && line.resource_version[0]);
        CLAIM(cat_text_equal(cat_view_text(line.object, "metadata.resourceVersion"), line.resource_version));
    }
    cat_error refused = {0};
    CLAIM(kube_error_from_status(422, (const char *)data, size, "trying", &refused) < 0 && refused.message[0]);
    return 0;
}
