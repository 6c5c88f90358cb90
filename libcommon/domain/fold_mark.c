#include "domain/fold_mark.h"

#define CURSOR "cursor"
#define INCARNATION "incarnation"
#define EPOCH "epoch"
#define HOLDER "holder"
#define FOLD_VERSION "foldVersion"
#define TIME "time"
#define WRITE "write"
#define ROWS "rows"
#define CLEARING "clearing"

int cat_fold_mark_parse(const char *text, size_t length, cat_fold_mark *mark, cat_error *error)
{
    cat_document *document = NULL;
    int code = cat_document_parse(text, length, &CAT_JSON_CAPS, &document, error);
    if (code < 0)
        return code;
    cat_view json = cat_document_root(document);
    int64_t rows = cat_view_int_or(json, ROWS, 0);
    *mark = (cat_fold_mark){.cursor = (uint64_t)cat_view_int_or(json, CURSOR, 0),
                            .incarnation = cat_view_text(json, INCARNATION),
                            .epoch = cat_view_int_or(json, EPOCH, 0),
                            .holder = cat_view_text(json, HOLDER),
                            .fold_version = cat_view_int_or(json, FOLD_VERSION, 0),
                            .time_ms = cat_view_int_or(json, TIME, 0),
                            .write = cat_view_int_or(json, WRITE, 0),
                            .rows = rows > 0 ? (uint64_t)rows : 0,
                            .clearing = cat_view_bool_or(json, CLEARING, false),
                            .text = document};
    return 0;
}

void cat_fold_mark_finish(cat_fold_mark *mark)
{
    cat_document_destroy(mark->text);
    *mark = (cat_fold_mark){0};
}

char *cat_fold_mark_format(const cat_fold_mark *mark)
{
    cat_autojson json_t *json = cat_json_object(
        CURSOR, json_integer((json_int_t)mark->cursor), INCARNATION, json_string(mark->incarnation), EPOCH,
        json_integer(mark->epoch), HOLDER, json_string(mark->holder), FOLD_VERSION, json_integer(mark->fold_version), TIME,
        json_integer(mark->time_ms), WRITE, json_integer(mark->write), ROWS, json_integer((json_int_t)mark->rows), NULL);
    if (mark->clearing)
        cat_json_set_bool(json, CLEARING, true);
    return cat_json_format(json);
}
