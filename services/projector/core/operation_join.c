#include "core/operation_join.h"

#include "base/memory.h"

static void add_missing(json_t *array, const json_t *more)
{
    size_t index, at;
    json_t *one, *known;
    json_array_foreach((json_t *)more, index, one)
    {
        bool there = false;
        json_array_foreach(array, at, known) there = there || json_equal(known, one);
        if (!there)
            json_array_append(array, one);
    }
}

static void unite_commits(json_t *joined, const json_t *row)
{
    if (!json_is_array(json_object_get(joined, "commits")))
        json_object_set_new(joined, "commits", json_array());
    add_missing(json_object_get(joined, "commits"), json_object_get(row, "commits"));
}

/* By name: which row went furthest does not change how they are told. */
static json_t *environments_of(const json_t *const *rows, size_t count)
{
    cat_auto(cat_strings) names = {0};
    for (size_t i = 0; i < count; i++) {
        const json_t *own = json_object_get(rows[i], "environments");
        for (size_t at = 0; at < json_array_size(own); at++) {
            const char *name = json_string_value(json_array_get(own, at));
            if (name && !cat_strings_has(&names, name))
                cat_strings_add(&names, name);
        }
    }
    cat_strings_sort(&names);
    return cat_json_strings(&names);
}

/* What the operation, or one of its steps, says; the other's words are of the same moment. */
static void take_words(json_t *teller, const json_t *other)
{
    static const char *const WORDS[] = {"message", "supersededBy", "supersededByCommit"};
    if (!cat_json_bool_or(teller, "messageElsewhere", false) || cat_json_bool_or(other, "messageElsewhere", false))
        return;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (json_object_get(other, WORDS[i]))
            json_object_set(teller, WORDS[i], json_object_get(other, WORDS[i]));
    json_object_del(teller, "messageElsewhere");
}

static void take_all_words(json_t *joined, const json_t *row)
{
    size_t index;
    json_t *step;
    take_words(joined, row);
    json_array_foreach(json_object_get(joined, "steps"), index, step)
        take_words(step, json_array_get(json_object_get(row, "steps"), index));
}

json_t *prj_operation_join(const json_t *const *rows, size_t count)
{
    json_t *joined = json_deep_copy(rows[0]), *environments = environments_of(rows, count);
    json_int_t more = (json_int_t)(json_array_size(environments) - json_array_size(json_object_get(joined, "environments"))),
               left = cat_json_int_or(joined, "elsewhere", 0) - more;
    json_object_set_new(joined, "environments", environments);
    json_object_set_new(joined, "elsewhere", json_integer(left > 0 ? left : 0));
    for (size_t i = 1; i < count; i++) {
        unite_commits(joined, rows[i]);
        if (cat_json_int_or(rows[i], "sequence", -1) == cat_json_int_or(joined, "sequence", -1))
            take_all_words(joined, rows[i]);
    }
    return joined;
}
