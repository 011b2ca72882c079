/* shrink.c: delta debugging of a violating history.
 *
 * Leaving out an arbitrary call of a history can make a new contradiction (a value seen that nobody wrote any more)
 * which is not the one that was found. A smaller history is therefore accepted only if
 *   - the same call is the first that nothing explains, and
 *   - the last writer of every value that a remaining call saw remains as well.
 * The history is first cut at the front, where no call on the key was in flight and only one state was possible.
 * What is cut away cannot matter to the contradiction, but it may hold the cause: the calls that brought and took
 * away the value in question are told as its story. */
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

enum { WINDOW_OPS = 8 }; /* calls before the violation that are always looked at */

#define NOBODY SIZE_MAX

typedef struct {
    const hist_op_t *const *all;
    size_t count;
    uint64_t initial;
    const hist_op_t *failed;
    size_t *writer;         /* per call: which call wrote the value it saw, or NOBODY */
    bool *kept;             /* per call: part of the smaller history */
    const hist_op_t **some; /* the kept ones, gathered */
} shrinker_t;

static bool wrote(const hist_op_t *op)
{
    return op->verb != HIST_REMOVE && !lin_reads_only(op);
}

static bool writes(const hist_op_t *op, const hist_op_t *reader)
{
    return wrote(op) && lin_matches(reader, op->arg);
}

static bool saw_value(const hist_op_t *op)
{
    return op->known != HIST_KNOWN_NOTHING && op->seen != HIST_ABSENT && op->verb != HIST_CONTAINS &&
           op->verb != HIST_INSERT && op->result >= 0;
}

/* The nearest writer before `i`, else one that overlaps it. */
static size_t find_writer(const shrinker_t *s, size_t i)
{
    if (!saw_value(s->all[i]))
        return NOBODY;
    for (size_t j = i; j-- > 0;)
        if (writes(s->all[j], s->all[i]))
            return j;
    for (size_t j = i + 1; j < s->count && s->all[j]->call <= s->all[i]->ret; j++)
        if (writes(s->all[j], s->all[i]))
            return j;
    return NOBODY;
}

static bool writers_kept(const shrinker_t *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->kept[i] && s->writer[i] != NOBODY && !s->kept[s->writer[i]])
            return false;
    return true;
}

static size_t gather(const shrinker_t *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->kept[i])
            s->some[n++] = s->all[i];
    return n;
}

static bool still_fails(const shrinker_t *s)
{
    if (!writers_kept(s))
        return false;
    lin_result_t result = lin_check_key(s->some, gather(s), s->initial);
    return result.verdict == LIN_VIOLATED && s->some[result.failed] == s->failed;
}

/* Tries to leave out [from, to); puts back what is needed. True: it was not needed. */
static bool try_without(shrinker_t *s, size_t from, size_t to, bool *backup)
{
    bool any = false;
    memcpy(backup, s->kept, s->count * sizeof *backup);
    for (size_t i = from; i < to; i++) {
        any |= s->kept[i];
        s->kept[i] = false;
    }
    if (any && still_fails(s))
        return true;
    memcpy(s->kept, backup, s->count * sizeof *backup);
    return false;
}

static void minimize(shrinker_t *s, bool *backup)
{
    bool smaller = true;
    for (size_t chunk = s->count; chunk > 0; chunk = smaller && chunk == 1 ? 1 : chunk / 2) {
        smaller = false;
        for (size_t from = 0; from < s->count; from += chunk)
            smaller |= try_without(s, from, from + chunk < s->count ? from + chunk : s->count, backup);
    }
}

/* Where to begin: the latest moment, WINDOW_OPS calls or more before `failed`, at which no call was in flight and the
 * key's state was certain. *initial becomes that state. */
static size_t front_cut(const hist_op_t *const *ops, size_t failed, uint64_t *initial)
{
    size_t *cuts = malloc((failed + 1) * sizeof *cuts);
    size_t count = 0, found = 0;
    uint64_t last_ret = 0;
    if (!cuts)
        return 0;
    for (size_t i = 0; i + WINDOW_OPS <= failed; i++) {
        if (ops[i]->call > last_ret)
            cuts[count++] = i;
        if (last_ret < ops[i]->ret)
            last_ret = ops[i]->ret;
    }
    while (count > 0 && found == 0) {
        lin_result_t before = lin_check_key(ops, cuts[--count], *initial);
        if (before.verdict == LIN_OK && before.final_states == 1) {
            found = cuts[count];
            *initial = before.final_state;
            break;
        }
    }
    free(cuts);
    return found;
}

/* The calls before `from` that brought the value into the map or took it away, the last STORY_MAX of them. */
static size_t gather_story(const hist_op_t *const *ops, size_t from, uint64_t value, const hist_op_t **story)
{
    size_t n = 0;
    for (size_t i = from; i-- > 0 && n < STORY_MAX;) {
        bool brought = wrote(ops[i]) && ops[i]->arg == value;
        bool took = !lin_reads_only(ops[i]) && ops[i]->known != HIST_KNOWN_NOTHING && lin_matches(ops[i], value);
        if (brought || took)
            story[n++] = ops[i];
    }
    for (size_t i = 0; i < n / 2; i++) {
        const hist_op_t *swap = story[i];
        story[i] = story[n - 1 - i];
        story[n - 1 - i] = swap;
    }
    return n;
}

static bool shrink_window(shrinker_t *s)
{
    bool *backup = malloc(s->count * sizeof *backup);
    if (!backup)
        return false;
    for (size_t i = 0; i < s->count; i++) {
        s->writer[i] = find_writer(s, i);
        s->kept[i] = true;
    }
    minimize(s, backup);
    free(backup);
    return true;
}

bool shrink(const hist_op_t *const *ops, size_t count, uint64_t initial, size_t failed, shrunk_t *out)
{
    size_t from = front_cut(ops, failed, &initial);
    size_t to = failed + 1;
    while (to < count && ops[to]->call <= ops[failed]->ret)
        to++; /* calls that began later have no part in it */
    shrinker_t s = {.all = ops + from, .count = to - from, .initial = initial, .failed = ops[failed]};
    s.writer = malloc(s.count * sizeof *s.writer);
    s.kept = malloc(s.count * sizeof *s.kept);
    s.some = malloc(s.count * sizeof *s.some);
    bool done = s.writer && s.kept && s.some && shrink_window(&s);
    if (done) {
        *out = (shrunk_t){.ops = s.some, .count = gather(&s), .initial = initial, .failed = s.failed};
        uint64_t value = saw_value(s.failed) ? s.failed->seen : initial;
        if (value != HIST_ABSENT)
            out->story_count = gather_story(ops, from, value, out->story);
    } else {
        free(s.some);
    }
    free(s.writer);
    free(s.kept);
    return done;
}

void shrunk_free(shrunk_t *shrunk)
{
    free(shrunk->ops);
    *shrunk = (shrunk_t){0};
}
