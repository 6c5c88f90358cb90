#include "svc/flux.h"

#include "base/test.h"
#include "wire/json.h"

TEST("asking Flux changes one annotation and nothing else")
{
    cat_autojson json_t *patch = cat_flux_patch("reconcile.fluxcd.io/requestedAt", 1764547200123);
    cat_autofree char *text = cat_json_format(patch);
    EXPECT_TEXT(text, "{\"metadata\":{\"annotations\":{\"reconcile.fluxcd.io/requestedAt\":\"2025-12-01T00:00:00.123Z\"}}}");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
