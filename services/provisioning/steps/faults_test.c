#include "steps/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    REQUIRE(file);
    fputs(text, file);
    fclose(file);
}

/* Another process passes `before links` of o1 in the folder. */
static pid_t pass(const char *folder)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        prv_fault_point(folder, "before", "links", "o1");
        _exit(0);
    }
    return child;
}

TEST("a worker stays at the point that the operation's file names, until the file is gone, and does so once")
{
    char folder[] = "/tmp/catalyst-faults-XXXXXX";
    REQUIRE(mkdtemp(folder));
    cat_autofree char *order = cat_printf("%s/o1", folder), *held = cat_printf("%s/o1.held", folder);
    write_file(order, "before links\n");
    pid_t child = pass(folder);
    int status = 0;
    while (access(held, F_OK) < 0 && waitpid(child, &status, WNOHANG) == 0)
        cat_clock_system()->sleep_ms(cat_clock_system(), 1);
    EXPECT(access(order, F_OK) < 0);
    EXPECT_INT(waitpid(child, &status, WNOHANG), 0);
    EXPECT_INT(unlink(held), 0);
    EXPECT_INT(waitpid(child, &status, 0), child);
    prv_fault_point(folder, "before", "links", "o1");
    rmdir(folder);
}

TEST("a second worker stays where the first one is held, and passes all other points")
{
    char folder[] = "/tmp/catalyst-faults-XXXXXX";
    REQUIRE(mkdtemp(folder));
    cat_autofree char *held = cat_printf("%s/o1.held", folder);
    write_file(held, "before links\n");
    prv_fault_point(folder, "after", "links", "o1");
    prv_fault_point(folder, "before", "links", "o2");
    pid_t child = pass(folder);
    int status = 0;
    cat_clock_system()->sleep_ms(cat_clock_system(), 100);
    EXPECT_INT(waitpid(child, &status, WNOHANG), 0);
    EXPECT_INT(unlink(held), 0);
    EXPECT_INT(waitpid(child, &status, 0), child);
    EXPECT_INT(rmdir(folder), 0);
}

TEST("nothing is held at another step, on the other side of it, in another operation or by half a line")
{
    static const char *const ORDERS[] = {"after links\n", "before commit\n", "before links", "before links \n", ""};
    char folder[] = "/tmp/catalyst-faults-XXXXXX";
    REQUIRE(mkdtemp(folder));
    cat_autofree char *order = cat_printf("%s/o1", folder), *other = cat_printf("%s/o2", folder);
    write_file(other, "before links\n");
    for (size_t i = 0; i < sizeof ORDERS / sizeof *ORDERS; i++) {
        write_file(order, ORDERS[i]);
        prv_fault_point(folder, "before", "links", "o1");
        EXPECT_INT(access(order, F_OK), 0);
    }
    EXPECT_INT(unlink(order), 0);
    EXPECT_INT(unlink(other), 0);
    prv_fault_point(folder, "before", "links", "o1");
    prv_fault_point(NULL, "before", "links", "o1");
    EXPECT_INT(rmdir(folder), 0);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
