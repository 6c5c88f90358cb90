/* Any bytes: a kubeconfig is read into a plain URL and one-line credentials, names no file of ours, or is refused with a sentence. */
#include <string.h>

#include "fuzz.h"
#include "net/kube_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cat_auto(cat_kube_config) config = {0};
    cat_error error = {0};
    if (cat_kube_config_parse((const char *)data, size, NULL, &config, &error) < 0) {
        CLAIM(error.message[0] && !config.server && !config.token);
        return 0;
    }
    CLAIM(strncmp(config.server, "http", 4) == 0 && !strpbrk(config.server, "?#@ \r\n"));
    CLAIM(!config.token_path);
    CLAIM(!config.token || !strpbrk(config.token, "\r\n"));
    CLAIM(!config.client_certificate_pem == !config.client_key_pem);
    return 0;
}
