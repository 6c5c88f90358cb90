/* What people wrote in a file that a plan changes stays: comments, order, members and patches of their own. */
#include <string.h>

#include "base/memory.h"
#include "core/plan_parts.h"
#include "wire/yaml_edit.h"

#define SIZES "../../blueprint/sizes/"
#define LINKS "links/"
#define SHOWN_MAX 5

static json_t *object_of(const char *text)
{
    json_t *document = NULL;
    if (text && cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &document, NULL, NULL) == 0 && json_is_object(document))
        return document;
    json_decref(document);
    return NULL;
}

/* Members that `from` has beside those that Catalyst writes. */
static void keep_members(json_t *into, const json_t *from)
{
    json_t *metadata = json_object_get(into, "metadata"), *old = json_object_get(from, "metadata");
    json_object_update_missing(into, (json_t *)from);
    if (!json_is_object(metadata) || !json_is_object(old))
        return;
    json_object_update_missing(metadata, old);
    if (json_is_object(json_object_get(old, "annotations")))
        json_object_update_missing(json_object_get(metadata, "annotations"), json_object_get(old, "annotations"));
}

char *prv_file_kept(const char *before, char *after_taken, cat_strings *lost)
{
    cat_autofree char *after = after_taken;
    cat_autojson json_t *is = object_of(before), *wanted = object_of(after);
    if (!before || !wanted)
        return cat_take(after);
    if (is)
        keep_members(wanted, is);
    if (cat_text_equal(cat_json_text(wanted, "kind"), "Values"))
        prv_leave_as_written(wanted, before);
    return cat_yaml_edit(before, strlen(before), &CAT_YAML_CAPS, wanted, lost);
}

static bool is_ours(const json_t *patch)
{
    const char *path = cat_json_text_or(patch, "path", "");
    return cat_text_starts_with(path, LINKS) || strcmp(path, "environment.yaml") == 0 || strcmp(path, "values.yaml") == 0;
}

static bool has_item(const json_t *list, const json_t *item)
{
    size_t index;
    json_t *one;
    json_array_foreach(list, index, one) if (json_equal(one, item)) return true;
    return false;
}

/* The next of `list`, from `*at` on, that `other` has not; NULL when there is none. */
static json_t *next_new(const json_t *list, const json_t *other, size_t *at)
{
    while (*at < json_array_size(list)) {
        json_t *item = json_array_get(list, (*at)++);
        if (!has_item(other, item))
            return item;
    }
    return NULL;
}

/* The list that is there, in its order: people's items, and ours as they are to be; a new one stands where an old one went, else
 * at the end. */
static void keep_list(json_t *wanted, const json_t *is, const char *name, bool (*ours)(const json_t *item))
{
    size_t index, at = 0;
    const json_t *old = json_object_get(is, name), *new = json_object_get(wanted, name);
    json_t *item, *other, *list = json_array();
    json_array_foreach(old, index, item)
    {
        other = !ours(item) || has_item(new, item) ? item : next_new(new, old, &at);
        if (other)
            json_array_append(list, other);
    }
    while ((other = next_new(new, old, &at)))
        json_array_append(list, other);
    json_object_set_new(wanted, name, list);
}

static bool is_size(const json_t *component)
{
    return json_is_string(component) && cat_text_starts_with(json_string_value(component), SIZES);
}

char *prv_overlay_kept(const char *before, const char *size, const json_t *links, cat_strings *lost)
{
    cat_autofree char *after = prv_overlay_kustomization(size, links);
    cat_autojson json_t *is = object_of(before), *wanted = object_of(after);
    if (!is)
        return prv_file_kept(before, cat_take(after), lost);
    keep_list(wanted, is, "components", is_size);
    keep_list(wanted, is, "patches", is_ours);
    json_object_update_missing(wanted, is);
    return cat_yaml_edit(before, strlen(before), &CAT_YAML_CAPS, wanted, lost);
}

void prv_warn_lost(prv_draft *draft, const char *repository, const char *branch, const char *path, const cat_strings *lost)
{
    if (lost->count == 0)
        return;
    cat_auto(cat_string) shown = CAT_STRING(2048);
    for (size_t i = 0; i < lost->count && i < SHOWN_MAX; i++)
        cat_string_appendf(&shown, "%s“%s”", i ? ", " : "", lost->items[i]);
    cat_autofree char *text = cat_printf("In %s on %s of %s, comments go with what they stand at: %s%s", path, branch, repository,
                                         cat_string_get(&shown), lost->count > SHOWN_MAX ? " and more" : "");
    json_array_append_new(draft->warnings, json_string(text));
}
