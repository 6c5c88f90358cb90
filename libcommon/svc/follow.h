/* A stream read in order from a place that is kept elsewhere: nothing is acknowledged, nothing is passed over, and whoever reads
 * is told when the place does not fit the stream any more. One thread at a time.
 *
 *     cat_stream_get_info(spine, stream, &info, error);
 *     switch (cat_follow_compare(kept_incarnation, kept_cursor, &info)) { … }
 *     cat_follow_create(&(cat_follow_options){.spine = spine, .stream = stream, .after = cursor}, &follow, error);
 *     while (cat_follow_read(follow, 500, 1000, 2000, &messages, error) == 0)
 *         …
 */
#ifndef CAT_SVC_FOLLOW_H
#define CAT_SVC_FOLLOW_H

#include "net/consumer.h"

typedef enum {
    CAT_FOLLOW_GOES_ON,
    CAT_FOLLOW_FIRST,          /* nothing was read yet */
    CAT_FOLLOW_MADE_ANEW,      /* another stream of the same name: nothing of the place holds */
    CAT_FOLLOW_WENT_BACKWARDS, /* it came back from an older copy: the same */
    CAT_FOLLOW_DISCARDED,      /* a gap: what stood behind the place is gone, the rest can be read */
} cat_follow_break;
/* Pure. `incarnation`: of the stream that was read, "" for none yet; `cursor`: the last sequence that was. */
cat_follow_break cat_follow_compare(const char *incarnation, uint64_t cursor, const cat_stream_info *info);

typedef struct cat_follow cat_follow;
typedef struct {
    cat_spine *spine; /* lent for as long as it reads */
    const char *stream;
    const char *name;       /* of its consumer; NULL: any */
    const char *filters[8]; /* NULL-ended; none: all */
    uint64_t after;         /* begins behind this sequence */
} cat_follow_options;
/* CAT_E_NOT_FOUND without the stream. */
int cat_follow_create(const cat_follow_options *options, cat_follow **follow, cat_error *error);
void cat_follow_destroy(cat_follow *follow); /* NULL allowed */
CAT_DEFINE_AUTOPTR(cat_follow)
/* How many the server said there are still to come. */
uint64_t cat_follow_waiting(const cat_follow *follow);
/* The next ones, at most `max`, as many as are waiting; when none are, waits up to `idle_ms` for one (none is success).
 * CAT_E_TIMEOUT: some are waiting and did not come in `busy_ms`: not that there are none; none is thought to wait then.
 * CAT_E_GONE: some were lost with a connection, and what came instead is not given: begin anew behind what was read. Others as
 * cat_consumer_fetch. */
int cat_follow_read(cat_follow *follow, size_t max, int64_t busy_ms, int64_t idle_ms, cat_messages *messages, cat_error *error);
/* Has the next ones come while the caller works; that it failed the next read finds out. Nothing when none are waiting. */
void cat_follow_ask(cat_follow *follow, size_t max, int64_t busy_ms);

#endif
