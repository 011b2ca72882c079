/* Clients of callbacks that retire: what a callback gives away is reclaimed like anything else, by whoever comes to it, beside
 * drains, exits and readers; callbacks do not nest, and calls that would wait for one answer instead.
 *
 * A chain: the callback of each object retires the next one. */
#include "../schemes.h"
#include "clients.h"
#include "smr_world.h"

#include "cc/cc.h"

#include "base/atomic.h"

#include <errno.h>

enum { LENGTH = 3, CHAINS = 2 };

typedef struct link {
    struct link *next;
} link_t;

static bool inside[MODEL_THREADS]; /* a callback; plain: fibers of one thread */
static int called;
static CC__ATOMIC(int) * retired_upto, *gone; /* first objects of chains, for what a drain promises */

static void retire_link(link_t *link);

static void begin_callback(void)
{
    model_assert(!inside[model_self()]);
    inside[model_self()] = true;
    model_point("in the callback");
    called++;
    world_reclaimed++;
}

static void end_callback(void)
{
    inside[model_self()] = false;
}

/* What would run a callback, or wait for one, does neither here. */
static void try_to_nest(void)
{
    model_assert(cc_domain_flush(world_domain) == 0);
    model_assert(cc_domain_drain(world_domain, -1) == -EDEADLK);
    model_assert(cc_thread_detach(world_domain) == -EDEADLK);
    model_assert(cc_domain_destroy(world_domain) == -EDEADLK);
}

static void reclaim_link(void *ptr, void *ctx)
{
    link_t *link = ptr;
    begin_callback();
    if (link->next != NULL)
        retire_link(link->next);
    try_to_nest();
    cc_free(link, sizeof *link);
    if (ctx != NULL)
        cc__store_relaxed((CC__ATOMIC(int) *)ctx, 1);
    end_callback();
}

static void retire_link(link_t *link)
{
    model_assert(cc_retire(world_domain, link, sizeof *link, reclaim_link, NULL) == 0);
}

static link_t *make_chain(int length)
{
    link_t *first = NULL;
    while (length-- > 0) {
        link_t *link = cc_alloc(sizeof *link);
        model_memset(link, 0, sizeof *link);
        link->next = first;
        first = link;
    }
    return first;
}

static void setup_with(cc_reclaimer_t reclaimer)
{
    world_setup_with(reclaimer);
    called = 0;
    for (int i = 0; i < MODEL_THREADS; i++)
        inside[i] = false;
    retired_upto = cc_alloc(sizeof *retired_upto);
    gone = cc_alloc(CHAINS * sizeof *gone);
    cc__store_relaxed(retired_upto, 0);
    for (int i = 0; i < CHAINS; i++)
        cc__store_relaxed(&gone[i], 0);
}

static void setup_inline(void)
{
    setup_with(CC_RECLAIM_INLINE);
}

static void setup_manual(void)
{
    setup_with(CC_RECLAIM_MANUAL);
}

static void free_notes(void)
{
    cc_free((void *)retired_upto, sizeof *retired_upto);
    cc_free((void *)gone, CHAINS * sizeof *gone);
}

/* Each drain reclaims what the callbacks of the one before have left. */
static void finish_with(int links)
{
    for (int i = 0; i < LENGTH; i++)
        model_assert(cc_domain_drain(world_domain, 0) == 0);
    model_assert(called == links);
    free_notes();
    world_finish();
}

static void finish_one(void)
{
    finish_with(LENGTH);
}

static void finish_two(void)
{
    finish_with(2 * LENGTH);
}

/* Nobody drains: destroying the domain runs what callbacks retire meanwhile as well. */
static void finish_by_destroying(void)
{
    model_assert(cc_retire(world_domain, (void *)cc__load_acquire(world_shared), sizeof(world_object_t), world_reclaim,
                           NULL) == 0);
    cc_free((void *)world_shared, sizeof *world_shared);
    model_assert(cc_domain_destroy(world_domain) == 0);
    model_assert(called == 2 * LENGTH);
    free_notes();
}

/* ---- the clients */

/* The drain promises the first object of each chain that was retired before it; nothing of what its callback retires. */
static void chains_against_drain(int i)
{
    if (i == 1) {
        for (int n = 0; n < CHAINS; n++) {
            link_t *first = make_chain(LENGTH);
            model_assert(cc_retire(world_domain, first, sizeof *first, reclaim_link, (void *)&gone[n]) == 0);
            cc__store_release(retired_upto, n + 1);
        }
        cc_domain_flush(world_domain);
    } else {
        int n = cc__load_acquire(retired_upto);
        model_assert(cc_domain_drain(world_domain, -1) == 0);
        while (n-- > 0)
            model_assert(cc__load_relaxed(&gone[n]) == 1);
    }
}

/* Both exit, with whatever their callbacks have retired last; a third thread drains. */
static void chains_against_exits(int i)
{
    if (i == 3) {
        model_assert(cc_domain_drain(world_domain, -1) == 0);
        return;
    }
    retire_link(make_chain(LENGTH));
    cc_domain_flush(world_domain);
}

/* The callback retires what a reader may hold, and puts another one into its place. */
static void replace_in_callback(void *ptr, void *ctx)
{
    (void)ctx;
    begin_callback();
    world_replace();
    try_to_nest();
    cc_free(ptr, sizeof(link_t));
    end_callback();
}

static void replacing_against_reader(int i)
{
    if (i == 1) {
        world_read();
        world_read();
        return;
    }
    for (int n = 0; n < LENGTH; n++) {
        link_t *link = make_chain(1);
        model_assert(cc_retire(world_domain, link, sizeof *link, replace_in_callback, NULL) == 0);
    }
    cc_domain_flush(world_domain);
}

/* Whoever flushes calls back, and hands over what that retires. */
static void flush_against_flush(int i)
{
    if (i == 1) {
        retire_link(make_chain(LENGTH));
        model_assert(cc_domain_flush(world_domain) >= 0);
    } else {
        model_assert(cc_domain_flush(world_domain) >= 0);
        model_assert(cc_domain_flush(world_domain) >= 0);
    }
}

static const model_client_t clients[] = {
    {.name = "callback-drain",
     .what = "callbacks that retire, against a drain",
     .threads = 2,
     .setup = setup_inline,
     .thread = chains_against_drain,
     .finish = finish_two},
    {.name = "callback-exit",
     .what = "callbacks that retire, on threads that exit, and a drain",
     .threads = 3,
     .setup = setup_inline,
     .thread = chains_against_exits,
     .finish = finish_two},
    {.name = "callback-destroy",
     .what = "callbacks that retire, to their end while the domain is destroyed",
     .threads = 2,
     .setup = setup_inline,
     .thread = chains_against_exits,
     .finish = finish_by_destroying},
    {.name = "callback-reader",
     .what = "callbacks that retire what a reader holds",
     .threads = 2,
     .setup = setup_inline,
     .thread = replacing_against_reader,
     .finish = finish_one},
    {.name = "callback-manual",
     .what = "callbacks that retire, on threads that flush",
     .threads = 2,
     .setup = setup_manual,
     .thread = flush_against_flush,
     .finish = finish_one},
};

void model_add_callback_clients(void)
{
    for (unsigned i = 0; i < sizeof clients / sizeof *clients; i++) {
        model_client_t client = clients[i];
        client.structure = "reclaimer";
        model_add_for_schemes(&client);
    }
}
