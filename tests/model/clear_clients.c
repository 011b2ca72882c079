/* Clients in which a map is cleared: what was there throughout goes, by whose hand ever, and each entry counts once. */
#include "clients.h"
#include "map_kinds.h"

#include "cc/cc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const unsigned before[] = {1, 3, 5};
enum { THERE = sizeof before / sizeof *before, COMES = 7 };

static const map_kind_t *kind;
static cc_domain_t *domain;
static void *map;
static int value;
static int64_t cleared, removed, came;

static void setup(void)
{
    kind = model_client()->arg;
    cleared = removed = came = 0;
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = model_client()->scheme;
    model_assert(cc_domain_create(&opts, &domain) == 0);
    model_assert(kind->create(domain, NULL, &map) == 0);
    for (unsigned i = 0; i < THERE; i++)
        model_assert(kind->insert(map, before[i], &value) == 0);
}

static void clear_or_remove(int i)
{
    if (i == 1) {
        cleared = kind->clear(map);
        return;
    }
    removed += kind->remove(map, before[1], NULL) == 0;
    came += kind->insert(map, COMES, &value) == 0;
    removed += kind->remove(map, before[0], NULL) == 0;
}

static void finish(void)
{
    for (unsigned i = 0; i < THERE; i++)
        model_assert(kind->get(map, before[i], NULL) == -ENOENT);
    model_assert(came == 1);
    model_assert(THERE + came == cleared + removed + (int64_t)kind->count(map));
    model_assert(kind->validate(map) == 0);
    model_assert(kind->destroy(map) == 0);
    model_assert(cc_domain_destroy(domain) == 0);
}

void model_add_clear_clients(void)
{
    for (const map_kind_t *k = map_kinds; k->name != NULL; k++) {
        char *name;
        if (asprintf(&name, "clear-remove-%s", k->name) < 0)
            abort();
        model_add_for_schemes(&(model_client_t){.name = name,
                                                .what = "a map is cleared while another thread removes and inserts",
                                                .threads = 2,
                                                .setup = setup,
                                                .thread = clear_or_remove,
                                                .finish = finish,
                                                .structure = k->structure,
                                                .arg = (void *)(uintptr_t)k});
    }
}
