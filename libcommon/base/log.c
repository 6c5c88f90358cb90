#include "base/log.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/string.h"

/* A line is cut here; a collector's usual limit is 16 KiB. */
#define LINE_MAX_BYTES 16000
#define TEXT_MAX_BYTES 2048 /* escaped six-fold, a message and the head of the line still fit */

static const char *service_name = "catalyst";
static atomic_int least_level = CAT_LOG_INFO;
static atomic_int output = STDOUT_FILENO;

static const char *const level_names[] = {"debug", "info", "warning", "error"};

void cat_log_setup(const char *service, cat_log_level least)
{
    service_name = service;
    atomic_store(&least_level, (int)least);
}

void cat_log_to_descriptor(int descriptor)
{
    atomic_store(&output, descriptor);
}

bool cat_log_level_parse(const char *text, cat_log_level *level)
{
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++)
        if (cat_text_equal(text, level_names[i])) {
            *level = (cat_log_level)i;
            return true;
        }
    return false;
}

/* Fields may hold bytes from outside: what is not UTF-8 is written byte by byte as Latin-1, so that a line is always JSON. */
static void append_text(cat_string *line, const char *text)
{
    size_t length = strnlen(text, TEXT_MAX_BYTES);
    /* Cut between two characters: half a one would turn all of the text into Latin-1. */
    for (int i = 0; i < 3 && ((unsigned char)text[length] & 0xC0) == 0x80; i++)
        length--;
    bool utf8 = cat_text_is_utf8(text, length);
    cat_string_append_char(line, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            cat_string_append_bytes(line, (char[]){'\\', (char)c}, 2);
        else if (c == '\n')
            cat_string_append(line, "\\n");
        else if (c < 0x20 || c == 0x7F || (c >= 0x80 && !utf8))
            cat_string_appendf(line, "\\u%04x", c);
        else
            cat_string_append_char(line, (char)c);
    }
    cat_string_append_char(line, '"');
}

static void append_field(cat_string *line, const cat_field *field)
{
    cat_string_append_char(line, ',');
    append_text(line, field->key);
    cat_string_append_char(line, ':');
    switch (field->kind) {
    case CAT_FIELD_KIND_TEXT:
        if (field->text)
            append_text(line, field->text);
        else
            cat_string_append(line, "null");
        break;
    case CAT_FIELD_KIND_INT:
        cat_string_appendf(line, "%lld", field->integer);
        break;
    case CAT_FIELD_KIND_DOUBLE:
        if (isfinite(field->number))
            cat_string_appendf(line, "%.17g", field->number);
        else
            cat_string_append(line, "null");
        break;
    case CAT_FIELD_KIND_BOOL:
        cat_string_append(line, field->integer ? "true" : "false");
        break;
    }
}

static void write_whole(const char *bytes, size_t length)
{
    int descriptor = atomic_load(&output);
    while (length > 0) {
        ssize_t written = write(descriptor, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        /* Where a log cannot be written, there is nobody to tell. */
        if (written <= 0)
            return;
        bytes += written;
        length -= (size_t)written;
    }
}

void cat_log_write(cat_log_level level, const char *message, const cat_field *fields, size_t count)
{
    if ((int)level < atomic_load(&least_level))
        return;
    char time[CAT_TIME_TEXT_MAX];
    const cat_clock *clock = cat_clock_system();
    cat_time_format(clock->wall_ms(clock), time);
    cat_auto(cat_string) line = CAT_STRING(LINE_MAX_BYTES);
    cat_string_appendf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"service\":", time, level_names[level]);
    append_text(&line, service_name);
    cat_string_append(&line, ",\"message\":");
    append_text(&line, message);
    for (size_t i = 0; i < count; i++) {
        size_t before = line.length;
        append_field(&line, &fields[i]);
        /* A field that does not fit is left out whole, so that the line stays JSON. */
        if (line.overflowed || line.length > LINE_MAX_BYTES - 32) {
            line.length = before;
            line.overflowed = false;
            cat_string_append(&line, ",\"cut\":true");
            break;
        }
    }
    cat_string_append(&line, "}\n");
    write_whole(cat_string_get(&line), line.length);
}
