/* print_history.c: a shrunk history for eyes.
 *
 *     thread        from          to  call                                       interval
 *          2           0          80  insert(v1) = 0                             |---|
 *          0         100         190  remove() = 0, took v1                            |----|
 *          1         210         250  get() = 0, saw v1                                       |--|  <== ... */
#include "shrink.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { NAMES_MAX = 64, BAR_WIDTH = 40, CALL_WIDTH = 46 };

typedef struct {
    uint64_t token[NAMES_MAX]; /* token[i] is called v<i+1> */
    size_t count;
    uint64_t first, last; /* the times that the bars span */
} printer_t;

/* Short names for tokens. An address alone gets the name of the first value seen there. */
static void name_of(printer_t *p, uint64_t token, hist_known_t known, char *out, size_t size)
{
    uint64_t mask = known == HIST_KNOWN_ADDRESS ? HIST_ADDRESS_MASK : UINT64_MAX;
    size_t i = 0;
    if (token == HIST_ABSENT) {
        snprintf(out, size, "nothing");
        return;
    }
    while (i < p->count && ((p->token[i] ^ token) & mask) != 0)
        i++;
    if (i == p->count && i < NAMES_MAX)
        p->token[p->count++] = token;
    if (i < NAMES_MAX)
        snprintf(out, size, "v%zu", i + 1);
    else
        snprintf(out, size, "%#" PRIx64, token);
}

static const char *result_name(int result)
{
    switch (result) {
    case -ENOENT:
        return "-ENOENT";
    case -EEXIST:
        return "-EEXIST";
    case -ECANCELED:
        return "-ECANCELED";
    case 0:
        return "0";
    case 1:
        return "1";
    default:
        return "?";
    }
}

static void describe(printer_t *p, const hist_op_t *op, char *out, size_t size)
{
    char arg[24], seen[24], tail[40] = "";
    if (op->verb == HIST_INSERT || op->verb == HIST_PUT || op->verb == HIST_REPLACE)
        name_of(p, op->arg, HIST_KNOWN_WHOLE, arg, sizeof arg);
    if (op->known != HIST_KNOWN_NOTHING && op->seen != HIST_ABSENT)
        name_of(p, op->seen, op->known, seen, sizeof seen);
    else
        snprintf(seen, sizeof seen, "?");
    const char *result = result_name(op->result);
    if (op->known != HIST_KNOWN_NOTHING && op->seen != HIST_ABSENT && op->result >= 0)
        snprintf(tail, sizeof tail, ", %s %s", op->verb == HIST_GET ? "saw" : "took", seen);
    switch ((hist_verb_t)op->verb) {
    case HIST_GET:
        snprintf(out, size, "get() = %s%s", result, tail);
        break;
    case HIST_CONTAINS:
        snprintf(out, size, "contains() = %s", op->result ? "true" : "false");
        break;
    case HIST_INSERT:
        snprintf(out, size, "insert(%s) = %s", arg, result);
        break;
    case HIST_PUT:
        snprintf(out, size, "put(%s) = %s%s", arg, result, tail);
        break;
    case HIST_REPLACE:
        snprintf(out, size, "replace(%s by %s) = %s", seen, arg, result);
        break;
    case HIST_REMOVE:
        snprintf(out, size, "remove() = %s%s", result, tail);
        break;
    }
}

static void print_line(FILE *out, printer_t *p, const hist_op_t *op, const char *note)
{
    char call[120], bar[BAR_WIDTH + 1];
    describe(p, op, call, sizeof call);
    double scale = (double)(BAR_WIDTH - 1) / (double)(p->last > p->first ? p->last - p->first : 1);
    size_t from = (size_t)((double)(op->call - p->first) * scale);
    size_t to = (size_t)((double)(op->ret - p->first) * scale);
    memset(bar, ' ', BAR_WIDTH);
    memset(bar + from, '-', to - from + 1);
    bar[from] = bar[to] = '|';
    bar[to + 1] = '\0';
    fprintf(out, "  %6u %12" PRIu64 " %12" PRIu64 "  %-*s %s%s\n", op->thread, op->call - p->first, op->ret - p->first,
            CALL_WIDTH, call, bar, note);
}

static void span(printer_t *p, const hist_op_t *const *ops, size_t count)
{
    p->first = UINT64_MAX;
    p->last = 0;
    for (size_t i = 0; i < count; i++) {
        if (ops[i]->call < p->first)
            p->first = ops[i]->call;
        if (ops[i]->ret > p->last)
            p->last = ops[i]->ret;
    }
}

void shrunk_print(FILE *out, const shrunk_t *shrunk)
{
    static const char head[] = "  thread         from           to  ";
    char name[24];
    printer_t p = {0};
    if (shrunk->story_count > 0) {
        fprintf(out, "earlier calls on the value in question:\n%s%-*s interval\n", head, CALL_WIDTH, "call");
        span(&p, shrunk->story, shrunk->story_count);
        for (size_t i = 0; i < shrunk->story_count; i++)
            print_line(out, &p, shrunk->story[i], "");
    }
    name_of(&p, shrunk->initial, HIST_KNOWN_WHOLE, name, sizeof name);
    fprintf(out, "the contradiction, on a key that holds %s before:\n%s%-*s interval\n", name, head, CALL_WIDTH,
            "call");
    span(&p, shrunk->ops, shrunk->count);
    for (size_t i = 0; i < shrunk->count; i++)
        print_line(out, &p, shrunk->ops[i], shrunk->ops[i] == shrunk->failed ? "  <== no order explains this" : "");
}
