#include "provisioning.h"

#include <stdio.h>
#include <string.h>

cat_git_remote prv_remote(const prv_context *context, const char *repository, char url[512])
{
    snprintf(url, 512, "%s/%s.git", context->config->common.gitea.url, repository);
    return (cat_git_remote){.url = url, .user = context->config->common.gitea.user, .password = context->gitea_token};
}

int64_t prv_now_ms(void)
{
    return cat_clock_system()->wall_ms(cat_clock_system());
}

void prv_error_for_people(const prv_context *context, const cat_error *error, cat_error *shown)
{
    const cat_config_common *common = &context->config->common;
    const struct {
        const char *sign, *name;
    } PEERS[] = {{common->gitea.url, "the Git server"}, {"Gitea", "the Git server"},  {common->spine.url, "the event spine"},
                 {"JetStream", "the event spine"},      {"spine", "the event spine"}, {"https://", "the management cluster"}};
    *shown = *error;
    if (error->code != CAT_E_UNAVAILABLE && error->code != CAT_E_TIMEOUT)
        return;
    for (size_t i = 0; i < sizeof PEERS / sizeof *PEERS; i++) {
        if (!PEERS[i].sign || !*PEERS[i].sign || !strstr(error->message, PEERS[i].sign))
            continue;
        cat_error_set_class(shown, error->code, error->class, "%s does not answer", PEERS[i].name);
        return;
    }
}
