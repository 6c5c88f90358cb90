/* The fold takes whatever stands on the stream: lines of the input are events, folded twice; the second time must change no byte,
 * and a fold that reads the rows must derive the same. */
#include <stdlib.h>
#include <string.h>

#include "core/fold_testing.h"

static void fold_lines(prj_fold *state, const char *text, size_t size)
{
    static const char *const SUBJECTS[] = {"ws.acme-dev.k8s.pod.blog-dev.web", "ws.acme-dev.git.abc", "ws.acme-dev.operation.o1",
                                           "ws.acme-dev.flux.blog-dev"};
    for (size_t at = 0, line = 0; at < size && line < 64; line++) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - text) - at : size - at;
        prj_fold_event event = {SUBJECTS[line % 4], text + at, length, line + 1, NULL, NULL};
        prj_fold_apply(state, &event, NULL);
        at += length + 1;
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    prj_fold *state = prj_fold_create("acme", "acme-dev"), *again = prj_fold_create("acme", "acme-dev");
    cat_map *bucket = cat_map_create(free);
    fold_lines(state, (const char *)data, size);
    test_write(state, bucket);
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(bucket, &at, &key, &value))
        if (prj_fold_load(again, key, value, strlen(value), NULL) < 0)
            abort();
    prj_fold_set_time_ms(again, prj_fold_time_ms(state));
    prj_fold_derive_all(again);
    if (test_write(again, bucket) != 0)
        abort();
    cat_map_destroy(bucket);
    prj_fold_destroy(again);
    prj_fold_destroy(state);
    return 0;
}
