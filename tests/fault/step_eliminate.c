/* A push and a pop meet at a place of a stack. The push stops before one of its accesses, each in turn, and somebody else
 * pushes meanwhile, until it has lost the top to that and waits with its node at the only place; then a pop likewise, which
 * takes the node. */
#include "ds/lifo.h"
#include "step.h"
#include "step_scenes.h"

static struct {
    cc_domain_t *domain;
    cc_lifo_t *lifo;
    uintptr_t items, offered; /* how many there have been; the one of the last that was to lose */
    void *popped;
} world;

static void push(uintptr_t n)
{
    CHECK(cc_lifo_push(world.lifo, (void *)n) == 0); // NOLINT(performance-no-int-to-ptr): never followed
}

static void push_it(void *arg)
{
    (void)arg;
    CHECK(cc_thread_attach(world.domain) == 0);
    step_begin();
    push(world.offered);
    step_end();
}

static void pop_it(void *arg)
{
    (void)arg;
    CHECK(cc_thread_attach(world.domain) == 0);
    step_begin();
    CHECK(cc_lifo_pop(world.lifo, &world.popped) == 0);
    step_end();
}

static bool is_offered(void)
{
    cc__lifo_node_t *node = cc__load_relaxed(&world.lifo->places[0].offer);
    return node != NULL && node != CC__LIFO_TAKEN;
}

/* The pusher stands there then. */
static void push_until_offered(stepper_t *pusher)
{
    for (long n = 1; !is_offered(); n++) {
        world.offered = ++world.items;
        CHECK(step_start(pusher, push_it, NULL, n), "it never comes to the place");
        push(++world.items);
        while (!is_offered() && step_go_to(pusher, 1)) {
        }
        if (!is_offered())
            step_join(pusher);
    }
}

static void pop_until_met(void)
{
    stepper_t popper;
    for (long n = 1; world.popped != (void *)world.offered; n++) {
        CHECK(step_start(&popper, pop_it, NULL, n), "it never comes to the place");
        push(++world.items);
        step_finish(&popper);
    }
}

void step_eliminate(cc_smr_scheme_t scheme)
{
    stepper_t pusher;
    cc_domain_opts_t domain_opts = CC_DOMAIN_OPTS_INIT;
    cc_lifo_opts_t opts = CC_LIFO_OPTS_INIT;
    cc_queue_snapshot_t s = CC_QUEUE_SNAPSHOT_INIT;
    domain_opts.scheme = scheme;
    opts.elimination = 1;
    opts.statistics = true;
    CHECK(cc_domain_create(&domain_opts, &world.domain) == 0);
    CHECK(cc_lifo_create(world.domain, &opts, &world.lifo) == 0);
    push(++world.items);
    push_until_offered(&pusher);
    pop_until_met();
    step_finish(&pusher);
    CHECK(cc_lifo_stats_snapshot(world.lifo, &s) == 0);
    CHECK(s.eliminated == 1 && s.retries >= 2 && s.pushes == world.items);
    CHECK(cc_lifo_count(world.lifo) == s.pushes - s.pops);
    CHECK(cc_lifo_destroy(world.lifo) == 0);
    CHECK(cc_domain_destroy(world.domain) == 0);
}
