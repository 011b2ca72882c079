/* DEBRA+: a SEARCH begins at what the last commit named, or where nothing is ever freed. All else that an operation knows
 * from before may be gone by then, or be gone if the SEARCH is thrown back in its commit, which overwrites what the commit
 * before the last had named. That takes many steps in one order; so it is a finding as soon as a thread frees what a SEARCH of
 * this execution began at unnamed, whenever that was. */
#include "inside.h"
#include "model_signal.h"

#include <string.h>

enum { NAMES = 8 };

static struct {
    const void *named[NAMES];
    unsigned count;
} begun[MODEL_THREADS];

unsigned model_fresh;

void model_start_begin(void)
{
    model_fresh = 0;
}

void model_search_begins(const void *const named[], unsigned n)
{
    begun[model_current].count = n < NAMES ? n : NAMES;
    memcpy(begun[model_current].named, named, begun[model_current].count * sizeof *named);
    model_fresh |= 1u << model_current;
}

/* Links are read by smr_read, whose parameter has that name. */
void model_search_reads(const void *at, const model_site_t *site)
{
    const char *what = strchr(site->text, ' ');
    if (what == NULL || strcmp(what, " link") != 0)
        return;
    model_fresh &= ~(1u << model_current);
    for (unsigned i = 0; i < begun[model_current].count; i++) {
        if (model_same_block(at, begun[model_current].named[i]))
            return;
    }
    model_block_unnamed(at);
}
