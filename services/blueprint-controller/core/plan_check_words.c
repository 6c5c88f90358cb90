/* Saying what is wrong with a version, and where. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/plan_check.h"

#define BLUEPRINT "blueprint.yaml"
#define MESSAGE_MAX 600

static void add(bpc_checking *checking, const char *file, const char *pointer, unsigned line, unsigned column, char *message)
{
    char rest[80];
    if (json_array_size(checking->errors) >= BPC_ERRORS_MAX)
        return;
    if (json_array_size(checking->errors) == BPC_ERRORS_MAX - 1)
        message = strcpy(rest, "there are more errors, which are shown when these are mended");
    size_t length = strlen(message);
    while (length && !cat_text_is_utf8(message, length)) /* a message that was cut */
        message[--length] = '\0';
    json_array_append_new(checking->errors,
                          cat_json_object("file", json_string(file), "line", json_integer(line), "column", json_integer(column),
                                          "pointer", json_string(pointer), "message", json_string(message), NULL));
}

void bpc_wrong(bpc_checking *checking, const char *pointer, const char *format, ...)
{
    char message[MESSAGE_MAX];
    unsigned line = 1, column = 1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (checking->positions)
        cat_yaml_position(checking->positions, pointer, &line, &column);
    add(checking, BLUEPRINT, pointer, line, column, message);
}

void bpc_wrong_in(bpc_checking *checking, const char *file, unsigned line, unsigned column, const char *format, ...)
{
    char message[MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    add(checking, file, "", line, column, message);
}

void bpc_wrong_yaml(bpc_checking *checking, const char *file, const cat_error *error)
{
    unsigned line = 1, column = 1;
    int used = 0;
    const char *text = error->message;
    if (sscanf(text, "line %u, column %u: %n", &line, &column, &used) == 2 && used > 0)
        text += used;
    else
        line = column = 1;
    bpc_wrong_in(checking, file, line, column, "%s", text);
}
