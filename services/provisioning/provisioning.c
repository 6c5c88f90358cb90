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
