/* Any text as a name of each kind. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "wire/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cat_autofree char *text = cat_strndup((const char *)data, size);
    cat_error error = {0};
    if (cat_name_check_organization(text, &error) == 0)
        CLAIM(strlen(text) <= CAT_NAME_ORGANIZATION_MAX && strlen(text) >= 3);
    else
        CLAIM(error.code == CAT_E_INVALID && error.message[0]);
    char organization[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8], code[5];
    if (cat_name_check_environment(text, NULL) == 0)
        CLAIM(cat_environment_split(text, organization, env_type) && cat_env_type_is(env_type));
    cat_name_check_application(text, NULL);
    cat_name_check_blueprint(text, NULL);
    if (cat_name_check_host_cluster(text, NULL) == 0)
        CLAIM(cat_host_cluster_code(text, code, NULL) == 0 && strlen(code) == 4);
    return 0;
}
