#include "domain/events.h"

#include <dirent.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/test.h"
#include "domain/spine_rights.h"
#include "wire/yaml.h"

static json_t *asyncapi(void)
{
    cat_autofree char *text = NULL;
    size_t length = 0;
    json_t *file = NULL;
    cat_error error = {0};
    if (cat_file_read(CATALYST_SOURCE_DIR "/proto/asyncapi.yaml", 1 << 20, &text, &length, &error) < 0 ||
        cat_yaml_parse(text, length, &CAT_YAML_CAPS, &file, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return file;
}

/* `k8s.object` is message `k8s-object`. */
static void message_of(const cat_event *event, char message[64])
{
    size_t i = 0;
    for (; event->name[i] && i < 63; i++)
        message[i] = event->name[i] == '.' ? '-' : event->name[i];
    message[i] = '\0';
}

/* Whether a channel's address has room for what a row says: token by token the same, or a parameter. */
static bool covers(const char *address, const char *subject)
{
    while (*address && *subject) {
        size_t room = strcspn(address, "."), token = strcspn(subject, ".");
        if (*address != '{' && (room != token || strncmp(address, subject, room) != 0))
            return false;
        address += room + (address[room] == '.'), subject += token + (subject[token] == '.');
    }
    return !*address && !*subject;
}

static bool has_subject_in(const cat_event *event, const char *address)
{
    for (size_t i = 0; i < CAT_EVENT_SUBJECTS_MAX && event->subjects[i]; i++)
        if (covers(address, event->subjects[i]))
            return true;
    return false;
}

static const cat_event *event_of_message(const char *message)
{
    for (int kind = 1; kind < CAT_EVENT_COUNT; kind++) {
        char own[64];
        message_of(cat_event_get((cat_event_kind)kind), own);
        if (strcmp(own, message) == 0)
            return cat_event_get((cat_event_kind)kind);
    }
    return NULL;
}

TEST("each event's type, schema and message are where its name says")
{
    cat_autojson json_t *file = asyncapi();
    const json_t *messages = cat_json_get(file, "components.messages");
    for (int kind = 1; kind < CAT_EVENT_COUNT; kind++) {
        const cat_event *event = cat_event_get((cat_event_kind)kind);
        cat_test_row("%s", event->name);
        char message[64];
        message_of(event, message);
        const json_t *told = json_object_get(messages, message);
        EXPECT_TEXT(cat_json_text(told, "name"), event->type);
        cat_autofree char *payload = cat_printf("events/%s.json", event->name);
        EXPECT_TEXT(json_string_value(json_object_get(json_object_get(told, "payload"), "$ref")), payload);
        cat_autofree char *path = cat_printf("%s/proto/%s", CATALYST_SOURCE_DIR, payload), *text = NULL;
        size_t length = 0;
        EXPECT_INT(cat_file_read(path, 1 << 20, &text, &length, NULL), 0);
        EXPECT(event->folded < CAT_FOLDED_COUNT);
        EXPECT_INT(cat_event_kind_of(event->type), kind);
        EXPECT(cat_event_is(event->type, (cat_event_kind)kind) && !cat_event_is(NULL, (cat_event_kind)kind));
    }
    EXPECT_INT(json_object_size(messages), CAT_EVENT_COUNT - 1);
}

TEST("there is no schema of an event that has no row")
{
    DIR *folder = opendir(CATALYST_SOURCE_DIR "/proto/events");
    REQUIRE(folder != NULL);
    int count = 0;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (!cat_text_ends_with(entry->d_name, ".json"))
            continue;
        cat_autofree char *type =
            cat_printf("io.openova.catalyst.%.*s.v1", (int)(strlen(entry->d_name) - strlen(".json")), entry->d_name);
        cat_test_row("%s", entry->d_name);
        EXPECT(cat_event_kind_of(type) != CAT_EVENT_NONE);
        count++;
    }
    closedir(folder);
    EXPECT_INT(count, CAT_EVENT_COUNT - 1);
}

TEST("each subject of an event has a channel that names it, and each channel's messages have a subject there")
{
    cat_autojson json_t *file = asyncapi();
    json_t *channels = json_object_get(file, "channels"), *channel, *reference;
    const char *name, *message;
    for (int kind = 1; kind < CAT_EVENT_COUNT; kind++) {
        const cat_event *event = cat_event_get((cat_event_kind)kind);
        char own[64];
        message_of(event, own);
        for (size_t i = 0; i < CAT_EVENT_SUBJECTS_MAX && event->subjects[i]; i++) {
            int found = 0;
            json_object_foreach(channels, name, channel) found +=
                covers(cat_json_text_or(channel, "address", ""), event->subjects[i]) &&
                json_object_get(json_object_get(channel, "messages"), own);
            cat_test_row("%s on %s", event->name, event->subjects[i]);
            EXPECT_INT(found, 1);
        }
    }
    json_object_foreach(channels, name, channel)
    {
        json_object_foreach(json_object_get(channel, "messages"), message, reference)
        {
            const cat_event *event = event_of_message(message);
            cat_test_row("%s in %s", message, name);
            EXPECT(event && has_subject_in(event, cat_json_text_or(channel, "address", "")));
        }
    }
}

/* Who publishes it, or whose it is though nobody does today. */
static void publisher_of(const cat_event *event, char publisher[64])
{
    snprintf(publisher, 64, "%s", event->publisher + (*event->publisher == '('));
    publisher[strcspn(publisher, ")")] = '\0';
}

/* "Published by …" with each of who publishes something in a channel. */
static char *publishers_in(const json_t *channel)
{
    cat_auto(cat_strings) all = {0};
    for (int kind = 1; kind < CAT_EVENT_COUNT; kind++) {
        const cat_event *event = cat_event_get((cat_event_kind)kind);
        char own[64], publisher[64];
        message_of(event, own);
        publisher_of(event, publisher);
        const char *who = strcmp(publisher, "*") == 0 ? "every service" : publisher;
        if (json_object_get(json_object_get(channel, "messages"), own) && !cat_strings_has(&all, who))
            cat_strings_add(&all, who);
    }
    cat_strings_sort(&all);
    cat_auto(cat_string) text = CAT_STRING(1024);
    for (size_t i = 0; i < all.count; i++)
        cat_string_appendf(&text, "%s%s", i ? ", " : "Published by ", all.items[i]);
    return cat_string_take(&text);
}

TEST("who publishes in a channel is who has a row for it")
{
    cat_autojson json_t *file = asyncapi();
    json_t *operations = json_object_get(file, "operations"), *operation;
    const char *name;
    json_object_foreach(operations, name, operation)
    {
        const json_t *channel = json_object_get(json_object_get(file, "channels"), name + strlen("publish-"));
        cat_autofree char *who = publishers_in(channel);
        cat_test_row("%s", name);
        EXPECT_TEXT(cat_json_text(operation, "summary"), who);
    }
    EXPECT_INT(json_object_size(operations), json_object_size(json_object_get(file, "channels")));
}

TEST("every event has a publisher, and what nobody publishes today is described so")
{
    cat_autojson json_t *file = asyncapi();
    for (int kind = 1; kind < CAT_EVENT_COUNT; kind++) {
        const cat_event *event = cat_event_get((cat_event_kind)kind);
        char message[64], publisher[64];
        message_of(event, message);
        publisher_of(event, publisher);
        cat_test_row("%s", event->name);
        EXPECT(*publisher && !strpbrk(publisher, "() "));
        const json_t *described = cat_json_get(file, "components.messages");
        const char *text = cat_json_text_or(json_object_get(described, message), "description", "");
        EXPECT((*event->publisher == '(') == (strstr(text, "nobody publishes it") != NULL));
    }
}

/* Whether what a server allows has room for a subject of which each parameter may be anything. */
static bool allows(const char *right, const char *subject)
{
    while (*right && *subject) {
        if (strcmp(right, ">") == 0)
            return true;
        size_t room = strcspn(right, "."), token = strcspn(subject, ".");
        if (strncmp(right, "*", room) != 0 && (room != token || strncmp(right, subject, room) != 0))
            return false;
        right += room + (right[room] == '.'), subject += token + (subject[token] == '.');
    }
    return !*right && !*subject;
}

typedef struct {
    const cat_event *event;
    const char *subject;
    bool found;
} search;

static void look(void *context, const cat_spine_right *right)
{
    search *wanted = context;
    if (!right->subscribe && strcmp(right->service, wanted->event->publisher) == 0 && allows(right->subject, wanted->subject))
        wanted->found = true;
}

TEST("whoever publishes an event may do so on each of its subjects")
{
    for (int kind = 1; kind < CAT_EVENT_COUNT; kind++) {
        const cat_event *event = cat_event_get((cat_event_kind)kind);
        if (*event->publisher == '(' || strcmp(event->publisher, "*") == 0)
            continue;
        for (size_t i = 0; i < CAT_EVENT_SUBJECTS_MAX && event->subjects[i]; i++) {
            search wanted = {event, event->subjects[i], false};
            cat_spine_rights_each(look, &wanted);
            cat_test_row("%s on %s", event->name, event->subjects[i]);
            EXPECT(wanted.found);
        }
    }
}

TEST("an event's subject says whose it is, and of what where that differs")
{
    static const struct {
        cat_event_kind kind;
        const char *whose, *last, *subject;
    } ROWS[] = {
        {CAT_EVENT_ORGANIZATION_READY, "acme", NULL, "catalyst.environment-controller.acme.organization"},
        {CAT_EVENT_CATALOG_PUSH, NULL, NULL, "catalyst.projector._.push"},
        {CAT_EVENT_OPERATION_STEP, "acme", NULL, "catalyst.provisioning.acme.operation"},
        {CAT_EVENT_OPERATION_STEP, "acme-dev", "o1", "ws.acme-dev.operation.o1"},
        {CAT_EVENT_FLUX_NOTICE, "acme-dev", "blog dev", "ws.acme-dev.flux.blog_dev"},
        {CAT_EVENT_GIT_PUSH, "acme-dev", "abc", "ws.acme-dev.git.abc"},
        {CAT_EVENT_TIME_PASSED, "acme-dev", NULL, "ws.acme-dev.sync.time"},
        {CAT_EVENT_AUDIT_RECORDED, "acme", "billing", "catalyst.audit.acme.billing"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        char subject[CAT_SUBJECT_MAX] = "";
        cat_test_row("%s", ROWS[i].subject);
        EXPECT_INT(cat_event_subject(ROWS[i].kind, ROWS[i].whose, ROWS[i].last, subject, NULL), 0);
        EXPECT_TEXT(subject, ROWS[i].subject);
    }
    char subject[CAT_SUBJECT_MAX];
    EXPECT(cat_event_subject(CAT_EVENT_NONE, "acme", NULL, subject, NULL) < 0);
    EXPECT(cat_event_subject(CAT_EVENT_GIT_PUSH, "acme-dev", "a b", subject, NULL) < 0);
    EXPECT(cat_event_subject(CAT_EVENT_K8S_OBJECT, "acme-dev", NULL, subject, NULL) < 0);
}

TEST("a consumer of everybody's asks with a star for each part that differs")
{
    char filter[CAT_SUBJECT_MAX];
    cat_event_filter(CAT_EVENT_CATALOG_PUSH, filter);
    EXPECT_TEXT(filter, "catalyst.projector.*.push");
    cat_event_filter(CAT_EVENT_K8S_OBJECT, filter);
    EXPECT_TEXT(filter, "ws.*.k8s.*.*.*");
}

TEST("a consumer of some asks for what they are, and for whatever comes after it")
{
    static const struct {
        cat_event_kind kind;
        const char *parameters[4], *filter;
    } ROWS[] = {{CAT_EVENT_K8S_OBJECT, {"acme-dev", "pod"}, "ws.acme-dev.k8s.pod.>"},
                {CAT_EVENT_K8S_OBJECT, {"acme-dev"}, "ws.acme-dev.k8s.>"},
                {CAT_EVENT_K8S_OBJECT, {NULL}, "ws.>"},
                {CAT_EVENT_SYNC_REPAIR, {"acme-dev"}, "ws.acme-dev.sync.>"},
                {CAT_EVENT_TIME_PASSED, {"acme-dev"}, "ws.acme-dev.sync.time"},
                {CAT_EVENT_USAGE_RECORDED, {"acme"}, "catalyst.billing.acme.usage"},
                {CAT_EVENT_NONE, {"acme"}, ""}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        char filter[CAT_SUBJECT_MAX];
        cat_event_filter_of(ROWS[i].kind, ROWS[i].parameters, filter);
        EXPECT_TEXT(filter, ROWS[i].filter);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
