#include "render_words.h"

#include <signal.h>

#include "base/memory.h"
#include "domain/kustomize_words.h"

char *prv_render_words(const cat_confined_result *result, const char *id)
{
    bool ended = result->end == CAT_CONFINED_SIGNALLED;
    cat_autofree char *means =
        ended && result->status == SIGXCPU   ? cat_strdup("building the manifests takes more time than it may")
        : ended && result->status == SIGKILL ? cat_strdup("building the manifests takes more time or memory than it may")
                                             : cat_kustomize_words(result->words);
    return means ? cat_printf("the manifests cannot be built: %s", means)
                 : cat_printf("the manifests cannot be built; the Sovereign's people find why in the log of provisioning, at %s",
                              id);
}
