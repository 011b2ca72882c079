/* The statistics of cc/alloc.h: exact when quiet, never wrong by a wrap or a drift, whatever is switched when. */
#include "alloc_stats_test.h"
#include "test.h"

#include <cc/alloc.h>

#include <stdint.h>

#if CC_ALLOC_STATS

static uint64_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

static void *alloc_somehow(unsigned how, size_t size)
{
    switch (how % 4) {
    case 0:
        return cc_alloc(size);
    case 1:
        return cc_calloc(size, 1);
    case 2:
        return cc_alloc_aligned(size, (size_t)1 << how % 13);
    default:
        return cc_alloc_node(size);
    }
}

static void free_somehow(unsigned how, void *ptr, size_t size)
{
    if (how % 2 == 0)
        cc_free(ptr, size);
    else
        cc_free_unsized(ptr);
}

Test(alloc_stats, each_call_counts)
{
    start_afresh();
    uint64_t live_before = live_bytes();
    void *blocks[] = {cc_alloc(100), cc_calloc(10, 10), cc_alloc_aligned(100, 256), cc_alloc_node(100)};
    cc_alloc_snapshot_t s = cc_alloc_stats_snapshot();
    cr_assert_eq(s.alloc_count, 4);
    cr_assert_eq(s.free_count, 0);
    cr_assert_geq(s.alloc_bytes, 100 + 100 + 100 + 128);
    cr_assert_eq(s.free_bytes, 0);
    cr_assert_eq(s.current_allocated, live_before + s.alloc_bytes);

    for (unsigned i = 0; i < 4; i++)
        free_somehow(i, blocks[i], 100);
    s = cc_alloc_stats_snapshot();
    cr_assert_eq(s.alloc_count, 4);
    cr_assert_eq(s.free_count, 4);
    cr_assert_eq(s.free_bytes, s.alloc_bytes);
    cr_assert_eq(s.current_allocated, live_before);
}

Test(alloc_stats, what_is_refused_does_not_count)
{
    start_afresh();
    cr_assert_null(cc_alloc(0));
    cr_assert_null(cc_calloc(SIZE_MAX, 2));
    cr_assert_null(cc_alloc_aligned(8, 3));
    cr_assert_null(cc_alloc_node(SIZE_MAX));
    cc_free(NULL, 8);
    cc_free_unsized(NULL);
    cc_alloc_snapshot_t s = cc_alloc_stats_snapshot();
    cr_assert_eq(s.alloc_count, 0);
    cr_assert_eq(s.free_count, 0);
    cr_assert_eq(s.alloc_bytes, 0);
    cr_assert_eq(s.free_bytes, 0);
}

Test(alloc_stats, wrong_sizes_do_no_harm)
{
    start_afresh();
    uint64_t live_before = live_bytes();
    for (size_t size = 1; size < 5000; size += 37)
        cc_free(cc_alloc(size), 1);
#ifdef NDEBUG /* other builds stop there */
    cc_free(cc_alloc(100), 0);
    cc_free(cc_alloc(100), 1 << 20);
    cc_free(cc_alloc(100), SIZE_MAX);
#endif
    cc_alloc_snapshot_t s = cc_alloc_stats_snapshot();
    cr_assert_eq(s.free_count, s.alloc_count);
    cr_assert_eq(s.free_bytes, s.alloc_bytes);
    cr_assert_eq(s.current_allocated, live_before);
}

/* What the statistics must show, kept beside a random script of everything that can be done to them. */
typedef struct {
    bool enabled;
    cc_alloc_snapshot_t shown;
} model_t;

enum { SLOTS = 64 };

typedef struct {
    void *ptr;
    size_t size;
    uint64_t bytes; /* what the allocation added to current_allocated */
} slot_t;

static void model_alloc(model_t *m, slot_t *slot, uint64_t random)
{
    slot->size = random % 3000 + 1;
    slot->ptr = alloc_somehow((unsigned)(random >> 12), slot->size);
    cr_assert_not_null(slot->ptr);
    slot->bytes = live_bytes() - m->shown.current_allocated;
    cr_assert_geq(slot->bytes, slot->size);
    m->shown.current_allocated += slot->bytes;
    if (m->enabled) {
        m->shown.alloc_count++;
        m->shown.alloc_bytes += slot->bytes;
    }
}

static void model_free(model_t *m, slot_t *slot, uint64_t random)
{
    free_somehow((unsigned)random, slot->ptr, slot->size);
    slot->ptr = NULL;
    m->shown.current_allocated -= slot->bytes;
    if (m->enabled) {
        m->shown.free_count++;
        m->shown.free_bytes += slot->bytes;
    }
}

static void model_step(model_t *m, slot_t *slots, uint64_t random)
{
    slot_t *slot = &slots[random % SLOTS];
    switch (random >> 8 & 31) {
    case 0:
        cc_alloc_stats_reset();
        m->shown = (cc_alloc_snapshot_t){.current_allocated = m->shown.current_allocated};
        break;
    case 1:
    case 2:
        m->enabled = random >> 16 & 1;
        cc_alloc_stats_enable(m->enabled);
        break;
    default:
        if (slot->ptr == NULL)
            model_alloc(m, slot, random >> 13);
        else
            model_free(m, slot, random >> 13);
    }
}

static bool equal(cc_alloc_snapshot_t a, cc_alloc_snapshot_t b)
{
    return a.alloc_count == b.alloc_count && a.free_count == b.free_count && a.alloc_bytes == b.alloc_bytes &&
           a.free_bytes == b.free_bytes && a.current_allocated == b.current_allocated;
}

Test(alloc_stats, switched_and_reset_in_mid_run)
{
    enum { SCRIPTS = 20, STEPS = 2000 };
    for (uint64_t seed = 1; seed <= SCRIPTS; seed++) {
        start_afresh();
        uint64_t live_before = live_bytes();
        model_t m = {true, {.current_allocated = live_before}};
        slot_t slots[SLOTS] = {{NULL, 0, 0}};
        uint64_t state = seed;
        for (int step = 0; step < STEPS; step++) {
            model_step(&m, slots, random_next(&state));
            cr_assert(equal(cc_alloc_stats_snapshot(), m.shown), "seed %d, step %d", (int)seed, step);
        }
        for (int i = 0; i < SLOTS; i++)
            cc_free_unsized(slots[i].ptr);
        cr_assert_eq(live_bytes(), live_before);
    }
    cc_alloc_stats_enable(true);
}

#else

Test(alloc_stats, without_them_all_is_zero)
{
    void *block = cc_alloc(100);
    cc_alloc_stats_enable(true);
    cc_alloc_snapshot_t s = cc_alloc_stats_snapshot();
    cc_alloc_stats_reset();
    cc_free(block, 100);
    cr_assert_eq(s.alloc_count, 0);
    cr_assert_eq(s.free_count, 0);
    cr_assert_eq(s.alloc_bytes, 0);
    cr_assert_eq(s.free_bytes, 0);
    cr_assert_eq(s.current_allocated, 0);
}

#endif
