/* Epochs and marks. */
#include "base/test.h"
#include "informers/informer_internal.h"

TEST("the epoch rises when the cluster is another one or an older copy of itself")
{
    static const struct {
        const char *what;
        int64_t kept;
        const char *kept_uid, *kept_version, *uid, *version;
        int64_t epoch;
    } rows[] = {
        {"never seen", 0, NULL, NULL, "u", "5", 1},
        {"the same, later", 1, "u", "5", "u", "9", 1},
        {"the same, at the same point", 4, "u", "5", "u", "5", 4},
        {"restored from a backup", 1, "u", "1000", "u", "999", 2},
        {"made anew", 2, "u", "5", "v", "90", 3},
        {"versions are numbers", 1, "u", "99", "u", "100", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].what);
        EXPECT_INT(ec_informer_epoch(rows[i].kept, rows[i].kept_uid, rows[i].kept_version, rows[i].uid, rows[i].version),
                   rows[i].epoch);
    }
}

TEST("a mark differs with epoch, uid and resourceVersion, and is never the mark of nothing")
{
    uint64_t mark = ec_informer_mark(1, "u", "5");
    EXPECT(mark != 0);
    EXPECT(mark == ec_informer_mark(1, "u", "5"));
    EXPECT(mark != ec_informer_mark(2, "u", "5"));
    EXPECT(mark != ec_informer_mark(1, "v", "5"));
    EXPECT(mark != ec_informer_mark(1, "u", "6"));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
