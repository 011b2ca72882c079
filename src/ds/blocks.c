/* The blocked skip list: how one is made, freed, and checked. Its public functions: map_public.h. */
#include "ds/blocks.h"

#if CC_WITH_URCU
#define OF_URCU(domain, isa) (domain)->scheme_id == CC_SMR_URCU ? &BLOCKS_OF(urcu, isa):
#else
#define OF_URCU(domain, isa)
#endif
#if CC_WITH_CK
#define OF_CK(domain, isa) (domain)->scheme_id == CC_SMR_CK ? &BLOCKS_OF(ck, isa):
#else
#define OF_CK(domain, isa)
#endif
#define OF_SCHEME(domain, isa)                                                                                         \
    (OF_URCU(domain, isa) OF_CK(domain, isa)(domain)->scheme_id == CC_SMR_DEBRA ? &BLOCKS_OF(debra, isa)               \
     : (domain)->scheme_id == CC_SMR_EPOCH                                      ? &BLOCKS_OF(epoch, isa)               \
     : (domain)->scheme_id == CC_SMR_LEAK                                       ? &BLOCKS_OF(leak, isa)                \
                                                                                : &BLOCKS_OF(ibr, isa))

/* The variant that belongs to the domain's scheme and this machine. */
#define MAP_OPS_OF
static const cc__map_ops_t *ops_of(const cc_domain_t *domain);

#include "base/cancel.h"
#include "ds/map_public.h"

#include <errno.h>
#include <stdio.h>

static const cc__map_ops_t *ops_of(const cc_domain_t *domain)
{
#ifdef CC_BLOCK_ISAS
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("popcnt"))
        return OF_SCHEME(domain, avx512);
    if (__builtin_cpu_supports("avx2"))
        return OF_SCHEME(domain, avx2);
#endif
    return OF_SCHEME(domain, plain);
}

/* The one span of an empty map. */
static cc__span_t *make_first(const cc_map_opts_t *opts)
{
    cc__span_t *span = span_first();
    cc__rev_t *rev = rev_first(opts);
    if (span == NULL || rev == NULL) {
        cc_free_unsized(span);
        cc_free_unsized(rev);
        return NULL;
    }
    span->birth = 0;
    span->level = 0;
    cc__store_relaxed(&span->rev, (uintptr_t)rev); /* nobody shares the map yet */
    cc__store_relaxed(&span->entry, CC__INDEXED);
    return span;
}

/* False: no memory. */
static bool map_init(cc__map_t *map)
{
    cc__span_t *first = make_first(&map->opts);
    cc__store_relaxed(&map->root, first); /* nobody shares the map yet */
    return first != NULL;
}

static cc__rev_t *quiet_rev(const cc__span_t *span)
{
    return rev_of(cc__load_relaxed(&span->rev)); /* nobody else is inside */
}

/* The leftmost span of the level below. */
static cc__span_t *below(const cc__span_t *leftmost)
{
    return leftmost->level == 0 ? NULL : rev_values(quiet_rev(leftmost))[0];
}

static void free_span(cc__map_t *map, cc__span_t *span)
{
    cc__rev_t *rev = quiet_rev(span);
    for (uint64_t i = 0; span->level == 0 && i < rev->count; i++)
        map_retire_value(map, rev_values(rev)[i]);
    cc_free(rev, rev_size(rev));
    cc_free(span, span_size(span));
}

static void map_fini(cc__map_t *map)
{
    cc__span_t *leftmost = cc__load_relaxed(&map->root); /* nobody else is inside */
    while (leftmost != NULL) {
        cc__span_t *lower = below(leftmost);
        for (cc__span_t *span = leftmost, *next; span != NULL; span = next) {
            next = quiet_rev(span)->next;
            free_span(map, span);
        }
        leftmost = lower;
    }
    for (cc__span_t *span = cc__load_relaxed(&map->later), *next; span != NULL; span = next) {
        next = span->later;
        cc_free(span, span_size(span));
    }
}

/* ---- validate */

static bool broken(const char *what, unsigned level)
{
    int cancel = cc__cancel_hold(); /* writing is a cancellation point */
    fprintf(stderr, "libcc: blocked skip list: %s at level %u\n", what, level);
    cc__cancel_allow(cancel);
    return false;
}

static bool rev_valid(const cc__map_t *map, const cc__span_t *span, const cc__rev_t *rev)
{
    const char *fault = rev_fault(&map->opts, span, rev);
    if (fault != NULL)
        return broken(fault, span->level);
    for (uint64_t i = 0; i < rev->count; i++) {
        if (rev_values(rev)[i] == NULL)
            return broken("a value is NULL", span->level);
    }
    return true;
}

/* A quiet span: not dead (it may be frozen, where memory ran out in a merge), its neighbour begins where it ends, nobody is
 * entering it into the index. */
static bool span_valid(const cc__map_t *map, const cc__span_t *span, unsigned level)
{
    const cc__rev_t *rev = quiet_rev(span);
    if (cc__load_relaxed(&span->rev) & CC__DEAD) /* the map is quiet, here and below */
        return broken("a merged span is linked", level);
    if (span->level != level)
        return broken("a span of another level is linked", level);
    if (rev->count > CC__ENTRIES) /* first of what looks into it: where things are depends on it */
        return broken("a block is overfull", level);
    if (!rev_meets_next(rev))
        return broken("spans leave a gap", level);
    uint32_t entry = cc__load_relaxed(&span->entry);
    if (entry != CC__INDEXED && entry != CC__UNINDEXED)
        return broken("a span is half indexed", level);
    return rev_valid(map, span, rev);
}

/* From `lower` on, up to `child` or to the end. */
static bool none_indexed(const cc__span_t *lower, const cc__span_t *child, unsigned level)
{
    for (; lower != child; lower = quiet_rev(lower)->next) {
        if (lower == NULL)
            return broken("an entry of the index leads elsewhere", level);
        if (span_is_first(lower) || cc__load_relaxed(&lower->entry) == CC__INDEXED)
            return broken("a span is missing in the index", level);
    }
    return true;
}

/* Entries of the index lead to spans of the level below, in order; all that are indexed are met. What was put off for want
 * of memory is dead and may still have an entry. */
static bool index_valid(const cc__map_t *map, const cc__span_t *leftmost)
{
    const cc__span_t *lower = below(leftmost);
    unsigned level = leftmost->level;
    for (const cc__span_t *span = leftmost; span != NULL; span = quiet_rev(span)->next) {
        const cc__rev_t *rev = quiet_rev(span);
        for (uint64_t i = 0; i < rev->count; i++) {
            const cc__span_t *child = rev_values(rev)[i];
            if (cc__load_relaxed(&child->rev) & CC__DEAD)
                continue;
            if (!none_indexed(lower, child, level))
                return false;
            if (!rev_leads_to(&map->opts, rev, i, child))
                return broken("an entry of the index leads elsewhere", level);
            lower = quiet_rev(child)->next;
        }
    }
    return none_indexed(lower, NULL, level);
}

static bool levels_valid(cc__map_t *map)
{
    size_t entries = 0;
    for (const cc__span_t *leftmost = cc__load_relaxed(&map->root); leftmost != NULL; leftmost = below(leftmost)) {
        if (!span_is_first(leftmost))
            return broken("the first span does not begin before all keys", leftmost->level);
        for (const cc__span_t *span = leftmost; span != NULL; span = quiet_rev(span)->next) {
            if (!span_valid(map, span, leftmost->level))
                return false;
            entries += leftmost->level == 0 ? quiet_rev(span)->count : 0;
        }
        if (leftmost->level > 0 && !index_valid(map, leftmost))
            return false;
    }
    return entries == PUBLIC(count)(map) || broken("the count is wrong", 0);
}

static int map_valid(cc__map_t *map)
{
    return levels_valid(map) ? 0 : -EINVAL;
}
