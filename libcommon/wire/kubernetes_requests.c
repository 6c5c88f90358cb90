/* The formula is Kubernetes' own (k8s.io/component-helpers/resource, PodRequests, without what a node reports of a resize), and
 * so are the defaults before it (pkg/apis/core/v1, SetDefaults_Pod): limits stand for requests that are missing. */
#include "wire/kubernetes_requests.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "wire/kubernetes_quantity.h"

enum { CPU, MEMORY, RESOURCES };
static const char *const NAMES[RESOURCES] = {"cpu", "memory"};

/* In thousandths. */
typedef struct {
    __int128 amount[RESOURCES];
    bool named[RESOURCES]; /* somebody asks for it, be it 0 */
} request_list;

static void clamp(__int128 *amount)
{
    if (*amount > KUBERNETES_MILLI_MAX)
        *amount = KUBERNETES_MILLI_MAX;
}

static __int128 milli_of(cat_view quantity)
{
    const char *text = cat_view_text(quantity, NULL);
    /* A number is what JSON would write for it. */
    cat_autofree char *number =
        text || cat_view_is_object(quantity) || cat_view_is_array(quantity) ? NULL : cat_view_format(quantity);
    __int128 milli = 0;
    return kubernetes_quantity_milli(text ? text : number, &milli) && milli > 0 ? milli : 0;
}

static void read_list(cat_view list, request_list *out)
{
    for (int i = 0; i < RESOURCES; i++) {
        cat_view quantity = cat_view_member(list, NAMES[i]);
        if (!quantity.value)
            continue;
        out->named[i] = true;
        out->amount[i] = milli_of(quantity);
    }
}

static void default_to(request_list *list, const request_list *other)
{
    for (int i = 0; i < RESOURCES; i++)
        if (!list->named[i] && other->named[i]) {
            list->named[i] = true;
            list->amount[i] = other->amount[i];
        }
}

static void add_list(request_list *sum, const request_list *more)
{
    for (int i = 0; i < RESOURCES; i++) {
        sum->amount[i] += more->amount[i];
        clamp(&sum->amount[i]);
        sum->named[i] = sum->named[i] || more->named[i];
    }
}

static void raise_to(request_list *list, const request_list *least)
{
    for (int i = 0; i < RESOURCES; i++) {
        list->amount[i] = least->amount[i] > list->amount[i] ? least->amount[i] : list->amount[i];
        list->named[i] = list->named[i] || least->named[i];
    }
}

static request_list container_requests(cat_view container)
{
    request_list requests = {0}, limits = {0};
    read_list(cat_view_get(container, "resources.requests"), &requests);
    read_list(cat_view_get(container, "resources.limits"), &limits);
    default_to(&requests, &limits);
    return requests;
}

/* The most that runs at one time: first each init container beside the sidecars before it, then sidecars and containers. */
static request_list containers_requests(cat_view spec)
{
    request_list all = {0}, sidecars = {0}, starting = {0};
    cat_view container;
    cat_view_iterator it = cat_view_each(cat_view_get(spec, "containers"));
    while (cat_view_next(&it, NULL, &container)) {
        request_list one = container_requests(container);
        add_list(&all, &one);
    }
    it = cat_view_each(cat_view_get(spec, "initContainers"));
    while (cat_view_next(&it, NULL, &container)) {
        request_list one = container_requests(container);
        if (strcmp(cat_view_text_or(container, "restartPolicy", ""), "Always") == 0) {
            add_list(&all, &one);
            add_list(&sidecars, &one);
            raise_to(&starting, &sidecars);
        } else {
            add_list(&one, &sidecars);
            raise_to(&starting, &one);
        }
    }
    raise_to(&all, &starting);
    return all;
}

static int64_t narrow(__int128 amount)
{
    return amount > INT64_MAX ? INT64_MAX : (int64_t)amount;
}

cat_pod_requests cat_pod_requests_of(cat_view spec)
{
    request_list pod = {0}, limits = {0}, overhead = {0}, containers = containers_requests(spec);
    read_list(cat_view_get(spec, "resources.requests"), &pod);
    read_list(cat_view_get(spec, "resources.limits"), &limits);
    /* The pod's own limits stand for requests only where no container asks either. */
    default_to(&pod, &containers);
    default_to(&pod, &limits);
    read_list(cat_view_get(spec, "overhead"), &overhead);
    add_list(&pod, &overhead);
    return (cat_pod_requests){.cpu_milli = narrow(pod.amount[CPU]), .memory_bytes = narrow((pod.amount[MEMORY] + 999) / 1000)};
}

int64_t cat_quantity_bytes_of(cat_view quantity)
{
    return quantity.value ? narrow((milli_of(quantity) + 999) / 1000) : 0;
}
