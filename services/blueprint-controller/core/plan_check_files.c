/* The files beside blueprint.yaml: those that it speaks of have to be there, and what kustomize reads of them passes
 * domain/kustomization.h. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "core/plan_check.h"
#include "domain/kustomization.h"

static bool has_file(const bpc_checking *checking, const char *path)
{
    return json_object_get(checking->files, path) != NULL;
}

/* --- kustomizations --- */

#define ROOTS_MAX 18 /* manifests, bind, and the 16 sizes that proto/blueprint.schema.json lets be there */

typedef struct {
    cat_kustomization_root items[ROOTS_MAX];
    size_t count;
} roots;

/* `pointer`: where blueprint.yaml asks for this folder. What is copied from it into an Application lies elsewhere there, so that
 * nothing may lead from one of them into another. */
static void add_root(bpc_checking *checking, const char *folder, cat_kustomization_role role, const char *pointer, roots *all)
{
    cat_autofree char *file = cat_printf("%s/kustomization.yaml", folder);
    if (!has_file(checking, file))
        bpc_wrong(checking, pointer, "the file %s is missing", file);
    else if (all->count < ROOTS_MAX)
        all->items[all->count++] = (cat_kustomization_root){folder, role, folder};
}

static void check_roots(bpc_checking *checking, const roots *all)
{
    cat_autojson json_t *errors = NULL;
    cat_kustomization_check(checking->files, all->items, all->count, &errors);
    size_t index;
    json_t *error;
    json_array_foreach(errors, index, error)
        bpc_wrong_in(checking, cat_json_text_or(error, "file", "?"), (unsigned)cat_json_int_or(error, "line", 1),
                     (unsigned)cat_json_int_or(error, "column", 1), "%s", cat_json_text_or(error, "message", ""));
}

static void check_manifests(bpc_checking *checking)
{
    const char *kind = cat_json_text_or(checking->spec, "manifests.source.kind", ""),
               *ref = cat_json_text_or(checking->spec, "manifests.source.ref", "");
    bool kustomize = strcmp(kind, "Kustomize") == 0;
    roots all = {.count = 0};
    if (kustomize && strcmp(ref, "./manifests") != 0) {
        bpc_wrong(checking, "/spec/manifests/source/ref", "kind Kustomize stands in ./manifests, not %.200s", ref);
    } else if (kustomize) {
        add_root(checking, "manifests", CAT_KUSTOMIZATION, "/spec/manifests/source/ref", &all);
    } else if (strcmp(ref, "./manifests") == 0) {
        bpc_wrong(checking, "/spec/manifests/source/ref", "kind HelmChart stands in ./chart or an OCI registry, not ./manifests");
    } else if (strcmp(ref, "./chart") == 0 && !has_file(checking, "chart/Chart.yaml")) {
        bpc_wrong(checking, "/spec/manifests/source/ref", "the file chart/Chart.yaml is missing");
    }
    add_root(checking, "bind", CAT_KUSTOMIZATION_TRANSFORMERS, "/spec/manifests", &all);
    size_t index;
    json_t *size;
    cat_auto(cat_strings) folders = {0};
    json_array_foreach(cat_json_get(checking->spec, "manifests.sizes"), index, size)
        cat_strings_addf(&folders, "sizes/%s", json_string_value(size));
    for (size_t i = 0; i < folders.count; i++) {
        cat_autofree char *pointer = cat_printf("/spec/manifests/sizes/%zu", i);
        add_root(checking, folders.items[i], CAT_KUSTOMIZATION_COMPONENT, pointer, &all);
    }
    check_roots(checking, &all);
}

/* --- pictures --- */

/* A picture is shown on pages of people who are signed in: one that could do anything is refused, not mended. */
static const char *danger_in(const char *svg, const char **at)
{
    static const char *const WORDS[] = {"<script",    "javascript:", "<foreignobject", "<iframe",  "<embed",   "<object",
                                        "<!entity",   "<!doctype",   "<?xml-",         "<use",     "<image",   "<a",
                                        "@import",    "<animate",    "<set",           "<feimage", "url(http", "url('http",
                                        "url(\"http", "url(/",       "url('/",         "url(\"/"};
    for (const char *here = svg; *here; here++) {
        for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
            if (strncasecmp(here, WORDS[i], strlen(WORDS[i])) == 0) {
                *at = here;
                return WORDS[i];
            }
        if ((isspace((unsigned char)*here) || strchr("/\"'", *here)) && strncasecmp(here + 1, "on", 2) == 0 &&
            isalpha((unsigned char)here[3])) {
            const char *end = here + 3 + strspn(here + 3, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
            if (end[strspn(end, " \t\r\n")] == '=') {
                *at = here + 1;
                return "an event handler";
            }
        }
    }
    return NULL;
}

static void check_svg(bpc_checking *checking, const char *path, const char *text)
{
    const char *at = text, *found = danger_in(text, &at);
    unsigned line = 1, column = 1;
    for (const char *here = text; here < at; here++) {
        column = *here == '\n' ? 1 : column + 1;
        line += *here == '\n';
    }
    if (found)
        bpc_wrong_in(checking, path, line, column, "a picture holds drawing alone, not %s", found);
    else if (!strstr(text, "<svg"))
        bpc_wrong_in(checking, path, 1, 1, "this is no SVG picture");
}

static void check_picture(bpc_checking *checking, const char *pointer, const char *path)
{
    const json_t *file = json_object_get(checking->files, path);
    if (!file)
        bpc_wrong(checking, pointer, "the file %.200s is missing", path);
    else if (cat_text_ends_with(path, ".svg") && json_is_string(file))
        check_svg(checking, path, json_string_value(file));
    else if (cat_text_ends_with(path, ".svg"))
        bpc_wrong_in(checking, path, 1, 1, "the file is not text or too large");
}

static void check_icon_size(bpc_checking *checking, const char *path)
{
    const json_t *file = json_object_get(checking->files, path);
    size_t length = json_is_string(file) ? json_string_length(file) : strlen(cat_json_text_or(file, "base64", "")) / 4 * 3;
    if (json_is_null(file) || length > BPC_ICON_MAX_BYTES)
        bpc_wrong(checking, "/spec/card/icon", "an icon has at most %zu KiB", BPC_ICON_MAX_BYTES / 1024);
}

void bpc_check_files(bpc_checking *checking)
{
    check_manifests(checking);
    const char *icon = cat_json_text(checking->spec, "card.icon");
    if (icon) {
        check_picture(checking, "/spec/card/icon", icon);
        if (has_file(checking, icon))
            check_icon_size(checking, icon);
    }
    size_t index;
    json_t *item;
    json_array_foreach(cat_json_get(checking->spec, "card.screenshots"), index, item)
    {
        cat_autofree char *pointer = cat_printf("/spec/card/screenshots/%zu", index);
        check_picture(checking, pointer, json_string_value(item));
    }
    const json_t *readme = json_object_get(checking->files, "README.md");
    if (readme && (!json_is_string(readme) || json_string_length(readme) > BPC_README_MAX_BYTES))
        bpc_wrong_in(checking, "README.md", 1, 1, "expected text of at most %zu KiB", BPC_README_MAX_BYTES / 1024);
}

char *bpc_check_icon(const bpc_checking *checking)
{
    const char *icon = cat_json_text(checking->spec, "card.icon");
    const json_t *file = icon ? json_object_get(checking->files, icon) : NULL;
    if (!file)
        return NULL;
    const char *type = cat_text_ends_with(icon, ".svg")   ? "image/svg+xml"
                       : cat_text_ends_with(icon, ".png") ? "image/png"
                                                          : "image/webp";
    cat_autofree char *encoded = json_is_string(file) ? cat_base64_encode(json_string_value(file), json_string_length(file))
                                                      : cat_strdup(cat_json_text_or(file, "base64", ""));
    return cat_printf("data:%s;base64,%s", type, encoded);
}
