/* print_history.c: calls and their intervals.
 *
 *     thread        from          to  call                                       interval
 *          2           0          80  insert(v1) = 0                             |---|
 *          0         100         190  remove() = 0, took v1                            |----|
 *          1         210         250  get() = 0, saw v1                                       |--|  <== ... */
#include "print_history.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { BAR_WIDTH = 40, CALL_WIDTH = 46 };

void print_name_of(printer_t *p, uint64_t token, hist_known_t known, char *out, size_t size)
{
    uint64_t mask = known == HIST_KNOWN_ADDRESS ? HIST_ADDRESS_MASK : UINT64_MAX;
    size_t i = 0;
    if (token == HIST_ABSENT) {
        snprintf(out, size, "nothing");
        return;
    }
    while (i < p->count && ((p->token[i] ^ token) & mask) != 0)
        i++;
    if (i == p->count && i < PRINT_NAMES_MAX)
        p->token[p->count++] = token;
    if (i < PRINT_NAMES_MAX)
        snprintf(out, size, "v%zu", i + 1);
    else
        snprintf(out, size, "%#" PRIx64, token);
}

const char *print_result(int result)
{
    switch (result) {
    case -ENOENT:
        return "-ENOENT";
    case -EEXIST:
        return "-EEXIST";
    case -ECANCELED:
        return "-ECANCELED";
    case -EAGAIN:
        return "-EAGAIN";
    case 0:
        return "0";
    case 1:
        return "1";
    default:
        return "?";
    }
}

static void print_line(FILE *out, printer_t *p, const hist_op_t *op, const char *note)
{
    char call[120], bar[BAR_WIDTH + 1];
    p->describe(p, op, call, sizeof call);
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

void print_head(FILE *out)
{
    fprintf(out, "  thread         from           to  %-*s interval\n", CALL_WIDTH, "call");
}

void print_calls(FILE *out, printer_t *p, const hist_op_t *const *ops, size_t count, const hist_op_t *remarkable,
                 const char *remark)
{
    span(p, ops, count);
    for (size_t i = 0; i < count; i++)
        print_line(out, p, ops[i], ops[i] == remarkable ? remark : "");
}
