#include "people_mirror.h"

#include <string.h>

#include "base/memory.h"
#include "domain/people.h"
#include "net/kv.h"

static size_t count_of(const json_t *groups)
{
    size_t count = 0;
    const char *group;
    json_t *subjects;
    json_object_foreach((json_t *)groups, group, subjects) count += json_array_size(subjects);
    return count;
}

static int put(ec_controller *controller, const char *kind, const char *organization, json_t *value_taken, cat_error *error)
{
    cat_autojson json_t *value = value_taken;
    cat_autofree char *key = cat_printf("%s%s", kind, organization), *text = cat_json_format(value);
    return cat_kv_put(controller->spine, CAT_PEOPLE_BUCKET, &(cat_kv_write){key, text, strlen(text), -1}, NULL, error);
}

int ec_people_mirror_tell(ec_controller *controller, const char *organization, const json_t *groups, int64_t read_ms,
                          cat_error *error)
{
    if (count_of(groups) > CAT_PEOPLE_MAX)
        return cat_error_set(error, CAT_E_TOO_LARGE,
                             "%s has more than %d memberships: what is taken away from them ends with a token's life only",
                             organization, CAT_PEOPLE_MAX);
    char digest[65];
    cat_autofree char *told = cat_printf("people/%s", organization);
    cat_json_digest(groups, digest);
    int code = 0;
    if (!ec_asserted_holds(controller->asserted, told, digest, EC_ASSERTED_MS)) {
        code = put(controller, CAT_PEOPLE_MEMBERS, organization, cat_json_object("groups", json_deep_copy(groups), NULL), error);
        if (code == 0)
            ec_asserted_set(controller->asserted, told, digest);
    }
    return code < 0 ? code
                    : put(controller, CAT_PEOPLE_READ, organization, cat_json_object("at", json_integer(read_ms), NULL), error);
}

int ec_people_mirror_forget(ec_controller *controller, const char *organization, cat_error *error)
{
    static const char *const kinds[] = {CAT_PEOPLE_READ, CAT_PEOPLE_MEMBERS};
    cat_autofree char *told = cat_printf("people/%s", organization);
    ec_asserted_forget(controller->asserted, told);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        cat_autofree char *key = cat_printf("%s%s", kinds[i], organization);
        cat_error failed = {0};
        int code = cat_kv_delete(controller->spine, CAT_PEOPLE_BUCKET, key, -1, &failed);
        if (code < 0 && code != CAT_E_NOT_FOUND)
            return cat_error_copy(error, &failed);
    }
    return 0;
}
