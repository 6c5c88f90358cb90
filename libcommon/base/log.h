/* One JSON object a line on standard output: time, level, service, message, fields. Any thread; a line is one write.
 * Never give it a secret.
 *
 *     cat_log_info("repository made", CAT_FIELD("repository", name), CAT_FIELD_INT("ms", took_ms));
 */
#ifndef CAT_BASE_LOG_H
#define CAT_BASE_LOG_H

#include <stddef.h>

#include "base/error.h"

typedef enum { CAT_LOG_DEBUG, CAT_LOG_INFO, CAT_LOG_WARNING, CAT_LOG_ERROR } cat_log_level;

typedef struct {
    const char *key;
    enum { CAT_FIELD_KIND_TEXT, CAT_FIELD_KIND_INT, CAT_FIELD_KIND_DOUBLE, CAT_FIELD_KIND_BOOL } kind;
    const char *text; /* NULL is written as null */
    long long integer;
    double number;
} cat_field;

#define CAT_FIELD(k, v) ((cat_field){.key = (k), .kind = CAT_FIELD_KIND_TEXT, .text = (v)})
#define CAT_FIELD_INT(k, v) ((cat_field){.key = (k), .kind = CAT_FIELD_KIND_INT, .integer = (long long)(v)})
#define CAT_FIELD_DOUBLE(k, v) ((cat_field){.key = (k), .kind = CAT_FIELD_KIND_DOUBLE, .number = (v)})
#define CAT_FIELD_BOOL(k, v) ((cat_field){.key = (k), .kind = CAT_FIELD_KIND_BOOL, .integer = (v) ? 1 : 0})

/* Once, before threads start. `service` is kept by reference. */
void cat_log_setup(const char *service, cat_log_level least);
/* Where lines go; standard output by default. For tests. */
void cat_log_to_descriptor(int descriptor);
bool cat_log_level_parse(const char *text, cat_log_level *level);
void cat_log_write(cat_log_level level, const char *message, const cat_field *fields, size_t count);

#define CAT_LOG_(level, message, ...)                                                                           \
    cat_log_write((level), (message), (const cat_field[]){{0}, ##__VA_ARGS__} + 1,                              \
                  sizeof((const cat_field[]){{0}, ##__VA_ARGS__}) / sizeof(cat_field) - 1)
#define cat_log_debug(message, ...) CAT_LOG_(CAT_LOG_DEBUG, message, ##__VA_ARGS__)
#define cat_log_info(message, ...) CAT_LOG_(CAT_LOG_INFO, message, ##__VA_ARGS__)
#define cat_log_warning(message, ...) CAT_LOG_(CAT_LOG_WARNING, message, ##__VA_ARGS__)
#define cat_log_error(message, ...) CAT_LOG_(CAT_LOG_ERROR, message, ##__VA_ARGS__)
/* The fields that every handled error is logged with. */
#define CAT_FIELD_ERROR(error)                                                                                  \
    CAT_FIELD("code", cat_error_name((error)->code)), CAT_FIELD("error", (error)->message)

#endif
