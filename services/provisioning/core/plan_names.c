/* What a new Application is called is also what its objects are called, and some kinds take fewer names than others. */
#include "core/plan_names.h"

#include <string.h>

#include "base/memory.h"
#include "base/string.h"

/* Services: RFC 1035 labels (k8s.io/apimachinery, validation.IsDNS1035Label). StatefulSets: their pods carry
 * `{name}-{10 characters}` in the label controller-revision-hash. CronJobs: their Jobs' names add 11 characters
 * (pkg/apis/batch/validation). */
static const struct {
    const char *kind;
    size_t most;
    bool letter_first;
} RULES[] = {{"Service", 63, true}, {"StatefulSet", 52, false}, {"CronJob", 52, false}, {"Job", 63, false}};

static char *fault_of(const char *kind, const char *name)
{
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
        if (strcmp(kind, RULES[i].kind) != 0)
            continue;
        if (RULES[i].letter_first && !(name[0] >= 'a' && name[0] <= 'z'))
            return cat_printf("its name has to begin with a letter");
        if (strlen(name) > RULES[i].most)
            return cat_printf("its name may have %zu characters and has %zu", RULES[i].most, strlen(name));
    }
    return NULL;
}

void prv_plan_names(const json_t *objects, const char *application, const char *pointer, const char *where, json_t *complaints)
{
    size_t index;
    json_t *object;
    json_array_foreach((json_t *)objects, index, object)
    {
        const char *kind = cat_json_text_or(object, "kind", ""), *name = cat_json_text_or(object, "metadata.name", "");
        cat_autofree char *fault = cat_text_starts_with(name, application) ? fault_of(kind, name) : NULL;
        if (!fault)
            continue;
        cat_autofree char *message = cat_printf("%s: there would be a %s '%.80s', and %s. Choose another name for %.60s", where,
                                                kind, name, fault, application);
        json_array_append_new(complaints,
                              cat_json_object("pointer", json_string(pointer), "message", json_string(message), NULL));
        return; /* one is enough: the name is the same in all */
    }
}
