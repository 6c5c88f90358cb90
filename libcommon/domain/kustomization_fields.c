/* The lists of what may stand in a kustomization, a transformer and a generator. What is not here is refused, so that a field of
 * a later kustomize is not taken before somebody has looked at what it reads. Not taken: Helm charts and plugins (they start
 * programs), `vars` and `imageTags` (replaced since long), ValueAddTransformer (it tells the temporary folder's name). */
#include <string.h>

#include "domain/kustomization_internal.h"

static const field PATCH[] = {
    {"path", FIELD_FILE, NULL}, {"patch", FIELD_PATCH, NULL}, {"target", FIELD_ANY, NULL}, {"options", FIELD_ANY, NULL}, {0}};
static const field REPLACEMENT[] = {
    {"path", FIELD_FILE, NULL}, {"source", FIELD_ANY, NULL}, {"targets", FIELD_ANY, NULL}, {"sourceValue", FIELD_ANY, NULL}, {0}};
#define GENERATOR_FIELDS                                                                                                         \
    {"name", FIELD_ANY, NULL}, {"namespace", FIELD_ANY, NULL}, {"behavior", FIELD_ANY, NULL}, {"literals", FIELD_ANY, NULL},     \
        {"files", FIELD_SOURCES, NULL}, {"envs", FIELD_PLAIN_FILES, NULL}, {"env", FIELD_PLAIN_FILE, NULL},                      \
    {                                                                                                                            \
        "options", FIELD_ANY, NULL                                                                                               \
    }
static const field CONFIG_MAP[] = {GENERATOR_FIELDS, {0}};
static const field SECRET[] = {GENERATOR_FIELDS, {"type", FIELD_ANY, NULL}, {0}};
static const field OPENAPI[] = {{"path", FIELD_FILE, NULL}, {0}};

#define ABOUT                                                                                                                    \
    {"apiVersion", FIELD_ANY, NULL}, {"kind", FIELD_ANY, NULL},                                                                  \
    {                                                                                                                            \
        "metadata", FIELD_ANY, NULL                                                                                              \
    }

const field KUSTOMIZATION_FIELDS[] = {ABOUT,
                                      {"resources", FIELD_RESOURCES, NULL},
                                      {"bases", FIELD_RESOURCES, NULL},
                                      {"components", FIELD_COMPONENTS, NULL},
                                      {"transformers", FIELD_TRANSFORMERS, NULL},
                                      {"validators", FIELD_TRANSFORMERS, NULL},
                                      {"generators", FIELD_GENERATORS, NULL},
                                      {"patches", FIELD_OBJECTS, PATCH},
                                      {"patchesJson6902", FIELD_OBJECTS, PATCH},
                                      {"patchesStrategicMerge", FIELD_FILES, NULL},
                                      {"replacements", FIELD_OBJECTS, REPLACEMENT},
                                      {"configMapGenerator", FIELD_OBJECTS, CONFIG_MAP},
                                      {"secretGenerator", FIELD_OBJECTS, SECRET},
                                      {"generatorOptions", FIELD_ANY, NULL},
                                      {"configurations", FIELD_FILES, NULL},
                                      {"crds", FIELD_FILES, NULL},
                                      {"openapi", FIELD_OBJECT, OPENAPI},
                                      {"images", FIELD_ANY, NULL},
                                      {"replicas", FIELD_ANY, NULL},
                                      {"labels", FIELD_ANY, NULL},
                                      {"commonLabels", FIELD_ANY, NULL},
                                      {"commonAnnotations", FIELD_ANY, NULL},
                                      {"namePrefix", FIELD_ANY, NULL},
                                      {"nameSuffix", FIELD_ANY, NULL},
                                      {"namespace", FIELD_ANY, NULL},
                                      {"sortOptions", FIELD_ANY, NULL},
                                      {"buildMetadata", FIELD_ANY, NULL},
                                      {0}};

/* What changes transformers before they are used could make any of them: nothing but the list. */
const field TRANSFORMERS_FIELDS[] = {ABOUT, {"resources", FIELD_TRANSFORMERS, NULL}, {0}};

/* `metadata` has a name at most: annotations are where functions and containers are asked for. */
static const field METADATA[] = {{"name", FIELD_ANY, NULL}, {"namespace", FIELD_ANY, NULL}, {0}};
#define OBJECT                                                                                                                   \
    {"apiVersion", FIELD_ANY, NULL}, {"kind", FIELD_ANY, NULL},                                                                  \
    {                                                                                                                            \
        "metadata", FIELD_OBJECT, METADATA                                                                                       \
    }
#define FIELD_SPECS                                                                                                              \
    {                                                                                                                            \
        "fieldSpecs", FIELD_ANY, NULL                                                                                            \
    }

static const field REPLACEMENT_TRANSFORMER[] = {OBJECT, {"replacements", FIELD_OBJECTS, REPLACEMENT}, {0}};
static const field PATCH_TRANSFORMER[] = {
    OBJECT, {"path", FIELD_FILE, NULL}, {"patch", FIELD_PATCH, NULL}, {"target", FIELD_ANY, NULL}, {"options", FIELD_ANY, NULL},
    {0}};
static const field LABEL_TRANSFORMER[] = {OBJECT, FIELD_SPECS, {"labels", FIELD_ANY, NULL}, {0}};
static const field ANNOTATIONS_TRANSFORMER[] = {OBJECT, FIELD_SPECS, {"annotations", FIELD_ANY, NULL}, {0}};
static const field NAMESPACE_TRANSFORMER[] = {
    OBJECT, FIELD_SPECS, {"unsetOnly", FIELD_ANY, NULL}, {"setRoleBindingSubjects", FIELD_ANY, NULL}, {0}};
static const field PREFIX_TRANSFORMER[] = {OBJECT, FIELD_SPECS, {"prefix", FIELD_ANY, NULL}, {0}};
static const field SUFFIX_TRANSFORMER[] = {OBJECT, FIELD_SPECS, {"suffix", FIELD_ANY, NULL}, {0}};
static const field PREFIX_SUFFIX_TRANSFORMER[] = {
    OBJECT, FIELD_SPECS, {"prefix", FIELD_ANY, NULL}, {"suffix", FIELD_ANY, NULL}, {0}};
static const field IMAGE_TRANSFORMER[] = {OBJECT, FIELD_SPECS, {"imageTag", FIELD_ANY, NULL}, {0}};
static const field REPLICA_TRANSFORMER[] = {OBJECT, FIELD_SPECS, {"replica", FIELD_ANY, NULL}, {0}};
static const field CONFIG_MAP_GENERATOR[] = {OBJECT, GENERATOR_FIELDS, {0}};
static const field SECRET_GENERATOR[] = {OBJECT, GENERATOR_FIELDS, {"type", FIELD_ANY, NULL}, {0}};

typedef struct {
    const char *name;
    const field *fields;
} kind;

static const field *find(const kind *kinds, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].fields;
    return NULL;
}

const field *kustomization_transformer(const char *name)
{
    static const kind KINDS[] = {{"ReplacementTransformer", REPLACEMENT_TRANSFORMER},
                                 {"PatchTransformer", PATCH_TRANSFORMER},
                                 {"LabelTransformer", LABEL_TRANSFORMER},
                                 {"AnnotationsTransformer", ANNOTATIONS_TRANSFORMER},
                                 {"NamespaceTransformer", NAMESPACE_TRANSFORMER},
                                 {"PrefixTransformer", PREFIX_TRANSFORMER},
                                 {"SuffixTransformer", SUFFIX_TRANSFORMER},
                                 {"PrefixSuffixTransformer", PREFIX_SUFFIX_TRANSFORMER},
                                 {"ImageTagTransformer", IMAGE_TRANSFORMER},
                                 {"ReplicaCountTransformer", REPLICA_TRANSFORMER}};
    return find(KINDS, sizeof KINDS / sizeof *KINDS, name);
}

const field *kustomization_generator(const char *name)
{
    static const kind KINDS[] = {{"ConfigMapGenerator", CONFIG_MAP_GENERATOR}, {"SecretGenerator", SECRET_GENERATOR}};
    return find(KINDS, sizeof KINDS / sizeof *KINDS, name);
}

const field *kustomization_field(const field *fields, const char *name)
{
    for (; fields->name; fields++)
        if (strcmp(fields->name, name) == 0)
            return fields;
    return NULL;
}

const char *kustomization_advice(const char *name)
{
    static const struct {
        const char *name, *advice;
    } ADVICE[] = {{"helmCharts", "a chart is named in a Blueprint's manifests.source"},
                  {"helmGlobals", "a chart is named in a Blueprint's manifests.source"},
                  {"helmChartInflationGenerator", "a chart is named in a Blueprint's manifests.source"},
                  {"vars", "use replacements"},
                  {"imageTags", "use images"}};
    for (size_t i = 0; i < sizeof ADVICE / sizeof *ADVICE; i++)
        if (strcmp(ADVICE[i].name, name) == 0)
            return ADVICE[i].advice;
    return NULL;
}
