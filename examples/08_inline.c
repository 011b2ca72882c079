/* A map with inline values: it keeps copies of small structs, so that readers need no guard and writers free nothing. */
#include <cc/cc.h>

#include <stdio.h>

typedef struct {
    double x, y;
} point_t;

int main(void)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_inline = true;
    opts.value_size = sizeof(point_t);
    cc_skiplist64_t *map;
    if (cc_skiplist64_create(NULL, &opts, &map) != 0)
        return 1;

    point_t here = {1, 2}, there = {3, 4}, at;
    int rc = cc_skiplist64_put(map, 42, &here, NULL); /* copied in: `here` is free again */
    if (rc >= 0)
        rc = cc_skiplist64_replace(map, 42, &here, &there); /* if the value is still {1, 2} */
    if (rc == 0)
        rc = cc_skiplist64_get(map, 42, CC_INTO(&at)); /* copied out, whole, whoever replaces it meanwhile */
    if (rc == 0)
        printf("42 is at %g %g\n", at.x, at.y);
    if (rc == 0)
        rc = cc_skiplist64_remove(map, 42, CC_INTO(&at)); /* nothing to retire */
    return cc_skiplist64_destroy(map) != 0 || rc != 0;
}
