/* What the rows lack is asked for: informers publish everything again. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "domain/events.h"
#include "holder/holder_internal.h"
#include "svc/events.h"
#include "wire/json.h"

int prj_holder_ask_relist(prj_holder *holder, const char *reason, cat_error *error)
{
    cat_log_warning("asking for a relist", CAT_FIELD("environment", holder->environment), CAT_FIELD("reason", reason));
    if (!holder->options.controlplane || strcmp(holder->environment, "_") == 0)
        return 0;
    char subject[CAT_SUBJECT_MAX];
    int code = cat_event_subject(CAT_EVENT_RELIST_WANTED, holder->organization, NULL, subject, error);
    if (code < 0)
        return code;
    cat_autojson json_t *data =
        cat_json_object("organization", json_string(holder->organization), "environment", json_string(holder->environment),
                        "incarnation", json_string(holder->incarnation), "reason", json_string(reason), NULL);
    cat_autofree char *id = cat_printf("relist/%s/%s/%lld/%llu/%s", holder->environment, holder->incarnation,
                                       (long long)holder->epoch, (unsigned long long)holder->cursor, holder->holder);
    const cat_clock *clock = cat_clock_system();
    cat_cloudevent event = {.id = id,
                            .source = "projector",
                            .type = cat_event_type(CAT_EVENT_RELIST_WANTED),
                            .subject = holder->environment,
                            .time_ms = clock->wall_ms(clock),
                            .organization = holder->organization,
                            .environment = holder->environment,
                            .data = data};
    return cat_event_publish(holder->options.controlplane, subject, &event, NULL, error);
}
