/* validate sees damage: each invariant is broken by hand in a quiet map, reported, and repaired. Compiled once per kind
 * of key, with the library's own headers; see skiplist64_damage_test.c and skiplist_damage_test.c, which define
 * CC_KEY, SUITE, VERB, KEY and map_t.
 *
 * The plants change one word each. What they need to find is sought, since heights are random. */
#include "ds/skiplist_node.h"

#include "test.h"

#include "support/domains.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef cc__skiplist_node_t node_t;

#define DAMAGE_TEST(name)         DAMAGE_TEST_(SUITE, name)
#define DAMAGE_TEST_(suite, name) Test(suite, name)

static node_t *after(const node_t *node, unsigned level)
{
    return cc__unmarked(atomic_load(&node->next[level]));
}

static void link_to(node_t *node, unsigned level, const node_t *next)
{
    atomic_store(&node->next[level], (uintptr_t)next);
}

/* A few hundred entries, so that several levels have several nodes. */
static map_t *make_damageable(cc_domain_t *domain)
{
    map_t *map = NULL;
    cr_assert_eq(VERB(create)(domain, NULL, &map), 0);
    for (uint64_t n = 0; n < 400; n++)
        cr_assert_eq(VERB(insert)(map, KEY(n), &map), 0);
    cr_assert_eq(VERB(validate)(map), 0);
    return map;
}

/* The lines that validate writes to stderr, and what it returns. */
typedef struct {
    int result, lines;
    char text[256];
} verdict_t;

static verdict_t judge(map_t *map)
{
    verdict_t v = {0};
    int file = memfd_create("stderr", MFD_CLOEXEC), before = dup(STDERR_FILENO);
    fflush(stderr);
    dup2(file, STDERR_FILENO);
    v.result = VERB(validate)(map);
    fflush(stderr);
    dup2(before, STDERR_FILENO);
    ssize_t n = pread(file, v.text, sizeof v.text - 1, 0);
    for (ssize_t i = 0; i < n; i++)
        v.lines += v.text[i] == '\n';
    close(file);
    close(before);
    return v;
}

static void expect_broken(map_t *map, const char *damage)
{
    verdict_t v = judge(map);
    cr_assert_eq(v.result, -EINVAL, "not seen: %s", damage);
    cr_assert_eq(v.lines, 1, "%s: %s", damage, v.text);
}

static void expect_whole(map_t *map)
{
    verdict_t v = judge(map);
    cr_assert_eq(v.result, 0, "%s", v.text);
    cr_assert_eq(v.lines, 0);
}

/* A node with a successor at `level`, not the first. */
static node_t *some_node(map_t *map, unsigned level)
{
    node_t *node = after(after(map->head, level), level);
    cr_assert(node != NULL && after(node, level) != NULL && after(after(node, level), level) != NULL);
    return node;
}

enum { DAMAGED_LEVELS = 3 }; /* with 400 entries the third level has about 25 */

/* Begins a test of one plant, and ends it with the map whole again. */
#define PLANT(name)                                                                                                    \
    static void name##_planted(map_t *map);                                                                            \
    DAMAGE_TEST(name)                                                                                                  \
    {                                                                                                                  \
        for (int i = 0; i < SCHEMES; i++) {                                                                            \
            cc_domain_t *domain = make_domain(every_scheme[i]);                                                        \
            map_t *map = make_damageable(domain);                                                                      \
            name##_planted(map);                                                                                       \
            expect_whole(map);                                                                                         \
            cr_assert_eq(VERB(destroy)(map), 0);                                                                       \
            cr_assert_eq(cc_domain_destroy(domain), 0);                                                                \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_planted(map_t *map)

PLANT(removed_node_that_is_linked)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        node_t *node = some_node(map, l);
        void *value = atomic_load(&node->value);
        atomic_store(&node->value, NULL);
        expect_broken(map, "a value is NULL");
        atomic_store(&node->value, value);
    }
}

PLANT(half_linked_node)
{
    static const uint32_t states[] = {0, CC__SKIPLIST_UNLINK_DONE, CC__SKIPLIST_LINK_DONE | CC__SKIPLIST_UNLINK_DONE};
    node_t *node = some_node(map, 0);
    for (int i = 0; i < 3; i++) {
        atomic_store(&node->state, states[i]);
        expect_broken(map, "the state is not LINK_DONE");
    }
    atomic_store(&node->state, CC__SKIPLIST_LINK_DONE);
}

PLANT(marked_link)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        node_t *node = some_node(map, l);
        uintptr_t link = atomic_load(&node->next[l]);
        atomic_store(&node->next[l], link | CC__MARK);
        expect_broken(map, "a link is marked");
        atomic_store(&node->next[l], link);
    }
}

PLANT(wrong_count)
{
    for (int64_t change = -1; change <= 1; change += 2) {
        atomic_fetch_add(&map->count[3].entries, change);
        expect_broken(map, "the count is off by one");
        atomic_fetch_add(&map->count[3].entries, -change);
    }
}

/* Left out at one level: at the bottom the count tells, above it the heights below. */
PLANT(missing_link)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        node_t *node = some_node(map, l), *next = after(node, l);
        link_to(node, l, after(next, l));
        expect_broken(map, "a node is linked at some of its levels only");
        link_to(node, l, next);
    }
}

PLANT(missing_first_link)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        node_t *first = after(map->head, l);
        link_to(map->head, l, after(first, l));
        expect_broken(map, "the first node of a level is not linked to the head");
        link_to(map->head, l, first);
    }
}

PLANT(emptied_level)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        node_t *first = after(map->head, l);
        link_to(map->head, l, NULL);
        expect_broken(map, "a level is lost");
        link_to(map->head, l, first);
    }
}

/* a, b, c become a, c, b. */
PLANT(exchanged_neighbours)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        node_t *a = some_node(map, l), *b = after(a, l), *c = after(b, l), *d = after(c, l);
        link_to(a, l, c);
        link_to(c, l, b);
        link_to(b, l, d);
        expect_broken(map, "two nodes are out of order");
        link_to(a, l, b);
        link_to(b, l, c);
        link_to(c, l, d);
    }
}

PLANT(equal_keys)
{
    node_t *node = some_node(map, 0), *next = after(node, 0);
    cc__stored_key_t stored = next->key;
    unsigned char bytes[64];
    size_t room = stored_key_room(&stored);
    cr_assert_leq(room, sizeof bytes);
    cr_assert_eq(room, stored_key_room(&node->key));
    memcpy(bytes, skiplist_key_room(next), room);
    next->key = node->key;
    memcpy(skiplist_key_room(next), skiplist_key_room(node), room);
    expect_broken(map, "two nodes have one key");
    next->key = stored;
    memcpy(skiplist_key_room(next), bytes, room);
}

/* A stranger in place of the node that belongs there: the number of links is right. */
PLANT(node_linked_above_its_height)
{
    node_t *flat = after(map->head, 0);
    while (flat != NULL && flat->height != 1)
        flat = after(flat, 0);
    node_t *tall = after(map->head, 1);
    cr_assert(flat != NULL && tall != NULL);
    /* A flat node has no second link: at level 1 its key, or what follows, is read as one. The check of the height has
     * to come first. */
    link_to(map->head, 1, flat);
    expect_broken(map, "a flat node is linked at level 1");
    link_to(map->head, 1, tall);
}
