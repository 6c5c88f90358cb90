/* Operations and, in catalyst-state, Organizations and Environments: each event tells the whole thing, so that the newest one is
 * the row. */
#include <string.h>

#include "core/fold_events.h"
#include "core/fold_time.h"
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

/* Names of others, where the row is an Environment's. */
static int64_t count_others(const prj_fold *state, cat_view data)
{
    cat_view_iterator it = cat_view_each(cat_view_member(data, "environments"));
    cat_view name;
    int64_t count = 0;
    while (cat_view_next(&it, NULL, &name))
        count += !cat_text_equal(cat_view_text(name, NULL), state->environment);
    return strcmp(state->environment, "_") == 0 ? 0 : count;
}

static void put_own_name(const prj_fold *state, cat_string *out, cat_view data)
{
    cat_view_iterator it = cat_view_each(cat_view_member(data, "environments"));
    cat_view name;
    cat_write_begin(out, "environments", '[');
    while (cat_view_next(&it, NULL, &name))
        if (cat_text_equal(cat_view_text(name, NULL), state->environment))
            cat_write_view(out, NULL, name);
    cat_write_end(out, ']');
}

static void put_wordless(cat_string *out, cat_view steps)
{
    static const char *const WORDS[] = {"message"};
    cat_view_iterator it = cat_view_each(steps);
    cat_view one;
    cat_write_begin(out, "steps", '[');
    while (cat_view_next(&it, NULL, &one)) {
        cat_write_begin(out, NULL, '{');
        cat_write_members(out, one, WORDS, 1);
        cat_write_end(out, '}');
    }
    cat_write_end(out, ']');
}

/* An event tells an Environment of itself alone. One from before that was so names the others, and its words and commits may be
 * of any of them: they are left out, and the row still names nobody else. */
static void put_told(const prj_fold *state, cat_string *out, cat_view data)
{
    static const char *const KNOWN[] = {"kind",    "namespace",    "name",         "environment",       "seq",       "observedAt",
                                        "action",  "organization", "sequence",     "environments",      "elsewhere", "steps",
                                        "message", "commits",      "supersededBy", "supersededByCommit"};
    const size_t all = sizeof KNOWN / sizeof *KNOWN, always = 9;
    int64_t others = count_others(state, data);
    cat_write_members(out, data, KNOWN, others ? all : always);
    if (!others)
        return;
    put_own_name(state, out, data);
    cat_write_int(out, "elsewhere", others);
    put_wordless(out, cat_view_member(data, "steps"));
}

int prj_fold_operation(prj_fold *state, const prj_fold_step *step, cat_error *error)
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
    cat_view row = prj_fold_view(prj_fold_find(state, key));
    if (row.value && cat_view_int_or(row, "sequence", -1) >= sequence)
        return 0;
    const char *organization = step->event->organization;
    if (!organization)
        organization = cat_view_text(cat_view_member(data, "organization").value ? data : row, "organization");
    cat_view kind = cat_view_member(data, "kind");
    cat_string *out = prj_fold_begin(state);
    prj_fold_stamp(state, out, "operation", NULL, id);
    cat_write_view(out, "action", kind.value ? kind : cat_view_member(data, "action"));
    prj_fold_put(out, "organization", organization);
    put_told(state, out, data);
    cat_write_int(out, "sequence", sequence);
    prj_fold_seal(out, step);
    prj_fold_store(state, key, NULL);
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

static void put_status(cat_string *out, cat_view data)
{
    const char *word = status_word(data);
    cat_view words = data;
    const char *since = NULL;
    cat_view_iterator it = cat_view_each(find_field(data, "conditions"));
    cat_view condition;
    bool silent = !*cat_view_text_or(data, "message", "") && strcmp(word, "Running") != 0;
    while (silent && cat_view_next(&it, NULL, &condition)) {
        if (cat_text_equal(cat_view_text(condition, "status"), "True"))
            continue;
        words = condition;
        since = cat_view_text(condition, "lastTransitionTime");
        break;
    }
    prj_fold_put(out, "status", word);
    prj_fold_put(out, "reason", cat_view_text(words, "reason"));
    prj_fold_put(out, "message", cat_view_text(words, "message"));
    prj_fold_put(out, "next", cat_view_text(data, "next"));
    prj_fold_put(out, "since", since);
}

/* What both kinds have beside what they are. */
typedef struct {
    const char *kind, *name;
    const char *env_type, *branch; /* of an Environment; else NULL */
    const char *fields[8];         /* taken from the event, else as before; up to the first NULL */
} thing;

static void put_thing(cat_string *out, cat_view data, cat_view row, const thing *it)
{
    static const char *const KNOWN[] = {"kind",   "namespace", "name",       "environment", "organization",
                                        "status", "reason",    "message",    "next",        "since",
                                        "seq",    "deleted",   "observedAt", "envType",     "branch"};
    const char *except[sizeof KNOWN / sizeof *KNOWN + sizeof it->fields / sizeof *it->fields];
    size_t count = sizeof KNOWN / sizeof *KNOWN;
    memcpy(except, KNOWN, sizeof KNOWN);
    put_status(out, data);
    for (size_t i = 0; it->fields[i]; i++) {
        cat_view field = find_field(data, it->fields[i]);
        cat_write_view(out, it->fields[i], field.value ? field : cat_view_member(row, it->fields[i]));
        except[count++] = it->fields[i];
    }
    prj_fold_put(out, "envType", it->env_type);
    prj_fold_put(out, "branch", it->branch);
    cat_write_members(out, row, except, count);
}

static int fold_thing(prj_fold *state, const prj_fold_step *step, const thing *it, cat_error *error)
{
    cat_view data = step->event->data;
    const char *organization = cat_view_text(data, "organization");
    char key[CAT_KEY_MAX];
    int code = cat_key_make(it->kind, NULL, it->name, key, error);
    if (code < 0)
        return code;
    cat_view row = prj_fold_view(prj_fold_find(state, key));
    if (row.value && strcmp(cat_view_text_or(row, "observedAt", ""), step->time_text) >= 0)
        return 0;
    bool deleted = cat_view_bool_or(data, "deleted", false);
    cat_string *out = prj_fold_begin(state);
    prj_fold_stamp(state, out, it->kind, NULL, it->name);
    cat_write_text(out, "organization", organization);
    if (deleted)
        cat_write_bool(out, "deleted", true);
    else
        put_thing(out, data, row, it);
    prj_fold_seal(out, step);
    prj_fold_row *stored = prj_fold_store(state, key, organization);
    if (deleted)
        prj_fold_bury(state, stored, step->time_ms);
    return 0;
}

int prj_fold_organization(prj_fold *state, const prj_fold_step *step, cat_error *error)
{
    const char *name = cat_view_text(step->event->data, "organization");
    if (!name || (strcmp(name, "system") != 0 && cat_name_check_organization(name, NULL) < 0))
        return cat_error_set(error, CAT_E_INVALID, "an Organization's event without its name");
    thing organization = {.kind = "organization",
                          .name = name,
                          .fields = {"conditions", "displayName", "plan", "gitOrganization", "vclusters", "issuer", "owners"}};
    return fold_thing(state, step, &organization, error);
}

int prj_fold_environment(prj_fold *state, const prj_fold_step *step, cat_error *error)
{
    const char *name = cat_view_text(step->event->data, "environment"),
               *organization = cat_view_text(step->event->data, "organization");
    char expected[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
    if (!name || !organization || !cat_environment_split(name, expected, env_type) || strcmp(expected, organization) != 0)
        return cat_error_set(error, CAT_E_INVALID, "an Environment's event without its name or of another Organization");
    thing environment = {.kind = "environment",
                         .name = name,
                         .env_type = env_type,
                         .branch = cat_branch_of_env_type(env_type),
                         .fields = {"conditions", "displayName", "vclusters", "placement", "policyRef"}};
    return fold_thing(state, step, &environment, error);
}
