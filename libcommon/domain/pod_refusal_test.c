#include "domain/pod_refusal.h"

#include "base/test.h"

TEST("why a Pod may not be made is said in words, with a step that fits")
{
    static const struct {
        const char *message, *cause, *next;
    } rows[] = {
        {"create Pod db-0 in StatefulSet db failed error: pods \"db-0\" is forbidden: error looking up service account "
         "blog-dev/missing: serviceaccount \"missing\" not found",
         "its ServiceAccount missing does not exist", "ServiceAccount"},
        {"Error creating: pods \"web-1\" is forbidden: exceeded quota: organization, requested: requests.cpu=2, used: "
         "requests.cpu=3, limited: requests.cpu=4",
         "the quota is used up: organization, requested: requests.cpu=2, used: requests.cpu=3, limited: requests.cpu=4", "quota"},
        {"pods \"a\" is forbidden: maximum cpu usage per Container is 1, but limit is 2",
         "it asks for more than a limit of the namespace allows: maximum cpu usage per Container is 1, but limit is 2", "less"},
        {"pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\": privileged (container \"c\" must not set it)",
         "the rules for pods do not allow it: privileged (container \"c\" must not set it)", "securityContext"},
        {"admission webhook \"policy.example.org\" denied the request: no latest tags",
         "a rule of the cluster refuses it: \"policy.example.org\" denied the request: no latest tags", "names"},
        {"Error creating: pods \"a\" is forbidden: no PriorityClass with name very-high was found",
         "there is no PriorityClass very-high", "priorityClassName"},
        {"pods \"a\" is forbidden: pod rejected: RuntimeClass \"kata\" not found", "there is no RuntimeClass kata",
         "runtimeClassName"},
        {"Error creating: Internal error occurred: failed calling webhook \"check.example\": failed to call webhook: Post "
         "\"https://127.0.0.1:9/validate?timeout=2s\": dial tcp 127.0.0.1:9: connect: connection refused",
         "the webhook check.example, which the cluster asks about it, could not be asked; it is tried again", "webhook"},
        {"pods \"a\" is forbidden: something new", "something new", "names"},
        {"", "no reason is given", "names"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].message);
        cat_pod_refusal refusal;
        cat_pod_refusal_of(rows[i].message, &refusal);
        EXPECT_TEXT(refusal.cause, rows[i].cause);
        EXPECT(strstr(refusal.next, rows[i].next) != NULL);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
