/* What the files of the Kubernetes client share. Not for others. */
#ifndef CAT_NET_KUBE_INTERNAL_H
#define CAT_NET_KUBE_INTERNAL_H

#include <pthread.h>

#include "base/map.h"
#include "net/kube.h"
#include "net/kube_config.h"

#define KUBE_PAGE_OBJECTS 500
#define KUBE_OBJECT_MAX_BYTES ((size_t)8 * 1024 * 1024)
/* etcd takes 1.5 MiB an object; a page of 500 large ones fits here. */
#define KUBE_ANSWER_MAX_BYTES ((size_t)256 * 1024 * 1024)
/* CRDs nest deeply. */
#define KUBE_MAX_DEPTH 200

struct cat_kube {
    cat_kube_config config;
    cat_http_client *client;
    pthread_mutex_t lock; /* guards what follows */
    char *file_token;
    int64_t file_token_at_ms;
    cat_map *groups; /* discovery: "group/version" → kube_group_resources */
};

/* The Authorization token for one call, the caller's; NULL for none. */
char *kube_bearer(cat_kube *kube);
/* `{server}/apis/{group}/{version}/namespaces/{namespace}/{plural}/{name}/{subresource}`; parts from the namespace on may be NULL
 * or "". */
char *kube_url(const cat_kube *kube, const cat_resource *resource, const char *namespace, const char *name,
               const char *subresource);
/* A list's or a watch's selector as a parameter of the URL; NULL or "": nothing. */
void kube_append_selector(cat_string *url, const char *selector);
/* One call; an answer that is not 2xx becomes an error. `what` names it in errors. */
typedef struct {
    const char *method, *url, *content_type, *what;
    const json_t *body;
    int64_t timeout_ms; /* 0: the client's */
} kube_call;
int kube_send(cat_kube *kube, const kube_call *call, cat_http_answer *answer, cat_error *error);
/* An error from the text of a `Status` object; `status` is HTTP's. */
int kube_error_from_status(int status, const char *text, size_t length, const char *what, cat_error *error);

/* The resource of an object: from the project's table, else from the server's discovery. `group`, `version`, `kind` and `plural`
 * are lent by `kept`. */
typedef struct {
    cat_resource resource;
    char group[254], version[64], kind[64], plural[64];
} kube_resource;
int kube_resource_of(cat_kube *kube, const json_t *object, kube_resource *kept, cat_error *error);
void kube_discovery_forget(cat_kube *kube);

/* One line of a watch. Pure. */
typedef struct {
    enum { KUBE_LINE_ADDED, KUBE_LINE_MODIFIED, KUBE_LINE_DELETED, KUBE_LINE_BOOKMARK } type;
    cat_view object;
    char resource_version[32];
} kube_line;
/* `document` keeps the view alive. An ERROR line gives its error: CAT_E_GONE when the version is too old. */
int kube_line_decode(const char *text, size_t length, cat_document **document, kube_line *line, cat_error *error);

#endif
