#include "steps/begin.h"

int prv_operation_begin(prv_context *context, const json_t *operation, const json_t *plan, const json_t *principal,
                        cat_error *error)
{
    const char *id = cat_json_text_or(operation, "operation", "");
    cat_autojson json_t *work =
        cat_json_object("plan", json_incref((json_t *)plan), "principal", json_incref((json_t *)principal), "appliedAt",
                        json_incref(json_object_get(operation, "startedAt")), NULL);
    cat_error failed = {0};
    /* Work first: an operation without it could not be carried out. Of two that begin it at once one is first. */
    int code = prv_store_put(&context->store, "work", id, work, 0, NULL, &failed);
    if (code == 0 || code == CAT_E_CONFLICT)
        code = prv_store_put(&context->store, "operation", id, operation, 0, NULL, &failed);
    if (code == 0 || code == CAT_E_CONFLICT)
        code = prv_store_enqueue(&context->store, id, cat_json_int_or(operation, "ticket", 1), &failed);
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}
