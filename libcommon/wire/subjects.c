#include "wire/subjects.h"

#include <stdio.h>
#include <string.h>

#include "base/string.h"

static const char *const built_in_groups[] = {"",      "apps", "batch", "autoscaling", "networking.k8s.io",
                                              "policy"};

/* What NATS does not keep in a token: its own signs, white space and controls. */
static bool is_refused(char c)
{
    return c == '.' || c == '*' || c == '>' || (unsigned char)c <= ' ' || c == 0x7F;
}

static bool is_token(const char *text)
{
    if (!text || !*text)
        return false;
    for (; *text; text++)
        if (is_refused(*text))
            return false;
    return true;
}

/* Tokens with single dots between. */
static bool is_dotted(const char *text)
{
    bool after_dot = true;
    for (; *text; text++) {
        if (is_refused(*text) && (*text != '.' || after_dot))
            return false;
        after_dot = *text == '.';
    }
    return !after_dot;
}

void cat_subject_token(const char *text, char *out, size_t size)
{
    size_t at = 0;
    for (; text && *text && at + 1 < size; text++)
        out[at++] = is_refused(*text) ? '_' : *text;
    if (at == 0 && size > 1)
        out[at++] = '_';
    if (size > 0)
        out[at] = '\0';
}

void cat_kind_token(const char *kind, const char *group, char *out, size_t size)
{
    bool built_in = group == NULL;
    for (size_t i = 0; group && i < sizeof built_in_groups / sizeof *built_in_groups; i++)
        built_in = built_in || strcmp(group, built_in_groups[i]) == 0;
    char joined[CAT_SUBJECT_MAX];
    snprintf(joined, sizeof joined, built_in ? "%s" : "%s_%s", kind ? kind : "", built_in ? "" : group);
    cat_subject_token(joined, out, size);
    for (char *at = out; size > 0 && *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
}

/* The last part of a subject may hold dots, but no token may be empty: a dot that would make one becomes `_`.
 */
static void dotted_name(const char *text, char *out, size_t size)
{
    size_t at = 0;
    for (; *text && at + 1 < size; text++) {
        bool separates = *text == '.' && at > 0 && out[at - 1] != '.' && text[1];
        out[at++] = separates ? '.' : is_refused(*text) ? '_' : *text;
    }
    out[at] = '\0';
}

static int finish(char out[CAT_SUBJECT_MAX], const char *subject, int length, cat_error *error)
{
    if (length < 0 || length >= CAT_SUBJECT_MAX)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a subject has at most %d characters",
                             CAT_SUBJECT_MAX - 1);
    memcpy(out, subject, (size_t)length + 1);
    return 0;
}

static int refuse_part(const char *what, const char *text, cat_error *error)
{
    return cat_error_set(error, CAT_E_INVALID, "\"%.60s\" cannot stand in a subject as %s", text ? text : "",
                         what);
}

typedef struct {
    const char *environment, *word, *kind, *group, *namespace, *name;
} object_place;

static int object_subject(const object_place *of, char out[CAT_SUBJECT_MAX], cat_error *error)
{
    if (!is_token(of->environment))
        return refuse_part("an Environment", of->environment, error);
    if (!of->kind || !*of->kind || !of->name || !*of->name)
        return cat_error_set(error, CAT_E_INVALID, "an object without kind or name has no subject");
    char kind_token[CAT_SUBJECT_MAX], namespace_token[CAT_SUBJECT_MAX], rest[CAT_SUBJECT_MAX],
        subject[CAT_SUBJECT_MAX];
    cat_kind_token(of->kind, of->group, kind_token, sizeof kind_token);
    cat_subject_token(of->namespace, namespace_token, sizeof namespace_token);
    dotted_name(of->name, rest, sizeof rest);
    int length =
        snprintf(subject, sizeof subject, "ws.%s.%s.%s.%s.%s", of->environment, of->word, kind_token, namespace_token, rest);
    return finish(out, subject, length, error);
}

int cat_subject_k8s(const char *environment, const char *kind, const char *group, const char *namespace,
                    const char *name, char out[CAT_SUBJECT_MAX], cat_error *error)
{
    return object_subject(&(object_place){environment, "k8s", kind, group, namespace, name}, out, error);
}

int cat_subject_crossplane(const char *environment, const char *kind, const char *group, const char *namespace,
                           const char *name, char out[CAT_SUBJECT_MAX], cat_error *error)
{
    return object_subject(&(object_place){environment, "crossplane", kind, group, namespace, name}, out, error);
}

/* `first.second.third.{fourth…}` of tokens that we choose ourselves: what does not fit is a mistake, not to
 * be mended. */
static int four_tokens(const char *first, const char *second, const char *third, const char *fourth,
                       char out[CAT_SUBJECT_MAX], cat_error *error)
{
    if (!is_token(second))
        return refuse_part("its second part", second, error);
    if (!is_token(third))
        return refuse_part("its third part", third, error);
    if (!is_dotted(fourth))
        return refuse_part("its last part", fourth, error);
    char subject[CAT_SUBJECT_MAX];
    int length = snprintf(subject, sizeof subject, "%s.%s.%s.%s", first, second, third, fourth);
    return finish(out, subject, length, error);
}

int cat_subject_flux(const char *environment, const char *name, char out[CAT_SUBJECT_MAX], cat_error *error)
{
    char token[CAT_SUBJECT_MAX];
    cat_subject_token(name, token, sizeof token);
    return four_tokens("ws", environment, "flux", token, out, error);
}

int cat_subject_git(const char *environment, const char *commit, char out[CAT_SUBJECT_MAX], cat_error *error)
{
    return four_tokens("ws", environment, "git", commit ? commit : "", out, error);
}

int cat_subject_operation(const char *environment, const char *id, char out[CAT_SUBJECT_MAX],
                          cat_error *error)
{
    return four_tokens("ws", environment, "operation", id ? id : "", out, error);
}

int cat_subject_sync(const char *environment, const char *what, char out[CAT_SUBJECT_MAX], cat_error *error)
{
    return four_tokens("ws", environment, "sync", what ? what : "", out, error);
}

int cat_subject_service(const char *service, const char *organization, const char *what,
                        char out[CAT_SUBJECT_MAX], cat_error *error)
{
    if (cat_text_equal(service, "command"))
        return refuse_part("a service", service, error);
    return four_tokens("catalyst", service, organization && *organization ? organization : "_",
                       what ? what : "", out, error);
}

int cat_subject_command(const char *service, const char *method, char out[CAT_SUBJECT_MAX], cat_error *error)
{
    return four_tokens("catalyst", "command", service, method ? method : "", out, error);
}

/* Cuts the next token off `*rest`; NULL when it is empty or missing. The last one takes all that is left. */
static char *next_token(char **rest, bool last)
{
    char *token = *rest;
    if (!token || !*token)
        return NULL;
    char *dot = last ? NULL : strchr(token, '.');
    if (dot)
        *dot = '\0';
    *rest = dot ? dot + 1 : NULL;
    return *token ? token : NULL;
}

static const char *unless_none(const char *token)
{
    return strcmp(token, "_") == 0 ? NULL : token;
}

static bool parse_environment(char *rest, cat_subject *parsed)
{
    static const struct {
        const char *word;
        int what;
    } forms[] = {{"flux", CAT_SUBJECT_FLUX},
                 {"git", CAT_SUBJECT_GIT},
                 {"crossplane", CAT_SUBJECT_CROSSPLANE},
                 {"operation", CAT_SUBJECT_OPERATION},
                 {"sync", CAT_SUBJECT_SYNC}};
    const char *environment = next_token(&rest, false), *word = next_token(&rest, false);
    if (!environment || !word)
        return false;
    parsed->environment = environment;
    if (strcmp(word, "k8s") == 0) {
        const char *kind = next_token(&rest, false), *namespace = next_token(&rest, false);
        parsed->what = CAT_SUBJECT_K8S;
        parsed->kind = kind;
        parsed->namespace = namespace ? unless_none(namespace) : NULL;
        parsed->name = next_token(&rest, true);
        return kind && namespace && parsed->name;
    }
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(word, forms[i].word) != 0)
            continue;
        parsed->what = forms[i].what;
        const char *last = next_token(&rest, true);
        *(parsed->what == CAT_SUBJECT_SYNC ? &parsed->happened : &parsed->name) = last;
        return last != NULL;
    }
    return false;
}

static bool parse_service(char *rest, cat_subject *parsed)
{
    const char *second = next_token(&rest, false), *third = next_token(&rest, false);
    parsed->happened = next_token(&rest, true);
    if (!second || !third || !parsed->happened)
        return false;
    bool is_command = strcmp(second, "command") == 0;
    parsed->what = is_command ? CAT_SUBJECT_COMMAND : CAT_SUBJECT_SERVICE;
    parsed->service = is_command ? third : second;
    parsed->organization = is_command ? NULL : unless_none(third);
    return true;
}

static bool has_empty_token(const char *subject, size_t length)
{
    return length == 0 || subject[0] == '.' || subject[length - 1] == '.' || strstr(subject, "..");
}

int cat_subject_parse(const char *subject, cat_subject *parsed, cat_error *error)
{
    size_t length = strlen(subject);
    if (length >= CAT_SUBJECT_MAX)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a subject has at most %d characters",
                             CAT_SUBJECT_MAX - 1);
    *parsed = (cat_subject){0};
    memcpy(parsed->buffer, subject, length + 1);
    char *rest = parsed->buffer;
    const char *first = has_empty_token(subject, length) ? NULL : next_token(&rest, false);
    bool known = first && (strcmp(first, "ws") == 0         ? parse_environment(rest, parsed)
                           : strcmp(first, "catalyst") == 0 ? parse_service(rest, parsed)
                                                            : false);
    return known ? 0
                 : cat_error_set(error, CAT_E_INVALID, "\"%.200s\" is no subject of the project's", subject);
}

void cat_stream_of_environment(const char *environment, char *out, size_t size)
{
    snprintf(out, size, "ws-%s", environment);
}

void cat_bucket_of_environment(const char *environment, char *out, size_t size)
{
    snprintf(out, size, "ws-%s-state", environment);
}
