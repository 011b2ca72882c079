/* Plays what the threads do, records it, and checks it. */
#include "queue_script.h"

#include "queue_check.h"
#include "queue_draw.h"

#include "cc/alloc.h"

#include <errno.h>

static queue_script_t playing; /* *plan is it: what was drawn differs from one execution to the next */
static const queue_script_t *plan = &playing;
static int played, asleep;
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

static const char *do_pop_n(const char *digit, char mode)
{
    void *items[8] = {NULL};
    int n = *digit - '0', call[8];
    for (int i = 0; i < n; i++)
        call[i] = queue_call(QUEUE_POP, 0);
    int64_t popped =
        mode == 0 ? plan->kind->pop_n(items, (size_t)n) : plan->kind->pop_n_wait(items, (size_t)n, timeout_of(mode));
    popped = popped == -ETIMEDOUT ? -EAGAIN : popped;
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

/* Not at all, or it is there, or it was. */
static void may_push(char digit)
{
    unsigned how = model_choose(3);
    if (how > 0)
        do_push((uintptr_t)(digit - '0'), 0);
    if (how > 1)
        do_pop(0);
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
            script = do_pop_n(script + 1, mode);
        else if (*script == 's')
            may_sleep();
        else if (*script == 'f')
            plan->kind->flush();
        else if (*script == 'D')
            plan->kind->drain();
        else if (script[1] == '?')
            may_push(*script++);
        else if (*script == '#')
            model_assert(plan->kind->count() < 10);
        else
            do_push((uintptr_t)(*script - '0'), mode);
        mode = 0;
    }
}

static void setup(void)
{
    playing = *(const queue_script_t *)model_client()->arg;
    if (playing.before == NULL)
        queue_draw(&playing);
    played = asleep = 0;
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

static void falls_asleep(void)
{
    asleep++;
}

/* One or two are asleep in the middle of a call: all the others are done nevertheless. (At its exit it may hold a lock.) */
static void stalled(void)
{
    model_assert(played + asleep == model_client()->threads || sleeper_played);
    if (plan->kind->serves)
        serve();
}

static void finish(void)
{
    size_t counted = plan->kind->count(), popped = 0;
    while (do_pop(0) == 0)
        popped++;
    model_assert(popped == counted);
    model_assert(plan->kind->count() == 0);
    model_assert(!plan->kind->bounded || plan->kind->stats().waits == model_futex_sleeps());
    if (plan->kind->bounded) { /* quiet: exactly so many items fit, and every cell can be used, unless it is closed */
        unsigned n = 0;
        uint64_t retries = plan->kind->stats().retries;
        for (unsigned i = 0; i < 8 && plan->kind->push((void *)(uintptr_t)9) == 0; i++) {
            void *item;
            model_assert(plan->kind->pop(&item) == 0);
        }
        while (plan->kind->push((void *)(uintptr_t)9) == 0)
            n++;
        model_assert(plan->kind->stats().retries == retries);
        model_assert(n == plan->size || (n == 0 && plan->kind->push((void *)(uintptr_t)9) == -EPIPE));
    }
    queue_check();
    plan->kind->destroy();
    cc_free(contents, 10 * sizeof *contents);
}

void queue_script_add(const queue_script_t *script)
{
    model_client_t client = {.name = script->name,
                             .structure = script->kind->name,
                             .scheme = CC_SMR_DEFAULT,
                             .what = script->before != NULL ? script->before : "anything",
                             .setup = setup,
                             .thread = run,
                             .asleep = falls_asleep,
                             .stalled = stalled,
                             .finish = finish,
                             .arg = script};
    client.blocks_nobody = script->kind->bounded;
    while (client.threads < MODEL_THREADS - 1 && script->threads[client.threads] != NULL)
        client.threads++;
    client.complete = client.threads == 2;
    if (script->kind->in_domain)
        model_add_for_schemes(&client);
    else
        model_add_client(&client);
}
