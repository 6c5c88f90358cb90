/* Operations and, in catalyst-state, Organizations and Environments: each event tells the whole thing, so that the newest one is
 * the row. */
#include <string.h>

#include "fold_internal.h"
#include "wire/names.h"

/* `sequence` stands in the data, or is CloudEvents' extension attribute (a number or its text). */
static int64_t sequence_of(const cat_cloudevent_in *event)
{
    int64_t sequence = cat_view_int_or(event->data, "sequence", -1);
    if (sequence >= 0 || !event->document)
        return sequence;
    cat_view root = cat_document_root(event->document);
    long long number = -1;
    const char *text = cat_view_text(root, "sequence");
    if (text && cat_text_to_int64(text, 0, INT64_MAX, &number))
        return number;
    return cat_view_int_or(root, "sequence", -1);
}

int fold_operation(fold *state, const fold_step *step, cat_error *error)
{
    cat_view data = step->event->data;
    const char *id = cat_view_text(data, "operation");
    int64_t sequence = sequence_of(step->event);
    if (!id || !*id || strlen(id) > 128 || sequence < 0 || !cat_view_is_object(data))
        return cat_error_set(error, CAT_E_INVALID, "an operation needs its id and a sequence");
    char key[CAT_KEY_MAX];
    int code = cat_key_make("operation", NULL, id, key, error);
    if (code < 0)
        return code;
    fold_row *row = fold_find(state, key);
    if (row && cat_json_int_or(fold_json(row), "sequence", -1) >= sequence)
        return 0;
    row = fold_edit(state, key);
    cat_view_iterator it = cat_view_each(data);
    const char *name;
    cat_view value;
    while (cat_view_next(&it, &name, &value))
        json_object_set_new(row->json, strcmp(name, "kind") == 0 ? "action" : name, cat_view_to_json(value));
    json_object_set_new(row->json, "sequence", json_integer(sequence));
    fold_put(row->json, "organization",
             step->event->organization ? step->event->organization : cat_json_text(row->json, "organization"));
    fold_stamp(state, row->json, step, "operation", NULL, id);
    return 0;
}

/* The controller may speak of a field at the top, in the object's status or in its spec. */
static cat_view find_field(cat_view data, const char *name)
{
    static const char *const PLACES[] = {"status", "spec"};
    cat_view field = cat_view_get(data, name);
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES && !field.value; i++) {
        cat_view place = cat_view_get(data, PLACES[i]);
        if (cat_view_is_object(place))
            field = cat_view_member(place, name);
    }
    return field;
}

/* An object's word is judged by its condition Ready when the controller gave none. */
static const char *status_word(cat_view data)
{
    const char *word = cat_view_text(data, "status");
    if (word && *word)
        return word;
    cat_view conditions = find_field(data, "conditions");
    cat_view_iterator it = cat_view_each(conditions);
    cat_view condition;
    while (cat_view_next(&it, NULL, &condition))
        if (cat_text_equal(cat_view_text(condition, "type"), "Ready"))
            return cat_text_equal(cat_view_text(condition, "status"), "True") ? "Running" : "Progressing";
    return "Unknown";
}

static void explain(cat_view data, json_t *json)
{
    fold_put(json, "reason", cat_view_text(data, "reason"));
    fold_put(json, "message", cat_view_text(data, "message"));
    fold_put(json, "next", cat_view_text(data, "next"));
    if (json_object_get(json, "message") || strcmp(cat_json_text_or(json, "status", ""), "Running") == 0)
        return;
    cat_view_iterator it = cat_view_each(find_field(data, "conditions"));
    cat_view condition;
    while (cat_view_next(&it, NULL, &condition)) {
        if (cat_text_equal(cat_view_text(condition, "status"), "True"))
            continue;
        fold_put(json, "reason", cat_view_text(condition, "reason"));
        fold_put(json, "message", cat_view_text(condition, "message"));
        fold_put(json, "since", cat_view_text(condition, "lastTransitionTime"));
        return;
    }
}

static void forget_members(json_t *json, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_object_del(json, names[i]);
}

static int fold_thing(fold *state, const fold_step *step, const char *kind, const char *name, const char *const *fields,
                      size_t field_count, cat_error *error)
{
    cat_view data = step->event->data;
    const char *organization = cat_view_text(data, "organization");
    char key[CAT_KEY_MAX];
    int code = cat_key_make(kind, NULL, name, key, error);
    if (code < 0)
        return code;
    fold_row *row = fold_find(state, key);
    if (row && strcmp(cat_json_text_or(fold_json(row), "observedAt", ""), step->time_text) >= 0)
        return 0;
    row = fold_edit(state, key);
    fold_stamp(state, row->json, step, kind, NULL, name);
    json_object_set_new(row->json, "organization", json_string(organization));
    if (cat_view_bool_or(data, "deleted", false)) {
        static const char *const OF_LIFE[] = {"status", "reason", "message", "next", "since", "conditions", "environments"};
        forget_members(row->json, OF_LIFE, sizeof OF_LIFE / sizeof *OF_LIFE);
        forget_members(row->json, fields, field_count);
        json_object_set_new(row->json, "deleted", json_true());
        fold_bury(state, row, step->time_ms);
    } else {
        json_object_del(row->json, "deleted");
        json_object_del(row->json, "since");
        fold_put(row->json, "status", status_word(data));
        explain(data, row->json);
        for (size_t i = 0; i < field_count; i++) {
            cat_view field = find_field(data, fields[i]);
            if (field.value)
                json_object_set_new(row->json, fields[i], cat_view_to_json(field));
        }
    }
    fold_index(state, row);
    return 0;
}

int fold_organization(fold *state, const fold_step *step, cat_error *error)
{
    static const char *const FIELDS[] = {"conditions", "displayName", "plan", "gitOrganization", "vclusters", "issuer", "owners"};
    const char *name = cat_view_text(step->event->data, "organization");
    if (!name || (strcmp(name, "system") != 0 && cat_name_check_organization(name, NULL) < 0))
        return cat_error_set(error, CAT_E_INVALID, "an Organization's event without its name");
    return fold_thing(state, step, "organization", name, FIELDS, sizeof FIELDS / sizeof *FIELDS, error);
}

int fold_environment(fold *state, const fold_step *step, cat_error *error)
{
    static const char *const FIELDS[] = {"conditions", "displayName", "envType", "branch", "vclusters", "placement", "policyRef"};
    const char *name = cat_view_text(step->event->data, "environment"),
               *organization = cat_view_text(step->event->data, "organization");
    char expected[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
    if (!name || !organization || !cat_environment_split(name, expected, env_type) || strcmp(expected, organization) != 0)
        return cat_error_set(error, CAT_E_INVALID, "an Environment's event without its name or of another Organization");
    int code = fold_thing(state, step, "environment", name, FIELDS, sizeof FIELDS / sizeof *FIELDS, error);
    if (code < 0)
        return code;
    char key[CAT_KEY_MAX];
    cat_key_make("environment", NULL, name, key, NULL);
    fold_row *row = fold_find(state, key);
    if (row && row->dirty && row->expires_ms == 0) {
        fold_put(row->json, "envType", env_type);
        fold_put(row->json, "branch", cat_branch_of_env_type(env_type));
    }
    return 0;
}
