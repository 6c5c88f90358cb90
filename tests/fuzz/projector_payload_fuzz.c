/* Bodies of webhooks whose signature was right. */
#include "base/memory.h"
#include "core/payload.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const char *const KINDS[] = {"push", "pull_request"};
    for (size_t i = 0; i < 2; i++) {
        cat_auto(prj_payload) event = {0};
        prj_payload_gitea(KINDS[i], (const char *)data, size, &event, NULL);
    }
    cat_auto(prj_payload) notice = {0};
    prj_payload_flux("acme", "c1", (const char *)data, size, &notice, NULL);
    return 0;
}
