/* What a plan says of a volume's size: one size, whatever is asked for. */
#include "core/plan_volume.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"

#define SMALLER " and a volume cannot become smaller. Ask for at least "
#define STAYS " A volume cannot become smaller: it stays as it is, and everything else goes on. Ask for 30Gi to have both agree"
#define DATA "blog in acme-dev: volume data has "

TEST("every plan says the same size of a volume, the largest that is known, whatever the units")
{
    static const struct {
        const char *was, *has, *asked, *refused, *warned;
    } rows[] = {
        {"20Gi", "30Gi", "20479Mi", DATA "30Gi and would get 20479Mi," SMALLER "30Gi", NULL},
        {"20Gi", "30Gi", "10Gi", DATA "30Gi and would get 10Gi," SMALLER "30Gi", NULL},
        {"20Gi", "30Gi", "20480Mi", NULL, DATA "30Gi, more than the 20480Mi that this asks for." STAYS},
        {"20Gi", "30Gi", "25Gi", NULL, DATA "30Gi, more than the 25Gi that this asks for." STAYS},
        {"20Gi", "30Gi", "30Gi", NULL, NULL},
        {"20Gi", "30Gi", "40Gi", NULL, NULL},
        {"20Gi", NULL, "10Gi", DATA "20Gi and would get 10Gi," SMALLER "20Gi", NULL},
        {"20Gi", "10Gi", "10Gi", DATA "20Gi and would get 10Gi," SMALLER "20Gi", NULL}, /* it has not grown yet */
        {"1Gi", NULL, "1024Mi", NULL, NULL},
        {"1Gi", NULL, "1000Mi", DATA "1Gi and would get 1000Mi," SMALLER "1Gi", NULL},
        {NULL, "30Gi", "20Gi", NULL, DATA "30Gi, more than the 20Gi that this asks for." STAYS}, /* kept of an earlier one */
        {NULL, NULL, "20Gi", NULL, NULL},
        {"20Gi", NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("was %s, has %s, asked %s", rows[i].was, rows[i].has, rows[i].asked);
        cat_autojson json_t *plan = json_pack("{s:[]}", "warnings"), *complaints = json_array(),
                            *volume = json_pack("{s:s,s:s,s:s,s:s}", "application", "blog", "environment", "acme-dev", "name",
                                                "data", "pointer", "/config/storage");
        cat_json_set_text(volume, "was", rows[i].was);
        cat_json_set_text(volume, "storage", rows[i].asked);
        prv_plan_volume(plan, volume, rows[i].has, complaints);
        EXPECT_TEXT(cat_json_text(complaints, "0.message"), rows[i].refused);
        EXPECT_TEXT(cat_json_text(complaints, "0.pointer"), rows[i].refused ? "/config/storage" : NULL);
        EXPECT_TEXT(cat_json_text(plan, "warnings.0"), rows[i].warned);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
