/* print_queue.c: what is wrong with the history of a queue, for eyes. */
#include "linearize_queue.h"
#include "print_history.h"

#include <inttypes.h>

static void describe_queue_call(printer_t *p, const hist_op_t *op, char *out, size_t size)
{
    char item[24];
    const char *result = print_result(op->result);
    print_name_of(p, op->verb == HIST_PUSH ? op->arg : op->seen, HIST_KNOWN_WHOLE, item, sizeof item);
    if (op->verb == HIST_PUSH)
        snprintf(out, size, "push(%s) = %s", item, result);
    else if (op->result == 0)
        snprintf(out, size, "pop() = 0, took %s", item);
    else
        snprintf(out, size, "pop() = %s", result);
}

void queue_print(FILE *out, const queue_finding_t *finding)
{
    printer_t p = {.describe = describe_queue_call};
    fprintf(out, "%s:\n", finding->what);
    print_head(out);
    print_calls(out, &p, finding->calls, finding->count, NULL, "");
    if (finding->more)
        fprintf(out, "  and more\n");
}

void queue_print_history(FILE *out, const hist_op_t *const *ops, size_t count)
{
    printer_t p = {.describe = describe_queue_call};
    fprintf(out, "the whole history:\n");
    print_head(out);
    print_calls(out, &p, ops, count, NULL, "");
}
