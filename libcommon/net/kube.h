/* A Kubernetes API server: get, list in pages, server-side apply, patch, delete, watch. Any thread; calls block.
 *
 * One cat_kube a cluster; its HTTP connections are pooled. Watches of all clusters share one thread (cat_kube_watcher).
 */
#ifndef CAT_NET_KUBE_H
#define CAT_NET_KUBE_H

#include "net/http_stream.h"
#include "wire/kubernetes.h"

typedef struct cat_kube cat_kube;
/* From a kubeconfig's text (current context; token, client certificate, CA as data). A text from elsewhere may name no file of
 * ours: only one that is itself a file may (token file, certificates). */
int cat_kube_create(const char *kubeconfig, size_t length, cat_kube **kube, cat_error *error);
int cat_kube_create_from_file(const char *path, cat_kube **kube, cat_error *error);
int cat_kube_create_in_cluster(cat_kube **kube, cat_error *error);
void cat_kube_destroy(cat_kube *kube);
CAT_DEFINE_AUTOPTR(cat_kube)

/* `namespace` NULL or "" for cluster scope. Objects returned are the caller's. */
int cat_kube_get(cat_kube *kube, const cat_resource *resource, const char *namespace, const char *name, json_t **object,
                 cat_error *error);
/* Which objects: `namespace` NULL: of all; `selector` NULL: all, `app=web`: by labels, `field:metadata.name=web`: by fields. */
typedef struct {
    const cat_resource *resource;
    const char *namespace, *selector;
} cat_kube_selection;
/* Every page of 500, each object lent as a view with its apiVersion and kind: memory stays flat. CAT_E_GONE when the pages became
 * too old meanwhile: list again. `resource_version` (may be NULL) gets the list's. */
int cat_kube_list(cat_kube *kube, const cat_kube_selection *wanted, int (*each)(void *context, cat_view object, cat_error *error),
                  void *context, char resource_version[32], cat_error *error);
int cat_kube_list_json(cat_kube *kube, const cat_resource *resource, const char *namespace, const char *selector, json_t **items,
                       cat_error *error);
typedef struct {
    const char *field_manager; /* required */
    bool force, dry_run;
    const char *subresource; /* "status" or NULL */
} cat_apply_options;
/* Server-side apply of a whole object. `result` may be NULL. CAT_E_INVALID carries the server's causes. */
int cat_kube_apply(cat_kube *kube, const json_t *object, const cat_apply_options *options, json_t **result, cat_error *error);
/* Merge patch (RFC 7396). A `metadata.resourceVersion` in it makes it conditional. */
typedef struct {
    const cat_resource *resource;
    const char *namespace, *name;
    const json_t *patch;
    const char *subresource; /* "status" or NULL */
} cat_kube_change;
int cat_kube_patch(cat_kube *kube, const cat_kube_change *change, json_t **result, cat_error *error);
int cat_kube_create_object(cat_kube *kube, const json_t *object, json_t **result, cat_error *error); /* CAT_E_EXISTS */
int cat_kube_delete(cat_kube *kube, const cat_resource *resource, const char *namespace, const char *name,
                    const char *propagation, cat_error *error); /* not found is success */
/* Is the API group version with this kind served? For CRDs that may be absent. */
int cat_kube_serves(cat_kube *kube, const cat_resource *resource, bool *served, cat_error *error);
/* A token of a ServiceAccount that ends by itself; the server may give it another duration. `*token` is the caller's:
 * cat_secret_free. */
int cat_kube_request_token(cat_kube *kube, const char *namespace, const char *account, int64_t seconds, char **token,
                           cat_error *error);
/* As this client reaches it, without a final slash; and the authorities that it believes, in PEM (NULL: the system's). Lent. */
const char *cat_kube_server(const cat_kube *kube);
const char *cat_kube_authority(const cat_kube *kube);
/* GET of any path ("/version"), for health. */
int cat_kube_raw(cat_kube *kube, const char *path, char **body, size_t *length, cat_error *error);

typedef struct cat_kube_watcher cat_kube_watcher;
cat_kube_watcher *cat_kube_watcher_create(void);
void cat_kube_watcher_destroy(cat_kube_watcher *watcher); /* stops all watches */
CAT_DEFINE_AUTOPTR(cat_kube_watcher)

/* A list, then a watch with bookmarks, again and again: 410, silence and errors lead to a relist with back-off. Callbacks of one
 * watch never overlap; they run on threads of the watcher and may block: a stream whose bounded queue is full is ended, and goes
 * on where it was when the queue is empty. */
typedef enum { CAT_WATCH_LISTED, CAT_WATCH_ADDED, CAT_WATCH_MODIFIED, CAT_WATCH_DELETED } cat_watch_kind;
typedef struct {
    void (*on_list_start)(void *context);
    void (*on_object)(void *context, cat_watch_kind kind, cat_view object); /* lent */
    void (*on_listed)(void *context, const char *resource_version);         /* the list is whole: what was not in it is gone */
    void (*on_error)(void *context, const cat_error *error);                /* it goes on by itself */
    void *context;
} cat_kube_watch_handlers;
typedef struct cat_kube_watch cat_kube_watch;
int cat_kube_watch_start(cat_kube_watcher *watcher, cat_kube *kube, const cat_kube_selection *wanted,
                         const cat_kube_watch_handlers *handlers, cat_kube_watch **watch, cat_error *error);
void cat_kube_watch_stop(cat_kube_watch *watch); /* no callback after it returned; not from a callback; NULL allowed */

#endif
