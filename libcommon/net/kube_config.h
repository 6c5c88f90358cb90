/* What a kubeconfig says about its current context. Pure but for the files it names; any thread.
 *
 *     cat_auto(cat_kube_config) config = {0};
 *     if (cat_kube_config_parse(text, length, NULL, &config, error) < 0) return -1;
 */
#ifndef CAT_NET_KUBE_CONFIG_H
#define CAT_NET_KUBE_CONFIG_H

#include "base/error.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>

#define CAT_KUBE_CONFIG_MAX_BYTES ((size_t)1024 * 1024)

typedef struct {
    char *server; /* without a final slash */
    char *ca_pem; /* NULL: the system's authorities */
    char *client_certificate_pem, *client_key_pem;
    char *token, *token_path; /* the file wins, and is read again from time to time */
    char *user, *password;
    bool insecure;
} cat_kube_config;

/* `folder`: where relative file names start. NULL: a text from elsewhere, which may name no file, as it would read ours. Programs
 * that fetch credentials (`exec`) are never run: CAT_E_UNSUPPORTED. */
int cat_kube_config_parse(const char *text, size_t length, const char *folder, cat_kube_config *config, cat_error *error);
void cat_kube_config_finish(cat_kube_config *config);
static inline void cat_kube_config_cleanup(cat_kube_config *config)
{
    cat_kube_config_finish(config);
}

#endif
