/* Clients of the queues: every pair of calls, triples of them and more, segments that change, closing, sleeping. */
#include "queue_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const queue_script_t scripts[] = {
    {"ring-push-push", &queue_ring, 2, "", {"1", "2"}},
    {"ring-push-pop", &queue_ring, 2, "", {"1", "-"}},
    {"ring-pop-pop", &queue_ring, 2, "1", {"-", "-"}},
    {"ring-push-push-pop", &queue_ring, 2, "", {"1", "2", "--"}},
    {"ring-push-pop-pop", &queue_ring, 2, "1", {"2", "-", "-"}},
    {"ring-full", &queue_ring, 1, "1", {"23", "-", "-"}},
    {"ring-round", &queue_ring, 2, "", {"12-3-", "4-5-"}},
    {"ring-void", &queue_ring, 2, "", {"1", "23--", "-4"}},
    {"ring-late", &queue_ring, 1, "", {"1", "2-3-4-5-", "6-7"}},
    {"ring-batch", &queue_ring, 4, "", {"(12)", "3", "{2}-"}},
    {"ring-batches", &queue_ring, 2, "1", {"(23)", "{2}", "{2}4"}},
    {"ring-close-push", &queue_ring, 2, "", {"1", "c", "--"}},
    {"ring-close-push-push", &queue_ring, 2, "", {"1", "2", "c-"}},
    {"ring-close-pop", &queue_ring, 2, "1", {"-", "-", "c"}},
    {"ring-wait-push", &queue_ring, 2, "", {"1", "w-"}},
    {"ring-wait-two", &queue_ring, 2, "", {"12", "w-", "w-"}},
    {"ring-wait-two-pushers", &queue_ring, 2, "", {"1", "2", "w-", "w-"}},
    {"ring-wait-thief", &queue_ring, 2, "", {"12", "w-", "-"}},
    {"ring-wait-batch", &queue_ring, 2, "", {"(12)", "w-", "w-"}},
    {"ring-wait-pops", &queue_ring, 2, "", {"1", "2", "w{2}"}},
    {"ring-wait-pops-two", &queue_ring, 2, "", {"(12)", "w{2}", "t-"}},
    {"ring-wait-pops-room", &queue_ring, 2, "12", {"w3", "w4", "w{2}w{2}"}},
    {"ring-wait-room", &queue_ring, 1, "1", {"w2", "-", "w-"}},
    {"ring-wait-room-two", &queue_ring, 1, "1", {"w2", "w3", "w-w-"}},
    {"ring-wait-close", &queue_ring, 2, "", {"w-", "w-", "c"}},
    {"ring-wait-room-close", &queue_ring, 1, "1", {"w2", "c-"}},
    {"ring-wait-room-end", &queue_ring, 1, "1", {"w2", "c"}},
    {"ring-wait-close-push", &queue_ring, 2, "", {"1", "c", "w-w-"}},
    {"ring-wait-timeout", &queue_ring, 2, "", {"12", "t-", "w-"}},
    {"ring-event-push", &queue_ring, 2, "", {"1", "e-"}},
    {"ring-event-pushers", &queue_ring, 2, "", {"1", "2", "e-e-"}},
    {"ring-event-two", &queue_ring, 2, "", {"12", "e-", "w-"}},
    {"ring-event-close", &queue_ring, 2, "", {"e-", "1", "c"}},
    {"ring-event-stall", &queue_ring, 2, "", {"s1", "2", "e-"}},
    {"ring-stall-push", &queue_ring, 2, "", {"s1", "2-3-", "4-"}},
    {"ring-stall-push-again", &queue_ring, 2, "", {"s1", "2-3-4-5-6-", "-"}},
    {"ring-stall-void", &queue_ring, 2, "", {"s1", "2-3-4-5"}}, /* the ticket of 5 is void, and stays in the ring */
    {"ring-stall-pop", &queue_ring, 2, "12", {"s-", "-3", "-4-"}},
    {"ring-stall-batch", &queue_ring, 4, "1", {"s(23){2}", "4-", "-5"}},
    {"ring-stall-close", &queue_ring, 2, "", {"s1", "c--", "2-"}},
    {"ring-stall-closing", &queue_ring, 2, "1", {"sc", "2-", "--"}},
    {"ring-stall-room", &queue_ring, 1, "", {"s1", "w2", "w-"}}, /* s1 has all the room, or tells nobody */
    {"ring-stall-room-batch", &queue_ring, 2, "", {"s(12)", "w3", "w-"}},
    {"ring-stall-room-pop", &queue_ring, 1, "1", {"s-", "w2", "w-"}},
    {"ring-turns", &queue_ring_turns, 2, "", {"12-", "-3", "-"}},
    {"ring-spsc-push-pop", &queue_ring_spsc, 2, "", {"12", "--"}},
    {"ring-spsc-full", &queue_ring_spsc, 1, "1", {"234", "---"}},
    {"ring-spsc-round", &queue_ring_spsc, 2, "12", {"3456", "-----"}},
    {"ring-spsc-batch", &queue_ring_spsc, 4, "1", {"(234)(56)", "{2}{3}-"}},
    {"ring-spsc-close", &queue_ring_spsc, 2, "", {"1c2", "---"}},
    {"ring-spsc-wait", &queue_ring_spsc, 1, "", {"w1w2w3", "w-w-w-"}},
    {"ring-spsc-wait-close", &queue_ring_spsc, 2, "", {"1c", "w-w-"}},
    {"ring-spsc-timeout", &queue_ring_spsc, 2, "", {"12", "t-w-"}},
    {"ring-spsc-timeout-room", &queue_ring_spsc, 1, "1", {"t2", "-"}},
    {"ring-spsc-stall-push", &queue_ring_spsc, 2, "1", {"s2(34)", "---"}},
    {"ring-spsc-stall-pop", &queue_ring_spsc, 2, "12", {"s-{2}", "345"}},
    {"ring-spsc-stall-close", &queue_ring_spsc, 2, "1", {"s2c", "----"}},
    {"ring-free-push-push", &queue_ring_free, 2, "", {"1", "2"}},
    {"ring-free-push-pop", &queue_ring_free, 2, "", {"1", "-"}},
    {"ring-free-pop-pop", &queue_ring_free, 2, "1", {"-", "-"}},
    {"ring-free-push-pop-pop", &queue_ring_free, 2, "1", {"2", "-", "-"}},
    {"ring-free-push-push-pop", &queue_ring_free, 2, "", {"1", "2", "--"}},
    {"ring-free-full", &queue_ring_free, 1, "1", {"23", "-", "-"}},
    {"ring-free-full-empty", &queue_ring_free, 2, "1", {"23", "--"}},
    {"ring-free-round", &queue_ring_free, 2, "", {"12-3-", "4-5-"}},
    {"ring-free-late", &queue_ring_free, 1, "", {"1-", "2-3-4-5-6-"}},
    {"ring-asked-late", &queue_ring_asked, 1, "", {"1-", "2-3-4-5-6-"}},
    {"ring-free-batch", &queue_ring_free, 4, "", {"(12)", "3", "{2}-"}},
    {"ring-free-batches", &queue_ring_free, 2, "1", {"(23)", "{2}", "{2}4"}},
    {"ring-free-close-push", &queue_ring_free, 2, "", {"1", "c", "--"}},
    {"ring-free-close-pop", &queue_ring_free, 2, "1", {"-", "-", "c"}},
    {"ring-free-stall-push", &queue_ring_free, 2, "", {"s1", "2-3-", "4-"}},
    {"ring-free-stall-pop", &queue_ring_free, 2, "12", {"s-", "-3", "-4-"}},
    {"ring-free-stall-batch", &queue_ring_free, 4, "1", {"s(23){2}", "4-", "-5"}},
    {"ring-free-stall-closing", &queue_ring_free, 2, "1", {"sc", "2-", "--"}},
    {"ring-free-stall-room", &queue_ring_free, 1, "", {"s1", "w2", "w-"}},
    {"ring-free-stall-room-pop", &queue_ring_free, 1, "1", {"s-", "w2", "w-"}},
    {"ring-free-wait-push", &queue_ring_free, 2, "", {"1", "w-"}},
    {"ring-free-wait-room", &queue_ring_free, 1, "1", {"w2", "-", "w-"}},
    {"ring-free-wait-close", &queue_ring_free, 2, "", {"w-", "w-", "c"}},
    {"ring-asked-push-push", &queue_ring_served, 2, "", {"1", "2"}},
    {"ring-asked-push-pop", &queue_ring_asked, 2, "", {"1", "-"}},
    {"ring-asked-pop-pop", &queue_ring_asked, 2, "1", {"-", "-"}},
    {"ring-asked-push-push-pop", &queue_ring_asked, 2, "", {"1", "2", "--"}},
    {"ring-asked-push-pop-pop", &queue_ring_asked, 2, "1", {"2", "-", "-"}},
    {"ring-asked-pushes", &queue_ring_served, 8, "", {"123", "456", "78"}},
    {"ring-asked-pops", &queue_ring_served, 8, "12345678", {"---", "---", "--"}},
    {"ring-asked-full", &queue_ring_asked, 1, "1", {"23", "-", "-"}},
    {"ring-asked-full-again", &queue_ring_asked, 1, "1", {"2", "3", "-4-"}},
    {"ring-asked-full-empty", &queue_ring_asked, 2, "1", {"23", "--"}},
    {"ring-asked-empty", &queue_ring_asked, 1, "", {"--", "1-", "-2"}},
    {"ring-asked-empty-again", &queue_ring_asked, 1, "", {"---", "1-2-", "-"}},
    {"ring-asked-round", &queue_ring_asked, 2, "", {"12-3-", "4-5-"}},
    {"ring-asked-batch", &queue_ring_asked, 4, "", {"(12)", "3", "{2}-"}},
    {"ring-asked-close-push", &queue_ring_asked, 2, "", {"1", "c", "--"}},
    {"ring-asked-close-push-push", &queue_ring_asked, 2, "", {"1", "2", "c-"}},
    {"ring-asked-close-pop", &queue_ring_asked, 2, "1", {"-", "-", "c"}},
    {"ring-asked-wait-push", &queue_ring_asked, 2, "", {"1", "w-"}},
    {"ring-asked-wait-room", &queue_ring_asked, 1, "1", {"w2", "-", "w-"}},
    {"ring-asked-stall-push", &queue_ring_served, 4, "", {"s1", "2-3-", "4-"}},
    {"ring-asked-stall-pop", &queue_ring_served, 4, "1234", {"s-", "-5", "-6-"}},
    {"ring-asked-stall-close", &queue_ring_asked, 2, "", {"s1", "c--", "2-"}},
    {"ring-asked-stall-closing", &queue_ring_asked, 2, "1", {"sc", "2-", "--"}},
    {"fifo-turns", &queue_fifo_turns, 1, "1", {"2-", "-3", "-"}},
    {"fifo-push-push", &queue_fifo, 2, "", {"1", "2"}},
    {"fifo-push-pop", &queue_fifo, 2, "", {"1", "-"}},
    {"fifo-pop-pop", &queue_fifo, 2, "1", {"-", "-"}},
    {"fifo-push-push-pop", &queue_fifo, 1, "", {"1", "2", "--"}},
    {"fifo-push-pop-pop", &queue_fifo, 2, "1", {"2", "-", "-"}},
    {"fifo-segments", &queue_fifo, 1, "", {"12-", "3-4-", "--"}},
    {"fifo-segments2", &queue_fifo, 2, "1", {"23-", "4-5-", "-"}},
    {"fifo-retire", &queue_fifo, 1, "123", {"-4-", "--5", "-"}},
    {"fifo-tail", &queue_fifo, 1, "1", {"2", "---", "3"}},
    {"fifo-tail-reclaimed", &queue_fifo, 1, "1", {"2", "--fff", "3"}},
    {"fifo-close-count", &queue_fifo, 2, "1", {"2", "c#", "3"}},
    {"fifo-batch-pop", &queue_fifo, 4, "1", {"{2}", "2-"}},
    {"fifo-batch", &queue_fifo, 2, "", {"(123)", "4", "{2}-"}},
    {"fifo-batches", &queue_fifo, 2, "1", {"(23)", "{2}", "{2}4"}},
    {"fifo-batch-late", &queue_fifo, 4, "12", {"{2}", "{2}3-"}},
    {"fifo-batch-beside", &queue_fifo, 4, "12", {"{2}", "--", "3-"}},
    {"fifo-batch-again", &queue_fifo, 2, "12", {"(345)", "(67)", "{3}"}},
    {"fifo-close-push", &queue_fifo, 2, "", {"1", "c", "--"}},
    {"fifo-close-push-push", &queue_fifo, 1, "1", {"2", "3", "c-"}},
    {"fifo-close-pop", &queue_fifo, 2, "1", {"-", "-", "c"}},
    {"fifo-close-overtaken", &queue_fifo, 2, "1", {"-2", "-", "c"}},
    {"fifo-close-close", &queue_fifo, 1, "1", {"c-", "c", "2"}},
    {"fifo-stall-push", &queue_fifo, 1, "", {"s1", "2-3-", "4-"}},
    {"fifo-stall-pop", &queue_fifo, 1, "12", {"s-", "-3", "-4-"}},
    {"fifo-stall-batch", &queue_fifo, 2, "1", {"s(234){2}", "6-", "-5"}},
    {"fifo-stall-close", &queue_fifo, 1, "1", {"s2", "c--", "3-"}},
    {"fifo-stall-closing", &queue_fifo, 1, "1", {"sc", "2-", "--"}},
    {"fifo-event-push", &queue_fifo, 1, "", {"1", "e-"}},
    {"fifo-event-close", &queue_fifo, 1, "", {"e-", "1", "c"}},
    {"fifo-event-stall", &queue_fifo, 1, "", {"s1", "2", "e-"}},
    {"fifo-count", &queue_fifo, 1, "12", {"#-3#", "-#-"}},
    {"fifo-wait-push", &queue_fifo, 1, "", {"1", "w-"}},
    {"fifo-wait-pushers", &queue_fifo, 2, "", {"1", "2", "w-", "w-"}},
    {"fifo-wait-batch", &queue_fifo, 2, "", {"(12)", "w-", "w-"}},
    {"fifo-wait-pops", &queue_fifo, 2, "", {"1", "2", "w{2}"}},
    {"fifo-wait-pops-two", &queue_fifo, 2, "", {"(12)", "w{2}", "t-"}},
    {"fifo-wait-pops-close", &queue_fifo, 1, "", {"1c", "w{2}w{2}"}},
    {"fifo-wait-close", &queue_fifo, 1, "", {"w-", "w-", "c"}},
    {"fifo-wait-close-push", &queue_fifo, 1, "", {"1", "c", "w-w-"}},
    {"lifo-push-push", &queue_lifo, 0, "", {"1", "2"}},
    {"lifo-push-pop", &queue_lifo, 0, "1", {"2", "-"}},
    {"lifo-pop-pop", &queue_lifo, 0, "12", {"-", "-"}},
    {"lifo-again", &queue_lifo, 0, "12", {"--3", "-4-"}},
    {"lifo-again3", &queue_lifo, 0, "12", {"-3", "-4", "--"}},
    {"lifo-batch", &queue_lifo, 0, "1", {"(23)", "{2}", "-4"}},
    {"lifo-eliminate", &queue_lifo, 1, "1", {"2", "-", "3"}},
    {"lifo-eliminate4", &queue_lifo, 1, "1", {"2", "-", "3", "-"}},
    {"lifo-eliminate-again", &queue_lifo, 1, "1", {"2-", "-3", "4-"}},
    {"lifo-stall", &queue_lifo, 1, "1", {"s2-", "-3", "4-"}},
    {"lifo-stall-batch", &queue_lifo, 0, "1", {"s{2}(23)", "4-", "-5"}},
    {"lifo-close-push", &queue_lifo, 1, "", {"1", "c", "--"}},
    {"lifo-close-pop", &queue_lifo, 1, "1", {"2", "-", "-c"}},
    {"lifo-wait-push", &queue_lifo, 0, "", {"1", "w-"}},
    {"lifo-wait-eliminate", &queue_lifo, 1, "", {"1", "2", "w-", "w-"}},
    {"lifo-wait-close", &queue_lifo, 0, "", {"w-", "1", "c"}},
};

/* ---- every pair */

/* What one of two threads does; where it waits without a limit, who ends that must be there. */
typedef struct {
    const char *name;
    const char *word[2];      /* by the first thread, by the second */
    unsigned pushes, pops;    /* at most */
    const char *unlimited[2]; /* if it is sure to end; NULL: waits for nothing */
} call_t;

enum { PUSH, BATCH, CLOSE, COUNT, POP, POPS, WAIT, ROOM, DRAIN, CALLS };

static const call_t calls[CALLS] = {
    [PUSH] = {"push", {"1", "3"}, 1, 0, {NULL}},
    [BATCH] = {"batch", {"(12)", "(34)"}, 2, 0, {NULL}},
    [CLOSE] = {"close", {"c", "c"}, 0, 0, {NULL}},
    [COUNT] = {"count", {"#", "#"}, 0, 0, {NULL}},
    [POP] = {"pop", {"-", "-"}, 0, 1, {NULL}},
    [POPS] = {"pops", {"{2}", "{2}"}, 0, 2, {NULL}},
    [WAIT] = {"wait", {"t-", "t-"}, 0, 1, {"w-", "w-"}},
    [ROOM] = {"room", {"t1", "t3"}, 1, 0, {"w1", "w3"}},
    [DRAIN] = {"drain", {"67--D", "34--D"}, 0, 2, {NULL}}, /* a segment is retired, and signals are sent */
};

/* Beside `other`, and at most one item that was there before; a ring for whose room they wait has room for one. */
static const char *word_of(const call_t *call, const call_t *other, int thread)
{
    bool ends = other == &calls[CLOSE] || (call->pops > 0 ? other->pushes >= call->pops : other->pops > 0);
    return ends && call->unlimited[thread] != NULL ? call->unlimited[thread] : call->word[thread];
}

static bool has(const queue_kind_t *kind, unsigned call)
{
    return call == ROOM ? kind->bounded : call != DRAIN || kind->in_domain;
}

/* A fifo gets segments of one item, a lifo no places. */
static unsigned size_for(const queue_kind_t *kind, const call_t *a, const call_t *b)
{
    if (kind->bounded)
        return a == &calls[ROOM] || b == &calls[ROOM] ? 1 : 2;
    return kind->newest_first ? 0 : 1;
}

static void add_pair(const char *prefix, const queue_kind_t *kind, const call_t *a, const call_t *b)
{
    queue_script_t *pair = calloc(1, sizeof *pair);
    char *name;
    if (pair == NULL || asprintf(&name, "%s-pair-%s-%s", prefix, a->name, b->name) < 0)
        abort();
    *pair = (queue_script_t){name, kind, size_for(kind, a, b), "5?", {word_of(a, b, 0), word_of(b, a, 1)}};
    queue_script_add(pair);
}

static void add_pairs(const char *prefix, const queue_kind_t *kind)
{
    for (unsigned a = 0; a < CALLS; a++) {
        for (unsigned b = a; b < CALLS; b++) {
            if (has(kind, a) && has(kind, b))
                add_pair(prefix, kind, &calls[a], &calls[b]);
        }
    }
}

/* Whatever three threads may do at a time. */
static void add_drawn(const char *prefix, const queue_kind_t *kind)
{
    static const struct {
        const char *name, *threads[3];
    } roles[] = {{"", {"", "", ""}}, {"-asleep", {"s", "s", ""}}, {"-closed", {"w", "w", "c"}}};
    for (unsigned i = 0; i < sizeof roles / sizeof *roles; i++) {
        queue_script_t *drawn = calloc(1, sizeof *drawn);
        char *name;
        if (drawn == NULL || asprintf(&name, "%s-drawn%s", prefix, roles[i].name) < 0)
            abort();
        *drawn = (queue_script_t){name, kind, 0, NULL, {roles[i].threads[0], roles[i].threads[1], roles[i].threads[2]}};
        queue_script_add(drawn);
    }
}

/* One producer, which may close the queue, and one consumer. */
static void add_spsc_pairs(void)
{
    static const unsigned by_producer[] = {PUSH, BATCH, CLOSE, COUNT, ROOM}, by_consumer[] = {COUNT, POP, POPS, WAIT};
    for (unsigned a = 0; a < sizeof by_producer / sizeof *by_producer; a++) {
        for (unsigned b = 0; b < sizeof by_consumer / sizeof *by_consumer; b++)
            add_pair("ring-spsc", &queue_ring_spsc, &calls[by_producer[a]], &calls[by_consumer[b]]);
    }
}

void model_add_queue_clients(void)
{
    static const struct {
        const char *prefix;
        const queue_kind_t *kind;
    } any[] = {{"fifo", &queue_fifo},
               {"lifo", &queue_lifo},
               {"ring", &queue_ring},
               {"ring-free", &queue_ring_free},
               {"ring-asked", &queue_ring_asked}};
    for (const queue_script_t *script = scripts; script < scripts + sizeof scripts / sizeof *scripts; script++)
        queue_script_add(script);
    for (unsigned i = 0; i < sizeof any / sizeof *any; i++) {
        add_pairs(any[i].prefix, any[i].kind);
        add_drawn(any[i].prefix, any[i].kind);
    }
    add_spsc_pairs();
}
