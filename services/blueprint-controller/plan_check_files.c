/* The files beside blueprint.yaml: those that it speaks of have to be there, and kustomize has to find what they speak of. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "plan_check.h"

static bool has_file(const bpc_checking *checking, const char *path)
{
    return json_object_get(checking->files, path) != NULL;
}

static bool has_folder(const bpc_checking *checking, const char *path)
{
    cat_autofree char *prefix = cat_printf("%s/", path);
    const char *name;
    json_t *item;
    json_object_foreach((json_t *)checking->files, name, item) if (cat_text_starts_with(name, prefix)) return true;
    return false;
}

/* --- kustomizations --- */

typedef struct {
    bpc_checking *checking;
    const char *file, *folder;
    const cat_yaml_positions *positions;
} kustomization;

static void read_kustomization(bpc_checking *checking, const char *folder, const char *kind);

static void wrong_at(const kustomization *of, const char *pointer, const char *what, const char *is)
{
    unsigned line = 1, column = 1;
    cat_yaml_position(of->positions, pointer, &line, &column);
    bpc_wrong_in(of->checking, of->file, line, column, "%.500s %s", what, is);
}

/* `kind`: of the kustomization in the folder that it may name; NULL: it names a file. */
static void check_reference(const kustomization *of, const char *pointer, const char *reference, const char *kind)
{
    if (strstr(reference, "://") || cat_text_starts_with(reference, "git@") || strchr(reference, '?')) {
        wrong_at(of, pointer, reference, "is not part of the Blueprint: copy it into its folder");
        return;
    }
    while (cat_text_starts_with(reference, "./"))
        reference += 2;
    if (*reference == '/' || cat_text_starts_with(reference, "..")) {
        wrong_at(of, pointer, reference, "leaves its folder");
        return;
    }
    cat_autofree char *path = cat_printf("%s/%.500s", of->folder, reference);
    while (cat_text_ends_with(path, "/"))
        path[strlen(path) - 1] = '\0';
    if (has_file(of->checking, path))
        return;
    cat_autofree char *inner = cat_printf("%s/kustomization.yaml", path);
    if (!kind || !has_folder(of->checking, path))
        wrong_at(of, pointer, path, "is not there");
    else if (!has_file(of->checking, inner))
        wrong_at(of, pointer, inner, "is missing");
    else
        read_kustomization(of->checking, path, kind);
}

static void check_list(const kustomization *of, const json_t *items, const char *list, const char *kind)
{
    size_t index;
    json_t *item;
    json_array_foreach(items, index, item)
    {
        cat_autofree char *pointer = cat_printf("%s/%zu", list, index);
        const char *reference = json_is_string(item) ? json_string_value(item) : cat_json_text(item, "path");
        if (reference && !strchr(reference, '\n'))
            check_reference(of, pointer, reference, kind);
    }
}

/* "key=file" or a file alone. */
static void check_generators(const kustomization *of, const json_t *document, const char *list)
{
    static const char *const LISTS[] = {"files", "envs"};
    size_t index, at;
    json_t *generator, *item;
    json_array_foreach(json_object_get(document, list), index, generator) for (size_t i = 0; i < 2; i++)
        json_array_foreach(json_object_get(generator, LISTS[i]), at, item)
    {
        cat_autofree char *pointer = cat_printf("/%s/%zu/%s/%zu", list, index, LISTS[i], at);
        const char *text = json_string_value(item), *equals = text ? strchr(text, '=') : NULL;
        if (text)
            check_reference(of, pointer, equals ? equals + 1 : text, NULL);
    }
}

static void check_lists(const kustomization *of, const json_t *document)
{
    static const struct {
        const char *list, *kind;
    } LISTS[] = {{"resources", "Kustomization"},
                 {"bases", "Kustomization"},
                 {"components", "Component"},
                 {"transformers", "Kustomization"},
                 {"generators", "Kustomization"},
                 {"validators", "Kustomization"},
                 {"patches", NULL},
                 {"patchesStrategicMerge", NULL},
                 {"patchesJson6902", NULL},
                 {"replacements", NULL},
                 {"configurations", NULL},
                 {"crds", NULL}};
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++) {
        cat_autofree char *pointer = cat_printf("/%s", LISTS[i].list);
        check_list(of, json_object_get(document, LISTS[i].list), pointer, LISTS[i].kind);
    }
    check_generators(of, document, "configMapGenerator");
    check_generators(of, document, "secretGenerator");
    const char *openapi = cat_json_text(document, "openapi.path");
    if (openapi)
        check_reference(of, "/openapi/path", openapi, NULL);
    if (json_object_get(document, "helmCharts"))
        wrong_at(of, "/helmCharts", "helmCharts", "are not built: a chart is named in manifests.source");
}

/* Those that it names in folders below, too; each once. */
static void read_kustomization(bpc_checking *checking, const char *folder, const char *kind)
{
    if (json_object_get(checking->kustomizations, folder))
        return;
    json_object_set_new(checking->kustomizations, folder, json_true());
    cat_autofree char *file = cat_printf("%s/kustomization.yaml", folder);
    __attribute__((cleanup(cat_yaml_positions_destroy_cleanup))) cat_yaml_positions *positions = NULL;
    cat_autojson json_t *document = NULL;
    const json_t *text = json_object_get(checking->files, file);
    cat_error error = {0};
    if (!json_is_string(text)) {
        bpc_wrong_in(checking, file, 1, 1, "the file is not text or too large");
        return;
    }
    if (cat_yaml_parse(json_string_value(text), json_string_length(text), &CAT_YAML_CAPS, &document, &positions, &error) < 0) {
        bpc_wrong_yaml(checking, file, &error);
        return;
    }
    const kustomization of = {checking, file, folder, positions};
    const char *is = json_is_object(document) ? cat_json_text_or(document, "kind", "Kustomization") : "empty";
    unsigned line = 1, column = 1;
    cat_yaml_position(positions, "/kind", &line, &column);
    if (strcmp(is, kind) != 0)
        bpc_wrong_in(checking, file, line, column, "expected kind %s, this is %.60s", kind, is);
    else
        check_lists(&of, document);
}

/* `pointer`: where blueprint.yaml asks for this folder. */
static void check_kustomization(bpc_checking *checking, const char *folder, const char *kind, const char *pointer)
{
    cat_autofree char *file = cat_printf("%s/kustomization.yaml", folder);
    if (has_file(checking, file))
        read_kustomization(checking, folder, kind);
    else
        bpc_wrong(checking, pointer, "the file %s is missing", file);
}

static void check_manifests(bpc_checking *checking)
{
    const char *kind = cat_json_text_or(checking->spec, "manifests.source.kind", ""),
               *ref = cat_json_text_or(checking->spec, "manifests.source.ref", "");
    bool kustomize = strcmp(kind, "Kustomize") == 0;
    if (kustomize && strcmp(ref, "./manifests") != 0) {
        bpc_wrong(checking, "/spec/manifests/source/ref", "kind Kustomize stands in ./manifests, not %.200s", ref);
    } else if (kustomize) {
        check_kustomization(checking, "manifests", "Kustomization", "/spec/manifests/source/ref");
    } else if (strcmp(ref, "./manifests") == 0) {
        bpc_wrong(checking, "/spec/manifests/source/ref", "kind HelmChart stands in ./chart or an OCI registry, not ./manifests");
    } else if (strcmp(ref, "./chart") == 0 && !has_file(checking, "chart/Chart.yaml")) {
        bpc_wrong(checking, "/spec/manifests/source/ref", "the file chart/Chart.yaml is missing");
    }
    check_kustomization(checking, "bind", "Kustomization", "/spec/manifests");
    size_t index;
    json_t *size;
    json_array_foreach(cat_json_get(checking->spec, "manifests.sizes"), index, size)
    {
        cat_autofree char *folder = cat_printf("sizes/%s", json_string_value(size)),
                          *pointer = cat_printf("/spec/manifests/sizes/%zu", index);
        check_kustomization(checking, folder, "Component", pointer);
    }
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
    cat_autojson json_t *kustomizations = json_object();
    checking->kustomizations = kustomizations;
    check_manifests(checking);
    checking->kustomizations = NULL;
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
