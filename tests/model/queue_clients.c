/* Clients of the queues: every pair and many triples of calls, segments that change, closing, sleeping.
 *
 * What each thread does is a line of a script: a digit pushes the item of that number, '-' pops, 'c' closes; behind 'w'
 * they wait instead of answering -EAGAIN, behind 't' they wait with a time limit, behind 'e' they wait for the event fd;
 * (12) pushes a batch, {2} pops one of up to two, '#' counts, 'f' flushes the domain; from 's' on the thread may fall
 * asleep at any step. All answers must fit one order of the calls (queue_check.h); nothing may be lost, doubled or leaked,
 * and nobody may sleep for ever. */
#include "clients.h"
#include "queue_check.h"
#include "queue_kinds.h"

#include "cc/alloc.h"

#include <errno.h>
#include <string.h>

typedef struct {
    const char *name;
    const queue_kind_t *kind;
    unsigned size;
    const char *before; /* played before the threads start */
    const char *threads[MODEL_THREADS - 1];
} plan_t;

static const plan_t *plan;
static int played;
static bool sleeper_played;
static uintptr_t *contents; /* of each item: plain memory, written before the push and read after the pop */

/* ---- scripts */

static int64_t timeout_of(char mode)
{
    return mode == 'w' ? -1 : 1000;
}

static void do_push(uintptr_t n, char mode)
{
    void *item = (void *)n;
    contents[n] = n;
    int call = queue_call(QUEUE_PUSH, n);
    int result = mode == 0 ? plan->kind->push(item) : plan->kind->push_wait(item, timeout_of(mode));
    queue_answer(call, result == -ETIMEDOUT ? -EAGAIN : result, n);
}

/* As an event loop does. */
static int pop_by_event(void **item)
{
    int result, fd = plan->kind->event_fd();
    model_assert(fd >= 0);
    for (;;) {
        model_assert(plan->kind->arm() == 0);
        result = plan->kind->pop(item);
        if (result != -EAGAIN)
            return result;
        model_eventfd_wait(fd);
    }
}

static int pop_in(char mode, void **item)
{
    if (mode == 'e')
        return pop_by_event(item);
    return mode == 0 ? plan->kind->pop(item) : plan->kind->pop_wait(item, timeout_of(mode));
}

static int do_pop(char mode)
{
    void *item = NULL;
    int call = queue_call(QUEUE_POP, 0);
    int result = pop_in(mode, &item);
    model_assert((result == 0) == (item != NULL));
    model_assert(result != 0 || contents[(uintptr_t)item] == (uintptr_t)item);
    queue_answer(call, result == -ETIMEDOUT ? -EAGAIN : result, (uintptr_t)item);
    return result;
}

/* A batch is several calls that begin and end together, in order as far as it went. */
static const char *do_push_n(const char *digits)
{
    void *items[8];
    int call[8], n = 0;
    for (; *digits != ')'; digits++, n++) {
        items[n] = (void *)(uintptr_t)(*digits - '0');
        contents[(uintptr_t)items[n]] = (uintptr_t)items[n];
        call[n] = queue_call(QUEUE_PUSH, (uintptr_t)items[n]);
    }
    int64_t pushed = plan->kind->push_n(items, (size_t)n);
    model_assert(pushed <= n && pushed != 0);
    for (int i = 0; i < n; i++)
        queue_answer(call[i], i < pushed ? 0 : i == 0 ? (int)pushed : -ECANCELED, (uintptr_t)items[i]);
    return digits;
}

static const char *do_pop_n(const char *digit)
{
    void *items[8] = {NULL};
    int n = *digit - '0', call[8];
    for (int i = 0; i < n; i++)
        call[i] = queue_call(QUEUE_POP, 0);
    int64_t popped = plan->kind->pop_n(items, (size_t)n);
    model_assert(popped <= n && popped != 0);
    for (int i = 0; i < popped; i++)
        model_assert(contents[(uintptr_t)items[i]] == (uintptr_t)items[i]);
    for (int i = 0; i < n; i++)
        queue_answer(call[i], i < popped ? 0 : i == 0 ? (int)popped : -ECANCELED, (uintptr_t)items[i]);
    return digit + 1;
}

/* Not in the middle of becoming known: that takes a lock. */
static void may_sleep(void)
{
    model_assert(plan->kind->attach() == 0);
    model_may_stall();
}

static void do_close(void)
{
    int call = queue_call(QUEUE_CLOSE, 0);
    model_assert(plan->kind->close() == 0);
    queue_answer(call, 0, 0);
}

static void play(const char *script)
{
    char mode = 0;
    for (; *script != '\0'; script++) {
        if (*script == 'w' || *script == 't' || *script == 'e') {
            mode = *script;
            continue;
        }
        if (*script == '-')
            do_pop(mode);
        else if (*script == 'c')
            do_close();
        else if (*script == '(')
            script = do_push_n(script + 1);
        else if (*script == '{')
            script = do_pop_n(script + 1);
        else if (*script == 's')
            may_sleep();
        else if (*script == 'f')
            plan->kind->flush();
        else if (*script == '#')
            model_assert(plan->kind->count() < 10);
        else
            do_push((uintptr_t)(*script - '0'), mode);
        mode = 0;
    }
}

static void setup(void)
{
    plan = model_client()->arg;
    played = 0;
    sleeper_played = false;
    model_futex_begin();
    contents = cc_alloc(10 * sizeof *contents);
    queue_check_begin(plan->kind->newest_first, plan->kind->bounded ? plan->size : 0, plan->kind->exact);
    model_assert(plan->kind->create(plan->size) == 0);
    play(plan->before);
}

static void run(int i)
{
    play(plan->threads[i - 1]);
    played++;
    sleeper_played |= plan->threads[i - 1][0] == 's';
}

/* What was announced is done while others push and pop, as often as there are places, and once more. */
static void serve(void)
{
    for (int i = 0; i <= QUEUE_PLACES && plan->kind->waiting() != 0; i++) {
        do_push(9, 0);
        do_pop(0);
    }
    model_assert(plan->kind->waiting() == 0);
}

/* One is asleep in the middle of a call: all the others are done nevertheless. (At its exit it may hold a lock.) */
static void stalled(void)
{
    model_assert(played == model_client()->threads - 1 || sleeper_played);
    if (plan->kind->serves)
        serve();
}

/* A ring counts tickets that were made void, by a stall or by the end. */
static bool count_is_exact(void)
{
    for (int i = 0; plan->kind->bounded && i < model_client()->threads; i++) {
        if (plan->threads[i][0] == 's' || strchr(plan->threads[i], 'c') != NULL)
            return false;
    }
    return true;
}

static void finish(void)
{
    size_t counted = plan->kind->count(), popped = 0;
    while (do_pop(0) == 0)
        popped++;
    model_assert(popped == counted || !count_is_exact());
    model_assert(plan->kind->count() == 0);
    if (plan->kind->bounded) { /* quiet: exactly so many items fit, and every cell can be used, unless it is closed */
        unsigned n = 0;
        uint64_t retries = plan->kind->retries();
        for (unsigned i = 0; i < 8 && plan->kind->push((void *)(uintptr_t)9) == 0; i++) {
            void *item;
            model_assert(plan->kind->pop(&item) == 0);
        }
        while (plan->kind->push((void *)(uintptr_t)9) == 0)
            n++;
        model_assert(plan->kind->retries() == retries);
        model_assert(n == plan->size || (n == 0 && plan->kind->push((void *)(uintptr_t)9) == -EPIPE));
    }
    queue_check();
    plan->kind->destroy();
    cc_free(contents, 10 * sizeof *contents);
}

/* ---- the clients */

static const plan_t plans[] = {
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
    {"ring-stall-push", &queue_ring, 2, "", {"s1", "2-3-", "4-"}},
    {"ring-stall-push-again", &queue_ring, 2, "", {"s1", "2-3-4-5-6-", "-"}},
    {"ring-stall-pop", &queue_ring, 2, "12", {"s-", "-3", "-4-"}},
    {"ring-stall-batch", &queue_ring, 4, "1", {"s(23){2}", "4-", "-5"}},
    {"ring-stall-close", &queue_ring, 2, "", {"s1", "c--", "2-"}},
    {"ring-stall-closing", &queue_ring, 2, "1", {"sc", "2-", "--"}},
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
    {"fifo-batch-again", &queue_fifo, 2, "12", {"(345)", "(67)", "{3}"}},
    {"fifo-close-push", &queue_fifo, 2, "", {"1", "c", "--"}},
    {"fifo-close-push-push", &queue_fifo, 1, "1", {"2", "3", "c-"}},
    {"fifo-close-pop", &queue_fifo, 2, "1", {"-", "-", "c"}},
    {"fifo-close-close", &queue_fifo, 1, "1", {"c-", "c", "2"}},
    {"fifo-stall-push", &queue_fifo, 1, "", {"s1", "2-3-", "4-"}},
    {"fifo-stall-pop", &queue_fifo, 1, "12", {"s-", "-3", "-4-"}},
    {"fifo-stall-batch", &queue_fifo, 2, "1", {"s(234){2}", "6-", "-5"}},
    {"fifo-stall-close", &queue_fifo, 1, "1", {"s2", "c--", "3-"}},
    {"fifo-stall-closing", &queue_fifo, 1, "1", {"sc", "2-", "--"}},
    {"fifo-count", &queue_fifo, 1, "12", {"#-3#", "-#-"}},
    {"fifo-wait-push", &queue_fifo, 1, "", {"1", "w-"}},
    {"fifo-wait-pushers", &queue_fifo, 2, "", {"1", "2", "w-", "w-"}},
    {"fifo-wait-batch", &queue_fifo, 2, "", {"(12)", "w-", "w-"}},
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

void model_add_queue_clients(void)
{
    for (unsigned i = 0; i < sizeof plans / sizeof *plans; i++) {
        model_client_t client = {.name = plans[i].name,
                                 .structure = plans[i].kind->name,
                                 .scheme = CC_SMR_DEFAULT,
                                 .what = plans[i].before,
                                 .setup = setup,
                                 .thread = run,
                                 .stalled = stalled,
                                 .finish = finish,
                                 .arg = &plans[i]};
        while (client.threads < MODEL_THREADS - 1 && plans[i].threads[client.threads] != NULL)
            client.threads++;
        client.complete = client.threads == 2;
        if (plans[i].kind->in_domain)
            model_add_for_schemes(&client);
        else
            model_add_client(&client);
    }
}
