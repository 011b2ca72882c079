/* The contract of cc/guard.h: nodes and retirement for structures of one's own. */
#include "test.h"

#include "support/actor.h"
#include "support/counted.h"
#include "support/domains.h"

#include <errno.h>
#include <string.h>

SCHEME_TEST(own, nodes_are_cache_line_aligned, domain)
{
    int wrong = 0;
    for (size_t size = 1; size <= 1000; size++) {
        void *node = cc_node_alloc(domain, size);
        wrong += node == NULL || (uintptr_t)node % CC_CACHE_LINE_SIZE != 0;
        if (node != NULL)
            memset(node, 0xA5, size);
        cc_node_discard(domain, node);
    }
    cr_assert_eq(wrong, 0);
    cc_node_discard(domain, NULL);
}

SCHEME_TEST(own, impossible_nodes_are_refused, domain)
{
    cr_assert_null(cc_node_alloc(NULL, 64));
    cr_assert_null(cc_node_alloc(domain, 0));
    cr_assert_null(cc_node_alloc(domain, SIZE_MAX));
    cr_assert_null(cc_node_alloc(domain, SIZE_MAX - 62));
    cr_assert_null(cc_node_alloc(domain, PTRDIFF_MAX));
}

SCHEME_TEST(own, discarded_nodes_give_their_memory_back, domain)
{
    uint64_t before = cc_alloc_stats_snapshot().current_allocated;
    for (int i = 0; i < 100; i++)
        cc_node_discard(domain, cc_node_alloc(domain, 500));
    cr_assert_eq(cc_alloc_stats_snapshot().current_allocated, before);
    cr_assert_eq(snapshot_of(domain).retired, 0);
}

SCHEME_TEST(own, retire_refuses_null, domain)
{
    counted_t object = {0};
    cr_assert_eq(cc_retire(NULL, &object, sizeof object, counted_reclaim, NULL), -EINVAL);
    cr_assert_eq(cc_retire(domain, NULL, sizeof object, counted_reclaim, NULL), -EINVAL);
    cr_assert_eq(snapshot_of(domain).retired, 0);
    cr_assert_eq(counted_times(&object), 0);
}

/* Without a reclaimer the node itself is freed, and its bytes come back. */
Test(own, retired_nodes_are_freed)
{
    enum { NODES = 1000, SIZE = 200 };
    for (int s = 0; s < SCHEMES; s++) {
        uint64_t before = cc_alloc_stats_snapshot().current_allocated;
        cc_domain_t *domain = make_domain(every_scheme[s]);
        cr_assert_eq(cc_thread_attach(domain), 0);
        uint64_t attached = cc_alloc_stats_snapshot().current_allocated;
        for (int i = 0; i < NODES; i++) {
            void *node = cc_node_alloc(domain, SIZE);
            cr_assert_not_null(node);
            memset(node, 0xA5, SIZE);
            cr_assert_eq(cc_retire(domain, node, SIZE, NULL, NULL), 0);
        }
        if (every_scheme[s] != CC_SMR_LEAK) {
            cr_assert_eq(cc_domain_drain(domain, 0), 0);
            /* A few empty blocks may be kept. */
            cr_assert_leq(cc_alloc_stats_snapshot().current_allocated, attached + 64 * 1024);
        }
        cr_assert_eq(cc_domain_destroy(domain), 0);
        cr_assert_eq(cc_alloc_stats_snapshot().current_allocated, before);
    }
}

SCHEME_TEST(own, retired_size_is_what_the_statistics_count, domain)
{
    static counted_t objects[3];
    static const size_t sizes[] = {0, 1000, 77};
    memset(objects, 0, sizeof objects);
    cc_guard_t *guard = cc_guard_enter(domain);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(cc_retire(domain, &objects[i], sizes[i], counted_reclaim, NULL), 0);
    cc_smr_snapshot_t s = snapshot_of(domain);
    cr_assert_eq(s.retired, 3);
    cr_assert_eq(s.limbo_bytes, 1077);
    cc_guard_leave(guard);
}

/* A retirement may be made inside a guard, of a pointer that the guard holds itself. */
RECLAIMING_SCHEME_TEST(own, retire_inside_a_guard, domain)
{
    static counted_t object;
    object = (counted_t){0};
    CC_ATOMIC_PTR slot = &object;
    void *out;
    cc_guard_t *guard = cc_guard_enter(domain);
    cr_assert_eq(cc_guard_protect(guard, &slot, &out), 0);
    atomic_store(&slot, NULL);
    cr_assert_eq(counted_retire(domain, &object), 0);
    cr_assert_eq(reclaim_hard_elsewhere(domain), -ETIMEDOUT);
    cr_assert_eq(counted_times(&object), 0);
    cc_guard_leave(guard);
    cr_assert_eq(reclaim_hard_elsewhere(domain), 0);
    cr_assert_eq(counted_times(&object), 1);
}

SCHEME_TEST(own, reserve_takes_any_reasonable_number, domain)
{
    static const size_t numbers[] = {0, 1, 16, 17, 126, 127, 1000, 10000, 1};
    static counted_t objects[1000];
    memset(objects, 0, sizeof objects);
    cr_assert_eq(cc_retire_reserve(NULL, 1), -EINVAL);
    cr_assert_eq(cc_retire_reserve(NULL, 0), -EINVAL);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        cr_assert_eq(cc_retire_reserve(domain, numbers[i]), 0, "%zu", numbers[i]);
    cr_assert_lt(cc_retire_reserve(domain, SIZE_MAX), 0);
    retire_step_t retire = {domain, objects, 1000, 0};
    step_retire(&retire);
    cr_assert_eq(retire.err, 0);
    cr_assert_eq(snapshot_of(domain).leaked, 0);
}

/* ---- a stack */

typedef struct node {
    CC_ATOMIC_PTR next;
    uint64_t number;
} node_t;

typedef struct {
    cc_domain_t *domain;
    CC_ATOMIC_PTR top;
} stack_t_;

static bool push(stack_t_ *stack, uint64_t number)
{
    node_t *node = cc_node_alloc(stack->domain, sizeof *node);
    if (node == NULL)
        return false;
    node->number = number;
    void *top = atomic_load(&stack->top);
    do
        atomic_store(&node->next, top);
    while (!atomic_compare_exchange_weak(&stack->top, &top, node));
    return true;
}

static bool pop(stack_t_ *stack, uint64_t *number)
{
    cc_guard_t *guard = cc_guard_enter(stack->domain);
    void *top;
    bool popped = false;
    while (!popped && cc_guard_protect(guard, &stack->top, &top) == 0 && top != NULL) {
        node_t *node = top;
        popped = atomic_compare_exchange_strong(&stack->top, &top, atomic_load(&node->next));
        *number = node->number;
        if (popped)
            cc_retire(stack->domain, node, sizeof *node, NULL, NULL);
        else
            cc_guard_release(guard, node);
    }
    cc_guard_leave(guard);
    return popped;
}

typedef struct {
    stack_t_ *stack;
    uint64_t pushed, popped; /* sums */
    int wrong;
} stack_step_t;

static void step_push_and_pop(void *arg)
{
    stack_step_t *s = arg;
    for (uint64_t i = 1; i <= 10000; i++) {
        uint64_t number = 0;
        s->wrong += !push(s->stack, i);
        s->pushed += i;
        s->wrong += !pop(s->stack, &number);
        s->popped += number;
    }
}

/* Memory that is reused too early shows as a number that is popped twice, or never. */
SCHEME_TEST(own, stack_loses_nothing, domain)
{
    enum { THREADS = 4 };
    stack_t_ stack = {domain, NULL};
    stack_step_t steps[THREADS] = {0};
    uint64_t pushed = 0, popped = 0;
    for (int i = 0; i < THREADS; i++)
        steps[i].stack = &stack;
    actors_run(THREADS, step_push_and_pop, steps, sizeof steps[0]);
    for (int i = 0; i < THREADS; i++) {
        cr_assert_eq(steps[i].wrong, 0);
        pushed += steps[i].pushed;
        popped += steps[i].popped;
    }
    cr_assert_eq(popped, pushed);
    cr_assert_null(atomic_load(&stack.top));
}
