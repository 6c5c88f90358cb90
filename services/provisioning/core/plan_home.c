#include "core/plan_home.h"

#include <string.h>

#include "base/memory.h"
#include "domain/cluster_scope.h"
#include "domain/home.h"
#include "wire/kubernetes.h"

/* One Application that goes wrong everywhere need not be told of line by line. */
#define MAX_TOLD 20
#define ORIGIN "config.kubernetes.io/origin"

/* A line of the annotation, such as "path: blueprint/web.yaml", behind its name; NULL: there is none. */
static const char *line_of(const json_t *object, const char *name)
{
    const char *origin = cat_object_annotation(object, ORIGIN), *line = origin ? strstr(origin, name) : NULL;
    return line && (line == origin || line[-1] == '\n') ? line + strlen(name) : NULL;
}

char *prv_plan_file_of(const json_t *object)
{
    const char *path = line_of(object, "path: ");
    path = path ? path : line_of(object, "configuredIn: ");
    return path ? cat_strndup(path, strcspn(path, "\n")) : NULL;
}

bool prv_plan_is_generated(const json_t *object)
{
    return line_of(object, "configuredIn: ") != NULL;
}

static void tell(json_t *list, char *message_taken, bool is_complaint)
{
    json_t *text = json_string(message_taken);
    cat_free_cleanup(&message_taken);
    json_array_append_new(list, is_complaint ? cat_json_object("pointer", json_string(""), "message", text, NULL) : text);
}

void prv_plan_home(json_t *plan, const json_t *application, const char *environment, const char *namespace, const json_t *objects,
                   json_t *complaints)
{
    const char *name = cat_json_text_or(application, "name", "?");
    bool is_new = cat_text_equal(cat_json_text(application, "action"), "create");
    cat_autojson json_t *scope = cat_cluster_scope_in(json_object_get(application, "clusterScope"), environment);
    size_t index, told = 0;
    json_t *object;
    json_array_foreach((json_t *)objects, index, object)
    {
        char why[CAT_HOME_SENTENCE_MAX];
        cat_home_verdict verdict = cat_home_judge(object, namespace, scope, why);
        if (verdict == CAT_HOME_TAKEN || told++ >= MAX_TOLD)
            continue;
        bool is_complaint = is_new && verdict == CAT_HOME_REFUSED;
        cat_autofree char *file = prv_plan_file_of(object);
        tell(is_complaint ? complaints : json_object_get(plan, "warnings"),
             cat_printf("%s in %s: %s%s%s", name, environment, file ? file : "", file ? ": " : "", why), is_complaint);
    }
}
