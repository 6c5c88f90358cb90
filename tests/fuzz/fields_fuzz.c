/* What Flux applied of an object: `managedFields` and the object are whatever a cluster says. The first line is the object
 * before, the second after. */
#include <stdlib.h>
#include <string.h>

#include "core/informer_fields.h"
#include "fuzz.h"

static const unsigned char KEY[EC_FIELDS_KEY_BYTES] = {1};

static void judge(ec_fields **applied, const char *text, size_t length)
{
    cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
    if (cat_document_parse(text, length, &CAT_JSON_CAPS, &document, NULL) < 0)
        return;
    ec_drift drift;
    char digest[EC_FIELDS_DIGEST_MAX];
    ec_fields_judge(applied, cat_document_root(document), KEY, &drift);
    ec_fields_digest(*applied, cat_document_root(document), &drift, KEY, digest);
    ec_fields_doubtful(cat_document_root(document));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *line = memchr(text, '\n', size);
    size_t first = line ? (size_t)(line - text) : size;
    ec_fields *applied = NULL;
    judge(&applied, text, first);
    if (line)
        judge(&applied, line + 1, size - first - 1);
    free(applied);
    return 0;
}
