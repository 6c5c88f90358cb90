#include "core/plan_volume.h"

#include "base/memory.h"
#include "wire/kubernetes.h"

/* 0 for what is not known, or cannot be counted. */
static int64_t bytes_of(const char *quantity)
{
    int64_t bytes = 0;
    return quantity && cat_quantity_bytes(quantity, &bytes) ? bytes : 0;
}

void prv_plan_volume(json_t *plan, const json_t *volume, const char *has, json_t *complaints)
{
    const char *asked = cat_json_text(volume, "storage"), *was = cat_json_text(volume, "was");
    const char *size = bytes_of(has) > bytes_of(was) ? has : was;
    if (bytes_of(asked) == 0 || bytes_of(size) <= bytes_of(asked))
        return;
    cat_autofree char *what = cat_printf("%s in %s: volume %.100s", cat_json_text_or(volume, "application", ""),
                                         cat_json_text_or(volume, "environment", ""), cat_json_text_or(volume, "name", ""));
    if (bytes_of(was) > bytes_of(asked)) {
        cat_autofree char *text = cat_printf(
            "%s has %s and would get %s, and a volume cannot become smaller. Ask for at least %s", what, size, asked, size);
        json_array_append_new(complaints, cat_json_object("pointer", json_string(cat_json_text_or(volume, "pointer", "/config")),
                                                          "message", json_string(text), NULL));
        return;
    }
    cat_autofree char *text =
        cat_printf("%s has %s, more than the %s that this asks for. A volume cannot become smaller: it stays "
                   "as it is, and everything else goes on. Ask for %s to have both agree",
                   what, size, asked, size);
    json_array_append_new(json_object_get(plan, "warnings"), json_string(text));
}
