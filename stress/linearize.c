/* linearize.c: just-in-time linearization, one key at a time.
 *
 * Calls on different keys commute, so a history of a map is linearizable exactly if the calls on each single key
 * are (Horn and Kroening, "Faster linearizability checking via P-compositionality", 2015). One key is then a
 * register that can be absent, and its history is checked in one pass over time (in the manner of Lowe, "Testing
 * for linearizability", 2017): we keep the set of everything that may be true now, as configurations
 *
 *     (which of the pending calls have taken effect already, the state of the key)
 *
 * and let a call take effect no earlier than somebody needs it:
 *     call    one more is pending
 *     return  the call must have taken effect by now: from each configuration in which it has not, try all orders
 *             of pending calls that end with it; where none fits, the configuration dies
 * No configuration left: not linearizable, and the call that just returned is the first that nothing explains.
 *
 * One simplification keeps the set small: a pending call that changes nothing takes effect as soon as the state
 * fits its result. That loses no possibility, because having taken effect never hinders a later step, and it
 * halves the set per pending read.
 *
 * The set is bounded by 2^pending times the states in play; where values say who they are it holds a few
 * configurations, so the pass is linear in practice. */
#include "linearize.h"

#include "config_set.h"

enum { PENDING_MAX = 64 }; /* one bit each */

typedef struct {
    const hist_op_t *pending[PENDING_MAX]; /* valid where live has a bit */
    size_t number[PENDING_MAX];            /* index of that call in the input */
    uint64_t live;                         /* places in use */
    uint64_t readers;                      /* those of calls that change nothing */
    config_set_t now;
    config_set_t seen;  /* everything reached while one return is explained */
    config_set_t after; /* what `now` becomes */
    size_t peak;
    bool gave_up;
} checker_t;

static inline unsigned lowest(uint64_t bits)
{
    return (unsigned)__builtin_ctzll(bits);
}

static void add(checker_t *c, config_set_t *set, config_t config)
{
    if (!config_set_add(set, config))
        c->gave_up = true;
}

/* Lets every pending call that changes nothing and fits the state take effect. */
static config_t settle(const checker_t *c, config_t config)
{
    uint64_t unchanged;
    for (uint64_t left = c->readers & ~config.done; left; left &= left - 1) {
        unsigned place = lowest(left);
        if (lin_apply(c->pending[place], config.state, &unchanged))
            config.done |= UINT64_C(1) << place;
    }
    return config;
}

static void on_call(checker_t *c, const hist_op_t *op, size_t number)
{
    if (~c->live == 0) {
        c->gave_up = true;
        return;
    }
    unsigned place = lowest(~c->live);
    uint64_t bit = UINT64_C(1) << place;
    c->pending[place] = op;
    c->number[place] = number;
    c->live |= bit;
    if (!lin_reads_only(op))
        return;
    c->readers |= bit;
    config_set_clear(&c->after);
    for (size_t i = 0; i < c->now.count; i++)
        add(c, &c->after, settle(c, c->now.items[i]));
    config_set_swap(&c->now, &c->after);
}

/* Adds to `seen` what `config` becomes when one more pending call takes effect. */
static void expand(checker_t *c, config_t config)
{
    for (uint64_t left = c->live & ~c->readers & ~config.done; left; left &= left - 1) {
        unsigned place = lowest(left);
        config_t next = {.done = config.done | UINT64_C(1) << place};
        if (lin_apply(c->pending[place], config.state, &next.state))
            add(c, &c->seen, settle(c, next));
    }
}

/* False: nothing explains the return of this pending call. */
static bool on_return(checker_t *c, unsigned place)
{
    uint64_t bit = UINT64_C(1) << place;
    config_set_clear(&c->seen);
    config_set_clear(&c->after);
    for (size_t i = 0; i < c->now.count; i++)
        add(c, &c->seen, c->now.items[i]);
    for (size_t i = 0; i < c->seen.count && !c->gave_up; i++) { /* `seen` grows meanwhile: it is the queue, too */
        config_t config = c->seen.items[i];
        if (config.done & bit)
            add(c, &c->after, (config_t){config.done & ~bit, config.state});
        else
            expand(c, config);
    }
    if (c->peak < c->seen.count)
        c->peak = c->seen.count;
    c->live &= ~bit;
    c->readers &= ~bit;
    config_set_swap(&c->now, &c->after);
    return c->now.count > 0 || c->gave_up;
}

/* The pending call that returns first. */
static unsigned first_to_return(const checker_t *c)
{
    unsigned first = lowest(c->live);
    for (uint64_t left = c->live & (c->live - 1); left; left &= left - 1)
        if (c->pending[lowest(left)]->ret < c->pending[first]->ret)
            first = lowest(left);
    return first;
}

/* Handles the returns that happened before `op` was called; all that are left if op is NULL. Calls with equal
 * stamps overlap: that is the weaker assumption. False: a violation, found at call number *failed. */
static bool handle_returns(checker_t *c, const hist_op_t *op, size_t *failed)
{
    while (c->live && !c->gave_up) {
        unsigned place = first_to_return(c);
        if (op && c->pending[place]->ret >= op->call)
            break;
        *failed = c->number[place];
        if (!on_return(c, place))
            return false;
    }
    return true;
}

static lin_result_t run(checker_t *c, const hist_op_t *const *ops, size_t count)
{
    lin_result_t result = {.verdict = LIN_OK};
    for (size_t i = 0; i < count && result.verdict == LIN_OK && !c->gave_up; i++) {
        if (handle_returns(c, ops[i], &result.failed))
            on_call(c, ops[i], i);
        else
            result.verdict = LIN_VIOLATED;
    }
    if (result.verdict == LIN_OK && !handle_returns(c, NULL, &result.failed))
        result.verdict = LIN_VIOLATED;
    if (c->gave_up)
        result.verdict = LIN_UNDECIDED;
    result.configs_peak = c->peak;
    if (result.verdict == LIN_OK) { /* nobody is pending: configurations differ by their states only */
        result.final_states = c->now.count;
        result.final_state = c->now.items[0].state;
    }
    return result;
}

lin_result_t lin_check_key(const hist_op_t *const *ops, size_t count, uint64_t initial)
{
    checker_t c = {0};
    lin_result_t result = {.verdict = LIN_UNDECIDED};
    bool room = config_set_init(&c.now);
    room = config_set_init(&c.seen) && room;
    room = config_set_init(&c.after) && room;
    if (room && config_set_add(&c.now, (config_t){0, initial}))
        result = run(&c, ops, count);
    config_set_free(&c.now);
    config_set_free(&c.seen);
    config_set_free(&c.after);
    return result;
}
