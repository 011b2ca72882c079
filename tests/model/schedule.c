/* Choices. Everything that is open in an execution, who goes on, which store is read, when a signal arrives, is one number
 * out of n, and an execution is the list of these numbers.
 *
 * The strategies differ in how they choose: at random, in some executions with long runs of a fiber, for calls of unequal
 * length would hardly ever meet otherwise; at random with priorities (PCT, Burckhardt, Kothari, Musuvathi,
 * Nagarakatte, ASPLOS 2010: a bug of depth d is hit with a known probability); or all of them, depth first, with a bound on
 * preemptions and on stale reads. */
#include "inside.h"

#include <string.h>

enum { CHOICES = 1 << 20, CHANGES = 16 };

static uint16_t chosen[CHOICES], out_of[CHOICES];
static unsigned made, prescribed; /* so far; by the search or a replay */
static unsigned preemptions, stale_reads;
static uint64_t rng;
static unsigned burst; /* random: a fiber that can go on is preempted once in so many points */

static unsigned points; /* of this execution, then of the last one: where priorities may change in the next */
static unsigned change_points[CHANGES], priorities[MODEL_THREADS], lowest_priority;

static uint64_t random_next(void)
{
    rng ^= rng >> 12;
    rng ^= rng << 25;
    rng ^= rng >> 27;
    return rng * UINT64_C(0x2545F4914F6CDD1D);
}

static unsigned random_below(unsigned n)
{
    return (unsigned)((random_next() >> 32) * n >> 32);
}

void model_schedule_begin(uint64_t execution)
{
    made = preemptions = stale_reads = 0;
    rng = (model_config.seed * UINT64_C(0xD1342543DE82EF95) + execution + 1) * UINT64_C(0x9E3779B97F4A7C15) | 1;
    burst = 1u << 2 * random_below(3);
    lowest_priority = 1000;
    for (int i = 1; i < MODEL_THREADS; i++)
        priorities[i] = random_below(1000) + 1000;
    for (unsigned i = 0; i < model_config.depth && i < CHANGES; i++)
        change_points[i] = random_below(points + 1);
    points = 0;
}

bool model_schedule_advance(void)
{
    while (made > 0 && chosen[made - 1] + 1u == out_of[made - 1])
        made--;
    if (made == 0)
        return false;
    chosen[made - 1]++;
    prescribed = made;
    return true;
}

void model_schedule_restart(void)
{
    prescribed = 0;
}

void model_schedule_prescribe(const uint16_t *list, unsigned n)
{
    if (n > CHOICES)
        model_fail("more than %d choices in one execution", CHOICES);
    memcpy(chosen, list, n * sizeof *list);
    prescribed = n;
}

unsigned model_schedule_made(const uint16_t **list)
{
    *list = chosen;
    return made;
}

static unsigned fresh(unsigned n, model_choice_t kind)
{
    if (model_config.strategy == MODEL_STRATEGY_EXHAUSTIVE)
        return 0;
    switch (kind) {
    case MODEL_PREEMPT:
        return random_below(burst) != 0 ? 0 : random_below(n);
    case MODEL_READ:
    case MODEL_PLACE:
        return random_below(4) != 0 ? 0 : random_below(n);
    case MODEL_SIGNAL: /* 0: now. Signals that come late are what goes wrong. */
        return random_below(model_client()->points == NULL ? 8 : 2) != 0;
    case MODEL_STALL:
        return random_below(16) == 0;
    default:
        return random_below(n);
    }
}

static void note(unsigned choice, unsigned n)
{
    if (made == CHOICES)
        model_fail("more than %d choices in one execution", CHOICES);
    chosen[made] = (uint16_t)choice;
    out_of[made++] = (uint16_t)n;
}

unsigned model_pick(unsigned n, model_choice_t kind)
{
    if (n <= 1)
        return 0;
    unsigned choice = made < prescribed ? chosen[made] : fresh(n, kind);
    if (choice >= n)
        model_fail("the replay does not belong to this program");
    note(choice, n);
    return choice;
}

unsigned model_choose(unsigned n)
{
    return model_pick(n, MODEL_CLIENT);
}

/* The position in the list of the fiber with the highest priority. */
static unsigned by_priority(const int *list, unsigned n)
{
    unsigned best = 0;
    for (unsigned i = 1; i < n; i++) {
        if (priorities[list[i]] > priorities[list[best]])
            best = i;
    }
    return best;
}

static void change_priority(int running)
{
    for (unsigned i = 0; i < model_config.depth && i < CHANGES; i++) {
        if (change_points[i] == points)
            priorities[running] = --lowest_priority;
    }
}

/* The list begins with the fiber that runs, if it can go on. */
int model_pick_fiber(const int *list, unsigned n, bool preempts)
{
    points++;
    if (preempts)
        change_priority(list[0]);
    if (n == 1)
        return list[0];
    if (model_config.strategy == MODEL_STRATEGY_PCT && made >= prescribed) {
        unsigned best = by_priority(list, n);
        note(best, n);
        return list[best];
    }
    if (model_config.strategy == MODEL_STRATEGY_EXHAUSTIVE && preempts && preemptions >= model_config.preemptions)
        return list[0];
    unsigned choice = model_pick(n, preempts ? MODEL_PREEMPT : MODEL_SCHEDULE);
    if (preempts && choice != 0)
        preemptions++;
    return list[choice];
}

bool model_stale_left(void)
{
    return stale_reads < model_config.stale;
}

void model_stale_used(void)
{
    stale_reads++;
}
