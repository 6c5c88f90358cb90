#include "core/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "domain/source.h"
#include "wire/kubernetes.h"
#include "wire/names.h"
#include "wire/semver.h"

#define TAGS "refs/tags/"
#define PEELED "^{}"
#define ANNOTATION "catalyst.openova.io/"

/* --- which tags --- */

/* What is no version's is somebody's own tag. */
static bool read_tag(const char *repository, const char *tag, char **name, char **version)
{
    const char *base = strrchr(repository, '/');
    base = base ? base + 1 : repository;
    const char *slash = strchr(tag, '/');
    if (cat_source_has_folders(repository) != (slash != NULL))
        return false;
    const char *text = slash ? slash + 1 : tag;
    if (*text != 'v' || strchr(text, '/'))
        return false;
    cat_autofree char *found = slash ? cat_strndup(tag, (size_t)(slash - tag)) : cat_strdup(base);
    cat_semver parsed;
    if (cat_semver_parse(text + 1, &parsed, NULL) < 0 || cat_name_check_blueprint(found, NULL) < 0)
        return false;
    *version = cat_strdup(text + 1);
    *name = cat_take(found);
    return true;
}

/* An annotated tag is named twice: the second time with what it points at. */
json_t *bpc_plan_tags(const json_t *references)
{
    json_t *tags = json_object();
    size_t index;
    json_t *reference;
    json_array_foreach(references, index, reference)
    {
        const char *name = cat_json_text_or(reference, "name", ""), *id = cat_json_text_or(reference, "id", "");
        if (!cat_text_starts_with(name, TAGS) || !*id)
            continue;
        name += strlen(TAGS);
        if (cat_text_ends_with(name, PEELED)) {
            cat_autofree char *tag = cat_strndup(name, strlen(name) - strlen(PEELED));
            json_object_set_new(tags, tag, json_string(id));
        } else if (!json_object_get(tags, name)) {
            json_object_set_new(tags, name, json_string(id));
        }
    }
    return tags;
}

static int by_version(const void *left, const void *right)
{
    const json_t *a = *(json_t *const *)left, *b = *(json_t *const *)right;
    int names = strcmp(cat_json_text_or(a, "name", ""), cat_json_text_or(b, "name", ""));
    if (names)
        return names;
    cat_semver one = {0}, other = {0};
    cat_semver_parse(cat_json_text_or(a, "version", ""), &one, NULL);
    cat_semver_parse(cat_json_text_or(b, "version", ""), &other, NULL);
    int versions = cat_semver_compare(&one, &other);
    return versions ? versions : strcmp(cat_json_text_or(a, "tag", ""), cat_json_text_or(b, "tag", ""));
}

static json_t *sorted(const json_t *array)
{
    size_t count = json_array_size(array);
    json_t **items = cat_calloc(count + 1, sizeof *items), *result = json_array();
    for (size_t i = 0; i < count; i++)
        items[i] = json_array_get(array, i);
    qsort(items, count, sizeof *items, by_version);
    for (size_t i = 0; i < count; i++)
        json_array_append(result, items[i]);
    free(items);
    return result;
}

static json_t *look_at(const char *source, const char *repository, const char *tag, const char *commit, const json_t *registered,
                       const json_t *settled)
{
    cat_autofree char *name = NULL, *version = NULL;
    if (!read_tag(repository, tag, &name, &version))
        return NULL;
    cat_autofree char *key = cat_printf("%s.%s.%s", source, name, version);
    const json_t *known = json_object_get(registered, key);
    if (cat_text_equal(json_string_value(json_object_get(settled, key)), commit))
        return NULL;
    const char *moved = cat_json_text(known, "moved");
    if (known && (moved ? cat_text_equal(moved, commit) : cat_text_equal(cat_json_text(known, "commit"), commit)))
        return NULL;
    bool shared = strchr(tag, '/') != NULL;
    return cat_json_object("key", json_string(key), "source", json_string(source), "name", json_string(name), "version",
                           json_string(version), "repository", json_string(repository), "path", json_string(shared ? name : ""),
                           "tag", json_string(tag), "commit", json_string(commit), "why", json_string(known ? "changed" : "new"),
                           NULL);
}

json_t *bpc_plan_look(const char *repository, const json_t *references, const json_t *registered, const json_t *settled,
                      bool *more)
{
    *more = false;
    const char *slash = strchr(repository, '/');
    cat_autofree char *owner = slash ? cat_strndup(repository, (size_t)(slash - repository)) : cat_strdup("");
    const char *source = slash && cat_source_of_repository(owner, slash + 1) ? owner : NULL;
    cat_autojson json_t *tags = bpc_plan_tags(references), *looks = json_array();
    const char *tag;
    json_t *commit;
    if (source)
        json_object_foreach(tags, tag, commit)
        {
            json_t *look = look_at(source, repository, tag, json_string_value(commit), registered, settled);
            if (look)
                json_array_append_new(looks, look);
        }
    json_t *result = sorted(looks);
    while (json_array_size(result) > BPC_BATCH_MAX) {
        json_array_remove(result, json_array_size(result) - 1);
        *more = true;
    }
    return result;
}

/* "catalog.bp-x.1.0.0-rc.1": neither a source nor a name has a dot. */
static json_t *item_of(const char *key, const json_t *known)
{
    const char *dot = strchr(key, '.'), *end = dot ? strchr(dot + 1, '.') : NULL;
    if (!end)
        return NULL;
    json_t *item = cat_json_object("key", json_string(key), "source", json_stringn(key, (size_t)(dot - key)), "name",
                                   json_stringn(dot + 1, (size_t)(end - dot - 1)), "version", json_string(end + 1), NULL);
    static const char *const KEPT[] = {"repository", "tag", "commit"};
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++)
        cat_json_set_text(item, KEPT[i], cat_json_text(known, KEPT[i]));
    return item;
}

void bpc_plan_tags_gone(const char *repository, const json_t *tags, const json_t *registered, json_t *gone, json_t *found)
{
    const char *key;
    json_t *known;
    json_object_foreach((json_t *)registered, key, known)
    {
        const char *tag = cat_json_text(known, "tag");
        if (!tag || !cat_text_equal(cat_json_text(known, "repository"), repository))
            continue;
        bool there = json_object_get(tags, tag) != NULL, said = cat_json_text(known, "tagGone") != NULL;
        json_t *item = there == said ? item_of(key, known) : NULL;
        if (item)
            json_array_append_new(there ? found : gone, item);
    }
}

/* --- decisions --- */

/* Names of the catalogs: of what is registered, and of what comes with this plan. */
static json_t *catalog_names(const json_t *facts)
{
    json_t *names = json_object();
    const char *key;
    json_t *item;
    size_t index;
    json_object_foreach(json_object_get(facts, "registered"), key, item)
    {
        const char *dot = strchr(key, '.'), *end = dot ? strchr(dot + 1, '.') : NULL;
        if (!end)
            continue;
        cat_autofree char *source = cat_strndup(key, (size_t)(dot - key)), *name = cat_strndup(dot + 1, (size_t)(end - dot - 1));
        if (cat_source_is_sovereigns(source))
            json_object_set_new(names, name, json_string(source));
    }
    json_array_foreach(json_object_get(facts, "looks"), index, item)
    {
        if (cat_source_is_sovereigns(cat_json_text_or(item, "source", "")))
            json_object_set(names, cat_json_text_or(item, "name", ""), json_object_get(item, "source"));
    }
    return names;
}

static json_t *pick(const json_t *from, const char *const *members)
{
    json_t *picked = json_object();
    for (; *members; members++)
        if (json_object_get(from, *members))
            json_object_set(picked, *members, json_object_get(from, *members));
    return picked;
}

static json_t *make_entry(const json_t *look, const json_t *checked, const char *digest, const char *now)
{
    static const char *const KEPT[] = {"source", "name", "version", "repository", "path", "tag", "commit", "tree", NULL};
    json_t *entry = pick(look, KEPT), *spec = json_object();
    json_object_set(spec, "source", json_object_get(look, "source"));
    json_object_set(spec, "name", json_object_get(look, "name"));
    json_object_set(spec, "version", json_object_get(look, "version"));
    json_object_set_new(spec, "digest", json_string(digest));
    json_object_update(spec, json_object_get(checked, "spec"));
    json_object_set_new(entry, "digest", json_string(digest));
    json_object_set_new(entry, "spec", spec);
    json_object_set(entry, "readme", json_object_get(checked, "readme"));
    if (json_object_get(checked, "icon"))
        json_object_set(entry, "icon", json_object_get(checked, "icon"));
    json_object_set_new(entry, "registeredAt", json_string(now));
    return entry;
}

static void reject(json_t *plan, const json_t *look, const char *digest, const char *reason, json_t *errors_taken)
{
    static const char *const KEPT[] = {"key", "source", "name", "version", "repository", "path", "tag", "commit", NULL};
    json_t *rejected = pick(look, KEPT);
    cat_json_set_text(rejected, "digest", digest);
    cat_json_set_text(rejected, "reason", reason);
    json_object_set_new(rejected, "errors", errors_taken);
    json_array_append_new(json_object_get(plan, "reject"), rejected);
}

static size_t count_versions(const json_t *registered, const json_t *plan, const json_t *look)
{
    cat_autofree char *prefix = cat_printf("%s.%s.", cat_json_text_or(look, "source", ""), cat_json_text_or(look, "name", ""));
    size_t count = 0, index;
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)registered, key, item) count += cat_text_starts_with(key, prefix);
    json_array_foreach(json_object_get(plan, "register"), index, item) count +=
        cat_text_equal(cat_json_text(item, "source"), cat_json_text(look, "source")) &&
        cat_text_equal(cat_json_text(item, "name"), cat_json_text(look, "name"));
    return count;
}

static json_t *one_error(const char *file, char *message_taken)
{
    json_t *errors = json_array();
    json_array_append_new(errors, cat_json_object("file", json_string(file), "line", json_integer(1), "column", json_integer(1),
                                                  "pointer", json_string(""), "message", json_string(message_taken), NULL));
    free(message_taken);
    return errors;
}

/* What is about the folder as a whole is said of the folder. */
static const char *folder_of(const json_t *look)
{
    const char *path = cat_json_text_or(look, "path", "");
    return *path ? path : ".";
}

static void decide_new(json_t *plan, const bpc_checker *checker, const json_t *facts, const json_t *names, const json_t *look,
                       const char *digest)
{
    const char *unreadable = cat_json_text(look, "unreadable");
    if (unreadable) {
        reject(plan, look, NULL, "Unreadable",
               one_error(cat_json_text_or(look, "unreadableAt", folder_of(look)), cat_strdup(unreadable)));
        return;
    }
    if (count_versions(json_object_get(facts, "registered"), plan, look) >= BPC_VERSIONS_MAX) {
        reject(plan, look, digest, "TooMany",
               one_error(folder_of(look), cat_printf("a Blueprint has at most %d versions", BPC_VERSIONS_MAX)));
        return;
    }
    cat_autojson json_t *checked = bpc_check(checker, look, names), *entry = NULL;
    if (json_object_get(checked, "errors")) {
        reject(plan, look, digest, "Invalid", json_incref(json_object_get(checked, "errors")));
        return;
    }
    /* Text can grow many times over as JSON: what cannot be kept may not be committed either. */
    entry = make_entry(look, checked, digest, cat_json_text_or(facts, "now", ""));
    cat_autofree char *text = cat_json_format(entry);
    if (strlen(text) > BPC_VALUE_MAX_BYTES)
        reject(plan, look, digest, "TooLarge",
               one_error(folder_of(look),
                         cat_printf("blueprint.yaml, README.md and icon are %zu KiB as JSON, at most %zu are kept: write "
                                    "less, and no control characters",
                                    strlen(text) / 1024, BPC_VALUE_MAX_BYTES / 1024)));
    else
        json_array_append(json_object_get(plan, "register"), entry);
}

/* The version stays what it was registered as; its tag alone is spoken of. */
static void decide_changed(json_t *plan, const json_t *known, const json_t *look, const char *digest)
{
    static const char *const KEPT[] = {"key", "source", "name", "version", "repository", "tag", "commit", NULL};
    /* What cannot be read is something else too, and needs no second look. */
    bool unreadable = json_object_get(look, "unreadable") != NULL;
    json_t *said = pick(look, KEPT);
    bool equal = !unreadable && cat_text_equal(cat_json_text(known, "digest"), digest);
    cat_json_set_text(said, "digest", unreadable ? NULL : digest);
    const char *where = !equal ? "moved" : json_object_get(known, "moved") ? "back" : "same";
    json_array_append_new(json_object_get(plan, where), said);
}

json_t *bpc_plan_make(const bpc_checker *checker, const json_t *facts)
{
    json_t *plan = cat_json_object("register", json_array(), "reject", json_array(), "moved", json_array(), "back", json_array(),
                                   "same", json_array(), NULL);
    cat_autojson json_t *names = catalog_names(facts);
    size_t index;
    json_t *look;
    json_array_foreach(json_object_get(facts, "looks"), index, look)
    {
        const json_t *known = json_object_get(json_object_get(facts, "registered"), cat_json_text_or(look, "key", ""));
        cat_autofree char *digest = cat_printf("git-tree:%s", cat_json_text_or(look, "tree", ""));
        if (known)
            decide_changed(plan, known, look, digest);
        else
            decide_new(plan, checker, facts, names, look, digest);
    }
    return plan;
}

/* --- the object --- */

json_t *bpc_plan_object(const json_t *entry)
{
    const char *source = cat_json_text_or(entry, "source", ""), *name = cat_json_text_or(entry, "name", ""),
               *version = cat_json_text_or(entry, "version", "");
    cat_autofree char *object_name = cat_printf("%s.%s.%s", source, name, version);
    json_t *object = cat_json_object("apiVersion", json_string(CAT_API_VERSION), "kind", json_string("Blueprint"), "metadata",
                                     cat_json_object("name", json_string(object_name), NULL), "spec",
                                     json_deep_copy(json_object_get(entry, "spec")), NULL);
    cat_object_set_label(object, CAT_LABEL_BLUEPRINT, name);
    cat_object_set_label(object, CAT_LABEL_BLUEPRINT_VERSION, version);
    if (!cat_source_is_sovereigns(source))
        cat_object_set_label(object, CAT_LABEL_ORGANIZATION, source);
    cat_object_set_annotation(object, ANNOTATION "repository", cat_json_text_or(entry, "repository", ""));
    cat_object_set_annotation(object, ANNOTATION "tag", cat_json_text_or(entry, "tag", ""));
    cat_object_set_annotation(object, ANNOTATION "commit", cat_json_text_or(entry, "commit", ""));
    if (*cat_json_text_or(entry, "path", ""))
        cat_object_set_annotation(object, ANNOTATION "path", cat_json_text(entry, "path"));
    return object;
}

char *bpc_plan_file(const json_t *entry)
{
    return cat_printf("blueprints/%s/%s/%s.yaml", cat_json_text_or(entry, "source", ""), cat_json_text_or(entry, "name", ""),
                      cat_json_text_or(entry, "version", ""));
}

json_t *bpc_plan_entry_of_object(const json_t *object, const char *now)
{
    json_t *spec = json_object_get(object, "spec");
    const char *digest = cat_json_text(spec, "digest"), *commit = cat_object_annotation(object, ANNOTATION "commit"),
               *repository = cat_object_annotation(object, ANNOTATION "repository"),
               *path = cat_object_annotation(object, ANNOTATION "path"), *tag = cat_object_annotation(object, ANNOTATION "tag");
    if (!cat_text_equal(cat_json_text(object, "kind"), "Blueprint") || !digest || !cat_text_starts_with(digest, "git-tree:") ||
        !commit || !repository || !tag)
        return NULL;
    json_t *entry = json_object();
    static const char *const NAMED[] = {"source", "name", "version", "digest"};
    for (size_t i = 0; i < sizeof NAMED / sizeof *NAMED; i++)
        json_object_set(entry, NAMED[i], json_object_get(spec, NAMED[i]));
    cat_json_set_text(entry, "repository", repository);
    cat_json_set_text(entry, "path", path ? path : "");
    cat_json_set_text(entry, "tag", tag);
    cat_json_set_text(entry, "commit", commit);
    cat_json_set_text(entry, "tree", digest + strlen("git-tree:"));
    json_object_set(entry, "spec", spec);
    cat_json_set_text(entry, "readme", "");
    cat_json_set_text(entry, "registeredAt", now);
    return entry;
}

/* --- for people --- */

static void print_errors(const json_t *errors, cat_string *out)
{
    size_t index;
    json_t *error;
    json_array_foreach(errors, index, error)
    {
        const char *file = cat_json_text_or(error, "file", "");
        cat_string_append(out, "    ");
        if (*file)
            cat_string_appendf(out, "%s:%lld:%lld: ", file, (long long)cat_json_int_or(error, "line", 1),
                               (long long)cat_json_int_or(error, "column", 1));
        cat_string_appendf(out, "%s\n", cat_json_text_or(error, "message", ""));
    }
}

char *bpc_plan_print(const json_t *plan)
{
    static const char *const KINDS[] = {"register", "reject", "moved", "back", "same", "gone", "found"};
    cat_auto(cat_string) out = CAT_STRING(256 * 1024);
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        size_t index;
        json_t *item;
        json_array_foreach(json_object_get(plan, KINDS[i]), index, item)
        {
            cat_string_appendf(&out, "%s %s %s %s: %s of %s at %.12s\n", KINDS[i], cat_json_text_or(item, "source", ""),
                               cat_json_text_or(item, "name", ""), cat_json_text_or(item, "version", ""),
                               cat_json_text_or(item, "tag", ""), cat_json_text_or(item, "repository", ""),
                               cat_json_text_or(item, "commit", ""));
            print_errors(json_object_get(item, "errors"), &out);
        }
    }
    return cat_string_take(&out);
}
