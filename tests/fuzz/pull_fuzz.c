/* Two docker configs, a zero byte between them: each is read whole or refused with a sentence; of the two one is made in which
 * the first's registries stand as they were, and which reads back as itself. */
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "core/plan_pull.h"
#include "fuzz.h"

static json_t *secret_of(const char *value)
{
    return json_pack("{s:s, s:{s:s}}", "type", EC_PULL_TYPE, "data", EC_PULL_KEY, value);
}

static json_t *registries_of(const uint8_t *data, size_t size)
{
    cat_autofree char *value = cat_base64_encode(data, size);
    cat_autojson json_t *secret = secret_of(value);
    json_t *registries = NULL;
    cat_error error = {0};
    int code = ec_pull_parse(secret, &EC_PULL_CAPS, &registries, &error);
    CLAIM((code < 0) == (registries == NULL) && (code < 0) == (error.message[0] != '\0'));
    CLAIM(json_object_size(registries) <= EC_PULL_CAPS.registries);
    return registries;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    size_t first_size = zero ? (size_t)(zero - data) : size;
    cat_autojson json_t *first = registries_of(data, first_size),
                        *second = zero ? registries_of(zero + 1, size - first_size - 1) : NULL, *all = json_object(),
                        *again = NULL;
    ec_pull_add(all, first);
    cat_autojson json_t *kept = json_deep_copy(all);
    ec_pull_add(all, second);
    const char *name;
    json_t *entry;
    json_object_foreach(kept, name, entry) CLAIM(json_equal(json_object_get(all, name), entry));
    static const ec_pull_caps caps = {1024 * 1024, 2 * 64};
    cat_autofree char *value = ec_pull_format(all);
    cat_autojson json_t *secret = secret_of(value);
    CLAIM(ec_pull_parse(secret, &caps, &again, NULL) == 0 && json_equal(all, again));
    return 0;
}
