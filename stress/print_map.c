/* print_map.c: a shrunk history of a map for eyes. */
#include "map_whole.h"
#include "print_history.h"
#include "shrink.h"

static void describe_map_call(printer_t *p, const hist_op_t *op, char *out, size_t size)
{
    char arg[24], seen[24], tail[40] = "";
    if (op->verb == HIST_INSERT || op->verb == HIST_PUT || op->verb == HIST_REPLACE)
        print_name_of(p, op->arg, HIST_KNOWN_WHOLE, arg, sizeof arg);
    if (op->known != HIST_KNOWN_NOTHING && op->seen != HIST_ABSENT)
        print_name_of(p, op->seen, op->known, seen, sizeof seen);
    else
        snprintf(seen, sizeof seen, "?");
    const char *result = print_result(op->result);
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

static void print_state(FILE *out, printer_t *p, const char *what, uint64_t state)
{
    char name[24];
    print_name_of(p, state, HIST_KNOWN_WHOLE, name, sizeof name);
    fprintf(out, "%s, on a key that holds %s before:\n", what, name);
    print_head(out);
}

static const char inexplicable[] = "  <== no order explains this";

void shrunk_print(FILE *out, const shrunk_t *shrunk)
{
    printer_t p = {.describe = describe_map_call};
    if (shrunk->story_count > 0) {
        fprintf(out, "earlier calls on the value in question:\n");
        print_head(out);
        print_calls(out, &p, shrunk->story, shrunk->story_count, NULL, "");
    }
    print_state(out, &p, "the contradiction", shrunk->initial);
    print_calls(out, &p, shrunk->ops, shrunk->count, shrunk->failed, inexplicable);
}

void history_print(FILE *out, const hist_op_t *const *ops, size_t count, uint64_t initial, const hist_op_t *failed)
{
    printer_t p = {.describe = describe_map_call};
    print_state(out, &p, "the whole history", initial);
    print_calls(out, &p, ops, count, failed, inexplicable);
}

/* ---- several keys */

static void describe_with_key(printer_t *p, const hist_op_t *op, char *out, size_t size)
{
    static const char *const ordered[] = {"min", "max", "floor", "ceil", "lower", "higher", "pop_min", "pop_max"};
    char call[60], value[24];
    if (op->verb <= HIST_REMOVE) {
        describe_map_call(p, op, call, sizeof call);
        snprintf(out, size, "key %u: %s", op->key, call);
        return;
    }
    bool has_key = op->verb >= HIST_FLOOR && op->verb <= HIST_HIGHER;
    snprintf(call, sizeof call, has_key ? "%s(key %u)" : "%s()", ordered[op->verb - HIST_MIN], op->key);
    print_name_of(p, op->seen, op->known, value, sizeof value);
    if (op->result == 0)
        snprintf(out, size, "%s = 0, key %u with %s", call, (unsigned)op->arg, value);
    else
        snprintf(out, size, "%s = %s", call, print_result(op->result));
}

void map_finding_print(FILE *out, const map_finding_t *finding)
{
    printer_t p = {.describe = describe_with_key};
    fprintf(out, "the contradiction, on a map that is empty before:\n");
    print_head(out);
    print_calls(out, &p, finding->calls, finding->count, NULL, "");
}
