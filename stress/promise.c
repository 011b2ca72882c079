/* promise.c: a place goes FREE -> HELD (being retired) -> RETIRED -> FREE with the next ticket. The callback may come
 * before the retiring thread has said RETIRED: then the place goes from HELD to FREE directly. */
#include "promise.h"

#include "report.h"

#include <cc/guard.h>

#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

enum { FREE, HELD, RETIRED, STATES = 4 };

typedef struct {
    _Atomic(uint64_t) *place;
    uint64_t ticket;
} promised_t;

static uint64_t word(uint64_t ticket, unsigned state)
{
    return ticket * STATES + state;
}

/* Slow now and then: a callback in the middle of its work is what a drain must wait for. */
static void keep_promise(void *ptr, void *ctx)
{
    promised_t *object = ptr;
    _Atomic(uint64_t) *place = object->place;
    uint64_t ticket = object->ticket;
    (void)ctx;
    free(object);
    if (ticket % 8 == 0) {
        struct timespec nap = {0, 100000};
        nanosleep(&nap, NULL);
    } else {
        sched_yield();
    }
    atomic_store(place, word(ticket + 1, FREE));
}

void promise_retire(promise_board_t *board, cc_domain_t *domain, rnd_t *rnd)
{
    _Atomic(uint64_t) *place = &board->places[rnd_below(rnd, PROMISE_PLACES)];
    uint64_t now = atomic_load(place), ticket = now / STATES;
    if (now % STATES != FREE || !atomic_compare_exchange_strong(place, &now, word(ticket, HELD)))
        return;
    promised_t *object = malloc(sizeof *object);
    if (!object)
        give_up("no memory for an object");
    *object = (promised_t){place, ticket};
    int rc = cc_retire(domain, object, sizeof *object, keep_promise, NULL);
    if (rc != 0)
        finding("cc_retire returned %d", rc);
    uint64_t held = word(ticket, HELD);
    atomic_compare_exchange_strong(place, &held, word(ticket, RETIRED)); /* fails if the callback has been here */
}

int promise_drain(promise_board_t *board, cc_domain_t *domain, int64_t timeout_ns, uint64_t *checks)
{
    uint64_t before[PROMISE_PLACES];
    for (unsigned i = 0; i < PROMISE_PLACES; i++)
        before[i] = atomic_load(&board->places[i]);
    int rc = cc_domain_drain(domain, timeout_ns);
    for (unsigned i = 0; rc == 0 && i < PROMISE_PLACES; i++) {
        if (before[i] % STATES != RETIRED)
            continue;
        if (atomic_load(&board->places[i]) == before[i])
            finding("cc_domain_drain returned 0, but an object retired before it is not reclaimed (ticket %" PRIu64 ")",
                    before[i] / STATES);
        ++*checks;
    }
    return rc;
}
