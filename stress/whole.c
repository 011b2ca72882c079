/* whole.c: tries all orders, depth first, in the manner of Wing and Gong ("Testing and verifying concurrent objects",
 * 1993): a call may come next if no other one that is still to come had returned before it was called. A state that
 * was reached before with the same calls done leads nowhere new (Lowe, "Testing for linearizability", 2017). */
#include "whole.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 256, KNOWN_MAX = 1 << 18 };

typedef struct {
    uint64_t done; /* bit i: call i has taken effect */
    whole_state_t state;
} known_t;

typedef struct {
    const hist_op_t *const *ops;
    size_t count;
    whole_apply_fn *apply;
    const void *model;
    known_t *known;
    size_t known_count;
    uint32_t *slots; /* open addressing: index into known plus 1; 0: free */
    size_t slot_count;
    bool gave_up;
} search_t;

static uint64_t hash(const known_t *k)
{
    uint64_t h = k->done, word;
    for (size_t i = 0; i < WHOLE_STATE_BYTES; i += sizeof word) {
        memcpy(&word, k->state.bytes + i, sizeof word);
        h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return h;
}

static uint32_t *slot_of(const search_t *s, const known_t *k)
{
    size_t at = hash(k) & (s->slot_count - 1);
    while (s->slots[at] && memcmp(&s->known[s->slots[at] - 1], k, sizeof *k) != 0)
        at = (at + 1) & (s->slot_count - 1);
    return &s->slots[at];
}

static bool make_room(search_t *s, size_t slot_count)
{
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    known_t *known = realloc(s->known, slot_count / 2 * sizeof *known);
    if (known)
        s->known = known;
    if (!slots || !known) {
        free(slots);
        return false;
    }
    free(s->slots);
    s->slots = slots;
    s->slot_count = slot_count;
    for (size_t i = 0; i < s->known_count; i++)
        *slot_of(s, &s->known[i]) = (uint32_t)i + 1;
    return true;
}

/* False: it was reached before, or there is no room to remember it. */
static bool is_new(search_t *s, const known_t *k)
{
    if (s->known_count == s->slot_count / 2 && (s->known_count >= KNOWN_MAX || !make_room(s, 2 * s->slot_count))) {
        s->gave_up = true;
        return false;
    }
    uint32_t *slot = slot_of(s, k);
    if (*slot)
        return false;
    s->known[s->known_count++] = *k;
    *slot = (uint32_t)s->known_count;
    return true;
}

static uint64_t first_return(const search_t *s, uint64_t done)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < s->count; i++)
        if (!(done >> i & 1) && s->ops[i]->ret < first)
            first = s->ops[i]->ret;
    return first;
}

static bool search(search_t *s, const known_t *at)
{
    if (at->done == UINT64_MAX >> (WHOLE_CALLS_MAX - s->count))
        return true;
    uint64_t limit = first_return(s, at->done);
    for (size_t i = 0; i < s->count; i++) {
        if (at->done >> i & 1 || s->ops[i]->call > limit)
            continue;
        known_t next = *at;
        next.done |= UINT64_C(1) << i;
        if (s->apply(s->model, s->ops, i, &next.state) && is_new(s, &next) && search(s, &next))
            return true;
    }
    return false;
}

lin_verdict_t whole_check(const hist_op_t *const *ops, size_t count, whole_apply_fn *apply, const void *model)
{
    search_t s = {.ops = ops, .count = count, .apply = apply, .model = model};
    known_t start = {0};
    lin_verdict_t verdict = LIN_UNDECIDED;
    if (count == 0)
        return LIN_OK;
    if (count <= WHOLE_CALLS_MAX && make_room(&s, SLOTS_FIRST))
        verdict = search(&s, &start) ? LIN_OK : s.gave_up ? LIN_UNDECIDED : LIN_VIOLATED;
    free(s.known);
    free(s.slots);
    return verdict;
}
