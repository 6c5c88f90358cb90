/* Any JSON as a Kubernetes object: a status always comes out, in whole characters, and with a next step unless it is well. */
#include <string.h>

#include "base/memory.h"
#include "domain/object_status.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cat_autoptr(cat_document) document = NULL;
    if (cat_document_parse((const char *)data, size, &CAT_JSON_CAPS, &document, NULL) < 0)
        return 0;
    cat_object_status status;
    cat_object_status_of(cat_document_root(document), &status);
    CLAIM(cat_text_is_utf8(status.message, strlen(status.message)) && cat_text_is_utf8(status.reason, strlen(status.reason)));
    CLAIM((status.status == CAT_STATUS_RUNNING) == (status.next[0] == 0));
    return 0;
}
