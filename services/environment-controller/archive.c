#include "archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/task.h"
#include "net/consumer.h"

#define STREAM "catalyst-audit"
#define DURABLE "archive"
/* An organization of its own: services that read `system` have no business here. */
#define OWNER "catalyst-audit"
#define REPOSITORY "records"
#define AT_ONCE 200 /* of at most 64 KiB: a file of 13 MiB at worst, 200 KiB as a rule */
#define FETCH_MS 1000
#define ACK_WAIT_MS (5 * 60 * 1000) /* Git may be slow, and what is not archived comes again */
#define RETRY_MS 15000

struct ec_archive {
    ec_controller *controller;
    cat_task *task;
    /* The task's alone. */
    cat_consumer *consumer;
    bool is_repository_there;
    uint64_t last; /* sequence of the last record that this replica archived; 0: none yet */
};

/* Records that the stream gave up before they were archived are not passed over in silence. With several replicas a gap may be
 * another's part; it says so. */
static void note_gap(ec_archive *archive, cat_string *lines, uint64_t sequence)
{
    if (archive->last == 0 || sequence <= archive->last + 1)
        return;
    cat_string_appendf(lines, "{\"gap\":{\"from\":%llu,\"to\":%llu}}\n", (unsigned long long)archive->last + 1,
                       (unsigned long long)sequence - 1);
    cat_log_warning("audit records are not in this archive's files: another replica has them, or the stream gave them up",
                    CAT_FIELD_INT("from", archive->last + 1), CAT_FIELD_INT("to", sequence - 1));
}

static json_t *file_of(ec_archive *archive, const cat_messages *messages)
{
    cat_auto(cat_string) lines = CAT_STRING((size_t)32 << 20);
    for (size_t i = 0; i < messages->count; i++) {
        const cat_message *message = &messages->items[i];
        note_gap(archive, &lines, message->sequence);
        cat_string_appendf(&lines, "{\"sequence\":%llu,\"event\":%.*s}\n", (unsigned long long)message->sequence,
                           (int)message->length, message->data);
        archive->last = message->sequence;
    }
    cat_autofree char *content = cat_base64_encode(cat_string_get(&lines), lines.length);
    cat_autofree char *says = cat_printf("Keep %zu records of who did what", messages->count);
    return cat_json_object("content", json_string(content), "message", json_string(says), "branch", json_string("main"), NULL);
}

static int ensure_repository(ec_archive *archive, cat_error *error)
{
    cat_gitea *gitea = archive->controller->gitea;
    const char *user = archive->controller->config->common.gitea.user;
    const cat_gitea_repository wanted = {
        .owner = OWNER, .name = REPOSITORY, .description = "Who did what", .default_branch = "main", .private = true};
    int code = cat_gitea_ensure_organization(gitea, OWNER, "Who did what", NULL, error);
    if (code == 0)
        code = cat_gitea_ensure_repository(gitea, &wanted, NULL, error);
    cat_autojson json_t *rule = json_pack("{s:s, s:b, s:b, s:[s], s:b}", "rule_name", "main", "enable_push", 1,
                                          "enable_push_whitelist", 1, "push_whitelist_usernames", user, "enable_force_push", 0);
    if (code == 0)
        code = cat_gitea_ensure_protection(gitea, OWNER, REPOSITORY, rule, NULL, error);
    archive->is_repository_there = code == 0;
    return code;
}

/* `2026/11/29/000000012345.jsonl`: the day of the first record and its sequence. The same records again are the same file. */
static int keep(ec_archive *archive, cat_messages *messages, cat_error *error)
{
    char day[CAT_TIME_TEXT_MAX];
    const cat_message *first = &messages->items[0];
    cat_time_format(first->time_ms, day);
    cat_autofree char *path = cat_printf("/repos/" OWNER "/" REPOSITORY "/contents/%.4s/%.2s/%.2s/%012llu.jsonl", day, day + 5,
                                         day + 8, (unsigned long long)first->sequence);
    uint64_t before = archive->last;
    cat_autojson json_t *body = file_of(archive, messages);
    cat_error failed = {0};
    int code = cat_gitea_call(archive->controller->gitea, "POST", path, body, NULL, NULL, &failed);
    /* It was written, and the acknowledgement was lost. */
    if (code < 0 && cat_gitea_call(archive->controller->gitea, "GET", path, NULL, NULL, NULL, NULL) == 0)
        code = 0;
    if (code < 0) {
        archive->last = before;
        return cat_error_copy(error, &failed);
    }
    for (size_t i = 0; i < messages->count && code == 0; i++)
        code = cat_message_ack(&messages->items[i], error);
    return code;
}

static int make_consumer(ec_archive *archive, cat_error *error)
{
    cat_consumer_options options = {.stream = STREAM, .durable = DURABLE, .ack_wait_ms = ACK_WAIT_MS, .max_ack_pending = AT_ONCE};
    return archive->consumer ? 0 : cat_consumer_create(archive->controller->spine, &options, &archive->consumer, error);
}

/* Everything that waits, a file at a time. */
static int archive_all(ec_archive *archive, cat_error *error)
{
    int code = archive->is_repository_there ? 0 : ensure_repository(archive, error);
    if (code == 0)
        code = make_consumer(archive, error);
    for (bool more = true; code == 0 && more;) {
        cat_auto(cat_messages) messages = {0};
        code = cat_consumer_fetch(archive->consumer, AT_ONCE, FETCH_MS, &messages, error);
        more = messages.count == AT_ONCE;
        if (code == 0 && messages.count > 0)
            code = keep(archive, &messages, error);
    }
    return code;
}

static int64_t archive_again(void *context, cat_task *task)
{
    (void)task;
    ec_archive *archive = context;
    if (!cat_shard_holds(archive->controller->shard, CAT_SHARD_SOVEREIGN)) {
        archive->last = 0; /* what comes before its next turn is another replica's */
        return 0;
    }
    int64_t interval_ms = (int64_t)archive->controller->config->audit.archive_seconds * 1000;
    cat_error error = {0};
    if (archive_all(archive, &error) == 0)
        return interval_ms;
    cat_log_warning("the audit could not be archived; it is tried again", CAT_FIELD_ERROR(&error));
    cat_consumer_destroy(cat_take(archive->consumer));
    return interval_ms > RETRY_MS ? RETRY_MS : interval_ms;
}

ec_archive *ec_archive_start(ec_controller *controller)
{
    ec_archive *made = cat_calloc(1, sizeof *made);
    made->controller = controller;
    made->task = cat_task_start(&(cat_task_options){.interval_ms = (int64_t)controller->config->audit.archive_seconds * 1000,
                                                    .waits_first = true,
                                                    .run = archive_again,
                                                    .context = made});
    return made;
}

void ec_archive_stop(ec_archive *archive)
{
    if (!archive)
        return;
    cat_task_stop(archive->task);
    cat_consumer_destroy(archive->consumer);
    free(archive);
}
