/* The Application's object speaks of all the Environments that it runs in, and is told to each of them. A row is read by who may
 * see its own Environment alone: of the object it is made from what is that Environment's. */
#include "core/fold_own.h"

#include <string.h>

#include "base/memory.h"
#include "domain/environment_words.h"

static void keep_own(json_t *environments, const char *own)
{
    for (size_t i = json_array_size(environments); i-- > 0;)
        if (!cat_text_equal(cat_json_text(json_array_get(environments, i), "name"), own))
            json_array_remove(environments, i);
}

static void cut_words(const prj_fold *state, json_t *condition, const cat_strings *own, const cat_strings *names)
{
    const char *message = cat_json_text(condition, "message");
    if (!message || !cat_words_name_another(message, state->organization, own, names))
        return;
    bool waits = cat_text_equal(cat_json_text(condition, "reason"), "Waiting");
    json_object_set_new(condition, "message",
                        json_string(waits ? "something is waited for in another Environment of this Application"
                                          : "something is not as it should be in another Environment of this Application"));
}

cat_view prj_fold_own_application(const prj_fold *state, cat_view object, cat_document **made)
{
    cat_autojson json_t *cut = cat_view_to_json(object);
    cat_auto(cat_strings) own = {0}, names = {0};
    size_t index;
    json_t *condition;
    cat_strings_add(&own, state->environment);
    cat_strings_add(&names, cat_json_text_or(cut, "metadata.name", "?"));
    keep_own(cat_json_get(cut, "status.environments"), state->environment);
    json_array_foreach(cat_json_get(cut, "status.conditions"), index, condition) cut_words(state, condition, &own, &names);
    cat_autofree char *text = cat_json_format(cut);
    static const cat_json_caps CAPS = {.max_bytes = (size_t)2 * 1024 * 1024, .max_depth = 80};
    if (cat_document_parse(text, strlen(text), &CAPS, made, NULL) < 0)
        return (cat_view){NULL};
    return cat_document_root(*made);
}
