/* The skip list, per kind of key: how one is made, freed, and checked. Its public functions: map_public.h. */
#include "ds/skiplist_node.h"

#include "ds/map_public.h"

#include <stdio.h>
#include <string.h>

static cc__skiplist_node_t *make_head(void)
{
    cc__skiplist_node_t *head = cc_alloc_node(sizeof *head + CC__SKIPLIST_LEVELS * sizeof head->next[0]);
    if (head != NULL) {
        memset(head, 0, sizeof *head + CC__SKIPLIST_LEVELS * sizeof head->next[0]);
        head->height = CC__SKIPLIST_LEVELS;
    }
    return head;
}

/* False: no memory. */
static bool map_init(cc__map_t *map)
{
    map->head = make_head();
    cc__store_relaxed(&map->levels, 1); /* nobody shares the map yet */
    return map->head != NULL;
}

static cc__skiplist_node_t *next_of(const cc__skiplist_node_t *node, unsigned level)
{
    return cc__unmarked(cc__load_relaxed(&node->next[level])); /* nobody else is inside */
}

static void map_fini(cc__map_t *map)
{
    cc__skiplist_node_t *node = next_of(map->head, 0);
    while (node != NULL) {
        cc__skiplist_node_t *next = next_of(node, 0);
        map_retire_value(map, cc__load_relaxed(&node->value)); /* nobody else is inside */
        cc_free(node, skiplist_node_size(node));
        node = next;
    }
    cc_free(map->head, skiplist_node_size(map->head));
}

/* ---- validate
 * -------------------------------------------------------------------------------------------------- */

static bool broken(const char *what, unsigned level)
{
    fprintf(stderr, "libcc: skip list: %s at level %u\n", what, level);
    return false;
}

/* A quiet node: present, all its links unmarked, its inserter done, nobody removing it. */
static bool node_valid(const cc__skiplist_node_t *node, unsigned level)
{
    if (cc__load_relaxed(&node->value) == NULL) /* the map is quiet, here and below */
        return broken("a removed node is linked", level);
    if (cc__load_relaxed(&node->state) != CC__SKIPLIST_LINK_DONE)
        return broken("a node is half linked", level);
    if (node->height <= level || node->height > CC__SKIPLIST_LEVELS)
        return broken("a node is linked above its height", level);
    if (cc__is_marked(cc__load_relaxed(&node->next[level])))
        return broken("a link is marked", level);
    return true;
}

static bool level_valid(cc__map_t *map, unsigned level, size_t taller[CC__SKIPLIST_LEVELS + 1])
{
    size_t linked = 0;
    const cc__skiplist_node_t *before = NULL, *node = next_of(map->head, level);
    for (; node != NULL; before = node, node = next_of(node, level)) {
        if (!node_valid(node, level))
            return false;
        if (before != NULL &&
            key_order(skiplist_key(before), skiplist_key(node), map->opts.compare, map->opts.compare_ctx) >= 0)
            return broken("keys are out of order", level);
        linked++;
        if (level == 0)
            taller[node->height - 1]++;
    }
    if (level == 0)
        return linked == PUBLIC(count)(map) || broken("the count is wrong", level);
    size_t expected = 0;
    for (unsigned h = level; h < CC__SKIPLIST_LEVELS; h++)
        expected += taller[h];
    return linked == expected || broken("a tower is not linked", level);
}

static int map_valid(cc__map_t *map)
{
    size_t taller[CC__SKIPLIST_LEVELS + 1] = {0}; /* nodes by height - 1 */
    for (unsigned l = 0; l < CC__SKIPLIST_LEVELS; l++) {
        if (!level_valid(map, l, taller))
            return -EINVAL;
    }
    return 0;
}
