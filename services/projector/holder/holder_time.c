/* That time has passed is an event like every other, so that a log folds to the same rows whenever it is folded. */
#include "base/clock.h"
#include "base/log.h"
#include "domain/events.h"
#include "holder/holder_internal.h"
#include "svc/events.h"
#include "wire/cloudevent.h"

void prj_holder_tell_time(prj_holder *holder)
{
    const cat_clock *clock = cat_clock_system();
    int64_t due_ms = prj_fold_due_ms(holder->state), now_ms = clock->wall_ms(clock);
    if (due_ms == 0 || now_ms < due_ms || due_ms == holder->told_due_ms)
        return;
    char subject[CAT_SUBJECT_MAX];
    cat_error error = {0};
    /* Of two holders that tell of the same moment one is enough: the id is the same. */
    cat_autofree char *id = cat_printf("time/%s/%s/%lld", holder->environment, holder->incarnation, (long long)due_ms);
    cat_autojson json_t *data = cat_json_object("due", json_integer((json_int_t)due_ms), NULL);
    cat_cloudevent event = {.id = id,
                            .source = "projector",
                            .type = cat_event_type(CAT_EVENT_TIME_PASSED),
                            .subject = holder->environment,
                            .time_ms = now_ms,
                            .organization = holder->organization,
                            .environment = holder->environment,
                            .data = data};
    if (cat_event_subject(CAT_EVENT_TIME_PASSED, holder->environment, NULL, subject, &error) == 0 &&
        cat_event_publish(holder->options.spine, subject, &event, NULL, &error) == 0)
        holder->told_due_ms = due_ms;
    else /* rows stay as they are until the next event, or the next try */
        cat_log_warning("time could not be told", CAT_FIELD("environment", holder->environment), CAT_FIELD_ERROR(&error));
}
