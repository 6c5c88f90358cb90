/* Builds wait for each other as the gate says: threads of two Organizations, no program. */
#include "render_gate.h"

#include <pthread.h>

#include "base/test.h"

TEST("an Organization has two plans made and one waiting, and the next is refused at once")
{
    prv_render_gate *gate = prv_render_gate_create(4);
    cat_error error = {0};
    for (int i = 0; i < PRV_GATE_PLANS; i++)
        EXPECT_INT(prv_render_gate_enter_plan(gate, "acme", 0, NULL), 0);
    EXPECT_INT(prv_render_gate_enter_plan(gate, "acme", 20, &error), CAT_E_LIMIT);
    EXPECT(error.message[0]);
    EXPECT_INT(prv_render_gate_enter_plan(gate, "blue", 0, NULL), 0);
    prv_render_gate_leave_plan(gate, "acme");
    EXPECT_INT(prv_render_gate_enter_plan(gate, "acme", 0, NULL), 0);
    for (int i = 0; i < PRV_GATE_PLANS; i++)
        prv_render_gate_leave_plan(gate, "acme");
    prv_render_gate_leave_plan(gate, "blue");
    prv_render_gate_destroy(gate);
}

typedef struct {
    prv_render_gate *gate;
    const char *organization;
    int code;
} waiter;

static void *enter(void *context)
{
    waiter *one = context;
    one->code = prv_render_gate_enter_plan(one->gate, one->organization, 60000, NULL);
    return NULL;
}

TEST("who waits goes on when a plan of its own is there")
{
    prv_render_gate *gate = prv_render_gate_create(4);
    for (int i = 0; i < PRV_GATE_PLANS; i++)
        EXPECT_INT(prv_render_gate_enter_plan(gate, "acme", 0, NULL), 0);
    waiter one = {gate, "acme", 1};
    pthread_t thread;
    REQUIRE(pthread_create(&thread, NULL, enter, &one) == 0);
    prv_render_gate_leave_plan(gate, "acme");
    pthread_join(thread, NULL);
    EXPECT_INT(one.code, 0);
    for (int i = 0; i < PRV_GATE_PLANS; i++)
        prv_render_gate_leave_plan(gate, "acme");
    prv_render_gate_destroy(gate);
}

TEST("one Organization never has every program, and a place that is left is free again")
{
    prv_render_gate *gate = prv_render_gate_create(3);
    EXPECT_INT(prv_render_gate_enter_program(gate, "acme", 0, NULL), 0);
    EXPECT_INT(prv_render_gate_enter_program(gate, "acme", 0, NULL), 0);
    EXPECT_INT(prv_render_gate_enter_program(gate, "acme", 10, NULL), CAT_E_LIMIT);
    EXPECT_INT(prv_render_gate_enter_program(gate, "blue", 0, NULL), 0);
    EXPECT_INT(prv_render_gate_enter_program(gate, "blue", 10, NULL), CAT_E_LIMIT);
    prv_render_gate_leave_program(gate, "acme");
    EXPECT_INT(prv_render_gate_enter_program(gate, "blue", 0, NULL), 0);
    prv_render_gate_leave_program(gate, "acme");
    prv_render_gate_leave_program(gate, "blue");
    prv_render_gate_leave_program(gate, "blue");
    prv_render_gate_destroy(gate);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
