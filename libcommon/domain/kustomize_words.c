#include "domain/kustomize_words.h"

#include <string.h>

#include "base/memory.h"
#include "base/string.h"

#define NAME_MAX_BYTES 120

/* The text between `before` and `after`, if it is there and made of the plain characters of a name, a path or a field. */
static char *between(const char *words, const char *before, const char *after)
{
    const char *start = strstr(words, before);
    if (!start)
        return NULL;
    start += strlen(before);
    const char *end = strstr(start, after);
    size_t length = end ? (size_t)(end - start) : 0;
    if (length == 0 || length > NAME_MAX_BYTES)
        return NULL;
    size_t plain = strspn(start, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/[]=~");
    return plain >= length ? cat_strndup(start, length) : NULL;
}

/* "Deployment.v1.apps/web.[noNs]" as "Deployment web". */
static char *object_of(const char *id)
{
    if (!id)
        return NULL;
    const char *slash = strchr(id, '/');
    size_t kind = strcspn(id, "."), name = slash ? strcspn(slash + 1, ".") : 0;
    return name && kind ? cat_printf("%.*s %.*s", (int)kind, id, (int)name, slash + 1) : NULL;
}

typedef struct {
    const char *before, *after; /* where the name stands */
    const char *says;           /* with one %s */
    bool object;                /* the name is an object's id */
} shape;

/* A Blueprint binds names (bind/names.yaml), which a person's second object of a kind may get, too. */
#define TWICE                                                                                                                    \
    "%s is there twice: two files have it, or the Blueprint gives two of its kind this name; take one away, or call it "         \
    "otherwise"

/* Bindings read the values of people by `spec`, and what Catalyst writes by `environment`. */
#define NO_VALUE                                                                                                                 \
    "the Blueprint reads the field spec.%s, which has no value: give it one in values.yaml, and no null in overlays. What "      \
    "stands "                                                                                                                    \
    "behind a # is a comment: a value that begins with one belongs in quotes"

/* What people write stands in one object, which overlays change and bindings read. */
#define NO_VALUES "values.yaml is not among what is built: bring it back in Git, below resources of kustomization.yaml too"

#define WHERE ": look for it in values.yaml and in the overlays"

/* Those of kustomize 5.8 that what passed domain/kustomization.h can still meet. */
static const shape SHAPES[] = {
    {"already registered id: ", "\n", TWICE, true},
    {"already registered id: ", "'", TWICE, true},
    {"no matches for Id Values.v1alpha1.catalyst.openova.io/", ";", NO_VALUES "%.0s", false},
    {"nothing selected by Values.", ":", NO_VALUES "%.0s", false},
    {"no matches for Id ", ";", "a patch is for %s, which is not there; correct its target", true},
    {"unable to parse SM or JSON patch from [path: \"", "\"]", "the patch %s is neither an object nor a list of JSON patches",
     false},
    {"illegally qualifies as both an SM and JSON patch: [path: \"", "\"]", "the patch %s is an object and a list of JSON patches",
     false},
    {"unable to find field \"", "\" in replacement target",
     "the Blueprint fills in the field %s, which an object here does not have; put that field back, or call the object otherwise",
     false},
    {"fieldPath `spec.", "` is missing for replacement source", NO_VALUE, false},
    {"fieldPath `", "` is missing for replacement source", "the Blueprint reads the field %s, which has no value", false},
    {"doc is missing path: \"", "\"", "a JSON patch changes %s, which is not there", false},
    {"doc is missing key: ", ":", "a JSON patch changes %s, which is not there", false},
    {" into Go struct field ", " of type", "the field %s has a value of another type than kustomize takes", false},
    {"accumulating resources from '", "': missing Resource metadata", "an object in %s has no metadata", false},
    {"accumulating resources from '", "': missing metadata.name", "an object in %s has no metadata.name", false},
    {"accumulating resources from '", "': missing kind", "an object in %s has no kind", false},
    {"cannot decode !!float `", "` as ", "the value %s stands where a whole number has to be" WHERE, false},
    {"cannot decode !!str `", "` as ", "a text stands where a number, or true or false, has to be" WHERE "%.0s", false},
    {"cannot unmarshal !!float `", "` into ", "the value %s stands where a whole number has to be" WHERE, false},
    {"cannot unmarshal !!str `", "` into ", "a text stands where a number, or true or false, has to be" WHERE "%.0s", false},
    {" in File: ", "\n", "%s is no YAML that kustomize can read", false}};

/* Without a name in them. */
static const struct {
    const char *word, *says;
} PLAIN[] = {{"cannot allocate memory", "building the manifests takes more memory than it may"},
             {"out of memory", "building the manifests takes more memory than it may"},
             /* Go's runtime does not survive some of its own requests that are refused, and then ends so instead. */
             {"SIGSEGV: segmentation violation\nPC=",
              "kustomize did not survive building the manifests; most often they take more memory than it may"},
             {"expected key=value", "a literal of a generator is not written as key=value"},
             {"nothing selected by", "a binding reads from an object that is not there"},
             {"multiple matches for selector", "a binding reads from an object that is there more than once"},
             {"unable to find source of replacement", "a binding reads from an object that is not there"},
             {"no matches for Id", "a patch is for an object that is not there; correct its target"},
             {"behavior must be merge or replace", "a generator makes an object that is there already"},
             {"merging from generator", "two generators make the same object"},
             {"unable to parse SM or JSON patch", "a patch is neither an object nor a list of JSON patches"},
             {"illegally qualifies as both", "a patch is an object and a list of JSON patches"},
             {"already registered id", "an object is there twice"},
             {"is empty", "a kustomization.yaml is empty"},
             {"fieldSpecs is not expected to be nil", "a transformer has no fieldSpecs"},
             {"missing metadata.name", "an object has no metadata.name"},
             {"missing Resource metadata", "an object has no metadata"},
             {"apiVersion for", "a kustomization.yaml has another apiVersion than kustomize's"},
             {"cycle detected", "a kustomization names the folder that it stands in, or one above"}};

char *cat_kustomize_words(const char *words)
{
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++) {
        cat_autofree char *name = between(words, SHAPES[i].before, SHAPES[i].after);
        cat_autofree char *object = SHAPES[i].object ? object_of(name) : NULL;
        const char *shown = SHAPES[i].object ? object : name;
        if (shown)
            return cat_printf(SHAPES[i].says, shown);
    }
    for (size_t i = 0; i < sizeof PLAIN / sizeof *PLAIN; i++)
        if (strstr(words, PLAIN[i].word))
            return cat_strdup(PLAIN[i].says);
    return NULL;
}
