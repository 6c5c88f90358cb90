/* What people broke in an Application's repository: trouble of that Application, never of the request, and told with the file,
 * the line and what to do. Facts have it as `branches.{branch}.unreadable`: [{file, message}], an Application whose object is
 * broken as `unreadable`: text, and one whose repository somebody archived as `archived`: true. */
#include <stdarg.h>
#include <stdio.h>

#include "core/plan_reach.h"

#include "base/memory.h"
#include "domain/application_tree.h"

static void add(json_t *errors, const char *pointer, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add(json_t *errors, const char *pointer, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    json_array_append_new(errors, cat_json_object("pointer", json_string(pointer), "message", json_string(message), NULL));
}

/* Of a file that something has to stand in; `may_be_empty`: it only has to be there. */
static void add_missing(json_t *errors, const json_t *files, const char *file, bool may_be_empty, const char *where,
                        const char *pointer)
{
    cat_file_state state = cat_file_state_of(files, file);
    cat_autofree char *on = cat_printf(" on %s", where), *words = cat_file_words(state, file, on);
    if (words && !(may_be_empty && state == CAT_FILE_EMPTY))
        add(errors, pointer, "%s", words);
}

/* One branch that is looked at. */
typedef struct {
    const char *organization, *name;
    const json_t *environments; /* those whose branches count */
    bool everybodys;
} looking;

static bool counts(const looking *at, const char *file)
{
    if (prv_is_branch_of(at->organization, at->environments, at->name) || at->everybodys)
        return prv_is_within(at->organization, at->environments, at->name, file);
    return cat_text_equal(at->name, "develop") && cat_text_equal(file, "catalyst.yaml");
}

/* develop has them always; a branch that nothing was carried to yet has neither values nor an overlay. */
static bool has_manifests(const looking *at, const json_t *branch)
{
    return cat_text_equal(at->name, "develop") || json_object_size(json_object_get(branch, "overlays")) ||
           json_object_get(json_object_get(branch, "files"), "values.yaml");
}

/* Of a branch that is too large to be read whole it is not known what is not in it. */
static void add_all_missing(json_t *errors, const looking *at, const json_t *branch, const char *where, const char *pointer)
{
    const json_t *files = json_object_get(branch, "files");
    const char *type;
    json_t *one;
    if (prv_is_unreadable(branch, ""))
        return;
    if (files && !json_object_get(branch, "source") && has_manifests(at, branch) && counts(at, "catalyst.yaml"))
        add_missing(errors, files, "catalyst.yaml", false, where, pointer);
    /* Where the manifests are, their values are too: without them nothing can be built. */
    if (files && json_object_get(branch, "source") && counts(at, "values.yaml"))
        add_missing(errors, files, "values.yaml", false, where, pointer);
    json_object_foreach(json_object_get(branch, "overlays"), type, one)
    {
        cat_autofree char *values = cat_printf("overlays/%s/values.yaml", type);
        cat_autofree char *kustomization = cat_printf("overlays/%s/kustomization.yaml", type);
        if (json_object_get(files, kustomization) && counts(at, values))
            add_missing(errors, files, values, true, where, pointer); /* an empty one: nothing differs there */
    }
}

static void add_branch(json_t *errors, const looking *at, const char *application, const json_t *branch, const char *pointer)
{
    size_t index;
    json_t *one;
    cat_autofree char *where = cat_printf("branch %s of %s/%s", at->name, at->organization, application);
    add_all_missing(errors, at, branch, where, pointer);
    json_array_foreach(cat_json_get(branch, "unreadable"), index, one)
    {
        const char *file = cat_json_text_or(one, "file", ""), *why = cat_json_text_or(one, "message", "");
        if (!counts(at, file))
            continue;
        if (*file)
            add(errors, pointer, "%.200s on %s cannot be read: %.300s. Correct the file in Git", file, where, why);
        else
            add(errors, pointer, "%s cannot be read: %.300s. Take some out in Git", where, why);
    }
}

/* Of the Environments that are asked about, those that the Application runs in. */
static json_t *environments_of(const json_t *known, const json_t *wanted)
{
    json_t *both = json_array(), *environment;
    size_t index;
    json_array_foreach((json_t *)wanted, index, environment)
    {
        if (cat_json_is_text_in(cat_json_get(known, "spec.environments"), json_string_value(environment)))
            json_array_append(both, environment);
    }
    return both;
}

json_t *prv_unreadable(const json_t *facts, const char *application, prv_part part, const char *pointer)
{
    const json_t *known = prv_facts_application(facts, application);
    const char *name;
    json_t *one, *errors = json_array();
    cat_autojson json_t *environments = environments_of(known, part.environments);
    if (cat_json_text(known, "unreadable"))
        add(errors, pointer, "%s: %s; the Sovereign's people mend it", application, cat_json_text(known, "unreadable"));
    if (cat_json_bool_or(known, "archived", false))
        add(errors, pointer,
            "repository %s/%s is archived in Git and takes no change: take it out of the archive there, or uninstall %s",
            cat_json_text_or(facts, "organization.name", ""), application, application);
    json_object_foreach(cat_json_get(known, "branches"), name, one)
    {
        looking at = {cat_json_text_or(facts, "organization.name", ""), name, environments, part.everybodys};
        add_branch(errors, &at, application, one, pointer);
    }
    return errors;
}

int prv_refuse_unreadable(prv_draft *draft, const char *application, prv_part part, const char *pointer, cat_error *error)
{
    cat_autojson json_t *errors = prv_unreadable(draft->facts, application, part, pointer);
    if (json_array_size(errors) == 0)
        return 0;
    json_array_extend(draft->errors, errors);
    return prv_draft_refuse(draft, CAT_E_CONFLICT, "application-unreadable", error, "%s",
                            cat_json_text_or(errors, "0.message", ""));
}

static const json_t *any_version_of(const json_t *facts, const char *source, const char *name)
{
    size_t index;
    json_t *blueprint;
    json_array_foreach(cat_json_get(facts, "blueprints"), index, blueprint)
    {
        if (cat_text_equal(cat_json_text(blueprint, "name"), name) && cat_text_equal(cat_json_text(blueprint, "source"), source))
            return blueprint;
    }
    return NULL;
}

int prv_refuse_unregistered(prv_draft *draft, const char *application, const char *pointer, cat_error *error)
{
    const json_t *facts = draft->facts, *known = prv_facts_application(facts, application),
                 *source = cat_json_get(known, "branches.develop.source");
    const char *name = cat_json_text_or(source, "blueprint.name", "?"), *from = cat_json_text_or(source, "blueprint.source", "?"),
               *version = cat_json_text_or(source, "blueprint.version", "?");
    if (!known || prv_facts_blueprint_of(facts, source))
        return 0;
    bool other = any_version_of(facts, from, name);
    const char *organization = cat_json_text_or(facts, "organization.name", "");
    cat_autofree char *branch = cat_printf(" on branch develop of %s/%s", organization, application);
    cat_autofree char *where = cat_printf("catalyst.yaml%s", branch);
    cat_autofree char *message =
        !source ? cat_file_words(CAT_FILE_GONE, "catalyst.yaml", branch)
        : other
            ? cat_printf("version %.63s of Blueprint %.63s (of %.63s), which %s is made from, is not registered here: have it "
                         "registered again, or name another version under spec.blueprint.version of %s",
                         version, name, from, application, where)
            : cat_printf("%s names Blueprint %.63s of %.63s, and none of that name is registered there: correct "
                         "spec.blueprint in Git, or have the Blueprint registered again",
                         where, name, from);
    prv_draft_complain(draft, pointer, "%s", message);
    return prv_draft_refuse(draft, CAT_E_CONFLICT, other ? "blueprint-gone" : "application-unreadable", error, "%s", message);
}

bool prv_is_unreadable(const json_t *branch, const char *file)
{
    size_t index;
    json_t *one;
    json_array_foreach(cat_json_get(branch, "unreadable"), index, one)
    {
        if (cat_text_equal(cat_json_text(one, "file"), file))
            return true;
    }
    return false;
}
