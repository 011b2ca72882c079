/* Which atomic locations need scheduling points.
 *
 * An access that conflicts with no access of another thread can be moved past all of them: the schedules that switch before
 * it are equal to schedules that switch before the thread's next access that does conflict, with as many preemptions. So
 * only locations that two threads touch, one of them writing, are scheduling points. Which these are is learned: a location
 * is named by who allocated its block, how many blocks that thread had allocated before, and the offset; one that was seen
 * in a conflict once is a scheduling point from then on, in this execution and in all later ones of the client.
 *
 * The set only grows, and the exhaustive strategy begins anew when it has grown. Once an exhaustive run ends without
 * growth nothing was missed: take an execution with a switch at every access, and the first of its accesses that conflicts
 * at a location that is not in the set. What lies before is equal to an execution that was run, and that execution would
 * have met the conflict. Random strategies miss only what the first few executions would have shown. */
#include "inside.h"

#include <string.h>

enum { KEY_BITS = 16, KEYS = 1 << KEY_BITS };

static uint64_t keys[KEYS]; /* open addressing, 0: empty */
static uint64_t order[KEYS / 2];
static unsigned count;

static unsigned slot_of(uint64_t key)
{
    unsigned slot = (unsigned)(key * UINT64_C(0x9E3779B97F4A7C15) >> (64 - KEY_BITS));
    while (keys[slot] != 0 && keys[slot] != key)
        slot = (slot + 1) % KEYS;
    return slot;
}

bool model_learned(uint64_t key)
{
    return keys[slot_of(key)] == key;
}

void model_learn(uint64_t key)
{
    if (model_learned(key))
        return;
    if (count == KEYS / 2)
        model_fail("more than %d shared locations", KEYS / 2);
    keys[slot_of(key)] = key;
    order[count++] = key;
}

unsigned model_learn_count(void)
{
    return count;
}

void model_learn_clear(void)
{
    memset(keys, 0, sizeof keys);
    count = 0;
}

uint64_t model_learn_key(unsigned i)
{
    return order[i];
}
