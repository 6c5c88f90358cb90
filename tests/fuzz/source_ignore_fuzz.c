/* Any patterns, in two folders: what is kept is of the files that were there, an error says which file it is about, and a path
 * that patterns do not reach stays. */
#include <string.h>

#include "base/memory.h"
#include "domain/source_ignore.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const PATHS[] = {"kustomization.yaml",    "a/b/c.yaml", "a/[x]*.yaml", "b\\c/d e.png",
                                        "\xc3\xa4/\xe2\x82\xac", "z"};
    cat_autojson json_t *files = json_object(), *text = json_stringn((const char *)data, size);
    cat_error error = {0};
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
        json_object_set_new(files, PATHS[i], json_string("x"));
    if (!text)
        return 0;
    json_object_set(files, "a/.sourceignore", text);
    cat_autojson json_t *below = cat_source_ignore_filter(files, &error);
    CLAIM(below ? json_object_get(below, "z") != NULL : strstr(error.message, ".sourceignore") != NULL);
    json_object_set(files, ".sourceignore", text);
    cat_autojson json_t *kept = cat_source_ignore_filter(files, NULL);
    CLAIM(!kept || json_object_size(kept) <= json_object_size(files));
    return 0;
}
