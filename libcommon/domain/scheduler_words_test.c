#include "domain/scheduler_words.h"

#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"

#define MANY                                                                                                                     \
    "0/19 nodes are available: 1 node(s) had untolerated taint {windowsContainers: true}, 2 node(s) had untolerated taint "      \
    "{dedicated: a, b}, 4 node(s) didn't match Pod's node affinity/selector, 12 node(s) didn't match pod anti-affinity rules. "  \
    "no new claims to deallocate, preemption: 0/19 nodes are available: 19 Preemption is not helpful for scheduling."

TEST("why no node takes a Pod is said in words, with a step for most of the nodes")
{
    static const struct {
        const char *message, *cause, *next;
    } rows[] = {
        {"0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 "
         "Preemption is not helpful for scheduling.",
         "1 of 1 nodes has not enough CPU free (it asks for 1500m)", "less CPU"},
        {"0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.",
         "1 of 3 nodes has not enough CPU free (it asks for 1500m), 2 have not enough memory free (it asks for 3Gi)",
         "less memory"},
        {"0/2 nodes are available: 2 Insufficient nvidia.com/gpu. preemption: 0/2 nodes are available.",
         "2 of 2 nodes have not enough of a resource free (nvidia.com/gpu)", "nodes that have it"},
        {MANY,
         "1 of 19 nodes has a taint that it does not tolerate (windowsContainers: true), 2 have a taint that it does not "
         "tolerate "
         "(dedicated: a, b), 4 have not the labels that its node rules ask for, 12 have a pod that it may not be beside",
         "podAntiAffinity"},
        {"0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }. preemption: 0/1",
         "1 of 1 nodes has a taint that it does not tolerate (node.kubernetes.io/unreachable)", "toleration"},
        {"0/1 nodes are available: persistentvolumeclaim \"data\" not found. preemption: not eligible due to preemptionPolicy",
         "its volume claim data does not exist", "claimName"},
        {"0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available",
         "one of its volume claims has no volume yet", "PersistentVolumeClaim"},
        {"no nodes available to schedule pods", "the cluster has no nodes", "nodes"},
        {"0/4 nodes are available: 3 plugin says rpc error: code = 5, 1 Too many pods.",
         "3 of 4 nodes are refused for another reason, 1 has all the pods that it may have", "Ask whoever"},
        {"0/3 nodes are available", "the scheduler gives no reason that is known here", "less CPU"},
        {"0/3 nodes are available: 3 ", "3 of 3 nodes are refused for another reason", "Ask whoever"},
        {"0/99999999999999999999 nodes are available: 1 Too many pods", "the scheduler gives no reason that is known here", ""},
        {"0/2 nodes are available: 99999999999999999999999 node(s) had untolerated taint {", NULL, ""},
        {"", "the scheduler gives no reason that is known here", "less CPU"}};
    const cat_pod_requests asked = {.cpu_milli = 1500, .memory_bytes = 3LL << 30};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].message);
        cat_scheduler_words words;
        cat_scheduler_words_of(rows[i].message, &asked, &words);
        EXPECT(*words.cause != 0);
        if (rows[i].cause)
            EXPECT_TEXT(words.cause, rows[i].cause);
        EXPECT(strstr(words.next, rows[i].next) != NULL);
    }
}

TEST("what is not known to be asked for is not told, and no length of a message does harm")
{
    const cat_pod_requests nothing = {0};
    cat_scheduler_words words;
    cat_scheduler_words_of("0/2 nodes are available: 2 Insufficient cpu.", &nothing, &words);
    EXPECT_TEXT(words.cause, "2 of 2 nodes have not enough CPU free");
    cat_autofree char *lengthy =
        cat_printf("0/2 nodes are available: 1 node(s) had untolerated taint {%0400d: x}, 1 Insufficient "
                   "%0400d",
                   1, 1);
    cat_scheduler_words_of(lengthy, NULL, &words);
    EXPECT(strlen(words.cause) < sizeof words.cause);
    EXPECT(strstr(words.cause, "taint") != NULL);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
