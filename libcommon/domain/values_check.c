#include "domain/values_check.h"

#include <string.h>

#include "base/memory.h"
#include "domain/kustomization.h"
#include "domain/kustomization_internal.h"
#include "wire/yaml.h"

#define BINDINGS "blueprint/bind/"

/* A file of values as it is read. */
typedef struct {
    const char *path, *text; /* text NULL: it is not there */
    const char *remedy;      /* of a null in it */
    json_t *document;
    cat_yaml_positions *positions;
} values_file;

static void add_error(json_t *errors, const char *file, unsigned line, unsigned column, const char *message)
{
    if (json_array_size(errors) < CAT_KUSTOMIZATION_MAX_ERRORS)
        json_array_append_new(errors, cat_json_object("file", json_string(file), "line", json_integer(line), "column",
                                                      json_integer(column), "message", json_string(message), NULL));
}

/* --- reading --- */

static bool read_values(const json_t *files, values_file *of, json_t *errors)
{
    cat_error failed = {0};
    unsigned line = 1, column = 1;
    of->text = json_string_value(json_object_get(files, of->path));
    if (!of->text)
        return true;
    if (cat_yaml_parse(of->text, strlen(of->text), &CAT_YAML_CAPS, &of->document, &of->positions, &failed) < 0) {
        const char *message = kustomization_place(&failed, &line, &column);
        add_error(errors, of->path, line, column, message);
        return false;
    }
    const json_t *spec = json_object_get(of->document, "spec");
    if (!spec || json_is_null(spec) || json_is_object(spec))
        return true;
    cat_yaml_position(of->positions, "/spec", &line, &column);
    add_error(errors, of->path, line, column, "spec has to be a group of fields");
    return false;
}

static void finish_values(values_file *of)
{
    json_decref(of->document);
    cat_yaml_positions_destroy(of->positions);
}

static bool has_null(const json_t *value)
{
    const char *name;
    json_t *inner;
    json_object_foreach((json_t *)value, name, inner) if (has_null(inner)) return true;
    return json_is_null(value);
}

/* --- nulls --- */

/* The next name of a kustomize field path, in which `\.` is a dot of the name: the caller's. NULL: the path ends, or goes on with
 * what is no name. */
static char *next_name(const char **path)
{
    cat_auto(cat_string) name = CAT_STRING(4096);
    const char *at = *path;
    for (; *at && *at != '.'; at++) {
        if (*at == '[' || *at == '*')
            return NULL;
        at += *at == '\\' && at[1] == '.';
        cat_string_append_char(&name, *at);
    }
    *path = at + (*at == '.');
    return name.length && !name.overflowed ? cat_string_take(&name) : NULL;
}

typedef enum {
    FIELD_ABSENT, /* nothing is said of it */
    FIELD_NULL,   /* it, or a group that it stands in; `pointer` says which */
    FIELD_THERE,  /* or what becomes of it is not known here */
} field_state;

static field_state look_up(const values_file *of, const char *path, cat_string *pointer)
{
    const json_t *value = of->document;
    while (*path) {
        cat_autofree char *name = next_name(&path);
        if (!name || (value && !json_is_object(value)))
            return FIELD_THERE;
        value = json_object_get(value, name);
        if (!value)
            return FIELD_ABSENT;
        cat_json_pointer_append(pointer, name);
        if (json_is_null(value))
            return FIELD_NULL;
    }
    return FIELD_THERE;
}

/* Behind what stands in this line, counted from 1. */
static bool has_comment(const char *text, unsigned line)
{
    while (--line > 0 && strchr(text, '\n'))
        text = strchr(text, '\n') + 1;
    const char *mark = strchr(text, '#');
    return mark && mark > text && mark[-1] == ' ' && (size_t)(mark - text) < strcspn(text, "\n");
}

/* Several bindings may read the same field, which is said once. */
static bool is_said(const json_t *errors, const char *file, unsigned line)
{
    size_t index;
    json_t *said;
    json_array_foreach(errors, index, said)
    {
        if (cat_json_int_or(said, "line", 0) == line && cat_text_equal(cat_json_text(said, "file"), file))
            return true;
    }
    return false;
}

static void add_null(json_t *errors, const values_file *of, const char *pointer)
{
    unsigned line = 1, column = 1;
    cat_yaml_position(of->positions, pointer, &line, &column);
    if (is_said(errors, of->path, line))
        return;
    cat_autofree char *shown = cat_strdup(strcmp(pointer, "/spec") == 0 ? "spec" : pointer + strlen("/spec/"));
    for (char *slash = strchr(shown, '/'); slash; slash = strchr(slash, '/'))
        *slash = '.';
    cat_autofree char *message =
        cat_printf("%.*s is null, and a null here takes the value away: %s", (int)cat_text_cut(shown, 100), shown,
                   has_comment(of->text, line) ? "what stands behind # is a comment, so put the value in quotes" : of->remedy);
    add_error(errors, of->path, line, column, message);
}

static bool reads_values(const json_t *replacement)
{
    return cat_text_equal(cat_json_text(replacement, "source.kind"), "Values");
}

static void check_binding(const json_t *replacement, const values_file *common, const values_file *own, json_t *errors)
{
    const char *path = cat_json_text(replacement, "source.fieldPath");
    if (!path || !reads_values(replacement) || !cat_text_starts_with(path, "spec."))
        return;
    const values_file *const order[] = {own, common};
    for (size_t i = 0; i < 2; i++) {
        cat_auto(cat_string) pointer = CAT_STRING(16384);
        field_state state = look_up(order[i], path, &pointer);
        if (state == FIELD_NULL)
            add_null(errors, order[i], cat_string_get(&pointer));
        if (state != FIELD_ABSENT)
            return;
    }
}

/* Every replacement of the Blueprint's bindings, in one list. */
static json_t *replacements_in(const json_t *files)
{
    json_t *all = json_array(), *text, *document;
    const char *path;
    size_t index;
    json_object_foreach((json_t *)files, path, text)
    {
        cat_autojson json_t *documents = NULL;
        if (!cat_text_starts_with(path, BINDINGS) || !cat_text_ends_with(path, ".yaml") || !json_is_string(text) ||
            cat_yaml_parse_all(json_string_value(text), json_string_length(text), &CAT_YAML_CAPS, &documents, NULL) < 0)
            continue;
        json_array_foreach(documents, index, document)
        {
            if (json_is_array(json_object_get(document, "replacements")))
                json_array_extend(all, json_object_get(document, "replacements"));
        }
    }
    return all;
}

static void check_nulls(const json_t *files, const values_file *common, const values_file *own, json_t *errors)
{
    if (!has_null(json_object_get(common->document, "spec")) && !has_null(json_object_get(own->document, "spec")))
        return;
    size_t index;
    json_t *replacement;
    cat_autojson json_t *all = replacements_in(files);
    json_array_foreach(all, index, replacement) check_binding(replacement, common, own, errors);
}

/* --- whole numbers --- */

/* "2.0", "1e2": a number with a fraction or an exponent, as YAML writes them. */
static bool is_float_text(const char *text)
{
    const char *at = text + strspn(text, "+-");
    size_t digits = strspn(at, "0123456789_");
    bool fraction = at[digits] == '.';
    at += digits + fraction;
    at += strspn(at, "0123456789_");
    bool exponent = (digits || fraction) && (*at == 'e' || *at == 'E');
    if (exponent) {
        at++;
        at += strspn(at, "+-");
        at += strspn(at, "0123456789");
    }
    return (fraction || exponent) && *at == '\0';
}

/* It becomes a part of a text, such as an argument of a program. */
static bool is_put_into_text(const json_t *replacement)
{
    size_t index;
    json_t *target;
    json_array_foreach(json_object_get(replacement, "targets"), index, target)
    {
        if (cat_json_get(target, "options.delimiter"))
            return true;
    }
    return false;
}

/* A binding takes a number over as it is written, and Kubernetes takes no 2.0 where it wants 2; programs take no 0b11. */
static void check_number(const json_t *replacement, const values_file *of, const json_t *written, json_t *errors)
{
    const char *path = cat_json_text(replacement, "source.fieldPath");
    if (!path || !reads_values(replacement) || !cat_text_starts_with(path, "spec."))
        return;
    cat_auto(cat_string) pointer = CAT_STRING(16384);
    if (look_up(of, path, &pointer) != FIELD_THERE)
        return;
    const json_t *value = cat_json_pointer(of->document, cat_string_get(&pointer));
    const char *text = json_string_value(cat_json_pointer(written, cat_string_get(&pointer)));
    if (!json_is_integer(value) || !text)
        return;
    cat_autofree char *plain = cat_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (!is_float_text(text) && (strcmp(text, plain) == 0 || !is_put_into_text(replacement)))
        return;
    unsigned line = 1, column = 1;
    cat_yaml_position(of->positions, cat_string_get(&pointer), &line, &column);
    if (is_said(errors, of->path, line))
        return;
    cat_autofree char *message =
        cat_printf("%.100s is written as %.40s and would be taken over like that: write %s, or put it in quotes if it is a text",
                   path + strlen("spec."), text, plain);
    add_error(errors, of->path, line, column, message);
}

static void check_numbers(const json_t *files, const values_file *of, json_t *errors)
{
    cat_yaml_caps caps = CAT_YAML_CAPS;
    cat_autojson json_t *written = NULL, *all = replacements_in(files);
    size_t index;
    json_t *replacement;
    caps.as_written = true;
    if (!of->text || cat_yaml_parse(of->text, strlen(of->text), &caps, &written, NULL, NULL) < 0)
        return;
    json_array_foreach(all, index, replacement) check_number(replacement, of, written, errors);
}

bool cat_values_are_read(const json_t *files)
{
    size_t index;
    json_t *replacement;
    cat_autojson json_t *all = replacements_in(files);
    json_array_foreach(all, index, replacement)
    {
        if (reads_values(replacement))
            return true;
    }
    return false;
}

bool cat_values_check(const json_t *files, const char *env_type, json_t **errors)
{
    cat_autofree char *overlay = cat_printf("overlays/%s/values.yaml", env_type);
    cat_autofree char *facts = cat_printf("overlays/%s/environment.yaml", env_type);
    values_file common = {.path = "values.yaml", .remedy = "give it a value"},
                own = {.path = overlay, .remedy = "delete the line to go back to everybody's value"},
                environment = {.path = facts};
    cat_autojson json_t *found = json_array();
    bool are_read = read_values(files, &common, found);
    are_read = read_values(files, &own, found) && are_read;
    are_read = read_values(files, &environment, found) && are_read;
    if (are_read) {
        check_nulls(files, &common, &own, found);
        check_numbers(files, &common, found);
        check_numbers(files, &own, found);
    }
    finish_values(&common);
    finish_values(&own);
    finish_values(&environment);
    bool passes = json_array_size(found) == 0;
    *errors = passes ? NULL : cat_take(found);
    return passes;
}
