/* Any text as a quantity, an apiVersion and a resourceVersion; any JSON as an object, a pod's spec and a quantity. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "wire/kubernetes.h"
#include "wire/kubernetes_requests.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cat_autofree char *text = cat_strndup((const char *)data, size);
    int64_t milli, bytes;
    if (cat_quantity_milli(text, &milli))
        CLAIM(cat_quantity_bytes(text, &bytes));
    char group[16], version[8];
    cat_api_version_split(text, group, sizeof group, version, sizeof version);
    CLAIM(strlen(group) < sizeof group && strlen(version) < sizeof version);
    CLAIM(cat_resource_version_compare(text, text) == 0);
    CLAIM(cat_resource_version_compare(text, "17") == -cat_resource_version_compare("17", text));
    cat_autoptr(cat_document) document = NULL;
    if (cat_document_parse(text, strlen(text), &CAT_JSON_CAPS, &document, NULL) == 0) {
        cat_pod_requests asked = cat_pod_requests_of(cat_document_root(document));
        CLAIM(asked.cpu_milli >= 0 && asked.memory_bytes >= 0);
        CLAIM(cat_quantity_bytes_of(cat_document_root(document)) >= 0);
    }
    cat_autojson json_t *json = NULL;
    if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &json, NULL) < 0)
        return 0;
    cat_object_name(json);
    cat_object_label(json, "a");
    cat_object_is_deleting(json);
    cat_object_has_finalizer(json, "a");
    cat_condition_status(json, "Ready");
    json_t *conditions = cat_json_get(json, "status.conditions");
    if (json_is_array(conditions)) {
        cat_condition_set(conditions, "Ready", "True", "Done", "", 1, 0);
        CLAIM(strcmp(cat_condition_status(json, "Ready"), "True") == 0);
    }
    return 0;
}
