/* Objects that somebody retired, and what a drain promises about them: when it returns 0, everything that was retired
 * before it began, by whatever thread, has been reclaimed and its callback has returned.
 *
 * A board has places. Retiring an object takes one; the last thing that its callback does is to give it back. Who
 * drains notes which places are taken before, and looks at them again after. */
#ifndef STRESS_PROMISE_H
#define STRESS_PROMISE_H

#include "random.h"

#include <cc/domain.h>

#include <stdatomic.h>

enum { PROMISE_PLACES = 64 };

/* The word of a place: a ticket that grows, and what is the matter with it. */
typedef struct {
    _Atomic(uint64_t) places[PROMISE_PLACES];
} promise_board_t;

/* Retires an object in a free place, if a random try finds one. */
void promise_retire(promise_board_t *board, cc_domain_t *domain, rnd_t *rnd);

/* cc_domain_drain, and a finding if it breaks its promise. Returns what it returned; *checks grows. */
int promise_drain(promise_board_t *board, cc_domain_t *domain, int64_t timeout_ns, uint64_t *checks);

#endif
