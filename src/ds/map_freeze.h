/* A frozen copy of a map, made of one walk over it: each value is written down while the walk holds it. Included by
 * map_public.h. Tests: contract/freeze.h, fault/oom_map_impl.h. */
#ifndef CC_DS_MAP_FREEZE_H
#define CC_DS_MAP_FREEZE_H

#include "base/names.h"
#include "ds/freezer.h"
#include "ds/frozen.h"
#include "ds/map_walk.h"

typedef struct {
    cc__freezer_t freezer;
    int err; /* that ended the walk */
} freeze_t;

static bool freeze_entry(cc__key_t key, void *value, void *ctx)
{
    freeze_t *freeze = ctx;
    freeze->err = SCHEME_VARIANT_OF(cc__freezer_add, KEY_NAME)(&freeze->freezer, key, value);
    return freeze->err == 0;
}

static int map_freeze(cc__map_t *map, const cc_freeze_opts_t *opts, cc__frozen_t *out)
{
    freeze_t freeze = {.err = 0};
    cc__freezer_init(&freeze.freezer, opts);
    int64_t visited = map_for_each(map, freeze_entry, &freeze);
    int err = visited < 0 ? (int)visited : freeze.err;
    if (err == 0)
        err = cc__freezer_finish(&freeze.freezer, CC__FROZEN_KIND, map->opts.compare, out);
    if (err == 0)
        out->compare_ctx = map->opts.compare_ctx;
    cc__freezer_fini(&freeze.freezer);
    return err;
}

/* False: contradictory. Of an inline value its bytes are kept, not where they are. */
static bool freeze_settle(const cc__map_t *map, cc_freeze_opts_t *opts)
{
    if (opts->value_size != 0 && opts->encode != NULL)
        return false;
    if (map->opts.value_inline && opts->value_size == 0 && opts->encode == NULL)
        opts->value_size = map->opts.value_size;
    return !map->opts.value_inline || opts->value_size <= map->opts.value_size;
}

int PUBLIC(freeze)(cc__map_t *map, const cc_freeze_opts_t *opts, cc__frozen_map_t **out)
{
    cc_freeze_opts_t used = CC_FREEZE_OPTS_INIT;
    if (map == NULL || out == NULL || (opts != NULL && opts->size != sizeof used))
        return -EINVAL;
    if (opts != NULL)
        used = *opts;
    if (!freeze_settle(map, &used))
        return -EINVAL;
    cc__frozen_map_t *frozen = cc_alloc(sizeof *frozen);
    if (frozen == NULL)
        return -ENOMEM;
    int err = map_freeze(map, &used, &frozen->common);
    if (err == 0)
        *out = frozen;
    else
        cc_free(frozen, sizeof *frozen);
    return err;
}

#endif
